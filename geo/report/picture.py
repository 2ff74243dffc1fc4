"""The map of a report as one vector picture: areas by a measure, villages, points, legend, scale and north."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo import messages
from geo.draw import style
from geo.draw.measures import Measure
from geo.draw.payload import both
from geo.draw.services import NO, UNKNOWN, YES
from geo.figures import ALL
from geo.report.document import plain
from geo.report.legend import classes_of, legend
from geo.report.marks import is_legible, mark_path, point_path, point_size, village_size, village_status
from geo.report.plane import Plane, plane_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.study.results import Results

WIDTH = 1000.0
FONT = "Libertinus Serif"
"""The font of the labels; the typesetter brings it along."""

_COLOURS = style.PALETTES["light"]
_CHOSEN = ("people_covered", "villages_covered", "people_within", "villages_within")
_OTHERWISE = ("nearest_distance_mean", "mean_service_radius", "population", "villages")
_SIMPLER = 0.6
_MANY_PARENTS = 40
_LETTERS, _LINE = 18.0, 14


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG, with what it shows in words."""

    svg: str
    words: str


def picture(results: Results, language: str) -> Picture | None:
    """
    Draw the map of a study.

    Areas are coloured by the share that is least complete (or, without shares, by a distance or an amount); villages
    are filled where they have that service and hollow where not. The projection is equal-area about the middle, and
    serves the drawing alone. Borders are simplified to what print shows; of villages on one spot one is drawn.

    Returns
    -------
    Picture or None
        None where nothing has a place. The same results give the same text.
    """
    plane = plane_of(results, WIDTH)
    if plane is None:
        return None
    measure = chosen_measure(results)
    drawn = [
        *_areas(results.areas, measure, plane),
        *_villages(results, measure, plane),
        *_points(results, plane),
        *_labels(results, plane, language),
    ]
    key, height = legend(results, measure, plane, language)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {plane.height + height:.0f}" '
        f'font-family="{FONT}">{"".join(drawn)}<g transform="translate(0 {plane.height:.0f})">{key}</g></svg>'
    )
    name = messages.text("report.no_measure", language) if measure is None else plain(measure.label(language))
    words = messages.text("report.map_alt", language, measure=name, points=len(results.points))
    return Picture(svg, words)


def chosen_measure(results: Results) -> Measure | None:
    """Choose what areas are coloured by: the share that is farthest from complete in the whole, else a distance."""
    if not len(results.areas):
        return None
    whole = {
        (one.indicator, one.technology, one.within_km): one.value
        for one in results.figures
        if one.area == ALL and one.operator in (None, "any") and one.value is not None
    }
    measures = [measure for column in results.areas.columns if (measure := Measure.of_column(column)) is not None]
    for indicator in _CHOSEN:
        shares = [
            (whole[indicator, one.technology, one.within_km], place, one)
            for place, one in enumerate(measures)
            if one.indicator == indicator
            and one.operator is None
            and (indicator, one.technology, one.within_km) in whole
        ]
        if shares and min(shares)[0] < 1:
            return min(shares)[2]
    return next((one for key in _OTHERWISE for one in measures if one.indicator == key), None)


def _areas(areas: gpd.GeoDataFrame, measure: Measure | None, plane: Plane) -> Iterator[str]:
    if not len(areas):
        return
    outlines = shapely.coverage_simplify(plane.shapes(areas.geometry), _SIMPLER)
    groups = np.zeros(len(areas), dtype=int) - 1 if measure is None else classes_of(areas, measure)
    for number in sorted(set(groups.tolist())):
        colour = _COLOURS["no-data"] if number < 0 or measure is None else _colour(measure, number)
        path = "".join(_path(shape) for shape in outlines[groups == number])
        yield f'<path d="{path}" fill="{colour}" fill-rule="evenodd" stroke="{_COLOURS["border"]}" stroke-width="0.8"/>'
    parents = areas["parent"].astype(object).where(areas["parent"].notna(), None)
    named = [name for name in dict.fromkeys(parents) if name is not None]
    wholes = [shapely.union_all(outlines[(parents == name).to_numpy()]) for name in named] or [
        shapely.union_all(outlines)
    ]
    path = "".join(_path(shape) for shape in wholes)
    yield f'<path d="{path}" fill="none" stroke="{_COLOURS["outline"]}" stroke-width="1.4" stroke-linejoin="round"/>'


