"""What may stand behind a rounded number: 3.24 stands for 3.235 to 3.245."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

# What is left of a double after a few multiplications.
_RELATIVE = 1e-12


@dataclass(frozen=True)
class Span:
    """All numbers from `low` to `high`, both included; `value` is the one that was written, or computed from it."""

    low: float
    value: float
    high: float

    def holds(self, number: float) -> bool:
        """Tell whether a number lies in the span, to the rounding of doubles."""
        slack = _RELATIVE * max(abs(self.low), abs(self.high))
        return self.low - slack <= number <= self.high + slack

    def meets(self, other: Span) -> bool:
        """Tell whether two spans have a number in common."""
        return self.low <= other.high and other.low <= self.high

    def times(self, factor: float) -> Span:
        """Multiply by a number of zero or more."""
        return Span(self.low * factor, self.value * factor, self.high * factor)

    def dividing(self, numerator: float) -> Span:
        """Divide a number of zero or more by each number of the span, which are above zero."""
        return Span(numerator / self.high, numerator / self.value, numerator / self.low)

    def squared(self) -> Span:
        """Square each number of the span, which are zero or more."""
        return Span(self.low**2, self.value**2, self.high**2)


def written(number: Decimal) -> Span:
    """
    Give what may stand behind a number as it is written: half a unit of its last digit to both sides.

    A zero at the end counts as a digit, so that 2.50 is closer than 2.5; a whole number is rounded to units.

    Examples
    --------
    >>> written(Decimal("3.24"))
    Span(low=3.235, value=3.24, high=3.245)
    >>> written(Decimal("5950"))
    Span(low=5949.5, value=5950.0, high=5950.5)
    """
    exponent = number.as_tuple().exponent
    half = Decimal(5).scaleb(min(0, int(exponent)) - 1)
    return Span(float(number - half), float(number), float(number + half))


def exact(number: float) -> Span:
    """Give the span of a number that is not rounded, such as a count."""
    return Span(number, number, number)
