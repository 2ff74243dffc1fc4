"""Which discs may meet: pairs found by trees, without comparing each disc with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from geo.measure.geodesic import reach_m
from geo.measure.nearest import pairs_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo.measure.discs import Round

# So many discs that cover a disc's centre deepest hide most rims in a dense crowd.
_DEEPEST = 12


def deepest_pairs(discs: Round) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """
    Pair each disc with the 12 that cover its centre deepest: likely to hide its rim, if anything does.

    These have the least power, the squared distance to the centre less the squared radius. A fourth coordinate,
    the root of the largest squared radius less the disc's own, makes of the power a squared distance for a tree.

    Parameters
    ----------
    discs : Round
        Distinct, by ascending radius.

    Returns
    -------
    tuple of NDArray[intp]
        Rows of the discs and rows of the others; most discs are among their own others.

    Examples
    --------
    >>> from geo.measure.discs import distinct_discs
    >>> disc, other = deepest_pairs(distinct_discs([0.0, 0.1], [0.0, 0.0], 8_000.0))
    >>> disc.tolist(), other.tolist()
    ([0, 0, 1, 1], [0, 1, 1, 0])
    """
    count = discs.radius.size
    lifted = np.sqrt(discs.radius[-1:] ** 2 - discs.radius**2)
    tree = cKDTree(np.column_stack([discs.xyz, lifted]), balanced_tree=False)
    # As a list of ranks, for one neighbour asked for by number would come without its column.
    ranks = np.arange(1, min(_DEEPEST, count) + 1)
    _, other = tree.query(np.column_stack([discs.xyz, np.zeros(count)]), k=ranks, workers=-1)
    return np.repeat(np.arange(count), ranks.size), other.ravel().astype(np.intp, copy=False)


def pairs_in_reach(
    discs: Round, rows: NDArray[np.intp], others: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """
    Pair some discs with every one of others that they may meet, a bounded number at a time.

    Radii are classed by powers of 2. A disc looks for discs of its own and of lower classes; what it may meet of
    higher classes looks for it. So a small disc is not searched for in a large disc's reach, nor in every class.

    Parameters
    ----------
    discs : Round
        Distinct, by ascending radius.
    rows, others : NDArray[intp]
        Rows of the discs, ascending; all rows are among the others.

    Yields
    ------
    tuple of NDArray[intp]
        Of `rows` and of `others`: every pair that meets, no pair twice, and pairs that do not meet, too.

    Examples
    --------
    >>> from geo.measure.discs import distinct_discs
    >>> discs = distinct_discs([0.0, 0.1, 9.0], [0.0, 0.0, 0.0], [8_000.0, 100_000.0, 8_000.0])
    >>> [(row.tolist(), other.tolist()) for row, other in pairs_in_reach(discs, np.array([1]), np.array([0, 1, 2]))]
    [([1], [1]), ([1], [2])]
    """
    classes = np.floor(np.log2(discs.radius))
    for number in np.unique(classes[others]):
        ends = np.searchsorted(classes, [number, number + 1])
        row, other = np.searchsorted(rows, ends), np.searchsorted(others, ends)
        mine, lower = rows[slice(*row)], others[: other[1]]
        for one, two in _within(discs, mine, lower):
            yield mine[one], lower[two]
        theirs, below = others[slice(*other)], rows[: row[0]]
        for one, two in _within(discs, theirs, below):
            yield below[two], theirs[one]


def _within(
    discs: Round, larger: NDArray[np.intp], lower: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pair discs with those of classes up to their own, as positions in both."""
    if larger.size and lower.size:
        reach = reach_m(discs.radius[larger] + discs.radius[lower[-1]])
        yield from pairs_within(cKDTree(discs.xyz[lower], balanced_tree=False), discs.xyz[larger], reach)
