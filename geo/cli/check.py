"""`geo check`: the faults of the layers."""

from __future__ import annotations

import click

from geo import messages
from geo.cli import options, told

FOUND = 3


@click.command("check")
@options.on_study
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
@options.language
@options.talk
@click.pass_context
def command(ctx: click.Context, *, asked: options.Asked, form: str, lang: str) -> None:
    """
    Find the faults of a study's layers: which rows, and what each fault does to the figures.

    Ends with status 3 where something was found, 0 where nothing was.

    \b
    Example:
      geo check data/ninh-thuan/study.toml
    """
    results = options.study_of(asked).run()
    if form == "json":
        click.echo(told.as_json(results, lang))
    else:
        click.echo(told.tell_layers(results.layers, lang))
        click.echo(told.tell_findings(results.findings, lang) or messages.text("word.nothing_found", lang))
    ctx.exit(FOUND if any(not finding.chosen for finding in results.findings) else 0)
