"""Real layers that nobody here wrote, each held against an independent computation."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

import geo
from geo.measure.indicators import column_key

pytestmark = pytest.mark.real
GEOD = Geod(ellps="WGS84")


def study(tmp_path, text):
    file = tmp_path / "study.toml"
    file.write_text(text, "utf-8")
    return geo.Study.open(file)


def values(results):
    return {
        column_key(f.indicator, f.technology, f.operator, f.within_km): f.value
        for f in results.figures
        if f.area == "all"
    }


def all_pairs_m(a, b):
    """Every geodesic between two lists of places, by pyproj alone."""
    lon_a, lon_b = np.meshgrid(a[:, 0], b[:, 0], indexing="ij")
    lat_a, lat_b = np.meshgrid(a[:, 1], b[:, 1], indexing="ij")
    return GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2]


@pytest.fixture
def lesotho(real, tmp_path):
    folder = real / "lesotho"
    cells = "\n".join(f'[coverage.{name}]\nfile = "{folder}/lesotho_cells.csv"' for name in ("2G", "3G", "4G"))
    return study(
        tmp_path,
        f"""
within_km = [5]
[villages]
file = "{folder}/lesotho_settlements.csv"
[points]
file = "{folder}/lesotho_post_offices.csv"
[areas]
file = "{folder}/lesotho_boundary.geojson"
{cells}
""",
    ).run()


def test_lesothos_settlements_have_the_nearest_post_of_all_pairs(lesotho, real):
    settlements = pd.read_csv(real / "lesotho/lesotho_settlements.csv")
    posts = pd.read_csv(real / "lesotho/lesotho_post_offices.csv")
    distance = all_pairs_m(settlements[["lon", "lat"]].to_numpy(), posts[["lon", "lat"]].to_numpy()) / 1000
    assert lesotho.villages["distance_km"].to_numpy() == pytest.approx(distance.min(axis=1), abs=1e-9)
    assert lesotho.villages["point_id"].tolist() == posts["id"].astype(str).to_numpy()[distance.argmin(axis=1)].tolist()
    found = values(lesotho)
    assert found["nearest_distance_p90"] == pytest.approx(np.quantile(distance.min(axis=1), 0.9), rel=1e-9)
    assert found["villages_within:5"] == (distance.min(axis=1) <= 5).mean()


def test_lesothos_cells_cover_as_all_pairs_say(lesotho, real):
    settlements = pd.read_csv(real / "lesotho/lesotho_settlements.csv")
    cells = pd.read_csv(real / "lesotho/lesotho_cells.csv")
    reached = all_pairs_m(settlements[["lon", "lat"]].to_numpy(), cells[["LON", "LAT"]].to_numpy())
    reached = reached <= cells["RANGE"].to_numpy()
    for technology, radios in {"2G": ["GSM", "UMTS", "LTE"], "3G": ["UMTS", "LTE"], "4G": ["LTE"]}.items():
        rows = cells["radio"].isin(radios).to_numpy()
        assert values(lesotho)[f"villages_covered:{technology}"] == reached[:, rows].any(axis=1).mean()
        for operator in cells["Network"].unique():
            by_one = reached[:, rows & (cells["Network"] == operator).to_numpy()].any(axis=1)
            assert values(lesotho)[f"villages_covered:{technology}:{operator}"] == by_one.mean()


def test_lesothos_unknown_people_give_no_figure_and_its_default_ranges_are_told(lesotho):
    figures = {figure.indicator: figure for figure in lesotho.figures}
    assert figures["people_per_point"].reason == "mostly_unknown"
    assert "4 of 1,144" in figures["population"].rule_text()
    found = {finding.fault: finding for finding in lesotho.findings}
    assert found["default_range"].values["range_m"] == 1000
    assert len(found["duplicate_position"].rows) - found["duplicate_position"].values["places"] == 437


def test_a_fixed_range_stands_in_place_of_the_cells_own(real, tmp_path):
    folder = real / "lesotho"
    results = study(
        tmp_path,
        f"""
cell_range_km = 5
[villages]
file = "{folder}/lesotho_settlements.csv"
[coverage.3G]
file = "{folder}/lesotho_cells.csv"
""",
    ).run()
    settlements = pd.read_csv(folder / "lesotho_settlements.csv")
    cells = pd.read_csv(folder / "lesotho_cells.csv").query("radio != 'GSM'")
    distance = all_pairs_m(settlements[["lon", "lat"]].to_numpy(), cells[["LON", "LAT"]].to_numpy())
    assert values(results)["villages_covered:3G"] == (distance.min(axis=1) <= 5000).mean()
    assert "default_range" not in {finding.fault for finding in results.findings}


@pytest.fixture
def goa(real, tmp_path):
    folder = real / "goa_india"
    return study(
        tmp_path,
        f"""
[villages]
file = "{folder}/goa_villages.geojson"
[points]
file = "{folder}/goa_postoffices.csv"
""",
    ).run()


def test_goas_exchanged_and_unusable_post_offices_are_found_and_none_invented(goa, real):
    posts = pd.read_csv(real / "goa_india/goa_postoffices.csv")
    west, south, east, north = gpd.read_file(real / "goa_india/goa_villages.geojson").total_bounds
    lon, lat = posts["longitude"], posts["latitude"]
    exchanged = lat.between(west, east) & lon.between(south, north)
    near = lon.between(west - 2, east + 2) & lat.between(south - 2, north + 2)
    found = {finding.fault: finding for finding in goa.findings}
    assert found["swapped_coordinates"].rows == tuple(posts.index[exchanged] + 2)
    unusable = sorted([*found["misplaced"].rows, *found["impossible_coordinates"].rows])
    assert unusable == (posts.index[~exchanged & ~near] + 2).tolist()
    assert len(goa.points) == near.sum()


def test_goas_villages_are_measured_from_inside_to_the_usable_posts(goa, real):
    villages = gpd.read_file(real / "goa_india/goa_villages.geojson")
    inside = shapely.point_on_surface(villages.geometry.to_numpy())
    usable = goa.points[["lon", "lat"]].to_numpy()
    distance = all_pairs_m(shapely.get_coordinates(inside), usable).min(axis=1) / 1000
    assert goa.villages["distance_km"].to_numpy() == pytest.approx(distance, abs=1e-9)


@pytest.mark.parametrize(("year", "communes"), [(2009, 65), (2025, 24)])
def test_the_communes_of_ninh_thuan_have_the_area_of_pyproj(real, tmp_path, year, communes):
    file = real / f"ninh_thuan/ninh_thuan_communes_{year}.geojson"
    results = study(tmp_path, f'[areas]\nfile = "{file}"').run()
    whole = shapely.union_all(shapely.make_valid(gpd.read_file(file).geometry.to_numpy()))
    assert len(results.areas) == communes
    expected = abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(whole))[0]) / 1e6
    assert values(results)["area"] == pytest.approx(expected, rel=1e-6)
    faults = {finding.fault: finding for finding in results.findings}
    assert len(faults["invalid_geometry"].rows if year == 2025 else ()) == (4 if year == 2025 else 0)
