"""Runs the program against mocks and keeps everything it registers: what Pulumi's engine would be told.

A run is finished when the program has drained; only then can the absence of something be asserted. The run before it is
an argument: its records come back as outputs of the state, its routes as those that the cluster holds.
"""

import asyncio
import json
import os
import runpy
import threading
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
import yaml
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import SETTINGS, get_root_resource
from pulumi.runtime.stack import wait_for_rpcs

from mesh_canary.settings import StackSettings
from stacks.live_routes import Routes
from stacks.translation import router_of
from tests.components.run import Registered, Run, State

ROOT = Path(__file__).parents[2]
STACK_FILES = sorted(ROOT.glob("Pulumi.*.yaml"))
STACK = "pulumi:pulumi:Stack"


RENDERED = [
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "istio-reader"}},
    {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "virtualservices.networking.istio.io",
            "annotations": {"helm.sh/resource-policy": "keep"},
        },
        "spec": {"group": "networking.istio.io"},
    },
]
"""What any chart is rendered to."""


class _Mocks(mocks.Mocks):
    def __init__(self, state: State) -> None:
        self.state = state

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", {**args.inputs, **_made(args)}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token == "kubernetes:helm:template":
            return {"result": RENDERED}, []
        assert args.token == "pulumi:pulumi:readStackResourceOutputs"
        return {"outputs": self.state}, []


def _made(args: mocks.MockResourceArgs) -> dict[str, str]:
    """What a certificate has that is made in Pulumi's provider process."""
    if not args.typ.startswith("pulumi-python:dynamic/mesh-canary:"):
        return {}
    texts = {key: f"{key} of {args.name}\n" for key in ("certificate", "key")}
    return {**texts, "expires": "2027-11-20T00:00:00+00:00"}


class _Monitor(mocks.MockMonitor):
    """Registers from several threads; keeps the type chain of URNs as the engine does."""

    def __init__(self, run: Run, state: State, fails: str) -> None:
        super().__init__(_Mocks(state))
        self.run = run
        self.fails = fails
        self.lock = threading.Lock()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        chain = parent.split("::")[2] if parent else STACK
        qualified = type_ if chain == STACK else f"{chain}${type_}"
        return f"urn:pulumi:dev::mesh-canary::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (the engine's own name)
        if request.type != STACK:
            self._keep(request, inputs=request.object)
        if request.name == self.fails:
            raise RuntimeError(self.fails)
        with _loop_of_this_thread():
            response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self.run.done.append(response.urn)
        return response

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        self._keep(request, inputs=request.properties, read=True)
        with _loop_of_this_thread():
            return super().ReadResource(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        with _loop_of_this_thread():
            return super().Invoke(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        with self.lock:
            self.run.done.append(request.urn)
            self.run.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def _keep(self, request: Any, inputs: Any, *, read: bool = False) -> None:
        hooks = getattr(request, "hooks", None)
        kept = Registered(
            type=request.type,
            name=request.name,
            urn=self.make_urn(request.parent, request.type, request.name),
            parent=request.parent,
            provider=request.provider,
            inputs=rpc.deserialize_properties(inputs),
            dependencies=frozenset(request.dependencies),
            former_parents=frozenset(a.spec.parentUrn for a in getattr(request, "aliases", [])),
            left_alone=tuple(getattr(request, "ignoreChanges", ())),
            hooks=tuple(sorted({*hooks.after_create, *hooks.after_update})) if hooks else (),
            custom=read or request.custom,
            read=read,
        )
        with self.lock:
            self.run.resources.append(kept)


@contextmanager
def _loop_of_this_thread() -> Iterator[None]:
    """Closes the event loop that Pulumi's mocks leave in every thread of its pool."""
    try:
        yield
    finally:
        if threading.current_thread() is not threading.main_thread():
            with suppress(RuntimeError):  # this call needed none
                asyncio.get_event_loop_policy().get_event_loop().close()
            asyncio.set_event_loop(None)


class _Callbacks:
    """Keeps the hooks that the engine would call."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def register_resource_hook(self, hook: pulumi.ResourceHook) -> None:
        assert hook.name not in self.run.hooks, "a hook's name is registered once"
        self.run.hooks[hook.name] = hook.callback


def run_program(
    config: Mapping[str, Any],
    after: Run | None = None,
    *,
    answers: bool = True,
    secret: Set[str] = frozenset(),
) -> Run:
    """Runs `__main__.py` with a stack's config (keys without namespace) to its end, on what a run left.

    Without `answers` the cluster cannot be asked for its routes; below the keys in `secret` something is encrypted.
    Raises whatever the program raises.
    """
    run = Run()
    _run_into(run, config, after or Run(), answers=answers, secret=secret)
    return run


def broken_off(config: Mapping[str, Any], after: Run, *, fails: str) -> Run:
    """A run in which the cluster refuses the resource of the logical name `fails`."""
    run = Run()
    with suppress(RuntimeError):
        _run_into(run, config, after, fails=fails)
    return run


def refused(
    config: Mapping[str, Any], after: Run | None = None, *, answers: bool = True
) -> tuple[str, Run]:
    """The message with which the program gives up, and what it had registered until then."""
    run = Run()
    try:
        _run_into(run, config, after or Run(), answers=answers)
    except pulumi.RunError as error:
        return str(error), run
    return "", run


def config_of(path: Path) -> dict[str, Any]:
    """The config of a stack file."""
    config = yaml.safe_load(path.read_text())["config"]
    return {key.removeprefix("mesh-canary:"): value for key, value in config.items()}


def _run_into(
    run: Run,
    config: Mapping[str, Any],
    after: Run,
    *,
    answers: bool = True,
    fails: str = "",
    secret: Set[str] = frozenset(),
) -> None:
    always = {"secrets"} & config.keys()
    encrypted = json.dumps([f"mesh-canary:{key}" for key in sorted({*secret, *always})])
    raw = {f"mesh-canary:{key}": json.dumps(value) for key, value in config.items()}

    def read(settings: StackSettings, namespaces: Set[str]) -> Routes:
        if not answers:
            return Routes({}, {}, "ConnectionRefusedError: ")
        _, kind = router_of(settings).route_api
        return Routes(
            {name: after.objects(kind, name) for name in namespaces},
            {name: after.deployments(name) for name in namespaces},
            strangers={name: after.strangers_in(name) for name in namespaces},
        )

    async def main() -> None:
        monitor = _Monitor(run, after.state, fails)
        mocks.set_mocks(
            monitor.mocks, "mesh-canary", "dev", monitor=monitor, organization="organization"
        )
        SETTINGS.callbacks = _Callbacks(run)
        SETTINGS.outputs.clear()  # of a run that was broken off
        if fails:  # what else waited for the resource fails too, and nobody asks
            asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        try:
            runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
        finally:
            await wait_for_rpcs()
        root: Any = get_root_resource()
        for name, value in root.outputs.items():
            run.exports[name] = await pulumi.Output.from_input(value).future()

    with (
        mock.patch.dict(
            os.environ,
            {"PULUMI_CONFIG": json.dumps(raw), "PULUMI_CONFIG_SECRET_KEYS": encrypted},
        ),
        mock.patch("stacks.live_routes._read", read),
    ):
        asyncio.run(main())
