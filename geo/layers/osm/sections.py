"""The relations, the ways and the nodes of an extract, each to be read without the others, in any order."""

from __future__ import annotations

import bz2
import gzip
import os
import tempfile
import zlib
from bisect import bisect_left, bisect_right
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from geo.layers.osm.blobs import (
    NODES,
    RELATIONS,
    WAYS,
    Kind,
    blobs_of,
    content_of,
    is_sorted,
    kinds_of,
    raw_blob,
)
from geo.layers.osm.library import osmium

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

_ENTITIES = {NODES: osmium.osm.NODE, WAYS: osmium.osm.WAY, RELATIONS: osmium.osm.RELATION}
# osmium copies what is left of a buffer for each blob it takes from it: small parts are read faster than large ones.
_PART = 1024 * 1024
_AHEAD = 3
# Up to this size XML is sorted in memory, which takes as much. Overpass gives no more, with its objects in any order.
_SORTED_XML = 512 * 1024 * 1024
_UNSORTED = "its objects are out of order, though its header says that they are sorted"


@contextmanager
def sections_of(path: Path) -> Iterator[Sections]:
    """
    Open the sections of an extract; one of XML is first written anew as ``.osm.pbf``, which reads in parts.

    Raises
    ------
    ValueError, RuntimeError
        Where it is no extract, as told by osmium or by :mod:`geo.layers.osm.blobs`.
    """
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        binary = path if path.suffix.lower() == ".pbf" else _as_binary(path, Path(folder) / "extract.osm.pbf")
        with binary.open("rb") as stream:
            yield Sections(stream)


@dataclass(frozen=True)
class Part:
    """
    Some blocks, as an extract by themselves.

    `readers` have begun to read it, each for one look: osmium parses a part while Python is at the one before.
    """

    extract: osmium.io.FileBuffer
    readers: list[osmium.io.Reader]

    def look(self, *handlers: object) -> None:
        """Lead the objects through a chain of handlers."""
        with self.readers.pop() as reader:
            osmium.apply(reader, *handlers)


class Sections:
    """
    The blocks of an extract, by the kind of their objects.

    Where the header says that objects are sorted by kind, the first of each is found by bisection; else every block is
    looked at once more. What a block holds is checked when it is read, so that a header which lies is found out.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        head, *self._blobs = blobs_of(stream)
        header = content_of(stream, head)
        self._header = raw_blob(header, is_header=True)
        self._is_sorted = is_sorted(header)
        self._kinds: dict[int, set[Kind]] = {}
        self._pool = osmium.io.ThreadPool(os.cpu_count() or 1)

    def read(self, kind: Kind, *handlers: object) -> None:
        """Lead the objects of one kind through a chain of handlers."""
        for part in self.parts(kind):
            part.look(*handlers)

    def parts(self, kind: Kind, looks: int = 1) -> Iterator[Part]:
        """Give the blocks that hold one kind of objects, some at a time, to be looked at so many times."""
        coming: deque[Part] = deque()
        for extract in self._inflated(kind):
            readers = [osmium.io.Reader(extract, _ENTITIES[kind], thread_pool=self._pool) for _ in range(looks)]
            coming.append(Part(extract, readers))
            if len(coming) > _AHEAD:
                yield coming.popleft()
        yield from coming

    def _inflated(self, kind: Kind) -> Iterator[osmium.io.FileBuffer]:
        part, size = [self._header], 0
        for place in self._places(kind):
            block = content_of(self._stream, self._blobs[place])
            self._hold_to_order(place, kinds_of(block))
            part.append(raw_blob(block))
            size += len(block)
            if size >= _PART:
                yield osmium.io.FileBuffer(b"".join(part), "pbf")
                part, size = [self._header], 0
        if size:
            yield osmium.io.FileBuffer(b"".join(part), "pbf")

    def _places(self, kind: Kind) -> Sequence[int]:
        if self._is_sorted:
            return self._sorted_places[kind]
        return [place for place in range(len(self._blobs)) if kind in self._kinds_of(place)]

    @cached_property
    def _sorted_places(self) -> dict[Kind, range]:
        every = range(len(self._blobs))
        places = {
            kind: range(
                bisect_left(every, kind, key=lambda place: max(self._kinds_at(place))),
                bisect_right(every, kind, key=lambda place: min(self._kinds_at(place))),
            )
            for kind in _ENTITIES
        }
        if places[NODES].stop < places[WAYS].start or places[WAYS].stop < places[RELATIONS].start:
            raise ValueError(_UNSORTED)
        return places

    def _kinds_at(self, place: int) -> set[Kind]:
        """Give the kinds of a block; one without objects is of the kinds of those before it."""
        before = (kinds for at in range(place, -1, -1) if (kinds := self._kinds_of(at)))
        return next(before, {NODES})

    def _kinds_of(self, place: int) -> set[Kind]:
        if place not in self._kinds:
            self._kinds[place] = kinds_of(content_of(self._stream, self._blobs[place]))
        return self._kinds[place]

    def _hold_to_order(self, place: int, kinds: set[Kind]) -> None:
        if self._is_sorted and not all(place in self._sorted_places[kind] for kind in kinds):
            raise ValueError(_UNSORTED)


def _as_binary(path: Path, copy: Path) -> Path:
    """Write an extract anew as ``.osm.pbf``, sorted where it is not too large to be sorted in memory."""
    header = osmium.io.Header()
    is_large = _is_larger(path, _SORTED_XML)
    if not is_large:
        header.set("sorting", "Type_then_ID")
    with osmium.SimpleWriter(str(copy), header=header) as writer:
        if is_large:
            osmium.apply(str(path), writer)
        else:
            merged = osmium.MergeInputReader()
            merged.add_file(str(path))
            merged.apply(writer)
    return copy


def _is_larger(path: Path, size: int) -> bool:
    """Tell whether the text of a file, unpacked, is longer than so many bytes."""
    try:
        with _unpacked(path) as stream:
            while size >= 0 and (read := len(stream.read(_PART))):
                size -= read
    except (OSError, EOFError, zlib.error):  # osmium tells what is wrong with it
        return True
    return size < 0


def _unpacked(path: Path) -> BinaryIO | gzip.GzipFile | bz2.BZ2File:
    ending = path.suffix.lower()
    if ending == ".gz":
        return gzip.open(path)
    return bz2.open(path) if ending == ".bz2" else path.open("rb")
