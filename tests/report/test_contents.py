"""What a report holds: every figure traced to its files, and one fair sentence."""

from __future__ import annotations

import hashlib
import time

import pytest
from click.testing import CliRunner

from geo.cli.main import main
from geo.report.access import fair_sentence
from geo.report.contents import contents
from geo.report.document import plain, shown
from geo.report.given import measured
from geo.report.laws import law_of
from geo.report.sources import sources_of
from geo.study.study import Study


def section(report, key):
    return next(one for one in report.sections if one.key == key)


def table(report, key, name):
    return next(one for one in section(report, key).tables if one.key == name)


@pytest.fixture(scope="module")
def given(district_to_read):
    return measured(Study.open(district_to_read), district_to_read)


def rests_on(given, indicator, technology=None):
    figure = next(
        one
        for one in given.results.figures
        if (one.indicator, one.technology) == (indicator, technology) and one.operator in (None, "any")
    )
    return [facts.layer for facts in sources_of(figure, given.layers)]


@pytest.mark.parametrize(
    ("indicator", "technology", "files"),
    [
        ("points", None, ["points"]),
        ("villages", None, ["villages"]),
        ("population", None, ["villages"]),
        ("area", None, ["areas"]),
        ("mean_service_radius", None, ["points", "areas"]),
        ("people_per_point", None, ["villages", "points"]),
        ("nearest_distance_p90_people", None, ["villages", "points"]),
        ("people_covered", "3G", ["villages", "coverage.3G+4G"]),
        ("villages_covered", "fibre", ["villages"]),
        ("area_covered", "4G", ["areas", "coverage.3G+4G"]),
        ("subscriptions_per_100", "telephone", ["study", "villages"]),
    ],
)
def test_a_figure_rests_on_the_files_it_was_computed_from(given, indicator, technology, files):
    assert rests_on(given, indicator, technology) == files


def test_an_official_total_rests_on_the_study(district):
    with district.open("a", encoding="utf-8") as file:
        file.write("[official]\narea_km2 = 500\npopulation = 2000\n")
    given = measured(Study.open(district), district)
    assert rests_on(given, "population") == ["study"]
    assert rests_on(given, "area") == ["study"]
    assert rests_on(given, "mean_service_radius") == ["study", "points"]
    assert rests_on(given, "people_per_point") == ["study", "points"]


def test_every_figure_has_its_rule_and_a_file_whose_hash_the_report_gives(given, district):
    report = contents(given, "en")
    figures = table(report, "figures", "figures")
    columns = [column.key for column in figures.columns]
    layers = table(report, "method", "layers")
    hashes = {row[5][:8] for row in layers.rows}
    assert hashlib.sha256(district.read_bytes()).hexdigest()[:8] in hashes
    for row in figures.rows:
        told = dict(zip(columns, row, strict=True))
        assert told["rule"]
        assert told["sources"]
        assert all(part.rpartition("(")[2].rstrip(")") in hashes for part in told["sources"].split("; ")), told
        assert (told["value"] is None) == (told["reason"] is not None)


def test_every_formula_gives_its_figure(given):
    held = 0
    for figure in given.results.figures:
        law = law_of(figure.indicator)
        if law is None or figure.value is None:
            continue
        python = law.replace("SQRT(", "sqrt(").replace("PI()", "pi").format(n=figure.numerator, d=figure.denominator)
        value = eval(python, {"sqrt": lambda x: x**0.5, "pi": 3.141592653589793})  # noqa: S307 - our own formula
        assert value == pytest.approx(figure.value, rel=1e-12)
        held += 1
    assert held > 20


def test_the_sentence_holds_the_mean_against_random_points_and_not_against_the_radius(given):
    # 100 people at 0, 300 at 3 and 600 at 10 km; one point on 24.9 x 11.06 km.
    said = fair_sentence(given, "en")
    assert said.startswith("People live on average 6.9 km from their nearest point, half of them within 10 km")
    assert "less than the 8." in said
    assert said.count(". ") == 0
    assert "6,9 km" in fair_sentence(given, "vi")


