"""`geo measure`: the figures."""

from __future__ import annotations

import click

from geo.cli import options, told
from geo.cli.asked import study_of
from geo.cli.terminal import say


@click.command("measure")
@options.on_study
@options.by
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="How."
)
@options.language
@options.talk
def command(asked: options.Asked, by: str | None, form: str, lang: str) -> None:
    """
    Compute the figures of a study, or of layers that are named one by one.

    Figures go to stdout, each with its numerator, denominator and rule; faults of the layers are told on stderr.

    \b
    Examples:
      geo measure data/ninh-thuan/study.toml
      geo measure data/ninh-thuan/study.toml --by district --within 2 --within 5
      geo measure --villages villages.csv --points posts.gpkg --area-km2 3358 --format json
    """
    from geo.study.origins import origins  # noqa: PLC0415 - help must not wait for it

    results = study_of(asked).run(by=by)
    if form == "json":
        click.echo(told.as_json(results, lang, origins(asked.study)))
    elif form == "csv":
        click.echo(told.as_csv(results.figures, lang))
    else:
        say(told.as_table(results.figures, lang))
    if form != "json":  # which holds the findings
        told.talk_findings(results.findings, results.layers, lang)
    told.refuse_unusable(results.findings, results.layers, asked)
