"""Which pixels of a plain grid lie within a distance of any point, exactly: one run of columns per point and row."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from geo.crs.systems import GEOD
from geo.errors import FigureError
from geo.measure.geodesic import ROUNDING_M, coordinates, distance_m, reach_m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from geo.layers.grid import Grid

# The bounds of a geodesic by its chord hold up to 19,903 km.
FARTHEST_M = 10_000_000.0

_SHARPEST_M = GEOD.b**2 / GEOD.a
_PAIRS_AT_ONCE = 60_000
_RUNS_AT_ONCE = 4_000_000
# Side of the lattice that thins out dense points, in distances; and from how many points to one it is worthwhile.
_SPACING = 0.7
_WORTHWHILE = 2
_BLOCK = 16
_TURN = 360.0
_POLE = 90.0
# What rounding can do to a longitude, a thousandfold.
_SLACK_DEGREES = 1e-11
# Up to here the arc sine has a slope of at most the square root of 2.
_GENTLE = 0.5
_DEGREES = 180.0 / np.pi
_HALF = 32
_LOW = (1 << _HALF) - 1


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Runs of pixels in row-major order: `start` and one after the last, ascending, none touching the next."""

    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    def total(self, values: NDArray[np.float64]) -> float:
        """Sum the values of the pixels in the runs."""
        if not self.start.size:
            return 0.0
        ends = np.column_stack([self.start, self.stop]).ravel()
        # The last run may end with the grid, where there is no position to name.
        ends = ends[:-1] if ends[-1] == values.size else ends
        return float(np.add.reduceat(values.ravel(), ends)[::2].sum())

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Give True for the pixels in the runs."""
        steps = np.zeros(shape[0] * shape[1] + 1, dtype=np.int8)
        steps[self.start] = 1
        steps[self.stop] = -1
        return np.cumsum(steps[:-1], dtype=np.int8).view(np.bool_).reshape(shape)


@dataclass(frozen=True, kw_only=True)
class _Circles:
    """Points or rows, and their circles of latitude: distance from the axis, and height above the equator."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    out_m: NDArray[np.float64]
    up_m: NDArray[np.float64]
    turn: NDArray[np.float64]

    def take(self, rows: slice | NDArray[np.generic]) -> _Circles:
        return _Circles(
            lon=self.lon[rows],
            lat=self.lat[rows],
            out_m=self.out_m[rows],
            up_m=self.up_m[rows],
            turn=self.turn[rows],
        )


@dataclass(frozen=True, kw_only=True)
class _Stencil:
    """What is the same for every point: the grid, its rows, how many of them a point reaches, and the chords."""

    grid: Grid
    rows: _Circles
    height: int
    within_m: float
    longest_m2: float
    shortest_m2: float
    spread: float
    slack: float


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Points and rows: the columns that may be within, and how far from the point's own column they surely are."""

    points: _Circles
    row: NDArray[np.int64]
    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    inner: NDArray[np.float64]


