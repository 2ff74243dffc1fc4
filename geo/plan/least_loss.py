"""Which points can close with the least loss."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.measure.nearest import TIE_M
from geo.messages import counted
from geo.plan.max_cover import max_cover
from geo.plan.ordered import in_order
from geo.plan.p_median import p_median
from geo.plan.savings import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.answer import Answer
    from geo.plan.problem import Problem
    from geo.plan.until import Until


def least_loss(problem: Problem, *, number: int, within_m: float | None = None, until: Until | None = None) -> Answer:
    """
    Choose points to close so that the fewest people lose their point within a distance, or travel grows least.

    It is the same as choosing which points stay: all but so many of them. Of points that are equally good, those with
    the lowest ids stay.

    Parameters
    ----------
    problem : Problem
        The sites are the points that may close, `served_m` the distance to points that stay anyhow; a site that is
        `required` stays, one that is `forbidden` closes. Costs and budget have no meaning here.
    number : int
        How many close.
    within_m : float, optional
        The limit in metres: the loss is the people who are within it no longer. Without it the loss is travel, for
        which every village needs a distance to every site, or to a point that stays.
    until : Until, optional
        When to stop; by default when the best choice is proved.

    Returns
    -------
    Answer
        `chosen` are those that close, and `people` whom each loses: who are within the limit no longer when it closes
        after those before it; without a limit, whose nearest point it was. Objective and bound are the people within
        the limit (the people-metres of travel) afterwards, `before` those today.

    Raises
    ------
    FigureError
        Where not so many can close, or as the model says.

    Examples
    --------
    >>> from geo.plan.pairs import pairs_of
    >>> from geo.plan.problem import Problem
    >>> pairs = pairs_of([[0.0, 900.0], [900.0, 0.0], [5000.0, 800.0]])
    >>> answer = least_loss(Problem(pairs=pairs, people=np.array([10.0, 20.0, 5.0])), number=1, within_m=1000)
    >>> answer.chosen.tolist(), answer.before, answer.objective, answer.people.tolist()
    ([0], 35.0, 35.0, [0.0])
    """
    _refuse(problem, number)
    ordered = in_order(problem)
    asked = ordered.problem
    left = asked.pairs.sites - number
    if within_m is None:
        stay = p_median(asked, number=left, until=until)
    else:
        stay = max_cover(asked, within_m=within_m, number=left, until=until)
    stays = np.zeros(asked.pairs.sites, dtype=np.bool_)
    stays[stay.chosen] = True
    # Where fewer than may stay are of any use, the first ones stay as well.
    idle = np.flatnonzero(~(stays | asked.is_required | asked.is_forbidden))
    spare = left - int(stays.sum())
    stays[idle[:spare]] = True
    chosen, people = _one_by_one(asked, np.flatnonzero(~stays), within_m)
    already = 0.0 if within_m is None else stay.before
    return replace(
        stay,
        model="least_loss",
        chosen=ordered.sites[chosen],
        people=people,
        objective=already + stay.objective,
        bound=already + stay.bound,
        before=_today(asked, within_m),
        curve=(),
    )


def _refuse(problem: Problem, number: int) -> None:
    problem.refuse_capacity("Closing")
    must_stay, must_close = int(problem.is_required.sum()), int(problem.is_forbidden.sum())
    may_close = problem.pairs.sites - max(must_stay, 1)
    if not max(must_close, 1) <= number <= may_close:
        msg = (
            f"{counted(number, 'point is|points are')} to close. Of {counted(problem.pairs.sites, 'point|points')}, "
            f"{must_close} must and {may_close} may: "
            "at least one stays."
        )
        raise FigureError(msg)
    if problem.cost is not None or problem.budget is not None:
        msg = "Closing counts points: costs and a budget have no meaning for it. Leave them out."
        raise FigureError(msg)


def _today(problem: Problem, within_m: float | None) -> float:
    """Give people within the limit, or people-metres of travel, with every point open."""
    ways = problem.served.copy()
    np.minimum.at(ways, problem.pairs.village, problem.pairs.metres)
    if within_m is None:
        return float(problem.people @ ways)
    return float(problem.people[ways <= within_m + TIE_M].sum())


def _one_by_one(
    problem: Problem, closing: NDArray[np.intp], within_m: float | None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Close points one after another, the one that the fewest people lose first; the first of equals."""
    pairs = problem.pairs
    ways = problem.served.copy()
    np.minimum.at(ways, pairs.village, pairs.metres)
    if within_m is None:
        # Who loses their nearest point loses it once: the first of those that are equally near.
        mine = np.flatnonzero(pairs.metres <= ways[pairs.village])
        mine = mine[problem.served[pairs.village[mine]] > pairs.metres[mine]]
        villages, first = np.unique(pairs.village[mine], return_index=True)
        people = summed(pairs.site[mine][first], problem.people[villages], pairs.sites)[closing]
        ranked = np.argsort(people, kind="stable")
        return closing[ranked], people[ranked]
    near = pairs.within(within_m)
    times = np.bincount(near.village, minlength=pairs.villages) + (problem.served <= within_m + TIE_M)
    near = near.kept(np.isin(near.site, closing))
    chosen, lost = np.empty_like(closing), np.empty(closing.size)
    left = closing
    for turn in range(closing.size):
        alone = times[near.village] == 1
        losses = summed(near.site[alone], problem.people[near.village[alone]], pairs.sites)[left]
        least = int(np.argmin(losses))
        chosen[turn], lost[turn] = left[least], losses[least]
        times[near.village[near.site == left[least]]] -= 1
        left = np.delete(left, least)
    return chosen, lost
