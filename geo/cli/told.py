"""What the commands print: figures as table, CSV or JSON, and findings as text."""

from __future__ import annotations

import csv
import io
import json
import logging
from typing import TYPE_CHECKING, Protocol

import click

from geo import __version__, messages
from geo.errors import LayerError
from geo.figures import Finding
from geo.layers.faults.register import NO_PLACES
from geo.layers.harmless import harmless
from geo.layers.osm.naming import is_extract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geo.cli.options import Asked
    from geo.figures import Figure
    from geo.study.results import LayerFacts, Results

SCHEMA = 1
_SHOWN_ROWS = 12
_FEW_ROWS = 5
_LOG = logging.getLogger(__name__)
_MARKS = {"measured": "", "official": "°", "by_construction": "*"}


class Read(Protocol):
    """A layer that was read: its file, and how many of its rows there are and count."""

    @property
    def layer(self) -> str:
        """Its name."""

    @property
    def file(self) -> str:
        """How messages call its file."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    @property
    def used(self) -> int:
        """How many of them count."""


def as_json(results: Results, language: str, origins: Iterable[LayerFacts] = ()) -> str:
    """Give results as the JSON contract has them; strict JSON, numbers unrounded."""
    return json.dumps(contract(results, language, origins), ensure_ascii=False, allow_nan=False, indent=1)


def contract(results: Results, language: str, origins: Iterable[LayerFacts] = ()) -> dict[str, object]:
    """Give results as the JSON contract has them, before they are written; `origins` are files beside the layers."""
    return {
        "schema": SCHEMA,
        "geo": __version__,
        "study": results.about.title[language],
        "data": results.about.data,
        "layers": [facts.as_dict() for facts in (*origins, *results.layers)],
        "figures": [figure.as_dict(language) for figure in results.figures],
        "findings": [finding.as_dict(language) for finding in results.findings],
    }


def as_csv(figures: Iterable[Figure], language: str) -> str:
    """Give figures as CSV, one line each."""
    rows = [figure.as_dict(language) for figure in figures]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: harmless(value) for key, value in row.items()} for row in rows)
    return text.getvalue().rstrip("\n")


def as_table(figures: Sequence[Figure], language: str) -> str:
    """Give figures as a table for the eye, those of an area together: name, value, how it came about, its basis."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.area, []).append(figure)
    blocks = [
        "\n".join([click.style(area, bold=True), *(_table_line(one, language) for one in some)])
        for area, some in groups.items()
    ]
    bases = {figure.basis for figure in figures if figure.value is not None} - {"measured"}
    legend = [f"{_MARKS[basis]} {messages.text(f'basis.{basis}', language)}" for basis in sorted(bases)]
    return "\n\n".join([*blocks, *(["\n".join(legend)] if legend else [])])


def _table_line(figure: Figure, language: str) -> str:
    name = figure_name(figure, language)
    if figure.value is None:
        return f"  {name:<64} {'-':>12} {figure.reason_text(language)}"
    known = figure.numerator is not None and figure.denominator is not None
    account = f"{number(figure.numerator, language)} / {number(figure.denominator, language)}" if known else ""
    unit = "" if figure.unit in ("count", "share") else messages.text(f"unit.{figure.unit}", language)
    value, mark = figure_value(figure, language), _MARKS[figure.basis]
    return f"  {name:<64} {value:>12}{mark:<2} {unit:<17} {account}".rstrip()


def tell_layers(layers: Iterable[LayerFacts], language: str) -> str:
    """Give, per layer, how many rows count and which header each column was read from."""
    lines = []
    for facts in layers:
        # A raster has no rows.
        key = "word.used_pixels" if facts.layer.partition(".")[0] == "population" else "word.used"
        used = messages.text(
            key, language, layer=facts.layer, file=facts.file, used=facts.used, of=facts.rows, crs=facts.crs
        )
        columns = ", ".join(f"{name} = '{header}'" for name, header in facts.columns.items())
        lines += [used, f"    {columns}"] if columns else [used]
    return "\n".join(lines)


