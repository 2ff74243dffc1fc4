"""`geo new`: a starter study, or one that is made of an OpenStreetMap extract."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

import click

from geo.cli import options
from geo.cli.kinds import Folder

if TYPE_CHECKING:
    from pathlib import Path

    from geo.layers.osm.study import Wish

_LOG = logging.getLogger(__name__)


@click.command("new")
@click.argument("folder", metavar="DIR", type=Folder())
@click.option(
    "--tables", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True, help="Kind of the tables."
)
@click.option("--from", "extract", metavar="FILE", type=options.PATH, help="An extract of OpenStreetMap (.osm.pbf).")
@click.option("--place", metavar="NAME", help="Administrative area of the extract: a name, accents optional, or an id.")
@click.option(
    "--admin-level",
    metavar="LEVEL",
    type=click.IntRange(1, 12),
    help="Level of its areas; else the next one that divides it.",
)
@options.TAG
@options.language
@options.talk
def command(  # noqa: PLR0913 - one per option
    *,
    folder: Path,
    tables: Literal["csv", "xlsx"],
    extract: Path | None,
    place: str | None,
    admin_level: int | None,
    tag: tuple[str, ...],
    lang: str,
) -> None:
    """
    Write a starter study to fill in: the study file, and tables with Vietnamese and English headers.

    With --from and --place, a complete study of that place: its villages, post offices (or what --tag says) and areas.

    \b
    Example:
      geo new my-province
      geo new ninh-thuan --from vietnam-latest.osm.pbf --place "Ninh Thuận"
    """
    from geo.layers.starter import write_starter  # noqa: PLC0415 - help must not wait for it

    if extract is None:
        if place is not None or admin_level is not None or tag:
            msg = "--place, --admin-level and --tag choose from an extract of OpenStreetMap: name it by --from FILE."
            raise click.UsageError(msg)
        files = tuple(write_starter(folder, tables=tables))
    elif place is None:
        msg = '--from needs --place NAME, as --place "Ninh Thuận".'
        raise click.UsageError(msg)
    else:
        from geo.layers.osm.naming import TAGS  # noqa: PLC0415 - an extra
        from geo.layers.osm.study import Wish  # noqa: PLC0415

        wish = Wish(extract=extract, place=place, level=admin_level, tags=tag or TAGS, tables=tables)
        files = _from_extract(folder, wish, lang)
    for file in files:
        click.echo(str(file))


def _from_extract(folder: Path, wish: Wish, language: str) -> tuple[Path, ...]:
    """Write the study, and tell what is in it and what could not be taken."""
    from geo import messages  # noqa: PLC0415
    from geo.layers.osm.study import write_extract_study  # noqa: PLC0415

    made = write_extract_study(folder, wish)
    for term in made.told:
        _LOG.warning(messages.text(term.key, language, **dict(term.values)))
    for finding in made.findings:
        _LOG.warning("%s: %s: %s", wish.extract, finding.text(language), finding.effect(language))
    return made.files
