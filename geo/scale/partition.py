"""The nearest points of one partition: the one function that computes, wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.measure.geodesic import coordinates
from geo.measure.nearest import _nearest, _points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.measure.nearest import _Points


@dataclass(frozen=True, kw_only=True)
class Targets:
    """The points as they are sent to every process: WGS84 degrees, and the rank that decides ties (lowest wins)."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    rank: NDArray[np.int64]

    def prepared(self) -> _Points:
        """Build the search tree; once per process, for it takes longer than a partition."""
        return _points(self.lon, self.lat, self.rank)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The nearest point of each village of a partition: its position (-1: none) and the distance in km (NaN: none)."""

    index: NDArray[np.int32]
    distance_km: NDArray[np.float64]


def nearest_of(places: NDArray[np.float64], points: _Points) -> Answer:
    """
    Find the nearest point of each village of one partition.

    Parameters
    ----------
    places : ndarray of float, shape (2, rows)
        Longitude and latitude of WGS84; NaN where a village has no place.
    points : prepared points
        What :meth:`Targets.prepared` gave.

    Returns
    -------
    Answer
        As :func:`geo.measure.nearest.nearest` would give it, in the order of the villages.

    Examples
    --------
    >>> post = Targets(lon=np.array([109.0]), lat=np.array([11.0]), rank=np.array([0])).prepared()
    >>> found = nearest_of(np.array([[109.0, np.nan], [11.1, np.nan]]), post)
    >>> found.index.tolist(), found.distance_km.round(3).tolist()
    ([0, -1], [11.062, nan])
    """
    lon, lat, placed = coordinates(places[0], places[1])
    index = np.full(lon.size, -1, dtype=np.int32)
    distance_km = np.full(lon.size, np.nan)
    if placed.any() and points.index.size:
        found, metres = _nearest(lon[placed], lat[placed], points)
        index[placed] = points.index[found]
        distance_km[placed] = metres / 1000
    return Answer(index=index, distance_km=distance_km)
