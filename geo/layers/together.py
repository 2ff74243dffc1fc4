"""Several layers of a file read as one: the rows of all, below one another, each with the layer that it came from."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs.systems import label
from geo.errors import LayerError
from geo.figures import Finding
from geo.layers.contract import recognise
from geo.layers.files.archive import listed
from geo.layers.files.every import EVERY
from geo.layers.text import header_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyproj

    from geo.layers.contract import LayerKind
    from geo.layers.source import Source

LAYER = "layer"
"""The column that tells the layer, folder or sheet of each row."""

# Of these the sheets are, whose columns are recognised best; nobody has said it yet where they are read.
_KINDS: tuple[LayerKind, ...] = ("villages", "points", "areas", "cells", "footprints")


def together(parts: Mapping[str, Source], others: Sequence[str], shown: str) -> Source:
    """
    Read several layers of a file as one.

    Their columns are united: headers that are known as the same column, or differ in nothing but case, accents and
    spaces, are one column, in the first spelling, and a row has no value in a column that its layer has not. The column
    ``layer`` tells where each row came from; one of the source's own that is called so becomes ``layer (own)``. Rows
    are counted through from 1.

    Parameters
    ----------
    parts : mapping of str to Source
        The layers by their names, at least one.
    others : sequence of str
        Names of layers of the file that are not among them; a finding tells them.
    shown : str
        How messages call the file.

    Returns
    -------
    Source
        In the system of the first layer, to which those in another system are brought.

    Raises
    ------
    LayerError
        Where some layers have a coordinate system, and others have none.
    """
    first = next(iter(parts.values()))
    _refuse_unknown_system(parts, shown)
    keys = _keys([part.rows for part in parts.values()])
    spelt = _spellings(keys)
    numbers = dict(zip(parts, _numbers(parts.values()), strict=True))
    rows: list[pd.DataFrame] = []
    merged: dict[str, tuple[int, ...]] = {}
    for (name, part), own in zip(parts.items(), keys, strict=True):
        known, headers = numbers[name], _headers(own, spelt)
        table = _in_system(part.rows.rename(columns=headers), first.crs)
        table.insert(0, LAYER, pd.Series(name, index=table.index, dtype="str"))
        rows.append(table.set_axis(table.index.map(known.__getitem__), axis=0))
        for header, cells in part.merged.items():
            there = (known[row] for row in cells if row in known)
            one = headers.get(header, header)
            merged[one] = (*merged.get(one, ()), *there)
    return replace(
        first,
        rows=_below_one_another(rows),
        findings=(*_passed_over(others), *_systems(parts), *_findings(parts, numbers)),
        footers=tuple(numbers[name][row] for name, part in parts.items() for row in part.footers),
        merged=merged,
        within={number: (name, row) for name, known in numbers.items() for row, number in known.items()},
    )


def _spellings(keys: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Give the first spelling of every header, by what is the same in all of its spellings."""
    spelt: dict[str, str] = {}
    for own in keys:
        for header, key in own.items():
            spelt.setdefault(key, header)
    return spelt


def _keys(tables: Sequence[pd.DataFrame]) -> list[dict[str, str]]:
    """Give of each table what is the same in all spellings of a header: the column that it is known as, or its key."""
    headers = [[str(header) for header in table.columns if header != "geometry"] for table in tables]
    known = [[recognise(kind, one) for one in headers] for kind in _KINDS]
    best = max(known, key=lambda found: sum(map(len, found)))
    return [
        {header: header_key(header) or header for header in one}
        | {header: f"={column}" for column, header in found.items() if header in one}
        for one, found in zip(headers, best, strict=True)
    ]


def _headers(keys: Mapping[str, str], spelt: Mapping[str, str]) -> dict[str, str]:
    """Give each header in its first spelling, but where a layer has two spelt alike; our column has its own."""
    counted = Counter(keys.values())
    named = {header: spelt[key] if counted[key] == 1 else header for header, key in keys.items()}
    return {header: f"{name} (own)" if name.casefold() == LAYER else name for header, name in named.items()}


def _numbers(parts: Iterable[Source]) -> Iterator[dict[int, int]]:
    """Count the rows through, layer by layer, with those that are no longer there but are told in a finding."""
    start = 1
    for part in parts:
        told = {row for finding in part.findings for row in finding.rows}
        labels = sorted({*(int(row) for row in part.rows.index), *told})
        yield {row: start + place for place, row in enumerate(labels)}
        start += len(labels)


