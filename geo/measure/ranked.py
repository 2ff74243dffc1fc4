"""Statistics of the distances in every group at once: means, quantiles and the largest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ranked:
    """
    Distances ascending within each group, and the weight of each; group `g` has the rows ``starts[g]:starts[g + 1]``.

    Every statistic is an array of one number per group, NaN where a group has no row, or no weight to go by.
    """

    distance: np.ndarray
    weight: np.ndarray
    group: np.ndarray
    starts: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """Rows per group."""
        return np.diff(self.starts)


def ranked(distance: np.ndarray, weight: np.ndarray, group: np.ndarray, groups: int) -> Ranked:
    """Sort rows by group and distance; rows whose weight is unknown (NaN) take no part."""
    rows = np.flatnonzero(~np.isnan(weight))
    rows = rows[np.lexsort((distance[rows], group[rows]))]
    starts = np.searchsorted(group[rows], np.arange(groups + 1))
    return Ranked(distance=distance[rows], weight=weight[rows], group=group[rows], starts=starts)


def mean(rows: Ranked) -> np.ndarray:
    """
    Give the mean by weight.

    Examples
    --------
    >>> mean(ranked(np.array([1.0, 5.0, 2.0]), np.array([3.0, 1.0, 1.0]), np.array([0, 0, 1]), 2)).tolist()
    [2.0, 2.0]
    """
    groups = len(rows.size)
    total = np.bincount(rows.group, rows.weight, minlength=groups)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(rows.group, rows.distance * rows.weight, minlength=groups) / total)


def quantile(rows: Ranked, share: float) -> np.ndarray:
    """
    Give the quantile over the rows, whatever their weight, by linear interpolation: that of `numpy.quantile`.

    Examples
    --------
    >>> quantile(ranked(np.array([0.0, 3.0, 10.0]), np.ones(3), np.zeros(3, dtype=int), 1), 0.75).tolist()
    [6.5]
    """
    value = np.full(len(rows.size), np.nan)
    filled = rows.size > 0
    first, last = rows.starts[:-1][filled], rows.starts[1:][filled] - 1
    position = share * (last - first)
    below = np.floor(position).astype(np.intp)
    part = position - below
    low, high = rows.distance[first + below], rows.distance[np.minimum(first + below + 1, last)]
    # From the nearer end, as numpy does it: the ends of the range are then met exactly.
    value[filled] = np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))  # noqa: PLR2004
    return value


def largest(rows: Ranked) -> np.ndarray:
    """Give the largest distance."""
    return quantile(rows, 1.0)


def quantile_by_weight(rows: Ranked, share: float) -> np.ndarray:
    """
    Give the smallest distance with at least this share of the weight within it.

    Examples
    --------
    >>> people = np.array([100.0, 100.0, 200.0])
    >>> quantile_by_weight(ranked(np.array([0.0, 3.0, 10.0]), people, np.zeros(3, dtype=int), 1), 0.5).tolist()
    [3.0]
    """
    value = np.full(len(rows.size), np.nan)
    for group in np.flatnonzero(np.bincount(rows.group, rows.weight, minlength=len(rows.size)) > 0):
        part = slice(rows.starts[group], rows.starts[group + 1])
        within = np.cumsum(rows.weight[part])
        # The sums of whole people are exact below 2**53; a share of them may round up by one unit in the last place.
        value[group] = rows.distance[part][np.searchsorted(within, share * within[-1] * (1 - 1e-15))]
    return value
