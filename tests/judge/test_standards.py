"""Standards: hand values for pass, fail and the points still needed; rules that a file may not hold."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geo
from geo.errors import StudyError
from geo.figures import Figure
from geo.judge.rulebook import Rule, Standard, read_standard, shipped
from geo.judge.standards import Measured, judge, limits_of
from geo.study import Study

STUDY = Path(__file__).parents[2] / "data" / "ninh-thuan" / "study.toml"
NAME = {"vi": "x", "en": "x"}
NOWHERE = gpd.GeoDataFrame({"name": []}, geometry=[], crs=4326)


def figure(indicator, value, **more):
    return Figure(area="all", indicator=indicator, value=value, unit="", rule="points", **more)


def one_rule(**given):
    return Standard(key="x", title=NAME, source=NAME, rules=(Rule(name=NAME, **{"scope": "whole"} | given),))


def judged(standard, figures=(), villages=NOWHERE, areas=NOWHERE):
    (found,) = judge(standard, Measured(figures=figures, villages=villages, areas=areas))
    return found


def test_a_radius_above_the_limit_needs_the_points_that_the_formula_asks_for():
    # Ninh Thuận: 3,358 km2 / (pi x 3 x 3) = 118.8, so 119 points, 17 more than 102.
    figures = [figure("mean_service_radius", 3.2372), figure("points", 102), figure("area", 3358.0)]
    found = judged(one_rule(indicator="mean_service_radius", at_most=3.0), figures)
    assert (found.passed, found.more_points) == (False, 17)
    assert found.outcomes[0].miss == pytest.approx(0.2372)


@given(st.floats(1, 1e6), st.integers(1, 5000), st.floats(0.1, 50))
def test_the_points_said_to_be_missing_are_enough_and_one_fewer_is_not(area, points, limit):
    figures = [
        figure("mean_service_radius", geo.mean_service_radius(area, points)),
        figure("points", points),
        figure("area", area),
    ]
    found = judged(one_rule(indicator="mean_service_radius", at_most=limit), figures)
    if found.more_points is not None:
        enough = points + found.more_points
        assert geo.mean_service_radius(area, enough) <= limit * (1 + 1e-9)
        assert found.more_points == 0 or math.sqrt(area / math.pi / (enough - 1)) > limit * (1 - 1e-9)


def test_people_per_point_above_the_limit_need_more_points():
    figures = [figure("people_per_point", 9000.0), figure("points", 10), figure("population", 90_000)]
    assert judged(one_rule(indicator="people_per_point", at_most=8000.0), figures).more_points == 2
    assert judged(one_rule(indicator="people_per_point", at_most=9000.0), figures).passed is True


def test_each_area_is_judged_and_those_that_fail_are_named_the_worst_first():
    areas = gpd.GeoDataFrame(
        {"name": ["An", "Bình", "Cam"], "points": [1.0, 0.0, 3.0], "people_within:2": [0.9, math.nan, 0.5]},
        geometry=[None] * 3,
        index=["1", "2", "3"],
        crs=4326,
    )
    found = judged(one_rule(indicator="points", at_least=1.0, scope="areas"), areas=areas)
    assert [one.name for one in found.failing] == ["Bình"]
    assert found.more_points == 1
    found = judged(one_rule(indicator="people_within", within_km=2.0, at_least=0.95, scope="areas"), areas=areas)
    assert [(one.name, round(one.miss, 2)) for one in found.failing] == [("Cam", -0.45), ("An", -0.05)]
    assert [one.passed for one in found.outcomes] == [False, None, False]
    assert found.more_points is None


def test_a_rule_for_some_villages_looks_at_them_alone(villages):
    # 0, 3 and 10 km from the post, with 100, 300 and 600 people.
    table = villages.assign(distance_km=[0.0, 3.0, 10.0], settlement=["Urban", "urban ", "rural"])
    rule = {"indicator": "people_within", "within_km": 1.0, "at_least": 0.5}
    found = judged(one_rule(**rule, where=("settlement", "urban")), villages=table)
    assert (found.outcomes[0].value, found.passed) == (0.25, False)
    found = judged(
        one_rule(indicator="nearest_distance_max", at_most=3.2, where=("settlement", "urban")), villages=table
    )
    assert (found.outcomes[0].value, found.passed) == (3.0, True)
    missing = judged(one_rule(**rule, where=("deprived", "yes")), villages=table)
    assert (missing.passed, missing.outcomes[0].reason) == (None, "column_not_there")


def test_what_nothing_gives_is_not_known_and_not_passed():
    found = judged(one_rule(indicator="villages_covered", technology="3G", at_least=1.0))
    assert (found.passed, found.outcomes[0].reason) == (None, "figure_not_given")
    assert judged(one_rule(indicator="points", at_least=1.0, scope="areas")).passed is None


def test_ninh_thuan_fails_the_radius_of_the_universal_service_and_keeps_the_rest():
    standards = Study.open(STUDY).file.standards
    results = Study.open(STUDY).measuring_within(limits_of(standards)).run()
    measured = Measured(figures=results.figures, villages=results.villages, areas=results.areas)
    kept = [[one.passed for one in judge(standard, measured)] for standard in standards]
    assert kept == [[False, True, True], [True, True]]


def test_the_british_limits_are_miles():
    limits = limits_of([read_standard("uk-post")])
    assert limits == pytest.approx([1.609344, 3 * 1.609344, 6 * 1.609344])


def test_thresholds_that_nobody_read_at_their_source_say_so():
    assert shipped() == ["hk-post", "uk-post", "vn-new-rural", "vn-postal"]
    assert [rule.verified for rule in read_standard("vn-postal").rules] == [False] * 3
    ran = subprocess.run(
        [sys.executable, "-m", "geo", "audit", str(STUDY)], capture_output=True, text=True, check=False
    )
    assert ran.stdout.count("(threshold not verified at its source)") == 3
    assert "at least 17 more points" in ran.stdout


def test_the_command_gives_the_rules_as_json_with_every_area():
    words = [sys.executable, "-m", "geo", "audit", str(STUDY), "--standard", "uk-post", "--format", "json"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    (found,) = json.loads(ran.stdout)["standards"]
    assert (found["standard"], len(found["rules"]), len(found["rules"][5]["outcomes"])) == ("uk-post", 6, 65)
    assert found["rules"][2]["outcomes"][0]["reason_text"] == "the villages have no such column"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "no key 'x'"),
        ("title = 'x'", "a standard has rules"),
        ("[[rule]]\nname = 'x'", "indicator = None"),
        ("[[rule]]\nindicator = 'points'", "either at_least or at_most"),
        ("[[rule]]\nindicator = 'points'\nat_least = 1\nat_most = 2", "either at_least or at_most"),
        ("[[rule]]\nindicator = 'people_within'\nat_least = 1", "needs within_km"),
        ("[[rule]]\nindicator = 'points'\nat_least = true", "'at_least' = True"),
        ("[[rule]]\nindicator = 'points'\nat_least = 1\nscope = 'part'", "scope = 'part'"),
        ("[[rule]]\nindicator = 'points'\nat_least = 1\nwhere = { column = 'a', value = 'b' }", "goes with"),
        ("[[rule]\n", "no file of rules"),
    ],
)
def test_a_rule_that_cannot_be_read_is_one_clear_line(tmp_path, text, said):
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(StudyError) as refused:
        read_standard("mine.toml", tmp_path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_standard_that_is_nowhere_names_those_there_are():
    with pytest.raises(StudyError, match="none of hk-post, uk-post, vn-new-rural, vn-postal"):
        read_standard("vn-post")
