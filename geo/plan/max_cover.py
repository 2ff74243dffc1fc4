"""Where to put the next points so that most people come within a distance (maximal covering, MCLP)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.measure.nearest import TIE_M
from geo.plan.answer import Answer
from geo.plan.capacity import cover_with_room
from geo.plan.ordered import in_order
from geo.plan.question import Question
from geo.plan.until import Until, Watch

if TYPE_CHECKING:
    from geo.plan.problem import Problem


def max_cover(problem: Problem, *, within_m: float, number: int | None = None, until: Until | None = None) -> Answer:
    """
    Choose sites so that as many people as possible are within a distance of a point.

    Points that exist and stay count; a village within the distance of several counts once. Of choices that are equally
    good by their people the search takes the same one whatever order the rows came in.

    Where sites have a capacity, as many people as possible go to the chosen ones within the distance; those of one
    village may go to several sites, or in part (people are shared out, villages are not held together: that is the
    usual model, and one that is solved exactly far sooner). `assigned` of the answer says who goes where.

    Parameters
    ----------
    problem : Problem
        Villages, sites and distances; pairs longer than the limit are not looked at.
    within_m : float
        The limit in metres, inclusive, to a micrometre.
    number : int, optional
        At most so many sites; fewer are chosen where no other adds anybody. Without it the budget alone decides.
    until : Until, optional
        When to stop; by default when the best choice is proved.

    Returns
    -------
    Answer
        Objective and bound are the people who come within the limit beside those who are already (`before`).

    Raises
    ------
    FigureError
        Where nobody lives in the villages, the number is larger than the candidates, neither number nor budget is
        given, or no candidate is within the limit of a village.

    References
    ----------
    R. Church and C. ReVelle, The maximal covering location problem (1974); with capacities J. Current and J. Storbeck,
    Capacitated covering models (1988).

    Examples
    --------
    >>> from geo.plan.pairs import pairs_of
    >>> from geo.plan.problem import Problem
    >>> pairs = pairs_of([[0.0, 900.0], [900.0, 0.0], [5000.0, 800.0]])
    >>> answer = max_cover(Problem(pairs=pairs, people=np.array([10.0, 20.0, 5.0])), within_m=1000, number=1)
    >>> answer.chosen.tolist(), answer.objective, answer.bound, answer.status
    ([1], 35.0, 35.0, 'optimal')
    """
    watch = Watch(until or Until())
    ordered = in_order(problem)
    asked = ordered.problem
    asked.refuse_nobody()
    near = asked.pairs.within(within_m)
    open_ = near.kept(~asked.is_forbidden[near.site])
    if not open_.village.size:
        msg = f"No candidate is within {within_m / 1000:g} km of a village. Ask for a longer distance, or name others."
        raise FigureError(msg)
    covered = asked.served <= within_m + TIE_M
    if asked.capacity is not None:
        if number is not None:
            asked.refuse_number(number)
        return cover_with_room(ordered, open_, covered, number, watch)
    value = np.where(covered, 0.0, asked.people)[open_.village]
    question = Question(asked, open_, value, number)
    found = question.search(watch)
    return Answer(
        model="max_cover",
        chosen=ordered.sites[found.order],
        people=found.added,
        objective=found.worth,
        bound=found.bound,
        before=float(asked.people[covered].sum()),
        status=found.status,
        solver=found.solver,
        curve=found.curve,
    )
