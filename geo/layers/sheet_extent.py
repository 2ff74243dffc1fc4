"""How far the sheets of a workbook reach: one stray cell in the last corner would fill the memory of any reader."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.layers.archive import MOST_BYTES

if TYPE_CHECKING:
    from pathlib import Path

MOST_CELLS = 50_000_000
"""A sheet's rows times its columns, up to the last cells that hold something."""

_BLOCK = 1 << 22
_LONGEST_REFERENCE = 64
_ROW = re.compile(rb'<(?:\w+:)?c [^>]*?r="[A-Z]{1,3}(\d{1,7})"|<(?:\w+:)?row [^>]*?r="(\d{1,7})"')
_COLUMNS = [re.compile(rb'\br="([A-Z]{%d})\d' % letters) for letters in (3, 2, 1)]


def refuse_boundless(path: Path, shown: str) -> None:
    """
    Refuse an XLSX workbook that would not fit: by what it unpacks to, or by cells far away from all others.

    Other kinds of spreadsheets are passed over.

    Raises
    ------
    LayerError
        With the part of the workbook that reaches too far.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            msg = f"{shown} unpacks to more than {MOST_BYTES >> 30} GB. Save the sheet as CSV."
            raise LayerError(msg)
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                rows, columns = _extent(archive, name)
                if rows * columns > MOST_CELLS:
                    msg = (
                        f"{shown} has a sheet ({name}) of {rows:,} rows by {columns:,} columns: cells stand far away "
                        "from the table. Delete them, or save the table as CSV."
                    )
                    raise LayerError(msg)


def _extent(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """Give the number of the last row and of the last column of a sheet that have a cell."""
    rows = columns = 0
    rest = b""
    with archive.open(name) as stream:
        while block := stream.read(_BLOCK):
            text = rest + block
            rest = text[-_LONGEST_REFERENCE:]
            rows = max([rows, *(int(cell or row) for cell, row in _last_rows(text))])
            columns = max(columns, _last_column(text))
    return rows, columns


def _last_rows(text: bytes) -> list[tuple[bytes, bytes]]:
    # Rows come in their order: the end of a block says how far it reaches.
    return _ROW.findall(text, max(0, len(text) - _BLOCK // 64)) or _ROW.findall(text)


def _last_column(text: bytes) -> int:
    for letters in _COLUMNS:
        if found := set(letters.findall(text)):
            return max(map(_number, found))
    return 0


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
