"""How far the sheets of a workbook reach: one stray cell in the last corner would fill the memory of any reader."""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.layers.files.archive import MOST_BYTES
from geo.layers.files.repeated_text import (
    MOST_TEXT,
    blocks_of,
    bytes_referred,
    records_of,
    repeated,
    shared_texts,
)
from geo.layers.files.sectors import SIGNATURE, are_sound, streams_of
from geo.layers.files.xls_records import extent_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_CELLS = 50_000_000
"""A sheet's rows times its columns, up to the last cells that hold something."""

# Each takes some forty bytes even where it is empty: so many a sheet may have whose markup is too short to fill them.
_MOST_EMPTY, _BYTES_OF_CELL = 20_000_000, 4
# Sheets are read one after another, and each such million takes a tenth of a second.
_MOST_TOGETHER = 400_000_000
# The stream of an XLS in which its sheets are, in a file of Excel 97 or 5.
_WORKBOOKS = ("Workbook", "Book")
# The reference of a cell (B2) or of a row (2), however it is spelt.
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)(\d*)""")
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
# Records of a binary sheet: the start of a row, and the kinds of cells.
_ROW_RECORD, _CELL_RECORDS = 0, range(1, 12)


def refuse_boundless(path: Path, shown: str) -> None:
    """
    Refuse a workbook that would not fit: by what it unpacks to, by cells far away, or by a long text in many cells.

    Every part of an XLSX or XLSB is looked at, as a sheet may be called anything. The sheets of an XLS or ODS are read
    together, and count together.

    Raises
    ------
    LayerError
        With the part of the workbook that reaches too far.
    ValueError
        Where it is damaged.
    """
    if not zipfile.is_zipfile(path):
        content = path.read_bytes()
        if content.startswith(SIGNATURE):
            _refuse_records(content, shown)
        return
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            msg = f"{shown} unpacks to more than {MOST_BYTES >> 30} GB. Save the sheet as CSV."
            raise LayerError(msg)
        if "content.xml" in archive.namelist():
            found = repeated(archive, "content.xml", shown)
            _refuse_text(found.text, "a sheet (content.xml)", shown)
            most = _most_cells(archive, "content.xml")
            _refuse_far(found.cells, f"{found.cells:,} cells in its sheets (content.xml)", shown, most)
            return
        together, lengths = 0, shared_texts(archive, shown)
        for name in archive.namelist():
            _refuse_text(bytes_referred(archive, name, lengths, shown), f"a sheet ({name})", shown)
            rows, columns = _extent(archive, name, shown)
            size = f"a sheet ({name}) of {rows:,} rows by {columns:,} columns"
            _refuse_far(rows * columns, size, shown, _most_cells(archive, name))
            together += rows * columns
        _refuse_far(together, f"sheets of {together:,} cells together", shown, _MOST_TOGETHER)


def _most_cells(archive: zipfile.ZipFile, name: str) -> int:
    return min(MOST_CELLS, max(_MOST_EMPTY, archive.getinfo(name).file_size // _BYTES_OF_CELL))


def _refuse_records(content: bytes, shown: str) -> None:
    """Refuse an XLS that is damaged, or whose sheets hold too much together."""
    if not are_sound(content):
        msg = "it is damaged"
        raise ValueError(msg)
    for stream in streams_of(content, *_WORKBOOKS):
        extent = extent_of(stream, MOST_TEXT)
        size = f"a sheet (number {extent.sheet}) of {extent.rows:,} rows by {extent.columns:,} columns"
        alone = extent.rows * extent.columns == extent.cells
        _refuse_far(extent.cells, size if alone else f"{extent.cells:,} cells in its sheets, and {size}", shown)
        _refuse_text(extent.text, "sheets", shown)


def _refuse_far(cells: int, size: str, shown: str, most: int = MOST_CELLS) -> None:
    if cells > most:
        msg = f"{shown} has {size}: cells stand far away from the table. Delete them, or save the table as CSV."
        raise LayerError(msg)


def _refuse_text(size: int, where: str, shown: str) -> None:
    if size > MOST_TEXT:
        msg = (
            f"{shown} has {where} whose cells hold more than {MOST_TEXT >> 20} MB of text: a long text stands "
            "in many of them. Delete it, or save the table as Parquet."
        )
        raise LayerError(msg)


def _extent(archive: zipfile.ZipFile, name: str, shown: str) -> tuple[int, int]:
    """Give the number of the last row and of the last column of a sheet that have a cell; 0 of other parts."""
    with archive.open(name) as stream:
        start = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        return _extent_of_markup(blocks_of(archive, name, shown))
    if name.endswith(".bin"):
        with archive.open(name) as stream:
            return _extent_of_records(stream.read())
    return 0, 0


def _extent_of_markup(blocks: Iterator[bytes]) -> tuple[int, int]:
    rows = columns = counted = in_row = 0
    for text in blocks:
        places = _PLACE.findall(text)
        rows = max([rows, *(int(digits[:10]) for digits in {digits for _, digits in places} if digits)])
        columns = max([columns, *map(_number, {letters for letters, _ in places})])
        # Rows and cells without a reference follow one another.
        starts = [*(found.start() for found in _ROW.finditer(text)), len(text)]
        counted += len(starts) - 1
        if len(places) < len(_CELL.findall(text)):
            in_row += len(_CELL.findall(text[: starts[0]]))
            columns = max(columns, in_row)
            for start, end in pairwise(starts):
                in_row = len(_CELL.findall(text[start:end]))
                columns = max(columns, in_row)
    return max(rows, counted), columns


def _extent_of_records(content: bytes) -> tuple[int, int]:
    rows = columns = 0
    for kind, place, _ in records_of(content):
        if kind == _ROW_RECORD:
            rows = max(rows, int.from_bytes(content[place : place + 4], "little") + 1)
        elif kind in _CELL_RECORDS:
            columns = max(columns, int.from_bytes(content[place : place + 4], "little") + 1)
    return rows, columns


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters[:8].upper():
        number = 26 * number + letter - ord("A") + 1
    return number
