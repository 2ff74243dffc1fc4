"""Why a search ended, as its answer says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from geo.plan.answer import PROVED, TOLERATED, Status

if TYPE_CHECKING:
    from geo.plan.milp import Ended
    from geo.plan.until import Watch


def status_of(gap: float, watch: Watch, ended: Ended | Literal["", "large"]) -> Status:
    """
    Say why a search ended: by its gap, or else by what stopped it.

    Parameters
    ----------
    gap : float
        By what share of its objective the answer could differ from the best one.
    watch : Watch
        The gap and the time that were asked for.
    ended : str
        How the solver ended; empty where none was needed, ``large`` where there was too much for one.
    """
    wanted = watch.until.gap
    if gap <= PROVED:
        return "optimal"
    if gap <= wanted:
        return "gap"
    if ended == "interrupted" or (ended == "large" and not watch.is_over()):
        return ended
    if ended != "optimal":
        return "time"
    # The solver has searched through all: what is left is its tolerance, or numbers of too different a size for it.
    if gap > wanted + TOLERATED:
        return "large"
    return "gap" if wanted else "optimal"
