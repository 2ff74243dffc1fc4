"""Standards in a report: how far each rule is missed, where it is kept, and in which units."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from geo.cli.main import main
from geo.judge.rulebook import read_standard
from geo.report.contents import contents
from geo.report.document import shown
from geo.report.given import measured
from geo.study.study import Study

RULES = """
title = "Ours"
[[rule]]
name = "radius at most 2 km"
indicator = "mean_service_radius"
at_most = 2
[[rule]]
name = "a point in every commune"
indicator = "points"
at_least = 1
scope = "areas"
[[rule]]
name = "people in every commune"
indicator = "population"
at_least = 100
scope = "areas"
[[rule]]
name = "people near"
indicator = "people_within"
within_km = 3
at_least = 0.5
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(RULES, "utf-8")
    return path


def rules_of(given):
    section = next(one for one in contents(given, "en").sections if one.key == "standards")
    table = section.tables[0]
    keys = [column.key for column in table.columns]
    return {row[1]: dict(zip(keys, (shown(cell, "en") for cell in row), strict=True)) for row in table.rows}


@pytest.fixture
def rules(district, book):
    text = district.read_text("utf-8")
    district.write_text(text.replace("date =", 'data = "reconstructed"\ndate ='), "utf-8")
    with district.open("a", encoding="utf-8") as file:
        file.write("[official]\narea_km2 = 28.27\n")
    return rules_of(measured(Study.open(district), district, standards=[read_standard(str(book))]))


def test_a_rule_of_the_whole_tells_how_far_it_is_missed(rules):
    # A circle of 28.27 km2 has a radius of 3.00 km.
    told = rules["radius at most 2 km"]
    assert (told["threshold"], told["value"], told["miss"]) == ("at most 2 km", "3.00°", "1.00")
    assert (told["kept"], told["verdict"]) == ("", "NOT KEPT")
    assert rules["people near"]["value"] == "40.0 %*"
    assert rules["people near"]["miss"] == "-10.0 %"


def test_a_rule_of_areas_tells_in_how_many_it_is_kept_and_the_worst_value(rules):
    kept, failed = rules["people in every commune"], rules["a point in every commune"]
    assert (kept["value"], kept["miss"], kept["kept"], kept["verdict"]) == ("400*", "", "2 of 2", "kept")
    assert (failed["value"], failed["miss"], failed["kept"], failed["verdict"]) == ("0*", "-1", "1 of 2", "NOT KEPT")
    assert kept["threshold"] == "at least 100 people"


def test_a_standard_that_is_named_stands_in_place_of_the_studys(district, book, tmp_path):
    words = ["report", str(district), "-o", str(tmp_path / "r.md"), "--standard", str(book), "--standard", "uk-post"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "r.md").read_text("utf-8")
    assert "radius at most 2 km" in text
    assert "90 % of people within 1 mile" in text
    # The limits that it asks for are measured, in rising order beside the study's own.
    assert "| 1.609; 3; 4.828; 5; 9.656 |" in text


def test_a_standard_that_is_not_there_is_one_clear_line(district, tmp_path):
    result = CliRunner().invoke(
        main, ["report", str(district), "-o", str(tmp_path / "r.md"), "--standard", "mars-post"]
    )
    assert result.exit_code == 1
    assert "There is no standard 'mars-post'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_layers_named_on_the_command_line_can_be_judged(district, tmp_path):
    folder = district.parent
    words = ["report", "--points", folder / "points.geojson", "--areas", folder / "areas.gpkg", "-o", tmp_path / "r.md"]
    result = CliRunner().invoke(main, [str(word) for word in [*words, "--standard", "vn-postal"]])
    assert result.exit_code == 0, result.output
    assert "NOT KEPT" in (tmp_path / "r.md").read_text("utf-8")
