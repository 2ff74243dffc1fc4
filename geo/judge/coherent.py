"""Statements of a report held against each other: sums, growth, shares, the order of technologies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.judge.check import Check
from geo.judge.rounding import written
from geo.layers.technology import counting_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo.judge.stated import Growth, Published, Stated, Sum

_COVERED = ("villages_covered", "people_covered", "area_covered")
_SHARES = (*_COVERED, "villages_within", "people_within")


def coherence(published: Published) -> Iterator[Check]:
    """
    Check what can be told from the statements alone.

    Sums, with the rounding of every part; growth rates against both years, or the year before that they imply; shares
    above one; a later technology above an earlier one, which it counts for; counts that nothing can be held against.
    """
    yield from (_sum(one) for one in published.sums)
    yield from (_growth(one) for one in published.growths)
    yield from _too_large(published.figures)
    yield from _later_above_earlier(published.figures)
    for count in published.counts:
        yield Check(subject="count", verdict="shown", stated=count.value, why="count_alone", name=count.name)


def _sum(one: Sum) -> Check:
    low, high = (sum(getattr(written(part), end) for part in one.parts) for end in ("low", "high"))
    whole = all(part == part.to_integral_value() for part in (*one.parts, one.total))
    added = float(sum(one.parts))
    total = written(one.total)
    beyond = [part for part in one.parts if float(part) > total.high]
    holds = added == float(one.total) if whole else total.low <= high and low <= total.high
    values = {
        "parts": one.parts,
        "added": added,
        "stated": float(one.total),
        "part": float(beyond[0]) if beyond else None,
    }
    return Check(
        subject="sum",
        verdict="reproduced" if holds else "not_reproduced",
        stated=one.total,
        why="sum_holds" if holds else "part_beyond_whole" if beyond else "sum_fails",
        remedy=None if holds else "sum_remedy",
        name=one.name,
        computed=added,
        difference=float(one.total) - added,
        values=values,
    )


def _growth(one: Growth) -> Check:
    rate = written(one.per_cent)
    low, before, high = (float(one.now) / (1 + share / 100) for share in (rate.high, rate.value, rate.low))
    values = {"before": round(before), "low": round(low), "high": round(high), "now": float(one.now)}
    if one.before is None:
        return Check(
            subject="growth",
            verdict="shown",
            stated=one.per_cent,
            why="growth_implies",
            name=one.name,
            computed=before,
            values=values,
        )
    real = 100 * (float(one.now) / float(one.before) - 1)
    holds = rate.holds(real)
    return Check(
        subject="growth",
        verdict="reproduced" if holds else "not_reproduced",
        stated=one.per_cent,
        why="growth_holds" if holds else "growth_fails",
        remedy=None if holds else "growth_remedy",
        name=one.name,
        computed=real,
        difference=float(one.per_cent) - real,
        values={**values, "real": round(real, 4), "given": float(one.before)},
    )


def _too_large(figures: Iterable[Stated]) -> Iterator[Check]:
    for one in figures:
        if one.indicator in _SHARES and one.value > 1:
            yield Check(
                subject=one.indicator,
                variant=one.variant,
                verdict="not_reproduced",
                stated=one.value,
                why="above_whole",
                remedy="above_whole_remedy",
                difference=float(one.value) - 1,
                values={"stated": one.value, "hundredth": one.value / 100},
            )


def _later_above_earlier(figures: Iterable[Stated]) -> Iterator[Check]:
    stated = {(one.indicator, one.variant): one for one in figures if one.indicator in _COVERED and one.variant}
    for (indicator, technology), earlier in stated.items():
        for later in counting_for(technology or "")[1:]:
            above = stated.get((indicator, later))
            if above is not None and written(above.value).low > written(earlier.value).high:
                yield Check(
                    subject=indicator,
                    variant=later,
                    verdict="not_reproduced",
                    stated=above.value,
                    why="later_above_earlier",
                    remedy="later_above_earlier_remedy",
                    computed=float(earlier.value),
                    difference=float(above.value - earlier.value),
                    values={"later": later, "earlier": technology, "share": earlier.value},
                )
