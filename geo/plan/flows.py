"""People who go to sites that hold so many: what may flow where, and the best flow to chosen sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from geo.plan.milp import Program, solve
from geo.plan.savings import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.pairs import Pairs

# A flow that is nearer than this to a whole number of people is that number, where all numbers are whole.
_NEARLY = 1e-3


@dataclass(frozen=True, kw_only=True)
class Flows:
    """
    Choose sites and send people to them so that prices less gains are least.

    Attributes
    ----------
    pairs : Pairs
        Who may go where: pairs of sites that may be chosen.
    people, every
        Of each village, how many there are, and whether all of them must go somewhere.
    group, need
        Of each village its group, of each group how many people must go somewhere.
    room, price, cost, required
        Of each site, how many people it holds, its price in the objective, its cost in the budget, and whether it must
        be chosen.
    gain : NDArray[float64]
        Of each pair, what one person gains by going.
    number, budget
        How many sites, and what they may cost.
    base : float
        What the objective is with neither prices nor gains.
    """

    pairs: Pairs
    people: NDArray[np.float64]
    every: NDArray[np.bool_]
    group: NDArray[np.intp]
    need: NDArray[np.float64]
    room: NDArray[np.float64]
    price: NDArray[np.float64]
    cost: NDArray[np.float64]
    required: NDArray[np.bool_]
    gain: NDArray[np.float64]
    number: int
    budget: float
    base: float = 0.0

    @property
    def weight(self) -> NDArray[np.float64]:
        """What each pair gains where the whole village goes."""
        return self.gain * self.people[self.pairs.village]

    @property
    def is_whole(self) -> bool:
        """Whether people and room are whole numbers, so that some best flow is too."""
        room = self.room[np.isfinite(self.room)]
        return bool((self.people == np.rint(self.people)).all() and (room == np.rint(room)).all())

    def allows(self, chosen: NDArray[np.intp]) -> bool:
        """Tell whether some sites may be chosen together."""
        return chosen.size <= self.number and float(self.cost[chosen].sum()) <= self.budget

    def value(self, chosen: NDArray[np.intp], flow: NDArray[np.float64]) -> float:
        """Give prices less gains of chosen sites and of how many people go by each pair."""
        return float(self.price[chosen].sum() - self.gain @ flow)


def assigned(flows: Flows, chosen: NDArray[np.intp]) -> NDArray[np.float64] | None:
    """
    Send people to chosen sites so that they gain most; give what share of the village goes by each pair.

    Returns
    -------
    NDArray[float64] or None
        One per pair; None where the sites do not hold all who must go.
    """
    mine = np.flatnonzero(np.isin(flows.pairs.site, chosen))
    weight = flows.weight[mine]
    rows, low, high = _village_rows(flows, mine)
    held, room = _room_rows(flows, mine)
    program = Program(
        cost=-weight / max(float(np.abs(weight).max(initial=0.0)), 1e-300),
        rows=csr_array(vstack([rows, held])),
        low=np.concatenate([low, np.full(room.size, -np.inf)]),
        high=np.concatenate([high, room]),
        whole=np.zeros(mine.size, dtype=np.bool_),
    )
    share = np.zeros(flows.pairs.village.size)
    if not mine.size:
        return share if bool((low <= 0).all()) else None
    solved = solve(program, np.inf)
    if solved.x is None or solved.ended == "infeasible":
        return None
    share[mine] = np.clip(solved.x, 0.0, 1.0)
    return share


def people_of(flows: Flows, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how many people go by each pair; whole numbers where they are but for the tolerance of a solver."""
    flow = share * flows.people[flows.pairs.village]
    near = np.rint(flow)
    return near if flows.is_whole and bool((np.abs(flow - near) <= _NEARLY).all()) else flow


