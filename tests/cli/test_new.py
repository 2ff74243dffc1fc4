"""`geo new --from`: a study of one place of an OpenStreetMap extract, and the journey from it to figures and a page."""

from __future__ import annotations

import gzip
import json
import math

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely
from click.testing import CliRunner

from geo.cli.main import main
from geo.layers.layer import read_layer

from ..extract import DAY, HOLE, MIDDLE, NORTH, SOUTH, WEST, write_country  # noqa: TID252 - tests are no package

# With the corners of the districts: a geodesic between two of them is no parallel.
PROVINCE = shapely.Polygon(
    [*((x, SOUTH) for x in (WEST, 108.1, 108.2, MIDDLE)), *((x, NORTH) for x in (MIDDLE, 108.2, 108.1, WEST))]
)
GEOD = pyproj.Geod(ellps="WGS84")


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def extract(tmp_path):
    return write_country(tmp_path / "country.osm.pbf")


@pytest.fixture
def made(tmp_path, extract):
    result = run("new", tmp_path / "mine", "--from", extract, "--place", "ninh thuan")
    assert result.exit_code == 0, result.output
    return result, tmp_path / "mine"


def figures(result):
    assert result.exit_code == 0, result.output
    return {(one["area"], one["indicator"], one["within_km"]): one for one in json.loads(result.stdout)["figures"]}


def test_one_extract_and_two_commands_give_figures_and_a_map(made, tmp_path):
    told, folder = made
    assert told.stdout.splitlines() == [
        str(folder / name) for name in ("study.toml", "villages.csv", "points.csv", "areas.geojson")
    ]
    got = figures(run("measure", folder / "study.toml", "--by", "name", "--format", "json", "--within", 8))
    count = {key[:2]: one["value"] for key, one in got.items() if one["unit"] in ("count", "people")}
    assert (count["all", "villages"], count["all", "points"], count["all", "population"]) == (6, 3, 52_300)
    assert [count[name, "points"] for name in ("Ninh Hải", "Ninh Sơn", "Phan Rang")] == [1, 2, 0]
    assert [count[name, "villages"] for name in ("Ninh Hải", "Ninh Sơn", "Phan Rang")] == [5, 0, 1]
    km2 = abs(GEOD.geometry_area_perimeter(PROVINCE)[0]) / 1e6
    assert got["all", "area", None]["value"] == pytest.approx(km2)
    assert got["all", "mean_service_radius", None]["value"] == pytest.approx(math.sqrt(km2 / (math.pi * 3)))
    page = run("map", folder / "study.toml", "-o", tmp_path / "x.html")
    assert page.exit_code == 0, page.output
    html = (tmp_path / "x.html").read_text("utf-8")
    assert "OpenStreetMap contributors (ODbL 1.0)" in html
    assert DAY in html


def test_points_up_to_10_km_beyond_the_border_are_reached_and_not_counted(made):
    told, folder = made
    points = pd.read_csv(folder / "points.csv")
    assert points["id"].tolist() == ["n1001", "n1002", "w50", "r400"]
    assert "3 points in it and 1 within 10 km around it" in told.stderr
    assert GEOD.inv(108.45, 11.1, MIDDLE, 11.1)[2] < 10_000 < GEOD.inv(108.58, 11.1, MIDDLE, 11.1)[2]
    # The post across the border is nearest to no village here; with a village beside the border it is.
    villages = pd.read_csv(folder / "villages.csv", dtype=str)
    villages.loc[0, ["lon", "lat"]] = ["108.399", "11.1"]
    villages.to_csv(folder / "villages.csv", index=False)
    got = figures(run("measure", folder / "study.toml", "--format", "json"))
    assert got["all", "points", None]["value"] == 3
    layer = read_layer("points", folder / "points.csv").table.set_index("point_id").geometry
    moved = min(GEOD.inv(108.399, 11.1, one.x, one.y)[2] for one in layer) / 1000
    assert moved == pytest.approx(GEOD.inv(108.399, 11.1, 108.45, 11.1)[2] / 1000)
    assert got["all", "villages_within", 3.0]["numerator"] == 0
    near = figures(run("measure", folder / "study.toml", "--format", "json", "--within", moved * 1.001))
    before = sum(
        min(GEOD.inv(lon, lat, one.x, one.y)[2] for one in layer) / 1000 <= moved * 1.001
        for lon, lat in villages[["lon", "lat"]].astype(float).to_numpy()
    )
    assert near["all", "villages_within", moved * 1.001]["numerator"] == before


