"""Distances of villages to sites, of those pairs alone that can matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from geo.errors import FigureError
from geo.measure.geodesic import BENT_UP_TO_M, bent_m, coordinates, distance_m, geocentric_m, reach_m
from geo.measure.nearest import TIE_M, pairs_within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Up to here every pair fits into the memory of a small machine (1 GB); more are asked for by mistake.
MOST_PAIRS = 60_000_000


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """
    Which village can go to which site, and how far it is; what is not listed is out of reach.

    Made by :func:`pairs_between` from coordinates, or by :func:`pairs_of` from a matrix. `village` and `site` are rows,
    `metres` the distance, one of each per pair; sorted by village, then site, and no pair twice. `villages` and `sites`
    say how many rows there are, listed or not.
    """

    villages: int
    sites: int
    village: NDArray[np.int32]
    site: NDArray[np.int32]
    metres: NDArray[np.float64]

    def within(self, limit_m: float | NDArray[np.float64]) -> Pairs:
        """Keep the pairs that are at most so far apart (a limit, or one per village), to a micrometre."""
        limit = np.broadcast_to(np.asarray(limit_m, dtype=np.float64), (self.villages,))
        return self.kept(self.metres <= limit[self.village] + TIE_M)

    def kept(self, keep: NDArray[np.bool_]) -> Pairs:
        """Keep some of the pairs, one answer per pair."""
        return Pairs(
            villages=self.villages,
            sites=self.sites,
            village=self.village[keep],
            site=self.site[keep],
            metres=self.metres[keep],
        )

    def reordered(self, villages: NDArray[np.intp], sites: NDArray[np.intp]) -> Pairs:
        """Give the rows new numbers: `villages` and `sites` give for each new row the old one, each once."""
        to_village, to_site = np.empty_like(villages), np.empty_like(sites)
        to_village[villages] = np.arange(villages.size)
        to_site[sites] = np.arange(sites.size)
        return _sorted((villages.size, sites.size), to_village[self.village], to_site[self.site], self.metres)


def pairs_between(
    lon: ArrayLike, lat: ArrayLike, site_lon: ArrayLike, site_lat: ArrayLike, *, within_m: ArrayLike
) -> Pairs:
    """
    Geodesic distances of villages to the sites within their reach.

    Parameters
    ----------
    lon, lat, site_lon, site_lat : array_like of float
        WGS84 degrees. Rows without a place are in no pair.
    within_m : array_like of float
        How far a village may go, in metres: one limit, or one per village; to a micrometre. Infinite for all sites.

    Returns
    -------
    Pairs
        Distances within 2e-8 m of `pyproj.Geod.inv`.

    Raises
    ------
    FigureError
        Where there are more than 60 million pairs, or longitudes and latitudes are not equally many.

    Examples
    --------
    >>> pairs = pairs_between([109.0, 109.0], [11.0, 12.0], [109.0], [11.01], within_m=2_000)
    >>> pairs.village.tolist(), pairs.site.tolist(), pairs.metres.round(1).tolist()
    ([0], [0], [1106.1])
    """
    x, y, usable = coordinates(lon, lat)
    site_x, site_y, site_usable = coordinates(site_lon, site_lat)
    limit = np.broadcast_to(np.asarray(within_m, dtype=np.float64), x.shape)
    rows, columns = np.flatnonzero(usable & ~np.isnan(limit)), np.flatnonzero(site_usable)
    found = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
    if rows.size and columns.size:
        xyz, site_xyz = geocentric_m(x[rows], y[rows]), geocentric_m(site_x[columns], site_y[columns])
        total = 0
        for place, spot in pairs_within(cKDTree(site_xyz), xyz, reach_m(limit[rows] + TIE_M)):
            metres = bent_m(xyz[place], site_xyz[spot])
            village, site = rows[place], columns[spot]
            far = metres > BENT_UP_TO_M
            metres[far] = distance_m(x[village[far]], y[village[far]], site_x[site[far]], site_y[site[far]])
            near = metres <= limit[village] + TIE_M
            found.append((village[near].astype(np.int32), site[near].astype(np.int32), metres[near]))
            total += int(near.sum())
            _refuse_too_many(total)
    village, site, metres = (np.concatenate(part) for part in zip(*found, strict=True))
    return _sorted((x.size, site_x.size), village, site, metres)


def pairs_of(matrix: ArrayLike, *, within_m: float = np.inf) -> Pairs:
    """
    Take distances that the caller has measured, as by road.

    The models ask nothing of them but that they are zero or more: a way may be longer there than back, and minutes do
    as well as metres; what a model calls ``within_m`` is then in minutes. `served_m` of a problem must be measured in
    the same way.

    Parameters
    ----------
    matrix : array_like of float, shape (villages, sites)
        Metres (or any other cost); NaN or infinite where there is no way.
    within_m : float
        Longer ones are left out.

    Returns
    -------
    Pairs
        Villages and sites are numbered by row and column; a village without any way is in no pair.

    Raises
    ------
    FigureError
        Where it is no matrix, or holds a negative distance.

    Examples
    --------
    >>> pairs_of([[0.0, 7.0], [float("nan"), 2.0]], within_m=5).site.tolist()
    [0, 1]
    """
    table = np.asarray(matrix, dtype=np.float64)
    if table.ndim != 2:  # noqa: PLR2004 - rows and columns
        msg = f"Distances have the shape {table.shape}. Give a matrix: one row per village, one column per site."
        raise FigureError(msg)
    village, site = np.nonzero(np.isfinite(table) & (table <= within_m + TIE_M))
    metres = table[village, site]
    if (metres < 0).any():
        row = int(np.argmax(metres < 0))
        msg = f"The distance of village {village[row]} to site {site[row]} is {metres[row]}: give zero or more."
        raise FigureError(msg)
    return _sorted((table.shape[0], table.shape[1]), village, site, metres)


def _refuse_too_many(total: int) -> None:
    if total > MOST_PAIRS:
        msg = (
            f"More than {MOST_PAIRS:,} pairs of a village and a site can matter. "
            "Ask for a shorter distance, or give fewer candidates."
        )
        raise FigureError(msg)


def _sorted(
    shape: tuple[int, int], village: NDArray[np.integer], site: NDArray[np.integer], metres: NDArray[np.float64]
) -> Pairs:
    order = np.argsort(village.astype(np.int64) * max(shape[1], 1) + site, kind="stable")
    return Pairs(
        villages=shape[0],
        sites=shape[1],
        village=village[order].astype(np.int32),
        site=site[order].astype(np.int32),
        metres=metres[order],
    )
