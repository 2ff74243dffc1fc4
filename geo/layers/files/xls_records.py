"""How much the sheets of an XLS file hold: its reader takes all of them at once, and each as a table without gaps."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Kinds of records, as Microsoft's MS-XLS numbers them.
_END, _CONTINUED, _SHEET, _NAME, _SHARED, _DIMENSIONS = 0x0A, 0x3C, 0x85, 0x18, 0xFC, 0x200
_REFERENCE, _NUMBERS, _FORMULA, _LABEL, _RICH_LABEL, _ANSWER = 0xFD, 0xBD, 0x06, 0x204, 0xD6, 0x207
_CELLS = (_REFERENCE, _NUMBERS, _FORMULA, _LABEL, _RICH_LABEL, 0x203, 0x205, 0x27E)
# Of a shared text: more runs of letters, more of it, and letters of two bytes.
_RICH, _EXTENDED, _WIDE = 8, 4, 1
# Two counts stand before all shared texts; the letters of each, and what else it has, before it.
_COUNTS, _HEAD = 8, 3
_LONGEST_TEXT = 2 * 0xFFFF
# A formula is written out by its reader; the shortest sign that stands for a name, and the bytes before the signs.
_SIGN, _BEFORE_SIGNS, _BYTES_OF_A_LETTER = 5, 22, 3
# Sheets that lie in one another would be walked through again and again.
_MOST_WALKS = 4


@dataclass(frozen=True, kw_only=True)
class Extent:
    """
    What the cells of a workbook take.

    `cells` are those of all sheets with the gaps between them, and `text` the bytes of text in them, each counted where
    it stands; `sheet` is the number of the largest sheet, of so many `rows` and `columns`.
    """

    cells: int = 0
    text: int = 0
    sheet: int = 0
    rows: int = 0
    columns: int = 0


def extent_of(stream: bytes, enough: int) -> Extent:
    """
    Add up what the sheets of a workbook hold.

    Parameters
    ----------
    stream : bytes
        The workbook, as it lies in its file.
    enough : int
        Shared texts are measured only where so many bytes could be reached, were each as long as there can be any.

    Raises
    ------
    ValueError
        Where a sheet lies outside the stream, or many lie in one another.
    """
    whole = _walk(stream, 0)
    starts = [int.from_bytes(stream[place + 4 : place + 8], "little") for place in whole.of(_SHEET)]
    sheets: dict[int, _Records] = {}
    walked = 0
    for start in dict.fromkeys(starts):
        sheets[start] = _walk(stream, start)
        walked += sheets[start].end - start
        if start >= len(stream) or walked > _MOST_WALKS * len(stream):
            msg = "it is damaged"
            raise ValueError(msg)
    texts = np.array([], np.int64)
    if sum(len(sheets[start].of(_REFERENCE)) for start in starts) * _LONGEST_TEXT > enough:
        texts = np.fromiter(_lengths(_shared_parts(stream, whole)), np.int64)
    names = [*whole.octet(whole.of(_NAME) + 7), *whole.octet(whole.of(_SHEET) + 10)]
    held = {start: _held(records, texts, int(max(names, default=0))) for start, records in sheets.items()}
    each = [replace(held[start], sheet=number) for number, start in enumerate(starts, 1)]
    largest = max(each, key=lambda one: one.rows * one.columns, default=Extent())
    return replace(largest, cells=sum(one.cells for one in each), text=sum(one.text for one in each))


@dataclass(frozen=True)
class _Records:
    """The records from one place of a stream up to an end: where each begins, its kind, and the size of its content."""

    octets: NDArray[np.uint8]
    places: NDArray[np.int64]
    end: int

    def of(self, *kinds: int) -> NDArray[np.int64]:
        """Give where the records of some kinds begin."""
        return self.places[np.isin(self.word(self.places), kinds)]

    def word(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Read whole numbers of two bytes."""
        return self.octet(places) | self.octet(places + 1) << 8

    def octet(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Read single bytes; behind the end it is the last that stands there again."""
        return self.octets[np.minimum(places, len(self.octets) - 1)].astype(np.int64)


def _walk(stream: bytes, start: int) -> _Records:
    places = []
    read, end = struct.Struct("<2H").unpack_from, len(stream) - 4
    while start <= end:
        kind, size = read(stream, start)
        if kind == _END:
            break
        places.append(start)
        start += 4 + size
    return _Records(np.frombuffer(stream, np.uint8), np.array(places, np.int64), min(start, len(stream)))


def _held(records: _Records, texts: NDArray[np.int64], longest_name: int) -> Extent:
    """Give what one sheet holds; the texts that its cells refer to have so many bytes."""
    word = records.word
    at = records.of(*_CELLS)
    more = np.where(word(at) == _NUMBERS, (word(at + 2) - 6) // 6 - 1, 0)
    rows = int(word(at + 4).max(initial=-1)) + 1
    columns = int((word(at + 6) + more).max(initial=-1)) + 1
    for place in records.of(_DIMENSIONS):
        told = _told(records.octets[place + 2 : place + 18].tobytes())
        rows, columns = max((rows, columns), told, key=lambda size: size[0] * size[1])
    references, formulas = records.of(_REFERENCE), records.of(_FORMULA)
    numbers = word(references + 10) | word(references + 12) << 16
    # Room is made for as many letters as a text says that it has, also where it has fewer.
    text = int(word(records.of(_LABEL, _RICH_LABEL) + 10).sum()) + int(word(records.of(_ANSWER) + 4).sum())
    text += int(texts[numbers[numbers < len(texts)]].sum())
    signs = int((word(formulas + 2) - _BEFORE_SIGNS).clip(0).sum()) // _SIGN
    text += signs * longest_name * _BYTES_OF_A_LETTER
    return Extent(cells=rows * columns, text=text, rows=rows, columns=columns)


def _told(record: bytes) -> tuple[int, int]:
    """Read how many rows and columns a sheet says that it has; for these room is made, whatever there is."""
    size = int.from_bytes(record[:2], "little")
    layout = {10: "<4H", 14: "<2I2H"}.get(size, "")
    if not layout or len(record) < 2 + size:
        return 0, 0
    first_row, end_row, first_column, end_column = struct.unpack_from(layout, record, 2)
    if not end_row or not end_column:
        return 1, 1
    # Where the end comes before the start, the reader goes around the whole of its numbers.
    return (end_row - first_row) % (1 << 32), (end_column - first_column) % (1 << 32)


def _shared_parts(stream: bytes, whole: _Records) -> list[bytes]:
    """Give the content of the records of the shared texts, those that continue it included."""
    parts: list[bytes] = []
    kinds, sizes = whole.word(whole.places), whole.word(whole.places + 2)
    for place, kind, size in zip(whole.places.tolist(), kinds.tolist(), sizes.tolist(), strict=True):
        if kind == _SHARED:
            parts = []
        elif not parts or kind != _CONTINUED:
            continue
        parts.append(stream[place + 4 : place + 4 + size])
    return parts


def _lengths(parts: list[bytes]) -> Iterator[int]:
    """
    Give the bytes of each shared text.

    A text that a record has no more room for goes on in the next, behind a byte that tells how wide its letters are.
    """
    content, ends = b"".join(parts), [0]
    for one in parts:
        ends.append(ends[-1] + len(one))
    place, part = _COUNTS, 1
    while place + _HEAD <= len(content):
        letters, about = int.from_bytes(content[place : place + 2], "little"), content[place + 2]
        place += _HEAD
        behind = 0
        if about & _RICH:
            behind, place = 4 * int.from_bytes(content[place : place + 2], "little"), place + 2
        if about & _EXTENDED:
            behind, place = behind + int.from_bytes(content[place : place + 4], "little"), place + 4
        start, width = place, 1 + (about & _WIDE)
        while part < len(ends) and ends[part] < place:
            part += 1
        while part < len(ends) and letters * width > ends[part] - place:
            letters -= (ends[part] - place) // width
            place = ends[part] + 1
            width = 1 + (content[place - 1] & _WIDE) if place <= len(content) else 1
            part += 1
        place += letters * width
        yield place - start
        place += behind
