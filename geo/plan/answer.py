"""What a search for sites gives: the sites, how good they are, and how much better any other choice could be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from geo import __version__

if TYPE_CHECKING:
    from numpy.typing import NDArray

Model = Literal["max_cover", "p_median", "set_cover", "p_center", "least_loss"]
Status = Literal["optimal", "gap", "time", "interrupted", "large", "infeasible"]

OWN_PROOF = f"Lagrangian bound, geo {__version__}"
"""What proved an answer for which no solver was needed."""

# What is closer than this share is the same: floating-point sums of people are no better.
SAME = 1e-9
# A solver of floating-point numbers proves to this share, no better.
PROVED = 1e-6
# It is done where numbers of very different sizes leave no more than this share.
TOLERATED = 1e-5


@dataclass(frozen=True, kw_only=True)
class Step:
    """A number of sites, the objective of a good choice of that many, and the bound that no choice of them exceeds."""

    number: int
    objective: float
    bound: float


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """How many people of which village go to which site, where sites hold so many; rows are the caller's."""

    village: NDArray[np.intp]
    site: NDArray[np.intp]
    people: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    Chosen sites, with a proof of how good they are.

    Whatever the status, no choice is better than `bound`: an answer that was stopped is worth what its `gap` says.

    Attributes
    ----------
    model : str
        Which question was asked.
    chosen : NDArray[intp]
        Rows of the sites as the caller gave them, the one that adds most first. Of `least_loss`, those that close.
    people : NDArray[float64]
        People whom each chosen site adds, at its turn, nobody counted twice; with a capacity, who go to it. Of
        `least_loss`, whom each loses.
    objective : float
        Its unit is the model's: people that come within the limit beside those who are, people-metres of travel that
        are left, cost of the sites (their number where they cost nothing), metres.
    bound : float
        No choice has a better objective: above it where more is better, below it where less is.
    before : float
        People within the limit, or people-metres of travel, with no site chosen; NaN where that has no meaning.
    status : str
        ``optimal`` (proved to a millionth, or, where numbers are of very different sizes, to the rounding of the
        solver's sums), ``gap`` (as near as was asked for), ``time`` or ``interrupted`` (the best so far), ``large``
        (too many pairs for an exact proof, at all or in the time that was left, or numbers too different: the best that
        the bound was found for), ``infeasible``.
    solver : str
        What proved it, with its version.
    curve : tuple of Step
        What fewer and more sites would bring; empty where a budget or capacities decide.
    unserved : NDArray[intp]
        Rows of the villages that no choice can serve, where all were to be served.
    assigned : Assigned or None
        Who goes where; only where sites have a capacity.
    """

    model: Model
    chosen: NDArray[np.intp]
    people: NDArray[np.float64]
    objective: float
    bound: float
    status: Status
    solver: str
    before: float = np.nan
    curve: tuple[Step, ...] = ()
    unserved: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))

    assigned: Assigned | None = None

    @property
    def gap(self) -> float:
        """By what share of the objective the best answer could differ from this one; 0 where this one is the best."""
        return gap_between(self.objective, self.bound)


def gap_between(objective: float, bound: float) -> float:
    """
    Share of the objective by which the bound differs from it.

    Examples
    --------
    >>> gap_between(200.0, 210.0), gap_between(0.0, 0.0), gap_between(0.0, 3.0)
    (0.05, 0.0, inf)
    """
    difference = abs(bound - objective)
    if difference <= SAME * max(abs(bound), abs(objective)):
        return 0.0
    return difference / abs(objective) if objective else np.inf
