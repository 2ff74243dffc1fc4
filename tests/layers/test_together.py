"""All layers of a file as one: folders of KML, layers of a GeoPackage, sheets of a workbook."""

from __future__ import annotations

import json
import zipfile

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from geo.cli.main import main
from geo.errors import LayerError
from geo.layers.check import check_layers
from geo.layers.layer import read_layer
from geo.layers.read import open_source

KML = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
PLACE = (
    "<Placemark><name>{}</name><ExtendedData>{}</ExtendedData>"
    "<Point><coordinates>{},{}</coordinates></Point></Placemark>"
)
DATA = '<Data name="{}"><value>{}</value></Data>'


def folder(name, *places, inner=""):
    said = "".join(
        PLACE.format(one, "".join(DATA.format(*pair) for pair in more.items()), lon, lat)
        for one, lon, lat, more in places
    )
    return f"<Folder><name>{name}</name>{said}{inner}</Folder>"


@pytest.fixture
def kml(tmp_path):
    """Two districts: one of two villages with people, one of two that calls the people otherwise; and one is empty."""
    path = tmp_path / "villages.kml"
    north = folder("Ninh Hải", ("An", 109.0, 11.5, {"dan_so": 100}), ("Bình", 109.1, 11.5, {"dan_so": 300}))
    south = folder("Ninh Phước", ("Cam", 109.0, 11.4, {"Dan so": 600, "note": "x"}), ("Dinh", 11.4, 109.0, {}))
    path.write_text(KML.format(north + folder("Cả tỉnh", inner=south + folder("Trống"))), "utf-8")
    return path


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_folders_of_a_kml_are_one_layer_and_a_column_tells_which(kml):
    layer = read_layer("villages", f"{kml}::*")
    assert layer.table["layer"].tolist() == ["Ninh Hải", "Ninh Hải", "Ninh Phước", "Ninh Phước"]
    assert layer.table["name"].tolist() == ["An", "Bình", "Cam", "Dinh"]
    assert layer.table["population"].tolist()[:3] == [100, 300, 600]
    assert layer.table.index.tolist() == [1, 2, 3, 4]
    assert layer.table["village_id"].tolist() == ["Ninh Hải:1", "Ninh Hải:2", "Ninh Phước:1", "Ninh Phước:2"]
    assert layer.own["note"].tolist()[2] == "x"
    assert layer.findings == ()


def test_a_kmz_is_read_so_too(kml, tmp_path):
    with zipfile.ZipFile(tmp_path / "v.kmz", "w") as archive:
        archive.write(kml, "doc.kml")
    assert read_layer("villages", tmp_path / "v.kmz::*").table["name"].tolist() == ["An", "Bình", "Cam", "Dinh"]


def test_a_file_of_several_layers_tells_this_way_too(kml, tmp_path):
    with pytest.raises(LayerError, match=r"as '.*villages\.kml::Ninh Hải', or all of them, as '.*villages\.kml::\*'\."):
        read_layer("villages", kml)
    book = workbook(tmp_path / "b.xlsx", {"a": [["lat", "lon"], [1, 2]], "b": [["lat", "lon"], [1, 2]]})
    with pytest.raises(LayerError, match=r"Name one, as .*b\.xlsx::a, or all of them, as '.*b\.xlsx::\*'\."):
        read_layer("villages", book)


def test_findings_name_the_folder_and_the_row_in_it(kml, tmp_path):
    output = tmp_path / "faults.gpkg"
    told = run("check", "--villages", f"{kml}::*", "-o", output)
    assert told.exit_code == 3
    assert "    row: Ninh Phước:2\n" in told.stdout
    swapped = gpd.read_file(output).set_index("fault").loc["swapped_coordinates"]
    assert (swapped["file"], swapped["row"]) == (f"{kml}::Ninh Phước", 2)
    assert "(row Ninh Phước:2)" in run("measure", "--villages", f"{kml}::*").stderr
    found = check_layers({"villages": read_layer("villages", f"{kml}::*")})
    told = next(one for one in found if one.fault == "swapped_coordinates").as_dict()
    assert (told["rows"], told["within"]) == ([4], [{"layer": "Ninh Phước", "row": 2}])


