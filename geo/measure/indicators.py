"""The named figures, each declared once: key, unit, rule, and how it is reduced from the tables of a territory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from geo import messages
from geo.figures import Basis, Figure
from geo.measure import pixel_figures
from geo.measure.access import within
from geo.measure.coverage import COMBINED
from geo.measure.ranked import Ranked, largest, mean, quantile, quantile_by_weight
from geo.measure.reducers import Reduced, Sums, Variant, area_inside, ratio, reduced, weighed
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.measure.grouping import Grouping
    from geo.measure.territory import Territory

Statistic = Callable[[Ranked], np.ndarray]
Asked = Literal["once", "whole", "per_limit", "per_reach", "per_subscription"]


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """
    One named figure.

    `asked` says how often it is computed: once, once for the whole territory only, or per limit, technology and
    operator, or kind of subscription. `additive`: the values of the parts add up to the whole's.
    """

    key: str
    unit: str
    reduce: Callable[[Sums, Variant], Reduced]
    asked: Asked = "once"
    additive: bool = False


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One indicator, for one variant, in every group of a grouping."""

    indicator: Indicator
    variant: Variant
    grouping: Grouping
    reduced: Reduced
    territory: Territory

    @property
    def column(self) -> str:
        """The key under which a table of areas holds the values."""
        reach = self.variant.reach
        technology = self.variant.subscription or (None if reach is None else reach.technology)
        return column_key(
            self.indicator.key, technology, None if reach is None else reach.operator, self.variant.within_km
        )

    def figures(self) -> Iterator[Figure]:
        """Give the figure of each group."""
        reach = self.variant.reach
        for number, name in enumerate(self.grouping.names):
            words = {key: _plain(array[number]) for key, array in self.reduced.rule_values.items()}
            rule = words.pop("rule", self.indicator.key)
            yield Figure(
                area=name,
                indicator=self.indicator.key,
                value=_number(self.reduced.value, number),
                unit=self.indicator.unit,
                technology=self.variant.subscription or (None if reach is None else reach.technology),
                operator=None if reach is None else reach.operator,
                within_km=self.variant.within_km,
                numerator=_number(self.reduced.numerator, number),
                denominator=_number(self.reduced.denominator, number),
                rule=str(rule),
                rule_values=words | self._words(),
                basis=self._basis(),
                reason=self.reduced.reason[number],
            )

    def _words(self) -> dict[str, object]:
        source = "official" if self.reduced.official else "measured"
        words: dict[str, object] = {
            "area_source": Term(f"term.{source}_area"),
            "people_source": self._people_source(),
        }
        if self.variant.within_km is not None:
            words["limit"] = self.variant.within_km
        if self.variant.subscription is not None:
            words["kind"] = _in_words(self.variant.subscription)
        if (reach := self.variant.reach) is not None:
            when = self.territory.when
            words |= {
                "technology": _in_words(reach.technology),
                "method": Term(f"method.{reach.method}"),
                "operator": Term(f"operator.{reach.operator}") if reach.operator in COMBINED else reach.operator,
                "name": f": {reach.name}" if reach.name and reach.operator == "best" else "",
                "when": Term(f"when.{when}") if isinstance(when, str) else Term("when.share", (("share", 100 * when),)),
            }
        return words

    def _people_source(self) -> Term:
        if self.grouping.is_whole and self.territory.official.population is not None:
            return Term("term.official_people")
        if (pixels := self.territory.pixels) is not None:
            return Term("term.pixel_people", (("raster", pixels.name),))
        return Term("term.measured_people")

    def _basis(self) -> Basis:
        if self.reduced.official:
            return "official"
        return "by_construction" if self.territory.reconstructed else "measured"


def _in_words(technology: str) -> str | Term:
    """Let a technology, or a kind of subscription, be named in the language of a sentence where that has a word."""
    key = f"page_technology.{technology}"
    return Term(key) if technology in messages.group("page_technology", "en") else technology


def column_key(
    indicator: str, technology: str | None = None, operator: str | None = None, within_km: float | None = None
) -> str:
    """
    Give the key under which a table of areas holds an indicator; any operator goes without saying.

    Examples
    --------
    >>> column_key("people_covered", "4G", "any"), column_key("people_within", within_km=2.5)
    ('people_covered:4G', 'people_within:2.5')
    """
    parts = [indicator, technology, None if operator == "any" else operator]
    limit = None if within_km is None else f"{within_km:g}"
    return ":".join(part for part in (*parts, limit) if part is not None)


WHY = "why:"
"""What the name of a column begins with that holds reasons for values that are not there."""

NUMERATOR, DENOMINATOR = "numerator:", "denominator:"
"""What the names of the columns begin with that hold what shares are made of."""


