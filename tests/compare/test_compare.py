"""Two studies compared: each cause is worth what it changes, and together they are the whole difference."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine

import geo
from geo.cli.main import main
from geo.compare.steps import CAUSES
from geo.compare.studies import compare
from geo.study.study import Study

HEADER = "id,name,people,lon,lat,fibre"
VILLAGES = [
    HEADER,
    "a,An,100,109.00,11.5,yes",
    "b,Bình,300,109.03,11.5,no",
    "c,Cam,600,109.10,11.5,yes",
]
POINTS = ["id,kind,lon,lat", "p1,post,109.00,11.5", "p2,box,109.10,11.5"]
WEST, EAST = 108.9, 109.2


def study(folder, villages=VILLAGES, points=POINTS, more="", east=EAST):
    """Write a study of three villages and two points on a line, inside one area; `more` are further choices, tables."""
    folder.mkdir(exist_ok=True)
    (folder / "v.csv").write_text("\n".join(villages), "utf-8")
    (folder / "p.csv").write_text("\n".join(points), "utf-8")
    ring = [[WEST, 11.4], [east, 11.4], [east, 11.6], [WEST, 11.6], [WEST, 11.4]]
    area = {
        "type": "Feature",
        "properties": {"name": "Xã"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (folder / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [area]}), "utf-8")
    (folder / "study.toml").write_text(
        more + '[villages]\nfile = "v.csv"\npopulation = "people"\n[points]\nfile = "p.csv"\n'
        '[areas]\nfile = "a.geojson"\n[coverage.fibre]\ncolumn = "fibre"\n',
        "utf-8",
    )
    return Study.open(folder / "study.toml")


def people_of_pixels(path, people):
    place = Affine(0.01, 0, WEST, 0, -0.01, 11.6)
    height, width = people.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=height,
        width=width,
        dtype="float32",
        crs="EPSG:4326",
        transform=place,
    ) as raster:
        raster.write(people.astype("float32")[None])
        raster.units = ["people"]


def change_of(found, indicator, technology=None, operator=None):
    wanted = (indicator, technology, operator)
    return next(
        one for one in found.changes if (one.figure.indicator, one.figure.technology, one.figure.operator) == wanted
    )


def causes_of(found):
    return set().union(*(one.because for one in found.changes))


def assert_every_difference_is_explained(found):
    for change in found.changes:
        assert set(change.because) <= set(CAUSES)
        if change.difference is None:
            assert change.because == {}
            continue
        size = max(abs(change.then.value), abs(change.now.value))
        assert sum(change.because.values()) == pytest.approx(change.difference, rel=0, abs=1e-9 * size + 1e-12)
        assert bool(change.because) or change.difference == 0


def nothing_came_or_went(found):
    return all(
        getattr(layer, kind).empty
        for layer in (found.points, found.villages)
        for kind in ("opened", "closed", "moved", "renamed")
    )


def test_a_study_does_not_differ_from_itself(tmp_path):
    same = study(tmp_path / "same")
    found = compare(same, same)
    assert {one.difference for one in found.changes} <= {0, None}
    assert causes_of(found) == set()
    assert nothing_came_or_went(found)


def test_a_closed_point_and_a_new_one_are_told_apart(tmp_path):
    then = study(tmp_path / "then")
    now = study(tmp_path / "now", points=["id,lon,lat", "p3,109.03,11.5", "p2,109.10,11.5", "p4,109.2,11.5"])
    found = compare(then, now)
    assert found.points.closed["id"].tolist() == ["p1"]
    assert sorted(found.points.opened["id"]) == ["p3", "p4"]
    points = change_of(found, "points")
    assert (points.difference, points.because) == (1, {"points_opened": 2, "points_closed": -1})
    # 1,000 people: at 2, 4 and 3 points they are 500, 250 and 333.3 each.
    people = change_of(found, "people_per_point")
    assert people.because == pytest.approx({"points_opened": -250, "points_closed": 1000 / 3 - 250})


def test_a_point_of_the_same_id_at_another_place_has_moved(tmp_path):
    then = study(tmp_path / "then")
    now = study(tmp_path / "now", points=["id,lon,lat", "p2,109.10,11.5", "p1,109.02,11.5"])
    found = compare(then, now)
    assert found.points.closed.empty
    assert found.points.opened.empty
    assert (found.points.moved["id"].tolist(), round(found.points.moved["km"].iloc[0], 2)) == (["p1"], 2.18)
    assert set(change_of(found, "nearest_distance_max").because) == {"points_moved"}
    assert change_of(found, "points").because == {}


def test_a_point_of_another_id_at_the_same_place_is_renamed(tmp_path):
    then = study(tmp_path / "then")
    found = compare(then, study(tmp_path / "now", points=["id,lon,lat", "q2,109.10,11.5", "q1,109.00,11.5"]))
    assert found.points.renamed[["was", "id"]].to_numpy().tolist() == [["p1", "q1"], ["p2", "q2"]]
    assert found.points.closed.empty
    assert found.points.opened.empty
    assert causes_of(found) == set()


def test_points_without_ids_are_matched_by_place_and_not_by_row(tmp_path):
    then = study(tmp_path / "then", points=["lon,lat", "109.00,11.5", "109.10,11.5"])
    found = compare(then, study(tmp_path / "now", points=["lon,lat", "109.07,11.5", "109.00,11.5", "109.10,11.5"]))
    assert len(found.points.opened) == 1
    assert all(getattr(found.points, kind).empty for kind in ("closed", "moved", "renamed"))
    assert causes_of(found) == {"points_opened"}


def test_when_all_points_are_others_every_difference_still_has_causes(tmp_path):
    found = compare(study(tmp_path / "then"), study(tmp_path / "now", points=["id,lon,lat", "q1,109.05,11.5"]))
    assert_every_difference_is_explained(found)
    # 1,000 people: at 2, 3 and 1 points, never at none.
    people = change_of(found, "people_per_point")
    assert people.because == pytest.approx({"points_opened": 1000 / 3 - 500, "points_closed": 2000 / 3})


def test_when_all_villages_are_others_their_answers_are_their_own(tmp_path):
    now = study(tmp_path / "now", villages=[HEADER, "x,X,50,109.01,11.5,yes", "y,Y,70,109.05,11.5,yes"])
    found = compare(study(tmp_path / "then"), now)
    assert_every_difference_is_explained(found)
    assert change_of(found, "villages_covered", "fibre", "any").because == pytest.approx({"villages": 1 / 3})


def test_a_coverage_column_that_becomes_unknown_leaves_no_difference_and_no_cause(tmp_path):
    now = study(tmp_path / "now", villages=[HEADER, "a,An,100,109.00,11.5,", "b,B,300,109.03,11.5,", VILLAGES[3]])
    change = change_of(compare(study(tmp_path / "then"), now), "villages_covered", "fibre", "any")
    assert (change.difference, change.because, change.now.reason) == (None, {}, "mostly_unknown")


def test_a_figure_that_is_unknown_on_the_way_has_its_whole_difference_explained(tmp_path):
    unknown = [f"{one},X,,{lon},11.5,no" for one, lon in (("a", "109.00"), ("b", "109.03"))]
    new = [f"{one},X,{people},109.0{people},11.5,no" for one, people in (("d", 5), ("e", 6), ("f", 7))]
    found = compare(study(tmp_path / "then"), study(tmp_path / "now", villages=[HEADER, *unknown, *new]))
    assert_every_difference_is_explained(found)
    # Of the three old villages one is known when a and b are not, which is fewer than half; then 5, 6 and 7 people.
    assert change_of(found, "population").because == {"villages": 18 - 1000}


def test_people_area_and_subscriptions_are_causes_whoever_gives_the_total(tmp_path):
    totals = "[subscriptions]\ninternet = {}\n[official]\npopulation = {}\narea_km2 = {}\n"
    then = study(tmp_path / "then", more=totals.format(100, 1000, 400))
    found = compare(then, study(tmp_path / "now", more=totals.format(150, 1200, 100)))
    assert change_of(found, "population").because == {"people": 200}
    assert change_of(found, "people_per_point").because == {"people": 100}
    assert change_of(found, "area").because == {"area": -300}
    radius = change_of(found, "mean_service_radius")
    assert radius.because == pytest.approx({"area": -((200 / np.pi) ** 0.5) / 2})
    # 100 of 1,000 people; of 1,200; 150 of 1,200.
    density = change_of(found, "subscriptions_per_100", "internet")
    assert density.because == pytest.approx({"people": 100 / 12 - 10, "subscriptions": 50 / 12})


def test_people_of_villages_and_their_answers_are_told_apart(tmp_path):
    other = ["b,Bình,400,109.03,11.5,no", "c,Cam,600,109.10,11.5,yes", "a,An,100,109.0,11.5,no"]
    found = compare(study(tmp_path / "then"), study(tmp_path / "now", villages=[HEADER, *other]))
    assert change_of(found, "people_per_point").because == {"people": 50}
    assert change_of(found, "villages_covered", "fibre", "any").because == pytest.approx({"coverage": -1 / 3})


@pytest.mark.parametrize(
    "choice", ['kinds = ["post"]\n', 'repair = ["swapped"]\n', "clip = true\n", "covered_when = 0.5\n"]
)
def test_another_choice_opens_and_closes_nothing(tmp_path, choice):
    villages = [*VILLAGES, "d,Dinh,50,109.25,11.5,no"]
    points = [*POINTS, "p3,post,11.5,109.05", "p4,post,109.24,11.5"]
    then = study(tmp_path / "then", villages, points)
    found = compare(then, study(tmp_path / "now", villages, points, more=choice))
    assert nothing_came_or_went(found)
    assert causes_of(found) <= {"choices"}
    assert_every_difference_is_explained(found)
    moved = {"kinds": -1, "repair": 1, "clip": -1, "covered_when": 0}[choice.split(" ")[0]]
    assert change_of(found, "points").difference == moved


def test_limits_of_either_study_are_asked_of_both(tmp_path):
    found = compare(study(tmp_path / "then"), study(tmp_path / "now", more="within_km = [5]\n"))
    assert {one.figure.within_km for one in found.changes} == {None, 3, 5}
    assert causes_of(found) == set()


def test_a_range_of_cells_is_a_choice(tmp_path):
    (tmp_path / "cells.csv").write_text("lon,lat,radio\n109.00,11.5,LTE\n", "utf-8")
    pair = []
    for name, choice in (("then", "cell_range_km = 1\n"), ("now", "cell_range_km = 5\n")):
        pair.append(study(tmp_path / name, more=choice + '[coverage.4G]\nfile = "../cells.csv"\n'))
    found = compare(*pair)
    assert change_of(found, "villages_covered", "4G", "any").because == pytest.approx({"choices": 1 / 3})


@pytest.mark.parametrize("turned", [False, True])
def test_a_kind_that_only_one_study_has_is_chosen_where_it_is_there(tmp_path, turned):
    then = study(tmp_path / "then", more='kinds = ["post"]\n')
    now = study(
        tmp_path / "now", points=[*POINTS, "p3,kiosk,109.07,11.5", "p4,kiosk,109.05,11.5"], more='kinds = ["kiosk"]\n'
    )
    found = compare(now, then) if turned else compare(then, now)
    points = change_of(found, "points")
    # With kiosks the old layer has no point; posts are in both.
    assert (points.difference, points.because) == ((-1, {"choices": -1}) if turned else (1, {"choices": 1}))
    assert nothing_came_or_went(found)


def test_where_neither_can_count_as_the_other_does_the_points_are_others(tmp_path):
    then = study(tmp_path / "then", more='kinds = ["post"]\n', points=POINTS[:2])
    now = study(tmp_path / "now", points=["id,kind,lon,lat", "p2,kiosk,109.10,11.5"], more='kinds = ["kiosk"]\n')
    found = compare(then, now)
    assert_every_difference_is_explained(found)
    assert change_of(found, "points").because == {"points_opened": 1, "points_closed": -1}


def test_another_area_is_a_cause_and_moves_no_point(tmp_path):
    found = compare(study(tmp_path / "then"), study(tmp_path / "now", east=109.3))
    assert set(change_of(found, "area").because) == {"area"}
    assert change_of(found, "area").difference == pytest.approx(change_of(found, "area").then.value / 3, rel=1e-4)
    assert nothing_came_or_went(found)
    assert_every_difference_is_explained(found)


def test_what_other_borders_clip_is_due_to_the_area(tmp_path):
    rows = [*VILLAGES, "d,Dinh,50,109.25,11.5,no"], [*POINTS, "p4,post,109.24,11.5"]
    then = study(tmp_path / "then", *rows, more="clip = true\n")
    found = compare(then, study(tmp_path / "now", *rows, more="clip = true\n", east=109.3))
    assert nothing_came_or_went(found)
    assert causes_of(found) == {"area"}
    assert change_of(found, "points").because == {"area": 1}
    assert change_of(found, "villages_covered", "fibre", "any").because == pytest.approx({"area": 2 / 4 - 2 / 3})
    assert_every_difference_is_explained(found)


def test_a_raster_with_more_people_everywhere_moves_people_and_no_share(tmp_path):
    people = np.random.default_rng(7).random((20, 30)) * 10
    raster = '[population]\nfile = "people.tif"\n'
    pair = []
    for name, factor in (("then", 1.0), ("now", 1.2)):
        (tmp_path / name).mkdir()
        people_of_pixels(tmp_path / name / "people.tif", people * factor)
        pair.append(study(tmp_path / name, more=raster))
    found = compare(*pair)
    population = change_of(found, "population")
    assert population.because == pytest.approx({"people": 0.2 * people.sum()})
    assert causes_of(found) == {"people"}
    assert_every_difference_is_explained(found)
    text = (
        CliRunner().invoke(main, ["compare", *(str(tmp_path / one / "study.toml") for one in ("then", "now"))]).stdout
    )
    assert "People within" not in text
    assert "-0.0" not in text


def test_a_raster_that_is_rescaled_now_is_more_people(tmp_path):
    people_of_pixels(tmp_path / "people.tif", np.full((20, 30), 2.0))
    raster = '[population]\nfile = "../people.tif"\n'
    then = study(tmp_path / "then", more=raster)
    official = raster + "rescale = true\n[official]\npopulation = 3000\n"
    found = compare(then, study(tmp_path / "now", more=official))
    assert change_of(found, "population").because == pytest.approx({"people": 1800})
    assert_every_difference_is_explained(found)


@pytest.fixture
def paper(district, tmp_path_factory, villages, points, footprints):
    """Give the district, and the same a year later: a post at village c, a hundred people more in b, no Thông."""
    later = tmp_path_factory.mktemp("later")
    shutil.copytree(district.parent, later, dirs_exist_ok=True)
    villages.assign(population=[100.0, 400.0, 600.0], fibre=["yes", "no", ""]).to_file(later / "villages.gpkg")
    second = points.assign(point_id="p2", name="Bưu cục mới").set_geometry([villages.geometry[9]], crs=points.crs)
    gpd.GeoDataFrame(pd.concat([points, second])).to_file(later / "points.geojson")
    footprints[footprints["operator"] == "Viễn"].to_file(later / "coverage.geojson")
    return district, later / "study.toml"


def test_the_district_and_a_year_later_on_paper(paper):
    found = compare(*map(Study.open, paper))
    assert_every_difference_is_explained(found)
    # Villages at 0, 3 and 10 km of the post with 100, 300 and 600 people; a post at 10 km opens, b grows to 400.
    assert change_of(found, "people_per_point").because == pytest.approx({"points_opened": -500, "people": 50})
    assert change_of(found, "nearest_distance_mean").because == pytest.approx({"points_opened": -10 / 3})
    mean_people = change_of(found, "nearest_distance_mean_people")
    # 6.9 km; 0.9 km with the post at c; 1,200 / 1,100 km with the people of b.
    assert mean_people.because == pytest.approx({"points_opened": -6, "people": 12 / 11 - 0.9})
    within = next(one for one in found.changes if one.figure.indicator == "people_within" and one.figure.within_km == 3)
    assert within.because == pytest.approx({"points_opened": 0.6})
    # Thông's 4G was all that c had.
    covered = change_of(found, "people_covered", "3G", "any")
    assert covered.because == pytest.approx({"coverage": -600 / 1100})
    assert change_of(found, "subscriptions_per_100", "telephone").because == pytest.approx({"people": 1200 / 11 - 120})
    assert found.points.opened[["id", "name"]].to_numpy().tolist() == [["p2", "Bưu cục mới"]]


rows = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.integers(0, 900), st.floats(108.95, 109.15), st.sampled_from(["yes", "no", ""])
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[0],
)
spots = st.lists(
    st.tuples(st.sampled_from("pqrs"), st.floats(108.95, 109.15)), min_size=1, max_size=4, unique_by=lambda row: row[0]
)
OFFICIAL = st.sampled_from(["", "[official]\npopulation = 1200\n", "[official]\narea_km2 = 500\n"])
CHOSEN = st.sampled_from(["", "clip = true\n", "within_km = [1, 2]\n"])
studies = st.tuples(rows, spots, OFFICIAL, CHOSEN, st.sampled_from([109.1, EAST]))


@settings(max_examples=8)
@given(studies, studies)
def test_every_difference_is_the_sum_of_its_causes(tmp_path_factory, old, new):
    folder = tmp_path_factory.mktemp("pair")
    pair = []
    for name, (villages, points, official, chosen, east) in (("old", old), ("new", new)):
        table = [f"{one},X,{people},{lon!r},11.5,{answer}" for one, people, lon, answer in villages]
        posts = [f"{one},post,{lon!r},11.5" for one, lon in points]
        pair.append(study(folder / name, [HEADER, *table], [POINTS[0], *posts], chosen + official, east))
    assert_every_difference_is_explained(compare(*pair))


def told(*words):
    result = CliRunner().invoke(main, ["compare", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_tells_figures_causes_points_files_and_version(paper):
    text = told(*paper)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "points opened: 1: p2 Bưu cục mới" in lines
    head = lines.index("People per point 1,000 → 550 -450")
    assert lines[head + 1 : head + 3] == ["points opened -500", "people +50"]
    assert "People covered (3G) 100.0 % → 45.5 % -54.55 percentage points" in lines
    assert "People covered (3G, every network) 0.0 % → 45.5 % +45.45 percentage points" in lines
    digest = hashlib.sha256(paper[0].read_bytes()).hexdigest()[:8]
    assert lines[-3].startswith(f"then: Test district; study.toml ({digest}), villages.gpkg (")
    assert lines[-1] == f"geo {geo.__version__}"
    assert "điểm phần trăm" in told(*paper, "--lang", "vi")


def test_json_can_be_traced_to_both_studies(paper):
    answer = json.loads(told(*paper, "--format", "json"))
    assert (answer["schema"], answer["geo"]) == (1, geo.__version__)
    for side, study_file in zip(("then", "now"), paper, strict=True):
        about = answer[side]
        assert (about["study"], about["date"], about["data"]) == ("Test district", "2019-12-31", "measured")
        assert [one["layer"] for one in about["layers"]] == ["study", "villages", "points", "areas", "coverage.3G+4G"]
        for facts in about["layers"]:
            written = (Path(study_file).parent / facts["file"]).read_bytes()
            assert facts["sha256"] == hashlib.sha256(written).hexdigest()
    change = next(one for one in answer["changes"] if one["indicator"] == "people_per_point")
    keys = ("value", "numerator", "denominator", "rule", "basis", "reason")
    assert [change["then"][key] for key in keys] == [1000, 1000, 1, "people_per_point", "measured", None]
    assert [change["now"][key] for key in keys] == [550, 1100, 2, "people_per_point", "measured", None]
    assert change["because"] == {"points_opened": -500, "people": 50}
    assert answer["points"]["opened"] == [{"id": "p2", "name": "Bưu cục mới"}]
