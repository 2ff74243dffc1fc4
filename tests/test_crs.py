import geopandas as gpd
import pyproj
import pytest
import shapely

from geo.crs import label, parse_crs, to_wgs84
from geo.errors import CRSError, GeoError

# One place of Ninh Thuận, and its published coordinates in EPSG:9217 with and without the datum shift of VN-2000.
PLACE = (108.9886, 11.5643)
SHIFTED, PLAIN = (580361.57, 1278976.96), (580556.37, 1278863.28)


def layer_of(x, y, crs):
    return gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(x, y)], index=[7], crs=crs)


def test_vn_2000_comes_to_wgs84_with_its_datum_shift():
    (place,) = to_wgs84(layer_of(*SHIFTED, "EPSG:9217"), "points").geometry
    assert (place.x, place.y) == pytest.approx(PLACE, abs=1e-7)


def test_the_same_projection_without_the_shift_is_another_system():
    without = parse_crs("+proj=tmerc +lon_0=108.25 +k=0.9999 +x_0=500000 +ellps=WGS84")
    (place,) = to_wgs84(layer_of(*PLAIN, without), "points").geometry
    assert (place.x, place.y) == pytest.approx(PLACE, abs=1e-7)
    distance = pyproj.Geod(ellps="WGS84").inv(
        *PLACE, *to_wgs84(layer_of(*SHIFTED, without), "p").geometry.iloc[0].coords[0]
    )
    assert distance[2] == pytest.approx(225, abs=2)


def test_the_layer_given_is_not_changed_and_its_index_is_kept():
    layer = layer_of(*SHIFTED, "EPSG:9217")
    there = to_wgs84(layer, "points")
    assert there.index.tolist() == [7]
    assert (layer.geometry.x.iloc[0], layer.crs.to_epsg()) == (SHIFTED[0], 9217)


def test_a_layer_without_a_system_is_refused_with_the_option_and_the_call():
    with pytest.raises(
        CRSError, match=r"posts\.gpkg has no coordinate system.*--crs EPSG:4326.*set_crs\('EPSG:4326'\)"
    ):
        to_wgs84(layer_of(1, 2, None), "posts.gpkg")


def test_a_system_without_a_way_to_wgs84_is_refused_by_its_name():
    nowhere = pyproj.CRS.from_wkt('LOCAL_CS["Site grid",UNIT["metre",1]]')
    with pytest.raises(CRSError, match=r"posts\.gpkg is in 'Site grid', which has no way to WGS84.*--crs"):
        to_wgs84(layer_of(1, 2, nowhere), "posts.gpkg")


@pytest.mark.parametrize("text", ["EPSG:9217", "epsg:9217", "9217", "urn:ogc:def:crs:EPSG::9217"])
def test_a_system_is_read_as_people_write_it(text):
    assert label(parse_crs(text)) == "EPSG:9217"


@pytest.mark.parametrize("text", ["", "EPSG:99999", "VN-two-thousand", "EPSG:5773", "EPSG:4978"])
def test_what_is_no_system_of_the_map_is_refused_with_what_to_write(text):
    with pytest.raises(CRSError, match=f"'{text}'.*Write a code, as EPSG:4326 or EPSG:9217") as error:
        parse_crs(text)
    assert isinstance(error.value, GeoError)
    assert isinstance(error.value, ValueError)


def test_a_system_without_a_code_is_called_by_its_name():
    assert label(parse_crs("+proj=tmerc +lon_0=108.25 +ellps=WGS84")) == "unknown"
    assert label(pyproj.CRS.from_wkt('LOCAL_CS["Site grid",UNIT["metre",1]]')) == "Site grid"
