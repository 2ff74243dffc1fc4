import tomllib

import openpyxl
import pytest

from geo.errors import OutputError
from geo.layers.check import check_layers
from geo.layers.layer import read_layer
from geo.layers.starter import write_starter

FOUND = {
    "villages": {
        "village_id": "Mã thôn / Village id",
        "name": "Tên thôn / Village name",
        "population": "Dân số / Population",
        "lon": "Kinh độ / Longitude",
        "lat": "Vĩ độ / Latitude",
    },
    "points": {
        "point_id": "Mã điểm / Point id",
        "name": "Tên điểm / Point name",
        "kind": "Loại điểm / Kind",
        "lon": "Kinh độ / Longitude",
        "lat": "Vĩ độ / Latitude",
    },
}
FILLED = {
    "villages": ["1", "Thôn Một", 250, 109.0, 11.5, "có"],
    "points": ["p1", "Bưu cục", "post_office", 109.0, 11.5],
}


@pytest.mark.parametrize("tables", ["csv", "xlsx"])
def test_the_study_file_names_tables_whose_headers_are_known(tmp_path, tables):
    files = write_starter(tmp_path / "mine", tables=tables)
    assert files[0] == tmp_path / "mine/study.toml"
    assert sorted(files) == sorted((tmp_path / "mine").iterdir())
    study = tomllib.loads(files[0].read_text("utf-8"))
    assert study["title"] == {"vi": "mine", "en": "mine"}
    for kind, columns in FOUND.items():
        layer = read_layer(kind, tmp_path / "mine" / study[kind]["file"])
        assert layer.columns == columns
        assert [f.fault for f in check_layers({kind: layer})] == ["no_rows"]
        assert kind == "points" or study["coverage"]["fibre"]["column"] in layer.own


def test_tables_filled_in_as_text_are_read(tmp_path):
    write_starter(tmp_path)
    for kind, cells in FILLED.items():
        with (tmp_path / f"{kind}.csv").open("a", encoding="utf-8") as stream:
            stream.write(",".join(map(str, cells)) + "\n")
        check_filled(kind, read_layer(kind, tmp_path / f"{kind}.csv"))


def test_a_workbook_filled_in_is_read(tmp_path):
    write_starter(tmp_path, tables="xlsx")
    book = openpyxl.load_workbook(tmp_path / "layers.xlsx")
    for kind, cells in FILLED.items():
        book[kind].append(cells)
    book.save(tmp_path / "layers.xlsx")
    for kind in FILLED:
        check_filled(kind, read_layer(kind, f"{tmp_path}/layers.xlsx::{kind}"))


def check_filled(kind, layer):
    row = layer.table.loc[2]
    assert (row.geometry.x, row.geometry.y) == (109, 11.5)
    assert row["name"] == FILLED[kind][1]
    assert check_layers({kind: layer}) == []


def test_a_spreadsheet_program_is_told_that_the_tables_are_utf_8(tmp_path):
    write_starter(tmp_path)
    assert (tmp_path / "villages.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("there", ["study.toml", "points.csv"])
def test_nothing_is_written_where_one_of_the_files_exists(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(OutputError, match=f"{there} exists. Name an empty folder"):
        write_starter(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [there]


def test_a_folder_with_a_quote_or_a_backslash_in_its_name_gives_a_study_that_reads(tmp_path):
    for name in ('so-called "study"', "back\\slash", "{braces}"):
        study = write_starter(tmp_path / name)[0]
        assert tomllib.loads(study.read_text("utf-8"))["title"]["en"] == name