def measure(territory: Territory, grouping: Grouping) -> list[Measure]:
    """
    Compute every indicator that the territory's layers and the questions allow for, in every group.

    Parameters
    ----------
    territory : Territory
        The tables, the limits asked for and the totals given.
    grouping : Grouping
        The whole as one group, or one group per area.

    Returns
    -------
    list of Measure
        In the order of :data:`INDICATORS`. What cannot be computed is there with its reason.
    """
    sums = Sums(territory, grouping)
    return [
        Measure(
            indicator=indicator,
            variant=variant,
            grouping=grouping,
            reduced=indicator.reduce(sums, variant),
            territory=territory,
        )
        for indicator in INDICATORS
        if indicator.asked != "whole" or grouping.is_whole
        for variant in _variants(indicator.asked, territory, grouping)
    ]


def as_table(measures: list[Measure]) -> pd.DataFrame:
    """
    Give the values of measures of one grouping as a table: a row per group, a column per measure.

    Where a measure has no value in some group, a column ``why:MEASURE`` holds the key of the reason. What a share is
    made of stands in ``numerator:MEASURE`` and ``denominator:MEASURE``.
    """
    names = list(measures[0].grouping.names)
    values = {one.column: one.reduced.value for one in measures}
    reasons = {f"{WHY}{one.column}": one.reduced.reason for one in measures if np.isnan(one.reduced.value).any()}
    shares = [(one.column, one.reduced) for one in measures if one.indicator.unit == "share"]
    above = {f"{NUMERATOR}{key}": share.numerator for key, share in shares if share.numerator is not None}
    below = {f"{DENOMINATOR}{key}": share.denominator for key, share in shares if share.denominator is not None}
    return pd.DataFrame(values | reasons | above | below, index=pd.Index(names, name="area"))


def _variants(asked: Asked, territory: Territory, grouping: Grouping) -> list[Variant]:
    if asked == "per_limit":
        return [Variant(within_km=limit) for limit in territory.within_km]
    if asked == "per_reach":
        return [Variant(reach=reach) for reach in territory.reaches]
    if asked == "per_subscription":
        return [Variant(subscription=kind) for kind in territory.subscriptions] if grouping.is_whole else []
    return [Variant()]


def _villages(sums: Sums, _variant: Variant) -> Reduced:
    return sums.missing("villages_not_given") if sums.territory.villages is None else reduced(sums.villages, [])


def _locations(sums: Sums, _variant: Variant) -> Reduced:
    if sums.territory.points is None or sums.grouping.of_point is None:
        return sums.points
    pairs = pd.DataFrame({"group": sums.grouping.of_point, "place": sums.territory.points["place"].to_numpy()})
    distinct = pairs.drop_duplicates()["group"]
    return reduced(np.bincount(distinct, minlength=len(sums.grouping.names)).astype(float), [])


def _radius(sums: Sums, _variant: Variant, *, factor: float = 1 / np.pi, times: float = 1.0) -> Reduced:
    """Give a length that goes with the square root of the area per point."""
    return ratio(sums.area, sums.points, "no_points", lambda quotient: times * np.sqrt(factor * quotient))


def _people_per_point(sums: Sums, _variant: Variant) -> Reduced:
    return ratio(sums.population, sums.points, "no_points")


def _distances(sums: Sums, _variant: Variant, *, by_people: bool, statistic: Statistic) -> Reduced:
    """Reduce the distances of each group's villages to one number, by villages or by their people."""
    if sums.territory.villages is None:
        return sums.missing("villages_not_given")
    if sums.territory.points is None:
        return sums.missing("points_not_given")
    if np.isnan(sums.distance_km).all() and len(sums.distance_km):
        return sums.missing("no_points")
    people = sums.people if by_people else np.ones(len(sums.distance_km))
    total = sums.of_villages(np.nan_to_num(people))
    result = weighed(sums, total, total, ~np.isnan(people))
    value = statistic(sums.ranked_people if by_people else sums.ranked_villages)
    value = np.where(result.reason == np.array(None), value, np.nan)
    return replace(result, value=value, numerator=None, denominator=total)


def _people_distances(sums: Sums, variant: Variant, *, share: float | None) -> Reduced:
    """Reduce the distances of everybody to their mean, or to the one within which such a share of the people lives."""
    if sums.territory.pixels is not None:
        return pixel_figures.distance(sums, sums.territory.pixels, share)
    statistic = mean if share is None else partial(quantile_by_weight, share=share)
    return _distances(sums, variant, by_people=True, statistic=statistic)


