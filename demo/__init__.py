"""The walk: a release of Bookinfo's reviews on a real mesh, every stage measured by real requests.

`story.py` says what a stage is, `scenarios/` which stages are walked, `walk.py` walks them. What is
measured is decided in `measure.py` and judged in `verdict.py` by the rules of `statistics.py`;
`report.py` shows it. Read them in this order.
"""
