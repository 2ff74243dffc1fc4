"""Make a layer of a source: its columns recognised and typed, its places in WGS84, its unreadable cells found."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import crs as systems
from geo.errors import CRSError, LayerError
from geo.figures import Finding
from geo.layers.contract import LAYERS, Column, LayerKind, recognise
from geo.layers.read import Source, open_source
from geo.layers.table import numbers
from geo.layers.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """
    One layer, ready to be checked and measured.

    `table` is in EPSG:4326 on the row numbers of the source: the source's own columns, and those of the contract
    (``village_id``, ``name``, ``population`` ...) under their own names. A row without a place has no geometry.
    `own` are the source's columns alone, untouched and in the source's system. `columns` says which header each column
    of the contract was taken from.
    """

    kind: LayerKind
    table: gpd.GeoDataFrame
    own: gpd.GeoDataFrame
    columns: Mapping[str, str]
    file: str
    sha256: str
    crs: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a layer: `crs` where the source has none, `columns` that are named, and its name as `shown`."""

    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    shown: str | None = None


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
    return conform(kind, open_source(name), reading or Reading())


def read_coverage(name: str | Path, reading: Reading | None = None) -> Layer:
    """Read a file of coverage: cells where its rows are points, footprints where they are polygons."""
    source = open_source(name)
    return conform("footprints" if _has_polygons(source.rows) else "cells", source, reading or Reading())


def conform(kind: LayerKind, source: Source, reading: Reading) -> Layer:
    """Make one of the five layers of an opened source."""
    columns = recognise(kind, [c for c in source.rows.columns if c != "geometry"], reading.columns, source=source.file)
    pair = _pair(kind, source, columns)
    columns = {name: header for name, header in columns.items() if name not in _PLACE_KEYS or name in pair}
    placed, system = _placed(kind, source, columns, reading.crs)
    typed = placed.copy()
    for column in LAYERS[kind]:
        if column.key not in _PLACE_KEYS:
            typed[column.name] = _typed(source, column, columns.get(column.name))
    if kind in _IDS:
        typed[_IDS[kind]] = _ids(typed[_IDS[kind]])
    chosen = ", ".join(f"{name} from '{header}'" for name, header in columns.items())
    _LOG.info("%s: %s: %d rows, %s; %s", kind, source.file, len(typed), system, chosen or "no column recognised")
    return Layer(
        kind=kind,
        table=systems.to_wgs84(typed, source.file),
        own=placed,
        columns=columns,
        file=reading.shown or source.file,
        sha256=source.sha256,
        crs=system,
        findings=tuple(_unreadable(kind, typed, source.rows, columns)),
    )


_FEW, _MOST = 0.1, 0.9
_PLACE_KEYS = ("lon", "lat", "x", "y")
_IDS: Mapping[LayerKind, str] = {
    "villages": "village_id",
    "points": "point_id",
    "areas": "area_id",
    "cells": "cell_id",
}
_POLYGONS = {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}
_POINTS = {shapely.GeometryType.POINT}
_ALLOWED: Mapping[LayerKind, set[shapely.GeometryType]] = {
    "villages": _POINTS | _POLYGONS,
    "points": _POINTS | _POLYGONS,
    "areas": _POLYGONS,
    "footprints": _POLYGONS,
    "cells": _POINTS,
}


def _has_geometry(rows: pd.DataFrame) -> bool:
    return "geometry" in rows and isinstance(rows, gpd.GeoDataFrame)


def _has_polygons(rows: pd.DataFrame) -> bool:
    if not _has_geometry(rows):
        return False
    return bool(np.isin(shapely.get_dimensions(rows.geometry.to_numpy()), [2]).any())


def _placed(
    kind: LayerKind, source: Source, columns: Mapping[str, str], given: str | None
) -> tuple[gpd.GeoDataFrame, str]:
    rows = source.rows
    if _has_geometry(rows):
        system = source.crs or (systems.parse_crs(given) if given else None)
        geometry = _allowed(kind, source, shapely.force_2d(rows.geometry.to_numpy()))
    else:
        geometry, system = _points(source, columns, given)
    frame = gpd.GeoDataFrame(rows.drop(columns="geometry", errors="ignore"), geometry=geometry, crs=system)
    return frame, systems.label(system) if system is not None else "none"


