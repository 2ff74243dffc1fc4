"""Where to put the next points so that people travel least (p-median)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.plan.answer import Answer, Step
from geo.plan.problem import Problem, in_order
from geo.plan.question import Question
from geo.plan.savings import summed
from geo.plan.until import Until, Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray


def p_median(
    problem: Problem, *, number: int | None = None, beyond_m: float | None = None, until: Until | None = None
) -> Answer:
    """
    Choose sites so that the distances of all people to their nearest point are least together.

    Parameters
    ----------
    problem : Problem
        Villages, sites and distances. Only pairs that are shorter than a village's way to a point that stays
        (`served_m`) can matter; a village without such a point must have a distance to every site.
    number : int, optional
        At most so many sites; fewer are chosen where no other brings anybody nearer. Without it the budget decides.
    beyond_m : float, optional
        Counts as the distance of a village from what its pairs do not list, in place of that rule.
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
        given, or distances are missing.

    References
    ----------
    S. L. Hakimi, Optimum locations of switching centers and the absolute centers and medians of a graph (1964).

    Examples
    --------
    >>> from geo.plan.pairs import pairs_of
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
    farthest = _farthest(asked, pairs.village, pairs.metres, beyond_m)
    value = asked.people[pairs.village] * (farthest[pairs.village] - pairs.metres)
    start = float(asked.people @ farthest)
    question = Question(asked, pairs, value, number)
    found = question.search(watch, start)
    order, served = found.order, np.isfinite(asked.served).all()
    if not order.size and not served:
        # Wherever it stands, everybody goes equally far.
        order = np.flatnonzero(~asked.is_forbidden)[:1]
    people = summed(found.owner[found.owner >= 0], asked.people[found.owner >= 0], asked.pairs.sites)
    return Answer(
        model="p_median",
        chosen=ordered.sites[order],
        people=people[order],
        objective=start - found.worth,
        bound=max(start - found.bound, 0.0),
        before=float(asked.people @ asked.served) if served else np.nan,
        status=found.status,
        solver=found.solver,
        curve=tuple(
            Step(number=step.number, objective=start - step.objective, bound=max(start - step.bound, 0.0))
            for step in found.curve
        ),
    )


def _farthest(
    asked: Problem, village: NDArray[np.int32], metres: NDArray[np.float64], beyond_m: float | None
) -> NDArray[np.float64]:
    """Give how far each village goes at most, whatever is chosen."""
    if beyond_m is not None:
        return np.minimum(asked.served, beyond_m)
    unserved = ~np.isfinite(asked.served)
    listed = np.bincount(village, minlength=asked.pairs.villages)
    every = int((~asked.is_forbidden).sum())
    if missing := np.flatnonzero(unserved & (listed < every)).tolist():
        name = missing[0] if asked.village_ids is None else asked.village_ids[missing[0]]
        msg = (
            f"{len(missing)} villages have no point that stays and no distance to some of the {every} candidates "
            f"(the first is {name}). Give every distance, or say what counts beyond them: beyond_m."
        )
        raise FigureError(msg)
    farthest = np.zeros(asked.pairs.villages)
    np.maximum.at(farthest, village, metres)
    return np.where(unserved, farthest, asked.served)
