"""The area of a union of discs and of polygons: geo beside Shapely's unions, errors against a fine reference."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

from benchmarks import made
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import Setting, Way, held, interleaved, told
from geo.layers.place import dissolved, united
from geo.measure.geodesic import area_km2

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

GEOD = Geod(ellps="WGS84")
_TEXT = """
Discs with radii of 1 to 20 km (median 4) about places of a country of 8 x 15 degrees. geo gives the geodesic area of
their union on the ellipsoid; Shapely unites discs buffered with 64 or 256 corners in Lambert's equal-area projection
about the middle of the country. error: relative, against a reference that belongs to neither: the union of the discs'
runs on {lines} parallels a disc. Polygons are ragged outlines of 64 corners, united and measured: by Shapely in the
equal-area projection, by geo (`geo.layers.place.dissolved`, which tests them first, and `geo.area_km2`) with their
geodesic area, the reference of their errors.
"""
_LINES = 600
_ERROR = 1e-4
_GEO, _FASTER = "geo", 4

Discs = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def measured(setting: Setting) -> Report:
    """Measure discs and polygons of both sizes."""
    found = Report(
        title="Area of a union of discs and of polygons",
        text=_TEXT.format(lines=_LINES),
        columns=("of", "way", "median s", "×", "runs", "km²", "error"),
        packages=("shapely", "pyproj"),
    )
    small, large = (200, 2000) if setting.quick else (1000, 20_000)
    has_discs = find_spec("geo.measure.disc_area") is not None
    if not has_discs:
        found.skipped.append("discs: geo.measure.disc_area is not there")
    for size in (small, large):
        places = made.places(6, size, made.COUNTRY)
        if has_discs:
            radius = np.clip(4000 * np.random.default_rng(7).lognormal(0, 0.5, size), 1000, 20_000)
            _discs(found, (*places, radius), setting, size == large)
        _polygons(found, made.ragged(8, places, 0.04, 64), setting, size == large)
    return found


def _discs(found: Report, discs: Discs, setting: Setting, is_large: bool) -> None:  # noqa: FBT001
    own: Any = import_module("geo.measure.disc_area")
    runs: dict[str, Callable[[], float]] = {_GEO: partial(own.discs_area_km2, *discs)}
    for corners in (64, 256):
        for name, union in (("union_all", shapely.union_all), ("disjoint_subset", shapely.disjoint_subset_union_all)):
            runs[f"{name}, {corners} corners"] = partial(_buffered, discs, corners, union)
    told(f"{count(discs[0].size)} discs: answers")
    truth = _by_parallels(discs)
    areas = {name: run() for name, run in runs.items()}
    error = {name: abs(area / truth - 1) for name, area in areas.items()}
    held(error[_GEO] <= _ERROR, f"geo's area of {discs[0].size} discs is off by {error[_GEO]:.1g}.")
    ways = {name: Way(name=name, run=run, at_most=2 if "256" in name else 1000) for name, run in runs.items()}
    found.load += interleaved(ways.values(), setting.rounds)
    _rows(found, f"{count(discs[0].size)} discs", ways, areas, error)
    if is_large:
        found.goals += [_faster(ways, error, corners) for corners in (64, 256)]
        text = f"the error of {count(discs[0].size)} discs at most 1e-4"
        found.goals.append(Goal(text=text, measured=f"{error[_GEO]:.1g}", met=error[_GEO] <= _ERROR))


def _faster(ways: dict[str, Way], error: dict[str, float], corners: int) -> Goal:
    """Hold geo against the faster union of discs with so many corners."""
    best = min((way for name, way in ways.items() if name.endswith(f"{corners} corners")), key=lambda way: way.seconds)
    ratio = best.seconds / ways[_GEO].seconds
    return Goal(
        text=f"discs of the larger size, at least {_FASTER} times faster than {best.name}",
        measured=f"{ratio:.1f} times",
        met=ratio >= _FASTER,
        why=f"Its error is {error[best.name]:.1g}, geo's {error[_GEO]:.1g}.",
    )


def _polygons(found: Report, polygons: NDArray[np.object_], setting: Setting, is_large: bool) -> None:  # noqa: FBT001
    runs: dict[str, Callable[[], float]] = {
        _GEO: lambda: float(area_km2(np.array([dissolved(polygons)]))[0]),
        "union_all": lambda: _flat_km2(polygons, shapely.union_all),
        "disjoint_subset": lambda: _flat_km2(polygons, shapely.disjoint_subset_union_all),
    }
    told(f"{count(len(polygons))} polygons: answers")
    areas = {name: run() for name, run in runs.items()}
    error = {name: abs(area / areas[_GEO] - 1) for name, area in areas.items()}
    held(max(error.values()) <= _ERROR, "geo and Shapely differ on the area of a union of polygons.")
    ways = {name: Way(name=name, run=run) for name, run in runs.items()}
    found.load += interleaved(ways.values(), setting.rounds)
    _rows(found, f"{count(len(polygons))} polygons", ways, areas, error)
    if is_large:
        ratio = ways["union_all"].seconds / ways[_GEO].seconds
        text = f"{count(len(polygons))} polygons, at least {_FASTER} times faster than union_all"
        found.goals.append(Goal(text=text, measured=f"{ratio:.2f} times", met=ratio >= _FASTER, why=_parts(polygons)))


def _parts(polygons: NDArray[np.object_]) -> str:
    """Say what the parts of geo's way take by themselves."""
    union = united(polygons)
    parts: dict[str, Callable[[], object]] = {
        "testing the polygons": lambda: shapely.is_valid(polygons),
        "uniting those that meet": lambda: united(polygons),
        "the geodesic area": lambda: area_km2(np.array([union])),
    }
    ways = [Way(name=name, run=run) for name, run in parts.items()]
    interleaved(ways, 2)
    return "Its parts: " + ", ".join(f"{way.name} {seconds(way.seconds)} s" for way in ways) + "."


