"""The provincial zones of VN-2000, held against the published test vector and the area texts of PROJ itself."""

from __future__ import annotations

import re

import numpy as np
import pyproj
import pytest
from pyproj.database import query_crs_info

from geo.crs.systems import parse_crs, places_in_wgs84
from geo.crs.vn2000 import names_of, provinces, with_shift
from geo.errors import CRSError

# One place of Ninh Thuận, and its published coordinates with and without the datum shift of VN-2000.
PLACE = (108.9886, 11.5643)
SHIFTED, PLAIN = (580361.57, 1278976.96), (580556.37, 1278863.28)
CENTIMETRE_DEGREES = 1e-7
TMERC = "+proj=tmerc +lat_0=0 +lon_0=108.25 +k=0.9999 +x_0=500000 +y_0=0"
PROJECTED = (
    'PROJCS["VN2000_NinhThuan",GEOGCS["{gcs}",DATUM["{datum}",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",108.25],'
    'PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
WGS84_PRJ = PROJECTED.format(gcs="GCS_WGS_1984", datum="D_WGS_1984")
SHIFT = "+towgs84=-191.90441429,-39.30318279,-111.45032835,-0.00928836,0.01975479,-0.00427372,0.252906278"


@pytest.mark.parametrize(
    "name",
    ["vn2000:ninh-thuan", "VN2000:Ninh Thuận", "vn2000:NINH THUAN", " vn2000:tỉnh Ninh-Thuận ", "vn2000:ninhthuan"],
)
def test_the_zone_of_a_province_gives_the_test_vector_to_the_centimetre(name):
    zone = parse_crs(name)
    there = pyproj.Transformer.from_crs("EPSG:4326", zone, always_xy=True).transform(*PLACE)
    assert there == pytest.approx(SHIFTED, abs=0.01)
    ((lon, lat),) = places_in_wgs84(np.array([SHIFTED]), zone).tolist()
    assert (lon, lat) == pytest.approx(PLACE, abs=CENTIMETRE_DEGREES)


def test_without_the_shift_the_test_vector_is_the_other_one():
    plain = pyproj.Transformer.from_crs("EPSG:4326", parse_crs(f"{TMERC} +ellps=WGS84"), always_xy=True)
    assert plain.transform(*PLACE) == pytest.approx(PLAIN, abs=0.01)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("TP. Hồ Chí Minh", 9210),
        ("thành phố Đà Nẵng", 5899),
        ("Thừa Thiên Huế", 9214),
        ("Bà Rịa - Vũng Tàu", 5899),
        ("Đắk Lắk", 9218),
        ("Hà Nội", 5897),
        ("Quảng Ngãi", 5898),
    ],
)
def test_a_province_is_known_as_vietnamese_writes_it(name, code):
    assert parse_crs(f"vn2000:{name}").to_epsg() == code


def test_the_provinces_are_those_of_the_area_texts_of_proj_and_all_of_them():
    texts = {
        info.code: info.area_of_use.name
        for info in query_crs_info("EPSG")
        if info.name.startswith("VN-2000 / TM-3")
        and re.search("province|city|cities|municipality", info.area_of_use.name)
    }
    by_hand = {"9217": {"binh-dinh", "khanh-hoa", "ninh-thuan"}, "9214": {"bac-giang", "thua-thien-hue"}}
    for code, names in by_hand.items():
        assert {slug for slug, of_province in provinces().items() if of_province == int(code)} == names
    for slug, code in provinces().items():
        assert slug.replace("-", " ") in texts[str(code)].lower().replace("-", " ")
    assert {str(code) for code in provinces().values()} == texts.keys()
    # 63 provinces of 2008 to 2025, and Hà Tây, which the text of zone 482 still has.
    assert len(provinces()) == 64


def test_no_province_is_called_after_a_word_of_the_text():
    words = {word for slug in provinces() for word in slug.split("-")}
    assert not words & {"province", "provinces", "city", "cities", "municipality", "and", "vietnam", "onshore"}


@pytest.mark.parametrize(("name", "nearest"), [("ninh thun", "ninh-thuan"), ("khan hoa", "khanh-hoa")])
def test_an_unknown_province_is_refused_with_the_nearest_names(name, nearest):
    with pytest.raises(CRSError, match=rf"'vn2000:{name}' names no province.*Nearest are.*vn2000:{nearest}.*2025"):
        parse_crs(f"vn2000:{name}")


def test_a_name_that_is_near_to_none_is_refused_with_all_that_there_are():
    with pytest.raises(CRSError, match=r"There are an-giang, .*yen-bai\."):
        parse_crs("vn2000:zzz")


def test_a_zone_has_the_names_of_its_provinces_and_another_system_none():
    assert names_of(parse_crs("EPSG:9217")) == ("vn2000:binh-dinh", "vn2000:khanh-hoa", "vn2000:ninh-thuan")
    assert names_of(parse_crs("EPSG:32649")) == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{TMERC} +ellps=WGS84",
        f"{TMERC} +datum=WGS84 +units=m",
        f"{TMERC} +ellps=GRS80",
        f"{TMERC} +ellps=WGS84 +towgs84=0,0,0,0,0,0,0",
        WGS84_PRJ,
        PROJECTED.format(gcs="GCS_unknown", datum="D_unknown"),
    ],
)
def test_the_projection_without_the_shift_is_recognised_however_it_is_written(text):
    meant = with_shift(parse_crs(text))
    assert meant is not None
    assert meant.to_epsg() == 9217


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:9217",
        "vn2000:ninh-thuan",
        pyproj.CRS(9217).to_wkt("WKT1_ESRI"),
        pyproj.CRS(9217).to_wkt("WKT1_GDAL"),
        pyproj.CRS(9217).to_wkt(),
        PROJECTED.format(gcs="GCS_VN-2000", datum="D_Vietnam_2000"),
        PROJECTED.format(gcs="GCS_VN_2000", datum="D_VN_2000"),
        f"{TMERC} +ellps=WGS84 {SHIFT}",
        f"{TMERC} +ellps=krass",
        f"{TMERC.replace('0.9999', '0.9996')} +ellps=WGS84",
        f"{TMERC.replace('108.25', '108.3')} +ellps=WGS84",
        f"{TMERC.replace('500000', '600000')} +ellps=WGS84",
        f"{TMERC} +ellps=WGS84 +units=km",
        "EPSG:32649",
        "EPSG:3857",
        "EPSG:4326",
        "EPSG:4756",
    ],
)
def test_a_system_that_has_its_shift_or_another_projection_has_lost_nothing(text):
    assert with_shift(parse_crs(text)) is None
