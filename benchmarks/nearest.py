"""The nearest point of each village: geo beside sjoin_nearest, STRtree, BallTree, PostGIS and a bare KD-tree."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

import geo
from benchmarks import made, postgis
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import AbsentError, Setting, Way, held, interleaved, told
from geo.measure.geodesic import geocentric_m
from geo.measure.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

KARNEY = Geod(ellps="WGS84")
_TIE_M = 1.1e-6
_BRUTE_PAIRS = 10_000_000
_TEXT = """
100k villages x 20k points stand in a country of 8 x 15 degrees, 1 M x 100k on a land of 30 x 30 degrees; half of them
about towns. `geo.nearest_point` and `sjoin_nearest` go from layers to a table (best UTM zone, projection counted), the
others from arrays of degrees to arrays. PostGIS runs `ORDER BY <->` on `geography` with two parallel workers; loading
and its index are not counted. The bare KD-tree is no geodesic: coordinates, tree and one neighbour on both cores.

wrong: villages whose point is more than a micrometre farther than the nearest one. geo is held against Karney's
distance to every point for a sample of villages, and no other way finds a nearer point for any village. error: largest
difference of the distance reported from the geodesic to the point reported.
"""
_LAYERS, _ARRAYS, _BARE, _POSTGIS = "geo.nearest_point", "geo, arrays", "bare cKDTree", "PostGIS KNN"
_SJOIN = "sjoin_nearest"

Answer = tuple["NDArray[np.intp]", "NDArray[np.float64]"]


@dataclass(frozen=True, kw_only=True)
class Given:
    """Villages and points, as layers and as longitudes and latitudes."""

    villages: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    places: NDArray[np.float64]
    targets: NDArray[np.float64]

    @classmethod
    def of(cls, villages: int, points: int, box: made.Box) -> Given:
        """Make so many."""
        places, targets = made.places(1, villages, box), made.places(2, points, box)
        layers = made.layer(places, "village"), made.layer(targets, "point")
        return cls(villages=layers[0], points=layers[1], places=places, targets=targets)


def measured(setting: Setting) -> Report:
    """Measure both sizes."""
    found = Report(
        title="Nearest point, exact geodesic",
        text=_TEXT,
        columns=("villages x points", "way", "median s", "×", "runs", "wrong", "error m"),
        packages=("scipy", "geopandas", "shapely", "pyproj", "scikit-learn", "psycopg"),
    )
    small, large = ((4000, 1000), (20_000, 4000)) if setting.quick else ((100_000, 20_000), (1_000_000, 100_000))
    given = Given.of(*small, made.COUNTRY)
    ways = _ways(given)
    with ExitStack() as stack:
        try:
            database = stack.enter_context(postgis.served(setting.folder))
        except AbsentError as error:
            found.skipped.append(f"PostGIS: {error}")
        else:
            database.load(given.places, given.targets)
            ways[_POSTGIS] = database.nearest
        _measure(found, given, ways, setting, {_SJOIN: 3, _POSTGIS: 40, _BARE: 1.6})
    given = Given.of(*large, made.CONTINENT)
    _measure(found, given, _ways(given), setting, {_SJOIN: 6, _BARE: 1.3})
    if find_spec("sklearn") is None:
        found.skipped.append("BallTree: scikit-learn is not installed")
    return found


def _ways(given: Given) -> dict[str, Callable[[], Answer]]:
    by_name = {_LAYERS: _geo_layers, _ARRAYS: _geo_arrays, _BARE: _bare, _SJOIN: _sjoin, "STRtree": _strtree}
    if find_spec("sklearn") is not None:
        by_name["BallTree"] = _balltree
    return {name: partial(way, given) for name, way in by_name.items()}


def _measure(
    found: Report,
    given: Given,
    ways: dict[str, Callable[[], Answer]],
    setting: Setting,
    goals: dict[str, float],
) -> None:
    sizes = f"{count(given.places.shape[1])} x {count(given.targets.shape[1])}"
    told(f"{sizes}: answers")
    checked = {name: _held_against(given, run()) for name, run in ways.items()}
    truth = checked[_ARRAYS]
    wrong = {name: _wrong(truth, own) for name, own in checked.items()}
    held(wrong[_ARRAYS] == 0, f"geo finds {wrong[_ARRAYS]} farther points than another way.")
    held(wrong[_LAYERS] == 0, "geo.nearest_point and geo.measure.nearest.nearest differ.")
    held(max(checked[_ARRAYS].error_m, checked[_LAYERS].error_m) <= _TIE_M, "geo's distances are no geodesics.")
    sample = _brute_force(given, truth)
    kept = {name: Way(name=name, run=run, at_most=2 if name == "BallTree" else 1000) for name, run in ways.items()}
    found.load += interleaved(kept.values(), setting.rounds)
    for name, way in kept.items():
        base = kept[_LAYERS if name in (_SJOIN, _LAYERS, _POSTGIS) else _ARRAYS]
        told_wrong = f"0 (sample: {sample:,})" if name == _ARRAYS else f"{wrong[name]:,}"
        times = "" if way is base else f"{way.seconds / base.seconds:.2g}"
        row = (sizes, name, seconds(way.seconds), times, str(len(way.took)), told_wrong)
        found.rows.append((*row, f"{checked[name].error_m:.1g}"))
    found.goals += [_goal(sizes, name, limit, kept) for name, limit in goals.items() if name in kept]


def _goal(sizes: str, name: str, limit: float, ways: dict[str, Way]) -> Goal:
    if name == _BARE:
        ratio = ways[_ARRAYS].seconds / ways[name].seconds
        text, is_met = f"{sizes}, at most {limit} times the bare KD-tree", ratio <= limit
    else:
        ratio = ways[name].seconds / ways[_LAYERS].seconds
        text, is_met = f"{sizes}, at least {limit} times faster than {name}", ratio >= limit
    why = f"Of the {seconds(ways[_LAYERS].seconds)} s, {seconds(ways[_ARRAYS].seconds)} s are the search itself."
    return Goal(text=text, measured=f"{ratio:.2f} times", met=is_met, why=why)


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """The true distance of each village to the point that was found, and the largest error of the one reported."""

    true_m: NDArray[np.float64]
    error_m: float


def _held_against(given: Given, answer: Answer) -> _Checked:
    index, reported = answer
    held((index >= 0).all(), "a village has no point.")
    true_m = np.asarray(KARNEY.inv(*given.places, *given.targets[:, index])[2])
    return _Checked(true_m=true_m, error_m=float(np.abs(true_m - reported).max()))


def _wrong(truth: _Checked, own: _Checked) -> int:
    """Count the villages that got a farther point; where one got a nearer point than geo's, geo is wrong."""
    held((own.true_m >= truth.true_m - _TIE_M).all(), "another way finds a nearer point than geo.")
    return int((own.true_m > truth.true_m + _TIE_M).sum())


