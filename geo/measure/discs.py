"""Geodesic discs: which places lie in any of them, and their outlines as polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo.crs.systems import GEOD
from geo.errors import FigureError
from geo.measure.geodesic import (
    ROUNDING_M,
    chord_m,
    coordinates,
    distance_m,
    geocentric_m,
    longest_m,
    reach_m,
)
from geo.measure.nearest import distinct, pairs_within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Discs with radii so alike are held against the places pair by pair.
_ALIKE = 1.02
_FEWEST_VERTICES = 3
# Much larger discs may hold both poles, or more than half of the Earth.
LARGEST_M = 2_000_000.0
_POLE = 90.0
_HALF_TURN = 180.0
_TURN = 360.0


@dataclass(frozen=True, kw_only=True)
class Round:
    """Places, or discs by ascending radius, with their Earth-centred coordinates."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    xyz: NDArray[np.float64]
    radius: NDArray[np.float64]

    def take(self, rows: slice | NDArray[np.intp]) -> Round:
        """Take some of the rows."""
        return Round(lon=self.lon[rows], lat=self.lat[rows], xyz=self.xyz[rows], radius=self.radius[rows])


def inside_discs(
    lon: ArrayLike, lat: ArrayLike, disc_lon: ArrayLike, disc_lat: ArrayLike, radius_m: ArrayLike
) -> NDArray[np.bool_]:
    """
    Whether each place lies in any of the discs: at most the disc's radius from its centre, exactly.

    The answer is that of comparing `pyproj.Geod.inv` with the radius for every pair. For a set of discs, the centre
    with the shortest chord settles most places: a place is inside where even the upper bound of its geodesic distance
    is within that disc's radius, and outside the whole set where the chord is longer than the largest radius can
    have. For the others the set is divided into its smaller and its larger discs, until radii are within 2 % of each
    other; then pairs are compared, by the bounds where they decide and by the geodesic distance where not. Of discs
    with one centre only the largest takes part.

    Parameters
    ----------
    lon, lat : array_like of float
        Places, WGS84 degrees. A place without coordinates is in no disc.
    disc_lon, disc_lat : array_like of float
        Centres, WGS84 degrees. A disc without coordinates holds nothing.
    radius_m : array_like of float
        Radii in metres, one per disc or one for all. A disc whose radius is missing, zero or negative holds nothing.

    Returns
    -------
    NDArray[bool]
        One answer per place.

    Raises
    ------
    FigureError
        Where longitudes, latitudes and radii are not equally many.

    Examples
    --------
    >>> inside_discs([109.0, 109.0], [11.0, 12.0], [109.0], [11.5], [55_309.1]).tolist()
    [True, False]
    """
    x, y, usable = coordinates(lon, lat)
    rows = np.flatnonzero(usable)
    xyz = geocentric_m(x[rows], y[rows])
    places = Round(lon=x[rows], lat=y[rows], xyz=xyz, radius=np.zeros(rows.size))
    discs = distinct_discs(disc_lon, disc_lat, radius_m)
    inside = np.zeros(x.size, dtype=np.bool_)
    inside[rows] = _inside(places, discs)
    return inside


def disc_polygons(lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike, vertices: int = 64) -> NDArray[np.object_]:
    """
    Geodesic discs as polygons that have the discs' areas.

    The vertices stand a little outside the disc (0.08 % of the radius for 64 of them), where a regular polygon on the
    sphere of the local mean curvature has the area of the disc. With 64 vertices, geodesic areas were within 2e-9 of
    the discs' for radii of 10 to 500 km at all latitudes, and within 1e-7 up to 2,000 km (below 10 km the areas
    themselves are only good to some tenths of a m²). Edges straight in degrees take off another 3e-7 at 100 km and
    1e-4 at 2,000 km.

    Parameters
    ----------
    lon, lat : array_like of float
        Centres, WGS84 degrees.
    radius_m : array_like of float
        Radii in metres, up to 2,000 km; one per disc or one for all.
    vertices : int
        Corners of each polygon, 3 or more.

    Returns
    -------
    NDArray[object]
        One polygon per disc in WGS84 degrees. A disc across the antimeridian is a MultiPolygon split there; one that
        holds a pole reaches it along the antimeridian. It is an empty polygon where a coordinate or the radius is
        missing, or the radius is not positive. Close to a pole a straight edge in degrees is not the geodesic.

    Raises
    ------
    FigureError
        Where longitudes, latitudes and radii are not equally many, a radius is above 2,000 km or vertices below 3.

    Examples
    --------
    >>> disc_polygons([179.999], [-17.0], [1000.0])[0].geom_type
    'MultiPolygon'
    """
    x, y, radius = _given_discs(lon, lat, radius_m)
    if vertices < _FEWEST_VERTICES or (radius > LARGEST_M).any():
        largest = radius.max(initial=0.0) / 1000.0
        msg = f"vertices is {vertices}, the largest radius {largest:g} km. Give at least 3, and at most 2000 km."
        raise FigureError(msg)
    drawn = np.full(x.size, shapely.Polygon(), dtype=object)
    rows = np.flatnonzero(radius > 0.0)
    if not rows.size:
        return drawn
    rings = _rings(x[rows], y[rows], radius[rows], vertices)
    drawn[rows] = shapely.polygons(rings)
    seam = np.flatnonzero((np.abs(np.diff(rings[:, :, 0])) > _HALF_TURN).any(axis=1))
    # One by one: discs across the antimeridian are few, and each is cut in its own way.
    for disc in seam.tolist():
        drawn[rows[disc]] = _cut(rings[disc])
    return drawn


