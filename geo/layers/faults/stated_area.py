"""Areas that a column states, held against the polygons: in which unit, which rows disagree, which look exchanged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.layers.crowds import few_pairs
from geo.layers.text import header_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 0.15
"""A stated area disagrees with its polygon where one is more than this share larger than the other."""

PER_KM2 = {"km2": 1.0, "ha": 100.0, "m2": 1e6}
_UNIT_IN_HEADER = {
    "km2": re.compile(r"km2|km²|sq_?km"),
    "ha": re.compile(r"(?:^|_)ha$|hecta"),
    "m2": re.compile(r"(?<!k)m2|(?<!k)m²|sq_?m(?:$|_)"),
}
# What a unit must fit to where the header says none, and what an exchange of polygons must at least explain.
_FACTOR = 2.0
_DIGITS = 6
_MOST_PAIRS = 1_000_000


def unit_of(header: str, stated: NDArray[np.float64], measured_km2: NDArray[np.float64]) -> str | None:
    """
    Give the unit of a column of areas: what its header says, else what half of its rows agree with.

    Parameters
    ----------
    header : str
        As the source has it.
    stated, measured_km2 : ndarray of float
        The column and the areas of the polygons; NaN where unknown.

    Returns
    -------
    str or None
        ``km2``, ``ha`` or ``m2``; None where the header says none and no unit fits: the column is something else.

    Examples
    --------
    >>> unit_of("Diện tích (ha)", np.array([]), np.array([])), unit_of("area", np.array([205.0]), np.array([2.0]))
    ('ha', 'ha')
    """
    key = header_key(header)
    said = [unit for unit, pattern in _UNIT_IN_HEADER.items() if pattern.search(key)]
    if said:
        return said[0]
    known = (stated > 0) & (measured_km2 > 0)
    if not known.any():
        return None
    times = float(np.median(stated[known] / measured_km2[known]))
    fits = [unit for unit, factor in PER_KM2.items() if 1 / _FACTOR <= times / factor <= _FACTOR]
    return fits[0] if fits else None


def disagreeing(stated: NDArray[np.float64], measured: NDArray[np.float64]) -> NDArray[np.bool_]:
    """
    Tell where a stated area and the polygon's differ by more than :data:`TOLERANCE` and than the column's last digit.

    Parameters
    ----------
    stated, measured : ndarray of float
        In one unit; NaN where unknown, which does not disagree.

    Examples
    --------
    >>> disagreeing(np.array([1.2, 1.1, 0.5]), np.array([1.0, 1.0, 0.4])).tolist()
    [True, False, True]
    """
    low, high = np.minimum(stated, measured), np.maximum(stated, measured)
    return np.asarray((high > (1 + TOLERANCE) * low) & (high - low > _half_digit(stated)))


def exchanged(
    stated: NDArray[np.float64], measured: NDArray[np.float64], off: NDArray[np.bool_], geometry: NDArray[np.object_]
) -> tuple[list[tuple[int, int]], NDArray[np.intp]]:
    """
    Find neighbours whose polygons look exchanged: pairs of rows that disagree, and would not if each had the other's.

    Both are off by more than a factor of two, for neighbours of much the same size fit each other's areas by chance. At
    least one of the two then agrees with its stated area, the other comes closer to its own by more than half (of the
    logarithm of their ratio), and no other neighbour fits either of them better.

    Parameters
    ----------
    stated, measured : ndarray of float
        In one unit.
    off : ndarray of bool
        The rows that disagree.
    geometry : ndarray of polygons
        Valid.

    Returns
    -------
    tuple of list of tuple of int and ndarray of int
        Positions, the lower one first; and those of rows that were not held against all that their bounds meet, where
        so many lie over one another that their pairs are not in proportion to their number.
    """
    rows = np.flatnonzero(off & (stated > 0) & (measured > 0))
    own, area = np.log(stated[rows]), np.log(measured[rows])
    far = np.abs(own - area) > np.log(_FACTOR)
    rows, own, area = rows[far], own[far], area[far]
    one, other, done = few_pairs(shapely.STRtree(geometry[rows]), geometry[rows], _MOST_PAIRS)
    one, other = one[one < other], other[one < other]
    before = np.abs(own - area)[np.column_stack([one, other])]
    after = np.abs(np.column_stack([own[one] - area[other], own[other] - area[one]]))
    fitting = (after < before / 2).all(axis=1) & (after <= np.log(1 + TOLERANCE)).any(axis=1)
    one, other, after = one[fitting], other[fitting], after[fitting].sum(axis=1)
    touching = shapely.intersects(geometry[rows[one]], geometry[rows[other]])
    pairs: dict[int, int] = {}
    for pair in np.lexsort((other, one, after)):
        first, second = int(rows[one[pair]]), int(rows[other[pair]])
        if touching[pair] and not {first, second} & pairs.keys():
            pairs[first], pairs[second] = second, first
    return sorted((first, second) for first, second in pairs.items() if first < second), rows[done:]


def _half_digit(stated: NDArray[np.float64]) -> float:
    """Give half of the last digit that a column is written with."""
    known = stated[np.isfinite(stated)]
    for digits in range(_DIGITS):
        if np.allclose(known, np.round(known, digits), rtol=0, atol=10.0**-_DIGITS):
            return 0.5 * 10.0**-digits
    return 0.0
