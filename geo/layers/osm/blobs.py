"""The blobs of a ``.osm.pbf``: where they stand, what kinds of objects they hold, and that their texts are sound."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_LONGEST_HEADER = 64 * 1024
_LONGEST_BLOB = 32 * 1024 * 1024
_LONGEST_VARINT = 10
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_HEADER_TYPE, _HEADER_SIZE = 1, 3
_RAW, _ZLIB = 1, 3
_STRINGS, _GROUP = 1, 2
_FEATURES = 5
_SORTED = b"Sort.Type_then_ID"

Kind = Literal[0, 1, 2]
NODES: Kind = 0
WAYS: Kind = 1
RELATIONS: Kind = 2
# By the number of the field that a group of objects has them in; nodes come one by one, or packed.
_KINDS: dict[int, Kind] = {1: NODES, 2: NODES, 3: WAYS, 4: RELATIONS}


@dataclass(frozen=True, slots=True)
class Blob:
    """Where the message of a blob begins in the file, and how many bytes it has."""

    start: int
    size: int


def blobs_of(stream: BinaryIO) -> list[Blob]:
    """
    Find the blobs of a file, the header's first, without reading them.

    The format stands in the OpenStreetMap wiki (PBF Format): a header tells the length and the type of each blob.

    Raises
    ------
    ValueError
        Where it is no sequence of blobs: one header, then data.
    """
    end = os.fstat(stream.fileno()).st_size
    found: list[Blob] = []
    while head := stream.read(4):
        length = int.from_bytes(head, "big")
        if len(head) < 4 or length > _LONGEST_HEADER:  # noqa: PLR2004 - the length that was asked for
            msg = "it is no sequence of blobs"
            raise ValueError(msg)
        header = dict(_fields(stream.read(length)))
        size = header.get(_HEADER_SIZE)
        if not isinstance(size, int) or size > _LONGEST_BLOB or stream.tell() + size > end:
            msg = "it ends in the middle of a blob, or a blob has no size"
            raise ValueError(msg)
        if header.get(_HEADER_TYPE) != (b"OSMData" if found else b"OSMHeader"):
            msg = "it is no sequence of a header and blobs of data"
            raise ValueError(msg)
        found.append(Blob(stream.tell(), size))
        stream.seek(size, os.SEEK_CUR)
    if not found:
        msg = "it is empty"
        raise ValueError(msg)
    return found


def content_of(stream: BinaryIO, blob: Blob) -> bytes:
    """
    Read what a blob holds, inflated.

    Raises
    ------
    ValueError
        Where it is damaged, holds more than a blob may, or is packed by another method than zlib.
    """
    stream.seek(blob.start)
    for number, data in _fields(stream.read(blob.size)):
        if not isinstance(data, bytes):
            continue
        if number == _RAW:
            return data
        if number == _ZLIB:
            return _inflated(data)
        msg = "its blobs are packed by a method other than zlib; pack them anew by osmium cat"
        raise ValueError(msg)
    return b""


def is_sorted(header: bytes) -> bool:
    """Tell whether the header says that nodes come first, then ways, then relations."""
    return any(number == _FEATURES and feature == _SORTED for number, feature in _fields(header))


def kinds_of(block: bytes) -> set[Kind]:
    """
    Tell which kinds of objects a block of data holds; nothing but these may stand in one group.

    Raises
    ------
    ValueError
        Where one of its texts holds a null byte. osmium takes the end of a text for its first null byte, loses step
        among keys and values, and reads on past the end of its memory. No OpenStreetMap text has one; damaged and
        hostile files do.
    """
    kinds = set()
    for number, data in _fields(block):
        if not isinstance(data, bytes):
            continue
        if number == _STRINGS and _has_null(data):
            msg = "a text in it holds a null byte"
            raise ValueError(msg)
        if number == _GROUP and data and (kind := _KINDS.get(data[0] >> 3)) is not None:
            kinds.add(kind)
    return kinds


def raw_blob(content: bytes, *, is_header: bool = False) -> bytes:
    """Write a blob that holds its content as it is."""
    packed = _written(_RAW, content)
    size = bytes([_HEADER_SIZE << 3 | _VARINT]) + _as_varint(len(packed))
    header = _written(_HEADER_TYPE, b"OSMHeader" if is_header else b"OSMData") + size
    return len(header).to_bytes(4, "big") + header + packed


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(data, _LONGEST_BLOB)
    except zlib.error as error:
        msg = f"a blob cannot be inflated ({error})"
        raise ValueError(msg) from error
    if not inflater.eof:
        msg = "a blob is cut off, or larger than a blob may be"
        raise ValueError(msg)
    return content


def _has_null(table: bytes) -> bool:
    """
    Tell whether one of the texts of a table holds a null byte.

    The length of an empty text is one too. Tables begin with such a text, and have at most one more, that of a user who
    is not named; so it is enough to go through the texts up to the last null byte.
    """
    start = table[: table.rfind(0) + 1]
    if start in (b"", b"\x0a\x00"):
        return False
    try:
        return any(isinstance(text, bytes) and 0 in text for _, text in _fields(start))
    except ValueError:  # the last null byte is not the length of a text, but stands within one
        return True


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


def _written(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | _BYTES]) + _as_varint(len(content)) + content


def _as_varint(number: int) -> bytes:
    written = bytearray()
    while number >= 0x80:  # noqa: PLR2004 - the bit that says that more follow
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
