"""A study file says what it may, and is told clearly what it may not."""

from __future__ import annotations

import pytest

import geo
from geo.errors import StudyError
from geo.study.file import read_study_file


def test_all_that_a_study_may_say_is_understood(tmp_path):
    (tmp_path / "v.csv").write_text("lon,lat\n", "utf-8")
    file = tmp_path / "study.toml"
    file.write_text(
        """
title = { vi = "Tỉnh", en = "Province" }
date = 2019-12-31
source = "survey"
data = "reconstructed"
within_km = [2.5]
kinds = ["agency"]
covered_when = 0.5
[villages]
file = "v.csv"
population = "dân"
[official]
area_km2 = 3358.50
population = 606900
[published]
mean_service_radius = 3.20
[[labels]]
name = "Biển"
lon = 109
lat = 11.4
""",
        "utf-8",
    )
    study = read_study_file(file)
    assert study.about.title == {"vi": "Tỉnh", "en": "Province"}
    assert study.about.source == {"vi": "survey", "en": "survey"}
    assert str(study.totals.area_km2) == "3358.50"
    assert [str(one.value) for one in study.published.figures] == ["3.20"]
    assert study.layers["villages"].columns == {"population": "dân"}
    assert study.choices.covered_when == 0.5
    assert study.about.labels[0].lat == 11.4


def test_a_study_that_begins_with_the_mark_of_utf_8_is_read(tmp_path):
    (tmp_path / "study.toml").write_text('\ufefftitle = "Tỉnh"', "utf-8")
    assert read_study_file(tmp_path / "study.toml").about.title == {"vi": "Tỉnh", "en": "Tỉnh"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("titel = 'x'", "no key 'titel'.*title"),
        ("title = 3", "'title' is 3, and should be text or a table"),
        ("data = 'guessed'", "measured or reconstructed"),
        ("[villages]\nfile = 'nowhere.csv'", "nowhere.csv, does not exist"),
        ("[villages]\nname = 'ten'", "names no file"),
        ("[villages]\nfile = 'v.csv'\npeople = 'x'", "villages.people.*population"),
        ("[official]\narea_km2 = 'big'", "official.area_km2"),
        ("[official]\narea_km2 = true", "official.area_km2"),
        ("within_km = [-1]", "-1"),
        ("within_km = 3", "a list"),
        ("[coverage]\n4G = 'x.gpkg'", "coverage.4G"),
        ("[coverage.4G]\ncolumn = 'a'\nfile = 'v.csv'", "nothing else"),
        ("[[labels]]\nname = 'x'\nlon = 1", "lat"),
        ("title = {}", "title"),
        ("date = 'x'", "a date"),
        ("x = = 1", "no study file"),
    ],
)
def test_what_it_may_not_say_is_one_line_that_names_file_and_key(tmp_path, text, says):
    (tmp_path / "v.csv").write_text("lon,lat\n", "utf-8")
    file = tmp_path / "study.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(StudyError, match=f"(?s)study.toml.*{says}") as raised:
        geo.Study.open(file)
    assert "\n" not in str(raised.value)


def test_a_study_that_is_not_there_is_told_how_to_begin(tmp_path):
    with pytest.raises(StudyError, match="geo new"):
        geo.Study.open(tmp_path / "study.toml")
