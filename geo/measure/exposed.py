"""Which arcs of the rims of many geodesic discs are inside no other disc: the outline of their union."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.crs.systems import GEOD
from geo.errors import FigureError
from geo.measure.disc_pairs import deepest_pairs, pairs_in_reach
from geo.measure.discs import LARGEST_M
from geo.measure.rims import Hidden, compared, rims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.measure.discs import Round

_TURN = 2.0 * np.pi
# Disc and azimuth share an integer of so many bits; for a million discs 42 are left to the azimuth, 3e-12 radians.
_BITS = 62


@dataclass(frozen=True, kw_only=True)
class Arcs:
    """
    Arcs of rims that no other disc hides.

    `whole` are the discs with a rim that no other one touches. Of the other arcs, `disc` is the disc's row, `start`
    and `stop` are azimuths at its centre in radians, clockwise, `stop` the greater one. `first` and `last` number the
    corners where arcs meet: the end of an arc is the start of another disc's.
    """

    whole: NDArray[np.intp]
    disc: NDArray[np.intp]
    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class _Gaps:
    """
    Gaps that hidden arcs leave on rims.

    Rows of the hidden arcs `before` and `after` each gap, its `width`, and which arcs are `needed` to tell: the
    others are inside these.
    """

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    width: NDArray[np.float64]
    needed: NDArray[np.bool_]


def exposed_arcs(discs: Round) -> Arcs:
    """
    Find the arcs of each disc's rim that are inside no other disc.

    First the discs are compared with the few that cover their centres deepest; then those with a part of the rim still
    exposed with every disc that they may meet. Discs inside another one are left out as soon as they are found.

    Parameters
    ----------
    discs : Round
        At least one; distinct, by ascending radius, at most 2,000 km.

    Returns
    -------
    Arcs
        Of discs inside a larger one there is none. Where there is no arc at all, the discs cover the Earth.

    Raises
    ------
    FigureError
        Where a radius is above 2,000 km.

    Examples
    --------
    >>> from geo.measure.discs import distinct_discs
    >>> arcs = exposed_arcs(distinct_discs([0.0, 0.1, 9.0], [0.0, 0.0, 0.0], 8_000.0))
    >>> arcs.whole.tolist(), np.degrees(arcs.stop - arcs.start).round().tolist()
    ([0], [268.0, 268.0])
    """
    if (discs.radius > LARGEST_M).any():
        msg = f"The largest radius of a disc is {discs.radius.max() / 1000.0:g} km. Give at most 2000 km."
        raise FigureError(msg)
    edges = rims(discs)
    inside, hidden = compared(edges, *deepest_pairs(discs))
    is_outer = np.ones(discs.radius.size, dtype=np.bool_)
    is_outer[inside] = False
    hidden = hidden.take(is_outer[hidden.disc])
    gaps = _gaps(hidden)
    is_open = is_outer.copy()
    is_open[hidden.disc] = False
    is_open[hidden.disc[gaps.before]] = True
    parts = [hidden.take(gaps.needed)]
    for disc, other in pairs_in_reach(discs, np.flatnonzero(is_open), np.flatnonzero(is_outer)):
        inside, hidden = compared(edges, disc, other)
        is_outer[inside] = False
        parts.append(hidden.take(_gaps(hidden).needed))
    hidden = _joined(parts)
    return _arcs(hidden.take(is_outer[hidden.disc]), is_outer)


def corners(discs: Round, arcs: Arcs) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """
    Give the corners where arcs meet: one place for the two arcs of a corner, to the last bit.

    Parameters
    ----------
    discs : Round
        Those that the arcs are of.
    arcs : Arcs
        What :func:`exposed_arcs` found.

    Returns
    -------
    tuple of NDArray
        Longitude and latitude of the corners, and which corner is the start of each arc and then the stop of each.

    Examples
    --------
    >>> from geo.measure.discs import distinct_discs
    >>> discs = distinct_discs([0.0, 0.1], [0.0, 0.0], 8_000.0)
    >>> lon, lat, at = corners(discs, exposed_arcs(discs))
    >>> lon.round(3).tolist(), lat.round(3).tolist(), at.tolist()
    ([0.05, 0.05], [-0.052, 0.052], [1, 0, 0, 1])
    """
    _, one, at = np.unique(np.append(arcs.first, arcs.last), return_index=True, return_inverse=True)
    disc = np.append(arcs.disc, arcs.disc)[one]
    azimuth = np.degrees(np.append(arcs.start, arcs.stop)[one])
    lon, lat, _ = GEOD.fwd(discs.lon[disc], discs.lat[disc], azimuth, discs.radius[disc])
    return lon, lat, at


def _gaps(hidden: Hidden) -> _Gaps:
    """Find the gaps: where, round a disc, a hidden arc starts beyond the farthest stop of those that started before."""
    row, start, stop = _from_an_end(hidden)
    bits = _BITS - int(hidden.disc.max(initial=0) + 1).bit_length()
    base, fine = hidden.disc[row].astype(np.int64) << bits, 2.0**bits / (2.0 * _TURN)
    first, last = base + (start * fine).astype(np.int64), base + (stop * fine).astype(np.int64)
    order = np.argsort(first)
    row, first, last, start, stop = row[order], first[order], last[order], start[order], stop[order]
    reached = np.maximum.accumulate(last)
    is_farthest = np.diff(reached, prepend=-1) > 0
    needed = np.zeros(hidden.disc.size, dtype=np.bool_)
    needed[row[is_farthest]] = True
    farthest = np.maximum.accumulate(np.where(is_farthest, np.arange(row.size), 0))
    after = 1 + np.flatnonzero((first[1:] > reached[:-1]) & (np.diff(hidden.disc[row]) == 0))
    before = farthest[after - 1]
    return _Gaps(before=row[before], after=row[after], width=start[after] - stop[before], needed=needed)


def _from_an_end(hidden: Hidden) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """
    Count the azimuths round each disc from the end of one of its hidden arcs: rows, starts and stops.

    What goes on beyond a full turn from there is given a second time, from 0; it includes the end itself, so that there
    is no gap before the first arc nor behind the last.
    """
    rows = np.arange(hidden.disc.size)
    chosen = np.empty(int(hidden.disc.max(initial=-1)) + 1, dtype=np.intp)
    chosen[hidden.disc] = rows
    chosen = chosen[hidden.disc]
    start = np.mod(hidden.start - (hidden.start + hidden.width)[chosen], _TURN)
    start = np.where(chosen == rows, _TURN - hidden.width, start)
    stop = start + hidden.width
    on = np.flatnonzero((stop >= _TURN) | (chosen == rows))
    beyond = np.maximum(stop[on] - _TURN, 0.0)
    return np.append(rows, on), np.append(start, np.zeros(on.size)), np.append(stop, beyond)


def _joined(parts: list[Hidden]) -> Hidden:
    """Join hidden arcs; a pair that was compared twice counts once."""
    disc, other = (np.concatenate([getattr(part, name) for part in parts]) for name in ("disc", "other"))
    start, width = (np.concatenate([getattr(part, name) for part in parts]) for name in ("start", "width"))
    pair = disc.astype(np.int64) * (int(other.max(initial=0)) + 1) + other
    once = np.unique(pair, return_index=True)[1]
    return Hidden(disc=disc, other=other, start=start, width=width).take(once)


def _arcs(hidden: Hidden, is_outer: NDArray[np.bool_]) -> Arcs:
    gaps = _gaps(hidden)
    before, after = hidden.take(gaps.before), hidden.take(gaps.after)
    start = before.start + before.width
    is_whole = is_outer.copy()
    is_whole[hidden.disc] = False
    return Arcs(
        whole=np.flatnonzero(is_whole),
        disc=before.disc,
        start=start,
        stop=start + gaps.width,
        first=_corner(before, is_outer.size, is_right=True),
        last=_corner(after, is_outer.size, is_right=False),
    )


def _corner(hidden: Hidden, count: int, *, is_right: bool) -> NDArray[np.int64]:
    """
    Give the corner at an end of a hidden arc a number that is the same for both discs.

    What is right of the way to the other centre is left of the way back.
    """
    low, high = np.minimum(hidden.disc, hidden.other), np.maximum(hidden.disc, hidden.other)
    is_right_of_low = (hidden.disc < hidden.other) == is_right
    number: NDArray[np.int64] = (low.astype(np.int64) * count + high) * 2 + is_right_of_low
    return number
