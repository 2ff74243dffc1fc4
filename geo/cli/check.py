"""`geo check`: the faults of the layers, and what each does to the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geo import messages
from geo.cli import options, told
from geo.cli.asked import study_of
from geo.cli.terminal import say

if TYPE_CHECKING:
    from pathlib import Path

FOUND = 3


@click.command("check")
@options.on_study
@options.by
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
@options.output(required=False, example="The faulty rows as layers, where they stand: .gpkg, .geojson, .xlsx, .csv ...")
@options.overwrite
@options.language
@options.talk
@click.pass_context
def command(  # noqa: PLR0913 - one per option
    ctx: click.Context,
    *,
    asked: options.Asked,
    by: str | None,
    form: str,
    output: Path | None,
    overwrite: bool,
    lang: str,
) -> None:
    """
    Find the faults of a study's layers: which rows, and what each fault does to the figures.

    Those come first that leave rows out. For every repair that is offered, and for rows that none would mend, the
    figures are told as they are and as they would be. With -o the rows are written as layers for a GIS, one per layer
    of the study in a GeoPackage. With --by the names of the groups are checked as well, as one that stands for two
    places. Ends with status 3 where something was found, 0 where nothing was.

    \b
    Examples:
      geo check data/ninh-thuan/study.toml
      geo check data/ninh-thuan/study.toml --by district -o faults.gpkg
    """
    from geo.cli import weighed  # noqa: PLC0415 - help must not wait for it
    from geo.layers.write import refuse_unknown_format, write_layers  # noqa: PLC0415
    from geo.study.effects import effects_of  # noqa: PLC0415
    from geo.study.loading import load  # noqa: PLC0415
    from geo.study.mending import none_to_mend, rows_to_mend  # noqa: PLC0415
    from geo.study.origins import origins  # noqa: PLC0415

    if output is not None:
        refuse_unknown_format(output)
    study = study_of(asked)
    loaded = load(study.file, keep_layers=True)
    results = study.results_of(loaded, by)
    effects = effects_of(study.file, loaded, results.figures, results.findings)
    if output is not None:
        rows = rows_to_mend(loaded.layers, results.layers, results.findings, lang)
        write_layers(rows or {"findings": none_to_mend()}, output, overwrite=overwrite)
    if form == "json":
        click.echo(weighed.as_json(results, effects, lang, origins(asked.study)))
    else:
        say(told.tell_layers(results.layers, lang))
        click.echo()
        say(weighed.tell(results, effects, lang) or messages.text("word.nothing_found", lang))
    if output is not None and form == "text":
        click.echo(output)
    ctx.exit(FOUND if any(not finding.chosen for finding in results.findings) else 0)
