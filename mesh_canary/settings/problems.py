"""One mistake, told so that its author can mend it: key, value, rule, way out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is not as it has to be.

    `key` is the path as it is typed in the stack file, `value` what stands there (empty where
    nothing does, and never a secret), `rule` what has to hold, `hint` the next thing to do.
    """

    key: str
    value: str
    rule: str
    hint: str

    def __str__(self) -> str:
        """The problem on two lines: `key: value - rule`, then the way out."""
        shown = f"{self.key}: {self.value}" if self.value else self.key
        return f"{shown} - {self.rule}\n  hint: {self.hint}"

    def below(self, parent: str) -> "Problem":
        """The same problem seen from further up: its key path starts with `parent`."""
        return replace(self, key=f"{parent}.{self.key}" if self.key else parent)


class Contradiction(ValueError):
    """Keys that are fine each, and cannot stand together; `problems` have keys relative to the model."""

    def __init__(self, *problems: Problem) -> None:
        """Keeps the problems for whoever knows where in the stack file the model stands."""
        super().__init__("; ".join(problem.rule for problem in problems))
        self.problems = problems


def require_none(problems: Iterable[Problem]) -> None:
    """Raises Contradiction with all `problems`, if there is one."""
    if found := tuple(problems):
        raise Contradiction(*found)


def explain_problems(problems: Iterable[Problem]) -> str:
    """One text with every problem, in the order of their keys, each once."""
    unique = sorted(set(problems))
    head = "1 problem" if len(unique) == 1 else f"{len(unique)} problems"
    return "\n".join([f"{head}; nothing was changed", *(str(problem) for problem in unique)])
