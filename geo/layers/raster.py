"""Read people per pixel from GeoTIFF population rasters, window by window: the raster is never held as a whole."""

from __future__ import annotations

import hashlib
import logging
import warnings
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from geo.crs import systems
from geo.errors import CRSError, LayerError
from geo.figures import Finding
from geo.layers.files.damage import why
from geo.layers.grid import Block, Grid, coincide, common, offset
from geo.layers.people_unit import UNITS, people_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import rasterio
    from numpy.typing import NDArray

    from geo.layers.people_unit import Unit

_LOG = logging.getLogger(__name__)
_PIXELS_AT_ONCE = 4_000_000
_LARGEST_TILE = 1 << 28


@dataclass(frozen=True, kw_only=True)
class Raster:
    """One band of one file: its grid, its tiles (rows, columns), and whether its values are counts or densities."""

    file: str
    sha256: str
    unit: Unit
    band: int
    grid: Grid
    tile: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class PeopleLayer:
    """
    One or several population rasters, read as one layer of people per pixel.

    Attributes
    ----------
    rasters : tuple of Raster
        File by file, in the order given.
    people : float
        All people of the layer; blocks add up to it.
    pixels : int
        All pixels.
    known_of : tuple of int
        Pixels with a value, file by file.
    findings : tuple of Finding
        ``negative_pixels`` and ``overlapping_rasters``, of the layer ``population``.
    """

    rasters: tuple[Raster, ...]
    people: float
    pixels: int
    known_of: tuple[int, ...]
    findings: tuple[Finding, ...]

    @property
    def known(self) -> int:
        """Pixels that have a value."""
        return sum(self.known_of)

    @property
    def crs(self) -> str:
        """The coordinate system, shortly."""
        return systems.label(self.rasters[0].grid.crs)

    def blocks(self) -> Iterator[Block]:
        """
        Read people per pixel, window by window, at most some 4 million pixels at once, always in the same order.

        Yields
        ------
        Block
            0 where a pixel has no value or a negative one, and where an earlier raster has people in the same pixel.

        Raises
        ------
        LayerError
            Where a file is damaged or gone.
        """
        for number in range(len(self.rasters)):
            for block, _ in _looks(self.rasters, number):
                yield block


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What was found in one window; it adds up."""

    people: float = 0.0
    known: int = 0
    negative: int = 0
    lowest: float = 0.0
    repeated: int = 0
    repeated_people: float = 0.0

    def __add__(self, other: _Seen) -> _Seen:
        return _Seen(
            people=self.people + other.people,
            known=self.known + other.known,
            negative=self.negative + other.negative,
            lowest=min(self.lowest, other.lowest),
            repeated=self.repeated + other.repeated,
            repeated_people=self.repeated_people + other.repeated_people,
        )


def read_people(*names: str | Path, unit: Unit | None = None, crs: str | None = None) -> PeopleLayer:
    """
    Open population rasters, learn their unit, and look at every pixel once for faults and for the total.

    Rasters may have any coordinate system and may be rotated. A pixel without a value (nodata, mask, NaN, infinite)
    or with a negative one holds nobody. Values are people per pixel, or per km²: these are multiplied by the pixel's
    area on the ellipsoid. Which of the two is read from the band's unit, from its description and from the tags.

    Several rasters must have one coordinate system, and none may be rotated. Where their rectangles overlap, their
    pixels must coincide (neighbouring countries on one grid do): a pixel counts once, from the first raster that has
    people in it, and a finding says how many people of the others were left out.

    Parameters
    ----------
    *names : str or Path
        GeoTIFF files; a band of several as ``FILE::BAND``.
    unit : "count" or "per_km2", optional
        What the values are, people per pixel or per km², in place of what the files say.
    crs : str, optional
        Coordinate system of a file that has none.

    Returns
    -------
    PeopleLayer
        Nothing of the pixels is kept; :meth:`PeopleLayer.blocks` reads them again.

    Raises
    ------
    LayerError
        Where a file is missing, damaged, has no place on Earth, several bands and none named, no unit that is
        recognised, nobody in any pixel, or overlaps another one and does not fit it; or `rasterio` is missing.
    CRSError
        Where a file has no coordinate system and none is given.
    """
    if not names:
        msg = "No population raster is named. Name a GeoTIFF, or several."
        raise LayerError(msg)
    if unit not in {None, *UNITS}:
        msg = f"unit is '{unit}'. Say 'count' (people per pixel) or 'per_km2' (people per km2)."
        raise LayerError(msg)
    rasters = tuple(_raster(str(name), unit, crs) for name in names)
    _refuse_misfits(rasters)
    seen_of = [sum((found for _, found in _looks(rasters, number)), start=_Seen()) for number in range(len(rasters))]
    seen = sum(seen_of, start=_Seen())
    shown = ", ".join(raster.file for raster in rasters)
    if not seen.people > 0.0:
        msg = (
            f"{shown}: nobody lives there. Of {_pixels(rasters)} pixels {seen.known} have a value, and none is above 0."
        )
        raise LayerError(msg)
    _LOG.info("population: %s: %.0f people in %d pixels, %s", shown, seen.people, seen.known, rasters[0].unit)
    return PeopleLayer(
        rasters=rasters,
        people=seen.people,
        pixels=_pixels(rasters),
        known_of=tuple(one.known for one in seen_of),
        findings=tuple(_findings(seen)),
    )


def _pixels(rasters: Sequence[Raster]) -> int:
    return sum(raster.grid.rows * raster.grid.columns for raster in rasters)


def _findings(seen: _Seen) -> Iterator[Finding]:
    if seen.negative:
        values = {"pixels": seen.negative, "example": f"{seen.lowest:g}"}
        yield Finding(layer="population", fault="negative_pixels", values=values)
    if seen.repeated:
        values = {"pixels": seen.repeated, "people": round(seen.repeated_people)}
        yield Finding(layer="population", fault="overlapping_rasters", values=values)


def _raster(name: str, unit: Unit | None, crs: str | None) -> Raster:
    file, _, band = name.partition("::")
    with _opened(file) as source:
        number = _band(file, source, band)
        if source.dtypes[number - 1].startswith("complex"):
            msg = f"{file} holds complex numbers, and people are none. Save it again, with real ones."
            raise LayerError(msg)
        a, b, c, d, e, f, *_ = source.transform
        if a * e - b * d == 0.0 or source.transform.is_identity:
            msg = f"{file} has no place on Earth: no georeference. Give it one, or fetch it again with its .tfw file."
            raise LayerError(msg)
        grid = Grid(
            rows=source.height, columns=source.width, transform=(a, b, c, d, e, f), crs=_system(file, source, crs)
        )
        unit = unit or people_unit(file, source, number)
        tile = source.block_shapes[number - 1]
        if tile[0] * tile[1] > _LARGEST_TILE:
            size = f"{tile[1]:,} by {tile[0]:,} pixels"
            msg = f"{file} announces tiles of {size}, which nothing holds. Is it a whole GeoTIFF?"
            raise LayerError(msg)
    with Path(file).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Raster(file=name, sha256=digest, unit=unit, band=number, grid=grid, tile=tile)


@contextmanager
def _opened(file: str) -> Iterator[rasterio.DatasetReader]:
    """Open a raster; what goes wrong while it is open is told of the file."""
    try:
        import rasterio  # noqa: PLC0415 - an extra, and half a second that other layers do not need
    except ImportError as error:
        msg = "Population rasters need rasterio. Install it: pip install 'geo-coverage[raster]'."
        raise LayerError(msg) from error
    if not Path(file).is_file():
        msg = f"{file} does not exist." if not Path(file).exists() else f"{file} is a folder or a device, not a file."
        raise LayerError(msg)
    try:
        with warnings.catch_warnings():
            # That a raster has no georeference is said as an error of ours.
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            # A virtual raster would open other files, or ask a server.
            source = rasterio.open(file, driver="GTiff")
        with source:
            yield source
    except rasterio.errors.RasterioError as error:
        said = why(str(error.__cause__ or error))
        msg = f"{file} cannot be read as a raster: {said}. Is it a whole GeoTIFF? Save or fetch it again."
        raise LayerError(msg) from error


def _band(file: str, source: rasterio.DatasetReader, band: str) -> int:
    if not band and source.count == 1:
        return 1
    if band.isdecimal() and 1 <= int(band) <= source.count:
        return int(band)
    bands = f"{source.count} band{'s' if source.count > 1 else ''}"
    msg = f"{file} has {bands}, and '{band}' is none of them." if band else f"{file} has {bands}."
    msg += f" Name one, as {file}::1."
    raise LayerError(msg)


def _system(file: str, source: rasterio.DatasetReader, given: str | None) -> pyproj.CRS:
    if source.crs is None or not source.crs.to_wkt():
        if given is None:
            msg = f'{file} has no coordinate system. Say what it is, as crs = "EPSG:4326" beside the file\'s name.'
            raise CRSError(msg)
        return systems.parse_crs(given)
    system = pyproj.CRS.from_wkt(source.crs.to_wkt())
    if not (system.is_geographic or system.is_projected):
        msg = f"{file} is in '{system.name}', which is neither geographic nor projected. Project it to EPSG:4326."
        raise CRSError(msg)
    return system


def _refuse_misfits(rasters: Sequence[Raster]) -> None:
    """Refuse rasters that overlap and whose pixels do not coincide, or of which that cannot be told."""
    for later, one in enumerate(rasters):
        for other in rasters[:later]:
            turned = any(raster.grid.transform[1] or raster.grid.transform[3] for raster in (one, other))
            if turned or not one.grid.crs.equals(other.grid.crs, ignore_axis_order=True):
                why = "are rotated" if turned else "have different coordinate systems"
                msg = f"{other.file} and {one.file} {why}. Bring them into one raster first, as with gdalwarp."
                raise LayerError(msg)
            if common(one.grid, other.grid) is not None and not coincide(one.grid, other.grid):
                msg = (
                    f"{other.file} and {one.file} overlap, and their pixels do not coincide: people would count "
                    "twice. Name one of them, or bring them into one raster first, as with gdalwarp."
                )
                raise LayerError(msg)


def _windows(raster: Raster) -> Iterator[Grid]:
    """Divide a raster into windows of whole tiles: as wide as it can be, then as high as it can be."""
    high, wide = raster.tile
    grid = raster.grid
    columns = min(max(_PIXELS_AT_ONCE // (high * wide), 1) * wide, grid.columns)
    rows = min(max(_PIXELS_AT_ONCE // (high * columns), 1) * high, grid.rows)
    # A file that is one single tile is cut all the same.
    rows = min(rows, max(_PIXELS_AT_ONCE // columns, 1))
    for row in range(0, grid.rows, rows):
        for column in range(0, grid.columns, columns):
            yield grid.window(row, column, min(rows, grid.rows - row), min(columns, grid.columns - column))


def _looks(rasters: Sequence[Raster], number: int) -> Iterator[tuple[Block, _Seen]]:
    """Read every window of one of the rasters, less the people that an earlier raster has in the same pixels."""
    raster = rasters[number]
    with ExitStack() as files:
        sources = [files.enter_context(_opened(one.file.partition("::")[0])) for one in rasters[: number + 1]]
        for grid in _windows(raster):
            people, seen = _counted(raster, grid, _values(sources[number], raster.band, grid))
            for earlier, source in zip(rasters[:number], sources, strict=False):
                seen += _taken_out(people, grid, earlier, source)
            yield Block(people=people, grid=grid), replace(seen, people=float(people.sum()))


def _values(source: rasterio.DatasetReader, band: int, grid: Grid) -> NDArray[np.float64]:
    """Read a window as it is meant: scaled, and NaN where there is no value."""
    window = ((grid.row, grid.row + grid.rows), (grid.column, grid.column + grid.columns))
    read = source.read(band, window=window, masked=True)
    values = np.asarray(read.astype(np.float64).filled(np.nan))
    values[~np.isfinite(values)] = np.nan
    scale, offset = source.scales[band - 1], source.offsets[band - 1]
    return values if (scale, offset) == (1.0, 0.0) else values * scale + offset


def _counted(raster: Raster, grid: Grid, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], _Seen]:
    """Turn values into people, and count what is wrong with them."""
    negative = values < 0.0
    seen = _Seen(
        known=int(np.isfinite(values).sum()),
        negative=int(negative.sum()),
        lowest=float(values.min(where=negative, initial=0.0)),
    )
    people = np.where(values > 0.0, values, 0.0)
    if raster.unit == "per_km2":
        people *= grid.areas_km2()
    return people, seen


def _taken_out(people: NDArray[np.float64], grid: Grid, earlier: Raster, source: rasterio.DatasetReader) -> _Seen:
    """Set the people to 0 of the pixels in which an earlier raster has people."""
    shared = common(grid, earlier.grid)
    if shared is None:
        return _Seen()
    rows, columns = shared
    there = earlier.grid.window(rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start)
    taken = _values(source, earlier.band, there) > 0.0
    column, row = (round(step) for step in offset(there, grid))
    here = people[row : row + there.rows, column : column + there.columns]
    twice = taken & (here > 0.0)
    seen = _Seen(repeated=int(twice.sum()), repeated_people=float(here.sum(where=twice)))
    here[twice] = 0.0
    return seen