def test_the_folders_are_groups_and_parents(kml, tmp_path):
    said = run("measure", "--villages", f"{kml}::*", "--by", "layer", "--repair", "swapped", "--format", "json").stdout
    people = {one["area"]: one["value"] for one in json.loads(said)["figures"] if one["indicator"] == "population"}
    assert people == {"all": 1000, "Ninh Hải": 400, "Ninh Phước": 600}
    path = tmp_path / "areas.gpkg"
    for west, district in ((0, "Đông"), (1, "Tây")):
        rows = gpd.GeoDataFrame({"xã": ["Hải"]}, geometry=[shapely.box(west, 0, west + 1, 1)], crs=4326)
        pyogrio.write_dataframe(rows, path, layer=district, append=path.exists())
    said = run("check", "--areas", f"{path}::*", "--column", "areas.parent=layer", "--by", "name", "--format", "json")
    answer = json.loads(said.stdout)
    assert {one["area"] for one in answer["figures"]} == {"all", "Hải (Đông)", "Hải (Tây)"}


def test_layers_in_another_system_are_brought_to_that_of_the_first(tmp_path):
    path = tmp_path / "v.gpkg"
    place = gpd.GeoDataFrame({"name": ["An"], "ma": [9007199254740993]}, geometry=[shapely.Point(109, 11.5)], crs=4326)
    pyogrio.write_dataframe(place.to_crs(9217), path, layer="one")
    pyogrio.write_dataframe(place.to_crs(3405)[["name", "geometry"]], path, layer="two", append=True)
    pyogrio.write_dataframe(place[["name"]], path, layer="notes", append=True)
    layer = read_layer("villages", f"{path}::*")
    assert layer.crs == "EPSG:9217"
    assert layer.table.geometry.iloc[1].distance(shapely.Point(109, 11.5)) < 1e-8
    assert layer.table["village_id"].tolist() == ["9007199254740993", "row two:1"]
    told = {one.fault: one for one in layer.findings}
    assert told["layers_of_other_systems"].text() == "layers in EPSG:3405, brought to EPSG:9217, that of the first: two"
    assert told["layers_passed_over"].text().endswith("are not read: notes")
    assert all(one.chosen for one in layer.findings)


def test_layers_with_and_without_a_system_are_refused(tmp_path):
    path = tmp_path / "v.gpkg"
    for name, crs in (("one", 9217), ("two", None)):
        place = gpd.GeoDataFrame({"name": ["An"]}, geometry=[shapely.Point(5e5, 1.2e6)], crs=crs)
        with pytest.warns() if crs is None else pytest.MonkeyPatch.context():
            pyogrio.write_dataframe(place, path, layer=name, append=path.exists())
    with pytest.raises(LayerError, match=r"v\.gpkg: two tells no coordinate system, one does"):
        read_layer("villages", f"{path}::*")


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def book(tmp_path):
    head = ["Mã", "Tên thôn", "Vĩ độ", "Kinh độ", "Dân số"]
    north = [
        ["THÔN"],
        head,
        [1, "An", 11.5, 109, 100],
        [2, "Bình", 11.5, 109.1, 300],
        [None, "Tổng cộng", None, None, 400],
    ]
    south = [["ma", "Tên thôn", "vi do", "Kinh độ", "Dân số", "layer"], ["03", "Cam", 11.4, 109, "1.600", "x"]]
    forgotten = [["Mã", "Tên thôn", "Dân số"], [4, "Dinh", 50]]
    notes = [["Ghi chú"], ["nothing"]]
    sheets = {"Ninh Hải": north, "Ninh Phước": south, "Thuận Nam": forgotten, "notes": notes, "blank": []}
    return workbook(tmp_path / "v.xlsx", sheets)


def test_the_sheets_of_a_workbook_are_one_table_as_if_their_rows_stood_in_one(book):
    layer = read_layer("villages", f"{book}::*")
    assert layer.table["layer"].tolist() == ["Ninh Hải", "Ninh Hải", "Ninh Phước", "Thuận Nam"]
    assert layer.table["village_id"].tolist() == ["1", "2", "03", "4"]
    assert layer.table["population"].tolist() == [100, 300, 1600, 50]
    assert layer.table.geometry.iloc[2].equals(shapely.Point(109, 11.4))
    assert layer.own["layer (own)"].tolist()[2] == "x"
    told = {one.fault: one for one in check_layers({"villages": layer})}
    assert told["footer_rows"].row_names() == ["Ninh Hải:5"]
    assert told["missing_coordinates"].row_names() == ["Thuận Nam:2"]
    assert told["layers_passed_over"].values["names"] == "notes"


