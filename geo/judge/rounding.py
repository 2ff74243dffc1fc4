"""What may stand behind a rounded number: 3.24 stands for 3.235 to 3.245."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

# What is left of a double after a few multiplications.
_RELATIVE = 1e-12
_MOST_DIGITS = 12
_FEW_DIGITS = 3


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
        """Tell whether two spans have a number in common, to the rounding of doubles."""
        slack = _RELATIVE * max(abs(end) for end in (self.low, self.high, other.low, other.high))
        return self.low <= other.high + slack and other.low <= self.high + slack

    def is_above(self, other: Span) -> bool:
        """Tell whether every number of this span is larger than every one of the other."""
        return self.low > other.high and not self.meets(other)

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
    low, high = ends(number)
    return Span(float(low), float(number), float(high))


def ends(number: Decimal) -> tuple[Decimal, Decimal]:
    """
    Give the two ends of what a written number stands for, with all their digits.

    Examples
    --------
    >>> [str(end) for end in ends(Decimal("0.9224"))]
    ['0.92235', '0.92245']
    """
    half = Decimal(5).scaleb(-digits_of(number) - 1)
    return number - half, number + half


def digits_of(number: Decimal) -> int:
    """Give how many digits a number is written with behind the point."""
    return max(0, -int(number.as_tuple().exponent))


def exact(number: float) -> Span:
    """Give the span of a number that is not rounded, such as a count."""
    return Span(number, number, number)


def counted(number: Decimal) -> Span:
    """Give the span of a number that was counted where it is written without decimals, and is rounded where not."""
    return written(number) if digits_of(number) else exact(float(number))


def shown(span: Span) -> tuple[Decimal, Decimal, Decimal]:
    """
    Give low, value and high of a span with as few digits as tell its ends apart.

    Examples
    --------
    >>> [str(one) for one in shown(Span(316742.3, 316760.1, 316777.9))]
    ['316742', '316760', '316778']
    """
    width = span.high - span.low
    digits = min(_MOST_DIGITS, max(0, -math.floor(math.log10(width)))) if width > 0 else _FEW_DIGITS
    low, value, high = (Decimal(f"{one:.{digits}f}") for one in (span.low, span.value, span.high))
    return low, value, high
