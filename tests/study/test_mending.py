"""The rows that findings are about, as layers that a GIS opens."""

from __future__ import annotations

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.figures import Finding
from geo.layers.check import check_layers
from geo.layers.layer import read_layer
from geo.layers.write import write_layers
from geo.study.mending import COLUMNS, none_to_mend, rows_to_mend
from geo.study.results import LayerFacts

SQUARE = shapely.box(104, 20, 106, 21)
BOW = shapely.Polygon([(107, 20), (108, 21), (108, 20), (107, 21)])
VILLAGES = "id,lat,lon,pop\na,20.5,105,1\nb,105,20.5,2\nc,,,3\nd,-60,10,4\n=e,20.5,105,-5\n"


@pytest.fixture
def layers(tmp_path):
    (tmp_path / "v.csv").write_text(VILLAGES, "utf-8")
    gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[SQUARE, BOW], crs=4326).to_file(tmp_path / "a.gpkg")
    return {
        "villages": read_layer("villages", tmp_path / "v.csv"),
        "areas": read_layer("areas", tmp_path / "a.gpkg"),
    }


@pytest.fixture
def mended(layers):
    facts = [
        LayerFacts(layer=name, file=f"{name}.file", sha256=None, rows=1, used=1, crs=one.crs)
        for name, one in layers.items()
    ]
    return rows_to_mend(layers, facts, check_layers(layers), "en")


def test_each_row_of_each_finding_stands_where_it_lies(mended):
    rows = mended["villages"]
    assert tuple(rows.columns) == (*COLUMNS, "geometry")
    places = {
        (fault, row): None if place is None else (place.x, place.y)
        for fault, row, place in zip(rows["fault"], rows["row"], rows.geometry, strict=True)
    }
    assert places == {
        ("missing_coordinates", 4): None,
        ("swapped_coordinates", 3): (20.5, 105),
        ("misplaced", 5): (10, -60),
        ("duplicate_position", 2): (105, 20.5),
        ("duplicate_position", 6): (105, 20.5),
        ("negative_population", 6): (105, 20.5),
    }
    swapped = rows[rows["fault"] == "swapped_coordinates"].iloc[0]
    assert (swapped["file"], swapped["id"], swapped["repair"]) == ("villages.file", "b", "swapped")
    assert "latitude and longitude exchanged: 1" in swapped["text"]
    assert "would lie inside" in swapped["effect"]


def test_a_row_says_what_is_its_own(mended):
    (detail,) = mended["areas"]["detail"]
    assert "made valid" in detail
    assert mended["areas"].geometry.iloc[0].equals(BOW)


def test_a_finding_without_rows_is_a_row_without_a_number_or_a_place():
    finding = Finding(layer="points", fault="no_rows")
    (table,) = rows_to_mend({}, [], [finding], "vi").values()
    (row,) = table.to_dict("records")
    assert (row["fault"], row["layer"], row["geometry"]) == ("no_rows", "points", None)
    assert table["row"].isna().all()
    assert row["text"] == finding.text("vi")


def test_a_place_at_infinity_is_none(layers):
    table = layers["villages"].table.copy()
    table.geometry = [shapely.Point(float("inf"), 1), *table.geometry[1:]]
    moved = {"villages": type(layers["villages"])(**{**vars(layers["villages"]), "table": table})}
    finding = Finding(layer="villages", fault="impossible_coordinates", rows=(2,), values={"example": ""})
    assert rows_to_mend(moved, [], [finding], "en")["villages"].geometry.tolist() == [None]


def test_a_geopackage_has_a_layer_per_layer_and_one_kind_of_geometry_in_each(mended, tmp_path):
    path = tmp_path / "faults.gpkg"
    write_layers(mended, path)
    assert pyogrio.list_layers(path).tolist() == [["villages", "Point"], ["areas", "MultiPolygon"]]
    back = gpd.read_file(path, layer="villages")
    assert back["row"].tolist() == mended["villages"]["row"].tolist()
    assert back.geometry.isna().sum() == 1
    assert back.crs == "EPSG:4326"
    assert gpd.read_file(path, layer="areas").geometry.iloc[0].equals(BOW)


def test_two_kinds_of_geometry_are_two_layers_and_none_at_all_is_a_table(tmp_path):
    none = none_to_mend()
    mixed = gpd.GeoDataFrame(
        {"n": [1, 2, 3, 4]},
        geometry=[shapely.Point(1, 1), None, SQUARE, shapely.MultiPoint([(0, 0), (1, 1)])],
        crs=4326,
    )
    write_layers({"coverage.3G+4G": mixed, "findings": none}, tmp_path / "f.gpkg")
    listed = pyogrio.list_layers(tmp_path / "f.gpkg").tolist()
    assert listed == [["coverage_3G_4G", "MultiPoint"], ["coverage_3G_4G_polygons", "MultiPolygon"], ["findings", None]]
    assert gpd.read_file(tmp_path / "f.gpkg", layer="coverage_3G_4G")["n"].tolist() == [1, 2, 4]
    assert gpd.read_file(tmp_path / "f.gpkg", layer="coverage_3G_4G_polygons")["n"].tolist() == [3]
    assert tuple(pyogrio.read_dataframe(tmp_path / "f.gpkg", layer="findings").columns) == COLUMNS
