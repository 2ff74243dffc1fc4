"""The audit of a report: the report that began this project, and reports with one wrong digit."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import StudyError
from geo.figures import Figure
from geo.judge.published import audit
from geo.judge.rounding import Span, written
from geo.judge.stated import Count, Growth, Published, Stated, Sum
from geo.study import Study
from geo.studyfile import read_study_file

STUDY = Path(__file__).parents[2] / "data" / "ninh-thuan" / "study.toml"
NAME = {"vi": "x", "en": "x"}


def figure(indicator, value, **more):
    given = {"area": "all", "unit": "", "rule": "points", **more}
    return Figure(indicator=indicator, value=value, **given)


def stated(*figures):
    return Published(figures=tuple(Stated(key, variant, Decimal(value)) for key, variant, value in figures))


@pytest.fixture(scope="module")
def report():
    study = Study.open(STUDY)
    return audit(study.file.published, study.run().figures)


def verdicts(found):
    return {(one.subject, one.variant or (one.name or {}).get("en")): one.verdict for one in found.checks}


def test_the_coverage_shares_of_the_report_are_true_by_construction(report):
    found = verdicts(report)
    for technology in ("3G", "4G", "fibre"):
        assert found["villages_covered", technology] == "by_construction"


def test_the_radius_and_people_per_point_of_the_report_reproduce(report):
    assert verdicts(report)["mean_service_radius", None] == "reproduced"
    assert verdicts(report)["people_per_point", None] == "reproduced"


def test_only_the_two_densities_of_subscriptions_cannot_be_right(report):
    assert [(one.subject, one.variant) for one in report.faults] == [
        ("subscriptions_per_100", "telephone"),
        ("subscriptions_per_100", "internet"),
    ]


def test_the_report_rests_on_three_populations_none_of_which_fits_two_ratios(report):
    # The table of implied populations, worked out by hand: 5,950 x 102; 665,633 / 1.1262; 282,455 / 0.8917.
    implied = [one for one in report.populations if one.origin == "implied"]
    assert [round(one.span.value) for one in implied] == [606_900, 591_043, 316_760]
    assert [(round(one.span.low), round(one.span.high)) for one in implied[:2]] == [
        (606_849, 606_951),
        (591_017, 591_070),
    ]
    assert [one.fits for one in implied] == [(True, False, False), (False, True, False), (False, False, True)]


def test_the_census_fits_none_of_the_published_ratios(report):
    (census,) = [one for one in report.populations if one.origin == "stated"]
    assert [round(value, 2) for value in census.values] == [5788.89, 112.73, 47.84]
    assert census.fits == (False, False, False)
    total = report.populations[0]
    assert [round(value, 2) for value in total.values] == [5950, 109.68, 46.54]


def test_a_wrong_density_is_told_with_what_would_make_it_right(report):
    text = next(one.remedy_text() for one in report.faults if one.variant == "internet")
    for part in ("591,043 people", "527,033 subscriptions", "282,455 are 47.79 per 100"):
        assert part in text
    assert "527.033" in next(one.remedy_text("vi") for one in report.faults if one.variant == "internet")


def test_both_sums_of_1966_hold(report):
    sums = [one for one in report.checks if one.subject == "sum"]
    assert [(one.computed, one.verdict) for one in sums] == [(1966, "reproduced"), (1966, "reproduced")]


def test_the_growth_rates_imply_the_year_before_and_are_not_judged(report):
    grown = [one for one in report.checks if one.subject == "growth"]
    assert [(round(one.computed), one.verdict) for one in grown] == [(394_414, "shown"), (143_498, "shown")]


def test_the_radius_implies_the_area_that_the_definition_gives(report):
    (area,) = [one for one in report.checks if one.subject == "area"]
    assert area.verdict == "shown"
    assert (area.values["area_low"], area.values["area_high"]) == (3354, 3374)


@pytest.mark.parametrize(
    ("points", "radius", "area", "verdict"),
    [
        (18_502, "2.39", 331_212, "reproduced"),
        (17_976, "2.42", 331_212, "reproduced"),
        (17_898, "2.43", 331_212, "reproduced"),
        (14_911, "2.66", 331_051, "reproduced"),
        (102, "3.24", 3_358, "reproduced"),
        (122, "2.96", 3_358, "reproduced"),
        (12_642, "2.82", 331_051, "not_reproduced"),
        (13_000, "2.93", 331_051, "not_reproduced"),
    ],
)
def test_radii_that_were_published_are_judged_as_the_formula_does(points, radius, area, verdict):
    value = (area / 3.141592653589793 / points) ** 0.5
    found = audit(
        stated(("mean_service_radius", None, radius)),
        [figure("mean_service_radius", value, numerator=float(area), denominator=points)],
    )
    assert [one.verdict for one in found.checks] == [verdict]
    if radius == "2.93":
        # 2.93 implies 12,281 points on 331,212 km2, 12,275 on 331,051.
        assert found.checks[0].values["points"] == 12_275


@given(st.decimals("0.001", "99999", places=6), st.integers(0, 4), st.integers(1, 9))
def test_a_computed_figure_passes_at_any_rounding_and_fails_with_one_digit_changed(value, places, shift):
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    own = [figure("mean_service_radius", float(value))]
    assert not audit(stated(("mean_service_radius", None, rounded)), own).faults
    wrong = rounded + Decimal(shift).scaleb(-places)
    if abs(wrong - value) > Decimal("0.5000001").scaleb(-places):
        assert audit(stated(("mean_service_radius", None, wrong)), own).faults


def test_a_count_has_to_be_the_count():
    assert not audit(stated(("points", None, "102")), [figure("points", 102)]).faults
    assert audit(stated(("points", None, "102")), [figure("points", 102.4)]).faults


def test_zeros_at_the_end_are_digits():
    assert written(Decimal("2.50")) == Span(2.495, 2.5, 2.505)
    assert written(Decimal("2.5")) == Span(2.45, 2.5, 2.55)
    assert written(Decimal(1966)) == Span(1965.5, 1966, 1966.5)
    assert written(Decimal("1E+3")) == Span(999.5, 1000, 1000.5)


def test_every_statement_that_contradicts_another_is_found():
    published = Published(
        figures=(
            Stated("villages_covered", "3G", Decimal("0.85")),
            Stated("villages_covered", "4G", Decimal("0.90")),
            Stated("people_covered", "3G", Decimal("98.5")),
        ),
        sums=(
            Sum(NAME, Decimal(1966), (Decimal(1504), Decimal(293), Decimal(168))),
            Sum(NAME, Decimal(10), (Decimal(12),)),
            Sum(NAME, Decimal("1.0"), (Decimal("0.33"), Decimal("0.33"), Decimal("0.33"))),
        ),
        growths=(
            Growth(NAME, Decimal(110), Decimal("10.0"), Decimal(100)),
            Growth(NAME, Decimal(110), Decimal("10.2"), Decimal(100)),
        ),
        counts=(Count(NAME, Decimal(47)),),
    )
    told = [(one.why, one.verdict) for one in audit(published, []).checks]
    assert told == [
        *[("not_in_study", "not_computable")] * 3,
        ("sum_fails", "not_reproduced"),
        ("part_beyond_whole", "not_reproduced"),
        ("sum_holds", "reproduced"),
        ("growth_holds", "reproduced"),
        ("growth_fails", "not_reproduced"),
        ("above_whole", "not_reproduced"),
        ("later_above_earlier", "not_reproduced"),
        ("count_alone", "shown"),
    ]


def test_every_check_can_be_said_in_both_languages(report):
    for one in report.checks:
        for language in ("vi", "en"):
            assert one.title(language)
            assert "{" not in one.text(language) + (one.remedy_text(language) or "")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("radius = 3", "no key 'published.radius'"),
        ("villages_covered = 1", "should be a table"),
        ("points = true", "should be a number"),
        ("[published.points]\na = 1", "should be a number"),
        ("[[published.sum]]\nname = 'x'\ntotal = 1", "has the keys name, total, parts"),
        ("[[published.sum]]\nname = 'x'\ntotal = 1\nparts = []", "should be a list of numbers"),
        ("[[published.total]]\nname = 'x'", "no list"),
        ("[[published.growth]]\nname = 'x'\nnow = 1\nper_cent = -100", "above -100"),
        ("[[published.count]]\nname = 3\nvalue = 1", "should be text"),
    ],
)
def test_a_statement_that_cannot_be_read_is_one_clear_line(tmp_path, lines, said):
    (tmp_path / "study.toml").write_text(f"[published]\n{lines}\n", "utf-8")
    with pytest.raises(StudyError, match=said.replace("[", r"\[")) as refused:
        read_study_file(tmp_path / "study.toml")
    assert str(refused.value).startswith(str(tmp_path / "study.toml"))


def run(*words):
    return subprocess.run([sys.executable, "-m", "geo", "audit", *words], capture_output=True, text=True, check=False)


def test_the_command_ends_with_status_3_and_says_the_same_as_json():
    told, answer = run(str(STUDY)), run(str(STUDY), "--format", "json", "--lang", "vi")
    assert (told.returncode, answer.returncode) == (3, 3)
    assert "2 of 16 statements cannot be right." in told.stdout
    found = json.loads(answer.stdout)
    assert [one["verdict"] for one in found["checks"]].count("not_reproduced") == 2
    assert found["checks"][1] | {"text": ""} == {
        "subject": "mean_service_radius",
        "variant": None,
        "title": "Bán kính phục vụ bình quân",
        "verdict": "reproduced",
        "stated": "3.24",
        "computed": pytest.approx(3.2372, abs=1e-4),
        "difference": pytest.approx(0.0028, abs=1e-4),
        "basis": "official",
        "text": "",
        "remedy": None,
    }


def test_a_study_without_statements_has_nothing_to_audit():
    ran = run("--points", str(STUDY.parent / "points.csv"))
    assert (ran.returncode, ran.stdout.strip()) == (0, "0 of 0 statements cannot be right.")
