"""The exact nearest point of each place on the WGS84 ellipsoid, at the price of one search by straight chord."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
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

# So many places are one thread's piece of work: what is computed of them stays in its core's cache.
_PLACES_AT_ONCE = 16_384
_PAIRS_AT_ONCE = 1_000_000
_CELLS_ON_A_SIDE = 256
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
    found, metres[rows] = _nearest(x[rows], y[rows], points)
    index[rows] = points.index[found]
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
    # Most points share their longitude with no other: one fast sort tells these from the rest.
    by_x = np.argsort(x)
    apart = np.diff(x[by_x], prepend=np.nan, append=np.nan) != 0.0
    rest = np.sort(by_x[~(apart[:-1] & apart[1:])])
    # lexsort is stable: the first of equal positions has the lowest rank.
    rest = rest[np.lexsort((y[rest], x[rest]))]
    again = (np.diff(x[rest], prepend=np.nan) == 0.0) & (np.diff(y[rest], prepend=np.nan) == 0.0)
    first = np.ones(order.size, dtype=np.bool_)
    first[rest[again]] = False
    return order[first]


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
    # Halving boxes instead of points is built in half the time, and searched as fast.
    tree = cKDTree(xyz, balanced_tree=False)
    return _Points(index=index, lon=x[index], lat=y[index], xyz=xyz, tree=tree)


def _nearest(
    lon: NDArray[np.float64], lat: NDArray[np.float64], points: _Points
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Settle the places by the tree, piece by piece on every core, and by comparison those that it leaves open."""
    best = np.empty(lon.size, dtype=np.intp)
    metres = np.empty(lon.size)
    window = np.zeros(lon.size)
    if not lon.size:
        return best, metres
    order = neighbours_together(lon, lat)

    def settle(start: int) -> None:
        some = order[start : start + _PLACES_AT_ONCE]
        best[some], metres[some], window[some] = _settled(lon[some], lat[some], points)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(settle, range(0, lon.size, _PLACES_AT_ONCE)))
    open_ = np.flatnonzero(window)
    xyz = geocentric_m(lon[open_], lat[open_])
    for place, point in pairs_within(points.tree, xyz, window[open_]):
        row = open_[place]
        apart = distance_m(lon[row], lat[row], points.lon[point], points.lat[point])
        rows, winner, distance = _winners(row, point, apart)
        best[rows], metres[rows] = winner, distance
    return best, metres


def neighbours_together(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.intp]:
    """
    Order places along a Morton curve through 256 x 256 cells: what one search read, the next finds in the cache.

    So few cells are sorted by radix in a hundredth of the time of the search; of a million places and a hundred
    thousand points the search then takes two thirds of the time that it takes in random order.

    Parameters
    ----------
    lon, lat : NDArray[float64]
        WGS84 degrees, one place or more.

    Returns
    -------
    NDArray[intp]
        Rows, each once.

    Examples
    --------
    >>> neighbours_together(np.array([1.0, 109.0, 1.1]), np.array([1.0, 11.0, 1.1])).tolist()
    [0, 2, 1]
    """
    code = np.zeros(lon.size, dtype=np.uint16)
    for shift, axis in enumerate((lon, lat)):
        low, high = axis.min(), axis.max()
        place = (axis - low) * (_CELLS_ON_A_SIDE / max(high - low, 1e-9))
        cell = np.minimum(place, _CELLS_ON_A_SIDE - 1).astype(np.uint16)
        for bits, mask in ((4, 0x0F0F), (2, 0x3333), (1, 0x5555)):
            cell = (cell | (cell << bits)) & mask
        code |= cell << shift
    return np.argsort(code, kind="stable")


def _settled(
    lon: NDArray[np.float64], lat: NDArray[np.float64], points: _Points
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Give the point with the shortest chord and its distance; a window above 0 where others are to be compared."""
    xyz = geocentric_m(lon, lat)
    # Where there is one point alone, the second chord is infinite.
    chords, found = points.tree.query(xyz, k=2)
    best = found[:, 0].astype(np.intp, copy=False)
    window = reach_m(longest_m(chords[:, 0]) + TIE_M)
    window[chords[:, 1] > window] = 0.0
    metres = np.empty(best.size)
    short = chords[:, 0] <= BENT_UP_TO_M
    near, far = np.flatnonzero(short), np.flatnonzero(~short & (window == 0.0))
    metres[near] = bent_m(xyz[near], points.xyz[best[near]])
    metres[far] = distance_m(lon[far], lat[far], points.lon[best[far]], points.lat[best[far]])
    return best, metres, window


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
