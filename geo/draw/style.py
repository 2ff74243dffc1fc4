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
        "proposed": "#a3086f",
        "note": "#fff4d6",
        "note-ink": "#6a4700",
        "no-data": "#c7c9cb",
        "good-0": "#faf4da",
        "good-1": "#cedfb4",
        "good-2": "#90caaa",
        "good-3": "#5aada8",
        "good-4": "#328c9f",
        "bad-0": "#fbf3dd",
        "bad-1": "#f3d4aa",
        "bad-2": "#e6af80",
        "bad-3": "#d5895e",
        "bad-4": "#be6343",
        "amount-0": "#f5f2fc",
        "amount-1": "#dad2ef",
        "amount-2": "#bdb1de",
        "amount-3": "#a090cc",
        "amount-4": "#826fb7",
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
        "proposed": "#ff8fd4",
        "note": "#3a2f12",
        "note-ink": "#ffdf8a",
        "no-data": "#242527",
        "good-0": "#3c3721",
        "good-1": "#3f4f37",
        "good-2": "#386958",
        "good-3": "#38807b",
        "good-4": "#3d979c",
        "bad-0": "#413423",
        "bad-1": "#5f4429",
        "bad-2": "#7c5333",
        "bad-3": "#9c6240",
        "bad-4": "#bd7154",
        "amount-0": "#3a3248",
        "amount-1": "#4d4364",
        "amount-2": "#625581",
        "amount-3": "#77679f",
        "amount-4": "#8c7bbe",
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
