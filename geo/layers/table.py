"""Tables of text: CSV in its dialects and XLSX, each row under the number that its source shows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

_DELIMITERS = ",;\t|"
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_SNIFFED_CHARACTERS = 65_536


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
    header = next((line for line in text.splitlines() if line.strip()), "")
    if not header:
        msg = f"{path} is empty: it has no header line."
        raise LayerError(msg)
    delimiter = max(_DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark))))
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            dtype=str,
            keep_default_na=False,
            index_col=False,
            skip_blank_lines=False,
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        msg = f"{path} is no clean table: {str(error).strip()}. Check the quotes and the delimiter of that line."
        raise LayerError(msg) from error
    table.index = pd.Index(_line_numbers(text, len(table), delimiter), name="row")
    return _without_blank_rows(table)


def read_xlsx(path: Path, sheet: str | None) -> pd.DataFrame:
    """
    Read one sheet of a spreadsheet (the only one, or the one named); every cell as text, on its row numbers.

    Codes keep their zeros where the sheet holds them as text; whole numbers are written without a decimal point.

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
        msg = f"{path} is no spreadsheet that can be read: {error}."
        raise LayerError(msg) from error
    first = next((number for number, row in enumerate(rows) if any(_cell(cell) for cell in row)), None)
    if first is None:
        msg = f"{path}::{name} is empty: it has no header row."
        raise LayerError(msg)
    headers = [_cell(cell) or f"column {number + 1}" for number, cell in enumerate(rows[first])]
    body = [[_cell(cell) for cell in row] for row in rows[first + 1 :]]
    index = pd.RangeIndex(first + 2, first + 2 + len(body), name="row")
    return _without_blank_rows(pd.DataFrame(body, columns=headers, index=index, dtype=str))


def numbers(texts: pd.Series, *, whole: bool = False) -> pd.Series:
    """
    Read numbers as offices write them: ``11.5``, ``11,5``, ``1.234,5``, ``1 234``.

    Where both marks stand, the last one is the decimal mark. A mark alone is a decimal mark, except where `whole`
    numbers are asked for and every marked value of the column has groups of three digits (``1.234`` is 1234).

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
    """
    cells = texts.astype(str).str.replace(r"[\s\u00a0\u202f]", "", regex=True)
    plain = pd.to_numeric(cells, errors="coerce")
    marked = cells.str.contains("[.,]", regex=True) & cells.str.contains(r"\d", regex=True)
    if not marked.any():
        return plain.astype(float)
    grouped = cells.str.fullmatch(r"[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
    if whole and grouped[marked].all():
        return pd.to_numeric(cells.str.replace("[.,]", "", regex=True), errors="coerce").astype(float)
    with_comma = cells[cells.str.contains(",", regex=False)]
    comma_last = with_comma.str.rfind(",") > with_comma.str.rfind(".")
    as_comma = with_comma.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    as_point = with_comma.str.replace(",", "", regex=False)
    plain.loc[with_comma.index] = pd.to_numeric(as_comma.where(comma_last, as_point), errors="coerce")
    return plain.astype(float)


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
    if "\0" in text[:_SNIFFED_CHARACTERS]:
        msg = f"{path} is neither a table of text nor a format that can be read."
        raise LayerError(msg)
    return text


def _line_numbers(text: str, rows: int, delimiter: str) -> np.ndarray:
    """Give each row the line it begins on; quoted cells may run over several lines."""
    if text.count("\n") + (not text.endswith("\n")) == rows + 1:
        return np.arange(2, rows + 2)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    starts = []
    line = 1
    for _ in reader:
        starts.append(line)
        line = reader.line_num + 1
    return np.array(starts[1 : rows + 1])


def _without_blank_rows(table: pd.DataFrame) -> pd.DataFrame:
    table.columns = [str(column).strip() for column in table.columns]
    table = table.fillna("")
    filled = np.zeros(len(table), dtype=bool)
    for position in range(table.shape[1]):
        filled |= (table.iloc[:, position].str.strip() != "").to_numpy()
    return table[filled]


def _sheet(path: Path, names: list[str], sheet: str | None) -> str:
    if sheet is not None and sheet not in names:
        msg = f"{path} has no sheet '{sheet}'; its sheets are {', '.join(names)}."
        raise LayerError(msg)
    if sheet is None and len(names) > 1:
        msg = f"{path} has several sheets: {', '.join(names)}. Name one, as {path}::{names[0]}."
        raise LayerError(msg)
    return sheet or names[0]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
