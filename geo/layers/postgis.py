"""The rows that a query of PostGIS gives: its one geometry as lines and polygons, in the system the database names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pyproj.exceptions
import shapely

from geo.errors import LayerError
from geo.figures import Finding
from geo.layers.files.table import unique

if TYPE_CHECKING:
    import sqlalchemy as sa

# As GDAL makes lines of the arcs of files.
_STEP_DEGREES = 4


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A query, how messages call it, its columns, which of them is the geometry, and the SRID that this is declared."""

    sql: str
    shown: str
    columns: tuple[str, ...]
    geometry: str | None
    srid: int


def ask(connection: sa.Connection, sql: str, shown: str) -> Asked:
    """
    Find what columns a query gives, without running it.

    Raises
    ------
    LayerError
        Where two columns have one name, or more than one is a geometry (or a geography).
    """
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    kinds = connection.execute(sa.text("SELECT oid FROM pg_type WHERE typname IN ('geometry', 'geography')"))
    spatial = set(kinds.scalars())
    nothing = connection.execute(text_of(f"SELECT * FROM ({sql}) AS asked LIMIT 0"))  # noqa: S608 - the user's own query
    described = nothing.cursor.description
    names = tuple(column[0] for column in described)
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        msg = f"{shown} has several columns called {', '.join(twice)}. Name each apart: ...::(SELECT ... AS ...)."
        raise LayerError(msg)
    places = [place for place, column in enumerate(described) if column[1] in spatial]
    if len(places) > 1:
        several = ", ".join(names[place] for place in places)
        msg = f"{shown} has {len(places)} geometries ({several}). Ask for one: ...::(SELECT ...)."
        raise LayerError(msg)
    if not places:
        return Asked(sql=sql, shown=shown, columns=names, geometry=None, srid=0)
    declared = nothing.cursor.pgresult.fmod(places[0])
    srid = 0
    if declared >= 0:
        srid = connection.execute(sa.text("SELECT postgis_typmod_srid(:declared)"), {"declared": declared}).scalar_one()
    return Asked(sql=sql, shown=shown, columns=names, geometry=names[places[0]], srid=srid)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    The rows of a query, with a column ``geometry`` where it has one, and its coordinate system (None for SRID 0).

    `curves` tells the rows that had arcs, `lost` those whose geometry is nothing flat, `kinds` what each is called.
    """

    rows: pd.DataFrame
    crs: pyproj.CRS | None
    curves: np.ndarray
    lost: np.ndarray
    kinds: np.ndarray


def answer(connection: sa.Connection, asked: Asked) -> Answer:
    """
    Run a query.

    Arcs become lines, a step every four degrees; what is nothing flat (a TIN, a polyhedral surface) has no geometry. An
    own column called ``geometry`` is numbered, as one of two equal headers of a table is.

    Raises
    ------
    LayerError
        Where there are several SRIDs, or one that nobody knows.
    """
    if asked.geometry is None:
        rows = pd.read_sql_query(text_of(asked.sql), connection)
        none = np.zeros(len(rows), dtype=bool)
        return Answer(rows=rows, crs=None, curves=none, lost=none, kinds=none)
    crs = _system(connection, asked, asked.geometry)
    quote = connection.dialect.identifier_preparer.quote
    column = f"{quote(asked.geometry)}::geometry"
    flat = f"ST_AsBinary(ST_CurveToLine({column}, radians({_STEP_DEGREES}), 2, 0))"
    others = [name for name in asked.columns if name != asked.geometry]
    chosen = ", ".join([*map(quote, others), flat, f"ST_HasArc({column})", f"GeometryType({column})"])
    rows = pd.read_sql_query(text_of(f"SELECT {chosen} FROM ({asked.sql}) AS asked"), connection)  # noqa: S608 - quoted
    binary, arcs, kinds = (rows.iloc[:, place].to_numpy(dtype=object) for place in (-3, -2, -1))
    geometry = shapely.from_wkb(binary, on_invalid="ignore")
    lost = np.array([one is not None for one in binary], dtype=bool) & shapely.is_missing(geometry)
    table = rows.iloc[:, :-3].set_axis(unique(["geometry", *others])[1:], axis=1)
    return Answer(
        rows=gpd.GeoDataFrame(table, geometry=geometry, crs=crs),
        crs=crs,
        curves=np.array([one is True for one in arcs], dtype=bool) & ~lost,
        lost=lost,
        kinds=kinds,
    )


def told(asked: Asked, got: Answer) -> tuple[Finding, ...]:
    """Tell which rows had arcs and which have no geometry that is flat, once the rows have their numbers."""
    findings = []
    for fault, chosen in (("curves", got.curves), ("unreadable_geometry", got.lost)):
        if chosen.any():
            rows = tuple(int(row) for row in got.rows.index[chosen])
            values = {"column": str(asked.geometry), "example": str(got.kinds[chosen][0])}
            values = values if fault == "unreadable_geometry" else {}
            findings.append(Finding(layer="", fault=fault, rows=rows, values=values, left_out=bool(values)))
    return tuple(findings)


def _system(connection: sa.Connection, asked: Asked, geometry: str) -> pyproj.CRS | None:
    """Give the system of the geometries: as the database describes it, else the one that EPSG has under the number."""
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    column = connection.dialect.identifier_preparer.quote(geometry)
    found = f"SELECT DISTINCT ST_SRID({column}::geometry) FROM ({asked.sql}) AS asked WHERE {column} IS NOT NULL"  # noqa: S608
    numbers = sorted(connection.execute(text_of(found)).scalars()) or [asked.srid]
    if len(numbers) > 1:
        several = ", ".join(map(str, numbers))
        msg = f"{asked.shown}: column {geometry} has several SRIDs ({several}). Ask for one."
        raise LayerError(msg)
    if numbers == [0]:
        return None
    described = sa.text("SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = :srid")
    known = connection.execute(described, {"srid": numbers[0]}).one_or_none()
    authority, code, text = known or ("EPSG", numbers[0], "")
    try:
        return pyproj.CRS.from_user_input(f"{authority}:{code}" if authority else text)
    except pyproj.exceptions.CRSError as error:
        msg = f"{asked.shown}: SRID {numbers[0]} is no system that is known here. Say what it is: --crs."
        raise LayerError(msg) from error


def text_of(sql: str) -> sa.TextClause:
    """Give a query as it is run: a single colon in it is the user's own, never one of our parameters."""
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    return sa.text(re.sub(r"(?<!:):(?!:)", r"\\:", sql))
