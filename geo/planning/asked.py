"""A question about the points of a study, and its answer with the figures before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
from geo.planning.changed import rows_named, with_closed, with_opened, with_points
from geo.planning.ground import closable_of, points_of
from geo.planning.wished import Plan, Wish
from geo.study.study import whole_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geo.plan.answer import Answer
    from geo.planning.ground import Ground
    from geo.study.file import StudyFile
    from geo.study.loading import Loaded


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
    refuse_pixels(file)
    loaded = with_points(loaded)
    closes = wish.goal == "close"
    if closes:
        ground = _closing(ground, loaded)
    answer = _ask(problem_of(ground, wish), ground, wish)
    sites = ground.sites.iloc[answer.chosen].assign(people=answer.people)
    rows = sites.index if closes else sites.index[:0]
    changed = with_closed(loaded, rows) if closes else with_opened(loaded, sites, clip=file.choices.clip)
    return Plan(
        wish=wish,
        answer=answer,
        sites=sites,
        closing=points_of(loaded).loc[rows],
        unserved=unserved(ground, answer, wish),
        before=whole_figures(file, loaded),
        after=whole_figures(file, changed),
        loaded=loaded,
        changed=changed,
        within_km=wish.within_km,
        people=float(ground.people.sum()),
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
    loaded = with_points(loaded)
    rows = rows_named(loaded, closed)
    changed = with_closed(loaded, rows)
    changed = with_opened(changed, opened, clip=file.choices.clip) if len(opened) else changed
    limits = file.choices.within_km
    return Plan(
        wish=None,
        answer=None,
        sites=opened,
        closing=points_of(loaded).loc[rows],
        unserved=_NO_VILLAGES,
        before=whole_figures(file, loaded),
        after=whole_figures(file, changed),
        loaded=loaded,
        changed=changed,
        within_km=limits[0] if len(limits) == 1 else None,
    )


def refuse_pixels(file: StudyFile) -> None:
    """
    Refuse to search for the people of a raster: a search serves those of villages.

    Raises
    ------
    StudyError
        Where the study counts people in pixels.
    """
    if file.people is not None:
        msg = (
            f"A search for sites counts the people of villages, and this study counts those of pixels "
            f"({', '.join(file.people.shown)}). Leave --people and [population] out, and give the villages their "
            "people; --close and --open count pixels."
        )
        raise StudyError(msg)


def _closing(ground: Ground, loaded: Loaded) -> Ground:
    """Let the points that are counted be the sites; those that only serve, as outside the areas, stay."""
    points = closable_of(loaded)
    if points.empty:
        msg = "No point can close, for the study has none: name them with --points FILE."
        raise StudyError(msg)
    sites = points.rename(columns={"point_id": "site_id"})[["site_id", "name", "lon", "lat", "geometry"]]
    others = points_of(loaded)
    return replace(ground, sites=sites, points=others[~others.index.isin(points.index)])


def problem_of(ground: Ground, wish: Wish) -> Problem:
    """Put the question; of equally good choices the rows' own order decides, which the ground has settled."""
    sites = ground.sites
    forbidden, required = _marked(sites, wish.forbidden, "forbid"), _marked(sites, wish.required, "require")
    if forbidden.all():
        msg = "--forbid: every candidate is forbidden, and none can be chosen. Forbid fewer, or name others."
        raise StudyError(msg)
    if both := [one for one in wish.required if one in set(wish.forbidden)]:
        msg = f"--require {both[0]} and --forbid {both[0]}: a candidate is one or the other."
        raise StudyError(msg)
    pairs, served = _pairs(ground, wish, nearest_m(ground, ground.points))
    cost, capacity = (sites[key].to_numpy(dtype=float) if key in sites else None for key in ("cost", "capacity"))
    return Problem(
        pairs=pairs,
        people=ground.people,
        served_m=served,
        forbidden=forbidden,
        required=required,
        cost=cost if wish.goal in ("people", "travel", "share") else None,
        budget=wish.budget,
        capacity=capacity,
    )


def _pairs(ground: Ground, wish: Wish, served: np.ndarray) -> tuple[Pairs, np.ndarray]:
    """Give the pairs that can matter to the question, and how far each village goes at most."""
    ends = (*lon_lat(ground.villages), *lon_lat(ground.sites))
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
    kept_m = np.zeros(x.size)
    kept_m[usable] = pairs.metres[order][begins + kept - 1]
    return pairs, np.minimum(kept_m, served)


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
        groups = areas_of(ground) if wish.each_area else None
        return set_cover(problem, within_m=within_m, share=wish.share, groups=groups, until=wish.until)
    return max_cover(problem, within_m=within_m, number=wish.number, until=wish.until)


def areas_of(ground: Ground) -> np.ndarray:
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


def lon_lat(table: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give the longitudes and latitudes of a table."""
    return table["lon"].to_numpy(dtype=float), table["lat"].to_numpy(dtype=float)


def nearest_m(ground: Ground, points: gpd.GeoDataFrame) -> np.ndarray:
    """Give how far each village is from the nearest of some points; infinite where there is none."""
    found = nearest(*lon_lat(ground.villages), *lon_lat(points)).distance_m
    return np.where(np.isnan(found), np.inf, found)


def unserved(ground: Ground, answer: Answer, wish: Wish) -> pd.DataFrame:
    """Give the villages that no candidate can serve, each with the nearest that is not forbidden."""
    if not answer.unserved.size:
        return _NO_VILLAGES
    villages = ground.villages.iloc[answer.unserved]
    sites = ground.sites[~ground.sites["site_id"].astype(str).isin(list(wish.forbidden))]
    found = nearest(*lon_lat(villages), *lon_lat(sites))
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
