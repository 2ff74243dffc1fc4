"""What a report states: figures, populations, sums and growth rates, with the digits they are printed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.judge.rounding import Span, digits_of, exact, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

WITHIN = ("villages_within", "people_within")
COVERED = ("villages_covered", "people_covered", "area_covered")
_COUNTED = ("points", "point_locations", "villages")


@dataclass(frozen=True)
class Stated:
    """
    One published figure: an indicator, of a technology, a kind of subscription or a limit in km, where it has one.

    Shares are 0 to 1, as the tool gives them: 90 % is 0.90. The variant of a limit is as :func:`limit_key` writes it.
    """

    indicator: str
    variant: str | None
    value: Decimal

    @property
    def is_count(self) -> bool:
        """Whether it was counted, so that what is published is all of it."""
        return self.indicator in _COUNTED

    @property
    def is_share(self) -> bool:
        """Whether it runs from 0 to 1."""
        return self.indicator in (*WITHIN, *COVERED)

    @property
    def is_above_whole(self) -> bool:
        """Whether it is a share above one, which nothing can be."""
        return self.is_share and self.value > 1

    @property
    def span(self) -> Span:
        """What it stands for: a count, and a share of 0 or 1 without decimals, for itself; all else is rounded."""
        is_exact = self.is_count or (self.is_share and not digits_of(self.value))
        return exact(float(self.value)) if is_exact else written(self.value)


def limit_key(limit_km: float) -> str:
    """
    Write a limit in km in the one way that figures of it are found by.

    Examples
    --------
    >>> limit_key(3.0), limit_key(1.609344)
    ('3', '1.609344')
    """
    return f"{limit_km:.12g}"


@dataclass(frozen=True)
class Count:
    """A number that a report states and that no layer can give: a population, or anything else that was counted."""

    name: Mapping[str, str]
    value: Decimal


@dataclass(frozen=True)
class Sum:
    """A total and its parts, as a report states them."""

    name: Mapping[str, str]
    total: Decimal
    parts: tuple[Decimal, ...]


@dataclass(frozen=True)
class Growth:
    """A number now, by how many per cent it has grown, and what it was before where the report says so."""

    name: Mapping[str, str]
    now: Decimal
    per_cent: Decimal
    before: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Published:
    """All that a report states. `populations` are other counts of the people, such as a census."""

    figures: tuple[Stated, ...] = ()
    populations: tuple[Count, ...] = ()
    sums: tuple[Sum, ...] = ()
    growths: tuple[Growth, ...] = ()
    counts: tuple[Count, ...] = ()
