"""Delimited text files (CSV) in their dialects, each row under the line that it begins on."""

from __future__ import annotations

import csv
import io
import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.errors import LayerError
from geo.layers.contract import is_known
from geo.layers.encodings.encoding import text_of
from geo.layers.files.header import LOOKED_AT, Header, find_header
from geo.layers.files.table import Table, footers_of, without_blank_rows
from geo.messages import counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_DELIMITERS = ",;\t|"
# What parts no cells, but is part of names, numbers and degrees.
_NO_DELIMITERS = "\"'.-_+\n"
_HEADER_LINES = 200
MOST_BYTES = 1 << 30
"""A larger table takes some ten times its size of memory."""

MOST_COLUMNS = 16_384
_LONGEST_LINE = 16 << 20
# Blank rows take memory only until so many rows are read.
_ROWS_AT_ONCE = 1 << 18


def read_csv(path: Path, shown: str | None = None) -> Table:
    """
    Read a delimited text file; every cell as text, on the line numbers of the file.

    The delimiter (comma, semicolon, tab or bar) is the one that gives most columns that are known, then a header in
    the first line, then most columns. Where none of these gives two that are known, it is any other character that does
    and parts every row into as many cells. Rows above the header, as a title, are passed over, and so are empty cells
    beyond the last column. UTF-8 and UTF-16, with or without a byte order mark, and Windows-1258.

    Parameters
    ----------
    path : Path
        The file.
    shown : str, optional
        How messages call it, where not by its path.

    Raises
    ------
    LayerError
        Where the file is no text, has no header, or a line has more cells than the header.
    """
    shown = shown or str(path)
    _refuse_endless(path, shown)
    text = text_of(path.read_bytes(), shown)
    lines, header, delimiter = _header(shown, text)
    lead = lines[header.first] - 1
    table = _filled_rows(text, delimiter, header, lead, shown)
    names = [*header.names, *(f"column {place + 1}" for place in range(len(header.names), table.shape[1]))]
    rows = table.set_axis(names[: table.shape[1]], axis=1)
    if lead:
        _LOG.info("%s: the header is in line %d", shown, lead + 1)
    return Table(rows=rows, footers=footers_of(rows))


def _filled_rows(text: str, delimiter: str, header: Header, lead: int, shown: str) -> pd.DataFrame:
    """Give the rows below the header that hold something, each on its line."""

    def read(columns: range | None) -> pd.DataFrame:
        pieces = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            names=columns,
            usecols=columns,
            skiprows=header.first,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            on_bad_lines="error",
            engine="c" if delimiter.isascii() else "python",
            chunksize=_ROWS_AT_ONCE,
        )
        with pieces:
            return _joined(pieces, header.below - header.first, lead, quoted='"' in text)

    try:
        return read(None)
    except pd.errors.ParserError as error:
        columns, fault = _first_fault(text, delimiter, header.first, is_open="EOF inside string" in str(error))
        if fault is None:
            return read(range(columns))
        msg = f"{shown} is no clean table: {fault}. Check quotes and delimiters there."
        raise LayerError(msg) from error


def _joined(pieces: Iterable[pd.DataFrame], above: int, lead: int, *, quoted: bool) -> pd.DataFrame:
    """Join the pieces of a table without what is above its body; blank rows, however many, are gone before."""
    kept: list[pd.DataFrame] = []
    for piece in pieces:
        cells = piece.fillna("")
        ends = lead + _lines_until(cells, quoted=quoted)
        begins = np.append(lead, ends[:-1]) + 1
        rows = cells.set_axis(pd.Index(begins, name="row"), axis=0).iloc[0 if kept else above :]
        rows = without_blank_rows(rows)
        lead = int(ends[-1])
        if len(rows) or not kept:
            kept.append(rows)
    return pd.concat(kept) if len(kept) > 1 else kept[0]


