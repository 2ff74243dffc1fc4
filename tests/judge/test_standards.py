"""Standards: hand values for pass, fail and the points still needed; rules that a file may not hold."""

from __future__ import annotations

import hashlib
import json
import math
from itertools import combinations
from pathlib import Path

import click
import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from geo.cli.main import main
from geo.cli.rules import tell_standards
from geo.errors import StudyError
from geo.figures import Figure
from geo.judge.rulebook import Rule, Standard, read_standard, shipped
from geo.judge.standards import Measured, judge, limits_of
from geo.plan.pairs import pairs_between
from geo.plan.problem import Problem
from geo.plan.set_cover import set_cover
from geo.study.study import Study

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
    found = judged(
        one_rule(indicator="people_within", within_km=2.0, at_least=0.95, scope="areas"),
        areas=areas,
        villages=row_of_villages(0),
    )
    assert [(one.name, round(one.miss, 2)) for one in found.failing] == [("Cam", -0.45), ("An", -0.05)]
    assert [one.passed for one in found.outcomes] == [False, None, False]


def test_a_rule_for_some_villages_looks_at_them_alone(villages):
    # 0, 3 and 10 km from the post, with 100, 300 and 600 people.
    table = villages.assign(
        distance_km=[0.0, 3.0, 10.0],
        settlement=["Urban", "urban ", "rural"],
        lon=villages.geometry.x,
        lat=villages.geometry.y,
    )
    rule = {"indicator": "people_within", "within_km": 1.0, "at_least": 0.5}
    found = judged(one_rule(**rule, where=(("settlement", "urban"),)), villages=table)
    assert (found.outcomes[0].value, found.passed) == (0.25, False)
    found = judged(
        one_rule(indicator="nearest_distance_max", at_most=3.2, where=(("settlement", "urban"),)), villages=table
    )
    assert (found.outcomes[0].value, found.passed) == (3.0, True)
    missing = judged(one_rule(**rule, where=(("deprived", "yes"),)), villages=table)
    assert (missing.passed, missing.outcomes[0].reason) == (None, "column_not_there")


def test_a_rule_with_two_conditions_looks_at_villages_that_meet_both(villages):
    # An urban deprived village at the post, and a rural deprived one far off: the rule is on the urban one alone.
    table = villages.assign(
        distance_km=[0.0, 3.0, 10.0], settlement=["urban", "urban", "rural"], deprived=["yes", "no", "Yes"]
    )
    rule = read_standard("uk-post").rules[4]
    assert rule.where == (("settlement", "urban"), ("deprived", "yes"))
    (outcome,) = judged(Standard(key="x", title=NAME, source=NAME, rules=(rule,)), villages=table).outcomes
    assert (outcome.value, outcome.passed, outcome.numerator, outcome.denominator) == (1.0, True, 100.0, 100.0)


def test_people_who_are_mostly_unknown_are_not_judged(villages):
    table = villages.assign(distance_km=[0.0, 3.0, 10.0], settlement="urban", population=[100, math.nan, math.nan])
    rule = {"indicator": "people_within", "within_km": 1.0, "at_least": 0.5, "where": (("settlement", "urban"),)}
    (outcome,) = judged(one_rule(**rule), villages=table).outcomes
    assert (outcome.passed, outcome.reason) == (None, "mostly_unknown")


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ({"indicator": "mean_service_radius", "at_most": 3.0}, 119),
        ({"indicator": "people_per_point", "at_most": 8000.0}, 76),
        ({"indicator": "nearest_distance_p90", "at_most": 5.0}, None),
    ],
)
def test_where_there_is_no_point_at_all_a_rule_is_not_kept(rule, more):
    figures = [
        figure(rule["indicator"], None, reason="no_points"),
        figure("points", 0),
        figure("area", 3358.0),
        figure("population", 606_900),
    ]
    found = judged(one_rule(**rule), figures)
    assert (found.passed, found.outcomes[0].reason, found.more_points) == (False, "no_points", more)
    not_given = [figure(rule["indicator"], None, reason="points_not_given")]
    assert judged(one_rule(**rule), not_given).passed is None


def test_an_area_without_points_fails_before_those_that_are_far_off_and_an_empty_one_does_not():
    areas = gpd.GeoDataFrame(
        {
            "name": ["An", "Bình", "Cam"],
            "points": [1.0, 0.0, 0.0],
            "population": [9000.0, 100.0, 0.0],
            "people_per_point": [9000.0, math.nan, math.nan],
            "why:people_per_point": [None, "no_points", "no_points"],
        },
        geometry=[None] * 3,
        index=["1", "2", "3"],
        crs=4326,
    )
    found = judged(one_rule(indicator="people_per_point", at_most=8000.0, scope="areas"), areas=areas)
    assert [(one.name, one.miss) for one in found.failing] == [("Bình", None), ("An", 1000.0)]
    assert [one.name for one in found.unknown] == ["Cam"]
    assert [(one.numerator, one.denominator) for one in found.outcomes] == [(9000, 1), (100, 0), (0, 0)]
    assert found.more_points == 2


