"""Place the rows of a source by the first way that it offers; the others are what it is held against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs import systems
from geo.errors import CRSError, LayerError
from geo.figures import NO_ID, Finding
from geo.layers.coordinates.columns import by_one_column, by_two_columns
from geo.layers.coordinates.geometry_text import read_geometries
from geo.layers.coordinates.pairs import read_pairs
from geo.layers.coordinates.ways import Places, Positions, has_points, step_of
from geo.layers.files.shapes import fitting

if TYPE_CHECKING:
    import pandas as pd

_HALF = 0.5
_LOOKED_AT = 1000
_SHOWN = 40


def positions(places: Places) -> Positions:
    """
    Place the rows by the first of the ways that the source offers.

    Raises
    ------
    LayerError
        Where there is no way, the columns cannot be told apart, or most geometries are of another kind.
    CRSError
        Where the coordinates have no system and none is given.
    """
    ways = places.ways
    if not ways:
        raise _no_way(places)
    return placed_by(ways[0], places)


def placed_by(way: tuple[str, ...], places: Places) -> Positions:
    """Place the rows by one way; see :func:`positions`."""
    if way == ():
        return _by_own_geometry(places)
    if len(way) == 2:  # noqa: PLR2004 - two columns
        return by_two_columns(way, places)
    if way == ("geometry",):
        return _by_geometry_text(way, places)
    found = read_pairs(places.cells(way[0]))
    texts = places.cells(way[0]) != ""
    if way == ("coordinates",) and np.isnan(found.first[texts.to_numpy()]).mean() > _HALF:
        return _by_geometry_text(way, places)
    return by_one_column(way, places)


def with_ids(findings: tuple[Finding, ...], ids: pd.Series | None) -> tuple[Finding, ...]:
    """Put the ids of their rows to findings that have none."""
    if ids is None:
        return findings
    return tuple(
        one if one.ids else replace(one, ids=tuple(ids.reindex(list(one.rows)).fillna(NO_ID).astype(str)))
        for one in findings
    )


def _no_way(places: Places) -> LayerError:
    wanted = (
        "places, and no column was recognised as longitude and latitude or x and y"
        if has_points(places.kind)
        else "polygons, and a table has none"
    )
    names = [str(name) for name in places.source.rows.columns]
    shown = [name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…" for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    msg = f"{places.source.file}: {places.kind} need {wanted}. Its columns are {', '.join(shown)}{more}."
    return LayerError(msg)


def _by_own_geometry(places: Places) -> Positions:
    source = places.source
    system = source.crs or (systems.parse_crs(places.given) if places.given else None)
    geometry = source.rows.geometry.to_numpy()
    fit, findings = fitting(places.kind, geometry, source.rows.index, source.file)
    return Positions(
        way=(), geometry=fit, system=system, step=step_of(shapely.get_coordinates(fit[:_LOOKED_AT])), findings=findings
    )


def _by_geometry_text(way: tuple[str, ...], places: Places) -> Positions:
    source = places.source
    cells = source.rows[places.columns[way[0]]]
    read = read_geometries(cells)
    header = places.columns[way[0]]
    if len(read.srids) > 1:
        listed = ", ".join(map(str, read.srids))
        msg = f"{source.file}: column '{header}' has several systems (SRID {listed}). Bring all rows to one."
        raise CRSError(msg)
    told = f"EPSG:{read.srids[0]}" if read.srids else places.given
    fit, findings = fitting(places.kind, read.geometry, cells.index, source.file)
    if read.unreadable.any():
        rows = tuple(int(row) for row in cells.index[read.unreadable])
        example = str(cells[read.unreadable].iloc[0])
        values = {"column": header, "example": example if len(example) <= _SHOWN else f"{example[:_SHOWN]}…"}
        lost = Finding(layer=places.kind, fault="unreadable_geometry", rows=rows, values=values, left_out=True)
        findings = (lost, *findings)
    system = systems.parse_crs(told) if told else None
    step = step_of(shapely.get_coordinates(fit[:_LOOKED_AT]))
    return Positions(way=way, geometry=fit, system=system, step=step, findings=findings)
