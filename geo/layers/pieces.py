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

from geo.crs.systems import WGS84
from geo.errors import GeoError, OutputError
from geo.layers.contract import recognise
from geo.layers.layer import Layer, Reading, conform
from geo.layers.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
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
        if not self.place:
            return False
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


@dataclass(frozen=True, kw_only=True)
class Writing:
    """
    How pieces are written: those of `source`, with the `added` columns, under the `schema` that they have then.

    `bounds` are those of coordinate columns, in the file's own system; they become the bounding box of the geometry.
    """

    source: Villages
    schema: pa.Schema
    added: Sequence[str]
    bounds: tuple[float, float, float, float] | None


def write_pieces(path: Path, how: Writing, tables: Iterable[pa.Table]) -> None:
    """
    Write tables one after another into one GeoParquet file, holding one of them at a time.

    Raises
    ------
    OutputError
        Where the file cannot be written.
    """
    schema = how.schema.with_metadata(_metadata(how))
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for table in tables:
                writer.write_table(table.replace_schema_metadata(schema.metadata))
    except OSError as error:
        if isinstance(error, GeoError):
            raise
        msg = f"{path.name} cannot be written: {error.strerror or error}."
        raise OutputError(msg) from error


def points_of(source: Villages, piece: pa.Table) -> pa.Array:
    """Make the geometry of a piece of a table of coordinate columns: points in well-known binary."""
    own = coordinates_of(source, piece)
    assert own is not None  # noqa: S101 - columns of coordinates are points
    known = ~np.isnan(own[0])
    geometry = np.full(known.size, None, dtype=object)
    geometry[known] = shapely.to_wkb(shapely.points(own[0, known], own[1, known]))
    return pa.array(geometry, pa.binary())


def _metadata(how: Writing) -> dict[bytes, bytes]:
    geo = json.dumps(_geo(how.source, how.bounds)).encode()
    metadata = {**(how.source.schema.metadata or {}), b"geo": geo}
    if told := metadata.get(b"pandas"):
        # What pandas noted of a column is not true of the answer that has its name now.
        frame = json.loads(told)
        frame["columns"] = [one for one in frame["columns"] if one["field_name"] not in how.added]
        metadata[b"pandas"] = json.dumps(frame).encode()
    return metadata


def _geo(source: Villages, bounds: tuple[float, float, float, float] | None) -> dict[str, Any]:
    """Describe the geometry as GeoParquet wants it: as the file did, or as it was made of coordinate columns."""
    system = source.crs.to_json_dict()
    if source.geo is not None:
        own = source.geo["columns"]
        name = source.place[0]
        told = {**own[name], "crs": system} if "crs" in own[name] else own[name]
        return {**source.geo, "columns": {**own, name: told}}
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"], "crs": system}
    if bounds is not None:
        column["bbox"] = list(bounds)
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
