"""The figures of the whole territory and of its groups, each with all that is needed to check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo import messages
from geo.draw.style import number_format
from geo.figures import ALL
from geo.report.document import NOT_KNOWN, Cell, Column, Number, Section, Table, plain
from geo.report.laws import law_of
from geo.report.sources import brief_source, sources_of

if TYPE_CHECKING:
    from geo.figures import Figure
    from geo.report.given import Given

_REFERENCES = ("disc_mean_distance", "random_nearest_distance", "hexagon_worst_distance")


def figures(given: Given, language: str) -> Section:
    """List every figure; paper shows those of the whole, by any operator, the workbook all others below them."""
    found = sorted(given.results.figures, key=_rank)
    titles = messages.group("head", language)
    columns = [
        Column("subject", titles["subject"], "heading"),
        Column("figure", titles["figure"]),
        Column("value", titles["value"], missing=NOT_KNOWN),
        Column("unit", titles["unit"]),
        Column("numerator", titles["numerator"]),
        Column("denominator", titles["denominator"]),
        Column("rule", titles["rule"], "under"),
        Column("reason", titles["reason"], "under"),
        Column("sources", titles["sources"], "under"),
        Column("basis", titles["basis"], "sheet"),
        *(Column(key, titles[key], "sheet") for key in ("area", "indicator", "technology", "operator", "within_km")),
    ]
    table = Table(
        key="figures",
        columns=tuple(columns),
        rows=tuple(_row(figure, given, language) for figure in found),
        most=sum(_rank(figure) == 0 for figure in found),
    )
    return Section(
        key="figures",
        title=messages.text("section.figures", language),
        sheet=messages.text("sheet.figures", language),
        sentences=(f"{messages.text('report.marks', language)} {messages.text('report.traced', language)}",),
        tables=(table,),
    )


def number(figure: Figure) -> Number | None:
    """Give the value of a figure as a number that follows from its parts."""
    if figure.value is None:
        return None
    has_parts = figure.numerator is not None and figure.denominator is not None
    law = law_of(figure.indicator) if has_parts else None
    return Number(figure.value, number_format(figure.indicator), law, basis=figure.basis)


def figure_name(figure: Figure, language: str) -> str:
    """Name a figure with its technology, operator and limit."""
    operator = None if figure.operator in (None, "any") else figure.operator
    ways = messages.group("page_operator", language)
    technologies = messages.group("page_technology", language)
    limit = None if figure.within_km is None else f"{messages.written(figure.within_km, language)} km"
    technology = None if figure.technology is None else technologies.get(figure.technology, figure.technology)
    details = [part for part in (technology, operator and ways.get(operator, operator), limit) if part]
    name = messages.text(f"indicator.{figure.indicator}", language)
    return plain(f"{name} ({', '.join(details)})" if details else name)


def unit_name(figure: Figure, language: str) -> str | None:
    """Name a unit; a count and a share have none."""
    return None if figure.unit in ("count", "share") else messages.text(f"unit.{figure.unit}", language)


def area_name(area: str, language: str) -> str:
    """Name the area of a figure: the whole, what lies outside, or a group."""
    key = {ALL: "whole", "(outside)": "outside", "(none)": "without"}.get(area)
    return plain(area) if key is None else messages.text(f"report.{key}", language)


def _rank(figure: Figure) -> int:
    return 2 if figure.area != ALL else int(figure.operator not in (None, "any"))


def _row(figure: Figure, given: Given, language: str) -> tuple[Cell, ...]:
    sources = "; ".join(brief_source(facts) for facts in sources_of(figure, given.layers))
    reason = figure.reason_text(language)
    return (
        messages.text(f"about.{_subject(figure.indicator)}", language),
        figure_name(figure, language),
        number(figure),
        unit_name(figure, language),
        _part(figure, figure.numerator, is_above=True),
        _part(figure, figure.denominator, is_above=False),
        plain(figure.rule_text(language)),
        None if reason is None else plain(reason),
        plain(sources) or None,
        messages.text(f"basis.{figure.basis}", language),
        area_name(figure.area, language),
        figure.indicator,
        figure.technology and plain(figure.technology),
        figure.operator and plain(figure.operator),
        None if figure.within_km is None else Number(figure.within_km, number_format("nearest_distance")),
    )


def _part(figure: Figure, value: float | None, *, is_above: bool) -> Number | None:
    """Give a numerator or denominator; an area shows a decimal, people and points none."""
    if value is None:
        return None
    is_area = (figure.unit == "km" and is_above) or figure.indicator == "area_covered"
    return Number(value, number_format("area" if is_area else "population"))


def _subject(indicator: str) -> str:
    if indicator in _REFERENCES:
        return "references"
    if indicator.startswith("nearest_distance") or indicator.endswith("_within"):
        return "distance"
    if indicator.endswith("_covered"):
        return "coverage"
    return "subscriptions" if indicator == "subscriptions_per_100" else "network"
