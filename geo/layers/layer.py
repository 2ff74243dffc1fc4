"""Make a layer of a source: its columns recognised and typed, its places in WGS84, its unreadable cells found."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from geo.crs import systems
from geo.figures import UNNAMED, Finding
from geo.layers.contract import LAYERS, PLACE_NAMES, LayerKind, recognise
from geo.layers.coordinates.disagreement import disagreements
from geo.layers.coordinates.geometry_text import read_geometries
from geo.layers.coordinates.positions import positions, with_ids
from geo.layers.coordinates.ways import Places, Positions, has_geometry
from geo.layers.prepared import prepare
from geo.layers.read import open_source
from geo.layers.remarks import footers_among, footers_told, remarks
from geo.layers.typed import typed_column

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo.layers.names.joined import Join, JoinedTable
    from geo.layers.source import Source


_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """
    One layer, ready to be checked and measured.

    `table` is in EPSG:4326 on the row numbers of the source: the source's own columns, and those of the contract
    (``village_id``, ``name``, ``population`` ...) under their own names. A row without a place has no geometry.
    `own` are the source's columns alone, untouched and in the source's system. `columns` says which header each column
    of the contract was taken from. `placed` is how the rows were placed, and `places` what else the source says of it.
    `within` tells of each row its layer in the file and its number there, where several layers were read as one.
    """

    kind: LayerKind
    table: gpd.GeoDataFrame
    own: gpd.GeoDataFrame
    columns: Mapping[str, str]
    file: str
    sha256: str
    crs: str
    findings: tuple[Finding, ...] = ()
    joined: JoinedTable | None = None
    placed: Positions | None = None
    places: Places | None = None
    within: Mapping[int, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """
    How to read a layer: `crs` where the source has none, `columns` that are named, and its name as `shown`.

    `join` is a table of further columns for its rows.
    """

    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    shown: str | None = None
    join: Join | None = None


def read_layer(kind: LayerKind, name: str | Path, reading: Reading | None = None) -> Layer:
    """
    Read a file as one of the five layers.

    Parameters
    ----------
    kind : str
        ``villages``, ``points``, ``areas``, ``footprints`` or ``cells``.
    name : str or Path
        A file, or ``FILE::LAYER``.
    reading : Reading, optional
        Coordinate system of a source that has none, and columns named by the caller.

    Raises
    ------
    LayerError
        Where the file cannot be read, has no place columns, or holds geometries of the wrong kind.
    CRSError
        Where the source has no coordinate system and none is given.
    """
    return conform(kind, open_source(name, kind), reading or Reading())


def read_coverage(name: str | Path, reading: Reading | None = None) -> Layer:
    """Read a file of coverage: cells where its rows are points, footprints where they are polygons."""
    source = open_source(name, "coverage")
    reading = reading or Reading()
    return conform("footprints" if _has_polygons(source, reading) else "cells", source, reading)


def conform(kind: LayerKind, source: Source, reading: Reading) -> Layer:
    """Make one of the five layers of an opened source."""
    raw, prepared = source.rows, prepare(kind, source, reading.columns, reading.join)
    source, reading = prepared.source, replace(reading, columns=prepared.named)
    headers = [name for name in source.rows.columns if name != "geometry" or not has_geometry(source.rows)]
    columns = recognise(kind, headers, reading.columns, source=source.file)
    places, placed, found = _placed(kind, source, columns, reading)
    source = places.source
    columns = {name: header for name, header in columns.items() if name not in PLACE_NAMES or name in placed.way}
    rows = source.rows.drop(columns="geometry", errors="ignore")
    typed = gpd.GeoDataFrame(rows, geometry=placed.geometry, crs=placed.system)
    kept = raw.loc[source.rows.index].drop(columns="geometry", errors="ignore")
    own = gpd.GeoDataFrame(kept, geometry=placed.geometry, crs=placed.system)
    for column in LAYERS[kind]:
        if column.name not in PLACE_NAMES:
            typed[column.name] = typed_column(source, column, columns.get(column.name))
    if kind in _IDS:
        typed[_IDS[kind]] = typed[_IDS[kind]].fillna(f"{UNNAMED} " + source.row_names())
    system = systems.label(placed.system) if placed.system is not None else "none"
    chosen = ", ".join(f"{name} from '{header}'" for name, header in columns.items())
    _LOG.info("%s: %s: %d rows, %s; %s", kind, source.file, len(typed), system, chosen or "no column recognised")
    told = (*prepared.findings, *remarks(kind, typed, source, columns))
    return Layer(
        kind=kind,
        table=systems.to_wgs84(typed, source.file),
        own=own,
        columns=columns,
        file=reading.shown or source.file,
        sha256=source.sha256,
        crs=system,
        findings=(
            *(replace(one, layer=kind) for one in source.findings),
            *with_ids((*found, *told), typed[_IDS[kind]] if kind in _IDS else None),
        ),
        joined=prepared.joined,
        placed=placed,
        places=places,
        within=source.within,
    )


def moved(layer: Layer, placed: Positions) -> Layer:
    """Give a layer whose rows were placed anew, and hold that against the other positions that its source tells."""
    if layer.places is None:
        return layer
    kept = tuple(one for one in layer.findings if one.fault not in _OF_OTHER_WAYS)
    found = tuple(disagreements(placed, layer.places))
    ids = layer.table[_IDS[layer.kind]] if layer.kind in _IDS else None
    return replace(layer, placed=placed, findings=(*kept, *with_ids(found, ids)))


_OF_OTHER_WAYS = ("coordinates_disagree", "uncompared_coordinates")
_IDS: Mapping[LayerKind, str] = {
    "villages": "village_id",
    "points": "point_id",
    "areas": "area_id",
    "cells": "cell_id",
}
_SURFACE = 2


def _has_polygons(source: Source, reading: Reading) -> bool:
    """Tell coverage by polygons from coverage by cells."""
    if has_geometry(source.rows):
        return bool((shapely.get_dimensions(source.rows.geometry.to_numpy()) == _SURFACE).any())
    columns = recognise("cells", source.rows.columns, reading.columns, source=source.file)
    places = Places(kind="cells", source=source, columns=columns, named=reading.columns, given=reading.crs)
    if places.ways[:1] != [("geometry",)]:
        return False
    found = read_geometries(source.rows[columns["geometry"]]).geometry
    return bool((shapely.get_dimensions(found) == _SURFACE).any())


def _placed(
    kind: LayerKind, source: Source, columns: Mapping[str, str], reading: Reading
) -> tuple[Places, Positions, tuple[Finding, ...]]:
    """Place the rows, without the totals and notes of a table, which are told and are no places."""
    places = Places(kind=kind, source=source, columns=columns, named=reading.columns, given=reading.crs)
    placed = positions(places)
    footers = footers_among(source, placed, columns.get("population"))
    told: tuple[Finding, ...] = ()
    if len(footers):
        told = (footers_told(kind, source, footers),)
        places = replace(places, source=replace(source, rows=source.rows.drop(index=footers)))
        placed = positions(places)
    return places, placed, (*told, *placed.findings, *disagreements(placed, places))