def test_without_people_the_sentence_speaks_of_villages(district):
    text = district.read_text("utf-8").replace('[villages]\nfile = "villages.gpkg"', '[villages]\nfile = "bare.csv"')
    (district.parent / "bare.csv").write_text("name,lon,lat,fibre\nAn,109,11.5,1\nCam,109.09,11.5,0\n", "utf-8")
    district.write_text(text, "utf-8")
    assert fair_sentence(measured(Study.open(district), district), "en").startswith("Villages lie on average 4.9")


def test_without_points_it_says_why_nothing_can_be_compared(district):
    text = district.read_text("utf-8").replace('[points]\nfile = "points.geojson"\n', "")
    district.write_text(text, "utf-8")
    said = fair_sentence(measured(Study.open(district), district), "en")
    assert said == "The mean service radius cannot be held against real distances: no layer of points is given."


def test_the_gaps_are_the_villages_that_lack_something(given):
    report = contents(given, "en")
    missing = {row[0]: [shown(cell, "en") for cell in row[1:]] for row in table(report, "gaps", "missing").rows}
    assert missing["A point within 5 km"] == ["1", "600", "0"]
    assert missing["3G"] == ["0", "0", "0"]
    assert missing["4G"] == ["1", "300", "0"]
    assert missing["Fibre"] == ["1", "300", "1"]
    assert [row[0] for row in table(report, "gaps", "farthest").rows] == ["Cam"]
    lacking = {row[0]: row[5] for row in table(report, "gaps", "uncovered").rows}
    assert lacking == {"Bình": "4G, fibre"}


def test_an_area_has_the_values_of_its_figures(district):
    by_name = measured(Study.open(district), district, by="name")
    areas = table(contents(by_name, "en"), "areas", "areas")
    groups = table(contents(by_name, "en"), "groups", "groups")
    keys = [column.key for column in areas.columns]
    assert keys == [column.key for column in groups.columns]
    one = {row[1]: row[2:] for row in areas.rows}
    assert set(one) == {"Tây", "Đông", "Whole territory"}
    for row in groups.rows[:-1]:
        own = {key: None if cell is None else cell.value for key, cell in zip(keys[2:], row[2:], strict=True)}
        other = {key: None if cell is None else cell.value for key, cell in zip(keys[2:], one[row[1]], strict=True)}
        assert own == pytest.approx(other, nan_ok=True)


def test_text_of_a_layer_is_on_one_line_and_can_be_seen():
    assert plain("Thôn\u202e\n\x00 1\ud800\t x") == "Thôn 1 x"


