import logging

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import CRSError, GeoError, LayerError
from geo.layers.layer import Reading, read_coverage, read_layer

# definitions of the house: this place on VN-2000 / TM-3 108-15, and what the same numbers are without the datum shift.
LON, LAT, EAST, NORTH = 108.9886, 11.5643, 580361.57, 1278976.96


def put(path, geometry, crs=4326, **columns):
    gpd.GeoDataFrame(columns or {"name": ["a"] * len(geometry)}, geometry=geometry, crs=crs).to_file(path)
    return path


def feature(geometry):
    only = f'{{"type": "Feature", "properties": {{}}, "geometry": {geometry}}}'
    return f'{{"type": "FeatureCollection", "features": [{only}]}}'


def test_a_table_gives_the_columns_of_its_layer_beside_its_own(read):
    layer = read("villages", "Mã thôn;Tên thôn;Dân số;Kinh độ;Vĩ độ;cáp\n01; An ;1.234;105,5;20,25;có\n", shown="v.csv")
    row = layer.table.loc[2]
    assert (row.village_id, row["name"], row.population) == ("01", "An", 1234)
    assert (row.geometry.x, row.geometry.y) == (105.5, 20.25)
    assert row["cáp"] == "có"
    assert layer.own.columns.tolist() == ["Mã thôn", "Tên thôn", "Dân số", "Kinh độ", "Vĩ độ", "cáp", "geometry"]
    assert layer.own.loc[2, "Dân số"] == "1.234"
    assert (layer.crs, layer.file, layer.findings) == ("EPSG:4326", "v.csv", ())


def test_what_was_chosen_is_reported(read, caplog):
    with caplog.at_level(logging.INFO, "geo"):
        layer = read("villages", "ten,pop_2009,pop_2019,x,y,lat,lon\nAn,1,2,0,0,20,105\n")
    assert layer.columns == {"name": "ten", "population": "pop_2019", "lon": "lon", "lat": "lat"}
    assert "1 rows, EPSG:4326; name from 'ten', population from 'pop_2019'" in caplog.text


def test_coordinate_columns_beside_a_geometry_are_not_said_to_be_used(tmp_path):
    path = put(tmp_path / "v.gpkg", [shapely.Point(105, 20)], lat=[1.0], lon=[2.0], name=["An"])
    layer = read_layer("villages", path)
    assert layer.columns == {"name": "name"}
    assert layer.table.geometry.x.tolist() == [105]


def test_named_columns_are_used(read):
    layer = read("villages", "a,b,c,lat\nx,105,20,7\n", columns={"lon": "b", "lat": "c", "name": "a"})
    assert (layer.table.geometry.x.tolist(), layer.table.geometry.y.tolist()) == ([105], [20])
    assert layer.table["name"].tolist() == ["x"]


def test_rows_without_an_id_have_their_row_number(read):
    without = read("points", "lat,lon\n20,105\n\n21,105\n")
    assert without.table["point_id"].tolist() == ["2", "4"]
    some = read("points", "id,lat,lon\np1,20,105\n,21,105\n")
    assert some.table["point_id"].tolist() == ["p1", "row 3"]


def test_ids_of_a_float_column_have_no_decimal_point(tmp_path):
    path = put(tmp_path / "v.gpkg", [shapely.Point(1, 1), shapely.Point(2, 2)], id=[7050103.0, np.nan])
    assert read_layer("villages", path).table["village_id"].tolist() == ["7050103", "row 2"]


def test_a_missing_population_is_unknown_and_not_nought(read):
    table = read("villages", "lat,lon,pop\n20,105,\n21,105,0\n").table
    assert table["population"].isna().tolist() == [True, False]


@pytest.mark.parametrize("cell", ["12abc", "nan", "inf", "-", "1e999"])
def test_a_cell_that_is_no_number_is_found_with_its_row_and_id(read, cell):
    layer = read("villages", f"id,lat,lon,pop\nv1,20,105,7\nv2,20,106,{cell}\n")
    (finding,) = layer.findings
    assert (finding.fault, finding.rows, finding.ids) == ("unreadable_number", (3,), ("v2",))
    assert finding.values == {"column": "pop", "example": cell}
    assert np.isnan(layer.table.loc[3, "population"])


def test_a_coordinate_that_is_no_number_is_found_and_has_no_place(read):
    layer = read("points", "id,lat,lon\np1,20°75',105\np2,20,105\n")
    assert [(f.fault, f.rows, f.ids, f.values["column"]) for f in layer.findings] == [
        ("unreadable_number", (2,), ("p1",), "lat")
    ]
    assert layer.table.geometry.isna().tolist() == [True, False]


