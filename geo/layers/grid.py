"""Where the pixels of a raster stand: their centres, their areas, and a window of them with its values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from geo.crs.systems import GEOD, WGS84, parse_crs

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POLE = 90.0
_TURN = 360.0
_ROWS_AT_ONCE = 64
# Pixels of two rasters that are apart by less than this share of a pixel are the same pixel.
_SAME_PIXEL = 1e-3


@dataclass(frozen=True, kw_only=True)
class Grid:
    """
    A raster's pixels, or a window of them.

    Attributes
    ----------
    rows, columns : int
        How many pixels it has.
    transform : tuple of six floats
        Of the whole raster, in the order of `rasterio`: x = a column + b row + c, y = d column + e row + f.
    crs : pyproj.CRS
        What x and y mean.
    row, column : int
        Where the window begins in the whole raster; a pixel's centre is the same to the last bit in every window.
    """

    rows: int
    columns: int
    transform: tuple[float, float, float, float, float, float]
    crs: pyproj.CRS
    row: int = 0
    column: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether rows run along parallels and columns along meridians, eastward, in degrees of WGS84."""
        a, b, _, d, e, _ = self.transform
        unturned = a > 0.0 and b == 0.0 and d == 0.0 and e != 0.0
        return unturned and self.crs.equals(parse_crs(WGS84), ignore_axis_order=True)

    @property
    def window_transform(self) -> tuple[float, float, float, float, float, float]:
        """The six numbers of the window itself, whose first pixel is row 0 and column 0."""
        a, b, c, d, e, f = self.transform
        return (a, b, a * self.column + b * self.row + c, d, e, d * self.column + e * self.row + f)

    def window(self, row: int, column: int, rows: int, columns: int) -> Grid:
        """Give a part of the grid, beginning at a row and column of it."""
        return replace(self, row=self.row + row, column=self.column + column, rows=rows, columns=columns)

    def longitudes(self) -> NDArray[np.float64]:
        """Longitude of each column's centres; has a meaning for a plain grid alone."""
        a, _, c, _, _, _ = self.transform
        return np.asarray(c + a * (np.arange(self.column, self.column + self.columns) + 0.5))

    def latitudes(self) -> NDArray[np.float64]:
        """Latitude of each row's centres; has a meaning for a plain grid alone."""
        _, _, _, _, e, f = self.transform
        return np.asarray(f + e * (np.arange(self.row, self.row + self.rows) + 0.5))

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Give the centres of the pixels in degrees of WGS84, whatever the grid's system and however it is turned.

        Returns
        -------
        tuple of NDArray[float64]
            Longitude and latitude, shape (rows, columns); NaN where a pixel is no place on Earth.
        """
        if self.is_plain:
            lon, lat = np.meshgrid(self.longitudes(), self.latitudes())
            return lon, np.where(np.abs(lat) <= _POLE, lat, np.nan)
        row, column = np.mgrid[self.row : self.row + self.rows, self.column : self.column + self.columns]
        return self._placed(column + 0.5, row + 0.5)

    def areas_km2(self) -> NDArray[np.float64]:
        """
        Give the area of the pixels on the ellipsoid.

        Pixels of a plain grid are bounded by parallels and meridians, and their area is exact. Others are taken as
        the flat quadrilateral of their corners, which is 1e-7 too small for pixels of 5 km and 3e-8 for those of 2 km.

        Returns
        -------
        NDArray[float64]
            Shape (rows, columns), or (rows, 1) where all pixels of a row are alike; 0 for what is not on Earth.
        """
        if self.is_plain:
            a, _, _, _, e, f = self.transform
            edges = np.clip(f + e * np.arange(self.row, self.row + self.rows + 1), -_POLE, _POLE)
            bands = np.abs(np.diff(_north_of_equator_km2(edges)))
            return np.asarray(np.radians(a) * bands)[:, None]
        strips = [
            self.window(start, 0, min(_ROWS_AT_ONCE, self.rows - start), self.columns)._quadrilaterals_km2()  # noqa: SLF001 - its own kind
            for start in range(0, self.rows, _ROWS_AT_ONCE)
        ]
        return np.concatenate(strips)

    def _quadrilaterals_km2(self) -> NDArray[np.float64]:
        row, column = np.mgrid[self.row : self.row + self.rows + 1, self.column : self.column + self.columns + 1]
        lon, lat = self._placed(column, row)
        to_metres = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
        xyz = np.stack(to_metres.transform(lon, lat, np.zeros_like(lon)), axis=-1) / 1000.0
        xyz[~np.isfinite(xyz)] = np.nan
        across = np.cross(xyz[1:, 1:] - xyz[:-1, :-1], xyz[1:, :-1] - xyz[:-1, 1:])
        return np.asarray(np.nan_to_num(np.linalg.norm(across, axis=-1) / 2.0))

    def _placed(
        self, column: NDArray[np.number], row: NDArray[np.number]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        a, b, c, d, e, f = self.transform
        to_degrees = pyproj.Transformer.from_crs(self.crs, WGS84, always_xy=True)
        lon, lat = to_degrees.transform(a * column + b * row + c, d * column + e * row + f)
        placed = np.isfinite(lon) & np.isfinite(lat)
        return np.where(placed, lon, np.nan), np.where(placed, lat, np.nan)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A window of a population raster: `people` per pixel, float64 in the shape of its `grid`, 0 where unknown."""

    people: NDArray[np.float64]
    grid: Grid


def coincide(one: Grid, other: Grid) -> bool:
    """Tell whether the pixels of two unturned grids of one system fall on each other."""
    sizes = np.array([one.transform[0] / other.transform[0], one.transform[4] / other.transform[4]])
    stretch = np.abs(sizes - 1.0) * [one.columns, one.rows]
    steps = np.array(offset(one, other))
    return bool((stretch < _SAME_PIXEL).all() and (np.abs(steps - np.rint(steps)) < _SAME_PIXEL).all())


def offset(one: Grid, other: Grid) -> tuple[float, float]:
    """Column and row of another grid at which the first pixel of one begins."""
    x, y = one.window_transform[2], one.window_transform[5]
    c, f = other.window_transform[2], other.window_transform[5]
    return (x - c) / other.transform[0], (y - f) / other.transform[4]


def common(one: Grid, other: Grid) -> tuple[slice, slice] | None:
    """Rows and columns of another raster that lie under a window of one; none where they only touch."""
    column, row = offset(one, other)
    width, height = (one.transform[0] / other.transform[0], one.transform[4] / other.transform[4])
    spans = []
    for start, extent, size in ((row, height * one.rows, other.rows), (column, width * one.columns, other.columns)):
        low, high = max(min(start, start + extent), 0.0), min(max(start, start + extent), float(size))
        if high - low < _SAME_PIXEL:
            return None
        spans.append(slice(round(low), round(high)))
    return spans[0], spans[1]


def _north_of_equator_km2(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area between the equator and a parallel, per radian of longitude."""
    sine = np.sin(np.radians(lat))
    eccentricity = np.sqrt(GEOD.es)
    bulge = sine / (1.0 - GEOD.es * sine**2) + np.arctanh(eccentricity * sine) / eccentricity
    return np.asarray(GEOD.b**2 / 2.0 * bulge / 1e6)
