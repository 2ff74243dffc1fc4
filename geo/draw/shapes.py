"""The shapes of the page: how far it reaches, where names stand, outlines that are light enough to travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.draw import pack

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.results import Results

LIGHT_VERTICES = 60_000
"""Outlines with no more vertices than this travel as they are: about 150 kB in the page."""

_STEPS_ACROSS = 4_000
_WORLD = [-180.0, -60.0, 180.0, 75.0]
_MERCATOR_EDGE = 85.0


def bounds_of(results: Results) -> list[float]:
    """Give (west, south, east, north) in degrees of all that the page draws; of the world where there is nothing."""
    layers = (results.areas, results.villages, results.points)
    boxes = np.array([layer.total_bounds for layer in layers if len(layer)])
    boxes = boxes[~np.isnan(boxes).any(axis=1)] if len(boxes) else boxes
    if not len(boxes):
        return _WORLD
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return [west, max(south, -_MERCATOR_EDGE), east, min(north, _MERCATOR_EDGE)]


def light_enough(shapes: gpd.GeoSeries) -> NDArray[np.object_]:
    """
    Give the shapes, simplified where they have more than `LIGHT_VERTICES` vertices.

    Borders are simplified together, so that neighbours still share them; the step is a 4,000th of the diagonal
    of the whole, less than a pixel of a full screen. Measures never use these shapes.
    """
    outlines = np.asarray(shapes, dtype=object)
    if shapely.get_num_coordinates(outlines).sum() <= LIGHT_VERTICES:
        return outlines
    west, south, east, north = shapes.total_bounds
    tolerance = float(np.hypot(east - west, north - south)) / _STEPS_ACROSS
    return np.asarray(shapely.coverage_simplify(outlines, tolerance))


def label_places(areas: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give for each area the longitude and latitude of a place on it where its name can stand (0, 0: none)."""
    places = areas.geometry.representative_point()
    return np.nan_to_num(places.x.to_numpy()), np.nan_to_num(places.y.to_numpy())


def outlines_by_parent(areas: gpd.GeoDataFrame) -> dict[str, object]:
    """
    Give the outline and the label's place of each parent (a district of communes), packed.

    There is none where the areas have no parent or only one.
    """
    named = areas[areas["parent"].notna() & areas.geometry.notna()]
    groups = dict(iter(named.groupby(named["parent"].astype(str)).geometry)) if len(named) else {}
    if len(groups) == 1:
        groups = {}
    outlines = pd.Series({name: shapely.union_all(light_enough(group)) for name, group in groups.items()}, dtype=object)
    # The middle of the largest circle that fits in: a name there stays clear of the outline.
    circles = shapely.maximum_inscribed_circle(outlines.to_numpy(dtype=object))
    places = shapely.get_point(circles, 0)
    return {
        "count": len(outlines),
        "name": pack.texts(outlines.index),
        "lon": pack.degrees(shapely.get_x(places)),
        "lat": pack.degrees(shapely.get_y(places)),
        "shape": pack.polygons(outlines.to_numpy(dtype=object)),
    }