def _brute_force(given: Given, truth: _Checked) -> int:
    """Hold a sample of villages against Karney's distance to every point; give how many."""
    villages, points = given.places.shape[1], given.targets.shape[1]
    sample = np.random.default_rng(3).choice(villages, min(villages, _BRUTE_PAIRS // points), replace=False)
    for village in sample:
        own = np.repeat(given.places[:, [village]], points, axis=1)
        least = np.asarray(KARNEY.inv(*own, *given.targets)[2]).min()
        held(abs(least - truth.true_m[village]) <= _TIE_M, f"the nearest point of village {village} is not geo's.")
    return len(sample)


def _geo_layers(given: Given) -> Answer:
    table = geo.nearest_point(given.villages, given.points)
    return table["point_id"].str[1:].astype(np.intp).to_numpy(), table["distance_km"].to_numpy() * 1000


def _geo_arrays(given: Given) -> Answer:
    found = nearest(*given.places, *given.targets)
    return found.index, found.distance_m


def _bare(given: Given) -> Answer:
    tree = cKDTree(geocentric_m(*given.targets))
    chord, index = tree.query(geocentric_m(*given.places), workers=-1)
    return index, chord


def _sjoin(given: Given) -> Answer:
    system = given.villages.estimate_utm_crs()
    joined = gpd.sjoin_nearest(given.villages.to_crs(system), given.points.to_crs(system), distance_col="distance_m")
    joined = joined[~joined.index.duplicated()]
    return joined["index_right"].to_numpy(), joined["distance_m"].to_numpy()


def _strtree(given: Given) -> Answer:
    system = given.villages.estimate_utm_crs()
    to_plane = Transformer.from_crs(4326, system, always_xy=True)
    places, targets = (shapely.points(*to_plane.transform(*both)) for both in (given.places, given.targets))
    index = shapely.STRtree(targets).nearest(places)
    return index, shapely.distance(places, targets[index])


def _balltree(given: Given) -> Answer:
    neighbours: Any = import_module("sklearn.neighbors")
    tree = neighbours.BallTree(np.radians(given.targets[::-1].T), metric="haversine")
    distance, index = tree.query(np.radians(given.places[::-1].T))
    return index[:, 0], distance[:, 0] * 6_371_008.8