def _pair(kind: LayerKind, source: Source, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Give the two columns that the places come from; none where the source has geometries."""
    if _has_geometry(source.rows):
        return ()
    pair = next((p for p in (("lon", "lat"), ("x", "y")) if all(name in columns for name in p)), None)
    if pair is not None:
        return pair
    wanted = (
        "places, and no column was recognised as longitude and latitude or x and y"
        if _ALLOWED[kind] & _POINTS
        else "polygons, and a table has none"
    )
    msg = f"{source.file}: {kind} need {wanted}. Its columns are {', '.join(map(str, source.rows.columns))}."
    raise LayerError(msg)


def _points(source: Source, columns: Mapping[str, str], given: str | None) -> tuple[np.ndarray, pyproj.CRS]:
    """Make points of coordinate columns; those called longitude and latitude are degrees of WGS84 if they can be."""
    pair = [name for name in columns if name in _PLACE_KEYS]
    system = systems.parse_crs(given) if given else None
    x, y = (_numbers(source.rows[columns[name]]) for name in pair)
    if pair == ["lon", "lat"] and (system is None or (system.is_projected and _in_degrees(x, y))):
        system = systems.parse_crs(systems.WGS84)
    if system is None:
        msg = (
            f"{source.file} has coordinates in '{columns['x']}' and '{columns['y']}' and no coordinate system. "
            "Say what it is: --crs EPSG:9217, or --crs EPSG:4326 for degrees."
        )
        raise CRSError(msg)
    _refuse_exchanged(source.file, x, y, system)
    geometry = np.full(len(x), None, dtype=object)
    known = ~(np.isnan(x) | np.isnan(y))
    geometry[known] = shapely.points(x[known], y[known])
    return geometry, system


def _in_degrees(x: np.ndarray, y: np.ndarray) -> bool:
    """Tell whether most places could be degrees."""
    known = ~(np.isnan(x) | np.isnan(y))
    return not known.any() or bool(np.median(np.abs(x[known])) <= 180 and np.median(np.abs(y[known])) <= 90)  # noqa: PLR2004


def _refuse_exchanged(file: str, x: np.ndarray, y: np.ndarray, system: pyproj.CRS) -> None:
    """Refuse a projected table whose places lie in the system's area of use only with x and y exchanged."""
    if not system.is_projected or system.area_of_use is None:
        return
    west, south, east, north = system.area_of_use.bounds
    geographic = pyproj.Transformer.from_crs(system, system.geodetic_crs, always_xy=True)

    def share_inside(easting: np.ndarray, northing: np.ndarray) -> float:
        lon, lat = geographic.transform(easting, northing)
        return float(np.mean((lon >= west - 1) & (lon <= east + 1) & (lat >= south - 1) & (lat <= north + 1)))

    if len(x) and share_inside(x, y) < _FEW and share_inside(y, x) > _MOST:
        msg = (
            f"{file}: x and y look exchanged: with x to the north, places lie in the area of {systems.label(system)}. "
            "Say which column is which: --column LAYER.x=HEADER --column LAYER.y=HEADER."
        )
        raise LayerError(msg)


def _allowed(kind: LayerKind, source: Source, geometry: np.ndarray) -> np.ndarray:
    single = (shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(geometry) == 1
    )
    nowhere = np.isnan(shapely.bounds(geometry)).any(axis=1)
    geometry = np.where(single, shapely.get_geometry(geometry, 0), geometry)
    geometry[nowhere] = None
    types = shapely.get_type_id(geometry)
    wrong = ~np.isin(types, [-1, *(int(t) for t in _ALLOWED[kind])]) & ~shapely.is_empty(geometry)
    if wrong.any():
        first = source.rows.index[int(np.argmax(wrong))]
        found = shapely.GeometryType(int(types[np.argmax(wrong)])).name.lower()
        wanted = " or ".join(sorted(shapely.GeometryType(t).name.lower() for t in _ALLOWED[kind]))
        msg = f"{source.file}: {kind} are {wanted}, and {int(wrong.sum())} rows are not (row {first} is a {found}). "
        msg += "Name a file, or a layer of it as FILE::LAYER, that holds nothing else."
        raise LayerError(msg)
    return geometry


def _typed(source: Source, column: Column, header: str | None) -> pd.Series | np.ndarray:
    rows = source.rows
    if header is None:
        if column.kind == "id":
            return rows.index.astype(str).to_numpy()
        return pd.Series(
            np.nan if column.kind in ("number", "whole") else None,
            index=rows.index,
            dtype=_DTYPES[column.kind],
        )
    cells = rows[header]
    if column.kind in ("id", "text"):
        return _texts(cells)
    values = _numbers(cells, whole=column.kind == "whole")
    return pd.Series(np.where(np.isfinite(values), values, np.nan), index=rows.index)


def _unreadable(
    kind: LayerKind, typed: gpd.GeoDataFrame, rows: pd.DataFrame, columns: Mapping[str, str]
) -> Iterator[Finding]:
    """Find the cells of number columns that hold something else."""
    for column in LAYERS[kind]:
        if column.kind not in ("number", "whole") or column.name not in columns:
            continue
        cells = rows[columns[column.name]]
        values = _numbers(cells) if column.key in _PLACE_KEYS else typed[column.name].to_numpy()
        bad = np.isnan(values) & (_texts(cells).fillna("") != "").to_numpy()
        if bad.any():
            yield Finding(
                layer=kind,
                fault="unreadable_number",
                rows=tuple(int(row) for row in rows.index[bad]),
                ids=tuple(typed[_IDS[kind]][bad].astype(str)) if kind in _IDS else (),
                values={"column": str(cells.name), "example": str(cells[bad].iloc[0])},
            )


_DTYPES = {"id": "str", "text": "str", "number": "float64", "whole": "float64"}


def _texts(cells: pd.Series) -> pd.Series:
    """Give cells as clean text; whole numbers of a float column lose their '.0'; empty cells are missing."""
    if pd.api.types.is_float_dtype(cells) and (cells.dropna() % 1 == 0).all():
        cells = cells.astype("Int64")
    texts = cells.astype("str").where(cells.notna())
    texts = texts.map(clean, na_action="ignore")
    return texts.where(texts != "")


def _numbers(cells: pd.Series, *, whole: bool = False) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(dtype=float, na_value=np.nan)
    return numbers(cells.astype("str").where(cells.notna(), ""), whole=whole).to_numpy()


def _ids(ids: pd.Series) -> pd.Series:
    return ids.where(ids.notna(), "row " + ids.index.astype(str).to_series(index=ids.index))
