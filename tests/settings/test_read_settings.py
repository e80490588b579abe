from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_canary.settings import StackSettings, Stage, explain_problems, read_settings
from mesh_canary.settings.problems import Contradiction, Problem
from tests.builders import a_release, release_config, stack_config

SECRET = "hunter2"
KEYS = (
    *StackSettings.model_fields,
    *("bookinfo", "shop", "reviews", "kind", "namespace", "workloads", "cart", "image", "port"),
    *("service", "stable", "canary", "version", "stage", "steps", "canary_weight", "testers"),
    *("expose", "workload", "retries", "attempts", "retry_on", "autoscale", "install", "env"),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from((*Stage, "v1", "v2", "reviews", "bookinfo", "services", "istio", SECRET))
)
keys = st.sampled_from(KEYS) | st.text(max_size=6)
json_values = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(keys, below, max_size=6),
    max_leaves=25,
)
garbage = st.dictionaries(keys, json_values, max_size=6)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything below `value`."""
    below = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [p for key, v in below for p in [(*path, key), *places_in(v, (*path, key))]]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy of `value` with `new` at `path`."""
    if not path:
        return new
    key, *rest = path
    if isinstance(value, dict):
        return {k: replaced(v, tuple(rest), new) if k == key else v for k, v in value.items()}
    return [replaced(v, tuple(rest), new) if i == key else v for i, v in enumerate(value)]


FULL = stack_config(
    gateway={"install": False},
    apps={
        "bookinfo": {"namespace": "bookinfo", "expose": {"workload": "productpage"}},
        "shop": {
            "namespace": "shop",
            "workloads": {
                "cart": {
                    "image": "docker.io/team/cart:1",
                    "port": 8080,
                    "autoscale": {"min_replicas": 1, "max_replicas": 3},
                    "env": {"A": "b"},
                }
            },
        },
    },
    releases={"reviews": release_config(retries={"attempts": 2}, testers={"end-user": "jason"})},
)


def refusal_of(raw: dict[str, Any], secret: frozenset[str] = frozenset()) -> str:
    """The text an operator gets; empty when the settings are accepted."""
    try:
        assert isinstance(read_settings(raw, secret), StackSettings)
    except Contradiction as contradiction:
        assert contradiction.problems
        return explain_problems(contradiction.problems)
    return ""


@given(garbage)
def test_anything_is_either_settings_or_a_list_of_problems(raw: dict[str, Any]) -> None:
    refusal_of(raw)


@given(st.sampled_from(places_in(FULL)), json_values)
def test_a_stack_file_with_anything_anywhere_is_settings_or_a_list_of_problems(
    place: tuple[Any, ...], value: Any
) -> None:
    refusal_of(replaced(FULL, place, value))


@given(st.sampled_from(places_in(FULL)), st.sampled_from(places_in(FULL)))
def test_a_secret_is_quoted_in_no_message(first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
    raw = replaced(FULL, first, SECRET)
    if second[: len(first)] != first:
        raw = replaced(raw, second, SECRET)

    assert SECRET not in refusal_of(raw, frozenset(raw))


@given(st.integers(min_value=10**6, max_value=10**7), st.sampled_from(places_in(FULL)))
def test_a_secret_number_is_quoted_in_no_message(number: int, place: tuple[Any, ...]) -> None:
    raw = replaced(FULL, place, number)

    assert str(number) not in refusal_of(raw, frozenset(raw))


@given(st.sampled_from(places_in(FULL)), st.sampled_from(places_in(FULL)))
def test_a_second_mistake_hides_no_message_of_the_first(
    first: tuple[Any, ...], second: tuple[Any, ...]
) -> None:
    """Two unknown keys in different places are told in one run, whatever else is broken."""

    def with_typo(raw: Any, place: tuple[Any, ...], name: str) -> Any:
        return replaced(raw, place, {name: 1})

    raw = with_typo(with_typo(FULL, first, "tpyo"), second, "oypt")
    text = refusal_of(raw)

    assert text
    if second[: len(first)] != first and first[: len(second)] != second:
        alone = refusal_of(with_typo(FULL, first, "tpyo")).splitlines()[1:]
        keys_alone = {line.split(":")[0].split(" - ")[0] for line in alone[::2]}
        assert not {key for key in keys_alone if "tpyo" in key} - set(
            line.split(":")[0].split(" - ")[0] for line in text.splitlines()
        )


def test_settings_never_change() -> None:
    release = a_release()

    with pytest.raises(ValueError, match="frozen"):
        release.stage = Stage.PROMOTED  # type: ignore[misc]


def test_keys_of_other_stages_may_stay_in_the_file() -> None:
    """So that a rollback is the change of one word."""
    release = a_release(stage="rolled_back", canary_weight=50, mirror_percent=100)

    assert release.step == 0


def test_an_app_called_bookinfo_is_bookinfo_and_may_be_something_else() -> None:
    shop = {
        "kind": "services",
        "namespace": "bookinfo",
        "workloads": {"cart": {"image": "a:1", "port": 1}},
    }

    assert read_settings(stack_config()).apps["bookinfo"].workload_names[0] == "productpage"
    assert read_settings(stack_config(apps={"bookinfo": shop}, releases=None)).apps[
        "bookinfo"
    ].workload_names == ("cart",)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"host": "a.example.com"}, {"host": "b.example.com"}),
        ({"host": "a.example.com"}, {}),
        ({"paths": ["/cart", "/pay"]}, {"paths": ["/wishes"]}),
    ],
)
def test_two_apps_may_be_exposed_where_no_request_is_for_both(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    image = {"image": "docker.io/team/cart:1", "port": 8080}
    apps = {
        name: {
            "namespace": name,
            "workloads": {"cart": image},
            "expose": {"workload": "cart", **said},
        }
        for name, said in (("one", one), ("two", two))
    }
    config = stack_config(apps=apps, releases={}, gateway={"install": False})

    assert set(read_settings(config).apps) == {"one", "two"}


def test_a_problem_that_is_found_twice_is_told_once() -> None:
    problem = Problem("steps", "", "needed here", "add the key")

    assert explain_problems([problem, problem]).startswith("1 problem;")


@pytest.mark.parametrize("weight", [*range(1, 100)])
def test_every_whole_weight_between_0_and_100_may_be_a_step(weight: int) -> None:
    release = a_release(stage="weighted", canary_weight=weight, steps=[weight])

    assert release.step == weight


def test_a_rollback_needs_nobody_who_follows_a_route() -> None:
    """One version runs alone: every request finds it."""
    app = {"namespace": "bookinfo", "sidecars": False}
    release = release_config(stage="rolled_back")

    read_settings(stack_config(apps={"bookinfo": app}, releases={"reviews": release}))
