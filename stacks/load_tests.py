"""The load tests that run, and what is told of all of them."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.app import App
from components.canary_release import CanaryRelease
from components.load_test import LoadTest, LoadTestArgs
from mesh_canary.routing import Manifest
from mesh_canary.settings import StackSettings
from mesh_canary.settings.load_tests import LoadTestSettings
from mesh_canary.workloads import with_tags
from mesh_canary.workloads.load_test import Target, explain_load_test, make_load_test
from stacks.cluster import Cluster
from stacks.translation import port_of, workloads_of


def build_load_tests(
    settings: StackSettings,
    cluster: Cluster,
    apps: Mapping[str, App],
    releases: Mapping[str, CanaryRelease],
) -> dict[str, Any]:
    """Every load test that runs begins, after the app that it asks and its releases; what is told of each, by name."""
    told: dict[str, Any] = {}
    for name, test in settings.load_tests.items():
        target = _target(settings, test)
        told[name] = explain_load_test(name, test, target)
        if test.running:
            needs: list[pulumi.Resource] = [*releases.values()]
            needs += [apps[test.app]] if test.app in apps else []
            opts = pulumi.ResourceOptions.merge(
                cluster.options(), pulumi.ResourceOptions(depends_on=needs)
            )
            job = _tagged(make_load_test(name, test, target), settings.tags)
            args: LoadTestArgs = {"job": job, "described": told[name]}
            told[name] = LoadTest(name, args, opts).described
    return told


def _tagged(job: Manifest, tags: Mapping[str, str]) -> Manifest:
    """`job` with tags, but for its pods: another tag there would be another Job, and the load would begin again."""
    return {**with_tags({**job, "spec": {}}, tags), "spec": job["spec"]}


def _target(settings: StackSettings, test: LoadTestSettings) -> Target:
    app = settings.apps[test.app]
    return Target(app.namespace, test.workload, port_of(workloads_of(app)[test.workload]))
