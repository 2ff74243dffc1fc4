"""How many points are missing where their number alone decides, wherever they stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.judge.implied import figure_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geo.figures import Figure
    from geo.judge.rulebook import Rule

_SIZES = ("points", "area", "population")


def shortfall(rule: Rule, points: float, area_km2: float, people: float) -> int | None:
    """Give how many points are missing where their number alone decides; None where something is not known."""
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


def whole_sizes(figures: Sequence[Figure]) -> tuple[float, float, float]:
    """Give points, area and people of the whole; NaN where there is no such figure."""
    found = [figure_of(figures, key, None) for key in _SIZES]
    points, area, people = (math.nan if one is None or one.value is None else float(one.value) for one in found)
    return points, area, people


def sizes_of(areas: gpd.GeoDataFrame) -> list[tuple[float, float, float]]:
    """Give points, area and people of each area; NaN where there is no such column."""
    columns = [areas[key] if key in areas else pd.Series(np.nan, index=areas.index) for key in _SIZES]
    return list(zip(*columns, strict=True))
