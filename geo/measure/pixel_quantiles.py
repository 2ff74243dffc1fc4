"""Exact quantiles over the people of a raster whose pixels are not all held at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from geo.measure.pixel_rows import Rows

SHARES = (0.5, 0.9)
"""The shares of the people that quantiles are asked for."""

# Floats above zero are ordered as their bits are: without the last 46, a class is 1/64 of its distance wide.
_BITS = 46
_CLASSES = 1 << (63 - _BITS)


def class_of(distance_km: NDArray[np.float64]) -> NDArray[np.int64]:
    """
    Give the class of each distance: the greater the distance, the greater or the same the class.

    Examples
    --------
    >>> np.diff(class_of(np.array([0.0, 1.0, 1.001, 1.02, 20_000.0]))).tolist()
    [65472, 0, 1, 909]
    """
    return (distance_km + 0.0).view(np.int64) >> _BITS


def people_by_class(rows: Rows, areas: int) -> sparse.csr_array:
    """Count people by area (of so many, what lies outside them all among them) and class of distance."""
    places = (rows.area, class_of(rows.distance_km))
    return sparse.coo_array((rows.people, places), shape=(areas, _CLASSES)).tocsr()


def no_classes(areas: int) -> sparse.csr_array:
    """Count nobody."""
    return sparse.csr_array((areas, _CLASSES))


@dataclass(frozen=True, kw_only=True)
class Distances:
    """
    How far people live from their nearest point.

    `rows` gives all rows, again and again, in one order; `counts` are the people by area and class of distance.
    """

    rows: Callable[[], Iterable[Rows]]
    counts: sparse.csr_array

    def quantiles(self, of_area: NDArray[np.intp], groups: int) -> dict[float, NDArray[np.float64]]:
        """
        Give, per group, the smallest distance with at least so large a share of the people within it.

        The counts tell in which class of distances each quantile lies; the rows are then gone through once, and those
        of these classes alone, a hundredth or so, are held and sorted.

        Parameters
        ----------
        of_area : NDArray[int]
            The group of each area, and last that of what lies outside all of them.
        groups : int
            How many there are; an area with a higher number is in none.

        Returns
        -------
        dict of float to NDArray[float64]
            For each of `SHARES`, km per group; NaN where nobody lives.
        """
        counts = _merged(self.counts, of_area, groups)
        sought = {share: _classes(counts, share) for share in SHARES}
        held: dict[float, list[NDArray[np.float64]]] = {share: [] for share in SHARES}
        for rows in self.rows():
            group, kind = of_area[rows.area], class_of(rows.distance_km)
            inside = group < groups
            for share, (wanted, _) in sought.items():
                here = inside & (wanted[np.where(inside, group, 0)] == kind)
                held[share].append(np.column_stack([group[here], rows.distance_km[here], rows.people[here]]))
        return {share: _settled(np.concatenate([np.empty((0, 3)), *held[share]]), *sought[share]) for share in SHARES}


def _merged(counts: sparse.csr_array, of_area: NDArray[np.intp], groups: int) -> sparse.csr_array:
    area = np.flatnonzero(of_area < groups)
    belongs = sparse.csr_array((np.ones(area.size), (of_area[area], area)), shape=(groups, of_area.size))
    merged = belongs @ counts
    merged.sort_indices()
    return merged


def _classes(counts: sparse.csr_array, share: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give, per group, the class that the share is reached in (-1: nobody), and what the class has to give to it."""
    wanted = np.full(counts.shape[0], -1, dtype=np.int64)
    missing = np.zeros(counts.shape[0])
    for group in np.flatnonzero(np.diff(counts.indptr)):
        part = slice(counts.indptr[group], counts.indptr[group + 1])
        within = np.cumsum(counts.data[part])
        # Sums of whole people are exact below 2**53; a share of them may round up by one unit in the last place.
        asked = share * within[-1] * (1 - 1e-15)
        position = int(np.searchsorted(within, asked))
        wanted[group] = counts.indices[part][position]
        missing[group] = asked - (within[position - 1] if position else 0.0)
    return wanted, missing


def _settled(held: NDArray[np.float64], wanted: NDArray[np.int64], missing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find each group's quantile among the rows of its class: of columns group, distance, people."""
    value = np.full(wanted.size, np.nan)
    group, distance, people = held[np.lexsort((held[:, 1], held[:, 0]))].T
    starts = np.searchsorted(group, np.arange(wanted.size + 1))
    for one in np.flatnonzero(np.diff(starts)):
        part = slice(starts[one], starts[one + 1])
        # Other orders of summing may leave the last row a hair short.
        position = min(int(np.searchsorted(np.cumsum(people[part]), missing[one])), people[part].size - 1)
        value[one] = distance[part][position]
    return value
