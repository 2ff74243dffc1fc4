"""A source that says twice where its rows are, and not the same: which was used, how many differ, and how far."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs import GEOD, places_in_wgs84
from geo.errors import CRSError, LayerError
from geo.figures import Finding
from geo.layers.contract import recognise
from geo.layers.coordinates.positions import placed_by
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.layers.coordinates.ways import Places, Positions

_METRES_PER_DEGREE = 111_320.0
_DIAGONAL = 2**0.5
_DEGREES = ("lon", "lat")
# Nobody writes places in whole degrees: what looks like it are noughts that a number does not show.
_COARSEST = 0.01
# What transforming between systems may cost.
_SLACK_M = 0.01


def disagreements(used: Positions, places: Places) -> Iterator[Finding]:
    """
    Hold the positions that are used against every other way in which the same source tells them.

    Rows disagree where the two are farther apart than half a unit of the last digits of both, which for degrees is a
    hundredth at most. Of a polygon the distance
    is to its nearest spot. Ways without a coordinate system are not compared. A second pair of longitude and latitude,
    under other headers, is one more way; a second x and y is not, for it may be in another system.

    Parameters
    ----------
    used : Positions
        Those that count.
    places : Places
        The source, its columns, and the system that is given.
    """
    for way, there in _other_ways(used, places):
        try:
            other = placed_by(way, there)
        except (LayerError, CRSError):
            continue
        if used.system is not None and other.system is not None:
            yield from _compared(used, other, places, there)


def _other_ways(used: Positions, places: Places) -> Iterator[tuple[tuple[str, ...], Places]]:
    """Give the ways that do not count, and the columns that each is told by."""
    yield from ((way, places) for way in places.ways if way != used.way)
    second = replace(places, columns=_second_pair(places), named=())
    if _DEGREES in second.ways:
        yield _DEGREES, second


def _second_pair(places: Places) -> dict[str, str]:
    """Recognise longitude and latitude among the headers that no column of the layer was taken from."""
    if not all(name in places.columns for name in _DEGREES):
        return {}
    taken = {*places.columns.values(), "geometry"}
    left = [str(header) for header in places.source.rows.columns if header not in taken]
    return {name: header for name, header in recognise(places.kind, left).items() if name in _DEGREES}


def _compared(used: Positions, other: Positions, places: Places, there: Places) -> Iterator[Finding]:
    """Tell the rows where two ways differ by more than their digits."""
    apart = _apart_m(used, other)
    differ = apart > _SLACK_M + (_half_digit_m(used) + _half_digit_m(other))
    if differ.any():
        yield Finding(
            layer=places.kind,
            fault="coordinates_disagree",
            rows=tuple(int(row) for row in places.source.rows.index[differ]),
            values={
                "used": _name(used.way, places),
                "other": _name(other.way, there),
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
