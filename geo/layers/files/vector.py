"""Layers with geometries, read by GDAL: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, KML, GML, GPX, MapInfo and more."""

from __future__ import annotations

import logging
import re
import tempfile
import unicodedata
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.errors import LayerError
from geo.figures import Finding
from geo.layers.encodings.encoding import is_unicode
from geo.layers.files.archive import listed
from geo.layers.files.damage import cannot_be_read
from geo.layers.files.deleted import deleted_records
from geo.layers.files.every import EVERY, name_one, typed
from geo.layers.files.features import features_told
from geo.layers.files.formats import TABLES, endings
from geo.layers.files.long_texts import refuse_long_texts
from geo.layers.files.markup import refuse_broken_markup
from geo.layers.files.offline import offline, refuse_pointers
from geo.layers.files.outlines import SAID, binaries, closed
from geo.layers.files.parts import cut_records, missing_parts, records_told
from geo.layers.files.shapes import curved
from geo.layers.files.told_system import told_system
from geo.layers.files.views import refuse_endless_views
from geo.messages import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pyproj

    from geo.layers.files.whereabouts import Found

_LOG = logging.getLogger(__name__)
# GDAL goes by the name before the content: a layer that is named as a table needs its driver told.
_NAMED_AS_TABLES = (*TABLES, *endings("sheet"))
_PREFIXES = {b"S": "GPKG:", b"{": "GeoJSON:"}
_BLANK = b"\xef\xbb\xbf \t\r\n"
# What GDAL puts beside the columns of every KML file, and the values that stand for nothing there.
_OF_KML = (
    "id",
    "timestamp",
    "begin",
    "end",
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
)
_NOTHING_IN_KML = {"-1", "0", ""}
# What GIS programs save beside the layers of a GeoPackage, and is none.
_STYLES = ("layer_styles",)
_CURVES = range(8, 13)
_LONGEST_WARNING = 300
# Which function of GDAL speaks says nothing.
_CALLED = re.compile(r"\b\w+\(\): ")
# To look into each layer of a file is to open it as often, and to go through so many bytes of it where it is text.
_MOST_LAYERS, _MOST_READ = 100, 1_000_000_000


Read = tuple["pd.DataFrame", "pyproj.CRS | None", tuple[Finding, ...]]
"""The rows of a layer on their feature ids, their system where it tells one, and what reading has found."""


def read_vector(found: Found) -> Read:
    """
    Read one layer of a file through GDAL, on its feature ids.

    Curves become lines, four degrees a step, and a finding says which rows had them. A curve in a collection stays one,
    and its row has no geometry.

    Raises
    ------
    LayerError
        Where the file cannot be read, is damaged, or has several layers and none is named.
    """
    with _through_gdal(found) as opened:
        names = [str(row[0]) for row in _layers_with_places(opened)]
        return _read(found, opened, _chosen_layer(found, opened, names))


def read_layers(found: Found) -> tuple[dict[str, Read], list[str]]:
    """
    Read every layer of a file that has geometries, each as :func:`read_vector` does.

    Returns
    -------
    tuple
        The layers by their names, in the order of the file, without those that have no rows; and the names of layers
        that were passed over because they have no geometries.
    """
    with _through_gdal(found) as opened:
        names = [str(row[0]) for row in _layers_with_places(opened)]
        _refuse_too_many(found, names)
        layers = {name: _read(found, opened, name) for name in names}
        full = {name: read for name, read in layers.items() if len(read[0])}
        others = [name for name in _every_layer(opened) if name not in layers and name not in _STYLES]
        return full or layers, others


def _refuse_too_many(found: Found, names: list[str]) -> None:
    if _starts_with(found, b"<") and len(names) * found.path.stat().st_size > _MOST_READ:
        msg = (
            f"{found.shown} has {len(names)} layers, and to read each is to go through the whole file. Name one, as "
            f"{typed(f'{found.shown}::{names[0]}')}, or save them as one layer."
        )
        raise LayerError(msg)


@contextmanager
def _through_gdal(found: Found) -> Iterator[str]:
    """Give the name by which GDAL opens a file that can do no harm; what it says is logged, or raised as an error."""
    import pyarrow as pa  # noqa: PLC0415 - 0.1 s that a table does not need
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    refuse_pointers(found.path, found.shown)
    refuse_endless_views(found.path, None if found.layer == EVERY else found.layer, found.shown)
    if _starts_with(found, b"<"):
        refuse_broken_markup(found.path, found.shown)
    with _apart(found) as opened, offline(), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            yield opened
        except (DataSourceError, DataLayerError, pa.ArrowException, ValueError, RuntimeError, OSError) as error:
            if isinstance(error, LayerError):
                raise
            lost = missing_parts(found.path)
            said = f"{lost[0]} is not beside it" if lost else _as_named(str(error), opened, found)
            raise cannot_be_read(found.shown, said) from error
    for said in dict.fromkeys(_as_named(str(warning.message), opened, found) for warning in told):
        if not said.startswith(SAID):
            evidence = _CALLED.sub("", said)[:_LONGEST_WARNING]
            _LOG.warning("%s: something in it is unusual (%s)", found.shown, evidence)


