"""What `geo audit` prints of a report: the verdict on each statement, and the populations that the ratios imply."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from geo import __version__, messages
from geo.cli.told import SCHEMA, number
from geo.judge.implied import ratio_name
from geo.judge.rounding import digits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo.judge.check import Check
    from geo.judge.implied import Population
    from geo.judge.published import Audit
    from geo.study.results import LayerFacts, Results

_WIDTH = 110
_DIGITS = 3
_SHORT_UNITS = ("km", "km2", "per cent")


def tell(audit: Audit, language: str) -> str:
    """Give an audit as text: statement by statement, then the table of populations, then how many are wrong."""
    lines = [line for check in audit.checks for line in _check(check, language)]
    if audit.ratios:
        lines += ["", *_populations(audit, language)]
    lines += ["", audit.summary(language)]
    return "\n".join(lines)


def as_json(audit: Audit, results: Results, language: str, origins: Iterable[LayerFacts] = ()) -> dict[str, object]:
    """Give an audit for JSON; `origins` are files beside the layers that it rests on."""
    return {
        "schema": SCHEMA,
        "geo": __version__,
        "study": results.about.title[language],
        "data": results.about.data,
        "layers": [facts.as_dict() for facts in (*origins, *results.layers)],
        "checks": [check.as_dict(language) for check in audit.checks],
        "ratios": [
            {"indicator": one.stated.indicator, "variant": one.stated.variant, "stated": str(one.stated.value)}
            for one in audit.ratios
        ],
        "populations": [_population(one, language) for one in audit.populations],
    }


def tell_origin(origins: Iterable[LayerFacts], language: str) -> str:
    """Say in one line which version of the tool, and which study file, an audit was made with."""
    file = "".join(f"; {one.file}, SHA-256 {one.sha256}" for one in origins if one.layer == "study")
    return messages.text("word.made_with", language, version=__version__, file=file)


def _check(check: Check, language: str) -> Iterator[str]:
    verdict = messages.text(f"verdict.{check.verdict}", language)
    stated = "" if check.stated is None else messages.written(check.stated, language)
    unit = messages.text(f"unit.{check.unit}", language) if check.unit in _SHORT_UNITS else ""
    head = f"{check.title(language):<62} {stated:>10} {_computed(check, language):>14} {unit:<3}  "
    yield head + (click.style(verdict, bold=True) if check.is_fault else verdict)
    for text in filter(None, (check.text(language), check.remedy_text(language))):
        yield from textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _computed(check: Check, language: str) -> str:
    """Write what was computed with at least one digit more than is stated."""
    if check.computed is None:
        return ""
    digits = 0 if check.stated is None else digits_of(check.stated)
    return number(check.computed, language, max(_DIGITS, digits + 1))


def _populations(audit: Audit, language: str) -> Iterator[str]:
    yield messages.text("word.populations", language)
    for place, ratio in enumerate(audit.ratios, start=1):
        yield f"  ({place}) {ratio_name(ratio.stated, language)} = {messages.written(ratio.stated.value, language)}"
    yield " " * 72 + "".join(f"{f'({place})':>14}  " for place in range(1, len(audit.ratios) + 1))
    for one in audit.populations:
        held = zip(one.values, one.fits, strict=True)
        cells = "".join(f"{number(round(value, 2), language):>14} {'✓' if fits else ' '}" for value, fits in held)
        yield f"  {one.title(language):<58} {number(round(one.span.value), language):>11} {cells}".rstrip()


def _population(one: Population, language: str) -> dict[str, object]:
    return {
        "origin": one.origin,
        "title": one.title(language),
        "population": one.span.value,
        "low": one.span.low,
        "high": one.span.high,
        "values": list(one.values),
        "fits": list(one.fits),
    }
