"""Names of places taken apart: the word for the kind of place, and the name that is left without it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from geo.layers.text import clean, search_key, spelling_key

# Each word, and the kinds that it may stand for. Before a name as a rule; English words also stand behind it.
_VIETNAMESE = {
    "tỉnh": "province",
    "thành phố": "city",
    "thị xã": "municipality",
    "thị trấn": "townlet",
    "huyện": "district",
    "quận": "precinct",
    "đặc khu": "zone",
    "xã": "commune",
    "phường": "ward",
    "tổ dân phố": "block",
    "khu phố": "quarter",
    "thôn": "thôn",
    "làng": "làng",
    "xóm": "xóm",
    "ấp": "ấp",
    "bản": "bản",
    "buôn": "buôn",
}
_SHORT = {"tp": "city", "tx": "municipality", "tt": "townlet", "kp": "quarter", "tdp": "block"}
_DOTTED = {"t": "province", "h": "district", "q": "precinct", "x": "commune", "p": "ward"}
_SMALL = "thôn làng xóm ấp bản buôn"
_ENGLISH = {
    "province": "province",
    "city": "city municipality",
    "township": "townlet",
    "town": "townlet municipality",
    "district": "district precinct",
    "commune": "commune",
    "ward": "ward",
    "quarter": "quarter",
    "village": _SMALL,
    "hamlet": _SMALL,
}


@dataclass(frozen=True)
class PlaceName:
    """
    A name without the word for its kind (`bare`), and the kinds that the word may stand for; none where there is none.

    Examples
    --------
    >>> PlaceName("Phước Đại", frozenset({"commune"})).may_be(PlaceName("Phước Đại", frozenset()))
    True
    >>> PlaceName("Tân Sơn", frozenset({"townlet"})).may_be(PlaceName("Tân Sơn", frozenset({"commune"})))
    False
    """

    bare: str
    kinds: frozenset[str]

    @property
    def has_accents(self) -> bool:
        """Tell whether the name, without the word for its kind, has any accent; đ is a letter, and none."""
        return _has_accents(self.bare)

    @property
    def spelling(self) -> str:
        """Give the key with accents."""
        return spelling_key(self.bare)

    @property
    def letters(self) -> str:
        """Give the key without accents."""
        return spelling_key(search_key(self.bare))

    def may_be(self, other: PlaceName) -> bool:
        """Tell whether the words for the kind allow that two names mean one place."""
        return are_alike(self.kinds, other.kinds)


def are_alike(kinds: frozenset[str], others: frozenset[str]) -> bool:
    """Tell whether two sets of kinds have one in common, or one of them says nothing."""
    return not kinds or not others or not kinds.isdisjoint(others)


def place_names(text: str) -> tuple[PlaceName, ...]:
    """
    Take a name apart; two readings where it may begin with the word for a kind, or may not.

    Written with its accents a word is known: ``xã`` is a commune, and ``Phương Hải`` is no ward. Without them,
    ``Phuong Hai`` may be the ward Hải or the commune Phương Hải.

    Examples
    --------
    >>> [(name.bare, sorted(name.kinds)) for name in place_names("Xã Phương Hải")]
    [('Phương Hải', ['commune'])]
    >>> [(name.bare, sorted(name.kinds)) for name in place_names("Phuong Hai")]
    [('Phuong Hai', []), ('Hai', ['ward'])]
    >>> [(name.bare, sorted(name.kinds)) for name in place_names("Ninh Hai District")]
    [('Ninh Hai', ['district', 'precinct'])]
    """
    name = clean(text)
    for pattern, table in _SURE:
        if found := pattern.fullmatch(name):
            return (PlaceName(found["bare"], _kinds(table, found["kind"])),)
    whole = PlaceName(name, frozenset())
    if not _has_accents(name) and (found := _UNSURE.fullmatch(name)):
        return (whole, PlaceName(found["bare"], _kinds(_PLAIN, found["kind"])))
    return (whole,)


def _has_accents(name: str) -> bool:
    return any(unicodedata.combining(sign) for sign in unicodedata.normalize("NFD", name))


def _kinds(table: dict[str, str], word: str) -> frozenset[str]:
    return frozenset(table[" ".join(word.casefold().split())].split())


def _words(table: dict[str, str]) -> str:
    longest = sorted(table, key=len, reverse=True)
    return "(?P<kind>" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest) + ")"


_PLAIN = {search_key(word): kinds for word, kinds in _VIETNAMESE.items()}
_BARE = r"(?P<bare>\S.*)"
_SURE = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), table)
    for pattern, table in (
        (rf"{_words(_VIETNAMESE)}[\s.:]+{_BARE}", _VIETNAMESE),
        (rf"{_words(_SHORT)}(?:\s*[.:]\s*|\s+){_BARE}", _SHORT),
        (rf"{_words(_DOTTED)}\s*\.\s*{_BARE}", _DOTTED),
        (rf"{_words(_ENGLISH)}\s+{_BARE}", _ENGLISH),
        (rf"(?P<bare>\S.*?)[\s,]+{_words(_ENGLISH)}", _ENGLISH),
    )
)
_UNSURE = re.compile(rf"{_words(_PLAIN)}\s+{_BARE}", re.IGNORECASE | re.DOTALL)
