"""Standards held against a territory: which rules it keeps, which areas fail by how much, how many points it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo import messages
from geo.judge.implied import figure_of
from geo.judge.stated import WITHIN, limit_key
from geo.layers.text import search_key
from geo.measure.access import share_within
from geo.measure.indicators import WHY, column_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geo.figures import Figure
    from geo.judge.rulebook import Rule, Standard
    from geo.judge.stated import Published


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """
    One rule in one area, or in the whole (`area` is ``all``): the value, and whether it keeps the rule.

    `passed` is None where there is no value, for the `reason` given (a key); `miss` is how far the value is off.
    """

    area: str
    name: str
    value: float | None
    passed: bool | None
    miss: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """
    One rule judged.

    `outcomes` has one entry, or one per area in the order of the areas. `more_points` is the least number of further
    points without which the rule cannot be kept; None where no arithmetic tells it.
    """

    rule: Rule
    outcomes: tuple[Outcome, ...]
    more_points: int | None

    @property
    def failing(self) -> tuple[Outcome, ...]:
        """The areas that fail, the farthest off first."""
        failed = [one for one in self.outcomes if one.passed is False]
        return tuple(sorted(failed, key=lambda one: -abs(one.miss)))

    @property
    def passed(self) -> bool | None:
        """Whether the rule is kept everywhere; None where nothing fails and something is not known."""
        told = [one.passed for one in self.outcomes]
        if False in told:
            return False
        return None if None in told or not told else True


@dataclass(frozen=True)
class Measured:
    """What a standard is held against: the figures of the whole, and the tables of the villages and the areas."""

    figures: Sequence[Figure]
    villages: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame


def judge(standard: Standard, measured: Measured) -> list[Judgement]:
    """
    Hold the rules of a standard against a territory.

    Parameters
    ----------
    standard : Standard
        Its limits in km must be among those that the territory was measured with (:func:`limits_of`).
    measured : Measured
        Figures, villages and areas as a study gives them.

    Returns
    -------
    list of Judgement
        In the order of the rules.
    """
    return [_judged(rule, measured) for rule in standard.rules]


def limits_of(standards: Sequence[Standard], published: Published | None = None) -> list[float]:
    """Give the limits in km that the rules, and the published figures, ask for."""
    limits = [rule.within_km for standard in standards for rule in standard.rules]
    stated = () if published is None else published.figures
    limits += [float(one.variant) for one in stated if one.indicator in WITHIN and one.variant is not None]
    return list(dict.fromkeys(limit for limit in limits if limit is not None))


def _judged(rule: Rule, measured: Measured) -> Judgement:
    if rule.scope == "areas":
        outcomes = _by_area(rule, measured.areas)
        more = [_more_points(rule, *row) for row in _sizes(measured.areas)] if outcomes else []
    else:
        outcomes = (_among(rule, measured.villages) if rule.where else _whole(rule, measured.figures),)
        more = [_more_points(rule, *_whole_sizes(measured.figures))]
    known = [number for number in more if number is not None]
    failed = any(one.passed is False for one in outcomes)
    return Judgement(rule=rule, outcomes=tuple(outcomes), more_points=sum(known) if failed and known else None)


def _outcome(rule: Rule, area: str, name: str, value: float | None, reason: str | None) -> Outcome:
    if value is None or math.isnan(value):
        return Outcome(area=area, name=name, value=None, passed=None, reason=reason or "figure_not_given")
    return Outcome(area=area, name=name, value=value, passed=rule.passes(value), miss=rule.miss(value))


def _whole(rule: Rule, figures: Sequence[Figure]) -> Outcome:
    variant = rule.technology if rule.within_km is None else limit_key(rule.within_km)
    figure = figure_of(figures, rule.indicator, variant)
    value, reason = (None, None) if figure is None else (figure.value, figure.reason)
    return _outcome(rule, "all", "", value, reason)


def _among(rule: Rule, villages: gpd.GeoDataFrame) -> Outcome:
    """Look at the villages alone whose column has the value of the rule."""
    column, wanted = rule.where or ("", "")
    if column not in villages:
        return _outcome(rule, "all", "", None, "column_not_there")
    keys = villages[column].astype("str").where(villages[column].notna(), "").map(search_key)
    among = villages[(keys == search_key(wanted)).to_numpy()]
    if among.empty:
        return _outcome(rule, "all", "", None, "no_villages")
    if rule.within_km is None:
        return _outcome(rule, "all", "", float(among["distance_km"].max()), "no_points")
    share = share_within(among, among[["distance_km"]], within_km=rule.within_km)
    return _outcome(
        rule, "all", "", share.people if rule.indicator.startswith("people") else share.villages, "no_people"
    )


def _by_area(rule: Rule, areas: gpd.GeoDataFrame) -> tuple[Outcome, ...]:
    column = column_key(rule.indicator, rule.technology, "any", rule.within_km)
    if column not in areas:
        return tuple(_outcome(rule, str(area), str(row), None, None) for area, row in areas["name"].items())
    why = areas[f"{WHY}{column}"] if f"{WHY}{column}" in areas else pd.Series(None, index=areas.index, dtype=object)
    rows = zip(areas.index, areas["name"], areas[column], why, strict=True)
    return tuple(_outcome(rule, str(area), str(name), float(value), reason) for area, name, value, reason in rows)


def _sizes(areas: gpd.GeoDataFrame) -> list[tuple[float, float, float]]:
    columns = [areas[key] if key in areas else pd.Series(np.nan, index=areas.index) for key in _SIZES]
    return list(zip(*columns, strict=True))


def _whole_sizes(figures: Sequence[Figure]) -> tuple[float, float, float]:
    found = [figure_of(figures, key, None) for key in _SIZES]
    points, area, people = (math.nan if one is None or one.value is None else float(one.value) for one in found)
    return points, area, people


_SIZES = ("points", "area", "population")


def _more_points(rule: Rule, points: float, area_km2: float, people: float) -> int | None:
    """
    Give how many points are missing at least, where arithmetic alone tells it.

    A radius of r needs S / (pi r2) points, d people per point need P / d; where points stand does not matter to them.
    """
    if rule.indicator == "points" and rule.at_least is not None:
        needed = rule.at_least
    elif rule.indicator == "mean_service_radius" and rule.at_most:
        needed = area_km2 / (math.pi * rule.at_most**2)
    elif rule.indicator == "people_per_point" and rule.at_most:
        needed = people / rule.at_most
    else:
        return None
    if math.isnan(needed) or math.isnan(points):
        return None
    # A quotient that is whole but for the rounding of doubles needs no further point.
    return max(0, math.ceil(needed * (1 - 1e-12)) - int(points))


def reason_text(outcome: Outcome, language: str = "en") -> str:
    """Say why a rule could not be judged in an area."""
    return messages.text(f"reason.{outcome.reason}", language)
