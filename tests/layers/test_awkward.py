"""Files that take a reader long, or that it describes in words of its own: one line that a person can act on."""

from __future__ import annotations

import logging
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo.errors import LayerError
from geo.layers.coordinates.pairs import split_pair
from geo.layers.read import open_source

from .harm import KML, ROWS, feature, features, in_sheet, put_workbook


def test_a_stray_cell_far_to_the_right_makes_one_column_and_not_thousands(tmp_path):
    path = put_workbook(tmp_path / "v.xlsx", in_sheet(b'r="C3"', b'r="XFD3"'))
    rows = open_source(path).rows
    assert rows.columns.tolist() == ["name", "lat", "lon", "column 16384"]
    assert rows["column 16384"].dropna().tolist() == [105.75]


@pytest.mark.parametrize("told", ["4294967295", "99999999999999999999999"])
def test_a_workbook_that_tells_of_more_texts_than_it_has_is_refused_before_room_is_made(tmp_path, told):
    texts = f'<x:sst xmlns:x="x" count="1" uniqueCount="{told}"></x:sst>'.encode()
    path = put_workbook(tmp_path / "v.xlsx", extra=[("xl/sharedStrings.xml", texts)])
    with pytest.raises(LayerError, match=r"v\.xlsx is no spreadsheet that can be read: it tells of [\d,]+ texts"):
        open_source(path)


def test_a_cell_without_its_row_is_told_in_one_sentence(tmp_path):
    with pytest.raises(LayerError, match=r"v\.xlsx is no spreadsheet .* row component\)\. Save it again"):
        open_source(put_workbook(tmp_path / "v.xlsx", in_sheet(b'r="B2"', b'r="B0"')))


def test_a_description_of_an_index_that_is_nested_without_end_is_damage(tmp_path):
    table = pa.table({"name": ["a"], "lat": [20.0]}).replace_schema_metadata({"pandas": "[" * 100_000})
    pq.write_table(table, tmp_path / "v.parquet")
    with pytest.raises(LayerError, match=r"v\.parquet cannot be read: .*recursion"):
        open_source(tmp_path / "v.parquet")


def test_a_shapefile_without_its_index_is_told_by_its_own_name(tmp_path):
    ROWS.to_file(tmp_path / "v.shp")
    with zipfile.ZipFile(tmp_path / "v.zip", "w") as archive:
        archive.write(tmp_path / "v.shp", "v.shp")
    with pytest.raises(LayerError, match=r"its part \.shx is not beside it") as error:
        open_source(tmp_path / "v.zip")
    assert str(error.value).startswith(f"{tmp_path}/v.zip cannot be read")


def test_a_file_of_many_layers_is_not_opened_for_each(tmp_path, monkeypatch):
    folder = "<Folder><name>f{}</name><Placemark><Point><coordinates>105,20</coordinates></Point></Placemark></Folder>"
    start, _, rest = KML.partition("<Placemark>")
    text = start + "".join(folder.format(number) for number in range(150)) + rest.rpartition("</Placemark>")[2]
    (tmp_path / "v.kml").write_text(text, "utf-8")
    monkeypatch.setattr("pyogrio.read_info", lambda *_, **__: pytest.fail("it is opened"))
    with pytest.raises(LayerError, match=r"several layers: f0, f1, .* … \+130\. Name one, as .*v\.kml::f0"):
        open_source(tmp_path / "v.kml")


def test_a_system_with_a_name_without_end_is_told_by_its_beginning(tmp_path, caplog):
    crs = {"type": "name", "properties": {"name": "EPSG:" + "9" * 5000}}
    text = features(feature()).replace('"features"', f'"crs": {crs}, "features"'.replace("'", '"'))
    (tmp_path / "v.geojson").write_text(text, "utf-8")
    with caplog.at_level(logging.WARNING, logger="geo"):
        assert open_source(tmp_path / "v.geojson").crs is None
    (told,) = [record.getMessage() for record in caplog.records]
    assert "99…' says nothing" in told.replace("',", "'")
    assert len(told) < 300


def test_a_long_text_is_no_pair_and_is_not_parted_everywhere():
    assert split_pair("1 " * 100_000) is None
