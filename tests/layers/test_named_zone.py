"""Single rows in a neighbouring zone, known by the area that they name: those that were put in are found, no others."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from geo.errors import GeoError
from geo.layers.check import check_layers, usable
from geo.layers.faults.check_places import check_places
from geo.layers.faults.surroundings import surroundings_of
from geo.layers.layer import Reading, conform, read_layer
from geo.layers.repair import repair_layers
from geo.layers.source import Source
from tests.layers.test_misread import NINH_THUAN, apart_m

VILLAGES = pd.read_csv(NINH_THUAN / "villages.csv")
LON, LAT = VILLAGES["lon"].to_numpy(), VILLAGES["lat"].to_numpy()
BY_NAME = ("commune", "district")
GLOBE = shapely.box(-180, -80, 180, 80)


@pytest.fixture(scope="module")
def areas():
    return read_layer("areas", NINH_THUAN / "areas.geojson", Reading(columns={"parent": "district"}))


def written_in(system, rows=slice(None)):
    places = pyproj.Transformer.from_crs(4326, system, always_xy=True).transform(LON[rows], LAT[rows])
    return np.column_stack(places)


def villages_of(strays=(), zone=9218, table=VILLAGES, names=BY_NAME):
    """Give the villages of the study in metres of 108-15, the strays in those of another zone."""
    metres = written_in(9217)
    metres[list(strays)] = written_in(zone, list(strays))
    rows = table[["village_id", "name", "population", *names]].assign(x=metres[:, 0], y=metres[:, 1])
    rows.index = pd.RangeIndex(2, 2 + len(rows), name="row")
    return conform("villages", Source(rows=rows, crs=None, file="v.csv", sha256=""), Reading(crs="EPSG:9217"))


def some(count, seed=1):
    return sorted(np.random.default_rng(seed).choice(len(VILLAGES), count, replace=False).tolist())


def faults(areas, layer):
    """Give the faults of the places of a layer alone."""
    return {one.fault for one in check_places(layer.kind, layer, surroundings_of({"areas": areas}))}


@pytest.mark.parametrize(("zone", "count"), [(9218, 1), (5899, 1), (9218, 5), (5898, 40)])
def test_the_rows_in_a_neighbouring_zone_are_told_and_they_alone_are_read_in_it(areas, zone, count):
    strays = some(count)
    layers = {"areas": areas, "villages": villages_of(strays, zone)}
    findings = check_layers(layers)
    (finding,) = findings
    assert (finding.fault, finding.values["system"], finding.left_out) == ("named_zone", f"EPSG:{zone}", True)
    assert finding.rows == tuple(row + 2 for row in strays)
    told = {key: finding.values[key] for key in ("column", "off", "agreeing", "all", "rivals")}
    assert told == {"column": "commune, district", "off": count, "agreeing": 400 - count, "all": 400, "rivals": ""}
    assert "other zones" not in finding.text()
    assert len(usable("villages", layers["villages"], findings)) == 400 - count
    mended, (repaired,) = repair_layers(layers, findings, ["zone"])
    assert (repaired.fault, repaired.rows) == ("repaired_zone", finding.rows)
    assert apart_m(mended["villages"], LON, LAT).max() < 0.001
    assert check_layers(mended) == []


def test_districts_alone_are_enough_for_several_rows_and_not_for_one(areas):
    # Of a district as wide as a zone's step, some rows lie in their own even where another zone puts them.
    places = pyproj.Transformer.from_crs(9217, 4326, always_xy=True).transform(*written_in(9218).T)
    there = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places), crs=4326).sjoin(areas.table, how="left")
    strays = np.flatnonzero((there["parent"] != VILLAGES["district"]) & there["parent"].notna())[[0, 50, 100]]
    found = check_layers({"areas": areas, "villages": villages_of(strays, names=("district",))})
    assert [(one.fault, one.rows) for one in found] == [("named_zone", tuple(int(row) + 2 for row in strays))]
    assert found[0].values["column"] == "district"
    assert "named_zone" not in faults(areas, villages_of(strays[:1], names=("district",)))


def test_names_without_their_kind_and_in_another_spelling_are_matched(areas):
    plain = VILLAGES["commune"].str.replace(r"^(Xã|Phường|Thị trấn) ", "", regex=True).str.upper()
    table = VILLAGES.assign(commune=plain.where(~plain.isin(["PHƯỚC DÂN"])))
    (finding,) = check_layers({"areas": areas, "villages": villages_of(some(5), table=table)})
    assert (finding.fault, finding.rows) == ("named_zone", tuple(row + 2 for row in some(5)))


@pytest.mark.parametrize("wrong", [2, 3, 8, 30])
def test_names_that_are_wrong_accuse_no_zone(areas, wrong):
    table, rows = VILLAGES.copy(), some(wrong)
    others = np.random.default_rng(wrong).choice(len(VILLAGES), wrong)
    table.loc[rows, list(BY_NAME)] = VILLAGES[list(BY_NAME)].to_numpy()[others]
    assert faults(areas, villages_of(table=table)) == set()


@pytest.mark.parametrize("both", [True, False])
def test_areas_with_exchanged_polygons_accuse_no_zone(areas, both):
    """Two communes 27 km apart from east to west, each with the other's polygon, look like a zone to their villages."""
    centre = areas.table.geometry.to_crs(9217).centroid
    east, north = centre.x.to_numpy(), centre.y.to_numpy()
    apart = np.abs(np.abs(east[:, None] - east) - 27_250) + np.abs(north[:, None] - north)
    one, other = np.unravel_index(apart.argmin(), apart.shape)
    geometry = areas.table.geometry.to_numpy().copy()
    geometry[[one, other]] = geometry[[other, one]]
    exchanged = replace(areas, table=areas.table.set_geometry(geometry, crs=4326))
    # Where nobody lives in one of the two, nothing speaks against the zone but that no village lies in the other.
    kept = VILLAGES["commune"] != areas.table["name"].iloc[other]
    villages = villages_of()
    villages = (
        villages
        if both
        else replace(villages, table=villages.table[kept.to_numpy()], own=villages.own[kept.to_numpy()])
    )
    assert "named_zone" not in faults(exchanged, villages)


