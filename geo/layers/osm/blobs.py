"""Look into the blobs of a ``.osm.pbf`` for text that would lead the library that reads it out of bounds."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST_HEADER = 64 * 1024
_LONGEST_BLOB = 32 * 1024 * 1024
_LONGEST_VARINT = 10
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_HEADER_TYPE, _HEADER_SIZE = 1, 3
_RAW, _ZLIB = 1, 3
_STRINGS = 1


def refuse_null_bytes(path: Path) -> None:
    """
    Refuse a file one of whose texts holds a null byte.

    osmium takes the end of a text for its first null byte, loses step among keys and values, and reads on past the end
    of its memory. No OpenStreetMap text has one; damaged and hostile files do. The format stands in the OpenStreetMap
    wiki (PBF Format): blobs, raw or deflated, each with a table of its strings.

    Parameters
    ----------
    path : Path
        A ``.osm.pbf``; one blob of it is in memory at a time.

    Raises
    ------
    ValueError
        Where there is such a text, or what stands there is no sequence of blobs.
    """
    with path.open("rb") as stream:
        while head := stream.read(4):
            length = int.from_bytes(head, "big")
            if len(head) < 4 or length > _LONGEST_HEADER:  # noqa: PLR2004 - the length that was asked for
                msg = "it is no sequence of blobs"
                raise ValueError(msg)
            header = dict(_fields(stream.read(length)))
            size = header.get(_HEADER_SIZE)
            blob = stream.read(size) if isinstance(size, int) and size <= _LONGEST_BLOB else b""
            if len(blob) != size:
                msg = "it ends in the middle of a blob, or a blob has no size"
                raise ValueError(msg)
            if header.get(_HEADER_TYPE) == b"OSMData":
                _check(blob)


def _check(blob: bytes) -> None:
    for content in _contents(blob):
        for number, table in _fields(content):
            if number == _STRINGS and isinstance(table, bytes) and _has_null(table):
                msg = "a text in it holds a null byte"
                raise ValueError(msg)


def _contents(blob: bytes) -> Iterator[bytes]:
    """Give what a blob holds, inflated; never more than a blob may hold."""
    for number, data in _fields(blob):
        if not isinstance(data, bytes):
            continue
        if number == _RAW:
            yield data
        elif number == _ZLIB:
            try:
                yield zlib.decompressobj().decompress(data, _LONGEST_BLOB)
            except zlib.error as error:
                msg = f"a blob cannot be inflated ({error})"
                raise ValueError(msg) from error
        else:
            msg = "its blobs are packed by a method other than zlib; pack them anew by osmium cat"
            raise ValueError(msg)


def _has_null(table: bytes) -> bool:
    # The first string of a table is empty by convention, and its length then the only null byte there is.
    if table.count(0) <= table.startswith(b"\x0a\x00"):
        return False
    return any(isinstance(text, bytes) and 0 in text for _, text in _fields(table))


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Give the fields of a message of protocol buffers, by number: whole numbers and strings of bytes."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, place = _varint(message, place)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            length = len(message)
        if place + length > len(message):
            msg = "a message in it is longer than its blob"
            raise ValueError(msg)
        yield key >> 3, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Read a whole number of as many bytes as it needs, seven bits each; and give the place after it."""
    value = 0
    for shift, byte in enumerate(message[place : place + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follow
            return value, place + shift + 1
    msg = "a number in it has no end"
    raise ValueError(msg)
