"""Extracts of OpenStreetMap in an archive, in standard input and under any name are read as those in files are."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile

import pytest

from geo.errors import LayerError
from geo.layers.osm.content import ending_of
from geo.layers.read import open_source

from ..extract import write_country  # noqa: TID252 - tests are no package

CHANGES = b'<?xml version="1.0"?>\n<!-- a day -->\n<osmChange version="0.6"><create/></osmChange>'


@pytest.fixture(params=[".osm.pbf", ".osm", ".osm.gz"])
def country(request, tmp_path):
    return write_country(tmp_path / f"country{request.param}")


def stdin(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_an_extract_from_standard_input_is_that_of_the_file(country, monkeypatch):
    stdin(monkeypatch, country.read_bytes())
    source = open_source("-::villages")
    assert source.rows.equals(open_source(f"{country}::villages").rows)
    assert (source.file, len(source.rows) > 0) == ("-::villages", True)


@pytest.mark.parametrize("ending", [".osm.pbf", ".osm"])
def test_an_extract_in_an_archive_is_that_of_the_file(tmp_path, ending):
    country = write_country(tmp_path / f"country{ending}")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(country, f"x/country{ending}")
    expected = open_source(f"{country}::points:amenity=post_office").rows
    for name in ("{0}/c.zip", f"zip://{{0}}/c.zip!x/country{ending}", f"/vsizip/{{0}}/c.zip/x/country{ending}"):
        assert open_source(f"{name.format(tmp_path)}::points:amenity=post_office").rows.equals(expected)


def test_an_extract_under_another_name_is_one(tmp_path):
    country = write_country(tmp_path / "country.osm.pbf")
    other = country.rename(tmp_path / "country.dat")
    assert len(open_source(f"{other}::villages").rows)


def test_what_is_wrong_is_said_of_the_name_that_was_given(tmp_path, monkeypatch):
    stdin(monkeypatch, write_country(tmp_path / "country.osm.pbf").read_bytes())
    with pytest.raises(LayerError, match=r"^- is an extract of OpenStreetMap\. Say what is wanted of it: -::villages"):
        open_source("-")


@pytest.mark.parametrize("name", ["day.osc", "day.osc.gz", "day.zip", "-::villages"])
def test_changes_of_a_map_are_refused_in_one_line(tmp_path, monkeypatch, name):
    (tmp_path / "day.osc").write_bytes(CHANGES)
    (tmp_path / "day.osc.gz").write_bytes(gzip.compress(CHANGES))
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as archive:
        archive.writestr("day.osc", CHANGES)
    stdin(monkeypatch, CHANGES)
    with pytest.raises(LayerError, match="holds changes of OpenStreetMap, not a map"):
        open_source(name if name.startswith("-") else str(tmp_path / name))


def test_a_start_that_no_root_follows_is_told_from_an_extract_at_once(tmp_path):
    (tmp_path / "x.xml").write_bytes(b"<??>" * 1000 + b"<!---->" * 10 + b"<")
    assert ending_of(tmp_path / "x.xml", "x.xml") is None
