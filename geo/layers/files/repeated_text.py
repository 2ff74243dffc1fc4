"""How much text the cells of a workbook stand for: one long text may be repeated, or referred to, by every cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import LayerError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

MOST_TEXT = 1 << 29
"""Bytes of text in the cells of one sheet, each counted where it stands: 500 for each of a million rows."""

_BLOCK = 1 << 22
_END_OF_TEXT = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_REFERS = re.compile(rb"""\st\s*=\s*["']s["']""")
_REFERENCE = re.compile(
    rb"""\st\s*=\s*["']s["'][^>]*>(?:\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v[^>]*>\s*(\d+)"""
)
# The shortest cell that refers to a text, in markup and in records.
_SHORTEST_CELL = 14
# A text that no cell refers to takes memory all the same; programs leave some behind.
_FEW_TEXTS = 2_000_000
_TEXT_RECORD, _REFERENCE_RECORD = 19, 7
# Calamine knows the parts of an OpenDocument sheet by these very names.
_PART = re.compile(rb"""<(/?)table:(table-row|(?:covered-)?table-cell|table(?!-))\b((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_TIMES = re.compile(rb"""table:number-(?:rows|columns)-repeated\s*=\s*["']([^"']*)""")
_VALUE = re.compile(rb"office:[a-z]*-?value\s*=")
_SPACES = re.compile(rb"""<text:s\b[^>]*?\btext:c\s*=\s*["'](\d+)""")
_TOLD = re.compile(rb"""<(?:\w+:)?sst\b[^>]*?\buniqueCount\s*=\s*["'](\d+)""")
# A text that is shared takes no less, and room for each that is told is made before any is read.
_SHORTEST_TEXT, _ROOM = 5, 24


def blocks_of(archive: zipfile.ZipFile, name: str, shown: str) -> Iterator[bytes]:
    """
    Give a part of markup in blocks that end between two tags.

    Raises
    ------
    LayerError
        Where a text alone is longer than a block.
    """
    rest = b""
    with archive.open(name) as stream:
        while block := stream.read(_BLOCK):
            if b"<" not in block and len(block) == _BLOCK:
                msg = f"{shown} holds a text of more than 4 MB ({name}), which no spreadsheet writes. Save it as CSV."
                raise LayerError(msg)
            text = rest + block
            cut = text.rfind(b"<")
            cut = len(text) if b">" in text[cut:] else cut
            yield text[:cut]
            rest = text[cut:]
    yield rest


def records_of(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Walk through the records of a binary part: the kind of each, where what it holds begins, and its size."""
    place = 0
    while place + 2 <= len(content):
        kind, place = content[place], place + 1
        if kind & 0x80:
            kind, place = (kind & 0x7F) | (content[place] & 0x7F) << 7, place + 1
        size = shift = 0
        for byte in content[place : place + 4]:
            place += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follow
                break
        yield kind, place, size
        place += size


def shared_texts(archive: zipfile.ZipFile, shown: str) -> np.ndarray:
    """
    Give the bytes of each text that the sheets of an XLSX or XLSB share, with its markup.

    Raises
    ------
    ValueError
        Where there can be no more than a part of the texts that it tells of.
    LayerError
        Where it has many more of them than cells that could refer to them.
    """
    lengths: list[int] = []
    most = _most_texts(archive)
    for name in archive.namelist():
        if name.lower().endswith("sharedstrings.xml"):
            rest = 0
            for block in blocks_of(archive, name, shown):
                start = 0
                _refuse_told(block, archive.getinfo(name).file_size)
                for end in _END_OF_TEXT.finditer(block):
                    lengths.append(rest + end.start() - start)
                    rest, start = 0, end.end()
                rest += len(block) - start
                _refuse_unused(len(lengths), most, shown)
        elif name.lower().endswith("sharedstrings.bin"):
            records = records_of(archive.read(name))
            lengths += [size for kind, _, size in records if kind == _TEXT_RECORD]
            _refuse_unused(len(lengths), most, shown)
    return np.array(lengths, dtype=np.int64)


def _most_texts(archive: zipfile.ZipFile) -> int:
    """Give how many texts the cells of a workbook may share: as many as there is room for, or a few million."""
    others = [part.file_size for part in archive.infolist() if "sharedstrings." not in part.filename.lower()]
    return max(_FEW_TEXTS, sum(others) // _SHORTEST_CELL)


def _refuse_unused(texts: int, most: int, shown: str) -> None:
    if texts > most:
        msg = f"{shown} shares more texts ({texts:,} and more) than its sheets have cells. Save it again, or as CSV."
        raise LayerError(msg)


def bytes_referred(archive: zipfile.ZipFile, name: str, lengths: np.ndarray, shown: str) -> int:
    """Give the bytes of shared text that the cells of a sheet stand for; 0 where they are few in any case."""
    longest = int(lengths.max(initial=0))
    if longest * (archive.getinfo(name).file_size // _SHORTEST_CELL) <= MOST_TEXT:
        return 0
    if name.endswith(".bin"):
        content = archive.read(name)
        cells = [place for kind, place, _ in records_of(content) if kind == _REFERENCE_RECORD]
        numbers = np.array([int.from_bytes(content[place + 8 : place + 12], "little") for place in cells], np.int64)
        return int(lengths[numbers[numbers < len(lengths)]].sum())
    total = 0
    for block in blocks_of(archive, name, shown):
        numbers = np.array([int(digits[:10]) for digits in _REFERENCE.findall(block)], dtype=np.int64)
        total += int(lengths[numbers[numbers < len(lengths)]].sum())
        # However a number is written that is not understood here: it may be that of the longest text.
        total += longest * (len(_REFERS.findall(block)) - len(numbers))
    return total


@dataclass
class Repeated:
    """What the sheets of an OpenDocument stand for so far: bytes of text, and cells up to the last that hold any."""

    text: int = 0
    cells: int = 0
    _rows: int = 0
    _height: int = 0
    _width: int = 0

    def end_row(self, times: int, text: int, width: int) -> None:
        """Add a row that is there so many times."""
        self.text += times * text
        self._rows += times
        if width:
            self._height, self._width = self._rows, max(self._width, width)

    def end_sheet(self) -> None:
        """Add the cells of a sheet once its rows are added; rows of nothing at its end are none."""
        self.cells += self._height * self._width
        self._rows = self._height = self._width = 0


def repeated(archive: zipfile.ZipFile, name: str, shown: str) -> Repeated:
    """Count what the sheets of an OpenDocument stand for, each cell and row as often as it is repeated."""
    found = Repeated()
    in_row = in_cell = rows = columns = place = width = 0
    for block in blocks_of(archive, name, shown):
        start = 0
        for part in _PART.finditer(block):
            in_cell += _bytes_of(block[start : part.start()])
            start, place = part.end(), place + columns
            in_row, width = in_row + columns * in_cell, place if columns and in_cell else width
            columns = in_cell = 0
            closes, what, about = part.groups()
            if what in (b"table-row", b"table"):
                found.end_row(rows, in_row, width)
                in_row = place = width = 0
                rows = 0 if closes or what == b"table" else _times(about)
            elif not closes:
                columns = _times(about)
                in_cell = len(about) if _VALUE.search(about) else 0
            if what == b"table":
                found.end_sheet()
        in_cell += _bytes_of(block[start:])
    found.end_row(rows, in_row, width)
    found.end_sheet()
    return found


def _bytes_of(text: bytes) -> int:
    """Give the bytes of a text, the spaces included that are told by their number."""
    text = text.strip()
    return len(text) + sum(int(digits[:10]) for digits in _SPACES.findall(text))


def _refuse_told(block: bytes, size: int) -> None:
    """Refuse a table of texts that says it has more of them than there is room for in its bytes."""
    told = _TOLD.search(block)
    if told is not None and int(told[1][:20]) * _ROOM > max(MOST_TEXT, size // _SHORTEST_TEXT * _ROOM):
        msg = f"it tells of {int(told[1][:20]):,} texts, and has fewer"
        raise ValueError(msg)


def _times(about: bytes) -> int:
    """Read how often a row or a cell is repeated; what is no plain number is as good as without end."""
    told = _TIMES.search(about)
    if told is None:
        return 1
    return int(told[1][:10]) if told[1].isdigit() else MOST_TEXT
