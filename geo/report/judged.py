"""Which rules of standards are kept, how far the others are missed, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from geo import messages
from geo.draw.style import is_share, number_format
from geo.judge.standards import Measured, judge, reason_text
from geo.measure.indicators import INDICATORS
from geo.report.document import NOT_KNOWN, Cell, Column, Number, Section, Table, few, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.draw.style import Format
    from geo.judge.rulebook import Rule, Standard
    from geo.judge.standards import Judgement, Outcome
    from geo.report.document import Role
    from geo.report.given import Given

_UNITS = {one.key: one.unit for one in INDICATORS}
_BESIDE = ("threshold", "value", "miss", "kept", "verdict", "more_points")
_NAMES = ("standard", "requirement", *_BESIDE, "account", "verified")


class Judged(NamedTuple):
    """A rule of a standard, and what became of it."""

    book: Standard
    one: Judgement


def judged_of(given: Given) -> list[Judged]:
    """Hold the territory against every rule of the study's standards."""
    results = given.results
    held = Measured(figures=results.figures, villages=results.villages, areas=results.areas)
    return [Judged(book, one) for book in given.study.standards for one in judge(book, held)]


def standards(given: Given, language: str) -> Section | None:
    """Tell which rules the territory keeps; None where the study names no standard."""
    judged = judged_of(given)
    if not judged:
        return None
    return Section(
        key="standards",
        title=messages.text("section.standards", language),
        sheet=messages.text("sheet.standards", language),
        sentences=standard_sentences(judged, language),
        tables=(_rules(judged, language), _failing(judged, language)),
    )


def standard_sentences(judged: Sequence[Judged], language: str) -> tuple[str, ...]:
    """Say of each standard how many of its rules are kept, not kept, and not known."""
    books = dict.fromkeys(each.book.key for each in judged)
    return tuple(_counted([each for each in judged if each.book.key == book], language) for book in books)


def _counted(rules: Sequence[Judged], language: str) -> str:
    verdicts = [_verdict(each.one) for each in rules]
    failed = [plain(each.one.rule.name[language]) for each in rules if each.one.passed is False]
    told = [
        messages.text(f"summary.rules_{verdict}", language, count=verdicts.count(verdict), names=few(failed))
        for verdict in ("failed", "passed", "unknown")
        if verdict in verdicts
    ]
    title = plain(rules[0].book.title[language])
    return messages.text("summary.standard", language, title=title, of=len(rules), told="; ".join(told))


def _rules(judged: list[Judged], language: str) -> Table:
    roles: dict[str, Role] = {"standard": "heading", "account": "under", "verified": "under"}
    columns = (Column(key, messages.text(f"head.{key}", language), roles.get(key, "cell")) for key in _NAMES)
    rows = tuple(_rule(each, language) for each in judged)
    return Table(key="standards", columns=tuple(columns), rows=rows)


def _rule(each: Judged, language: str) -> tuple[Cell, ...]:
    one, rule = each.one, each.one.rule
    title, source = each.book.title[language], each.book.source[language]
    worst = _worst(one)
    missed = worst if worst is not None and worst.passed is False else None
    return (
        plain(title if source in title or not source else f"{title} - {source}"),
        plain(rule.name[language]),
        _threshold(rule, language),
        None if worst is None else _value(worst, rule),
        None if missed is None or missed.miss is None else Number(missed.miss, _look(rule)),
        _kept(one, language),
        messages.text(f"verdict.{_verdict(one)}", language),
        None if one.more_points is None else Number(one.more_points),
        _account(one, language),
        messages.text(f"report.{'read_at_source' if rule.verified else 'not_read'}", language),
    )


def _verdict(one: Judgement) -> str:
    return {True: "passed", False: "failed", None: "unknown"}[one.passed]


def _worst(one: Judgement) -> Outcome | None:
    """Give the outcome that is nearest to failing, or has failed by most; None where no value is known."""
    known = [each for each in one.outcomes if each.value is not None]
    at_most = one.rule.at_most is not None
    return max(known, key=lambda each: (each.value or 0.0) * (1 if at_most else -1), default=None)


def _kept(one: Judgement, language: str) -> str | None:
    """Count the areas that keep a rule of areas."""
    if one.rule.scope != "areas":
        return None
    kept = sum(each.passed is True for each in one.outcomes)
    return messages.text("report.kept_of", language, kept=kept, of=len(one.outcomes))


def _account(one: Judgement, language: str) -> str | None:
    """Say why a rule could not be judged, or in how many areas."""
    unknown = [each for each in one.outcomes if each.passed is None and each.reason is not None]
    if not unknown:
        return None
    reason = reason_text(unknown[0], language)
    if one.rule.scope != "areas":
        return plain(reason)
    return plain(messages.text("report.not_judged", language, count=len(unknown), of=len(one.outcomes), reason=reason))


def _failing(judged: list[Judged], language: str) -> Table:
    names = ("requirement", "area", "value", "miss")
    columns = [
        Column(key, messages.text(f"head.{key}", language), missing=NOT_KNOWN if key in ("value", "miss") else "")
        for key in names
    ]
    rows = tuple(
        (
            plain(each.one.rule.name[language]),
            plain(outcome.name),
            _value(outcome, each.one.rule),
            None if outcome.miss is None else Number(outcome.miss, _look(each.one.rule)),
        )
        for each in judged
        if each.one.rule.scope == "areas"
        for outcome in each.one.failing
    )
    return Table(
        key="failing",
        title=messages.text("report.failing", language),
        columns=(Column("requirement", columns[0].title, "heading"), *columns[1:]),
        rows=rows,
        sheet=messages.text("sheet.failing", language),
    )


def _value(outcome: Outcome, rule: Rule) -> Number | None:
    return None if outcome.value is None else Number(outcome.value, _look(rule), basis=outcome.basis or "measured")


def _look(rule: Rule) -> Format:
    return number_format(rule.indicator)


def _threshold(rule: Rule, language: str) -> str:
    key, limit = ("at_least", rule.at_least) if rule.at_least is not None else ("at_most", rule.at_most)
    if is_share(rule.indicator):
        value = f"{messages.written(100 * (limit or 0), language)} %"
    else:
        unit = messages.group("unit", language).get(_UNITS[rule.indicator], "")
        value = f"{messages.written(limit, language)} {unit}".rstrip()
    return messages.text(f"report.{key}", language, value=value)
