"""The territory in parts: a row per area, or per group that was asked for, with shares that can be followed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo import messages
from geo.draw.measures import Measure, technology_name
from geo.draw.style import is_share, number_format
from geo.figures import ALL
from geo.measure.indicators import DENOMINATOR, NUMERATOR, WHY, column_key
from geo.report.document import NOT_KNOWN, Cell, Column, Number, Section, Table, plain
from geo.report.laws import law_of
from geo.report.whole import area_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from geo.figures import Basis, Figure
    from geo.report.given import Given

_AMOUNTS = (
    "villages",
    "population",
    "points",
    "area",
    "mean_service_radius",
    "people_per_point",
    "nearest_distance_mean",
    "nearest_distance_max",
)
_SHARES = ("people_within", "people_covered", "villages_within", "villages_covered", "area_covered")
_PAPER_SHARES = 4
_PEOPLE_SHARES = ("people_within", "people_covered")


@dataclass(frozen=True)
class _Part:
    """One area: its name, what it is part of, its values by the key of their column, and what each rests on."""

    name: str
    parent: str | None
    values: Mapping[str, float]
    bases: Mapping[str, Basis]


def areas(given: Given, language: str) -> Section:
    """Give a row per area, in the order of their parents."""
    table = given.results.areas
    numbers, basis = table.select_dtypes("number"), given.basis_of_parts
    parts = [
        _Part(plain(name), None if parent is None else plain(parent), values, dict.fromkeys(values, basis))
        for name, parent, values in zip(
            table["name"],
            table["parent"].astype(object).where(table["parent"].notna(), None),
            numbers.to_dict("records"),
            strict=True,
        )
    ]
    order = {parent: number for number, parent in enumerate(dict.fromkeys(part.parent for part in parts))}
    parts.sort(key=lambda part: order[part.parent])
    why = {column.removeprefix(WHY): set(table[column].dropna()) for column in table.columns if column.startswith(WHY)}
    return _section("areas", [*parts, *_outside(given, language), _whole(given, language)], why, language)


def groups(given: Given, language: str) -> Section:
    """Give a row per group of the column that was asked for."""
    own: dict[str, list[Figure]] = {}
    for figure in given.results.figures:
        if figure.area != ALL:
            own.setdefault(figure.area, []).append(figure)
    parts = [_of_figures(area_name(name, language), figures) for name, figures in own.items()]
    why: dict[str, set[str]] = {}
    for figure in given.results.figures:
        if figure.area != ALL and figure.reason is not None:
            why.setdefault(_key(figure), set()).add(figure.reason)
    return _section("groups", [*parts, _whole(given, language)], why, language, by=plain(given.by))


def _section(
    key: str, parts: Sequence[_Part], why: Mapping[str, AbstractSet[str]], language: str, *, by: str | None = None
) -> Section:
    keys = [name for name in _keys(parts) if any(_is_told(part.values.get(name)) for part in parts)]
    sentences = [messages.text("report.parts", language)]
    if reasons := sorted({reason for name in keys for reason in why.get(name, ())}):
        told = "; ".join(messages.text(f"reason.{reason}", language) for reason in reasons)
        sentences.append(messages.text("report.dash", language, reasons=told))
    return Section(
        key=key,
        title=messages.text(f"section.{key}", language, **({} if by is None else {"by": by})),
        sheet=messages.text(f"sheet.{key}", language),
        sentences=tuple(sentences),
        tables=(_table(key, keys, parts, language),),
    )


def _keys(parts: Sequence[_Part]) -> list[str]:
    """Choose the measures: amounts first, then shares by any operator."""
    found = dict.fromkeys(name for part in parts for name in part.values)
    measures = [(name, measure) for name in found if (measure := Measure.of_column(name)) is not None]
    shares = [
        name for key in _SHARES for name, measure in measures if measure.indicator == key and measure.operator is None
    ]
    return [*(name for name in _AMOUNTS if name in found), *shares]


def _table(key: str, keys: Sequence[str], parts: Sequence[_Part], language: str) -> Table:
    titles = messages.group("head", language)
    paper = _on_paper(keys)
    columns = [Column("parent", titles["parent"], "heading"), Column("area", titles["area"])]
    columns += [_column(name, language, shows=name in paper) for name in keys]
    shares = [name for name in keys if is_share(name.partition(":")[0])]
    for name in shares:
        label = _label(name, language)
        for part in ("numerator", "denominator"):
            title = messages.text(f"head.{part}_of", language, name=label)
            columns.append(Column(f"{part}:{name}", title, "sheet"))
    rows = [
        (
            part.parent,
            part.name,
            *(_value(name, part) for name in keys),
            *(_number(part.values.get(head + name), _part_kind(name)) for name in shares for head in _HEADS),
        )
        for part in parts
    ]
    return Table(key=key, columns=tuple(columns), rows=tuple(rows), has_total=True)


_HEADS = (NUMERATOR, DENOMINATOR)


def _part_kind(name: str) -> str:
    return "area" if name.startswith("area_covered") else "population"


def _on_paper(keys: Sequence[str]) -> set[str]:
    """Choose what fits a page: all amounts, and the first shares of people (of villages where people are unknown)."""
    shares = [name for name in keys if name.partition(":")[0] in _PEOPLE_SHARES]
    shares = shares or [name for name in keys if name.startswith("villages_") and is_share(name.partition(":")[0])]
    return {*(name for name in keys if name in _AMOUNTS), *shares[:_PAPER_SHARES]}


def _column(name: str, language: str, *, shows: bool) -> Column:
    return Column(name, _label(name, language), "cell" if shows else "sheet", _brief(name, language), NOT_KNOWN)


def _label(name: str, language: str) -> str:
    measure = Measure.of_column(name)
    unit = number_format(name.partition(":")[0]).unit
    label = plain(name if measure is None else measure.label(language))
    return f"{label}, {messages.text(f'page_unit.{unit}', language)}" if unit else label


def _brief(name: str, language: str) -> str:
    measure = Measure.of_column(name)
    if measure is None or measure.indicator not in messages.group("brief", language):
        return ""
    technology = None if measure.technology is None else technology_name(measure.technology, language)
    told = {"technology": technology, "within": measure.within_km}
    return plain(messages.text(f"brief.{measure.indicator}", language, **told))


def _value(name: str, part: _Part) -> Number | None:
    """Give a value; a share follows from its parts where both are told."""
    indicator = name.partition(":")[0]
    heads = (NUMERATOR + name, DENOMINATOR + name)
    followed = is_share(indicator) and all(_is_told(part.values.get(head)) for head in heads)
    law = law_of(indicator) if followed else None
    value = part.values.get(name)
    if not _is_told(value):
        return None
    return Number(float(value or 0), number_format(indicator), law, heads, part.bases.get(name, "measured"))


def _number(value: float | None, indicator: str) -> Cell:
    return Number(float(value), number_format(indicator)) if value is not None and _is_told(value) else None


def _is_told(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _whole(given: Given, language: str) -> _Part:
    return _of_figures(
        messages.text("report.whole", language), [figure for figure in given.results.figures if figure.area == ALL]
    )


def _of_figures(name: str, figures: Sequence[Figure]) -> _Part:
    values: dict[str, float] = {}
    for figure in figures:
        values |= _told(figure)
    return _Part(name, None, values, {_key(figure): figure.basis for figure in figures})


def _outside(given: Given, language: str) -> list[_Part]:
    """Count the rows outside every area, so that villages and points add up to the whole."""
    counts = {
        name: int(table["area_id"].isna().sum())
        for name, table in (("villages", given.results.villages), ("points", given.results.points))
    }
    if not any(counts.values()):
        return []
    bases = dict.fromkeys(counts, given.basis_of_parts)
    return [_Part(messages.text("report.outside", language), None, counts, bases)]


def _key(figure: Figure) -> str:
    return column_key(figure.indicator, figure.technology, figure.operator, figure.within_km)


def _told(figure: Figure) -> dict[str, float]:
    """Give the value of a figure and what it is made of, as a table of areas holds them."""
    key = _key(figure)
    told = ((key, figure.value), (NUMERATOR + key, figure.numerator), (DENOMINATOR + key, figure.denominator))
    return {name: float(value) for name, value in told if value is not None}
