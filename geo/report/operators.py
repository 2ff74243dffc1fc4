"""Coverage by operator: what each covers, and what all together do, technology by technology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo import messages
from geo.draw.measures import operator_name, technology_name
from geo.draw.services import COMBINED
from geo.draw.style import number_format
from geo.figures import ALL
from geo.report.document import NOT_KNOWN, Cell, Column, Number, Section, Table, plain
from geo.report.whole import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.figures import Figure
    from geo.report.given import Given

    Row = Mapping[str, Figure]

_SHARES = ("villages", "people", "area")
_WAYS = ("any", *COMBINED)


def operators(given: Given, language: str) -> Section | None:
    """
    Give a row per technology and operator, for paper: the workbook has each of these figures with its rule.

    None where no technology has several operators.
    """
    rows: dict[tuple[str, str], dict[str, Figure]] = {}
    for figure in given.results.figures:
        if figure.area == ALL and figure.technology is not None and figure.operator is not None:
            kind = figure.indicator.removesuffix("_covered")
            rows.setdefault((figure.technology, figure.operator), {})[kind] = figure
    several = {technology for technology, operator in rows if operator != "any"}
    if not several:
        return None
    heads = (("villages_share", "of_villages"), ("people_share", "of_people"), ("area_share", "of_area"))
    columns = [Column(key, messages.text(f"head.{key}", language)) for key in ("technology", "operator")]
    columns += [
        Column(key, messages.text(f"head.{key}", language), missing=NOT_KNOWN) for pair in heads for key in pair
    ]
    table = Table(
        key="operators",
        columns=(Column("technology", columns[0].title, "heading"), *columns[1:]),
        rows=tuple(
            _row(technology, operator, rows[technology, operator], rows[technology, "any"], language)
            for technology, operator in rows
            if technology in several
        ),
    )
    return Section(
        key="operators",
        title=messages.text("section.operators", language),
        sheet="",
        sentences=(_ways(language),),
        tables=(table,),
    )


def _ways(language: str) -> str:
    told = (
        messages.text(
            "report.way",
            language,
            name=_capital(operator_name(way, language)),
            meaning=messages.text(f"page.operator_{way}", language),
        )
        for way in _WAYS
    )
    return " ".join(told)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _row(technology: str, operator: str, own: Row, anyone: Row, language: str) -> tuple[Cell, ...]:
    wholes = [
        messages.text(f"report.whole_{kind}", language, count=round(one.denominator, 1))
        for kind, one in anyone.items()
        if one.denominator is not None
    ]
    name = plain(technology_name(technology, language))
    heading = messages.text("report.of_whole", language, technology=name, wholes=", ".join(wholes))
    # The widest network is one operator's, and told by name.
    named = next((str(one.rule_values.get("name", "")) for one in own.values()), "")
    cells: list[Cell] = [heading, plain(operator_name(operator, language) + named)]
    for kind in _SHARES:
        figure = own.get(kind)
        above = None if figure is None or figure.value is None else figure.numerator
        cells.append(None if figure is None else number(figure))
        cells.append(None if above is None else Number(above, number_format("area" if kind == "area" else "points")))
    return tuple(cells)