def _first_fault(text: str, delimiter: str, first: int, *, is_open: bool) -> tuple[int, str | None]:
    """Count the columns, and say what is wrong first; None where the cells beyond the last column are all empty."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    columns, begin, last = 0, 1, 1
    try:
        for number, row in enumerate(reader):
            columns = len(row) if number == first else columns
            if number > first and any(cell.strip() for cell in row[columns:]):
                return columns, f"line {begin} has {counted(len(row), 'cell|cells')}, the header {columns:,}"
            last, begin = begin, reader.line_num + 1
    except csv.Error as error:
        return columns, f"line {begin}: {error}"
    if is_open:
        return columns, f"a quote in the row of line {last} is never closed"
    return columns, None


def _refuse_endless(path: Path, shown: str) -> None:
    """Refuse a file, or a line of it, that is too long for a table of text."""
    if path.stat().st_size > MOST_BYTES:
        msg = f"{shown} is larger than {MOST_BYTES >> 30} GB. Save it as Parquet or GeoPackage."
        raise LayerError(msg)
    number = 1
    with path.open("rb") as stream:
        while block := stream.read(_LONGEST_LINE // 2):
            ends = block.count(b"\n")
            # A line that is longer than two blocks fills one of them.
            if not ends and len(block) == _LONGEST_LINE // 2 and b"\r" not in block:
                msg = f"{shown} is no table: line {number} is longer than {_LONGEST_LINE >> 21} MB. Save it anew."
                raise LayerError(msg)
            number += ends


def _header(shown: str, text: str) -> tuple[list[int], Header, str]:
    """Give the line that each of the first rows begins on, the header, and the delimiter that parts it best."""
    lines = list(itertools.islice(io.StringIO(text), _HEADER_LINES))
    first = next((number for number, line in enumerate(lines) if line.strip(_DELIMITERS + "\"' \n")), None)
    if first is None:
        msg = f"{shown} is empty: it has no header line."
        raise LayerError(msg)
    parted = [_Parted.by(mark, lines, first) for mark in _DELIMITERS]
    best = max(parted, key=lambda one: one.rank)
    if not best.rank[0]:
        others = dict.fromkeys(mark for mark in "".join(lines[first:]) if not mark.isalnum())
        tried = [_Parted.by(mark, lines, first) for mark in others if mark not in _DELIMITERS + _NO_DELIMITERS]
        best = max([best, *(one for one in tried if one.rank[0] and one.is_even)], key=lambda one: one.rank)
    widest = max(one.wide for one in parted)
    if best.header is None or (widest > MOST_COLUMNS and best.rank[2] <= 1):
        why = f"of {widest:,} columns" if widest > MOST_COLUMNS else "whose cells are longer than any header"
        msg = f"{shown}: the header in line {first + 1} cannot be read: a line {why}. Check delimiter and quotes."
        raise LayerError(msg)
    return best.begins, best.header, best.mark


@dataclass(frozen=True, kw_only=True)
class _Parted:
    """The first rows as one delimiter parts them: how good that is, where each begins, their header and width."""

    mark: str
    rank: tuple[int, bool, int]
    begins: list[int]
    header: Header | None
    wide: int
    is_even: bool

    @classmethod
    def by(cls, mark: str, lines: list[str], first: int) -> _Parted:
        begins, rows = _first_rows(lines, mark)
        wide = max(map(len, rows), default=0)
        # A cell longer than the csv module takes is read well below the header, and is no header.
        header = find_header(rows) if len(rows) > first and wide <= MOST_COLUMNS else None
        rank, is_even = (0, False, 0), False
        if header is not None:
            known = sum(map(is_known, header.names))
            columns = max(map(len, rows[header.first : header.below]))
            rank = (known if known > 1 else 0, columns > 1 and begins[header.first] == first + 1, columns)
            is_even = {len(row) for row in rows[header.first :] if row} == {columns}
        return cls(mark=mark, rank=rank, begins=begins, header=header, wide=wide, is_even=is_even)


def _first_rows(lines: list[str], delimiter: str) -> tuple[list[int], list[list[str]]]:
    """Give the first rows that can be parted, each with the line that it begins on."""
    reader = csv.reader(lines, delimiter=delimiter)
    begins: list[int] = []
    rows: list[list[str]] = []
    try:
        while len(rows) < LOOKED_AT:
            begin = reader.line_num + 1
            row = next(reader)
            begins.append(begin)
            rows.append(row)
    except (StopIteration, csv.Error):
        pass
    return begins, rows


def _lines_until(table: pd.DataFrame, *, quoted: bool) -> np.ndarray:
    """Count the lines of the file from the first row to the end of each; quoted cells may run over several."""
    lines = np.ones(len(table), dtype=np.int64)
    if quoted:
        for place in range(table.shape[1]):
            lines += table.iloc[:, place].str.count("\n").to_numpy(dtype=np.int64)
    return np.cumsum(lines)
