"""What a report holds: its title, its facts, and its sections in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo import __version__, messages
from geo.draw.payload import CARDS, both
from geo.figures import ALL
from geo.report.access import access
from geo.report.audited import audited
from geo.report.document import Report, plain
from geo.report.found import findings
from geo.report.gaps import gaps
from geo.report.judged import standards
from geo.report.method import method
from geo.report.operators import operators
from geo.report.parts import areas, groups
from geo.report.places import villages
from geo.report.summary import summary
from geo.report.whole import figure_name, figures, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.report.document import Number, Section
    from geo.report.given import Given

_WORDS = ("page", "contents", "prepared", "prepared_how", "approved", "approved_how", "map", "kind", "found", "marks")
_SIGNING = ("issued_by", "number", "place_and_date")


def contents(given: Given, language: str) -> Report:
    """
    Put together what a report says, in one language.

    Parameters
    ----------
    given : Given
        A study and its results.
    language : str
        ``"vi"`` or ``"en"``.

    Returns
    -------
    Report
        Sections without anything to say are left out: areas where none are given, an audit where nothing was published;
        so are tables without a row.
    """
    about = given.results.about
    reconstructed = about.data == "reconstructed"
    return Report(
        language=language,
        title=plain(both(about.title)[language]),
        date=about.date,
        notice=messages.text("report.notice", language) if reconstructed else "",
        facts=tuple(_facts(given, language)),
        headline=tuple(_headline(given, language)),
        sections=tuple(_with_rows(section) for section in _sections(given, language)),
        summary=summary(given, language),
        signing=tuple(_signing(given, language)),
        words={key: messages.text(f"report.{key}", language) for key in _WORDS}
        | {"map_note": _map_note(given, language)},
    )


def _signing(given: Given, language: str) -> Iterator[tuple[str, str]]:
    """Leave blanks for what is filled in by hand; the body that issues the report may stand in the study."""
    issuer = plain(both(given.results.about.issuer)[language])
    for key in _SIGNING:
        blank = messages.text(f"blank.{key}", language)
        yield messages.text(f"report.{key}", language), issuer if key == "issued_by" and issuer else blank


def _facts(given: Given, language: str) -> Iterator[tuple[str, str]]:
    about = given.results.about

    def said(key: str, value: str) -> tuple[str, str]:
        return messages.text(f"report.{key}", language), plain(value)

    if about.date is not None:
        yield said("date", _day(given, language))
    yield said("data", messages.text(f"report.{about.data}", language))
    if source := both(about.source)[language]:
        yield said("source", source)
    origin = given.origin
    yield said(
        "study",
        messages.text("report.command_line", language) if origin is None else f"{origin.file}, SHA-256 {origin.sha256}",
    )
    yield said("made_with", f"geo {__version__}")


def _day(given: Given, language: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - half of the start-up time of a command

    pattern = messages.text("report.day", language)
    return str(format_date(given.results.about.date, format=pattern, locale=language))


def _map_note(given: Given, language: str) -> str:
    """Say of the map what it rests on: its day, its source, whether it was made up, and how it is projected."""
    about = given.results.about
    told = [] if about.date is None else [f"{messages.text('report.date', language)}: {_day(given, language)}"]
    if source := both(about.source)[language]:
        told.append(messages.text("page.source", language, source=plain(source)))
    told.append(messages.text(f"report.map_{about.data}", language))
    told.append(messages.text("report.map_plane", language))
    return ". ".join(one.rstrip(".") for one in told) + "."


def _with_rows(section: Section) -> Section:
    return replace(section, tables=tuple(table for table in section.tables if table.rows))


def _headline(given: Given, language: str) -> Iterator[tuple[str, Number]]:
    """Choose the figures of the title page: those that the map page opens with, and coverage of villages."""
    whole = [one for one in given.results.figures if one.area == ALL and one.value is not None]
    covering = [one for one in whole if one.indicator == "villages_covered" and one.operator == "any"]
    for figure in [*(one for key in CARDS for one in whole if one.indicator == key), *covering]:
        value = number(figure)
        assert value is not None  # noqa: S101 - only figures with a value are chosen
        yield figure_name(figure, language), value


def _sections(given: Given, language: str) -> Iterator[Section]:
    results = given.results
    yield figures(given, language)
    if (by_operator := operators(given, language)) is not None:
        yield by_operator
    yield access(given, language)
    if given.by is not None:
        yield groups(given, language)
    if len(results.areas):
        yield areas(given, language)
    if len(results.villages):
        yield villages(given, language)
        yield gaps(given, language)
    yield findings(given, language)
    for section in (audited(given, language), standards(given, language)):
        if section is not None:
            yield section
    yield method(given, language)
