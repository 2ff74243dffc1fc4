"""The report on paper: A4 as PDF, set by typst from data, with its fonts inside."""

from __future__ import annotations

import datetime as dt
import json
import logging
import textwrap
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from geo import __version__
from geo.errors import OutputError
from geo.report.document import UNDATED, Number, shown, unit_of
from geo.report.workbook import EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo.report.document import Cell, Report, Section, Table
    from geo.report.picture import Picture

_LOG = logging.getLogger(__name__)
_NO_GLYPH = "could not be displayed"
# Scripts whose letters join have no one character per glyph, as the stricter level of the archive standard wants.
_STANDARD: Literal["a-2a"] = "a-2a"
_LOOSER: Literal["a-2b"] = "a-2b"
_LONGEST, _LONGEST_WORD = 160, 24
_ZERO_WIDTH, _NO_BREAK = "\u200b", "\u00a0"
_NARROW, _WIDE = 6, 40
_MANY_COLUMNS = 8
_LINE, _LONGEST_UNDER = 100, 2400
_FEW_LINES = 24
_HEAD_LINES = 3


def write_paper(report: Report, drawn: Picture | None, path: Path) -> None:
    """
    Write a report as PDF/A-2: every font inside, tagged, dated as the study is.

    Text reaches the typesetter as data and never as its language. The fonts are those that it brings along, the same on
    every machine; where they lack a character, those of the machine help out, and that is told.

    Raises
    ------
    OutputError
        Where the typesetter is not installed, or no font of the machine has a character either.
    """
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = f"{path.name}: a report as PDF needs an extra: {EXTRA}."
        raise OutputError(msg) from error
    inputs = {"data": json.dumps(_document(report, drawn), ensure_ascii=False), "map": drawn.svg if drawn else ""}
    when = dt.datetime.combine(report.date or UNDATED, dt.time(), tzinfo=dt.UTC)
    template = resources.files("geo.report").joinpath("paper.typ").read_bytes()

    def put(*, own_fonts: bool) -> bytes:
        standard = _STANDARD if own_fonts else _LOOSER
        return typst.compile(
            template, ignore_system_fonts=own_fonts, sys_inputs=inputs, timestamp=when, pdf_standards=standard
        )

    try:
        try:
            path.write_bytes(put(own_fonts=True))
        except typst.TypstError as error:
            if _NO_GLYPH not in error.message:
                raise
            _LOG.warning("%s: %s; fonts of this machine help out.", path.name, error.message)
            path.write_bytes(put(own_fonts=False))
    except typst.TypstError as error:
        msg = f"{path.name} cannot be set: {error.message}. A report as .xlsx or .md needs no fonts."
        raise OutputError(msg) from error


def _document(report: Report, drawn: Picture | None) -> dict[str, Any]:
    """Give all that the paper says as plain values, every number written."""
    date = report.date or UNDATED
    return {
        "language": report.language,
        "title": _short(report.title),
        "date": [date.year, date.month, date.day],
        "notice": report.notice,
        "summary": list(report.summary),
        "signing": [list(pair) for pair in report.signing],
        "facts": [list(pair) for pair in report.facts],
        "headline": [
            {"name": name, "value": shown(number, report.language), "unit": unit_of(number, report.language)}
            for name, number in report.headline
        ],
        "marks": report.words["marks"] if any(number.mark for _, number in report.headline) else "",
        "made": f"geo {__version__}",
        "map": None if drawn is None else drawn.words,
        "words": dict(report.words),
        "sections": [_section(section, report) for section in report.sections if section.on_paper],
    }


def _section(section: Section, report: Report) -> dict[str, Any]:
    return {
        "title": section.title,
        "sentences": list(section.sentences),
        "breaks": section.key == "figures",
        "tables": [_table(table, report) for table in section.paper_tables],
    }


def _table(table: Table, report: Report) -> dict[str, Any]:
    rows = table.paper_rows
    kept = [
        number
        for number, column in enumerate(table.columns)
        if column.role == "cell" and any(row[number] is not None for row in rows)
    ]
    return {
        "title": table.title,
        "size": 7.6 if len(kept) > _MANY_COLUMNS else 8.8,
        "columns": [
            {
                "head": table.columns[number].head,
                "right": _is_numeric(table, number),
                "weight": _weight(table, number, report.language),
                "first": place == 0,
            }
            for place, number in enumerate(kept)
        ],
        "rows": list(_rows(table, kept, report)),
        "more": report.more(table),
        "whole": _lines(table) <= _FEW_LINES,
        "total": table.has_total,
    }


def _lines(table: Table) -> int:
    """Estimate how many lines a table takes on paper, so that only a short one is held together."""
    beneath = [number for number, column in enumerate(table.columns) if column.role == "under"]
    under = [str(row[number]) for row in table.paper_rows for number in beneath if row[number] is not None]
    return 2 * len(table.paper_rows) + sum(1 + len(text) // _LINE for text in under)


def _rows(table: Table, kept: list[int], report: Report) -> Iterator[dict[str, Any]]:
    headings = [number for number, column in enumerate(table.columns) if column.role == "heading"]
    beneath = [number for number, column in enumerate(table.columns) if column.role == "under"]
    last: Cell = None
    for row in table.paper_rows:
        heading = row[headings[0]] if headings else None
        yield {
            "heading": shown(heading, report.language) if heading is not None and heading != last else None,
            "cells": [
                _broken(_joined(row[number], report.language)) or table.columns[number].missing for number in kept
            ],
            "under": [_kept(shown(row[number], report.language)) for number in beneath if row[number] is not None],
        }
        last = heading


def _joined(cell: Cell, language: str) -> str:
    """Give a cell as text, a number and its percent sign on one line."""
    text = shown(cell, language)
    return text.replace(" ", _NO_BREAK) if isinstance(cell, Number) else text


def _broken(text: str) -> str:
    """Let a very long word break, so that it stays in its column; what no page has room for is cut."""
    words = (_ZERO_WIDTH.join(textwrap.wrap(word, _LONGEST_WORD)) for word in _short(text).split(" "))
    return " ".join(words)


def _kept(text: str) -> str:
    """Let a word longer than a line break, and cut what would take half a page."""
    told = text if len(text) <= _LONGEST_UNDER else f"{text[:_LONGEST_UNDER]}…"
    return " ".join(_ZERO_WIDTH.join(textwrap.wrap(word, _LINE)) for word in told.split(" "))


def _is_numeric(table: Table, number: int) -> bool:
    return any(isinstance(row[number], Number) for row in table.paper_rows)


def _weight(table: Table, number: int, language: str) -> int:
    """Give a column a share of the width by its longest text, and so that its head takes few lines."""
    head = table.columns[number].head
    longest = max(_breadth(shown(row[number], language)) for row in table.paper_rows)
    words = max(*(len(word) + 1 for word in head.split()), -(-len(head) // _HEAD_LINES) + 2)
    return min(max(longest + 2, words, _NARROW), _WIDE)


def _breadth(text: str) -> int:
    # A capital is about half as broad again as a small letter.
    return len(text) + sum(letter.isupper() for letter in text) // 2


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
