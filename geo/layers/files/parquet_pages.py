"""The pages of a Parquet file as their headers tell them: how much each becomes is known before any is unpacked."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow.parquet as pq

# Kinds of values in the compact protocol of Thrift.
_TRUE, _FALSE, _BYTE, _WHOLE, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, (4, 5, 6), 7, 8, 12
# The fields of a header: the sizes of the page, and what is told of one of values (in two versions) or of a dictionary.
_UNPACKED, _PACKED, _VALUES, _DICTIONARY, _VALUES_2 = 2, 3, 5, 7, 8
_COUNT, _ENCODING = 1, {_VALUES: 2, _VALUES_2: 4}
_DELTA_TEXTS = 7
_DEEPEST = 8
_LONGEST_VARINT = 10


@dataclass(frozen=True, kw_only=True)
class Pages:
    """
    The pages of one column in one group of rows.

    `values` are counted in all of them, and `shared` in their dictionaries; `unpacked` are their bytes, and `largest`
    those of the largest. `delta` tells whether texts begin as the texts before them.
    """

    values: int
    shared: int
    unpacked: int
    largest: int
    delta: bool


def pages_of(path: Path, file: pq.ParquetFile) -> list[list[Pages]]:
    """
    Read the headers of all pages: by column, and of each by group of rows.

    The format stands in parquet-format: a header in the compact protocol of Thrift stands before each page.

    Raises
    ------
    ValueError
        Where a header makes no sense.
    """
    about = file.metadata
    columns = range(about.num_columns)
    groups = [about.row_group(group) for group in range(about.num_row_groups)]
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return [[_pages(content, group.column(column)) for group in groups] for column in columns]


def _pages(content: mmap.mmap, chunk: pq.ColumnChunkMetaData) -> Pages:
    starts = [chunk.data_page_offset]
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        starts.append(chunk.dictionary_page_offset)
    place, end = min(starts), min(starts) + chunk.total_compressed_size
    values = shared = unpacked = largest = 0
    delta = False
    while 0 < place < min(end, len(content)):
        header, place = _struct(content, place, 0)
        place += _whole(header, _PACKED)
        unpacked += _whole(header, _UNPACKED)
        largest = max(largest, _whole(header, _UNPACKED))
        shared += _whole(header.get(_DICTIONARY), _COUNT)
        for kind, encoding in _ENCODING.items():
            values += _whole(header.get(kind), _COUNT)
            delta |= _whole(header.get(kind), encoding) == _DELTA_TEXTS
    return Pages(values=values, shared=shared, unpacked=unpacked, largest=largest, delta=delta)


def _whole(struct: object, field: int) -> int:
    """Give a whole number of a structure, 0 where it has none; a negative one makes no sense."""
    number = struct.get(field, 0) if isinstance(struct, dict) else 0
    if not isinstance(number, int) or number < 0:
        raise _senseless()
    return number


def _senseless() -> ValueError:
    return ValueError("the header of a page makes no sense")


def _struct(content: mmap.mmap, place: int, depth: int) -> tuple[dict[int, object], int]:
    """Read a structure: its fields by number, and the place behind it. Only whole numbers and structures are kept."""
    fields: dict[int, object] = {}
    field = 0
    while (mark := _octet(content, place)) != 0:
        place += 1
        if mark >> 4:
            field += mark >> 4
        else:
            number, place = _varint(content, place)
            field = number >> 1 ^ -(number & 1)
        kind = mark & 15
        if kind in (_TRUE, _FALSE):
            continue
        fields[field], place = _value(content, place, kind, depth)
    return fields, place + 1


def _value(content: mmap.mmap, place: int, kind: int, depth: int) -> tuple[object, int]:
    if kind in _WHOLE:
        number, place = _varint(content, place)
        return number >> 1 ^ -(number & 1), place
    if kind == _STRUCT and depth < _DEEPEST:
        return _struct(content, place, depth + 1)
    if kind == _BINARY:
        size, place = _varint(content, place)
        return None, place + size
    if kind in (_BYTE, _DOUBLE):
        return None, place + (1 if kind == _BYTE else 8)
    # No header of a page has a list.
    raise _senseless()


def _varint(content: mmap.mmap, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(_LONGEST_VARINT):
        octet = _octet(content, place + shift)
        value |= (octet & 0x7F) << 7 * shift
        if octet < 0x80:  # noqa: PLR2004 - the bit that says that more follow
            return value, place + shift + 1
    raise _senseless()


def _octet(content: mmap.mmap, place: int) -> int:
    if place >= len(content):
        raise _senseless()
    return content[place]