def _read(found: Found, opened: str, layer: str) -> Read:
    import pyogrio  # noqa: PLC0415

    refuse_long_texts(found.path, layer, found.shown)
    about = pyogrio.read_info(opened, layer=layer)
    # The ids of rows may stand in a column as well, as those of GeoJSON do.
    part = _Part(opened, layer, ids_are_a_column=about["fid_column"] in about["fields"])
    rows, findings = _in_its_encoding(part, found, is_shapefile=about["driver"] == "ESRI Shapefile")
    if about["driver"] in _TELLING:
        _refuse_lost(found, len(rows), _TELLING[about["driver"]](found.path))
    if about["driver"] == "ESRI Shapefile":
        _refuse_lost(found, len(rows) - cut_records(found.path), len(rows))
    deleted = deleted_records(found.path) if about["driver"] == "ESRI Shapefile" else ()
    if deleted:
        findings = (*findings, Finding(layer="", fault="deleted_rows", rows=deleted, left_out=True))
    if len(rows) + len(deleted) < about["features"]:
        msg = (
            f"{found.shown} is damaged: it announces {counted(about['features'], 'row|rows')}, and only "
            f"{len(rows):,} can be read. Save or fetch it again."
        )
        raise LayerError(msg)
    rows.index.name = "row"
    rows = _from_1258(rows) if _is_1258(found) else rows
    rows = _without_kml_columns(rows) if about["driver"] == "LIBKML" else rows
    system = getattr(rows, "crs", None) if "geometry" in rows else None
    return rows, told_system(found, system, is_geojson=about["driver"] == "GeoJSON"), findings


def _as_named(said: str, opened: str, found: Found) -> str:
    """Call files as the user did: those that were unpacked are gone when it is read."""
    said = said.replace(opened, found.shown).replace(str(found.path), found.shown)
    return said if found.shown == str(found.path) else said.replace(f"{found.path.parent}/", "")


@dataclass(frozen=True)
class _Part:
    """A layer of what GDAL opens."""

    opened: str
    layer: str
    ids_are_a_column: bool

    def read(self, encoding: str | None, *, use_arrow: bool) -> gpd.GeoDataFrame:
        """Read it on the ids of its rows; by Arrow these cannot also be a column, and are read for themselves.

        Rows that share an id are numbered through.
        """
        import pyogrio  # noqa: PLC0415

        apart = self.ids_are_a_column and use_arrow
        rows = pyogrio.read_dataframe(
            self.opened,
            layer=self.layer,
            encoding=encoding,
            fid_as_index=not apart,
            use_arrow=use_arrow,
            on_invalid="ignore",
            datetime_as_string=True,
        )
        if apart:
            alone = {"columns": [], "read_geometry": False, "fid_as_index": True}
            rows.index = pyogrio.read_dataframe(self.opened, layer=self.layer, **alone).index
        return rows if rows.index.is_unique else rows.set_axis(pd.RangeIndex(len(rows)), axis=0)


