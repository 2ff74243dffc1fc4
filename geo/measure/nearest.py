"""The exact nearest point of each place on the WGS84 ellipsoid, at the price of one search by straight chord."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from geo.errors import FigureError
from geo.measure.geodesic import (
    BENT_UP_TO_M,
    bent_m,
    coordinates,
    distance_m,
    geocentric_m,
    longest_m,
    reach_m,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

# Points that are no more than a micrometre farther than the nearest one are as near.
TIE_M = 1e-6

_PLACES_AT_ONCE = 200_000
_PAIRS_AT_ONCE = 1_000_000
_POLE = 90.0
_ANTIMERIDIAN = 180.0


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """
    Which point is nearest to each place, and how far it is.

    `index` is the point's position among the points, or -1 where a place has no coordinates or there is no point;
    `distance_m` is the geodesic distance in metres, NaN there. Both are in the order of the places.
    """

    index: NDArray[np.intp]
    distance_m: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class _Points:
    """The distinct points, the preferred ones first: `index` leads back to the caller's order."""

    index: NDArray[np.intp]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    xyz: NDArray[np.float64]
    tree: cKDTree


def nearest(
    lon: ArrayLike,
    lat: ArrayLike,
    point_lon: ArrayLike,
    point_lat: ArrayLike,
    *,
    rank: ArrayLike | None = None,
) -> Nearest:
    """
    Nearest point of each place by geodesic distance, exactly as if every pair were compared.

    A tree of Earth-centred coordinates gives the two points with the shortest chords. If the first is at most
    U = :func:`~geo.measure.geodesic.longest_m` away, any point as near has a chord of at most
    W = :func:`~geo.measure.geodesic.reach_m` of U and a micrometre. Where the second chord is longer than W, the first
    point is the answer; elsewhere all points within W are compared by `pyproj.Geod.inv`, every point where the
    nearest chord exceeds 12,600 km. W exceeds the chord by 0.02 mm at 10 km, 2 cm at 100 km and 21 m at 1,000 km, so
    there is little to compare, unless the places are a continent away from a dense cluster of points.

    Parameters
    ----------
    lon, lat : array_like of float
        Places, WGS84 degrees.
    point_lon, point_lat : array_like of float
        Points, WGS84 degrees. Those without coordinates, or beyond a pole, are nobody's nearest.
    rank : array_like of int, optional
        One number per point. Of points within a micrometre of the nearest one the lowest number wins, and of equal
        numbers the first. By default the order of the points.

    Returns
    -------
    Nearest
        Index and distance in metres, in the order of the places. Distances are within 2e-8 m of `pyproj.Geod.inv`.

    Raises
    ------
    FigureError
        Where longitudes, latitudes and ranks are not equally many.

    Examples
    --------
    >>> found = nearest([109.0, 109.0, float("nan")], [11.0, 11.9, 11.0], [109.0, 109.0], [11.1, 12.0])
    >>> found.index.tolist(), found.distance_m.round(1).tolist()
    ([0, 1, -1], [11061.5, 11062.2, nan])
    """
    x, y, usable = coordinates(lon, lat)
    index = np.full(x.size, -1, dtype=np.intp)
    metres = np.full(x.size, np.nan)
    points = _points(point_lon, point_lat, rank)
    rows = np.flatnonzero(usable) if points.index.size else np.array([], dtype=np.intp)
    for start in range(0, rows.size, _PLACES_AT_ONCE):
        some = rows[start : start + _PLACES_AT_ONCE]
        found, metres[some] = _nearest(x[some], y[some], points)
        index[some] = points.index[found]
    return Nearest(index=index, distance_m=metres)


def distinct(lon: NDArray[np.float64], lat: NDArray[np.float64], rank: NDArray[np.generic]) -> NDArray[np.intp]:
    """
    One row of each position: the one with the lowest rank, the first of equals; in the order of rank.

    A thousand points on one spot would otherwise all be compared with each other for every place around.

    Parameters
    ----------
    lon, lat : NDArray[float64]
        WGS84 degrees. Rows that are no place on Earth are left out. Longitudes mean nothing at a pole and repeat
        after 360 degrees.
    rank : NDArray
        What to sort by, one value per row.

    Returns
    -------
    NDArray[intp]
        Rows to keep, the lowest rank first.

    Examples
    --------
    >>> distinct(np.array([180.0, -180.0, 9.0]), np.array([1.0, 1.0, 2.0]), np.array([8, 7, 3])).tolist()
    [2, 1]
    """
    _, _, usable = coordinates(lon, lat)
    order = np.argsort(rank, kind="stable")
    order = order[usable[order]]
    x, y = lon[order], lat[order]
    x = x - 360.0 * np.rint(x / 360.0)
    x = np.where(x == -_ANTIMERIDIAN, _ANTIMERIDIAN, x)
    x = np.where(np.abs(y) == _POLE, 0.0, x)
    by_place = np.lexsort((y, x))
    x, y = x[by_place], y[by_place]
    # lexsort is stable: the first of equal positions has the lowest rank.
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = (np.diff(x) != 0.0) | (np.diff(y) != 0.0)
    return order[np.sort(by_place[first])]


