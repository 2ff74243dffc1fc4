"""The search for sites that hold so many people: greedy, the best flow to its sites, a bound, and HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from geo.plan.affordable import picked, solve_allowed
from geo.plan.answer import PROVED, SAME, Status, gap_between
from geo.plan.choose import EXACT_UP_TO, PAIRS_PER_SECOND
from geo.plan.ended import status_of
from geo.plan.filling import begin, first_bound
from geo.plan.flows import Flows, assigned, people_of, siting
from geo.plan.milp import solver_name
from geo.plan.search import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.milp import Ended
    from geo.plan.until import Watch

# A pair has a number and a row of its own here, several times what it takes elsewhere.
_TIMES = 4
_NEARER = 0.999
_JUST_BELOW = 0.5
_WHOLE_UP_TO = 1e6
_SLACK = PROVED / 4


@dataclass
class RoomSearch:
    """
    The best sites and flow so far, and what none can be below, in prices less gains.

    `share` is what share of its village goes by each pair. Objectives are `flows.base` and these values together.
    """

    flows: Flows
    watch: Watch
    chosen: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    share: NDArray[np.float64] | None = None
    value: float = np.inf
    bound: float = -np.inf

    def offer(self, chosen: NDArray[np.intp], share: NDArray[np.float64] | None) -> None:
        """Take sites with a flow to them, if they are better."""
        if share is None or not self.flows.allows(chosen):
            return
        taking = np.unique(self.flows.pairs.site[share > 0])
        chosen = np.union1d(np.flatnonzero(self.flows.required), taking[np.isin(taking, chosen)]).astype(np.intp)
        value = self.flows.value(chosen, people_of(self.flows, share))
        if value < self.value:
            self.chosen, self.share, self.value = chosen, share, value

    def lift(self, bound: float) -> None:
        """Take a bound if it is higher; where all values are whole numbers, so are all sums."""
        safe = bound - ROUNDING * abs(bound)
        if self.is_grained:
            safe = float(np.ceil(safe - PROVED))
        if safe >= self.value - self.same:
            safe = self.value
        self.bound = min(max(self.bound, safe), self.value)

    @property
    def largest(self) -> float:
        """What the largest village gains, or the dearest site costs."""
        weight, price = self.flows.weight, self.flows.price
        return max(float(weight.max(initial=0.0)), float(price.max(initial=0.0)), 1e-300)

    @property
    def same(self) -> float:
        """What sums can be wrong by, the solver's too."""
        return max(ROUNDING * float(self.flows.weight.sum()), 2 * SAME * self.largest)

    @property
    def is_grained(self) -> bool:
        """Whether the best value is a whole number: prices, and gains of whole people."""
        flows = self.flows
        paid, gained = bool(flows.price.any()), bool(flows.gain.any())
        whole_gain = not gained or (flows.is_whole and bool((flows.gain == np.rint(flows.gain)).all()))
        return whole_gain and (not paid or bool((flows.price == np.rint(flows.price)).all()))

    @property
    def gap(self) -> float:
        """By what share of the objective a better choice could differ."""
        if np.isinf(self.value) or np.isinf(self.bound):
            return np.inf
        return gap_between(self.flows.base + self.value, self.flows.base + self.bound)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Chosen sites, how many people go by each pair, the objective, its bound, and why the search ended."""

    chosen: NDArray[np.intp]
    flow: NDArray[np.float64]
    objective: float
    bound: float
    status: Status
    solver: str


def place(flows: Flows, watch: Watch) -> Placed | None:
    """
    Choose the best sites; all sites together must hold who must go.

    Parameters
    ----------
    flows : Flows
        What may flow where.
    watch : Watch
        When to stop. Ctrl-C stops too, with the best so far.

    Returns
    -------
    Placed or None
        None where no choice was found: there is none, or the time was too short.
    """
    search = RoomSearch(flows, watch)
    ended: Ended | Literal["", "large"] = ""
    try:
        begun = begin(flows)
        search.lift(first_bound(flows))
        search.offer(begun, assigned(flows, begun))
        if search.share is None:
            every = np.arange(flows.pairs.sites)
            search.offer(every, assigned(flows, every))
        if search.gap > watch.until.gap and not watch.is_over():
            ended = _prove(search)
    except KeyboardInterrupt:
        if search.share is None:
            raise
        ended = "interrupted"
    if search.share is None:
        return None
    return Placed(
        chosen=search.chosen,
        flow=people_of(flows, search.share),
        objective=flows.base + search.value,
        bound=flows.base + search.bound,
        status=status_of(search.gap, search.watch, ended),
        solver=solver_name(),
    )


def _prove(search: RoomSearch) -> Ended | Literal["large"]:
    """Let HiGHS search, begun from the best so far."""
    flows, seconds = search.flows, search.watch.seconds_left()
    if flows.pairs.village.size * _TIMES > min(EXACT_UP_TO, PAIRS_PER_SECOND * seconds):
        return "large"
    sites = flows.pairs.sites
    start = None
    if search.share is not None:
        start = np.concatenate([np.isin(np.arange(sites), search.chosen).astype(float), search.share])
    ends = [abs(flows.base + one) for one in (search.value, search.bound) if np.isfinite(one)]
    gap = max(_NEARER * search.watch.until.gap * min(ends, default=0.0), _JUST_BELOW * search.is_grained)
    unit = _unit(search)
    solved = solve_allowed(siting(flows, start, gap, unit), sites, flows.allows, search.watch)
    if solved.x is not None:
        chosen = picked(solved.x, sites)
        share = assigned(flows, chosen)
        search.offer(chosen, np.clip(solved.x[sites:], 0.0, 1.0) if share is None else share)
    if np.isfinite(solved.bound):
        slack = 0.0 if np.isinf(search.value) else _SLACK * abs(flows.base + search.value)
        search.lift(solved.bound * unit - slack)
    return solved.ended


def _unit(search: RoomSearch) -> float:
    """Give what the solver counts in: one for whole numbers of some size, or what makes the largest a thousand."""
    return 1.0 if search.is_grained and search.largest <= _WHOLE_UP_TO else search.largest / 1000.0
