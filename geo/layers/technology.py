"""Technologies of networks: how they are written, and which counts for which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from geo.layers.text import search_key

if TYPE_CHECKING:
    from collections.abc import Iterable

GENERATIONS = ("2G", "3G", "4G", "5G")
_WRITTEN = {
    "2G": "gsm gprs edge cdma is95",
    "3G": "umts wcdma hspa hsdpa hsupa cdma2000 evdo tdscdma",
    "4G": "lte ltea wimax",
    "5G": "nr 5gnr nrnsa nrsa",
}
_SYNONYMS = {word: generation for generation, words in _WRITTEN.items() for word in words.split()}
_FIBRE = {"fibre", "fiber", "ftth", "cap quang", "cap_quang", "capquang"}
_YES = {"1", "1.0", "yes", "y", "true", "t", "co", "x", "covered"}
_NO = {"0", "0.0", "no", "n", "false", "f", "khong", "none", "k", "uncovered"}
_GENERATION = re.compile(r"\b([2-5])\s?g\b")


def technology_name(text: str) -> str | None:
    """
    Give a technology the name it has here: ``2G`` to ``5G``, ``fibre``; None where it is none that is known.

    Examples
    --------
    >>> [technology_name(text) for text in ("LTE", "umts", "4g", "FTTH", "smoke")]
    ['4G', '3G', '4G', 'fibre', None]
    """
    key = search_key(text)
    if key in _FIBRE:
        return "fibre"
    word = re.sub(r"[\W_]", "", key)
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    generation = _GENERATION.search(key)
    return f"{generation[1]}G" if generation else None


def counting_for(technology: str) -> tuple[str, ...]:
    """
    Give the technologies that count for one: itself and, on the mobile ladder, every later one.

    "Covered by 3G" means at least 3G (SDG indicator 9.c.1).

    Examples
    --------
    >>> counting_for("3G"), counting_for("fibre")
    (('3G', '4G', '5G'), ('fibre',))
    """
    if technology not in GENERATIONS:
        return (technology,)
    return GENERATIONS[GENERATIONS.index(technology) :]


def answers(cells: pd.Series, technology: str) -> pd.Series:
    """
    Read a column of the villages that says whether a technology reaches them.

    Cells say 1 or 0, yes or no, có or không, true or false, or the highest generation (``4G``).

    Parameters
    ----------
    cells : Series
        As the source has them; empty is unknown.
    technology : str
        What is asked for.

    Returns
    -------
    Series of boolean
        On the same index; missing where the cell is empty or says none of these.

    Examples
    --------
    >>> answers(pd.Series(["có", "không", "", "5G", "2G"]), "4G").tolist()
    [True, False, <NA>, True, False]
    """
    wanted = counting_for(technology)
    read: dict[str, bool | None] = {}
    words = cells.astype("str").where(cells.notna(), "").map(search_key)
    for word in words.unique():
        found = technology_name(word)
        if word in _YES or word in _NO:
            read[word] = word in _YES
        else:
            read[word] = None if found is None else found in wanted
    return pd.Series([read[word] for word in words], index=cells.index, dtype="boolean")


def is_at_least(technologies: Iterable[str | None], wanted: str) -> list[bool]:
    """Tell of each technology whether it counts for the wanted one."""
    counting = counting_for(wanted)
    return [name is not None and technology_name(name) in counting for name in technologies]
