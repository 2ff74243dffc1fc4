"""Pixels within a distance of any point, and the distance of every pixel: geo beside a KD-tree and scipy.ndimage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Geod
from scipy import ndimage
from scipy.spatial import cKDTree

from benchmarks import made
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import Setting, Way, held, interleaved, told
from geo.layers.grid import Grid
from geo.measure.geodesic import geocentric_m
from geo.measure.pixel_distance import pixel_distances
from geo.measure.population import pixels_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

KARNEY = Geod(ellps="WGS84")
_FASTER = {5.0: 100, 25.0: 40}
_CELLS_A_SECOND = 3e6
_EXACT_M = 1.1e-6
_ROWS_AT_ONCE = 1000
_TEXT = """
A raster of a country of 8 x 15 degrees, in degrees, and {points} points in it. `geo.measure.population.pixels_within`
tells of every pixel whether its centre is at most d km from a point. So does a KD-tree on Earth-centred coordinates,
asked for the nearest point of every pixel by its chord (both cores; coordinates and tree counted), and once more with d
as the search's bound. So does `scipy.ndimage.distance_transform_edt` in pixels, which rounds points to pixels and takes
the middle's degree of longitude for all. `pixel_distances` gives the nearest point and its distance for every pixel.

wrong: pixels that were misjudged, geo's own being the truth after it was held against Karney's distances for 20,000
pixels, most of them within a metre of the limit. The large raster is measured in {rounds}, and the KD-tree on some of
its rows, with the time of all of them reckoned from these (*).
"""


@dataclass(frozen=True, kw_only=True)
class _Given:
    grid: Grid
    points: NDArray[np.float64]


def measured(setting: Setting) -> Report:
    """Measure the two rasters."""
    points = 1000 if setting.quick else 20_000
    small, large = ((550, 300), (1400, 700)) if setting.quick else ((3623, 1932), (13_690, 7305))
    rounds = min(setting.rounds, 1 if not setting.quick else 2)
    found = Report(
        title="Population raster",
        text=_TEXT.format(points=f"{points:,}", rounds="one round" if rounds == 1 else f"{rounds} rounds"),
        columns=("pixels", "of", "way", "median s", "×", "runs", "wrong", "M pixels/s"),
        packages=("scipy", "pyproj"),
    )
    towns = made.places(9, points, made.COUNTRY)
    _within(found, _Given(grid=_grid(*small), points=towns), setting, share=1)
    _distances(found, _Given(grid=_grid(*small), points=towns), setting.rounds)
    few = Setting(rounds=rounds, quick=setting.quick, folder=setting.folder)
    _within(found, _Given(grid=_grid(*large), points=towns), few, share=10)
    _distances(found, _Given(grid=_grid(*large), points=towns), rounds)
    return found


def _grid(rows: int, columns: int) -> Grid:
    west, south, east, north = made.COUNTRY
    transform = ((east - west) / columns, 0.0, west, 0.0, (south - north) / rows, north)
    return Grid(rows=rows, columns=columns, transform=transform, crs=CRS("EPSG:4326"))


def _within(found: Report, given: _Given, setting: Setting, share: int) -> None:
    size = count(given.grid.rows * given.grid.columns)
    part = _Given(grid=given.grid.window(0, 0, given.grid.rows // share, given.grid.columns), points=given.points)
    for limit, faster in _FASTER.items():
        told(f"{size} pixels, {limit:g} km: answers")
        runs: dict[str, Callable[[], NDArray[np.bool_]]] = {
            "geo": partial(_geo, given, limit),
            "cKDTree": partial(_tree, part, limit),
            "cKDTree, bounded": partial(_tree, part, limit, bounded=True),
            "distance transform": partial(_transform, given, limit),
        }
        answers = {name: run() for name, run in runs.items()}
        _hold(part, answers["geo"][: part.grid.rows], limit)
        wrong = {name: int((answer != answers["geo"][: len(answer)]).sum()) for name, answer in answers.items()}
        ways = {name: Way(name=name, run=run) for name, run in runs.items()}
        found.load += interleaved(ways.values(), setting.rounds)
        took = {name: way.seconds * (share if "cKDTree" in name else 1) for name, way in ways.items()}
        for name, way in ways.items():
            is_part = share > 1 and "cKDTree" in name
            times = "" if name == "geo" else f"{took[name] / took['geo']:.3g}"
            speed = f"{given.grid.rows * given.grid.columns / took[name] / 1e6:.3g}"
            told_seconds = seconds(took[name]) + ("*" if is_part else "")
            row = (size, f"within {limit:g} km", name, told_seconds, times, str(len(way.took)))
            found.rows.append((*row, f"{wrong[name]:,}", speed))
        ratio = took["cKDTree"] / took["geo"]
        text = f"{size} pixels within {limit:g} km, at least {faster} times faster than the KD-tree"
        why = f"{seconds(took['geo'])} s are {_speed(given, took['geo'])} million pixels a second."
        found.goals.append(Goal(text=text, measured=f"{ratio:.0f} times", met=ratio >= faster, why=why))


def _speed(given: _Given, took: float) -> str:
    return f"{given.grid.rows * given.grid.columns / took / 1e6:.3g}"


def _distances(found: Report, given: _Given, rounds: int) -> None:
    pixels = given.grid.rows * given.grid.columns
    told(f"{count(pixels)} pixels, distances: answers")
    _hold_distances(given)
    part = _Given(grid=given.grid.window(0, 0, min(given.grid.rows, 1000), given.grid.columns), points=given.points)
    way = Way(name="geo", run=partial(_all_distances, given))
    tree = Way(name="cKDTree, chord alone*", run=partial(_tree, part, np.inf))
    found.load += interleaved([way, tree], rounds)
    speed = pixels / way.seconds
    alone = part.grid.rows * part.grid.columns / tree.seconds
    for one, own, wrong in ((way, speed, "0"), (tree, alone, "")):
        times = "" if one is way else f"{speed / alone:.2g}"
        row = (count(pixels), "every distance", one.name, seconds(pixels / own), times, str(len(one.took)), wrong)
        found.rows.append((*row, f"{own / 1e6:.3g}"))
    text = f"{count(pixels)} pixels, distances at no less than 3 million pixels a second"
    why = f"The KD-tree alone, without a distance on the ellipsoid, does {alone / 1e6:.1f} million."
    found.goals.append(Goal(text=text, measured=f"{speed / 1e6:.1f} million", met=speed >= _CELLS_A_SECOND, why=why))


def _geo(given: _Given, limit: float) -> NDArray[np.bool_]:
    return pixels_within(given.grid, *given.points, limit)


def _all_distances(given: _Given) -> float:
    """Take the raster window by window, as its user must, and keep the farthest."""
    starts = range(0, given.grid.rows, _ROWS_AT_ONCE)
    sizes = [min(_ROWS_AT_ONCE, given.grid.rows - start) for start in starts]
    windows = [given.grid.window(start, 0, size, given.grid.columns) for start, size in zip(starts, sizes, strict=True)]
    return max(float(pixel_distances(window, *given.points).distance_m.max()) for window in windows)


def _tree(given: _Given, limit: float, *, bounded: bool = False) -> NDArray[np.bool_]:
    tree = cKDTree(geocentric_m(*given.points))
    within = np.empty((given.grid.rows, given.grid.columns), dtype=np.bool_)
    bound = limit * 1000 if bounded else np.inf
    for start in range(0, given.grid.rows, _ROWS_AT_ONCE // 2):
        window = given.grid.window(start, 0, min(_ROWS_AT_ONCE // 2, given.grid.rows - start), given.grid.columns)
        lon, lat = window.centres()
        xyz = geocentric_m(lon.ravel(), lat.ravel())
        chord, _ = tree.query(xyz, workers=-1, distance_upper_bound=np.nextafter(bound, np.inf))
        within[start : start + window.rows] = (chord <= limit * 1000).reshape(lon.shape)
    return within


def _transform(given: _Given, limit: float) -> NDArray[np.bool_]:
    grid = given.grid
    width, _, west, _, height, north = grid.transform
    column = np.clip(((given.points[0] - west) / width).astype(int), 0, grid.columns - 1)
    row = np.clip(((given.points[1] - north) / height).astype(int), 0, grid.rows - 1)
    free = np.ones((grid.rows, grid.columns), dtype=np.bool_)
    free[row, column] = False
    middle = (west + width * grid.columns / 2, north + height * grid.rows / 2)
    across = KARNEY.inv(*middle, middle[0] + width, middle[1])[2]
    along = KARNEY.inv(*middle, middle[0], middle[1] + height)[2]
    found: NDArray[np.bool_] = ndimage.distance_transform_edt(free, sampling=(along, across)) <= limit * 1000
    return found


def _hold(given: _Given, answer: NDArray[np.bool_], limit: float) -> None:
    """Hold pixels against Karney's distances to the points near by: some anywhere, most where it is hard to tell."""
    random = np.random.default_rng(10)
    rows, columns = (random.integers(0, size, 2_000_000) for size in answer.shape)
    metres = _least_m(given, rows, columns, by_chord=True)
    hard = np.argsort(np.abs(metres - limit * 1000))[:15_000]
    chosen = np.unique(np.append(hard, np.arange(5000)))
    true_m = _least_m(given, rows[chosen], columns[chosen])
    held((answer[rows[chosen], columns[chosen]] == (true_m <= limit * 1000)).all(), "geo misjudges a pixel.")


