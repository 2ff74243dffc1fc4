"""How many further points a rule needs at least: by arithmetic, or by a bound that no choice of sites can go below."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo.judge.among import among
from geo.judge.shortfall import shortfall, sizes_of, whole_sizes
from geo.judge.stated import COVERED, WITHIN
from geo.measure.geodesic import geocentric_m
from geo.measure.nearest import TIE_M
from geo.plan.cover_search import CoverSearch
from geo.plan.demand import demanded
from geo.plan.needs import Needs, complete, smaller
from geo.plan.needs_bound import raise_bound
from geo.plan.pairs import Pairs, pairs_between
from geo.plan.problem import Problem
from geo.plan.until import Until, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.judge.outcome import Measured, Outcome
    from geo.judge.rulebook import Rule

MOST_VILLAGES = 10_000
"""With more villages a bound is not worked out: an audit should answer at once."""
_MOST_PAIRS = 1_500_000
_LEAST_STEPS, _MOST_STEPS = 49, 2_000
_GAP = 0.05
# A bound need not be sharp: it may be so far from what was found. Steps are counted, not timed, so that the answer is
# always the same; so many steps times pairs take about a second.
_WORK = 50_000_000


@dataclass(frozen=True)
class Further:
    """
    The least number of further points without which a rule cannot be kept, or the key of the reason why none is given.

    `anywhere` holds wherever the points stand, `at_villages` (which is no smaller) where each stands at a village.
    """

    anywhere: int | None = None
    at_villages: int | None = None
    reason: str | None = None


def further(rule: Rule, failing: Sequence[Outcome], measured: Measured) -> Further:
    """
    Give the least number of further points that a rule needs which is not kept.

    A radius of r needs S / (pi r2) points and d people per point need P / d, wherever they stand. To bring a share of
    the people, or every village, within a distance is to cover them; that no choice of fewer points at villages does is
    proved by Lagrangian relaxation. One point anywhere reaches no village that a village within its reach is not at
    most twice the distance from, so that the same bound for twice the distance holds for points anywhere.
    """
    if rule.indicator in COVERED:
        return Further()
    if rule.indicator in ("points", "mean_service_radius", "people_per_point"):
        rows = sizes_of(measured.areas) if rule.scope == "areas" else [whole_sizes(measured.figures)]
        known = [number for number in (shortfall(rule, *row) for row in rows) if number is not None]
        return Further(anywhere=sum(known)) if known else Further(reason="more_points_unknown")
    is_share = rule.indicator in WITHIN and rule.at_least is not None
    if not is_share and not (rule.indicator == "nearest_distance_max" and rule.at_most is not None):
        return Further(reason="more_points_unknown")
    if any(one.rule is not None and one.rule.endswith("_pixels") for one in failing):
        return Further(reason="more_points_pixels")
    if len(measured.villages) > MOST_VILLAGES:
        return Further(reason="more_points_too_many")
    return _by_distance(rule, _concerned(rule, failing, measured.villages), measured.villages)


def _concerned(rule: Rule, failing: Sequence[Outcome], villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the villages that a rule looks at where it is not kept, with what each counts as `weight`."""
    rows = among(rule, villages) if rule.where else villages
    if rule.scope == "areas":
        rows = rows[rows["area_id"].isin([one.area for one in failing]).to_numpy()]
    if rule.indicator != "people_within":
        return rows.assign(weight=1.0)
    return rows[(rows["population"] > 0).to_numpy()].assign(weight=rows["population"])


def _by_distance(rule: Rule, rows: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> Further:
    limit_km = rule.within_km if rule.indicator in WITHIN else rule.at_most
    limit_m, share = 1000 * (limit_km or 0.0), min(rule.at_least or 1.0, 1.0)
    twice_m = 2 * (limit_m + TIE_M)
    xyz = [geocentric_m(one["lon"].to_numpy(), one["lat"].to_numpy()) for one in (rows, sites)]
    if rows.empty or cKDTree(xyz[0]).count_neighbors(cKDTree(xyz[1]), twice_m) > _MOST_PAIRS:
        return Further(reason="more_points_unknown" if rows.empty else "more_points_too_many")
    pairs = pairs_between(rows["lon"], rows["lat"], sites["lon"], sites["lat"], within_m=twice_m)
    groups = pd.factorize(rows["area_id"])[0] if rule.scope == "areas" else np.zeros(len(rows), dtype=np.intp)
    anywhere, at_villages = (
        _least(rows, used, (limit_m, share), groups)
        for used in (replace(pairs, metres=pairs.metres / 2), pairs.within(limit_m))
    )
    return Further(anywhere=anywhere, at_villages=max(anywhere, at_villages))


def _least(rows: gpd.GeoDataFrame, pairs: Pairs, asked: tuple[float, float], groups: NDArray[np.intp]) -> int:
    served_m = 1000 * rows["distance_km"].fillna(np.inf).to_numpy(dtype=float)
    problem = Problem(pairs=pairs, people=rows["weight"].to_numpy(dtype=float), served_m=served_m)
    needs = demanded(problem, *asked, groups).needs
    # A rule that is not kept by less than the rounding of sums needs one point all the same.
    return max(1, _bound(needs)) if needs.villages else 1


def _bound(needs: Needs) -> int:
    small, _ = smaller(needs)
    search = CoverSearch(small, Watch(Until(gap=_GAP)))
    search.offer(complete(small, []))
    steps = min(max(_WORK // max(small.by_village.nnz, 1), _LEAST_STEPS), _MOST_STEPS)
    raise_bound(search, steps=steps)
    return math.ceil(search.bound)
