"""Find the header of a table: below its title, in one row to three, above a row that numbers the columns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from geo.layers.contract import is_known
from geo.layers.files.table import unique

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOKED_AT = 60
"""How many rows from the top are looked through for the header."""

_SURE = 2
_NUMBER = re.compile(r"[-+]?[\d\s.,]*\d")
_COLUMN_NUMBER = re.compile(r"\(\s*\d[\d\s()=+x*/-]*\)")


@dataclass(frozen=True)
class Header:
    """The positions of the first row of a header and of the first row below it, and the name of each column."""

    first: int
    below: int
    names: tuple[str, ...]


def find_header(rows: Sequence[Sequence[str]]) -> Header | None:
    """
    Find the header among the first rows of a table.

    It is the row with most headers that are known, where there are two or more of them and every row above has fewer
    cells. Otherwise it is the first row that is no title: one cell, above a row of several that are no numbers. Where
    headers are grouped (``Toạ độ`` over ``Kinh độ`` and ``Vĩ độ``), two rows or three make the names: the lower one
    alone where it is known or stands alone, else both.

    Parameters
    ----------
    rows : sequence of sequences of str
        The cells of the first rows, as text; blank rows have a place, and merged cells their text once.

    Returns
    -------
    Header or None
        None where every cell is empty.

    Examples
    --------
    >>> find_header([["DANH SÁCH", ""], [], ["Kinh độ", "Vĩ độ"], ["108.9", "11.5"]])
    Header(first=2, below=3, names=('Kinh độ', 'Vĩ độ'))
    """
    width = max(map(len, rows), default=0)
    table = [[*(cell.strip() for cell in row), *[""] * (width - len(row))] for row in rows[:LOOKED_AT]]
    filled = [number for number, row in enumerate(table) if any(row)]
    if not filled:
        return None
    first = _known_row(table, filled)
    if first is None:
        first = _below_titles(table, filled)
    first, last, names = _block(table, first)
    below = last + 1
    if below < len(table) and _numbers_columns(table[below]):
        below += 1
    return Header(first, below, tuple(unique(names)))


def _block(table: list[list[str]], first: int) -> tuple[int, int, list[str]]:
    """Give the first and last row of the header that a row belongs to, and the names that they make together."""
    for above, under in ((2, 0), (1, 1), (1, 0), (0, 2), (0, 1)):
        start, end = first - above, first + under
        names = _folded(table[start : end + 1]) if start >= 0 and end < len(table) else None
        if names is not None:
            return start, end, names
    return first, first, table[first]


def _folded(rows: list[list[str]]) -> list[str] | None:
    """
    Join rows from the lowest up; None where one does not group the columns of those below it.

    The topmost has columns of its own, beside those that it groups.
    """
    names = rows[-1]
    for upper in reversed(rows[:-1]):
        beside = any(top and not low for top, low in zip(upper, names, strict=True))
        if not _are_grouped(upper, names) or (upper is rows[0] and not beside):
            return None
        names = _joined(upper, names)
    return names


def _known_row(table: list[list[str]], filled: list[int]) -> int | None:
    known = {number: len({cell for cell in table[number] if cell and is_known(cell)}) for number in filled}
    best = max(filled, key=lambda number: (known[number], -number))
    if known[best] < _SURE:
        return None
    above = [number for number in filled if number < best]
    grouping = next((size for size in (2, 1) if best >= size and _folded(table[best - size : best + 1])), 0)
    above = [number for number in above if number < best - grouping]
    return best if all(_cells(table[number]) < _cells(table[best]) for number in above) else None


def _below_titles(table: list[list[str]], filled: list[int]) -> int:
    for number, following in pairwise(filled):
        wide = _cells(table[following]) > 1 and not any(map(_NUMBER.fullmatch, table[following]))
        if _cells(table[number]) > 1 or not wide or any(cell and is_known(cell) for cell in table[number]):
            return number
    return filled[-1]


def _are_grouped(upper: list[str], lower: list[str]) -> bool:
    """
    Tell whether the upper row groups the columns of the lower one.

    Every cell of the lower row stands in a group of two columns or more; and what it says with its group is a known
    header, or no number.
    """
    groups = _groups(upper)
    sizes = Counter(group for group, low in zip(groups, lower, strict=True) if low)
    below = [place for place, low in enumerate(lower) if low]
    if any(groups[place] < 0 or sizes[groups[place]] < 2 for place in below):  # noqa: PLR2004 - a group has two
        return False
    names = _joined(upper, lower)
    known = [is_known(names[place]) for place in below]
    return any(known) and all(
        is_so or not _NUMBER.fullmatch(lower[place]) for place, is_so in zip(below, known, strict=True)
    )


def _groups(upper: list[str]) -> list[int]:
    """Give each column the column that its group's header stands in; -1 before the first."""
    groups, group = [], -1
    for place, cell in enumerate(upper):
        group = place if cell else group
        groups.append(group)
    return groups


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    names = []
    for place, group in enumerate(_groups(upper)):
        low = lower[place]
        head = upper[group] if group >= 0 else ""
        alone = is_known(low) or not head
        names.append(upper[place] if not low else low if alone else f"{head} {low}")
    return names


def _cells(row: list[str]) -> int:
    return sum(map(bool, row))


def _numbers_columns(row: list[str]) -> bool:
    """Tell the row of ``(1) (2) (3)`` that official tables have below their header."""
    cells = [cell for cell in row if cell]
    return len(cells) > 1 and all(map(_COLUMN_NUMBER.fullmatch, cells))
