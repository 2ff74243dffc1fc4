"""Tables of text: CSV in its dialects and XLSX, each row under the number that its source shows."""

from __future__ import annotations

import csv
import io
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

_DELIMITERS = ",;\t|"
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_HEADER_LINES = 100


def read_csv(path: Path) -> pd.DataFrame:
    """
    Read a delimited text file; every cell as text, on the line numbers of the file (the header is line 1).

    The delimiter (comma, semicolon, tab or bar) is the one that parts the header into most columns. UTF-8, with or
    without a byte order mark, and UTF-16.

    Raises
    ------
    LayerError
        Where the file is no text, has no header, or a line has more cells than the header.
    """
    text = _text(path)
    lead, delimiter = _header(path, text)
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            skiprows=lead,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            on_bad_lines="error",
        ).fillna("")
    except pd.errors.ParserError as error:
        msg = f"{path} is no clean table: {str(error).strip()}. Check the quotes and the delimiter of that line."
        raise LayerError(msg) from error
    lines = _first_lines(table, lead, quoted='"' in text)
    body = table.iloc[1:].set_axis(_unique(table.iloc[0].tolist()), axis=1)
    return _without_blank_rows(body.set_axis(pd.Index(lines[1:], name="row"), axis=0))


def read_xlsx(path: Path, sheet: str | None) -> pd.DataFrame:
    """
    Read one sheet of a spreadsheet (the only one, or the one named), on its row numbers.

    A column that holds nothing but numbers stays numbers; every other column is text, in which codes keep their zeros
    and whole numbers have no decimal point.

    Raises
    ------
    LayerError
        Where the file is no spreadsheet, the sheet is not there or holds nothing, or there are several and none named.
    """
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only spreadsheets need it

    try:
        workbook = CalamineWorkbook.from_path(path)
        name = _sheet(path, workbook.sheet_names, sheet)
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        msg = f"{path} is no spreadsheet that can be read: {error}. Save it again, as XLSX or CSV."
        raise LayerError(msg) from error
    first = next((number for number, row in enumerate(rows) if any(_cell(cell) for cell in row)), None)
    if first is None:
        msg = f"{path}::{name} is empty: it has no header row."
        raise LayerError(msg)
    body = rows[first + 1 :]
    index = pd.RangeIndex(first + 2, first + 2 + len(body), name="row")
    headers = _unique([_cell(cell) for cell in rows[first]])
    columns = {header: _column([row[place] for row in body]) for place, header in enumerate(headers)}
    return _without_blank_rows(pd.DataFrame(columns).set_axis(index, axis=0))


def numbers(texts: pd.Series, *, whole: bool = False) -> pd.Series:
    """
    Read numbers as offices write them: ``11.5``, ``11,5``, ``1.234,5``, ``1 234``.

    Where both marks stand, the last one is the decimal mark, and where all such cells agree, it is so in the whole
    column. Otherwise a mark alone is a decimal mark, except where `whole` numbers are asked for and most marked values
    of the column have groups of three digits (``1.234`` is 1234, ``0.234`` is no group); others are no numbers.

    Parameters
    ----------
    texts : Series of str
        Cells; white space does not count.
    whole : bool
        Whether the column counts something.

    Returns
    -------
    Series of float
        On the same index; NaN where the cell is empty or no number.

    Examples
    --------
    >>> numbers(pd.Series(["11,5", "1.234,5", "", "x"])).tolist()
    [11.5, 1234.5, nan, nan]
    >>> numbers(pd.Series(["1.234", "567"]), whole=True).tolist()
    [1234.0, 567.0]
    >>> numbers(pd.Series(["1.234,5", "1.234"])).tolist()
    [1234.5, 1234.0]
    """
    cells = texts.astype(str).str.replace(r"[\s\u00a0\u202f]", "", regex=True)
    point, comma = cells.str.rfind("."), cells.str.rfind(",")
    marked = (point >= 0) | (comma >= 0)
    grouped = marked & cells.str.fullmatch(_GROUPED)
    if whole and grouped.sum() > _MOST * marked.sum():
        # What is marked and has no groups in a column of groups may be anything: it is no number that can be trusted.
        return _plain(cells.str.replace("[.,]", "", regex=True).where(grouped | ~marked, ""))
    both = (point >= 0) & (comma >= 0)
    comma_decimal = both & (comma > point)
    verdicts = comma_decimal[both].unique()
    for mark, other, so in ((",", ".", comma_decimal), (".", ",", both & ~comma_decimal)):
        agreed = len(verdicts) == 1 and verdicts[0] == (mark == ",")
        grouped = cells.str.fullmatch(rf"[-+]?\d{{1,3}}(?:\{other}\d{{3}})+(?:\{mark}\d*)?") & (agreed | so)
        cells = cells.where(~grouped, cells.str.replace(other, "", regex=False))
    return _plain(cells.str.replace(",", ".", regex=False))


