"""Join two tables by the names of places within their parents, from the surest way of matching to the least sure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import LayerError
from geo.layers.names.place_names import PlaceName, are_alike, place_names
from geo.layers.text import clean, spelling_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# How two names may be the same, the surest way first.
WAYS = ("exact", "spelling", "kind", "accents")
AMBIGUOUS, ALONE = "ambiguous", "alone"
_JOINED = "(joined)"


@dataclass(frozen=True, kw_only=True)
class Joined:
    """
    Two tables joined by name, and what became of each row.

    Attributes
    ----------
    rows : DataFrame
        The left table on its own index and in its order, with the columns of the right one; missing where not joined.
    how : Series
        On the left index: ``exact``, ``spelling``, ``kind``, ``accents``, ``ambiguous`` or ``alone``.
    row : Series
        On the left index: the label of the row of the right table; missing where not joined.
    right_how : Series
        As `how`, on the index of the right table.
    parents_alone : tuple
        Names of parents, left and right, that were not found on the other side.
    """

    rows: pd.DataFrame
    how: pd.Series
    row: pd.Series
    right_how: pd.Series
    parents_alone: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


def join_by_name(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    name: str | tuple[str, str],
    parent: str | tuple[str, str] | None = None,
) -> Joined:
    """
    Join two tables by the names of places, within their parents.

    Names are matched in four ways, each only among rows that no surer way has matched: ``exact`` (but for composed
    and decomposed accents and white space about them); ``spelling`` (but for case, spaces, hyphens and the letter that
    carries the tone: Hoà, Hòa); ``kind`` (but for xã, phường, thị trấn, huyện, *commune* and the like on one side; two
    different ones are two places); ``accents`` (but for all of these, where one of the names is written without any
    accent). So Thanh Hải and Thành Hải are two places, and Thanh Hai may be either.

    Nothing is guessed: a match counts only where it is the only one on both sides, of all rows; others stay unjoined.
    Parents are matched in the same way. A row without a name, or of a parent that is not on the other side, is alone.

    Parameters
    ----------
    left, right : DataFrame
        Any tables; geometries of the right one are not taken over.
    name : str or tuple of str
        The column of names; a pair where the two tables call it differently.
    parent : str or tuple of str, optional
        The column of the parents' names: districts of communes, communes of villages.

    Returns
    -------
    Joined
        The rows, and what became of each. Columns of the right table that the left one has too end in ``(joined)``;
        its columns of names and parents are left out.

    Raises
    ------
    LayerError
        Where a table lacks a column.

    Examples
    --------
    >>> communes = pd.DataFrame({"name": ["Xã Thanh Hải", "Phường Thành Hải", "Xã Phước Hoà"]})
    >>> census = pd.DataFrame({"xa": ["Thành Hải", "Xã Phước Hòa", "Thanh Hai"], "people": [9, 2, 5]})
    >>> joined = join_by_name(communes, census, name=("name", "xa"))
    >>> joined.how.tolist(), joined.rows["people"].tolist()
    (['ambiguous', 'kind', 'spelling'], [nan, 9.0, 2.0])
    """
    names = _texts(left, right, name, "name")
    ours, theirs = [0] * len(left), [0] * len(right)
    lost: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    used = {_pair(name)[1]}
    if parent is not None:
        ours, theirs, lost = _grouped(*_texts(left, right, parent, "parent"))
        used.add(_pair(parent)[1])
    match = _matched(_Side.of(names[0], ours), _Side.of(names[1], theirs))
    further = _taken(left, right.drop(columns=[one for one in used if one in right.columns]), match.partner)
    labels = pd.Series(right.index).reindex(match.partner).set_axis(left.index, axis=0)
    return Joined(
        rows=left.assign(**further),
        how=pd.Series(match.left.how, index=left.index, name="how", dtype="str"),
        row=labels.convert_dtypes().rename("row"),
        right_how=pd.Series(match.right.how, index=right.index, name="how", dtype="str"),
        parents_alone=lost,
    )


@dataclass(frozen=True)
class _Entry:
    """One way to read the name of the row at a place of its side."""

    place: int
    name: PlaceName


@dataclass(frozen=True)
class _Side:
    """The names of one table, each in the group of its parent; `how` each was matched so far."""

    names: tuple[str, ...]
    groups: tuple[int, ...]
    how: list[str]

    @classmethod
    def of(cls, names: Iterable[str], groups: Iterable[int]) -> _Side:
        listed = tuple(names)
        return cls(listed, tuple(groups), [ALONE] * len(listed))

    def entries(self, way: str) -> dict[tuple[int, str], list[_Entry]]:
        """Give the rows by what must be equal: the group, and the key of a name."""
        found: dict[tuple[int, str], list[_Entry]] = {}
        for place, (text, group) in enumerate(zip(self.names, self.groups, strict=True)):
            for key, name in _keys(way, text):
                if key:
                    found.setdefault((group, key), []).append(_Entry(place, name))
        return found


class _Match:
    """What is matched so far; `partner` holds for each row of the left side its place on the right, or -1."""

    def __init__(self, left: _Side, right: _Side) -> None:
        self.left, self.right = left, right
        self.partner = np.full(len(left.names), -1)

    def add(self, way: str) -> None:
        """Match the rows that have but one possible partner in this way, and mark those that have several."""
        ours, theirs = self.left.entries(way), self.right.entries(way)
        shared = [(ours[key], theirs[key]) for key in ours if key in theirs]
        count = _partners((own, others) for own, others in shared)
        counted = _partners((others, own) for own, others in shared)
        told: dict[int, str] = {}
        found: dict[int, str] = {}
        for own, others in shared:
            for one, other in self._open(way, own, others):
                if count[one.place] == 1 == counted[other.place]:
                    told[one.place] = found[other.place] = way
                    self.partner[one.place] = other.place
                else:
                    told.setdefault(one.place, AMBIGUOUS)
                    found.setdefault(other.place, AMBIGUOUS)
        for side, news in ((self.left, told), (self.right, found)):
            for place, how in news.items():
                side.how[place] = how

    def _open(self, way: str, own: list[_Entry], others: list[_Entry]) -> Iterator[tuple[_Entry, _Entry]]:
        """Give each row that no surer way has spoken of with one that it may be, from either side."""
        free = [one for one in own if self.left.how[one.place] == ALONE]
        left_over = [other for other in others if self.right.how[other.place] == ALONE]
        for one in free:
            yield from islice(((one, other) for other in left_over if _may_be(way, one.name, other.name)), 1)
        for other in left_over:
            yield from islice(((one, other) for one in free if _may_be(way, one.name, other.name)), 1)


def _matched(left: _Side, right: _Side) -> _Match:
    match = _Match(left, right)
    for way in WAYS:
        if ALONE in left.how and ALONE in right.how:
            match.add(way)
    return match


def _keys(way: str, text: str) -> Iterator[tuple[str, PlaceName]]:
    if way in ("exact", "spelling"):
        yield text if way == "exact" else spelling_key(text), PlaceName(text, frozenset())
        return
    for name in place_names(text):
        yield name.spelling if way == "kind" else name.letters, name


def _may_be(way: str, name: PlaceName, other: PlaceName) -> bool:
    """Two names that are both written with accents, and not with the same ones, are two places."""
    apart = way == "accents" and name.has_accents and other.has_accents
    return name.may_be(other) and not apart


def _partners(sides: Iterable[tuple[list[_Entry], list[_Entry]]]) -> Counter[int]:
    """Count for each row how many of the other side it may be, matched ones included."""
    count: Counter[int] = Counter()
    for own, others in sides:
        kinds = Counter(other.name.kinds for other in others)
        for one in own:
            count[one.place] += sum(number for kind, number in kinds.items() if are_alike(one.name.kinds, kind))
    return count


def _grouped(left: list[str], right: list[str]) -> tuple[list[int], list[int], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give each row the number of its parent, the same on both sides; a row without one is of no group."""
    ours, theirs = ([name for name in dict.fromkeys(names) if name] for names in (left, right))
    match = _matched(_Side.of(ours, [0] * len(ours)), _Side.of(theirs, [0] * len(theirs)))
    number = {name: place for place, name in enumerate(ours)} | {"": -1}
    numbers = {name: len(ours) + place for place, name in enumerate(theirs)} | {"": -2}
    numbers |= {theirs[other]: place for place, other in enumerate(match.partner.tolist()) if other >= 0}
    single = {*WAYS}
    lost = tuple(
        tuple(name for name, how in zip(side.names, side.how, strict=True) if how not in single)
        for side in (match.left, match.right)
    )
    return [number[name] for name in left], [numbers[name] for name in right], (lost[0], lost[1])