def test_an_infinite_number_of_a_typed_column_is_unknown_and_found(tmp_path):
    pd.DataFrame({"lat": [1.0, 2.0], "lon": [1.0, 2.0], "pop": [np.inf, 5]}).to_parquet(tmp_path / "v.parquet")
    layer = read_layer("villages", tmp_path / "v.parquet")
    assert layer.table["population"].isna().tolist() == [True, False]
    assert [(f.fault, f.rows) for f in layer.findings] == [("unreadable_number", (0,))]


@pytest.mark.parametrize("column", [pd.Categorical(["5", "6"]), pd.array([5, 6], dtype="Int64"), [5, 6], ["5", "6"]])
def test_a_number_is_read_from_every_type_of_column(tmp_path, column):
    pd.DataFrame({"lat": [1.0, 2.0], "lon": [1.0, 2.0], "pop": column}).to_parquet(tmp_path / "v.parquet")
    layer = read_layer("villages", tmp_path / "v.parquet")
    assert layer.table["population"].tolist() == [5, 6]
    assert layer.findings == ()


def test_a_projected_table_is_placed_with_the_system_it_is_told(read):
    layer = read("points", f"id;X;Y\np1;{EAST:.2f};{NORTH:.2f}\n".replace(".", ","), crs="EPSG:9217")
    (place,) = layer.table.geometry
    assert place.x == pytest.approx(LON, abs=2e-7)
    assert place.y == pytest.approx(LAT, abs=2e-7)
    assert layer.crs == "EPSG:9217"
    assert (layer.own.geometry.x.tolist(), str(layer.own.crs)) == ([EAST], "EPSG:9217")


def test_a_projected_table_without_a_system_is_refused_with_the_option(read):
    with pytest.raises(
        CRSError, match=r"table\.csv has coordinates in 'X' and 'Y' and no coordinate system.*--crs EPSG:9217"
    ):
        read("points", f"X,Y\n{EAST},{NORTH}\n")


def test_longitude_and_latitude_stay_degrees_beside_a_projected_system(read):
    layer = read("points", "lon,lat\n105,20\n", crs="EPSG:9217")
    assert (layer.crs, layer.table.geometry.x.tolist()) == ("EPSG:4326", [105])


def test_longitude_and_latitude_of_another_datum_are_shifted(read):
    layer = read("points", f"lon,lat\n{LON},{LAT}\n", crs="EPSG:4756")
    shift_m = 111_000 * np.hypot(layer.table.geometry.x.iloc[0] - LON, layer.table.geometry.y.iloc[0] - LAT)
    assert 150 < shift_m < 300


@pytest.mark.parametrize("system", [3857, 9217, 32648, 4326])
def test_a_layer_in_any_system_comes_to_the_same_degrees(tmp_path, system):
    places = gpd.GeoSeries([shapely.Point(LON, LAT)], crs=4326).to_crs(system)
    layer = read_layer("points", put(tmp_path / "p.gpkg", list(places), crs=system))
    assert layer.table.crs.to_epsg() == 4326
    assert layer.table.geometry.iloc[0].distance(shapely.Point(LON, LAT)) < 1e-8  # a millimetre
    assert layer.crs == f"EPSG:{system}"


@pytest.fixture
def without_prj(tmp_path):
    path = put(tmp_path / "v.shp", [shapely.Point(EAST, NORTH)], crs=9217)
    (tmp_path / "v.prj").unlink()
    return path


def test_a_shapefile_without_prj_is_refused_with_the_option_and_read_with_it(without_prj):
    with pytest.raises(CRSError, match=r"v\.shp has no coordinate system.*--crs EPSG:4326"):
        read_layer("villages", without_prj)
    layer = read_layer("villages", without_prj, Reading(crs="EPSG:9217"))
    assert layer.table.geometry.x.iloc[0] == pytest.approx(LON, abs=2e-7)


def test_a_geoparquet_without_a_system_is_refused_with_the_option(tmp_path):
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 1)]).to_parquet(tmp_path / "v.parquet")
    with pytest.raises(CRSError, match=r"v\.parquet has no coordinate system.*--crs"):
        read_layer("villages", tmp_path / "v.parquet")


@pytest.mark.parametrize("system", ["EPSG:99999", "nonsense", "EPSG:5773", "EPSG:4978"])
def test_a_system_that_places_nothing_is_refused_by_its_name(read, system):
    with pytest.raises(CRSError, match=f"'{system}'"):
        read("points", "x,y\n1,2\n", crs=system)


