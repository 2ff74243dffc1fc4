"""How far two ways of telling the same places put them apart, and how much of that their digits explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs.systems import GEOD, places_in_wgs84

if TYPE_CHECKING:
    from geo.layers.coordinates.ways import Positions

_METRES_PER_DEGREE = 111_320.0
_DIAGONAL = 2**0.5
# Nobody writes places in whole degrees: what looks like it are noughts that a number does not show.
_COARSEST = 0.01
# What transforming between systems may cost.
_SLACK_M = 0.01


def explained_m(one: Positions, other: Positions) -> float:
    """Give how far apart two ways may be by the digits that they are written with."""
    return _SLACK_M + (_half_digit_m(one) + _half_digit_m(other))


def _half_digit_m(one: Positions) -> float:
    if one.system is not None and one.system.is_geographic:
        return min(one.step, _COARSEST) * _METRES_PER_DEGREE / 2 * _DIAGONAL
    return one.step / 2 * _DIAGONAL


def apart_m(used: Positions, other: Positions) -> np.ndarray:
    """Give how far the two are apart, in metres; NaN where one of them is nowhere. x and y may be exchanged in one."""
    here, there = in_degrees(used), in_degrees(other)
    apart = _between_m(here, there)
    if other.way == ("x", "y"):
        exchanged = shapely.transform(other.geometry, lambda xy: xy[:, ::-1])
        turned = _between_m(here, in_degrees(other, exchanged))
        known = np.isfinite(apart) & np.isfinite(turned)
        if np.isfinite(turned).sum() > np.isfinite(apart).sum() or (
            known.any() and np.median(turned[known]) < np.median(apart[known])
        ):
            return turned
    return apart


def in_degrees(one: Positions, geometry: np.ndarray | None = None) -> np.ndarray:
    """Give places as degrees of WGS84, or other geometries as if they were these places."""
    system = one.system
    shapes = one.geometry if geometry is None else geometry
    assert system is not None  # noqa: S101 - ways without one are not compared
    return np.asarray(shapely.transform(shapes, lambda xy: places_in_wgs84(xy, system)))


def _between_m(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    apart = np.full(len(here), np.nan)
    bounds = np.column_stack([shapely.bounds(here), shapely.bounds(there)])
    known = (np.abs(bounds) <= (180, 90) * 4).all(axis=1)
    lines = shapely.shortest_line(here[known], there[known])
    ends = [shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, -1)]
    apart[known] = GEOD.inv(*ends[0].T, *ends[1].T)[2]
    return apart
