"""What the audit found of the published figures, and which rules of standards are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo import messages
from geo.draw.style import Format, is_share, number_format
from geo.judge.implied import ratio_name
from geo.judge.published import audit as audited
from geo.judge.standards import Measured, judge, reason_text, summary
from geo.judge.stated import Published
from geo.report.document import Cell, Column, Number, Section, Table, plain

if TYPE_CHECKING:
    from geo.judge.check import Check
    from geo.judge.published import Audit
    from geo.judge.rulebook import Rule, Standard
    from geo.judge.standards import Judgement, Outcome
    from geo.report.given import Given

_THREE = Format(3)


def audit(given: Given, language: str) -> Section | None:
    """Hold what the study says was published against the layers; None where it says nothing of the kind."""
    if given.study.published == Published():
        return None
    found = audited(given.study.published, given.results.figures)
    told = found.summary(language)
    tables = [_checks(found, language)]
    if found.ratios:
        tables.append(_populations(found, language))
    return Section(
        key="audit",
        title=messages.text("section.audit", language),
        sheet=messages.text("sheet.audit", language),
        sentences=(told,),
        tables=tuple(tables),
    )


def standards(given: Given, language: str) -> Section | None:
    """Hold the territory against the standards that the study names; None where it names none."""
    books = given.study.standards
    if not books:
        return None
    results = given.results
    held = Measured(figures=results.figures, villages=results.villages, areas=results.areas)
    judged = [(book, one) for book in books for one in judge(book, held)]
    failing = _failing(judged, language)
    return Section(
        key="standards",
        title=messages.text("section.standards", language),
        sheet=messages.text("sheet.standards", language),
        sentences=(summary([one for _, one in judged], language),),
        tables=(_rules(judged, language), *((failing,) if failing.rows else ())),
    )


def _columns(*names: str, language: str, under: tuple[str, ...] = ()) -> tuple[Column, ...]:
    return tuple(
        Column(key, messages.text(f"head.{key}", language), "under" if key in under else "cell") for key in names
    )


def _checks(found: Audit, language: str) -> Table:
    names = ("statement", "stated", "computed", "difference", "verdict", "account", "remedy")
    return Table(
        key="audit",
        columns=_columns(*names, language=language, under=("account", "remedy")),
        rows=tuple(_check(check, language) for check in found.checks),
    )


def _check(check: Check, language: str) -> tuple[Cell, ...]:
    remedy = check.remedy_text(language)
    exponent = 0 if check.stated is None else int(check.stated.as_tuple().exponent)
    return (
        plain(check.title(language)),
        None if check.stated is None else Number(float(check.stated), Format(max(0, -exponent))),
        None if check.computed is None else Number(check.computed, _digits(check.computed)),
        None if check.difference is None else Number(check.difference, _digits(check.difference)),
        messages.text(f"verdict.{check.verdict}", language),
        plain(check.text(language)),
        None if remedy is None else plain(remedy),
    )


def _digits(value: float) -> Format:
    return Format(0) if float(value).is_integer() else _THREE


def _populations(found: Audit, language: str) -> Table:
    columns = [Column(key, messages.text(f"head.{key}", language)) for key in ("population", "people")]
    columns += [
        Column(f"ratio:{number}", plain(f"{ratio_name(one.stated, language)} = {_written(one.stated.value, language)}"))
        for number, one in enumerate(found.ratios)
    ]
    columns.append(Column("fits", messages.text("head.fits", language)))
    rows = []
    for one in found.populations:
        fitting = [
            ratio_name(ratio.stated, language) for ratio, fits in zip(found.ratios, one.fits, strict=True) if fits
        ]
        ratios = [Number(value, Format(2)) for value in one.values]
        fits = plain("✓ " + ", ".join(fitting)) if fitting else None
        rows.append((plain(one.title(language)), Number(round(one.span.value)), *ratios, fits))
    title = messages.text("report.populations", language)
    return Table(key="populations", title=title, columns=tuple(columns), rows=tuple(rows))


def _written(value: object, language: str) -> str:
    return str(messages.written(value, language))


def _rules(judged: list[tuple[Standard, Judgement]], language: str) -> Table:
    names = ("standard", "requirement", "threshold", "verified", "value", "verdict", "more_points", "areas_failing")
    columns = _columns(*names, language=language, under=("areas_failing",))
    rows = tuple(_rule(book, one, language) for book, one in judged)
    return Table(key="standards", columns=(Column("standard", columns[0].title, "heading"), *columns[1:]), rows=rows)


def _rule(book: Standard, one: Judgement, language: str) -> tuple[Cell, ...]:
    verdict = {True: "passed", False: "failed", None: "unknown"}[one.passed]
    whole = one.outcomes[0] if one.rule.scope == "whole" and one.outcomes else None
    value = None if whole is None or whole.value is None else Number(whole.value, _look(one.rule))
    title, source = book.title[language], book.source[language]
    told = None
    if one.passed is None and one.outcomes:
        told = reason_text(next(other for other in one.outcomes if other.reason), language)
    elif one.failing and one.rule.scope == "areas":
        told = messages.text("word.failing_areas", language, count=len(one.failing), all=len(one.outcomes))
    return (
        plain(title if source in title or not source else f"{title} - {source}"),
        plain(one.rule.name[language]),
        _threshold(one.rule, language),
        messages.text(f"report.{'read_at_source' if one.rule.verified else 'not_read'}", language),
        value,
        messages.text(f"verdict.{verdict}", language),
        None if one.more_points is None else Number(one.more_points),
        told,
    )


def _failing(judged: list[tuple[Standard, Judgement]], language: str) -> Table:
    names = ("requirement", "area", "value", "miss")
    rows = tuple(
        _outcome(one, outcome, language) for _, one in judged for outcome in one.failing if one.rule.scope == "areas"
    )
    columns = _columns(*names, language=language)
    title = messages.text("report.failing", language)
    heading = Column("requirement", columns[0].title, "heading")
    return Table(key="failing", title=title, columns=(heading, *columns[1:]), rows=rows)


def _outcome(one: Judgement, outcome: Outcome, language: str) -> tuple[Cell, ...]:
    look = _look(one.rule)
    value = None if outcome.value is None else Number(outcome.value, look)
    return (
        plain(one.rule.name[language]),
        plain(outcome.name),
        value,
        None if outcome.miss is None else Number(outcome.miss, look),
    )


def _look(rule: Rule) -> Format:
    return number_format(rule.indicator)


def _threshold(rule: Rule, language: str) -> str:
    key, limit = ("at_least", rule.at_least) if rule.at_least is not None else ("at_most", rule.at_most)
    share = is_share(rule.indicator)
    value = _written(100 * (limit or 0) if share else limit, language)
    return messages.text(f"report.{key}", language, value=f"{value} %" if share else value)
