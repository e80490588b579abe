"""The Pulumi program: read the stack file, refuse what may not follow, then build what it asks for."""

import pulumi

from stacks.apps import build_apps
from stacks.cluster import Cluster
from stacks.config import load_settings
from stacks.live_routes import LiveRoutes
from stacks.records import read_records
from stacks.releases import build_releases, describe, plan_releases

settings = load_settings()
routes = LiveRoutes(settings)
plans = plan_releases(settings, read_records(), routes.wait())

cluster = Cluster(settings)
apps = build_apps(settings, cluster)
releases = build_releases(settings, plans, cluster, apps)

if cluster.gateway:
    pulumi.export("gateway", cluster.gateway.address)
pulumi.export("releases", {name: describe(plan) for name, plan in plans.items()})
