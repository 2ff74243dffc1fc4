"""`geo check`: findings by what they do to the figures, as text, as JSON and as a layer."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from geo.cli.main import main

NINH_THUAN = Path(__file__).parents[2] / "data/ninh-thuan/study.toml"
VILLAGES = "id,lat,lon,pop\na,20.5,105,100\nb,20.5,105.2,300\nc,20.5,105.4,600\na,20.5,105.1,\n"
POINTS = "id,lat,lon\np,20.5,105\nq,105.4,20.5\nr,,\n"


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def study(tmp_path):
    (tmp_path / "v.csv").write_text(VILLAGES, "utf-8")
    (tmp_path / "p.csv").write_text(POINTS, "utf-8")
    file = tmp_path / "study.toml"
    file.write_text('[villages]\nfile = "v.csv"\n[points]\nfile = "p.csv"\n[official]\narea_km2 = 100\n', "utf-8")
    return file


def test_what_leaves_rows_out_comes_first_with_the_figures_now_and_then(study):
    result = run("check", study)
    assert result.exit_code == 3
    text = re.sub(r" +", " ", result.stdout)
    headings = ["Left out of the figures", "Changes how rows count", "No figure changes"]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    left_out, counted, told = (text[a:b] for a, b in zip(places, [*places[1:], None], strict=True))
    now, two = (f"{math.sqrt(100 / (math.pi * count)):.2f} km" for count in (1, 2))
    assert "1 point left out; with --repair points.swapped:" in left_out
    assert "1 point left out; if it counted:" in left_out
    assert left_out.count(f"Mean service radius {now} instead of {two}") == 2
    assert "points without coordinates: 1" in left_out
    assert "villages without a population: 1" in counted
    assert "villages that share an id with another: 2" in told


def test_the_effects_stand_in_the_json_beside_the_findings(study):
    answer = json.loads(run("check", study, "--format", "json").stdout)
    assert {"schema", "geo", "study", "data", "layers", "figures", "findings", "effects"} == set(answer)
    effects = {(one["repair"], one["indicator"]): one for one in answer["effects"]}
    mended = effects["points.swapped", "points"]
    assert (mended["value"], mended["value_if"], mended["rows"]) == (1, 2, 1)
    assert [answer["findings"][place]["fault"] for place in mended["findings"]] == ["swapped_coordinates"]
    lost = effects[None, "mean_service_radius"]
    assert [answer["findings"][place]["fault"] for place in lost["findings"]] == ["missing_coordinates"]
    assert lost["text"] == "1 point left out; if it counted: Mean service radius 5.64 km instead of 3.99 km"
    figure = next(one for one in answer["figures"] if one["indicator"] == "mean_service_radius")
    assert lost["value"] == figure["value"]


def test_a_layer_from_standard_input_is_checked_with_the_repair_it_is_offered(study):
    layers = ("--villages", study.parent / "v.csv", "--area-km2", 100, "--format", "json", "--points")
    piped = CliRunner().invoke(main, [*map(str, ("check", *layers, "-"))], input=POINTS)
    named = run("check", *layers, study.parent / "p.csv")
    assert (piped.exit_code, named.exit_code) == (3, 3), piped.output
    assert [one["repair"] for one in json.loads(piped.stdout)["effects"]].count("points.swapped")
    assert piped.stdout == named.stdout.replace(json.dumps(str(study.parent / "p.csv")), '"-"')


def test_the_effects_are_told_in_vietnamese(study):
    assert "Bán kính phục vụ bình quân" in run("check", study, "--lang", "vi").stdout
    text = json.loads(run("check", study, "--format", "json", "--lang", "vi").stdout)["effects"][0]["text"]
    assert "nếu dùng --repair points.swapped" in text
    assert "thay vì" in text


def test_values_that_round_to_the_same_are_told_with_the_digits_that_differ(study):
    posts = "".join(f"p{number},20.5,{105 + number / 100_000}\n" for number in range(3000))
    (study.parent / "p.csv").write_text(f"id,lat,lon\n{posts}x,,\n", "utf-8")
    # sqrt(100 / (pi 3000)) and sqrt(100 / (pi 3001)) are 0.103006 and 0.102989.
    assert "0.10301 km instead of 0.10299 km" in run("check", study).stdout


def test_rows_that_differ_are_told_one_by_one(tmp_path):
    path = tmp_path / "areas.geojson"
    boxes = gpd.GeoSeries.from_wkt([f"POLYGON (({n} 0, {n + 1} 0, {n + 1} 1, {n} 1, {n} 0))" for n in range(15)])
    gpd.GeoDataFrame({"code": range(15), "area_km2": 1000}, geometry=boxes.to_numpy(), crs=4326).to_file(path)
    lines = run("check", "--areas", path).stdout.splitlines()
    assert "    0: 1,000 km2 stated, 12,308.778 km2 measured" in lines
    assert "    … +3" in lines


def test_nothing_found_is_said_and_no_group_is_headed(district):
    text = run("check", "--points", district.parent / "points.geojson").stdout
    assert text.rstrip().endswith("Nothing was found.")
    assert "Left out" not in text


def test_the_faulty_rows_are_written_as_a_layer_to_open_in_a_gis(study, tmp_path):
    output = tmp_path / "faults.gpkg"
    result = run("check", study, "-o", output)
    assert result.exit_code == 3
    assert result.stdout.rstrip().endswith(str(output))
    assert pyogrio.list_layers(output).tolist() == [["villages", "Point"], ["points", "Point"]]
    points = gpd.read_file(output, layer="points").set_index("fault")
    assert points.loc["swapped_coordinates", "row"] == 3
    assert points.loc["swapped_coordinates", "file"] == "p.csv"
    assert points.loc["swapped_coordinates", "geometry"].coords[0] == (20.5, 105.4)
    assert points.loc["missing_coordinates", "geometry"] is None
    assert run("check", study, "-o", output).exit_code == 1
    assert run("check", study, "-o", output, "--overwrite").exit_code == 3


@pytest.mark.parametrize("ending", ["geojson", "csv", "xlsx"])
def test_the_faulty_rows_are_written_in_the_format_of_the_name(study, tmp_path, ending):
    output = tmp_path / f"faults.{ending}"
    assert run("check", study, "-o", output, "--format", "json").exit_code == 3
    if ending == "geojson":
        rows = gpd.read_file(output).to_dict("records")
    elif ending == "csv":
        rows = list(csv.DictReader(io.StringIO(output.read_text("utf-8"))))
    else:
        head, *cells = openpyxl.load_workbook(output).active.iter_rows(values_only=True)
        rows = [dict(zip(head, row, strict=True)) for row in cells]
    told = {(row["layer"], row["fault"], str(row["row"])) for row in rows}
    assert told == {
        ("villages", "duplicate_id", "2"),
        ("villages", "duplicate_id", "5"),
        ("villages", "missing_population", "5"),
        ("points", "swapped_coordinates", "3"),
        ("points", "missing_coordinates", "4"),
    }


def test_a_study_without_faults_gives_an_empty_layer(tmp_path):
    output = tmp_path / "faults.gpkg"
    result = run("check", NINH_THUAN, "-o", output)
    assert result.exit_code == 0, result.output
    assert len(pyogrio.read_dataframe(output)) == 0


def test_a_name_of_no_format_is_refused(study, tmp_path):
    result = run("check", study, "-o", tmp_path / "faults.doc")
    assert result.exit_code == 1
    assert "no format that can be written" in result.stderr


def test_the_groups_of_a_column_are_checked_as_they_are_measured(tmp_path):
    path, faults = tmp_path / "areas.geojson", tmp_path / "faults.gpkg"
    boxes = [shapely.box(west, 0, west + 1, 1) for west in (0, 1, 5, 6)]
    rows = {"code": list("abcd"), "district": ["Hoà", "Hòa", "Hải", "Hoà"], "province": ["X", "X", "Y", "X"]}
    gpd.GeoDataFrame(rows, geometry=boxes, crs=4326).to_file(path)
    layers = ("--areas", path, "--column", "areas.parent=province")
    measured, checked = (
        json.loads(run(command, *layers, "--by", "district", "--format", "json").stdout)
        for command in ("measure", "check")
    )
    faults_of_names = [one["fault"] for one in checked["findings"] if not one["rows"]]
    assert faults_of_names == ["one_name_two_spellings", "one_name_two_places"]
    assert {key: checked[key] for key in measured} == measured
    result = run("check", *layers, "--by", "district", "-o", faults)
    assert result.exit_code == 3
    assert "areas: 'Hoà' stands for areas of different parents or areas that do not touch" in result.stdout
    assert run("check", *layers).exit_code == 0
    assert "have no such column" in run("check", *layers, "--by", "kommune").stderr


@pytest.mark.real
def test_goas_faulty_rows_stand_where_they_were_typed(real, tmp_path):
    output = tmp_path / "goa.gpkg"
    folder = real / "goa_india"
    villages, points = folder / "goa_villages.geojson", folder / "goa_postoffices.csv"
    assert run("check", "--villages", villages, "--points", points, "-o", output).exit_code == 3
    rows = gpd.read_file(output, layer="points")
    with points.open(encoding="utf-8-sig", newline="") as stream:
        typed = dict(enumerate(csv.DictReader(stream), start=2))
    assert len(rows) > 140
    for row, place in zip(rows["row"], rows.geometry, strict=True):
        assert (place.x, place.y) == (float(typed[row]["longitude"]), float(typed[row]["latitude"]))
