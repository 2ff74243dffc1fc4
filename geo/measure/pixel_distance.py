"""The nearest point of every pixel of a grid, and its exact distance: neighbouring pixels share their candidates."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from geo.measure.geodesic import BENT_UP_TO_M, bent_m, coordinates, geocentric_m, longest_m, reach_m
from geo.measure.nearest import TIE_M, Nearest, distinct, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from geo.layers.grid import Grid

_POLE = 90.0
# Pixels on a side of a tile, and how many candidates it may have before a search pixel by pixel is cheaper.
_SIDE = 16
_MANY = 64
_TILES_AT_ONCE = 64
# A candidate that is none: farther than anything on Earth.
_NOBODY_M = 1e9


@dataclass(frozen=True, kw_only=True)
class _Points:
    """Distinct points, and after the last a place in space that is nobody's nearest."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    xyz: NDArray[np.float64]
    tree: cKDTree


def pixel_distances(grid: Grid, lon: ArrayLike, lat: ArrayLike) -> Nearest:
    """
    Nearest point of every pixel's centre, exactly as :func:`~geo.measure.nearest.nearest` gives it.

    The pixels are divided into tiles. What can be nearest to any pixel of a tile is searched once, by the bounds of a
    geodesic by its chord, and every pixel is compared with these few candidates. Where the second chord is too near
    the first for the bounds to tell them apart, and in tiles with many candidates, pixels are searched one by one.

    Parameters
    ----------
    grid : Grid
        Of any kind, whole or a window. The answer is held in memory: give a large raster window by window.
    lon, lat : array_like of float
        Points, WGS84 degrees; of points within a micrometre of the nearest the first wins.

    Returns
    -------
    Nearest
        `index` and `distance_m` in the shape (rows, columns); -1 and NaN where there is no point, or where a pixel is
        no place on Earth. Distances are within 2e-8 m of `pyproj.Geod.inv`.
    """
    x, y, _ = coordinates(lon, lat)
    kept = distinct(x, y, np.arange(x.size))
    index = np.full((grid.rows, grid.columns), -1, dtype=np.intp)
    metres = np.full(index.shape, np.nan)
    if not kept.size:
        return Nearest(index=index, distance_m=metres)
    xyz = geocentric_m(x[kept], y[kept])
    points = _Points(lon=x[kept], lat=y[kept], xyz=np.vstack([xyz, np.full(3, _NOBODY_M)]), tree=cKDTree(xyz))

    def fill(top: int) -> None:
        some = slice(top, min(top + _SIDE, grid.rows))
        index[some], metres[some] = _strip(grid.window(top, 0, some.stop - top, grid.columns), points)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(fill, range(0, grid.rows, _SIDE)))
    open_ = index < 0
    centres = _centres_where(grid, open_)
    found = nearest(*centres, points.lon, points.lat)
    index[open_], metres[open_] = found.index, found.distance_m
    return Nearest(index=np.where(index >= 0, kept[index], -1), distance_m=metres)


def _centres_where(grid: Grid, mask: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if grid.is_plain:
        row, column = np.nonzero(mask)
        return grid.longitudes()[column], grid.latitudes()[row]
    lon, lat = grid.centres()
    return lon[mask], lat[mask]


def _geocentric_m(grid: Grid) -> NDArray[np.float64]:
    """Give the Earth-centred coordinates of the pixels, shape (3, rows, columns); NaN for what is not on Earth."""
    if not grid.is_plain:
        lon, lat = grid.centres()
        return np.moveaxis(geocentric_m(lon.ravel(), lat.ravel()).reshape(*lon.shape, 3), -1, 0)
    rows = geocentric_m(np.zeros(grid.rows), np.where(np.abs(grid.latitudes()) <= _POLE, grid.latitudes(), np.nan))
    columns = np.radians(grid.longitudes())
    x, y = np.outer(rows[:, 0], np.cos(columns)), np.outer(rows[:, 0], np.sin(columns))
    return np.stack([x, y, np.broadcast_to(rows[:, 2:], x.shape)])


def _strip(grid: Grid, points: _Points) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Answer for one row of tiles, -1 where pixels are to be searched one by one; the last tile is filled up."""
    tiles = -(-grid.columns // _SIDE)
    columns = np.minimum(np.arange(tiles * _SIDE), grid.columns - 1)
    shape = (3, grid.rows, tiles, _SIDE)
    xyz = _geocentric_m(grid)[:, :, columns].reshape(shape).swapaxes(1, 2).reshape(3, tiles, -1)
    index = np.full(xyz.shape[1:], -1, dtype=np.intp)
    metres = np.full(index.shape, np.nan)
    for some, candidates in _candidates(xyz, points):
        index[some], metres[some] = _compared(xyz[:, some], points, candidates)
    unfolded = (
        values.reshape(tiles, grid.rows, _SIDE).swapaxes(0, 1).reshape(grid.rows, -1)[:, : grid.columns]
        for values in (index, metres)
    )
    return next(unfolded), next(unfolded)


def _candidates(xyz: NDArray[np.float64], points: _Points) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """
    Give tiles, alike in number of candidates, and for each the points that may be nearest to a pixel of it.

    No pixel is farther from the nearest point than the tile's centre is, and its own way to the centre.
    """
    tiles = np.flatnonzero(np.isfinite(xyz).all(axis=(0, 2)))
    if not tiles.size:
        return
    centre = xyz[:, tiles].mean(axis=2).T
    radius = np.sqrt(((xyz[:, tiles] - centre.T[:, :, None]) ** 2).sum(axis=0).max(axis=1))
    chord, _ = points.tree.query(centre)
    reach = reach_m(longest_m(chord + radius) + TIE_M) + radius
    count = points.tree.query_ball_point(centre, reach, return_length=True)
    order = np.argsort(count, kind="stable")
    order = order[: np.searchsorted(count[order], _MANY, side="right")]
    for start in range(0, order.size, _TILES_AT_ONCE):
        some = order[start : start + _TILES_AT_ONCE]
        lists = points.tree.query_ball_point(centre[some], reach[some], return_sorted=True)
        yield tiles[some], np.array(list(zip_longest(*lists, fillvalue=len(points.xyz) - 1)), dtype=np.intp)


def _compared(
    xyz: NDArray[np.float64], points: _Points, candidates: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Compare the pixels of each tile with its candidates; -1 where the bounds leave more than one."""
    best = np.zeros(xyz.shape[1:], dtype=np.intp)
    first = np.full(best.shape, np.inf)
    second = np.full(best.shape, np.inf)
    for candidate in candidates:
        apart = sum((xyz[axis] - points.xyz[candidate, axis, None]) ** 2 for axis in range(3))
        np.minimum(second, np.maximum(first, apart), out=second)
        best = np.where(apart < first, candidate[:, None], best)
        np.minimum(first, apart, out=first)
    chord = np.sqrt(first)
    farthest = chord.max(keepdims=True).ravel()
    # What the bounds allow for grows with the chord.
    margin = float((reach_m(longest_m(farthest) + TIE_M) - farthest)[0])
    clear = (np.sqrt(second) > chord + margin) & (chord <= BENT_UP_TO_M)
    pixels = np.moveaxis(xyz, 0, -1)[clear]
    metres = np.full(best.shape, np.nan)
    metres[clear] = bent_m(pixels, points.xyz[best[clear]])
    return np.where(clear, best, -1), metres
