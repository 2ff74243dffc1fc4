"""Give a layer's source the further columns of a table, joined by the names of places, and tell what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.figures import Finding
from geo.layers.contract import recognise
from geo.layers.encodings.legible import legible, legible_headers, tell_turned
from geo.layers.names.join import ALONE, AMBIGUOUS, WAYS, Joined, join_by_name
from geo.layers.read import open_source
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from geo.layers.contract import LayerKind
    from geo.layers.encodings.legible import Turned
    from geo.layers.source import Source

_SHOWN_ROWS, _SHOWN_PARENTS = 20, 5


@dataclass(frozen=True, kw_only=True)
class Join:
    """
    A table of further columns: its file, and how messages call it (`shown`).

    `name` and `parent` are its headers; where they are None they are recognised, the parent for areas alone.
    `layer_parent` is the header of the parents in the layer, where it is another one.
    """

    file: Path | str
    shown: str
    name: str | None = None
    parent: str | None = None
    layer_parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class JoinedTable:
    """What a layer took from another table: from which file, of how many rows, and how many were used."""

    file: str
    sha256: str
    rows: int
    used: int


def with_further_columns(
    kind: LayerKind, source: Source, columns: Mapping[str, str], join: Join
) -> tuple[Source, JoinedTable, list[Finding]]:
    """
    Join a table's columns to the rows of a source by the names of places.

    Parameters
    ----------
    kind : str
        The layer that the source is to become.
    source : Source
        Its text is in Unicode.
    columns : mapping of str to str
        The header of each column of the layer, as recognised.
    join : Join
        The table, and its columns of names and parents.

    Returns
    -------
    tuple
        The source with the table's columns, what was taken, and the findings that tell it.

    Raises
    ------
    LayerError
        Where the table cannot be read, or a column of names or parents is not there.
    """
    table = open_source(join.file)
    became, headers = legible_headers(table.rows.columns)
    rows, turned = legible(table.rows.rename(columns=became))
    if table.within:
        rows = rows.set_axis(table.row_names().to_numpy(), axis=0)
    name = _names(kind, source, columns, rows, join)
    parent = _parents(kind, source, columns, rows, join)
    joined = join_by_name(source.rows, rows, name=name, parent=parent)
    facts = JoinedTable(
        file=join.shown, sha256=table.sha256, rows=len(rows), used=int(joined.right_how.isin(WAYS).sum())
    )
    told = _Told(kind, joined, _shown(source.rows, name, parent, 0), _shown(rows, name, parent, 1), join.shown)
    findings = [*_of_text([*headers, *turned], kind, join.shown), *told.findings()]
    return replace(source, rows=joined.rows), facts, findings


def _names(
    kind: LayerKind, source: Source, columns: Mapping[str, str], rows: pd.DataFrame, join: Join
) -> tuple[str, str]:
    if "name" not in columns:
        msg = f"{source.file}: no column was recognised as the name of the {kind}, to join {join.shown} by. "
        msg += f"Name it: --column {kind}.name=HEADER, or name under [{kind}] of the study."
        raise LayerError(msg)
    named = {} if join.name is None else {"name": join.name}
    found = recognise(kind, [one for one in rows.columns if one != "geometry"], named, source=join.shown)
    if "name" not in found:
        has = ", ".join(map(str, rows.columns))
        msg = f"{join.shown}: no column was recognised as the name of the {kind}; it has {has}. "
        msg += f"Name it, as name under [{kind}.join] of the study."
        raise LayerError(msg)
    return columns["name"], found["name"]


def _parents(
    kind: LayerKind, source: Source, columns: Mapping[str, str], rows: pd.DataFrame, join: Join
) -> tuple[str, str] | None:
    """Give the columns of parents; None where one of the tables has none and the study names none."""
    headers = [one for one in rows.columns if one != "geometry"]
    theirs = join.parent
    if theirs is None and kind == "areas":
        theirs = recognise(kind, headers, source=join.shown).get("parent")
    ours = join.layer_parent or columns.get("parent")
    if ours is None and theirs in source.rows.columns:
        ours = theirs
    if theirs is not None and theirs not in headers:
        msg = f"{join.shown}: no column '{theirs}' for {kind}.join.parent; the columns are {', '.join(headers)}."
        raise LayerError(msg)
    if ours is not None and theirs is not None:
        return ours, theirs
    if join.parent is not None or join.layer_parent is not None:
        missing, of = ("layer_parent", "the layer") if ours is None else ("parent", join.shown)
        msg = f"{source.file}: to join {join.shown} within parents, say which column of {of} holds them, "
        msg += f"as {missing} under [{kind}.join] of the study."
        raise LayerError(msg)
    return None


def _shown(rows: pd.DataFrame, name: tuple[str, str], parent: tuple[str, str] | None, side: int) -> pd.Series:
    """Give each row's name as messages show it, with its parent."""
    shown = rows[name[side]].astype("str").fillna("")
    return shown if parent is None else shown + ", " + rows[parent[side]].astype("str").fillna("")


