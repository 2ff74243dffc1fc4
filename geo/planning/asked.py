"""A question about the points of a study, and its answer with the figures before and after."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo.errors import StudyError
from geo.measure.geodesic import coordinates, geocentric_m, longest_m
from geo.measure.nearest import TIE_M, nearest
from geo.plan.least_loss import least_loss
from geo.plan.max_cover import max_cover
from geo.plan.p_center import p_center
from geo.plan.p_median import p_median
from geo.plan.pairs import Pairs, pairs_between
from geo.plan.problem import Problem
from geo.plan.set_cover import set_cover
from geo.plan.until import Until
from geo.planning.changed import with_closed, with_opened
from geo.study import whole_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geo.figures import Figure
    from geo.loading import Loaded
    from geo.plan.answer import Answer
    from geo.planning.ground import Ground
    from geo.studyfile import StudyFile

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
    unserved : DataFrame
        Villages that no candidate can serve: ``village_id``, ``name``, ``people``, and the nearest candidate that is
        not forbidden, ``site_id`` and ``distance_km``: with that limit it would serve them.
    before, after : tuple of Figure
        The study's figures of the whole territory without and with the plan.
    changed : Loaded
        The layers with the plan carried out.
    people : float
        All people that the search counted.
    closed : tuple of str
        Ids of the points that close.
    """

    wish: Wish | None
    answer: Answer | None
    sites: gpd.GeoDataFrame
    unserved: pd.DataFrame
    before: tuple[Figure, ...]
    after: tuple[Figure, ...]
    changed: Loaded
    people: float = 0.0
    closed: tuple[str, ...] = ()


def plan(file: StudyFile, loaded: Loaded, ground: Ground, wish: Wish) -> Plan:
    """
    Search for what is wished, and compute the study's figures with it.

    Parameters
    ----------
    file : StudyFile
        The study; its limits in km are those of the figures.
    loaded : Loaded
        Its layers.
    ground : Ground
        Villages, points and candidates.
    wish : Wish
        What to find.

    Raises
    ------
    FigureError, StudyError
        Where the search cannot be: more sites asked for than candidates, nobody in the villages, no candidate in reach,
        an id that is not there.
    """
    if wish.goal == "close":
        ground = replace(ground, sites=_as_sites(ground.points), points=ground.points.iloc[:0])
    problem = _problem(ground, wish)
    answer = _ask(problem, ground, wish)
    sites = ground.sites.iloc[answer.chosen].assign(people=answer.people)
    closing = tuple(sites["site_id"].astype(str)) if wish.goal == "close" else ()
    changed = with_closed(loaded, closing) if closing else with_opened(loaded, sites, clip=file.choices.clip)
    return Plan(
        wish=wish,
        answer=answer,
        sites=sites,
        unserved=_unserved(ground, answer, wish),
        before=whole_figures(file, loaded),
        after=whole_figures(file, changed),
        changed=changed,
        people=float(ground.people.sum()),
        closed=closing,
    )


def what_if(file: StudyFile, loaded: Loaded, opened: gpd.GeoDataFrame, closed: Sequence[str]) -> Plan:
    """
    Compute the study's figures with some points closed and others opened, without a search.

    Parameters
    ----------
    file : StudyFile
        The study.
    loaded : Loaded
        Its layers.
    opened : GeoDataFrame
        With ``site_id``, ``name``, ``lon``, ``lat``.
    closed : sequence of str
        Ids of points.

    Raises
    ------
    StudyError
        Where no point has an id.
    """
    changed = with_closed(loaded, closed) if closed else loaded
    changed = with_opened(changed, opened, clip=file.choices.clip) if len(opened) else changed
    return Plan(
        wish=None,
        answer=None,
        sites=opened,
        unserved=_NO_VILLAGES,
        before=whole_figures(file, loaded),
        after=whole_figures(file, changed),
        changed=changed,
        closed=tuple(closed),
    )