def test_people_that_the_extract_does_not_have_are_told(made):
    told, _ = made
    assert "has the people of 4 of 6 villages" in told.stderr


def test_what_could_not_be_taken_is_told_by_id(made):
    told, _ = made
    for part in ("w60 Vĩnh Hy", "r105 Thuận Bắc", "r104 Bác Ái", "r401", "isolated_dwelling 1, suburb 1"):
        assert part in told.stderr


def test_the_areas_are_the_districts_with_the_hole_that_another_one_fills(made):
    _, folder = made
    areas = gpd.read_file(folder / "areas.geojson").set_index("id")
    assert areas["name"].to_dict() == {"r101": "Ninh Hải", "r102": "Ninh Sơn", "r103": "Phan Rang"}
    assert areas.geometry["r102"].equals(shapely.box(108.2, SOUTH, MIDDLE, NORTH) - shapely.box(*HOLE))


def test_where_the_areas_of_a_level_leave_villages_out_the_rest_is_an_area(tmp_path, extract):
    words = ("new", tmp_path / "mine", "--from", extract, "--place", "r100", "--admin-level", 8, "--lang", "vi")
    result = run(*words)
    assert "1 thôn không nằm trong địa bàn nào" in result.stderr
    areas = gpd.read_file(tmp_path / "mine/areas.geojson").set_index("id")
    assert areas.index.tolist() == ["r301", "r302", "r100-rest"]
    assert areas.geometry["r100-rest"].equals(shapely.box(108.2, SOUTH, MIDDLE, NORTH))
    got = figures(run("measure", tmp_path / "mine/study.toml", "--by", "name", "--format", "json"))
    assert got["all", "villages", None]["value"] == 6
    assert got["Tỉnh Ninh Thuận (phần còn lại / rest)", "villages", None]["value"] == 1


def test_a_place_without_points_or_divisions_is_a_study_too(tmp_path, extract):
    result = run("new", tmp_path / "mine", "--from", extract, "--place", "Phan Rang", "--tag", "amenity=bank")
    assert result.exit_code == 0, result.output
    assert "No admin_level divides it wholly" in result.stderr
    assert "no amenity=bank there. Write your points into points.csv" in result.stderr
    got = figures(run("measure", tmp_path / "mine/study.toml", "--format", "json"))
    assert (got["all", "villages", None]["value"], got["all", "points", None]["value"]) == (1, 0)
    assert run("map", tmp_path / "mine/study.toml", "-o", tmp_path / "x.html").exit_code == 0


def test_a_workbook_can_hold_the_tables(tmp_path, extract):
    result = run("new", tmp_path / "mine", "--from", extract, "--place", "ninh thuan", "--tables", "xlsx")
    assert result.exit_code == 0, result.output
    got = figures(run("measure", tmp_path / "mine/study.toml", "--format", "json"))
    assert (got["all", "villages", None]["value"], got["all", "population", None]["value"]) == (6, 52_300)


def test_the_same_extract_gives_the_same_files(tmp_path, extract):
    for name in ("one", "two"):
        assert run("new", tmp_path / name, "--from", extract, "--place", "ninh thuan", "-q").stderr == ""
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_an_extract_comes_through_standard_input(tmp_path, extract, made):
    def piped(*words):
        return CliRunner().invoke(main, list(map(str, words)), input=extract.read_bytes())

    assert piped("new", tmp_path / "piped", "--from", "-", "--place", "ninh thuan").exit_code == 0
    for file in made[1].iterdir():
        if file.name != "study.toml":
            assert (tmp_path / "piped" / file.name).read_bytes() == file.read_bytes()
    got = figures(piped("measure", "--villages", "-::villages", "--format", "json"))
    named = figures(run("measure", "--villages", f"{extract}::villages", "--format", "json"))
    assert got == named
    nowhere = piped("new", tmp_path / "other", "--from", "-", "--place", "nowhere")
    assert (nowhere.exit_code, nowhere.stderr.startswith("geo: -: ")) == (1, True), nowhere.stderr


