"""Text of layers: composed forms, search keys without accents, headers as keys, the order of ids."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOT_A_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# Two letters of other languages look like the Vietnamese one, and are often typed for it.
_LIKE_D = str.maketrans({"ð": "đ", "ɖ": "đ"})


def clean(text: str) -> str:
    """Compose the accents (NFC), and take white space off both ends."""
    return unicodedata.normalize("NFC", text).strip()


def cleaned(texts: pd.Series) -> pd.Series:
    """
    Give each text of a column as :func:`clean` does, all at once; a text that is empty then is missing.

    Examples
    --------
    >>> cleaned(pd.Series([" Pho\u031b\u0301c ", "", None])).tolist()
    ['Phớc', nan, nan]
    """
    # Arrow normalises a column at a tenth of the price of a call per cell.
    column = pa.array(texts.astype("str"), type=pa.large_string(), from_pandas=True)
    done = pc.utf8_trim_whitespace(pc.utf8_normalize(column, form="NFC"))
    done = pc.if_else(pc.equal(done, ""), None, done)
    return pd.Series(done.to_numpy(zero_copy_only=False), index=texts.index, name=texts.name, dtype="str")


def search_key(text: str) -> str:
    """
    Give the text without accents and in lower case, so that ``phuoc`` finds ``Phước``, and ``hoa`` both Hoà and Hòa.

    Examples
    --------
    >>> search_key("Xã Phước Đại")
    'xa phuoc dai'
    """
    decomposed = unicodedata.normalize("NFD", text.lower().translate(_LIKE_D).replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).strip()


def spelling_key(text: str) -> str:
    """
    Give a key that is equal where names are spelt alike: ``Hoà`` is ``Hòa``, and Thanh Hải is not Thành Hải.

    Case, the letter that carries a syllable's tone, what stands between words, and zeros before a number do not count;
    every accent does. Words without any letter or digit have no key.

    Examples
    --------
    >>> spelling_key("PHƯỚC HOÀ") == spelling_key("Phước  Hòa")
    True
    >>> spelling_key("Thanh Hải") == spelling_key("Thành Hải")
    False
    >>> spelling_key("Phan Rang-Tháp Chàm, tổ 01") == spelling_key("Phan Rang - Tháp Chàm tổ 1")
    True
    """
    composed = unicodedata.normalize("NFC", text.casefold().translate(_LIKE_D))
    return " ".join(_spelt(word) for word in _NOT_A_WORD.split(composed) if word)


def name_key(text: str) -> str:
    """
    Give a key that is equal for one name in capitals or not, whichever letter of a syllable carries its tone.

    What stands between words does count, unlike in :func:`spelling_key`: ``<5`` is not ``>5``.

    Examples
    --------
    >>> name_key("KHÁNH HOÀ") == name_key("Khánh Hòa"), name_key("Khu-1") == name_key("Khu 01")
    (True, False)
    """
    composed = unicodedata.normalize("NFC", text.casefold().translate(_LIKE_D))
    return _WORD.sub(lambda word: _toned(word[0]), composed)


def header_key(header: str) -> str:
    """
    Give a table's header as a key: no accents, lower case, one underscore between words.

    Examples
    --------
    >>> header_key(" Vĩ độ (WGS84)")
    'vi_do_wgs84'
    """
    return _NOT_A_WORD.sub("_", search_key(header)).strip("_")


def _spelt(word: str) -> str:
    """Put the tone behind its syllable."""
    if word.isdecimal():
        return word.lstrip("0") or "0"
    return _toned(word)


def _toned(word: str) -> str:
    apart = unicodedata.normalize("NFD", word)
    tones = "".join(sign for sign in apart if sign in _TONES)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if sign not in _TONES)) + tones


def id_order(ids: Iterable[str]) -> list[tuple[int, int, str]]:
    """
    Give a sort key per id: whole numbers first, by their value, then the others by their letters.

    Examples
    --------
    >>> sorted(["10", "9", "b", "a10"], key=lambda name: id_order([name])[0])
    ['9', '10', 'a10', 'b']
    """
    return [(0, int(name), name) if name.isdecimal() else (1, 0, name) for name in ids]


def id_ranks(ids: Iterable[str]) -> np.ndarray:
    """Give each id its rank in the order of :func:`id_order`, so that the lowest id has rank 0."""
    # An Arrow array hands out its texts one by one at ten times the price of a list.
    keys = id_order(ids.to_numpy(object).tolist() if isinstance(ids, pd.Series | pd.Index) else ids)
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return ranks
