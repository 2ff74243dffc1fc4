"""Where a row stands: one point for it, the area that it lies in, and how far it is from the areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import shapely

from geo.crs.systems import GEOD
from geo.layers.text import id_ranks

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

_ASKED_TOGETHER = 20_000


def centres(layer: gpd.GeoDataFrame) -> np.ndarray:
    """
    Give one point per row, degrees of WGS84: the point itself, or a point on the surface of a polygon.

    A centroid may lie outside its polygon; a point on the surface never does. NaN where there is no geometry.

    Parameters
    ----------
    layer : GeoDataFrame
        In EPSG:4326.

    Returns
    -------
    ndarray of float, shape (rows, 2)
        Longitude and latitude.
    """
    geometry = layer.geometry.to_numpy().copy()
    geometry[shapely.is_empty(geometry)] = None
    surface = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - polygons
    if surface.any():
        geometry[surface] = shapely.point_on_surface(geometry[surface])
    return np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])


def spots(places: np.ndarray) -> np.ndarray:
    """Make an array of points of longitudes and latitudes, also of none or one."""
    return np.asarray(shapely.points(np.asarray(places, dtype=float).reshape(-1, 2)), dtype=object)


def measurable(geometry: np.ndarray) -> np.ndarray:
    """Give polygons whose area and contents have a meaning: invalid ones made valid, lines dropped from them."""
    broken = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    if not broken.any():
        return geometry
    mended = geometry.copy()
    mended[broken] = shapely.make_valid(geometry[broken], method="structure", keep_collapsed=False)
    return mended


def dissolved(geometry: np.ndarray) -> BaseGeometry:
    """
    Give the union of polygons; what overlaps counts once.

    Polygons that neither overlap nor leave slivers, as the communes of one map, are joined along the borders that they
    share, which is several times faster than the union of any polygons.
    """
    sound = measurable(geometry)
    sound = sound[~shapely.is_missing(sound)]
    # Where polygons overlap, it takes long to find that they form no coverage: a few neighbours tell it at once.
    few = [sound[np.argsort(shapely.bounds(sound)[:, 0])[:_FEW]]] if len(sound) > _FEW else []
    if len(sound) > 1 and all(_fit_together(part) for part in (*few, sound)):
        return shapely.coverage_union_all(sound)
    return united(sound)


def _fit_together(polygons: np.ndarray) -> bool:
    """Tell polygons that neither overlap nor leave slivers; those with more area than their bounds surely overlap."""
    west, south, east, north = shapely.total_bounds(polygons)
    if shapely.area(polygons).sum() > (1 + _ROUNDING) * (east - west) * (north - south):
        return False
    return bool(shapely.coverage_is_valid(polygons))


def united(shapes: np.ndarray) -> BaseGeometry:
    """Give the union of valid polygons: group by group of those that meet, unless they crowd upon each other."""
    if len(shapes) == 1:
        return cast("BaseGeometry", shapes[0])
    one, _ = shapely.STRtree(shapes).query(shapes)
    crowded = len(one) > _CROWD * len(shapes)
    return shapely.union_all(shapes) if crowded else shapely.disjoint_subset_union_all(shapes)


_FEW = 64
_CROWD = 100
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Lying:
    """
    In which area each place lies.

    `area_row` is the area's row, and `area_id` its id, which may not be its alone; both are missing outside every area.
    `shared` tells the places that lie in several areas or on their common
    border; each is counted once, in the first by id.
    """

    area_row: pd.Series
    area_id: pd.Series
    shared: pd.Series


def lying_in(places: np.ndarray, index: pd.Index, areas: gpd.GeoDataFrame) -> Lying:
    """
    Find the area that each place lies in; a place on a border lies inside.

    Parameters
    ----------
    places : ndarray of float, shape (rows, 2)
        Longitude and latitude; NaN lies nowhere.
    index : Index
        What the answer is to stand on.
    areas : GeoDataFrame
        Polygons in EPSG:4326 with `area_id`.
    """
    found = pd.Series(None, index=index, dtype="str", name="area_id")
    row = pd.Series(pd.NA, index=index, dtype="Int64", name="area_row")
    shared = pd.Series(data=False, index=index, name="shared")
    parts, owner = shapely.get_parts(measurable(areas.geometry.to_numpy()), return_index=True)
    if not len(parts) or not len(places):
        return Lying(row, found, shared)
    place, part = pairs_inside(places, parts)
    ids = areas["area_id"].to_numpy(dtype=object)
    pairs = pd.DataFrame({"place": place, "area": owner[part]}).drop_duplicates()
    pairs["rank"] = id_ranks(ids)[pairs["area"]]
    pairs = pairs.sort_values(["place", "rank"])
    first = pairs.drop_duplicates("place")
    found.iloc[first["place"].to_numpy()] = ids[first["area"].to_numpy()]
    row.iloc[first["place"].to_numpy()] = areas.index.to_numpy()[first["area"].to_numpy()]
    shared.iloc[pairs["place"][pairs.duplicated("place")].unique()] = True
    return Lying(row, found, shared)


@dataclass(frozen=True)
class Eastward:
    """Places sorted by longitude once, to be asked again and again; those without coordinates are not among them."""

    order: np.ndarray
    lon: np.ndarray
    lat: np.ndarray


def eastward(places: np.ndarray) -> Eastward:
    """Sort longitudes and latitudes (rows, 2) by longitude."""
    known = np.flatnonzero(~np.isnan(places).any(axis=1))
    order = known[np.argsort(places[known, 0])]
    return Eastward(order, *places[order].T)


def pairs_inside(places: np.ndarray | Eastward, polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Give every pair of a place and a polygon that holds it, borders included.

    The places are sorted by longitude once; each polygon then looks only at those within its bounds, and is prepared,
    so that a place costs the logarithm of the vertices. That is faster than a tree of places or of polygons.

    Parameters
    ----------
    places : ndarray of float, shape (rows, 2), or Eastward
        Longitude and latitude; NaN lies nowhere.
    polygons : ndarray of polygons
        Valid, in the same system; the smaller their bounds (single parts), the faster.

    Returns
    -------
    tuple of ndarray of int
        Positions of the places and, beside them, of the polygons.
    """
    sorted_places = places if isinstance(places, Eastward) else eastward(places)
    lon, lat = sorted_places.lon, sorted_places.lat
    west, south, east, north = shapely.bounds(polygons).T
    starts, ends = np.searchsorted(lon, west), np.searchsorted(lon, east, side="right")
    shapely.prepare(polygons)
    found = []
    near: dict[int, np.ndarray] = {}
    waiting = 0
    for polygon in np.flatnonzero(ends > starts).tolist():
        start = starts[polygon]
        beside = lat[start : ends[polygon]]
        near[polygon] = start + ((beside >= south[polygon]) & (beside <= north[polygon])).nonzero()[0]
        waiting += len(near[polygon])
        # Small polygons are asked together: a call of its own takes longer than their few places.
        if waiting > _ASKED_TOGETHER:
            found.append(_inside(near, polygons, sorted_places))
            near, waiting = {}, 0
    found.append(_inside(near, polygons, sorted_places))
    place, owner = (np.concatenate(both) for both in zip(*found, strict=True))
    return sorted_places.order[place], owner


