"""Slivers between neighbouring areas: narrow gaps that belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs import GEOD
from geo.layers.surface import area_km2

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH_M = 100.0
"""What is narrower is a sliver; the width of a polygon is its area over half its outline."""

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
    """Polygons, and for every pair of one and an area beside it the position of each."""

    polygons: NDArray[np.object_]
    sliver: NDArray[np.intp]
    area: NDArray[np.intp]

    @property
    def km2(self) -> float:
        """Their area together."""
        return float(area_km2(self.polygons).sum())


def gaps(geometry: NDArray[np.object_], *, fitting: bool) -> Slivers:
    """
    Find the narrow gaps between areas.

    A gap is closed where areas lie all round it, and at least two do. It may be open at its ends: then it is as long as
    ten times :data:`WIDTH_M` or longer, and two areas border a quarter of it each, for what is shorter cannot be told
    from a bay of the coast. Open gaps are looked for on a plane whose east-west scale fits the middle of the areas.

    Parameters
    ----------
    geometry : ndarray of polygons
        Valid, degrees of WGS84.
    fitting : bool
        Whether they are a valid coverage, whose union takes half the time.
    """
    union = shapely.coverage_union_all(geometry) if fitting else shapely.union_all(geometry)
    whole, _ = surfaces(np.array([union], dtype=object))
    closed, opened = _holes(whole), _narrows(whole)
    tree = shapely.STRtree(geometry)
    beside = [_beside(closed, tree), _bordering(opened, tree)]
    polygons = np.concatenate([closed, opened])
    sliver = np.concatenate([beside[0][0], beside[1][0] + len(closed)])
    area = np.concatenate([beside[0][1], beside[1][1]])
    between = np.bincount(sliver, minlength=len(polygons)) > 1
    places = np.cumsum(between) - 1
    kept = between[sliver]
    return Slivers(polygons[between], places[sliver[kept]], area[kept])


def widths_m(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """
    Give the width of each polygon in metres: its geodesic area over half the geodesic length of its outline.

    Examples
    --------
    >>> strip = shapely.box(109, 11, 110, 11.0001)
    >>> widths_m(np.array([strip])).round(2).tolist()
    [11.06]
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    places, ring = shapely.get_coordinates(rings, return_index=True)
    one, other = places[:-1], places[1:]
    lengths = np.where(ring[:-1] == ring[1:], GEOD.inv(*one.T, *other.T)[2], 0.0)
    outline_m = np.bincount(owner[ring[:-1]], weights=lengths, minlength=len(polygons))
    return np.asarray(2e6 * area_km2(polygons) / np.where(outline_m > 0, outline_m, 1.0))


def surfaces(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Give the polygons among the parts of geometries, and whose part each is."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    surface = (shapely.get_dimensions(parts) == _SURFACE) & ~shapely.is_empty(parts)
    return parts[surface], owner[surface]


def _slim(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    kept = (widths_m(polygons) < WIDTH_M) & (area_km2(polygons) >= LEAST_KM2)
    return polygons[kept]


def _holes(whole: NDArray[np.object_]) -> NDArray[np.object_]:
    rings, owner = shapely.get_rings(whole, return_index=True)
    return _slim(shapely.polygons(rings[np.diff(owner, prepend=-1) == 0]))


def _narrows(whole: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give what closes when the land grows by half a width and shrinks again, but for its holes, from a length on."""
    if not len(whole):
        return whole
    south, north = shapely.total_bounds(whole)[[1, 3]]
    scale = _DEGREE_M * np.array([np.cos(np.radians(np.clip((south + north) / 2, -80, 80))), 1.0])
    filled = shapely.polygons(shapely.get_exterior_ring(whole))
    land = shapely.union_all(shapely.transform(filled, lambda xy: xy * scale))
    grown = shapely.buffer(land, WIDTH_M / 2, quad_segs=4, join_style="mitre")
    closed = shapely.difference(shapely.buffer(grown, -WIDTH_M / 2, quad_segs=4, join_style="mitre"), land)
    parts, _ = surfaces(np.array([closed], dtype=object))
    long = parts[shapely.length(parts) / 2 >= _OPEN_WIDTHS * WIDTH_M]
    return _slim(shapely.transform(long, lambda xy: xy / scale))


def _beside(polygons: NDArray[np.object_], tree: shapely.STRtree) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    # Of each pair the one with more corners is prepared, which the tree does not do: one of a million corners would be
    # gone through for every one beside it.
    west, south, east, north = shapely.bounds(polygons).T
    near = _NEAR_DEGREES
    sliver, area = tree.query(shapely.box(west - near, south - near, east + near, north + near))
    shapely.prepare(tree.geometries)
    shapely.prepare(polygons)
    gap, land = polygons[sliver], tree.geometries[area]
    larger = shapely.get_num_coordinates(gap) > shapely.get_num_coordinates(land)
    beside = shapely.dwithin(np.where(larger, gap, land), np.where(larger, land, gap), near)
    return sliver[beside], area[beside]


def _bordering(polygons: NDArray[np.object_], tree: shapely.STRtree) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the pairs of a gap and an area on whose border a share of the gap's outline lies that is large enough."""
    corners, gap = shapely.get_coordinates(shapely.get_exterior_ring(polygons), return_index=True)
    along = gap[1:] == gap[:-1]
    lengths = np.hypot(*np.diff(corners, axis=0).T)[along]
    middles, gap = ((corners[1:] + corners[:-1]) / 2)[along], gap[1:][along]
    middle, area = tree.query(shapely.box(*(middles - _NEAR_DEGREES).T, *(middles + _NEAR_DEGREES).T))
    shapely.prepare(tree.geometries)
    near = shapely.dwithin(tree.geometries[area], shapely.points(middles[middle]), _NEAR_DEGREES)
    middle, area = middle[near], area[near]
    pairs, which = np.unique(np.column_stack([gap[middle], area]), axis=0, return_inverse=True)
    bordered = np.bincount(which.ravel(), weights=lengths[middle], minlength=len(pairs))
    outline = np.bincount(gap, weights=lengths, minlength=len(polygons))
    sliver, area = pairs.T
    enough = bordered / outline[sliver] >= _BORDERED
    return sliver[enough], area[enough]
