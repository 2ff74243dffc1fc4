"""The objects of an OpenStreetMap extract that carry a tag, each with its shape, the file read once from its end."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from geo.crs.systems import WGS84
from geo.errors import LayerError
from geo.layers.osm.blobs import NODES, RELATIONS, WAYS
from geo.layers.osm.library import osmium
from geo.layers.osm.sections import sections_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from osmium.osm import Area, Node, Relation, Way
    from shapely.geometry.base import BaseGeometry

    from geo.layers.osm.sections import Sections

_WKB = osmium.geom.WKBFactory()
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ORDER = {"n": 0, "w": 1, "r": 2}
INCOMPLETE, OPEN, SHAPELESS = "incomplete", "open", "shapeless"


@dataclass(frozen=True, kw_only=True)
class Query:
    """
    Which objects are wanted: those with any of the `tags`, or with the `key` whatever its value.

    `keep` are the keys whose values are kept. With `lines` only ways are looked at, and closed ones stay lines.
    """

    tags: tuple[tuple[str, str], ...] = ()
    key: str | None = None
    keep: tuple[str, ...] = ()
    lines: bool = False


@dataclass(frozen=True, kw_only=True)
class Objects:
    """
    What was found.

    `table` has the kept tags and the shape of each object in EPSG:4326 (nodes are points, closed ways and relations
    polygons, other ways lines) on ids as ``n1``, ``w2``, ``r3``, in the order of these. `lost` has the tags of objects
    without a shape on theirs, and `why` they have none. `cut` are the ways of which the file lacks nodes: their shape
    is the part that is there. `rings` are the ways that each assembled relation is made of.
    """

    table: gpd.GeoDataFrame
    lost: pd.DataFrame
    cut: frozenset[str]
    rings: dict[str, frozenset[str]]


def gather(path: Path, query: Query) -> Objects:
    """
    Read the wanted objects of an extract, their shapes assembled.

    The file is read from its end: relations tell which ways are needed, ways which nodes; these give the locations, and
    then the ways, read once more, the shapes. What is not wanted never reaches Python, and locations of other nodes are
    not kept, so that memory grows with what is wanted, not with the file.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm``, and the latter compressed.
    query : Query
        What is wanted.

    Raises
    ------
    LayerError
        Where the file is truncated, damaged, a history, or was never uploaded (negative ids); where its ways are not in
        the order of their ids. XML of at most 512 MB may be in any order.
    """
    found = _Found(query, path)
    with _readable(path), sections_of(path) as sections:
        _refuse_history(path)
        _gather(sections, found)
    return found.objects()


def extract_date(path: Path) -> str | None:
    """Give the day that an extract was made of, as its header has it (``2024-01-31``); None where it says nothing."""
    with _readable(path), osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        header = reader.header()
    day = (header.get("osmosis_replication_timestamp") or header.get("timestamp"))[:10]
    return day if _DAY.fullmatch(day) else None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """
    Turn what osmium raises of a damaged file into one line.

    It says what is wrong by one of several errors: values are wrong coordinates, ids and bytes that are no UTF-8;
    memory, sizes that nothing could have. The file itself may not be there, or not be ours to read.
    """
    try:
        yield
    except LayerError:
        raise
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}."
        raise LayerError(msg) from error
    except (RuntimeError, ValueError, MemoryError, osmium.InvalidLocationError) as error:
        why = " ".join(str(error).split())
        remedy = "Sort it: osmium sort" if "out of order" in why else "Is it whole? Fetch it again"
        msg = f"{path} cannot be read as OpenStreetMap: {why}. {remedy}."
        raise LayerError(msg) from error


def _gather(sections: Sections, found: _Found) -> None:
    query, tracker = found.query, found.tracker
    tagged = osmium.filter.KeyFilter(query.key) if query.key else osmium.filter.TagFilter(*query.tags)
    by_tag, manager = _ByTag(found), osmium.area.AreaManager()
    if not query.lines:
        sections.read(RELATIONS, tagged, by_tag, manager.first_pass_handler())
    for part in sections.parts(WAYS):
        part.look(tagged, by_tag)
        tracker.complete_backward_references(part.extract)
    places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    places.ignore_errors()
    needs_places = not tracker.node_ids().empty()
    looks: list[tuple[object, ...]] = [] if query.lines else [(tagged, by_tag)]
    looks += [(tracker.id_filter(), places)] if needs_places else []
    for part in sections.parts(NODES, len(looks)) if looks else ():
        for handlers in looks:
            part.look(*handlers)
    if needs_places:
        areas = [] if query.lines else [_Members(found), manager.second_pass_handler(tagged, _Areas(found))]
        sections.read(WAYS, tracker.id_filter(), places, *areas, tagged, _Lines(found))


def _refuse_history(path: Path) -> None:
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        if reader.header().has_multiple_object_versions:
            msg = f"{path} holds the history of objects. Take an extract of one day: osmium time-filter."
            raise LayerError(msg)


@dataclass
class _Found:
    """What has been found so far: kept tags and shapes (as WKB) by id, and what is to be looked for next."""

    query: Query
    path: Path
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    shapes: dict[str, bytes] = field(default_factory=dict)
    relations: dict[str, frozenset[int]] = field(default_factory=dict)
    ways_there: set[int] = field(default_factory=set)
    cut: list[str] = field(default_factory=list)
    tracker: osmium.IdTracker = field(default_factory=osmium.IdTracker)

    def keep(self, key: str, thing: Node | Way | Relation) -> None:
        if thing.id < 0:
            msg = (
                f"{self.path} holds an object with the id {thing.id}: only uploaded objects can be read. Number them: "
                "osmium renumber."
            )
            raise LayerError(msg)
        tags = thing.tags
        self.tags[key] = {name: value for name in self.query.keep if (value := tags.get(name)) is not None}

    def why(self, key: str) -> str:
        """Say why an object has no shape."""
        if key in self.relations:
            members = self.relations[key]
            return OPEN if members and members <= self.ways_there else INCOMPLETE
        return SHAPELESS if key.startswith("r") else INCOMPLETE

    def objects(self) -> Objects:
        ids = sorted(self.tags, key=lambda key: (_ORDER[key[0]], int(key[1:])))
        there = [key for key in ids if key in self.shapes]
        lost = [key for key in ids if key not in self.shapes]
        return Objects(
            table=gpd.GeoDataFrame(
                self._columns(there), geometry=shapely.from_wkb([self.shapes[key] for key in there]), crs=WGS84
            ),
            lost=self._columns(lost).assign(why=pd.Series([self.why(key) for key in lost], lost, dtype="str")),
            cut=frozenset(self.cut),
            rings={
                key: frozenset(f"w{way}" for way in ways) for key, ways in self.relations.items() if key in self.shapes
            },
        )

    def _columns(self, ids: list[str]) -> pd.DataFrame:
        index = pd.Index(ids, name="id", dtype="str")
        columns = {name: [self.tags[key].get(name) for key in ids] for name in self.query.keep}
        return pd.DataFrame({name: pd.Series(cells, index, dtype="str") for name, cells in columns.items()}, index)


@dataclass
class _ByTag:
    """Keeps what has the tags, and notes which ways are needed for its shape."""

    found: _Found

    def node(self, node: Node) -> None:
        self.found.keep(f"n{node.id}", node)
        if node.location.valid():
            self.found.shapes[f"n{node.id}"] = bytes.fromhex(_WKB.create_point(node))

    def way(self, way: Way) -> None:
        self.found.keep(f"w{way.id}", way)
        self.found.tracker.add_way(way.id)

    def relation(self, relation: Relation) -> None:
        key = f"r{relation.id}"
        self.found.keep(key, relation)
        if relation.tags.get("type") in ("multipolygon", "boundary"):
            ways = frozenset(member.ref for member in relation.members if member.type == "w")
            self.found.relations[key] = ways
            for way in ways:
                if way > 0:
                    self.found.tracker.add_way(way)


@dataclass
class _Members:
    """Tells which ways are in the file, of those that relations are made of."""

    found: _Found

    def way(self, way: Way) -> None:
        self.found.ways_there.add(way.id)


@dataclass
class _Areas:
    """Keeps polygons of closed ways and of relations whose rings close."""

    found: _Found

    def area(self, area: Area) -> None:
        if area.num_rings()[0]:
            key = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
            self.found.shapes[key] = bytes.fromhex(_WKB.create_multipolygon(area))


@dataclass
class _Lines:
    """Keeps lines of ways; one that closes becomes a polygon when its area comes, after it."""

    found: _Found

    def way(self, way: Way) -> None:
        key = f"w{way.id}"
        try:
            line = bytes.fromhex(_WKB.create_linestring(way))
        except (osmium.InvalidLocationError, RuntimeError):  # a node is not in the file, or all are in one place
            part = _part(way)
            if part is None:
                return
            line = shapely.to_wkb(part)
            self.found.cut += [] if all(node.location.valid() for node in way.nodes) else [key]
        self.found.shapes.setdefault(key, line)


def _part(way: Way) -> BaseGeometry | None:
    """Give the stretches of a way between nodes that are in the file; one such node alone is a point."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            stretches[-1].append((node.lon, node.lat))
        else:
            stretches.append([])
    lines = [shapely.LineString(stretch) for stretch in stretches if len(set(stretch)) > 1]
    if lines:
        return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
    spots = [stretch[0] for stretch in stretches if stretch]
    return shapely.Point(spots[0]) if spots else None