def _inside(near: dict[int, np.ndarray], polygons: np.ndarray, places: Eastward) -> tuple[np.ndarray, np.ndarray]:
    """Tell which of the places beside each polygon it holds: positions of places in their order, and of polygons."""
    row = np.concatenate([*near.values(), np.empty(0, dtype=np.intp)])
    owner = np.repeat(np.fromiter(near, dtype=np.intp, count=len(near)), [len(rows) for rows in near.values()])
    inside = shapely.intersects_xy(polygons[owner], places.lon[row], places.lat[row])
    return row[inside], owner[inside]


def distance_to_areas_km(places: np.ndarray, areas: gpd.GeoDataFrame) -> np.ndarray:
    """
    Give how far each place is from the nearest area, in km; 0 inside.

    The nearest spot of the border is looked for on a plane whose east-west scale fits the place, the distance to that
    spot is the geodesic: right to a few per cent, for telling a slip of the pen from a neighbour's village.
    """
    inside = lying_in(places, pd.RangeIndex(len(places)), areas).area_id.notna().to_numpy()
    away = np.zeros(len(places))
    away[~inside] = distance_to_borders_km(places[~inside], areas)
    return away


def distance_to_borders_km(places: np.ndarray, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Give how far each place outside the areas is from the nearest, in km, as :func:`distance_to_areas_km` does."""
    parts = shapely.get_parts(measurable(areas.geometry.to_numpy()))
    parts = parts[~shapely.is_empty(parts)]
    if not len(parts) or not len(places):
        return np.full(len(places), np.nan)
    lon, lat = places.T
    scale = np.array([np.cos(np.radians(np.clip(np.median(lat), -80, 80))), 1.0])
    borders = _pieces(shapely.transform(parts, lambda xy: xy * scale))
    there = spots(places * scale)
    lines = shapely.shortest_line(there, borders[shapely.STRtree(borders).nearest(there)])
    ends = shapely.get_coordinates(shapely.get_point(lines, -1)) / scale
    return np.asarray(GEOD.inv(lon, lat, ends[:, 0], ends[:, 1])[2]) / 1000


def _pieces(polygons: np.ndarray, size: int = 32) -> np.ndarray:
    """Cut the rings into short lines: a search tree then finds the near ones, and need not look along a whole coast."""
    corners, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    first = np.searchsorted(ring, ring)
    position = np.arange(len(ring)) - first
    last = np.append(ring[1:] != ring[:-1], values=True)
    joint = (position % size == 0) & (position > 0) & ~last
    corner = np.repeat(np.arange(len(ring)), 1 + joint)
    second = np.append(False, corner[1:] == corner[:-1])
    piece = np.cumsum(second | (position[corner] == 0)) - 1
    return np.asarray(shapely.linestrings(corners[corner], indices=piece))
