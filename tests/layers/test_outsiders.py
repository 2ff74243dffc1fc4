"""Slips that put a row outside the areas, yet not at the end of the world: told where nobody else can be meant."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.layers.check import check_layers, usable
from geo.layers.faults.outsiders import outsiders
from geo.layers.faults.slips import CHANGES
from geo.layers.layer import Reading, conform
from geo.layers.repair import repair_layers
from geo.layers.source import Source
from tests.layers.test_misread import apart_m, ninh_thuan
from tests.layers.test_misread import villages_of as metres_of
from tests.layers.test_slips import areas_of, places_inside, villages_of

# Small lands near the equator, near Greenwich, and with a latitude near the longitude.
NAIROBI = shapely.box(36.65, -1.44, 37.1, -1.16)
KAMPALA = shapely.box(32.5, 0.25, 32.65, 0.4)
YEREVAN = shapely.box(44.36, 40.07, 44.62, 40.24)
LONDON = shapely.box(-0.51, 51.28, 0.33, 51.69)
SLIPPED = [
    (NAIROBI, "wrong_latitude_sign"),
    (KAMPALA, "wrong_latitude_sign"),
    (YEREVAN, "swapped_coordinates"),
]
FAULTS = {*CHANGES, "perhaps_slipped"}


def with_slips(land, fault, count, seed=1):
    truth = places_inside(land, 30, seed)
    typed = truth.copy()
    typed[:count] = CHANGES[fault](truth[:count])
    return truth, typed


@pytest.mark.parametrize(("land", "fault"), SLIPPED)
@pytest.mark.parametrize("count", [1, 5, 30])
def test_a_slip_beyond_two_diagonals_is_told_left_out_and_comes_back(land, fault, count):
    truth, typed = with_slips(land, fault, count)
    layers = {"areas": areas_of(land), "villages": villages_of(*typed.T)}
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.rows, finding.left_out) == (fault, tuple(range(2, 2 + count)), True)
    assert len(usable("villages", layers["villages"], [finding])) == 30 - count
    mended, _ = repair_layers(layers, [finding], [finding.repair])
    assert np.array_equal(shapely.get_coordinates(mended["villages"].table.geometry), truth)
    assert check_layers(mended) == []


def test_a_sign_beside_greenwich_is_told_as_a_doubt_and_moved_only_when_asked():
    west = places_inside(shapely.box(-0.51, 51.28, -0.34, 51.69), 12, 1)
    truth = np.concatenate([west, places_inside(LONDON, 18, 1)])
    typed = np.concatenate([west * (-1, 1), truth[12:]])
    layers = {"areas": areas_of(LONDON), "villages": villages_of(*typed.T)}
    doubt, outside = check_layers(layers)
    assert (doubt.fault, outside.fault, doubt.left_out, doubt.repair) == (
        "perhaps_slipped",
        "outside_areas",
        False,
        "doubtful",
    )
    # A tenth of the diagonal, 7.4 km, is 0.107 degrees of longitude here.
    assert doubt.rows == tuple(int(row) + 2 for row in np.flatnonzero(typed[:, 0] > 0.33 + 0.107))
    assert "with the other sign of the longitude" in doubt.text()
    assert "nếu đổi dấu kinh độ" in doubt.text("vi")
    assert len(usable("villages", layers["villages"], [doubt, outside])) == 30
    sign, told = repair_layers(layers, [doubt, outside], ["sign", "swapped"])
    assert (sign, told) == (layers, [])
    mended, (told,) = repair_layers(layers, [doubt, outside], ["doubtful"])
    assert (told.fault, told.rows) == ("repaired_doubtful", doubt.rows)
    rows = np.array(doubt.rows) - 2
    assert np.array_equal(shapely.get_coordinates(mended["villages"].table.geometry)[rows], truth[rows])


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), land=st.sampled_from([NAIROBI, KAMPALA, YEREVAN, LONDON]))
def test_a_layer_that_is_wider_than_the_areas_is_never_accused(seed, land):
    country = shapely.box(*land.buffer(3).bounds)
    places = np.concatenate([places_inside(country, 60, seed), places_inside(land, 5, seed)])
    assert (
        not {one.fault for one in check_layers({"areas": areas_of(land), "villages": villages_of(*places.T)})} & FAULTS
    )


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    land=st.sampled_from([NAIROBI, KAMPALA, YEREVAN, LONDON]),
    side=st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]),
    count=st.integers(1, 30),
)
def test_neighbours_on_one_side_are_all_counted(seed, land, side, count):
    west, south, east, north = land.bounds
    step = np.array([east - west, north - south]) * side
    beside = shapely.box(*(np.array(land.bounds) + np.tile(step, 2)))
    places = np.concatenate([places_inside(land, 30, seed), places_inside(beside, count, seed)])
    layers = {"areas": areas_of(land), "villages": villages_of(*places.T)}
    findings = check_layers(layers)
    assert {one.fault for one in findings} <= {"outside_areas", "perhaps_slipped"}
    assert len(usable("villages", layers["villages"], findings)) == 30 + count


def test_a_row_that_two_slips_explain_is_not_accused():
    land = shapely.MultiPolygon([shapely.box(10, -12, 11, -11), shapely.box(-11, 11, -10, 12)])
    # (10.5, 11.5) lies in the first with the other latitude, in the second with the other longitude.
    layers = {"areas": areas_of(land), "villages": villages_of([10.5, 10.5], [-11.5, 11.5])}
    assert [one.fault for one in check_layers(layers)] == ["outside_areas"]


def test_honest_rows_as_far_off_are_weighed_against_those_that_a_slip_explains():
    away = np.array([0.0, 300, 300, 300, 120])
    slipped = np.array([False, True, True, True, False])

    def sure(rows, away_km):
        def fits(change, asked):
            return (slipped & rows)[asked] & (change is CHANGES["wrong_latitude_sign"])

        found = outsiders(away_km, np.ones(5, dtype=bool), CHANGES, fits, 100)
        return found["wrong_latitude_sign"].sure.tolist()

    assert sure(slipped, away) == slipped.tolist()  # three to one
    assert sure(np.arange(5) < 3, away) == [False] * 5  # two to two
    assert sure(np.arange(5) == 1, np.array([0, 300, 0, 0, 99])) == [False, True, False, False, False]  # too near


def test_a_land_of_no_areas_has_no_outsiders():
    _, typed = with_slips(NAIROBI, "wrong_latitude_sign", 5)
    assert not {one.fault for one in check_layers({"villages": villages_of(*typed.T)})} & FAULTS


def test_eastings_and_northings_that_are_exchanged_come_back():
    areas, lon, lat = ninh_thuan()
    sound = metres_of(lon, lat, "EPSG:9217", "EPSG:9217")
    x, y = shapely.get_coordinates(sound.own.geometry).T
    x[:3], y[:3] = y[:3].copy(), x[:3].copy()
    table = pd.DataFrame({"id": [f"v{n}" for n in range(len(x))], "x": x, "y": y, "pop": 1.0})
    table.index = pd.RangeIndex(2, 2 + len(table), name="row")
    source = Source(rows=table, crs=None, file="villages.csv", sha256="")
    layers = {"areas": areas, "villages": conform("villages", source, Reading(crs="EPSG:9217"))}
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.rows, finding.repair) == ("swapped_metres", (2, 3, 4), "swapped")
    assert f"(northing, easting: {y[0]:.0f}, {x[0]:.0f} should be {x[0]:.0f}, {y[0]:.0f};" in finding.text()
    mended, (told,) = repair_layers(layers, [finding], ["swapped"])
    assert apart_m(mended["villages"], lon, lat).max() < 0.001
    assert "northing" in told.text()
    assert check_layers(mended) == []
