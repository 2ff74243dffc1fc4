"""One sheet of a spreadsheet as a table: the right sheet, its header found, its merged cells filled downward."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.errors import LayerError
from geo.layers.contract import can_be_placed
from geo.layers.files.archive import DAMAGED, listed
from geo.layers.files.header import LOOKED_AT, Header, find_header
from geo.layers.files.panics import panics_as_errors
from geo.layers.files.sheet_extent import refuse_boundless
from geo.layers.files.table import Table, footers_of, untitled, without_blank_rows

if TYPE_CHECKING:
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
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only spreadsheets need it

    shown = shown or str(path)
    try:
        refuse_boundless(path, shown)
        with panics_as_errors():
            workbook = CalamineWorkbook.from_path(path)
            name = _chosen(shown, workbook, sheet)
            opened = workbook.get_sheet_by_name(name)
            rows: list[list[Any]] = opened.to_python(skip_empty_area=False)
            merges = opened.merged_cell_ranges or []
    except (CalamineError, *DAMAGED) as error:
        if isinstance(error, LayerError):
            raise
        msg = f"{shown} is no spreadsheet that can be read: {str(error).rstrip('.')}. Save it again, as XLSX or CSV."
        raise LayerError(msg) from error
    header = find_header([[_cell(cell) for cell in row] for row in rows[:LOOKED_AT]])
    if header is None:
        msg = f"{shown}::{name} is empty: it has no header row."
        raise LayerError(msg)
    if header.first:
        _LOG.info("%s::%s: the header is in row %d", shown, name, header.first + 1)
    merged = _fill_down(rows, merges, header)
    body = rows[header.below :]
    index = pd.RangeIndex(header.below + 1, header.below + 1 + len(body), name="row")
    cells = {title: [row[place] for row in body] for place, title in enumerate(header.names)}
    # One stray cell far to the right makes thousands of columns of nothing.
    for place, title in enumerate(header.names):
        if title == untitled(place) and not any(cell != "" for cell in cells[title]):
            del cells[title]
    columns = {title: _column(held) for title, held in cells.items()}
    found = None if sheet or len(workbook.sheet_names) == 1 else name
    filled = without_blank_rows(pd.DataFrame(columns).set_axis(index, axis=0))
    return Table(rows=filled, footers=footers_of(filled), merged=merged, sheet=found)


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
    from python_calamine import SheetVisibleEnum  # noqa: PLC0415 - only spreadsheets need it

    names = workbook.sheet_names
    if sheet is not None and sheet not in names:
        msg = f"{shown} has no sheet '{sheet}'; its sheets are {listed(names)}."
        raise LayerError(msg)
    if sheet is not None or len(names) == 1:
        return sheet or names[0]
    visible = [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
    fit = [name for name in visible if _can_be_placed(workbook.get_sheet_by_name(name))]
    if len(fit) == 1:
        _LOG.info("%s: sheet '%s' of %s has columns that can be placed", shown, fit[0], listed(names))
        return fit[0]
    why = f"; coordinates are in {listed(fit)}" if fit else ""
    msg = f"{shown} has several sheets: {listed(names)}{why}. Name one, as {shown}::{(fit or names)[0]}."
    raise LayerError(msg)


def _can_be_placed(sheet: CalamineSheet) -> bool:
    rows = sheet.to_python(skip_empty_area=False, nrows=LOOKED_AT)
    header = find_header([[_cell(cell) for cell in row] for row in rows])
    return header is not None and can_be_placed(header.names)


def _column(cells: list[object]) -> pd.Series:
    filled = [cell for cell in cells if cell != ""]
    if filled and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in filled):
        return pd.Series([np.nan if cell == "" else cell for cell in cells], dtype=float)
    return pd.Series([_cell(cell) for cell in cells], dtype="str")


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
