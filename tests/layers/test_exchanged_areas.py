"""Areas whose own coordinates are exchanged: they are told, not every row that lies where it should."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.layers.check import check_layers, usable
from geo.layers.faults.slips import exchanged
from geo.layers.layer import Reading, conform, read_layer
from geo.layers.repair import repair_layers
from geo.layers.source import Source
from tests.layers.test_slips import areas_of, places_inside, villages_of

GOA = shapely.box(73.7, 14.9, 74.3, 15.8)
NINH_THUAN = shapely.box(108.6, 11.3, 109.2, 12.1)
CONGO = shapely.box(16, 3, 17, 4)


def turned(polygon):
    return shapely.transform(polygon, exchanged)


def points_of(lon, lat):
    table = pd.DataFrame({"id": [f"p{n}" for n in range(len(lon))], "lat": lat, "lon": lon})
    return conform("points", Source(rows=table, crs=None, file="points.csv", sha256=""), Reading())


@pytest.mark.parametrize("land", [GOA, NINH_THUAN])
def test_areas_at_a_latitude_where_nobody_lives_are_exchanged_and_come_back(land):
    layers = {"areas": areas_of(turned(land)), "villages": villages_of(*places_inside(land, 30, 1).T)}
    (finding,) = check_layers(layers)
    assert (finding.layer, finding.fault, finding.rows, finding.left_out) == ("areas", "swapped_areas", (0,), True)
    assert "their bounds hold 0 of 30 villages and points, exchanged 30" in finding.text()
    assert "chứa 0 trong 30" in finding.text("vi")
    assert len(usable("villages", layers["villages"], [finding])) == 30
    mended, (told,) = repair_layers(layers, [finding], ["swapped"])
    assert told.layer == "areas"
    assert mended["areas"].table.geometry.iloc[0].equals(land)
    assert check_layers(mended) == []


def test_of_two_lands_where_people_live_two_layers_tell_and_one_does_not():
    places = places_inside(CONGO, 30, 1)
    layers = {"areas": areas_of(turned(CONGO)), "villages": villages_of(*places.T)}
    assert {(one.layer, one.fault) for one in check_layers(layers)} == {("villages", "swapped_coordinates")}
    both = layers | {"points": points_of(*places[:9].T)}
    assert {(one.layer, one.fault) for one in check_layers(both)} == {("areas", "swapped_areas")}


@pytest.mark.parametrize("land", [GOA, NINH_THUAN])
def test_villages_and_points_that_are_exchanged_do_not_make_it_the_areas(land):
    places = places_inside(turned(land), 30, 1)
    layers = {"areas": areas_of(land), "villages": villages_of(*places.T), "points": points_of(*places.T)}
    assert {(one.layer, one.fault) for one in check_layers(layers)} == {
        ("villages", "swapped_coordinates"),
        ("points", "swapped_coordinates"),
    }


def test_a_layer_that_lies_inside_clears_the_areas():
    inside, outside = places_inside(turned(CONGO), 9, 1), places_inside(CONGO, 30, 1)
    layers = {"areas": areas_of(turned(CONGO)), "villages": villages_of(*outside.T), "points": points_of(*inside.T)}
    assert {one.layer for one in check_layers(layers)} == {"villages"}


def test_two_rows_and_areas_in_metres_accuse_no_areas():
    places = places_inside(GOA, 30, 1)
    few = {"areas": areas_of(turned(GOA)), "villages": villages_of(*places[:2].T)}
    assert "swapped_areas" not in {one.fault for one in check_layers(few)}
    rows = gpd.GeoDataFrame({"code": ["1"]}, geometry=[GOA], crs=4326).to_crs(32643)
    areas = conform("areas", Source(rows=rows, crs=rows.crs, file="a.gpkg", sha256=""), Reading())
    assert check_layers({"areas": areas, "villages": villages_of(*places.T)}) == []


@pytest.mark.real
def test_the_exchanged_villages_of_goa_are_told_as_areas_and_no_good_village_is(real, tmp_path):
    file = real / "goa_india/goa_villages.geojson"
    rows = gpd.read_file(file)
    rows.set_geometry(shapely.transform(rows.geometry.to_numpy(), exchanged), crs=4326).to_file(tmp_path / "a.gpkg")
    layers = {"areas": read_layer("areas", tmp_path / "a.gpkg"), "villages": read_layer("villages", file)}
    findings = check_layers(layers)
    assert {one.layer for one in findings if one.left_out} == {"areas"}
    mended, _ = repair_layers(layers, findings, ["swapped"])
    assert not [one for one in check_layers(mended) if one.left_out]