def tell_findings(findings: Iterable[Finding], language: str) -> str:
    """Give findings as text: what, in which rows, and what it does to the figures."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.layer}: {finding.text(language)}")
        lines.append(f"    {finding.effect(language)}")
        if finding.each:
            lines += _details(finding, language)
        elif finding.rows:
            names = finding.named_rows()
            rest = f" … +{len(names) - _SHOWN_ROWS}" if len(names) > _SHOWN_ROWS else ""
            lines.append(f"    {_word_of(names, language)}: {', '.join(names[:_SHOWN_ROWS])}{rest}")
        if finding.repair:
            lines.append(f"    --repair {finding.repair}")
    return "\n".join(lines)


def _details(finding: Finding, language: str) -> list[str]:
    """Give a line for each of the first rows, with what is said of that row."""
    lines = [f"    {row}: {said}" for row, said in zip(finding.named_rows(), finding.details(language), strict=True)]
    return [*lines[:_SHOWN_ROWS], *([f"    … +{len(lines) - _SHOWN_ROWS}"] if len(lines) > _SHOWN_ROWS else [])]


def _word_of(rows: Sequence[str], language: str) -> str:
    return messages.text("word.row" if len(rows) == 1 else "word.rows", language)


def talk_findings(
    findings: Iterable[Finding],
    layers: Iterable[Read],
    language: str,
    *,
    effect: Callable[[Finding, str], str] = Finding.effect,
    check: str = "geo check",
) -> None:
    """
    Tell on stderr, in a line each, what was found, in which file and rows; nothing where it is to be quiet.

    `effect` says what a finding does to the answer of the command, `check` is the command that tells all its rows.
    """
    found = list(findings)
    files = {one.layer: one.file for one in layers}
    for finding in found:
        names = finding.row_names()
        more = " …" if len(names) > _FEW_ROWS else ""
        rows = f" ({_word_of(names, language)} {', '.join(names[:_FEW_ROWS])}{more})" if names else ""
        file = files.get(finding.layer)
        place = f"{file}: " if file else ""
        _LOG.warning("%s%s%s: %s", place, finding.text(language), rows, effect(finding, language))
    # What has no rows, as the names of groups that --by asks for, is told whole.
    if any(finding.rows for finding in found):
        _LOG.warning(messages.text("word.check", language, command=check))


def refuse_unusable(findings: Sequence[Finding], layers: Iterable[Read], asked: Asked | None = None) -> None:
    """
    End a command whose answer, given already, lacks a whole layer.

    Raises
    ------
    LayerError
        Where a layer has rows, and each of them is left out as faulty; or has none, though an option of `asked` names
        it. In a study it may be meant, and of an extract of OpenStreetMap, as a territory without a post office.
    """
    named = {} if asked is None else {"villages": asked.villages, "points": asked.points, "areas": asked.areas}
    for one in layers:
        name = named.get(one.layer)
        if not one.rows and name is not None and not is_extract(name):
            raise _no_rows(one)
        if one.rows and not one.used and len(_faulty_rows(findings, one.layer)) == one.rows:
            raise _none_usable(one)


def _faulty_rows(findings: Iterable[Finding], layer: str) -> set[int]:
    """Give the rows of a layer that are left out as faulty, without the totals and notes, which are none of it."""
    faults = (one for one in findings if one.layer == layer and one.left_out and not one.chosen)
    return {row for one in faults if one.fault not in NO_PLACES for row in one.rows}


def refuse_idle(layers: Iterable[Read]) -> None:
    """
    End a command whose answer, given already, is none without a row of each layer.

    Raises
    ------
    LayerError
        Where a layer has no rows, or none that counts.
    """
    for one in layers:
        if not one.rows:
            raise _no_rows(one)
        if not one.used:
            raise _none_usable(one)


def _no_rows(one: Read) -> LayerError:
    return LayerError(f"{one.file} has no rows, and {one.layer} are needed. Fill it in, or name another file.")


def _none_usable(one: Read) -> LayerError:
    alone = one.rows == 1
    none = "its only row cannot be used" if alone else f"none of its {one.rows:,} rows can be used"
    return LayerError(f"{one.file}: {none} as {one.layer}; geo check tells {'why' if alone else 'each one'}.")


def figure_name(figure: Figure, language: str) -> str:
    """Name a figure, with its technology, operator and limit; operators together are in plain words."""
    technology = messages.group("page_technology", language).get(figure.technology or "", figure.technology)
    together = messages.group("page_operator", language)
    operator = None if figure.operator in (None, "any") else together.get(figure.operator or "", figure.operator)
    limit = None if figure.within_km is None else f"{number(figure.within_km, language)} km"
    details = [part for part in (technology, operator, limit) if part]
    return messages.text(f"indicator.{figure.indicator}", language) + (f" ({', '.join(details)})" if details else "")


def figure_value(figure: Figure, language: str) -> str:
    """Write the value of a figure as it is shown; shares in per cent."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - half of the start-up time of a command

    if figure.unit == "share":
        return format_decimal(100 * (figure.value or 0), "#,##0.0", locale=language) + " %"
    pattern = "#,##0" if figure.unit in ("count", "people", "people per point") else "#,##0.00"
    return str(format_decimal(figure.value or 0, pattern, locale=language))


def number(value: float | None, language: str, digits: int = 3) -> str:
    """Write a number as the language writes it, with at most so many decimals; a dash where there is none."""
    from babel.numbers import format_decimal  # noqa: PLC0415

    return "-" if value is None else str(format_decimal(value, f"#,##0.{'#' * digits}", locale=language))