def pairs_within(
    tree: cKDTree, xyz: NDArray[np.float64], reach: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """
    Every pair of a place and a point whose chord is at most the place's reach, a bounded number at a time.

    Parameters
    ----------
    tree : scipy.spatial.cKDTree
        Of the points' Earth-centred coordinates.
    xyz : NDArray[float64]
        Earth-centred coordinates of the places in metres.
    reach : NDArray[float64]
        Longest chord in metres, one per place.

    Yields
    ------
    tuple of NDArray[intp]
        Rows of places, ascending, and rows of points. All pairs of one place come together.

    Examples
    --------
    >>> places = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0]])
    >>> batches = pairs_within(cKDTree(places + 1.0), places, np.array([2.0, 20.0]))
    >>> [(place.tolist(), sorted(point.tolist())) for place, point in batches]
    [([0, 1, 1], [0, 0, 1])]
    """
    counts = tree.query_ball_point(xyz, reach, workers=-1, return_length=True)
    batch = (np.cumsum(counts) - counts) // _PAIRS_AT_ONCE
    edges = [0, *(np.flatnonzero(np.diff(batch)) + 1).tolist(), counts.size]
    for start, end in pairwise(edges):
        total = int(counts[start:end].sum())
        if not total:
            continue
        lists = tree.query_ball_point(xyz[start:end], reach[start:end], workers=-1)
        points = np.fromiter(chain.from_iterable(lists), dtype=np.intp, count=total)
        yield np.repeat(np.arange(start, end), counts[start:end]), points


def _points(lon: ArrayLike, lat: ArrayLike, rank: ArrayLike | None) -> _Points:
    x, y, _ = coordinates(lon, lat)
    order = np.arange(x.size) if rank is None else np.asarray(rank)
    if order.shape != x.shape:
        msg = f"rank has the shape {order.shape}, the points {x.shape}. Give one number per point."
        raise FigureError(msg)
    index = distinct(x, y, order)
    xyz = geocentric_m(x[index], y[index])
    return _Points(index=index, lon=x[index], lat=y[index], xyz=xyz, tree=cKDTree(xyz))


def _nearest(
    lon: NDArray[np.float64], lat: NDArray[np.float64], points: _Points
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    xyz = geocentric_m(lon, lat)
    # Where there is one point alone, the second chord is infinite.
    chords, found = points.tree.query(xyz, k=2, workers=-1)
    best = found[:, 0].astype(np.intp)
    metres = np.empty(best.size)
    window = reach_m(longest_m(chords[:, 0]) + TIE_M)
    sole = chords[:, 1] > window
    short = sole & (chords[:, 0] <= BENT_UP_TO_M)
    metres[short] = bent_m(xyz[short], points.xyz[best[short]])
    far = np.flatnonzero(sole & ~short)
    metres[far] = distance_m(lon[far], lat[far], points.lon[best[far]], points.lat[best[far]])
    open_ = np.flatnonzero(~sole)
    for place, point in pairs_within(points.tree, xyz[open_], window[open_]):
        row = open_[place]
        apart = distance_m(lon[row], lat[row], points.lon[point], points.lat[point])
        rows, winner, distance = _winners(row, point, apart)
        best[rows], metres[rows] = winner, distance
    return best, metres


def _winners(
    row: NDArray[np.intp], point: NDArray[np.intp], apart: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Of each run of equal rows, the first in rank (so are points numbered) of those within a micrometre."""
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    sizes = np.diff(starts, append=row.size)
    limit = np.repeat(np.minimum.reduceat(apart, starts), sizes) + TIE_M
    contender = np.where(apart <= limit, point, np.iinfo(np.intp).max)
    winner = np.minimum.reduceat(contender, starts)
    return row[starts], winner, apart[point == np.repeat(winner, sizes)]