def _within(sums: Sums, variant: Variant, *, by_people: bool) -> Reduced:
    if by_people and sums.territory.pixels is not None:
        return pixel_figures.people_within(sums, sums.territory.pixels, variant.within_km or 0.0)
    if sums.territory.villages is None:
        return sums.missing("villages_not_given")
    if sums.territory.points is None:
        return sums.missing("points_not_given")
    if np.isnan(sums.distance_km).all() and len(sums.distance_km):
        return sums.missing("no_points")
    inside = within(sums.territory.villages["distance_km"], variant.within_km or 0.0).to_numpy()
    return _share(sums, inside, np.ones(len(inside), dtype=bool), by_people=by_people)


def _covered(sums: Sums, variant: Variant, *, by_people: bool) -> Reduced:
    pixels, reach = sums.territory.pixels, variant.reach
    if by_people and pixels is not None and reach is not None and reach.shape is not None:
        return pixel_figures.people_covered(sums, pixels, reach)
    if sums.territory.villages is None or variant.reach is None:
        return sums.missing("villages_not_given")
    if not variant.reach.usable:
        return sums.missing("coverage_not_usable")
    told = variant.reach.villages
    inside = told.fillna(value=False).to_numpy(dtype=bool)
    return _share(sums, inside, told.notna().to_numpy(), by_people=by_people)


def _share(sums: Sums, inside: np.ndarray, answered: np.ndarray, *, by_people: bool) -> Reduced:
    people = sums.people if by_people else np.ones(len(inside))
    known = answered & ~np.isnan(people)
    counted = np.where(known, np.nan_to_num(people), 0.0)
    return weighed(sums, sums.of_villages(counted * inside), sums.of_villages(counted), known)


def _area_covered(sums: Sums, variant: Variant) -> Reduced:
    return sums.missing("no_footprint") if variant.reach is None else area_inside(sums, variant.reach)


def _subscriptions(sums: Sums, variant: Variant) -> Reduced:
    number = sums.territory.subscriptions[variant.subscription or ""]
    given = replace(reduced(np.array([float(number)]), []), official=True)
    return ratio(given, sums.population, "no_people", lambda quotient: 100 * quotient)


def _distance(key: str, statistic: Statistic) -> Indicator:
    reduce = partial(_distances, by_people=False, statistic=statistic)
    return Indicator(key=f"nearest_distance_{key}", unit="km", reduce=reduce)


def _people_distance(key: str, share: float | None) -> Indicator:
    return Indicator(key=f"nearest_distance_{key}_people", unit="km", reduce=partial(_people_distances, share=share))


INDICATORS: tuple[Indicator, ...] = (
    Indicator(key="points", unit="count", reduce=lambda sums, _: sums.points, additive=True),
    Indicator(key="point_locations", unit="count", reduce=_locations),
    Indicator(key="villages", unit="count", reduce=_villages, additive=True),
    Indicator(key="population", unit="people", reduce=lambda sums, _: sums.population, additive=True),
    Indicator(key="area", unit="km2", reduce=lambda sums, _: sums.area, additive=True),
    Indicator(key="mean_service_radius", unit="km", reduce=_radius),
    Indicator(key="people_per_point", unit="people per point", reduce=_people_per_point),
    _distance("mean", mean),
    _distance("p50", partial(quantile, share=0.5)),
    _distance("p75", partial(quantile, share=0.75)),
    _distance("p90", partial(quantile, share=0.9)),
    _distance("max", largest),
    _people_distance("mean", None),
    _people_distance("p50", 0.5),
    _people_distance("p90", 0.9),
    Indicator(key="villages_within", unit="share", reduce=partial(_within, by_people=False), asked="per_limit"),
    Indicator(key="people_within", unit="share", reduce=partial(_within, by_people=True), asked="per_limit"),
    Indicator(key="villages_covered", unit="share", reduce=partial(_covered, by_people=False), asked="per_reach"),
    Indicator(key="people_covered", unit="share", reduce=partial(_covered, by_people=True), asked="per_reach"),
    Indicator(key="area_covered", unit="share", reduce=_area_covered, asked="per_reach"),
    Indicator(key="subscriptions_per_100", unit="per 100 people", reduce=_subscriptions, asked="per_subscription"),
    Indicator(key="disc_mean_distance", unit="km", reduce=partial(_radius, times=2 / 3), asked="whole"),
    Indicator(key="random_nearest_distance", unit="km", reduce=partial(_radius, factor=0.25), asked="whole"),
    Indicator(
        key="hexagon_worst_distance", unit="km", reduce=partial(_radius, factor=2 / (3 * np.sqrt(3))), asked="whole"
    ),
)


def _number(array: np.ndarray | None, position: int) -> float | int | None:
    """Give a plain number: a whole one as int, so that a count reads 102 and not 102.0; none for NaN."""
    if array is None or not np.isfinite(array[position]):
        return None
    number = float(array[position])
    return int(number) if number.is_integer() else number


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
