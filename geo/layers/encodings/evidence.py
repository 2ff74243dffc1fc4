"""Which older encoding, if any, the texts of one column prove: by words that become Vietnamese, and words that are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.layers.encodings.decoders import DECODERS, as_latin
from geo.layers.encodings.syllables import is_syllable, words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

# What parts words in every encoding: white space, and the signs of ASCII that are no letters.
_TOKEN = re.compile(r"[^\x00-\x40\x5b-\x60\x7b-\x7f\u00a0\s]+")
_QUOTES = "“”‘’–—…"
_VOWEL = re.compile("[aeiouy]", re.IGNORECASE)
# Nearly all of the words must become Vietnamese. Of the words in plain letters some must be: a column of another
# language has short words that would become Vietnamese by accident, and long ones beside them.
_MOST, _SOME = 0.8, 0.4
# A word of three letters or more proves something; two such words do, or one beside others that are Vietnamese. A
# dozen prove it whatever else stands in the column.
_LETTERS, _STRONG, _AMPLE = 3, 2, 12
_LAST_OF_LATIN = "\u00ff"


@dataclass(frozen=True)
class Proof:
    """
    An encoding, and what it makes of the texts.

    `sure` are texts that are in it. `unsure` are those that may be in it or right as they stand, in a column where
    others are right.
    """

    encoding: str
    sure: Mapping[str, str]
    unsure: Mapping[str, str]


def proof(marked: Iterable[str], plain: Iterable[str], believed: Collection[str] = ()) -> Proof | None:
    """
    Find the older encoding that the texts of a column are in; None where they are right, or of another language.

    Parameters
    ----------
    marked : iterable of str
        The different texts of the column that are not ASCII.
    plain : iterable of str
        Those that are.
    believed : collection of str
        Encodings (keys of :data:`geo.layers.encodings.decoders.DECODERS`) that another column of the same table has
        proved; one word is enough for them.

    Examples
    --------
    >>> proof(["X· Kh¸nh H¶i", "Ninh ThuËn"], []).sure
    {'X· Kh¸nh H¶i': 'Xã Khánh Hải', 'Ninh ThuËn': 'Ninh Thuận'}
    >>> proof(["Hôpital", "Xã Phước Đại", "Île de Ré"], []) is None
    True
    """
    texts = list(marked)
    tokens = {token for token in set(_TOKEN.findall("\n".join(texts))) if not token.isascii()}
    wrong = {token for token in tokens if not _is_right(token)}
    if not wrong:
        return None
    tried = [_Trial.of(encoding, decode, tokens, wrong) for encoding, decode in _readings()]
    best = max(tried, key=lambda trial: len(trial.fixed))
    if len(best.fixed) < _MOST * len(wrong):
        return None
    if best.encoding in believed or best.is_ample or (best.is_enough(texts) and _is_home(plain)):
        return best.judged(texts)
    return None


@dataclass(frozen=True)
class _Trial:
    """
    One encoding tried on the words of a column.

    `fixed` are words that become Vietnamese and were not, `lost` those that are Vietnamese and would not be, `either`
    those that are Vietnamese both ways; of the others nothing is known.
    """

    encoding: str
    decode: Callable[[str], str | None]
    fixed: Mapping[str, str]
    lost: frozenset[str]
    either: frozenset[str]

    @classmethod
    def of(
        cls, encoding: str, decode: Callable[[str], str | None], tokens: Iterable[str], wrong: Collection[str]
    ) -> _Trial:
        told = {token: decode(token) for token in tokens}
        good = {token: text for token, text in told.items() if text is not None and _is_right(text)}
        fixed = {token: text for token, text in good.items() if token in wrong}
        right = told.keys() - set(wrong)
        return cls(encoding, decode, fixed, frozenset(right - good.keys()), frozenset(right & good.keys()))

    @property
    def strong(self) -> set[str]:
        return {token for token, text in self.fixed.items() if len(text) >= _LETTERS}

    @property
    def is_ample(self) -> bool:
        return len(self.strong) >= _AMPLE

    def is_enough(self, texts: Iterable[str]) -> bool:
        return len(self.strong) >= _STRONG or any(self._is_in_company(text, self.strong) for text in texts)

    def _is_in_company(self, text: str, strong: Collection[str]) -> bool:
        tokens = _TOKEN.findall(text)
        return (
            len(tokens) > 1
            and any(token in strong for token in tokens)
            and all(token in self.fixed or _is_right(token) for token in tokens)
        )

    def judged(self, texts: Iterable[str]) -> Proof:
        """Decode the texts that can be in the encoding; where all their words may be right as well, only if none is."""
        sure, unsure = {}, {}
        for text in texts:
            after = self.decode(text)
            tokens = {token for token in _TOKEN.findall(text) if not token.isascii()}
            in_it = any(token in self.fixed or not _is_word(token) for token in tokens)
            out_of_it = not tokens.isdisjoint(self.lost)
            if after is None or after == text or (out_of_it and not in_it):
                continue
            if not out_of_it and (in_it or (not self.lost and tokens <= self.either)):
                sure[text] = after
            else:
                unsure[text] = after
        return Proof(self.encoding, sure, unsure)


def _readings() -> list[tuple[str, Callable[[str], str | None]]]:
    """Give each encoding as it was read: as Latin-1, or by a Vietnamese Windows."""
    as_is = [(name, _read(_latin, decode)) for name, decode in DECODERS.items()]
    return as_is + [(name, _read(as_latin, decode)) for name, decode in DECODERS.items() if name != "windows_1258"]


def _read(view: Callable[[str], str | None], decode: Callable[[str], str | None]) -> Callable[[str], str | None]:
    def decoded(text: str) -> str | None:
        seen = view(text)
        return None if seen is None else decode(seen)

    return decoded


def _latin(text: str) -> str | None:
    """Give the text itself where it can have been read as Latin-1 or Windows-1252, whose further signs stay signs."""
    return None if any(sign > _LAST_OF_LATIN and sign.isalpha() for sign in text) else text


def _is_word(token: str) -> bool:
    """Tell whether a token has nothing but letters; quotes about it do not count."""
    bare = unicodedata.normalize("NFC", token.strip(_QUOTES))
    return words(bare) == [bare]


def _is_right(token: str) -> bool:
    return _is_word(token) and is_syllable(token.strip(_QUOTES))


def _is_home(plain: Iterable[str]) -> bool:
    """Tell whether enough of the words without accents are Vietnamese ones; so where there are none."""
    found = {token for text in plain for token in _TOKEN.findall(text) if len(token) > 1 and _VOWEL.search(token)}
    return not found or sum(map(is_syllable, found)) >= _SOME * len(found)
