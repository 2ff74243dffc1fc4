"""Reports of the district on paper, and one whose every text tries to be more than text."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from geo.cli.main import main

ROOT = Path(__file__).parents[2]
NINH_THUAN = ROOT / "data/ninh-thuan/study.toml"
HOSTILE = ("=1+1", "#set text(red)", "*bold* _x_ `c`", "|pipes|", "<b>b</b> & $x$", '"q" \\n #let a = 1', "@SUM(A1)")


def run(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result


@dataclass(frozen=True)
class Reported:
    """A study, what `geo measure` says of it as JSON, and its report in every kind."""

    study: Path
    folder: Path
    answer: dict

    def file(self, kind):
        return self.folder / f"report.{kind}"


def reported(study, folder, *words):
    folder.mkdir(exist_ok=True)
    for kind in ("xlsx", "pdf", "md"):
        run("report", study, "-o", folder / f"report.{kind}", *words)
    # A standard may ask for limits that the study itself does not.
    answer = json.loads(run("measure", study, "--format", "json", *words).stdout)
    return Reported(study, folder, answer)


@pytest.fixture(scope="session")
def province(tmp_path_factory):
    return reported(NINH_THUAN, tmp_path_factory.mktemp("province"), "--by", "district", "--lang", "vi")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    count = len(HOSTILE)
    villages = {
        "village_id": HOSTILE,
        "name": HOSTILE,
        "population": [100 * row for row in range(count)],
        "lon": [109 + 0.02 * row for row in range(count)],
        "lat": [11.5 + 0.01 * row for row in range(count)],
        "4G": ["1", "0", "1", "0", "1", "0", "1"],
    }
    pd.DataFrame(villages).to_csv(folder / "villages.csv", index=False)
    points = {
        "point_id": HOSTILE[:2],
        "name": HOSTILE[:2],
        "kind": HOSTILE[2:4],
        "lon": [109, 109.1],
        "lat": [11.5, 11.6],
    }
    pd.DataFrame(points).to_csv(folder / "points.csv", index=False)
    boxes = [shapely.box(108.9, 11.4, 109.05, 11.7), shapely.box(109.05, 11.4, 109.3, 11.7)]
    areas = {"area_id": ["1", "2"], "name": HOSTILE[:2], "parent": HOSTILE[3:5]}
    gpd.GeoDataFrame(areas, geometry=boxes, crs="EPSG:4326").to_file(folder / "areas.gpkg")
    study = folder / "study.toml"
    study.write_text(
        """
title = "=1+1 #set *bold* |t| <b>"
within_km = [2, 5]
[source]
vi = "*nguồn* | #let"
en = "*source* | #let"
[villages]
file = "villages.csv"
[points]
file = "points.csv"
[areas]
file = "areas.gpkg"
[coverage.4G]
column = "4G"
[[labels]]
name = "<script>&"
lon = 109.1
lat = 11.5
""",
        "utf-8",
    )
    return reported(study, folder / "out", "--by", "name")


@pytest.fixture(scope="session")
def faulty(tmp_path_factory):
    """Three hundred villages without people, and as many without a place; ids that are long."""
    folder = tmp_path_factory.mktemp("faulty")
    count = 300
    villages = {
        "village_id": [f"village-{row}-{'long' * (row % 40)}" for row in range(2 * count)],
        "name": [None] * (2 * count),
        "population": [None] * (2 * count),
        "lon": [109 + 0.001 * row if row < count else None for row in range(2 * count)],
        "lat": [11.5 if row < count else None for row in range(2 * count)],
        "4G": ["0"] * (2 * count),
    }
    pd.DataFrame(villages).to_csv(folder / "villages.csv", index=False)
    (folder / "points.csv").write_text("point_id,lon,lat\np,109,11.5\n", "utf-8")
    study = folder / "study.toml"
    study.write_text(
        """
title = "Faulty"
within_km = [10, 1.609, 5]
[villages]
file = "villages.csv"
[points]
file = "points.csv"
[coverage.4G]
column = "4G"
""",
        "utf-8",
    )
    return reported(study, folder / "out")


def program(name, package):
    """Give a program of the machine; where it is absent the test is skipped, and says what would bring it."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not there: it comes with {package}")
    return name


@pytest.fixture
def told_by():
    """Run a program and give what it prints."""

    def run_it(*command):
        words = [str(word) for word in command]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout

    return run_it


@pytest.fixture
def pdftotext():
    return program("pdftotext", "poppler-utils")


@pytest.fixture
def pdffonts():
    return program("pdffonts", "poppler-utils")


@pytest.fixture
def office():
    return program("soffice", "libreoffice-calc")
