import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geo.errors import CRSError, LayerError
from geo.layers.check import check_layers, usable
from geo.layers.layer import Reading, read_layer
from geo.layers.read import open_source

ROWS = gpd.GeoDataFrame(
    {"name": ["Phước", "An"]}, geometry=[shapely.Point(105.25, 20.5), shapely.Point(105.75, 20.25)], crs=4326
)
PLACES = [(105.25, 20.5), (105.75, 20.25)]
KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>"""
FOLDER = """<Folder><name>{name}</name><Placemark><name>Phước</name><ExtendedData><Data name="dan_so"><value>120</value>
</Data></ExtendedData><Point><coordinates>105.25,20.5,700</coordinates></Point></Placemark><Placemark><name>An</name>
<ExtendedData><Data name="dan_so"><value>7</value></Data></ExtendedData><Point><coordinates>105.75,20.25,0</coordinates>
</Point></Placemark></Folder>"""


@pytest.fixture
def kml():
    def made(*names):
        return KML.format(folders="".join(FOLDER.format(name=name) for name in names))

    return made


def places(layer):
    return [(point.x, point.y) for point in layer.table.geometry]


@pytest.mark.parametrize("packed", [False, True])
def test_kml_and_kmz_give_their_placemarks_with_their_data(tmp_path, write, kml, packed):
    path = write("v.kml", kml("Thôn"))
    if packed:
        path = tmp_path / "v.kmz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", kml("Thôn"))
            archive.writestr("files/icon.png", b"\x89PNG")
    layer = read_layer("villages", path)
    assert places(layer) == PLACES
    assert layer.table["name"].tolist() == ["Phước", "An"]
    assert layer.table["population"].tolist() == [120, 7]
    assert layer.own.columns.tolist() == ["Name", "description", "dan_so", "geometry"] or (
        layer.own.columns.tolist() == ["Name", "dan_so", "geometry"]
    )
    assert (layer.crs, layer.findings) == ("EPSG:4326", ())


def test_the_headers_of_a_kml_keep_their_accents(write, kml):
    path = write("v.kml", kml("Thôn").replace('name="dan_so"', 'name="Dân số"'))
    assert "Dân số" in open_source(path).rows
    assert read_layer("villages", path).table["population"].tolist() == [120, 7]


def test_one_folder_of_several_in_a_kml_is_named(write, kml):
    path = write("v.kml", kml("Thôn", "Xã"))
    with pytest.raises(LayerError, match=r"several layers: Thôn, Xã\. Name one, as .*v\.kml::Thôn"):
        open_source(path)
    assert len(open_source(f"{path}::Xã").rows) == 2


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("v.gml", "GML"),
        ("v.gpx", "GPX"),
        ("v.geojsonl", "GeoJSONSeq"),
        ("v.ndjson", "GeoJSONSeq"),
        ("v.tab", "MapInfo File"),
        ("v.mif", "MapInfo File"),
    ],
)
def test_a_layer_of_another_driver_is_read(tmp_path, name, driver):
    pyogrio.write_dataframe(ROWS, tmp_path / name, driver=driver, **({"layer": "waypoints"} if driver == "GPX" else {}))
    layer = read_layer("villages", tmp_path / name)
    assert places(layer) == PLACES
    assert layer.table["name"].tolist() == ["Phước", "An"]


def test_the_styles_that_are_saved_beside_a_layer_are_no_layer(tmp_path):
    path = tmp_path / "v.gpkg"
    ROWS.to_file(path, layer="villages")
    pyogrio.write_dataframe(ROWS.drop(columns="geometry"), path, layer="layer_styles", append=True)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["villages", "layer_styles"]
    assert len(open_source(path).rows) == 2
    assert open_source(f"{path}::layer_styles").rows["name"].tolist() == ["Phước", "An"]


ARC = "CIRCULARSTRING(105 20,106 21,107 20,106 19,105 20)"


def put_curves(tmp_path, *wkt):
    """Let GDAL make a GeoPackage with curves, of a table that it reads itself."""
    text = "id,WKT\n" + "\n".join(f'{number},"{one}"' for number, one in enumerate(wkt))
    (tmp_path / "c.csv").write_text(text, "utf-8")
    about, table = pyogrio.read_arrow(tmp_path / "c.csv")
    pyogrio.write_arrow(
        table, tmp_path / "c.gpkg", geometry_name=about["geometry_name"] or "wkb_geometry", geometry_type="Unknown",
        crs="EPSG:4326", driver="GPKG", layer="c",
    )  # fmt: skip
    return tmp_path / "c.gpkg"


def test_curves_become_lines_and_are_told(tmp_path):
    path = put_curves(
        tmp_path, f"CURVEPOLYGON({ARC})", "POLYGON((0 0,1 0,1 1,0 0))", f"MULTISURFACE(CURVEPOLYGON({ARC}))"
    )
    layer = read_layer("areas", path)
    (finding,) = layer.findings
    assert (finding.fault, finding.rows, finding.left_out) == ("curves", (1, 3), False)
    assert shapely.area(layer.table.geometry.to_numpy()).tolist() == pytest.approx([np.pi, 0.5, np.pi], rel=1e-3)
    assert "2" in finding.text("en")
    assert "2" in finding.text("vi")


def test_a_curve_in_a_collection_is_left_out_and_told_once(tmp_path):
    path = put_curves(tmp_path, f"GEOMETRYCOLLECTION(POLYGON((0 0,1 0,1 1,0 0)),{ARC})", "POLYGON((0 0,1 0,1 1,0 0))")
    layer = read_layer("areas", path)
    findings = check_layers({"areas": layer})
    assert [(one.fault, one.rows) for one in findings if one.left_out] == [("curves_in_collections", (1,))]
    assert len(usable("areas", layer, findings)) == 1


def odd_geojson(path):
    ROWS.to_file(path, driver="GeoJSON")
    text = path.read_text("utf-8")
    path.write_text(text.replace("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::999999"), "utf-8")


def odd_geopackage(path):
    ROWS.to_file(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update gpkg_geometry_columns set srs_id = 0")


def odd_shapefile(path):
    ROWS.to_file(path)
    path.with_suffix(".prj").write_text('LOCAL_CS["x",UNIT["m",1]]', "ascii")


@pytest.mark.parametrize(
    ("name", "put", "told"),
    [
        ("v.geojson", odd_geojson, "urn:ogc:def:crs:EPSG::999999"),
        ("v.gpkg", odd_geopackage, "Undefined geographic SRS"),
        ("v.shp", odd_shapefile, "x"),
    ],
)
def test_a_system_that_says_nothing_is_never_guessed_and_can_be_said(tmp_path, caplog, name, put, told):
    put(tmp_path / name)
    with pytest.raises(CRSError, match=r"has no coordinate system\. Say what it is: --crs"):
        read_layer("points", tmp_path / name)
    assert f"its coordinate system, '{told}', says nothing" in caplog.text
    assert places(read_layer("points", tmp_path / name, Reading(crs="EPSG:4326"))) == PLACES


@pytest.mark.parametrize("code", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG:6.9:4326"])
def test_a_system_that_geojson_names_is_taken(tmp_path, code):
    odd_geojson(tmp_path / "v.geojson")
    text = (tmp_path / "v.geojson").read_text("utf-8").replace("urn:ogc:def:crs:EPSG::999999", code)
    (tmp_path / "v.geojson").write_text(text, "utf-8")
    assert len(read_layer("points", tmp_path / "v.geojson").table) == 2


def test_rows_that_are_marked_as_deleted_are_left_out_and_told(tmp_path):
    ROWS.to_file(tmp_path / "v.shp")
    table = bytearray((tmp_path / "v.dbf").read_bytes())
    table[int.from_bytes(table[8:10], "little")] = ord("*")
    (tmp_path / "v.dbf").write_bytes(table)
    layer = read_layer("points", tmp_path / "v.shp")
    assert places(layer) == PLACES[1:]
    (finding,) = check_layers({"points": layer})
    assert (finding.fault, finding.rows, finding.left_out) == ("deleted_rows", (0,), True)


@pytest.mark.parametrize("suffix", [".geojson", ".geojsonl"])
@pytest.mark.parametrize("ids", [[7, 8], [8, 7], [-1, 2**40], [7, 7]])
def test_whole_numbers_called_id_are_a_column_and_number_the_rows(tmp_path, suffix, ids):
    lines = [
        f'{{"type": "Feature", "properties": {{"id": {one}, "name": "{place}"}}, '
        f'"geometry": {{"type": "Point", "coordinates": [{105 + place}, 20]}}}}'
        for place, one in enumerate(ids)
    ]
    path = tmp_path / f"v{suffix}"
    whole = f'{{"type": "FeatureCollection", "features": [{", ".join(lines)}]}}'
    path.write_text(whole if suffix == ".geojson" else "\n".join(lines))
    rows = open_source(path).rows
    found = sorted(zip(rows["id"], rows["name"], rows.geometry.x, strict=True), key=lambda row: row[1])
    assert found == [(one, str(place), 105 + place) for place, one in enumerate(ids)]
    assert rows.index.is_unique
    if ids[0] in (7, 8) and len(set(ids)) == 2:
        assert rows.index.tolist() == rows["id"].tolist()
