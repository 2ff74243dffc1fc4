"""Villages, post offices and administrative areas out of an OpenStreetMap extract: geo beside osmium and GDAL."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import osmium
import pyogrio
from osmium.osm.mutable import Node, Relation, Way

from benchmarks import made
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import Setting, held, interleaved, peak_mb, told
from benchmarks.rounds import Way as Manner
from geo.layers.osm.layers import read_extract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TEXT = """
A country of 8 x 15 degrees as `.osm.pbf` of {size:.0f} MB: {nodes:,} nodes, {ways:,} ways (buildings, roads, borders)
and {relations:,} relations ({areas:,} communes, bus routes). geo reads {villages:,} villages, {offices:,} post offices
(a third of them buildings) and the communes. `osmium, one pass` leads every object of the file past the same tags and
keeps nothing: less cannot be done. `osmium, processor` is the library's own way to shapes (`FileProcessor` with
locations and areas), which keeps the places of all nodes; `GDAL` is the driver that QGIS uses, on one core. All must
find as many rows. peak: the most memory that the reading process held, with Python and all libraries.
"""
_STAMP = datetime(2024, 1, 31, tzinfo=UTC)
_PLAIN, _PROCESSOR, _GDAL = "osmium, one pass", "osmium, processor", "GDAL"
_STEPS = 30
_LIMIT = 2.0
_TAGS = {
    "villages": {"place": "village"},
    "points": {"amenity": "post_office"},
    "areas": {"boundary": "administrative"},
}
_SQL = {
    "villages": "SELECT osm_id FROM points WHERE place = 'village'",
    "points": 'SELECT osm_id FROM points WHERE other_tags LIKE \'%"amenity"=>"post_office"%\'',
    "buildings": "SELECT osm_way_id FROM multipolygons WHERE amenity = 'post_office'",
    "areas": "SELECT osm_id FROM multipolygons WHERE boundary = 'administrative' AND osm_id IS NOT NULL",
}


def measured(setting: Setting) -> Report:
    """Measure three layers of one extract."""
    path = setting.folder / "country.osm.pbf"
    told("writing the extract")
    size = write(path, villages=500 if setting.quick else 20_000, buildings=10_000 if setting.quick else 700_000)
    found = Report(
        title="OpenStreetMap extract",
        text=_TEXT.format(size=path.stat().st_size / 1e6, **vars(size)),
        columns=("of", "way", "median s", "×", "runs", "rows", "peak MB"),
        packages=("osmium", "pyogrio"),
    )
    rows = {"villages": size.villages, "points": size.offices, "areas": size.areas}
    for layer, expected in rows.items():
        runs = _runs(path, layer)
        for name, run in runs.items():
            told(f"{layer}: {name}")
            held(run() == expected, f"{name} does not find {expected} {layer}.")
        ways = [Manner(name=name, run=run, at_most=3 if name == "geo" else 2) for name, run in runs.items()]
        found.load += interleaved(ways, setting.rounds)
        own = ways[0].seconds
        peaks = {name: _peak(path, layer, name) for name in runs}
        for way in ways:
            cells = (seconds(way.seconds), f"{way.seconds / own:.2g}", str(len(way.took)), count(expected))
            found.rows.append((layer, way.name, *cells, f"{peaks[way.name]:.0f}"))
        times = own / next(way.seconds for way in ways if way.name == _PLAIN)
        text = f"{layer} in at most {_LIMIT:g} times one pass of osmium"
        why = "Python keeps tags and shapes object by object, and finds the area that each lies in."
        found.goals.append(Goal(text=text, measured=f"{times:.1f} times", met=times <= _LIMIT, why=why))
    return found


def _runs(path: Path, layer: str) -> dict[str, Callable[[], int]]:
    return {
        "geo": lambda: len(read_extract(path, layer)[0]),
        _PLAIN: lambda: _plain(path, layer),
        _PROCESSOR: lambda: _processor(path, layer),
        _GDAL: lambda: _gdal(path, layer),
    }


def _plain(path: Path, layer: str) -> int:
    counted = _Counted(with_borders=layer != "areas")
    with osmium.io.Reader(str(path)) as reader:
        osmium.apply(reader, osmium.filter.TagFilter(*_TAGS[layer].items()), counted)
    return counted.number


class _Counted:
    """Counts objects; the border lines of areas carry the tag of these, and are not counted."""

    def __init__(self, *, with_borders: bool) -> None:
        self.number = 0
        self._with_borders = with_borders

    def node(self, _: object) -> None:
        self.number += 1

    def way(self, _: object) -> None:
        self.number += self._with_borders

    def relation(self, _: object) -> None:
        self.number += 1


def _processor(path: Path, layer: str) -> int:
    tagged = osmium.filter.TagFilter(*_TAGS[layer].items())
    things = osmium.FileProcessor(str(path)).with_areas(tagged).with_filter(tagged)
    shapes = osmium.geom.WKBFactory()
    number = 0
    for thing in things:
        if thing.is_area():
            shapes.create_multipolygon(thing)
            number += 1
        elif thing.is_node():
            shapes.create_point(thing)
            number += 1
    return number


def _gdal(path: Path, layer: str) -> int:
    asked = ["points", "buildings"] if layer == "points" else [layer]
    return sum(len(pyogrio.read_dataframe(path, sql=_SQL[one])) for one in asked)


def _peak(path: Path, layer: str, name: str) -> float:
    """Give the most memory that one way takes in a process of its own, in MB."""
    script = (
        "import sys; from pathlib import Path; from benchmarks.extract import _runs;"
        "_runs(Path(sys.argv[1]), sys.argv[2])[sys.argv[3]]()"
    )
    words = [sys.executable, "-c", script, str(path), layer, name]
    peak = 0.0
    with subprocess.Popen(words) as process:  # noqa: S603 - ours
        while process.poll() is None:
            peak = max(peak, np.nan_to_num(peak_mb(process.pid)))
            time.sleep(0.01)
    return peak


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many objects of which kind an extract has."""

    nodes: int
    ways: int
    relations: int
    villages: int
    offices: int
    areas: int


