"""What would make a published figure right: another population, other subscriptions, another area, another figure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from geo.judge.check import both
from geo.judge.implied import area_behind, points_behind, ratio_name, reference_for
from geo.judge.rounding import Span, digits_of, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.figures import Figure
    from geo.judge.implied import Ratio
    from geo.judge.stated import Stated

_SHARE_DIGITS = 3
_MOST_DIGITS = 12


def remedy(
    one: Stated, figure: Figure, held: Sequence[Ratio], figures: Sequence[Figure]
) -> tuple[str, dict[str, object]]:
    """Give the key of the sentence that says what would make a figure right, and what fills it."""
    ratio = next((ratio for ratio in held if ratio.stated == one), None)
    if ratio is not None and (reference := reference_for(ratio, held, figures)) is not None:
        population, by = reference
        values: dict[str, object] = {
            **filling(ratio.population, "implied"),
            "count": ratio.count,
            "population": round(population),
            "value": round(ratio.value_for(population), digits_of(one.value)),
            "needed": round(ratio.count_for(population)),
            "stated": one.value,
            "whose": both(lambda language: "" if by is None else ratio_name(by, language)),
        }
        return f"{one.indicator}_remedy" + ("" if by is None else "_beside"), values
    right: dict[str, object] = {"right": _right(one, figure.value or 0.0)}
    if one.indicator == "mean_service_radius" and one.value and figure.numerator and figure.denominator:
        area, points = area_behind(one, figure.denominator), points_behind(one, figure.numerator)
        return "mean_service_radius_remedy", {**right, **filling(area, "area"), **filling(points, "points")}
    return "differs_remedy", right


def filling(span: Span, name: str) -> dict[str, object]:
    """Give a span as what fills a sentence: its value as `name`, its ends as `name` with ``_low`` and ``_high``."""
    low, value, high = shown(span)
    return {f"{name}_low": low, name: value, f"{name}_high": high}


def _right(one: Stated, value: float) -> Decimal:
    """Round a computed figure as the published one is, or with as many digits as tell it from that."""
    digits = max(digits_of(one.value), _SHARE_DIGITS if one.is_share else 0)
    while (right := round(Decimal(str(value)), digits)) == one.value and digits < _MOST_DIGITS:
        digits += 1
    return right
