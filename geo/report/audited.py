"""What the audit found of the published figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo import messages
from geo.draw.measures import technology_name
from geo.draw.style import Format
from geo.judge.published import audit
from geo.judge.stated import Published
from geo.report.document import Cell, Column, Number, Section, Table, few, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo.figures import Basis
    from geo.judge.check import Check
    from geo.judge.implied import Population
    from geo.judge.published import Audit
    from geo.judge.stated import Stated
    from geo.report.given import Given

_VERDICTS = ("not_reproduced", "reproduced", "by_construction", "not_computable")
_LEAST_DIGITS = 3


def audit_of(given: Given) -> Audit | None:
    """Hold what the study says was published against the layers; None where it says nothing of the kind."""
    published = given.study.published
    return None if published == Published() else audit(published, given.results.figures)


def audited(given: Given, language: str) -> Section | None:
    """Tell what the audit found, statement by statement; None where nothing was published."""
    found = audit_of(given)
    if found is None:
        return None
    tables = [_checks(found, given, language)]
    if found.populations and found.ratios:
        tables.append(_populations(found, language))
    return Section(
        key="audit",
        title=messages.text("section.audit", language),
        sheet=messages.text("sheet.audit", language),
        sentences=tuple(audit_sentences(given, language)),
        tables=tuple(tables),
    )


def audit_sentences(given: Given, language: str) -> Iterator[str]:
    """Count the published figures by their verdict, then the other statements that cannot be right."""
    found = audit_of(given)
    if found is None:
        return
    count = len(given.study.published.figures)
    figures, others = found.checks[:count], found.checks[count:]
    if count:
        by_verdict = ((verdict, [one for one in figures if one.verdict == verdict]) for verdict in _VERDICTS)
        told = [_counted(verdict, those, language) for verdict, those in by_verdict if those]
        yield messages.text("summary.published", language, count=count, told="; ".join(told))
    if wrong := [one for one in others if one.is_fault]:
        names = few([statement_name(one, language) for one in wrong])
        yield messages.text("summary.others", language, wrong=len(wrong), of=len(others), names=names)


def _counted(verdict: str, checks: Sequence[Check], language: str) -> str:
    names = few([f"{statement_name(one, language)}: {messages.written(one.stated, language)}" for one in checks])
    return messages.text(f"summary.{verdict}", language, count=len(checks), names=names)


def statement_name(check: Check, language: str) -> str:
    """Name a statement, its technology or kind of subscription in the words of the language."""
    name = messages.text(f"indicator.{check.subject}", language) if check.name is None else check.name[language]
    return plain(_with_variant(name, check.variant, language))


def _with_variant(name: str, variant: str | None, language: str) -> str:
    return name if variant is None else f"{name} ({technology_name(variant, language)})"


def _checks(found: Audit, given: Given, language: str) -> Table:
    names = ("statement", "stated", "computed", "difference", "verdict", "account", "remedy")
    columns = tuple(
        Column(key, messages.text(f"head.{key}", language), "under" if key in ("account", "remedy") else "cell")
        for key in names
    )
    return Table(key="audit", columns=columns, rows=tuple(_check(check, given, language) for check in found.checks))


def _check(check: Check, given: Given, language: str) -> tuple[Cell, ...]:
    remedy = check.remedy_text(language)
    return (
        statement_name(check, language),
        *_numbers(check, _basis(check, given)),
        messages.text(f"verdict.{check.verdict}", language),
        plain(check.text(language)),
        None if remedy is None else plain(remedy),
    )


def _basis(check: Check, given: Given) -> Basis:
    """Say what a computed number rests on: what the figure of the same value does, where the check does not say."""
    figure = given.figure(check.subject)
    own = "measured" if figure is None or figure.value != check.computed else figure.basis
    return check.basis or own


def _numbers(check: Check, basis: Basis) -> Iterator[Number | None]:
    """Give what is stated, what was computed, and the difference: all three in one unit, or not at all."""
    digits = 0 if check.stated is None else max(0, -int(check.stated.as_tuple().exponent))
    stated = None if check.stated is None else float(check.stated)
    if check.subject == "growth":
        # What a rate implies of the year before is an amount, and told in words.
        computed = None if check.verdict == "shown" else check.computed
        for rate in (stated, computed, check.difference):
            yield None if rate is None else Number(rate / 100, Format(digits, percent=True))
        return
    yield None if stated is None else Number(stated, Format(digits))
    yield None if check.computed is None else Number(check.computed, _digits(check.computed, digits), basis=basis)
    yield None if check.difference is None else Number(check.difference, _digits(check.difference, digits))


def _digits(value: float, stated: int) -> Format:
    """Show a whole number as what is stated is printed, any other closer than that."""
    return Format(stated if float(value).is_integer() else max(_LEAST_DIGITS, stated + 1))


def _populations(found: Audit, language: str) -> Table:
    columns = [Column(key, messages.text(f"head.{key}", language)) for key in ("population", "people")]
    columns += [
        Column(f"ratio:{number}", f"{_ratio(one.stated, language)} = {messages.written(one.stated.value, language)}")
        for number, one in enumerate(found.ratios)
    ]
    columns.append(Column("fits", messages.text("head.fits", language)))
    rows = []
    for one in found.populations:
        fitting = [_ratio(ratio.stated, language) for ratio, fits in zip(found.ratios, one.fits, strict=True) if fits]
        ratios = [Number(value, Format(2)) for value in one.values]
        fits = plain("✓ " + ", ".join(fitting)) if fitting else None
        rows.append((_population(one, language), Number(round(one.span.value)), *ratios, fits))
    return Table(
        key="populations",
        title=messages.text("report.populations", language),
        columns=tuple(columns),
        rows=tuple(rows),
        sheet=messages.text("sheet.populations", language),
    )


def _population(one: Population, language: str) -> str:
    if one.by is None:
        return plain(one.title(language))
    return plain(messages.text("audit.population_implied", language, ratio=_ratio(one.by, language)))


def _ratio(stated: Stated, language: str) -> str:
    name = messages.text(f"indicator.{stated.indicator}", language)
    return plain(_with_variant(name, stated.variant, language))