def _in_its_encoding(part: _Part, found: Found, *, is_shapefile: bool) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read text as the file says it is; a shapefile that is silent, or wrong, is read byte by byte, as Latin-1."""
    if _is_1258(found):
        return _rows(part, "ISO-8859-1")
    rows, findings = _rows(part, None)
    if is_unicode(rows):
        return rows, findings
    if is_shapefile:
        return _rows(part, "ISO-8859-1")
    msg = f"{found.shown} is damaged: text in it is no UTF-8. Save or fetch it again."
    raise LayerError(msg)


def _rows(part: _Part, encoding: str | None) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    findings = []
    try:
        rows = part.read(encoding, use_arrow=True)
    except NotImplementedError:
        rows = part.read(encoding, use_arrow=False)
        numbers = tuple(int(row) for row in rows.index[_curved_in(part.opened, part.layer)])
        findings.append(Finding(layer="", fault="curves", rows=numbers))
    if "geometry" not in rows:
        return rows, ()
    rows, opened_outlines = closed(part.opened, part.layer, rows)
    findings += opened_outlines
    geometry = rows.geometry.to_numpy()
    left = curved(geometry)
    if left.any():
        lost = tuple(int(row) for row in rows.index[left])
        findings.append(Finding(layer="", fault="curves_in_collections", rows=lost, left_out=True))
        rows = rows.set_geometry(np.where(left, None, geometry), crs=rows.crs)
    return rows, tuple(findings)


def _curved_in(opened: str, layer: str) -> np.ndarray:
    """Tell the rows of a layer whose geometry is a curve, before GDAL makes lines of it."""
    return np.array([_type_of(one) in _CURVES for one in binaries(opened, layer)])


def _type_of(binary: bytes | None) -> int:
    """Read the type of a geometry in well-known binary, heights and measures aside."""
    if not binary:
        return -1
    code = int.from_bytes(binary[1:5], "little") if binary[0] == 1 else int.from_bytes(binary[1:5], "big")
    return (code & 0x0FFFFFFF) % 1000


def _layers_with_places(opened: str) -> list[tuple[str, str | None]]:
    """Give the layers that have geometries, or all where none has: styles saved beside a layer are no layer."""
    import pyogrio  # noqa: PLC0415

    layers = [(str(name), kind) for name, kind in pyogrio.list_layers(opened)]
    return [one for one in layers if one[1] is not None] or layers


def _every_layer(opened: str) -> list[str]:
    import pyogrio  # noqa: PLC0415

    return [str(row[0]) for row in pyogrio.list_layers(opened)]


def _chosen_layer(found: Found, opened: str, names: list[str]) -> str:
    """Choose the layer that is named, else the only one, else the only one that has rows."""
    import pyogrio  # noqa: PLC0415

    if found.layer is not None:
        every = _every_layer(opened)
        if found.layer not in every:
            msg = f"{found.shown} has no layer '{found.layer}'; its layers are {listed(every)}."
            raise LayerError(msg)
        return found.layer
    if 1 < len(names) <= _MOST_LAYERS:
        full = [name for name in names if pyogrio.read_info(opened, layer=name, force_feature_count=True)["features"]]
        names = full if len(full) == 1 else names
    if len(names) != 1:
        several = (
            f"several layers: {listed(names)}. {name_one(found.shown, names[0])}"
            if names
            else ("no layer in it. Is it whole? Save or fetch it again.")
        )
        msg = f"{found.shown} has {several}"
        raise LayerError(msg)
    return names[0]


def _with_driver(found: Found) -> str:
    if found.path.suffix.lower() not in (*_NAMED_AS_TABLES, ""):
        return str(found.path)
    return next(
        (f"{said}{found.path}" for first, said in _PREFIXES.items() if _starts_with(found, first)), str(found.path)
    )


@contextmanager
def _apart(found: Found) -> Iterator[str]:
    """Name a file to GDAL; one of XML in a folder of its own, for GDAL writes what it learned of GML beside it."""
    if not _starts_with(found, b"<"):
        yield _with_driver(found)
        return
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        link = Path(folder) / found.path.name
        try:
            for path in (found.path, found.path.with_suffix(".xsd")):
                if path.is_file():
                    link.with_suffix(path.suffix).symlink_to(path.resolve())
        except OSError:  # a system without links
            link = found.path
        yield _with_driver(replace(found, path=link))


def _starts_with(found: Found, first: bytes) -> bool:
    with found.path.open("rb") as stream:
        return stream.read(4096).lstrip(_BLANK)[:1] == first


def _refuse_lost(found: Found, rows: int, told: int | None) -> None:
    """Refuse a file with something among its features that is none: GDAL passes over it."""
    if told is not None and rows < told:
        msg = (
            f"{found.shown} is damaged: of {counted(told, 'row|rows')} only {rows:,} can be read. "
            "Save or fetch it again."
        )
        raise LayerError(msg)


def _lines_told(path: Path) -> int:
    """Count the features of a file of one feature a line."""
    with path.open("rb") as stream:
        parted = stream.read(1) == b"\x1e"
        stream.seek(0)
        return sum(line.count(b"\x1e") if parted else bool(line.strip()) for line in stream)


_TELLING = {"GeoJSON": features_told, "GeoJSONSeq": _lines_told, "MapInfo File": records_told}


def _is_1258(found: Found) -> bool:
    """Tell Vietnamese Windows text: GDAL drops the last letter of each such cell, so it is decoded here."""
    told = found.path.with_suffix(".cpg")
    if found.path.suffix.lower() != ".shp" or not told.is_file():
        return False
    return told.read_text("ascii", "replace").strip().endswith("1258")


def _from_1258(rows: pd.DataFrame) -> pd.DataFrame:
    def decoded(text: object) -> object:
        if not isinstance(text, str):
            return text
        return unicodedata.normalize("NFC", text.encode("latin-1").decode("cp1258", "replace"))

    texts = {name: rows[name].map(decoded) for name in rows.select_dtypes(["str", "object"]).columns}
    return rows.assign(**texts).rename(columns=decoded)


def _without_kml_columns(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take away the columns that GDAL gives every KML file, where they say nothing in this one."""
    empty = [
        name for name in _OF_KML if name in rows and set(rows[name].dropna().astype(str).unique()) <= _NOTHING_IN_KML
    ]
    return rows.drop(columns=empty)
