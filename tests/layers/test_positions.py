import csv
import io
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import CRSError, LayerError
from geo.layers.check import check_layers, usable
from geo.layers.layer import Reading, read_coverage, read_layer

# definitions of the house: this place, and where it is on VN-2000 / TM-3 108-15.
LON, LAT, EAST, NORTH = 108.9886, 11.5643, 580361.57, 1278976.96
POINT = shapely.Point(LON, LAT)


def places(layer):
    return [(round(point.x, 6), round(point.y, 6)) for point in layer.table.geometry]


@pytest.mark.parametrize(
    ("text", "crs"),
    [
        (f"lat|lon\n{LAT}|{LON}\n", None),
        (f"vĩ độ|kinh độ\n{LAT}|{LON}\n".replace(".", ","), None),
        ("Vĩ độ|Kinh độ\n11°33'51.48\"N|108°59'18.96\"E\n", None),
        ("Vĩ độ|Kinh độ\n11°33′51,48″B|108°59′18,96″Đ\n", None),
        ("lat|lon\n11 33 51.48|108 59 18.96\n", None),
        ("lat|lon\n11d33m51.48s|108d59m18.96s\n", None),
        ("X|Y\n11°33'51.48\"B|108°59'18.96\"Đ\n", None),
        (f"toạ độ\n{LAT}, {LON}\n", None),
        (f"toạ độ\n{LON}, {LAT}\n", None),
        (f"Vĩ độ, kinh độ\n{LAT}; {LON}\n".replace(".", ","), None),
        (f"lon_lat\n{LON} {LAT}\n", None),
        (f"Kinh độ / Vĩ độ\n{LON} {LAT}\n", None),
        ("location\n11°33'51.48\"N 108°59'18.96\"E\n", None),
        (f"toạ độ\nPOINT({LON} {LAT})\n", "EPSG:4326"),
        (f"wkt\nPOINT({LON} {LAT})\n", "EPSG:4326"),
        (f"geom\nSRID=4326;POINT({LON} {LAT})\n", None),
        (f"the_geom\n{POINT.wkb_hex}\n", "EPSG:4326"),
        (f"wkb_geometry\n{shapely.to_wkb(shapely.set_srid(POINT, 4326), hex=True, include_srid=True)}\n", None),
        (f"geojson\n{{'type':'Point','coordinates':[{LON},{LAT}]}}\n".replace("'", '"'), None),
        (f"wkt\nPOINT({EAST} {NORTH})\n", "EPSG:9217"),
        (f"ewkt\nSRID=9217;POINT({EAST} {NORTH})\n", "EPSG:4326"),
        (f"toạ độ\n{EAST}; {NORTH}\n", "EPSG:9217"),
        (f"toạ độ\n{NORTH} {EAST}\n", "EPSG:9217"),
        (f"lat_lon\n{NORTH} {EAST}\n", "EPSG:9217"),
    ],
)
def test_one_place_is_the_same_in_every_writing(read, text, crs):
    quoted = io.StringIO()
    csv.writer(quoted, delimiter="\t", quoting=csv.QUOTE_ALL).writerows(line.split("|") for line in text.splitlines())
    layer = read("points", quoted.getvalue(), crs=crs)
    assert places(layer) == [(LON, LAT)]
    assert layer.findings == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("latitude|N/S|longitude|E/W\n33.9|S|18.4|E\n", (18.4, -33.9)),
        ("lat|lon|lat_dir|lon_dir\n33.9|18.4|s|w\n", (-18.4, -33.9)),
        ("Vĩ độ|Hướng vĩ độ|Kinh độ|Hướng kinh độ\n10,5|N|100|T\n11|B|108|Đ\n", (-100, -10.5)),
        ("GPSLatitude|GPSLatitudeRef|GPSLongitude|GPSLongitudeRef|lat|lon\n1|S|1|E|33.9|18.4\n", (18.4, -33.9)),
        ("lat|ns|lon\n-33.9|S|18.4\n", (18.4, -33.9)),
        ("lat|class|lon\n33.9|S|18.4\n", (18.4, 33.9)),
        ("lat|ns|lon\n33.9|S|18.4\n34|city|18.5\n", (18.4, 33.9)),
    ],
)
def test_hemispheres_in_a_column_of_their_own_count_where_its_header_says_so(read, text, expected):
    assert places(read("points", text.replace("|", ";")))[0] == expected


def test_n_is_the_south_beside_vietnamese_letters(read):
    layer = read("points", "lat;lon\n11°30'N;108°Đ\n11°B;108°Đ\n")
    assert places(layer) == [(108, -11.5), (108, 11)]


def test_a_letter_that_has_no_meaning_beside_others_is_unreadable(read):
    layer = read("points", "id;lat;lon\na;11°N;108°E\nb;11°B;108°E\n")
    assert [(one.fault, one.rows, one.ids, one.values["example"]) for one in layer.findings] == [
        ("unreadable_number", (2,), ("a",), "11°N")
    ]