def test_without_a_column_that_names_areas_a_stray_row_counts_where_it_stands(areas):
    assert faults(areas, villages_of(some(5), names=())) <= {"outside_areas"}


def in_metres(kind, rows, columns=None):
    rows = rows.to_crs(rows.estimate_utm_crs())
    rows.index = pd.RangeIndex(len(rows), name="row")
    return conform(kind, Source(rows=rows, crs=rows.crs, file="r", sha256=""), Reading(columns=columns or {}))


def layers_of(folder, kind):
    """Give the files of a folder that can be read as a kind of layer, in metres."""
    for path in sorted(folder.iterdir()):
        try:
            own = read_layer(kind, path).own
        except (GeoError, ImportError):
            continue
        there = own[own.geometry.notna() & own.geometry.is_valid & own.geometry.within(GLOBE)]
        if len(there):
            yield in_metres(kind, there)


@pytest.mark.real
@pytest.mark.parametrize("folder", ["goa_india", "lesotho", "ninh_thuan"])
def test_nothing_is_invented_in_real_layers(real, folder):
    every = list(layers_of(real / folder, "areas"))
    for kind in ("villages", "points"):
        for layer in layers_of(real / folder, kind):
            for areas in every:
                assert "named_zone" not in faults(areas, layer)


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "name", "parent"),
    [
        ("goa_india/goa_villages.geojson", "NAME", "SUB_DIST"),
        ("ninh_thuan/ninh_thuan_communes_2009.geojson", "name_vn", "district_name_vn"),
    ],
)
def test_a_village_in_each_real_area_is_accused_by_none(real, file, name, parent):
    rows = gpd.read_file(real / file)
    areas = in_metres("areas", rows, {"name": name, "parent": parent})
    inside = gpd.GeoDataFrame({"commune": rows[name], "district": rows[parent]}, geometry=rows.representative_point())
    assert "named_zone" not in faults(areas, in_metres("villages", inside))
