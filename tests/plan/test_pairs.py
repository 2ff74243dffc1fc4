"""Sparse distances against every pair by pyproj."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from geo.errors import FigureError
from geo.plan import pairs as module
from geo.plan.pairs import pairs_between, pairs_of

GEOD = Geod(ellps="WGS84")


def every_pair(lon, lat, site_lon, site_lat):
    matrix = np.empty((lon.size, site_lon.size))
    for site in range(site_lon.size):
        there = np.full(lon.size, site_lon[site]), np.full(lon.size, site_lat[site])
        matrix[:, site] = GEOD.inv(lon, lat, *there)[2]
    return matrix


@pytest.mark.parametrize("limit", [0.0, 30_000.0, 400_000.0, np.inf])
def test_the_pairs_are_those_within_the_limit_and_their_distances_are_geodesic(limit):
    random = np.random.default_rng(5)
    lon, lat = random.uniform(178, 182, 60) % 360 - 180, random.uniform(-2, 2, 60)
    site_lon, site_lat = (
        np.append(lon[:3], random.uniform(-180, 180, 9)),
        np.append(lat[:3], random.uniform(-90, 90, 9)),
    )
    matrix = every_pair(lon, lat, site_lon, site_lat)
    pairs = pairs_between(lon, lat, site_lon, site_lat, within_m=limit)
    village, site = np.nonzero(matrix <= limit)
    assert pairs.village.tolist() == village.tolist()
    assert pairs.site.tolist() == site.tolist()
    assert np.abs(pairs.metres - matrix[village, site]).max() < 1e-6


def test_each_village_may_have_a_limit_of_its_own():
    pairs = pairs_between([109, 109, 109], [11, 11, 11], [109, 109.1], [11, 11], within_m=[0, 20_000, np.nan])
    assert list(zip(pairs.village.tolist(), pairs.site.tolist(), strict=True)) == [(0, 0), (1, 0), (1, 1)]


def test_rows_without_a_place_are_in_no_pair():
    pairs = pairs_between([np.nan, 109], [11, 11], [109, np.nan], [11, 11], within_m=1e9)
    assert (pairs.village.tolist(), pairs.site.tolist()) == ([1], [0])
    assert (pairs.villages, pairs.sites) == (2, 2)
    assert pairs_between([], [], [], [], within_m=1).village.size == 0


def test_a_village_at_the_limit_is_within_it():
    metres = GEOD.inv(109, 11, 109.1, 11)[2]
    assert pairs_between([109], [11], [109.1], [11], within_m=metres).site.tolist() == [0]
    assert pairs_between([109], [11], [109.1], [11], within_m=metres - 1e-5).site.tolist() == []


def test_more_pairs_than_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_PAIRS", 3)
    with pytest.raises(FigureError, match="More than 3 pairs"):
        pairs_between([109, 109], [11, 11], [109, 109], [11, 11], within_m=10)


def test_a_matrix_of_the_caller_is_taken_as_it_is():
    pairs = pairs_of([[5.0, np.inf], [np.nan, 0.0]])
    assert (pairs.village.tolist(), pairs.site.tolist(), pairs.metres.tolist()) == ([0, 1], [0, 1], [5.0, 0.0])
    assert pairs.reordered(np.array([1, 0]), np.array([0, 1])).metres.tolist() == [0.0, 5.0]
    with pytest.raises(FigureError, match="one row per village"):
        pairs_of([1.0])
    with pytest.raises(FigureError, match="village 0 to site 1 is -2"):
        pairs_of([[1.0, -2.0]])