def test_a_damaged_extract_from_standard_input_is_named_as_that(tmp_path, extract):
    words = ["new", str(tmp_path / "piped"), "--from", "-", "--place", "ninh thuan"]
    result = CliRunner().invoke(main, words, input=extract.read_bytes()[:-100])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("geo: - cannot be read as OpenStreetMap: it ends in the middle of a blob")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--place", "Thanh Hải"), 1, "is the name of 2 areas: r201 Thanh Hải (level 6, in Tỉnh Khánh Hòa)"),
        (("--place", "Thuan Nam"), 1, "no administrative area is called 'Thuan Nam'. The nearest names are "),
        (("--place", "Ninh Hải", "--admin-level", 7), 1, "Ninh Hải has no areas of admin_level 7"),
        (("--place", "Ninh Hải", "--tag", "bank"), 1, "'bank' is no tag; write KEY=VALUE"),
        ((), 2, "--from needs --place NAME"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(tmp_path, extract, words, status, said):
    result = run("new", tmp_path / "mine", "--from", extract, *words)
    assert result.exit_code == status
    assert said in result.stderr
    assert not (tmp_path / "mine").exists()


def test_options_of_an_extract_are_refused_without_one(tmp_path):
    for words in (("--place", "x"), ("--admin-level", 6), ("--tag", "a=b")):
        result = run("new", tmp_path / "mine", *words)
        assert result.exit_code == 2
        assert "name it by --from FILE" in result.stderr


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_no_extract_is_told_as_that_and_nothing_is_written(tmp_path, packed):
    table = tmp_path / ("t.csv.gz" if packed else "t.csv")
    table.write_bytes(gzip.compress(b"lon,lat\n1,2\n") if packed else b"lon,lat\n1,2\n")
    result = run("new", tmp_path / "mine", "--from", table, "--place", "An")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith(
        f"geo: {table} is no extract of OpenStreetMap, which a place is taken from. Give one"
    )
    assert [path.name for path in tmp_path.iterdir()] == [table.name]


@pytest.mark.parametrize("inside", ["", "deep/er"])
@pytest.mark.parametrize("how", ["starter", "extract"])
def test_a_study_is_not_written_into_a_file(tmp_path, extract, inside, how):
    (tmp_path / "p.csv").write_text("mine", "utf-8")
    words = ("--from", extract, "--place", "ninh thuan") if how == "extract" else ()
    result = run("new", tmp_path / "p.csv" / inside, *words)
    said = f"geo: {tmp_path / 'p.csv'} is a file. A study is several files: name a folder for them, as my-province.\n"
    assert (result.exit_code, result.stderr) == (1, said)
    assert (tmp_path / "p.csv").read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_the_folder_that_one_is_in(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    result = run("new", name)
    assert (result.exit_code, "the name is empty. Name a folder, as my-province, or ." in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
    assert run("new", ".").exit_code == 0


def test_a_study_that_exists_is_kept(made, extract):
    _, folder = made
    result = run("new", folder, "--from", extract, "--place", "ninh thuan")
    assert result.exit_code == 1
    assert "study.toml exists. Name an empty folder." in result.stderr


def test_commands_take_layers_of_an_extract_by_name_with_what_is_chosen(extract, tmp_path):
    layers = ("--villages", f"{extract}::villages", "--points", f"{extract}::points", "--areas", f"{extract}::areas")
    result = run(
        "measure", *layers, "--admin-level", 4, "--by", "name", "--format", "json", "--tag", "amenity=post_box"
    )
    got = figures(result)
    assert got["Tỉnh Ninh Thuận", "points", None]["value"] == 1
    assert got["Tỉnh Khánh Hòa", "villages", None]["value"] == 1
    shown = {one["layer"]: one["file"].partition("::")[2] for one in json.loads(result.stdout)["layers"]}
    assert shown == {"villages": "villages", "points": "points:amenity=post_box", "areas": "areas:4"}
    near = run("nearest", f"{extract}::villages", f"{extract}::points", "-o", tmp_path / "near.csv")
    assert near.exit_code == 0, near.output
    table = pd.read_csv(tmp_path / "near.csv").set_index("id")
    assert table.loc["n2001", "point_id"] == "n1001"
    assert table.loc["n2001", "distance_km"] == pytest.approx(GEOD.inv(108.05, 11.1, 108.05, 11.05)[2] / 1000)


def test_a_choice_from_what_is_no_extract_is_refused(tmp_path):
    (tmp_path / "points.csv").write_text("id,lon,lat\n1,2,3\n")
    result = run("measure", "--points", tmp_path / "points.csv", "--tag", "amenity=bank")
    assert result.exit_code == 1
    assert "tags chooses from points of an extract of OpenStreetMap, as country.osm.pbf::points" in result.stderr
    assert run("measure", "--points", tmp_path / "points.csv", "--admin-level", 6).exit_code == 2


@pytest.mark.real
def test_an_extract_without_areas_says_so(real, tmp_path):
    result = run("new", tmp_path / "mine", "--from", real / "osm/test.osm.pbf", "--place", "Kotka")
    assert result.exit_code == 1
    assert "There are no administrative areas in it at all." in result.stderr
