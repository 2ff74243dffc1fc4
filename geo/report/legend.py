"""The key to the picture: classes of the measure, marks, a bar of scale, and north."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from geo import messages
from geo.draw import style
from geo.draw.measures import service_name
from geo.draw.services import NO, UNKNOWN, YES
from geo.measure.indicators import column_key
from geo.report.document import Number, plain, written
from geo.report.marks import is_legible, mark_path, point_path, point_size, village_size, village_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.draw.measures import Measure
    from geo.report.plane import Plane
    from geo.study.results import Results

_COLOURS = style.PALETTES["light"]
_LEFT, _MIDDLE, _RIGHT, _END = 30.0, 470.0, 770.0, 970.0
_TOP, _ROW = 30.0, 27.0
_FOOT = 20.0
_LEAST_ROWS = 4
_BAR = 190.0
_STEPS = (5, 2, 1)


def legend(results: Results, measure: Measure | None, plane: Plane, language: str) -> tuple[str, float]:
    """Draw the key, and say how high it is."""
    left = list(_shades(results.areas, measure, language))
    middle = list(_marks(results, measure, plane, language))
    rows = max(len(left), len(middle) + 2, _LEAST_ROWS)
    foot = _TOP + _ROW * (rows - 1.6)
    drawn = [f'<g transform="translate({_LEFT:g} {_TOP + _ROW * row:g})">{one}</g>' for row, one in enumerate(left)]
    drawn += [
        f'<g transform="translate({_MIDDLE:g} {_TOP + _ROW * row:g})">{one}</g>' for row, one in enumerate(middle)
    ]
    return "".join([*drawn, _scale(plane, foot, language), _north(foot, language)]), _TOP + _ROW * rows + _FOOT


def classes_of(areas: gpd.GeoDataFrame, measure: Measure) -> NDArray[np.intp]:
    """Put each area into the class of its value, as the page does; -1 where it has none."""
    values = _values(areas, measure)
    cuts = style.breaks(measure.indicator, values)
    return np.where(np.isnan(values), -1, np.searchsorted(np.array(cuts), values, side="right"))


def _values(areas: gpd.GeoDataFrame, measure: Measure) -> NDArray[np.float64]:
    column = column_key(measure.indicator, measure.technology, measure.operator, measure.within_km)
    return np.asarray(areas[column], dtype=np.float64)


def _shades(areas: gpd.GeoDataFrame, measure: Measure | None, language: str) -> Iterator[str]:
    if measure is None:
        return
    look = style.number_format(measure.indicator)
    unit = f", {messages.text(f'page_unit.{look.unit}', language)}" if look.unit else ""
    yield _text(0, plain(measure.label(language)) + unit, 'font-weight="bold"')
    groups = classes_of(areas, measure)
    cuts = style.breaks(measure.indicator, _values(areas, measure))
    for number in range(len(cuts) + 1):
        name = _class_name(cuts, number, measure, language)
        colour = _COLOURS[f"{style.ramp(measure.indicator)}-{number}"]
        yield _shade(colour, name, int((groups == number).sum()), language)
    if missing := int((groups < 0).sum()):
        yield _shade(_COLOURS["no-data"], messages.text("page.no_data", language), missing, language)


def _class_name(cuts: tuple[float, ...], number: int, measure: Measure, language: str) -> str:
    def limit(value: float) -> str:
        look = style.number_format(measure.indicator)
        if look.percent:
            return f"{messages.written(100 * value, language)} %"
        return written(Number(value, look), language)

    if not cuts:
        return messages.text("page.any_value", language)
    if number == 0:
        return messages.text("page.below", language, to=limit(cuts[0]))
    if number == len(cuts):
        return messages.text("page.from", language, **{"from": limit(cuts[-1])})
    return messages.text("page.between", language, **{"from": limit(cuts[number - 1]), "to": limit(cuts[number])})


def _shade(colour: str, name: str, count: int, language: str) -> str:
    edge = f'stroke="{_COLOURS["outline"]}" stroke-width="0.6"'
    box = f'<rect x="0" y="-16" width="34" height="20" fill="{colour}" {edge}/>'
    return box + _text(46, f"{name} ({messages.text('page.area_count', language, count=count)})")


def _marks(results: Results, measure: Measure | None, plane: Plane, language: str) -> Iterator[str]:
    for mark, name, count, size in _kinds(results, measure, language):
        told = f"{name} ({messages.written(count, language)})"
        if is_legible(count, size, plane.land):
            yield f'<g transform="translate(8 -6)">{mark}</g>' + _text(26, told)
        else:
            yield _text(0, messages.text("report.undrawn", language, marks=told))


def _kinds(results: Results, measure: Measure | None, language: str) -> Iterator[tuple[str, str, int, float]]:
    """Give each kind of mark, larger than on the map, with its name, how many there are, and their size there."""
    status, size = village_status(results, measure), village_size(results)
    if status is None or measure is None:
        if count := len(results.villages):
            yield mark_path(_AT, 1.5 * size, YES), messages.text("page.villages", language), count, size
    else:
        service = plain(service_name(measure, language))
        for each, key in ((YES, "villages_with"), (NO, "villages_without"), (UNKNOWN, "villages_unknown")):
            if count := int((status == each).sum()):
                name = messages.text(f"page.{key}", language, service=service)
                yield mark_path(_AT, 1.5 * size, each), name, count, size
    if count := len(results.points):
        size = point_size(results)
        yield point_path(_AT, 1.3 * size), messages.text("indicator.points", language), count, size


_AT = np.array([[0.0, 0.0]])


def _text(x: float, text: str, look: str = "") -> str:
    return f'<text x="{x:g}" y="0" font-size="19" fill="{_COLOURS["ink"]}" {look}>{escape(text)}</text>'


def _scale(plane: Plane, y: float, language: str) -> str:
    """Draw a bar of a round length; it is true at the middle of the map."""
    most = _BAR / plane.per_m
    power = 10.0 ** np.floor(np.log10(most))
    length_m = next(step * power for step in _STEPS if step * power <= most)
    right = _END
    left = right - length_m * plane.per_m
    middle = (left + right) / 2
    name = f"{messages.written(float(length_m / 1000), language)} km"
    ink = _COLOURS["ink"]
    return (
        f'<path d="M{left:.1f} {y - 7:.1f}V{y:.1f}H{right:.1f}V{y - 7:.1f}M{middle:.1f} {y - 4:.1f}V{y:.1f}" '
        f'fill="none" stroke="{ink}" stroke-width="2"/>'
        f'<text x="{middle:.1f}" y="{y + 22:.1f}" font-size="19" text-anchor="middle" fill="{ink}">{name}</text>'
    )


def _north(y: float, language: str) -> str:
    ink = _COLOURS["ink"]
    name = messages.text("report.north", language)
    return (
        f'<g transform="translate({_RIGHT - 40:g} {y:g})">'
        f'<path d="M0 -36L9 0L0 -7L-9 0Z" fill="{ink}"/>'
        f'<text x="0" y="22" font-size="19" text-anchor="middle" fill="{ink}">{name}</text></g>'
    )
