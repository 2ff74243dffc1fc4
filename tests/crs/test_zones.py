"""Families of zones, held against the systems that EPSG lists by name."""

from __future__ import annotations

import pyproj
import pytest

from geo.crs.systems import parse_crs
from geo.crs.zones import meridian_of, other_zones, projection_of, unbound

NINH_THUAN = (108.5, 11.2, 109.3, 12.1)
LESOTHO = (27.0, -30.7, 29.5, -28.5)
HANOI = (105.3, 20.6, 106.0, 21.3)


@pytest.mark.parametrize(
    ("text", "bounds", "names"),
    [
        ("EPSG:32648", NINH_THUAN, ["WGS 84 / UTM zone 49N"]),
        ("+proj=utm +zone=48 +datum=WGS84", NINH_THUAN, ["WGS 84 / UTM zone 49N"]),
        ("+proj=utm +zone=48 +ellps=WGS84", NINH_THUAN, ["WGS 84 / UTM zone 49N"]),
        ("EPSG:32635", LESOTHO, ["WGS 84 / UTM zone 35S"]),
        ("EPSG:3405", NINH_THUAN, ["VN-2000 / UTM zone 49N"]),
        ("EPSG:9218", NINH_THUAN, ["VN-2000 / TM-3 zone 491", "VN-2000 / TM-3 107-45", "VN-2000 / TM-3 108-15"]),
        ("EPSG:2045", HANOI, ["Hanoi 1972 / Gauss-Kruger zone 18"]),
        ("EPSG:22289", LESOTHO, ["Cape / Lo27"]),
        ("EPSG:32649", NINH_THUAN, []),
        ("EPSG:3857", NINH_THUAN, []),
        ("EPSG:4326", NINH_THUAN, []),
    ],
)
def test_the_other_zones_are_those_of_one_datum_and_scale_that_are_used_there(text, bounds, names):
    assert [zone.name for zone in other_zones(parse_crs(text), bounds)] == names


def test_zones_differ_in_their_meridian():
    assert meridian_of(pyproj.CRS(9217)) == 108.25
    assert meridian_of(parse_crs("+proj=utm +zone=49 +ellps=WGS84 +towgs84=1,2,3")) == 111


def test_a_shift_that_is_tied_to_a_system_is_no_part_of_its_projection():
    tied = parse_crs("+proj=tmerc +lon_0=108.25 +k=0.9999 +x_0=500000 +ellps=WGS84 +towgs84=1,2,3")
    assert tied.is_bound
    assert not unbound(tied).is_bound
    assert projection_of(tied) == projection_of(pyproj.CRS(9217))
    assert projection_of(pyproj.CRS(4326)) == {}
