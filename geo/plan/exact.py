"""The best choice of sites, proved by HiGHS, where bounds have left few enough sites to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geo.plan.milp import TOLERANCE, Ended, Program, solve
from geo.plan.savings import Savings, make_savings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.lagrangian import Prices
    from geo.plan.search import Search

# Where choices differ by one at least, none is better that is not better by more than this, also for the solver's sums.
_JUST_BELOW = 0.5


def possible(search: Search, prices: Prices) -> tuple[Savings, NDArray[np.intp]]:
    """
    Keep the sites and pairs that a choice at least as good as the best one may have.

    With a site that scores less than the least picked one by d, no choice exceeds the bound less d; nor does one with
    which a village saves less than its price by d.

    Parameters
    ----------
    search : Search
        With the best choice so far.
    prices : Prices
        Their bound, prices and scores.

    Returns
    -------
    tuple
        The smaller problem, and for each of its sites the old one.
    """
    savings, score = search.savings, prices.score
    spare = (prices.bound - search.worth) + search.noise
    keep = np.ones(score.size, dtype=np.bool_)
    if score.size > savings.number and np.isinf(savings.budget):
        least = np.partition(score, score.size - savings.number)[score.size - savings.number]
        keep = least - score <= spare
    keep[search.chosen] = True
    sites = np.flatnonzero(keep)
    pairs = savings.by_village[:, sites].tocoo()
    village, site = pairs.coords
    value = np.where(pairs.data >= prices.price[village] - spare, pairs.data, 0.0)
    limits = (savings.cost[sites], savings.number, savings.budget)
    small = make_savings((savings.villages, sites.size), village, site, value, limits)
    return replace(small, grain=savings.grain), sites


def prove(search: Search) -> Ended:
    """
    Let HiGHS search for the best choice, begun from the best one so far; offer the search what it finds and proves.

    Returns
    -------
    str
        How the solver ended.
    """
    program, scale = _program(search)
    solved = solve(program, search.watch.seconds_left())
    if solved.x is not None:
        search.offer(np.flatnonzero(solved.x[: search.savings.sites] > 0.5).tolist())  # noqa: PLR2004 - 0 or 1
    if np.isfinite(solved.bound):
        # The solver's bound is right to its tolerance of every column.
        search.lower((TOLERANCE * program.cost.size - solved.bound) * scale)
    return solved.ended


def _program(search: Search) -> tuple[Program, float]:
    """
    State the problem in cumulative steps: z(i, k) tells that village i saves at least its k-th best value.

    z(i, k) <= z(i, k - 1) + the sum of the sites that give exactly the k-th best value. Covering has one step per
    village. This has fewer numbers than a variable per pair, and as good a bound.

    References
    ----------
    S. Elloumi, A tighter formulation of the p-median problem (2010); S. García, M. Labbé and A. Marín (2011).
    """
    savings = search.savings
    matrix = savings.by_village
    owner = np.repeat(np.arange(savings.villages), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, owner))
    village, site, value = owner[order], matrix.indices[order], matrix.data[order]
    begins_village = np.concatenate([[True], village[1:] != village[:-1]])
    begins = begins_village | np.concatenate([[True], value[1:] != value[:-1]])
    step = np.cumsum(begins) - 1
    heads = np.flatnonzero(begins)
    is_first = begins_village[heads]
    last = np.concatenate([is_first[1:], [True]])
    drop = value[heads] - np.where(last, 0.0, np.concatenate([value[heads][1:], [0.0]]))
    scale = 1.0 if savings.grain else max(float(drop.max(initial=1.0)), 1e-300) / 1000.0
    steps, sites = heads.size, savings.sites
    later = np.flatnonzero(~is_first)
    rows = np.concatenate([np.arange(steps), later, step])
    columns = np.concatenate([sites + np.arange(steps), sites + later - 1, site])
    entries = np.concatenate([np.ones(steps), -np.ones(later.size + step.size)])
    low, high = np.full(steps, -np.inf), np.zeros(steps)
    limits = _limits(savings)
    everything = csr_array(
        (
            np.concatenate([entries, limits[0]]),
            (np.concatenate([rows, steps + limits[1]]), np.concatenate([columns, limits[2]])),
        ),
        shape=(steps + limits[3].size, sites + steps),
    )
    saved = search.savings.saved(search.chosen)
    chosen = np.zeros(sites)
    chosen[search.chosen] = 1.0
    program = Program(
        cost=np.concatenate([np.zeros(sites), -drop / scale]),
        rows=everything,
        low=np.concatenate([low, np.full(limits[3].size, -np.inf)]),
        high=np.concatenate([high, limits[3]]),
        whole=np.arange(sites + steps) < sites,
        start=np.concatenate([chosen, (value[heads] <= saved[village[heads]]).astype(float)]),
        gap=_gap(search) / scale,
    )
    return program, scale


def _gap(search: Search) -> float:
    """Give by how much another choice must be better to matter."""
    wanted = search.watch.until.gap * abs(search.objective(search.worth))
    return max(wanted, _JUST_BELOW * search.savings.grain)


def _limits(
    savings: Savings,
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Give the rows for number and budget: values, rows, columns, and the upper sides."""
    sites = np.arange(savings.sites)
    none = np.zeros(savings.sites, dtype=np.intp)
    values, rows, high = [np.ones(savings.sites)], [none], [float(savings.number)]
    if np.isfinite(savings.budget):
        values.append(savings.cost)
        rows.append(none + 1)
        high.append(savings.budget)
    return np.concatenate(values), np.concatenate(rows), np.concatenate([sites] * len(high)), np.array(high)
