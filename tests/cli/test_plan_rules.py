"""`geo plan --keep`: a rule of a standard as the goal, on the district that can be worked out on paper."""

from __future__ import annotations

import pytest

from .planned import NINH_THUAN, answer, run, standard


@pytest.mark.parametrize(
    ("rule", "sites", "failing"),
    [
        ("indicator = 'points'\nat_least = 1\nscope = 'areas'", ["c"], [["Đông"], []]),
        ("indicator = 'points'\nat_least = 3", ["c", "b"], [["all"], []]),
        ("indicator = 'people_per_point'\nat_most = 400", ["c", "b"], [["all"], []]),
        ("indicator = 'people_per_point'\nat_most = 600\nscope = 'areas'", ["c"], [["Đông"], []]),
        ("indicator = 'people_within'\nwithin_km = 1\nat_least = 0.7", ["c"], [["all"], []]),
        (
            "indicator = 'people_within'\nwithin_km = 1\nat_least = 1\nscope = 'areas'",
            ["c", "b"],
            [["Tây", "Đông"], []],
        ),
        ("indicator = 'villages_within'\nwithin_km = 1\nat_least = 0.6", ["b"], [["all"], []]),
        ("indicator = 'nearest_distance_max'\nat_most = 4", ["c"], [["all"], []]),
        ("indicator = 'villages_within'\nwithin_km = 4\nat_least = 0.5", [], [[], []]),
        (
            "indicator = 'nearest_distance_max'\nat_most = 1\nwhere = { column = 'fibre', value = 'no' }",
            ["b"],
            [["all"], []],
        ),
    ],
)
def test_a_rule_of_a_standard_is_the_goal(tmp_path, district, rule, sites, failing):
    told = answer(district, "--keep", standard(tmp_path / "mine.toml", rule))
    assert [site["site_id"] for site in told["sites"]] == sites
    assert [sorted(told["keep"]["failing"][when], reverse=True) for when in ("before", "after")] == [
        sorted(failing[0], reverse=True),
        failing[1],
    ]
    assert told["keep"]["kept"]["after"] is True


def test_a_rule_is_named_by_its_number_or_its_name(tmp_path, district):
    two = standard(tmp_path / "two.toml", "indicator = 'points'\nat_least = 2", "indicator = 'points'\nat_least = 3")
    by_number, by_name = (answer(district, "--keep", f"{two}::{name}")["sites"] for name in ("2", "RULE 2"))
    assert by_number == by_name
    assert len(by_number) == 2
    assert "it has 2 rules" in run(district, "--keep", two).stderr
    assert "there is no such rule" in run(district, "--keep", f"{two}::9").stderr
    assert "not verified at its source" in run(district, "--keep", f"{two}::1").stdout
    short = run(district, "--keep", f"{two}::2", "--forbid", "a", "--forbid", "b")
    assert "fewer candidates than points" in short.stdout
    alone = ("--villages", district.parent / "villages.gpkg")
    assert len(answer(*alone, "--keep", f"{two}::1")["sites"]) == 2
    near = standard(tmp_path / "near.toml", "indicator = 'people_within'\nwithin_km = 1\nat_least = 0.6")
    assert [site["site_id"] for site in answer(*alone, "--keep", near)["sites"]] == ["c"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("indicator = 'people_covered'\ntechnology = '4G'\nat_least = 1", "points do not change it"),
        ("indicator = 'points'\nat_most = 3", "farther from that"),
        ("indicator = 'nearest_distance_mean'\nat_most = 3", "no search tells"),
        ("indicator = 'subscriptions_per_100'\ntechnology = 'internet'\nat_least = 3", "points do not change it"),
    ],
)
def test_a_rule_that_points_cannot_keep_is_refused(tmp_path, district, rule, says):
    result = run(district, "--keep", standard(tmp_path / "mine.toml", rule))
    assert (result.exit_code, says in result.stderr, result.stderr.count("\n")) == (1, True, 1)


def test_a_share_is_told_in_per_cent(tmp_path, district):
    rule = standard(tmp_path / "mine.toml", "indicator = 'people_within'\nwithin_km = 1\nat_least = 0.7")
    assert "1 point: 70 % after 10 %" in run(district, "--keep", rule).stdout


def test_seventeen_points_and_the_mean_service_radius_is_kept():
    told = answer(NINH_THUAN, "--keep", "vn-postal::1")
    assert (told["keep"]["points"], len(told["sites"]), told["keep"]["kept"]) == (
        17,
        17,
        {"before": False, "after": True},
    )