def _below_one_another(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables below one another; what one table has as numbers and another as text is text, as in one sheet."""
    spatial = [table for table in tables if isinstance(table, gpd.GeoDataFrame)]
    headers = dict.fromkeys(header for table in tables for header in table.columns)
    columns = {
        header: _column([table[header] if header in table else _nothing(table) for table in tables])
        for header in headers
        if header != "geometry" or not spatial
    }
    index = pd.Index([row for table in tables for row in table.index], name="row")
    rows = pd.DataFrame(columns).set_axis(index, axis=0)
    if not spatial:
        return rows
    geometry = np.concatenate([table.geometry.to_numpy() for table in spatial])
    placed: pd.DataFrame = gpd.GeoDataFrame(rows, geometry=geometry, crs=spatial[0].crs)
    return placed


def _nothing(table: pd.DataFrame) -> pd.Series:
    return pd.Series([None] * len(table), dtype="object")


def _column(parts: list[pd.Series]) -> pd.Series:
    known = [cells for cells in parts if cells.notna().any()]
    numbers = [pd.api.types.is_numeric_dtype(cells) for cells in known]
    if known and all(numbers):
        # As floats the last digits of a long id would be lost where a layer has none.
        whole = all(pd.api.types.is_integer_dtype(cells) for cells in known)
        empty = "Int64" if whole else "float64"
        filled = [cells if cells.notna().any() else pd.Series(cells, dtype=empty) for cells in parts]
        joined: pd.Series = pd.concat(filled, ignore_index=True)
        return joined
    texts = [_as_text(cells) if pd.api.types.is_numeric_dtype(cells) else cells for cells in parts]
    are_texts = all(isinstance(cells.dtype, pd.StringDtype) for cells in texts if cells.notna().any())
    return pd.Series([cell for cells in texts for cell in cells], dtype="str" if are_texts else "object")


def _as_text(cells: pd.Series) -> pd.Series:
    """Write numbers as the cells of a sheet are written: whole ones without a point."""
    texts = [f"{cell:.0f}" if float(cell).is_integer() else str(cell) for cell in cells.fillna(0)]
    return pd.Series(texts, index=cells.index, dtype="str").where(cells.notna())


def _refuse_unknown_system(parts: Mapping[str, Source], shown: str) -> None:
    told = [name for name, part in parts.items() if part.crs is not None]
    silent = [name for name, part in parts.items() if part.crs is None]
    if told and silent:
        tell, do = ("tells" if len(silent) == 1 else "tell"), ("does" if len(told) == 1 else "do")
        msg = (
            f"{shown}: {listed(silent)} {tell} no coordinate system, {listed(told)} {do}, and so '{shown}::{EVERY}' is "
        )
        msg += "not one layer. Save them in one system, or name one at a time."
        raise LayerError(msg)


def _in_system(rows: pd.DataFrame, system: pyproj.CRS | None) -> pd.DataFrame:
    if not isinstance(rows, gpd.GeoDataFrame) or system is None or rows.crs == system:
        return rows
    moved: pd.DataFrame = rows.to_crs(system)
    return moved


def _systems(parts: Mapping[str, Source]) -> Iterator[Finding]:
    """Tell which layers were brought to the system of the first."""
    systems = {name: label(part.crs) for name, part in parts.items() if part.crs is not None}
    first = next(iter(systems.values()), "")
    moved = [name for name, system in systems.items() if system != first]
    if moved:
        values = {
            "names": listed(moved),
            "others": listed([*dict.fromkeys(systems[one] for one in moved)]),
            "crs": first,
        }
        yield Finding(layer="", fault="layers_of_other_systems", values={**values, "count": len(moved)}, chosen=True)


def _passed_over(others: Sequence[str]) -> Iterator[Finding]:
    """Tell what else the file holds: that it was not asked for is no fault."""
    if others:
        values = {"count": len(others), "names": listed([*others])}
        yield Finding(layer="", fault="layers_passed_over", values=values, chosen=True)


def _findings(parts: Mapping[str, Source], numbers: Mapping[str, Mapping[int, int]]) -> Iterator[Finding]:
    for name, part in parts.items():
        for finding in part.findings:
            yield replace(finding, rows=tuple(numbers[name][row] for row in finding.rows))
