"""The search for sites that hold so many people: greedy, the best flow to its sites, a bound, and HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from geo.plan.affordable import picked, solve_allowed
from geo.plan.answer import PROVED, SAME, TOLERATED, Status, gap_between
from geo.plan.choose import EXACT_UP_TO, PAIRS_PER_SECOND
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
        search.lift(_first_bound(flows))
        search.offer(begun, assigned(flows, begun))
        if search.share is None:
            every = np.arange(flows.pairs.sites)
            search.offer(every, assigned(flows, every))
        if search.gap > watch.until.gap and not watch.is_over():
            ended = _prove(search)
    except KeyboardInterrupt:
        ended = "interrupted"
    if search.share is None:
        return None
    return Placed(
        chosen=search.chosen,
        flow=people_of(flows, search.share),
        objective=flows.base + search.value,
        bound=flows.base + search.bound,
        status=_status(search, ended),
        solver=solver_name(),
    )


def _status(search: RoomSearch, ended: Ended | Literal["", "large"]) -> Status:
    wanted = search.watch.until.gap
    if search.gap <= PROVED:
        return "optimal"
    if search.gap <= wanted:
        return "gap"
    if ended == "interrupted" or (ended == "large" and not search.watch.is_over()):
        return ended
    if ended != "optimal":
        return "time"
    # As of other searches: the solver's tolerance, or numbers of too different a size for it.
    if search.gap > wanted + TOLERATED:
        return "large"
    return "gap" if wanted else "optimal"


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


def begin(flows: Flows) -> NDArray[np.intp]:
    """
    Choose the site that gains most with the people who are left, or takes most of those who must go, again and again.

    Each takes whom it gains most by until it is full. Prices and costs count where there are some.
    """
    pairs, must = flows.pairs, flows.every[flows.pairs.village] | (flows.group[flows.pairs.village] >= 0)
    # Who must go comes before all gains.
    rank = flows.gain + must * (1.0 + float(flows.gain.max(initial=0.0)))
    taking = _Taking(flows, rank)
    chosen = np.flatnonzero(flows.required).tolist()
    for site in chosen:
        taking.take(site)
    divisor = flows.price if flows.price.any() else flows.cost if np.isfinite(flows.budget) else np.ones(pairs.sites)
    spent = float(flows.cost[chosen].sum())
    while len(chosen) < flows.number:
        score = taking.scores() / divisor
        score[chosen] = 0.0
        score[flows.cost > flows.budget - spent] = 0.0
        site = int(np.argmax(score)) if score.size else -1
        if site < 0 or score[site] <= 0 or taking.is_done():
            break
        chosen.append(site)
        spent += float(flows.cost[site])
        taking.take(site)
    return np.sort(np.asarray(chosen, dtype=np.intp))


class _Taking:
    """Who is left, where chosen sites take those whom they rank first until they are full."""

    def __init__(self, flows: Flows, rank: NDArray[np.float64]) -> None:
        order = np.lexsort((-rank, flows.pairs.site))
        self.village, self.site, self.rank = flows.pairs.village[order], flows.pairs.site[order], rank[order]
        self.begins = np.searchsorted(self.site, np.arange(flows.pairs.sites + 1))
        self.flows = flows
        # Where nobody lives somebody may still have to be served: a village counts as a thousandth of a person.
        self.left = np.where(flows.every, np.maximum(flows.people, 1e-3), flows.people)
        self.short = flows.need.copy()

    def _taken(self, part: slice) -> NDArray[np.float64]:
        left, site = self.left[self.village[part]], self.site[part]
        ahead = np.cumsum(left) - left
        first = np.searchsorted(site, site)
        taken: NDArray[np.float64] = np.clip(
            np.maximum(self.flows.room[site], 1e-3) - (ahead - ahead[first]), 0.0, left
        )
        return taken

    def scores(self) -> NDArray[np.float64]:
        """Tell for each site what the people that it would take now are worth."""
        taken = self._taken(slice(None)) * self.rank
        return np.asarray(np.bincount(self.site, weights=taken, minlength=self.flows.room.size), dtype=np.float64)

    def take(self, site: int) -> None:
        """Let a site take its people."""
        part = slice(self.begins[site], self.begins[site + 1])
        taken, village = self._taken(part), self.village[part]
        self.left[village] -= taken
        group = self.flows.group[village]
        np.subtract.at(self.short, group[group >= 0], taken[group >= 0])

    def is_done(self) -> bool:
        """Tell whether all have gone who must, where there are such and nothing else is gained."""
        flows = self.flows
        asked = flows.every.any() or flows.need.size
        done = not (self.left[flows.every] > 0).any() and not (self.short > 0).any()
        return bool(asked and done and not flows.gain.any())


def _first_bound(flows: Flows) -> float:
    """Give what no choice is below: every village gains most, and so many sites gain what each could alone."""
    best = np.zeros(flows.people.size)
    np.maximum.at(best, flows.pairs.village, flows.weight)
    alone = _Taking(flows, flows.gain).scores()
    most = float(np.sort(alone)[::-1][: flows.number].sum())
    return _least_price(flows) - min(float(best.sum()), most)


def _least_price(flows: Flows) -> float:
    """Give what room for all who must go costs at least, where the last site may be taken in part."""
    must = flows.every | (flows.group >= 0)
    wanted = float(flows.people[flows.every].sum() + flows.need.sum())
    room = _Taking(flows, must[flows.pairs.village].astype(float)).scores()
    sites = np.flatnonzero(room > 0)
    sites = sites[np.argsort(flows.price[sites] / room[sites], kind="stable")]
    held = np.concatenate([[0.0], np.cumsum(room[sites])])
    paid = np.concatenate([[0.0], np.cumsum(flows.price[sites])])
    return max(float(np.interp(wanted, held, paid)), float(flows.price[flows.required].sum()))