def siting(flows: Flows, start: NDArray[np.float64] | None, gap: float, unit: float) -> Program:
    """
    State which sites to choose: one whole number per site, then what share of a village goes by each pair.

    Parameters
    ----------
    flows : Flows
        What may flow where.
    start : NDArray[float64] or None
        A solution that is known.
    gap : float
        By how much another must be better to matter.
    unit : float
        What the solver is to count in.
    """
    pairs = flows.pairs
    every, sites, count = np.arange(pairs.village.size), pairs.sites, pairs.village.size
    village_rows, low, high = _village_rows(flows, every)
    held, _ = _room_rows(flows, every)
    # Nobody goes to a site that is not chosen, and no more than it holds.
    full = csr_array((-(flows.room > 0).astype(float), (np.arange(sites), np.arange(sites))), shape=(sites, sites))
    open_ = csr_array((-np.ones(count), (every, pairs.site)), shape=(count, sites))
    dearest = max(float(flows.cost.max(initial=0.0)), 1e-300)
    limits = [np.ones(sites), flows.cost / dearest][: 1 + bool(np.isfinite(flows.budget))]
    most = [float(flows.number), flows.budget / dearest][: len(limits)]
    blocks = [
        (csr_array((low.size, sites)), village_rows),
        (full, held),
        (open_, csr_array((np.ones(count), (every, every)), shape=(count, count))),
        (csr_array(np.array(limits)), csr_array((len(limits), count))),
    ]
    rows = csr_array(vstack([_beside(left, right) for left, right in blocks]))
    return Program(
        cost=np.concatenate([flows.price, -flows.weight]) / unit,
        rows=rows,
        low=np.concatenate([low, np.full(rows.shape[0] - low.size, -np.inf)]),
        high=np.concatenate([high, np.zeros(sites + count), most]),
        whole=np.arange(sites + count) < sites,
        start=start,
        gap=gap / unit,
        ones=np.concatenate([flows.required, np.zeros(count, dtype=np.bool_)]),
    )


def _beside(left: csr_array, right: csr_array) -> csr_array:
    one, other = left.tocoo(), right.tocoo()
    rows = np.concatenate([one.coords[0], other.coords[0]])
    columns = np.concatenate([one.coords[1], other.coords[1] + left.shape[1]])
    shape = (left.shape[0], left.shape[1] + right.shape[1])
    return csr_array((np.concatenate([one.data, other.data]), (rows, columns)), shape=shape)


def _village_rows(flows: Flows, mine: NDArray[np.intp]) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Nobody goes twice, all go who must, and of each group as many as it needs; with the lower and upper sides."""
    village = flows.pairs.village[mine]
    count = flows.people.size
    once = csr_array((np.ones(mine.size), (village, np.arange(mine.size))), shape=(count, mine.size))
    # A group's people are counted in shares of its need.
    of = flows.group[village]
    counted = np.flatnonzero(of >= 0)
    part = flows.people[village[counted]] / flows.need[of[counted]]
    groups = csr_array((part, (of[counted], counted)), shape=(flows.need.size, mine.size))
    low = np.concatenate([np.where(flows.every, 1.0, 0.0), np.ones(flows.need.size)])
    high = np.concatenate([np.ones(count), np.full(flows.need.size, np.inf)])
    return csr_array(vstack([once, groups])), low, high


def _room_rows(flows: Flows, mine: NDArray[np.intp]) -> tuple[csr_array, NDArray[np.float64]]:
    """No site takes more than it holds, in shares of its room; with the upper sides for sites that are chosen."""
    site, village = flows.pairs.site[mine], flows.pairs.village[mine]
    room = flows.room[site]
    share = np.where(room > 0, flows.people[village] / np.where(room > 0, room, 1.0), flows.people[village])
    rows = csr_array((share, (site, np.arange(mine.size))), shape=(flows.pairs.sites, mine.size))
    return rows, np.where(flows.room > 0, 1.0, 0.0)


def clipped(room: NDArray[np.float64], pairs: Pairs, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give room for no more people than can come."""
    return np.minimum(room, summed(pairs.site, people[pairs.village], pairs.sites))
