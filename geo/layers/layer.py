"""Make a layer of a source: its columns recognised and typed, its places in WGS84, its unreadable cells found."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import systems
from geo.figures import NO_ID, UNNAMED, Finding
from geo.layers.contract import LAYERS, PLACE_NAMES, Column, LayerKind, recognise
from geo.layers.coordinates.disagreement import disagreements
from geo.layers.coordinates.geometry_text import read_geometries
from geo.layers.coordinates.positions import positions, with_ids
from geo.layers.coordinates.ways import Places, Positions, has_geometry
from geo.layers.numbers import numbers
from geo.layers.prepared import prepare
from geo.layers.read import open_source
from geo.layers.text import cleaned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
            typed[column.name] = _typed(source, column, columns.get(column.name))
    if kind in _IDS:
        typed[_IDS[kind]] = typed[_IDS[kind]].fillna(f"{UNNAMED} " + source.row_names())
    system = systems.label(placed.system) if placed.system is not None else "none"
    chosen = ", ".join(f"{name} from '{header}'" for name, header in columns.items())
    _LOG.info("%s: %s: %d rows, %s; %s", kind, source.file, len(typed), system, chosen or "no column recognised")
    told = (*prepared.findings, *_unreadable(kind, typed, source, columns), *_shared(kind, typed, source, columns))
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
    nowhere = source.rows.index[shapely.is_missing(placed.geometry) | _off_the_globe(placed)]
    footers = nowhere[nowhere.isin(list(source.footers))]
    told: tuple[Finding, ...] = ()
    if len(footers):
        example = next(
            cell for cell in source.rows.loc[footers[0]] if isinstance(cell, str) and cell.strip(" 0123456789.,")
        )
        told = (
            Finding(
                layer=kind,
                fault="footer_rows",
                rows=tuple(int(row) for row in footers),
                ids=(NO_ID,) * len(footers),
                values={"example": example},
                left_out=True,
            ),
        )
        places = replace(places, source=replace(source, rows=source.rows.drop(index=footers)))
        placed = positions(places)
    return places, placed, (*told, *placed.findings, *disagreements(placed, places))


def _off_the_globe(placed: Positions) -> np.ndarray:
    """Tell where degrees are none: coordinates that were added up."""
    if placed.system is None or not placed.system.is_geographic:
        return np.zeros(len(placed.geometry), dtype=bool)
    return np.asarray((np.abs(shapely.bounds(placed.geometry)) > (180, 90, 180, 90)).any(axis=1))


def _typed(source: Source, column: Column, header: str | None) -> pd.Series | np.ndarray:
    rows = source.rows
    if header is None:
        if column.kind == "id":
            return source.row_names().to_numpy()
        return pd.Series(
            np.nan if column.kind in ("number", "whole") else None,
            index=rows.index,
            dtype=_DTYPES[column.kind],
        )
    cells = rows[header]
    if column.kind in ("id", "text"):
        return _texts(cells)
    values = _numbers(cells, whole=column.kind == "whole")
    if column.name == "population":
        # A number of people in a cell merged over several rows is that of all of them together, and counts once.
        values = np.where(rows.index.isin(list(source.merged.get(header, ()))), np.nan, values)
    return pd.Series(np.where(np.isfinite(values), values, np.nan), index=rows.index)


def _unreadable(
    kind: LayerKind, typed: gpd.GeoDataFrame, source: Source, columns: Mapping[str, str]
) -> Iterator[Finding]:
    """Find the cells of number columns that hold something else."""
    rows = source.rows
    for column in LAYERS[kind]:
        if column.kind not in ("number", "whole") or column.name not in columns or column.name in PLACE_NAMES:
            continue
        if column.name == "stated_area" and typed[column.name].isna().all():
            continue  # a column 'area' may as well hold names
        cells = rows[columns[column.name]]
        bad = np.isnan(typed[column.name].to_numpy()) & (_texts(cells).fillna("") != "").to_numpy()
        bad &= ~rows.index.isin(list(source.merged.get(columns[column.name], ())))
        if bad.any():
            yield Finding(
                layer=kind,
                fault="unreadable_number",
                rows=tuple(int(row) for row in rows.index[bad]),
                values={"column": str(cells.name), "example": str(cells[bad].iloc[0])},
            )


def _shared(kind: LayerKind, typed: gpd.GeoDataFrame, source: Source, columns: Mapping[str, str]) -> Iterator[Finding]:
    """Tell the villages whose people stand in one cell with those of the village above: they were counted there."""
    shared = source.merged.get(columns.get("population", ""), ())
    rows = tuple(int(row) for row in typed.index[typed.index.isin(list(shared))])
    if rows:
        yield Finding(layer=kind, fault="shared_population", rows=rows, values={"column": columns["population"]})


# Beyond it a number is none that 64 bits hold.
_LARGEST = 2.0**63
_DTYPES = {"id": "str", "text": "str", "number": "float64", "whole": "float64"}


def _texts(cells: pd.Series) -> pd.Series:
    """Give cells as clean text; whole numbers of a float column lose their '.0'; empty cells are missing."""
    if pd.api.types.is_float_dtype(cells) and ((cells.dropna() % 1 == 0) & (cells.dropna().abs() < _LARGEST)).all():
        cells = cells.astype("Int64")
    texts = cells.astype("str").where(cells.notna())
    return cleaned(texts)


def _numbers(cells: pd.Series, *, whole: bool = False) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(dtype=float, na_value=np.nan)
    return numbers(cells.astype("str").where(cells.notna(), ""), whole=whole).to_numpy()
