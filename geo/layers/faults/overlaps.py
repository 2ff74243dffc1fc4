"""What areas have in common, pair by pair: overlaps, and narrow ones that are slivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.layers.crowds import cheapest
from geo.layers.faults.slivers import LEAST_KM2, WIDTH_M, surfaces, widths_m
from geo.layers.surface import area_km2

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PAIRS_PER_AREA = 50
"""So many pairs of areas with common bounds are compared per area; those of a map have some four."""

_MOST_PAIRS = 5_000
# What two polygons share is computed in time that grows with the corners of both, all pairs of a layer together.
_MOST_CORNERS, _MOST_CORNERS_PER_CORNER = 10_000_000, 100
# What pairs share is joined, which takes longer; on a map it has fewer corners than the areas.
_MOST_SHARED, _MOST_SHARED_PER_CORNER = 2_000_000, 0.25
# Less than this share of the smaller area is a sliver, unless it is too wide for one.
_LEAST_SHARE = 1e-4
_SLICE = 32
_AT_ONCE, _CORNERS_AT_ONCE = 5_000, 1_000_000


@dataclass(frozen=True, kw_only=True)
class Overlaps:
    """
    How many pairs of areas overlap, by how much together, and how many parts of pairs are slivers.

    `overlapping`, `narrow` and `left` are masks of the areas: those of pairs that overlap, those of slivers, and those
    that were not compared with all others.
    """

    overlapping: NDArray[np.bool_]
    pairs: int
    km2: float
    narrow: NDArray[np.bool_]
    parts: int
    parts_km2: float
    left: NDArray[np.bool_]


def distinct(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Give each polygon once, and for every area the place of its own: equal ones need no looking at one by one."""
    which, _ = pd.factorize(shapely.to_wkb(shapely.normalize(geometry)))
    _, first = np.unique(which, return_index=True)
    return geometry[first], which


