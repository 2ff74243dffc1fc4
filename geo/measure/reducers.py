"""The arithmetic of the indicators: sums per group, and the value that a numerator and a denominator give."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from geo.measure.geodesic import area_km2
from geo.measure.overlay import area_inside_km2
from geo.measure.ranked import Ranked, ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo.measure.coverage import Reach
    from geo.measure.grouping import Grouping
    from geo.measure.territory import Territory

_HALF = 0.5


def mean_service_radius(area_km2: float, points: int) -> float:
    r"""
    Mean service radius: how far one point would reach if all shared the area evenly.

    It is the radius of the circle whose area is one point's share of the territory,
    :math:`r = \sqrt{A / (\pi n)}`. It says nothing of where the points stand; for
    distances to real points see :func:`geo.nearest_point`.

    Parameters
    ----------
    area_km2 : float
        Land area of the territory, in km².
    points : int
        Number of service points.

    Returns
    -------
    float
        Radius in km; NaN where there is no point.

    References
    ----------
    Viet Nam ICT White Book 2010, postal network table: 2.39, 2.42 and 2.43 km.

    Examples
    --------
    >>> round(mean_service_radius(331_212, 18_502), 2)
    2.39
    """
    return float(np.sqrt(area_km2 / (np.pi * points))) if points else float("nan")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What an indicator is asked for: a limit, a technology and operator, or a kind of subscription."""

    within_km: float | None = None
    reach: Reach | None = None
    subscription: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """
    One indicator in every group: arrays of one entry per group.

    `value` is NaN exactly where `reason` is not None. `rule_values` holds what the rule's sentence says of each group.
    """

    value: np.ndarray
    reason: np.ndarray
    numerator: np.ndarray | None = None
    denominator: np.ndarray | None = None
    official: bool = False
    rule_values: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Sums:
    """The sums that indicators are made of, one number per group; each is computed once."""

    territory: Territory
    grouping: Grouping

    def of_villages(self, values: np.ndarray) -> np.ndarray:
        """Add up one number per village."""
        return np.bincount(self.grouping.of_village, weights=values, minlength=len(self.grouping.names))

    def of_areas(self, values: np.ndarray) -> np.ndarray:
        """Add up one number per area, and a last one for what lies outside them all."""
        assert self.grouping.of_area is not None  # noqa: S101 - asked for only where land is told apart
        groups = len(self.grouping.names)
        return np.bincount(self.grouping.of_area, weights=values, minlength=groups)[:groups]

    @cached_property
    def people(self) -> np.ndarray:
        """Population per village, NaN where unknown."""
        assert self.territory.villages is not None  # noqa: S101 - asked for only where there are villages
        return self.territory.villages["population"].to_numpy(dtype=float)

    @cached_property
    def distance_km(self) -> np.ndarray:
        """Distance to the nearest point per village, NaN where there is no point."""
        assert self.territory.villages is not None  # noqa: S101 - asked for only where there are villages
        return self.territory.villages["distance_km"].to_numpy(dtype=float)

    @cached_property
    def ranked_villages(self) -> Ranked:
        """The villages' distances ascending within each group, every village as one."""
        return self._ranked(np.ones(len(self.distance_km)))

    @cached_property
    def ranked_people(self) -> Ranked:
        """The villages' distances ascending within each group, by the people of those where they are known."""
        return self._ranked(self.people)

    def _ranked(self, weight: np.ndarray) -> Ranked:
        return ranked(self.distance_km, weight, self.grouping.of_village, len(self.grouping.names))

    @cached_property
    def villages(self) -> np.ndarray:
        """Villages per group."""
        return self.of_villages(np.ones(len(self.grouping.of_village)))

    @cached_property
    def population(self) -> Reduced:
        """People per group: the official total of the whole where there is one, else the sum of pixels or villages."""
        total = self.territory.official.population if self.grouping.is_whole else None
        if total is not None:
            value = np.array([float(total)])
            basis = self.territory.official.population_basis or ""
            source = np.empty(1, dtype=object)
            source[0] = basis
            words = {"rule": np.array(["official_population"]), "source": source}
            return replace(reduced(value, []), official=True, rule_values=words)
        if (pixels := self.territory.pixels) is not None:
            apart = self.grouping.of_area is not None
            added = reduced(self.of_areas(pixels.people), []) if apart else self.missing("pixels_not_grouped")
            return counted(self, "population_pixels", added)
        if self.territory.villages is None:
            return self.missing("villages_not_given")
        known = ~np.isnan(self.people)
        return weighed(self, self.of_villages(np.nan_to_num(self.people)), None, known)

    @cached_property
    def people_quantiles(self) -> Mapping[float, np.ndarray]:
        """Distance to the nearest point within which so large a share of the pixels' people live, per group, km."""
        pixels, of_area = self.territory.pixels, self.grouping.of_area
        assert pixels is not None and pixels.distances is not None and of_area is not None  # noqa: S101, PT018
        return pixels.distances.quantiles(of_area, len(self.grouping.names))

    @cached_property
    def points(self) -> Reduced:
        """Points per group."""
        if self.territory.points is None:
            return self.missing("points_not_given")
        if self.grouping.of_point is None:
            return self.missing("points_not_grouped")
        return reduced(np.bincount(self.grouping.of_point, minlength=len(self.grouping.names)).astype(float), [])

    @cached_property
    def area(self) -> Reduced:
        """Area per group, km2: the official total of the whole where there is one, else of the polygons' union."""
        total = self.territory.official.area_km2 if self.grouping.is_whole else None
        if total is not None:
            words = {"rule": np.array(["official_area"])}
            return replace(reduced(np.array([float(total)]), []), official=True, rule_values=words)
        return self.measured_area

    @cached_property
    def measured_area(self) -> Reduced:
        """Area of the polygons per group, km2."""
        shapes = self.grouping.shapes
        if shapes is None:
            return self.missing("areas_not_given")
        value = area_km2(shapes)
        return reduced(value, [("no_area", value == 0)])

    @cached_property
    def inside_km2(self) -> Mapping[int, np.ndarray]:
        """Area of the polygons' parts inside each shape of coverage, km2, by the shape's identity; on all cores."""
        polygons = self.grouping.shapes
        assert polygons is not None  # noqa: S101 - asked for only where there are areas
        # An operator that is also the best has the same shape.
        shapes = {id(one.shape): one.shape for one in self.territory.reaches if one.usable and one.shape is not None}
        own = np.nan_to_num(self.measured_area.value)
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            found = list(threads.map(partial(area_inside_km2, polygons, own), shapes.values()))
        return dict(zip(shapes, found, strict=True))

    def missing(self, reason: str) -> Reduced:
        """Give no value in any group, and why."""
        groups = len(self.grouping.names)
        return Reduced(
            value=np.full(groups, np.nan),
            reason=np.full(groups, reason, dtype=object),
            rule_values={"known": np.zeros(groups, dtype=int), "of": self.villages.astype(int)},
        )


