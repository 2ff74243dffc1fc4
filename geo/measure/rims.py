"""What a geodesic disc hides of another one's rim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.crs.systems import GEOD
from geo.measure.geodesic import bent_m, chord_m, distance_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.measure.discs import Round

# Beyond, distances and azimuths are Karney's; up to here those of the chord are within 8e-6 m and 5e-9.
_NEAR_M = 200_000.0


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """Arcs of a disc's rim that are inside another disc: the azimuth where each begins, clockwise, and its width."""

    disc: NDArray[np.intp]
    other: NDArray[np.intp]
    start: NDArray[np.float64]
    width: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Hidden:
        """Take some of the arcs."""
        return Hidden(disc=self.disc[rows], other=self.other[rows], start=self.start[rows], width=self.width[rows])


@dataclass(frozen=True, kw_only=True)
class Rims:
    """Discs by ascending radius, with what their rims are computed from; :func:`rims` makes it."""

    discs: Round
    east: NDArray[np.float64]
    north: NDArray[np.float64]
    sphere_m: NDArray[np.float64]


def rims(discs: Round) -> Rims:
    """
    Give the directions east and north at each centre, and the radius of the sphere with its Gaussian curvature.

    Parameters
    ----------
    discs : Round
        Distinct, by ascending radius.

    Returns
    -------
    Rims
        One row per disc.

    Examples
    --------
    >>> from geo.measure.discs import distinct_discs
    >>> rims(distinct_discs([0.0], [0.0], [1000.0])).east.tolist()
    [[-0.0, 1.0, 0.0]]
    """
    lon, lat = np.radians(discs.lon), np.radians(discs.lat)
    east = np.column_stack([-np.sin(lon), np.cos(lon), np.zeros(lon.size)])
    north = np.column_stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    return Rims(discs=discs, east=east, north=north, sphere_m=GEOD.b / (1.0 - GEOD.es * np.sin(lat) ** 2))


def compared(of: Rims, disc: NDArray[np.intp], other: NDArray[np.intp]) -> tuple[NDArray[np.intp], Hidden]:
    """
    Find what the second disc of each pair hides of the first one's rim.

    The hidden arc lies on both sides of the azimuth towards the other centre, by the angle that the law of cosines
    gives on the sphere of the Gaussian curvature at the first centre. Distances and azimuths are the ellipsoid's.

    Parameters
    ----------
    of : Rims
        The discs.
    disc, other : NDArray[intp]
        Rows of the discs, pair by pair.

    Returns
    -------
    tuple of NDArray[intp] and Hidden
        The first discs that are inside their pair's second one, and the arcs of those that are not; discs apart and
        discs that hold the second one give nothing.

    Examples
    --------
    >>> from geo.measure.discs import distinct_discs
    >>> discs = rims(distinct_discs([0.0, 0.1, 0.1], [0.0, 0.0, 0.001], [8_000.0, 9_000.0, 100.0]))
    >>> inside, hidden = compared(discs, np.array([0, 1]), np.array([1, 2]))
    >>> discs.discs.radius.tolist(), inside.tolist(), np.degrees(hidden.width).round().tolist()
    ([100.0, 8000.0, 9000.0], [], [106.0])
    """
    discs = of.discs
    chord = chord_m(discs.xyz[disc], discs.xyz[other])
    meet = (disc != other) & (chord < discs.radius[disc] + discs.radius[other])
    disc, other = disc[meet], other[meet]
    apart = _apart_m(discs, disc, other)
    own, their = discs.radius[disc], discs.radius[other]
    # Of two discs alike, and on one spot but for rounding, the first is inside the second.
    inside = disc[(disc < other) & (apart <= their - own)]
    cross = (np.abs(own - their) < apart) & (apart < own + their)
    disc, other = disc[cross], other[cross]
    half = _half_angle(of.sphere_m[disc], own[cross], their[cross], apart[cross])
    return inside, Hidden(disc=disc, other=other, start=_azimuth(of, disc, other) - half, width=2.0 * half)


def _apart_m(discs: Round, disc: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.float64]:
    """Geodesic distance, the same to the last bit from either side: whether discs meet is one answer for both."""
    apart = bent_m(discs.xyz[disc], discs.xyz[other])
    far = np.flatnonzero(apart > _NEAR_M)
    a, b = np.minimum(disc[far], other[far]), np.maximum(disc[far], other[far])
    apart[far] = distance_m(discs.lon[a], discs.lat[a], discs.lon[b], discs.lat[b])
    return apart


def _azimuth(of: Rims, disc: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.float64]:
    """
    Azimuth of the geodesic from a disc's centre to another's, in radians.

    The geodesic leaves the plane of the chord and the normal by e'^2 d^2 cos^2(lat) sin(2 azimuth) / 12 a^2.
    """
    discs = of.discs
    across = discs.xyz[other] - discs.xyz[disc]
    east, north = (np.einsum("ij,ij->i", across, axis[disc]) for axis in (of.east, of.north))
    twist = GEOD.es / (1.0 - GEOD.es) / (6.0 * GEOD.a**2) * np.cos(np.radians(discs.lat[disc])) ** 2
    azimuth: NDArray[np.float64] = np.arctan2(east, north) - twist * east * north
    far = np.flatnonzero(np.einsum("ij,ij->i", across, across) > _NEAR_M**2)
    a, b = disc[far], other[far]
    azimuth[far] = np.radians(GEOD.inv(discs.lon[a], discs.lat[a], discs.lon[b], discs.lat[b])[0])
    return azimuth


def _half_angle(
    sphere: NDArray[np.float64], own: NDArray[np.float64], their: NDArray[np.float64], apart: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Angle at a disc's centre between the other's and a corner where the rims cross.

    tan²(A / 2) = sin(s - b) sin(s - c) / (sin s sin(s - a)) keeps its digits where discs barely touch.
    """
    sides = (their + apart - own, own + their - apart, own + apart + their, own + apart - their)
    one, two, three, four = (np.sin(side / (2.0 * sphere)) for side in sides)
    half: NDArray[np.float64] = 2.0 * np.arctan2(np.sqrt(one * two), np.sqrt(three * four))
    return half
