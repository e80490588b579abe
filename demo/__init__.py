"""Walks: a stack file edited step by step on a real mesh, every step measured by real requests.

`story.py` says what a walk is made of, `service.py` how a service is asked, `scene.py` what further
checks look at; `scenarios/` holds the walks, and `walk.py` goes through one. What is measured is
decided in `measure.py` and judged in `verdict.py` by the rules of `statistics.py`; `report.py` shows
it. Read them in this order.
"""
