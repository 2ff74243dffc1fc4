"""Figures of a study that has no layer of points, worked out from the number of points that its report states."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from geo.judge.implied import figure_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.figures import Figure
    from geo.judge.stated import Published

_ABOVE = {"mean_service_radius": "area", "people_per_point": "population"}


def stand_in(figure: Figure | None, published: Published, figures: Sequence[Figure]) -> Figure | None:
    """
    Give a radius or the people per point with the published points in place of a layer; None where nothing gives it.

    A national report has no list of its points, but its figures must still go with each other.
    """
    if figure is None or figure.reason != "points_not_given" or figure.indicator not in _ABOVE:
        return None
    points = next((float(one.value) for one in published.figures if one.indicator == "points"), 0.0)
    above = figure_of(figures, _ABOVE[figure.indicator], None)
    if not points or above is None or above.value is None:
        return None
    quotient = above.value / points
    value = math.sqrt(quotient / math.pi) if figure.indicator == "mean_service_radius" else quotient
    return replace(figure, value=value, numerator=above.value, denominator=points, basis=above.basis, reason=None)
