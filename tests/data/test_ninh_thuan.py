"""The shipped study, checked with geopandas, shapely and pyproj alone."""

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

STUDY = Path(__file__).parents[2] / "data" / "ninh-thuan"
METRES = "EPSG:32649"  # UTM 49N: true to 0.1 % here, enough for margins of a hundred metres
MADE = ("villages.csv", "points.csv", "areas.geojson", "coverage.geojson")


def placed(name):
    table = pd.read_csv(STUDY / name)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")


def geodesic_km2(shape):
    return abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6


@pytest.fixture(scope="module")
def communes():
    return pd.read_csv(STUDY / "facts" / "communes.csv")


@pytest.fixture(scope="module")
def areas():
    return gpd.read_file(STUDY / "areas.geojson")


@pytest.fixture(scope="module")
def villages():
    return placed("villages.csv")


@pytest.fixture(scope="module")
def points():
    return placed("points.csv")


@pytest.fixture(scope="module")
def footprints():
    return gpd.read_file(STUDY / "coverage.geojson")


def covered_share(villages, footprints):
    return shapely.contains(footprints.union_all(), villages.geometry.to_numpy()).mean()


def test_the_facts_hold_65_communes_in_7_districts_with_the_census_total(communes):
    assert (len(communes), communes["commune"].nunique(), communes["district"].nunique()) == (65, 65, 7)
    assert communes["population_2019"].sum() == 590_467
    assert communes["area_km2"].sum() == pytest.approx(3360.5, abs=0.06)


def test_areas_carry_the_communes_of_the_facts(areas, communes):
    columns = ["code", "commune", "district"]
    assert areas[columns].to_numpy().tolist() == communes[columns].to_numpy().tolist()
    assert areas.crs.to_epsg() == 4326


def test_areas_are_valid_and_share_their_borders_vertex_by_vertex(areas):
    shapes = areas.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert set(areas.geom_type) == {"Polygon"}
    assert shapely.coverage_is_valid(shapes)
    union = areas.union_all()
    assert union.geom_type == "Polygon"
    assert not union.interiors


def test_areas_cover_3358_km2_on_the_ellipsoid(areas):
    assert geodesic_km2(areas.union_all()) == pytest.approx(3358, abs=0.01)
    assert areas.geometry.map(geodesic_km2).sum() == pytest.approx(3358, abs=0.01)


def test_each_area_has_its_official_size_within_3_percent(areas, communes):
    official = communes["area_km2"] * 3358 / communes["area_km2"].sum()
    assert (areas.geometry.map(geodesic_km2) / official).between(0.97, 1.03).all()


def test_each_centre_lies_in_its_own_area(areas, communes):
    assert shapely.contains_xy(areas.geometry.to_numpy(), communes["lon"], communes["lat"]).all()


@pytest.mark.parametrize("layer", ["villages", "points"])
def test_places_lie_inside_the_commune_they_name(layer, areas, request):
    places = request.getfixturevalue(layer)
    own = areas.set_index("commune").loc[places["commune"]]
    assert (own["district"].to_numpy() == places["district"].to_numpy()).all()
    assert shapely.contains_properly(own.geometry.to_numpy(), places.geometry.to_numpy()).all()


def test_the_people_of_400_villages_add_up_to_606900_commune_by_commune(villages, communes):
    assert len(villages) == 400
    assert villages["population"].sum() == 606_900
    share = communes.set_index("commune")["population_2019"] * 606_900 / 590_467
    people = villages.groupby("commune")["population"].sum()
    assert ((people - share).abs() < 1).all()
    assert (villages["population"] > 0).all()


def test_village_names_are_unique_within_their_commune_and_positions_everywhere(villages):
    assert not villages.duplicated(["commune", "name"]).any()
    assert not villages.duplicated(["lon", "lat"]).any()
    assert villages["village_id"].is_unique


def test_102_points_hold_nine_district_offices_and_one_point_per_commune(points, communes):
    assert len(points) == points["point_id"].nunique() == 102
    assert set(points["commune"]) == set(communes["commune"])
    offices = points["name"].str.startswith("Bưu điện ")
    assert offices.sum() == 9
    assert (points.loc[offices, "kind"] == "post_office").all()


def test_no_point_stands_on_a_village_or_on_another_point(points, villages):
    flat, others = points.to_crs(METRES), villages.to_crs(METRES)
    assert flat.sjoin_nearest(others, distance_col="gap_m")["gap_m"].min() > 10
    assert not points.duplicated(["lon", "lat"]).any()


def test_every_village_has_fibre_by_its_column(villages):
    assert (villages["fibre"] == 1).all()


def test_all_villages_have_3g_and_nine_in_ten_have_4g(villages, footprints):
    by_technology = dict(tuple(footprints.groupby("technology")))
    assert covered_share(villages, by_technology["3G"]) == 1
    assert covered_share(villages, by_technology["4G"]) == 0.9


def test_no_village_stands_within_100_m_of_the_edge_of_a_technology(villages, footprints):
    for _, own in footprints.to_crs(METRES).groupby("technology"):
        assert villages.to_crs(METRES).distance(own.union_all().boundary).min() > 100


def test_each_operator_alone_covers_less_than_all_together(villages, footprints):
    together = {"3G": 1.0, "4G": 0.9}
    alone = {key: covered_share(villages, own) for key, own in footprints.groupby(["technology", "operator"])}
    assert len(alone) == 6
    assert all(0.3 < share < together[technology] for (technology, _), share in alone.items())


def test_footprints_are_valid_and_stay_on_the_land(footprints, areas):
    assert footprints.is_valid.all()
    beyond = footprints.to_crs(METRES).difference(areas.to_crs(METRES).union_all().buffer(2))
    assert np.allclose(beyond.area, 0)


def test_the_script_gives_the_shipped_bytes_again(tmp_path):
    subprocess.run([sys.executable, STUDY / "make_layers.py", tmp_path], check=True)
    for name in MADE:
        assert (tmp_path / name).read_bytes() == (STUDY / name).read_bytes(), name
