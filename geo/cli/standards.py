"""The option that names standards, and the rules that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.judge.rulebook import Standard

standard = click.option(
    "--standard",
    "standards",
    metavar="NAME|FILE",
    multiple=True,
    help="Rules to hold the territory against: vn-postal, vn-new-rural, uk-post, hk-post, or a file. Repeatable.",
)


def books_of(names: Sequence[str], own: Sequence[Standard]) -> tuple[Standard, ...]:
    """
    Give the standards that are named, or a study's own where none is.

    Raises
    ------
    StudyError
        Where there is no such standard.
    """
    from geo.judge.rulebook import read_standard  # noqa: PLC0415 - help must not wait for it

    return tuple(read_standard(name) for name in names) or tuple(own)
