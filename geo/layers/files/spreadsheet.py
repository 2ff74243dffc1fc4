"""One sheet of a spreadsheet as a table: the right sheet, its header found, its merged cells filled downward."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.errors import LayerError
from geo.layers.contract import can_be_placed
from geo.layers.files.archive import DAMAGED, kind_of_workbook, listed
from geo.layers.files.damage import why
from geo.layers.files.every import name_one
from geo.layers.files.header import LOOKED_AT, Header, find_header
from geo.layers.files.panics import panics_as_errors
from geo.layers.files.sheet_extent import refuse_boundless
from geo.layers.files.table import Table, footers_of, untitled, without_blank_rows
from geo.layers.text import header_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from python_calamine import CalamineSheet, CalamineWorkbook

_LOG = logging.getLogger(__name__)


def read_sheet(path: Path, sheet: str | None, shown: str | None = None) -> Table:
    """
    Read one sheet of a spreadsheet, on its row numbers.

    Without a name it is the only sheet, or the only visible one whose header has columns that can be placed on a map.
    Rows above the header, as a title, are passed over. A cell that is merged over several rows holds for all of them.
    A column that holds nothing but numbers stays numbers; every other column is text, in which codes keep their zeros
    and whole numbers have no decimal point.

    Parameters
    ----------
    path : Path
        The file: XLSX, XLSM, XLSB, XLS or ODS.
    sheet : str or None
        Which sheet.
    shown : str, optional
        How messages call the file, where not by its path.

    Raises
    ------
    LayerError
        Where the file is no spreadsheet, the sheet is not there or holds nothing, or several could be meant.
    """
    shown = shown or str(path)
    with _workbook(path, shown) as workbook:
        name = _chosen(shown, workbook, sheet)
        found = _table(shown, workbook, name)
    return found if sheet or len(workbook.sheet_names) == 1 else replace(found, sheet=name)


def read_sheets(path: Path, shown: str) -> tuple[dict[str, Table], list[str]]:
    """
    Read the sheets of a spreadsheet that hold one table, each as :func:`read_sheet` does.

    These are the visible ones whose header has columns that can be placed on a map, and those that have at least half
    of their headers in common with one of these: a sheet whose coordinates were forgotten is no other table. Where none
    can be placed, all that hold something are read.

    Returns
    -------
    tuple
        The tables by the names of their sheets, in the order of the file; and the names of sheets that hold something
        else, or are hidden.

    Raises
    ------
    LayerError
        Where the file is no spreadsheet, or every sheet is empty.
    """
    with _workbook(path, shown) as workbook:
        headers = {name: _header(workbook.get_sheet_by_name(name)) for name in _visible(workbook)}
        names = {name: {header_key(one) for one in head.names} for name, head in headers.items() if head is not None}
        placed = [name for name, head in headers.items() if head is not None and can_be_placed(head.names)]
        alike = [name for name in names if any(_are_alike(names[name], names[other]) for other in placed or names)]
        if not alike:
            msg = f"{shown} is empty: no sheet has a header row."
            raise LayerError(msg)
        tables = {name: _table(shown, workbook, name) for name in alike}
        others = [name for name in workbook.sheet_names if name not in tables]
        return tables, [name for name in others if name in names or _holds_rows(workbook, name)]


def _are_alike(headers: set[str], others: set[str]) -> bool:
    return 2 * len(headers & others) >= len(headers)


@contextmanager
def _workbook(path: Path, shown: str) -> Iterator[CalamineWorkbook]:
    from python_calamine import CalamineError  # noqa: PLC0415 - only spreadsheets need it

    try:
        refuse_boundless(path, shown)
        with panics_as_errors():
            yield _opened(path)
    except (CalamineError, *DAMAGED) as error:
        if isinstance(error, LayerError):
            raise
        msg = f"{shown} is no spreadsheet that can be read: {why(str(error))}. Save it again, as XLSX or CSV."
        raise LayerError(msg) from error


def _opened(path: Path) -> CalamineWorkbook:
    """Open a workbook; one that is named as of another kind than it is goes by its content."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only spreadsheets need it

    # A workbook with macros is an XLSX to the last part.
    if path.suffix.lower() in {kind_of_workbook(path), ".xlsm"}:
        return CalamineWorkbook.from_path(path)
    with path.open("rb") as stream:
        return CalamineWorkbook.from_filelike(stream)


