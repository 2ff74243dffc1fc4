"""The audit of a report: the report that began this project, and reports with one wrong digit."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st

import geo
from geo.cli.main import main
from geo.errors import StudyError
from geo.figures import Figure
from geo.judge.published import audit
from geo.judge.rounding import Span, written
from geo.judge.standards import limits_of
from geo.judge.stated import Count, Growth, Published, Stated, Sum, limit_key
from geo.measure.indicators import INDICATORS
from geo.study.file import read_study_file
from geo.study.study import Study

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


def test_the_radius_of_the_report_reproduces(report):
    assert verdicts(report)["mean_service_radius", None] == "reproduced"


def test_people_per_point_agree_by_construction_where_the_population_was_worked_out_from_them(report):
    # 5,950 x 102 = 606,900, the official population to the last person.
    (found,) = [one for one in report.checks if one.subject == "people_per_point"]
    assert (found.verdict, found.why) == ("by_construction", "fits_circular")
    assert "606,900, is to the last person the one that this figure implies" in found.text()
    people = figure("population", 606_901, basis="official")
    computed = figure("people_per_point", 606_901 / 102, numerator=606_901, denominator=102)
    near = audit(stated(("points", None, "102"), ("people_per_point", None, "5950")), [people, computed])
    assert [one.verdict for one in near.checks if one.subject == "people_per_point"] == ["reproduced"]


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
    assert [(round(one.denominator), one.verdict) for one in grown] == [(394_414, "shown"), (143_498, "shown")]
    assert "implies 394,414 the year before (394,398 to 394,431)" in grown[0].text()
    # Per cent stand beside per cent alone.
    assert [(one.computed, one.unit) for one in grown] == [(None, "per cent")] * 2


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


@pytest.mark.parametrize(
    ("published", "area", "population", "fits"),
    [
        ((18_502, "2.39", "4659"), 331_212, 86_200_818, True),
        ((17_976, "2.42", "4796"), 331_212, 86_212_896, True),
        ((17_898, "2.43", "4817"), 331_212, 86_214_666, True),
        ((14_911, "2.66", "5922"), 331_051, 88_302_942, True),
        ((102, "3.24", "5950"), 3_358, 606_900, True),
        ((122, "2.96", "4907"), 3_358, 598_654, True),
        ((12_642, "2.82", "7022"), 331_051, 88_772_124, False),
        ((13_000, "2.93", "7100"), 331_212, 92_300_000, False),
    ],
)
def test_a_report_without_layers_is_held_against_its_area_and_tells_its_population(published, area, population, fits):
    radius = published[1]
    keys = ("points", "mean_service_radius", "people_per_point")
    statements = stated(*((key, None, value) for key, value in zip(keys, published, strict=True)))
    found = audit(statements, [figure("area", float(area), basis="official")])
    assert [round(one.span.value) for one in found.populations] == [population]
    (implied,) = [one for one in found.checks if one.subject == "area"]
    assert implied.verdict == ("shown" if fits else "not_reproduced")
    if radius == "2.93":
        # "Over 13,000 points" with 2.93 km: the radius needs 12,281.
        assert round(math.pi * float(radius) ** 2 * 12_281) == pytest.approx(area, abs=30)
        assert (implied.values["points_low"], implied.values["points"], implied.values["points_high"]) == (
            12_239,
            12_281,
            12_323,
        )
        assert "12,239 to 12,323 points" in implied.remedy_text()


@given(st.decimals("0.001", "99999", places=6), st.integers(0, 4), st.integers(1, 9))
def test_a_computed_figure_passes_at_any_rounding_and_fails_with_one_digit_changed(value, places, shift):
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    own = [figure("mean_service_radius", float(value))]
    assert not audit(stated(("mean_service_radius", None, rounded)), own).faults
    wrong = rounded + Decimal(shift).scaleb(-places)
    if abs(wrong - value) > Decimal("0.5000001").scaleb(-places):
        assert audit(stated(("mean_service_radius", None, wrong)), own).faults


@pytest.mark.parametrize(
    ("row", "area", "verdict", "computed"),
    [
        ((18_502, "2.39"), 331_212, "reproduced", 2.387),
        ((14_911, "2.66"), 331_051, "reproduced", 2.658),
        ((122, "2.96"), 3_358, "reproduced", 2.960),
        ((12_642, "2.82"), 331_051, "not_reproduced", 2.887),
        ((13_000, "2.93"), 331_212, "not_reproduced", 2.848),
    ],
)
def test_a_study_of_a_report_alone_is_judged_with_the_published_number_of_points(
    tmp_path, row, area, verdict, computed
):
    points, radius = row
    (tmp_path / "study.toml").write_text(
        f"""
        official = {{ area_km2 = {area}, population = 90_000_000 }}
        published = {{ points = {points}, mean_service_radius = {radius}, people_per_point = 7_000 }}
        """,
        "utf-8",
    )
    study = Study.open(tmp_path / "study.toml")
    checks = {one.subject: one for one in audit(study.file.published, study.run().figures).checks}
    found = checks["mean_service_radius"]
    assert (found.verdict, found.numerator, found.denominator) == (verdict, area, points)
    assert found.computed == pytest.approx(computed, abs=5e-4)
    assert "the published number of points" in found.text()
    assert checks["people_per_point"].computed == pytest.approx(90_000_000 / points)
    assert checks["people_per_point"].verdict == "not_reproduced"
    # It is told once: the area that the radius implies is shown beside.
    assert checks["area"].verdict == "shown"
    if radius == "2.93":
        assert found.values["points"] == 12_281


@pytest.fixture(scope="module")
def own():
    """Every figure of the shipped study that can be published: of the whole, by any operator."""
    figures = Study.open(STUDY).measuring_within([1.609344, 5]).run().figures
    whole = [one for one in figures if one.area == "all" and one.operator in (None, "any")]
    return [one for one in whole if one.value is not None]


def published_as(one, places):
    variant = one.technology if one.within_km is None else limit_key(one.within_km)
    counted = one.indicator in ("points", "point_locations", "villages")
    value = Decimal(one.value).quantize(Decimal(1).scaleb(-0 if counted else -places), ROUND_HALF_EVEN)
    return Stated(one.indicator, variant, value)


def test_every_indicator_is_among_the_figures_that_are_audited(own):
    assert {one.indicator for one in own} == {one.key for one in INDICATORS}


@given(st.data())
def test_an_audit_of_all_figures_that_the_tool_computed_passes_at_any_rounding(own, data):
    places = {id(one): data.draw(st.integers(1 if one.unit == "share" else 0, 6)) for one in own}
    found = audit(Published(figures=tuple(published_as(one, places[id(one)]) for one in own)), own)
    judged = [one for one in found.checks if one.verdict != "shown"]
    assert len(judged) == len(own)
    assert {one.verdict for one in judged} <= {"reproduced", "by_construction"}


@given(st.data())
def test_one_digit_changed_beyond_rounding_always_fails_whatever_the_indicator(own, data):
    changed = data.draw(st.sampled_from(own), label="figure")
    places = data.draw(st.integers(1 if changed.unit == "share" else 0, 6), label="places")
    right = published_as(changed, places)
    digits = list(str(right.value))
    place = data.draw(st.sampled_from([at for at, digit in enumerate(digits) if digit.isdigit()]), label="place")
    digits[place] = data.draw(st.sampled_from([one for one in "0123456789" if one != digits[place]]), label="digit")
    wrong = Stated(right.indicator, right.variant, Decimal("".join(digits)))
    half = Decimal(0) if right.is_count else Decimal("0.5000001").scaleb(right.value.as_tuple().exponent)
    assume(abs(wrong.value - Decimal(changed.value)) > half)
    others = tuple(published_as(one, 3) for one in own if one is not changed)
    found = audit(Published(figures=(wrong, *others)), own)
    assert found.checks[0].verdict == "not_reproduced"
    for language in ("vi", "en"):
        assert "{" not in found.checks[0].text(language) + (found.checks[0].remedy_text(language) or "")


def test_the_tables_of_a_study_file_that_states_its_own_figures_pass(own, tmp_path):
    lines = [
        (f"published.{one.indicator}" + (f".'{one.variant}'" if one.variant else ""), one.value)
        for one in (published_as(one, 4) for one in own)
    ]
    text = STUDY.read_text("utf-8")
    kept = text[: text.index("[published]")] + text[text.index("[[labels]]") :]
    folder = tmp_path / "own"
    shutil.copytree(STUDY.parent, folder)
    (folder / "study.toml").write_text("\n".join(f"{key} = {value}" for key, value in lines) + "\n" + kept, "utf-8")
    ran = run(str(folder / "study.toml"), "--standard", "vn-new-rural")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert f"0 of {len(lines) + 1} statements cannot be right." in ran.stdout


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
        *[("not_in_study", "not_computable")] * 2,
        ("above_whole", "not_reproduced"),
        ("sum_fails", "not_reproduced"),
        ("part_beyond_whole", "not_reproduced"),
        ("sum_holds", "reproduced"),
        ("growth_holds", "reproduced"),
        ("growth_fails", "not_reproduced"),
        ("later_above_earlier", "not_reproduced"),
        ("count_alone", "shown"),
    ]


def test_what_cannot_be_above_is_held_against_what_is_larger():
    published = stated(
        ("points", None, "100"),
        ("point_locations", None, "120"),
        ("people_within", "10", "0.95"),
        ("people_within", "1", "0.90"),
        ("people_within", "3", "0.80"),
        ("nearest_distance_p50", None, "2.1"),
        ("nearest_distance_max", None, "1.9"),
    )
    found = [one for one in audit(published, []).checks if one.is_fault]
    assert [(one.subject, one.variant, one.why) for one in found] == [
        ("point_locations", None, "above_larger"),
        ("nearest_distance_p50", None, "above_larger"),
        ("people_within", "1", "above_larger"),
    ]
    assert found[2].text() == "cannot be above People within reach of a point (3 km), which is 0.80"
    rounded = stated(("people_within", "1", "0.9"), ("people_within", "3", "0.86"))
    assert not audit(rounded, []).faults


def test_a_share_in_per_cent_is_one_fault_and_holds_nothing_against_others():
    published = stated(("villages_covered", "3G", "1.00"), ("villages_covered", "4G", "90"))
    own = [figure("villages_covered", share, technology=name) for name, share in (("3G", 1.0), ("4G", 0.9))]
    (fault,) = audit(published, own).faults
    assert (fault.why, fault.computed) == ("above_whole", 0.9)
    assert "0.90 if per cent were meant" in fault.remedy_text()


def test_a_share_without_decimals_is_exact():
    # 1 would stand for 0.5 to 1.5, and pass anything.
    own = [figure("villages_covered", 0.628, technology="fibre")]
    (fault,) = audit(stated(("villages_covered", "fibre", "1")), own).faults
    assert fault.why == "differs_exactly"
    assert fault.remedy_text() == "the layers give 0.628"
    full = [figure("villages_covered", 1.0, technology="fibre")]
    assert audit(stated(("villages_covered", "fibre", "1")), full).checks[0].verdict == "reproduced"


@pytest.mark.parametrize(
    ("now", "before", "rate", "why"),
    [
        ("1.2", "1.0", "15", "growth_holds"),  # 1.15 / 1.05 to 1.25 / 0.95 is 9.5 to 31.6 %
        ("1.2", "1.0", "9.6", "growth_holds"),
        ("1.2", "1.0", "9.4", "growth_fails_rounded"),
        ("1.20", "1.00", "15", "growth_fails_rounded"),
        ("120", "100", "15", "growth_fails"),
    ],
)
def test_growth_takes_the_rounding_of_both_years_into_account(now, before, rate, why):
    (found,) = audit(Published(growths=(Growth(NAME, Decimal(now), Decimal(rate), Decimal(before)),)), []).checks
    assert found.why == why
    if now == "1.2" and rate == "9.4":
        assert "20.000 % (10 to 32 with their rounding)" in found.text()
        assert "1.10 the year before (1.05 to 1.14)" in found.remedy_text()


def test_the_span_of_a_statement_is_told_with_digits_that_tell_its_ends_apart():
    own = [figure("villages_covered", 0.9, technology="4G")]
    (found,) = audit(stated(("villages_covered", "4G", "0.9224")), own).checks
    assert "stands for 0.92235 to 0.92245" in found.text()


def test_a_radius_of_nothing_is_wrong_and_no_division_by_zero():
    own = [figure("mean_service_radius", 3.2, numerator=3358.0, denominator=102), figure("area", 3358.0)]
    found = audit(stated(("mean_service_radius", None, "0"), ("points", None, "102")), own)
    assert [one.verdict for one in found.checks] == ["not_reproduced", "not_computable"]


def test_a_radius_that_is_wrong_is_not_counted_as_wrong_twice():
    own = [figure("mean_service_radius", 3.2372, numerator=3358.0, denominator=102), figure("area", 3358.0)]
    found = audit(stated(("mean_service_radius", None, "2.93"), ("points", None, "102")), own)
    assert [one.subject for one in found.faults] == ["mean_service_radius"]
    assert [one.verdict for one in found.checks if one.subject == "area"] == ["shown"]


def test_the_summary_says_how_many_statements_could_not_be_held_against_anything():
    found = audit(stated(("points", None, "1"), ("villages", None, "2")), [figure("points", 1)])
    assert found.summary() == "0 of 2 statements cannot be right. Could not be computed: 1."


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_figure_that_the_study_cannot_give_is_said_in_every_output(tmp_path, language):
    shutil.copy(STUDY.parent / "points.csv", tmp_path)
    (tmp_path / "study.toml").write_text(
        "[points]\nfile = 'points.csv'\n[published.villages_covered]\n3G = 1.0\n", "utf-8"
    )
    said = {"en": "no layer or number that gives this figure", "vi": "không có lớp hay con số nào"}[language]
    ran = run(str(tmp_path / "study.toml"), "--lang", language)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert said in ran.stdout
    words = [str(tmp_path / "study.toml"), "-o", str(tmp_path / "r.md"), "--lang", language]
    assert run(*words, command="report").exit_code == 0
    assert said in (tmp_path / "r.md").read_text("utf-8")


def test_limits_and_technologies_of_a_report_are_measured_however_they_are_spelled(tmp_path):
    for name in ("points.csv", "villages.csv", "coverage.geojson"):
        shutil.copy(STUDY.parent / name, tmp_path)
    (tmp_path / "study.toml").write_text(
        """
        points.file = "points.csv"
        villages.file = "villages.csv"
        coverage.4G.file = "coverage.geojson"
        published.villages_within = { 2 = 0.712, "3.0" = 0.88, "1.609344" = 0.6 }
        published.villages_covered.LTE = 0.90
        """,
        "utf-8",
    )
    study = Study.open(tmp_path / "study.toml")
    figures = study.measuring_within(limits_of([], study.file.published)).run().figures
    checks = audit(study.file.published, figures).checks
    assert [one.variant for one in checks] == ["2", "3", "1.609344", "4G"]
    assert all(one.computed is not None for one in checks)
    assert checks[3].verdict == "reproduced"


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
        ("mean_service_radius = 1e300", "should be a number from 0 to"),
        ("mean_service_radius = 1e-300", "at most 12 decimals"),
        ("[[published.sum]]\nname = 'x'\ntotal = 1", "has the keys name, total, parts"),
        ("[[published.sum]]\nname = 'x'\ntotal = 1\nparts = []", "should be a list of numbers"),
        ("[[published.total]]\nname = 'x'", "no list"),
        ("[[published.growth]]\nname = 'x'\nnow = 1\nper_cent = -100", "above -100"),
        ("[published.people_within]\nnear = 0.5", "should name a distance in km"),
        ("[published.people_within]\n-1 = 0.5", "should name a distance in km"),
        ("[published.people_within]\n3 = 0.5\n'3.0' = 0.5", "is stated twice"),
        ("[published.people_covered]\n4G = 0.5\nLTE = 0.5", "is stated twice"),
        ("[[published.count]]\nname = 3\nvalue = 1", "should be text"),
    ],
)
def test_a_statement_that_cannot_be_read_is_one_clear_line(tmp_path, lines, said):
    (tmp_path / "study.toml").write_text(f"[published]\n{lines}\n", "utf-8")
    with pytest.raises(StudyError, match=said.replace("[", r"\[")) as refused:
        read_study_file(tmp_path / "study.toml")
    assert str(refused.value).startswith(str(tmp_path / "study.toml"))


def run(*words, command="audit"):
    return CliRunner().invoke(main, [command, *words])


def test_the_command_ends_with_status_3_and_says_the_same_as_json():
    told, answer = run(str(STUDY)), run(str(STUDY), "--format", "json", "--lang", "vi")
    assert (told.exit_code, answer.exit_code) == (3, 3)
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
        "unit": "km",
        "numerator": 3358,
        "denominator": 102,
        "rule": "mean_service_radius",
        "basis": "official",
        "text": "",
        "remedy": None,
    }


def test_a_study_without_statements_has_nothing_to_audit():
    ran = run("--points", str(STUDY.parent / "points.csv"))
    assert ran.exit_code == 0
    assert ran.stdout.strip().splitlines() == ["0 of 0 statements cannot be right.", "", f"geo {geo.__version__}"]


def test_an_audit_tells_the_study_and_the_rules_it_rests_on_with_their_hashes(tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(STUDY.parent, folder)
    (folder / "own.toml").write_text("[[rule]]\nindicator = 'points'\nat_least = 1", "utf-8")
    text = (folder / "study.toml").read_text("utf-8").replace('"vn-new-rural"', '"own.toml"')
    (folder / "study.toml").write_text(text, "utf-8")
    digest = hashlib.sha256((folder / "study.toml").read_bytes()).hexdigest()
    told, answer = run(str(folder / "study.toml")), run(str(folder / "study.toml"), "--format", "json")
    assert told.stdout.splitlines()[-1] == f"geo {geo.__version__}; study.toml, SHA-256 {digest}"
    found = json.loads(answer.stdout)
    layers = [(one["layer"], one["file"], one["sha256"]) for one in found["layers"][:3]]
    rules = hashlib.sha256((folder / "own.toml").read_bytes()).hexdigest()
    assert layers[0] == ("study", "study.toml", digest)
    assert layers[1][:2] == ("rules.vn-postal", "vn-postal.toml")
    assert layers[2] == ("rules.own", "own.toml", rules)
    assert [(one["file"], one["sha256"]) for one in found["standards"]] == [one[1:] for one in layers[1:]]
    (outcome,) = found["standards"][0]["rules"][0]["outcomes"]
    assert (outcome["numerator"], outcome["denominator"], outcome["rule"]) == (3358, 102, "mean_service_radius")
    for command in ("measure", "check"):
        ran = run(str(folder / "study.toml"), "--format", "json", command=command)
        first = json.loads(ran.stdout)["layers"][0]
        assert (first["layer"], first["sha256"]) == ("study", digest)
