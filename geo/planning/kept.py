"""How many points, and where, until a rule of a standard is kept by the whole or by every area."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.errors import StudyError
from geo.judge.among import among
from geo.judge.further import Further
from geo.judge.outcome import Measured, outcomes
from geo.judge.standards import Judgement
from geo.layers.place import lying_in
from geo.measure.nearest import nearest
from geo.plan.p_median import p_median
from geo.plan.pairs import pairs_between
from geo.plan.set_cover import set_cover
from geo.planning.asked import areas_of, lon_lat, nearest_m, problem_of, refuse_pixels, unserved
from geo.planning.changed import with_opened, with_points
from geo.planning.ground import points_of
from geo.planning.rules import limit_km, points_needed, share_of, way_of
from geo.planning.wished import Kept, Plan, Wish

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.judge.rulebook import Rule, Standard
    from geo.plan.answer import Answer
    from geo.planning.ground import Ground
    from geo.study.loading import Loaded
    from geo.study.study import Study


@dataclass(frozen=True, kw_only=True)
class _Found:
    """Rows of the chosen sites, and what is known of the choice."""

    rows: np.ndarray
    number: int | None = None
    answer: Answer | None = None
    short: tuple[str, ...] = ()
    unserved: pd.DataFrame = field(default_factory=pd.DataFrame)


def keep(study: Study, loaded: Loaded, ground: Ground, goal: tuple[Standard, Rule], wish: Wish) -> Plan:
    """
    Find the fewest points with which a rule is kept, and where they should be.

    A rule of counts (points of each area, the mean service radius, people per point) takes a number of points that
    arithmetic tells; they stand where people travel least, inside each area where the rule is one of areas. A rule of
    distances is a covering problem, proved as any other.

    Parameters
    ----------
    study : Study
        Measured within the rule's limit.
    loaded : Loaded
        Its layers.
    ground : Ground
        Villages, points and candidates.
    goal : tuple of Standard and Rule
        What is to be kept.
    wish : Wish
        Forbidden candidates, and when to stop.

    Raises
    ------
    StudyError, FigureError
        Where more points cannot keep the rule, the study has no value for it, or the search cannot be.
    """
    standard, rule = goal
    way = way_of(rule)
    refuse_pixels(study.file)
    loaded = with_points(loaded)
    measured = _measured(study, loaded)
    before = _judged(rule, measured)
    if all(one.passed is None for one in before.outcomes):
        msg = f"--keep: the study gives no value for '{rule.name['en']}', so that nothing tells whether it is kept."
        raise StudyError(msg)
    wish = replace(wish, within_km=limit_km(rule) if way == "share" else None, share=share_of(rule))
    if before.passed:
        found = _Found(rows=np.empty(0, dtype=np.intp), number=0)
    elif way == "share":
        found = _served(ground, rule, wish)
    else:
        found = _counted(loaded, ground, wish, points_needed(rule, measured), measured.areas)
    sites = _with_people(ground, ground.sites.iloc[found.rows], wish.within_km)
    changed = with_opened(loaded, sites, clip=study.file.choices.clip) if len(sites) else loaded
    after = _measured(study, changed)
    return Plan(
        wish=wish,
        answer=found.answer,
        sites=sites,
        closing=points_of(loaded).iloc[:0],
        unserved=found.unserved,
        before=tuple(measured.figures),
        after=tuple(after.figures),
        loaded=loaded,
        changed=changed,
        within_km=wish.within_km,
        people=float(ground.people.sum()),
        kept=Kept(
            standard=standard,
            before=before,
            after=_judged(rule, after),
            number=found.number,
            short=found.short,
        ),
    )


def _measured(study: Study, loaded: Loaded) -> Measured:
    results = study.results_of(loaded)
    return Measured(figures=results.figures, villages=results.villages, areas=results.areas)


def _judged(rule: Rule, measured: Measured) -> Judgement:
    # How many points it takes at least is not asked here: the plan finds it out.
    return Judgement(rule=rule, outcomes=outcomes(rule, measured), further=Further())


def _served(ground: Ground, rule: Rule, wish: Wish) -> _Found:
    """Cover the villages that the rule looks at; where it counts villages, each as one."""
    villages = among(rule, ground.villages)
    if rule.scope == "areas":
        villages = villages[villages["area_id"].notna()]
    if rule.indicator == "people_within":
        villages = villages[villages["population"] > 0]
    asked = replace(ground, villages=villages)
    problem = problem_of(asked, wish)
    if rule.indicator == "villages_within":
        problem = replace(problem, people=np.ones(len(villages)))
    groups = areas_of(asked) if rule.scope == "areas" else None
    within_m = 1000 * (wish.within_km or 0.0)
    answer = set_cover(problem, within_m=within_m, share=wish.share, groups=groups, until=wish.until)
    return _Found(rows=answer.chosen, answer=answer, unserved=unserved(asked, answer, wish))


def _counted(loaded: Loaded, ground: Ground, wish: Wish, needed: pd.Series, areas: gpd.GeoDataFrame) -> _Found:
    """Choose so many sites as are needed, in each area or in the whole."""
    number = int(needed.dropna().sum())
    everywhere = needed.index.tolist() == ["all"]
    lying = None if everywhere or loaded.areas is None else _areas_of_sites(ground, loaded.areas)
    rows: list[int] = []
    short: list[str] = []
    for area, count in needed[needed > 0].items():
        inside = np.arange(len(ground.sites)) if lying is None else np.flatnonzero(lying == area)
        here = ground.villages if lying is None else ground.villages[ground.villages["area_id"] == area]
        part = replace(ground, villages=here, sites=ground.sites.iloc[inside])
        chosen = _sited(part, wish, int(count))
        rows += inside[chosen].tolist()
        if len(chosen) < count:
            short.append("" if lying is None else str(areas.loc[area, "name"]))
    return _Found(rows=np.asarray(rows, dtype=np.intp), number=number, short=tuple(short))


def _areas_of_sites(ground: Ground, areas: gpd.GeoDataFrame) -> np.ndarray:
    sites = ground.sites
    places = sites[["lon", "lat"]].to_numpy(dtype=float)
    return np.asarray(lying_in(places, pd.RangeIndex(len(sites)), areas).area_id.to_numpy(dtype=object))


def _sited(ground: Ground, wish: Wish, count: int) -> np.ndarray:
    """Choose sites so that people travel least; those that bring nobody nearer, the farthest from a point first."""
    free = np.flatnonzero(~ground.sites["site_id"].astype(str).isin(list(wish.forbidden)).to_numpy())
    sites = ground.sites.iloc[free]
    most = min(count, len(sites))
    chosen = np.empty(0, dtype=np.intp)
    if most and ground.people.any():
        problem = problem_of(replace(ground, sites=sites), replace(wish, forbidden=()))
        chosen = p_median(problem, number=most, until=wish.until).chosen
    left = np.setdiff1d(np.arange(len(sites)), chosen)
    far = np.argsort(-_distance_m(sites, ground.points)[left], kind="stable")
    return free[np.concatenate([chosen, left[far][: most - len(chosen)]]).astype(np.intp)]


def _distance_m(places: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> np.ndarray:
    found = nearest(*lon_lat(places), *lon_lat(points)).distance_m
    return np.where(np.isnan(found), np.inf, found)


def _with_people(ground: Ground, sites: gpd.GeoDataFrame, within_km: float | None) -> gpd.GeoDataFrame:
    """Tell whom each site adds: within the limit, at its turn; without a limit, those who are nearest to it."""
    served = nearest_m(ground, ground.points)
    people = np.zeros(len(sites))
    if within_km is None:
        found = nearest(*lon_lat(ground.villages), *lon_lat(sites))
        mine = found.distance_m < served
        np.add.at(people, found.index[mine], ground.people[mine])
        return sites.assign(people=people)
    near = pairs_between(*lon_lat(ground.villages), *lon_lat(sites), within_m=within_km * 1000)
    there = pairs_between(*lon_lat(ground.villages), *lon_lat(ground.points), within_m=within_km * 1000)
    first = pd.Series(near.site).groupby(near.village).min()
    first = first[~first.index.isin(there.village)]
    np.add.at(people, first.to_numpy(), ground.people[first.index.to_numpy()])
    return sites.assign(people=people)
