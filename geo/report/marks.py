"""The marks of the picture: villages as dots and rings, points as squares on their corner, their sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.draw import style
from geo.draw.services import NO, YES, status_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.draw.measures import Measure
    from geo.study.results import Results

_COLOURS = style.PALETTES["light"]
_SMALL, _LARGE, _CROWD = 1.6, 4.2, 40_000.0
_MOST_LAND = 0.15
_FEW = 100


def is_legible(count: int, size: float, land: float) -> bool:
    """Tell whether so many marks leave the colours beneath them to be seen: the areas tell more where they do not."""
    return count <= _FEW or count * np.pi * size**2 <= _MOST_LAND * land


def village_size(results: Results) -> float:
    """Give the radius of a village's mark: smaller where there are many."""
    share = min(1.0, np.log10(1 + len(results.villages)) / np.log10(_CROWD))
    return float(_LARGE - share**3 * (_LARGE - _SMALL))


def village_status(results: Results, measure: Measure | None) -> NDArray[np.uint8] | None:
    """Say of each village whether it has the service that the areas are coloured by; None where that is no service."""
    if measure is None or not style.is_share(measure.indicator):
        return None
    return status_of(measure, results.villages)


def mark_path(places: NDArray[np.float64], size: float, status: int) -> str:
    """Draw villages at places: a filled dot, a ring, or a grey ring where nothing is known."""
    path = "".join(_circle(x, y, size) for x, y in places.tolist())
    edge = f'stroke-width="{size * 0.45:.2f}"'
    if status == YES:
        return f'<path d="{path}" fill="{_COLOURS["covered"]}"/>'
    colour = _COLOURS["gap" if status == NO else "unknown"]
    return f'<path d="{path}" fill="#ffffff" fill-opacity="0.85" stroke="{colour}" {edge}/>'


def _circle(x: float, y: float, size: float) -> str:
    r, d = f"{size:.2f}", f"{2 * size:.2f}"
    return f"M{x - size:.1f} {y:.1f}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z"


def point_size(results: Results) -> float:
    """Give half the width of a point's mark: smaller where there are many."""
    share = min(1.0, np.log10(1 + len(results.points)) / np.log10(_CROWD))
    return float(1.6 * _LARGE - share**2 * (1.6 * _LARGE - 1.5 * _SMALL))


def point_path(places: NDArray[np.float64], size: float) -> str:
    """Draw points at places: squares on their corner, with a light edge."""
    s = f"{size:.2f}"
    path = "".join(f"M{x:.1f} {y - size:.1f}l{s} {s}l-{s} {s}l-{s} -{s}Z" for x, y in places.tolist())
    edge = f'stroke="{_COLOURS["point-edge"]}" stroke-width="{size * 0.3:.2f}"'
    return f'<path d="{path}" fill="{_COLOURS["point"]}" {edge}/>'
