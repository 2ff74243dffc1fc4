"""How many points, and where, so that everybody or a share of each area is within a distance (set covering, LSCP)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.messages import counted
from geo.plan.answer import Answer
from geo.plan.capacity import set_with_room
from geo.plan.cover import CoverFound, cheapest
from geo.plan.demand import Demand, demanded
from geo.plan.greedy import by_what_they_add
from geo.plan.ordered import Ordered, in_order
from geo.plan.savings import make_savings
from geo.plan.until import Until, Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.problem import Problem


def set_cover(
    problem: Problem,
    *,
    within_m: float,
    share: float = 1.0,
    groups: NDArray[np.intp] | None = None,
    until: Until | None = None,
) -> Answer:
    """
    Choose the cheapest sites so that every village, or a share of the people, is within a distance of a point.

    Where sites have a capacity they must hold those people too: all who are not near a point that stays, or so many
    that the share is reached. Those of one village may go to several sites. `assigned` of the answer says who goes
    where.

    Parameters
    ----------
    problem : Problem
        Villages, sites and distances; pairs longer than the limit are not looked at. A budget has no meaning here.
    within_m : float
        The limit in metres, inclusive, to a micrometre.
    share : float
        1 asks for every village, also one where nobody is known to live; less, for that share of the people.
    groups : NDArray[intp], optional
        Of each village, the number of its area, from 0: the share is asked for in each area. -1 is in none, and need
        not be served unless every village must.
    until : Until, optional
        When to stop; by default when the best choice is proved.

    Returns
    -------
    Answer
        Objective and bound are the cost of the chosen sites: their number, where no cost is given. `people` are those
        who come within the limit. Where the candidates cannot serve all that must be served the status is
        ``infeasible``: `unserved` are the villages out of reach of every candidate, and the sites serve as much as can
        be served.

    Raises
    ------
    FigureError
        Where there are no villages, the share is none, a budget is given, a share is asked for and nobody lives
        there, or all candidates together do not hold who must be served.

    References
    ----------
    C. Toregas, R. Swain, C. ReVelle and L. Bergman, The location of emergency service facilities (1971).

    Examples
    --------
    >>> from geo.plan.pairs import pairs_of
    >>> from geo.plan.problem import Problem
    >>> pairs = pairs_of([[0.0, 900.0], [900.0, 0.0], [5000.0, 800.0]])
    >>> answer = set_cover(Problem(pairs=pairs, people=np.array([10.0, 20.0, 5.0])), within_m=1000)
    >>> answer.chosen.tolist(), answer.objective, answer.bound, answer.status
    ([1], 1.0, 1.0, 'optimal')
    """
    watch = Watch(until or Until())
    _refuse(problem, share)
    ordered = in_order(problem)
    groups = None if groups is None else np.asarray(groups)[ordered.villages]
    _refuse_empty(ordered.problem, share, groups)
    if ordered.problem.capacity is not None:
        # Required sites are some of those that people go to: they serve no more than they hold.
        demand = demanded(replace(ordered.problem, required=None), within_m, share, groups)
        return set_with_room(ordered, demand, watch)
    demand = demanded(ordered.problem, within_m, share, groups)
    settled = float(ordered.problem.costs[demand.required].sum())
    return _answer(ordered, demand, cheapest(demand.needs, watch, settled=settled))


def _refuse(problem: Problem, share: float) -> None:
    if not 0 < share <= 1:
        msg = f"share is {share}: give a share above zero and up to one."
        raise FigureError(msg)
    if problem.budget is not None:
        msg = "Set covering looks for the least cost: a budget has no meaning for it. Leave the budget out."
        raise FigureError(msg)
    if not problem.pairs.villages:
        msg = "There are no villages to serve."
        raise FigureError(msg)
    if share < 1:
        problem.refuse_nobody()


def _refuse_empty(asked: Problem, share: float, groups: NDArray[np.intp] | None) -> None:
    if share < 1 and groups is not None and not asked.people[groups >= 0].any():
        inside = int((groups >= 0).sum())
        msg = f"Nobody lives in the areas: of {counted(groups.size, 'village|villages')} {inside:,} stand in one."
        raise FigureError(msg)


def _answer(ordered: Ordered, demand: Demand, found: CoverFound) -> Answer:
    asked, near = ordered.problem, demand.near
    chosen = [*demand.required.tolist(), *found.chosen]
    limits = (asked.costs, asked.pairs.sites, np.inf)
    gains = make_savings(
        (asked.pairs.villages, asked.pairs.sites), near.village, near.site, demand.gain[near.village], limits
    )
    order, people = by_what_they_add(gains, chosen)
    spent = float(asked.costs[demand.required].sum())
    return Answer(
        model="set_cover",
        chosen=ordered.sites[order],
        people=np.asarray(people),
        objective=spent + found.cost,
        bound=spent + found.bound,
        before=demand.before,
        status="infeasible" if demand.unserved.size else found.status,
        solver=found.solver,
        unserved=ordered.villages[demand.unserved],
    )
