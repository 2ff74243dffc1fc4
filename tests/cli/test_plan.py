"""`geo plan`, on the district that can be worked out on paper: villages at 0, 3 and 10 km from the one post."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import Affine

import geo
from geo.planning.changed import with_opened
from geo.planning.ground import at_villages
from geo.study.loading import load

from .planned import NINH_THUAN, answer, csv, figure, run


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
    assert "CANNOT BE DONE: 1 village is" in run(*words).stdout
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
    assert "1 village, 300 people (b)" in run(district, "--holes", "fibre", "--within", 5).stdout


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


def test_seconds_are_told_on_stderr_and_the_answer_is_the_same_every_time(district):
    one, other = (run(district, "--add", 1, "--within", 2) for _ in range(2))
    assert re.search(r"\d s$", one.stderr.strip())
    assert one.stdout_bytes == other.stdout_bytes
    assert "hiện" not in one.stdout
    assert "điểm: thêm 600 người" in run(district, "--add", 1, "--within", 2, "--lang", "vi").stdout


def test_a_point_outside_the_territory_serves_and_does_not_close(tmp_path, district):
    points = csv(tmp_path / "posts.csv", "id,lon,lat", "out,108.9,11.5", "in1,109.0,11.5", "in2,109.0916,11.5")
    told = answer(district, "--points", points, "--drop", 1, "--within", 3, "--clip")
    assert told["closed"] == ["in1"]
    assert figure(told, "before", "points") == 2
    result = run(district, "--points", points, "--drop", 2, "--within", 3, "--clip")
    assert "at least one stays" in result.stderr


def test_of_points_with_one_id_that_one_closes_that_is_missed_least(tmp_path, district):
    points = csv(tmp_path / "posts.csv", "id,lon,lat", "x,109.0,11.5", "x,109.0916,11.5")
    told = answer(district, "--points", points, "--drop", 1, "--within", 1)
    assert (told["closed"], told["sites"][0]["lon"], told["answer"]["objective"]) == (["x"], 109.0, 600)
    assert figure(told, "after", "points") == 1
    assert figure(told, "after", "people_within", 1) == 0.6


def test_candidates_in_a_projected_system_are_placed_by_the_system_that_is_named(tmp_path, district):
    east, north = Transformer.from_crs(4326, 32649, always_xy=True).transform(109.0916, 11.5)
    sites = csv(tmp_path / "sites.csv", "id,x,y", f"s,{east},{north}")
    words = (district, "--add", 1, "--within", 2, "--candidates", sites)
    assert "--crs" in run(*words).stderr
    told = answer(*words, "--crs", "EPSG:32649")
    assert told["sites"][0]["lon"] == pytest.approx(109.0916)
    assert told["sites"][0]["people"] == 600


def test_a_site_takes_no_more_people_than_it_can_hold(district, tmp_path):
    (tmp_path / "sites.csv").write_text("id,lon,lat,room\nsmall,109.0275,11.5,400\nlarge,109.0916,11.5,450\n", "utf-8")
    words = (district, "--add", 1, "--within", 7, "--candidates", tmp_path / "sites.csv", "--capacity", "room")
    told = answer(*words)
    assert [(site["site_id"], site["people"], site["capacity"]) for site in told["sites"]] == [("large", 450, 450)]
    assert (told["answer"]["objective"], told["answer"]["bound"], told["answer"]["status"]) == (450, 450, "optimal")
    assert "no site is given more people than it can hold" in run(*words).stdout
    both = answer(district, "--add", 2, *words[3:])
    assert sum(site["people"] for site in both["sites"]) == both["answer"]["objective"] == 600
    assert all(site["people"] <= site["capacity"] for site in both["sites"])


def test_the_shortest_longest_way_within_a_gap_uses_every_point_that_was_asked_for():
    told = answer(NINH_THUAN, "--add", 12, "--least-farthest", "--gap", 0.3)
    assert len(told["sites"]) == 12
    assert told["answer"]["status"] in ("optimal", "gap")
    assert told["answer"]["gap"] <= 0.3
    assert told["answer"]["bound"] <= 4869.1 <= told["answer"]["objective"] * 1.0001


def test_under_a_budget_it_is_not_said_that_no_further_point_would_add_anything(tmp_path, district):
    sites = csv(tmp_path / "sites.csv", "id,lon,lat,cost", "dear,109.0916,11.5,9", "cheap,109.0275,11.5,2")
    words = (district, "--add", 2, "--budget", 3, "--within", 1, "--candidates", sites, "--cost", "cost")
    assert [site["site_id"] for site in answer(*words)["sites"]] == ["cheap"]
    assert "no further point" not in run(*words).stdout


def test_points_opened_close_together_have_names_of_their_own(district):
    told = answer(district, "--open", "109.000001,11.5", "--open", "109.000002,11.5")
    assert [site["site_id"] for site in told["sites"]] == ["109.000001,11.5", "109.000002,11.5"]
    study = geo.Study.open(district)
    loaded = load(study.file)
    sites = at_villages(loaded).iloc[[0, 0]].assign(site_id="p1")
    assert with_opened(loaded, sites).points["point_id"].tolist() == ["p1", "p1 (proposed)", "p1 (proposed 2)"]


@pytest.mark.parametrize("goal", [["--add", 1, "--within", 0.5], ["--drop", 2], ["--add", 1, "--least-travel"]])
@pytest.mark.parametrize("header", ["lon,lat,name,people", "id,lon,lat,name,people"])
def test_the_order_of_rows_decides_nothing_also_where_ids_are_none_or_repeat(tmp_path, goal, header):
    rows = ["109.0,11.5,An,50", "109.1,11.5,Bình,50", "109.2,11.5,Cam,50", "109.0,11.7,Dinh,50", "109.2,11.7,Em,50"]
    rows = [f"x,{row}" for row in rows] if header.startswith("id") else rows
    chosen = []
    for name, some in (("one.csv", rows), ("other.csv", rows[::-1])):
        table = csv(tmp_path / name, header, *some)
        points = ["--points", table] if goal[0] == "--drop" else []
        told = answer("--villages", table, *points, *goal)
        chosen.append([(site["lon"], site["lat"]) for site in told["sites"]])
    assert chosen[0] == chosen[1]


def test_plans_need_no_point_that_is_there_already(district):
    layers = ["--villages", district.parent / "villages.gpkg"]
    told = answer(*layers, "--add", 1, "--within", 2)
    assert [site["site_id"] for site in told["sites"]] == ["c"]
    assert (figure(told, "before", "points"), figure(told, "after", "points")) == (0, 1)
    assert figure(told, "after", "people_within", 2) == 0.6
    assert len(answer(*layers, "--cover", "all", "--within", 4)["sites"]) == 2
    assert len(answer(*layers, "--add", 2, "--least-travel")["sites"]) == 2
    assert len(answer(*layers, "--open", "109,11.5")["sites"]) == 1
    holes = answer(*layers, "--coverage", "fibre=@fibre", "--holes", "fibre", "--within", 5)["holes"]
    assert [hole["village_ids"] for hole in holes] == [["b"]]


def test_a_search_does_not_pass_the_people_of_villages_off_as_those_of_pixels(tmp_path, district):
    grid = {"height": 20, "width": 40, "transform": Affine(0.01, 0, 108.9, 0, -0.01, 11.6)}
    with rasterio.open(
        tmp_path / "people.tif", "w", driver="GTiff", count=1, dtype="float32", crs=4326, **grid
    ) as raster:
        raster.write(np.full((1, 20, 40), 4.0, dtype=np.float32))
    people = (district, "--people", tmp_path / "people.tif", "--people-unit", "count")
    for words in (["--add", 1, "--within", 2], ["--drop", 1], ["--holes", "4G", "--within", 2]):
        result = run(*people, *words)
        assert result.exit_code == 1
        assert "counts those of pixels" in result.stderr
    told = answer(*people, "--open", "109.0916,11.5", "--within", 2)
    assert figure(told, "after", "people_within", 2) > figure(told, "before", "people_within", 2)


def test_a_long_curve_keeps_the_number_that_was_asked_for():
    told = run(NINH_THUAN, "--add", 37, "--within", 2).stdout
    assert re.search(r"^ *37: ", told, re.MULTILINE)


def interrupted_after(seconds, words):
    """What a process of its own answers that is interrupted after so long."""
    begun = subprocess.Popen(
        [sys.executable, "-m", "geo", "plan", *map(str, words), "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=NINH_THUAN.parents[2],
    )
    time.sleep(seconds)
    begun.send_signal(signal.SIGINT)
    return *begun.communicate(timeout=120), begun.returncode


def test_ctrl_c_ends_the_search_with_the_best_so_far(tmp_path):
    places = ((108 + (i * 7919 % 1499) / 749, 11 + (i * i * 31 % 1493) / 748, 1 + i * 37 % 97) for i in range(1500))
    rows = [f"v{i},{lon},{lat},{people}" for i, (lon, lat, people) in enumerate(places)]
    table = csv(tmp_path / "villages.csv", "id,lon,lat,people", *rows)
    for seconds in (4, 12, 40):  # on a busy machine the search may not have begun
        out, said, status = interrupted_after(seconds, ["--villages", table, "--add", 40, "--least-travel"])
        if "Aborted" not in said:
            break
    assert status == 0, said
    told = json.loads(out)
    assert (told["answer"]["status"], len(told["sites"])) == ("interrupted", 40)
    assert 0 <= told["answer"]["bound"] <= told["answer"]["objective"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--add", 9, "--within", 2], "9 sites are to be chosen, of 3 candidates"),
        (["--add", 1, "--within", 2, "--column", "villages.population=village_id"], "Nobody lives in the 3 villages"),
        (["--add", 1, "--within", 2, "--candidates", "far.csv"], "No candidate is within 2 km of a village"),
        (["--drop", 1], "at least one stays"),
        (["--close", "p9"], "p9"),
        (["--add", 1, "--within", 2, "--forbid", "z"], "--forbid z: no candidate has this id"),
        (
            ["--cover", "all", "--within", 2, *(w for one in "abc" for w in ("--forbid", one))],
            "every candidate is forbidden",
        ),
        (["--add", 1, "--within", 2, "--forbid", "a", "--require", "a"], "one or the other"),
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
        ["--drop", 1, "--forbid", "p1"],
        ["--keep", "vn-postal::1", "--within", 2],
        ["--keep", "vn-postal::1", "--add", 2],
        ["--keep", "vn-postal::1", "--require", "a"],
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