def runs_within(grid: Grid, lon: ArrayLike, lat: ArrayLike, within_m: float) -> Runs:
    r"""
    Pixels whose centres are at most so far from any point, as if `pyproj.Geod.inv` were asked for every pair.

    On one row of pixels the geodesic distance to a point grows with the difference of longitude, so a point reaches a
    run of columns. Two places whose circles of latitude have the radii :math:`p` and :math:`q` and lie :math:`h` apart
    have the chord :math:`c` with :math:`c^2 = (p-q)^2 + h^2 + 4pq\sin^2(\Delta\lambda/2)`. Solved for
    :math:`\Delta\lambda` with the longest and with the shortest chord that a geodesic of `within_m` can have (
    :func:`~geo.measure.geodesic.reach_m`, and :func:`~geo.measure.geodesic.longest_m` turned round), it gives a run
    that holds all that may be within, and one that holds only what is. The two chords differ by a thousandth of a
    millimetre at 5 km, 0.3 mm at 25 km and 21 m at 1,000 km; the pixels between them are measured by Karney's method.

    Where points stand much more densely than the distance, some of them are taken first, and of the others only those
    that may reach a pixel which is not reached yet.

    Parameters
    ----------
    grid : Grid
        A plain one, whole or a window.
    lon, lat : array_like of float
        Points, WGS84 degrees; those without coordinates reach nothing.
    within_m : float
        Distance in metres, up to 10,000 km; a pixel exactly so far away is within.

    Returns
    -------
    Runs
        Positions in row-major order of the window.

    Raises
    ------
    FigureError
        Where the distance is missing, negative or above 10,000 km.
    """
    if not 0.0 <= within_m <= FARTHEST_M:
        msg = f"within_m is {within_m:g}. Give metres, from 0 to 10,000 km."
        raise FigureError(msg)
    x, y, usable = coordinates(lon, lat)
    kept = np.flatnonzero(usable)
    kept = kept[np.argsort(y[kept])]
    # Most of several points on one spot are dropped; those that are not cost no more than their time.
    kept = kept[(np.diff(x[kept], append=np.nan) != 0.0) | (np.diff(y[kept], append=np.nan) != 0.0)]
    points = _near(grid, _circles(x[kept], y[kept]), within_m)
    stencil = _stencil(grid, within_m)
    first = _few(points, within_m)
    if first.sum() * _WORTHWHILE > first.size:
        return _unpacked(_union(stencil, points))
    # Most of the points stand so densely that what some of them reach is nearly all that there is.
    packed = _union(stencil, points.take(first))
    rest = points.take(~first)
    rest = rest.take(_reaches_more(stencil, rest, _unpacked(packed)))
    return _unpacked(_merged([packed, _union(stencil, rest)]))


def _few(points: _Circles, within_m: float) -> NDArray[np.bool_]:
    """Choose one point of each cell of a lattice whose cells are some two thirds of the distance wide."""
    step = max(np.degrees(within_m * _SPACING / GEOD.a), 1e-9)
    north = np.floor(points.lat / step)
    # A degree of longitude is as wide as it is in the middle of the lattice's row.
    east = np.floor((points.lon + points.turn) / step * np.cos(np.radians((north + 0.5) * step)))
    chosen = np.zeros(points.lat.size, dtype=np.bool_)
    chosen[np.unique(north + 1j * east, return_index=True)[1]] = True
    return chosen


