"""The figures over people, reduced from a raster's pixels in place of the villages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.measure.reducers import Reduced, Sums, counted, reduced

if TYPE_CHECKING:
    from geo.measure.coverage import Reach
    from geo.measure.pixels import Pixels

_DISTANCE_RULES = {
    None: "nearest_distance_mean_people_pixels",
    0.5: "nearest_distance_p50_people_pixels",
    0.9: "nearest_distance_p90_people_pixels",
}


def distance(sums: Sums, pixels: Pixels, share: float | None) -> Reduced:
    """Give the mean distance of the people to their nearest point, or that within which such a share of them lives."""
    rule = _DISTANCE_RULES[share]
    if (reason := _missing(sums, pixels)) is not None or pixels.person_km is None:
        return counted(sums, rule, sums.missing(reason or "no_points"))
    people = sums.of_areas(pixels.people)
    with np.errstate(invalid="ignore"):
        value = sums.of_areas(pixels.person_km) / people if share is None else sums.people_quantiles[share]
    return counted(sums, rule, reduced(value, [("no_people", people == 0)], None, people))


def people_within(sums: Sums, pixels: Pixels, limit: float) -> Reduced:
    """Give the share of the people who live at most so far from a point."""
    if (reason := _missing(sums, pixels)) is not None:
        return counted(sums, "people_within_pixels", sums.missing(reason))
    return counted(sums, "people_within_pixels", _share(sums, pixels, pixels.within[limit]))


def people_covered(sums: Sums, pixels: Pixels, reach: Reach) -> Reduced:
    """Give the share of the people who live inside a reach."""
    if not reach.usable:
        return counted(sums, "people_covered_pixels", sums.missing("coverage_not_usable"))
    if sums.grouping.of_area is None:
        return counted(sums, "people_covered_pixels", sums.missing("pixels_not_grouped"))
    return counted(sums, "people_covered_pixels", _share(sums, pixels, pixels.inside(reach)))


def _share(sums: Sums, pixels: Pixels, some: np.ndarray) -> Reduced:
    part, people = sums.of_areas(some), sums.of_areas(pixels.people)
    with np.errstate(invalid="ignore"):
        value = part / people
    return reduced(value, [("no_people", people == 0)], part, people)


def _missing(sums: Sums, pixels: Pixels) -> str | None:
    if sums.territory.points is None:
        return "points_not_given"
    if sums.grouping.of_area is None:
        return "pixels_not_grouped"
    return "no_points" if pixels.person_km is None else None
