import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from geo.layers.check import check_layers
from geo.layers.layer import Reading, read_layer

GEOD = Geod(ellps="WGS84")
LON, LAT, EAST, NORTH = 108.9886, 11.5643, 580361.57, 1278976.96
# The same place in the same projection without the datum shift, from the definitions of the house.
EAST_WITHOUT, NORTH_WITHOUT = 580556.37, 1278863.28


def disagreement(layer):
    found = [one for one in layer.findings if one.fault == "coordinates_disagree"]
    assert len(found) < 2
    return found[0] if found else None


def test_two_pairs_that_say_the_same_to_their_digits_agree(read):
    text = f"id,lon,lat,x,y\na,{LON},{LAT},{EAST},{NORTH}\nb,108.99,11.56,580513.6,1278501.5\n"
    assert disagreement(read("points", text, crs="EPSG:9217")) is None


def test_a_pair_without_the_datum_shift_is_told_with_its_distance(read):
    text = f"id,lon,lat,x,y\na,{LON},{LAT},{EAST_WITHOUT},{NORTH_WITHOUT}\nb,{LON},{LAT},{EAST},{NORTH}\n"
    finding = disagreement(read("points", text, crs="EPSG:9217"))
    assert (finding.rows, finding.ids, finding.left_out) == ((2,), ("a",), False)
    expected = np.hypot(EAST_WITHOUT - EAST, NORTH_WITHOUT - NORTH) / 1000
    assert finding.values["median_km"] == pytest.approx(expected, abs=0.002)
    assert finding.values["all"] == 2
    assert "by 'x', 'y' than by 'lon', 'lat': 1 of 2" in finding.text("en")
    assert "'x', 'y' khác với 'lon', 'lat'" in finding.text("vi")
    assert "'lon', 'lat'" in finding.effect("en")


def test_median_and_maximum_are_those_of_the_rows_that_disagree(read):
    east = [GEOD.fwd(105, 20, 90, metres)[:2] for metres in (0, 1000, 3000, 8000)]
    rows = "\n".join(f"{number},105.0,20.0,POINT({x:.8f} {y:.8f})" for number, (x, y) in enumerate(east))
    finding = disagreement(read("points", f"id,lon,lat,wkt\n{rows}\n", crs="EPSG:4326"))
    assert finding.rows == (3, 4, 5)  # even degrees may be rounded to a hundredth, which is 0.8 km
    assert finding.values["median_km"] == pytest.approx(3, abs=0.001)
    assert finding.values["farthest_km"] == pytest.approx(8, abs=0.001)


@pytest.mark.parametrize(("digits", "told"), [(2, False), (4, True)])
def test_what_rounding_explains_is_no_disagreement(read, digits, told):
    lon, lat, _ = GEOD.fwd(105.12345, 20.54321, 45, 100)
    text = f"id,lon,lat,x,y\na,105.12345,20.54321,{lon:.{digits}f},{lat:.{digits}f}\n"
    assert (disagreement(read("points", text, crs="EPSG:4326")) is not None) == told


def test_two_pairs_of_longitude_and_latitude_are_compared(read):
    text = "id,latitude,longitude,lat,lon\na,20.456,105.123,20.456,105.123\nb,20.456,105.123,21.456,105.123\n"
    finding = disagreement(read("points", text))
    assert (finding.rows, finding.ids, finding.values["all"]) == ((3,), ("b",), 2)
    expected = GEOD.inv(105.123, 20.456, 105.123, 21.456)[2] / 1000
    assert finding.values["farthest_km"] == pytest.approx(expected, abs=0.001)
    assert "by 'longitude', 'latitude' than by 'lon', 'lat'" in finding.text("en")


def test_a_second_pair_that_says_the_same_agrees_and_half_of_one_says_nothing(read):
    assert disagreement(read("points", "id,kinh_do,vi_do,lat,lon\na,105.123,20.456,20.456,105.123\n")) is None
    assert disagreement(read("points", "id,latitude,lat,lon\na,21.456,20.456,105.123\n")) is None
    assert disagreement(read("points", "id,lat,lon,x,y,easting,northing\na,20.4,105.1,1,2,3,4\n")) is None


def test_x_and_y_in_degrees_and_exchanged_are_compared_as_they_are_meant(read):
    assert disagreement(read("points", "id,lon,lat,x,y\na,105.123,20.456,20.456,105.123\n", crs="EPSG:4326")) is None


def test_x_and_y_without_a_system_are_not_compared(read):
    assert disagreement(read("points", f"lon,lat,x,y\n{LON},{LAT},1,2\n")) is None


def test_columns_beside_a_geometry_are_held_against_it(tmp_path):
    shapes = [shapely.Point(105, 20), shapely.Point(106, 21)]
    rows = gpd.GeoDataFrame({"id": ["a", "b"], "lat": [20.0, 20.0], "lon": [105.0, 105.0]}, geometry=shapes, crs=4326)
    rows.to_file(tmp_path / "v.gpkg")
    finding = disagreement(read_layer("points", tmp_path / "v.gpkg"))
    expected = GEOD.inv(106, 21, 105, 20)[2] / 1000
    assert (finding.rows, finding.ids) == ((2,), ("b",))
    assert finding.values["median_km"] == pytest.approx(expected, abs=0.001)
    assert "than by the geometry" in finding.text("en")
    assert "khác với hình học" in finding.text("vi")


def test_a_place_inside_its_polygon_agrees_and_one_outside_is_as_far_as_the_border(tmp_path):
    box = shapely.box(105, 20, 106, 21)
    rows = gpd.GeoDataFrame({"lat": [20.5, 20.5], "lon": [105.5, 106.5]}, geometry=[box, box], crs=4326)
    rows.to_file(tmp_path / "v.gpkg")
    finding = disagreement(read_layer("villages", tmp_path / "v.gpkg"))
    assert finding.rows == (2,)
    assert finding.values["farthest_km"] == pytest.approx(GEOD.inv(106, 20.5, 106.5, 20.5)[2] / 1000, abs=0.01)


def test_a_geometry_in_another_system_is_compared_on_the_ground(tmp_path):
    x, y = Transformer.from_crs(4326, 9217, always_xy=True).transform(LON, LAT)
    rows = gpd.GeoDataFrame({"lat": [LAT], "lon": [LON]}, geometry=[shapely.Point(x, y)], crs=9217)
    rows.to_file(tmp_path / "v.gpkg")
    assert disagreement(read_layer("points", tmp_path / "v.gpkg")) is None


def test_a_row_that_one_of_the_two_leaves_empty_or_off_the_globe_is_not_compared(read):
    text = "id,lon,lat,x,y\na,105,20,,\nb,105,20,500,20\nc,,,105,20\n"
    assert disagreement(read("points", text, crs="EPSG:4326")) is None


def test_a_disagreement_is_a_finding_of_the_check(read):
    layer = read("points", "id,lon,lat,x,y\na,105.5,20.5,105.7,20.5\n", crs="EPSG:4326")
    assert "coordinates_disagree" in [one.fault for one in check_layers({"points": layer})]


@pytest.mark.real
def test_the_real_layers_agree_with_themselves(real):
    for kind, name in (
        ("villages", "lesotho/lesotho_settlements.csv"),
        ("points", "goa_india/goa_postoffices.csv"),
        ("villages", "goa_india/goa_villages.geojson"),
    ):
        assert disagreement(read_layer(kind, real / name, Reading())) is None