def test_heights_are_dropped(write):
    path = write("v.geojson", feature('{"type": "Point", "coordinates": [105, 20, 700]}'))
    place = read_layer("villages", path).table.geometry.iloc[0]
    assert place.has_z is False
    assert (place.x, place.y) == (105, 20)


def test_a_multipoint_of_one_point_is_a_point(tmp_path):
    path = put(tmp_path / "v.gpkg", [shapely.MultiPoint([(105, 20)]), shapely.MultiPoint([(106, 21)])])
    assert read_layer("points", path).table.geometry.tolist() == [shapely.Point(105, 20), shapely.Point(106, 21)]


@pytest.mark.parametrize(
    "geometry", ["null", '{"type": "Point", "coordinates": [NaN, 20]}', '{"type": "Point", "coordinates": []}']
)
def test_a_geometry_that_is_nowhere_keeps_its_row_without_a_place(write, geometry):
    table = read_layer("villages", write("v.geojson", feature(geometry))).table
    assert len(table) == 1
    assert (table.geometry.isna() | table.geometry.is_empty).all()


@pytest.mark.parametrize(
    ("kind", "geometry", "found"),
    [
        ("villages", '{"type": "LineString", "coordinates": [[105, 20], [106, 21]]}', "linestring"),
        ("points", '{"type": "MultiPoint", "coordinates": [[105, 20], [106, 21]]}', "multipoint"),
        ("areas", '{"type": "Point", "coordinates": [105, 20]}', "point"),
        (
            "points",
            '{"type": "GeometryCollection", "geometries": [{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}]}',
            "geometrycollection",
        ),
    ],
)
def test_a_geometry_of_the_wrong_kind_is_refused_with_its_row(write, kind, geometry, found):
    with pytest.raises(LayerError, match=rf"v\.geojson: {kind} are .*1 row is not \(row 0 is a {found}\)"):
        read_layer(kind, write("v.geojson", feature(geometry)))


@pytest.mark.parametrize(
    ("kind", "says"),
    [("villages", "need places, and no column was recognised"), ("areas", "need polygons, and a table has none")],
)
def test_a_table_without_the_places_it_needs_is_refused_with_its_columns(read, kind, says):
    with pytest.raises(LayerError, match=rf"table\.csv: {kind} {says}.*Its columns are a, b\."):
        read(kind, "a,b\n1,2\n")


def test_coverage_is_cells_where_it_has_points_and_footprints_where_it_has_polygons(tmp_path, write):
    cells = read_coverage(write("c.csv", "radio,lat,lon,range\nLTE,20,105,1000\n"))
    assert (cells.kind, cells.table["range_m"].tolist()) == ("cells", [1000])
    polygons = put(tmp_path / "f.gpkg", [shapely.box(0, 0, 1, 1)], technology=["4G"], operator=["Viễn"])
    footprints = read_coverage(polygons)
    assert (footprints.kind, footprints.table["operator"].tolist()) == ("footprints", ["Viễn"])


@pytest.mark.parametrize("kind", ["villages", "points", "cells"])
def test_a_table_with_a_header_alone_is_a_layer_without_rows(read, kind):
    layer = read(kind, "id,lat,lon\n")
    assert len(layer.table) == 0
    assert layer.table.crs.to_epsg() == 4326


def test_every_refusal_is_the_tools_own_error(tmp_path):
    with pytest.raises(GeoError):
        read_layer("villages", tmp_path)


@pytest.mark.real
def test_grenadas_cyrillic_and_tamil_text_comes_out_right(real):
    row = read_layer("areas", real / "shapefile_encoding/gre.shp").table.iloc[0]
    texts = [text for text in row if isinstance(text, str)]
    assert "Гренада" in texts
    assert any("\u0b80" <= letter <= "\u0bff" for text in texts for letter in text)
    assert not any("\ufffd" in text for text in texts)


@pytest.mark.real
def test_the_real_shapefile_without_prj_is_refused_with_the_option(real):
    with pytest.raises(CRSError, match=r"ServiceAreas_4\.shp has no coordinate system.*--crs"):
        read_layer("areas", real / "spopt_sf/ServiceAreas_4.shp")


@pytest.mark.real
def test_escaped_names_of_ninh_thuan_are_read_and_the_source_stays_as_it_is(real):
    layer = read_layer("areas", real / "ninh_thuan/ninh_thuan_communes_2009.geojson")
    row = layer.table.iloc[0]
    assert (row["province_vn"], layer.own.iloc[0]["province_vn"]) == ("Ninh Thuận", "Ninh Thu\\u1eadn")
    assert row["name"] == "Phường Kinh Dinh"
    assert row["area_id"] == "7050103"
