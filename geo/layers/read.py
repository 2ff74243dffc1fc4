"""Open a source as a table of rows: its format found by content, its rows numbered as it shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.layers.database import is_database, read_database, without_password
from geo.layers.encodings.encoding import unmarked_utf16
from geo.layers.files.archive import is_workbook
from geo.layers.files.columnar import read_parquet
from geo.layers.files.delimited import read_csv
from geo.layers.files.every import EVERY
from geo.layers.files.formats import ARCHIVES, TABLES, endings, format_of, main_file_of
from geo.layers.files.spreadsheet import read_sheet, read_sheets
from geo.layers.files.vector import read_layers, read_vector
from geo.layers.files.whereabouts import Found, found
from geo.layers.osm.content import ending_of, named_as_extract
from geo.layers.osm.naming import is_extract
from geo.layers.source import Source
from geo.layers.together import together

if TYPE_CHECKING:
    from pathlib import Path

    from geo.layers.files.table import Table

_SIGNATURES = {
    b"SQLite format 3\0": "vector",
    b"PAR1": "parquet",
    b"\x00\x00\x27\x0a": "vector",  # the main file of a shapefile
    b"fgb\x03": "vector",
    b"\xd0\xcf\x11\xe0": "spreadsheet",  # .xls, and encrypted workbooks
    b"!table": "vector",  # a table of MapInfo
}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OTHER_KINDS = (
    (re.compile(rb"(?i)(?:\xef\xbb\xbf)?\s*(?:<!doctype\s+html|<html|<table|<body|<meta)"), "a page of the web (HTML)"),
    (re.compile(rb"(?s)\s*<\?xml.*progid=.Excel\.Sheet"), "a workbook in the XML of Excel 2003"),
)
_BLANK = b"\xef\xbb\xbf \t\r\n"


def open_source(name: str | Path, kind: str | None = None) -> Source:
    """
    Open a file, or one layer or sheet of it as ``FILE::LAYER``, or all of them as one, ``FILE::*``.

    Where it is to be a layer of some `kind`, messages offer of an extract what can be one.

    CSV in its dialects, spreadsheets, GeoPackage, Shapefile, GeoJSON, KML, KMZ, GML, GPX, MapInfo, FlatGeobuf,
    GeoParquet, plain Parquet, each also in a ZIP archive (``zip://ARCHIVE!MEMBER``, ``/vsizip/ARCHIVE/MEMBER``), packed
    by gzip, or from standard input (``-``); tables of PostGIS; and extracts of OpenStreetMap
    (``country.osm.pbf::villages``, ``::points``, ``::areas``, ``::roads``), known by their content.

    Raises
    ------
    LayerError
        Where the file is missing, empty or cannot be read, has several layers and none is named, or has not the one
        that is named.
    """
    text = str(name)
    if is_database(text):
        rows, crs, digest, told = read_database(text)
        return Source(rows=rows, crs=crs, file=without_password(text), sha256=digest, findings=told)
    with found(text) as where:
        ending = ending_of(where.path, where.shown)
        if ending is not None or is_extract(where.path):
            return _of_extract(where, text, ending or "", kind)
        form = _format(where)
        if form in ("csv", "parquet"):
            _refuse_layer(where)
        if form == "csv":
            return _of_table(read_csv(where.path, where.shown), where, text)
        if form == "spreadsheet":
            return _of_workbook(where, text)
        if form == "vector" and where.layer == EVERY:
            return _of_layers(where, text)
        rows, crs, findings = read_vector(where) if form == "vector" else (*read_parquet(where), ())
        return Source(rows=rows, crs=crs, file=text, sha256=where.sha256, findings=findings)


def _refuse_layer(where: Found) -> None:
    """Refuse a layer of what has none; as GDAL has it, a table is the one layer of its file and has the file's name."""
    if where.layer not in (None, EVERY, where.path.stem):
        msg = f"{where.shown} has no layer '{where.layer}', for a table is one layer. Leave '::{where.layer}' out."
        raise LayerError(msg)


def _of_extract(where: Found, text: str, ending: str, kind: str | None) -> Source:
    from geo.layers.osm.layers import read_extract  # noqa: PLC0415 - an extra

    with named_as_extract(where.path, ending, where.shown) as path:
        rows, findings = read_extract(path, where.layer, kind)
    return Source(rows=rows, crs=rows.crs, file=text, sha256=where.sha256, findings=findings)


def _of_layers(where: Found, text: str) -> Source:
    """Give all layers of a file as one."""
    layers, others = read_layers(where)
    parts = {
        name: Source(rows=rows, crs=crs, file=text, sha256=where.sha256, findings=findings)
        for name, (rows, crs, findings) in layers.items()
    }
    return together(parts, others, where.shown)


def _of_workbook(where: Found, text: str) -> Source:
    if where.layer != EVERY:
        return _of_table(read_sheet(where.path, where.layer, where.shown), where, text)
    tables, others = read_sheets(where.path, where.shown)
    return together({name: _of_table(table, where, text) for name, table in tables.items()}, others, where.shown)


def _of_table(table: Table, where: Found, text: str) -> Source:
    return Source(
        rows=table.rows,
        crs=None,
        file=f"{text}::{table.sheet}" if table.sheet else text,
        sha256=where.sha256,
        footers=table.footers,
        merged=table.merged,
    )


def _format(where: Found) -> str:
    with where.path.open("rb") as stream:
        start = stream.read(4096)
    if not start:
        msg = f"{where.shown} is empty."
        raise LayerError(msg)
    for signature, form in _SIGNATURES.items():
        if start.startswith(signature):
            return form
    suffix = where.path.suffix.lower()
    _refuse_other_kinds(where, start)
    if start.startswith(b"PK\x03\x04"):
        return "spreadsheet" if suffix in endings("sheet") or is_workbook(where.path) else "vector"
    if start.lstrip(_BLANK)[:1] in (b"{", b"[", b"<", b"\x1e") or (
        suffix == ".mif" and start[:7].lower() == b"version"
    ):
        return "vector"
    if suffix in TABLES or _is_text(start):
        return "csv"
    if suffix in ARCHIVES:
        msg = f"{where.shown} is named as an archive, and is none: it is damaged, or a file of another kind. "
        msg += "Fetch it again."
        raise LayerError(msg)
    return "vector"


def _refuse_other_kinds(where: Found, start: bytes) -> None:
    """Refuse what offices name as a layer and what is none: pages of the web, and parts of another file."""
    for sign, kind in _OTHER_KINDS:
        if sign.match(start):
            named = format_of(where.path.name)
            remedy = "Open it in Excel or LibreOffice, and save the table as XLSX or CSV"
            if named is not None and named.reader not in ("table", "sheet"):
                remedy = f"It may be what a server said in place of the {named.name}: fetch it again"
            msg = f"{where.shown} is {kind}. {remedy}."
            raise LayerError(msg)
    if start.startswith(_TIFF):
        msg = f"{where.shown} is a raster (TIFF), and a layer has none. People in a raster are given by --people."
        raise LayerError(msg)
    beside = [where.path.with_suffix(ending) for ending in main_file_of(where.path.name)]
    main = next((path for path in beside if path.is_file()), None)
    if main is not None:
        msg = f"{where.shown} is a part of {main.name}, which lies beside it. Name that."
        raise LayerError(msg)


def _is_text(start: bytes) -> bool:
    return b"\0" not in start or start[:2] in (b"\xff\xfe", b"\xfe\xff") or unmarked_utf16(start) is not None
