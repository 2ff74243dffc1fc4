"""How much of each of many polygons lies inside one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.measure.geodesic import area_km2

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MARGIN_DEGREES = 1e-3


def area_inside_km2(polygons: np.ndarray, shape: BaseGeometry) -> np.ndarray:
    """
    Give the geodesic area (WGS84) of each polygon's part inside a shape.

    A shape of many vertices is cut down as the polygons are halved by place, always a little beyond their bounds, so
    that no cut runs through a polygon and the cost grows with the vertices near each.

    Parameters
    ----------
    polygons : ndarray of polygons
        In EPSG:4326, valid; missing and empty ones have no part inside.
    shape : polygon or multipolygon
        In EPSG:4326, valid.

    Returns
    -------
    ndarray of float
        In km2, never above the polygon's own area.
    """
    inside = np.full(len(polygons), None, dtype=object)
    bounds = shapely.bounds(polygons)
    todo = [(np.flatnonzero(~np.isnan(bounds[:, 0])), shape)]
    while todo:
        rows, part = todo.pop()
        if not len(rows) or shapely.is_empty(part):
            continue
        west, south = bounds[rows, :2].min(axis=0) - _MARGIN_DEGREES
        east, north = bounds[rows, 2:].max(axis=0) + _MARGIN_DEGREES
        part = _clipped(part, (west, south, east, north))
        if len(rows) == 1 or shapely.get_num_coordinates(part) < 64:  # noqa: PLR2004 - cheaper than to cut on
            inside[rows] = shapely.intersection(polygons[rows], part)
            continue
        axis = int(north - south > east - west)
        rows = rows[np.argsort(bounds[rows, axis], kind="stable")]
        todo += [(half, part) for half in np.array_split(rows, 2)]
    return np.minimum(area_km2(inside), area_km2(polygons))


def _clipped(shape: BaseGeometry, bounds: tuple[float, float, float, float]) -> BaseGeometry:
    """Clip to a rectangle; the quick way of GEOS may leave an invalid shape, the sure way then does it again."""
    quick = shapely.clip_by_rect(shape, *bounds)
    return quick if shapely.is_valid(quick) else shapely.intersection(shape, shapely.box(*bounds))
