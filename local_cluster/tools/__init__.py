"""The programs that a cluster is made of: pinned in the repository, built once into the cache.

`catalogue` is the table of what is built from what, `build` does it, `toolset` is what comes out.
"""
