"""The people of a block of pixels: in which area they live, and which point is nearest to their pixel's centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.layers.grid import Block
from geo.measure.nearest import nearest
from geo.measure.pixel_distance import pixel_distances
from geo.measure.pixel_shares import pixel_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo.layers.grid import Grid

# From this share of a block's pixels on it is faster to measure from all of them, which share their candidates.
_MANY = 0.25


@dataclass(frozen=True, kw_only=True)
class Ground:
    """
    What people are held against.

    `areas` are polygons in EPSG:4326 of which none lies over another. With `clip`, who lives in none of them does not
    count. `lon` and `lat` are the points, WGS84 degrees; of those equally near the first wins.
    """

    areas: NDArray[np.object_]
    clip: bool
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """
    A row per pixel and area with people.

    `area` is the position of the area, and one more than the last for what lies in none; `people` those of the
    pixel by the share of it in the area. `point` is the nearest point of the pixel's centre, -1 where there is none,
    and `distance_km` its distance, NaN then.
    """

    area: NDArray[np.int32]
    people: NDArray[np.float64]
    point: NDArray[np.int32]
    distance_km: NDArray[np.float64]


def settled(block: Block) -> Block | None:
    """Cut a block down to the smallest window that holds all its people; none where it has nobody."""
    rows, columns = (np.flatnonzero((block.people > 0.0).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    (top, bottom), (left, right) = ((int(found[0]), int(found[-1]) + 1) for found in (rows, columns))
    window = block.grid.window(top, left, bottom - top, right - left)
    return Block(people=block.people[top:bottom, left:right], grid=window)


def rows_of(block: Block, ground: Ground) -> Rows:
    """
    Split the people of a block by area, and measure from their pixels' centres to the nearest point.

    Raises
    ------
    LayerError
        Where there are areas, and `exactextract` is not installed.
    FigureError
        Where people live in a pixel whose centre is no place on Earth.
    """
    pixel, area, people = _split(block, ground)
    point, distance_km = _nearest(block.grid, pixel, ground)
    if ground.lon.size and np.isnan(distance_km).any():
        row, column = divmod(int(pixel[np.isnan(distance_km)][0]), block.grid.columns)
        msg = (
            f"Row {block.grid.row + row}, column {block.grid.column + column} of the population raster has people, and "
            "its centre is no place on Earth. Cut the raster to the Earth, as with gdalwarp -te."
        )
        raise FigureError(msg)
    return Rows(area=area, people=people, point=point, distance_km=distance_km)


def _split(block: Block, ground: Ground) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Give pixel, area and people wherever there are any; a pixel on a border has several rows."""
    people = block.people.ravel()
    if not ground.areas.size:
        pixel = np.flatnonzero(people)
        return pixel, np.zeros(pixel.size, dtype=np.int32), people[pixel]
    parts = pixel_parts(block.grid, ground.areas)
    left = np.array([], dtype=np.int64) if ground.clip else np.flatnonzero(parts.left)
    pixel = np.concatenate([parts.pixel, left])
    area = np.concatenate([parts.area, np.full(left.size, ground.areas.size)])
    lived = np.concatenate([parts.share, parts.left[left]]) * people[pixel]
    kept = lived > 0.0
    return pixel[kept], area[kept].astype(np.int32), lived[kept]


def _nearest(grid: Grid, pixel: NDArray[np.int64], ground: Ground) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    measured = np.zeros(grid.rows * grid.columns, dtype=np.bool_)
    measured[pixel] = True
    point = np.full(measured.size, -1, dtype=np.int32)
    metres = np.full(measured.size, np.nan)
    if measured.sum() >= _MANY * measured.size:
        found = pixel_distances(grid, ground.lon, ground.lat)
        point, metres = found.index.ravel().astype(np.int32), found.distance_m.ravel()
    else:
        for some in _in_pieces(np.flatnonzero(measured)):
            found = nearest(*_centres(grid, some), ground.lon, ground.lat)
            point[some], metres[some] = found.index, found.distance_m
    return point[pixel], metres[pixel] / 1000.0


def _in_pieces(pixels: NDArray[np.int64], size: int = 1_000_000) -> Iterator[NDArray[np.int64]]:
    for start in range(0, pixels.size, size):
        yield pixels[start : start + size]


def _centres(grid: Grid, pixel: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    row, column = np.divmod(pixel, grid.columns)
    if grid.is_plain:
        return grid.longitudes()[column], grid.latitudes()[row]
    lon, lat = grid.centres()
    return lon.ravel()[pixel], lat.ravel()[pixel]