def _given_discs(
    lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Centres and radii; the radius is 0 where a disc holds nothing."""
    x, y, usable = coordinates(lon, lat)
    given = np.asarray(radius_m, dtype=np.float64)
    if given.shape not in {(), x.shape}:
        msg = f"radius_m has the shape {given.shape}, the centres {x.shape}. Give one radius per disc, or one for all."
        raise FigureError(msg)
    return x, y, np.where(usable & (given > 0.0), given, 0.0)


def distinct_discs(lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike) -> Round:
    """
    Discs that hold something, by ascending radius; of those with one centre only the largest.

    Parameters
    ----------
    lon, lat : array_like of float
        Centres, WGS84 degrees.
    radius_m : array_like of float
        Radii in metres, one per disc or one for all.

    Returns
    -------
    Round
        The discs, without those whose centre or radius is missing, or whose radius is not positive.

    Raises
    ------
    FigureError
        Where longitudes, latitudes and radii are not equally many.

    Examples
    --------
    >>> distinct_discs([109.0, 109.0, 110.0], [11.0, 11.0, 11.0], [300.0, 900.0, 500.0]).radius.tolist()
    [500.0, 900.0]
    """
    x, y, radius = _given_discs(lon, lat, radius_m)
    rows = distinct(np.where(radius > 0.0, x, np.nan), y, -radius)[::-1]
    return Round(lon=x[rows], lat=y[rows], xyz=geocentric_m(x[rows], y[rows]), radius=radius[rows])


def _inside(places: Round, discs: Round) -> NDArray[np.bool_]:
    inside = np.zeros(places.radius.size, dtype=np.bool_)
    waiting = [(0, discs.radius.size, np.arange(inside.size))]
    while waiting:
        start, end, rows = waiting.pop()
        rows = rows[~inside[rows]]
        if start == end or not rows.size:
            continue
        part = discs.take(slice(start, end))
        tree = cKDTree(part.xyz)
        sure, doubtful = _by_nearest_centre(places.xyz[rows], part, tree)
        inside[rows[sure]] = True
        rows = rows[doubtful]
        smallest, largest = part.radius[0], part.radius[-1]
        if largest <= _ALIKE * smallest:
            inside[rows[_by_pairs(places.take(rows), part, tree)]] = True
            continue
        middle = start + int(np.searchsorted(part.radius, np.sqrt(smallest * largest)))
        # The larger half is taken first: it settles more places.
        waiting += [(start, middle, rows), (middle, end, rows)]
    return inside


def _by_nearest_centre(
    xyz: NDArray[np.float64], discs: Round, tree: cKDTree
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which places are surely inside, and which may be."""
    reach = float(reach_m(discs.radius[-1:])[0])
    chord, nearest = tree.query(xyz, workers=-1, distance_upper_bound=np.nextafter(reach, np.inf))
    near = np.isfinite(chord)
    # Where nothing is near the tree gives a row that does not exist.
    own_radius = discs.radius[np.where(near, nearest, 0)]
    sure = near & (longest_m(chord) + ROUNDING_M <= own_radius)
    return sure, near & ~sure


def _by_pairs(places: Round, discs: Round, tree: cKDTree) -> NDArray[np.bool_]:
    """Which places are inside, by every pair that is close enough to matter."""
    inside = np.zeros(places.radius.size, dtype=np.bool_)
    reach = np.full(inside.size, reach_m(discs.radius[-1:])[0])
    for place, disc in pairs_within(tree, places.xyz, reach):
        chord = chord_m(places.xyz[place], discs.xyz[disc])
        radius = discs.radius[disc]
        inside[place[longest_m(chord) + ROUNDING_M <= radius]] = True
        doubt = ~inside[place] & (chord <= reach_m(radius))
        row, centre = place[doubt], disc[doubt]
        apart = distance_m(places.lon[row], places.lat[row], discs.lon[centre], discs.lat[centre])
        inside[row[apart <= radius[doubt]]] = True
    return inside


def _rings(
    lon: NDArray[np.float64], lat: NDArray[np.float64], radius: NDArray[np.float64], vertices: int
) -> NDArray[np.float64]:
    """Draw closed rings, anticlockwise: (discs, vertices + 1, 2)."""
    azimuth = np.linspace(_TURN, 0.0, vertices, endpoint=False)
    shape = (lon.size, vertices)
    reach = _vertex_radius(lat, radius, vertices)
    x, y, distance = (np.broadcast_to(values[:, None], shape).ravel() for values in (lon, lat, reach))
    corner_lon, corner_lat, _ = GEOD.fwd(x, y, np.tile(azimuth, lon.size), distance)
    ring = np.stack([np.reshape(corner_lon, shape), np.reshape(corner_lat, shape)], axis=-1)
    return np.concatenate([ring, ring[:, :1]], axis=1)


def _vertex_radius(lat: NDArray[np.float64], radius: NDArray[np.float64], vertices: int) -> NDArray[np.float64]:
    """
    Distance of the vertices that gives a regular polygon the disc's area, on the sphere of the mean curvature.

    A spherical triangle with two sides p that meet at the angle A has the excess E with
    tan(E / 2) = sin A tan²(p / 2) / (1 + cos A tan²(p / 2)); the disc's share of each is E = 4 pi sin²(r / 2) / n.
    """
    squared = GEOD.es * np.sin(np.radians(lat)) ** 2
    sphere = GEOD.b / (1.0 - squared)
    angle = 2.0 * np.pi / vertices
    excess = angle * 2.0 * np.sin(radius / sphere / 2.0) ** 2
    tangent = np.tan(excess / 2.0)
    half = np.sqrt(tangent / (np.sin(angle) - np.cos(angle) * tangent))
    reach: NDArray[np.float64] = 2.0 * sphere * np.arctan(half)
    return reach


def _cut(ring: NDArray[np.float64]) -> shapely.Geometry:
    """Cut a ring that crosses the antimeridian, with its corners there on the geodesic."""
    # A turn is +1 where the ring goes west across the antimeridian, -1 where it goes east.
    turns = np.rint(np.diff(ring[:, 0]) / _TURN)
    base = -_TURN * np.cumsum(np.append(0.0, turns))
    corners = np.column_stack([ring[:, 0] + base, ring[:, 1]])
    crossing = np.flatnonzero(turns)
    seam_lon = base[crossing] - _HALF_TURN * turns[crossing]
    seam_lat = _latitude_at_seam(ring[crossing], ring[crossing + 1])
    corners = np.insert(corners, crossing + 1, np.column_stack([seam_lon, seam_lat]), axis=0)
    if turns.sum():
        return _around_pole(corners, int(crossing[0]) + 1)
    moved = [shapely.Polygon(corners + np.array([by, 0.0])) for by in (-_TURN, 0.0, _TURN)]
    window = shapely.box(-_HALF_TURN, -_POLE, _HALF_TURN, _POLE)
    parts = shapely.get_parts(shapely.intersection(moved, window))
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return shapely.MultiPolygon(list(parts[areal & ~shapely.is_empty(parts)]))


def _latitude_at_seam(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitude where edges cross the antimeridian, in the plane through their ends and the Earth's centre."""
    a, b = geocentric_m(start[:, 0], start[:, 1]), geocentric_m(end[:, 0], end[:, 1])
    share = a[:, 1] / (a[:, 1] - b[:, 1])
    x, _, z = (a + share[:, None] * (b - a)).T
    latitude: NDArray[np.float64] = np.degrees(np.arctan2(z, np.abs(x) * (1.0 - GEOD.es)))
    return latitude


def _around_pole(corners: NDArray[np.float64], seam: int) -> shapely.Polygon:
    """Close the outline of a disc that holds a pole along the antimeridian, from its corner there."""
    around = corners[-1] - corners[0]
    path = np.concatenate([corners[seam:], corners[1 : seam + 1] + around * [1.0, 0.0]])
    path[:, 0] -= (path[0, 0] + path[-1, 0]) / 2.0
    pole = np.copysign(_POLE, corners[0, 1])
    return shapely.Polygon([*path, (path[-1, 0], pole), (path[0, 0], pole)])