def _colour(measure: Measure, number: int) -> str:
    return _COLOURS[f"{style.ramp(measure.indicator)}-{number}"]


def _path(shape: shapely.Geometry | None) -> str:
    """Write the rings of a polygon, or of several, as a path with one decimal."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"] if shape is not None else []
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)


def _villages(results: Results, measure: Measure | None, plane: Plane) -> Iterator[str]:
    x, y = plane.places(results.villages)
    size = village_size(results)
    status = village_status(results, measure)
    drawn = np.isfinite(x) & np.isfinite(y)
    if status is None and is_legible(len(x), size, plane.land):
        yield mark_path(_apart(x[drawn], y[drawn], size), size, YES)
    for each in () if status is None else (YES, UNKNOWN, NO):
        chosen = drawn & (status == each)
        if chosen.any() and is_legible(int(chosen.sum()), size, plane.land):
            yield mark_path(_apart(x[chosen], y[chosen], size), size, each)


def _apart(x: NDArray[np.float64], y: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    """Keep one of several places that print would show as one."""
    cells = np.column_stack([np.rint(x / (size / 2)), np.rint(y / (size / 2))])
    _, first = np.unique(cells, axis=0, return_index=True)
    return np.column_stack([x, y])[np.sort(first)]


def _points(results: Results, plane: Plane) -> Iterator[str]:
    x, y = plane.places(results.points)
    drawn = np.isfinite(x) & np.isfinite(y)
    size = point_size(results)
    if drawn.any() and is_legible(len(x), size, plane.land):
        yield point_path(_apart(x[drawn], y[drawn], size), size)


def _labels(results: Results, plane: Plane, language: str) -> Iterator[str]:
    """Name the parents of the areas, and what the study wants named, where that lies in the picture."""
    wholes = results.areas[results.areas["parent"].notna() & results.areas.geometry.notna()]
    names = list(dict.fromkeys(wholes["parent"]))
    if 1 < len(names) <= _MANY_PARENTS:
        shapes = plane.shapes(wholes.geometry)
        taken: list[shapely.Polygon] = []
        for name in names:
            whole = shapely.union_all(shapes[(wholes["parent"] == name).to_numpy()])
            circle = shapely.maximum_inscribed_circle(np.array([whole]), tolerance=2.0)
            x, y = shapely.get_coordinates(circle)[0].tolist()
            yield from _free_label(plain(name), (x, y), taken)
    for one in results.about.labels:
        x, y = plane.place(one.lon, one.lat)
        if 0 <= x <= WIDTH and 0 <= y <= plane.height:
            yield _label(plain(both(one.name)[language]), (x, y), 'font-size="22" font-style="italic"')


def _free_label(name: str, place: tuple[float, float], taken: list[shapely.Polygon]) -> Iterator[str]:
    """Write a name in short lines where no other name stands yet, moved up or down by a little; `taken` grows."""
    lines = textwrap.wrap(name, _LINE, break_long_words=False) or [name]
    half = max(map(len, lines)) * 0.29 * _LETTERS
    for step in (0, 1, -1, 2, -2, 3, -3):
        x, y = min(max(place[0], half), WIDTH - half), place[1] + step * _LETTERS
        box = shapely.box(x - half, y - _LETTERS, x + half, y + _LETTERS * (len(lines) - 0.7))
        if not any(box.intersects(other) for other in taken):
            break
    taken.append(box)
    for number, line in enumerate(lines):
        yield _label(line, (x, y + number * _LETTERS), f'font-size="{_LETTERS:g}" font-weight="bold"')


def _label(name: str, place: tuple[float, float], look: str) -> str:
    told = f'x="{place[0]:.1f}" y="{place[1]:.1f}" text-anchor="middle" {look}'
    halo = 'stroke="#ffffff" stroke-width="4" stroke-linejoin="round" stroke-opacity="0.85" fill="none"'
    text = escape(name)
    return f'<text {told} {halo}>{text}</text><text {told} fill="{_COLOURS["ink"]}">{text}</text>'