def _table(shown: str, workbook: CalamineWorkbook, name: str) -> Table:
    opened = workbook.get_sheet_by_name(name)
    rows: list[list[Any]] = opened.to_python(skip_empty_area=False)
    merges = opened.merged_cell_ranges or []
    header = find_header([[_cell(cell) for cell in row] for row in rows[:LOOKED_AT]])
    if header is None:
        msg = f"{shown}::{name} is empty: it has no header row."
        raise LayerError(msg)
    if header.first:
        _LOG.info("%s::%s: the header is in row %d", shown, name, header.first + 1)
    merged = _fill_down(rows, merges, header)
    # One stray cell far below makes a million rows of nothing.
    filled = [place for place in range(header.below, len(rows)) if any(cell != "" for cell in rows[place])]
    index = pd.Index([place + 1 for place in filled], dtype=np.int64, name="row")
    cells = {title: [rows[number][place] for number in filled] for place, title in enumerate(header.names)}
    del rows
    # One stray cell far to the right makes thousands of columns of nothing.
    for place, title in enumerate(header.names):
        if title == untitled(place) and not any(cell != "" for cell in cells[title]):
            del cells[title]
    columns = {title: _column(held) for title, held in cells.items()}
    table = without_blank_rows(pd.DataFrame(columns).set_axis(index, axis=0))
    return Table(rows=table, footers=footers_of(table), merged=merged)


def _fill_down(
    rows: list[list[Any]], merges: list[tuple[tuple[int, int], tuple[int, int]]], header: Header
) -> dict[str, tuple[int, ...]]:
    """Put the value of cells merged over several rows into each of them; give the rows that were filled, by header."""
    merged: dict[str, list[int]] = {}
    done: dict[int, int] = {}
    for (top, left), (bottom, _) in sorted(merges):
        if not header.below <= top < len(rows) or left >= len(header.names) or rows[top][left] == "":
            continue
        # Merges never lie over one another, but in a damaged file.
        first, done[left] = max(top + 1, done.get(left, 0) + 1), max(bottom, done.get(left, 0))
        for number in range(first, min(bottom + 1, len(rows))):
            rows[number][left] = rows[top][left]
            merged.setdefault(header.names[left], []).append(number + 1)
    return {name: tuple(numbers) for name, numbers in merged.items()}


def _chosen(shown: str, workbook: CalamineWorkbook, sheet: str | None) -> str:
    names = workbook.sheet_names
    if sheet is not None and sheet not in names:
        msg = f"{shown} has no sheet '{sheet}'; its sheets are {listed(names)}."
        raise LayerError(msg)
    if sheet is not None or len(names) == 1:
        return sheet or names[0]
    fit = [name for name in _visible(workbook) if _can_be_placed(workbook.get_sheet_by_name(name))]
    if len(fit) == 1:
        _LOG.info("%s: sheet '%s' of %s has columns that can be placed", shown, fit[0], listed(names))
        return fit[0]
    why = f"; coordinates are in {listed(fit)}" if fit else ""
    msg = f"{shown} has several sheets: {listed(names)}{why}. {name_one(shown, (fit or names)[0])}"
    raise LayerError(msg)


def _visible(workbook: CalamineWorkbook) -> list[str]:
    from python_calamine import SheetVisibleEnum  # noqa: PLC0415 - only spreadsheets need it

    return [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]


def _holds_rows(workbook: CalamineWorkbook, name: str) -> bool:
    """Tell a sheet, hidden or not, that is more than a header; a chart on a sheet of its own has no rows."""
    from python_calamine import SheetTypeEnum  # noqa: PLC0415

    is_table = any(one.name == name and one.typ == SheetTypeEnum.WorkSheet for one in workbook.sheets_metadata)
    return is_table and _header(workbook.get_sheet_by_name(name)) is not None


def _can_be_placed(sheet: CalamineSheet) -> bool:
    header = _header(sheet)
    return header is not None and can_be_placed(header.names)


def _header(sheet: CalamineSheet) -> Header | None:
    rows = sheet.to_python(skip_empty_area=False, nrows=LOOKED_AT)
    return find_header([[_cell(cell) for cell in row] for row in rows])


def _column(cells: list[object]) -> pd.Series:
    filled = [cell for cell in cells if cell != ""]
    if filled and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in filled):
        return pd.Series([np.nan if cell == "" else cell for cell in cells], dtype=float)
    return pd.Series([_cell(cell) for cell in cells], dtype="str")


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
