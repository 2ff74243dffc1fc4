"""A question about sites put as savings: what is required is settled first, and the search chooses the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.plan.answer import Status, Step
from geo.plan.choose import choose
from geo.plan.greedy import by_what_they_add
from geo.plan.savings import Savings, make_savings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.pairs import Pairs
    from geo.plan.problem import Problem
    from geo.plan.until import Watch


@dataclass(frozen=True, kw_only=True)
class Reply:
    """
    Chosen sites, required ones included, in the order in which each adds most; what they save, and the bound.

    `added` is what each saves at its turn, `owner` the chosen site where each village saves most (-1: nowhere).
    """

    order: NDArray[np.intp]
    added: NDArray[np.float64]
    owner: NDArray[np.intp]
    worth: float
    bound: float
    status: Status
    solver: str
    curve: tuple[Step, ...]


class Question:
    """What each village saves at each site that may be chosen, and which sites must be."""

    def __init__(self, problem: Problem, pairs: Pairs, value: NDArray[np.float64], number: int | None) -> None:
        """
        State a question.

        Parameters
        ----------
        problem : Problem
            Its sites, costs, budget and required sites.
        pairs : Pairs
            Of the sites that may be chosen.
        value : NDArray[float64]
            What the village of each pair saves at its site.
        number : int or None
            The most sites; None where the budget alone decides.

        Raises
        ------
        FigureError
            Where there is neither number nor budget, or the number or the required sites are more than can be.
        """
        if number is None and problem.budget is None:
            msg = "Neither a number of sites nor a budget is given: with every site chosen there is nothing to choose."
            raise FigureError(msg)
        if number is not None:
            problem.refuse_number(number)
        budget = problem.most_cost
        limits = (problem.costs, int((~problem.is_forbidden).sum()) if number is None else number, budget)
        self.required = np.flatnonzero(problem.is_required)
        if problem.costs[self.required].sum() > budget:
            spent = problem.costs[self.required].sum()
            msg = f"The required sites cost {spent:g}, more than the budget of {problem.budget:g}."
            raise FigureError(msg)
        value = np.where(problem.costs[pairs.site] <= budget, value, 0.0)
        self.savings = make_savings((pairs.villages, pairs.sites), pairs.village, pairs.site, value, limits)

    def search(self, watch: Watch, start: float | None = None) -> Reply:
        """
        Search for the best sites beside the required ones.

        Parameters
        ----------
        watch : Watch
            When to stop.
        start : float, optional
            What there is to be saved from, where the objective is what is left of it.
        """
        settled = float(self.savings.worth(self.required))
        found = choose(self._beside_required(), watch, start, settled)
        order, added = by_what_they_add(self.savings, [*self.required.tolist(), *found.chosen])
        must = set(self.required.tolist())
        kept = [place for place, gain in enumerate(added) if gain > 0 or order[place] in must]
        sites = np.asarray(order, dtype=np.intp)[kept]
        worth = self.savings.worth(sites)
        return Reply(
            order=sites,
            added=np.asarray(added)[kept],
            owner=self._owner(sites),
            worth=worth,
            bound=worth + (found.bound - found.worth),
            status=found.status,
            solver=found.solver,
            curve=tuple(
                Step(number=step.number + len(must), objective=settled + step.objective, bound=settled + step.bound)
                for step in found.curve
            ),
        )

    def _beside_required(self) -> Savings:
        """Give what can be saved beside the required sites."""
        if not self.required.size:
            return self.savings
        pairs = self.savings.by_village.tocoo()
        village, site = pairs.coords
        value = pairs.data - self.savings.saved(self.required)[village]
        spent = float(self.savings.cost[self.required].sum())
        value[np.isin(site, self.required) | (self.savings.cost[site] > self.savings.budget - spent)] = 0.0
        limits = (self.savings.cost, self.savings.number - self.required.size, self.savings.budget - spent)
        free = make_savings((self.savings.villages, self.savings.sites), village, site, value, limits)
        return replace(free, grain=self.savings.grain)

    def _owner(self, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give the chosen site where each village saves most, the lowest of equals."""
        owner = np.full(self.savings.villages, -1, dtype=np.intp)
        best = np.zeros(self.savings.villages)
        by_site = self.savings.by_site
        for site in np.sort(chosen):
            part = slice(by_site.indptr[site], by_site.indptr[site + 1])
            village, value = by_site.indices[part], by_site.data[part]
            more = value > best[village]
            owner[village[more]], best[village[more]] = site, value[more]
        return owner
