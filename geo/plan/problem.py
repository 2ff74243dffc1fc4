"""What a search for sites starts from: villages with people, candidates with distances, and what is settled already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.messages import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.plan.pairs import Pairs

# Sums of costs are no better than this share: a tenth and two tenths are more than three tenths.
ROUNDED_OFF = 1e-9


@dataclass(frozen=True, kw_only=True)
class Problem:
    """
    Villages, candidate sites, and the distances between them: what every model of this room starts from.

    Villages and sites are rows, numbered from 0, in the caller's order; an answer names them by these numbers.

    Attributes
    ----------
    pairs : Pairs
        Distances of the villages to the sites that can matter to them: :func:`geo.pairs_between` measures them,
        :func:`geo.pairs_of` takes the caller's own, as by road.
    people : NDArray[float64]
        One per village, zero or more. A village whose people are unknown counts for nobody: give 0.
    served_m : NDArray[float64], optional
        Distance of each village to the nearest point that exists and stays; infinite where there is none.
    forbidden, required : NDArray[bool_], optional
        Sites that may not, or must, be chosen. Required ones count towards the number and the budget.
    cost : NDArray[float64], optional
        What each site costs, above zero; 1 where it is not given.
    budget : float, optional
        What the chosen sites may cost together, up to the rounding of sums (a share of 1e-9).
    capacity : NDArray[float64], optional
        How many people each site can hold, zero or more, infinite for no limit. People then go where there is room,
        which need not be the nearest site, and those of one village may go to several. `max_cover`, `p_median` and
        `set_cover` keep it; the others refuse it. Points of `served_m` hold everybody near them: one whose room is
        limited is given as a required site in place of that.
    village_ids, site_ids : sequence of str, optional
        Of choices that are equally good, the one with the lower ids is taken, so that the order of the rows does not
        matter; by default their order is the order of the rows.
    village_lon_lat, site_lon_lat : NDArray[float64], optional
        WGS84 degrees, a row each of longitude and latitude. Rows without ids, or with equal ones, are told apart by
        them: from west to east, then from south to north. They measure nothing.

    Raises
    ------
    FigureError
        Where numbers are missing, negative, or not one per row; or a site is both required and forbidden.

    Examples
    --------
    Three villages and two sites, with metres by road; the third village has no road to the first site.

    >>> from geo.plan.max_cover import max_cover
    >>> from geo.plan.pairs import pairs_of
    >>> roads_m = [[0.0, 1_900.0], [1_900.0, 0.0], [float("nan"), 800.0]]
    >>> problem = Problem(pairs=pairs_of(roads_m), people=np.array([10.0, 20.0, 5.0]), site_ids=["a", "b"])
    >>> answer = max_cover(problem, within_m=1_000, number=1)
    >>> [problem.site_ids[row] for row in answer.chosen], answer.objective, answer.gap
    (['b'], 25.0, 0.0)
    """

    pairs: Pairs
    people: NDArray[np.float64]
    served_m: NDArray[np.float64] | None = None
    forbidden: NDArray[np.bool_] | None = None
    required: NDArray[np.bool_] | None = None
    cost: NDArray[np.float64] | None = None
    budget: float | None = None
    capacity: NDArray[np.float64] | None = None
    village_ids: Sequence[str] | None = None
    site_ids: Sequence[str] | None = None
    village_lon_lat: NDArray[np.float64] | None = None
    site_lon_lat: NDArray[np.float64] | None = None

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
            ("capacity", self.capacity, sites),
            ("site_ids", self.site_ids, sites),
            ("village_lon_lat", self.village_lon_lat, villages),
            ("site_lon_lat", self.site_lon_lat, sites),
        ):
            if values is not None and len(values) != size:
                given, wanted = counted(len(values), "value|values"), counted(size, "row|rows")
                msg = f"{name} has {given} for {wanted} of the distances. Give one per row."
                raise FigureError(msg)
        self._refuse_numbers()
        if both := np.flatnonzero(self.is_forbidden & self.is_required).tolist():
            msg = f"Site {self.name_of(both[0])} is both required and forbidden."
            raise FigureError(msg)

    def _refuse_numbers(self) -> None:
        served = np.zeros(0) if self.served_m is None else self.served_m
        cost = np.ones(1) if self.cost is None else self.cost
        budget = np.zeros(0) if self.budget is None else np.array([self.budget])
        capacity = np.zeros(0) if self.capacity is None else self.capacity
        for name, values, good, wanted in (
            ("people", self.people, np.isfinite(self.people) & (self.people >= 0), "zero or more"),
            ("served_m", served, served >= 0, "zero or more, infinite where there is no point"),
            ("cost", cost, np.isfinite(cost) & (cost > 0), "above zero"),
            ("budget", budget, np.isfinite(budget) & (budget >= 0), "zero or more"),
            ("capacity", capacity, capacity >= 0, "zero or more, infinite where there is no limit"),
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
    def most_cost(self) -> float:
        """What the chosen sites may cost together, with room for the rounding of sums; infinite without a budget."""
        return np.inf if self.budget is None else self.budget * (1 + ROUNDED_OFF)

    @property
    def served(self) -> NDArray[np.float64]:
        """Distance of each village to a point that stays, infinite where there is none."""
        return np.full(self.pairs.villages, np.inf) if self.served_m is None else self.served_m

    def name_of(self, site: int) -> str:
        """Name a site by its id, or by its row."""
        return str(site) if self.site_ids is None else str(self.site_ids[site])

    def name_of_village(self, village: int) -> str:
        """Name a village by its id, or by its row."""
        return str(village) if self.village_ids is None else str(self.village_ids[village])

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
            where = counted(self.pairs.villages, "village|villages")
            msg = f"Nobody lives in the {where}: their people are all zero or unknown."
            raise FigureError(msg)

    def refuse_capacity(self, what: str) -> None:
        """
        Refuse a question that has no answer with capacities.

        Raises
        ------
        FigureError
            Where sites have a capacity.
        """
        if self.capacity is not None:
            msg = f"{what} knows no capacity: max_cover, p_median and set_cover do. Leave it out, or ask one of these."
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
        asked = counted(number, "site is|sites are")
        if number < 1:
            msg = f"{asked} to be chosen: ask for one or more."
            raise FigureError(msg)
        if number > open_:
            msg = f"{asked} to be chosen, of {counted(open_, 'candidate|candidates')}. Ask for fewer, or name more."
            raise FigureError(msg)
        if number < required:
            msg = f"{asked} to be chosen, and {required:,} are required."
            raise FigureError(msg)
