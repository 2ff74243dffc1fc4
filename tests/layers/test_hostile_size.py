"""Files that are too large, too wide or too crowded: bounded memory and time, measured in a child with limits."""

from __future__ import annotations

import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely

from .harm import POINT, children, features, in_sheet, put_workbook

GB = 1 << 30


def put_long(path, head, tail, *, bytes_of_text):
    """Write a head, letters up to a size, and a tail."""
    with path.open("wb") as stream:
        stream.write(head)
        block = b"a" * (1 << 20)
        for _ in range(bytes_of_text >> 20):
            stream.write(block)
        stream.write(tail)
    return path


def test_a_text_of_two_gigabytes_is_refused_in_little_memory(tmp_path):
    table = put_long(tmp_path / "v.csv", b"name,lat,lon\nA", b",20,105\n", bytes_of_text=2 * GB)
    try:
        (answer,) = children([table], most_bytes=3 * GB)
    finally:
        table.unlink()
    assert "v.csv is larger than 1 GB. Save it as Parquet or GeoPackage" in answer["error"]
    assert answer["peak"] < GB // 2


@pytest.mark.parametrize("name", ["v.csv", "v.geojson", "v.kml", "v.geojsonl"])
def test_a_text_of_more_than_a_hundred_megabytes_ends_within_limits(tmp_path, name):
    point = '"geometry": {"type": "Point", "coordinates": [105, 20]}}'
    ends = {
        "v.csv": (b"name,lat,lon\nA", b",20,105\n"),
        "v.geojson": (b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"n": "',
                      f'"}}, {point}]}}'.encode()),
        "v.geojsonl": (b'{"type": "Feature", "properties": {"n": "', f'"}}, {point}\n'.encode()),
        "v.kml": (b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>', b"</name></Placemark></kml>"),
    }  # fmt: skip
    text = 128 << 20
    path = put_long(tmp_path / name, *ends[name], bytes_of_text=text)
    try:
        (answer,) = children([path], most_bytes=4 * GB)
    finally:
        path.unlink()
    assert "error" in answer or answer["rows"] <= 1
    assert answer["peak"] < 10 * text


def test_a_cell_of_a_gigabyte_in_a_workbook_is_refused_before_it_is_unpacked(tmp_path):
    marked = put_workbook(tmp_path / "a.xlsx", in_sheet(b"<t>An</t>", b"<t>\0</t>"))
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(marked) as old, zipfile.ZipFile(tmp_path / "v.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            with new.open(name, "w") as stream:
                before, mark, after = old.read(name).partition(b"\0" if name == sheet else b"\xff\xff\xff\xff")
                stream.write(before)
                for _ in range(256 if mark else 0):
                    stream.write(b"a" * (1 << 20))
                stream.write(after)
    (answer,) = children([tmp_path / "v.xlsx"], most_bytes=2 * GB)
    assert "holds a text of more than 4 MB" in answer["error"]


def test_a_hundred_thousand_columns_are_refused_and_five_thousand_read(tmp_path):
    for name, columns in (("wide.csv", 100_000), ("v.csv", 5_000)):
        head = ",".join(f"c{number}" for number in range(columns))
        (tmp_path / name).write_text(f"lat,lon,{head}\n20,105{',1' * columns}\n", "utf-8")
    wide, narrower = children([tmp_path / "wide.csv", tmp_path / "v.csv"])
    assert "line 1 cannot be read: a line of 100,002 columns. Check delimiter and quotes" in wide["error"]
    assert narrower["rows"] == 1


def test_overlapping_merges_fill_each_cell_once(tmp_path):
    merges = b"</sheetData><mergeCells>" + b'<mergeCell ref="A2:A1048576"/>' * 100_000 + b"</mergeCells>"
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(5, 30_000))
    path = put_workbook(tmp_path / "v.xlsx", in_sheet(b"</sheetData>", rows + merges))
    (answer,) = children([path])
    assert answer["seconds"] < 20


def test_a_million_villages_on_one_spot_are_told_once_and_measured(tmp_path):
    (tmp_path / "v.csv").write_text("name,lat,lon\n" + "A,20,105\n" * 1_000_000, "utf-8")
    (answer,) = children([tmp_path / "v.csv"])
    assert (answer["rows"], answer["seconds"] < 40) == (1_000_000, True)
    assert "duplicate_position" in answer["faults"]


def test_a_polygon_of_a_million_vertices_and_rings_that_touch_themselves_are_areas(tmp_path):
    turn = np.linspace(0, 2 * np.pi, 1_000_001)
    radius = 0.5 + 0.01 * np.sin(turn * 5000)
    star = shapely.Polygon(np.column_stack([105 + radius * np.cos(turn), 20 + radius * np.sin(turn)]))
    touching = shapely.Polygon([(106, 20), (107, 20), (107, 21), (106.5, 20), (106, 21)])
    gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[star, touching], crs=4326).to_file(tmp_path / "a.gpkg")
    (answer,) = children([tmp_path / "a.gpkg"], kind="areas")
    assert (answer["rows"], "invalid_geometry" in answer["faults"]) == (2, True)
    assert answer["seconds"] < 40


def test_features_beyond_counting_are_named_by_their_first_rows(tmp_path):
    text = features(*[{"type": "Feature", "properties": {}, "geometry": {**POINT, "type": "Curve"}}] * 1000)
    (tmp_path / "v.geojson").write_text(text, "utf-8")
    (answer,) = children([tmp_path / "v.geojson"])
    assert "error" in answer or "empty_geometry" in answer["faults"]
