"""People counted pixel by pixel: within a distance of any point, in each area, inside a footprint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.measure.discs import inside_discs
from geo.measure.pixel_shares import apart, area_shares
from geo.measure.stamp import FARTHEST_M, runs_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    from geo.layers.grid import Block, Grid
    from geo.measure.pixel_shares import Polygons


@dataclass(frozen=True, kw_only=True)
class PeopleByArea:
    """People of each area, in the order of the areas, and of no area: together they are all people of the blocks."""

    people: NDArray[np.float64]
    outside: float


@dataclass(frozen=True, kw_only=True)
class Rescaled:
    """
    People brought to official totals.

    `people` are the official totals wherever anybody was counted, else 0. `factor` is what each pixel's people are to
    be multiplied by, NaN where nobody was counted. `difference` is the official total less the people counted.
    """

    people: NDArray[np.float64]
    factor: NDArray[np.float64]
    difference: NDArray[np.float64]


def pixels_within(grid: Grid, lon: ArrayLike, lat: ArrayLike, within_km: float) -> NDArray[np.bool_]:
    """
    Which pixels have their centre at most so far from any point, as if `pyproj.Geod.inv` were asked for every pair.

    Parameters
    ----------
    grid : Grid
        Of any kind, whole or a window; a plain one (see :attr:`~geo.layers.grid.Grid.is_plain`) is a hundred times
        faster.
    lon, lat : array_like of float
        Points, WGS84 degrees; those without coordinates reach nothing.
    within_km : float
        Limit in km; a pixel exactly so far away is within.

    Returns
    -------
    NDArray[bool]
        Shape (rows, columns).

    Raises
    ------
    FigureError
        Where the limit is missing or negative, or there are not as many longitudes as latitudes.
    """
    within_m = _metres(within_km)
    if grid.is_plain and within_m <= FARTHEST_M:
        return runs_within(grid, lon, lat, within_m).mask((grid.rows, grid.columns))
    x, y = grid.centres()
    return _inside(x.ravel(), y.ravel(), (lon, lat), within_m).reshape(x.shape)


def people_within(
    blocks: Iterable[Block], lon: ArrayLike, lat: ArrayLike, within_km: Sequence[float]
) -> NDArray[np.float64]:
    """
    People who live at most so far from any point, for each limit.

    All people of a pixel live in its centre; its distance is the geodesic on WGS84, exactly (see
    :func:`~geo.measure.stamp.runs_within` for the way).

    Parameters
    ----------
    blocks : iterable of Block
        As :meth:`geo.layers.raster.PeopleLayer.blocks` gives them.
    lon, lat : array_like of float
        Points, WGS84 degrees; those without coordinates reach nobody.
    within_km : sequence of float
        Limits in km; a pixel exactly so far away is within.

    Returns
    -------
    NDArray[float64]
        People, one number per limit.

    Raises
    ------
    FigureError
        Where a limit is missing or negative, or there are not as many longitudes as latitudes.
    """
    limits = [_metres(limit) for limit in within_km]
    found = np.zeros(len(limits))
    for block in blocks:
        found += _block_within(block, (lon, lat), limits)
    return found


def _metres(within_km: float) -> float:
    if not within_km >= 0.0:
        msg = f"within_km is {within_km:g}. Give kilometres, 0 or more."
        raise FigureError(msg)
    # Rounded so that 2.3 km are 2300 m, and not a hair less.
    return round(within_km * 1000.0, 9)


def _block_within(block: Block, points: tuple[ArrayLike, ArrayLike], limits: Sequence[float]) -> NDArray[np.float64]:
    if block.grid.is_plain and max(limits, default=0.0) <= FARTHEST_M:
        return np.array([runs_within(block.grid, *points, limit).total(block.people) for limit in limits])
    settled = block.people > 0.0
    x, y = (values[settled] for values in block.grid.centres())
    people = block.people[settled]
    return np.array([people[_inside(x, y, points, limit)].sum() for limit in limits])


def _inside(
    x: NDArray[np.float64], y: NDArray[np.float64], points: tuple[ArrayLike, ArrayLike], within_m: float
) -> NDArray[np.bool_]:
    # A disc of no radius holds nothing: a millionth of a micrometre makes it hold its own centre.
    return inside_discs(x, y, *points, max(within_m, 1e-12))


def people_by_area(blocks: Iterable[Block], areas: Polygons) -> PeopleByArea:
    """
    People of each area: a pixel's people are split by the share of the pixel that lies in each.

    Parameters
    ----------
    blocks : iterable of Block
        As :meth:`geo.layers.raster.PeopleLayer.blocks` gives them.
    areas : array_like of polygons
        In EPSG:4326, valid. What several share counts for the first.

    Returns
    -------
    PeopleByArea
        People by area, and outside every area: together all people of the blocks.

    Raises
    ------
    LayerError
        Where `exactextract` is not installed.
    """
    own = apart(areas)
    people = np.zeros(own.size + 1)
    for block in blocks:
        people += area_shares(block.grid, own) @ block.people.ravel()
    return PeopleByArea(people=people[:-1], outside=float(people[-1]))


def people_inside(blocks: Iterable[Block], footprint: BaseGeometry) -> float:
    """
    People inside a footprint: a pixel's people count by the share of the pixel that lies inside.

    Parameters
    ----------
    blocks : iterable of Block
        As :meth:`geo.layers.raster.PeopleLayer.blocks` gives them.
    footprint : polygon or multipolygon
        In EPSG:4326, valid.

    Returns
    -------
    float
        People; the rest of the blocks' people live outside.
    """
    return float(people_by_area(blocks, [footprint]).people[0])


def rescaled(people: ArrayLike, official: ArrayLike) -> Rescaled:
    """
    Bring people counted to official totals, of areas or of the whole.

    Parameters
    ----------
    people : array_like of float
        People counted from pixels.
    official : array_like of float
        Official totals, one for each; NaN where there is none: nothing is changed there.

    Returns
    -------
    Rescaled
        People, factors and differences in the shape of `people`. Where nobody was counted there is nothing to
        rescale: `people` stays 0 and the whole official total is the difference.

    Raises
    ------
    FigureError
        Where there is not one official total for each count, or one is negative.

    Examples
    --------
    >>> brought = rescaled([90.0, 0.0], [100.0, 5.0])
    >>> brought.people.tolist(), brought.difference.tolist()
    ([100.0, 0.0], [10.0, 5.0])
    """
    counted, told = np.asarray(people, dtype=np.float64), np.asarray(official, dtype=np.float64)
    if counted.shape != told.shape or (told < 0.0).any():
        msg = f"There are {told.size} official totals for {counted.size} counts. Give one for each, 0 or more."
        raise FigureError(msg)
    target = np.where(np.isnan(told), counted, told)
    some = counted > 0.0
    factor = np.full(counted.shape, np.nan)
    np.divide(target, counted, out=factor, where=some)
    return Rescaled(people=np.where(some, target, 0.0), factor=factor, difference=target - counted)
