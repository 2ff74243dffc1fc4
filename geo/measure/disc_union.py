"""The union of geodesic discs as polygons, drawn along the exposed arcs of their rims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs.systems import GEOD
from geo.measure.disc_area import SPHERE_KM2, area_of_arcs_km2, authalic
from geo.measure.discs import disc_polygons, distinct_discs
from geo.measure.exposed import corners, exposed_arcs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    from geo.measure.discs import Round
    from geo.measure.exposed import Arcs

# The longest step along an arc. Half as many corners to a turn moved a small commune's share by 4e-4, these by 6e-5.
_STEP = 2.0 * np.pi / 128
_FEWEST_STEPS = 2
_HALF_TURN = 180.0
# A union that is drawn worse than this is made of the discs' polygons instead.
_ERROR = 1e-4


def discs_union(lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike) -> BaseGeometry:
    """
    Union of geodesic discs as polygons that have the union's area.

    Along each arc of the outline the corners stand a little outside the disc (at most 0.04 % of the radius), where the
    polygon has the area of the arc's sector. The area is held against the exact one of
    :func:`~geo.measure.disc_area.discs_area_km2`: it was within 1e-8 for thousands of discs, within 1e-5 where all of
    them barely touched. Where it is off by more than 1e-4, where discs cross the antimeridian or hold a pole, and where
    more than two rims cross at one spot, the union is that of the polygons of
    :func:`~geo.measure.discs.disc_polygons`, which takes several times as long.

    Parameters
    ----------
    lon, lat : array_like of float
        Centres, WGS84 degrees. A disc without coordinates holds nothing.
    radius_m : array_like of float
        Radii in metres, up to 2,000 km; one per disc or one for all. A disc whose radius is missing, zero or negative
        holds nothing.

    Returns
    -------
    BaseGeometry
        Polygon or MultiPolygon, valid, in WGS84 degrees; empty where no disc holds anything.

    Raises
    ------
    FigureError
        Where longitudes, latitudes and radii are not equally many, or a radius is above 2,000 km.

    Examples
    --------
    >>> shapely.get_num_geometries(discs_union([109.0, 109.0, 110.0], [11.0, 11.01, 11.0], 5000.0)).item()
    2
    """
    discs = distinct_discs(lon, lat, radius_m)
    if not discs.radius.size:
        return shapely.Polygon()
    arcs = exposed_arcs(discs)
    alone = disc_polygons(discs.lon[arcs.whole], discs.lat[arcs.whole], discs.radius[arcs.whole])
    drawn = np.append(_outlined(discs, arcs), alone)
    # Few of them touch: those that do not are not taken apart.
    union = shapely.disjoint_subset_union_all(shapely.get_parts(drawn))
    exact = area_of_arcs_km2(discs, arcs)
    if abs(_flat_km2(union) - exact) <= _ERROR * exact:
        return union
    return shapely.union_all(disc_polygons(discs.lon, discs.lat, discs.radius))


def _outlined(discs: Round, arcs: Arcs) -> NDArray[np.object_]:
    """Polygons of the discs whose rims are exposed in part; none where the outline does not close as it should."""
    none = np.array([], dtype=object)
    by_last = np.argsort(arcs.last)
    last = arcs.last[by_last]
    closes = np.array_equal(np.sort(arcs.first), last) and (np.diff(last) > 0).all()
    if not arcs.disc.size or not closes:
        return none
    # Anticlockwise round the union, an arc runs from its last corner to its first, the last one of the next arc.
    order, starts = _walked(by_last[np.searchsorted(last, arcs.first)])
    coords, steps = _corners(discs, arcs, order)
    size = np.add.reduceat(steps, starts)
    first = np.cumsum(size) - size
    # Each ring ends where it begins.
    coords = np.insert(coords, first + size, coords[first], axis=0)
    ring = np.repeat(np.arange(size.size), size + 1)
    seam = (np.abs(np.diff(coords[:, 0])) > _HALF_TURN) & (np.diff(ring) == 0)
    if seam.any():
        return none
    return _nested(np.asarray(shapely.linearrings(coords, indices=ring), dtype=object))


def _walked(following: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Follow the arcs round every outline: their order, and where in it each outline starts."""
    after = following.tolist()
    order: list[int] = []
    starts = []
    seen = bytearray(len(after))
    # A walk has no other way than step by step; a hundred thousand take some hundredths of a second.
    for start in range(len(after)):
        if not seen[start]:
            starts.append(len(order))
        arc = start
        while not seen[arc]:
            seen[arc] = True
            order.append(arc)
            arc = after[arc]
    return np.array(order), np.array(starts)


def _corners(discs: Round, arcs: Arcs, order: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """
    Give the corners along the arcs, each arc's from its last corner up to before its first, and how many they are.

    With n steps of t to an arc and the corners between at f times the radius, the polygon has the area of the sector
    where (n - 2) f² + 2 f = n t / sin t.
    """
    width = (arcs.stop - arcs.start)[order]
    steps = np.maximum(np.ceil(width / _STEP).astype(np.intp), _FEWEST_STEPS)
    step = width / steps
    share = steps * step / np.sin(step)
    farther = share / (1.0 + np.sqrt(1.0 + (steps - 2) * share))
    arc = np.repeat(np.arange(order.size), steps)
    number = np.arange(arc.size) - np.repeat(np.cumsum(steps) - steps, steps)
    disc = arcs.disc[order][arc]
    azimuth = np.degrees(arcs.stop[order][arc] - number * step[arc])
    coords = np.column_stack(GEOD.fwd(discs.lon[disc], discs.lat[disc], azimuth, discs.radius[disc] * farther[arc])[:2])
    lon, lat, at = corners(discs, arcs)
    last = at[arcs.disc.size :][order]
    coords[number == 0] = np.column_stack([lon[last], lat[last]])
    return coords, steps


def _nested(rings: NDArray[np.object_]) -> NDArray[np.object_]:
    """Make valid polygons of outlines, anticlockwise, and holes, clockwise: each in the smallest outline round it."""
    is_shell = shapely.is_ccw(rings)
    shells = np.asarray(shapely.polygons(rings[is_shell]), dtype=object)
    holes = rings[~is_shell]
    shell, hole = shapely.STRtree(shapely.get_point(holes, 0)).query(shells, predicate="contains")
    by_size = np.lexsort((shapely.area(shells[shell]), hole))
    shell, hole = shell[by_size], hole[by_size]
    smallest = np.diff(hole, prepend=-1) != 0
    shell, hole = shell[smallest], hole[smallest]
    by_shell = np.argsort(shell, kind="stable")
    with_holes, starts = np.unique(shell[by_shell], return_index=True)
    outlines, made = rings[is_shell], shells.copy()
    for number, own in zip(with_holes.tolist(), np.split(hole[by_shell], starts[1:]), strict=False):
        made[number] = shapely.Polygon(outlines[number], holes[own])
    # Where rims come closer than the corners stand out, an outline may cross itself.
    crossed = np.flatnonzero(~shapely.is_valid(made))
    made[crossed] = shapely.make_valid(made[crossed], method="structure", keep_collapsed=False)
    return made


def _flat_km2(shape: BaseGeometry) -> float:
    """Area on the authalic cylinder, where edges straight in degrees are as good as straight."""

    def projected(lon_lat: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = lon_lat.T
        return np.column_stack([np.radians(lon), authalic(lon, lat)[:, 2]])

    return float(shapely.area(shapely.transform(shape, projected)) * SPHERE_KM2)
