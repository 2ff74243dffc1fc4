"""Both coordinates in one cell: where it parts, and which of the two is the latitude."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from geo.layers.coordinates.degrees import Angle, hemispheres, read_angle

if TYPE_CHECKING:
    import pandas as pd

Order = Literal["lat_lon", "lon_lat"]

_BRACKETS = " \t\u00a0()[]{}"
_BETWEEN = re.compile(r"\s*[,;/|\t\n]\s*|\s+|(?<=[NSEWBĐTnsewbđt])(?=\d)|(?<=['\"°′″])(?=[NSEWBĐT])")
_CUTS = ";/|\n\t"
_LIMIT = 90
# Two angles with all their words; a text is parted wherever it can be.
_LONGEST = 200
# Where some cells can only be the one order and some the other, nearly all must agree.
_MOST = 0.9


@dataclass(frozen=True)
class Pairs:
    """
    A column of pairs: the `first` and the `second` number of each cell, NaN where there is no pair.

    `first_axis` is ``"lat"`` or ``"lon"`` where letters say so, else ``""``; their signs are applied. `step` is the
    finest unit of a last digit.
    """

    first: np.ndarray
    second: np.ndarray
    first_axis: np.ndarray
    step: float


def read_pairs(cells: pd.Series) -> Pairs:
    """
    Read cells such as ``11.5643, 108.9886``, ``11,5643; 108,9886``, ``11°34'N 108°59'E`` or ``(11 34 12 108 59 19)``.

    Parameters
    ----------
    cells : Series of str
        Cells, empty where there is none.
    """
    split = {text: split_pair(text) for text in cells.unique()}
    pairs = [split[text] for text in cells]
    means = hemispheres(angle.letter for pair in split.values() if pair for angle in pair)
    first, second = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    axis = np.full(len(cells), "", dtype=object)
    for place, pair in enumerate(pairs):
        if pair is None:
            continue
        told = [means.get(angle.letter) if angle.letter else ("", 1) for angle in pair]
        axes = [one[0] if one else None for one in told]
        if None in axes or (axes[0] and axes[0] == axes[1]):
            continue
        first[place], second[place] = (angle.degrees * one[1] for angle, one in zip(pair, told, strict=True) if one)
        other = {"lat": "lon", "lon": "lat", "": ""}[axes[1] or ""]
        axis[place] = axes[0] or other
    step = min((angle.step for pair in split.values() if pair for angle in pair), default=1.0)
    return Pairs(first, second, axis, step)


def split_pair(text: str) -> tuple[Angle, Angle] | None:
    """
    Part a cell into two angles, where there is one best place to part it.

    Examples
    --------
    >>> [angle.degrees for angle in split_pair("11,5643, 108,9886")]
    [11.5643, 108.9886]
    >>> split_pair("11.5643") is None
    True
    """
    if len(text) > _LONGEST:
        return None
    plain = text.strip(_BRACKETS)
    found: dict[tuple[Angle, Angle], tuple[bool, bool, bool]] = {}
    for between in _BETWEEN.finditer(plain):
        left, right = _angle(plain[: between.start()]), _angle(plain[between.end() :])
        if left is None or right is None:
            continue
        sign = between[0]
        rank = (any(cut in sign for cut in _CUTS), left.parts == right.parts, "," in sign and sign != ",")
        found[left, right] = max(rank, found.get((left, right), rank))
    if not found:
        return None
    best = max(found.values())
    chosen = [pair for pair, rank in found.items() if rank == best]
    return chosen[0] if len(chosen) == 1 else None


def order_of(pairs: Pairs) -> Order | None:
    """
    Tell the order of a column by its letters, or by where its numbers can only be; None where both orders can be.

    A latitude is at most 90 degrees.
    """
    told = pairs.first_axis != ""
    beyond = (np.abs(pairs.first) > _LIMIT) != (np.abs(pairs.second) > _LIMIT)
    lon_first = np.where(told, pairs.first_axis == "lon", np.abs(pairs.first) > _LIMIT)[told | beyond]
    if not len(lon_first):
        return None
    share = float(np.mean(lon_first))
    return "lon_lat" if share >= _MOST else "lat_lon" if share <= 1 - _MOST else None


def lon_lat_of(pairs: Pairs, order: Order) -> tuple[np.ndarray, np.ndarray]:
    """Give longitude and latitude in an order, except where a cell's own letters say otherwise."""
    lon_first = np.where(pairs.first_axis == "", order == "lon_lat", pairs.first_axis == "lon")
    return np.where(lon_first, pairs.first, pairs.second), np.where(lon_first, pairs.second, pairs.first)


_METRES = re.compile(r"\d{5,8}(?:[.,]\d+)?")


def _angle(text: str) -> Angle | None:
    angle = read_angle(text)
    if angle is None and _METRES.fullmatch(text):
        # Metres of a projected system: no angle, and a number all the same.
        decimals = len(text) - len(re.split("[.,]", text)[0]) - 1
        return Angle(float(text.replace(",", ".")), "", 10.0 ** -max(decimals, 0), 1, marked=False)
    return angle
