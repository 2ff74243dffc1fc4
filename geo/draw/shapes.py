"""The shapes of the page: how far it reaches, where names stand, outlines that are light enough to travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.draw import pack
from geo.layers.place import dissolved

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.study.results import Results

LIGHT_VERTICES = 120_000
"""No page carries more vertices of areas than about this many: 500 kB."""

STEP = 2e-4
"""Borders are simplified to this many degrees, 20 m: a pixel where a commune fills the screen."""

COARSEST = 16 * STEP
"""Borders are never simplified by more than this: 350 m, a pixel where a country fills the screen."""

_STEPS_PER_QUANTUM = 4
_STRIP = 16
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


def light_enough(shapes: gpd.GeoSeries) -> tuple[NDArray[np.object_], float]:
    """
    Simplify shapes to what a screen can show, and say to how many degrees their vertices may be rounded.

    Borders are simplified together, so that neighbours still share them: by `STEP`, and where more than
    `LIGHT_VERTICES` vertices are left, by four times that, and so on up to `COARSEST`. Measures never use these shapes.
    """
    outlines = np.asarray(shapes, dtype=object)
    step = _step_for(outlines)
    simplified = shapely.coverage_simplify(outlines, step)
    while step < COARSEST and shapely.get_num_coordinates(simplified).sum() > LIGHT_VERTICES:
        step *= 4
        simplified = shapely.coverage_simplify(simplified, step)
    return np.asarray(simplified), step / _STEPS_PER_QUANTUM


def _step_for(outlines: NDArray[np.object_]) -> float:
    """Foresee by a strip of neighbours which step leaves few enough vertices."""
    west = shapely.bounds(outlines)[:, 0]
    strip = np.sort(np.argsort(west, kind="stable")[: len(west) // _STRIP])
    share = shapely.get_num_coordinates(outlines).sum() / max(1, shapely.get_num_coordinates(outlines[strip]).sum())
    step, part = STEP, outlines[strip]
    while len(strip) and step < COARSEST:
        part = shapely.coverage_simplify(part, step)
        if share * shapely.get_num_coordinates(part).sum() <= LIGHT_VERTICES:
            break
        step *= 4
    return step


def packed_shapes(outlines: NDArray[np.object_], quantum: float) -> dict[str, object]:
    """Pack shapes that are light enough."""
    return {"quantum": quantum, **pack.polygons(outlines, quantum)}


def label_places(areas: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give for each area the longitude and latitude of a place on it where its name can stand (0, 0: none)."""
    places = areas.geometry.representative_point()
    return np.nan_to_num(places.x.to_numpy()), np.nan_to_num(places.y.to_numpy())


def parents_of(areas: gpd.GeoDataFrame, outlines: NDArray[np.object_]) -> tuple[dict[str, object], NDArray[np.int64]]:
    """
    Give each parent (a district of communes) with the place of its name, and each area's parent by position.

    `outlines` are the areas' shapes, simplified. Those of the parents do not travel: they are the borders between
    areas of different parents. There are no parents (and every position is -1) where the areas have none, or only
    one.
    """
    names = areas["parent"].where(areas["parent"].notna() & areas.geometry.notna())
    position, groups = pd.factorize(names.astype(object), sort=True)
    if len(groups) == 1:
        position, groups = np.full(len(areas), -1), groups[:0]
    wholes = [dissolved(outlines[position == number]) for number in range(len(groups))]
    # The middle of the largest circle that fits in: a name there stays clear of the outline.
    circles = shapely.maximum_inscribed_circle(np.array(wholes, dtype=object), tolerance=10 * STEP)
    places = shapely.get_point(circles, 0)
    document = {
        "count": len(groups),
        "name": pack.texts(groups),
        "lon": pack.degrees(shapely.get_x(places)),
        "lat": pack.degrees(shapely.get_y(places)),
    }
    return document, position
