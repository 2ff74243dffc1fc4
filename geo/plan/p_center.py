"""Where to put the next points so that the longest way is as short as possible (p-centre)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.plan.answer import OWN_PROOF, PROVED, Answer, Status, gap_between
from geo.plan.cover import cheapest
from geo.plan.demand import demanded
from geo.plan.ordered import in_order
from geo.plan.savings import summed
from geo.plan.until import Until, Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.problem import Problem


def p_center(problem: Problem, *, number: int, until: Until | None = None) -> Answer:
    """
    Choose sites so that the village that is farthest from its nearest point is as near as possible.

    The answer is one of the distances given; for each that is tried, set covering tells whether so many sites suffice.

    Parameters
    ----------
    problem : Problem
        Villages, sites and distances. Costs and budget have no meaning here.
    number : int
        At most so many sites.
    until : Until, optional
        When to stop; by default when the best choice is proved.

    Returns
    -------
    Answer
        Objective and bound are metres; `people` are those for whom a chosen site is nearer than any other point.

    Raises
    ------
    FigureError
        Where there are no villages, the number is larger than the candidates, a budget, costs or capacities are given,
        or some village has neither a point that stays nor a distance to a candidate.

    References
    ----------
    E. Minieka, The m-center problem (1970).

    Examples
    --------
    >>> from geo.plan.pairs import pairs_of
    >>> from geo.plan.problem import Problem
    >>> pairs = pairs_of([[0.0, 900.0], [900.0, 0.0], [5000.0, 800.0]])
    >>> answer = p_center(Problem(pairs=pairs, people=np.array([10.0, 20.0, 5.0])), number=1)
    >>> answer.chosen.tolist(), answer.objective, answer.bound, answer.status
    ([1], 900.0, 900.0, 'optimal')
    """
    watch = Watch(until or Until())
    ordered = in_order(problem)
    asked = ordered.problem
    _refuse(asked, number)
    asked.refuse_capacity("The p-centre")
    limits = _limits(asked)
    tries = _Tries(asked, limits, number, watch)
    tries.begin()
    tries.narrow()
    chosen = _filled(asked, tries.chosen, number)
    ways = _ways(asked, chosen)
    objective = float(ways.max())
    bound = min(float(limits[tries.low]), objective)
    gap = gap_between(objective, bound)
    return Answer(
        model="p_center",
        chosen=ordered.sites[chosen],
        people=_nearer(asked, chosen, ways),
        objective=objective,
        bound=bound,
        before=float(asked.served.max()),
        status="optimal" if gap <= PROVED else "gap" if gap <= watch.until.gap else tries.stopped,
        solver=tries.solver,
    )


class _Tries:
    """
    The limits between which the least one lies that so many sites can keep, narrowed by trying the one halfway.

    Each try is searched to its end, whatever gap is asked for: that is between the limits, not between numbers of
    sites.
    """

    def __init__(self, asked: Problem, limits: NDArray[np.float64], number: int, watch: Watch) -> None:
        self.asked, self.limits, self.number = asked, limits, number
        self.gap = watch.until.gap
        self.watch = replace(watch, until=replace(watch.until, gap=0.0))
        self.low, self.high = 0, limits.size - 1
        self.stopped: Status = "time"
        self.solver = OWN_PROOF
        self.chosen: list[int] = []

    def begin(self) -> None:
        """Find a choice that serves every village at all, or refuse the question."""
        if self._keeps(self.high):
            return
        if self.stopped == "interrupted":
            raise KeyboardInterrupt
        msg = (
            f"No {self.number} sites were found that serve every village at the distances given. "
            "Ask for more sites, give more pairs, or more time."
        )
        raise FigureError(msg)

    def narrow(self) -> None:
        """Try until one limit is left, the gap is reached, or a try ends without an answer."""
        while self.low < self.high and gap_between(self.limits[self.high], self.limits[self.low]) > self.gap:
            middle = (self.low + self.high) // 2
            kept = self._keeps(middle)
            if kept is None:
                return
            if kept:
                self.high = middle
            else:
                self.low = middle + 1

    def _keeps(self, place: int) -> bool | None:
        """Tell whether so many sites can keep a limit, and remember them; None where the search was stopped."""
        try:
            demand = demanded(self.asked, float(self.limits[place]), 1.0, None)
            if demand.unserved.size:
                return False
            found = cheapest(demand.needs, self.watch, enough=self.number - demand.required.size)
        except KeyboardInterrupt:
            self.stopped = "interrupted"
            return None
        self.solver = found.solver if found.solver != OWN_PROOF else self.solver
        if found.cost <= self.number - demand.required.size:
            self.chosen = [*demand.required.tolist(), *found.chosen]
            return True
        if found.bound > self.number - demand.required.size:
            return False
        self.stopped = found.status
        return None


def _refuse(asked: Problem, number: int) -> None:
    if not asked.pairs.villages:
        msg = "There are no villages to serve."
        raise FigureError(msg)
    if asked.cost is not None or asked.budget is not None:
        msg = "The p-centre counts sites: costs and a budget have no meaning for it. Leave them out."
        raise FigureError(msg)
    asked.refuse_number(number)


def _limits(asked: Problem) -> NDArray[np.float64]:
    """Give the distances that the longest way can have, from what no choice can go below."""
    open_ = asked.pairs.kept(~asked.is_forbidden[asked.pairs.site])
    nearest = asked.served.copy()
    np.minimum.at(nearest, open_.village, open_.metres)
    if not np.isfinite(nearest).all():
        row = int(np.argmax(~np.isfinite(nearest)))
        name = row if asked.village_ids is None else asked.village_ids[row]
        msg = f"Village {name} has neither a point that stays nor a distance to a candidate."
        raise FigureError(msg)
    ways = np.unique(np.concatenate([open_.metres, asked.served[np.isfinite(asked.served)]]))
    possible: NDArray[np.float64] = ways[ways >= nearest.max()]
    return possible


def _ways(asked: Problem, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give each village's distance to its nearest point with the chosen sites."""
    ways = asked.served.copy()
    mine = np.isin(asked.pairs.site, chosen)
    np.minimum.at(ways, asked.pairs.village[mine], asked.pairs.metres[mine])
    return ways


