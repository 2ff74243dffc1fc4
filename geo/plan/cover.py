"""The whole search for the cheapest sites that meet needs: greedy, bound, and HiGHS on what the bound leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from geo.plan.answer import PROVED, Status
from geo.plan.choose import EXACT_UP_TO, PAIRS_PER_SECOND
from geo.plan.cover_search import CoverSearch
from geo.plan.milp import TOLERANCE, Program, solve, solver_name
from geo.plan.needs import Needs, complete, smaller
from geo.plan.needs_bound import Fees, raise_bound
from geo.plan.search import ROUNDING

if TYPE_CHECKING:
    from geo.plan.until import Watch

_JUST_BELOW = 0.5


@dataclass(frozen=True, kw_only=True)
class CoverFound:
    """Chosen sites in ascending order, their cost, the bound, why the search ended, and what proved it."""

    chosen: list[int]
    cost: float
    bound: float
    status: Status
    solver: str


def cheapest(needs: Needs, watch: Watch, enough: float | None = None) -> CoverFound:
    """
    Find the cheapest sites that meet all needs; all sites together must meet them.

    Parameters
    ----------
    needs : Needs
        What must be served.
    watch : Watch
        When to stop. Ctrl-C stops too, once there is a choice.
    enough : float, optional
        Stop as soon as a choice is found that costs at most so much, or none can.
    """
    small, sites = smaller(needs)
    search = CoverSearch(small, watch, enough)
    ended = ""
    try:
        search.offer(complete(small, []))
        fees = raise_bound(search)
        if not search.is_over:
            ended = _prove(search, fees)
    except KeyboardInterrupt:
        if np.isinf(search.cost):
            raise
        ended = "interrupted"
    return CoverFound(
        chosen=sorted(int(sites[one]) for one in search.chosen),
        cost=search.cost,
        bound=search.bound,
        status=_status(search, ended),
        solver=search.solver,
    )


def _status(search: CoverSearch, ended: str) -> Status:
    if search.gap <= PROVED:
        return "optimal"
    if search.gap <= search.watch.until.gap:
        return "gap"
    if ended == "interrupted":
        return "interrupted"
    return "large" if ended == "large" else "time"


def _prove(search: CoverSearch, fees: Fees) -> str:
    """Let HiGHS search among the sites that a choice as cheap as the best one may have."""
    possible = fees.bound + np.maximum(fees.left, 0.0) <= search.cost * (1 + ROUNDING)
    possible[search.chosen] = True
    left = np.flatnonzero(possible)
    small, kept = smaller(search.needs.with_sites(left))
    if small.by_village.nnz > EXACT_UP_TO:
        return "large"
    if small.by_village.nnz > PAIRS_PER_SECOND * search.watch.seconds_left():
        return "time"
    names = left[kept]
    known = np.flatnonzero(np.isin(names, search.chosen)).tolist()
    wanted = search.watch.until.gap * search.cost
    gap = max(wanted, _JUST_BELOW if search.needs.is_whole else 0.0)
    program = _program(small, complete(small, known), gap)
    solved = solve(program, search.watch.seconds_left())
    search.solver = solver_name()
    if solved.x is not None:
        search.offer(names[complete(small, np.flatnonzero(solved.x[: small.sites] > 0.5).tolist())].tolist())  # noqa: PLR2004
    if np.isfinite(solved.bound):
        search.lift(solved.bound - TOLERANCE * program.cost.size)
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
