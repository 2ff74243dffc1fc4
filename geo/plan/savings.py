"""The shape that covering and median problems share: what a village saves at each site, of which the best counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Sums of whole numbers up to here are exact in floating point.
_WHOLE_UP_TO = 2.0**53


@dataclass(frozen=True, kw_only=True)
class Savings:
    """
    Choose sites so that the villages save most together, each at the chosen site where it saves most.

    Covering: a village saves its people at every site within reach. Median: it saves its people times the metres by
    which a site is nearer than where it goes now. `by_village` has a row per village and a column per site, values
    above zero; `by_site` is the same turned round. `flat` tells that each village saves the same at every site of its
    row. `grain` is 1 where all values are whole numbers, so that two choices differ by one at least or not at all, and
    0 elsewhere. Choices have at most `number` sites and cost at most `budget`.
    """

    by_village: csr_array
    by_site: csr_array
    flat: bool
    grain: float
    cost: NDArray[np.float64]
    number: int
    budget: float

    @property
    def villages(self) -> int:
        """How many villages there are."""
        return int(self.by_village.shape[0])

    @property
    def sites(self) -> int:
        """How many sites there are."""
        return int(self.by_village.shape[1])

    @property
    def most(self) -> NDArray[np.float64]:
        """What each village saves at its best site; zero where no site is in reach."""
        return row_maxima(self.by_village)

    def allows(self, chosen: Sequence[int] | NDArray[np.intp]) -> bool:
        """Tell whether so many sites may be chosen together, and cost no more than the budget."""
        return len(chosen) <= self.number and float(self.cost[np.asarray(chosen, dtype=np.intp)].sum()) <= self.budget

    def saved(self, chosen: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float64]:
        """Give what each village saves with these sites."""
        _, village, value = gathered(self.by_site, np.asarray(chosen, dtype=np.intp))
        best = np.zeros(self.villages)
        np.maximum.at(best, village, value)
        return best

    def worth(self, chosen: Sequence[int] | NDArray[np.intp]) -> float:
        """Give what the villages save together with these sites."""
        return float(self.saved(chosen).sum())


def make_savings(
    shape: tuple[int, int],
    village: NDArray[np.integer],
    site: NDArray[np.integer],
    value: NDArray[np.float64],
    limits: tuple[NDArray[np.float64], int, float],
) -> Savings:
    """
    Put pairs of a village and a site into both orders; pairs that save nothing are left out.

    Parameters
    ----------
    shape : tuple of int
        How many villages and sites there are.
    village, site, value : NDArray
        One per pair, no pair twice.
    limits : tuple
        Cost per site, the largest number of sites, and the budget (infinite where there is none).
    """
    keep = value > 0
    by_village = csr_array((value[keep], (village[keep], site[keep])), shape=shape)
    by_village.sort_indices()
    whole = bool((by_village.data == np.rint(by_village.data)).all()) and by_village.sum() < _WHOLE_UP_TO
    lengths = np.diff(by_village.indptr)
    most = row_maxima(by_village)
    return Savings(
        by_village=by_village,
        by_site=by_village.T.tocsr(),
        flat=bool((by_village.data == np.repeat(most, lengths)).all()),
        grain=1.0 if whole else 0.0,
        cost=limits[0],
        number=limits[1],
        budget=limits[2],
    )


def gathered(
    matrix: csr_array, rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.float64]]:
    """
    Give the entries of some rows one after another: the place of the row among `rows`, the column, the value.

    Examples
    --------
    >>> matrix = csr_array([[0.0, 5.0], [6.0, 7.0]])
    >>> [part.tolist() for part in gathered(matrix, np.array([1, 0]))]
    [[0, 0, 1], [0, 1, 1], [6.0, 7.0, 5.0]]
    """
    begins = matrix.indptr[rows].astype(np.int64)
    sizes = matrix.indptr[rows + 1] - begins
    ends = np.cumsum(sizes)
    at = np.repeat(begins - (ends - sizes), sizes) + np.arange(ends[-1] if ends.size else 0)
    return np.repeat(np.arange(rows.size), sizes), matrix.indices[at], matrix.data[at]


def summed(group: NDArray[np.integer], values: NDArray[np.generic], groups: int) -> NDArray[np.float64]:
    """Add up values by the group that each is of; zero for a group without any."""
    return np.asarray(np.bincount(group, weights=values, minlength=groups), dtype=np.float64)


def row_maxima(matrix: csr_array) -> NDArray[np.float64]:
    """Give the largest value of each row; zero where a row is empty."""
    found = np.zeros(matrix.shape[0])
    filled = np.flatnonzero(np.diff(matrix.indptr))
    if filled.size:
        found[filled] = np.maximum.reduceat(matrix.data, matrix.indptr[filled])
    return found