def _rows(found: Report, what: str, ways: dict[str, Way], areas: dict[str, float], error: dict[str, float]) -> None:
    for name, way in ways.items():
        times = "" if name == _GEO else f"{way.seconds / ways[_GEO].seconds:.2g}"
        row = (what, name, seconds(way.seconds), times, str(len(way.took)), f"{areas[name]:,.1f}")
        found.rows.append((*row, f"{error[name]:.1g}"))


def _to_plane() -> Transformer:
    west, south, east, north = made.COUNTRY
    middle = f"+lat_0={(south + north) / 2} +lon_0={(west + east) / 2}"
    return Transformer.from_crs(4326, f"+proj=laea {middle} +ellps=WGS84 +units=m", always_xy=True)


def _buffered(discs: Discs, corners: int, union: Callable[..., Any]) -> float:
    lon, lat, radius = discs
    centres = shapely.points(*_to_plane().transform(lon, lat))
    return float(shapely.area(union(shapely.buffer(centres, radius, quad_segs=corners // 4)))) / 1e6


def _flat_km2(polygons: NDArray[np.object_], union: Callable[..., Any]) -> float:
    to_plane = _to_plane()
    flat = shapely.transform(polygons, to_plane.transform, interleaved=False)
    return float(shapely.area(union(flat))) / 1e6


def _by_parallels(discs: Discs) -> float:
    """
    Give the area of the union in km² by strips between parallels: on each middle parallel the discs' runs are joined.

    Two places on circles of latitude with radii p and q, h apart along the axis, have a chord with
    c² = (p - q)² + h² + 4 p q sin²(dlon / 2); a geodesic as short as a radius here has the chord of a circle of the
    mean radius of curvature, to some micrometres.
    """
    lon, lat, radius = discs
    step = np.degrees(2 * np.median(radius) / GEOD.a) / _LINES
    reach = np.degrees(radius * 1.01 / GEOD.b)
    low = lat.min() - reach.max()
    first, last = (np.floor((lat - reach - low) / step).astype(int), np.ceil((lat + reach - low) / step).astype(int))
    band_km2 = _north_of_equator_km2(low + step * np.arange(last.max() + 2))
    total = 0.0
    for lines in np.array_split(np.arange(last.max() + 1), max((last - first).sum() // 2_000_000, 1)):
        some = np.flatnonzero((first <= lines[-1]) & (last >= lines[0]))
        disc, line = np.nonzero((first[some, None] <= lines) & (last[some, None] >= lines))
        disc, line = some[disc], lines[line]
        half = _half_width(lat[disc], radius[disc], low + step * (line + 0.5))
        total += _joined(line[half > 0], lon[disc][half > 0], half[half > 0], np.diff(band_km2))
    return total


def _half_width(lat: NDArray[np.float64], radius: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half of the difference of longitude that a disc spans on a parallel, in radians."""
    (p, z), (q, w) = _circle(lat), _circle(at)
    mean = GEOD.b / (1 - GEOD.es * np.sin(np.radians(lat)) ** 2)
    chord = 2 * mean * np.sin(radius / (2 * mean))
    squared = (chord**2 - (p - q) ** 2 - (z - w) ** 2) / (4 * p * q)
    return 2 * np.arcsin(np.sqrt(np.maximum(squared, 0)))


def _circle(lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sine = np.sin(np.radians(lat))
    across = GEOD.a / np.sqrt(1 - GEOD.es * sine**2)
    return across * np.cos(np.radians(lat)), across * (1 - GEOD.es) * sine


def _joined(
    line: NDArray[np.intp], lon: NDArray[np.float64], half: NDArray[np.float64], band_km2: NDArray[np.float64]
) -> float:
    """Join the runs of every parallel and give the area of their strips; the box is nowhere near the antimeridian."""
    # Every line gets longitudes of its own, so that one sort and one running maximum serve all lines.
    own = 8.0 * (line - line.min())
    west, east = own + np.radians(lon) - half, own + np.radians(lon) + half
    order = np.argsort(west)
    west, east = west[order], east[order]
    reached = np.maximum.accumulate(np.append(-np.inf, east[:-1]))
    return float(np.maximum(east - np.maximum(west, reached), 0) @ band_km2[line[order]])


def _north_of_equator_km2(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area between the equator and a parallel, per radian of longitude."""
    sine, eccentricity = np.sin(np.radians(lat)), np.sqrt(GEOD.es)
    bulge = sine / (1 - GEOD.es * sine**2) + np.arctanh(eccentricity * sine) / eccentricity
    return GEOD.b**2 / 2e6 * bulge
