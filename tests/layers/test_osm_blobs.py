"""Texts with a null byte, on which osmium loses step, are refused in raw and in deflated blobs; sound files are not."""

from __future__ import annotations

import zlib

import osmium
import pytest
from osmium.osm.mutable import Node

from geo.errors import LayerError
from geo.layers.osm.blobs import NODES
from geo.layers.osm.sections import sections_of
from geo.layers.read import open_source

from ..extract import write_country  # noqa: TID252 - tests are no package


def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(kind, content, *, deflated):
    """Write one blob as the format has it, independently of what reads it."""
    packed = varint(2 << 3) + varint(len(content)) + field(3, zlib.compress(content)) if deflated else field(1, content)
    header = field(1, kind) + varint(3 << 3) + varint(len(packed))
    return len(header).to_bytes(4, "big") + header + packed


def extract(texts, *, deflated):
    """Write an extract of one node at 1 N 2 E, whose tags are the texts, two by two."""
    table = b"".join(field(1, text) for text in (b"", *texts))
    keys = bytes(range(1, len(texts) + 1, 2))
    values = bytes(range(2, len(texts) + 1, 2))
    place = varint(8 << 3) + varint(2 * 10_000_000) + varint(9 << 3) + varint(2 * 20_000_000)
    node = varint(1 << 3) + varint(2 * 7) + field(2, keys) + field(3, values) + place
    header = field(4, b"OsmSchema-V0.6")
    data = field(1, table) + field(2, field(1, node))
    return blob(b"OSMHeader", header, deflated=deflated) + blob(b"OSMData", data, deflated=deflated)


def read_whole(file):
    """Read all nodes of a file, as :func:`gather` does it, without a wish."""
    with sections_of(file) as sections:
        sections.read(NODES)


@pytest.mark.parametrize("deflated", [False, True])
def test_a_text_with_a_null_byte_is_refused_and_an_empty_one_is_not(tmp_path, deflated):
    file = tmp_path / "x.osm.pbf"
    sound = [b"place", b"village", b"name", "Thôn Một".encode(), b"note", b""]
    file.write_bytes(extract(sound, deflated=deflated))
    rows = open_source(f"{file}::villages").rows
    assert rows[["id", "name"]].to_numpy().tolist() == [["n7", "Thôn Một"]]
    assert (rows.geometry.x[0], rows.geometry.y[0]) == (2, 1)
    for place, text in enumerate(sound):
        hostile = [*sound[:place], text[:1] + b"\0" + text[1:], *sound[place + 1 :]]
        file.write_bytes(extract(hostile, deflated=deflated))
        with pytest.raises(LayerError, match=r"x\.osm\.pbf cannot be read as OpenStreetMap: a text in it holds a null"):
            open_source(f"{file}::villages")


def test_a_newline_before_the_null_byte_does_not_hide_it(tmp_path):
    file = tmp_path / "x.osm.pbf"
    file.write_bytes(extract([b"place", b"village", b"name", b"\n\0"], deflated=True))
    with pytest.raises(ValueError, match="null byte"):
        read_whole(file)


@pytest.mark.parametrize("options", ["pbf_compression=none", "pbf_compression=zlib", "pbf_dense_nodes=false"])
def test_what_osmium_writes_is_sound(tmp_path, options):
    file = osmium.io.File(str(tmp_path / "x.osm.pbf"))
    file.parse_format(f"pbf,{options}")
    with osmium.SimpleWriter(file) as writer:
        for number in range(1, 20_000):
            tags = {"name": f"Làng {number}", "note": ""}
            writer.add_node(Node(id=number, location=(number / 1000, 1), tags=tags, user="ai"))
    read_whole(tmp_path / "x.osm.pbf")


@pytest.mark.parametrize("kind", [b"OSMHeader", b"OSMData"])
def test_another_packing_is_refused_with_the_remedy(tmp_path, kind):
    content = field(6, b"anything")
    header = field(1, kind) + varint(3 << 3) + varint(len(content))
    packed = len(header).to_bytes(4, "big") + header + content
    sound = b"" if kind == b"OSMHeader" else blob(b"OSMHeader", field(4, b"OsmSchema-V0.6"), deflated=True)
    (tmp_path / "x.osm.pbf").write_bytes(sound + packed)
    with pytest.raises(LayerError, match=r"other than zlib; pack them anew by osmium cat"):
        open_source(f"{tmp_path}/x.osm.pbf::points")


@pytest.mark.parametrize("cut", [1, 10, 200, -1])
def test_a_file_that_ends_early_is_told(tmp_path, cut):
    file = write_country(tmp_path / "country.osm.pbf")
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(ValueError, match=r"no sequence of|ends in the middle of a blob|longer than its blob|no end"):
        read_whole(file)
