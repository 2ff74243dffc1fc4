"""The best choice so far and the best bound so far, and whether they are near enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geo.plan.answer import PROVED, gap_between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.plan.savings import Savings
    from geo.plan.until import Watch

# What adding up a million numbers can be wrong by, as a share.
ROUNDING = 1e-12


@dataclass
class Search:
    """
    One search for the choice that saves most: it keeps the best choice and the lowest bound that were offered.

    Attributes
    ----------
    savings : Savings
        What is to be saved.
    watch : Watch
        When to stop.
    start : float, optional
        Where the objective is what is left, as of travel: what there would be with nothing saved. The gap is a share
        of what is left then, and of what is saved elsewhere.
    settled : float
        What is saved anyhow, beside `worth`.
    chosen, worth, bound
        The best choice, what it saves, and what none can exceed.
    """

    savings: Savings
    watch: Watch
    start: float | None = None
    settled: float = 0.0
    chosen: list[int] = field(default_factory=list)
    worth: float = 0.0
    bound: float = np.inf

    def __post_init__(self) -> None:
        """Begin with what all villages would save if every site were chosen."""
        self.noise = ROUNDING * float(self.savings.most.sum())
        self.lower(float(self.savings.most.sum()))

    def offer(self, chosen: Iterable[int]) -> bool:
        """Take a choice if it saves more; tell whether it does."""
        sites = sorted(chosen)
        worth = self.savings.worth(sites)
        same = 0.0 if self.savings.grain else self.noise
        if worth <= self.worth + same or not self.savings.allows(sites):
            return False
        self.chosen, self.worth = sites, worth
        return True

    def lower(self, bound: float) -> None:
        """Take a bound if it is lower; where all values are whole numbers, so are all sums."""
        safe = bound + self.noise
        if self.savings.grain:
            safe = float(np.floor(safe))
        elif safe <= self.worth + 2 * self.noise:
            safe = self.worth
        self.bound = max(min(self.bound, safe), self.worth)

    @property
    def is_proved(self) -> bool:
        """Whether no other choice can save more, to the tolerance of a solver."""
        return self.gap <= PROVED

    def objective(self, worth: float) -> float:
        """Give the objective of a choice that saves so much."""
        saved = self.settled + worth
        return saved if self.start is None else max(self.start - saved, 0.0)

    @property
    def gap(self) -> float:
        """By what share of the objective a better choice could differ."""
        return gap_between(self.objective(self.worth), self.objective(self.bound))

    @property
    def is_near(self) -> bool:
        """Whether the gap that was asked for is reached."""
        return self.gap <= self.watch.until.gap

    @property
    def is_over(self) -> bool:
        """Whether there is no reason to go on: the gap is reached, or the time is up."""
        return self.is_near or self.watch.is_over()
