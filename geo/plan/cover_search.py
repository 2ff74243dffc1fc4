"""The cheapest choice that meets all needs so far, the best bound so far, and whether they are near enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geo.plan.answer import OWN_PROOF, gap_between
from geo.plan.search import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.plan.needs import Needs
    from geo.plan.until import Watch

# A bound that is above a whole number by less than this is that number.
_NEXT = 1e-7


@dataclass
class CoverSearch:
    """
    The cheapest choice that meets all needs so far, and what none can be cheaper than.

    `settled` is what is spent anyhow. `enough` ends the search early, where all that is asked is whether a choice costs
    at most so much: as soon as one does, or none can.
    """

    needs: Needs
    watch: Watch
    settled: float = 0.0
    enough: float | None = None
    chosen: list[int] = field(default_factory=list)
    cost: float = np.inf
    bound: float = 0.0
    solver: str = OWN_PROOF

    def offer(self, chosen: Iterable[int]) -> None:
        """Take a choice that meets all needs, if it is cheaper."""
        sites = sorted(chosen)
        cost = self.needs.cost_of(sites)
        if cost < self.cost * (1 - ROUNDING) and self.needs.is_met(sites):
            self.chosen, self.cost = sites, cost

    def lift(self, bound: float) -> None:
        """Take a bound if it is higher; where all costs are whole numbers, so are all sums."""
        safe = bound - ROUNDING * abs(bound)
        if self.needs.is_whole:
            safe = float(np.ceil(safe - _NEXT))
        self.bound = min(max(self.bound, safe), self.cost)

    @property
    def gap(self) -> float:
        """By what share of its cost the choice could be cheaper."""
        return np.inf if np.isinf(self.cost) else gap_between(self.settled + self.cost, self.settled + self.bound)

    @property
    def is_over(self) -> bool:
        """Whether there is no reason to go on."""
        told = self.enough is not None and (self.cost <= self.enough or self.bound > self.enough)
        return told or self.gap <= self.watch.until.gap or self.watch.is_over()
