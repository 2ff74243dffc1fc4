"""The report as a workbook: real tables, numbers with their formats, formulas where a figure follows from its parts."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

from geo.errors import OutputError
from geo.layers.harmless import harmless
from geo.report.document import UNDATED, Number, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geo.draw.style import Format
    from geo.report.document import Cell, Column, Report, Section, Table

EXTRA = "pip install 'geo-coverage[report]'"
_SHEET_ROWS = 1_048_575
_CELL_CHARACTERS = 32_767
_HEADER_CHARACTERS = 120
_NARROW, _WIDE, _WRAPPED = 9, 40, 60
_LINE_POINTS, _MOST_LINES = 15, 12
_SENTENCE_COLUMNS = 5
_PAGE_WIDTH = 260
_WIDTHS_FROM = 500
_A4 = 9
_LOOKS: Mapping[str, Mapping[str, object]] = {
    "title": {"bold": True, "font_size": 15},
    "caption": {"bold": True, "font_size": 12},
    "notice": {"bold": True, "font_color": "#6a4700", "bg_color": "#fff4d6", "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#dfe8ef", "bottom": 1},
    "text": {"valign": "top", "indent": 1},
    "wrapped": {"valign": "top", "text_wrap": True, "indent": 1},
}


def write_workbook(report: Report, path: Path) -> None:
    """
    Write a report as XLSX: one sheet per section, a table with its filter for each of its tables.

    Text is written as text, and with an apostrophe before it where a spreadsheet would take it for a formula. Formulas
    are those of :mod:`geo.report.laws`, over the numerator and the denominator of their row, with their values cached.

    Raises
    ------
    OutputError
        Where the library that writes workbooks is not installed, or a table is longer than a sheet can be.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = f"{path.name}: a report as XLSX needs an extra: {EXTRA}."
        raise OutputError(msg) from error
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(os.fspath(path), options) as workbook:
        created = dt.datetime.combine(report.date or UNDATED, dt.time(), tzinfo=dt.UTC)
        workbook.set_properties({"title": report.title, "created": created.replace(tzinfo=None)})
        pen = _Pen(workbook, report)
        pen.cover()
        for section in report.sections:
            if section.sheet:
                pen.section(section)


