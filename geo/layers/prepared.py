"""A source made ready to become a layer: its text in Unicode, and the columns of another table joined to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo.layers.contract import LAYERS, recognise
from geo.layers.coordinates.ways import has_geometry
from geo.layers.encodings.legible import legible, legible_headers, tell_turned
from geo.layers.names.joined import Join, JoinedTable, with_further_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from geo.figures import Finding
    from geo.layers.contract import LayerKind
    from geo.layers.source import Source


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """
    A source ready to become a layer.

    `source` has its headers and its text in Unicode, the ids untouched, and the columns of a `joined` table; `findings`
    tell what was done. `named` are the columns that the caller names, by the headers as they are now.
    """

    source: Source
    named: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    joined: JoinedTable | None = None


def prepare(kind: LayerKind, source: Source, named: Mapping[str, str], join: Join | None = None) -> Prepared:
    """
    Turn the text of a source into Unicode, and join further columns to it; the argument is not changed.

    Parameters
    ----------
    kind : str
        The layer that the source is to become.
    source : Source
        As it was read.
    named : mapping of str to str
        Headers by column key, as the caller names them; in the source's own letters or in Unicode.
    join : Join, optional
        A table of further columns.

    Raises
    ------
    LayerError
        Where a named column is not there, or the table cannot be read or joined.
    """
    became, headers = legible_headers(source.rows.columns)
    named = {key: became.get(header, header) for key, header in named.items()}
    rows = source.rows.rename(columns=became) if became else source.rows
    shown = [name for name in rows.columns if name != "geometry" or not has_geometry(rows)]
    columns = recognise(kind, shown, named, source=source.file)
    ids = [columns[column.name] for column in LAYERS[kind] if column.kind == "id" and column.name in columns]
    rows, turned = legible(rows, keep=ids)
    merged = {became.get(header, header): cells for header, cells in source.merged.items()}
    ready = replace(source, rows=rows, merged=merged)
    findings = tell_turned(kind, (*headers, *turned))
    joined = None
    if join is not None:
        ready, joined, told = with_further_columns(kind, ready, columns, join)
        findings += told
    return Prepared(source=ready, named=named, findings=_without(source.footers, findings), joined=joined)


def _without(footers: Collection[int], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out rows that are a total or a note, and what is told of nothing else."""
    out = set(footers)
    kept = ((one, tuple(row for row in one.rows if row not in out)) for one in findings)
    return tuple(replace(one, rows=rows) for one, rows in kept if rows or not one.rows)
