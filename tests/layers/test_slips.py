"""Slips of the pen: what was put in is found and comes back, and nothing is found where nothing was put in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.layers.check import check_layers, usable
from geo.layers.faults.slips import CHANGES, explain, from_minutes, other_signs
from geo.layers.layer import Reading, conform, read_layer
from geo.layers.repair import repair_layers
from geo.layers.source import Source

NINH_THUAN = Path(__file__).parents[2] / "data" / "ninh-thuan"
FAULTS = {
    *CHANGES,
    "perhaps_slipped",
    "minutes_as_decimals",
    "misplaced",
    "impossible_coordinates",
    "wrong_zone",
    "datum_shift_missing",
}
ROWS = 60
MINUTE = 1 / 60


def villages_of(lon, lat):
    table = pd.DataFrame({"id": [f"v{n}" for n in range(len(lon))], "lat": lat, "lon": lon, "pop": 1.0})
    table.index = pd.RangeIndex(2, 2 + len(table), name="row")
    return conform("villages", Source(rows=table, crs=None, file="villages.csv", sha256=""), Reading())


def areas_of(*polygons):
    rows = gpd.GeoDataFrame({"code": [str(n) for n in range(len(polygons))]}, geometry=list(polygons), crs=4326)
    return conform("areas", Source(rows=rows, crs=rows.crs, file="areas.gpkg", sha256=""), Reading())


def places_inside(polygon, count, seed):
    rng = np.random.default_rng(seed)
    west, south, east, north = polygon.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        tried = rng.uniform((west, south), (east, north), (4 * count, 2)).round(5)
        found = np.concatenate([found, tried[shapely.contains_xy(polygon, *tried.T)]])
    return found[:count]


def ninh_thuan():
    return gpd.read_file(NINH_THUAN / "areas.geojson").union_all()


# A whole province, a box in the south, one in the west; three where a sign hardly matters, across the equator and
# Greenwich, east of Greenwich and north of the equator; and one whose latitude is nearly its longitude.
TERRITORIES = {
    "ninh_thuan": ninh_thuan(),
    "lesotho": shapely.box(27.1, -30.6, 29.4, -28.6),
    "peru": shapely.box(-77.5, -12.5, -75.5, -10.5),
    "null_island": shapely.box(-1.2, -1.1, 1.3, 1.4),
    "accra": shapely.box(0.1, 5.2, 0.9, 5.9),
    "kampala": shapely.box(31.2, 0.05, 32.9, 0.9),
    "adamawa": shapely.box(12.5, 12.1, 13.5, 13.2),
}
FAR_SIGNS = {
    "ninh_thuan": ["wrong_longitude_sign", "wrong_latitude_sign", "wrong_signs"],
    # Its latitude is nearly the negative of its longitude: what has lost both signs looks exchanged.
    "lesotho": ["wrong_longitude_sign", "wrong_latitude_sign"],
    "peru": ["wrong_longitude_sign", "wrong_latitude_sign", "wrong_signs"],
    "null_island": [],
    "accra": ["wrong_latitude_sign", "wrong_signs"],
    "kampala": ["wrong_longitude_sign", "wrong_signs"],
    "adamawa": ["wrong_longitude_sign", "wrong_latitude_sign", "wrong_signs"],
}
FAR_SWAPS = ["ninh_thuan", "lesotho", "peru", "accra", "kampala"]


@given(seed=st.integers(0, 2**32 - 1), territory=st.sampled_from(sorted(TERRITORIES)))
def test_places_inside_are_never_accused(seed, territory):
    polygon = TERRITORIES[territory]
    lon, lat = places_inside(polygon, ROWS, seed).T
    layers = {"areas": areas_of(polygon), "villages": villages_of(lon, lat)}
    assert check_layers(layers) == []
    assert check_layers({"villages": layers["villages"]}) == []


@given(seed=st.integers(0, 2**32 - 1), territory=st.sampled_from(sorted(TERRITORIES)))
def test_neighbours_are_never_accused(seed, territory):
    polygon = TERRITORIES[territory]
    ring = shapely.box(*polygon.buffer(1).bounds)
    layers = {"areas": areas_of(polygon), "villages": villages_of(*places_inside(ring, ROWS, seed).T)}
    assert not {finding.fault for finding in check_layers(layers)} & FAULTS


@given(seed=st.integers(0, 2**32 - 1), territory=st.sampled_from(sorted(TERRITORIES)))
def test_what_was_put_in_is_found_row_by_row_and_comes_back(seed, territory):
    polygon = TERRITORIES[territory]
    truth = places_inside(polygon, ROWS, seed)
    kinds = ["none", *FAR_SIGNS[territory], *(["swapped_coordinates"] if territory in FAR_SWAPS else [])]
    put_in = np.random.default_rng(seed).choice(kinds, ROWS)
    typed = truth.copy()
    for fault in {*put_in} - {"none"}:
        typed[put_in == fault] = CHANGES[fault](truth[put_in == fault])
    layers = {"areas": areas_of(polygon), "villages": villages_of(*typed.T)}
    findings = check_layers(layers)
    assert {f.fault: set(f.rows) for f in findings} == {
        fault: {int(n) + 2 for n in np.flatnonzero(put_in == fault)} for fault in {*put_in} - {"none"}
    }
    mended, told = repair_layers(layers, findings, ["swapped", "sign"])
    assert np.array_equal(shapely.get_coordinates(mended["villages"].table.geometry), truth)
    assert sorted(row for one in told for row in one.rows) == [int(n) + 2 for n in np.flatnonzero(put_in != "none")]
    assert check_layers(mended) == []


def written_in_minutes(places):
    """Write places as an office does that takes minutes for decimals: 11.5643 is 11 degrees 34 minutes, so 11.34."""
    degrees = np.trunc(places)
    minutes = np.rint(np.abs(places - degrees) * 60).astype(int)
    return np.array(
        [[float(f"{d:.0f}.{m:02d}") for d, m in zip(*one, strict=True)] for one in zip(degrees, minutes, strict=True)]
    )


@given(seed=st.integers(0, 2**32 - 1), territory=st.sampled_from(["ninh_thuan", "lesotho", "peru"]))
def test_degrees_and_minutes_are_found_where_they_lie_outside_and_come_back_within_half_a_minute(seed, territory):
    polygon = TERRITORIES[territory]
    truth = places_inside(polygon, 400, seed)
    typed = written_in_minutes(truth)
    outside = ~shapely.intersects_xy(shapely.buffer(polygon, 0.015), *typed.T)
    inside_when_read = shapely.contains_xy(shapely.buffer(polygon, -1e-9), *(np.rint(truth * 60) / 60).T)
    rolled_over = (np.rint(np.abs(truth - np.trunc(truth)) * 60) == 60).any(axis=1)
    whose = np.flatnonzero(outside & inside_when_read & ~rolled_over)[:20]
    places = truth.copy()
    places[whose] = typed[whose]
    layers = {"areas": areas_of(polygon), "villages": villages_of(*places.T)}
    findings = check_layers(layers)
    if len(whose) < 3:
        assert not {one.fault for one in findings} & FAULTS
        return
    (finding,) = [one for one in findings if one.fault == "minutes_as_decimals"]
    assert set(finding.rows) == {int(n) + 2 for n in whose}
    assert finding.left_out
    mended, _ = repair_layers(layers, findings, ["minutes"])
    found = shapely.get_coordinates(mended["villages"].table.geometry)
    assert np.abs(found - truth).max() <= MINUTE / 2 + 1e-9
    untouched = np.setdiff1d(np.arange(len(truth)), whose)
    assert np.array_equal(found[untouched], truth[untouched])
    assert not {one.fault for one in check_layers(mended)} & FAULTS


# The areas are 104.5 to 106.5 east and 20 to 21 north; 104.40 is outside, and 104 degrees 40 minutes is inside.
SOUND = "id,lat,lon,pop\na,20.51234,105.12345,1\nb,20.25111,106.01234,1\n"
MINUTES = "x,20.30,104.40,1\ny,20.45,104.35,1\nz,20.15,104.45,1\n"


def test_minutes_are_told_with_their_rows_what_they_become_and_how_many_are_alike(read, squares):
    alike = "i,20.3,105.2,1\nj,20.9,105.2,1\n"
    layers = {"areas": squares(), "villages": read("villages", SOUND + MINUTES + alike)}
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.ids, finding.repair) == ("minutes_as_decimals", ("x", "y", "z"), "minutes")
    assert "(latitude, longitude: 20.3, 104.4 should be 20.5, 104.667); 1 more" in finding.text()
    assert usable("villages", layers["villages"], [finding])["village_id"].tolist() == ["a", "b", "i", "j"]
    mended, (told,) = repair_layers(layers, [finding], ["minutes"])
    assert told.ids == ("x", "y", "z")
    places = shapely.get_coordinates(mended["villages"].table.geometry)
    expected = [(104 + 40 / 60, 20.5), (104 + 35 / 60, 20.75), (104.75, 20.25)]
    assert places[2:5] == pytest.approx(np.array(expected), abs=1e-12)
    assert check_layers(mended) == []


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("x,20.30,104.40,1\ny,20.45,104.35,1\n", "two rows are too few"),
        (f"{MINUTES}w,20.71,104.40,1\n", "one has 71 minutes"),
        ("x,20.301,104.40,1\ny,20.451,104.351,1\nz,20.151,104.451,1\n", "three decimals"),
        ("x,20.30,104.495,1\ny,20.30,104.49,1\nz,20.35,104.49,1\n", "no farther than their rounding"),
        ("x,20.30,104.10,1\ny,20.45,104.05,1\nz,20.15,104.15,1\n", "outside when read as minutes, too"),
        ("x,20.30,105.40,1\ny,20.45,105.35,1\nz,20.15,105.45,1\n", "inside as they are"),
    ],
)
def test_without_evidence_nothing_is_called_minutes(read, squares, rows, why):
    layers = {"areas": squares(), "villages": read("villages", SOUND + rows)}
    assert {one.fault for one in check_layers(layers)} <= {"outside_areas", "mostly_outside_areas"}, why


def test_minutes_need_areas(read):
    assert check_layers({"villages": read("villages", SOUND + MINUTES)}) == []


def test_minutes_are_read_on_both_sides_of_zero():
    assert from_minutes(np.array([[-0.30, 0.06], [-11.45, 108.59]])).tolist() == [
        [-0.5, 0.1],
        [-11.75, 108 + 59 / 60],
    ]


def test_a_row_that_fits_several_faults_has_the_first_of_them_and_the_doubt_is_told():
    always = explain(3, lambda change: np.array([True, change is other_signs, False]), CHANGES)
    assert {fault: (one.rows.tolist(), one.unsure.tolist()) for fault, one in always.items() if one.rows.any()} == {
        "swapped_coordinates": ([True, False, False], [True, False, False]),
        "wrong_signs": ([False, True, False], [False, False, False]),
    }
    assert list(always) == ["swapped_coordinates", "wrong_longitude_sign", "wrong_latitude_sign", "wrong_signs"]


def test_one_slip_is_believed_before_two_and_the_finding_says_so():
    # Both (29, -29) and (29.2, -28.8) lie in the area: exchanged, or both signs lost.
    areas = areas_of(TERRITORIES["lesotho"])
    findings = check_layers({"areas": areas, "villages": villages_of([28.0, -29.2], [-29.0, 28.8])})
    assert [(one.fault, one.rows) for one in findings] == [("swapped_coordinates", (3,))]
    assert (
        findings[0]
        .text()
        .endswith("(latitude, longitude: 28.8, -29.2 should be -29.2, 28.8; fitting another slip as well: 1)")
    )


def test_metres_have_no_signs(read, squares):
    text = "id,x,y,pop\na,500000,2267000,1\nb,500000,-2267000,1\n"
    layers = {"areas": squares(), "villages": read("villages", text, crs="EPSG:32648")}
    assert [(one.fault, one.rows) for one in check_layers(layers)] == [("misplaced", (3,))]


def test_a_footprint_with_the_wrong_sign_is_found_and_mended(tmp_path, squares):
    boxes = [shapely.box(105, 20.2, 105.4, 20.6), shapely.box(-105.4, 20.2, -105, 20.6)]
    rows = gpd.GeoDataFrame({"operator": ["A", "B"]}, geometry=boxes, crs=4326)
    rows.to_file(tmp_path / "coverage.gpkg")
    layers = {"areas": squares(), "coverage.4G": read_layer("footprints", tmp_path / "coverage.gpkg")}
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.rows) == ("wrong_longitude_sign", (2,))
    mended, _ = repair_layers(layers, [finding], ["coverage.sign"])
    assert mended["coverage.4G"].table.geometry.iloc[1].bounds == (105, 20.2, 105.4, 20.6)
    assert check_layers(mended) == []


@pytest.mark.real
@pytest.mark.parametrize("with_areas", [True, False])
def test_of_goas_post_offices_exactly_the_exchanged_ones_are_found_and_no_sign_or_minute_is_invented(real, with_areas):
    villages = gpd.read_file(real / "goa_india/goa_villages.geojson")
    posts = pd.read_csv(real / "goa_india/goa_postoffices.csv")
    posts.index += 2
    lon, lat = posts["longitude"].to_numpy(), posts["latitude"].to_numpy()
    land = shapely.union_all(villages.geometry.to_numpy()) if with_areas else shapely.box(*villages.total_bounds)
    as_written, swapped = shapely.intersects_xy(land, lon, lat), shapely.intersects_xy(land, lat, lon)
    mirrored = [shapely.intersects_xy(land, *pair) for pair in ((-lon, lat), (lon, -lat), (-lon, -lat))]
    assert not np.any(mirrored)
    assert not (as_written & swapped).any()
    kind = "areas" if with_areas else "villages"
    layers = {
        kind: read_layer(kind, real / "goa_india/goa_villages.geojson"),
        "points": read_layer("points", real / "goa_india/goa_postoffices.csv"),
    }
    findings = [one for one in check_layers(layers) if one.layer == "points"]
    found = {one.fault: set(one.rows) for one in findings if one.left_out}
    far = (np.abs(lat - 15.4) > 5) | (np.abs(lon - 74) > 5)
    nowhere = set(posts.index[far & ~swapped])
    assert found["swapped_coordinates"] == set(posts.index[swapped])
    assert found.keys() == {"swapped_coordinates", "misplaced", "impossible_coordinates"}
    assert found["misplaced"] | found["impossible_coordinates"] == nowhere
    assert (swapped.sum(), len(nowhere)) == ((40, 111) if with_areas else (42, 109))
    mended, _ = repair_layers(layers, findings, ["swapped", "sign", "zone", "minutes", "vn2000"])
    places = shapely.get_coordinates(mended["points"].table.geometry)
    assert np.array_equal(places[swapped], np.column_stack([lat, lon])[swapped])
    assert np.array_equal(places[~swapped], np.column_stack([lon, lat])[~swapped])


@pytest.mark.real
@pytest.mark.parametrize("layer", ["lesotho_settlements.csv", "lesotho_cells.csv", "lesotho_post_offices.csv"])
def test_lesotho_has_no_slip(real, layer):
    kind = "cells" if "cells" in layer else "villages"
    layers = {
        "areas": read_layer("areas", real / "lesotho/lesotho_boundary.geojson"),
        kind: read_layer(kind, real / "lesotho" / layer),
    }
    assert not {one.fault for one in check_layers(layers)} & FAULTS


def test_the_study_that_ships_has_no_slip():
    layers = {kind: read_layer(kind, NINH_THUAN / f"{kind}.csv") for kind in ("villages", "points")}
    layers["areas"] = read_layer("areas", NINH_THUAN / "areas.geojson")
    assert check_layers(layers) == []
