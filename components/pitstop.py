"""Pitstop: a garage of services, as an App of its own type so that it is found in the state by its name."""

import pulumi

from components.app import App, AppArgs


class Pitstop(App):
    """SQL Server, RabbitMQ, Seq, MailDev and nine services of its own, in the order in which they can start.

    Costs thirteen pods and about 4 GiB of memory, and the room for data that is kept.
    """

    def __init__(
        self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the app."""
        super().__init__(name, args, opts, kind="mesh-canary:index:Pitstop")
