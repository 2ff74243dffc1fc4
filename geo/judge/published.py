"""The audit of a report: every published figure against the computed one, and all of them against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo import messages
from geo.judge.check import Check, both
from geo.judge.coherent import coherence
from geo.judge.implied import (
    Population,
    Ratio,
    area_behind,
    figure_of,
    is_circular,
    points_behind,
    populations,
    ratios,
)
from geo.judge.remedy import filling, remedy
from geo.judge.rounding import ends
from geo.judge.stand_in import stand_in
from geo.measure.indicators import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo.figures import Figure
    from geo.judge.check import Verdict
    from geo.judge.stated import Published, Stated

_UNITS = {one.key: one.unit for one in INDICATORS}


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

    def summary(self, language: str = "en") -> str:
        """Say how many statements cannot be right, and how many could not be held against anything."""
        told = messages.text("word.audited", language, wrong=len(self.faults), of=len(self.checks))
        missing = sum(check.verdict == "not_computable" for check in self.checks)
        return f"{told} {messages.text('word.not_audited', language, count=missing)}" if missing else told


def audit(published: Published, figures: Sequence[Figure]) -> Audit:
    """
    Hold what a report states against the figures of the layers, and its statements against each other.

    Parameters
    ----------
    published : Published
        The statements, with the digits they are printed with: 3.24 stands for 3.235 to 3.245.
    figures : sequence of Figure
        The computed figures, with the limits in km that the statements have (:func:`geo.judge.standards.limits_of`);
        those of the whole territory are used.

    Returns
    -------
    Audit
        A published figure is `reproduced` where the computed one rounds to it, `by_construction` where it does and the
        layers were made so as to give it or the official population was worked out from it, `not_reproduced`, or
        `not_computable`. What is only implied is `shown`.
    """
    held = ratios(published, figures)
    checks = [_of_figure(one, published, figures, held) for one in published.figures]
    checks += _implied_by_radius(published, figures, checks)
    return Audit(
        checks=(*checks, *coherence(published)),
        ratios=tuple(held),
        populations=tuple(populations(published, figures)),
    )


def _of_figure(one: Stated, published: Published, figures: Sequence[Figure], held: Sequence[Ratio]) -> Check:
    figure = figure_of(figures, one.indicator, one.variant)
    other = stand_in(figure, published, figures)
    check = _compared(one, other or figure, figures, held)
    if other is None or check.why not in ("fits", "differs"):
        return check
    return replace(check, why=f"{check.why}_published")


def _compared(one: Stated, figure: Figure | None, figures: Sequence[Figure], held: Sequence[Ratio]) -> Check:
    check = _beside(one, figure)
    if one.is_above_whole:
        return replace(
            check,
            verdict="not_reproduced",
            why="above_whole",
            remedy="above_whole_remedy",
            values={"stated": one.value, "hundredth": one.value.scaleb(-2)},
        )
    if figure is None or figure.value is None:
        return check
    low, high = ends(one.value)
    values: dict[str, object] = {"low": low, "high": high, "rule": both(figure.rule_text)}
    if not one.span.holds(figure.value):
        key, filled = remedy(one, figure, held, figures)
        why = _why(one, fits=False)
        return replace(check, verdict="not_reproduced", why=why, remedy=key, values={**values, **filled})
    fitting: Verdict = "by_construction" if figure.basis == "by_construction" else "reproduced"
    ratio = next((ratio for ratio in held if ratio.stated == one), None)
    if ratio is not None and is_circular(ratio, figures):
        values["population"] = round(ratio.population.value)
        return replace(check, verdict="by_construction", why="fits_circular", values=values)
    return replace(check, verdict=fitting, why=_why(one, fits=True), values=values)


def _beside(one: Stated, figure: Figure | None) -> Check:
    """Put a published figure beside the computed one, not judged yet."""
    check = Check(
        subject=one.indicator,
        variant=one.variant,
        verdict="not_computable",
        stated=one.value,
        why="not_in_study",
        unit=_UNITS.get(one.indicator),
    )
    if figure is None:
        return check
    parts = replace(check, rule=figure.rule, numerator=figure.numerator, denominator=figure.denominator)
    if figure.value is None:
        return replace(parts, why="without_value", values={"reason": both(figure.reason_text)})
    return replace(parts, computed=figure.value, difference=float(one.value) - figure.value, basis=figure.basis)


def _why(one: Stated, *, fits: bool) -> str:
    if one.is_count:
        return "counted" if fits else "counted_otherwise"
    exactly = "_exactly" if one.span.low == one.span.high else ""
    return f"{'fits' if fits else 'differs'}{exactly}"


def _implied_by_radius(published: Published, figures: Sequence[Figure], checks: Sequence[Check]) -> Iterator[Check]:
    """Show the area that a published radius implies with the published points, beside the one that is known."""
    radius = next((one for one in published.figures if one.indicator == "mean_service_radius"), None)
    points = next((one for one in published.figures if one.indicator == "points"), None)
    area = figure_of(figures, "area", None)
    if not (radius and radius.value and points and points.value and area and area.value):
        return
    span = area_behind(radius, float(points.value))
    fits = span.holds(area.value)
    # A radius or a number of points that is known to be wrong is not wrong twice.
    told = any(check.is_fault and check.subject in ("mean_service_radius", "points") for check in checks)
    yield Check(
        subject="area",
        verdict="shown" if fits or told else "not_reproduced",
        stated=None,
        why="area_implied" if fits else "area_implied_differs",
        remedy=None if fits else "area_implied_remedy",
        computed=area.value,
        difference=None if fits else span.value - area.value,
        unit=area.unit,
        rule=area.rule,
        basis=area.basis,
        values={
            **filling(span, "area"),
            **filling(points_behind(radius, area.value), "points"),
            "radius": radius.value,
            "count": float(points.value),
            "known": area.value,
        },
    )
