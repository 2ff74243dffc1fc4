"""What a rule finds in the whole, among some villages, or in each area: the value, and whether it keeps the rule."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from geo.judge.among import among, lacks_column
from geo.judge.implied import figure_of
from geo.judge.shortfall import shortfall, whole_sizes
from geo.judge.stated import WITHIN, limit_key
from geo.measure.access import share_within
from geo.measure.indicators import DENOMINATOR, NUMERATOR, WHY, column_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import geopandas as gpd

    from geo.figures import Basis, Figure
    from geo.judge.rulebook import Rule

_HALF = 0.5
_PARTS = {"mean_service_radius": ("area", "points"), "people_per_point": ("population", "points")}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """
    One rule in one area, or in the whole (`area` is ``all``): the value, and whether it keeps the rule.

    `passed` is None where nothing is known, for the `reason` given (a key). Where there is no point at all, a rule on
    distances or on what each point serves is not kept, though there is no value. `miss` is how far the value is off, 0
    where it keeps the rule, None where there is none. `rule` is the key of how the value was computed, `numerator` and
    `denominator` what it was computed from, `basis` what it rests on.
    """

    area: str
    name: str
    value: float | None
    passed: bool | None
    miss: float | None = None
    reason: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    rule: str | None = None
    basis: Basis | None = None


@dataclass(frozen=True)
class Measured:
    """What a standard is held against: the figures of the whole, and the tables of the villages and the areas."""

    figures: Sequence[Figure]
    villages: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame


def outcomes(rule: Rule, measured: Measured) -> tuple[Outcome, ...]:
    """Judge a rule in the whole, or in each area in the order of the areas."""
    if rule.scope == "areas":
        return tuple(_by_area(rule, measured))
    return (_among(rule, measured) if rule.where else _whole(rule, measured.figures),)


def _judged(rule: Rule, found: Outcome, sizes: tuple[float, float, float]) -> Outcome:
    """Tell whether the value of an outcome keeps a rule."""
    if found.value is None or math.isnan(found.value):
        reason = found.reason or "figure_not_given"
        unserved = reason == "no_points" and _needs_points(rule) and shortfall(rule, *sizes) != 0
        return replace(found, value=None, passed=False if unserved else None, reason=reason)
    return replace(found, passed=rule.passes(found.value), miss=rule.miss(found.value), reason=None)


def _needs_points(rule: Rule) -> bool:
    """Tell whether a rule cannot be kept without any point."""
    if rule.indicator in WITHIN:
        return bool(rule.at_least)
    return rule.at_most is not None


def _whole(rule: Rule, figures: Sequence[Figure]) -> Outcome:
    variant = rule.technology if rule.within_km is None else limit_key(rule.within_km)
    figure = figure_of(figures, rule.indicator, variant)
    found = Outcome(area="all", name="", value=None, passed=None)
    if figure is not None:
        found = replace(
            found,
            value=figure.value,
            reason=figure.reason,
            numerator=figure.numerator,
            denominator=figure.denominator,
            rule=figure.rule,
            basis=figure.basis,
        )
    return _judged(rule, found, whole_sizes(figures))


def _among(rule: Rule, measured: Measured) -> Outcome:
    """Look at the villages alone whose columns have the values of the rule."""
    basis = _basis_of_parts(measured.figures)
    found = Outcome(area="all", name="", value=None, passed=None, rule=rule.indicator, basis=basis)
    if lacks_column(rule, measured.villages):
        found = replace(found, reason="column_not_there")
    else:
        found = _value_among(rule, among(rule, measured.villages), found, measured.figures)
    return _judged(rule, found, whole_sizes(measured.figures))


def _value_among(rule: Rule, rows: gpd.GeoDataFrame, found: Outcome, figures: Sequence[Figure]) -> Outcome:
    if rows.empty:
        return replace(found, reason="no_villages")
    if rows["distance_km"].isna().all():
        points = figure_of(figures, "points", None)
        return replace(found, reason="no_points" if points is None or points.reason is None else points.reason)
    if rule.within_km is None:
        return replace(found, value=float(rows["distance_km"].max()), denominator=len(rows))
    share = share_within(rows, rows[["distance_km"]], within_km=rule.within_km)
    if not rule.indicator.startswith("people"):
        parts = replace(found, numerator=share.villages_within, denominator=share.villages_known)
        return replace(parts, value=share.villages)
    if (rows["population"] >= 0).sum() < _HALF * len(rows):
        return replace(found, reason="mostly_unknown")
    parts = replace(found, numerator=share.people_within, denominator=share.people_known)
    return replace(parts, value=share.people, reason="no_people")


def _by_area(rule: Rule, measured: Measured) -> Iterator[Outcome]:
    areas = measured.areas
    column = column_key(rule.indicator, rule.technology, "any", rule.within_km)
    above, below = _PARTS.get(rule.indicator, (f"{NUMERATOR}{column}", f"{DENOMINATOR}{column}"))
    columns = (column, above, below, "points", "area", "population")
    values = {key: _floats(areas, key) for key in columns}
    why = areas[f"{WHY}{column}"] if f"{WHY}{column}" in areas else pd.Series(None, index=areas.index, dtype=object)
    variant = rule.technology if rule.within_km is None else limit_key(rule.within_km)
    whole = figure_of(measured.figures, rule.indicator, variant)
    of_pixels = whole is not None and whole.rule.endswith("_pixels")
    for row, (area, name) in enumerate(areas["name"].items()):
        found = Outcome(
            area=str(area),
            name=str(name),
            value=_known(values[column][row]),
            passed=None,
            reason=why.iloc[row],
            numerator=_known(values[above][row]),
            denominator=_known(values[below][row]),
            rule=f"{rule.indicator}_pixels" if of_pixels else rule.indicator,
            basis=_basis_of_parts(measured.figures),
        )
        sizes = (values["points"][row], values["area"][row], values["population"][row])
        yield _judged(rule, found, sizes)


def _floats(areas: gpd.GeoDataFrame, key: str) -> list[float]:
    return areas[key].astype(float).tolist() if key in areas else [math.nan] * len(areas)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _basis_of_parts(figures: Sequence[Figure]) -> Basis:
    """Say what parts of the territory rest on: official totals serve the whole alone."""
    return "by_construction" if any(one.basis == "by_construction" for one in figures) else "measured"