def _taken(left: pd.DataFrame, right: pd.DataFrame, partner: np.ndarray) -> dict[str, pd.Series]:
    """Give the columns of the right table on the rows of the left one."""
    if isinstance(right, gpd.GeoDataFrame):
        right = pd.DataFrame(right.drop(columns=right.active_geometry_name))
    rows = right.reset_index(drop=True).reindex(partner).set_axis(left.index, axis=0)
    return {f"{name} {_JOINED}" if name in left.columns else str(name): rows[name] for name in rows.columns}


def _pair(column: str | tuple[str, str]) -> tuple[str, str]:
    return (column, column) if isinstance(column, str) else column


def _texts(
    left: pd.DataFrame, right: pd.DataFrame, column: str | tuple[str, str], what: str
) -> tuple[list[str], list[str]]:
    """Give the names of both tables as clean text; an empty one where there is none."""
    texts = []
    for side, table, header in zip(("left", "right"), (left, right), _pair(column), strict=True):
        if header not in table.columns:
            has = ", ".join(map(str, table.columns))
            msg = f"The {side} table has no column '{header}' to join on as {what}; it has {has}."
            raise LayerError(msg)
        cells = table[header]
        texts.append([clean(str(cell)) if known else "" for cell, known in zip(cells, cells.notna(), strict=True)])
    return texts[0], texts[1]
