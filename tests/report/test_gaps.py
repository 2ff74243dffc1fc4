"""Gaps count people as the figures do: by pixels where there is a raster, and not at all where they are not known."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from click.testing import CliRunner

from geo.cli.main import main
from geo.report.contents import contents
from geo.report.document import shown
from geo.report.given import measured
from geo.study.study import Study


def gaps_of(study, language="en"):
    section = next(one for one in contents(measured(Study.open(study), study), language).sections if one.key == "gaps")
    tables = {table.key: table for table in section.tables}
    return section, {row[0]: [shown(cell, "en") for cell in row[1:]] for row in tables["missing"].rows}, tables


@pytest.fixture
def unpeopled(district):
    """The district with one village's people known, and one village without a name."""
    file = district.parent / "villages.gpkg"
    villages = gpd.read_file(file)
    villages.loc[1:, "population"] = np.nan
    villages.loc[2, "name"] = None
    villages.to_file(file)
    return district


def test_people_who_are_not_known_are_no_number(unpeopled):
    section, missing, _ = gaps_of(unpeopled)
    assert missing["4G"] == ["1", "–", "0"]
    assert missing["A point within 5 km"] == ["1", "–", "0"]
    assert section.sentences == ("– means that there is no value: fewer than half of the villages are known.",)


def test_a_village_without_a_name_goes_by_its_id(unpeopled):
    _, _, tables = gaps_of(unpeopled)
    assert [row[0] for row in tables["farthest"].rows] == ["c"]


@pytest.fixture
def pixelled(district):
    """The district with a raster of one person per pixel, a hundredth of a degree wide."""
    with rasterio.open(
        district.parent / "people.tif", "w", driver="GTiff", width=30, height=12, count=1, dtype="float32",
        crs="EPSG:4326", transform=Affine(0.01, 0, 108.93, 0, -0.01, 11.56),
    ) as raster:  # fmt: skip
        raster.write(np.ones((1, 12, 30), dtype="float32"))
    with district.open("a", encoding="utf-8") as file:
        file.write('[population]\nfile = "people.tif"\nunit = "count"\n')
    return district


def test_with_a_raster_the_people_without_are_those_that_the_figures_leave(pixelled):
    section, missing, _ = gaps_of(pixelled)
    answer = json.loads(CliRunner().invoke(main, ["measure", str(pixelled), "--format", "json"]).stdout)
    shares = {
        (one["technology"], one["within_km"]): one["denominator"] - one["numerator"]
        for one in answer["figures"]
        if one["indicator"] in ("people_covered", "people_within") and one["operator"] in (None, "any")
    }
    assert shares["4G", None] > 100
    assert missing["4G"][1] == f"{shares['4G', None]:,.0f}"
    assert missing["A point within 5 km"][1] == f"{shares[None, 5]:,.0f}"
    assert any("pixels of the raster" in one for one in section.sentences)
