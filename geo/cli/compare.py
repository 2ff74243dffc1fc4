"""`geo compare`: what changed between two studies, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from geo.cli import options
from geo.cli.terminal import say

if TYPE_CHECKING:
    from pathlib import Path


@click.command("compare")
@click.argument("old", type=options.PATH)
@click.argument("new", type=options.PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
@options.language
@options.talk
def command(old: Path, new: Path, *, form: str, lang: str) -> None:
    """
    Compare two studies of one territory: every figure then and now, and what each change is due to.

    The old study becomes the new one step by step - points closed, opened and moved, people, villages, areas, coverage,
    totals - and what each step changes adds up to the whole difference.

    \b
    Example:
      geo compare data/ninh-thuan/study.toml data/ninh-thuan/study.toml
    """
    from geo.cli import changes  # noqa: PLC0415 - help must not wait for it
    from geo.compare import compare  # noqa: PLC0415
    from geo.study import Study  # noqa: PLC0415

    found = compare(Study.open(old), Study.open(new))
    if form == "json":
        click.echo(json.dumps(changes.as_json(found, lang), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        say(changes.tell(found, lang))
