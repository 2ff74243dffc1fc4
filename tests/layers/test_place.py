import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame
from pyproj import Geod

from geo.layers.place import centres, dissolved, distance_to_areas_km, lying_in, measurable, spots

GEOD = Geod(ellps="WGS84")


def areas_of(*polygons, ids=None):
    return GeoDataFrame({"area_id": ids or [str(n) for n in range(len(polygons))]}, geometry=list(polygons), crs=4326)


def ragged(lon, lat, size, seed, corners=300):
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = size * (0.6 + 0.4 * rng.random(corners))
    return shapely.Polygon(np.column_stack([lon + reach * np.cos(angle), lat + reach * np.sin(angle)]))


def test_the_place_of_a_point_is_itself_and_of_a_polygon_lies_in_it():
    crescent = shapely.Point(0, 0).buffer(1).difference(shapely.Point(0.2, 0).buffer(1))
    layer = GeoDataFrame(geometry=[shapely.Point(3, 4), crescent, None, shapely.Point()], crs=4326)
    places = centres(layer)
    assert places[0].tolist() == [3, 4]
    assert crescent.contains(shapely.Point(places[1]))
    assert not crescent.contains(crescent.centroid)
    assert np.isnan(places[2:]).all()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_spots_are_an_array_of_points_however_many(count):
    places = np.arange(2 * count, dtype=float).reshape(count, 2)
    assert [(point.x, point.y) for point in spots(places)] == [tuple(place) for place in places.tolist()]


def test_a_bow_tie_is_measured_as_its_two_wings_and_a_sound_polygon_is_left_alone():
    bow, sound = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), shapely.box(0, 0, 1, 1)
    given = np.array([bow, sound, None])
    mended = measurable(given)
    assert shapely.area(mended[:2]).tolist() == [0.5, 1]
    assert mended[1] is sound
    assert given[0] is bow


def test_places_lie_where_a_loop_over_the_polygons_finds_them():
    rng = np.random.default_rng(3)
    polygons = [ragged(lon, 20, 0.8, seed) for seed, lon in enumerate((105, 105.8, 106.6))]
    polygons.append(shapely.MultiPolygon([shapely.box(108, 20, 108.5, 20.5), shapely.box(109, 20, 109.5, 20.5)]))
    places = np.column_stack([rng.uniform(104, 110, 400), rng.uniform(19, 21, 400)])
    ids = ["10", "9", "b", "a"]
    lying = lying_in(places, pd.RangeIndex(50, 450), areas_of(*polygons, ids=ids))
    order = [1, 0, 3, 2]  # 9, 10, a, b
    for number, place in enumerate(places):
        inside = [ids[which] for which in order if polygons[which].intersects(shapely.Point(place))]
        found = lying.area_id.iloc[number]
        assert (found if inside else pd.isna(found)) == (inside[0] if inside else True)
        assert lying.shared.iloc[number] == (len(inside) > 1)
    assert lying.area_id.index.tolist() == list(range(50, 450))
    assert lying.shared.sum() > 10


def test_a_place_on_a_common_border_lies_in_the_first_area_by_id():
    areas = areas_of(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), ids=["10", "9"])
    lying = lying_in(np.array([[1, 0.5], [0, 0], [np.nan, np.nan]]), pd.Index([7, 8, 9]), areas)
    assert lying.area_id.dropna().to_dict() == {7: "9", 8: "10"}
    assert lying.shared.to_dict() == {7: True, 8: False, 9: False}


def test_two_parts_of_one_area_are_no_shared_border():
    touching = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)])
    lying = lying_in(np.array([[1.0, 1.0]]), pd.Index([0]), areas_of(touching))
    assert (lying.area_id.tolist(), lying.shared.tolist()) == (["0"], [False])


@pytest.mark.parametrize("corners", [5, 32, 33, 64, 65, 700])
def test_the_distance_to_the_areas_is_that_to_the_nearest_spot_of_their_borders(corners):
    polygons = [ragged(105, 20, 0.5, 1, corners), ragged(107, 21, 0.3, 2, corners)]
    rng = np.random.default_rng(corners)
    places = np.column_stack([rng.uniform(103, 109, 25), rng.uniform(18, 23, 25)])
    away = distance_to_areas_km(places, areas_of(*polygons))
    border = np.vstack([shapely.get_coordinates(shapely.segmentize(p.exterior, 0.002)) for p in polygons])
    for place, km in zip(places, away, strict=True):
        lon, lat = np.full(len(border), place[0]), np.full(len(border), place[1])
        nearest = GEOD.inv(lon, lat, border[:, 0], border[:, 1])[2].min() / 1000
        inside = any(polygon.intersects(shapely.Point(place)) for polygon in polygons)
        assert km == (0 if inside else pytest.approx(nearest, rel=0.03, abs=0.3))


def test_a_hole_of_an_area_is_outside():
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    (away,) = distance_to_areas_km(np.array([[1.5, 1.1]]), areas_of(ring))
    assert away == pytest.approx(GEOD.inv(1.5, 1.1, 1.5, 1.0)[2] / 1000, rel=1e-6)


def test_without_areas_there_is_no_distance_and_nothing_lies_anywhere():
    nowhere = areas_of(None, shapely.Polygon())
    places = np.array([[1.0, 2.0]])
    assert np.isnan(distance_to_areas_km(places, nowhere)).all()
    assert lying_in(places, pd.Index([4]), nowhere).area_id.isna().tolist() == [True]
    assert distance_to_areas_km(np.empty((0, 2)), areas_of(shapely.box(0, 0, 1, 1))).tolist() == []


def test_polygons_with_more_area_than_their_bounds_are_joined_without_being_tested_for_a_coverage(monkeypatch):
    tested = []
    original = shapely.coverage_is_valid
    monkeypatch.setattr(shapely, "coverage_is_valid", lambda *shapes: tested.append(shapes) or original(*shapes))
    heap = shapely.box(105 + np.arange(9) / 1000, 20, 106, 21)
    assert dissolved(heap).equals(shapely.box(105, 20, 106, 21))
    assert tested == []
    # Cells fill their bounds to the last bit, and may well be a coverage.
    west, south = np.mgrid[0:3, 0:3].reshape(2, -1) / 7 + [[105], [20]]
    assert dissolved(shapely.box(west, south, west + 1 / 7, south + 1 / 7)).area == pytest.approx(9 / 49)
    assert len(tested) == 1
