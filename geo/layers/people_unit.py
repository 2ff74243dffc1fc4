"""Learn from what a raster says of itself whether its values are people per pixel or people per km²."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from geo.errors import LayerError

if TYPE_CHECKING:
    import rasterio

Unit = Literal["count", "per_km2"]
UNITS: tuple[Unit, ...] = ("count", "per_km2")
# How files say it: per pixel or per km², in whatever text they carry ...
_SHAPES: dict[Unit, re.Pattern[str]] = {
    "count": re.compile(r"(\bper|/|trên|mỗi)\s*((grid\s*[-_]?\s*)?(pixel|cell|ô\b)|grid\s*[-_]?\s*square)"),
    "per_km2": re.compile(
        r"(\bper|/|trên)\s*((sq|square)[\s._]*(km|kilomet)|km\s*(2|²|\^\s*2|\*\*\s*2)|kilomet\w+\s+squared)"
        r"|\bkm\s*(\^|\*\*)?\s*[-−⁻]\s*[2²]"
    ),
}
# ... or in words that mean a count as long as nothing is said to be "per" something.
_COUNT = re.compile(r"\b(people|persons?|population|pop)[\s_]+counts?\b|\bnumber of (people|persons|inhabitants)\b")
_COUNT_UNIT = re.compile(r"(number of )?(people|persons?|inhabitants?|capita|counts?|người)")
_PER = re.compile(r"\bper\b|[^\W\d]\s*/\s*\w")
_DENSITY = re.compile(r"densit|mật độ")


def people_unit(file: str, source: rasterio.DatasetReader, band: int) -> Unit:
    """
    Learn the unit of a band from its unit, its description and the tags; never from the file's name.

    Raises
    ------
    LayerError
        Where nothing is said, or both, or people per something else (hectares).
    """
    tags = {**source.tags(), **source.tags(band)}
    named = [source.units[band - 1], *(text for key, text in tags.items() if key.lower() in {"unit", "units"})]
    told = [_clean(text) for text in (source.descriptions[band - 1], *named, *tags.values()) if text]
    units = {unit for text in told for unit, shape in _SHAPES.items() if shape.search(text)}
    if not units and not any(_DENSITY.search(text) for text in told):
        units |= {"count" for text in named if text and _COUNT_UNIT.fullmatch(_clean(text))}
        units |= {"count" for text in told if _COUNT.search(text) and not _PER.search(text)}
    if len(units) == 1:
        return units.pop()
    why = "speaks of both" if units else "does not say"
    shown = f" (it says: {'; '.join(dict.fromkeys(told))[:100]})" if told else ""
    msg = (
        f"{file} {why} whether its values are people per pixel or people per km2{shown}. "
        'Say it, as unit = "count" or unit = "per_km2".'
    )
    raise LayerError(msg)


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
