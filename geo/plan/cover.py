"""The whole search for the cheapest sites that meet needs: greedy, bound, and HiGHS on what the bound leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from geo.plan.answer import PROVED, Status
from geo.plan.choose import EXACT_UP_TO, PAIRS_PER_SECOND
from geo.plan.cover_search import CoverSearch
from geo.plan.ended import status_of
from geo.plan.milp import TOLERANCE, Program, solve, solver_name
from geo.plan.needs import Needs, complete, smaller
from geo.plan.needs_bound import Fees, raise_bound
from geo.plan.problem import ROUNDED_OFF
from geo.plan.search import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.milp import Ended
    from geo.plan.until import Watch

_JUST_BELOW = 0.5
# Of the gap that is asked for, what the solver is asked for: the rest is for its tolerance.
_NEARER = 0.999
_SLACK = PROVED / 4


@dataclass(frozen=True, kw_only=True)
class CoverFound:
    """Chosen sites in ascending order, their cost, the bound, why the search ended, and what proved it."""

    chosen: list[int]
    cost: float
    bound: float
    status: Status
    solver: str


def cheapest(needs: Needs, watch: Watch, *, settled: float = 0.0, enough: float | None = None) -> CoverFound:
    """
    Find the cheapest sites that meet all needs; all sites together must meet them.

    Parameters
    ----------
    needs : Needs
        What must be served.
    watch : Watch
        When to stop. Ctrl-C stops too, once there is a choice.
    settled : float
        What is spent anyhow: gaps are a share of all costs together.
    enough : float, optional
        Stop as soon as a choice is found that costs at most so much, or none can.
    """
    unit = _unit(needs.cost)
    small, sites = smaller(replace(needs, cost=_counted(needs.cost, unit)))
    search = CoverSearch(small, watch, settled / unit, None if enough is None else enough / unit)
    ended: Ended | Literal["", "large"] = ""
    try:
        search.offer(complete(small, []))
        fees = raise_bound(search)
        if not search.is_over:
            ended = _prove(search, fees)
    except KeyboardInterrupt:
        if np.isinf(search.cost):
            raise
        ended = "interrupted"
    chosen = sorted(int(sites[one]) for one in search.chosen)
    cost = needs.cost_of(chosen)
    return CoverFound(
        chosen=chosen,
        cost=cost,
        bound=cost if search.bound == search.cost else min(search.bound * unit, cost),
        status=status_of(search.gap, search.watch, ended),
        solver=search.solver,
    )


def _unit(cost: NDArray[np.float64]) -> float:
    """Give the unit in which all costs are whole numbers, where it is one or the least cost; or the largest is 1000."""
    if not cost.size or (cost == np.rint(cost)).all():
        return 1.0
    least = float(cost.min())
    return least if _is_whole(cost / least) else float(cost.max()) / 1000.0


def _is_whole(cost: NDArray[np.float64]) -> bool:
    return bool((np.abs(cost - np.rint(cost)) <= ROUNDED_OFF).all())


def _counted(cost: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
    """Give costs in a unit; those that are whole numbers but for rounding are whole."""
    counted = cost / unit
    return np.rint(counted) if _is_whole(counted) else counted


def _prove(search: CoverSearch, fees: Fees) -> Ended | Literal["large"]:
    """Let HiGHS search among the sites that a choice as cheap as the best one may have."""
    possible = fees.bound + np.maximum(fees.left, 0.0) <= search.cost * (1 + ROUNDING)
    possible[search.chosen] = True
    left = np.flatnonzero(possible)
    small, kept = smaller(search.needs.with_sites(left))
    if small.by_village.nnz > min(EXACT_UP_TO, PAIRS_PER_SECOND * search.watch.seconds_left()):
        return "large"
    names = left[kept]
    known = np.flatnonzero(np.isin(names, search.chosen)).tolist()
    wanted = _NEARER * search.watch.until.gap * (search.settled + search.bound)
    gap = max(wanted, _JUST_BELOW if search.needs.is_whole else 0.0)
    program = _program(small, complete(small, known), gap)
    solved = solve(program, search.watch.seconds_left())
    search.solver = solver_name()
    if solved.x is not None:
        search.offer(names[complete(small, np.flatnonzero(solved.x[: small.sites] > 0.5).tolist())].tolist())  # noqa: PLR2004
    if np.isfinite(solved.bound):
        search.lift(solved.bound - min(TOLERANCE * program.cost.size, _SLACK * (search.settled + search.cost)))
    return solved.ended


def _program(needs: Needs, start: list[int], gap: float) -> Program:
    chosen = np.zeros(needs.sites)
    chosen[start] = 1.0
    if needs.every:
        return Program(
            cost=needs.cost,
            rows=needs.by_village,
            low=np.ones(needs.villages),
            high=np.full(needs.villages, np.inf),
            whole=np.ones(needs.sites, dtype=np.bool_),
            start=chosen,
            gap=gap,
        )
    served = csr_array(hstack([needs.by_village, -_diagonal(needs.villages)]))
    shares = csr_array(
        (needs.weight, (needs.group, needs.sites + np.arange(needs.villages))),
        shape=(needs.need.size, needs.sites + needs.villages),
    )
    rows = csr_array(vstack([served, shares]))
    return Program(
        cost=np.concatenate([needs.cost, np.zeros(needs.villages)]),
        rows=rows,
        low=np.concatenate([np.zeros(needs.villages), needs.need]),
        high=np.full(rows.shape[0], np.inf),
        whole=np.arange(needs.sites + needs.villages) < needs.sites,
        start=np.concatenate([chosen, (needs.times_served(start) > 0).astype(float)]),
        gap=gap,
    )


def _diagonal(size: int) -> csr_array:
    return csr_array((np.ones(size), (np.arange(size), np.arange(size))), shape=(size, size))
