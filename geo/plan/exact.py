"""The best choice of sites, proved by HiGHS, where bounds have left few enough sites to choose from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geo.plan.affordable import picked, solve_allowed
from geo.plan.answer import PROVED
from geo.plan.milp import TOLERANCE, Ended, Program
from geo.plan.savings import Savings, make_savings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.lagrangian import Prices
    from geo.plan.search import Search

# Where choices differ by one at least, none is better that is not better by more than this, also for the solver's sums.
_JUST_BELOW = 0.5
# Of the gap that is asked for, what the solver is asked for: the rest is for its tolerance.
_NEARER = 0.999
_SLACK = PROVED / 4
# Larger whole numbers are scaled like others.
_WHOLE_UP_TO = 1e6


def possible(search: Search, prices: Prices) -> tuple[Savings, NDArray[np.intp], NDArray[np.bool_]]:
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
        The smaller problem, for each of its sites the old one, and which villages surely save something.
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
    return replace(small, grain=savings.grain), sites, prices.price > spare


def prove(search: Search, surely: NDArray[np.bool_] | None = None) -> Ended:
    """
    Let HiGHS search for the best choice, begun from the best one so far; offer the search what it finds and proves.

    Parameters
    ----------
    search : Search
        What is to be saved, and the best so far.
    surely : NDArray[bool_], optional
        Villages that save something in every choice that is worth looking at.

    Returns
    -------
    str
        How the solver ended.
    """
    savings = search.savings
    stated = _stated(search, surely)
    solved = solve_allowed(stated.program, savings.sites, savings.allows, search.watch)
    if solved.x is not None:
        search.offer(picked(solved.x, savings.sites).tolist())
    if np.isfinite(solved.bound):
        # The solver's bound is right to its tolerance of every column, and no better than what counts as proved.
        wrong = min(TOLERANCE * stated.free * stated.scale, _SLACK * search.objective(search.worth))
        search.lower(stated.base - solved.bound * stated.scale + wrong)
    return solved.ended


@dataclass(frozen=True, kw_only=True)
class _Stated:
    """A program whose optimum times `-scale`, and `base`, is what is saved; so many of its steps are `free`."""

    program: Program
    scale: float
    base: float
    free: int


def _stated(search: Search, surely: NDArray[np.bool_] | None) -> _Stated:
    """
    State the problem in cumulative steps: z(i, k) tells that village i saves at least its k-th best value.

    z(i, k) <= z(i, k - 1) + the sum of the sites that give exactly the k-th best value. Covering has one step per
    village. This has fewer numbers than a variable per pair, and as good a bound. The last step of a village that
    surely saves something is 1, and what it saves at least is no part of the program: numbers stay small.

    References
    ----------
    S. Elloumi, A tighter formulation of the p-median problem (2010); S. García, M. Labbé and A. Marín (2011).
    """
    savings = search.savings
    steps = _steps(savings)
    fixed = steps.last & (False if surely is None else surely[steps.village])
    free = np.where(fixed, 0.0, steps.drop)
    scale = _scale(search, free)
    chosen = np.zeros(savings.sites)
    chosen[search.chosen] = 1.0
    saved = savings.saved(search.chosen)
    rows, high = _rows(savings, steps)
    program = Program(
        cost=np.concatenate([np.zeros(savings.sites), -free / scale]),
        rows=rows,
        low=np.full(high.size, -np.inf),
        high=high,
        whole=np.arange(savings.sites + free.size) < savings.sites,
        start=np.concatenate([chosen, (steps.value <= saved[steps.village]).astype(float)]),
        gap=_gap(search) / scale,
        ones=np.concatenate([np.zeros(savings.sites, dtype=np.bool_), fixed]),
    )
    return _Stated(program=program, scale=scale, base=float(steps.drop[fixed].sum()), free=int((~fixed).sum()))


@dataclass(frozen=True, kw_only=True)
class _Steps:
    """The different values of each village, falling: what it has above the next, and which pairs give it."""

    village: NDArray[np.intp]
    value: NDArray[np.float64]
    drop: NDArray[np.float64]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    pair_site: NDArray[np.int32]
    pair_step: NDArray[np.intp]


def _steps(savings: Savings) -> _Steps:
    matrix = savings.by_village
    owner = np.repeat(np.arange(savings.villages), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, owner))
    village, value = owner[order], matrix.data[order]
    begins_village = np.concatenate([[True], village[1:] != village[:-1]])
    begins = begins_village | np.concatenate([[True], value[1:] != value[:-1]])
    heads = np.flatnonzero(begins)
    first = begins_village[heads]
    last = np.concatenate([first[1:], [True]])
    return _Steps(
        village=village[heads],
        value=value[heads],
        drop=value[heads] - np.where(last, 0.0, np.concatenate([value[heads][1:], [0.0]])),
        first=first,
        last=last,
        pair_site=matrix.indices[order],
        pair_step=np.cumsum(begins) - 1,
    )


def _scale(search: Search, drop: NDArray[np.float64]) -> float:
    """
    Give the unit in which the solver counts.

    Whole numbers stay what they are up to some size. Elsewhere the largest number is a thousand, or more where a
    millionth of the objective would be less than the solver can tell, up to ten million.
    """
    largest = max(float(drop.max(initial=0.0)), 1e-300)
    if search.savings.grain and largest <= _WHOLE_UP_TO:
        return 1.0
    return max(min(largest / 1e3, search.objective(search.worth) / 4), largest / 1e7)


def _rows(savings: Savings, steps: _Steps) -> tuple[csr_array, NDArray[np.float64]]:
    """Give the rows of the steps, of the number of sites and of the budget, and their upper sides."""
    count, sites = steps.value.size, savings.sites
    later = np.flatnonzero(~steps.first)
    every = np.arange(sites)
    rows: list[NDArray[np.intp]] = [np.arange(count), later, steps.pair_step, np.full(sites, count)]
    columns: list[NDArray[np.integer]] = [sites + np.arange(count), sites + later - 1, steps.pair_site, every]
    entries = [np.ones(count), -np.ones(later.size + steps.pair_step.size), np.ones(sites)]
    high = [np.zeros(count), np.array([float(savings.number)])]
    if np.isfinite(savings.budget):
        dearest = max(float(savings.cost.max(initial=0.0)), 1e-300)
        rows.append(np.full(sites, count + 1))
        columns.append(every)
        entries.append(savings.cost / dearest)
        high.append(np.array([savings.budget / dearest]))
    upper = np.concatenate(high)
    places: tuple[NDArray[np.intp], NDArray[np.integer]] = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(entries), places), shape=(upper.size, sites + count)), upper


def _gap(search: Search) -> float:
    """Give by how much another choice must be better to matter: less than the gap that is asked for, for rounding."""
    least = min(search.objective(search.worth), search.objective(search.bound))
    return max(_NEARER * search.watch.until.gap * least, _JUST_BELOW * search.savings.grain)
