"""Compare two studies: every figure then and now, and for each cause by how much it moved."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo.compare.matching import Matched, matched
from geo.compare.state import is_alike
from geo.compare.steps import way
from geo.errors import GeoError
from geo.study.study import Study, whole_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from geo.compare.state import State
    from geo.compare.steps import Way
    from geo.figures import Figure
    from geo.study.results import About, LayerFacts

SAME = 1e-9
"""Two values of a figure are the same where they differ by less than so small a part: the rest is rounding."""

_NOTHING = 1e-12

Key = tuple[str, str | None, str | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Change:
    """
    One figure then and now.

    `difference` is None where one end has no value, and 0 where both are the same but for rounding. `because` holds,
    for each cause that moved the figure, by how much; together they add up to `difference`. Where the figure has no
    value after a cause, that one's part goes to the cause that gives the figure a value again.
    """

    then: Figure | None
    now: Figure | None
    difference: float | None
    because: Mapping[str, float]

    @property
    def figure(self) -> Figure:
        """The figure that is there, the newer one first."""
        figure = self.now or self.then
        assert figure is not None  # noqa: S101 - a change is made of at least one
        return figure


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One of the two studies: what it says of itself, and the files that its figures rest on."""

    about: About
    layers: tuple[LayerFacts, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed between two studies: the figures, and the points and villages behind them."""

    old: Compared
    new: Compared
    changes: tuple[Change, ...]
    points: Matched
    villages: Matched


def compare(old: Study, new: Study) -> Comparison:
    """
    Compare two studies of one territory, figure by figure, and say what each change is due to.

    The old study becomes the new one step by step, in the order of :data:`geo.compare.steps.CAUSES`, and every figure
    is computed again after each step; a cause is worth what its step changes. The steps add up to the difference; in
    another order what two causes do together would be shared out in another way. People and area are one cause each,
    whether a total is given officially or by the layers. How points and villages are matched says
    :func:`geo.compare.matching.pairs`.

    Parameters
    ----------
    old, new : Study
        Both are computed with the limits in km of either.

    Returns
    -------
    Comparison
        Figures of the whole territory, in the order of the new study.

    Raises
    ------
    GeoError
        Where a study cannot be read or computed.
    """
    limits = tuple(dict.fromkeys([*new.file.choices.within_km, *old.file.choices.within_km]))
    files = [replace(one.file, choices=replace(one.file.choices, within_km=limits)) for one in (old, new)]
    walked = way(*files)
    then, now = _values(walked.old), _values(walked.new)
    path = [("", then), *_path(walked, now)]
    keys = list(dict.fromkeys([*now, *then]))
    ends = [Compared(about=one.file.about, layers=one.loaded.facts) for one in (walked.old, walked.new)]
    return Comparison(
        old=ends[0],
        new=ends[1],
        changes=tuple(_change(then.get(key), now.get(key), _moves(key, path)) for key in keys),
        points=matched(walked.start.loaded, walked.near, "points", walked.points),
        villages=matched(walked.start.loaded, walked.near, "villages", walked.villages),
    )


Figures = dict[Key, "Figure"]


def _path(walked: Way, now: Figures) -> Iterator[tuple[str, Figures]]:
    """Give the figures after each step; a step that changes nothing is not computed."""
    state = walked.old
    for cause, after in walked.steps():
        if not is_alike(after, state):
            yield cause, now if is_alike(after, walked.new) else _values_on_the_way(after)
            state = after


def _values(state: State) -> Figures:
    figures = whole_figures(state.file, state.loaded)
    return {(one.indicator, one.technology, one.operator, one.within_km): one for one in figures}


def _values_on_the_way(state: State) -> Figures:
    """Give no figures of what is neither the old study nor the new one and cannot be computed."""
    try:
        return _values(state)
    except GeoError:
        return {}


def _moves(key: Key, path: Sequence[tuple[str, Figures]]) -> Iterable[tuple[str, float]]:
    """Give the values that a figure has on the way, each with the cause that gave it."""
    for cause, figures in path:
        figure = figures.get(key)
        if figure is not None and figure.value is not None:
            yield cause, figure.value


def _change(then: Figure | None, now: Figure | None, moves: Iterable[tuple[str, float]]) -> Change:
    if then is None or now is None or then.value is None or now.value is None:
        return Change(then=then, now=now, difference=None, because={})
    because: dict[str, float] = {}
    last = then.value
    for cause, value in moves:
        if not _is_same(value, last):
            because[cause] = float(value - last)
            last = value
    difference = 0 if _is_same(then.value, now.value) else now.value - then.value
    return Change(then=then, now=now, difference=difference, because=because)


def _is_same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=SAME, abs_tol=_NOTHING)
