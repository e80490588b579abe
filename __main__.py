"""The Pulumi program: read the stack file, refuse what may not follow, then build what it asks for."""

import pulumi

from stacks.apps import build_apps
from stacks.cluster import Cluster
from stacks.config import load_settings
from stacks.live_routes import live_routes, start_reading
from stacks.records import read_records
from stacks.releases import build_releases, describe, plan_releases

settings = load_settings()
reading = start_reading(settings)
records = read_records()
plans = plan_releases(settings, records, live_routes(settings, records, reading.result()))

cluster = Cluster(settings)
apps = build_apps(settings, records, cluster)
releases = build_releases(settings, plans, cluster, apps)

if cluster.gateway:
    pulumi.export("gateway", cluster.gateway.address)
pulumi.export("releases", {name: describe(plan) for name, plan in plans.items()})
