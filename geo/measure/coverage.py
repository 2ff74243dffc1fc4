"""Coverage: which villages are inside a network's reach, by technology and operator."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import shapely

from geo.crs.systems import to_wgs84
from geo.errors import FigureError
from geo.layers.place import Eastward, centres, eastward, measurable, pairs_inside, united
from geo.layers.technology import counting_for, is_at_least
from geo.measure.disc_union import discs_union
from geo.measure.discs import disc_polygons, inside_discs
from geo.measure.geodesic import area_km2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

UNNAMED = "(unnamed)"
COMBINED = ("any", "best", "all", "only_one")
Method = Literal["polygon", "column", "cell_own_range", "cell_fixed_range", "mixed"]
When = float | Literal["centre", "any"]


@dataclass(frozen=True, kw_only=True)
class Network:
    """
    One source of coverage, declared for a technology.

    Exactly one of three: `footprints` (polygons), `cells` (points with `range_m`), or `answers` (yes, no or unknown
    per village). Rows of footprints and cells count by their `technology` column; where none is filled, all are of
    the declared technology. `range_m` is used in place of the cells' own.
    """

    technology: str
    footprints: gpd.GeoDataFrame | None = None
    cells: gpd.GeoDataFrame | None = None
    answers: pd.Series | None = None
    range_m: float | None = None

    @property
    def method(self) -> Method:
        """How the source claims coverage."""
        if self.answers is not None:
            return "column"
        if self.cells is None:
            return "polygon"
        return "cell_own_range" if self.range_m is None else "cell_fixed_range"

    @property
    def has_rows(self) -> bool:
        """Whether it says anything: an empty layer says neither that somebody is covered nor that nobody is."""
        rows = next(one for one in (self.footprints, self.cells, self.answers) if one is not None)
        return len(rows) > 0


@dataclass(frozen=True, kw_only=True)
class Covered:
    """
    What was found for one technology; `usable` tells whether any source had a row that could be read at all.

    `villages` has a column per operator, nullable booleans on the villages' index. `sources` holds the networks and
    rows of each operator; it is None where some source is a column of the villages, which has no shape.
    """

    technology: str
    method: Method
    usable: bool
    villages: pd.DataFrame
    sources: Mapping[str, list[tuple[Network, gpd.GeoDataFrame]]] | None

    @cached_property
    def reach(self) -> Mapping[str, BaseGeometry] | None:
        """Each operator's union of polygons in EPSG:4326, made when asked for: it takes longer than the search."""
        if self.sources is None:
            return None
        return {
            name: united(np.array([one for network, rows in sources for one in _united(network, rows)], dtype=object))
            for name, sources in self.sources.items()
        }


def is_covered(
    villages: gpd.GeoDataFrame, footprints: gpd.GeoDataFrame, technology: str, *, when: When = "centre"
) -> pd.Series:
    """
    Tell which villages are inside the footprint of a technology or of a later one, of any operator.

    Parameters
    ----------
    villages : GeoDataFrame
        Points or polygons in any coordinate system.
    footprints : GeoDataFrame
        Polygons in any coordinate system, with `technology` (``3G``, ``LTE`` ...); a village on the border is inside.
    technology : str
        ``2G`` to ``5G``, or any other name, which then stands for itself alone.
    when : "centre", "any" or float
        When a polygon counts: its point on the surface is inside, any part is, or at least this share of its area.

    Returns
    -------
    Series of boolean
        On the villages' index; missing where a village has no geometry.

    References
    ----------
    SDG indicator 9.c.1: population covered by a mobile network, by technology, counts later technologies.
    """
    network = Network(technology=technology, footprints=to_wgs84(footprints, "footprints"))
    found = covered(to_wgs84(villages, "villages"), [network], technology, when=when)
    return found.villages.any(axis=1).astype("boolean").where(~villages.geometry.isna()).rename("covered")


