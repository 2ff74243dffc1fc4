"""`geo plan`, on the district that can be worked out on paper: villages at 0, 3 and 10 km from the one post."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

import geo
from geo.cli.main import main
from geo.loading import load
from geo.planning.changed import with_opened

NINH_THUAN = Path(__file__).parents[2] / "data/ninh-thuan/study.toml"


def run(*words):
    return CliRunner().invoke(main, ["plan", *map(str, words)])


def answer(*words):
    result = run(*words, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def figure(told, when, indicator, within_km=None):
    return next(
        one["value"] for one in told["figures"][when] if one["indicator"] == indicator and one["within_km"] == within_km
    )


def test_the_site_that_brings_most_people_near_is_where_they_live(district):
    told = answer(district, "--add", 1, "--within", 2)
    assert [(site["site_id"], site["people"]) for site in told["sites"]] == [("c", 600)]
    proof = told["answer"]
    assert (proof["objective"], proof["bound"], proof["gap"], proof["status"]) == (600, 600, 0, "optimal")
    assert proof["before"] == 100
    assert (figure(told, "before", "people_within", 2), figure(told, "after", "people_within", 2)) == (0.1, 0.7)
    assert (figure(told, "before", "points"), figure(told, "after", "points")) == (1, 2)


def test_a_village_at_the_limit_is_served_and_of_equals_the_lowest_id_is_chosen(district):
    told = answer(district, "--add", 1, "--within", 7)
    assert [(site["site_id"], site["people"]) for site in told["sites"]] == [("b", 600)]


def test_no_site_is_chosen_that_adds_nobody(district):
    told = answer(district, "--add", 3, "--within", 7)
    assert [site["site_id"] for site in told["sites"]] == ["b"]
    assert "no further point would add anything" in run(district, "--add", 3, "--within", 7).stdout


def test_least_travel_and_the_shortest_longest_way(district):
    travel = answer(district, "--add", 1, "--least-travel")
    assert [(site["site_id"], site["people"]) for site in travel["sites"]] == [("c", 600)]
    assert travel["answer"]["before"] == pytest.approx(300 * 3000 + 600 * 10_000)
    assert travel["answer"]["objective"] == pytest.approx(300 * 3000)
    assert figure(travel, "after", "nearest_distance_mean_people") == pytest.approx(0.9)
    farthest = answer(district, "--add", 1, "--least-farthest")
    assert farthest["answer"]["objective"] == pytest.approx(3000)
    assert figure(farthest, "after", "nearest_distance_max") == pytest.approx(3)


def test_the_fewest_sites_for_everybody_a_share_and_a_share_of_each_area(district):
    assert [site["site_id"] for site in answer(district, "--cover", "all", "--within", 2)["sites"]] == ["c", "b"]
    assert [site["site_id"] for site in answer(district, "--cover", 0.7, "--within", 2)["sites"]] == ["c"]
    each = answer(district, "--cover", 0.7, "--each-area", "--within", 2)
    assert [(site["site_id"], site["people"]) for site in each["sites"]] == [("c", 600), ("b", 300)]


def test_what_cannot_be_served_is_named_with_what_would_serve_it(district, tmp_path):
    (tmp_path / "sites.csv").write_text("id,lon,lat\ns1,109.0,11.5\n", "utf-8")
    words = (district, "--cover", "all", "--within", 4, "--candidates", tmp_path / "sites.csv")
    told = answer(*words)
    assert told["answer"]["status"] == "infeasible"
    assert [(one["village_id"], one["site_id"]) for one in told["unserved"]] == [("c", "s1")]
    assert told["unserved"][0]["distance_km"] == pytest.approx(10)
    assert "CANNOT BE DONE: 1 villages" in run(*words).stdout
    assert "c Cam (600 people): the nearest candidate is s1, 10 km away" in run(*words).stdout


def test_a_cost_and_a_budget_choose_what_can_be_paid_for(district, tmp_path):
    (tmp_path / "sites.csv").write_text("id,lon,lat,cost\ndear,109.0916,11.5,9\ncheap,109.0275,11.5,2\n", "utf-8")
    sites = ("--candidates", tmp_path / "sites.csv", "--cost", "cost")
    told = answer(district, "--budget", 3, "--within", 1, *sites)
    assert [(site["site_id"], site["cost"], site["people"]) for site in told["sites"]] == [("cheap", 2, 300)]
    told = answer(district, "--cover", "all", "--within", 1, *sites)
    assert (told["answer"]["objective"], told["answer"]["status"]) == (11, "optimal")


def test_candidates_may_be_forbidden_or_required(district):
    assert [one["site_id"] for one in answer(district, "--add", 1, "--within", 2, "--forbid", "c")["sites"]] == ["b"]
    told = answer(district, "--add", 2, "--within", 2, "--require", "a")
    assert [(one["site_id"], one["people"]) for one in told["sites"]] == [("c", 600), ("a", 0)]


def test_what_if_gives_the_figures_without_a_search(district):
    told = answer(district, "--close", "p1", "--open", "109,11.5", "--open", "109.0917,11.5", "--within", 2)
    assert (told["answer"], told["closed"], len(told["sites"])) == (None, ["p1"], 2)
    assert (figure(told, "before", "people_within", 2), figure(told, "after", "people_within", 2)) == (0.1, 0.7)
    gone = answer(district, "--close", "p1")
    assert (figure(gone, "after", "points"), figure(gone, "after", "nearest_distance_mean")) == (0, None)


def test_the_points_that_are_missed_least_close(tmp_path, district):
    posts = gpd.read_file(district.parent / "points.geojson")
    more = pd.concat([posts.assign(point_id=name) for name in ("p1", "p2")])
    more.to_file(tmp_path / "two.geojson")
    told = answer(district, "--points", tmp_path / "two.geojson", "--drop", 1, "--within", 3)
    assert (told["closed"], told["answer"]["objective"], told["answer"]["before"]) == (["p2"], 400, 400)
    assert figure(told, "after", "points") == 1
    travel = answer(district, "--points", tmp_path / "two.geojson", "--drop", 1, "--require", "p2")
    assert travel["closed"] == ["p1"]
    assert travel["answer"]["objective"] == travel["answer"]["before"] == pytest.approx(6_900_000)


def test_holes_are_the_villages_without_it_and_what_is_near(district):
    told = answer(district, "--holes", "fibre", "--within", 5)
    assert told["unknown"] == 1
    (hole,) = told["holes"]
    assert (hole["village_ids"], hole["people"], hole["covered_village_id"]) == (["b"], 300, "a")
    assert hole["covered_km"] == pytest.approx(3)
    assert (hole["site_ids"], hole["site_people"], hole["cell_id"]) == (["a"], [300], None)
    assert "1 villages, 300 people (b)" in run(district, "--holes", "fibre", "--within", 5).stdout


def test_a_hole_tells_the_nearest_cell_of_the_technology(tmp_path, district):
    cells = "radio,cell,lon,lat,range\nLTE,7,109.0,11.5,1000\nGSM,8,109.0275,11.5,1000\n"
    (tmp_path / "cells.csv").write_text(cells, "utf-8")
    told = answer(district, "--coverage", f"4G={tmp_path / 'cells.csv'}", "--holes", "4G", "--within", 4, "--apart", 7)
    (hole,) = told["holes"]
    assert (hole["village_ids"], hole["people"], hole["cell_id"]) == (["b", "c"], 900, "7")
    assert hole["cell_km"] == pytest.approx(3)
    assert (hole["site_ids"], hole["site_people"]) == (["c", "a"], [600, 300])


def test_five_points_for_ninh_thuan():
    told = answer(NINH_THUAN, "--add", 5, "--within", 2)
    assert told["answer"]["status"] == "optimal"
    assert told["answer"]["objective"] == sum(site["people"] for site in told["sites"]) == told["answer"]["bound"]
    before, after = (figure(told, when, "people_within", 2) for when in ("before", "after"))
    population = figure(told, "before", "population")
    assert after - before == pytest.approx(told["answer"]["objective"] / 606_900)
    assert population == 606_900
    grid = answer(NINH_THUAN, "--add", 5, "--within", 2, "--grid", 1)
    assert grid["answer"]["objective"] >= 20_000
    assert all(re.fullmatch(r"r\d+c\d+", site["site_id"]) for site in grid["sites"])


def test_the_sites_are_written_as_a_layer_and_the_page_has_them(district, tmp_path):
    words = (district, "--add", 1, "--within", 2, "-o", tmp_path / "sites.gpkg", "--map", tmp_path / "plan.html")
    assert run(*words).exit_code == 0
    sites = gpd.read_file(tmp_path / "sites.gpkg")
    assert (sites["site_id"].tolist(), sites["people"].tolist(), sites.crs.to_epsg()) == (["c"], [600], 4326)
    study = geo.Study.open(district)
    study = replace(study, file=replace(study.file, choices=replace(study.file.choices, within_km=(2.0,))))
    geo.draw_map(study.results_of(with_opened(load(study.file), sites)), language="en").save(tmp_path / "mine.html")
    assert (tmp_path / "plan.html").read_bytes() == (tmp_path / "mine.html").read_bytes()
    assert run(*words).exit_code == 1
    assert run(district, "--holes", "fibre", "--within", 5, "-o", tmp_path / "holes.csv").exit_code == 0
    assert pd.read_csv(tmp_path / "holes.csv")["village_ids"].tolist() == ["b"]


def test_seconds_are_told_on_stderr_and_the_answer_is_the_same_every_time(district):
    one, other = (run(district, "--add", 1, "--within", 2) for _ in range(2))
    assert re.search(r"\d s$", one.stderr.strip())
    assert one.stdout_bytes == other.stdout_bytes
    assert "hiện" not in one.stdout
    assert "điểm: thêm 600 người" in run(district, "--add", 1, "--within", 2, "--lang", "vi").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--add", 9, "--within", 2], "9 sites are to be chosen, and there are 3 candidates"),
        (["--add", 1, "--within", 2, "--column", "villages.population=village_id"], "Nobody lives in the 3 villages"),
        (["--add", 1, "--within", 2, "--candidates", "far.csv"], "No candidate is within 2 km of a village"),
        (["--drop", 1], "at least one stays"),
        (["--close", "p9"], "p9"),
        (["--add", 1, "--within", 2, "--forbid", "z"], "--forbid z: no candidate has this id"),
        (["--holes", "5G", "--within", 2], "it has 3G, 4G, fibre"),
        (["--budget", 3, "--within", 2, "--cost", "name"], "of candidate a it is 'An'"),
        (["--budget", 3, "--within", 2, "--cost", "price"], "no such column; they have"),
        (["--add", 1, "--within", 2, "--grid", 0.001], "places here: ask for 1,000,000 at most"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_status_1(district, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    Path("far.csv").write_text("id,lon,lat\nx,100,1\n", "utf-8")
    result = run(district, *words)
    assert result.exit_code == 1, result.output
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--add", 1],
        ["--add", 0, "--within", 2],
        ["--add", 1, "--within", 2, "--within", 3],
        ["--add", 1, "--cover", "all", "--within", 2],
        ["--add", 1, "--holes", "4G", "--within", 2],
        ["--cover", 1.2, "--within", 2],
        ["--cover", "all"],
        ["--add", 1, "--within", 2, "--each-area"],
        ["--add", 1, "--within", 2, "--least-travel"],
        ["--drop", 1, "--grid", 2],
        ["--close", "p1", "--require", "a"],
        ["--open", "11.5"],
        ["--open", "109,91"],
        ["--budget", 3, "--within", 2],
        ["--add", 1, "--within", 2, "--cost", "population"],
        ["--add", 1, "--within", 2, "--gap", "-1"],
        ["--add", 1, "--within", 2, "--apart", 1],
    ],
)
def test_wrong_usage_is_status_2(district, words):
    result = run(district, *words)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
