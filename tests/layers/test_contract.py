import pytest

from geo.errors import LayerError
from geo.layers.contract import recognise


@pytest.mark.parametrize(
    ("kind", "headers", "found"),
    [
        (
            "villages",
            ["Mã thôn", "ten_thon", "Dân số", "Vĩ độ", "Kinh độ"],
            {"village_id": "Mã thôn", "name": "ten_thon", "population": "Dân số", "lon": "Kinh độ", "lat": "Vĩ độ"},
        ),
        (
            "villages",
            ["id", "village", "POP", "LAT", "LONG"],
            {"village_id": "id", "name": "village", "population": "POP", "lon": "LONG", "lat": "LAT"},
        ),
        (
            "villages",
            ["Dân số / Population", "Kinh độ / Longitude", "Vĩ độ / Latitude"],
            {"population": "Dân số / Population", "lon": "Kinh độ / Longitude", "lat": "Vĩ độ / Latitude"},
        ),
        (
            "points",
            ["osm_id", "name", "amenity", "lat", "lon"],
            {"point_id": "osm_id", "name": "name", "kind": "amenity", "lon": "lon", "lat": "lat"},
        ),
        (
            "points",
            ["Mã bưu cục", "Tên bưu cục", "Loại hình", "Tọa độ X", "Tọa độ Y"],
            {"point_id": "Mã bưu cục", "name": "Tên bưu cục", "kind": "Loại hình", "x": "Tọa độ X", "y": "Tọa độ Y"},
        ),
        (
            "areas",
            ["ma_xa", "ten_xa", "ten_huyen"],
            {"area_id": "ma_xa", "name": "ten_xa", "parent": "ten_huyen"},
        ),
        (
            "cells",
            ["radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"],
            {
                "cell_id": "cell",
                "technology": "radio",
                "operator": "net",
                "range_m": "range",
                "lon": "lon",
                "lat": "lat",
            },
        ),
        (
            "cells",
            ["radio", "MCC", "MNC", "TAC", "CID", "LON", "LAT", "RANGE", "Network"],
            {
                "cell_id": "CID",
                "technology": "radio",
                "operator": "Network",
                "range_m": "RANGE",
                "lon": "LON",
                "lat": "LAT",
            },
        ),
        ("footprints", ["Công nghệ", "Nhà mạng"], {"technology": "Công nghệ", "operator": "Nhà mạng"}),
    ],
)
def test_headers_are_known_in_english_vietnamese_openstreetmap_and_opencellid(kind, headers, found):
    assert recognise(kind, headers) == found


def test_of_several_years_the_latest_population_is_taken():
    assert recognise("villages", ["pop_2009", "pop_2019", "pop_2014"]) == {"population": "pop_2019"}


def test_a_named_column_wins_over_every_guess():
    assert recognise("villages", ["population", "people_2021"], {"population": "people_2021"}) == {
        "population": "people_2021"
    }


def test_one_header_serves_one_column():
    found = recognise("villages", ["code", "lat", "lon"], {"name": "code"})
    assert found == {"name": "code", "lon": "lon", "lat": "lat"}


def test_headers_of_other_things_are_left_alone():
    assert recognise("villages", ["longevity", "lateral", "populace", "x_ray"]) == {}


def test_a_named_header_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(LayerError, match=r"v\.csv: no column 'dân' for villages\.population; the columns are a, b"):
        recognise("villages", ["a", "b"], {"population": "dân"}, source="v.csv")


def test_a_column_that_the_layer_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(LayerError, match="areas have no column 'population'; they have id, name, parent"):
        recognise("areas", ["a"], {"population": "a"})


def test_a_district_name_is_the_name_of_districts_and_the_parent_of_communes():
    assert recognise("areas", ["ma_huyen", "ten_huyen"]) == {"area_id": "ma_huyen", "name": "ten_huyen"}
    assert recognise("areas", ["ten_huyen", "ten_xa"]) == {"name": "ten_xa", "parent": "ten_huyen"}