def row_of_villages(*km, people=100.0, area="1"):
    """Villages along the equator, so far east, none of which has a point within reach."""
    lon = [one / 111.3195 for one in km]
    table = gpd.GeoDataFrame(
        {"population": people, "distance_km": math.inf, "area_id": area, "lon": lon, "lat": 0.0},
        geometry=gpd.points_from_xy(lon, [0.0] * len(lon)),
        crs=4326,
    )
    return table.assign(distance_km=50.0)


def test_distance_rules_tell_the_least_number_of_points_anywhere_and_at_villages():
    # Pairs 3 km apart, 20 km between them: within 2 km, one point between two villages serves both, one at a village
    # serves it alone.
    villages = row_of_villages(0, 3, 20, 23, 40, 43)
    rule = {"indicator": "nearest_distance_max", "at_most": 2.0}
    found = judged(one_rule(**rule), [figure("nearest_distance_max", 50.0)], villages=villages)
    assert (found.further.anywhere, found.further.at_villages, found.more_points) == (3, 6, 3)
    share = {"indicator": "people_within", "within_km": 2.0, "at_least": 0.5}
    found = judged(one_rule(**share), [figure("people_within", 0.0, within_km=2.0)], villages=villages)
    assert (found.further.anywhere, found.further.at_villages) == (2, 3)
    share["indicator"] = "villages_within"
    found = judged(one_rule(**share), [figure("villages_within", 0.0, within_km=2.0)], villages=villages)
    assert (found.further.anywhere, found.further.at_villages) == (2, 3)


def test_each_area_that_fails_needs_its_own_share():
    villages = pd.concat([row_of_villages(0, 10, area="1"), row_of_villages(30, 40, area="2")], ignore_index=True)
    areas = gpd.GeoDataFrame(
        {"name": ["An", "Bình"], "people_within:2": [0.0, 0.6]}, geometry=[None] * 2, index=["1", "2"], crs=4326
    )
    rule = {"indicator": "people_within", "within_km": 2.0, "scope": "areas"}
    found = judged(one_rule(**rule, at_least=0.5), areas=areas, villages=villages)
    assert (found.further.anywhere, found.further.at_villages) == (1, 1)
    found = judged(one_rule(**rule, at_least=1.0), areas=areas, villages=villages)
    assert (found.further.anywhere, found.further.at_villages) == (4, 4)


@given(st.data())
@settings(max_examples=30)
def test_no_choice_of_points_keeps_a_rule_with_fewer_than_are_said_to_be_needed(data):
    km = data.draw(st.lists(st.floats(0, 30), min_size=1, max_size=9))
    people = data.draw(st.lists(st.integers(1, 1000), min_size=len(km), max_size=len(km)))
    share = data.draw(st.sampled_from([0.3, 0.5, 0.9, 1.0]))
    villages = row_of_villages(*km, people=[float(one) for one in people])
    rule = {"indicator": "people_within", "within_km": 2.0, "at_least": share}
    found = judged(one_rule(**rule), [figure("people_within", 0.0, within_km=2.0)], villages=villages).further
    # On a line, what one point can serve begins at a village and is 4 km long; at villages it is 2 km either way.
    for said, sets in (
        (found.anywhere, [{row for row, one in enumerate(km) if start <= one <= start + 4.001} for start in km]),
        (found.at_villages, [{row for row, one in enumerate(km) if abs(one - site) <= 2.001} for site in km]),
    ):
        for fewer in combinations(sets, said - 1):
            assert sum(people[row] for row in set().union(*fewer)) < share * sum(people)


def test_too_many_villages_pixels_and_coverage_are_told_in_place_of_a_number(monkeypatch):
    villages = row_of_villages(0, 10)
    rule = {"indicator": "people_within", "within_km": 2.0, "at_least": 0.5}
    pixels = Figure(
        area="all", indicator="people_within", value=0.1, unit="share", rule="people_within_pixels", within_km=2.0
    )
    assert judged(one_rule(**rule), [pixels], villages=villages).further.reason == "more_points_pixels"
    monkeypatch.setattr("geo.judge.further.MOST_VILLAGES", 1)
    own = [figure("people_within", 0.1, within_km=2.0)]
    assert judged(one_rule(**rule), own, villages=villages).further.reason == "more_points_too_many"
    coverage = judged(
        one_rule(indicator="villages_covered", technology="4G", at_least=1.0),
        [figure("villages_covered", 0.9, technology="4G")],
    )
    assert (coverage.passed, coverage.further.anywhere, coverage.further.reason) == (False, None, None)


