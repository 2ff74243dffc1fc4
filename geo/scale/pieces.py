"""Villages in Parquet, read and written piece by piece; a piece alone is held in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from geo.crs import WGS84
from geo.layers.contract import recognise
from geo.layers.layer import Layer, Reading, conform
from geo.layers.read import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_BUFFER_BYTES = 1 << 20
_FIRST_ROWS = 10_000
# A point in well-known binary, little-endian, without a height.
_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])


@dataclass(frozen=True, kw_only=True)
class Villages:
    """
    A file of villages that is read in pieces.

    `place` names the geometry column, or the two columns of coordinates; `columns` says which header each column of
    the contract was taken from; `geo` is the file's own GeoParquet metadata, None where it is a plain table.
    """

    file: pq.ParquetFile
    path: Path
    geo: dict[str, Any] | None
    place: tuple[str, ...]
    crs: pyproj.CRS
    columns: dict[str, str]

    @property
    def rows(self) -> int:
        """Give the number of villages."""
        return int(self.file.metadata.num_rows)

    @property
    def schema(self) -> pa.Schema:
        """Give the columns of the file."""
        return self.file.schema_arrow

    @cached_property
    def to_wgs84(self) -> pyproj.Transformer | None:
        """Give the way to longitude and latitude; None where the places are such already."""
        if self.crs.equals(pyproj.CRS(WGS84), ignore_axis_order=True):
            return None
        return pyproj.Transformer.from_crs(self.crs, WGS84, always_xy=True)

    def read_alone(self) -> bool:
        """Tell whether every piece can be read without a look at the others: numbers written as text cannot."""
        if self.geo is not None and self.geo["columns"][self.place[0]]["encoding"] != "WKB":
            return False
        numbers = [] if self.geo else [*self.place]
        numbers += [self.columns["population"]] if "population" in self.columns else []
        types = [self.schema.field(name).type for name in numbers]
        return all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in types)

    def pieces(self, rows: int, columns: Sequence[str] | None = None) -> Iterator[tuple[int, pa.Table]]:
        """Give the rows in pieces of `rows`, the last one shorter, each with the number of its first row."""
        start = 0
        waiting: list[pa.RecordBatch] = []
        for batch in self.file.iter_batches(rows, columns=columns):
            table = pa.Table.from_batches([*waiting, batch])
            while len(table) >= rows:
                yield start, table[:rows]
                start, table = start + rows, table[rows:]
            waiting = table.to_batches()
        if waiting:
            yield start, pa.Table.from_batches(waiting)


def open_villages(path: Path, crs: str | None) -> Villages:
    """
    Open a Parquet file of villages: its footer is read, and of coordinate columns the first rows.

    Whether columns called longitude and latitude hold degrees in spite of a projected `crs`, and whether x and y look
    exchanged, is told by the first ten thousand rows.

    Raises
    ------
    LayerError, CRSError
        Where it has no places, or no coordinate system.
    """
    # Buffered and not read ahead: a row group may be the whole file.
    file = pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
    schema = file.schema_arrow
    text = (schema.metadata or {}).get(b"geo")
    geo = json.loads(text) if text else None
    geometry = geo["primary_column"] if geo else None
    names = [name for name in schema.names if name not in (geometry, "geometry")]
    first = [] if geo else list(islice(file.iter_batches(_FIRST_ROWS, columns=names), 1))
    rows = pa.Table.from_batches(first, schema.empty_table().select(names).schema).to_pandas(ignore_metadata=True)
    system = None
    if geo:
        told = geo["columns"][geometry].get("crs", "OGC:CRS84")
        system = None if told is None else pyproj.CRS.from_user_input(told)
        rows = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries([], crs=system))
    head = conform("villages", Source(rows=rows, crs=system, file=str(path), sha256=""), Reading(crs=crs))
    pair = tuple(head.columns[name] for name in ("lon", "lat", "x", "y") if name in head.columns)
    return Villages(
        file=file,
        path=path,
        geo=geo,
        place=(str(geometry),) if geo else pair,
        crs=head.own.crs,
        columns=recognise("villages", names),
    )


def coordinates_of(source: Villages, piece: pa.Table) -> NDArray[np.float64] | None:
    """
    Give the places of a piece in the file's own system, NaN where there is none; None where they are not all points.

    Returns
    -------
    ndarray of float, shape (2, rows)
    """
    if source.geo is None:
        pair = [piece[name].to_numpy().astype(np.float64) for name in source.place]
    else:
        binary = piece[source.place[0]].combine_chunks()
        known = binary.is_valid().to_numpy(zero_copy_only=False)
        raw = b"".join(binary.drop_null().to_pylist())
        points = np.frombuffer(raw, _POINT) if len(raw) == _POINT.itemsize * known.sum() else None
        if points is None or not ((points["order"] == 1) & (points["type"] == 1)).all():
            return None
        pair = [np.full(len(piece), np.nan) for _ in "xy"]
        for values, axis in zip(pair, "xy", strict=True):
            values[known] = points[axis]
    found = np.stack(pair)
    found[:, np.isnan(found).any(axis=0)] = np.nan
    return found


def placed(source: Villages, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring coordinates of the file's own system to longitude and latitude of WGS84."""
    if source.to_wgs84 is None:
        return found
    return np.stack(source.to_wgs84.transform(found[0], found[1]))


def shapes(source: Villages, piece: pa.Table, start: int) -> Layer:
    """Make a layer of the geometries of a piece alone, on the row numbers of the file."""
    geometry = shapely.from_wkb(piece[source.place[0]].to_numpy())
    index = np.arange(start, start + len(piece))
    rows = gpd.GeoDataFrame(geometry=geometry, index=index, crs=source.crs)
    rows.index.name = "row"
    return conform("villages", Source(rows=rows, crs=source.crs, file=str(source.path), sha256=""), Reading())
