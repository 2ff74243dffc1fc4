"""Rows outside the areas that one slip alone would put inside: which of them it must explain, and which it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo.layers.faults.slips import Change

FAR_DIAGONALS = 2.0
"""As far as this from the areas, in their diagonals, a slip is believed of a single row."""

# Nearer, down to this, a neighbour's place is as likely.
_NEAR_DIAGONALS = 0.1
# Honest rows a third as far off, more than one to three, tell a layer that is wider than the areas.
_AS_FAR = 1 / 3
_MOST = 3


@dataclass(frozen=True)
class Outsiders:
    """The rows that a slip must explain, and those that it may explain while they may as well be a neighbour's."""

    sure: np.ndarray
    doubtful: np.ndarray


def outsiders(
    away_km: np.ndarray,
    counted: np.ndarray,
    changes: Mapping[str, Change],
    fits: Callable[[Change, np.ndarray], np.ndarray],
    diagonal_km: float,
) -> dict[str, Outsiders]:
    """
    Find the rows outside the areas that lie inside when one slip is taken back, and only that one.

    The mirror image of a small land is a small land, and few places around would fall into it: a row that does, two
    diagonals or more from the areas, has slipped. Nearer, from a tenth of the diagonal on, it may be a neighbour's, as
    across Greenwich, and stays. Neither is said where other rows lie a third as far off, more than one to three,
    and no slip brings them inside: then the layer is wider than the areas.

    Parameters
    ----------
    away_km : ndarray of float
        How far each row is from the areas, 0 inside.
    counted : ndarray of bool
        The rows that have no other fault.
    changes : mapping of str to callable
        What takes a slip back, by its fault.
    fits : callable
        Tells which of the places under a mask lie inside after a change of their coordinates.
    diagonal_km : float
        Of the areas.

    Returns
    -------
    dict of str to Outsiders
        By fault; no row stands under two of them.
    """
    outside = counted & (away_km > _NEAR_DIAGONALS * diagonal_km)
    if not outside.any():
        return {}
    fitting = np.zeros((len(changes), len(away_km)), dtype=bool)
    for place, change in enumerate(changes.values()):
        fitting[place, outside] = fits(change, outside)
    one = fitting & (fitting.sum(axis=0) == 1)
    honest = away_km[outside & ~fitting.any(axis=0)]
    far = away_km > FAR_DIAGONALS * diagonal_km
    return {
        fault: Outsiders(sure=believed(rows & far, away_km, honest), doubtful=believed(rows & ~far, away_km, honest))
        for fault, rows in zip(changes, one, strict=True)
    }


def believed(rows: np.ndarray, away_km: np.ndarray, honest_km: np.ndarray) -> np.ndarray:
    """
    Give the rows that a slip explains, or none where too many that none explains lie about as far off as they.

    Parameters
    ----------
    rows : ndarray of bool
        Those that the slip explains.
    away_km : ndarray of float
        How far each row of the layer is from the areas.
    honest_km : ndarray of float
        How far those are that no slip explains.
    """
    if rows.any() and _MOST * (honest_km >= _AS_FAR * away_km[rows].min()).sum() > rows.sum():
        return np.zeros_like(rows)
    return rows
