"""The report as Markdown: for a repository, or an e-mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geo.report.document import Number, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.report.document import Column, Report, Section, Table

# What begins emphasis, code, a link, markup, mathematics or a cell; an escaped one is the character itself.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&#])")
_ADDRESS = re.compile(r"(://|(?<=www)\.|(?<=\w)@)", re.IGNORECASE)


def as_markdown(report: Report) -> str:
    """Write a report as Markdown with tables; text of the layers stays text."""
    lines = [f"# {escaped(report.title)}", ""]
    if report.notice:
        lines += [f"> **{escaped(report.notice)}**", ""]
    lines += [f"* {escaped(name)}: {escaped(fact)}" for name, fact in (*report.signing, *report.facts)]
    lines += [f"* **{escaped(name)}: {escaped(shown(number, report.language))}**" for name, number in report.headline]
    lines += [f"* {escaped(sentence)}" for sentence in report.summary]
    for section in report.sections:
        if section.on_paper:
            lines += _section(section, report)
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""
    Escape what Markdown would take for more than text.

    Examples
    --------
    >>> print(escaped("*bold* |x| <b> #1 http://a.vn"))
    \*bold\* \|x\| \<b\> \#1 http\://a.vn
    """
    return _ADDRESS.sub(r"\\\1", _SPECIAL.sub(r"\\\1", text))


def _section(section: Section, report: Report) -> Iterator[str]:
    yield ""
    yield f"## {escaped(section.title)}"
    for sentence in section.sentences:
        yield ""
        yield escaped(sentence)
    for table in section.paper_tables:
        if table.title:
            yield ""
            yield f"### {escaped(table.title)}"
        yield ""
        yield from _table(table, report)


def _table(table: Table, report: Report) -> Iterator[str]:
    kept = [number for number, column in enumerate(table.columns) if _is_kept(table, number, column)]
    yield _line(escaped(table.columns[number].head) for number in kept)
    yield _line("--:" if _is_numeric(table, number) else "---" for number in kept)
    for row in table.paper_rows:
        yield _line(escaped(shown(row[number], report.language) or table.columns[number].missing) for number in kept)
    if more := report.more(table):
        yield ""
        yield escaped(more)


def _is_kept(table: Table, number: int, column: Column) -> bool:
    return column.role != "sheet" and any(row[number] is not None for row in table.paper_rows)


def _is_numeric(table: Table, number: int) -> bool:
    return any(isinstance(row[number], Number) for row in table.paper_rows)


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"
