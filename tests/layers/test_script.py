import logging

import geopandas as gpd
import pytest
import shapely

import geo
from geo.errors import CRSError


def test_villages_and_points_are_read_with_their_faults_in_the_log(write, caplog):
    path = write("v.csv", "ma_thon,ten_thon,dan_so,vĩ độ,kinh độ\n1,An,100,11.5,109\n2,Cam,,,109\n")
    with caplog.at_level(logging.WARNING, "geo"):
        villages = geo.read_villages(path)
    assert villages["village_id"].to_dict() == {2: "1", 3: "2"}
    assert villages.geometry.isna().tolist() == [False, True]
    assert villages.crs.to_epsg() == 4326
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: villages without coordinates: 1",
        f"{path}: villages without a population: 1 of 2",
    ]


def test_a_clean_layer_says_nothing(write, caplog):
    with caplog.at_level(logging.WARNING, "geo"):
        points = geo.read_points(write("p.csv", "id,kind,lat,lon\np1,post_office,11.5,109\n"))
    assert points["kind"].tolist() == ["post_office"]
    assert caplog.records == []


def test_cells_and_footprints_are_read_with_their_faults_in_the_log(write, tmp_path, caplog):
    cells = write("c.csv", "radio,lat,lon,range\nLTE,20,105,1000\nTETRA,20,106,900\nLTE,20,107,\nLTE,20,107.5,far\n")
    gpd.GeoDataFrame({"technology": ["smoke"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_file(
        tmp_path / "f.gpkg"
    )
    with caplog.at_level(logging.WARNING, "geo"):
        assert geo.read_cells(cells)["range_m"].tolist()[:2] == [1000, 900]
        assert geo.read_footprints(tmp_path / "f.gpkg")["technology"].tolist() == ["smoke"]
    text = caplog.text
    assert "rows of coverage of a technology that is not known: 1 (as 'TETRA')" in text
    assert "rows of coverage of a technology that is not known: 1 (as 'smoke')" in text
    assert "rows of coverage without a range: 2" in text
    assert "rows of coverage without a number in column 'range': 1 (as 'far')" in text


def test_areas_are_read_with_named_columns(tmp_path):
    layer = gpd.GeoDataFrame({"a": ["x"], "b": ["Xã"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    layer.to_file(tmp_path / "a.gpkg")
    areas = geo.read_areas(tmp_path / "a.gpkg", columns={"id": "a", "name": "b"})
    assert (areas["area_id"].tolist(), areas["name"].tolist()) == (["x"], ["Xã"])


def test_a_projected_table_needs_its_system(write):
    path = write("p.csv", "x,y\n580361.57,1278976.96\n")
    with pytest.raises(CRSError, match="--crs EPSG:9217"):
        geo.read_points(path)
    place = geo.read_points(path, crs="EPSG:9217").geometry.iloc[0]
    assert (round(place.x, 6), round(place.y, 6)) == (108.9886, 11.5643)
