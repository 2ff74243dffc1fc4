"""`geo new`: a starter study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from pathlib import Path

from geo.cli import options


@click.command("new")
@click.argument("folder", metavar="DIR", type=options.PATH)
@click.option(
    "--tables", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True, help="Kind of the tables."
)
def command(folder: Path, tables: Literal["csv", "xlsx"]) -> None:
    """
    Write a starter study to fill in: the study file, and tables with Vietnamese and English headers.

    \b
    Example:
      geo new my-province
    """
    from geo.layers.starter import write_starter  # noqa: PLC0415 - help must not wait for it

    for file in write_starter(folder, tables=tables):
        click.echo(str(file))