def test_letters_win_over_headers_that_are_exchanged_and_say_so(read):
    layer = read("points", "id;lat;lon\na;108°E;11°S\nb;11°N;108°E\n")
    assert places(layer) == [(108, -11), (108, 11)]
    (finding,) = layer.findings
    assert (finding.fault, finding.rows, finding.ids) == ("letters_against_headers", (2,), ("a",))
    assert "'lon' and 'lat': 1" in finding.text("en")
    assert "'lon' và 'lat'" in finding.text("vi")


def test_one_letter_of_the_wrong_axis_is_unreadable(read):
    layer = read("points", "lat;lon\n11°E;108°E\n")
    assert [(one.fault, one.values["column"]) for one in layer.findings] == [("unreadable_number", "lat")]
    assert layer.table.geometry.isna().all()


def test_a_column_of_both_that_can_be_read_either_way_is_refused_with_the_remedy(read):
    text = "id;toạ độ\na;45.1, 7.6\nb;45.2, 7.7\n"
    with pytest.raises(LayerError, match=r"column 'toạ độ' has both.*\(as '45\.1, 7\.6'\).*LAYER\.lat_lon='toạ độ'"):
        read("points", text)
    assert places(read("points", text, columns={"lat_lon": "toạ độ"}))[0] == (7.6, 45.1)
    assert places(read("points", text, columns={"lon_lat": "toạ độ"}))[0] == (45.1, 7.6)


def test_metres_in_one_column_need_their_system(read):
    with pytest.raises(CRSError, match=r"coordinates in 'toạ độ' and no coordinate system.*--crs"):
        read("points", f"id,toạ độ\na,{EAST}; {NORTH}\n")


def test_a_cell_that_is_no_pair_is_found_with_its_row(read):
    layer = read("points", "id;gps\na;11.5, 108.9\nb;near the market\nc;\nd;11.6, 108.9\n")
    assert [(one.fault, one.rows, one.ids, one.values["example"]) for one in layer.findings] == [
        ("unreadable_number", (3,), ("b",), "near the market")
    ]
    assert [one.fault for one in check_layers({"points": layer})] == ["unreadable_number", "missing_coordinates"]


def test_a_column_of_words_is_no_column_of_coordinates(read):
    with pytest.raises(LayerError, match="no column was recognised as longitude and latitude"):
        read("points", "id;location\na;near the market\nb;behind the school\n")


def test_geometries_as_text_without_a_system_are_refused_with_the_option(read):
    with pytest.raises(CRSError, match=r"table\.csv has no coordinate system.*--crs"):
        read("points", "wkt\nPOINT(1 2)\n")


def test_geometries_of_two_systems_are_refused(read):
    with pytest.raises(CRSError, match=r"column 'wkt' has several systems \(SRID 4326, 9217\)"):
        read("points", "id,wkt\na,SRID=4326;POINT(1 2)\nb,SRID=9217;POINT(1 2)\n")


def test_a_geometry_that_cannot_be_read_is_told_once_and_left_out(read):
    layer = read("villages", "id;wkt\na;POINT(1 2)\nb;POINT(1\nc;POINT(2 2)\n", crs="EPSG:4326")
    findings = check_layers({"villages": layer})
    assert [(one.fault, one.rows, one.ids) for one in findings if one.left_out] == [
        ("unreadable_geometry", (3,), ("b",))
    ]
    assert usable("villages", layer, findings)["village_id"].tolist() == ["a", "c"]
    assert "'POINT(1'" in findings[0].text("en")


def test_areas_and_footprints_are_read_from_a_table_of_polygons(read, write):
    square = shapely.box(105, 20, 106, 21).wkt
    areas = read("areas", f"ma_xa;ten_xa;wkt\n01;An;{square}\n", crs="EPSG:4326")
    assert areas.table["area_id"].tolist() == ["01"]
    assert areas.table.geometry.iloc[0].equals(shapely.box(105, 20, 106, 21))
    path = write("c.csv", f"radio;lat;lon;wkt\nLTE;20;105;SRID=4326;{square}\n".replace("SRID=4326;", ""))
    assert read_coverage(path).kind == "cells"
    path = write("f.csv", f"radio|wkt\nLTE|SRID=4326;{square}\n")
    assert (read_coverage(path).kind, read_coverage(path).crs) == ("footprints", "EPSG:4326")


def test_well_known_binary_of_a_plain_parquet_file_is_read(tmp_path):
    pd.DataFrame({"id": ["a"], "wkb": [POINT.wkb]}).to_parquet(tmp_path / "v.parquet")
    assert places(read_layer("points", tmp_path / "v.parquet", Reading(crs="EPSG:4326"))) == [(LON, LAT)]


