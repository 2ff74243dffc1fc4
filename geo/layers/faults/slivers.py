"""Slivers between neighbouring areas: narrow gaps that belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs.systems import GEOD
from geo.layers.crowds import buffered, few_pairs
from geo.layers.surface import area_km2

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH_M = 100.0
"""What is narrower is a sliver; the width of a polygon is the shorter side of the rectangle of its area and outline."""

LEAST_KM2 = 1e-6
"""Less than a square metre is what rounding leaves."""

# A gap that is open at an end is told from a bay by its length, in widths, and by how much of it each area borders.
_OPEN_WIDTHS = 10
_BORDERED = 0.25
# A centimetre: the borders of a union may lie beside those that it is made of by the rounding of a computation.
_NEAR_DEGREES = 1e-7
_DEGREE_M = 111_195.0
_SURFACE = 2


@dataclass(frozen=True)
class Slivers:
    """
    Polygons and their areas in km², and for every pair of one and an area beside it the position of each.

    `left` is a mask of the areas: those beside which gaps were not looked for.
    """

    polygons: NDArray[np.object_]
    each_km2: NDArray[np.float64]
    sliver: NDArray[np.intp]
    area: NDArray[np.intp]
    left: NDArray[np.bool_]

    @property
    def km2(self) -> float:
        """Their area together."""
        return float(self.each_km2.sum())


def gaps(geometry: NDArray[np.object_], *, fitting: bool, able: NDArray[np.bool_] | None = None) -> Slivers:
    """
    Find the narrow gaps between areas.

    A gap is closed where areas lie all round it, and at least two do. It may be open at its ends: then it is as long as
    ten times :data:`WIDTH_M` or longer, and two areas border a quarter of it each, for what is shorter cannot be told
    from a bay of the coast. Open gaps are looked for on a plane whose east-west scale fits the middle of the areas, and
    not on land whose outline is so crowded that the work would be out of proportion to its corners.

    Parameters
    ----------
    geometry : ndarray of polygons
        Valid, degrees of WGS84.
    fitting : bool
        Whether they are a valid coverage, whose union takes half the time.
    able : ndarray of bool, optional
        Which of them to join, as :func:`~geo.layers.crowds.comparable` tells; all. What the bounds of another
        meet is called no gap.
    """
    left = np.zeros(len(geometry), dtype=bool) if able is None else ~able
    places = np.flatnonzero(~left)
    geometry, away = geometry[places], _grown(shapely.bounds(geometry[left]))
    union = shapely.coverage_union_all(geometry) if fitting else shapely.union_all(geometry)
    whole, _ = surfaces(np.array([union], dtype=object))
    narrow, crowded = _narrows(whole)
    closed, opened = (_clear_of(away, *_slim(some)) for some in (_holes(whole), narrow))
    tree = shapely.STRtree(geometry)
    left[places[_standing_in(crowded, geometry)]] = True
    beside = [_beside(closed[0], tree), _bordering(opened[0], tree)]
    polygons, km2 = (np.concatenate(both) for both in zip(closed, opened, strict=True))
    sliver = np.concatenate([beside[0][0], beside[1][0] + len(closed[0])])
    area = places[np.concatenate([beside[0][1], beside[1][1]])]
    left[places[np.concatenate([one[2] for one in beside])]] = True
    between = np.bincount(sliver, minlength=len(polygons)) > 1
    number = np.cumsum(between) - 1
    kept = between[sliver]
    return Slivers(polygons[between], km2[between], number[sliver[kept]], area[kept], left)


def widths_m(polygons: NDArray[np.object_], km2: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """
    Give the width of each polygon in metres: the shorter side of the rectangle that has its area and its outline.

    Both are geodesic. What is more compact than a square, as a circle, has no such rectangle, and is as wide as the
    square of its outline. Areas in km² are computed where they are not given.

    Examples
    --------
    >>> strip = shapely.box(109, 11, 110, 11.0001)
    >>> widths_m(np.array([strip])).round(2).tolist()
    [11.06]
    >>> square = shapely.box(109, 0, 109.001, 0.001)
    >>> widths_m(np.array([square])).round(1).tolist()
    [110.6]
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    one, other = places[:-1], places[1:]
    lengths = np.where(ring[:-1] == ring[1:], GEOD.inv(*one.T, *other.T)[2], 0.0)
    half_m = np.bincount(owner[ring[:-1]], weights=lengths, minlength=len(polygons)) / 2
    m2 = 1e6 * (area_km2(polygons) if km2 is None else km2)
    # The sides add up to half the outline, and multiply to the area; the longer one first, for the shorter cancels.
    longer = (half_m + np.sqrt(np.maximum(half_m**2 - 4 * m2, 0))) / 2
    return np.asarray(np.where(half_m**2 < 4 * m2, longer, m2 / np.where(longer > 0, longer, 1.0)))


