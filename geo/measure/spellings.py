"""Names that are spelt in several ways: case and the letter that carries the tone make no other name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geo.layers.text import name_key

if TYPE_CHECKING:
    from collections.abc import Sequence


def spellings(texts: pd.Series) -> dict[str, tuple[str, ...]]:
    """
    Give the names that are spelt in several ways, each in its commonest spelling, with the others.

    Of spellings that are as common, one that is not all capitals comes first, then the order of letters.

    Examples
    --------
    >>> spellings(pd.Series(["Khánh Hoà", "KHÁNH HÒA", "Khánh Hòa", "Khánh Hòa", "Ninh Thuận"]))
    {'Khánh Hòa': ('Khánh Hoà', 'KHÁNH HÒA')}
    """
    counts = texts[texts != ""].value_counts()
    ways: dict[str, list[str]] = {}
    for text in sorted(counts.index, key=lambda text: (-counts[text], text.isupper(), text)):
        ways.setdefault(name_key(text), []).append(text)
    return {first: tuple(others) for first, *others in ways.values() if others}


def in_one_spelling(*columns: pd.Series) -> Sequence[pd.Series]:
    """Give columns of names with each name in its one spelling, which is that of all the columns together."""
    ways = spellings(pd.concat(columns))
    one = {other: name for name, others in ways.items() for other in others}
    return [column.replace(one) if one else column for column in columns]