def reduced(
    value: np.ndarray,
    reasons: list[tuple[str, np.ndarray]],
    numerator: np.ndarray | None = None,
    denominator: np.ndarray | None = None,
) -> Reduced:
    """Take away the values that have a reason not to be; of several reasons the first counts."""
    reason = np.full(len(value), None, dtype=object)
    for key, mask in reversed(reasons):
        reason[mask] = key
    value = np.where(reason == np.array(None), value, np.nan)
    return Reduced(value=value, reason=reason, numerator=numerator, denominator=denominator)


def ratio(
    numerator: Reduced, denominator: Reduced, zero: str, formula: Callable[[np.ndarray], np.ndarray] = np.asarray
) -> Reduced:
    """Divide two sums; where one has no value the quotient has none, for the same reason, and none by zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = formula(numerator.value / denominator.value)
    result = reduced(value, [(zero, denominator.value == 0)], numerator.value, denominator.value)
    reason = _first(numerator.reason, denominator.reason, result.reason)
    return replace(
        result,
        value=np.where(reason == np.array(None), value, np.nan),
        reason=reason,
        official=numerator.official or denominator.official,
    )


def weighed(sums: Sums, numerator: np.ndarray, denominator: np.ndarray | None, known: np.ndarray) -> Reduced:
    """
    Give a sum, or a share of two sums, over the villages of which something is known.

    Unknown is not zero: the rule says how many are known, and where fewer than half are, there is no value.
    """
    number = sums.of_villages(known.astype(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = numerator if denominator is None else numerator / denominator
    reasons = [("no_villages", sums.villages == 0), ("mostly_unknown", number < _HALF * sums.villages)]
    if denominator is not None:
        reasons.append(("no_people", denominator == 0))
    result = reduced(value, reasons, None if denominator is None else numerator, denominator)
    return replace(result, rule_values={"known": number.astype(int), "of": sums.villages.astype(int)})


def counted(sums: Sums, rule: str, result: Reduced) -> Reduced:
    """Say of a figure that it counts the people of pixels, and of which raster."""
    assert sums.territory.pixels is not None  # noqa: S101 - asked for only where there is a raster
    words = {"rule": rule, "raster": sums.territory.pixels.name}
    return replace(result, rule_values={key: np.full(len(result.value), word) for key, word in words.items()})


def area_inside(sums: Sums, reach: Reach) -> Reduced:
    """Give the share of the area that lies inside a reach."""
    shapes = sums.grouping.shapes
    if shapes is None:
        return sums.missing("polygons_not_given")
    if not reach.usable:
        return sums.missing("coverage_not_usable")
    if reach.shape is None:
        return sums.missing("no_footprint")
    inside = sums.inside_km2[id(reach.shape)]
    return ratio(replace(sums.measured_area, value=inside), sums.measured_area, "no_area")


def _first(*reasons: np.ndarray) -> np.ndarray:
    result = reasons[-1]
    for reason in reversed(reasons[:-1]):
        result = np.where(reason == np.array(None), result, reason)
    return result
