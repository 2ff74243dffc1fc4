"""What `geo audit` prints: the verdict on each statement, and the populations that the ratios imply."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from geo import __version__, messages
from geo.cli.told import SCHEMA, number
from geo.judge.implied import ratio_name
from geo.judge.rounding import digits_of
from geo.judge.standards import reason_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo.judge.check import Check
    from geo.judge.implied import Population
    from geo.judge.published import Audit
    from geo.judge.rulebook import Standard
    from geo.judge.standards import Judgement
    from geo.results import Results

    Judged = Sequence[tuple[Standard, list[Judgement]]]

_WIDTH = 110
_IN = "      "
_SHOWN_AREAS = 8
_DIGITS = 3
_SHORT_UNITS = ("km", "km2", "per cent")


def tell(audit: Audit, language: str) -> str:
    """Give an audit as text: statement by statement, then the table of populations, then how many are wrong."""
    lines = [line for check in audit.checks for line in _check(check, language)]
    if audit.ratios:
        lines += ["", *_populations(audit, language)]
    lines += ["", audit.summary(language)]
    return "\n".join(lines)


def as_json(audit: Audit, results: Results, language: str) -> dict[str, object]:
    """Give an audit for JSON."""
    return {
        "schema": SCHEMA,
        "geo": __version__,
        "study": results.about.title[language],
        "data": results.about.data,
        "layers": [facts.as_dict() for facts in results.layers],
        "checks": [check.as_dict(language) for check in audit.checks],
        "ratios": [
            {"indicator": one.stated.indicator, "variant": one.stated.variant, "stated": str(one.stated.value)}
            for one in audit.ratios
        ],
        "populations": [_population(one, language) for one in audit.populations],
    }


def tell_standards(judged: Judged, language: str) -> Iterator[str]:
    """Give judgements as text: rule by rule, with the areas that fail and how many points are missing at least."""
    for standard, rules in judged:
        title = f"{standard.title[language]} ({standard.source[language]})".replace(" ()", "")
        yield ""
        yield messages.text("word.standard", language, title=title)
        for one in rules:
            yield from _rule(one, language)
    if judged:
        every = [one for _, rules in judged for one in rules]
        failed = sum(one.passed is False for one in every)
        yield ""
        yield messages.text("word.judged", language, failed=failed, of=len(every))


def standards_json(judged: Judged, language: str) -> list[dict[str, object]]:
    """Give judgements for JSON."""
    return [
        {
            "standard": standard.key,
            "title": standard.title[language],
            "source": standard.source[language],
            "rules": [_rule_json(one, language) for one in rules],
        }
        for standard, rules in judged
    ]


def _rule(one: Judgement, language: str) -> Iterator[str]:
    verdict = {True: "passed", False: "failed", None: "unknown"}[one.passed]
    doubt = "" if one.rule.verified else messages.text("word.unverified", language)
    told = messages.text(f"verdict.{verdict}", language)
    whole = one.outcomes[0] if one.rule.scope == "whole" and one.outcomes else None
    value = "" if whole is None else number(whole.value, language)
    said = click.style(told, bold=True) if one.passed is False else told
    yield f"  {one.rule.name[language]:<72} {value:>12}  {said} {doubt}".rstrip()
    if one.passed is None and one.outcomes:
        yield f"      {reason_text(next(other for other in one.outcomes if other.reason), language)}"
    if one.rule.scope == "areas" and one.failing:
        count = messages.text("word.failing_areas", language, count=len(one.failing), all=len(one.outcomes))
        some = [f"{area.name} ({number(area.value, language)})" for area in one.failing[:_SHOWN_AREAS]]
        rest = f" … +{len(one.failing) - _SHOWN_AREAS}" if len(one.failing) > _SHOWN_AREAS else ""
        yield from textwrap.wrap(f"{count}: {', '.join(some)}{rest}", _WIDTH, initial_indent=_IN, subsequent_indent=_IN)
    if one.passed is False:
        needs = "more_points_unknown" if one.more_points is None else "more_points"
        yield f"{_IN}{messages.text(f'word.{needs}', language, count=one.more_points or 0)}"


def _rule_json(one: Judgement, language: str) -> dict[str, object]:
    rule = one.rule
    return {
        "name": rule.name[language],
        "indicator": rule.indicator,
        "technology": rule.technology,
        "within_km": rule.within_km,
        "where": None if rule.where is None else dict(zip(("column", "value"), rule.where, strict=True)),
        "at_least": rule.at_least,
        "at_most": rule.at_most,
        "scope": rule.scope,
        "verified": rule.verified,
        "passed": one.passed,
        "more_points": one.more_points,
        "outcomes": [
            {
                "area": outcome.area,
                "name": outcome.name,
                "value": outcome.value,
                "passed": outcome.passed,
                "miss": outcome.miss,
                "reason": outcome.reason,
                "reason_text": None if outcome.reason is None else reason_text(outcome, language),
            }
            for outcome in one.outcomes
        ],
    }


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
