"""The formats that are read, with the endings of their files: the list that the reader and its messages go by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from geo.errors import LayerError

Reader = Literal["table", "sheet", "vector", "parquet", "extract"]


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: what people call it, the endings of its main files, and which reader it is for."""

    name: str
    endings: tuple[str, ...]
    reader: Reader = "vector"


FORMATS = (
    Format(name="CSV", endings=(".csv", ".tsv", ".txt"), reader="table"),
    Format(name="Excel", endings=(".xlsx", ".xlsm", ".xlsb", ".xls"), reader="sheet"),
    Format(name="ODS", endings=(".ods",), reader="sheet"),
    Format(name="GeoPackage", endings=(".gpkg",)),
    Format(name="Shapefile", endings=(".shp",)),
    Format(name="GeoJSON", endings=(".geojson", ".json", ".geojsonl")),
    Format(name="FlatGeobuf", endings=(".fgb",)),
    Format(name="Parquet", endings=(".parquet",), reader="parquet"),
    Format(name="KML", endings=(".kml",)),
    Format(name="GML", endings=(".gml",)),
    Format(name="GPX", endings=(".gpx",)),
    Format(name="MapInfo", endings=(".tab", ".mif")),
    Format(name="OpenStreetMap", endings=(".pbf", ".osm"), reader="extract"),
)
"""Every format that is read; others that GDAL knows by their content may be, and are not promised."""

ARCHIVES = (".zip", ".kmz", ".gz", ".shz")
"""Endings of files that hold others."""

_IN_TEXT = (".tab",)
# What lies beside the main file of a layer and belongs to it.
_PARTS = {
    ".shp": (".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".qix"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
}


def endings(*readers: Reader) -> tuple[str, ...]:
    """
    Give the endings of the formats of some readers, or of all.

    Examples
    --------
    >>> endings("sheet")
    ('.xlsx', '.xlsm', '.xlsb', '.xls', '.ods')
    """
    return tuple(ending for one in FORMATS if not readers or one.reader in readers for ending in one.endings)


TABLES = (*endings("table"), *_IN_TEXT)
"""Endings of tables of text; MapInfo's own is also that of tables whose cells are parted by tabs."""


def listed_formats() -> str:
    """
    List the formats as a sentence does, each with its endings.

    Examples
    --------
    >>> listed_formats()[:36]
    'CSV (.csv, .tsv, .txt), Excel (.xlsx'
    """
    *most, last = [f"{one.name} ({', '.join(one.endings)})" for one in FORMATS]
    return f"{', '.join(most)} or {last}, each also in a .zip archive"


def format_of(name: str) -> Format | None:
    """
    Give the format that a file is named as; None where its ending is none that is known.

    Examples
    --------
    >>> format_of("xã.GPKG").name, format_of("xã.dwg")
    ('GeoPackage', None)
    """
    ending = PurePath(name.partition("::")[0]).suffix.lower()
    return next((one for one in FORMATS if ending in one.endings), None)


def unknown_format(shown: str) -> LayerError:
    """Make the error of a file that is in no known format, or not in the one that it is named as."""
    named = format_of(shown)
    if named is not None:
        return LayerError(
            f"{shown} is named as {named.name}, and its content is not: it is damaged, or a file of another kind. "
            "Save or fetch it again."
        )
    return LayerError(f"{shown} is in no format that is known here. Save it as one of these: {listed_formats()}.")


def main_file_of(name: str) -> tuple[str, ...]:
    """
    Give the endings of the main files that a file may be a part of, as the ``.prj`` of a shapefile.

    Examples
    --------
    >>> main_file_of("xã.prj"), main_file_of("xã.shp")
    (('.shp',), ())
    """
    ending = PurePath(name).suffix.lower()
    return tuple(main for main, parts in _PARTS.items() if ending in parts)
