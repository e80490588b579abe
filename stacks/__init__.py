"""The parts that every Pulumi stack is built from: read the config, plan, translate settings into components."""
