"""Make a covering problem smaller without changing its answer: villages that are alike, sites that are no use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geo.plan.savings import Savings, make_savings, summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Comparing lists costs the sum of the squared lengths of their columns; beyond this it takes longer than it saves.
_COMPARED_UP_TO = 50_000_000
_ROUNDS = 3


def reduced(savings: Savings) -> tuple[Savings, NDArray[np.intp]]:
    """
    Merge villages that can go to the same sites, and drop sites that another serves all villages of, and costs no more.

    Only covering is reduced: where a village saves the same at every site in its reach.

    Returns
    -------
    tuple
        The smaller problem, and for each of its sites the old one. Whatever can be saved in the old problem can be
        saved in the new one.
    """
    sites = np.arange(savings.sites)
    if not savings.flat:
        return savings, sites
    now = merged(savings)
    for _ in range(_ROUNDS):
        keep = useful_sites(now.by_site, now.cost)
        if keep.size == now.sites:
            break
        sites = sites[keep]
        now = merged(with_sites(now, keep))
    return now, sites


def with_sites(savings: Savings, keep: NDArray[np.intp]) -> Savings:
    """Give the same problem with some of its sites alone."""
    pairs = savings.by_village[:, keep].tocoo()
    village, site = pairs.coords
    limits = (savings.cost[keep], savings.number, savings.budget)
    small = make_savings((savings.villages, keep.size), village, site, pairs.data, limits)
    return replace(small, grain=savings.grain)


def merged(savings: Savings) -> Savings:
    """Make one village of those that can go to exactly the same sites; villages without any are left out."""
    rows, group = alike(savings.by_village)
    if rows.size == savings.villages:
        return savings
    kept = savings.by_village[rows]
    people = summed(group[group >= 0], savings.most[group >= 0], rows.size)
    lengths = np.diff(kept.indptr)
    limits = (savings.cost, savings.number, savings.budget)
    village = np.repeat(np.arange(rows.size), lengths)
    small = make_savings((rows.size, savings.sites), village, kept.indices, np.repeat(people, lengths), limits)
    return replace(small, grain=savings.grain)


def alike(matrix: csr_array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """
    Find rows with the same columns.

    Returns
    -------
    tuple of NDArray[intp]
        The first row of each group, ascending, and each row's group; -1 for rows without a column.

    Examples
    --------
    >>> first, group = alike(csr_array([[0, 1], [3, 3], [0, 2], [0, 0]]))
    >>> first.tolist(), group.tolist()
    ([0, 1], [0, 1, 0, -1])
    """
    lengths = np.diff(matrix.indptr)
    # A sum of random numbers tells lists apart but for one chance in 2^64; what it finds alike is then compared.
    marks = np.random.default_rng(0).integers(0, 2**63, matrix.shape[1], dtype=np.uint64)
    key = np.zeros(matrix.shape[0], dtype=np.uint64)
    filled = np.flatnonzero(lengths)
    if filled.size:
        key[filled] = np.add.reduceat(marks[matrix.indices], matrix.indptr[filled])
    _, first, of = np.unique(
        np.column_stack([key[filled], lengths[filled].astype(np.uint64)]),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    leader = filled[first[of.ravel()]]
    apart = _differ(matrix, filled, leader)
    leader[apart] = filled[apart]
    rows = np.unique(leader)
    group = np.full(matrix.shape[0], -1, dtype=np.intp)
    group[filled] = np.searchsorted(rows, leader)
    return rows, group


def _differ(matrix: csr_array, rows: NDArray[np.intp], leaders: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which rows have other columns than their leaders, which have as many."""
    lengths = np.diff(matrix.indptr)[rows]
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    mine = matrix.indices[np.repeat(matrix.indptr[rows], lengths) + within]
    theirs = matrix.indices[np.repeat(matrix.indptr[leaders], lengths) + within]
    owner = np.repeat(np.arange(rows.size), lengths)
    return np.bincount(owner, weights=mine != theirs, minlength=rows.size) > 0


def useful_sites(by_site: csr_array, cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give the sites that serve somebody, unless another serves all their villages and costs no more."""
    sizes = np.diff(by_site.indptr)
    useful = sizes > 0
    one, other = contained(by_site)
    fits = cost[other] <= cost[one]
    alike_ = (sizes[one] == sizes[other]) & (cost[one] == cost[other])
    # Of two that are alike the first stays.
    useful[one[fits & (~alike_ | (other < one))]] = False
    return np.flatnonzero(useful)


def contained(lists: csr_array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """
    Give all pairs of two rows of which the first has no column that the other has not.

    None are given where looking for them takes longer than it can save. Empty rows are in no pair.

    Examples
    --------
    >>> [rows.tolist() for rows in contained(csr_array([[1, 0], [1, 1], [0, 0]]))]
    [[0], [1]]
    """
    sizes = np.diff(lists.indptr)
    if int((np.bincount(lists.indices, minlength=1).astype(np.int64) ** 2).sum()) > _COMPARED_UP_TO:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    ones = csr_array((np.ones(lists.nnz), lists.indices, lists.indptr), shape=lists.shape)
    shared = (ones @ ones.T).tocoo()
    one, other = (rows.astype(np.intp) for rows in shared.coords)
    inside = (shared.data == sizes[one]) & (one != other)
    return one[inside], other[inside]
