import json

import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.layers.coordinates.geometry_text import read_geometries

POINT = shapely.Point(108.9886, 11.5643)
EWKB = shapely.to_wkb(shapely.set_srid(POINT, 9217), hex=True, include_srid=True)


@pytest.mark.parametrize(
    ("cell", "srids"),
    [
        (POINT.wkt, ()),
        ("point(108.9886 11.5643)", ()),
        (f"SRID=4326;{POINT.wkt}", (4326,)),
        (POINT.wkb_hex, ()),
        (POINT.wkb_hex.lower(), ()),
        ("\\x" + POINT.wkb_hex, ()),
        (POINT.wkb, ()),
        (EWKB, (9217,)),
        (shapely.to_geojson(POINT), (4326,)),
        (json.dumps({"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(POINT))}), (4326,)),
    ],
)
def test_a_geometry_is_read_in_every_writing_with_the_system_it_tells(cell, srids):
    read = read_geometries(pd.Series([cell, None], dtype=object))
    assert read.geometry.tolist() == [POINT, None]
    assert (read.srids, read.unreadable.tolist()) == (srids, [False, False])
    assert shapely.get_srid(read.geometry[0]) == 0


@pytest.mark.parametrize(
    "cell",
    [
        "there",
        "POINT(1",
        "01010000",
        POINT.wkb_hex[:-4],
        "{}",
        '{"type": "Point"',
        "[" * 2000,
        '{"a":' * 2000 + "1" + "}" * 2000,
        "CIRCULARSTRING(0 0,1 1,2 0)",
        "GEOMETRYCOLLECTION(POINT(1 1),CIRCULARSTRING(0 0,1 1,2 0))",
    ],
)
def test_what_is_no_geometry_or_a_curve_is_unreadable_and_loses_no_other_row(cell):
    read = read_geometries(pd.Series([POINT.wkt, cell, POINT.wkb_hex, ""]))
    assert read.geometry.tolist() == [POINT, None, POINT, None]
    assert read.unreadable.tolist() == [False, True, False, False]


def test_several_systems_are_all_told():
    assert read_geometries(pd.Series(["SRID=4326;POINT(1 2)", EWKB])).srids == (4326, 9217)


@given(st.one_of(st.text(max_size=40), st.binary(max_size=40)))
def test_no_text_and_no_bytes_break_the_reader(cell):
    read = read_geometries(pd.Series([cell], dtype=object))
    filled = bool(cell) if isinstance(cell, bytes) else bool(cell.strip())
    assert read.unreadable[0] == (filled and read.geometry[0] is None)
