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
    "5G": "nr nrnsa nrsa",
    "fibre": "fibre fiber ftth ftthb gpon xgspon cap quang optic optical",
}
_WORDS = {word: technology for technology, words in _WRITTEN.items() for word in words.split()}
_FILLERS = {"", "song", "mang", "network", "mobile", "va", "and"}
_YES = {"1", "1.0", "yes", "y", "true", "t", "co", "x", "covered"}
_NO = {"0", "0.0", "no", "n", "false", "f", "khong", "none", "k", "uncovered", "chua", "khong co", "chua co"}
_GENERATION = re.compile(r"([2-5])g(?:lte|nr)?")
_BAND = re.compile(r"(?<=[a-z])\d{3,4}$")


def technology_name(text: str) -> str | None:
    """
    Give a technology the name it has here, ``2G`` to ``5G`` or ``fibre``; the latest where a text names several.

    None where the text says anything else besides: what "no 4G" means is not for a program to guess.

    Examples
    --------
    >>> [technology_name(text) for text in ("LTE1800", "umts", "2G, 3G, 4G", "Cáp quang FTTH", "no 4G", "smoke")]
    ['4G', '3G', '4G', 'fibre', None, None]
    """
    key = search_key(text)
    if (name := _name(re.sub(r"[^a-z0-9]+", "", key))) is not None:
        return name
    names: set[str] = set()
    for word in re.split(r"[^a-z0-9]+", key):
        if (name := _name(word)) is not None:
            names.add(name)
        elif word not in _FILLERS:
            return None
    if names == {"fibre"}:
        return "fibre"
    return max(names) if names and "fibre" not in names else None


def _name(word: str) -> str | None:
    """Give the technology that one word stands for; a frequency band behind it does not count."""
    generation = _GENERATION.fullmatch(word)
    return f"{generation[1]}G" if generation else _WORDS.get(word) or _WORDS.get(_BAND.sub("", word))


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
    read: dict[str, bool | None] = {}
    words = cells.astype("str").where(cells.notna(), "").map(search_key)
    for word in words.unique():
        found = technology_name(word)
        if word in _YES or word in _NO:
            read[word] = word in _YES
        else:
            read[word] = counts_for(found, technology)
    return pd.Series([read[word] for word in words], index=cells.index, dtype="boolean")


def counts_for(found: str | None, wanted: str) -> bool | None:
    """Tell whether one technology counts for another; None where one says nothing of the other."""
    if found is None or (found in GENERATIONS) != (wanted in GENERATIONS):
        return None
    return found in counting_for(wanted)


def is_at_least(technologies: Iterable[str | None], wanted: str) -> list[bool]:
    """Tell of each technology whether it counts for the wanted one; one without a known name counts for itself."""
    counting = counting_for(wanted)
    key = search_key(wanted)
    return [
        name is not None and (technology_name(name) in counting or search_key(name) == key) for name in technologies
    ]
