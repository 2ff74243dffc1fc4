"""The chains of sectors in an XLS file: one that runs in a circle would fill the memory of any reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Of the format's header: where its numbers stand, and which sectors it names itself.
_HEADER, _SECTOR_SHIFT, _FIRST_DIRECTORY, _FIRST_MINI, _FIRST_TABLE, _NAMED = 512, 30, 48, 60, 68, 76
# For as many sectors of the directory and of the two tables its reader makes room before it looks at them.
_COUNTS = (40, 44, 64)
# Of its directory: the size of an entry, its name, and where it says in which sector its stream begins, and how long
# that is. A stream shorter than this lies in mini sectors.
_ENTRY, _NAME, _START, _LENGTH, _MINI, _MINI_SECTOR = 128, 64, 116, 120, 4096, 64
_LAST = 0xFFFFFFFA
"""Numbers from here on are no sectors: the end of a chain, a free sector."""


def are_sound(content: bytes) -> bool:
    """
    Tell whether every chain of sectors ends, and every table of sectors is in the file.

    The format is Microsoft's MS-CFB: a header, and sectors of equal size; a table gives each sector the next of its
    chain. The sectors of that table are named in the header, then in a chain of their own; small streams lie in a
    stream of mini sectors, which have a table like it.

    Examples
    --------
    >>> are_sound(SIGNATURE)
    False
    """
    tables = _tables(content)
    return tables is not None and not any(_runs_in_a_circle(table) for table in tables)


def streams_of(content: bytes, *names: str) -> list[bytes]:
    """
    Give the streams of a sound file that have one of the names, of each name the first.

    Parameters
    ----------
    content : bytes
        The file; :func:`are_sound` tells whether its chains end.
    *names : str
        As the directory of the file has them.

    Raises
    ------
    ValueError
        Where a stream says that it is longer than the file.
    """
    tables = _tables(content)
    if tables is None:
        return []
    size = _size(content)
    sectors = memoryview(content)[size:]
    directory = _chain(sectors, size, tables[0], _number(content, _FIRST_DIRECTORY))
    entries = [directory[start : start + _ENTRY] for start in range(0, len(directory), _ENTRY)]
    wanted: dict[str, bytes] = {}
    for entry in entries:
        name = entry[:_NAME].decode("utf-16-le", "replace").partition("\0")[0]
        if name in names:
            wanted.setdefault(name, entry)
    if any(
        _number(entry, _LENGTH, 8 if size > _HEADER else 4) > len(content) for entry in [*wanted.values(), *entries[:1]]
    ):
        msg = "a stream in it is longer than the file"
        raise ValueError(msg)
    found = []
    for entry in wanted.values():
        start, length = _number(entry, _START), _number(entry, _LENGTH)
        if length < _MINI:
            small = memoryview(_chain(sectors, size, tables[0], _number(entries[0], _START)))
            stream = _chain(small, _MINI_SECTOR, tables[1], start)
        else:
            stream = _chain(sectors, size, tables[0], start)
        found.append(stream[:length] if length else stream)
    return found


def _tables(content: bytes) -> tuple[NDArray[np.uint32], NDArray[np.uint32]] | None:
    """Give the table of the sectors and that of the mini sectors; None where they are not in the file."""
    if len(content) < _HEADER or not content.startswith(SIGNATURE):
        return None
    size = _size(content)
    if size not in (512, 4096) or any(_number(content, count) > len(content) // size for count in _COUNTS):
        return None
    body = np.frombuffer(content, "<u4", count=len(content) // 4)
    words, room = size // 4, len(content) // size
    named = body[_NAMED // 4 : _HEADER // 4]
    tables = [int(one) for one in named if one < _LAST]
    following, seen = int(body[_FIRST_TABLE // 4]), 0
    while following < _LAST:
        sector = _sector(body, following, words)
        seen += 1
        if not len(sector) or seen > room:
            return None
        tables += [int(one) for one in sector[:-1] if one < _LAST]
        following = int(sector[-1])
    if len(tables) > room or any(not len(_sector(body, one, words)) for one in tables):
        return None
    table = np.concatenate([_sector(body, one, words) for one in tables] or [np.empty(0, "<u4")])
    if _runs_in_a_circle(table):
        return table, table
    mini, following = [np.empty(0, "<u4")], int(body[_FIRST_MINI // 4])
    while following < len(table):
        mini.append(_sector(body, following, words))
        following = int(table[following])
    return table, np.concatenate(mini)


def _size(content: bytes) -> int:
    return 1 << (_number(content, _SECTOR_SHIFT, 2) & 31)


def _number(content: bytes, place: int, octets: int = 4) -> int:
    return int.from_bytes(content[place : place + octets], "little")


def _chain(content: memoryview, size: int, table: NDArray[np.uint32], first: int) -> bytes:
    """Put the sectors of a chain together; it ends where the table names no sector."""
    sectors = []
    while first < len(table):
        sectors.append(content[first * size : (first + 1) * size])
        first = int(table[first])
    return b"".join(sectors)


def _sector(body: NDArray[np.uint32], number: int, words: int) -> NDArray[np.uint32]:
    """Give a sector as numbers; nothing where it is not, or only in part, in the file."""
    start = (number + 1) * words
    sector = body[start : start + words]
    return sector if len(sector) == words else sector[:0]


def _runs_in_a_circle(table: NDArray[np.uint32]) -> bool:
    """Follow every chain at once, in steps that double: what does not end within all the sectors never does."""
    end = len(table)
    steps = np.append(np.where(table < end, table, end), end).astype(np.int64)
    for _ in range(max(end, 1).bit_length() + 1):
        steps = steps[steps]
    return bool((steps != end).any())
