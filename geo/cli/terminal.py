"""Text of layers on its way to a terminal: no control character of a file may steer it."""

from __future__ import annotations

import logging
import re
import unicodedata

import click

from geo.passwords import masked

_KEPT = "\n\t"
_LONGEST = 2_000
_BOLD = re.compile("(\x1b\\[[01]m)")
# Control characters, marks that turn the direction of writing, and halves of characters.
_STEERING = {"Cc", "Cf", "Cs"}
# Joiners and soft hyphens steer nothing.
_HARMLESS = "\u200c\u200d\u00ad\u2060\ufeff"


def printable(text: str) -> str:
    r"""
    Write control characters as escapes; new lines and tabs stay.

    Examples
    --------
    >>> print(printable("An \x1b[31m"))
    An \x1b[31m
    """
    if text.isprintable():
        return text
    return "".join(
        one.encode("unicode_escape").decode()
        if unicodedata.category(one) in _STEERING and one not in _KEPT + _HARMLESS
        else one
        for one in text
    )


def one_line(text: str) -> str:
    r"""
    Write a message on one line of bearable length, its middle left out where it is longer, and without a password.

    Examples
    --------
    >>> print(one_line("no column\n'x'"))
    no column\n'x'
    """
    line = printable(masked(text)).replace("\n", "\\n")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST * 3 // 4]} … {line[-_LONGEST // 4 :]}"


def say(text: str) -> None:
    """Write text on stdout, fit for a terminal; what is bold stays bold."""
    click.echo("".join(part if _BOLD.fullmatch(part) else printable(part) for part in _BOLD.split(text)))


class OneLine(logging.Formatter):
    """Each record of the log on a line of its own, fit for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        return one_line(super().format(record))
