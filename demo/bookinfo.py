"""Bookinfo's services as walks ask them; a scenario changes what is other there with `dataclasses.replace`."""

from collections.abc import Mapping

from demo.service import Service, Target, Tester

STARS: Mapping[str, str | None] = {"v1": None, "v2": "black", "v3": "red"}
"""The colour of the stars by version of reviews. Source: samples/bookinfo of Istio 1.31."""

PAGE = Target("/productpage")
REVIEWS_API = Target("/api/v1/products/0/reviews")
"""The API of productpage, which asks reviews and passes its answer on."""

REVIEWS = Service(
    name="reviews",
    namespace="bookinfo",
    asked=REVIEWS_API,
    own_path="/reviews/0",
    tester=Tester(PAGE, user="jason"),
    stars=STARS,
)
