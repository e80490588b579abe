"""Who gets what: the split of live requests between versions, the copies, and the testers."""

from collections.abc import Mapping
from dataclasses import dataclass

ALL_PERCENT = 100


@dataclass(frozen=True)
class Mirror:
    """Copies of live requests for one version, whose answers are discarded."""

    version: str
    percent: int
    """1 to 100, of the requests whose method is in `methods`."""
    methods: tuple[str, ...]


@dataclass(frozen=True)
class TrafficSplit:
    """Live requests by version, in percent; cannot exist unless the weights are whole, positive and sum to 100.

    A version without live requests is left out: what a split names is what a route names.
    """

    weights: tuple[tuple[str, int], ...]
    mirror: Mirror | None = None
    testers: tuple[tuple[str, str], ...] = ()
    """Header and value; a request with any of them is a tester's."""
    tester_version: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a split that no mesh could carry out as it reads."""
        broken = [rule for rule, holds in self._rules() if not holds]
        if broken:
            raise ValueError(", ".join([*broken, str(self)]))

    def _rules(self) -> list[tuple[str, bool]]:
        versions = [version for version, _ in self.weights]
        weights = [weight for _, weight in self.weights]
        return [
            ("weights are whole and above 0", all(type(w) is int and w > 0 for w in weights)),
            ("weights sum to 100", sum(weights) == ALL_PERCENT),
            ("a version has one weight", len(set(versions)) == len(versions)),
            (
                "testers and their version go together",
                bool(self.testers) == bool(self.tester_version),
            ),
        ]

    @property
    def named(self) -> frozenset[str]:
        """The versions that a route for this split names."""
        mirrored = {self.mirror.version} if self.mirror else set()
        testers = {self.tester_version} if self.tester_version else set()
        return frozenset({version for version, _ in self.weights} | mirrored | testers)

    def weight_of(self, version: str) -> int:
        """Percent of live requests for `version`, 0 for one that the split does not name."""
        return dict(self.weights).get(version, 0)


def split_between(stable: str, canary: str, canary_percent: int) -> tuple[tuple[str, int], ...]:
    """The weights for `canary_percent` at the canary: (("v1", 90), ("v2", 10)) for 10."""
    both = ((stable, ALL_PERCENT - canary_percent), (canary, canary_percent))
    return tuple((version, weight) for version, weight in both if weight)


def explain_weights(weights: Mapping[str, int]) -> str:
    """Weights as an operator reads them: v1 90 %, v2 10 %."""
    return ", ".join(f"{version} {weight} %" for version, weight in sorted(weights.items()))
