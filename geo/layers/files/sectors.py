"""The chains of sectors in an XLS file: one that runs in a circle would fill the memory of any reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Of the format's header: where its numbers stand, and which sectors it names itself.
_HEADER, _SECTOR_SHIFT, _FIRST_MINI, _FIRST_TABLE, _NAMED = 512, 30, 60, 68, 76
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
    if len(content) < _HEADER or not content.startswith(SIGNATURE):
        return False
    size = 1 << int.from_bytes(content[_SECTOR_SHIFT : _SECTOR_SHIFT + 2], "little")
    if size not in (512, 4096):
        return False
    body = np.frombuffer(content, "<u4", count=len(content) // 4)
    words, room = size // 4, len(content) // size
    named = body[_NAMED // 4 : _HEADER // 4]
    tables = [int(one) for one in named if one < _LAST]
    following, seen = int(body[_FIRST_TABLE // 4]), 0
    while following < _LAST:
        sector = _sector(body, following, words)
        seen += 1
        if not len(sector) or seen > room:
            return False
        tables += [int(one) for one in sector[:-1] if one < _LAST]
        following = int(sector[-1])
    if len(tables) > room or any(not len(_sector(body, one, words)) for one in tables):
        return False
    table = np.concatenate([_sector(body, one, words) for one in tables] or [np.empty(0, "<u4")])
    if _runs_in_a_circle(table):
        return False
    mini, following = [], int(body[_FIRST_MINI // 4])
    while following < len(table):
        mini.append(_sector(body, following, words))
        following = int(table[following])
    return not mini or not _runs_in_a_circle(np.concatenate(mini))


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