def write(path: Path, *, villages: int, buildings: int, side: int = 60, seed: int = 16) -> Size:
    """Write a made-up country: villages with buildings and roads about them, and communes within ragged borders."""
    random = np.random.default_rng(seed)
    homes = made.places(seed, villages, made.COUNTRY)
    drawn = _Drawn(path)
    borders = drawn.borders(random, side)
    for number, place in enumerate(homes.T):
        drawn.node(place, {"place": "village", "name": f"Thôn {number}", "population": str(100 + number % 900)})
    offices = villages // 10
    for number, place in enumerate(made.places(seed + 1, offices, made.COUNTRY).T):
        drawn.node(place, {"amenity": "post_office", "name": f"Bưu cục {number}"})
    every = 2 * buildings // offices
    for number in range(buildings):
        office = {"amenity": "post_office"} if number % every == 0 else {}
        drawn.building(homes[:, random.integers(villages)] + random.normal(0, 0.01, 2), {"building": "yes", **office})
        offices += bool(office)
    for number in range(buildings // 5):
        steps = np.cumsum(random.normal(0, 1e-3, (20, 2)), axis=0)
        kind = ("residential", "track", "tertiary")[number % 3]
        drawn.line(homes[:, random.integers(villages)] + steps, {"highway": kind, "name": f"Đường {number % 5000}"})
    ways = drawn.close_ways()
    for number, ring in enumerate(borders, 1):
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": f"Xã {number}"}
        drawn.relation([("w", one, "outer") for one in ring], tags)
    for _ in range(villages):
        route = [("w", int(one) + 1, "") for one in random.integers(0, ways, 8)]
        drawn.relation(route, {"type": "route", "route": "bus"})
    return Size(
        nodes=drawn.nodes,
        ways=ways,
        relations=drawn.close(),
        villages=villages,
        offices=offices,
        areas=len(borders),
    )


class _Drawn:
    """An extract that is being written: nodes at once, ways after them, relations last."""

    def __init__(self, path: Path) -> None:
        header = osmium.io.Header()
        header.set("sorting", "Type_then_ID")
        self._writer = osmium.SimpleWriter(str(path), header=header)
        self._ways: list[tuple[list[int], dict[str, str]]] = []
        self._relations = 0
        self.nodes = 0

    def node(self, place: np.ndarray, tags: dict[str, str] | None = None) -> int:
        self.nodes += 1
        self._writer.add_node(Node(id=self.nodes, location=tuple(place), tags=tags or {}, version=1, timestamp=_STAMP))
        return self.nodes

    def line(self, places: np.ndarray, tags: dict[str, str]) -> None:
        self._ways.append(([self.node(place) for place in places], tags))

    def building(self, corner: np.ndarray, tags: dict[str, str]) -> None:
        nodes = [self.node(corner + step) for step in np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * 1e-4]
        self._ways.append(([*nodes, nodes[0]], tags))

    def borders(self, random: np.random.Generator, side: int) -> list[list[int]]:
        """Draw the borders of a grid of areas, and give the ways of each."""
        west, south, east, north = made.COUNTRY
        x, y = np.linspace(west, east, side + 1), np.linspace(south, north, side + 1)
        corners = {(i, j): self.node(np.array([x[i], y[j]])) for i in range(side + 1) for j in range(side + 1)}
        ways = {}
        calm = np.sin(np.linspace(0, np.pi, _STEPS)[1:-1])  # borders do not cross where they meet
        for (i, j), corner in corners.items():
            for along, end in ((0, (i + 1, j)), (1, (i, j + 1))):
                if end in corners:
                    places = np.linspace((x[i], y[j]), (x[end[0]], y[end[1]]), _STEPS)[1:-1]
                    places[:, 1 - along] += random.normal(0, 3e-3, _STEPS - 2) * calm
                    nodes = [corner, *(self.node(place) for place in places), corners[end]]
                    self._ways.append((nodes, {"boundary": "administrative", "admin_level": "8"}))
                    ways[along, i, j] = len(self._ways)
        cells = ((i, j) for i in range(side) for j in range(side))
        return [[ways[0, i, j], ways[1, i + 1, j], ways[0, i, j + 1], ways[1, i, j]] for i, j in cells]

    def close_ways(self) -> int:
        """Write the ways, and give how many there are."""
        for number, (nodes, tags) in enumerate(self._ways, 1):
            self._writer.add_way(Way(id=number, nodes=nodes, tags=tags, version=1, timestamp=_STAMP))
        return len(self._ways)

    def relation(self, members: list[tuple[str, int, str]], tags: dict[str, str]) -> None:
        self._relations += 1
        self._writer.add_relation(Relation(id=self._relations, members=members, tags=tags, version=1, timestamp=_STAMP))

    def close(self) -> int:
        """End the file, and give how many relations there are."""
        self._writer.close()
        return self._relations
