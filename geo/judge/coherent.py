"""Statements of a report held against each other: sums, growth, figures that cannot be above one another."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from geo.judge.check import Check, both, title_of
from geo.judge.remedy import filling
from geo.judge.rounding import Span, counted, digits_of, written
from geo.judge.stated import COVERED, WITHIN
from geo.layers.technology import counting_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo.judge.stated import Growth, Published, Stated, Sum

# Of each row, none can be above the next.
_RISING = (
    ("point_locations", "points"),
    ("nearest_distance_p50", "nearest_distance_p75", "nearest_distance_p90", "nearest_distance_max"),
    ("nearest_distance_mean", "nearest_distance_max"),
    ("nearest_distance_p50_people", "nearest_distance_p90_people"),
)


def coherence(published: Published) -> Iterator[Check]:
    """
    Check what can be told from the statements alone.

    Sums, with the rounding of every part; growth rates against both years, or the year before that they imply; a later
    technology above an earlier one, which it counts for; more within a shorter distance than within a longer one, and
    other parts above their whole; counts that nothing can be held against.
    """
    yield from (_sum(one) for one in published.sums)
    yield from (_growth(one) for one in published.growths)
    # A share above one is a fault of its own, and holds nothing against others.
    figures = [one for one in published.figures if not one.is_above_whole]
    yield from _later_above_earlier(figures)
    yield from _above_larger(figures)
    for count in published.counts:
        yield Check(subject="count", verdict="shown", stated=count.value, why="count_alone", name=count.name)


def _sum(one: Sum) -> Check:
    whole = not any(digits_of(part) for part in (*one.parts, one.total))
    span = Span(*(float(sum(getattr(written(part), end) for part in one.parts)) for end in ("low", "value", "high")))
    added = sum(one.parts, Decimal(0))
    total = written(one.total)
    beyond = [part for part in one.parts if float(part) > total.high]
    holds = added == one.total if whole else total.meets(span)
    values = {"parts": one.parts, "added": added, "stated": one.total, "part": beyond[0] if beyond else None}
    return Check(
        subject="sum",
        verdict="reproduced" if holds else "not_reproduced",
        stated=one.total,
        why="sum_holds" if holds else "part_beyond_whole" if beyond else "sum_fails",
        remedy=None if holds else "sum_remedy",
        name=one.name,
        computed=float(added),
        difference=float(one.total - added),
        values=values,
    )


def _growth(one: Growth) -> Check:
    rate, now = written(one.per_cent), counted(one.now)
    implied = Span(now.low / (1 + rate.high / 100), now.value / (1 + rate.value / 100), now.high / (1 + rate.low / 100))
    values = {**filling(implied, "before"), "now": one.now}
    if one.before is None:
        return Check(
            subject="growth",
            verdict="shown",
            stated=one.per_cent,
            why="growth_implies",
            name=one.name,
            unit="per cent",
            numerator=now.value,
            denominator=implied.value,
            values=values,
        )
    before = counted(one.before)
    ratios = (now.low / before.high, now.value / before.value, now.high / before.low)
    real = Span(*(100 * (ratio - 1) for ratio in ratios))
    holds = rate.meets(real)
    return Check(
        subject="growth",
        verdict="reproduced" if holds else "not_reproduced",
        stated=one.per_cent,
        why="growth_holds" if holds else "growth_fails" if real.low == real.high else "growth_fails_rounded",
        remedy=None if holds else "growth_remedy",
        name=one.name,
        computed=real.value,
        difference=float(one.per_cent) - real.value,
        unit="per cent",
        numerator=now.value,
        denominator=before.value,
        values={**values, "given": one.before, **filling(real, "real"), "real": _rate(real, one)},
    )


def _rate(real: Span, one: Growth) -> Decimal:
    """Round a rate to two digits more than it is stated with."""
    return Decimal(f"{real.value:.{digits_of(one.per_cent) + 2}f}")


def _later_above_earlier(figures: Iterable[Stated]) -> Iterator[Check]:
    stated = {(one.indicator, one.variant): one for one in figures if one.indicator in COVERED and one.variant}
    for (indicator, technology), earlier in stated.items():
        for later in counting_for(technology or "")[1:]:
            above = stated.get((indicator, later))
            if above is not None and above.span.is_above(earlier.span):
                values = {"later": later, "earlier": technology, "share": earlier.value}
                yield _cannot_be_above(above, earlier, "later_above_earlier", values)


def _above_larger(figures: Iterable[Stated]) -> Iterator[Check]:
    """Find figures above those that they are a part of, or that go farther."""
    single = {one.indicator: one for one in figures if one.variant is None}
    rows = [[single[key] for key in row if key in single] for row in _RISING]
    for indicator in WITHIN:
        limits = [one for one in figures if one.indicator == indicator]
        rows.append(sorted(limits, key=lambda one: Decimal(one.variant or 0)))
    for smaller, larger in (pair for row in rows for pair in pairwise(row)):
        if smaller.span.is_above(larger.span):
            yield _cannot_be_above(smaller, larger, "above_larger", {"larger": _named(larger), "most": larger.value})


def _named(one: Stated) -> dict[str, str]:
    return both(lambda language: title_of(one.indicator, one.variant, language))


def _cannot_be_above(above: Stated, other: Stated, why: str, values: dict[str, object]) -> Check:
    return Check(
        subject=above.indicator,
        variant=above.variant,
        verdict="not_reproduced",
        stated=above.value,
        why=why,
        remedy=f"{why}_remedy",
        computed=float(other.value),
        difference=float(above.value - other.value),
        values=values,
    )
