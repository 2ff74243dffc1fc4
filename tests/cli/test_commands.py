"""The commands: what goes to stdout, what is told on stderr, and how they end."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from geo.cli.main import main
from geo.cli.options import Asked

ROOT = Path(__file__).parents[2]
NINH_THUAN = ROOT / "data/ninh-thuan/study.toml"
COMMANDS = ["audit", "check", "compare", "map", "measure", "nearest", "new", "plan", "report"]


def run(*words, **more):
    return CliRunner().invoke(main, [str(word) for word in words], **more)


def figures(result):
    return {
        (f["area"], f["indicator"], f["technology"], f["operator"], f["within_km"]): f
        for f in json.loads(result.stdout)["figures"]
    }


def test_measure_gives_the_six_published_figures_of_ninh_thuan():
    found = figures(run("measure", NINH_THUAN, "--format", "json"))
    assert found["all", "points", None, None, None]["value"] == 102
    assert round(found["all", "mean_service_radius", None, None, None]["value"], 2) == 3.24
    assert found["all", "people_per_point", None, None, None]["value"] == 5950
    assert found["all", "villages_covered", "fibre", "any", None]["value"] == 1
    assert found["all", "villages_covered", "3G", "any", None]["value"] == 1
    assert found["all", "villages_covered", "4G", "any", None]["value"] == 0.9


def test_the_json_contract_is_kept(district):
    result = run("measure", district, "--format", "json", "--by", "name")
    answer = json.loads(result.stdout, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert answer["schema"] == 1
    assert set(answer) == {"schema", "geo", "study", "data", "layers", "figures", "findings"}
    assert set(answer["layers"][0]) >= {"layer", "file", "sha256", "rows", "used", "crs"}
    for figure in answer["figures"]:
        assert set(figure) >= {
            "area", "indicator", "value", "unit", "technology", "operator", "within_km", "numerator", "denominator",
            "rule", "rule_text", "basis", "reason",
        }  # fmt: skip
        assert (figure["value"] is None) == (figure["reason"] is not None)
        if figure["unit"] == "share" and figure["value"] is not None:
            assert 0 <= figure["value"] <= 1
            assert figure["value"] == pytest.approx(figure["numerator"] / figure["denominator"])
    assert {figure["area"] for figure in answer["figures"]} == {"all", "Tây", "Đông"}
    for finding in answer["findings"]:
        assert set(finding) >= {"layer", "fault", "rows", "ids", "text", "effect", "repair"}


def test_the_same_input_gives_the_same_bytes(district):
    assert (
        run("measure", district, "--format", "json").stdout_bytes
        == run("measure", district, "--format", "json").stdout_bytes
    )


def test_csv_has_the_figures_of_the_json(district):
    rows = list(csv.DictReader(io.StringIO(run("measure", district, "--format", "csv").stdout)))
    found = figures(run("measure", district, "--format", "json"))
    assert len(rows) == len(found)
    radius = next(row for row in rows if row["indicator"] == "mean_service_radius")
    assert float(radius["value"]) == found["all", "mean_service_radius", None, None, None]["value"]


def test_the_table_writes_numbers_as_the_language_does():
    assert "5.950" in run("measure", NINH_THUAN, "--lang", "vi").stdout
    assert "5,950" in run("measure", NINH_THUAN, "--lang", "en").stdout
    assert "true by construction" in run("measure", NINH_THUAN).stdout
    assert "đúng do cách dựng" in run("measure", NINH_THUAN, "--lang", "vi").stdout


def test_layers_named_one_by_one_give_the_figures_of_the_study(district):
    folder = district.parent
    result = run(
        "measure", "--villages", folder / "villages.gpkg", "--points", folder / "points.geojson",
        "--areas", folder / "areas.gpkg", "--coverage", f"4G={folder / 'coverage.geojson'}",
        "--coverage", "fibre=@fibre", "--within", 3, "--within", 5, "--format", "json",
    )  # fmt: skip
    named, study = figures(result), figures(run("measure", district, "--format", "json"))
    assert len(named) > 30
    for key, figure in named.items():
        assert figure["value"] == study[key]["value"], key


def test_an_option_stands_in_place_of_what_the_study_says(district):
    found = figures(
        run("measure", district, "--format", "json", "--within", 7, "--area-km2", 100, "--population", 2000)
    )
    assert ("all", "people_within", None, None, 7.0) in found
    assert ("all", "people_within", None, None, 3.0) not in found
    assert found["all", "area", None, None, None]["value"] == 100
    assert found["all", "people_per_point", None, None, None]["value"] == 2000


def test_a_named_column_wins_over_a_recognised_one(tmp_path):
    table = tmp_path / "v.csv"
    table.write_text("lon,lat,population,census\n109,11.5,5,70\n", "utf-8")
    found = figures(run("measure", "--villages", table, "--column", "villages.population=census", "--format", "json"))
    assert found["all", "population", None, None, None]["value"] == 70


def test_findings_are_told_on_stderr_and_figures_on_stdout(district):
    result = run("measure", district)
    assert "without an answer" in result.stderr
    assert "without an answer" not in result.stdout
    assert result.exit_code == 0


def test_check_ends_with_3_where_something_is_found_and_0_where_nothing_is(district):
    found = run("check", district)
    assert found.exit_code == 3
    assert "villages without an answer in column 'fibre': 1" in found.stdout
    assert "3 (c)" in found.stdout
    clean = run("check", "--points", district.parent / "points.geojson")
    assert (clean.exit_code, "Nothing was found" in clean.stdout) == (0, True)


def test_check_gives_the_findings_as_json(district):
    finding = json.loads(run("check", district, "--format", "json").stdout)["findings"][0]
    assert (finding["fault"], finding["rows"], finding["ids"]) == ("unknown_answer", [3], ["c"])


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "parquet", "csv", "tsv", "xlsx"])
def test_nearest_writes_the_villages_own_columns_and_the_answer_in_every_format(district, tmp_path, ending):
    output = tmp_path / f"near.{ending}"
    result = run("nearest", district.parent / "villages.gpkg", district.parent / "points.geojson", "-o", output)
    assert result.exit_code == 0, result.stderr
    readers = {"parquet": gpd.read_parquet, "csv": pd.read_csv, "tsv": lambda path: pd.read_csv(path, sep="\t")}
    readers["xlsx"] = lambda path: pd.DataFrame(openpyxl.load_workbook(path).active.values).T.set_index(0).T
    table = readers.get(ending, gpd.read_file)(output)
    assert table["village_id"].tolist() == ["a", "b", "c"]
    assert table["point_id"].tolist() == ["p1"] * 3
    assert [round(float(km), 6) for km in table["distance_km"]] == [0, 3, 10]


def test_nearest_keeps_a_row_without_a_place_without_an_answer(tmp_path):
    (tmp_path / "v.csv").write_text("id,name,lon,lat\n1,An,109,11.5\n2,=1+1,,\n", "utf-8")
    (tmp_path / "p.csv").write_text("id,lon,lat\np,109,11.5\n", "utf-8")
    result = run("nearest", tmp_path / "v.csv", tmp_path / "p.csv", "-o", tmp_path / "near.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "near.csv").read_text("utf-8"))))
    assert [row["point_id"] for row in rows] == ["p", ""]
    assert rows[1]["name"] == "'=1+1"
    assert "without coordinates" in result.stderr


def test_a_file_that_exists_is_kept_unless_told_otherwise(district, tmp_path):
    output = tmp_path / "near.csv"
    output.write_text("mine", "utf-8")
    words = ["nearest", district.parent / "villages.gpkg", district.parent / "points.geojson", "-o", output]
    refused = run(*words)
    assert (refused.exit_code, output.read_text("utf-8")) == (1, "mine")
    assert "--overwrite" in refused.stderr
    assert run(*words, "--overwrite").exit_code == 0
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".geo")] == []


@pytest.mark.parametrize("name", ["mine.pdf", "mine.PNG", "mine.txt", "mine"])
@pytest.mark.parametrize("words", [["map", "-o"], ["plan", "--close", "p1", "--map"]])
def test_a_page_is_written_to_no_name_that_says_it_is_something_else(district, tmp_path, words, name):
    refused = run(words[0], district, *words[1:], tmp_path / name)
    assert refused.exit_code == 2
    assert f"the page is HTML; name it '{tmp_path / 'mine.html'}'." in refused.stderr
    assert ("geo report writes PDF" in refused.stderr) == name.endswith(".pdf")
    assert not (tmp_path / name).exists()
    assert run(words[0], district, *words[1:], tmp_path / "mine.HTM").exit_code == 0


@pytest.mark.parametrize(
    "words", [["check", "{0}"], ["nearest", "{0}", "{0}"], ["plan", "{0}", "--add", "1", "--within", "1"]]
)
def test_a_format_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path, words):
    refused = run(*(word.format("gone.csv") for word in words), "-o", tmp_path / "x.pdf")
    assert (refused.exit_code, "'.pdf' is no format that can be written" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "page", "said"), [((), "vi", "en"), (("--lang", "vi"), "vi", "vi"), (("--lang", "en"), "en", "en")]
)
def test_the_page_opens_in_vietnamese_and_the_terminal_is_told_in_english_unless_a_language_is_named(
    district, tmp_path, words, page, said
):
    done = run("map", district, "-o", tmp_path / "x.html", *words)
    assert f'<html lang="{page}"' in (tmp_path / "x.html").read_text("utf-8")
    assert ("without an answer" in done.stderr) == (said == "en")
    assert ("không có câu trả lời" in done.stderr) == (said == "vi")
    if not words:
        assert done.stderr == run("measure", district).stderr


@pytest.mark.parametrize("tables", ["csv", "xlsx"])
def test_a_new_study_can_be_filled_in_and_measured(tmp_path, tables):
    folder = tmp_path / "mine"
    assert run("new", folder, "--tables", tables).exit_code == 0
    empty = run("measure", folder / "study.toml", "--format", "json")
    assert empty.exit_code == 0, empty.stderr
    assert figures(empty)["all", "villages", None, None, None]["value"] == 0
    villages, posts = ["v1", "An", 100, 109, 11.5, "có"], ["p1", "Bưu cục", "agency", 109, 11.5]
    if tables == "csv":
        for name, row in (("villages", villages), ("points", posts)):
            with (folder / f"{name}.csv").open("a", encoding="utf-8") as file:
                file.write(",".join(map(str, row)) + "\n")
    else:
        workbook = openpyxl.load_workbook(folder / "layers.xlsx")
        workbook["villages"].append(villages)
        workbook["points"].append(posts)
        workbook.save(folder / "layers.xlsx")
    found = figures(run("measure", folder / "study.toml", "--format", "json"))
    assert found["all", "people_per_point", None, None, None]["value"] == 100
    assert found["all", "villages_covered", "fibre", "any", None]["value"] == 1


def test_a_new_study_never_writes_over_an_old_one(tmp_path):
    run("new", tmp_path)
    again = run("new", tmp_path)
    assert again.exit_code == 1
    assert "exists" in again.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["measure", "nowhere.toml"], "nowhere.toml does not exist"),
        (["measure", "--villages", "nowhere.csv"], "nowhere.csv does not exist"),
        (["measure", NINH_THUAN, "--by", "kommune"], "kommune"),
        (["measure", NINH_THUAN, "--kind", "cinema"], "cinema"),
        (["measure", NINH_THUAN, "--coverage", "4G=nowhere.gpkg"], "nowhere.gpkg"),
        (["measure", NINH_THUAN, "--crs", "EPSG:0", "--points", ROOT / "pyproject.toml"], "EPSG:0"),
        (["nearest", ROOT / "README.md", ROOT / "README.md", "-o", "x.gpkg"], "README.md"),
        (
            ["nearest", ROOT / "data/ninh-thuan/villages.csv", ROOT / "data/ninh-thuan/points.csv", "-o", "x.doc"],
            ".doc",
        ),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_status_1(words, says):
    result = run(*words)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert "fault of geo" not in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ["measure"],
        ["measure", NINH_THUAN, "--within", "-1"],
        ["measure", NINH_THUAN, "--area-km2", "big"],
        ["measure", NINH_THUAN, "--coverage", "4G"],
        ["measure", NINH_THUAN, "--column", "villages.people=x"],
        ["measure", NINH_THUAN, "--covered-when", "maybe"],
        ["measure", NINH_THUAN, "--repair", "roof"],
        ["measure", NINH_THUAN, "--within", "nan"],
        ["measure", NINH_THUAN, "--cell-range-km", "0"],
        ["measure", "--villages", "x.csv", "--area-name", "x"],
        ["nearest", "a.csv"],
        ["map", NINH_THUAN],
        ["nothing"],
    ],
)
def test_wrong_usage_is_status_2(words):
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["", '[official]\narea_km2 = 5\n[coverage.fibre]\ncolumn = "fibre"\n'])
@pytest.mark.parametrize(
    "words",
    [["check"], ["measure"], ["audit"], ["map", "-o", "x.html"], ["report", "-o", "x.md"], ["plan", "--close", "p"]],
)
def test_a_study_without_a_layer_is_one_line_that_says_what_to_write(tmp_path, monkeypatch, text, words):
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text(text, "utf-8")
    result = run(words[0], "study.toml", *words[1:])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert 'study.toml names no layer. Write under a line [villages] the line file = "villages.csv"' in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_a_study_without_a_layer_is_measured_with_one_of_the_options_and_its_statements_are_audited(tmp_path):
    study = tmp_path / "study.toml"
    study.write_text("[published]\nmean_service_radius = 3.24\n", "utf-8")
    assert run("audit", study).exit_code == 0
    (tmp_path / "p.csv").write_text("lon,lat\n109,11\n", "utf-8")
    assert run("measure", study).exit_code == 1
    assert run("measure", study, "--points", tmp_path / "p.csv").exit_code == 0


@pytest.mark.parametrize("words", [["measure"], ["map", "-o", "x.html"], ["report", "-o", "x.md"]])
@pytest.mark.parametrize("empty", ["villages", "points"])
def test_a_layer_without_rows_that_an_option_names_is_an_error_after_the_answer(tmp_path, monkeypatch, words, empty):
    monkeypatch.chdir(tmp_path)
    for name in ("villages", "points"):
        Path(f"{name}.csv").write_text("id,lon,lat\n" + ("" if name == empty else "a,109,11\n"), "utf-8")
    Path("study.toml").write_text('[villages]\nfile = "villages.csv"\n[points]\nfile = "points.csv"\n', "utf-8")
    named = run(*words, "--villages", "villages.csv", "--points", "points.csv", "-q")
    last = f"geo: {empty}.csv has no rows, and {empty} are needed. Fill it in, or name another file.\n"
    assert (named.exit_code, named.stderr) == (1, last)
    assert named.stdout
    # In a study, as a new one, a layer may be empty yet.
    assert run(words[0], "study.toml", *words[1:], *(["--overwrite"] if "-o" in words else [])).exit_code == 0


def test_subscriptions_and_an_official_population_are_a_figure_without_a_layer(tmp_path):
    study = tmp_path / "study.toml"
    study.write_text("[official]\npopulation = 200\n[subscriptions]\ntelephone = 50\n", "utf-8")
    result = run("measure", study)
    assert result.exit_code == 0
    assert re.search(r"telephone\) +25\.00° .* 50 / 200$", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", [["measure"], ["check"], ["map", "-o", "x.html"]])
def test_the_repair_of_a_layer_that_is_not_there_is_refused_with_those_that_are(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    Path("v.csv").write_text("lon,lat,4G\n109,11,1\n109.1,11,0\n", "utf-8")
    Path("study.toml").write_text('repair = ["points.swapped"]\n[villages]\nfile = "v.csv"\n', "utf-8")
    named = ["--villages", "v.csv", "--coverage", "4G=@4G"]
    for words, layer in (
        (["study.toml"], "points"),
        ([*named, "--repair", "swapped,points.swapped"], "points"),
        ([*named, "--repair", "coverage.zone"], "coverage"),
    ):
        done = run(*command, *words)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert f"there is no layer of {layer}; the layers are villages." in done.stderr
    done = run(*command, *named, "--repair", "swapped,villages.sign")
    assert "no layer" not in done.stderr


def test_a_column_that_is_not_there_is_told_with_the_file_and_the_columns_that_its_owner_knows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("v.csv").write_text("ten_thon,Dân số,Kinh độ,Vĩ độ,Huyện\nA,5,109,11.5,X\nB,5,109.1,11.5,Y\n", "utf-8")
    square = gpd.GeoDataFrame({"code": ["1"], "xã": ["Z"]}, geometry=[shapely.box(108, 11, 110, 12)], crs=4326)
    square.to_file("areas.geojson")
    for words, says in (
        (["--villages", "v.csv"], "the villages of v.csv have no such column; they have ten_thon, Dân số, Huyện."),
        (
            ["--villages", "v.csv", "--areas", "areas.geojson"],
            "the areas of areas.geojson have no such column; they have code, xã.",
        ),
        (["--points", "v.csv"], "no layer of areas or villages is given that could have such a column."),
    ):
        assert run("measure", *words, "--by", "nope").stderr == f"geo: --by nope: {says}\n"


def test_each_group_of_the_table_stands_once_with_all_its_figures(district):
    lines = run("measure", district, "--by", "name").stdout.splitlines()
    heads = [line for line in lines if line and not line.startswith(" ")]
    assert heads[:3] == ["all", "Tây", "Đông"]
    assert len(set(heads)) == len(heads)
    east = lines[lines.index("Đông") + 1 :]
    told = len(east[: east.index("")] if "" in east else east)
    figures_of_it = json.loads(run("measure", district, "--by", "name", "--format", "json").stdout)["figures"]
    assert told == sum(figure["area"] == "Đông" for figure in figures_of_it) > 10


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_with_an_example_that_the_command_understands(name):
    text = run(name, "--help").stdout
    examples = re.findall(r"^\s+geo (.+)$", text.partition("Example")[2], re.MULTILINE)
    assert examples
    for example in examples:
        command, *words = shlex.split(example)
        context = click.Context(main)
        main.get_command(context, command).make_context(command, list(words))


def test_the_help_lists_the_commands_that_there_are():
    text = run("--help").stdout
    assert [name for name in COMMANDS if re.search(rf"^  {name}  ", text, re.MULTILINE)] == COMMANDS
    modules = {path.stem for path in (ROOT / "geo/cli").glob("*.py")}
    assert modules - {
        "__init__",
        "main",
        "options",
        "kinds",
        "asked",
        "told",
        "changes",
        "verdicts",
        "rules",
        "standards",
        "weighed",
        "given",
        "planned",
        "wanted",
        "progress",
        "terminal",
    } == set(COMMANDS)


def test_every_field_that_is_asked_for_has_an_option():
    command = main.get_command(click.Context(main), "measure")
    assert set(Asked.__dataclass_fields__) <= {parameter.name for parameter in command.params}


def test_help_and_import_do_not_wait_for_the_heavy_libraries():
    heavy = ("pandas", "geopandas", "numpy", "folium")
    code = f"import sys, geo.cli.main, geo; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_reader_that_stops_early_gets_no_traceback(district):
    command = [sys.executable, "-m", "geo", "measure", str(district), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, told = process.stderr.read(), process.wait()
    assert "Traceback" not in str(told)


def test_check_is_named_only_for_findings_that_it_tells_too(tmp_path):
    box = [shapely.box(x, 11, x + 0.1, 11.1) for x in (108, 108.1)]
    path = tmp_path / "areas.geojson"
    gpd.GeoDataFrame({"code": ["1", "2"], "district": ["Hoà", "Hòa"]}, geometry=box, crs=4326).to_file(path)
    told = run("measure", "--areas", path, "--by", "district").stderr
    assert "'Hoà' is also spelt Hòa: they are one group" in told
    assert "geo check" not in told
    twice = gpd.read_file(path).assign(code="1").to_json(drop_id=True)
    assert "geo check" in run("measure", "--areas", "-", input=twice).stderr


LAYERS = {
    "good": "id,lat,lon\n1,11.5,108.9\n2,11.6,108.8\n",
    "bad": "id,lat,lon\n1,95,200\n2,x,y\n",
    "total": "id,lat,lon\n1,95,200\n2,x,y\nTotal,,\n",
    "none": "id,lat,lon\n",
}
WORDS = {
    "measure": ["--villages", "{villages}", "--points", "{points}"],
    "measure --format json": ["--villages", "{villages}", "--points", "{points}"],
    "map": ["--villages", "{villages}", "--points", "{points}", "-o", "out.html"],
    "report": ["--villages", "{villages}", "--points", "{points}", "-o", "out.md"],
    "nearest": ["{villages}", "{points}", "-o", "out.csv"],
}


@pytest.mark.parametrize("command", WORDS)
def test_what_is_done_without_a_row_of_a_layer_ends_with_status_1(tmp_path, monkeypatch, command):
    """The answer is given, as far as there is one; but no script may take it for that of the whole."""
    monkeypatch.chdir(tmp_path)
    for name, text in LAYERS.items():
        Path(f"{name}.csv").write_text(text, "utf-8")

    def done(villages, points):
        for file in tmp_path.glob("out.*"):
            file.unlink()
        words = (word.format(villages=villages, points=points) for word in WORDS[command])
        result = run(*command.split(), *words)
        assert list(tmp_path.glob("out.*")) or command.startswith("measure")
        assert result.stdout
        return result

    assert done("good.csv", "good.csv").exit_code == 0
    assert done("good.csv", "none.csv").exit_code == 1
    for bad in ("bad.csv", "total.csv"):
        for villages, points, layer in ((bad, "good.csv", "villages"), ("good.csv", bad, "points")):
            result = done(villages, points)
            last = result.stderr.splitlines()[-1]
            assert last == f"geo: {bad}: none of its 2 rows can be used as {layer}; geo check tells each one."
            assert result.exit_code == 1
