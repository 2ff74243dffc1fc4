"""How the value of a figure follows from its numerator and denominator, as a spreadsheet writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.draw.style import is_share

if TYPE_CHECKING:
    from collections.abc import Mapping

_LAWS: Mapping[str, str] = {
    "mean_service_radius": "SQRT({n}/(PI()*{d}))",
    "people_per_point": "{n}/{d}",
    "subscriptions_per_100": "100*{n}/{d}",
    "disc_mean_distance": "2/3*SQRT({n}/(PI()*{d}))",
    "random_nearest_distance": "0.5*SQRT({n}/{d})",
    "hexagon_worst_distance": "SQRT(2*{n}/(3*SQRT(3)*{d}))",
}


def law_of(indicator: str) -> str | None:
    """
    Give the formula of an indicator over a numerator ``{n}`` and a denominator ``{d}``; None where it has none.

    Examples
    --------
    >>> law_of("people_covered"), law_of("points")
    ('{n}/{d}', None)
    """
    return "{n}/{d}" if is_share(indicator) else _LAWS.get(indicator)
