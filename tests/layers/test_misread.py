"""Whole layers read in the wrong system: made from places that are known, found, and brought back to these places."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import geo
from geo.crs.systems import parse_crs
from geo.errors import CRSError
from geo.layers.check import check_layers, usable
from geo.layers.faults.misread import in_another_zone, without_shift
from geo.layers.faults.surroundings import surroundings_of
from geo.layers.layer import Reading, conform, read_coverage, read_layer
from geo.layers.repair import repair_layers
from geo.layers.source import Source

NINH_THUAN = Path(__file__).parents[2] / "data" / "ninh-thuan"
GEOD = Geod(ellps="WGS84")
PLAIN = "+proj=tmerc +lat_0=0 +lon_0=108.25 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m"
PRJ = (
    'PROJCS["VN2000_NinhThuan",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",108.25],'
    'PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def villages_of(lon, lat, written_in, read_in):
    """Give villages whose coordinates were written in one system and are read in another."""
    x, y = pyproj.Transformer.from_crs(4326, written_in, always_xy=True).transform(np.asarray(lon), np.asarray(lat))
    table = pd.DataFrame({"id": [f"v{n}" for n in range(len(x))], "x": x, "y": y, "pop": 1.0})
    table.index = pd.RangeIndex(2, 2 + len(table), name="row")
    return conform("villages", Source(rows=table, crs=None, file="villages.csv", sha256=""), Reading(crs=read_in))


def ninh_thuan():
    """Give the areas and the places of the villages of the study that ships."""
    table = pd.read_csv(NINH_THUAN / "villages.csv")
    return read_layer("areas", NINH_THUAN / "areas.geojson"), table["lon"].to_numpy(), table["lat"].to_numpy()


def apart_m(layer, lon, lat):
    places = shapely.get_coordinates(layer.table.geometry)
    return np.asarray(GEOD.inv(lon, lat, places[:, 0], places[:, 1])[2])


@pytest.mark.parametrize(
    ("written_in", "read_in"),
    [
        ("EPSG:32649", "EPSG:32648"),
        ("EPSG:32649", "+proj=utm +zone=48 +ellps=WGS84"),
        ("EPSG:3406", "EPSG:3405"),
        ("EPSG:9217", "EPSG:9218"),
        ("EPSG:9217", "EPSG:9208"),
        ("vn2000:ninh-thuan", "vn2000:ha-noi"),
        ("EPSG:9217", PLAIN.replace("108.25", "108.5")),
        # Another family: UTM read as a provincial zone, and the other way.
        ("EPSG:9217", "EPSG:3406"),
        ("EPSG:9217", "EPSG:3405"),
        ("EPSG:9217", "EPSG:32649"),
        ("EPSG:3406", "EPSG:9217"),
        ("EPSG:32649", "+proj=tmerc +lon_0=108.25 +k=0.9999 +x_0=500000 +datum=WGS84"),
    ],
)
def test_another_zone_is_recognised_left_out_and_read_right_when_asked(written_in, read_in):
    areas, lon, lat = ninh_thuan()
    layers = {"areas": areas, "villages": villages_of(lon, lat, parse_crs(written_in), read_in)}
    findings = check_layers(layers)
    (finding,) = [one for one in findings if one.fault in ("wrong_zone", "misplaced", "outside_areas")]
    assert finding.fault == "wrong_zone"
    assert finding.values["system"] == f"EPSG:{parse_crs(written_in).to_epsg()}"
    assert finding.rows == tuple(range(2, 402))
    assert finding.values["after"] == 400
    union = areas.table.union_all()
    before = shapely.get_coordinates(layers["villages"].table.geometry)
    assert finding.values["before"] == shapely.intersects_xy(union, *before.T).sum() < 300
    assert usable("villages", layers["villages"], findings).empty
    mended, (told,) = repair_layers(layers, findings, ["zone"])
    assert apart_m(mended["villages"], lon, lat).max() < 0.001
    assert (told.fault, told.rows) == ("repaired_zone", finding.rows)
    assert mended["villages"].crs == finding.values["system"]
    assert check_layers(mended) == []


def test_the_half_of_the_globe_is_a_zone_too():
    box = shapely.box(27.1, -30.6, 29.4, -28.6)
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform((27.1, -30.6), (29.4, -28.6), (50, 2)).T
    rows = gpd.GeoDataFrame({"code": ["1"]}, geometry=[box], crs=4326)
    areas = conform("areas", Source(rows=rows, crs=rows.crs, file="a.gpkg", sha256=""), Reading())
    layers = {"areas": areas, "villages": villages_of(lon, lat, "EPSG:32735", "EPSG:32635")}
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.values["system"]) == ("wrong_zone", "EPSG:32735")
    mended, _ = repair_layers(layers, [finding], ["zone"])
    assert apart_m(mended["villages"], lon, lat).max() < 0.001


@pytest.mark.parametrize("system", ["EPSG:32648", "EPSG:32649", "EPSG:9217", "EPSG:9218", "EPSG:3405", "EPSG:3857"])
def test_a_layer_that_is_read_as_it_was_written_is_never_accused(system):
    areas, lon, lat = ninh_thuan()
    layers = {"areas": areas, "villages": villages_of(lon, lat, system, system)}
    assert check_layers(layers) == []


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0, 0.9), system=st.sampled_from(["EPSG:32649", "EPSG:9217"]))
def test_a_national_layer_held_against_one_province_is_never_accused(seed, share, system):
    areas, lon, lat = ninh_thuan()
    rng = np.random.default_rng(seed)
    lon, lat = lon[:100].copy(), lat[:100].copy()
    far = rng.random(100) < share
    lon[far], lat[far] = rng.uniform((106, 10), (110, 14), (int(far.sum()), 2)).T
    layers = {"areas": areas, "villages": villages_of(lon, lat, system, system)}
    assert not {one.fault for one in check_layers(layers)} & {"wrong_zone", "stray_zone", "datum_shift_missing"}


@given(
    seed=st.integers(0, 2**32 - 1),
    system=st.sampled_from(["EPSG:32649", "EPSG:9217", "EPSG:3405"]),
    side=st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]),
)
@settings(max_examples=20)
def test_the_layer_of_a_neighbour_is_read_in_no_zone_of_another_family(seed, system, side):
    areas, lon, lat = ninh_thuan()
    taken = np.random.default_rng(seed).choice(len(lon), 60)
    step = np.array([np.ptp(lon), np.ptp(lat)]) * side
    villages = villages_of(lon[taken] + step[0], lat[taken] + step[1], system, system)
    misread = in_another_zone(villages, surroundings_of({"areas": areas}))
    assert misread is None or (system == "EPSG:9217" and misread.meant.to_epsg() in (5898, 5899, 9218))


def test_few_rows_or_a_fault_that_no_zone_explains_accuse_no_zone():
    areas, lon, lat = ninh_thuan()
    around = surroundings_of({"areas": areas})
    assert in_another_zone(villages_of(lon[:4], lat[:4], "EPSG:32649", "EPSG:32648"), around) is None
    assert in_another_zone(villages_of(lon[:5], lat[:5], "EPSG:32649", "EPSG:32648"), around) is not None
    north = villages_of(lon, lat + 2, "EPSG:32649", "EPSG:32649")
    assert in_another_zone(north, around) is None


def mixed(lon, lat, strays, written_in, read_in):
    """Give villages of which the first were written in another system than the others."""
    x, y = shapely.get_coordinates(villages_of(lon, lat, read_in, read_in).own.geometry).T
    other = shapely.get_coordinates(villages_of(lon[:strays], lat[:strays], written_in, written_in).own.geometry)
    x[:strays], y[:strays] = other.T
    table = pd.DataFrame({"id": [f"v{n}" for n in range(len(x))], "x": x, "y": y, "pop": 1.0})
    table.index = pd.RangeIndex(2, 2 + len(table), name="row")
    return conform("villages", Source(rows=table, crs=None, file="villages.csv", sha256=""), Reading(crs=read_in))


@pytest.mark.parametrize(
    ("written_in", "read_in"),
    [("EPSG:3406", "EPSG:9217"), ("EPSG:9217", "EPSG:3406"), ("EPSG:32649", "EPSG:32648")],
)
def test_single_rows_in_another_zone_are_told_left_out_and_read_right_when_asked(written_in, read_in):
    areas, lon, lat = ninh_thuan()
    layers = {"areas": areas, "villages": mixed(lon[:90], lat[:90], 3, written_in, read_in)}
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.rows, finding.values["system"]) == ("stray_zone", (2, 3, 4), written_in)
    assert len(usable("villages", layers["villages"], [finding])) == 87
    mended, (told,) = repair_layers(layers, [finding], ["zone"])
    assert (told.fault, told.rows) == ("repaired_zone", (2, 3, 4))
    assert apart_m(mended["villages"], lon[:90], lat[:90]).max() < 0.001
    assert check_layers(mended) == []


def test_rows_in_another_zone_of_a_land_so_small_that_they_count_as_misplaced_are_told_with_it(tmp_path):
    some = np.random.default_rng(4)
    lon, lat = some.uniform(107.9, 108.2, 20), some.uniform(11.3, 11.5, 20)
    square = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(107.9, 11.3, 108.2, 11.5)], crs=4326)
    square.to_file(tmp_path / "areas.gpkg")
    layers = {
        "areas": read_layer("areas", tmp_path / "areas.gpkg"),
        "villages": mixed(lon, lat, 3, "EPSG:32649", "EPSG:32648"),
    }
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.rows, finding.values["system"]) == ("stray_zone", (2, 3, 4), "EPSG:32649")
    mended, _ = repair_layers(layers, [finding], ["zone"])
    assert apart_m(mended["villages"], lon, lat).max() < 0.001
    lost = {**layers, "villages": mixed(lon, lat - np.repeat([60, 0], [3, 17]), 3, "EPSG:32648", "EPSG:32648")}
    assert {one.fault for one in check_layers(lost)} == {"misplaced"}


def test_two_rows_or_a_zone_next_door_are_only_outside():
    areas, lon, lat = ninh_thuan()
    for strays, zone in ((2, "EPSG:3406"), (9, "EPSG:9218")):
        found = {
            one.fault for one in check_layers({"areas": areas, "villages": mixed(lon, lat, strays, zone, "EPSG:9217")})
        }
        assert found <= {"outside_areas"}


def test_points_are_held_against_the_villages_where_there_are_no_areas(tmp_path):
    _, lon, lat = ninh_thuan()
    right = villages_of(lon, lat, "EPSG:32649", "EPSG:32649")
    x, y = shapely.get_coordinates(villages_of(lon[:9], lat[:9], "EPSG:32649", "EPSG:32649").own.geometry).T
    pd.DataFrame({"id": range(9), "x": x, "y": y}).to_csv(tmp_path / "points.csv", index=False)
    points = read_layer("points", tmp_path / "points.csv", Reading(crs="EPSG:32648"))
    (finding,) = check_layers({"villages": right, "points": points})
    assert (finding.layer, finding.fault, finding.values["system"]) == ("points", "wrong_zone", "EPSG:32649")


def test_footprints_in_another_zone_are_recognised(tmp_path):
    areas, lon, lat = ninh_thuan()
    discs = gpd.GeoSeries(shapely.points(lon[:40], lat[:40]), crs=4326).to_crs("EPSG:32649").buffer(3000)
    rows = gpd.GeoDataFrame({"technology": ["4G"] * 40}, geometry=discs.set_crs("EPSG:32648", allow_override=True))
    rows.to_file(tmp_path / "coverage.gpkg")
    layers = {"areas": areas, "coverage.4G": read_coverage(tmp_path / "coverage.gpkg")}
    (finding,) = [one for one in check_layers(layers) if one.left_out]
    assert (finding.fault, finding.values["system"]) == ("wrong_zone", "EPSG:32649")
    mended, _ = repair_layers(layers, [finding], ["zone"])
    expected = discs.to_crs(4326).to_numpy()
    assert shapely.equals_exact(mended["coverage.4G"].table.geometry.to_numpy(), expected, 1e-9).all()


def test_rows_without_a_place_stay_without_one():
    areas, lon, lat = ninh_thuan()
    villages = villages_of([*lon[:9], np.nan], [*lat[:9], np.nan], "EPSG:32649", "EPSG:32648")
    findings = check_layers({"areas": areas, "villages": villages})
    assert {one.fault: one.rows for one in findings} == {
        "missing_coordinates": (11,),
        "wrong_zone": tuple(range(2, 11)),
    }


def shapefile(tmp_path, lon, lat, prj):
    """Write a shapefile in the coordinates of VN-2000, with the text of a .prj that may say something else."""
    rows = gpd.GeoDataFrame({"id": range(len(lon)), "pop": 1}, geometry=gpd.points_from_xy(lon, lat, crs=4326))
    rows.to_crs("EPSG:9217").to_file(tmp_path / "villages.shp")
    (tmp_path / "villages.prj").write_text(prj, "utf-8")
    return tmp_path / "villages.shp"


def test_a_prj_that_has_lost_the_datum_shift_is_told_with_the_error_of_this_layer(tmp_path):
    areas, lon, lat = ninh_thuan()
    layers = {"areas": areas, "villages": read_layer("villages", shapefile(tmp_path, lon, lat, PRJ))}
    (finding,) = [one for one in check_layers(layers) if one.fault == "datum_shift_missing"]
    measured = float(np.median(apart_m(layers["villages"], lon, lat)))
    assert finding.values["error_m"] == round(measured) == pytest.approx(225, abs=2)
    assert (len(finding.rows), finding.left_out, finding.repair) == (400, False, "vn2000")
    assert "EPSG:9217 (vn2000:binh-dinh, vn2000:khanh-hoa, vn2000:ninh-thuan)" in finding.text()
    assert f"{round(measured)} m" in finding.text("vi")
    mended, (told,) = repair_layers(layers, [finding], ["vn2000"])
    assert apart_m(mended["villages"], lon, lat).max() < 0.001
    assert (told.fault, told.rows, mended["villages"].crs) == ("repaired_vn2000", finding.rows, "EPSG:9217")
    assert check_layers(mended) == []


def test_a_prj_with_the_datum_shift_is_not_accused(tmp_path):
    areas, lon, lat = ninh_thuan()
    prj = pyproj.CRS("EPSG:9217").to_wkt("WKT1_ESRI")
    layers = {"areas": areas, "villages": read_layer("villages", shapefile(tmp_path, lon, lat, prj))}
    assert check_layers(layers) == []
    assert apart_m(layers["villages"], lon, lat).max() < 0.001


def test_the_test_vector_comes_out_right_by_the_option_and_by_the_repair():
    vector = {"id": ["a"], "x": [580361.57], "y": [1278976.96], "pop": [1]}
    source = Source(rows=pd.DataFrame(vector, index=[2]), crs=None, file="v.csv", sha256="")
    told = conform("villages", source, Reading(crs="VN2000:Ninh Thuận"))
    lost = {"villages": conform("villages", source, Reading(crs=PLAIN))}
    findings = check_layers(lost)
    assert [one.fault for one in findings] == ["datum_shift_missing"]
    mended, _ = repair_layers(lost, findings, ["vn2000"])
    for layer in (told, mended["villages"]):
        assert shapely.get_coordinates(layer.table.geometry)[0] == pytest.approx((108.9886, 11.5643), abs=1e-7)
    assert lost["villages"].crs == "unknown"


def test_areas_without_the_shift_are_told_as_well(tmp_path):
    areas = gpd.read_file(NINH_THUAN / "areas.geojson").to_crs("EPSG:9217").set_crs(PRJ, allow_override=True)
    areas.to_file(tmp_path / "areas.gpkg")
    layer = read_layer("areas", tmp_path / "areas.gpkg")
    assert {one.fault for one in check_layers({"areas": layer})} >= {"datum_shift_missing"}
    mended, _ = repair_layers({"areas": layer}, check_layers({"areas": layer}), ["areas.vn2000"])
    there = gpd.read_file(NINH_THUAN / "areas.geojson").geometry.to_numpy()
    assert shapely.hausdorff_distance(mended["areas"].table.geometry.to_numpy(), there).max() < 1e-8


def test_the_same_projection_far_from_viet_nam_is_not_vn_2000():
    system = parse_crs(PLAIN)
    inside = np.array([[108.9, 11.5]])
    assert without_shift(inside, system) is not None
    assert without_shift(np.array([[108.9, 41.5]]), system) is None
    assert without_shift(np.empty((0, 2)), system) is None
    assert without_shift(np.array([[np.nan, np.nan]]), system) is None


def test_a_study_mends_the_shift_when_it_asks_and_says_the_distance(tmp_path):
    _, lon, lat = ninh_thuan()
    shapefile(tmp_path, lon, lat, PRJ)
    (tmp_path / "points.csv").write_text(f"id,lon,lat\np,{lon[0]},{lat[0]}\n", "utf-8")
    layers = '[villages]\nfile = "villages.shp"\n[points]\nfile = "points.csv"\n'
    distance = {}
    for repair in ("[]", '["vn2000"]'):
        (tmp_path / "study.toml").write_text(f"repair = {repair}\n{layers}", "utf-8")
        distance[repair] = geo.Study.open(tmp_path / "study.toml").run().villages["distance_km"].iloc[0]
    assert distance["[]"] == pytest.approx(0.225, abs=0.002)
    assert distance['["vn2000"]'] < 1e-6


def test_a_layer_without_a_system_is_still_refused():
    source = Source(rows=pd.DataFrame({"id": ["a"], "x": [1.0], "y": [2.0]}), crs=None, file="v.csv", sha256="")
    with pytest.raises(CRSError, match="no coordinate system"):
        conform("villages", source, Reading())
