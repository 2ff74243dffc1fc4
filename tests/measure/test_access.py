"""Access: the nearest point of each village, and the shares within a limit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

import geo
from geo.errors import CRSError, FigureError


def layer(places, ids=None, **columns):
    ids = [f"p{number}" for number in range(len(places))] if ids is None else ids
    return gpd.GeoDataFrame({"point_id": ids, **columns}, geometry=[shapely.Point(*xy) for xy in places], crs=4326)


def test_the_answer_stands_on_the_villages_own_index_and_order(villages, points):
    near = geo.nearest_point(villages.iloc[::-1], points)
    assert near.index.tolist() == [9, 8, 7]
    assert near["distance_km"].round(6).tolist() == [10, 3, 0]
    assert near["point_id"].tolist() == ["p1"] * 3


def test_the_arguments_are_not_changed(villages, points):
    before = villages.copy(), points.copy()
    geo.nearest_point(villages.to_crs(3857), points)
    pd.testing.assert_frame_equal(villages, before[0])
    pd.testing.assert_frame_equal(points, before[1])


def test_tied_points_go_to_the_lowest_id_whatever_the_order_of_rows(villages):
    both = layer([(109.05, 11.5), (109.05, 11.5)], ids=["10", "9"])
    assert geo.nearest_point(villages, both)["point_id"].tolist() == ["9"] * 3
    assert geo.nearest_point(villages, both.iloc[::-1])["point_id"].tolist() == ["9"] * 3


def test_without_a_point_id_the_index_is_the_id(villages, points):
    near = geo.nearest_point(villages, points.drop(columns="point_id"))
    assert near["point_id"].tolist() == [4, 4, 4]


def test_no_points_and_no_geometry_give_no_answer(villages, points):
    nowhere = villages.copy()
    nowhere.loc[8, "geometry"] = None
    near = geo.nearest_point(nowhere, points)
    assert near["point_id"].isna().tolist() == near["distance_km"].isna().tolist() == [False, True, False]
    assert geo.nearest_point(villages, points.iloc[:0])["distance_km"].isna().all()


def test_a_polygon_is_measured_from_a_point_on_its_surface(points):
    horseshoe = shapely.box(109, 11.4, 109.2, 11.6) - shapely.box(109.02, 11.42, 109.2, 11.58)
    villages = gpd.GeoDataFrame(geometry=[horseshoe], crs=4326)
    inner = shapely.point_on_surface(horseshoe)
    expected = Geod(ellps="WGS84").inv(inner.x, inner.y, points.geometry.x.iloc[0], points.geometry.y.iloc[0])[2]
    assert not horseshoe.contains(horseshoe.centroid)
    assert geo.nearest_point(villages, points)["distance_km"].iloc[0] == pytest.approx(expected / 1000, abs=1e-9)


def test_a_layer_without_a_system_is_refused_with_what_mends_it(villages, points):
    with pytest.raises(CRSError, match="--crs EPSG:4326"):
        geo.nearest_point(villages.set_crs(None, allow_override=True), points)


def test_shares_within_a_limit_include_the_limit(villages, points):
    near = geo.nearest_point(villages, points)
    share = geo.share_within(villages, near, within_km=3)
    assert (share.villages, share.people) == (2 / 3, 0.4)
    assert (share.villages_within, share.people_within, share.people_known) == (2, 400, 1000)
    assert geo.share_within(villages, near, within_km=2.999999).villages_within == 1


def test_unknown_people_are_not_counted_as_nobody(villages, points):
    villages.loc[9, "population"] = np.nan
    share = geo.share_within(villages, geo.nearest_point(villages, points), within_km=3)
    assert share.people == 1.0
    assert share.villages == 2 / 3


def test_a_negative_limit_is_refused(villages, points):
    with pytest.raises(FigureError, match="-1"):
        geo.share_within(villages, geo.nearest_point(villages, points), within_km=-1)


places = st.lists(st.tuples(st.floats(108, 110), st.floats(11, 12)), min_size=1, max_size=8)


@given(places, places, st.tuples(st.floats(108, 110), st.floats(11, 12)))
def test_one_more_point_never_raises_a_distance(where, posts, extra):
    villages = layer(where)
    before = geo.nearest_point(villages, layer(posts))["distance_km"]
    after = geo.nearest_point(villages, layer([*posts, extra]))["distance_km"]
    assert (after <= before).all()


@given(places, places)
def test_distances_are_those_of_all_pairs(where, posts):
    geod = Geod(ellps="WGS84")
    near = geo.nearest_point(layer(where), layer(posts))
    for (lon, lat), distance in zip(where, near["distance_km"], strict=True):
        best = min(geod.inv(lon, lat, *post)[2] for post in posts)
        assert distance * 1000 == pytest.approx(best, abs=1e-6)
