"""What a plan is asked for, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from geo.plan.until import Until

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd

    from geo.figures import Figure
    from geo.judge.rulebook import Standard
    from geo.judge.standards import Judgement
    from geo.plan.answer import Answer
    from geo.study.loading import Loaded

Goal = Literal["people", "travel", "farthest", "share", "close"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """
    What a plan is to find.

    Attributes
    ----------
    goal : str
        ``people``: most people within the limit; ``travel``: least travel; ``farthest``: the shortest longest way;
        ``share``: the fewest sites (or the cheapest) that serve a share; ``close``: the points that are missed least.
    number : int, optional
        How many sites to choose, or points to close.
    within_km : float, optional
        The limit.
    share : float
        Of the people, that must be within the limit; 1 asks for every village.
    each_area : bool
        Whether the share is asked for in each area.
    forbidden, required : sequence of str
        Ids of candidates (or of points, where some close) that may not, or must, be chosen.
    budget : float, optional
        What the sites may cost together.
    until : Until
        When to stop.
    """

    goal: Goal
    number: int | None = None
    within_km: float | None = None
    share: float = 1.0
    each_area: bool = False
    forbidden: Sequence[str] = ()
    required: Sequence[str] = ()
    budget: float | None = None
    until: Until = field(default_factory=Until)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """
    A rule of a standard that a plan is to keep.

    `before` and `after` are the rule judged without and with the plan, `number` the points that it takes by arithmetic
    (None where a search tells it), `short` the areas, by name, that have fewer candidates than they need points.
    """

    standard: Standard
    before: Judgement
    after: Judgement
    number: int | None = None
    short: tuple[str, ...] = ()

    def failing(self, judged: Judgement) -> list[str]:
        """Name the areas (or ``all``) that do not keep the rule, those without a point among them."""
        wrong = [one for one in judged.outcomes if one.passed is False]
        return [one.name or one.area for one in wrong]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    What a plan gives.

    Attributes
    ----------
    wish : Wish or None
        What was asked for; None where points were opened and closed without a search.
    answer : Answer or None
        The search's, with its proof.
    sites : GeoDataFrame
        The chosen sites (or the points that close) in the answer's order: ``site_id``, ``name``, ``people``, ``lon``,
        ``lat``.
    closing : GeoDataFrame
        The points that close, on their rows: ``point_id``, ``name``, ``kind``, ``lon``, ``lat``.
    unserved : DataFrame
        Villages that no candidate can serve: ``village_id``, ``name``, ``people``, and the nearest candidate that is
        not forbidden, ``site_id`` and ``distance_km``: with that limit it would serve them.
    before, after : tuple of Figure
        The study's figures of the whole territory without and with the plan.
    loaded, changed : Loaded
        The layers without and with the plan carried out.
    within_km : float or None
        The limit that the plan looks at.
    people : float
        All people that the search counted.
    kept : Kept or None
        The rule that was the goal.
    """

    wish: Wish | None
    answer: Answer | None
    sites: gpd.GeoDataFrame
    closing: gpd.GeoDataFrame
    unserved: pd.DataFrame
    before: tuple[Figure, ...]
    after: tuple[Figure, ...]
    loaded: Loaded
    changed: Loaded
    within_km: float | None = None
    people: float = 0.0
    kept: Kept | None = None

    @property
    def opened(self) -> gpd.GeoDataFrame:
        """The sites where points open; no rows where points close."""
        closes = self.wish is not None and self.wish.goal == "close"
        return self.sites.iloc[:0] if closes else self.sites

    @property
    def closed(self) -> tuple[str, ...]:
        """Ids of the points that close, in the answer's order."""
        return tuple(self.closing["point_id"].astype(str))
