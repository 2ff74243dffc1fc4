"""`geo compare`: what changed between two studies, and why."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from geo.cli import options
from geo.cli.terminal import say

if TYPE_CHECKING:
    from pathlib import Path

    from geo.compare.studies import Compared


@click.command("compare")
@click.argument("old", type=options.PATH)
@click.argument("new", type=options.PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
@options.language
@options.talk
def command(old: Path, new: Path, *, form: str, lang: str) -> None:
    """
    Compare two studies of one territory: every figure then and now, and what each change is due to.

    The old study becomes the new one step by step - how it is counted, points opened, closed and moved, people,
    villages, area, coverage, subscriptions - and what each step changes adds up to the whole difference.

    \b
    Example:
      geo compare data/ninh-thuan/study.toml data/ninh-thuan/study.toml
    """
    from geo.cli import changes  # noqa: PLC0415 - help must not wait for it
    from geo.compare.studies import compare  # noqa: PLC0415
    from geo.study.study import Study  # noqa: PLC0415

    found = compare(Study.open(old), Study.open(new))
    found = replace(found, old=_with_file(found.old, old), new=_with_file(found.new, new))
    if form == "json":
        click.echo(json.dumps(changes.as_json(found, lang), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        say(changes.tell(found, lang))


def _with_file(side: Compared, file: Path) -> Compared:
    """Put the study's own file before its layers: official totals stand in it."""
    from geo.study.results import LayerFacts  # noqa: PLC0415

    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    origin = LayerFacts(layer="study", file=file.name, sha256=digest, rows=0, used=0, crs="")
    return replace(side, layers=(origin, *side.layers))
