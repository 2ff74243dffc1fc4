"""The faults of the layers: each with what it does to the figures, and in the workbook every row of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo import messages
from geo.report.document import Cell, Column, Number, Section, Table, plain
from geo.report.method import layer_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.figures import Finding
    from geo.report.document import Role
    from geo.report.given import Given

_ROWS_TOLD = 12
_ID_LETTERS = 40


def findings(given: Given, language: str) -> Section:
    """List the faults of the layers, with their first rows and what each does to the figures."""
    found = given.results.findings
    return Section(
        key="findings",
        title=messages.text("section.findings", language),
        sheet=messages.text("sheet.findings", language),
        sentences=() if found else (messages.text("word.nothing_found", language),),
        tables=(_faults(given, language), _rows(given, language)),
    )


def _faults(given: Given, language: str) -> Table:
    files = {facts.layer: facts.file for facts in given.layers}
    names = ("layer", "fault", "effect", "rows", "count", "file", "repair")
    roles: dict[str, Role] = {"layer": "heading", "effect": "under", "rows": "under"}
    return Table(
        key="findings",
        columns=tuple(Column(key, messages.text(f"head.{key}", language), roles.get(key, "cell")) for key in names),
        rows=tuple(_fault(one, files.get(one.layer), language) for one in given.results.findings),
    )


def _fault(one: Finding, file: str | None, language: str) -> tuple[Cell, ...]:
    return (
        layer_name(one.layer, language),
        plain(one.text(language)),
        plain(one.effect(language)),
        _first_rows(one, language),
        Number(len(one.rows)) if one.rows else None,
        None if file is None else plain(file),
        f"--repair {one.repair}" if one.repair else None,
    )


def _first_rows(one: Finding, language: str) -> str | None:
    if not one.rows:
        return None
    brief = replace(one, ids=tuple(_brief(plain(name)) for name in one.ids))
    rows = [plain(row) for row in brief.named_rows()[:_ROWS_TOLD]]
    key = "few_rows" if len(one.rows) > _ROWS_TOLD else "one_row" if len(one.rows) == 1 else "all_rows"
    rest = len(one.rows) - _ROWS_TOLD
    return messages.text(f"report.{key}", language, rows=", ".join(rows), rest=rest)


def _brief(name: str) -> str:
    return name if len(name) <= _ID_LETTERS else f"{name[:_ID_LETTERS]}…"


def _rows(given: Given, language: str) -> Table:
    """Give every row of every fault, for the workbook alone."""
    names = ("layer", "fault", "row", "row_id", "detail")
    return Table(
        key="finding_rows",
        columns=tuple(Column(key, messages.text(f"head.{key}", language)) for key in names),
        rows=tuple(row for one in given.results.findings for row in _rows_of(one, language)),
        sheet=messages.text("sheet.finding_rows", language),
        on_paper=False,
    )


def _rows_of(one: Finding, language: str) -> Iterator[tuple[Cell, ...]]:
    layer, fault = layer_name(one.layer, language), plain(one.text(language))
    details = one.details(language)
    names = [plain(name) for name in one.row_names()]
    rows: list[Cell] = [*names] if one.within else [Number(row) for row in one.rows]
    for place, row in enumerate(rows):
        ident = plain(one.ids[place]) if place < len(one.ids) else None
        detail = plain(details[place]) if place < len(details) else None
        yield layer, fault, row, ident, detail