def overlaps(polygons: NDArray[np.object_], which: NDArray[np.intp], able: NDArray[np.bool_] | None = None) -> Overlaps:
    """
    Find what pairs of areas share more than a border of.

    A pair overlaps that shares more than a ten-thousandth of the smaller area, or a part that is
    :data:`~geo.layers.faults.slivers.WIDTH_M` wide; other parts are slivers, from a square metre on. Where areas lie
    over one another so often that their pairs, or the corners of these, are no longer in proportion to those of the
    areas, the last ones or those with most corners are not compared.

    Parameters
    ----------
    polygons : ndarray of polygons
        Valid, degrees of WGS84, each once.
    which : ndarray of int
        Which of them is each area's.
    able : ndarray of bool, optional
        Which of them to compare with one another, as :func:`~geo.layers.crowds.comparable` tells; all.
    """
    times = np.bincount(which, minlength=len(polygons))
    pairs, left = _pairs(polygons, np.ones(len(polygons), dtype=bool) if able is None else able)
    looked, done = _compared(polygons, pairs)
    left[pairs[done:]] = True
    real, narrow = (np.concatenate(all_of) for all_of in ([one.real for one in looked], [one.narrow for one in looked]))
    copied = times > 1
    shared = np.concatenate([polygons[copied], *(one.shared for one in looked)])
    each = times[narrow].prod(axis=1)
    return Overlaps(
        overlapping=(np.isin(np.arange(len(times)), real) | copied)[which],
        pairs=int(times[real].prod(axis=1).sum() + (times * (times - 1) // 2).sum()),
        km2=float(area_km2(_together(shared)).sum()),
        narrow=np.isin(np.arange(len(times)), narrow)[which],
        parts=int(each.sum()),
        parts_km2=float((each * np.concatenate([one.narrow_km2 for one in looked])).sum()),
        left=left[which],
    )


@dataclass(frozen=True, kw_only=True)
class _Common:
    """Pairs that overlap, what they share, together, and its corners; and per narrow part its pair and its area."""

    real: NDArray[np.intp]
    shared: NDArray[np.object_]
    corners: int
    narrow: NDArray[np.intp]
    narrow_km2: NDArray[np.float64]

    @classmethod
    def of(cls, polygons: NDArray[np.object_], pairs: NDArray[np.intp]) -> _Common:
        one, other = polygons[pairs].T
        common = _shared(one, other)
        real = shapely.area(common) > _LEAST_SHARE * np.minimum(shapely.area(one), shapely.area(other))
        parts, owner = surfaces(common[~real])
        km2 = area_km2(parts)
        wide = widths_m(parts, km2) >= WIDTH_M
        real[np.flatnonzero(~real)[owner[wide]]] = True
        rest = np.flatnonzero(~real)
        parts, owner = surfaces(common[rest])
        km2 = area_km2(parts)
        kept = km2 >= LEAST_KM2
        return cls(
            real=pairs[real],
            shared=_together(common[real]),
            corners=int(shapely.get_num_coordinates(common[real]).sum()),
            narrow=pairs[rest[owner[kept]]],
            narrow_km2=km2[kept],
        )


def _compared(polygons: NDArray[np.object_], pairs: NDArray[np.intp]) -> tuple[list[_Common], int]:
    """Find what pairs have in common, until that is out of proportion; and how many of them were looked at."""
    corners = shapely.get_num_coordinates(polygons)
    most = _MOST_SHARED + _MOST_SHARED_PER_CORNER * corners.sum()
    part = np.maximum(np.arange(len(pairs)) // _AT_ONCE, np.cumsum(corners[pairs].sum(axis=1)) // _CORNERS_AT_ONCE)
    looked, done, shared = [], 0, 0
    for some in np.split(pairs, np.flatnonzero(np.diff(part)) + 1):
        if shared > most:
            break
        looked.append(_Common.of(polygons, some))
        shared += looked[-1].corners
        done += len(some)
    return looked, done


def _pairs(polygons: NDArray[np.object_], able: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Give the pairs that share more than a border, and which polygons have not all theirs among them."""
    places = np.flatnonzero(able)
    pairs, compared = _bounded_pairs(polygons[places])
    left = ~able
    left[places[compared:]] = True
    pairs = places[pairs]
    one, other = _by_corners(*polygons[pairs].T)
    shapely.prepare(polygons)
    pairs = pairs[shapely.intersects(one, other) & ~shapely.touches(one, other)]
    corners = shapely.get_num_coordinates(polygons)
    cheap = cheapest(corners[pairs].sum(axis=1), _MOST_CORNERS + _MOST_CORNERS_PER_CORNER * corners.sum())
    left[pairs[~cheap]] = True
    return pairs[cheap], left


def _bounded_pairs(polygons: NDArray[np.object_]) -> tuple[NDArray[np.intp], int]:
    """Give the pairs whose bounds have something in common, and how many polygons have all theirs among them."""
    tree = shapely.STRtree(polygons)
    found, number, start = [np.empty((0, 2), dtype=np.intp)], 0, 0
    while start < len(polygons) and number <= _MOST_PAIRS + MOST_PAIRS_PER_AREA * len(polygons):
        one, other = tree.query(polygons[start : start + _SLICE])
        one += start
        later = one < other
        found.append(np.column_stack([one[later], other[later]]))
        number += int(later.sum())
        start += _SLICE
    return np.concatenate(found), start


def _by_corners(
    one: NDArray[np.object_], other: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Put the one of each pair first that has more corners: it is the one worth preparing."""
    larger = shapely.get_num_coordinates(one) >= shapely.get_num_coordinates(other)
    return np.where(larger, one, other), np.where(larger, other, one)


def _shared(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give what pairs share; where one lies in the other it is that one, and need not be computed."""
    outer, inner = _by_corners(one, other)
    common = inner.copy()
    rest = ~shapely.contains_properly(outer, inner)
    common[rest] = shapely.intersection(one[rest], other[rest])
    return common


def _together(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return shapes if len(shapes) < 2 else np.array([shapely.union_all(shapes)], dtype=object)  # noqa: PLR2004 - one is whole
