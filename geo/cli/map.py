"""`geo map`: the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geo.cli import options, told
from geo.cli.asked import study_of
from geo.cli.kinds import Page

if TYPE_CHECKING:
    from pathlib import Path


@click.command("map")
@options.on_study
@options.output(kind=Page(), example="The page, as maps/mine.html.")
@options.overwrite
@click.option(
    "--lang",
    type=click.Choice(["vi", "en"]),
    help="Language that the page opens in, else vi; and of what is told, else en.",
)
@click.option(
    "--basemap",
    metavar="NAME",
    help="Tiles under the map, loaded from the network: a name of xyzservices, as Esri.WorldImagery.",
)
@options.talk
def command(asked: options.Asked, output: Path, lang: str | None, basemap: str | None, *, overwrite: bool) -> None:
    """
    Draw a study as a map page: one HTML file that opens by double click, without a network.

    The page holds all the data that it shows, the positions of the points included. It asks the network for nothing,
    unless a basemap is wanted.

    \b
    Example:
      geo map data/ninh-thuan/study.toml -o maps/ninh-thuan.html
    """
    from geo.draw.webmap import draw_map  # noqa: PLC0415 - help must not wait for it
    from geo.layers.write import beside  # noqa: PLC0415

    results = study_of(asked).run()
    with beside(output, overwrite=overwrite) as draft:
        draw_map(results, language=lang or "vi", basemap=basemap).save(draft)
    told.talk_findings(results.findings, results.layers, lang or "en")
    click.echo(str(output))
    told.refuse_unusable(results.findings, results.layers, asked)
