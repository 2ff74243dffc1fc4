"""The report as a workbook: real tables, numbers with their formats, formulas where a figure follows from its parts."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

from geo.errors import OutputError
from geo.layers.harmless import harmless
from geo.report.document import UNDATED, Number, shown, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geo.draw.style import Format
    from geo.report.document import Cell, Column, Report, Section, Table

EXTRA = "pip install 'geo-coverage[report]'"
_SHEET_ROWS = 1_048_575
_CELL_CHARACTERS = 32_767
_HEADER_CHARACTERS = 120
_NARROW, _WIDE, _WRAPPED, _LISTED = 9, 40, 44, 70
_LINE_POINTS, _MOST_LINES = 15, 12
_COVER = (34.0, 16.0, 56.0)
_SENTENCE = 110
_SENTENCES_MOST = 6
_UPRIGHT = 100
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
    Write a report as XLSX: one sheet per table, with its filter, its head frozen and at the top of each printed page.

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
        self._numbers: dict[tuple[Format, str], Any] = {}

    def cover(self) -> None:
        """Write the first sheet, for one page: title, notice, what is signed, facts, headline and what was found."""
        report = self._report
        sheet = self._sheet(report.words["kind"])
        sheet.set_portrait()
        sheet.fit_to_pages(1, 1)
        for column, width in enumerate(_COVER):
            sheet.set_column(column, column, width)
        self._text(sheet, 0, 0, report.title, "title")
        row = 2
        if report.notice:
            row = self._across(sheet, row, report.notice, "notice") + 1
        for name, fact in (*report.signing, *report.facts):
            self._text(sheet, row, 0, name, "text")
            sheet.merge_range(row, 1, row, 2, str(harmless(fact)), self._looks["wrapped"])
            _heighten(sheet, row, _lines(fact, sum(_COVER[1:])))
            row += 1
        row += 1
        for name, number in report.headline:
            self._text(sheet, row, 0, name, "wrapped")
            sheet.write_number(row, 1, number.value, self._number(number.format, number.mark))
            self._text(sheet, row, 2, unit_of(number, report.language), "text")
            _heighten(sheet, row, _lines(name, _COVER[0]))
            row += 1
        self._text(sheet, row + 1, 0, report.words.get("found", ""), "caption")
        row += 2
        for sentence in report.summary:
            row = self._across(sheet, row, sentence, "wrapped")

    def _across(self, sheet: Any, row: int, text: str, look: str) -> int:  # noqa: ANN401 - the library has no types
        """Write a text over the columns of the cover, and give the row after it."""
        sheet.merge_range(row, 0, row, len(_COVER) - 1, str(harmless(text)), self._looks[look])
        _heighten(sheet, row, _lines(text, sum(_COVER)))
        return row + 1

    def section(self, section: Section) -> None:
        """Write a section: each table on a sheet of its own, what is said of them beneath the first."""
        if not section.tables:
            sheet = self._sheet(section.sheet)
            sheet.set_column(0, 0, float(_SENTENCE))
            sheet.fit_to_pages(1, 0)
            self._sentences(sheet, 0, section.sentences, [float(_SENTENCE)])
        for table in section.tables:
            sheet = self._sheet(table.sheet or section.sheet)
            widths = _widths(table, self._report.language)
            self._paper(sheet, table, widths)
            self._table(sheet, table, widths)
            if table is section.tables[0]:
                self._sentences(sheet, len(table.rows) + 2, section.sentences, widths)

    def _paper(self, sheet: Any, table: Table, widths: Sequence[float]) -> None:  # noqa: ANN401 - the library has no types
        """Set columns up, and for print what a page has room for: a width of one page, the head on each."""
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        last = max(number for number, column in enumerate(table.columns) if column.role != "sheet")
        if sum(widths[: last + 1]) <= _UPRIGHT:
            sheet.set_portrait()
        sheet.print_area(0, 0, len(table.rows) + _SENTENCES_MOST, last)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, _names(table))

    def _sheet(self, name: str) -> Any:  # noqa: ANN401
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.75)
        sheet.set_header("&L" + self._report.title[:_HEADER_CHARACTERS].replace("&", "&&") + "&R&A")
        sheet.set_footer("&R&P / &N")
        return sheet

    def _sentences(self, sheet: Any, row: int, sentences: Sequence[str], widths: Sequence[float]) -> None:  # noqa: ANN401
        """Write sentences across the first columns."""
        count = next((number for number in range(1, len(widths)) if sum(widths[:number]) >= _SENTENCE), len(widths))
        for sentence in sentences:
            text = str(harmless(sentence))
            if count > 1:
                sheet.merge_range(row, 0, row, count - 1, text, self._looks["wrapped"])
            else:
                self._text(sheet, row, 0, text, "wrapped")
            _heighten(sheet, row, _lines(text, sum(widths[:count])))
            row += 1

    def _table(self, sheet: Any, table: Table, widths: Sequence[float]) -> None:  # noqa: ANN401
        if len(table.rows) > _SHEET_ROWS:
            msg = f"{len(table.rows)} rows of '{table.key}' are more than a sheet holds. Name a .pdf or .md file."
            raise OutputError(msg)
        heads = _told_apart([column.title for column in table.columns])
        # A table of the workbook has a filter and a name of its own; its look is that of its cells.
        options = {"name": f"geo_{table.key}", "style": None, "columns": [{"header": head} for head in heads]}
        sheet.add_table(0, 0, len(table.rows), len(heads) - 1, options)
        for number, head in enumerate(heads):
            self._text(sheet, 0, number, head, "head")
        _heighten(sheet, 0, max(_lines(f"{head}  ", width) for head, width in zip(heads, widths, strict=False)))
        places = {column.key: number for number, column in enumerate(table.columns)}
        for row, cells in enumerate(table.rows, start=1):
            for number, cell in enumerate(cells):
                self._cell(sheet, (row, number), cell, places)
            told = (_lines(cell, width) for cell, width in zip(cells, widths, strict=False) if isinstance(cell, str))
            if table.on_paper:
                _heighten(sheet, row, max(told, default=1))
            else:
                # A list for the screen has a line per row, however long its text.
                sheet.set_row(row, _LINE_POINTS)

    def _cell(self, sheet: Any, place: tuple[int, int], cell: Cell, places: Mapping[str, int]) -> None:  # noqa: ANN401
        if isinstance(cell, str):
            self._text(sheet, *place, cell, "wrapped" if len(cell) >= _WIDE else "text")
        if not isinstance(cell, Number):
            return
        look = self._number(cell.format, cell.mark)
        if cell.law is not None:
            from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415 - an extra

            above, below = (xl_rowcol_to_cell(place[0], places[part]) for part in cell.parts)
            sheet.write_formula(*place, f"={cell.law.format(n=above, d=below)}", look, cell.value)
        else:
            sheet.write_number(*place, cell.value, look)

    def _text(self, sheet: Any, row: int, column: int, text: str, look: str) -> None:  # noqa: ANN401
        sheet.write_string(row, column, str(harmless(text))[:_CELL_CHARACTERS], self._looks[look])

    def _number(self, look: Format, mark: str) -> Any:  # noqa: ANN401
        """Give the format of a number; the mark of what it rests on stands behind it, and it stays a number."""
        if (look, mark) not in self._numbers:
            digits = "." + "0" * look.digits if look.digits else ""
            pattern = f"0{digits}%" if look.percent else f"#,##0{digits}"
            pattern += f'"{mark}"' if mark else ""
            self._numbers[look, mark] = self._workbook.add_format({"num_format": pattern, "valign": "top"})
        return self._numbers[look, mark]


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


def _widths(table: Table, language: str) -> list[float]:
    """Give each column a width by what its first rows hold; long text is wrapped."""
    most = _WIDE if table.on_paper else _LISTED
    return [
        _width(column, [row[number] for row in table.rows[:_WIDTHS_FROM]], most, language)
        for number, column in enumerate(table.columns)
    ]


def _width(column: Column, cells: Sequence[Cell], most: int, language: str) -> float:
    longest = max((len(shown(cell, language)) for cell in cells), default=0)
    word = max((len(word) for word in column.title.split()), default=0)
    return min(max(longest + 2, word + 4, _NARROW), _WRAPPED if column.role == "under" else most)
