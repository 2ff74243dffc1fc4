"""What the cells of a layer say besides its values: totals, no numbers, people of several villages, headers twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.figures import NO_ID, Finding
from geo.layers.contract import LAYERS, PLACE_NAMES
from geo.layers.typed import numbers_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd

    from geo.layers.contract import LayerKind
    from geo.layers.coordinates.ways import Positions
    from geo.layers.source import Source

# One village and its sum are two rows of one village.
_ADDED = 2


def footers_among(source: Source, placed: Positions, people: str | None) -> list[int]:
    """
    Give the rows that call themselves a total or a note and are no place: they stand nowhere, or add up the others.

    `people` is the header of the population, if there is one.
    """
    if not source.footers:
        return []
    nowhere = set(source.rows.index[shapely.is_missing(placed.geometry) | _off_the_globe(placed)])
    added = [] if people is None else _adding_up(source, people)
    return [row for row in source.footers if row in nowhere or row in added]


def footers_told(kind: LayerKind, source: Source, footers: list[int]) -> Finding:
    """Tell the rows of totals and notes, which are left out."""
    example = next(
        cell for cell in source.rows.loc[footers[0]] if isinstance(cell, str) and cell.strip(" 0123456789.,")
    )
    return Finding(
        layer=kind,
        fault="footer_rows",
        rows=tuple(footers),
        ids=(NO_ID,) * len(footers),
        values={"example": example},
        left_out=True,
    )


def remarks(kind: LayerKind, typed: gpd.GeoDataFrame, source: Source, columns: Mapping[str, str]) -> Iterator[Finding]:
    """Tell what the columns of a layer, `typed`, do not show of the cells that they were taken from."""
    yield from _unreadable(kind, typed, source, columns)
    yield from _shared(kind, typed, source, columns)
    yield from _twice(kind, source, columns)


def _adding_up(source: Source, header: str) -> list[int]:
    """Give the footers whose people are those of all other rows, of all above, or of those since the footer above."""
    cells = source.rows[header].drop(index=list(source.merged.get(header, ())), errors="ignore")
    people = pd.Series(numbers_of(cells, whole=True), cells.index)
    footers = [row for row in source.footers if row in people.index]
    rows = people.drop(index=footers)
    found, last = [], -np.inf
    for footer in footers:
        above = rows[rows.index < footer]
        for some in (rows, above, above[above.index > last]):
            if len(some) >= _ADDED and some.sum() == people[footer]:
                found.append(int(footer))
                break
        last = footer
    return found


def _off_the_globe(placed: Positions) -> np.ndarray:
    """Tell where degrees are none: coordinates that were added up."""
    if placed.system is None or not placed.system.is_geographic:
        return np.zeros(len(placed.geometry), dtype=bool)
    return np.asarray((np.abs(shapely.bounds(placed.geometry)) > (180, 90, 180, 90)).any(axis=1))


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
        bad = np.isnan(typed[column.name].to_numpy()) & (texts_of(cells).fillna("") != "").to_numpy()
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


def _twice(kind: LayerKind, source: Source, columns: Mapping[str, str]) -> Iterator[Finding]:
    """Tell the rows that hold something else in a column of the same header, which is numbered behind it."""
    for header in columns.values():
        again = [name for name in source.rows if re.fullmatch(re.escape(header) + r" \(\d+\)", str(name))]
        if not again:
            continue
        differ = np.logical_or.reduce([_says_else(source.rows[name], source.rows[header]) for name in again])
        if differ.any():
            yield Finding(
                layer=kind,
                fault="repeated_header",
                rows=tuple(int(row) for row in source.rows.index[differ]),
                values={"header": header, "others": ", ".join(f"'{name}'" for name in again)},
            )


def _says_else(cells: pd.Series, first: pd.Series) -> np.ndarray:
    """Tell the filled cells that are neither the same text as those of the first column, nor the same number."""
    text = texts_of(cells).fillna("")
    other = (text != "") & (text != texts_of(first).fillna(""))
    return np.asarray(other & (numbers_of(cells) != numbers_of(first)))