def test_columns_that_are_named_win_over_the_geometry_of_the_file(tmp_path):
    rows = gpd.GeoDataFrame({"a": [105.5], "b": [20.5]}, geometry=[shapely.Point(1, 2)], crs=4326)
    rows.to_file(tmp_path / "v.gpkg")
    layer = read_layer("points", tmp_path / "v.gpkg", Reading(columns={"lon": "a", "lat": "b"}))
    assert places(layer) == [(105.5, 20.5)]
    assert [one.fault for one in layer.findings] == ["coordinates_disagree"]


def test_a_total_is_no_village_and_is_told_as_a_note_is(read):
    text = "id;name;lat;lon;pop\n1;An;11;108;7\n2;Bình;11.5;108.5;8\n;Tổng cộng;;;15\n;Nguồn: xã;;;\n"
    layer = read("villages", text)
    assert layer.table["population"].sum() == 15
    findings = check_layers({"villages": layer})
    assert [(one.fault, one.rows, one.left_out) for one in findings] == [("footer_rows", (4, 5), True)]
    assert "2 (as 'Tổng cộng')" in findings[0].text("en")


def test_the_header_on_every_page_is_no_village(read):
    page = "name;lat;lon;pop\n"
    layer = read("villages", f"{page}An;11;108;7\n{page}Bình;11.5;108.5;8\n{page}name;11.6;108.6;9\n")
    assert layer.table["name"].tolist() == ["An", "Bình", "name"]
    findings = check_layers({"villages": layer})
    assert [(one.fault, one.rows) for one in findings] == [("footer_rows", (3, 5))]


def test_a_total_that_adds_up_the_coordinates_too_is_no_village(read):
    text = "name;lat;lon;pop\nAn;11;108;7\nBình;11.5;108.5;8\nTotal;22.5;216.5;15\n"
    assert read("villages", text).table["name"].tolist() == ["An", "Bình"]


@pytest.mark.parametrize(
    ("rows", "totals"),
    [
        (["An;11;108;7", "Bình;11.5;108.5;8", "Tổng;11.2;108.2;15"], [4]),
        (["Tổng;11.2;108.2;15", "An;11;108;7", "Bình;11.5;108.5;8"], [2]),
        (
            ["An;11;108;7", "Bình;11.5;108.5;8", "Cộng;11;108;15", "Chi;11;108;1", "Dậu;11;108;2", "Cộng;11;108;3"],
            [4, 7],
        ),
        (["An;11;108;7", "Bình;11.5;108.5;8", "Tổng;11.2;108.2;16"], []),
        (["An;11;108;7", "Tổng;11.2;108.2;7"], []),
    ],
)
def test_a_total_with_a_place_is_no_village_where_its_people_are_those_of_the_others(read, rows, totals):
    layer = read("villages", "\n".join(["name;lat;lon;pop", *rows]) + "\n")
    assert [row for row in range(2, 2 + len(rows)) if row not in layer.table.index] == totals
    told = [one.rows for one in layer.findings if one.fault == "footer_rows"]
    assert told == ([tuple(totals)] if totals else [])


def test_what_a_second_column_of_the_same_header_says_is_told(read):
    text = "name;lat;lon;pop;lat;pop\nAn;11;108;7;11;\nBình;11.5;108.5;8;11,4;8\nChi;11.6;108.6;9;;10\n"
    layer = read("villages", text)
    assert [(one.fault, one.rows, one.values["others"]) for one in layer.findings] == [
        ("repeated_header", (4,), "'pop (2)'"),
        ("repeated_header", (3,), "'lat (2)'"),
    ]
    assert (layer.table["population"].tolist(), layer.table.geometry.y.tolist()) == ([7, 8, 9], [11, 11.5, 11.6])
    same = read("villages", "name;lat;lon;lat\nAn;11;108;11,0\n")
    assert [one.fault for one in same.findings] == []


def test_a_village_that_is_called_as_a_total_and_has_a_place_stays(read):
    assert read("villages", "name;lat;lon\nAn;11;108\nCộng;11.5;108.5\n").table["name"].tolist() == ["An", "Cộng"]


def test_people_of_several_villages_in_one_merged_cell_count_once(tmp_path):
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    for row in [["id", "pop", "lat", "lon"], [1, 300, 11, 108], [2, None, 11.1, 108.1], [3, 50, 11.2, 108.2]]:
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "v.xlsx")
    layer = read_layer("villages", tmp_path / "v.xlsx")
    assert layer.table["population"].tolist()[::2] == [300, 50]
    assert np.isnan(layer.table["population"].iloc[1])
    assert [(one.fault, one.rows, one.ids) for one in layer.findings] == [("shared_population", (3,), ("2",))]


def test_a_layer_of_lines_and_points_keeps_the_points(write):
    shapes = [shapely.Point(105, 20), shapely.LineString([(105, 20), (106, 21)]), shapely.Point(105.5, 20.5)]
    features = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(shape))} for shape in shapes
    ]
    path = write("v.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    layer = read_layer("points", path)
    findings = check_layers({"points": layer})
    assert [(one.fault, one.rows) for one in findings if one.left_out] == [("other_geometry", (1,))]
    assert len(usable("points", layer, findings)) == 2
