"""Catchments: who belongs to which point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

import geo
from geo.layers.place import centres
from geo.measure.access import nearest_position
from geo.measure.catchment import catchment_polygons, people_per_place, place_of


def posts(*places, ids=None):
    ids = ids or [f"p{number}" for number in range(len(places))]
    return gpd.GeoDataFrame(
        {"point_id": ids}, geometry=[shapely.Point(*xy) for xy in places], index=range(20, 20 + len(places)), crs=4326
    )


def assigned(villages, points):
    position, distance = nearest_position(villages, points)
    return villages.assign(point_row=points.index.to_numpy()[position], distance_km=distance)


def test_points_on_one_spot_are_one_place_under_the_lowest_id():
    points = posts((109, 11.5), (109, 11.5), (109.1, 11.5), ids=["b", "a", "c"])
    assert place_of(points).to_dict() == {20: 21, 21: 21, 22: 22}


def test_points_on_one_spot_share_their_people(villages):
    points = posts((109, 11.5), (109, 11.5), (109.09, 11.5))
    table = people_per_place(assigned(villages, points), points)
    assert table["villages"].tolist() == [2, 2, 1]
    assert table["people"].tolist() == [400, 400, 600]


def test_two_points_of_one_id_at_two_places_keep_their_own_people(villages):
    points = posts((109, 11.5), (109.09, 11.5), ids=["same", "same"])
    assert people_per_place(assigned(villages, points), points)["people"].tolist() == [400, 600]


def test_catchments_part_the_areas_without_gap_or_overlap(areas):
    points = posts((109, 11.5), (109.03, 11.52), (109.09, 11.5), (109.15, 11.47))
    polygons = catchment_polygons(points, areas)
    whole = shapely.union_all(areas.geometry.to_numpy())
    assert polygons.geometry.is_valid.all()
    assert shapely.union_all(polygons.geometry.to_numpy()).symmetric_difference(whole).area < 1e-6 * whole.area
    assert shapely.area(polygons.geometry.to_numpy()).sum() < (1 + 1e-6) * whole.area


def test_a_place_inside_a_catchment_is_nearest_to_its_point(areas):
    rng = np.random.default_rng(5)
    points = posts(*zip(rng.uniform(108.96, 109.19, 12), rng.uniform(11.46, 11.54, 12), strict=True))
    polygons = catchment_polygons(points, areas)
    spots = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(rng.uniform(108.96, 109.19, 400), rng.uniform(11.46, 11.54, 400)), crs=4326
    )
    joined = spots.sjoin(polygons.reset_index(), predicate="within")
    near = geo.nearest_point(spots, points)["point_id"]
    assert len(joined) == 400
    assert (near[joined.index] == joined["point_ids"]).mean() > 0.995


def test_one_point_has_all_the_land(areas):
    polygons = catchment_polygons(posts((109, 11.5)), areas)
    whole = shapely.union_all(areas.geometry.to_numpy())
    assert polygons.geometry.iloc[0].symmetric_difference(whole).area < 1e-6 * whole.area


def test_without_areas_catchments_end_a_little_beyond_the_villages(villages):
    polygons = catchment_polygons(posts((109, 11.5), (109.05, 11.5)), None, villages)
    assert shapely.contains(shapely.union_all(polygons.geometry.to_numpy()), shapely.points(centres(villages))).all()


@pytest.mark.parametrize(
    "places",
    [
        [(108.9, 11.1), (108.9, 11.2), (108.9, 11.3), (-74, 40.7)],
        [(108.75, 11.25), (-108.75, -11.25)],
        [(108.9, 11.1), (108.8, 11.2), (2.35, 48.85)],
    ],
)
def test_points_on_both_sides_of_the_earth_part_the_land_between_them(places, recwarn):
    points = posts(*places)
    cells = catchment_polygons(points).geometry.to_numpy()
    assert shapely.is_valid(cells).all()
    assert shapely.intersects(cells, points.geometry.to_numpy()).all()
    assert shapely.union_all(cells).area == pytest.approx(shapely.area(cells).sum())
    assert not list(recwarn)


def test_no_points_have_no_catchments(areas, points):
    assert len(catchment_polygons(points.iloc[:0], areas)) == 0
