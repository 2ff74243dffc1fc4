"""Which villages are covered: geo beside GeoPandas' sjoin, STRtree and prepared polygons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

import geo
from benchmarks import made
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import Setting, Way, held, interleaved, told
from geo.layers.place import centres, pairs_inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_TEXT = """
64 footprints of one technology and three operators, {vertices:,} vertices in {parts} ragged bodies, on a land of 30 x
30 degrees; {share:.0%} of the villages are covered. `geo.is_covered` tells of each village whether any footprint
covers it, and makes sure first that the footprints are valid polygons; `sjoin` (within) trusts them, and gives the rows
of both layers. `sjoin, split` and `geo, pairs` (geo's search alone) count the splitting into single parts. All ways
have the same answer for every village.
"""
_SEARCH = "geo, pairs"


@dataclass(frozen=True, kw_only=True)
class _Given:
    villages: gpd.GeoDataFrame
    footprints: gpd.GeoDataFrame


def measured(setting: Setting) -> Report:
    """Measure both sizes."""
    sizes = {10_000: 1.6} if setting.quick else {100_000: 1.6, 1_000_000: 2.0}
    footprints = made.footprints(5, made.CONTINENT)
    shapes = footprints.geometry.to_numpy()
    found = Report(
        title="Covered or not",
        text="",
        columns=("villages", "way", "median s", "×", "runs", "covered"),
        packages=("geopandas", "shapely"),
    )
    share = 0.0
    for villages, limit in sizes.items():
        given = _Given(villages=made.layer(made.places(4, villages, made.CONTINENT), "village"), footprints=footprints)
        share = _measure(found, given, setting, limit)
    vertices, parts = (
        int(counted(shapes).sum()) for counted in (shapely.get_num_coordinates, shapely.get_num_geometries)
    )
    found.text = _TEXT.format(vertices=vertices, parts=parts, share=share)
    return found


def _measure(found: Report, given: _Given, setting: Setting, limit: float) -> float:
    by_name: dict[str, Callable[[_Given], NDArray[np.bool_]]] = {
        "geo.is_covered": _geo,
        _SEARCH: _pairs,
        "sjoin": _sjoin,
        "sjoin, split": _split,
        "STRtree": _strtree,
        "prepared": _prepared,
    }
    size = count(len(given.villages))
    told(f"{size}: answers")
    answers = {name: way(given) for name, way in by_name.items()}
    for name, answer in answers.items():
        held(np.array_equal(answer, answers["sjoin"]), f"{name} and sjoin differ on who is covered.")
    ways = {name: Way(name=name, run=partial(way, given)) for name, way in by_name.items()}
    found.load += interleaved(ways.values(), setting.rounds)
    base = ways["geo.is_covered"].seconds
    covered = f"{answers['sjoin'].sum():,}"
    for name, way in ways.items():
        times = "" if way.seconds == base else f"{way.seconds / base:.2g}"
        found.rows.append((size, name, seconds(way.seconds), times, str(len(way.took)), covered))
    ratio, alone = ways["sjoin"].seconds / base, ways["sjoin"].seconds / ways[_SEARCH].seconds
    why = (
        f"The search alone is {alone:.2f} times faster than sjoin; "
        f"{seconds(base - ways[_SEARCH].seconds)} s go to the layers around it."
    )
    text = f"{size}, at least {limit:g} times faster than sjoin"
    found.goals.append(Goal(text=text, measured=f"{ratio:.2f} times", met=ratio >= limit, why=why))
    return float(answers["sjoin"].mean())


def _geo(given: _Given) -> NDArray[np.bool_]:
    return geo.is_covered(given.villages, given.footprints, "4G").to_numpy(dtype=bool)


def _pairs(given: _Given) -> NDArray[np.bool_]:
    place, _ = pairs_inside(centres(given.villages), shapely.get_parts(given.footprints.geometry.to_numpy()))
    return _told(given, place)


def _sjoin(given: _Given) -> NDArray[np.bool_]:
    return _told(given, gpd.sjoin(given.villages, given.footprints, predicate="within").index.to_numpy())


def _split(given: _Given) -> NDArray[np.bool_]:
    parts = given.footprints.explode(ignore_index=True)
    return _told(given, gpd.sjoin(given.villages, parts, predicate="within").index.to_numpy())


def _strtree(given: _Given) -> NDArray[np.bool_]:
    tree = shapely.STRtree(given.villages.geometry.to_numpy())
    return _told(given, tree.query(given.footprints.geometry.to_numpy(), predicate="contains")[1])


def _prepared(given: _Given) -> NDArray[np.bool_]:
    lon, lat = given.villages.geometry.x.to_numpy(), given.villages.geometry.y.to_numpy()
    shapes = given.footprints.geometry.to_numpy()
    # What was prepared in an earlier round would be prepared still.
    shapely.destroy_prepared(shapes)
    shapely.prepare(shapes)
    inside = np.zeros(lon.size, dtype=np.bool_)
    for shape in shapes:
        inside |= shapely.contains_xy(shape, lon, lat)
    shapely.destroy_prepared(shapes)
    return inside


def _told(given: _Given, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    inside = np.zeros(len(given.villages), dtype=np.bool_)
    inside[rows] = True
    return inside
