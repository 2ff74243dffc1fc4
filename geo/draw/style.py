"""How the page looks: palettes, the classes of a choropleth, and how many digits a figure shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Ramp = Literal["good", "bad", "amount"]

PALETTES: dict[str, dict[str, str]] = {
    "light": {
        "page": "#ffffff",
        "card": "#f3f6f8",
        "ink": "#15202b",
        "quiet": "#52606d",
        "line": "#d8e0e6",
        "accent": "#0b5cad",
        "paper": "#e6edf1",
        "border": "#ffffff",
        "outline": "#43525f",
        "covered": "#0a4d8c",
        "gap": "#b83a06",
        "unknown": "#5d6672",
        "point": "#3a2b00",
        "point-edge": "#ffcf33",
        "note": "#fff4d6",
        "note-ink": "#6a4700",
        "no-data": "#d5d9dd",
        "good-0": "#fbf6e3",
        "good-1": "#dcebcf",
        "good-2": "#b5dbc8",
        "good-3": "#86c5c0",
        "good-4": "#56a9b3",
        "bad-0": "#fbf4e6",
        "bad-1": "#f4dfc3",
        "bad-2": "#e9c39f",
        "bad-3": "#d9a17d",
        "bad-4": "#c37c5e",
        "amount-0": "#f4f2f8",
        "amount-1": "#dfdbec",
        "amount-2": "#c5bfdd",
        "amount-3": "#a79fcb",
        "amount-4": "#877db4",
    },
    "dark": {
        "page": "#161e26",
        "card": "#202b35",
        "ink": "#e8eef3",
        "quiet": "#a6b4c0",
        "line": "#33424f",
        "accent": "#74b9f5",
        "paper": "#0e151b",
        "border": "#0e151b",
        "outline": "#8fa1b0",
        "covered": "#62b0ee",
        "gap": "#ff9f5c",
        "unknown": "#b3bcc5",
        "point": "#ffd24d",
        "point-edge": "#2a2000",
        "note": "#3a2f12",
        "note-ink": "#ffdf8a",
        "no-data": "#3a4047",
        "good-0": "#202a30",
        "good-1": "#253f47",
        "good-2": "#2a5660",
        "good-3": "#307077",
        "good-4": "#388b8d",
        "bad-0": "#2a2725",
        "bad-1": "#42352f",
        "bad-2": "#5c463a",
        "bad-3": "#795847",
        "bad-4": "#966c54",
        "amount-0": "#24242e",
        "amount-1": "#343345",
        "amount-2": "#46445e",
        "amount-3": "#5a5779",
        "amount-4": "#706c97",
    },
}
"""Colours by theme. Each ramp has one hue family and rises in darkness (light) or lightness (dark) alone."""

CLASSES = 5
_COVERED_BREAKS = (0.5, 0.75, 0.9, 0.99)
_WITHIN_BREAKS = (0.2, 0.4, 0.6, 0.8)
_AMOUNTS = ("population", "villages", "points", "point_locations", "area", "subscriptions_per_100")


@dataclass(frozen=True)
class Format:
    """How a figure shows: digits after the separator, times 100 with a percent sign, and its unit's key."""

    digits: int
    percent: bool = False
    unit: str = ""

    def as_dict(self) -> dict[str, object]:
        """Give the format as the browser reads it."""
        return {"digits": self.digits, "percent": self.percent, "unit": self.unit}


_FORMATS = {
    "area": Format(1, unit="km2"),
    "mean_service_radius": Format(2, unit="km"),
    "subscriptions_per_100": Format(2),
}


def number_format(indicator: str) -> Format:
    """
    Say how an indicator's values show.

    Examples
    --------
    >>> number_format("people_within").percent, number_format("mean_service_radius").digits
    (True, 2)
    """
    if is_share(indicator):
        return Format(1, percent=True)
    if indicator.endswith("_distance") or "_distance_" in indicator:
        return Format(2, unit="km")
    return _FORMATS.get(indicator, Format(0))


def is_share(indicator: str) -> bool:
    """Tell whether an indicator's values run from 0 to 1."""
    return indicator.endswith(("_covered", "_within"))


def ramp(indicator: str) -> Ramp:
    """Choose a ramp: more is better, more is worse, or just an amount."""
    if is_share(indicator):
        return "good"
    return "amount" if indicator in _AMOUNTS else "bad"


def breaks(indicator: str, values: ArrayLike) -> tuple[float, ...]:
    """
    Cut the values of an indicator into at most five classes.

    Class 0 lies below the first break, class i from break i - 1 (inclusive) up to break i (exclusive), the last
    one from the last break on: every value falls into exactly one. Shares have fixed breaks, so that two pages
    can be laid side by side; other values are cut at their quintiles, rounded to two significant digits.

    Parameters
    ----------
    indicator : str
        Key of the indicator, as ``"people_covered"``.
    values : array-like of float
        Values of the areas; NaN has no class.

    Returns
    -------
    tuple of float
        Rising breaks; none where all values are equal or there is no value.

    Examples
    --------
    >>> breaks("points", [1, 1, 2, 3, 8])
    (2.0, 3.0, 4.0)
    """
    if is_share(indicator):
        return _COVERED_BREAKS if indicator.endswith("_covered") else _WITHIN_BREAKS
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return ()
    quintiles = np.quantile(known, np.arange(1, CLASSES) / CLASSES)
    cuts = {_round_up(cut, number_format(indicator).digits) for cut in quintiles.tolist()}
    return tuple(sorted(cut for cut in cuts if known.min() < cut <= known.max()))


def _round_up(value: float, digits: int) -> float:
    # Rounded up, so that the values of a quintile stay together below their break.
    if value <= 0:
        return 0.0
    places = min(digits, 1 - int(np.floor(np.log10(value))))
    step = 10.0**-places
    return float(round(np.ceil(value / step - 1e-9) * step, max(places, 0)))


def css_variables() -> str:
    """Write the palettes as custom properties, which the style sheet and the scripts both read."""
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in PALETTES[theme].items()) for theme in ("light", "dark")
    )
    return f":root{{{light}}}:root[data-theme=dark]{{{dark}}}"
