"""Figures, each printed by one command: `python -m bench NAME` writes lines `figure value unit`.

Nothing here is a test: no figure passes or fails. One file per benchmark, listed in `__main__.py`;
its docstring says how each figure is measured.
"""
