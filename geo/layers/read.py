"""Open a file as a table of rows: its format found by content, its rows numbered as it shows them."""

from __future__ import annotations

import hashlib
import logging
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.errors import LayerError
from geo.layers import table

if TYPE_CHECKING:
    import pyproj

_LOG = logging.getLogger(__name__)
_SPREADSHEETS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_TABLES = {".csv", ".tsv", ".txt", ".tab"}
_SIGNATURES = {
    b"SQLite format 3\0": "vector",
    b"PAR1": "parquet",
    b"\x00\x00\x27\x0a": "vector",  # the main file of a shapefile
    b"fgb\x03": "vector",
    b"\xd0\xcf\x11\xe0": "spreadsheet",  # .xls, and encrypted workbooks
}
# GDAL goes by the name before the content: a layer that is named as a table needs its driver told.
_PREFIXES = {b"S": "GPKG:", b"{": "GeoJSON:"}
_FORMATS = "CSV, XLSX, GeoPackage, Shapefile, GeoJSON, GeoParquet, Parquet and FlatGeobuf"


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
    digest = _digest(path)
    return Source(rows=rows, crs=crs, file=text, sha256=digest)


def _digest(path: Path) -> str:
    """Hash a file; of a shapefile all the parts that are read, one after another."""
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts += [part for ending in (".dbf", ".prj", ".cpg") if (part := path.with_suffix(ending)).is_file()]
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


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
    if start.startswith(b"PK\x03\x04"):
        return "spreadsheet" if suffix in _SPREADSHEETS or _is_workbook(path) else "vector"
    if start.lstrip(_BLANK)[:1] in (b"{", b"[", b"<"):
        return "vector"
    return "csv" if suffix in _TABLES or _is_text(start) else "vector"


_BLANK = b"\xef\xbb\xbf \t\r\n"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return bool({"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & set(archive.namelist()))
    except zipfile.BadZipFile:
        return True


def _is_text(start: bytes) -> bool:
    return b"\0" not in start or start[:2] in (b"\xff\xfe", b"\xfe\xff")


def _read_vector(path: Path, layer: str | None) -> tuple[pd.DataFrame, pyproj.CRS | None]:
    import pyogrio  # noqa: PLC0415 - 0.1 s that a table does not need
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    opened = _with_driver(path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            names = [str(row[0]) for row in pyogrio.list_layers(opened)]
            layer = _chosen_layer(path, names, layer)
            there = pyogrio.read_info(opened, layer=layer)["features"]
            rows = pyogrio.read_dataframe(
                opened,
                layer=layer,
                encoding="ISO-8859-1" if _is_1258(path) else None,
                fid_as_index=True,
                use_arrow=True,
                on_invalid="ignore",
                datetime_as_string=True,
            )
        except (DataSourceError, DataLayerError, ValueError, RuntimeError, OSError) as error:
            if isinstance(error, LayerError):
                raise
            raise _unreadable(path, str(error)) from error
    for warning in told:
        _LOG.warning("%s: %s", path, warning.message)
    if len(rows) < there:
        msg = f"{path} is damaged: it announces {there} rows, and only {len(rows)} can be read. Save or fetch it again."
        raise LayerError(msg)
    rows.index.name = "row"
    rows = _from_1258(rows) if _is_1258(path) else rows
    return rows, getattr(rows, "crs", None) if "geometry" in rows else None


def _with_driver(path: Path) -> Path | str:
    if path.suffix.lower() not in _SPREADSHEETS | _TABLES:
        return path
    with path.open("rb") as stream:
        first = stream.read(4096).lstrip(_BLANK)[:1]
    return f"{_PREFIXES[first]}{path}" if first in _PREFIXES else path


def _is_1258(path: Path) -> bool:
    """Tell Vietnamese Windows text: GDAL drops the last letter of each such cell, so it is decoded here."""
    told = path.with_suffix(".cpg")
    if path.suffix.lower() != ".shp" or not told.is_file():
        return False
    return told.read_text("ascii", "replace").strip().endswith("1258")


def _from_1258(rows: pd.DataFrame) -> pd.DataFrame:
    def decoded(text: object) -> object:
        return text.encode("latin-1").decode("cp1258", "replace") if isinstance(text, str) else text

    texts = {name: rows[name].map(decoded) for name in rows.select_dtypes(["str", "object"]).columns}
    return rows.assign(**texts).rename(columns=decoded)


def _unreadable(path: Path, why: str) -> LayerError:
    if "not recognized as being in a supported file format" in why:
        return LayerError(f"{path} is in no format that is known here. Save it as one of {_FORMATS}.")
    first = why.strip().splitlines()[0].rstrip(".")
    return LayerError(f"{path} cannot be read: {first}. Is it whole? Save or fetch it again.")


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
        raise _unreadable(path, str(error)) from error
    # An index that was saved with the table is a column like the others.
    saved = [name for name in rows.index.names if name is not None and name not in rows]
    rows = rows.reset_index(level=saved)
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
