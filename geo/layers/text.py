"""Text of layers: composed forms, search keys without accents, headers as keys, the order of ids."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOT_A_WORD = re.compile(r"[\W_]+")


def clean(text: str) -> str:
    """Compose the accents (NFC), and take white space off both ends."""
    return unicodedata.normalize("NFC", text).strip()


def search_key(text: str) -> str:
    """
    Give the text without accents and in lower case, so that ``phuoc`` finds ``Phước``.

    Examples
    --------
    >>> search_key("Xã Phước Đại")
    'xa phuoc dai'
    """
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).strip()


def header_key(header: str) -> str:
    """
    Give a table's header as a key: no accents, lower case, one underscore between words.

    Examples
    --------
    >>> header_key(" Vĩ độ (WGS84)")
    'vi_do_wgs84'
    """
    return _NOT_A_WORD.sub("_", search_key(header)).strip("_")


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
    keys = id_order(ids)
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return ranks
