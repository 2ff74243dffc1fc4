"""The whole search for the sites that save most: begin well, make it better, bound it, prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from geo.plan.answer import OWN_PROOF, Status, Step
from geo.plan.ended import status_of
from geo.plan.exact import possible, prove
from geo.plan.greedy import begin, greedy
from geo.plan.interchange import interchange
from geo.plan.lagrangian import Prices, subgradient
from geo.plan.milp import solver_name
from geo.plan.reduce import reduced
from geo.plan.search import Search

if TYPE_CHECKING:
    from geo.plan.milp import Ended
    from geo.plan.savings import Savings
    from geo.plan.until import Watch

# An exact search is tried up to here: beyond, the solver's own copies no longer fit into a small machine.
EXACT_UP_TO = 8_000_000
# The solver looks at the clock only after it has looked at the whole model, which took 25 s for 500,000 pairs.
PAIRS_PER_SECOND = 20_000
# The curve goes on beyond the number asked for, to show whether one more would be worth it.
_CURVE_BEYOND = 2
_LONGEST_CURVE = 200


@dataclass(frozen=True, kw_only=True)
class Found:
    """
    Chosen sites in ascending order, what they save, and what no choice can exceed.

    `status` says why the search ended, `solver` what proved it, `curve` what fewer and more sites would save.
    """

    chosen: list[int]
    worth: float
    bound: float
    status: Status
    solver: str
    curve: tuple[Step, ...]


def choose(savings: Savings, watch: Watch, start: float | None = None, settled: float = 0.0) -> Found:
    """
    Choose the sites that save most.

    Greedy, then interchange, then a Lagrangian bound that makes the choice better on the way, then HiGHS on the sites
    that the bound leaves. Each part ends by itself or by the gap, so that the clock decides nothing unless it stops the
    search.

    Parameters
    ----------
    savings : Savings
        What is to be saved, and the limits on number and cost.
    watch : Watch
        When to stop. Ctrl-C stops too, with the best so far, and is raised where nothing is chosen yet.
    start, settled : float, optional
        As of :class:`~geo.plan.search.Search`: gaps are a share of what is left, or of all that is saved.
    """
    small, sites = reduced(savings)
    search = Search(small, watch, start, settled)
    run = _Run(search)
    try:
        run.through()
    except KeyboardInterrupt:
        if not search.chosen:
            raise
        run.ended = "interrupted"
    return Found(
        chosen=sorted(int(sites[one]) for one in search.chosen),
        worth=search.worth,
        bound=search.bound,
        status=status_of(search.gap, search.watch, run.ended),
        solver=run.solver,
        curve=_curve(search, run.prices),
    )


@dataclass
class _Run:
    """The parts of a search one after another, and how far it came."""

    search: Search
    prices: Prices | None = None
    ended: Ended | Literal["", "large"] = ""
    solver: str = OWN_PROOF

    def through(self) -> None:
        """Go from part to part until the gap is reached or the time is up."""
        search = self.search
        if search.savings.number < 1 or not search.savings.by_site.nnz:
            search.lower(0.0)
            return
        search.offer(begin(search.savings))
        search.offer(interchange(search.savings, search.chosen, search.watch))
        self.prices = subgradient(search)
        if not search.is_over:
            self.ended = self._exactly(self.prices)

    def _exactly(self, prices: Prices) -> Ended | Literal["large"]:
        search = self.search
        few, left, surely = possible(search, prices)
        small, kept = reduced(few) if search.savings.flat else (few, np.arange(few.sites))
        if small.by_village.nnz > min(EXACT_UP_TO, PAIRS_PER_SECOND * search.watch.seconds_left()):
            return "large"
        names = left[kept]
        inner = Search(small, search.watch, search.start, search.settled)
        # A site of the best choice may have given way to one that serves the same villages and more.
        known = np.flatnonzero(np.isin(names, search.chosen)).tolist()
        inner.offer(known)
        inner.offer(interchange(small, known, search.watch))
        self.solver = solver_name()
        ended = prove(inner, None if search.savings.flat else surely)
        search.offer(names[inner.chosen].tolist())
        search.lower(max(inner.bound, search.worth))
        return ended


def _curve(search: Search, prices: Prices | None) -> tuple[Step, ...]:
    """Give for each number of sites a good choice's worth and a bound; empty where a budget decides."""
    savings = search.savings
    if not np.isinf(savings.budget) or prices is None:
        return ()
    longest = min(_CURVE_BEYOND * savings.number, _LONGEST_CURVE + savings.number)
    order = greedy(savings, longest)
    best = np.zeros(savings.villages)
    scores = np.cumsum(np.sort(prices.score)[::-1])
    most = float(savings.most.sum())
    steps: list[Step] = []
    for number, site in enumerate(order, start=1):
        part = slice(savings.by_site.indptr[site], savings.by_site.indptr[site + 1])
        village = savings.by_site.indices[part]
        best[village] = np.maximum(best[village], savings.by_site.data[part])
        worth, bound = float(best.sum()), min(most, float(prices.price.sum() + scores[number - 1]))
        if number == savings.number:
            worth, bound = max(worth, search.worth), search.bound
        # More sites are worth no less than fewer.
        worth = max(worth, steps[-1].objective) if steps else worth
        steps.append(Step(number=number, objective=worth, bound=max(worth, bound)))
    return tuple(steps)
