"""Open a file as a table of rows: its format found by content, its rows numbered as it shows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.errors import LayerError
from geo.layers import table

if TYPE_CHECKING:
    import pyproj

_SPREADSHEETS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_TABLES = {".csv", ".tsv", ".txt", ".tab"}
_SIGNATURES = {
    b"SQLite format 3\0": "vector",
    b"PAR1": "parquet",
    b"\x00\x00\x27\x0a": "vector",  # the main file of a shapefile
    b"fgb\x03": "vector",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """
    What stands in a file, before anybody asks which layer it is.

    `rows` has the columns of the source and a ``geometry`` column where the source has geometries; its index holds
    the row numbers that the source shows (the line of a table, the feature id of a layer).
    """

    rows: pd.DataFrame
    crs: pyproj.CRS | None
    file: str
    sha256: str


def open_source(name: str | Path) -> Source:
    """
    Open a file, or one layer or sheet of it as ``FILE::LAYER``.

    CSV in its dialects, XLSX, GeoPackage, Shapefile, GeoJSON, GeoParquet, plain Parquet, FlatGeobuf.

    Raises
    ------
    LayerError
        Where the file is missing, empty or cannot be read, or has several layers and none is named.
    """
    text = str(name)
    file, _, layer = text.partition("::")
    path = Path(file)
    if not path.is_file():
        msg = f"{file} does not exist." if not path.exists() else f"{file} is a folder, not a file."
        raise LayerError(msg)
    rows, crs = _READERS[_format(path)](path, layer or None)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Source(rows=rows, crs=crs, file=text, sha256=digest)


def _format(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(4096)
    if not start:
        msg = f"{path} is empty."
        raise LayerError(msg)
    for signature, form in _SIGNATURES.items():
        if start.startswith(signature):
            return form
    suffix = path.suffix.lower()
    if suffix in _SPREADSHEETS:
        return "spreadsheet"
    if start.startswith(b"PK\x03\x04"):
        return "spreadsheet" if b"[Content_Types].xml" in start or b"xl/" in start else "vector"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return "vector"
    return "csv" if suffix in _TABLES or _is_text(start) else "vector"


def _is_text(start: bytes) -> bool:
    return b"\0" not in start or start[:2] in (b"\xff\xfe", b"\xfe\xff")


def _read_vector(path: Path, layer: str | None) -> tuple[pd.DataFrame, pyproj.CRS | None]:
    import pyogrio  # noqa: PLC0415 - 0.1 s that a table does not need
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    try:
        names = [str(row[0]) for row in pyogrio.list_layers(path)]
        layer = _chosen_layer(path, names, layer)
        rows = pyogrio.read_dataframe(
            path, layer=layer, fid_as_index=True, use_arrow=True, on_invalid="ignore", datetime_as_string=True
        )
    except (DataSourceError, DataLayerError, ValueError, RuntimeError) as error:
        if isinstance(error, LayerError):
            raise
        msg = f"{path} cannot be read: {str(error).strip().splitlines()[0]}"
        raise LayerError(msg) from error
    rows.index.name = "row"
    return rows, getattr(rows, "crs", None) if "geometry" in rows else None


def _chosen_layer(path: Path, names: list[str], layer: str | None) -> str:
    if layer is not None and layer not in names:
        msg = f"{path} has no layer '{layer}'; its layers are {', '.join(names)}."
        raise LayerError(msg)
    if layer is None and len(names) != 1:
        found = f"several layers: {', '.join(names)}. Name one, as {path}::{names[0]}" if names else "no layer"
        msg = f"{path} has {found}."
        raise LayerError(msg)
    return layer or names[0]


def _read_parquet(path: Path, _layer: str | None) -> tuple[pd.DataFrame, pyproj.CRS | None]:
    import pyarrow as pa  # noqa: PLC0415 - only Parquet needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        metadata = pq.read_schema(path).metadata or {}
        rows = gpd.read_parquet(path) if b"geo" in metadata else pd.read_parquet(path)
    except (pa.ArrowException, ValueError, OSError) as error:
        msg = f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}"
        raise LayerError(msg) from error
    crs = None
    if isinstance(rows, gpd.GeoDataFrame):
        crs = rows.crs
        rows = rows.rename_geometry("geometry") if rows.geometry.name != "geometry" else rows
    rows.index = pd.RangeIndex(len(rows), name="row")
    return rows, crs


def _read_csv(path: Path, _layer: str | None) -> tuple[pd.DataFrame, None]:
    return table.read_csv(path), None


def _read_spreadsheet(path: Path, sheet: str | None) -> tuple[pd.DataFrame, None]:
    return table.read_xlsx(path, sheet), None


_READERS = {
    "vector": _read_vector,
    "parquet": _read_parquet,
    "csv": _read_csv,
    "spreadsheet": _read_spreadsheet,
}
