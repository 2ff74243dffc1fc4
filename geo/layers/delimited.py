"""Delimited text files (CSV) in their dialects, each row under the line that it begins on."""

from __future__ import annotations

import csv
import io
import itertools
import logging
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.errors import LayerError
from geo.layers.contract import is_known
from geo.layers.encoding import text_of
from geo.layers.header import LOOKED_AT, Header, find_header
from geo.layers.table import Table, footers_of, without_blank_rows

if TYPE_CHECKING:
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_DELIMITERS = ",;\t|"
_HEADER_LINES = 200
MOST_BYTES = 1 << 30
"""A larger table takes some ten times its size of memory."""

MOST_COLUMNS = 16_384
_LONGEST_LINE = 16 << 20


def read_csv(path: Path, shown: str | None = None) -> Table:
    """
    Read a delimited text file; every cell as text, on the line numbers of the file.

    The delimiter (comma, semicolon, tab or bar) is the one that gives most columns that are known, then a header in
    the first line, then most columns. Rows above the header, as a title, are passed over. UTF-8, with or without a byte
    order mark, UTF-16 with one, and Windows-1258.

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
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            skiprows=header.first,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            on_bad_lines="error",
        ).fillna("")
    except pd.errors.ParserError as error:
        msg = f"{shown} is no clean table: {str(error).strip()}. Check the quotes and the delimiter of that line."
        raise LayerError(msg) from error
    begins = _first_lines(table, lead, quoted='"' in text)
    above = header.below - header.first
    names = [*header.names, *(f"column {place + 1}" for place in range(len(header.names), table.shape[1]))]
    body = table.iloc[above:].set_axis(names[: table.shape[1]], axis=1)
    rows = without_blank_rows(body.set_axis(pd.Index(begins[above:], name="row"), axis=0))
    if lead:
        _LOG.info("%s: the header is in line %d", shown, lead + 1)
    return Table(rows=rows, footers=footers_of(rows))


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
    found = []
    widest = 0
    for mark in _DELIMITERS:
        begins, rows = _first_rows(lines, mark)
        wide = max(map(len, rows), default=0)
        widest = max(widest, wide)
        # A cell longer than the csv module takes is read well below the header, and is no header.
        header = find_header(rows) if len(rows) > first and wide <= MOST_COLUMNS else None
        if header is not None:
            known = sum(map(is_known, header.names))
            columns = max(map(len, rows[header.first : header.below]))
            on_top = columns > 1 and begins[header.first] == first + 1
            found.append(((known if known > 1 else 0, on_top, columns), begins, header, mark))
    rank, begins, header, mark = max(found, key=lambda one: one[0], default=((0, False, 0), [], None, ""))
    if header is None or (widest > MOST_COLUMNS and rank[2] <= 1):
        why = f"of {widest:,} columns" if widest > MOST_COLUMNS else "whose cells are longer than any header"
        msg = f"{shown}: the header in line {first + 1} cannot be read: a line {why}. Check delimiter and quotes."
        raise LayerError(msg)
    return begins, header, mark


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


def _first_lines(table: pd.DataFrame, lead: int, *, quoted: bool) -> np.ndarray:
    """Give each row the line of the file that it begins on; quoted cells may run over several lines."""
    lines = np.ones(len(table), dtype=np.int64)
    if quoted:
        for place in range(table.shape[1]):
            lines += table.iloc[:, place].str.count("\n").to_numpy(dtype=np.int64)
    return lead + 1 + np.concatenate([[0], np.cumsum(lines)[:-1]])
