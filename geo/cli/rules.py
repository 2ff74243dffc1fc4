"""What `geo audit` prints of standards: rule by rule, who fails by how much, how many points are missing at least."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from geo import messages
from geo.cli.told import number
from geo.judge.standards import reason_text, summary
from geo.measure.indicators import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo.judge.rulebook import Rule, Standard
    from geo.judge.standards import Judgement, Outcome

    Judged = Sequence[tuple[Standard, list[Judgement]]]

_WIDTH = 110
_IN = "      "
_SHOWN_AREAS = 8
_UNITS = {one.key: one.unit for one in INDICATORS}


def tell_standards(judged: Judged, language: str) -> Iterator[str]:
    """Give judgements as text: rule by rule, with the areas that fail and how many points are missing at least."""
    for standard, rules in judged:
        title, source = standard.title[language], standard.source[language]
        yield ""
        yield messages.text(
            "word.standard", language, title=title if not source or source in title else f"{title} ({source})"
        )
        for one in rules:
            yield from _rule(one, language)
    if judged:
        yield ""
        yield summary([one for _, rules in judged for one in rules], language)


def _rule(one: Judgement, language: str) -> Iterator[str]:
    verdict = {True: "passed", False: "failed", None: "unknown"}[one.passed]
    doubt = "" if one.rule.verified else messages.text("word.unverified", language)
    told = messages.text(f"verdict.{verdict}", language)
    whole = one.outcomes[0] if one.rule.scope == "whole" and one.outcomes else None
    if whole is None:
        value = messages.text("word.areas_held", language, count=len(one.outcomes))
    else:
        value = _amount(one.rule, whole.value, language)
    said = click.style(told, bold=True) if one.passed is False else told
    missed = "" if whole is None else _missed(one.rule, whole, language)
    yield f"  {one.rule.name[language]:<72} {value:>16}  {' '.join(filter(None, (said, missed, doubt)))}"
    for line in (*_areas(one, language), *_without_value(one, language)):
        yield from textwrap.wrap(line, _WIDTH, initial_indent=_IN, subsequent_indent=_IN)
    if one.passed is False and (needs := _needs(one, language)):
        yield f"{_IN}{needs}"


def _areas(one: Judgement, language: str) -> Iterator[str]:
    if one.rule.scope != "areas" or not one.failing:
        return
    count = messages.text("word.failing_areas", language, count=len(one.failing), all=len(one.outcomes))
    some = [_area(one.rule, area, language) for area in one.failing[:_SHOWN_AREAS]]
    rest = f" … +{len(one.failing) - _SHOWN_AREAS}" if len(one.failing) > _SHOWN_AREAS else ""
    yield f"{count}: {', '.join(some)}{rest}"


def _area(rule: Rule, area: Outcome, language: str) -> str:
    if area.value is None:
        return area.name
    return f"{area.name} ({_amount(rule, area.value, language)}, {_missed(rule, area, language)})"


def _without_value(one: Judgement, language: str) -> Iterator[str]:
    """Say why there is no value, and in how many areas."""
    missing = one.unknown or tuple(other for other in one.failing if other.value is None)
    if not missing:
        return
    reason = reason_text(missing[0], language)
    if one.rule.scope == "areas" and one.unknown:
        count = messages.text("word.unknown_areas", language, count=len(one.unknown), all=len(one.outcomes))
        yield f"{count}: {reason}"
    else:
        yield reason


def _needs(one: Judgement, language: str) -> str:
    further = one.further
    if further.anywhere is None:
        return "" if further.reason is None else messages.text(f"word.{further.reason}", language)
    placed = "_placed" if (further.at_villages or 0) > further.anywhere else ""
    return messages.text(f"word.more_points{placed}", language, count=further.anywhere, at_villages=further.at_villages)


def _missed(rule: Rule, outcome: Outcome, language: str) -> str:
    if not outcome.miss:
        return ""
    miss = _amount(rule, abs(outcome.miss), language)
    if _UNITS[rule.indicator] == "share":
        miss = messages.text("word.percentage_points", language, number=round(100 * abs(outcome.miss), 2))
    return messages.text("word.missed_by", language, miss=miss)


def _amount(rule: Rule, value: float | None, language: str) -> str:
    """Write a value of a rule's indicator with its unit; shares in per cent."""
    unit = _UNITS[rule.indicator]
    if value is None:
        return number(value, language)
    if unit == "share":
        return f"{number(100 * value, language, 2)} %"
    told = "" if unit in ("count", "people per point") else messages.text(f"unit.{unit}", language)
    return f"{number(value, language)} {told}".rstrip()


def standards_json(judged: Judged, language: str) -> list[dict[str, object]]:
    """Give judgements for JSON."""
    return [
        {
            "standard": standard.key,
            "title": standard.title[language],
            "source": standard.source[language],
            "file": standard.file,
            "sha256": standard.sha256,
            "rules": [_rule_json(one, language) for one in rules],
        }
        for standard, rules in judged
    ]


def _rule_json(one: Judgement, language: str) -> dict[str, object]:
    rule = one.rule
    return {
        "name": rule.name[language],
        "indicator": rule.indicator,
        "technology": rule.technology,
        "within_km": rule.within_km,
        "where": [{"column": column, "value": value} for column, value in rule.where],
        "at_least": rule.at_least,
        "at_most": rule.at_most,
        "unit": _UNITS[rule.indicator],
        "scope": rule.scope,
        "verified": rule.verified,
        "passed": one.passed,
        "more_points": one.further.anywhere,
        "more_points_at_villages": one.further.at_villages,
        "outcomes": [
            {
                "area": outcome.area,
                "name": outcome.name,
                "value": outcome.value,
                "passed": outcome.passed,
                "miss": outcome.miss,
                "numerator": outcome.numerator,
                "denominator": outcome.denominator,
                "rule": outcome.rule,
                "basis": outcome.basis,
                "reason": outcome.reason,
                "reason_text": None if outcome.reason is None else reason_text(outcome, language),
            }
            for outcome in one.outcomes
        ],
    }
