"""When a search may stop: at a gap, at a time, or when it is interrupted."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from geo.errors import FigureError


@dataclass(frozen=True, kw_only=True)
class Until:
    """
    How long to search.

    Attributes
    ----------
    gap : float
        Stop when no answer can be better by more than this share of the one found; 0 asks for a proof of the best.
    time_s : float
        Stop after so many seconds, whatever is reached. An answer that was stopped by the clock may differ from run to
        run; one that was stopped by its gap does not.

    Raises
    ------
    FigureError
        Where either is negative or no number.

    Examples
    --------
    One per cent from the best, or a minute, whichever is first; `Answer.status` tells which it was, `Answer.gap` what
    was reached.

    >>> Until(gap=0.01, time_s=60)
    Until(gap=0.01, time_s=60)
    """

    gap: float = 0.0
    time_s: float = math.inf

    def __post_init__(self) -> None:
        """Refuse what is no gap and no time."""
        if not 0 <= self.gap < math.inf:
            msg = f"gap is {self.gap}: give a share of zero or more, as 0.01 for one per cent."
            raise FigureError(msg)
        if not self.time_s >= 0:
            msg = f"time_s is {self.time_s}: give seconds, zero or more."
            raise FigureError(msg)


@dataclass(frozen=True)
class Watch:
    """A clock that was started when the search began."""

    until: Until
    began: float = field(default_factory=time.monotonic)

    def seconds_left(self) -> float:
        """Give the seconds that are left, zero or more."""
        return max(0.0, self.until.time_s - (time.monotonic() - self.began))

    def is_over(self) -> bool:
        """Tell whether the time is used up."""
        return self.seconds_left() <= 0.0
