"""The core of mesh-canary: what a release is, what may follow what, and how a mesh is told.

No Pulumi, no cluster, no clock and no files in here: every function decides from its arguments
alone. Read on in `settings`, `release`, `workloads` and `routing`, in this order; imports never
point back.
"""