def surfaces(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Give the polygons among the parts of geometries, and whose part each is."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    surface = (shapely.get_dimensions(parts) == _SURFACE) & ~shapely.is_empty(parts)
    return parts[surface], owner[surface]


def _slim(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Give those that are slivers, and their areas in km²."""
    km2 = area_km2(polygons)
    kept = (widths_m(polygons, km2) < WIDTH_M) & (km2 >= LEAST_KM2)
    return polygons[kept], km2[kept]


def _clear_of(
    boxes: NDArray[np.object_], polygons: NDArray[np.object_], km2: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Give the slivers whose bounds meet none of the boxes, and their areas."""
    if not len(boxes) or not len(polygons):
        return polygons, km2
    bounds = shapely.box(*shapely.bounds(polygons).T)
    clear = ~shapely.intersects(bounds, boxes[shapely.STRtree(boxes).nearest(bounds)])
    return polygons[clear], km2[clear]


def _standing_in(lands: NDArray[np.object_], geometry: NDArray[np.object_]) -> NDArray[np.intp]:
    """Give the areas that lie in any of the lands."""
    if not len(lands):
        return np.empty(0, dtype=np.intp)
    return np.unique(shapely.STRtree(lands).query(shapely.point_on_surface(geometry), predicate="intersects")[0])


def _holes(whole: NDArray[np.object_]) -> NDArray[np.object_]:
    rings, owner = shapely.get_rings(whole, return_index=True)
    return np.asarray(shapely.polygons(rings[np.diff(owner, prepend=-1) == 0]), dtype=object)


def _narrows(whole: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """
    Give what closes when the land grows by half a width and shrinks again, but for its holes, from a length on.

    Beside it stand the lands, without their holes, that are too crowded to grow.
    """
    if not len(whole):
        return whole, whole
    south, north = shapely.total_bounds(whole)[[1, 3]]
    scale = _DEGREE_M * np.array([np.cos(np.radians(np.clip((south + north) / 2, -80, 80))), 1.0])
    filled = np.asarray(shapely.polygons(shapely.get_exterior_ring(whole)), dtype=object)
    plane = np.asarray(shapely.transform(filled, lambda xy: xy * scale), dtype=object)
    drawn = buffered(plane, WIDTH_M / 2)
    land, grown = shapely.union_all(plane[drawn]), shapely.union_all(_widened(plane[drawn], WIDTH_M / 2))
    shrunk = shapely.union_all(_widened(shapely.get_parts(grown), -WIDTH_M / 2))
    closed = shapely.difference(shrunk, land)
    parts, _ = surfaces(np.array([closed], dtype=object))
    long = parts[shapely.length(parts) / 2 >= _OPEN_WIDTHS * WIDTH_M]
    return shapely.transform(long, lambda xy: xy / scale), filled[~drawn]


def _widened(polygons: NDArray[np.object_], metres: float) -> NDArray[np.object_]:
    # One by one: a buffer round all at once looks for each of its parts at the edges of all the others.
    return np.asarray(shapely.buffer(polygons, metres, quad_segs=4, join_style="mitre"), dtype=object)


def _beside(
    polygons: NDArray[np.object_], tree: shapely.STRtree
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Give the pairs of a gap and an area beside it; and the areas whose bounds meet gaps that were not looked at."""
    # Of each pair the one with more corners is prepared, which the tree does not do: one of a million corners would be
    # gone through for every one beside it.
    boxes = _grown(shapely.bounds(polygons))
    sliver, area, done = few_pairs(tree, boxes)
    shapely.prepare(tree.geometries)
    shapely.prepare(polygons)
    gap, land = polygons[sliver], tree.geometries[area]
    larger = shapely.get_num_coordinates(gap) > shapely.get_num_coordinates(land)
    beside = shapely.dwithin(np.where(larger, gap, land), np.where(larger, land, gap), _NEAR_DEGREES)
    return sliver[beside], area[beside], _at(boxes[done:], tree)


def _bordering(
    polygons: NDArray[np.object_], tree: shapely.STRtree
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """
    Give the pairs of a gap and an area on whose border a share of the gap's outline lies that is large enough.

    Beside them stand the areas whose bounds meet gaps that were not looked at.
    """
    corners, gap = shapely.get_coordinates(shapely.get_exterior_ring(polygons), return_index=True)
    along = gap[1:] == gap[:-1]
    lengths = np.hypot(*np.diff(corners, axis=0).T)[along]
    middles, gap = ((corners[1:] + corners[:-1]) / 2)[along], gap[1:][along]
    boxes = _grown(np.hstack([middles, middles]))
    middle, area, done = few_pairs(tree, boxes)
    shapely.prepare(tree.geometries)
    near = shapely.dwithin(tree.geometries[area], shapely.points(middles[middle]), _NEAR_DEGREES)
    middle, area = middle[near], area[near]
    pairs, which = np.unique(np.column_stack([gap[middle], area]), axis=0, return_inverse=True)
    bordered = np.bincount(which.ravel(), weights=lengths[middle], minlength=len(pairs))
    outline = np.bincount(gap, weights=lengths, minlength=len(polygons))
    sliver, area = pairs.T
    enough = bordered / outline[sliver] >= _BORDERED
    return sliver[enough], area[enough], _at(boxes[done:], tree)


def _grown(bounds: NDArray[np.float64]) -> NDArray[np.object_]:
    west, south, east, north = bounds.T
    near = _NEAR_DEGREES
    return np.asarray(shapely.box(west - near, south - near, east + near, north + near), dtype=object)


def _at(boxes: NDArray[np.object_], tree: shapely.STRtree) -> NDArray[np.intp]:
    """Give what the bounds of all boxes together meet in a tree."""
    return tree.query(shapely.box(*shapely.total_bounds(boxes))) if len(boxes) else np.empty(0, dtype=np.intp)
