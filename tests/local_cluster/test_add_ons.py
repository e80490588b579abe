from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from local_cluster.add_ons import rules


def rule_of(image: str) -> dict[str, Any]:
    (found,) = [rule for rule in rules(Path("/run/bin")) if fnmatch(image, rule["image"])]
    return found


def test_prometheus_is_run_with_the_pods_own_arguments_and_volumes() -> None:
    rule = rule_of("docker.io/prom/prometheus")

    assert rule["command"] == ["standin", "prometheus"]
    assert rule["pass_args"]
    assert rule["volumes"]


def test_zipkin_is_run_from_its_jar_with_a_bounded_heap() -> None:
    command = rule_of("docker.io/openzipkin/zipkin-slim")["command"]

    assert command[0] == "java"
    assert command[-2:] == ["-jar", "/run/bin/zipkin.jar"]
    assert any(word.startswith("-Xmx") for word in command)


def test_the_user_of_both_is_the_pods() -> None:
    assert not [rule for rule in rules(Path("/run/bin")) if "user" in rule]
