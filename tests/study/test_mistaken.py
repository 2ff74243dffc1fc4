"""What is no study file is told as what it is, and how that is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import StudyError
from geo.study.file import read_study_file

from ..extract import write_country  # noqa: TID252 - tests are no package


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_country(tmp_path / "c.osm.pbf")
    (tmp_path / "c.osm.pbf").with_name("hidden.dat").write_bytes((tmp_path / "c.osm.pbf").read_bytes())
    (tmp_path / "my table.csv").write_text("lon,lat\n109,11\n", "utf-8")


def told(name):
    with pytest.raises(StudyError) as refused:
        read_study_file(Path(name))
    return str(refused.value)


@pytest.mark.parametrize("name", ["c.osm.pbf", "c.osm.pbf::villages", "hidden.dat", "hidden.dat::nothing"])
def test_an_extract_is_told_with_all_that_can_be_named_of_it(name):
    file = name.partition("::")[0]
    assert told(name) == (
        f"{file} is an extract of OpenStreetMap, no study file. Name its layers by options: "
        f"--villages {file}::villages, --points {file}::points, --areas {file}::areas; "
        f"or make a study of it: geo new DIR --from {file} --place NAME"
    )


def test_roads_are_told_to_be_for_scripts():
    assert told("c.osm.pbf::roads").startswith(
        "c.osm.pbf::roads holds roads, for scripts alone (geo.layers.read.open_source). Name its layers by options: "
    )


@pytest.mark.parametrize("name", ["my table.csv::x", "my table.csv", "-"])
def test_a_layer_is_told_with_the_option_that_takes_it_as_a_shell_reads_it(name):
    shown = f"'{name}'" if " " in name else name
    assert told(name).startswith(f"{name} is no study file")
    assert told(name).endswith(f"A layer is named by an option: --villages {shown}")


def test_an_address_is_not_advised_as_a_path_has_it():
    assert told("postgresql://an@host/db::t").endswith("as --villages NAME.")


@pytest.mark.parametrize("name", ["gone.toml", "gone.osm.pbf"])
def test_what_is_not_there_is_told_as_that(name):
    assert told(name) == f"{name} does not exist. A starter study is made by: geo new DIR"
