"""A real cluster on this machine: Kubernetes, Istio, Envoy as processes in network namespaces.

Knows nothing of releases. `tools` builds the programs into a cache, `up` starts them, `api` is what
the demo and the tests call. The node agent and the stand-in services are Go programs in folders of
their own.
"""
