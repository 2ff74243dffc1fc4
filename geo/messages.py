"""Every sentence that a person reads, by key, in Vietnamese and English; they stand in `sentences/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Term:
    """Words of the catalogue, to be filled into a sentence in the sentence's own language."""

    key: str
    values: tuple[tuple[str, object], ...] = ()


@cache
def _catalogue() -> dict[str, dict[str, dict[str, str]]]:
    """Give the sentences of all files by their group and their short key."""
    catalogue: dict[str, dict[str, dict[str, str]]] = {}
    for file in resources.files("geo").joinpath("sentences").iterdir():
        for name, entries in tomllib.loads(file.read_text("utf-8")).items():
            catalogue.setdefault(name, {}).update(entries)
    return catalogue


def text(key: str, language: str = "en", **values: object) -> str:
    """
    Give the sentence of a key, its placeholders filled; numbers are written as the language writes them.

    Parameters
    ----------
    key : str
        Group and name, as ``"rule.equal_area_radius"``.
    language : str
        ``"vi"`` or ``"en"``.
    **values : object
        What the placeholders stand for.

    Raises
    ------
    KeyError
        Where the catalogue has no such key or language.

    Examples
    --------
    >>> text("layer.villages", "vi")
    'thôn'

    A placeholder that is a count has the singular and the plural of what is counted after a colon; after ``:=`` these
    stand without the number. One with a second value behind it is a range, and says a value that is both ends once.

    >>> text("plan.travel", number=1), text("plan.travel", number=5)
    ('Where 1 point would let people travel least', 'Where 5 points would let people travel least')
    >>> text("fault.outside_areas", layer="villages", count=1, all=3, nearest_km=0.639, farthest_km=0.639)
    'villages outside every area: 1 of 3, 0.639 km away'
    """
    name, _, short = key.partition(".")
    sentence = _catalogue()[name][short][language]
    if not values:
        return sentence
    return sentence.format(**{name: _Word(value, written(value, language)) for name, value in values.items()})


@dataclass(frozen=True)
class _Word:
    """A value as the language writes it, with the noun that it counts, or the range that it begins."""

    value: object
    written: object

    def __format__(self, asked: str) -> str:
        if asked.startswith(" "):
            is_one = asked.rpartition(" ")[2] == str(self.written)
            return str(self.written) if is_one else f"{self.written}{asked}"
        one, _, many = asked.removeprefix("=").partition("|")
        noun = one if self.value == 1 else many
        return noun if asked.startswith("=") else f"{self.written} {noun}".rstrip()


def counted(number: int, nouns: str) -> str:
    """
    Write a number in English, followed by what is counted, one or many of it.

    Examples
    --------
    >>> counted(1, "row|rows"), counted(1200, "row|rows")
    ('1 row', '1,200 rows')
    """
    one, _, many = nouns.partition("|")
    return f"{number:,} {one if number == 1 else many}"


def group(name: str, language: str) -> dict[str, str]:
    """Give all sentences of one group by their short keys."""
    return {key: pair[language] for key, pair in _catalogue().get(name, {}).items()}


def written(value: object, language: str) -> object:
    """
    Give a value as the language writes it.

    A term is written in words, of a text by language the one that is wanted, a decimal with its own digits, a float
    with at most three.

    Examples
    --------
    >>> written(Decimal("0.90"), "vi"), written(5950.0, "en")
    ('0,90', '5,950')
    """
    if isinstance(value, Term):
        return text(value.key, language, **dict(value.values))
    if isinstance(value, Mapping):
        return value[language]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    from babel.numbers import format_decimal  # noqa: PLC0415 - half of the start-up time of a command

    digits = max(0, -int(value.as_tuple().exponent)) if isinstance(value, Decimal) else None
    return format_decimal(value, format="#,##0.###" if digits is None else f"#,##0.{'0' * digits}", locale=language)
