"""One district that a person can check on paper, and the folder of real layers where it is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import settings
from pyproj import Geod

# Fuzzers are programs of their own: `make fuzz`.
collect_ignore = ["fuzz"]

# The same examples in every run, and no verdict on time: the machine may be busy.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")

_GEOD = Geod(ellps="WGS84")
_LON, _LAT = 109.0, 11.5
_REAL = Path(__file__).parents[2] / "shared" / "real"


def east_of_the_post(km: float) -> shapely.Point:
    lon, lat, _ = _GEOD.fwd(_LON, _LAT, 90, km * 1000)
    return shapely.Point(lon, lat)


def _villages() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"village_id": ["a", "b", "c"], "name": ["An", "Bình", "Cam"], "population": [100.0, 300.0, 600.0]},
        geometry=[east_of_the_post(km) for km in (0, 3, 10)],
        index=pd.Index([7, 8, 9], name="row"),
        crs="EPSG:4326",
    )


@pytest.fixture
def villages() -> gpd.GeoDataFrame:
    """Three villages 0, 3 and 10 km east of the post, with 100, 300 and 600 people; odd index."""
    return _villages()


def _points() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"point_id": ["p1"], "name": ["Bưu cục"], "kind": ["post_office"]},
        geometry=[shapely.Point(_LON, _LAT)],
        index=pd.Index([4], name="row"),
        crs="EPSG:4326",
    )


@pytest.fixture
def points() -> gpd.GeoDataFrame:
    """One post, where the first village stands."""
    return _points()


def _areas() -> gpd.GeoDataFrame:
    border = east_of_the_post(5).x
    return gpd.GeoDataFrame(
        {"area_id": ["1", "2"], "name": ["Tây", "Đông"], "parent": ["Huyện", "Huyện"]},
        geometry=[shapely.box(_LON - 0.05, 11.45, border, 11.55), shapely.box(border, 11.45, 109.2, 11.55)],
        index=pd.Index([2, 3], name="row"),
        crs="EPSG:4326",
    )


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Two communes that share a meridian 5 km east of the post."""
    return _areas()


def _footprints() -> gpd.GeoDataFrame:
    boxes = [
        shapely.box(_LON - 0.01, 11.49, east_of_the_post(4).x, 11.51),
        shapely.box(_LON - 0.01, 11.49, 109.01, 11.51),
    ]
    third = east_of_the_post(10).buffer(0.01)
    return gpd.GeoDataFrame(
        {"technology": ["3G", "4G", "4G"], "operator": ["Viễn", "Viễn", "Thông"]},
        geometry=[*boxes, third],
        crs="EPSG:4326",
    )


@pytest.fixture
def footprints() -> gpd.GeoDataFrame:
    """Viễn's 3G reaches the first two villages, its 4G the first; Thông's 4G the third."""
    return _footprints()


@pytest.fixture
def real() -> Path:
    """The folder of real layers that nobody here wrote."""
    if not _REAL.is_dir():
        pytest.skip("the folder of real layers is not there")
    return _REAL


@pytest.fixture(scope="session")
def district_to_read(tmp_path_factory) -> Path:
    """The district as a study on disk; its figures can be worked out on paper. Nobody may change it."""
    folder = tmp_path_factory.mktemp("district")
    _villages().assign(fibre=["yes", "no", ""]).to_file(folder / "villages.gpkg")
    _points().to_file(folder / "points.geojson")
    _areas().to_file(folder / "areas.gpkg")
    _footprints().to_file(folder / "coverage.geojson")
    study = folder / "study.toml"
    study.write_text(
        """
title = { vi = "Huyện thử", en = "Test district" }
date = 2019-12-31
within_km = [3, 5]
[villages]
file = "villages.gpkg"
[points]
file = "points.geojson"
[areas]
file = "areas.gpkg"
[coverage.3G]
file = "coverage.geojson"
[coverage.4G]
file = "coverage.geojson"
[coverage.fibre]
column = "fibre"
[subscriptions]
telephone = 1200
""",
        "utf-8",
    )
    return study


@pytest.fixture
def district(tmp_path, district_to_read) -> Path:
    """The district as a study on disk, for this test alone."""
    shutil.copytree(district_to_read.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / district_to_read.name
