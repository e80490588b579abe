"""Bookinfo: Istio's sample app, as an App of its own type so that it is found in the state by its name."""

import pulumi

from components.app import App, AppArgs


class Bookinfo(App):
    """productpage, details, ratings and reviews: services, accounts, and the workloads that are not under release.

    Costs one small pod a workload, and one for the client where it is switched on.
    """

    def __init__(
        self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the app."""
        super().__init__(name, args, opts, kind="mesh-canary:index:Bookinfo")
