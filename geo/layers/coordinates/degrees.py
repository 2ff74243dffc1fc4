"""Degrees as people write them: minutes and seconds, hemisphere letters before or after, in English and Vietnamese."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from geo.layers.cells import matches, most_decimals
from geo.layers.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

Axis = Literal["lat", "lon"]

_SIGNS = str.maketrans("º˚′’‘´ʹ″”“ʺ−–", "°°'''''\"\"\"\"--")
_WORDS = {
    "VĨ ĐỘ": "",
    "KINH ĐỘ": "",
    "VĨ TUYẾN": "",
    "KINH TUYẾN": "",
    "VĨ": "",
    "KINH": "",
    "LATITUDE": "",
    "LONGITUDE": "",
    "BẮC": "B",
    "ĐÔNG": "Đ",
    "TÂY": "T",
    "NAM": "↓",
    "NORTH": "↑",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "ĐỘ": "°",
    "PHÚT": "'",
    "GIÂY": '"',
    "DEG": "°",
    "MIN": "'",
    "SEC": '"',
}
_WORD = re.compile("|".join(map(re.escape, _WORDS)))
# N is north in English and south (Nam) in Vietnamese: the letters beside it tell. The arrows stand for whole words.
_LETTERS = "NSEWBĐT↑↓"
_NUMBER = r"\d+(?:[.,]\d+)?"
_SYMBOLS = re.compile(
    rf"(?P<lead>[{_LETTERS}])?[\s:]*(?P<sign>[-+])?\s*(?P<d>{_NUMBER})(?P<mark>\s*°\s*|\s*:\s*|\s+|$|(?=[{_LETTERS}]))"
    rf"(?:(?P<m>\d{{1,2}}(?:[.,]\d+)?)(?:\s*'(?!')\s*|\s*:\s*|\s+|$|(?=[{_LETTERS}D]))"
    rf"(?:(?P<s>\d{{1,2}}(?:[.,]\d+)?)\s*(?:\"|'')?\s*)?)?(?P<tail>[{_LETTERS}]|(?<=['\"\s])D)?"
)
# 11d34m12s: here an S is the mark of the seconds.
_DMS = re.compile(
    rf"(?P<lead>[{_LETTERS}])?\s*(?P<sign>[-+])?\s*(?P<d>{_NUMBER})\s*(?P<mark>D)\s*"
    rf"(?:(?P<m>\d{{1,2}}(?:[.,]\d+)?)\s*M\s*(?:(?P<s>\d{{1,2}}(?:[.,]\d+)?)\s*S\s*)?)?(?P<tail>[{_LETTERS}])?"
)
_MOST_DEGREES, _MINUTES = 180, 60
_ENGLISH = {"S": ("lat", -1), "E": ("lon", 1), "W": ("lon", -1)}
_VIETNAMESE = {"B": ("lat", 1), "Đ": ("lon", 1), "D": ("lon", 1), "T": ("lon", -1)}
_WHOLE: dict[str, tuple[Axis, int]] = {"↑": ("lat", 1), "↓": ("lat", -1)}


@dataclass(frozen=True)
class Angle:
    """
    One angle as it is written.

    `degrees` has the sign that is written, not that of the letter; `step` is the last digit's unit in degrees; `parts`
    counts degrees, minutes and seconds; `marked` tells whether a sign or letter says that it is an angle.
    """

    degrees: float
    letter: str
    step: float
    parts: int
    marked: bool


@dataclass(frozen=True)
class Angles:
    """A column of angles: `degrees` (NaN where there is none), letters (``""`` where none), and the finest step."""

    degrees: np.ndarray
    letters: np.ndarray
    step: float


def read_angle(text: str) -> Angle | None:
    r"""
    Read one angle; None where the text is none, minutes or seconds are above 60, or sign and letter both stand.

    Examples
    --------
    >>> read_angle('11°34\'12.5"N').degrees == 11 + 34 / 60 + 12.5 / 3600
    True
    >>> read_angle("108 độ 59 phút Đông")
    Angle(degrees=108.98333333333333, letter='Đ', step=0.016666666666666666, parts=2, marked=True)
    """
    plain = unicodedata.normalize("NFC", text).translate(_SIGNS).upper().strip()
    plain = _WORD.sub(lambda word: _WORDS[word[0]], plain).strip(" \t\u00a0.:")
    found = _DMS.fullmatch(plain) or _SYMBOLS.fullmatch(plain)
    if found is None:
        return None
    lead, tail, sign = found["lead"] or "", found["tail"] or "", found["sign"] or ""
    parts = [part for part in (found["d"], found["m"], found["s"]) if part is not None]
    if (lead and tail) or (sign and (lead or tail)) or any(mark in part for part in parts[:-1] for mark in ".,"):
        return None
    values = [float(part.replace(",", ".")) for part in parts]
    degrees = sum(value / _MINUTES**place for place, value in enumerate(values))
    # Sixty seconds are what rounding makes of 59.996.
    if degrees > _MOST_DEGREES or any(value > _MINUTES for value in values[1:]):
        return None
    decimals = len(re.split("[.,]", parts[-1])[1]) if re.search("[.,]", parts[-1]) else 0
    return Angle(
        degrees=-degrees if sign == "-" else degrees,
        letter=lead or tail,
        step=10.0**-decimals / _MINUTES ** (len(parts) - 1),
        parts=len(parts),
        marked=bool(lead or tail or "°" in found["mark"] or found["mark"] == "D"),
    )


def read_angles(cells: pd.Series, *, degrees_only: bool = True) -> Angles:
    """
    Read a column of coordinates: numbers in any dialect, and angles with minutes, seconds or letters.

    Parameters
    ----------
    cells : Series of str
        Cells, empty where there is none.
    degrees_only : bool
        Whether ``11 34 12`` is an angle; else only what has a degree sign or a letter is, and the rest are numbers.
    """
    values = numbers(cells).to_numpy(dtype=float, copy=True)
    letters = np.full(len(cells), "", dtype=object)
    step = _step(cells)
    odd = np.flatnonzero(~matches(cells, r"^\s*[-+]?[0-9]*[.,]?[0-9]*\s*$"))
    read = {text: read_angle(text) for text in cells.iloc[odd].unique()}
    for place, text in zip(odd, cells.iloc[odd], strict=True):
        angle = read[text]
        if angle is not None and (angle.marked or (degrees_only and angle.parts > 1)):
            values[place], letters[place] = angle.degrees, angle.letter
            step = min(step, angle.step)
    return Angles(values, letters, step)


def hemispheres(letters: Iterable[str]) -> dict[str, tuple[Axis, int]]:
    """
    Say what each letter means, by the letters that stand beside it: its axis, and the sign that it gives.

    B, Đ and T are Bắc, Đông and Tây. N is Nam, the south, where such letters stand beside it and none that only English
    has (S, E, W); where both kinds do, N has no meaning and is not among the answers. Alone it is the north.

    Examples
    --------
    >>> hemispheres(["N", "E"])["N"], hemispheres(["N", "Đ"])["N"], "N" in hemispheres(["N", "B", "E"])
    (('lat', 1), ('lat', -1), False)
    """
    there = {letter for letter in letters if letter}
    vietnamese, english = there & _VIETNAMESE.keys(), there & _ENGLISH.keys()
    meaning: dict[str, tuple[Axis, int]] = {**_ENGLISH, **_VIETNAMESE, **_WHOLE}  # type: ignore[dict-item]
    if not (vietnamese and english):
        meaning["N"] = ("lat", -1 if vietnamese else 1)
    return meaning


def _step(cells: pd.Series) -> float:
    """Give the unit of the last digit of the column's longest decimals: shorter ones may have lost their noughts."""
    return 10.0 ** -min(most_decimals(cells), 12)
