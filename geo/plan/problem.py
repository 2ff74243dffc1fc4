"""What a search for sites starts from: villages with people, candidates with distances, and what is settled already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.layers.text import id_ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.plan.pairs import Pairs


@dataclass(frozen=True, kw_only=True)
class Problem:
    """
    Villages, candidate sites, and the distances between them.

    Attributes
    ----------
    pairs : Pairs
        Distances of the villages to the sites that can matter to them.
    people : NDArray[float64]
        One per village, zero or more. A village whose people are unknown counts for nobody: give 0.
    served_m : NDArray[float64], optional
        Distance of each village to the nearest point that exists and stays; infinite where there is none.
    forbidden, required : NDArray[bool_], optional
        Sites that may not, or must, be chosen.
    cost : NDArray[float64], optional
        What each site costs, above zero; 1 where it is not given.
    budget : float, optional
        What the chosen sites may cost together.
    village_ids, site_ids : sequence of str, optional
        Of choices that are equally good, the one with the lower ids is taken, so that the order of the rows does not
        matter; by default their order is the order of the rows.

    Raises
    ------
    FigureError
        Where numbers are missing, negative, or not one per row; or a site is both required and forbidden.
    """

    pairs: Pairs
    people: NDArray[np.float64]
    served_m: NDArray[np.float64] | None = None
    forbidden: NDArray[np.bool_] | None = None
    required: NDArray[np.bool_] | None = None
    cost: NDArray[np.float64] | None = None
    budget: float | None = None
    village_ids: Sequence[str] | None = None
    site_ids: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        villages, sites = self.pairs.villages, self.pairs.sites
        for name, values, size in (
            ("people", self.people, villages),
            ("served_m", self.served_m, villages),
            ("village_ids", self.village_ids, villages),
            ("forbidden", self.forbidden, sites),
            ("required", self.required, sites),
            ("cost", self.cost, sites),
            ("site_ids", self.site_ids, sites),
        ):
            if values is not None and len(values) != size:
                msg = f"{name} has {len(values)} values for {size} rows of the distances. Give one per row."
                raise FigureError(msg)
        self._refuse_numbers()
        if both := np.flatnonzero(self.is_forbidden & self.is_required).tolist():
            msg = f"Site {self.name_of(both[0])} is both required and forbidden."
            raise FigureError(msg)

    def _refuse_numbers(self) -> None:
        served = np.zeros(0) if self.served_m is None else self.served_m
        cost = np.ones(1) if self.cost is None else self.cost
        budget = np.zeros(0) if self.budget is None else np.array([self.budget])
        for name, values, good, wanted in (
            ("people", self.people, np.isfinite(self.people) & (self.people >= 0), "zero or more"),
            ("served_m", served, served >= 0, "zero or more, infinite where there is no point"),
            ("cost", cost, np.isfinite(cost) & (cost > 0), "above zero"),
            ("budget", budget, np.isfinite(budget) & (budget >= 0), "zero or more"),
        ):
            if not good.all():
                row = int(np.argmin(good))
                msg = f"{name} of row {row} is {values[row]}: give a number {wanted}."
                raise FigureError(msg)

    @property
    def is_forbidden(self) -> NDArray[np.bool_]:
        """Whether each site may not be chosen."""
        return np.zeros(self.pairs.sites, dtype=np.bool_) if self.forbidden is None else self.forbidden

    @property
    def is_required(self) -> NDArray[np.bool_]:
        """Whether each site must be chosen."""
        return np.zeros(self.pairs.sites, dtype=np.bool_) if self.required is None else self.required

    @property
    def costs(self) -> NDArray[np.float64]:
        """What each site costs."""
        return np.ones(self.pairs.sites) if self.cost is None else self.cost

    @property
    def served(self) -> NDArray[np.float64]:
        """Distance of each village to a point that stays, infinite where there is none."""
        return np.full(self.pairs.villages, np.inf) if self.served_m is None else self.served_m

    def name_of(self, site: int) -> str:
        """Name a site by its id, or by its row."""
        return str(site) if self.site_ids is None else str(self.site_ids[site])

    def refuse_nobody(self) -> None:
        """
        Refuse a search that could not tell one choice from another.

        Raises
        ------
        FigureError
            Where there is no village, or nobody lives in any.
        """
        if not self.pairs.villages:
            msg = "There are no villages to serve."
            raise FigureError(msg)
        if not self.people.any():
            msg = f"Nobody lives in the {self.pairs.villages} villages: their people are all zero or unknown."
            raise FigureError(msg)

    def refuse_number(self, number: int) -> None:
        """
        Refuse a number of sites that there are not.

        Raises
        ------
        FigureError
            Where the number is below one, above the candidates, or below the required sites.
        """
        open_, required = int((~self.is_forbidden).sum()), int(self.is_required.sum())
        if number < 1:
            msg = f"{number} sites are to be chosen: ask for one or more."
            raise FigureError(msg)
        if number > open_:
            msg = f"{number} sites are to be chosen, and there are {open_} candidates. Ask for fewer, or name more."
            raise FigureError(msg)
        if number < required:
            msg = f"{number} sites are to be chosen, and {required} are required."
            raise FigureError(msg)


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A problem with its rows in the order of their ids; `villages` and `sites` lead back to the caller's rows."""

    problem: Problem
    villages: NDArray[np.intp]
    sites: NDArray[np.intp]


def in_order(problem: Problem) -> Ordered:
    """
    Put the rows in the order of their ids, so that a search gives one answer whatever order they came in.

    Of equal ids that with more people (or the lower cost) comes first; rows that are alike in that too stay as they
    are.
    """
    villages = _order(problem.village_ids, -problem.people)
    sites = _order(problem.site_ids, problem.costs)
    same = Ordered(problem=problem, villages=villages, sites=sites)
    if _is_range(villages) and _is_range(sites):
        return same
    return replace(
        same,
        problem=replace(
            problem,
            pairs=problem.pairs.reordered(villages, sites),
            people=problem.people[villages],
            served_m=None if problem.served_m is None else problem.served_m[villages],
            forbidden=None if problem.forbidden is None else problem.forbidden[sites],
            required=None if problem.required is None else problem.required[sites],
            cost=None if problem.cost is None else problem.cost[sites],
            village_ids=None if problem.village_ids is None else [problem.village_ids[row] for row in villages],
            site_ids=None if problem.site_ids is None else [problem.site_ids[row] for row in sites],
        ),
    )


def _order(ids: Sequence[str] | None, then: NDArray[np.float64]) -> NDArray[np.intp]:
    if ids is None:
        return np.arange(then.size)
    texts = [str(one) for one in ids]
    order = np.argsort(id_ranks(texts))
    # Ranks are distinct also where ids are not: equal neighbours get one number, and are told apart by `then`.
    names = np.array(texts, dtype=object)[order]
    group = np.cumsum(np.concatenate([[False], names[1:] != names[:-1]])) if texts else order
    return np.asarray(order[np.lexsort((then[order], group))], dtype=np.intp)


def _is_range(order: NDArray[np.intp]) -> bool:
    return bool((order == np.arange(order.size)).all())
