"""Layers of several files, whose parts may be missing or cut short: GDAL reads what is left, and says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 100
_RECORD_HEAD = 8
_OBJECTS: tuple[bytes, ...] = (
    b"none",
    b"point",
    b"line",
    b"pline",
    b"region",
    b"arc",
    b"text",
    b"rect",
    b"roundrect",
    b"ellipse",
)
_OBJECTS += (b"multipoint", b"collection")
_NEEDED = {".tab": (".dat", ".id")}


def missing_parts(path: Path) -> list[str]:
    """Name the files without which a table of MapInfo cannot be read, and which are not beside it."""
    needed = _NEEDED.get(path.suffix.lower(), ())
    return [ending for ending in needed if not any(path.with_suffix(one).is_file() for one in (ending, ending.upper()))]


def cut_records(shapefile: Path) -> int:
    """Count the records of a shapefile that its index places beyond its end; none where there is no index."""
    beside = (shapefile.with_suffix(end) for end in (".shx", ".SHX"))
    index = next((path for path in beside if path.is_file()), None)
    if index is None or index.stat().st_size < _HEAD + _RECORD_HEAD:
        return 0
    told = np.fromfile(index, dtype=">u4", offset=_HEAD)
    # Offsets and lengths are in words of two bytes, and a length leaves the head of its record out.
    offset, length = told[: len(told) // 2 * 2].reshape(-1, 2).astype(np.int64).T * 2
    return int((offset + length + _RECORD_HEAD > shapefile.stat().st_size).sum())


def records_told(path: Path) -> int | None:
    """
    Count the rows that the two files of MapInfo's text format tell of: the objects of one, or the lines of the other.

    None for MapInfo's other format, whose own count is held against what is read.
    """
    if path.suffix.lower() != ".mif":
        return None
    beside = (path.with_suffix(end) for end in (".mid", ".MID"))
    values = next((one for one in beside if one.is_file()), None)
    return max(_objects(path), 0 if values is None else _lines(values))


def _objects(path: Path) -> int:
    """Count the objects below the word Data; a collection is followed by so many that are its own."""
    count, inner, below = 0, 0, False
    with path.open("rb") as stream:
        for line in stream:
            words = line.split(None, 2)
            word = words[0].lower() if words else b""
            if not below or word not in _OBJECTS:
                below |= word == b"data"
            elif inner:
                inner -= 1
            else:
                count += 1
                inner = int(words[1]) if word == b"collection" and words[1:] and words[1].isdigit() else 0
    return count


def _lines(path: Path) -> int:
    """Count the rows of a table of text, whose cells in quotes may be of several lines."""
    count, is_open = 0, False
    with path.open("rb") as stream:
        for line in stream:
            count += not is_open and bool(line.strip())
            is_open ^= line.count(b'"') % 2 == 1
    return count
