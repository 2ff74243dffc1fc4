"""What a report states: figures, populations, sums and growth rates, with the digits they are printed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


@dataclass(frozen=True)
class Stated:
    """
    One published figure: an indicator, of a technology, a kind of subscription or a limit in km, where it has one.

    Shares are 0 to 1, as the tool gives them: 90 % is 0.90.
    """

    indicator: str
    variant: str | None
    value: Decimal


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
