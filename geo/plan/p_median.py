"""Where to put the next points so that people travel least (p-median)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.messages import counted
from geo.plan.answer import Answer, Step
from geo.plan.capacity import median_with_room
from geo.plan.ordered import in_order
from geo.plan.question import Question
from geo.plan.savings import summed
from geo.plan.until import Until, Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.pairs import Pairs
    from geo.plan.problem import Problem

# Beyond this the rounding of sums would be more than a millionth of the longest distance of a few people.
_BEYOND_UP_TO = 1000


def p_median(
    problem: Problem, *, number: int | None = None, beyond_m: float | None = None, until: Until | None = None
) -> Answer:
    """
    Choose sites so that the distances of all people to their nearest point are least together.

    Where sites have a capacity, people go where there is room with the least travel in all, those of one village to
    several sites if need be; who has a point that stays, or `beyond_m`, may be left to that. `assigned` of the answer
    says who goes where, and `people` are those who go to each site.

    Parameters
    ----------
    problem : Problem
        Villages, sites and distances. Only pairs that are shorter than a village's way to a point that stays
        (`served_m`) can matter; a village without such a point must have a distance to every site.
    number : int, optional
        At most so many sites; fewer are chosen where no other brings anybody nearer. Without it the budget decides.
    beyond_m : float, optional
        Counts as the distance of a village from what its pairs do not list, in place of that rule; up to a thousand
        times the longest distance.
    until : Until, optional
        When to stop; by default when the best choice is proved.

    Returns
    -------
    Answer
        Objective and bound are people-metres of travel; divided by all people, the mean distance. `people` are those
        for whom a chosen site is the nearest point.

    Raises
    ------
    FigureError
        Where nobody lives in the villages, the number is larger than the candidates, neither number nor budget is
        given, the budget pays for no site where one is needed, not all find room who have no other point, `beyond_m`
        is out of all proportion, or distances are missing.

    References
    ----------
    S. L. Hakimi, Optimum locations of switching centers and the absolute centers and medians of a graph (1964).

    Examples
    --------
    >>> from geo.plan.pairs import pairs_of
    >>> from geo.plan.problem import Problem
    >>> pairs = pairs_of([[0.0, 900.0], [900.0, 0.0], [5000.0, 800.0]])
    >>> answer = p_median(Problem(pairs=pairs, people=np.array([10.0, 20.0, 5.0])), number=1)
    >>> answer.chosen.tolist(), answer.objective, answer.bound, answer.status
    ([1], 13000.0, 13000.0, 'optimal')
    """
    watch = Watch(until or Until())
    ordered = in_order(problem)
    asked = ordered.problem
    asked.refuse_nobody()
    pairs = asked.pairs.kept(~asked.is_forbidden[asked.pairs.site])
    if asked.capacity is not None:
        if number is not None:
            asked.refuse_number(number)
        if beyond_m is not None:
            _refuse_beyond(beyond_m, float(pairs.metres.max(initial=0.0)))
        return median_with_room(ordered, pairs, beyond_m, number, watch)
    farthest = _farthest(asked, pairs.village, pairs.metres, beyond_m)
    value = asked.people[pairs.village] * (farthest[pairs.village] - pairs.metres)
    start = float(asked.people @ farthest)
    question = Question(asked, pairs, value, number)
    if beyond_m is None and not np.isfinite(asked.served).all():
        _refuse_none(asked)
    found = question.search(watch, start)
    order, served = found.order, np.isfinite(asked.served).all()
    if not order.size and not served and beyond_m is None:
        # Wherever it stands, everybody goes equally far.
        order = _cheapest(asked)
    objective = float(asked.people @ _ways(pairs, farthest, order))
    people = summed(found.owner[found.owner >= 0], asked.people[found.owner >= 0], asked.pairs.sites)
    return Answer(
        model="p_median",
        chosen=ordered.sites[order],
        people=people[order],
        objective=objective,
        bound=max(objective - (found.bound - found.worth), 0.0),
        before=float(asked.people @ asked.served) if served else np.nan,
        status=found.status,
        solver=found.solver,
        curve=tuple(
            Step(number=step.number, objective=max(start - step.objective, 0.0), bound=max(start - step.bound, 0.0))
            for step in found.curve
        ),
    )


def _refuse_none(asked: Problem) -> None:
    if not _cheapest(asked).size:
        msg = (
            f"The budget of {asked.budget:g} pays for no candidate, and some villages have no point. "
            "Give a larger budget, or say what counts beyond them: beyond_m."
        )
        raise FigureError(msg)


def _cheapest(asked: Problem) -> NDArray[np.intp]:
    """Give the cheapest site that may be chosen, the first of equals; none where the budget pays for none."""
    price = np.where(asked.is_forbidden, np.inf, asked.costs)
    site = int(np.argmin(price))
    return np.array([site] if price[site] <= asked.most_cost else [], dtype=np.intp)


def _ways(pairs: Pairs, farthest: NDArray[np.float64], chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give how far each village goes with the chosen sites."""
    ways = farthest.copy()
    mine = np.isin(pairs.site, chosen)
    np.minimum.at(ways, pairs.village[mine], pairs.metres[mine])
    return ways


def _refuse_beyond(beyond_m: float, longest_m: float) -> None:
    if not 0 <= beyond_m < np.inf:
        msg = f"beyond_m is {beyond_m}: give metres, zero or more."
        raise FigureError(msg)
    if beyond_m > _BEYOND_UP_TO * max(longest_m, 1.0):
        msg = (
            f"beyond_m is {beyond_m:g}, more than {_BEYOND_UP_TO} times the longest distance, {longest_m:g}: sums of "
            "such numbers hide what the others differ by. Give a shorter one; to leave nobody beyond, ask set_cover."
        )
        raise FigureError(msg)


def _farthest(
    asked: Problem, village: NDArray[np.int32], metres: NDArray[np.float64], beyond_m: float | None
) -> NDArray[np.float64]:
    """Give how far each village goes at most, whatever is chosen."""
    if beyond_m is not None:
        _refuse_beyond(beyond_m, float(metres.max(initial=0.0)))
        return np.minimum(asked.served, beyond_m)
    unserved = ~np.isfinite(asked.served)
    listed = np.bincount(village, minlength=asked.pairs.villages)
    every = int((~asked.is_forbidden).sum())
    if missing := np.flatnonzero(unserved & (listed < every)).tolist():
        name = missing[0] if asked.village_ids is None else asked.village_ids[missing[0]]
        msg = (
            f"{counted(len(missing), 'village has|villages have')} no point that stays and no distance to some of the "
            f"{every} candidates "
            f"(the first is {name}). Give every distance, or say what counts beyond them: beyond_m."
        )
        raise FigureError(msg)
    farthest = np.zeros(asked.pairs.villages)
    np.maximum.at(farthest, village, metres)
    return np.where(unserved, farthest, asked.served)
