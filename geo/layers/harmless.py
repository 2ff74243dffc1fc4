"""Text of layers that a spreadsheet would run as a formula, made harmless."""

from __future__ import annotations

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")


def harmless(value: object) -> object:
    """
    Put an apostrophe before a text that begins like a formula; a number in text stays as it is.

    Examples
    --------
    >>> [harmless(value) for value in ("=1+1", "-11.5", "An", 3)]
    ["'=1+1", '-11.5', 'An', 3]
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