_GROUPED = r"[-+]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*"
_MOST = 0.5
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"


def _plain(cells: pd.Series) -> pd.Series:
    values = pd.to_numeric(cells.where(cells.str.fullmatch(_NUMBER), ""), errors="coerce").astype(float)
    return values.where(np.isfinite(values))


def _text(path: Path) -> str:
    raw = path.read_bytes()
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        msg = (
            f"{path} is not {encoding.upper()} text: line {line} holds the byte 0x{raw[error.start]:02x}. "
            "Save it as CSV UTF-8."
        )
        raise LayerError(msg) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        msg = f"{path} is no table of text: line {line} holds the byte 0x00. Save it as CSV UTF-8."
        raise LayerError(msg)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _header(path: Path, text: str) -> tuple[int, str]:
    """Give the number of blank lines before the header, and the delimiter that parts it into most columns."""
    lines = list(itertools.islice(io.StringIO(text), _HEADER_LINES))
    filled = [number for number, line in enumerate(lines) if line.strip(_DELIMITERS + "\"' \n")]
    if not filled:
        msg = f"{path} is empty: it has no header line."
        raise LayerError(msg)
    try:
        found = {mark: len(next(csv.reader(lines[filled[0] :], delimiter=mark))) for mark in _DELIMITERS}
    except csv.Error as error:
        msg = f"{path}: the header in line {filled[0] + 1} cannot be read: {error}."
        raise LayerError(msg) from error
    return filled[0], max(_DELIMITERS, key=found.__getitem__)


def _unique(headers: list[str]) -> list[str]:
    """Name columns without a header by their number, and number those that have another's."""
    seen: dict[str, int] = {}
    names = []
    for place, header in enumerate(headers):
        name = header.strip() or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _first_lines(table: pd.DataFrame, lead: int, *, quoted: bool) -> np.ndarray:
    """Give each row the line of the file that it begins on; quoted cells may run over several lines."""
    lines = np.ones(len(table), dtype=np.int64)
    if quoted:
        for place in range(table.shape[1]):
            lines += table.iloc[:, place].str.count("\n").to_numpy(dtype=np.int64)
    return lead + 1 + np.concatenate([[0], np.cumsum(lines)[:-1]])


def _without_blank_rows(table: pd.DataFrame) -> pd.DataFrame:
    filled = np.zeros(len(table), dtype=bool)
    for place in range(table.shape[1]):
        cells = table.iloc[:, place]
        known = cells.notna() if pd.api.types.is_numeric_dtype(cells) else cells.str.strip() != ""
        filled |= known.to_numpy(dtype=bool)
    return table[filled]


def _sheet(path: Path, names: list[str], sheet: str | None) -> str:
    if sheet is not None and sheet not in names:
        msg = f"{path} has no sheet '{sheet}'; its sheets are {', '.join(names)}."
        raise LayerError(msg)
    if sheet is None and len(names) > 1:
        msg = f"{path} has several sheets: {', '.join(names)}. Name one, as {path}::{names[0]}."
        raise LayerError(msg)
    return sheet or names[0]


def _column(cells: list[object]) -> pd.Series:
    filled = [cell for cell in cells if cell != ""]
    if filled and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in filled):
        return pd.Series([np.nan if cell == "" else cell for cell in cells], dtype=float)
    return pd.Series([_cell(cell) for cell in cells], dtype="str")


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
