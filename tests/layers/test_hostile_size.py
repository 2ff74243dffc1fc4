"""Files that are too large, too wide or too crowded: bounded memory and time, measured in a child with limits."""

from __future__ import annotations

import re
import zipfile

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo.errors import LayerError
from geo.layers.files import sheet_extent
from geo.layers.read import open_source

from .harm import POINT, SHEET, children, features, in_sheet, put_workbook

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


def test_millions_of_blank_lines_take_no_memory(tmp_path):
    head, blank = b"name,lat,lon\nAn,20,105\n", b"\n" * 5_000_000
    for name, between in (("v.csv", blank), ("few.csv", b"\n")):
        (tmp_path / name).write_bytes(head + between + b"Cam,20,105.5\n")
    many, few = children([tmp_path / "v.csv"]) + children([tmp_path / "few.csv"])
    assert (many["rows"], few["rows"]) == (2, 2)
    assert many["peak"] - few["peak"] < 30 * len(blank)


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
    text = 101 << 20
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


def put_opendocument(path, rows):
    """Write a sheet of OpenDocument, its rows as they stand in its markup."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    start = f"<office:document-content {names}><office:body><office:spreadsheet><table:table table:name='S'>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        end = "</table:table></office:spreadsheet></office:body></office:document-content>"
        archive.writestr("content.xml", start + "".join(rows) + end)
    return path


def repeated(what, content, times):
    """Write a row or a cell of OpenDocument that is there several times."""
    of = "rows" if what == "row" else "columns"
    kind = "" if what == "row" or not content else ' office:value-type="string"'
    return f'<table:table-{what} table:number-{of}-repeated="{times}"{kind}>{content}</table:table-{what}>'


def row(*texts, times=1):
    return repeated("row", "".join(repeated("cell", text and f"<text:p>{text}</text:p>", 1) for text in texts), times)


def put_shared(path, cells, text="a" * 1_000_000):
    """Write a workbook whose one long text is that of many cells."""
    texts = [b"<sst>", *(f"<si><t>{one}</t></si>".encode() for one in ("name", "lat", "lon", text)), b"</sst>"]
    refers = "".join(f'<row><c t="s"><v>3</v></c><c><v>20.5</v></c><c><v>{lon}</v></c></row>' for lon in range(cells))
    head = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>'
    sheet = f"<worksheet><sheetData>{head}{refers}</sheetData></worksheet>".encode()
    return put_workbook(
        path, lambda name, content: sheet if name == SHEET else content, [("xl/sharedStrings.xml", b"".join(texts))]
    )


def test_a_long_text_that_stands_once_for_many_cells_is_refused_before_it_fills_the_memory(tmp_path):
    head, long = row("name", "lat", "lon"), "a" * 200_000
    text = pa.array([0] * 30_000, pa.int32())
    places = {"lat": np.full(30_000, 20.5), "lon": np.full(30_000, 105.5)}
    table = pa.table({"name": pa.DictionaryArray.from_arrays(text, ["a" * 1_000_000]), **places})
    pq.write_table(table, tmp_path / "categories.parquet")
    pq.write_table(table.set_column(0, "name", text), tmp_path / "sound.parquet")
    plain = table.schema.set(0, pa.field("name", pa.string())).remove_metadata()
    with pq.ParquetWriter(tmp_path / "text.parquet", plain, store_schema=False) as out:
        out.write_table(table.slice(0, 100).cast(plain))
    many = [put_opendocument(tmp_path / "rows.ods", [head, row(long, "20.5", "105.5", times=100_000)])]
    cells = repeated("cell", f"<text:p>{long}</text:p>", 16_000)
    many += [put_opendocument(tmp_path / "cells.ods", [head, repeated("row", cells, 1)])]
    many += [put_shared(tmp_path / "v.xlsx", 30_000), tmp_path / "categories.parquet"]
    sound = [
        put_opendocument(tmp_path / "v.ods", [head, row("An", "20.5", "105.5", times=3), row("", times=1_000_000)])
    ]
    sound += [put_shared(tmp_path / "v2.xlsx", 3, "An"), tmp_path / "sound.parquet", tmp_path / "text.parquet"]
    answers = children([*many, *sound], most_bytes=3 * GB)
    for file, answer in zip(many, answers, strict=False):
        assert file.name in answer["error"]
        assert "a long text" in answer["error"]
        assert answer["peak"] < GB // 2
    assert [answer.get("rows", answer) for answer in answers[len(many) :]] == [3, 3, 30_000, 100]


def test_cells_of_nothing_are_bounded_by_what_the_markup_could_fill(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_extent, "_MOST_EMPTY", 1_000)
    head, far = row("name", "lat", "lon"), row("An", "20.5", "105.5")
    sparse = put_opendocument(tmp_path / "v.ods", [head, row("", times=400), far])
    with pytest.raises(
        LayerError, match=r"v\.ods has 1,206 cells in its sheets \(content\.xml\): cells stand far away"
    ):
        open_source(sparse)
    full = put_opendocument(tmp_path / "full.ods", [head, *[far] * 400])
    assert open_source(full).rows.index.tolist() == [*range(2, 402)]
    ended = put_opendocument(tmp_path / "ended.ods", [head, row("", times=9), far, row("", times=1_000_000)])
    assert open_source(ended).rows.index.tolist() == [11]
    stray = put_workbook(tmp_path / "v.xlsx", lambda _, content: re.sub(rb' r="([A-C]?)4"', rb' r="\g<1>400"', content))
    with pytest.raises(LayerError, match=r"v\.xlsx has a sheet .* of 400 rows by 3 columns: cells stand far away"):
        open_source(stray)
    monkeypatch.setattr(sheet_extent, "_MOST_EMPTY", 10_000)
    assert open_source(stray).rows.index.tolist() == [2, 3, 400]
    monkeypatch.setattr(sheet_extent, "_MOST_TOGETHER", 1_000)
    with pytest.raises(LayerError, match=r"v\.xlsx has sheets of 1,200 cells together: cells stand far away"):
        open_source(stray)


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


def test_a_polygon_of_a_quarter_million_vertices_and_rings_that_touch_themselves_are_areas(tmp_path):
    turn = np.linspace(0, 2 * np.pi, 250_001)
    radius = 0.5 + 0.01 * np.sin(turn * 5000)
    star = shapely.Polygon(np.column_stack([105 + radius * np.cos(turn), 20 + radius * np.sin(turn)]))
    touching = shapely.Polygon([(106, 20), (107, 20), (107, 21), (106.5, 20), (106, 21)])
    gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[star, touching], crs=4326).to_file(tmp_path / "a.gpkg")
    (answer,) = children([tmp_path / "a.gpkg"], kind="areas")
    assert (answer["rows"], "invalid_geometry" in answer["faults"]) == (2, True)
    assert answer["cpu_seconds"] < 10


def test_features_beyond_counting_are_named_by_their_first_rows(tmp_path):
    text = features(*[{"type": "Feature", "properties": {}, "geometry": {**POINT, "type": "Curve"}}] * 1000)
    (tmp_path / "v.geojson").write_text(text, "utf-8")
    (answer,) = children([tmp_path / "v.geojson"])
    assert "error" in answer or "empty_geometry" in answer["faults"]
