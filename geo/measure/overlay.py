"""How much of each of many polygons lies inside one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.measure.geodesic import area_km2

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MARGIN_DEGREES = 1e-3
# Below so many vertices, or for so few polygons, an intersection is cheaper than another cut of the shape.
_FEW_VERTICES = 512
_FEW_POLYGONS = 4


def area_inside_km2(polygons: np.ndarray, own_km2: np.ndarray, shape: BaseGeometry) -> np.ndarray:
    """
    Give the geodesic area (WGS84) of each polygon's part inside a shape.

    A polygon that lies wholly inside has its own area, to the last digit; only those that the shape's border crosses
    are cut.

    Parameters
    ----------
    polygons : ndarray of polygons
        In EPSG:4326, valid; missing and empty ones have no part inside.
    own_km2 : ndarray of float
        The area of each polygon.
    shape : polygon or multipolygon
        In EPSG:4326, valid.

    Returns
    -------
    ndarray of float
        In km2, from 0 to the polygon's own area.
    """
    shapely.prepare(shape)
    within = shapely.covers(shape, polygons)
    beside = np.flatnonzero(~within)
    crossed = beside[shapely.intersects(shape, polygons[beside])]
    inside = np.where(within, own_km2, 0.0)
    inside[crossed] = np.minimum(area_km2(intersections(polygons[crossed], shape)), own_km2[crossed])
    return inside


def intersections(polygons: np.ndarray, shape: BaseGeometry) -> np.ndarray:
    """
    Intersect each polygon with the shape.

    The shape is cut down as the polygons are halved by place, always a little beyond their bounds: no cut runs through
    a polygon, and the cost grows with the vertices near each.
    """
    result = np.full(len(polygons), None, dtype=object)
    bounds = shapely.bounds(polygons)
    todo = [(np.arange(len(polygons)), shape)]
    while todo:
        rows, around = todo.pop()
        if not len(rows):
            continue
        low, high = bounds[rows, :2].min(axis=0) - _MARGIN_DEGREES, bounds[rows, 2:].max(axis=0) + _MARGIN_DEGREES
        part = _clipped(around, (low[0], low[1], high[0], high[1]))
        if len(rows) <= _FEW_POLYGONS or shapely.get_num_coordinates(part) < _FEW_VERTICES:
            result[rows] = shapely.intersection(polygons[rows], part)
            continue
        rows = rows[np.argsort(bounds[rows, int(np.argmax(high - low))], kind="stable")]
        half = len(rows) // 2
        todo += [(rows[:half], part), (rows[half:], part)]
    return result


def _clipped(shape: BaseGeometry, bounds: tuple[float, float, float, float]) -> BaseGeometry:
    """Clip to a rectangle; the quick way of GEOS may leave an invalid shape, the sure way then does it again."""
    quick = shapely.clip_by_rect(shape, *bounds)
    return quick if shapely.is_valid(quick) else shapely.intersection(shape, shapely.box(*bounds))
