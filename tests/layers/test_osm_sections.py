"""An extract is read kind by kind, from its end, each block once and the ways twice, whatever order it is in."""

from __future__ import annotations

import gzip
from collections import Counter

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way

from geo.errors import LayerError
from geo.layers.osm import sections as rooms
from geo.layers.osm.layers import read_extract

from ..extract import write_country  # noqa: TID252 - tests are no package

LAYERS = ("villages", "points", "areas:6", "roads")
NODE = [Node(id=n, location=(100 + x, 10 + y)) for n, (x, y) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)], 1)]
SHOP = Node(id=9, location=(100.5, 12), tags={"amenity": "post_office", "name": "Nút"})
WAY = Way(id=5, nodes=[1, 2, 3, 4, 1], tags={"amenity": "post_office", "name": "Đường"})
RING = Way(id=4, nodes=[1, 2, 3, 1])
RELATION = Relation(
    id=2, members=[("w", 4, "outer")], tags={"type": "multipolygon", "amenity": "post_office", "name": "Vùng"}
)


def written(path, *things, sorting=None):
    """Write objects in the order given; with `sorting` the header says that they are sorted."""
    header = osmium.io.Header()
    if sorting:
        header.set("sorting", sorting)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for thing in things:
            writer.add(thing)
    return path


def points(path):
    rows, findings = read_extract(path, "points")
    assert not findings
    spots = rows.geometry.get_coordinates().round(6).to_numpy().tolist()
    return dict(zip(rows["name"], map(tuple, spots), strict=True))


def answers(path):
    return {layer: read_extract(path, layer) for layer in LAYERS}


ORDERS = {
    "as they should be": [*NODE, SHOP, RING, WAY, RELATION],
    "relations first, as Overpass gives them": [RELATION, RING, WAY, *NODE, SHOP],
    "kinds in turn": [NODE[0], RING, NODE[1], RELATION, *NODE[2:], WAY, SHOP],
}


@pytest.mark.parametrize("ending", [".osm.pbf", ".osm", ".osm.gz", ".osm.bz2"])
@pytest.mark.parametrize("order", ORDERS)
def test_kinds_may_come_in_any_order(tmp_path, order, ending):
    found = points(written(tmp_path / f"x{ending}", *ORDERS[order]))
    assert found.keys() == {"Nút", "Đường", "Vùng"}
    assert found["Nút"] == (100.5, 12)
    assert found["Đường"] == (100.5, 10.5)
    assert found == points(written(tmp_path / "sorted.osm.pbf", *ORDERS["as they should be"]))


@pytest.mark.parametrize("ending", [".osm", ".osm.gz"])
def test_ids_of_xml_may_come_in_any_order_too(tmp_path, ending):
    backwards = written(tmp_path / f"x{ending}", *reversed(ORDERS["as they should be"]))
    assert points(backwards) == points(written(tmp_path / "sorted.osm.pbf", *ORDERS["as they should be"]))


def test_ways_out_of_order_are_told_with_the_remedy_where_they_are_not_sorted_here(tmp_path, monkeypatch):
    backwards = reversed(ORDERS["as they should be"])
    binary = written(tmp_path / "x.osm.pbf", *backwards)
    with pytest.raises(LayerError, match=r"x\.osm\.pbf cannot be read .*out of order: \d+\. Sort it: osmium sort\.$"):
        read_extract(binary, "points")
    xml = written(tmp_path / "x.osm.gz", *reversed(ORDERS["as they should be"]))
    monkeypatch.setattr(rooms, "_SORTED_XML", len(gzip.decompress(xml.read_bytes())) - 1)
    with pytest.raises(LayerError, match=r"x\.osm\.gz cannot be read .*out of order: \d+\. Sort it: osmium sort\.$"):
        read_extract(xml, "points")
    monkeypatch.setattr(rooms, "_SORTED_XML", len(gzip.decompress(xml.read_bytes())))
    assert len(points(xml)) == 3


def test_large_xml_is_read_without_being_sorted(tmp_path, monkeypatch):
    small = answers(write_country(tmp_path / "country.osm"))
    monkeypatch.setattr(rooms, "_SORTED_XML", 0)
    for layer, (rows, findings) in answers(tmp_path / "country.osm").items():
        assert rows.equals(small[layer][0])
        assert findings == small[layer][1]


@pytest.mark.parametrize("order", [name for name in ORDERS if name != "as they should be"])
def test_a_header_that_lies_about_the_order_is_found_out(tmp_path, order):
    path = written(tmp_path / "x.osm.pbf", *ORDERS[order], sorting="Type_then_ID")
    with pytest.raises(LayerError, match=r"out of order, though its header says .*Sort it: osmium sort\.$"):
        read_extract(path, "points")


def many(sorting):
    """Give 17,000 nodes, 9,000 ways and 9,000 relations: some blocks of each kind."""
    nodes = [Node(id=n, location=(n / 1e3, 10), tags={"place": "village", "name": f"{n}"}) for n in range(1, 17_001)]
    ways = [Way(id=n, nodes=[n, n + 1, n + 2], tags={"amenity": "post_office"}) for n in range(1, 9_001)]
    relations = [Relation(id=n, members=[("w", n, "")], tags={"type": "route"}) for n in range(1, 9_001)]
    return [*nodes, *ways, *relations] if sorting else [*relations, *ways, *nodes]


@pytest.mark.parametrize("sorting", ["Type_then_ID", None])
def test_each_block_is_read_once_and_those_of_ways_twice(tmp_path, monkeypatch, sorting):
    path = written(tmp_path / "x.osm.pbf", *many(sorting), sorting=sorting)
    read = Counter()
    kind = {}

    def counted(stream, blob, whole=rooms.content_of):
        content = whole(stream, blob)
        read[blob.start] += 1
        kind[blob.start] = max(rooms.kinds_of(content), default=None)
        return content

    monkeypatch.setattr(rooms, "content_of", counted)
    assert len(read_extract(path, "points")[0]) == 9_000
    times = {0: 1, 1: 2, 2: 1, None: 1}
    if sorting is None:  # each is looked at once more, to find the kinds
        times = {0: 2, 1: 3, 2: 2, None: 1}
        assert read == {start: times[kind[start]] for start in read}
    else:  # but for the few that bisection looks at
        more = sum(read.values()) - sum(times[kind[start]] for start in read)
        assert 0 < more <= 2 * 3 * len(read).bit_length()
    assert Counter(kind.values()) == {None: 1, 0: 3, 1: 2, 2: 2}


def test_blocks_without_objects_are_passed_over(tmp_path):
    """A block of no objects stands among those of the others; bisection meets it wherever it is."""
    path = written(tmp_path / "x.osm.pbf", *ORDERS["as they should be"], sorting="Type_then_ID")
    whole = path.read_bytes()
    expected = points(path)
    with path.open("rb") as stream:
        starts = [0, *(blob.start + blob.size for blob in rooms.blobs_of(stream))]
    empty = rooms.raw_blob(b"\x0a\x02\x0a\x00")
    for place in starts[1:]:
        path.write_bytes(whole[:place] + empty + whole[place:])
        assert points(path) == expected
    path.write_bytes(whole[: starts[1]] + empty * 3000)
    assert points(path) == {}
