"""Slips of the pen: how a place reads if its coordinates are exchanged, of the other sign, or degrees and minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyproj

Change = Callable[[np.ndarray], np.ndarray]
"""From the coordinates as they are written, one row per place (longitude, latitude), to those that were meant."""


def exchanged(xy: np.ndarray) -> np.ndarray:
    """Exchange longitude and latitude."""
    return xy[:, ::-1]


def other_longitude(xy: np.ndarray) -> np.ndarray:
    """Give the longitude its other sign."""
    return xy * (-1, 1)


def other_latitude(xy: np.ndarray) -> np.ndarray:
    """Give the latitude its other sign."""
    return xy * (1, -1)


def other_signs(xy: np.ndarray) -> np.ndarray:
    """Give both their other sign."""
    return -xy


def from_minutes(xy: np.ndarray) -> np.ndarray:
    """
    Read the two decimals of a degree as its minutes.

    Examples
    --------
    >>> from_minutes(np.array([[108.30, -11.45]])).tolist()
    [[108.5, -11.75]]
    """
    hundredths = np.rint(xy * 100)
    degrees = np.trunc(hundredths / 100)
    return np.asarray(degrees + (hundredths - degrees * 100) / 60)


# In the order in which they are believed where a row fits several: one slip before two, one coordinate before both.
CHANGES: dict[str, Change] = {
    "swapped_coordinates": exchanged,
    "wrong_longitude_sign": other_longitude,
    "wrong_latitude_sign": other_latitude,
    "wrong_signs": other_signs,
}

# Metres have no signs or minutes that could be mistaken.
IN_METRES: dict[str, Change] = {"swapped_metres": exchanged}


def changes_in(system: pyproj.CRS) -> dict[str, Change]:
    """Give the changes that take a slip back, by its fault, of coordinates in a system."""
    return CHANGES if system.is_geographic else IN_METRES


@dataclass(frozen=True)
class Explained:
    """The rows that one fault explains, and those of them that a later fault would explain as well."""

    rows: np.ndarray
    unsure: np.ndarray


def explain(count: int, fits: Callable[[Change], np.ndarray], changes: Mapping[str, Change]) -> dict[str, Explained]:
    """
    Give each row that stands where it cannot belong the first fault that explains it.

    Parameters
    ----------
    count : int
        How many rows.
    fits : callable
        Tells which rows lie where they belong after a change of their coordinates.
    changes : mapping of str to callable
        By fault, in the order in which they are believed.

    Returns
    -------
    dict of str to Explained
        By fault, in the order in which they are believed; no row stands under two of them, and one that fits none
        under none.
    """
    if not count:
        return {}
    fitting = np.stack([fits(change) for change in changes.values()])
    first, several = fitting.argmax(axis=0), fitting.sum(axis=0) > 1
    return {
        fault: Explained(rows=fitting[place] & (first == place), unsure=fitting[place] & (first == place) & several)
        for place, fault in enumerate(changes)
    }


def examples(typed: np.ndarray, rows: np.ndarray, change: Change) -> dict[str, str]:
    """Give the first place under the mask as it is written, and as it was meant."""
    return {"example": first_of(typed, rows), "mended": first_of(change(typed), rows)}


def rivals_told(zones: Iterable[str]) -> Term | str:
    """Give the clause that names the zones that fit as well as the one that is meant; without any there is none."""
    named = ", ".join(zones)
    return Term("term.rivals", (("zones", named),)) if named else ""


def first_of(places: np.ndarray, rows: np.ndarray) -> str:
    """
    Write the first place under the mask as its latitude and longitude, or northing and easting; none as nothing.

    Examples
    --------
    >>> first_of(np.array([[108.9886, 11.5643]]), np.array([True]))
    '11.5643, 108.989'
    """
    if not rows.any():
        return ""
    lon, lat = places[int(np.argmax(rows))]
    return ", ".join(f"{value:.6g}" if abs(value) < _LONGEST_DEGREES else f"{value:.0f}" for value in (lat, lon))


@dataclass(frozen=True)
class Minutes:
    """The rows that are degrees and minutes written as decimals, and those written alike that may be, or may not."""

    rows: np.ndarray
    alike: np.ndarray


def minutes_as_decimals(
    typed: np.ndarray, away_km: np.ndarray, counted: np.ndarray, fits: Callable[[Change, np.ndarray], np.ndarray]
) -> Minutes:
    """
    Find places such as 11.34 that mean 11°34'.

    Two decimals that are always below 60 prove nothing of one place. They are believed where at least three places are
    written so, lie outside the areas by more than their rounding, and lie inside when they are read so; where these are
    most of all that are written so and lie outside; and where no place outside has two decimals of 60 or more, which no
    minutes can be. Places that are inside as they are stay, for nothing can be told of them, and so does all that has
    more than two decimals.

    Parameters
    ----------
    typed : ndarray of float, shape (rows, 2)
        Longitude and latitude as they are written.
    away_km : ndarray of float
        How far each is from the areas, 0 inside.
    counted : ndarray of bool
        The rows that have no other fault.
    fits : callable
        Tells which of the places under a mask lie inside after a change.
    """
    hundredths = np.abs(typed) * 100
    with np.errstate(invalid="ignore"):
        whole = np.rint(hundredths)
        short = counted & (np.abs(hundredths - whole) < _SAME).all(axis=1)
        like = short & (whole % 100 < 60).all(axis=1)  # noqa: PLR2004 - minutes of a degree
        beyond = away_km > _ROUNDING_KM
    rows = like & beyond
    rows[rows] = fits(from_minutes, rows)
    if (short & beyond & ~like).any() or rows.sum() < _LEAST or rows.sum() < (like & beyond).sum() * _MOST:
        rows = np.zeros(len(typed), dtype=bool)
    return Minutes(rows=rows, alike=like & ~rows)


_LONGEST_DEGREES = 1e5
_SAME = 1e-6
_LEAST = 3
_MOST = 0.5
# Half a hundredth of a degree, both ways.
_ROUNDING_KM = 1.0
