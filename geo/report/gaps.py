"""What is missing: how many villages have no service, which are far from every point, which are not covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo import messages
from geo.draw.measures import service_name
from geo.draw.services import NO, UNKNOWN, YES, services_of, status_of
from geo.figures import ALL
from geo.report.document import NOT_KNOWN, Cell, Column, Number, Section, Table, plain
from geo.report.places import service_title, village_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geo.draw.measures import Measure
    from geo.figures import Figure
    from geo.report.given import Given

    Status = Sequence[tuple[Measure, NDArray[np.uint8]]]

WORST = 30
"""How many gaps of a kind paper shows."""


def gaps(given: Given, language: str) -> Section:
    """Tell what is missing: by service, the villages far from every point, and those without coverage."""
    table = given.results.villages
    status = [(one, status_of(one, table)) for one in services_of(given.results) if one.operator is None]
    cells = _named(village_cells(given))
    tables = (
        _missing(status, given, language),
        _farthest(given, cells, language),
        _uncovered(status, cells, language),
    )
    complete = len(table) > 0 and all((each == YES).all() for _, each in status)
    told = [messages.text("report.nothing_missing", language)] if complete and status else []
    return Section(
        key="gaps",
        title=messages.text("section.gaps", language),
        sheet=messages.text("sheet.gaps", language),
        sentences=(*told, *_about_people([one for one, _ in status], given, language)),
        tables=tuple(one for one in tables if one.rows),
    )


def _about_people(services: Sequence[Measure], given: Given, language: str) -> Iterator[str]:
    """Say what the people without a service are counted in, and why they are not known."""
    counted = [one for service in services if (one := _people(service, given.results.figures)) is not None]
    if any(one.rule.endswith("_pixels") for one in counted):
        yield messages.text("report.gaps_pixels", language)
    if reasons := sorted({one.reason_text(language) or "" for one in counted if one.value is None}):
        yield messages.text("report.dash", language, reasons="; ".join(reasons))


def _missing(status: Status, given: Given, language: str) -> Table:
    titles = messages.group("head", language)
    basis = given.basis_of_parts
    rows: list[tuple[Cell, ...]] = [
        (
            service_title(service, language),
            Number(int((each == NO).sum()), basis=basis),
            _people_without(_people(service, given.results.figures)),
            Number(int((each == UNKNOWN).sum()), basis=basis),
        )
        for service, each in status
    ]
    names = ("service", "villages_without", "people_without", "villages_unknown")
    return Table(
        key="missing",
        title=messages.text("report.missing", language),
        columns=tuple(Column(key, titles[key]) for key in names),
        rows=tuple(rows) if len(given.results.villages) else (),
    )


def _people(service: Measure, figures: Sequence[Figure]) -> Figure | None:
    """Give the figure of the whole that says how many people have a service, of any operator."""
    wanted = (ALL, service.indicator, service.technology, service.within_km)
    for one in figures:
        if (one.area, one.indicator, one.technology, one.within_km) == wanted and one.operator in (None, "any"):
            return one
    return None


def _people_without(figure: Figure | None) -> Cell:
    """Take those who have a service from the people that its figure counts."""
    if figure is None or figure.value is None or figure.numerator is None or figure.denominator is None:
        return NOT_KNOWN
    return Number(figure.denominator - figure.numerator, basis=figure.basis)


def _named(cells: Mapping[str, list[Cell]]) -> dict[str, list[Cell]]:
    """Let the id of a village or point stand where it has no name."""
    pairs = (("village", "village_id"), ("point", "point_id"))
    named = {name: [own or ident for own, ident in zip(cells[name], cells[key], strict=True)] for name, key in pairs}
    return {**cells, **named}


def _farthest(given: Given, cells: Mapping[str, list[Cell]], language: str) -> Table:
    """List the villages beyond the widest limit that was asked for; without a limit, the farthest few."""
    distance = given.results.villages["distance_km"].to_numpy(dtype=float)
    limits = given.study.choices.within_km
    limit = max(limits, default=-1.0)
    order = _ordered(-distance, distance > limit)
    key = "farthest" if limits else "farthest_few"
    return _listed(
        "farthest",
        messages.text(f"report.{key}", language, limit=limit),
        _columns(("village", "area", "parent", "people", "point", "distance_km"), language),
        _taken(cells, order if limits else order[:WORST]),
        language,
    )


def _uncovered(status: Status, cells: Mapping[str, list[Cell]], language: str) -> Table:
    """List the villages that a technology does not reach, with all that they lack."""
    covering = [(plain(service_name(one, language)), each == NO) for one, each in status if one.within_km is None]
    lacks = [
        ", ".join(name for (name, _), lacking in zip(covering, row, strict=True) if lacking) or None
        for row in zip(*(each.tolist() for _, each in covering), strict=True)
    ]
    people = np.array([cell.value if isinstance(cell, Number) else -1.0 for cell in cells["people"]])
    order = _ordered(-people, np.array([lack is not None for lack in lacks], dtype=bool)) if lacks else _NONE
    return _listed(
        "uncovered",
        messages.text("report.uncovered", language),
        _columns(("village", "area", "parent", "people", "distance_km", "lacks"), language),
        _taken({**cells, "lacks": list(lacks)}, order),
        language,
    )


_NONE = np.array([], dtype=np.intp)


def _ordered(rank: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give the positions of the chosen rows by rising rank; rows of one rank stay in their order."""
    positions = np.flatnonzero(chosen)
    return positions[np.argsort(rank[positions], kind="stable")]


def _taken(cells: Mapping[str, list[Cell]], order: NDArray[np.intp]) -> dict[str, list[Cell]]:
    rows = order.tolist()
    return {key: [column[row] for row in rows] for key, column in cells.items() if column or not rows}


def _columns(names: Sequence[str], language: str) -> tuple[Column, ...]:
    return tuple(Column(key, messages.text(f"head.{key}", language)) for key in names)


def _listed(key: str, title: str, columns: tuple[Column, ...], cells: Mapping[str, list[Cell]], language: str) -> Table:
    rows = tuple(zip(*(cells[column.key] for column in columns), strict=True))
    sheet = messages.text(f"sheet.{key}", language)
    return Table(key=key, title=title, columns=columns, rows=rows, most=WORST, sheet=sheet)