class _Pen:
    """Writes sheets, and keeps the formats of their cells."""

    def __init__(self, workbook: Any, report: Report) -> None:  # noqa: ANN401 - the library has no types
        self._workbook = workbook
        self._report = report
        self._looks = {name: workbook.add_format(dict(look)) for name, look in _LOOKS.items()}
        self._numbers: dict[Format, Any] = {}

    def cover(self) -> None:
        """Write the first sheet: title, notice, facts, and the figures that the paper opens with."""
        report, looks = self._report, self._looks
        sheet = self._sheet(report.words["kind"])
        sheet.set_column(0, 0, _WIDE)
        sheet.set_column(1, 1, 2 * _WIDE, looks["wrapped"])
        self._text(sheet, 0, 0, report.title, "title")
        row = 2
        if report.notice:
            self._text(sheet, row, 0, "*", "notice")
            self._text(sheet, row, 1, report.notice, "notice")
            row += 2
        for name, fact in report.facts:
            self._text(sheet, row, 0, name, "text")
            self._text(sheet, row, 1, fact, "wrapped")
            _heighten(sheet, row, _lines(fact, 2 * _WIDE))
            row += 1
        row += 1
        for name, number in report.headline:
            self._text(sheet, row, 0, name, "text")
            self._text(sheet, row, 1, shown(number, report.language), "text")
            row += 1

    def section(self, section: Section) -> None:
        """Write a section: its one table from the first row on, several with titles below each other."""
        sheet = self._sheet(section.sheet)
        alone = len(section.tables) == 1 and not section.tables[0].title
        widths = _widths(section.tables, self._report.language) or [float(_WRAPPED)]
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        if sum(widths) <= _PAGE_WIDTH:
            sheet.fit_to_pages(1, 0)
        row = 0
        if not alone:
            self._text(sheet, 0, 0, section.title, "title")
            row = self._sentences(sheet, 2, section, widths)
        sheet.freeze_panes(1, _names(section.tables[0]) if alone else 0)
        for table in section.tables:
            if table.title:
                self._text(sheet, row, 0, table.title, "caption")
                row += 1
            self._table(sheet, row, table, widths)
            row += len(table.rows) + 2
        if alone:
            sheet.repeat_rows(0)
            self._sentences(sheet, row, section, widths)

    def _sheet(self, name: str) -> Any:  # noqa: ANN401
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_header("&L" + self._report.title[:_HEADER_CHARACTERS].replace("&", "&&") + "&R&A")
        sheet.set_footer("&R&P / &N")
        return sheet

    def _sentences(self, sheet: Any, row: int, section: Section, widths: Sequence[float]) -> int:  # noqa: ANN401
        """Write sentences across the first columns, and give the row after them."""
        across = widths[:_SENTENCE_COLUMNS]
        for sentence in section.sentences:
            text = str(harmless(sentence))
            if len(across) > 1:
                sheet.merge_range(row, 0, row, len(across) - 1, text, self._looks["wrapped"])
            else:
                self._text(sheet, row, 0, text, "wrapped")
            _heighten(sheet, row, _lines(text, sum(across)))
            row += 1
        return row + 1 if section.sentences else row

    def _table(self, sheet: Any, top: int, table: Table, widths: Sequence[float]) -> None:  # noqa: ANN401
        if top + len(table.rows) > _SHEET_ROWS:
            msg = f"{len(table.rows)} rows of '{table.key}' are more than a sheet holds. Name a .pdf or .md file."
            raise OutputError(msg)
        heads = _told_apart([column.title for column in table.columns])
        if table.rows:
            # A table of the workbook has a filter and a name of its own; its look is that of its cells.
            options = {"name": f"geo_{table.key}", "style": None, "columns": [{"header": head} for head in heads]}
            sheet.add_table(top, 0, top + len(table.rows), len(heads) - 1, options)
        for number, head in enumerate(heads):
            self._text(sheet, top, number, head, "head")
        _heighten(sheet, top, max(_lines(f"{head}  ", width) for head, width in zip(heads, widths, strict=False)))
        places = {column.key: number for number, column in enumerate(table.columns)}
        for row, cells in enumerate(table.rows, start=top + 1):
            for number, cell in enumerate(cells):
                self._cell(sheet, (row, number), cell, places)
            told = (_lines(cell, width) for cell, width in zip(cells, widths, strict=False) if isinstance(cell, str))
            _heighten(sheet, row, max(told, default=1))

    def _cell(self, sheet: Any, place: tuple[int, int], cell: Cell, places: Mapping[str, int]) -> None:  # noqa: ANN401
        if isinstance(cell, str):
            self._text(sheet, *place, cell, "wrapped" if len(cell) >= _WIDE else "text")
        elif isinstance(cell, Number) and cell.law is not None:
            from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415 - an extra

            above, below = (xl_rowcol_to_cell(place[0], places[part]) for part in cell.parts)
            sheet.write_formula(*place, f"={cell.law.format(n=above, d=below)}", self._number(cell.format), cell.value)
        elif isinstance(cell, Number):
            sheet.write_number(*place, cell.value, self._number(cell.format))

    def _text(self, sheet: Any, row: int, column: int, text: str, look: str) -> None:  # noqa: ANN401
        sheet.write_string(row, column, str(harmless(text))[:_CELL_CHARACTERS], self._looks[look])

    def _number(self, look: Format) -> Any:  # noqa: ANN401
        if look not in self._numbers:
            digits = "." + "0" * look.digits if look.digits else ""
            pattern = f"0{digits}%" if look.percent else f"#,##0{digits}"
            self._numbers[look] = self._workbook.add_format({"num_format": pattern, "valign": "top"})
        return self._numbers[look]


def _names(table: Table) -> int:
    """Count the columns that say what a row is about: a heading, and what follows it."""
    return 1 + sum(column.role == "heading" for column in table.columns)


def _lines(text: str, width: float) -> int:
    return -(-len(text) // max(1, int(width)))


def _heighten(sheet: Any, row: int, lines: int) -> None:  # noqa: ANN401 - the library has no types
    """Make room for wrapped text; a program that opens a workbook need not do that by itself."""
    if lines > 1:
        sheet.set_row(row, _LINE_POINTS * min(lines, _MOST_LINES))


def _told_apart(heads: Sequence[str]) -> list[str]:
    """Put a number after a head that is there already; a table of a workbook has each once, whatever its case."""
    found: list[str] = []
    for head in heads:
        name, count = str(harmless(head)), 2
        while name.lower() in {other.lower() for other in found}:
            name, count = f"{harmless(head)} {count}", count + 1
        found.append(name)
    return found


def _widths(tables: Sequence[Table], language: str) -> list[float]:
    """Give each column a width by what its first rows hold; long text is wrapped."""
    widths: dict[int, float] = {}
    for table in tables:
        for number, column in enumerate(table.columns):
            width = _width(column, [row[number] for row in table.rows[:_WIDTHS_FROM]], language)
            widths[number] = max(width, widths.get(number, 0.0))
    return list(widths.values())


def _width(column: Column, cells: Sequence[Cell], language: str) -> float:
    longest = max((len(shown(cell, language)) for cell in cells), default=0)
    word = max((len(word) for word in column.title.split()), default=0)
    return min(max(longest + 2, word + 4, _NARROW), _WRAPPED if column.role == "under" else _WIDE)