@pytest.mark.parametrize("kind", ["xlsx", "pdf", "md"])
def test_the_same_input_gives_the_same_bytes(district, tmp_path, kind):
    written = []
    for number in range(2):
        path = tmp_path / f"{number}.{kind}"
        assert CliRunner().invoke(main, ["report", str(district), "-o", str(path), "--by", "name"]).exit_code == 0
        written.append(path.read_bytes())
        time.sleep(1.1)
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-o", "report.doc"], "'.doc' is no kind of report; there is .xlsx, .pdf, .md."),
        (["-o", "report"], "'' is no kind of report"),
        (["-o", "there.md"], "there.md exists"),
        (["-o", "r.md", "--by", "kommune"], "kommune"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(district, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.md").write_text("mine", "utf-8")
    result = CliRunner().invoke(main, ["report", str(district), *words])
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert (tmp_path / "there.md").read_text("utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.glob("r*")) == []


@pytest.mark.parametrize("layer", ["villages", "points", "areas"])
@pytest.mark.parametrize("kind", ["xlsx", "pdf", "md"])
def test_one_layer_alone_makes_a_report(district, tmp_path, layer, kind):
    file = {"villages": "villages.gpkg", "points": "points.geojson", "areas": "areas.gpkg"}[layer]
    words = ["report", f"--{layer}", str(district.parent / file), "-o", str(tmp_path / f"r.{kind}")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert (tmp_path / f"r.{kind}").stat().st_size > 1000


def test_an_area_says_what_its_values_rest_on_as_the_figures_do(district):
    text = district.read_text("utf-8")
    district.write_text(text.replace("date =", 'data = "reconstructed"\ndate ='), "utf-8")
    with district.open("a", encoding="utf-8") as file:
        file.write("[official]\narea_km2 = 500\n")
    report = contents(measured(Study.open(district), district, by="name"), "en")
    for key in ("areas", "groups"):
        one = table(report, key, key)
        keys = [column.key for column in one.columns]
        *parts, whole = ([shown(cell, "en") for cell in row] for row in one.rows)
        assert whole[keys.index("area")] == "Whole territory"
        radius, area, villages = (keys.index(name) for name in ("mean_service_radius", "villages", "people_covered:4G"))
        assert whole[radius].endswith("°")
        assert whole[keys.index("villages")] == "3*"
        assert all(row[area].endswith("*") and row[villages].endswith("%*") for row in parts)
    assert whole[0] == ""


def test_a_published_figure_is_marked_by_what_the_computed_one_rests_on(district):
    with district.open("a", encoding="utf-8") as file:
        file.write("[official]\narea_km2 = 500\n[published]\nmean_service_radius = 12.62\nvillages = 3\npoints = 1\n")
    rows = table(contents(measured(Study.open(district), district), "en"), "audit", "audit").rows
    assert [shown(row[2], "en") for row in rows] == ["12.616°", "3", "1", "500°"]


def test_a_growth_rate_stands_beside_no_amount(district):
    with district.open("a", encoding="utf-8") as file:
        file.write('[[published.growth]]\nname = "documents"\nnow = 470339\nper_cent = 19.25\n')
    (row,) = table(contents(measured(Study.open(district), district), "vi"), "audit", "audit").rows
    assert [shown(cell, "vi") for cell in row[1:4]] == ["19,25 %", "", ""]
    assert "394.414" in row[5]


def test_a_table_without_rows_is_left_out(district):
    text = district.read_text("utf-8").replace('[points]\nfile = "points.geojson"\n', "")
    district.write_text(text, "utf-8")
    report = contents(measured(Study.open(district), district), "en")
    assert section(report, "access").tables == ()
    assert all(one.rows for each in report.sections for one in each.tables)


def test_the_body_that_issues_it_stands_in_the_study_or_is_left_blank(district):
    assert contents(measured(Study.open(district), district), "vi").signing[0] == ("Cơ quan ban hành", "……………………………………")
    text = district.read_text("utf-8")
    district.write_text('issuer = { vi = "Sở Khoa học", en = "Department" }\n' + text, "utf-8")
    assert contents(measured(Study.open(district), district), "vi").signing[0] == ("Cơ quan ban hành", "Sở Khoa học")


def test_the_basis_of_the_population_is_told_in_the_language_of_the_report(district):
    with district.open("a", encoding="utf-8") as file:
        file.write('[official]\npopulation = 2000\npopulation_basis = { vi = "điều tra", en = "census" }\n')
    for language, basis in (("vi", "điều tra"), ("en", "census")):
        report = contents(measured(Study.open(district), district), language)
        assert any(basis in str(row[6]) for row in table(report, "figures", "figures").rows)
        assert basis in [row[1] for row in table(report, "method", "choices").rows]


def test_a_population_that_is_implied_is_told_even_where_it_is_the_only_one(district):
    text = district.read_text("utf-8").replace('[villages]\nfile = "villages.gpkg"\n', "")
    text = (
        text.replace('[coverage.fibre]\ncolumn = "fibre"\n', "") + "[published]\npoints = 1\npeople_per_point = 4796\n"
    )
    district.write_text(text, "utf-8")
    (row,) = table(contents(measured(Study.open(district), district), "en"), "audit", "populations").rows
    assert shown(row[1], "en") == "4,796"