def _filled(asked: Problem, chosen: list[int], number: int) -> NDArray[np.intp]:
    """
    Add the nearest site of the village that is farthest, again and again, up to the number.

    It ends before where the farthest village has its nearest site: then no further site shortens the longest way.
    """
    sites = list(chosen)
    pairs = asked.pairs.kept(~asked.is_forbidden[asked.pairs.site])
    ways = _ways(asked, np.asarray(sites, dtype=np.intp))
    while len(sites) < number:
        farthest = int(np.argmax(ways))
        part = slice(*np.searchsorted(pairs.village, [farthest, farthest + 1]))
        nearest = int(np.argmin(pairs.metres[part])) if pairs.metres[part].size else -1
        if nearest < 0 or pairs.metres[part][nearest] >= ways[farthest]:
            break
        sites.append(int(pairs.site[part][nearest]))
        mine = pairs.site == sites[-1]
        ways[pairs.village[mine]] = np.minimum(ways[pairs.village[mine]], pairs.metres[mine])
    return np.asarray(sites, dtype=np.intp)


def _nearer(asked: Problem, chosen: NDArray[np.intp], ways: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count for each chosen site the people for whom it is the nearest point; of equals the first."""
    pairs = asked.pairs.kept(np.isin(asked.pairs.site, chosen))
    mine = np.flatnonzero((pairs.metres <= ways[pairs.village]) & (pairs.metres < asked.served[pairs.village]))
    villages, first = np.unique(pairs.village[mine], return_index=True)
    return summed(pairs.site[mine][first], asked.people[villages], asked.pairs.sites)[chosen]
