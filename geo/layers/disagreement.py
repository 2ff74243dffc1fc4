"""A source that says twice where its rows are, and not the same: which was used, how many differ, and how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs import GEOD, places_in_wgs84
from geo.errors import CRSError, LayerError
from geo.figures import Finding
from geo.layers.positions import placed_by
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.layers.ways import Places, Positions

_METRES_PER_DEGREE = 111_320.0
_DIAGONAL = 2**0.5
# Nobody writes places in whole degrees: what looks like it are noughts that a number does not show.
_COARSEST = 0.01
# What transforming between systems may cost.
_SLACK_M = 0.01


def disagreements(used: Positions, places: Places) -> Iterator[Finding]:
    """
    Hold the positions that are used against every other way in which the same source tells them.

    Rows disagree where the two are farther apart than half a unit of the last digits of both, which for degrees is a
    hundredth at most. Of a polygon the distance
    is to its nearest spot. Ways without a coordinate system are not compared.

    Parameters
    ----------
    used : Positions
        Those that count.
    places : Places
        The source, its columns, and the system that is given.
    """
    for way in places.ways:
        if way == used.way or used.system is None:
            continue
        try:
            other = placed_by(way, places)
        except (LayerError, CRSError):
            continue
        if other.system is None:
            continue
        apart = _apart_m(used, other)
        limit = _SLACK_M + (_half_digit_m(used) + _half_digit_m(other))
        differ = apart > limit
        if differ.any():
            rows = places.source.rows.index[differ]
            yield Finding(
                layer=places.kind,
                fault="coordinates_disagree",
                rows=tuple(int(row) for row in rows),
                values={
                    "used": _name(used.way, places),
                    "other": _name(way, places),
                    "all": int(np.isfinite(apart).sum()),
                    "median_km": round(float(np.median(apart[differ])) / 1000, 3),
                    "farthest_km": round(float(apart[differ].max()) / 1000, 3),
                },
            )


def _name(way: tuple[str, ...], places: Places) -> Term | str:
    if way == ():
        return Term("term.own_geometry")
    return ", ".join(f"'{places.columns[name]}'" for name in way)


def _half_digit_m(one: Positions) -> float:
    if one.system is not None and one.system.is_geographic:
        return min(one.step, _COARSEST) * _METRES_PER_DEGREE / 2 * _DIAGONAL
    return one.step / 2 * _DIAGONAL


def _apart_m(used: Positions, other: Positions) -> np.ndarray:
    """Give how far the two are apart, in metres; NaN where one of them is nowhere. x and y may be exchanged in one."""
    here, there = _in_degrees(used), _in_degrees(other)
    apart = _between_m(here, there)
    if other.way == ("x", "y"):
        exchanged = shapely.transform(other.geometry, lambda xy: xy[:, ::-1])
        turned = _between_m(here, _in_degrees(other, exchanged))
        known = np.isfinite(apart) & np.isfinite(turned)
        if np.isfinite(turned).sum() > np.isfinite(apart).sum() or (
            known.any() and np.median(turned[known]) < np.median(apart[known])
        ):
            return turned
    return apart


def _in_degrees(one: Positions, geometry: np.ndarray | None = None) -> np.ndarray:
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
