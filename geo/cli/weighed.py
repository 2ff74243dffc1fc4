"""What `geo check` prints: findings grouped by what they do to the figures, the gravest first."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

import click

from geo import messages
from geo.cli.told import contract, figure_name, figure_value, tell_findings
from geo.study.effects import weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo.figures import Figure
    from geo.study.effects import Effect
    from geo.study.results import LayerFacts, Results

_WEIGHTS = ("left_out", "counted", "told")
_MOST_DIGITS = 9


def tell(results: Results, effects: Iterable[Effect], language: str) -> str:
    """Give findings as text, those first that leave rows out, each group under what it does to the figures."""
    blocks = []
    told = list(effects)
    for name in _WEIGHTS:
        findings = [one for one in results.findings if weight(one) == name]
        if not findings:
            continue
        heading = click.style(messages.text(f"weight.{name}", language), bold=True)
        lines = list(_effects([one for one in told if weight(one.findings[0]) == name], language))
        blocks.append("\n".join([heading, *lines, tell_findings(findings, language)]))
    return "\n\n".join(blocks)


def as_json(results: Results, effects: Iterable[Effect], language: str, origins: Iterable[LayerFacts] = ()) -> str:
    """Give results as the JSON contract has them, and what the findings do to the figures, by their positions."""
    place = {id(finding): number for number, finding in enumerate(results.findings)}
    told = [
        {
            "findings": [place[id(finding)] for finding in one.findings],
            "repair": one.repair,
            "rows": one.rows,
            "indicator": one.now.indicator,
            "technology": one.now.technology,
            "operator": one.now.operator,
            "within_km": one.now.within_km,
            "unit": one.now.unit,
            "value": one.now.value,
            "value_if": one.then.value,
            "text": f"{_head(one, language)}: {figure_name(one.now, language)} {_instead(one, language)}",
        }
        for one in effects
    ]
    answer = contract(results, language, origins) | {"effects": told}
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1)


def _effects(effects: Iterable[Effect], language: str) -> Iterator[str]:
    for head, some in groupby(effects, lambda one: _head(one, language)):
        yield f"{head}:"
        for one in some:
            yield f"    {figure_name(one.now, language):<56} {_instead(one, language)}"


def _head(effect: Effect, language: str) -> str:
    """Say of how many rows an effect is, and what would have to be."""
    first = effect.findings[0]
    group = "one" if effect.rows == 1 else "layer"
    layer = messages.text(f"{group}.{first.layer.partition('.')[0]}", language)
    if effect.repair is None:
        return messages.text(f"if.{'chosen' if first.chosen else 'counted'}", language, count=effect.rows, layer=layer)
    key = "repaired" if first.left_out else "moved"
    return messages.text(f"if.{key}", language, count=effect.rows, layer=layer, repair=effect.repair)


def _instead(effect: Effect, language: str) -> str:
    """Write both values, with as many digits as tell them apart."""
    now, then = (_shown(one, language) for one in (effect.now, effect.then))
    if now == then:
        now, then = _exact(effect.now, effect.then, language)
    return messages.text("if.instead", language, now=now, then=then)


def _shown(figure: Figure, language: str) -> str:
    if figure.value is None:
        return messages.text("if.no_value", language)
    return f"{figure_value(figure, language)} {_unit(figure, language)}".strip()


def _exact(now: Figure, then: Figure, language: str) -> tuple[str, str]:
    from babel.numbers import format_decimal  # noqa: PLC0415 - half of the start-up time of a command

    share = now.unit == "share"
    one, other = ((figure.value or 0) * (100 if share else 1) for figure in (now, then))
    unit = " %" if share else f" {_unit(now, language)}".rstrip()
    digits = next((count for count in range(_MOST_DIGITS) if round(one, count) != round(other, count)), _MOST_DIGITS)
    pattern = "#,##0." + "0" * digits
    return format_decimal(one, pattern, locale=language) + unit, format_decimal(other, pattern, locale=language) + unit


def _unit(figure: Figure, language: str) -> str:
    return "" if figure.unit in ("count", "share") else messages.text(f"unit.{figure.unit}", language)
