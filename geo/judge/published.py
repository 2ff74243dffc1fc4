"""The audit of a report: every published figure against the computed one, and all of them against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.judge.check import Check
from geo.judge.coherent import coherence
from geo.judge.implied import (
    Population,
    Ratio,
    area_behind,
    figure_of,
    points_behind,
    populations,
    ratio_name,
    ratios,
    reference_for,
)
from geo.judge.rounding import Span, exact, written
from geo.messages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geo.figures import Figure
    from geo.judge.check import Verdict
    from geo.judge.stated import Published, Stated

_WHY = {(True, True): "counted", (True, False): "counted_otherwise", (False, True): "fits", (False, False): "differs"}
# How a count is published is how it was counted; every other figure is rounded.
_COUNTED = ("points", "point_locations", "villages")


@dataclass(frozen=True, kw_only=True)
class Audit:
    """
    What was found of a report.

    `checks` has one entry per published figure first, then what the statements say of each other. `ratios` are the
    published ratios with the population on one side, `populations` the numbers of people held against them.
    """

    checks: tuple[Check, ...]
    ratios: tuple[Ratio, ...]
    populations: tuple[Population, ...]

    @property
    def faults(self) -> tuple[Check, ...]:
        """The statements that cannot be right beside what they were held against."""
        return tuple(check for check in self.checks if check.is_fault)


def audit(published: Published, figures: Sequence[Figure]) -> Audit:
    """
    Hold what a report states against the figures of the layers, and its statements against each other.

    Parameters
    ----------
    published : Published
        The statements, with the digits they are printed with: 3.24 stands for 3.235 to 3.245.
    figures : sequence of Figure
        The computed figures; those of the whole territory are used.

    Returns
    -------
    Audit
        A published figure is `reproduced` where the computed one rounds to it, `by_construction` where it does and the
        layers were made so as to give it, `not_reproduced`, or `not_computable`. What is only implied is `shown`.
    """
    held = ratios(published, figures)
    checks = [_compared(one, figures, held) for one in published.figures]
    checks += _implied_by_radius(published, figures)
    return Audit(
        checks=(*checks, *coherence(published)),
        ratios=tuple(held),
        populations=tuple(populations(published, figures)),
    )


def _compared(one: Stated, figures: Sequence[Figure], held: Sequence[Ratio]) -> Check:
    figure = figure_of(figures, one.indicator, one.variant)
    if figure is None or figure.value is None:
        reason = None if figure is None else figure.reason
        return Check(
            subject=one.indicator,
            variant=one.variant,
            verdict="not_computable",
            stated=one.value,
            why="not_in_study" if reason is None else "without_value",
            values={"reason": {} if figure is None else _both(figure.reason_text)},
        )
    counted = one.indicator in _COUNTED
    span = exact(float(one.value)) if counted else written(one.value)
    fits = span.holds(figure.value)
    fitting: Verdict = "by_construction" if figure.basis == "by_construction" else "reproduced"
    remedy, values = (None, {}) if fits else _remedy(one, figure, held, figures)
    return Check(
        subject=one.indicator,
        variant=one.variant,
        verdict=fitting if fits else "not_reproduced",
        stated=one.value,
        why=_WHY[counted, fits],
        computed=figure.value,
        difference=float(one.value) - figure.value,
        basis=figure.basis,
        remedy=remedy,
        values={"low": span.low, "high": span.high, "rule": _both(figure.rule_text), **values},
    )


def _remedy(
    one: Stated, figure: Figure, held: Sequence[Ratio], figures: Sequence[Figure]
) -> tuple[str, dict[str, object]]:
    """Say what would make a figure right: another population, other subscriptions, another area, or another figure."""
    right: dict[str, object] = {"right": float(f"{figure.value:.{_digits(one)}f}")}
    ratio = next((ratio for ratio in held if ratio.stated == one), None)
    if ratio is not None and (reference := reference_for(ratio, held, figures)) is not None:
        population, by = reference
        values: dict[str, object] = {
            **_of_span(ratio.population, "implied"),
            "count": ratio.count,
            "population": round(population),
            "value": round(ratio.value_for(population), _digits(one)),
            "needed": round(ratio.count_for(population)),
            "stated": one.value,
            "whose": _both(lambda language: "" if by is None else ratio_name(by, language)),
        }
        return f"{one.indicator}_remedy" + ("" if by is None else "_beside"), values
    if one.indicator == "mean_service_radius" and figure.numerator and figure.denominator:
        area, points = area_behind(one, figure.denominator), points_behind(one, figure.numerator)
        return "mean_service_radius_remedy", {**right, **_of_span(area, "area"), **_of_span(points, "points")}
    return "differs_remedy", right


def _implied_by_radius(published: Published, figures: Sequence[Figure]) -> Iterator[Check]:
    """Show the area that a published radius implies with the published points, beside the one that is known."""
    radius = next((one for one in published.figures if one.indicator == "mean_service_radius"), None)
    points = next((one for one in published.figures if one.indicator == "points"), None)
    area = figure_of(figures, "area", None)
    if radius is None or points is None or area is None or area.value is None:
        return
    span = area_behind(radius, float(points.value))
    fits = span.holds(area.value)
    yield Check(
        subject="area",
        verdict="shown" if fits else "not_reproduced",
        stated=None,
        why="area_implied" if fits else "area_implied_differs",
        remedy=None if fits else "area_implied_remedy",
        computed=area.value,
        difference=None if fits else span.value - area.value,
        values={
            **_of_span(span, "area"),
            **_of_span(points_behind(radius, area.value), "points"),
            "radius": radius.value,
            "count": float(points.value),
            "known": area.value,
        },
    )


def _of_span(span: Span, name: str) -> dict[str, object]:
    digits = 1 if span.high < 1000 else 0  # noqa: PLR2004 - small numbers keep a decimal
    ends = {f"{name}_low": span.low, name: span.value, f"{name}_high": span.high}
    return {key: round(value, digits) for key, value in ends.items()}


def _digits(one: Stated) -> int:
    return max(0, -int(one.value.as_tuple().exponent))


def _both(say: Callable[[str], str | None]) -> dict[str, str]:
    return {language: say(language) or "" for language in LANGUAGES}
