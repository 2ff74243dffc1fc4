"""Real access beside the headline: the mean service radius, its references, and the distances that people have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo import messages
from geo.draw.style import Format, number_format
from geo.messages import Term
from geo.report.document import Cell, Column, Number, Section, Table
from geo.report.whole import figure_name, number

if TYPE_CHECKING:
    from geo.report.given import Given

_REFERENCES = ("mean_service_radius", "disc_mean_distance", "random_nearest_distance", "hexagon_worst_distance")
_STATISTICS = ("mean", "p50", "p75", "p90", "max")
_NEEDED = ("mean_service_radius", "random_nearest_distance", "area", "points")


def access(given: Given, language: str) -> Section:
    """Set the references and the measured distances side by side, with one sentence that compares them fairly."""
    return Section(
        key="access",
        title=messages.text("section.access", language),
        sheet=messages.text("sheet.access", language),
        sentences=(fair_sentence(given, language),),
        tables=(_references(given, language), _distances(given, language)),
    )


def fair_sentence(given: Given, language: str) -> str:
    """
    Compare real distances with the one reference that they may be compared with, over people where these are known.

    Points put at random on wide, even land are as far from a village as from any other spot: the mean over villages or
    people may be held against them; the mean radius, which is a density, may not.
    """
    for who, suffix in (("people", "_people"), ("villages", "")):
        keys = [f"nearest_distance_{one}{suffix}" for one in ("mean", "p50", "p90")]
        found = [given.figure(key) for key in (*keys, *_NEEDED)]
        values = [one.value for one in found if one is not None and one.value is not None]
        if len(values) == len(found):
            mean, half, most, radius, random, area, points = values
            nearer = "nearer" if mean < random else "farther"
            return messages.text(
                f"fair.{who}",
                language,
                **{key: round(value, 2) for key, value in (("mean", mean), ("half", half), ("most", most))},
                radius=round(radius, 2),
                random=round(random, 2),
                area=round(area, 1),
                points=points,
                compared=Term(f"fair.{nearer}"),
            )
    missing = (given.figure(key) for key in ("nearest_distance_mean", *_NEEDED))
    reason = next((one.reason_text(language) for one in missing if one is not None and one.reason), "")
    return messages.text("fair.incomparable", language, reason=reason)


def _references(given: Given, language: str) -> Table:
    titles = messages.group("head", language)
    names = ("reference", "km", "numerator", "denominator", "like", "unlike")
    rows: list[tuple[Cell, ...]] = []
    for key in _REFERENCES:
        figure = given.figure(key)
        if figure is None or figure.value is None:
            continue
        rows.append(
            (
                figure_name(figure, language),
                number(figure),
                None if figure.numerator is None else Number(figure.numerator, number_format("area")),
                None if figure.denominator is None else Number(figure.denominator),
                f"{titles['like']}: {messages.text(f'like.{key}', language)}",
                f"{titles['unlike']}: {messages.text(f'unlike.{key}', language)}",
            )
        )
    return Table(
        key="references",
        title=messages.text("report.references", language),
        columns=tuple(Column(key, titles[key], "under" if key in ("like", "unlike") else "cell") for key in names),
        rows=tuple(rows),
    )


def _distances(given: Given, language: str) -> Table:
    titles = messages.group("head", language)
    rows: list[tuple[Cell, ...]] = []
    for statistic in _STATISTICS:
        values = [_value(given, f"nearest_distance_{statistic}{suffix}") for suffix in ("", "_people")]
        if any(values):
            rows.append((messages.text(f"statistic.{statistic}", language), *values, "km"))
    for limit in given.study.choices.within_km:
        values = [_value(given, f"{who}_within", limit) for who in ("villages", "people")]
        if any(values):
            rows.append((f"≤ {messages.written(limit, language)} km", *values, None))
    return Table(
        key="distances",
        title=messages.text("report.really", language),
        columns=tuple(Column(key, titles[key]) for key in ("statistic", "by_villages", "by_people", "unit")),
        rows=tuple(rows),
        sheet=messages.text("sheet.distances", language),
    )


def _value(given: Given, key: str, within_km: float | None = None) -> Number | None:
    figure = given.figure(key, within_km)
    if figure is None or figure.value is None:
        return None
    return Number(
        figure.value, number_format(key) if within_km is None else Format(1, percent=True), basis=figure.basis
    )
