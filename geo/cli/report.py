"""`geo report`: what a department signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geo.cli import options, told
from geo.cli.asked import study_of
from geo.cli.standards import books_of, standard

if TYPE_CHECKING:
    from pathlib import Path


@click.command("report")
@options.on_study
@options.output(example="The report, as report.xlsx, report.pdf or report.md.")
@options.by
@standard
@options.language
@options.overwrite
@options.talk
def command(  # noqa: PLR0913 - one per option
    asked: options.Asked, output: Path, by: str | None, standards: tuple[str, ...], lang: str, *, overwrite: bool
) -> None:
    """
    Write the report of a study: figures with their rules and files, real access, areas, gaps, findings, audit.

    The name tells the kind: .xlsx (tables, with formulas for what follows from a numerator and a denominator), .pdf
    (A4, with the map), .md. The same input gives the same bytes. Standards that are named are judged in place of
    the study's own.

    \b
    Examples:
      geo report data/ninh-thuan/study.toml -o report.pdf --lang vi
      geo report data/ninh-thuan/study.toml -o report.xlsx --by district --standard uk-post
    """
    from geo.report.given import measured  # noqa: PLC0415 - help must not wait for it
    from geo.report.write import kind_of, write_report  # noqa: PLC0415

    kind_of(output)
    study = study_of(asked)
    given = measured(study, asked.study, by, standards=books_of(standards, study.file.standards))
    write_report(given, output, language=lang, overwrite=overwrite)
    told.talk_findings(given.results.findings, given.results.layers, lang)
    click.echo(str(output))
    told.refuse_unusable(given.results.findings, given.results.layers, asked)
