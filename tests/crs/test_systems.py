import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo.crs.systems import label, parse_crs, places_in_wgs84, to_wgs84
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


VN_2000_PROJ = "+proj=tmerc +lat_0=0 +lon_0=108.25 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84"


@pytest.mark.parametrize("version", ["WKT1_GDAL", "WKT1_ESRI", "WKT2_2019"])
def test_the_text_of_a_prj_is_a_system(version):
    assert label(parse_crs(pyproj.CRS(9217).to_wkt(version, pretty=True))) == "EPSG:9217"


def test_a_system_that_only_looks_like_a_code_is_not_called_by_it():
    # PROJ itself says EPSG:9217 of this projection, whose datum shift it then leaves out.
    assert pyproj.CRS(VN_2000_PROJ).to_authority() == ("EPSG", "9217")
    assert label(pyproj.CRS(VN_2000_PROJ)) == "unknown"
    assert label(parse_crs(VN_2000_PROJ)) == "unknown"


@pytest.mark.parametrize("ending", ["gpkg", "shp", "fgb"])
def test_a_system_without_the_datum_shift_is_not_given_one_by_being_written(tmp_path, ending):
    layer_of(*PLAIN, parse_crs(VN_2000_PROJ)).to_file(tmp_path / f"a.{ending}")
    (place,) = to_wgs84(gpd.read_file(tmp_path / f"a.{ending}"), "a").geometry
    assert (place.x, place.y) == pytest.approx(PLACE, abs=1e-7)


@pytest.mark.parametrize(
    "text", [f"{VN_2000_PROJ} +towgs84=100,0,0", VN_2000_PROJ.replace("+k", "+towgs84=100,0,0 +k")]
)
def test_a_shift_that_a_proj_string_gives_is_kept(text):
    (place,) = places_in_wgs84(np.array([PLAIN]), parse_crs(text))
    assert pyproj.Geod(ellps="WGS84").inv(*PLACE, *place)[2] == pytest.approx(100, abs=10)


def test_places_come_to_wgs84_as_layers_do_and_degrees_stay_as_they_are_written():
    (place,) = places_in_wgs84(np.array([SHIFTED]), parse_crs("EPSG:9217"))
    assert place == pytest.approx(PLACE, abs=1e-7)
    impossible = np.array([[11.5, 108.9], [np.nan, np.nan]])
    assert places_in_wgs84(impossible, parse_crs("EPSG:4326")) is impossible


def test_a_system_without_a_code_is_called_by_its_name():
    assert label(parse_crs("+proj=tmerc +lon_0=108.25 +ellps=WGS84")) == "unknown"
    assert label(pyproj.CRS.from_wkt('LOCAL_CS["Site grid",UNIT["metre",1]]')) == "Site grid"


def test_a_system_that_is_written_without_end_is_told_by_its_beginning():
    with pytest.raises(CRSError, match=r"'EPSG:9{195}…' is no coordinate system"):
        parse_crs("EPSG:" + "9" * 3000)