def test_merged_cells_stay_with_their_rows(tmp_path):
    path = workbook(tmp_path / "v.xlsx", {name: [["lat", "lon", "pop"], [1, 2, 30], [1, 3, None]] for name in "ab"})
    book = openpyxl.load_workbook(path)
    book["b"].merge_cells("C2:C3")
    book.save(path)
    source = open_source(f"{path}::*")
    assert {header: [source.within[row] for row in rows] for header, rows in source.merged.items()} == {
        "pop": [("b", 3)]
    }


def test_an_archive_of_several_files_says_what_the_star_stands_for(kml, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("a.kml", "b.kml"):
            archive.write(kml, name)
    with pytest.raises(LayerError, match=r"several files in it: a\.kml, b\.kml; .*as 'zip://.*all\.zip!a\.kml::\*'"):
        read_layer("villages", tmp_path / "all.zip::*")
    assert len(read_layer("villages", f"zip://{tmp_path / 'all.zip'}!a.kml::*").table) == 4


def test_rows_of_a_table_that_is_joined_are_named_with_their_sheet(kml, tmp_path):
    head = ["Tên thôn", "điện thoại"]
    workbook(tmp_path / "more.xlsx", {"x": [head, ["An", 1]], "y": [head, ["Nowhere", 2]]})
    study = f'[villages]\nfile = "{kml.name}::*"\n[villages.join]\nfile = "more.xlsx::*"\nname = "Tên thôn"\n'
    (tmp_path / "study.toml").write_text(study, "utf-8")
    said = run("check", tmp_path / "study.toml").stdout
    assert "y:2" in said


def test_folders_that_take_long_to_read_one_by_one_are_refused_with_the_remedy(tmp_path, monkeypatch):
    path = tmp_path / "v.kml"
    place = "<Placemark><name>A</name><Point><coordinates>105,20</coordinates></Point></Placemark>"
    folders = "".join(f"<Folder><name>F{number}</name>{place}</Folder>" for number in range(3))
    path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>', "utf-8")
    assert len(open_source(f"{path}::*").rows) == 3
    monkeypatch.setattr("geo.layers.files.vector._MOST_READ", 3 * path.stat().st_size - 1)
    with pytest.raises(LayerError, match=r"v\.kml has 3 layers, .* Name one, as \S+v\.kml::F0, or save them as one"):
        open_source(f"{path}::*")


def test_sheets_whose_headers_are_other_words_for_the_same_are_one_table(tmp_path):
    book = openpyxl.Workbook()
    heads = [["id", "name", "population", "lon", "lat"], ["Mã thôn", "Tên thôn", "Dân số", "Kinh độ", "Vĩ độ"]]
    for number, head in enumerate(heads):
        sheet = book.active if number == 0 else book.create_sheet("B")
        sheet.append(head)
        sheet.append([f"v{number}", f"An {number}", 100, 108.1 + number / 10, 11.1])
    book.save(tmp_path / "v.xlsx")
    table = read_layer("villages", f"{tmp_path}/v.xlsx::*").table
    assert table["village_id"].tolist() == ["v0", "v1"]
    assert table["population"].tolist() == [100, 100]
    assert table.geometry.x.round(6).tolist() == [108.1, 108.2]


def test_a_hidden_sheet_is_not_passed_over_in_silence(tmp_path):
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("D"), book.create_sheet("E")):
        if sheet.title != "E":
            sheet.append(["name", "lon", "lat"])
            sheet.append(["A", 108.1, 11.1])
    book["D"].sheet_state = "hidden"
    book.save(tmp_path / "v.xlsx")
    (finding,) = open_source(f"{tmp_path}/v.xlsx::*").findings
    assert (finding.fault, finding.values["names"]) == ("layers_passed_over", "D")