def covered(
    villages: gpd.GeoDataFrame, networks: Sequence[Network], technology: str, *, when: When = "centre"
) -> Covered:
    """
    Find by whom each village is covered with at least a technology.

    Every network declared for the technology or a later one counts; an operator's 4G counts for its 3G.

    Parameters
    ----------
    villages : GeoDataFrame
        In EPSG:4326.
    networks : sequence of Network
        In EPSG:4326.
    technology : str
        What is asked for.
    when : "centre", "any" or float
        When a polygon counts as covered.

    Raises
    ------
    FigureError
        Where no network is declared for the technology, or `when` is none of the three.
    """
    if not (when in ("centre", "any") or (isinstance(when, float) and 0 < when <= 1)):
        msg = f"'{when}' is no way to count a village as covered: centre, any, or a share above 0 and up to 1."
        raise FigureError(msg)
    chosen = [network for network in networks if network.technology in counting_for(technology)]
    if not chosen:
        msg = f"No coverage is given for {technology}."
        raise FigureError(msg)
    columns: dict[str, pd.Series] = {}
    places = _Places(villages)
    sources: dict[str, list[tuple[Network, gpd.GeoDataFrame]]] = {}
    for network in chosen:
        # A file that is given for 4G counts as 4G or later, also where 3G is asked for.
        for operator, rows in _by_operator(network, max(technology, network.technology)):
            told = _told(places, network, rows, when)
            columns[operator] = columns[operator] | told if operator in columns else told
            sources.setdefault(operator, []).extend([] if rows is None else [(network, rows)])
    methods = {network.method for network in chosen}
    shapeless = "column" in methods
    return Covered(
        technology=technology,
        method=methods.pop() if len(methods) == 1 else "mixed",
        usable=any(network.has_rows for network in chosen),
        villages=pd.DataFrame(columns, index=villages.index, dtype="boolean"),
        sources=None if shapeless else sources,
    )


@dataclass(frozen=True, kw_only=True)
class Reach:
    """One way to count coverage: by ``any`` operator, by ``best`` (`name` says which), by one of them ..."""

    technology: str
    operator: str
    method: Method
    usable: bool
    name: str | None
    villages: pd.Series
    shape: BaseGeometry | None


def by_operator(found: Covered, people: pd.Series) -> list[Reach]:
    """
    Give coverage by any, by the best, by all and by only one operator, and by each by name.

    Parameters
    ----------
    found : Covered
        What :func:`covered` gave.
    people : Series
        Population of the villages; where fewer than half are known, the best operator is the one of most villages.

    Returns
    -------
    list of Reach
        ``any`` first; it is the only one where the rows name no operator. ``best`` is the operator that covers most
        people (of several, the first by name); ``all`` are those that have the technology at all.
    """
    villages = found.villages.reindex(columns=sorted(found.villages.columns))
    shapes = None if found.reach is None else [found.reach[name] for name in villages.columns]

    def reach(operator: str, told: pd.Series, shape: BaseGeometry | None, name: str | None = None) -> Reach:
        return Reach(
            technology=found.technology,
            operator=operator,
            method=found.method,
            usable=found.usable,
            name=name,
            villages=told.astype("boolean"),
            shape=shape,
        )

    land = None if shapes is None else _combined(shapes)
    everyone = reach("any", villages.any(axis=1, skipna=False), None if land is None else land.any)
    if set(villages.columns) <= {UNNAMED}:
        return [everyone]
    named = [
        reach(name, villages[name], None if shapes is None else shapes[position], name)
        for position, name in enumerate(villages.columns)
    ]
    weight = people if people.notna().mean() >= 0.5 else pd.Series(1.0, index=people.index)  # noqa: PLR2004 - half
    best = max(named, key=lambda one: float(weight[one.villages.fillna(value=False)].sum()))
    number = villages.astype("Int64").sum(axis=1, skipna=False)
    return [
        everyone,
        reach("best", best.villages, best.shape, best.name),
        reach("all", villages.all(axis=1, skipna=False), None if land is None else land.all),
        reach("only_one", number == 1, None if land is None else land.only_one),
        *named,
    ]


@dataclass(frozen=True)
class _Combined:
    """The land that any, all, and exactly one of the operators cover."""

    any: BaseGeometry
    all: BaseGeometry
    only_one: BaseGeometry