def _as_sites(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if points.empty:
        msg = "No point can close, for the study has none: name them with --points FILE."
        raise StudyError(msg)
    return points.rename(columns={"point_id": "site_id"})[["site_id", "name", "lon", "lat", "geometry"]]


def _problem(ground: Ground, wish: Wish) -> Problem:
    served = _nearest_m(ground, ground.points)
    pairs, served = _pairs(ground, wish, served)
    sites, villages = ground.sites, ground.villages
    cost = sites["cost"].to_numpy(dtype=float) if "cost" in sites else None
    return Problem(
        pairs=pairs,
        people=ground.people,
        served_m=served,
        forbidden=_marked(sites, wish.forbidden, "forbid"),
        required=_marked(sites, wish.required, "require"),
        cost=cost if wish.goal in ("people", "travel", "share") else None,
        budget=wish.budget,
        village_ids=villages["village_id"].astype(str).tolist(),
        site_ids=sites["site_id"].astype(str).tolist(),
    )


def _pairs(ground: Ground, wish: Wish, served: np.ndarray) -> tuple[Pairs, np.ndarray]:
    """Give the pairs that can matter to the question, and how far each village goes at most."""
    ends = (*_lon_lat(ground.villages), *_lon_lat(ground.sites))
    if wish.within_km is not None:
        return pairs_between(*ends, within_m=wish.within_km * 1000), served
    if wish.goal != "close" or wish.number is None:
        return pairs_between(*ends, within_m=served), served
    # Of one more point than close, the nearest to a village, one stays: farther ones cannot matter to it.
    kept = wish.number + 1
    if kept > len(ground.sites):
        return pairs_between(*ends, within_m=0.0), served
    x, y, usable = coordinates(*ends[:2])
    site_x, site_y, site_usable = coordinates(*ends[2:])
    chords = cKDTree(geocentric_m(site_x[site_usable], site_y[site_usable])).query(
        geocentric_m(x[usable], y[usable]), k=[kept]
    )[0]
    limit = np.full(x.size, np.nan)
    limit[usable] = longest_m(chords[:, 0])
    pairs = pairs_between(*ends, within_m=limit)
    order = np.lexsort((pairs.metres, pairs.village))
    begins = np.searchsorted(pairs.village, np.flatnonzero(usable))
    served = np.zeros(x.size)
    served[usable] = pairs.metres[order][begins + kept - 1]
    return pairs, served


def _ask(problem: Problem, ground: Ground, wish: Wish) -> Answer:
    within_m = None if wish.within_km is None else wish.within_km * 1000
    if wish.goal == "travel":
        return p_median(problem, number=wish.number, until=wish.until)
    if wish.goal == "farthest":
        return p_center(problem, number=wish.number or 0, until=wish.until)
    if wish.goal == "close":
        return least_loss(problem, number=wish.number or 0, within_m=within_m, until=wish.until)
    assert within_m is not None  # noqa: S101 - the command asks for it
    if wish.goal == "share":
        groups = _areas(ground) if wish.each_area else None
        return set_cover(problem, within_m=within_m, share=wish.share, groups=groups, until=wish.until)
    return max_cover(problem, within_m=within_m, number=wish.number, until=wish.until)


def _areas(ground: Ground) -> np.ndarray:
    """Give each village the number of its area; -1 outside every area."""
    ids = ground.villages["area_id"]
    if ids.isna().all():
        msg = "--each-area needs areas with villages in them: name them with --areas FILE."
        raise StudyError(msg)
    return np.asarray(pd.factorize(ids, sort=True)[0])


def _marked(sites: gpd.GeoDataFrame, ids: Sequence[str], option: str) -> np.ndarray:
    known = sites["site_id"].astype(str)
    if missing := [one for one in ids if one not in set(known)]:
        msg = f"--{option} {missing[0]}: no candidate has this id."
        raise StudyError(msg)
    return np.asarray(known.isin(list(ids)))


def _lon_lat(table: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    return table["lon"].to_numpy(dtype=float), table["lat"].to_numpy(dtype=float)


def _nearest_m(ground: Ground, points: gpd.GeoDataFrame) -> np.ndarray:
    found = nearest(*_lon_lat(ground.villages), *_lon_lat(points)).distance_m
    return np.where(np.isnan(found), np.inf, found)


def _unserved(ground: Ground, answer: Answer, wish: Wish) -> pd.DataFrame:
    if not answer.unserved.size:
        return _NO_VILLAGES
    villages = ground.villages.iloc[answer.unserved]
    sites = ground.sites[~ground.sites["site_id"].astype(str).isin(list(wish.forbidden))]
    found = nearest(*_lon_lat(villages), *_lon_lat(sites))
    return pd.DataFrame(
        {
            "village_id": villages["village_id"].to_numpy(),
            "name": villages["name"].to_numpy(),
            "people": ground.people[answer.unserved],
            "site_id": sites["site_id"].to_numpy()[found.index],
            "distance_km": (found.distance_m + TIE_M) / 1000,
        }
    )


_NO_VILLAGES = pd.DataFrame(
    {
        **{name: pd.Series(dtype="str") for name in ("village_id", "name", "site_id")},
        **{name: pd.Series(dtype="float64") for name in ("people", "distance_km")},
    }
)[["village_id", "name", "people", "site_id", "distance_km"]]