@dataclass(frozen=True)
class _Told:
    """What there is to tell of a join: the names of both sides as messages show them, on their rows."""

    kind: str
    joined: Joined
    left: pd.Series
    right: pd.Series
    file: str

    def findings(self) -> list[Finding]:
        found = [self._summary(), *self._of_layer(), *self._of_table()]
        if apart := [*self.joined.parents_alone[0], *self.joined.parents_alone[1]]:
            shown = ", ".join(f"'{name}'" for name in apart[:_SHOWN_PARENTS])
            values = {"file": self.file, "count": len(apart), "example": shown}
            found.append(Finding(layer=self.kind, fault="join_parents_apart", values=values))
        return found

    def _summary(self) -> Finding:
        """Tell how many rows were joined, and how: it was asked for, and is no fault."""
        number = self.joined.how.value_counts()
        ways = {way: int(number.get(way, 0)) for way in WAYS}
        values = {"file": self.file, "count": sum(ways.values()), "all": len(self.left), **ways}
        return Finding(layer=self.kind, fault="joined_by_name", values=values, chosen=True)

    def _of_layer(self) -> Iterator[Finding]:
        """Tell the layer's rows that were joined without accents, may be several, or are not in the table."""
        ambiguous = self._rows_of_table(AMBIGUOUS)
        for how in ("accents", AMBIGUOUS, ALONE):
            fault = {"accents": "join_without_accents", AMBIGUOUS: "join_ambiguous", ALONE: "join_alone"}[how]
            rows = self.joined.how.index[self.joined.how == how]
            if not len(rows):
                continue
            values = {"file": self.file, "example": self.left[rows[0]]}
            if how == "accents":
                partners = self.joined.row[rows]
                values |= {"other": self.right[partners.iloc[0]], "table_rows": _listed(partners)}
            if how == AMBIGUOUS:
                values["table_rows"] = ambiguous
            yield Finding(layer=self.kind, fault=fault, rows=tuple(int(row) for row in rows), values=values)

    def _of_table(self) -> Iterator[Finding]:
        rows = self.joined.right_how.index[self.joined.right_how == ALONE]
        if len(rows):
            values = {"file": self.file, "count": len(rows), "example": self.right[rows[0]]}
            values["table_rows"] = self._rows_of_table(ALONE)
            yield Finding(layer=self.kind, fault="join_table_alone", values=values)

    def _rows_of_table(self, how: str) -> Term:
        return _listed(self.joined.right_how.index[self.joined.right_how == how])


def _listed(rows: Iterable[object]) -> Term:
    numbers = [str(row) for row in rows]
    rest = f" … +{len(numbers) - _SHOWN_ROWS}" if len(numbers) > _SHOWN_ROWS else ""
    key = "term.one_row" if len(numbers) == 1 else "term.some_rows"
    return Term(key, (("rows", ", ".join(numbers[:_SHOWN_ROWS]) + rest),))


def _of_text(turned: Iterable[Turned], kind: str, file: str) -> Iterator[Finding]:
    """Tell what text of the other table was turned into Unicode; its rows are not those of the layer."""
    for one in tell_turned(kind, turned):
        fault = "joined_table_in_doubt" if one.fault == "left_in_doubt" else "joined_table_turned"
        told = dict(one.values)
        yield Finding(layer=kind, fault=fault, values={"count": len(one.rows), **told, "file": file})