def _hold_distances(given: _Given) -> None:
    random = np.random.default_rng(11)
    window = given.grid.window(given.grid.rows // 3, 0, min(200, given.grid.rows // 3), given.grid.columns)
    found = pixel_distances(window, *given.points).distance_m
    rows, columns = (random.integers(0, size, 20_000) for size in found.shape)
    true_m = _least_m(_Given(grid=window, points=given.points), rows, columns)
    held((np.abs(found[rows, columns] - true_m) <= _EXACT_M).all(), "a distance of geo's is no geodesic.")


def _least_m(
    given: _Given, rows: NDArray[np.intp], columns: NDArray[np.intp], *, by_chord: bool = False
) -> NDArray[np.float64]:
    """Give the least of Karney's distances to the eight points with the shortest chords, or the shortest chord."""
    lon, lat = given.grid.longitudes()[columns], given.grid.latitudes()[rows]
    tree = cKDTree(geocentric_m(*given.points))
    if by_chord:
        return np.asarray(tree.query(geocentric_m(lon, lat), workers=-1)[0])
    near = tree.query(geocentric_m(lon, lat), k=8, workers=-1)[1]
    places = (np.repeat(values[:, None], 8, axis=1) for values in (lon, lat))
    return np.asarray(KARNEY.inv(*places, *given.points[:, near])[2]).min(axis=1)
