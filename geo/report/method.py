"""How the figures came about: how it was measured, every file with its hash, and what was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo import __version__, messages
from geo.draw.measures import technology_name
from geo.report.document import NOT_KNOWN, Cell, Column, Number, Section, Table, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.report.given import Given
    from geo.study.results import LayerFacts


def method(given: Given, language: str) -> Section:
    """Say how it was measured, what was chosen, and from which files."""
    sentences = ("distance", "totals", "unknown", "least")
    return Section(
        key="method",
        title=messages.text("section.method", language),
        sheet=messages.text("sheet.method", language),
        sentences=tuple(messages.text(f"report.method_{key}", language) for key in sentences),
        tables=(_layers(given, language), _choices(given, language)),
    )


def layer_name(layer: str, language: str) -> str:
    """Name a layer, with the technology or the number it has."""
    kind, _, rest = layer.partition(".")
    name = messages.group("layer", language).get(kind, kind)
    told = "+".join(technology_name(one, language) for one in rest.split("+"))
    return plain(f"{name} {told}" if rest else name)


def _layers(given: Given, language: str) -> Table:
    names = ("layer", "file", "rows_given", "rows_used", "crs", "sha256", "columns")
    columns = tuple(
        Column(key, messages.text(f"head.{key}", language), "under" if key in ("sha256", "columns") else "cell")
        for key in names
    )
    rows = tuple(_layer(facts, language, counts=facts not in given.origins) for facts in given.layers)
    return Table(key="layers", title=messages.text("report.layers", language), columns=columns, rows=rows)


def _layer(facts: LayerFacts, language: str, *, counts: bool) -> tuple[Cell, ...]:
    return (
        layer_name(facts.layer, language),
        plain(facts.file),
        Number(facts.rows) if counts else None,
        Number(facts.used) if counts else None,
        plain(facts.crs) or None,
        facts.sha256,
        plain(", ".join(f"{key} = '{header}'" for key, header in facts.columns.items())) or None,
    )


def _choices(given: Given, language: str) -> Table:
    columns = tuple(Column(key, messages.text(f"head.{key}", language)) for key in ("choice", "chosen"))
    rows = tuple((name, plain(value)) for name, value in _chosen(given, language))
    return Table(
        key="choices",
        title=messages.text("report.choices", language),
        columns=columns,
        rows=rows,
        sheet=messages.text("sheet.choices", language),
    )


def _chosen(given: Given, language: str) -> Iterator[tuple[str, str]]:
    """Name every choice that the figures depend on, beside the official numbers that were given."""
    totals, choices = given.study.totals, given.study.choices

    def said(key: str, value: object) -> tuple[str, str]:
        return messages.text(f"report.{key}", language), str(messages.written(value, language))

    yield said("geo_version", __version__)
    if totals.area_km2 is not None:
        yield said("official_area", totals.area_km2)
    if totals.population is not None:
        yield said("official_population", totals.population)
    if totals.population_basis:
        yield said("population_basis", totals.population_basis)
    for kind, number in given.study.subscriptions.items():
        name = messages.text("report.subscriptions", language, kind=technology_name(kind, language))
        yield plain(name), str(messages.written(number, language))
    limits = "; ".join(str(messages.written(limit, language)) for limit in choices.within_km)
    yield said("within_km", limits or NOT_KNOWN)
    kinds = messages.group("page_kind", language)
    told = ", ".join(kinds.get(kind, kind) for kind in choices.kinds)
    yield said("kinds", told or messages.text("report.every_kind", language))
    when = choices.covered_when
    yield said(
        "covered_when",
        messages.text(f"when.{when}", language)
        if isinstance(when, str)
        else messages.text("when.share", language, share=100 * when),
    )
    if choices.cell_range_km is not None:
        yield said("cell_range_km", choices.cell_range_km)
    yield said("clip", messages.text(f"report.{'clipped' if choices.clip else 'kept'}", language))
    if choices.repair:
        yield said("repair", ", ".join(choices.repair))