def _reaches_more(stencil: _Stencil, points: _Circles, found: Runs) -> NDArray[np.bool_]:
    """Which points may reach a pixel that is not found yet: one in the rectangle around all that they reach."""
    grid = stencil.grid
    high, wide = -(-grid.rows // _BLOCK), -(-grid.columns // _BLOCK)
    missing = np.zeros((high * _BLOCK, wide * _BLOCK), dtype=np.bool_)
    missing[: grid.rows, : grid.columns] = ~found.mask((grid.rows, grid.columns))
    blocks = missing.reshape(high, _BLOCK, wide, _BLOCK).any(axis=(1, 3))
    sums = np.zeros((high + 1, wide + 1), dtype=np.int64)
    sums[1:, 1:] = blocks.cumsum(axis=0).cumsum(axis=1)
    top = _first_rows(stencil, points.lat)
    middle, half = _column(grid, points), _widest(points, stencil.within_m) / grid.transform[0] + 1.0
    left, right = (np.clip(edge, 0.0, grid.columns - 1.0).astype(np.int64) for edge in (middle - half, middle + half))
    rows, columns = (top // _BLOCK, (top + stencil.height - 1) // _BLOCK + 1), (left // _BLOCK, right // _BLOCK + 1)
    count = sums[rows[1], columns[1]] - sums[rows[0], columns[1]] - sums[rows[1], columns[0]]
    return np.asarray(count + sums[rows[0], columns[0]] > 0)


def _union(stencil: _Stencil, points: _Circles) -> NDArray[np.int64]:
    """Join the runs of all points, some of them at a time on every core."""
    chunk = max(_PAIRS_AT_ONCE // stencil.height, 1)
    batch = max(_RUNS_AT_ONCE // _PAIRS_AT_ONCE, 1) * chunk
    union = np.empty(0, dtype=np.int64)

    def stamped(start: int) -> NDArray[np.int64]:
        return _merged(list(_stamps(stencil, points.take(slice(start, start + chunk)))))

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, points.lon.size, batch):
            end = min(start + batch, points.lon.size)
            union = _merged([union, *threads.map(stamped, range(start, end, chunk))])
    return union


def _unpacked(packed: NDArray[np.int64]) -> Runs:
    return Runs(start=packed >> _HALF, stop=packed & _LOW)


def _circles(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> _Circles:
    north = np.radians(lat)
    across = GEOD.a / np.sqrt(1.0 - GEOD.es * np.sin(north) ** 2)
    # At a pole the circle has no radius; next to nothing saves a division by nothing.
    out = np.maximum(across * np.cos(north), 1e-12)
    up = np.where(np.abs(lat) <= _POLE, (1.0 - GEOD.es) * across * np.sin(north), np.inf)
    return _Circles(lon=lon, lat=lat, out_m=out, up_m=up, turn=np.zeros(lat.size))


def _reach_degrees(within_m: float) -> float:
    """Difference of latitude beyond which nothing is within: no meridian bends more than it does at the equator."""
    return float(np.degrees((within_m + 1.0) / _SHARPEST_M))


def _stencil(grid: Grid, within_m: float) -> _Stencil:
    rows = _circles(np.zeros(grid.rows), grid.latitudes())
    height = int(2.0 * _reach_degrees(within_m) / abs(grid.transform[4])) + 3
    longest = float(reach_m(np.array(within_m)))
    shortest = 2.0 * _SHARPEST_M * np.sin(within_m / (2.0 * _SHARPEST_M)) - ROUNDING_M
    return _Stencil(
        grid=grid,
        rows=rows,
        height=min(height, grid.rows),
        within_m=within_m,
        longest_m2=longest**2,
        shortest_m2=shortest * abs(shortest),
        spread=2.0 * np.sqrt(2.0) * (longest**2 - shortest * abs(shortest)) * _DEGREES / grid.transform[0],
        slack=_SLACK_DEGREES / grid.transform[0],
    )


def _near(grid: Grid, points: _Circles, within_m: float) -> _Circles:
    """Keep the points that may reach a pixel; one that does so across the antimeridian comes again, a turn away."""
    rows, columns = grid.latitudes(), grid.longitudes()
    reach = _reach_degrees(within_m)
    points = points.take((points.lat >= rows.min() - reach) & (points.lat <= rows.max() + reach))
    wide = _widest(points, within_m)
    base = -_TURN * np.rint((points.lon - columns.mean()) / _TURN)
    copies = []
    for turn in (base - _TURN, base, base + _TURN):
        shown = points.lon + turn
        kept = (shown + wide >= columns[0]) & (shown - wide <= columns[-1])
        copies.append((np.flatnonzero(kept), turn[kept]))
    taken = points.take(np.concatenate([kept for kept, _ in copies]))
    return replace(taken, turn=np.concatenate([turn for _, turn in copies]))


def _widest(points: _Circles, within_m: float) -> NDArray[np.float64]:
    """
    Difference of longitude beyond which nothing is within.

    The sine of its half is at most chord / 2 sqrt(p q), and p and q are at least the circle's nearest to the pole.
    """
    polar = np.cos(np.radians(np.minimum(np.abs(points.lat) + _reach_degrees(within_m), _POLE)))
    sine = np.minimum((within_m + 1.0) / np.maximum(2.0 * GEOD.b * polar, 1.0), 1.0)
    widest: NDArray[np.float64] = np.degrees(2.0 * np.arcsin(sine)) + _SLACK_DEGREES
    return widest


def _stamps(stencil: _Stencil, points: _Circles) -> Iterator[NDArray[np.int64]]:
    """Give the runs of some points, each packed as its start and its stop."""
    grid, rows = stencil.grid, stencil.rows
    first = _first_rows(stencil, points.lat)
    out, up = (sliding_window_view(values, stencil.height)[first] for values in (rows.out_m, rows.up_m))
    scale = 0.25 / (points.out_m[:, None] * out)
    apart = (up - points.up_m[:, None]) ** 2 + (out - points.out_m[:, None]) ** 2
    squared = (stencil.longest_m2 - apart) * scale
    sine = np.sqrt(np.clip(squared, 0.0, 1.0))
    middle = _column(grid, points)[:, None]
    half = _columns(grid, sine) + stencil.slack
    left, right = middle - half, middle + half
    start, last = np.ceil(left), np.floor(right)
    # By so many columns, times the sine, may the run of sure pixels be narrower: d(asin s) = d(s * s) / (2 s cos).
    spread = scale * stencil.spread + 2.0 * stencil.slack
    doubtful = (np.minimum(right - last, start - left) * sine <= spread) | (squared > _GENTLE)
    start, last = np.maximum(start, 0.0), np.minimum(last, grid.columns - 1.0)
    there = (squared >= 0.0) & (start <= last)
    sure = there & ~doubtful
    row = first[:, None] + np.arange(stencil.height)
    yield _packed(grid, row[sure], start[sure], last[sure] + 1.0)
    point, at = np.nonzero(there & doubtful)
    inner = (stencil.shortest_m2 - apart[point, at]) * scale[point, at]
    pairs = _Pairs(
        points=points.take(point),
        row=row[point, at],
        start=start[point, at],
        stop=last[point, at] + 1.0,
        inner=np.where(inner >= 0.0, _columns(grid, np.sqrt(np.clip(inner, 0.0, 1.0))) - stencil.slack, -1.0),
    )
    yield from _measured(stencil, pairs)


def _measured(stencil: _Stencil, pairs: _Pairs) -> Iterator[NDArray[np.int64]]:
    """Give the run that each pair has for sure, and the pixels beside it that Karney's method finds within."""
    grid = stencil.grid
    middle = _column(grid, pairs.points)
    start = np.clip(np.ceil(middle - pairs.inner), pairs.start, pairs.stop)
    stop = np.clip(np.floor(middle + pairs.inner) + 1.0, start, pairs.stop)
    some = start < stop
    yield _packed(grid, pairs.row[some], start[some], stop[some])
    for low, high in ((pairs.start, start), (stop, pairs.stop)):
        count = (high - low).astype(np.int64)
        pair = np.repeat(np.arange(count.size), count)
        column = low[pair].astype(np.int64) + np.arange(pair.size) - np.repeat(np.cumsum(count) - count, count)
        row = pairs.row[pair]
        there = grid.longitudes()[column], grid.latitudes()[row]
        metres = distance_m(*there, pairs.points.lon[pair], pairs.points.lat[pair])
        within = metres <= stencil.within_m
        yield _packed(grid, row[within], column[within], column[within] + 1)


def _first_rows(stencil: _Stencil, lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the first of the rows that each point may reach, counted from the window's first."""
    e, f = stencil.grid.transform[4:]
    top = np.floor((lat - np.copysign(_reach_degrees(stencil.within_m), e) - f) / e - 0.5)
    first: NDArray[np.int64] = np.clip(top.astype(np.int64) - stencil.grid.row, 0, stencil.grid.rows - stencil.height)
    return first


def _column(grid: Grid, points: _Circles) -> NDArray[np.float64]:
    """Give the column that each point stands in, of the window and with a fraction; 0 is the first one's centre."""
    a, _, c, _, _, _ = grid.transform
    return (points.lon + points.turn - c) / a - 0.5 - grid.column


def _columns(grid: Grid, sine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the columns that a difference of longitude spans, from the sine of its half."""
    columns: NDArray[np.float64] = np.arcsin(sine) * (2.0 * _DEGREES / grid.transform[0])
    return columns


def _packed(
    grid: Grid, row: NDArray[np.int64], start: NDArray[np.number], stop: NDArray[np.number]
) -> NDArray[np.int64]:
    before = row * grid.columns
    return (before + start.astype(np.int64)) << _HALF | (before + stop.astype(np.int64))


def _merged(found: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Join runs that overlap or touch."""
    packed = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *found]))
    if not packed.size:
        return packed
    start, stop = packed >> _HALF, np.maximum.accumulate(packed & _LOW)
    new = np.append(True, start[1:] > stop[:-1])
    joined: NDArray[np.int64] = start[new] << _HALF | stop[np.append(new[1:], True)]
    return joined