def _combined(shapes: list[BaseGeometry]) -> _Combined:
    """Combine what operators cover, on all cores; one operator is any, all and the only one."""
    if len(shapes) == 1:
        return _Combined(shapes[0], shapes[0], shapes[0])
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        together = threads.submit(united, np.array(shapes, dtype=object))
        everywhere = threads.submit(shapely.intersection_all, shapes)
        pairs = threads.map(shapely.intersection, *zip(*combinations(shapes, 2), strict=True))
        twice = shapely.union_all(list(pairs))
        return _Combined(together.result(), everywhere.result(), shapely.difference(together.result(), twice))


def _by_operator(network: Network, technology: str) -> list[tuple[str, gpd.GeoDataFrame | None]]:
    """Split the rows that count for a technology by operator; a column of answers has one operator without a name."""
    rows = network.footprints if network.footprints is not None else network.cells
    if rows is None:
        return [(UNNAMED, None)]
    if "technology" in rows and rows["technology"].notna().any():
        rows = rows[is_at_least(rows["technology"].where(rows["technology"].notna(), None), technology)]
    if "operator" not in rows:
        return [(UNNAMED, rows)]
    # An operator that is called as a combination of operators is told from it by quotes.
    names = rows["operator"].where(rows["operator"].notna(), UNNAMED).astype("str")
    return list(rows.groupby(names.where(~names.isin(COMBINED), "'" + names + "'")))


@dataclass(frozen=True)
class _Places:
    """The villages, and where they stand, found once for all networks and operators."""

    villages: gpd.GeoDataFrame

    @cached_property
    def centres(self) -> np.ndarray:
        return centres(self.villages)

    @cached_property
    def eastward(self) -> Eastward:
        return eastward(self.centres)


def _told(places: _Places, network: Network, rows: gpd.GeoDataFrame | None, when: When) -> pd.Series:
    index = places.villages.index
    if rows is None:
        assert network.answers is not None  # noqa: S101 - one of the three is there
        return network.answers.reindex(index).astype("boolean")
    if network.cells is not None and when == "centre":
        lon, lat = places.centres.T
        inside = inside_discs(lon, lat, *_lon_lat(rows), _ranges(network, rows))
    else:
        inside = _inside(places, _polygons(network, rows), when)
    return pd.Series(inside, index=index, dtype="boolean")


def _lon_lat(layer: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = centres(layer).T
    return lon, lat


def _ranges(network: Network, rows: gpd.GeoDataFrame) -> np.ndarray:
    if network.range_m is not None:
        return np.full(len(rows), network.range_m)
    return np.asarray(rows["range_m"], dtype=float)


def _polygons(network: Network, rows: gpd.GeoDataFrame) -> list[BaseGeometry]:
    if network.cells is None:
        return list(measurable(rows.geometry.to_numpy()))
    return list(disc_polygons(*_lon_lat(rows), _ranges(network, rows)))


def _united(network: Network, rows: gpd.GeoDataFrame) -> list[BaseGeometry]:
    """Give the rows' polygons, of cells the union: along their rims it is made faster than of polygons."""
    if network.cells is None:
        return _polygons(network, rows)
    return [discs_union(*_lon_lat(rows), _ranges(network, rows))]


def _inside(places: _Places, polygons: list[BaseGeometry], when: When) -> np.ndarray:
    villages = places.villages
    parts = shapely.get_parts(np.array(polygons, dtype=object))
    inside: np.ndarray = np.zeros(len(villages), dtype=bool)
    if not len(parts):
        return inside
    if isinstance(when, float):
        geometry = measurable(villages.geometry.to_numpy())
        whole = area_km2(geometry)
        within = area_km2(shapely.intersection(geometry, shapely.union_all(parts)))
        flat = whole == 0
        # A share of exactly the limit counts; a relative 1e-12 is the rounding of the areas.
        inside[~flat] = within[~flat] >= when * whole[~flat] * (1 - 1e-12)
        return np.asarray(inside | (flat & _inside(places, polygons, "centre")))
    if when == "centre":
        inside[pairs_inside(places.eastward, parts)[0]] = True
    else:
        inside[shapely.STRtree(villages.geometry.to_numpy()).query(parts, predicate="intersects")[1]] = True
    return inside
