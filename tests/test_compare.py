"""Two studies compared: each cause is worth what it changes, and together they are the whole difference."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.compare import CAUSES, compare
from geo.study import Study

NINH_THUAN = Path(__file__).parents[1] / "data" / "ninh-thuan" / "study.toml"
VILLAGES = [
    "id,name,people,lon,lat,fibre",
    "a,An,100,109.00,11.5,yes",
    "b,Bình,300,109.03,11.5,no",
    "c,Cam,600,109.10,11.5,yes",
]
POINTS = ["id,lon,lat", "p1,109.00,11.5", "p2,109.10,11.5"]
AREAS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "Xã"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[108.9, 11.4], [109.2, 11.4], [109.2, 11.6], [108.9, 11.6], [108.9, 11.4]]],
            },
        }
    ],
}


def study(folder, villages=VILLAGES, points=POINTS, more=""):
    folder.mkdir()
    (folder / "v.csv").write_text("\n".join(villages), "utf-8")
    (folder / "p.csv").write_text("\n".join(points), "utf-8")
    (folder / "a.geojson").write_text(json.dumps(AREAS), "utf-8")
    (folder / "study.toml").write_text(
        '[villages]\nfile = "v.csv"\nid = "id"\npopulation = "people"\n[points]\nfile = "p.csv"\nid = "id"\n'
        '[areas]\nfile = "a.geojson"\n[coverage.fibre]\ncolumn = "fibre"\n' + more,
        "utf-8",
    )
    return Study.open(folder / "study.toml")


def change_of(found, indicator, technology=None):
    return next(
        one for one in found.changes if (one.figure.indicator, one.figure.technology) == (indicator, technology)
    )


def test_a_study_does_not_differ_from_itself():
    same = Study.open(NINH_THUAN)
    found = compare(same, same)
    assert {one.difference for one in found.changes} <= {0, None}
    assert not any(one.because for one in found.changes)


def test_a_closed_point_and_a_new_one_are_told_apart(tmp_path):
    then = study(tmp_path / "then")
    now = study(tmp_path / "now", points=["id,lon,lat", "p3,109.03,11.5", "p2,109.10,11.5", "p4,109.2,11.5"])
    found = compare(then, now)
    assert found.points.closed["id"].tolist() == ["p1"]
    assert sorted(found.points.opened["id"]) == ["p3", "p4"]
    points = change_of(found, "points")
    assert (points.difference, points.because) == (1, {"points_closed": -1, "points_opened": 2})
    # 1,000 people: at 2, 1 and 3 points they are 500, 1,000 and 333.3 each.
    people = change_of(found, "people_per_point")
    assert people.because == pytest.approx({"points_closed": 500, "points_opened": -2000 / 3})


def test_a_point_that_moved_is_neither_closed_nor_opened(tmp_path):
    then = study(tmp_path / "then")
    now = study(tmp_path / "now", points=["id,lon,lat", "p2,109.10,11.5", "p1,109.01,11.5"])
    found = compare(then, now)
    assert found.points.closed.empty
    assert found.points.opened.empty
    assert (found.points.moved["id"].tolist(), round(found.points.moved["km"].iloc[0], 2)) == (["p1"], 1.09)
    assert set(change_of(found, "nearest_distance_mean").because) == {"points_moved"}


def test_people_villages_totals_and_answers_are_causes_of_their_own(tmp_path):
    then = study(tmp_path / "then", more="[subscriptions]\ninternet = 100\n")
    now = study(
        tmp_path / "now",
        villages=[
            "id,name,people,lon,lat,fibre",
            "b,Bình,400,109.03,11.5,no",
            "c,Cam,600,109.10,11.5,yes",
            "a,An,100,109.0,11.5,no",
        ],
        more="[subscriptions]\ninternet = 150\n[official]\npopulation = 1200\n",
    )
    found = compare(then, now)
    assert change_of(found, "people_per_point").because == {"people": 50, "totals": 50}
    assert change_of(found, "villages_covered", "fibre").because == pytest.approx({"coverage": -1 / 3})
    density = change_of(found, "subscriptions_per_100", "internet")
    # 100 of 1,000 people; of 1,100; 150 of 1,200.
    assert density.because == pytest.approx({"people": 100 / 11 - 10, "totals": 12.5 - 100 / 11})


rows = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 900), st.floats(108.95, 109.15), st.booleans()),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[0],
)
spots = st.lists(
    st.tuples(st.sampled_from("pqrs"), st.floats(108.95, 109.15)), min_size=1, max_size=4, unique_by=lambda row: row[0]
)


@settings(max_examples=15)
@given(rows, rows, spots, spots)
def test_the_causes_add_up_to_the_difference(tmp_path_factory, old, new, closed, opened):
    folder = tmp_path_factory.mktemp("pair")
    pair = []
    for name, villages, points in (("old", old, closed), ("new", new, opened)):
        table = [f"{one},X,{people},{lon!r},11.5,{'yes' if answer else 'no'}" for one, people, lon, answer in villages]
        posts = [f"{one},{lon!r},11.5" for one, lon in points]
        pair.append(study(folder / name, [VILLAGES[0], *table], [POINTS[0], *posts]))
    for change in compare(*pair).changes:
        if change.because:
            assert set(change.because) <= set(CAUSES)
            assert np.isclose(sum(change.because.values()), change.difference, rtol=0, atol=1e-9)


def test_the_command_tells_figures_causes_and_points(tmp_path):
    study(tmp_path / "then")
    study(tmp_path / "now", points=[*POINTS, "p3,109.03,11.5"])
    words = [
        sys.executable,
        "-m",
        "geo",
        "compare",
        str(tmp_path / "then/study.toml"),
        str(tmp_path / "now/study.toml"),
    ]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "points opened: 1: p3" in told.stdout
    lines = [" ".join(line.split()) for line in told.stdout.splitlines()]
    assert "People per point 500 → 333 -166.67" in lines
    assert lines[lines.index("People per point 500 → 333 -166.67") + 1] == "points opened -166.67"
    answer = json.loads(
        subprocess.run([*words, "--format", "json"], capture_output=True, text=True, check=False).stdout
    )
    people = next(one for one in answer["changes"] if one["indicator"] == "people_per_point")
    assert people["because"] == {"points_opened": pytest.approx(-500 / 3)}
    assert answer["points"]["opened"] == [{"id": "p3", "name": None}]
