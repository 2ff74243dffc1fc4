"""Tables of further columns, joined to the layers of a study by the names of places."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import pytest

import geo
from geo.errors import LayerError, StudyError
from geo.study.file import read_study_file
from tests.layers.test_legible import in_tcvn3


@pytest.fixture
def joining(district):
    """Give the district another table, and run it; its villages are An, Bình and Cam, its areas Tây and Đông."""

    def made(kind, table, *lines, by=None, encoding="utf-8"):
        (district.parent / "more.csv").write_text(table, encoding)
        told = "\n".join([f"[{kind}.join]", 'file = "more.csv"', *lines])
        district.write_text(district.read_text("utf-8").replace("[coverage.3G]", f"{told}\n[coverage.3G]", 1), "utf-8")
        return geo.Study.open(district).run(by=by)

    return made


def told(results):
    return {finding.fault: finding for finding in results.findings}


def test_areas_are_grouped_by_a_column_that_another_table_has(joining):
    results = joining("areas", "commune,district,region\nXã Tây,Huyện,Núi\nDong,Huyện,Biển\n", by="region")
    people = {one.area: one.value for one in results.figures if one.indicator == "population"}
    assert people == {"all": 1000, "Núi": 400, "Biển": 600}
    found = told(results)
    assert found["joined_by_name"].text("en") == (
        "areas joined with more.csv by name: 2 of 2 (0 exactly, 0 but for case, spaces or the place of the tone, "
        "1 but for words such as xã and phường, 1 without accents)"
    )
    assert found["joined_by_name"].chosen
    assert found["join_without_accents"].rows == (2,)
    assert found["join_without_accents"].ids == ("2",)
    assert found["join_without_accents"].text().endswith("; row 3 of more.csv")


def test_the_people_of_villages_may_stand_in_another_table(joining, district):
    villages = (
        gpd.read_file(district.parent / "villages.gpkg").drop(columns="population").assign(xa=["Tây", "Tây", "Đông"])
    )
    villages.to_file(district.parent / "villages.gpkg")
    results = joining("villages", "thôn,xa,dân số\nThôn An,Tây,100\nBinh,Tây,300\nCam,Đông,600\n", 'parent = "xa"')
    assert next(one.value for one in results.figures if one.indicator == "population") == 1000
    assert "no_population_column" not in told(results)


def test_what_is_not_joined_is_told_with_the_rows_of_both_sides(joining):
    table = "commune,region\nTây,1\nTay,2\nDông,3\nĐông,4\nĐông,5\nBắc,6\n"
    results = joining("areas", table, by="region")
    found = told(results)
    assert (found["join_ambiguous"].rows, found["join_ambiguous"].text("vi")[-28:]) == (
        (2,),
        "; các dòng 5, 6 của more.csv",
    )
    assert found["join_table_alone"].values["count"] == 3
    assert found["join_table_alone"].text().endswith("; rows 3, 4, 7")
    assert "join_alone" not in found
    assert found["joined_by_name"].values["count"] == 1
    assert {one.area for one in results.figures} == {"all", "1", "2"}


def test_a_name_that_the_table_lacks_and_parents_that_differ_are_told(joining):
    found = told(joining("areas", "commune,district,region\nTây,Huyện,1\nĐông,Huyện khác,2\n"))
    assert (found["join_alone"].rows, found["join_alone"].values["example"]) == ((2,), "Đông, Huyện")
    assert found["join_table_alone"].text().endswith("; row 3")
    assert found["join_parents_apart"].values["example"] == "'Huyện khác'"


def test_the_joined_table_is_among_the_files_that_the_figures_rest_on(joining):
    facts = {one.layer: one for one in joining("areas", "commune,region\nTây,1\nx,2\n").layers}
    assert (facts["areas.join"].file, facts["areas.join"].rows, facts["areas.join"].used) == ("more.csv", 2, 1)
    assert re.fullmatch("[0-9a-f]{64}", facts["areas.join"].sha256)


def test_a_table_in_tcvn3_is_read_before_it_is_joined(joining):
    table = in_tcvn3("tên xã,vùng đất\nXã Tây,Vùng núi\nXã Đông,Vùng biển\n")
    results = joining("areas", table, by="vùng đất")
    assert {one.area for one in results.figures} == {"all", "Vùng núi", "Vùng biển"}
    assert told(results)["joined_table_turned"].values["count"] == 2


def test_columns_of_names_and_parents_may_be_named(joining):
    results = joining(
        "areas",
        "a,b,name,region\nTây,Huyện,x,1\nĐông,Huyện,y,2\n",
        'name = "a"',
        'parent = "b"',
        'layer_parent = "parent"',
    )
    assert told(results)["joined_by_name"].values["exact"] == 2


@pytest.mark.parametrize(
    ("table", "lines", "says"),
    [
        ("a,b\nTây,1\n", (), "more.csv: no column was recognised as the name of the areas; it has a, b"),
        ("a,b\nTây,1\n", ('name = "c"',), "no column 'c'"),
        ("commune,b\nTây,1\n", ('parent = "c"',), "no column 'c' for areas.join.parent; the columns are commune, b"),
        ("commune,b\nTây,1\n", ('layer_parent = "parent"',), "say which column of more.csv holds them, as parent"),
    ],
)
def test_a_column_that_is_not_there_is_named(joining, table, lines, says):
    with pytest.raises(LayerError, match=re.escape(says)):
        joining("areas", table, *lines)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ('[areas.join]\nname = "x"', r"\[areas.join\] names no file"),
        ('[areas.join]\nfile = "nowhere.csv"', "nowhere.csv, does not exist"),
        ('[areas.join]\nfile = "a.csv"\non = "x"', "no key 'areas.join.on'. Allowed are file, name, parent"),
        ('[coverage.4G]\nfile = "a.csv"\njoin = { file = "a.csv" }', "no key 'coverage.4G.join'"),
    ],
)
def test_a_study_that_joins_in_a_way_it_may_not_is_told_so(tmp_path, told, says):
    (tmp_path / "a.csv").write_text("commune\n", "utf-8")
    study = tmp_path / "study.toml"
    study.write_text(f'[areas]\nfile = "a.csv"\n{told}\n', "utf-8")
    with pytest.raises(StudyError, match=says):
        read_study_file(study)


@pytest.mark.real
def test_the_census_is_joined_to_the_communes_of_2009_in_a_study(real, tmp_path):
    study = tmp_path / "study.toml"
    communes, census = (
        real / "ninh_thuan/ninh_thuan_communes_2009.geojson",
        real.parent / "facts/ninh-thuan-communes.csv",
    )
    study.write_text(
        f'[areas]\nfile = "{communes}"\nname = "commune"\nparent = "district"\n[areas.join]\nfile = "{census}"\n',
        "utf-8",
    )
    results = geo.Study.open(study).run(by="population_2019")
    people = pd.read_csv(census)["population_2019"]
    assert {one.area for one in results.figures} == {"all", *people.astype(str)}
    assert len(told(results)["join_without_accents"].rows) == 64