def test_the_bound_at_villages_is_what_geo_plan_proves():
    study = Study.open(STUDY).measuring_within([2])
    results = study.run()
    measured = Measured(figures=results.figures, villages=results.villages, areas=results.areas)
    rule = {"indicator": "people_within", "within_km": 2.0, "at_least": 0.95}
    (found,) = judge(one_rule(**rule), measured)
    villages = results.villages
    pairs = pairs_between(villages["lon"], villages["lat"], villages["lon"], villages["lat"], within_m=2000)
    served_m = 1000 * villages["distance_km"].to_numpy()
    problem = Problem(pairs=pairs, people=villages["population"].to_numpy(float), served_m=served_m)
    best = set_cover(problem, within_m=2000, share=0.95)
    assert best.status == "optimal"
    assert 0.9 * best.objective <= found.further.at_villages <= best.objective
    assert 1 <= found.further.anywhere <= found.further.at_villages


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "95 % within 2 km areas: 4 NOT KEPT",
                "failing: 2 of 4 areas: Cam (50 %, by 45 percentage points), An (90 %, by 5 percentage points)",
                "not known: 1 of 4 areas: nobody is known to live there",
                "1 of 1 rule of standards is not kept.",
            ],
        ),
        ("vi", ["Cam (50 %, lệch 45 điểm phần trăm)", "chưa biết: 1 trong 4 địa bàn"]),
    ],
)
def test_the_text_says_which_areas_miss_a_rule_by_how_much_and_of_which_it_is_not_known(language, said):
    areas = gpd.GeoDataFrame(
        {
            "name": ["An", "Bình", "Cam", "Dinh"],
            "people_within:2": [0.9, math.nan, 0.5, 1.0],
            "why:people_within:2": [None, "no_people", None, None],
        },
        geometry=[None] * 4,
        index=["1", "2", "3", "4"],
        crs=4326,
    )
    rule = Rule(
        name=dict.fromkeys(("vi", "en"), "95 % within 2 km"),
        indicator="people_within",
        within_km=2.0,
        at_least=0.95,
        scope="areas",
        verified=True,
    )
    standard = Standard(key="x", title=NAME, source=NAME, rules=(rule,))
    found = judge(standard, Measured(figures=(), villages=row_of_villages(0), areas=areas))
    text = " ".join(click.unstyle(" ".join(tell_standards([(standard, found)], language))).split())
    for one in said:
        assert one in text


def test_outcomes_of_a_study_carry_what_they_were_computed_from():
    study = Study.open(STUDY).measuring_within(limits_of([read_standard("uk-post"), read_standard("vn-postal")]))
    results = study.run()
    measured = Measured(figures=results.figures, villages=results.villages, areas=results.areas)
    radius, people, points = judge(read_standard("vn-postal"), measured)
    (found,) = radius.outcomes
    assert (found.numerator, found.denominator, found.rule, found.basis) == (
        3358,
        102,
        "mean_service_radius",
        "official",
    )
    assert people.outcomes[0].numerator == 606_900
    assert {(one.rule, one.basis) for one in points.outcomes} == {("points", "by_construction")}
    for one in judge(read_standard("uk-post"), measured)[5].outcomes:
        assert one.numerator / one.denominator == one.value


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
    ran = CliRunner().invoke(main, ["audit", str(STUDY)])
    assert ran.stdout.count("(threshold not verified at its source)") == 5
    assert "at least 17 more points" in ran.stdout
    assert "3.237 km  NOT KEPT by 0.237 km" in ran.stdout
    assert "areas: 65  kept" in ran.stdout


def test_the_command_gives_the_rules_as_json_with_every_area():
    ran = CliRunner().invoke(main, ["audit", str(STUDY), "--standard", "uk-post", "--format", "json"])
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
        ("[[rule]]\nindicator = 'nearest_distance_max'\nat_most = 2\nwhere = [1]", "goes with"),
        ("[[rule]\n", "no file of rules"),
    ],
)
def test_a_rule_that_cannot_be_read_is_one_clear_line(tmp_path, text, said):
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(StudyError) as refused:
        read_standard("mine.toml", tmp_path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_technologies_of_a_rule_may_be_spelled_otherwise(tmp_path):
    text = "[[rule]]\nindicator = 'villages_covered'\ntechnology = 'umts'\nat_least = 1"
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    (rule,) = read_standard("mine.toml", tmp_path).rules
    assert rule.technology == "3G"


def test_a_standard_knows_the_hash_of_its_file(tmp_path):
    (tmp_path / "mine.toml").write_text("[[rule]]\nindicator = 'points'\nat_least = 1", "utf-8")
    mine = read_standard("mine.toml", tmp_path)
    assert (mine.file, mine.sha256) == (
        "mine.toml",
        hashlib.sha256((tmp_path / "mine.toml").read_bytes()).hexdigest(),
    )
    folder = Path(geo.__file__).parent / "judge" / "rules"
    for name in shipped():
        digest = hashlib.sha256((folder / f"{name}.toml").read_bytes()).hexdigest()
        assert (read_standard(name).file, read_standard(name).sha256) == (f"{name}.toml", digest)


def test_what_was_read_in_news_pages_is_not_verified():
    standard = read_standard("vn-new-rural")
    assert [rule.verified for rule in standard.rules] == [False, False]
    assert "news pages" in standard.source["en"]
    assert "trang tin" in standard.source["vi"]


def test_a_standard_that_is_nowhere_names_those_there_are():
    with pytest.raises(StudyError, match="none of hk-post, uk-post, vn-new-rural, vn-postal"):
        read_standard("vn-post")
