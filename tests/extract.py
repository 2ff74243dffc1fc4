"""A country of two provinces as an OpenStreetMap extract, small enough to be counted on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import osmium
from osmium.osm.mutable import Node, Relation, Way

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2024-01-31"
WEST, MIDDLE, EAST = 108.0, 108.4, 108.6
SOUTH, NORTH = 11.0, 11.2
HOLE = (108.28, 11.08, 108.32, 11.12)
POST = {"amenity": "post_office"}

# Borders by name: straight pieces between the corners of a row of rectangles, and one ring inside.
_CUTS = (108.0, 108.1, 108.2, 108.4, 108.6)
BORDERS = {
    **{f"b{n}": [(_CUTS[n], SOUTH), (_CUTS[n + 1], SOUTH)] for n in range(4)},
    **{f"t{n}": [(_CUTS[n], NORTH), (_CUTS[n + 1], NORTH)] for n in range(4)},
    **{f"v{n}": [(_CUTS[n], SOUTH), (_CUTS[n], NORTH)] for n in range(5)},
    "ring": [(108.28, 11.08), (108.32, 11.08), (108.32, 11.12), (108.28, 11.12), (108.28, 11.08)],
}
AREAS = {
    1: ("2", "Việt Nam", "b0 b1 b2 b3 v4 t3 t2 t1 t0 v0", {"name:en": "Vietnam"}),
    100: ("4", "Tỉnh Ninh Thuận", "b0 b1 b2 v3 t2 t1 t0 v0", {"name:en": "Ninh Thuan Province"}),
    101: ("6", "Ninh Hải", "b0 b1 v2 t1 t0 v0", {}),
    102: ("6", "Ninh Sơn", "b2 v3 t2 v2 ring", {"alt_name": "Krông Pha;Tân Sơn"}),
    103: ("6", "Phan Rang", "ring", {}),
    104: ("6", "Bác Ái", "b0", {}),
    105: ("6", "Thuận Bắc", "b0 missing", {}),
    200: ("4", "Tỉnh Khánh Hòa", "b3 v4 t3 v3", {}),
    201: ("6", "Thanh Hải", "b3 v4 t3 v3", {}),
    301: ("8", "Thanh Hải", "b0 v1 t0 v0", {}),
    302: ("8", "Thành Hải", "b1 v2 t1 v1", {}),
}
_NODES = {
    1001: (108.05, 11.05, {**POST, "name": "Bưu cục Một"}),
    1002: (108.45, 11.1, POST),
    1003: (108.58, 11.1, POST),
    1004: (108.06, 11.05, {"amenity": "post_box"}),
    2001: (108.05, 11.1, {"place": "village", "name": "Thôn An", "population": "1.200"}),
    2002: (108.15, 11.1, {"place": "hamlet", "name": "Mỹ Hòa", "name:en": "My Hoa", "population": "300"}),
    2003: (108.3, 11.1, {"place": "town", "name": "Phan Rang", "population": "50.000"}),
    2004: (108.011, 11.011, {"place": "village", "name": "Vĩnh Hy"}),
    2006: (108.31, 11.1, {"place": "suburb", "name": "Phủ Hà"}),
    2007: (108.22, 11.02, {"place": "isolated_dwelling"}),
    2008: (108.5, 11.1, {"place": "village", "name": "Cam Ranh"}),
    2009: (108.23, 11.02, {"place": "locality", "name": "Núi"}),
    2010: (108.23, 11.03, {"highway": "bus_stop"}),
}


def _box(west: float, south: float, size: float) -> list[tuple[float, float]]:
    east, north = west + size, south + size
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


# A building whose middle is its yard: a U, open to the north.
U = [(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3), (0, 0)]
_WAYS = {
    50: ([(108.25 + x * 1e-3, 11.05 + y * 1e-3) for x, y in U], {**POST, "name": "Bưu điện chữ U"}),
    51: (_box(108.35, 11.15, 0.003), POST),
    52: (_box(108.351, 11.151, 0.001), {}),
    60: (_box(108.01, 11.01, 0.01), {"place": "village", "name": "Vĩnh Hy", "population": "800"}),
    61: (_box(108.03, 11.01, 0.01), {"place": "hamlet", "name": "Bình Tiên"}),
    62: (_box(108.05, 11.01, 0.01), {}),
    70: ([(108.01, 11.15), (108.02, 11.15), (108.03, 11.16)], {"highway": "primary", "oneway": "-1", "name": "QL1"}),
    71: (_box(108.03, 11.16, 0.001), {"highway": "residential", "junction": "roundabout"}),
    72: ([(108.03, 11.16), (108.05, 11.16)], {"highway": "residential"}),
    73: ([(108.05, 11.16), (108.06, 11.16), None], {"highway": "track"}),
    74: ([None, (108.07, 11.16)], {"highway": "path"}),
}
_RELATIONS = {
    400: ([51, 52], {"type": "multipolygon", **POST, "name": "Bưu điện có sân"}),
    401: ([998], {"type": "multipolygon", **POST}),
    402: ([51], {"type": "site", **POST}),
    410: ([62], {"type": "boundary", "place": "village", "name": "Tri Thủy"}),
}
_MISSING = 999_999


def write_country(path: Path, *, compressed: bool = True) -> Path:
    """Write the country to a file of the format that its name tells."""
    ways = {number: (line, {}) for number, line in enumerate(BORDERS.values(), 1)}
    names = {name: number for number, name in enumerate(BORDERS, 1)} | {"missing": 999}
    # Rings of administrative areas usually carry the tags of the boundary too.
    ways[names["ring"]] = (BORDERS["ring"], {"boundary": "administrative", "admin_level": "6"})
    ways |= _WAYS
    spots = {spot: n for n, spot in enumerate(dict.fromkeys(s for line, _ in ways.values() for s in line if s), 1)}
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", f"{DAY}T21:20:02Z")
    file = osmium.io.File(str(path))
    if not compressed and path.suffix == ".pbf":
        file.parse_format("pbf,pbf_compression=none")
    with osmium.SimpleWriter(file, header=header) as writer:
        for spot, number in spots.items():
            writer.add_node(Node(id=number, location=spot))
        for number, (lon, lat, tags) in _NODES.items():
            writer.add_node(Node(id=number, location=(lon, lat), tags=tags))
        for number, (line, tags) in sorted(ways.items()):
            writer.add_way(Way(id=number, nodes=[spots[s] if s else _MISSING for s in line], tags=tags))
        for number, (level, name, borders, more) in AREAS.items():
            members = [
                ("w", names[one], "inner" if one == "ring" and number == 102 else "outer") for one in borders.split()
            ]
            tags = {"type": "boundary", "boundary": "administrative", "admin_level": level, "name": name, **more}
            writer.add_relation(Relation(id=number, members=members, tags=tags))
        for number, (members, tags) in _RELATIONS.items():
            writer.add_relation(Relation(id=number, members=[("w", one, "") for one in members], tags=tags))
    return path
