from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo.errors import FigureError
from geo.measure.geodesic import (
    BENT_UP_TO_M,
    area_km2,
    bent_m,
    chord_m,
    coordinates,
    distance_m,
    geocentric_m,
    longest_m,
    reach_m,
    shortest_m,
)

KARNEY = Geod(ellps="WGS84")
GEODTEST = Path(__file__).parents[2].parent / "shared" / "real" / "geodtest" / "GeodTest-100.dat"
longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)


def random_pairs(seed, count, longest):
    """Give places, and others up to `longest` metres away, poles and antimeridian included."""
    rng = np.random.default_rng(seed)
    lat = np.where(rng.random(count) < 0.2, np.copysign(90, rng.normal(size=count)), 0)
    lat = np.where(lat == 0, rng.uniform(-90, 90, count), lat * (1 - 1e-4 * rng.random(count)))
    lon = np.where(rng.random(count) < 0.2, 180.0, rng.uniform(-180, 180, count))
    distance = longest * np.where(rng.random(count) < 0.3, 1, rng.random(count))
    other_lon, other_lat, _ = KARNEY.fwd(lon, lat, rng.uniform(0, 360, count), distance)
    return lon, lat, other_lon, other_lat


def chords_and_distances(pairs):
    lon_a, lat_a, lon_b, lat_b = pairs
    return chord_m(geocentric_m(lon_a, lat_a), geocentric_m(lon_b, lat_b)), distance_m(*pairs)


@pytest.mark.real
def test_distances_are_those_of_geodtest_100():
    if not GEODTEST.exists():
        pytest.skip(f"{GEODTEST} is not there")
    rows = np.loadtxt(GEODTEST)
    lat_a, lon_a, lat_b, lon_b, truth = rows[:, [0, 1, 3, 4, 6]].T
    assert len(rows) >= 100
    assert np.abs(distance_m(lon_a, lat_a, lon_b, lat_b) - truth).max() <= 1e-6


def test_a_quarter_of_the_equator_is_a_quarter_of_its_circle():
    assert distance_m(0, 0, 90, 0) == pytest.approx(np.pi / 2 * 6_378_137, abs=1e-6)


def test_distance_broadcasts_places_against_points():
    table = distance_m([[0.0], [1.0]], [[0.0], [1.0]], [0.0, 1.0, 2.0], [0.0, 1.0, 2.0])
    assert table.shape == (2, 3)
    assert table[0, 0] == table[1, 1] == 0
    assert table[0, 1] == table[1, 0] == pytest.approx(KARNEY.inv(0, 0, 1, 1)[2], abs=1e-9)


def test_distance_of_nothing_is_empty():
    assert distance_m([], [], [], []).shape == (0,)


@pytest.mark.parametrize("column", range(4))
@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_missing_coordinate_has_no_distance_and_spoils_no_other(column, missing):
    given = np.ones((4, 2))
    given[column, 0] = missing
    assert np.isnan(distance_m(*given)).tolist() == [True, False]


def test_latitudes_beyond_a_pole_and_missing_coordinates_are_no_place():
    lon, lat = [0, 0, np.nan, np.inf, 500], [90, 90.1, 0, 0, -90]
    assert coordinates(lon, lat)[2].tolist() == [True, False, False, False, True]


def test_unequally_many_longitudes_and_latitudes_are_refused():
    with pytest.raises(FigureError, match=r"\(2,\) and \(1,\)"):
        coordinates([1, 2], [1])


def test_geocentric_coordinates_satisfy_the_equation_of_the_ellipsoid():
    x, y, z = geocentric_m(*random_pairs(1, 1000, 1e6)[:2]).T
    assert np.allclose((x**2 + y**2) / KARNEY.a**2 + z**2 / KARNEY.b**2, 1, rtol=0, atol=1e-14)


@pytest.mark.parametrize("longest", [1e-3, 1.0, 1e3, BENT_UP_TO_M])
def test_the_bent_chord_is_the_geodesic_distance_within_20_nanometres_on_a_million_pairs(longest):
    pairs = random_pairs(2, 250_000, longest)
    bent = bent_m(geocentric_m(*pairs[:2]), geocentric_m(*pairs[2:]))
    assert np.abs(bent - distance_m(*pairs)).max() <= 2e-8


def test_the_bent_chord_of_a_place_and_itself_is_nothing():
    here = geocentric_m(np.array([109.0, 0.0]), np.array([11.0, 90.0]))
    assert bent_m(here, here).tolist() == [0, 0]


@pytest.mark.parametrize("longest", [1.0, 1e4, 1e6, 1e7, 2e7])
def test_every_distance_lies_between_the_bounds_from_its_chord(longest):
    chord, distance = chords_and_distances(random_pairs(3, 50_000, longest))
    assert (shortest_m(chord) <= distance + 1e-7).all()
    assert (longest_m(chord) >= distance - 1e-7).all()
    assert (chord <= reach_m(distance)).all()


@given(longitudes, latitudes, longitudes, latitudes)
def test_the_bounds_hold_for_any_two_places(lon_a, lat_a, lon_b, lat_b):
    chord, distance = chords_and_distances([np.array([value]) for value in (lon_a, lat_a, lon_b, lat_b)])
    assert shortest_m(chord) - 1e-7 <= distance <= longest_m(chord) + 1e-7


def test_the_lower_bound_is_met_at_a_pole_and_the_upper_along_the_equatorial_meridian():
    near_pole = [np.array([0.0]), np.array([89.9]), np.array([180.0]), np.array([89.9])]
    chord, distance = chords_and_distances(near_pole)
    assert distance - shortest_m(chord) == pytest.approx(0, abs=1e-6)
    chord, distance = chords_and_distances([np.array([0.0]), np.array([-0.1]), np.array([0.0]), np.array([0.1])])
    assert longest_m(chord) - distance == pytest.approx(0, abs=1e-6)


def test_beyond_12600_km_of_chord_there_is_no_upper_bound_and_every_point_is_in_reach():
    far = longest_m(np.array([12_600_001.0]))
    assert np.isinf(far).all()
    assert (reach_m(far) > 2 * KARNEY.a).all()


def test_the_window_is_as_wide_as_promised():
    chord = np.array([1e4, 1e5, 1e6])
    window = reach_m(longest_m(chord)) - 1e-7 - chord
    assert np.allclose(window, [2.1e-5, 0.021, 21], rtol=0.03)


def rosette(lon, lat, size, corners, turn=1):
    angle = turn * np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = size * (1 + 0.3 * np.sin(5 * angle))
    return np.column_stack([lon + reach * np.cos(angle), lat + reach * np.sin(angle)])


def test_areas_are_those_of_geod_for_oriented_polygons_with_holes():
    rng = np.random.default_rng(4)
    shapes = []
    for lon, lat in zip(rng.uniform(-170, 170, 300), rng.uniform(-80, 80, 300), strict=True):
        pieces = [
            shapely.Polygon(rosette(lon + east, lat, 0.8, 37, turn), [rosette(lon + east, lat, 0.3, 11, -turn)])
            for east, turn in ((0, rng.choice([-1, 1])), (3, rng.choice([-1, 1])))
        ]
        shapes.append(shapely.MultiPolygon(pieces) if rng.random() < 0.5 else pieces[0])
    truth = [KARNEY.geometry_area_perimeter(shapely.orient_polygons(shape))[0] / 1e6 for shape in shapes]
    assert np.allclose(area_km2(np.array(shapes)), truth, rtol=1e-12, atol=0)


def test_the_orientation_of_rings_does_not_change_an_area():
    outline, hole = rosette(109, 11, 1, 20), rosette(109, 11, 0.3, 20)
    turned = [shapely.Polygon(outline[::a], [hole[::b]]) for a in (1, -1) for b in (1, -1)]
    areas = area_km2(np.array(turned))
    assert np.allclose(areas, areas[0], rtol=1e-14)
    whole, inner = area_km2(np.array([shapely.Polygon(outline), shapely.Polygon(hole)]))
    assert areas[0] == pytest.approx(whole - inner, rel=1e-14)


def test_missing_and_empty_geometries_points_and_lines_have_no_area():
    line = shapely.LineString([(0, 0), (1, 1)])
    shapes = [None, np.nan, shapely.Polygon(), shapely.MultiPolygon(), shapely.Point(1, 1), line]
    assert area_km2(np.array([*shapes, shapely.box(0, 0, 1, 1)], dtype=object)).tolist()[:6] == [0] * 6


def test_areas_stay_with_their_rows_among_missing_ones():
    box = shapely.box(0, 0, 1, 1)
    shapes = np.array([None, box, shapely.MultiPolygon([box, shapely.box(5, 0, 6, 1)]), None], dtype=object)
    one = KARNEY.geometry_area_perimeter(box)[0] / 1e6
    assert area_km2(shapes) == pytest.approx([0, one, 2 * one, 0])


def test_the_polygons_of_nested_collections_count_and_their_lines_do_not():
    box = shapely.box(0, 0, 1, 1)
    inner = shapely.GeometryCollection([shapely.MultiPolygon([box]), shapely.LineString([(0, 0), (1, 1)])])
    nested = shapely.GeometryCollection([inner, shapely.Point(0, 0), shapely.box(5, 0, 6, 1)])
    assert area_km2(np.array([nested])) == pytest.approx(2 * area_km2(np.array([box])))


def test_no_geometries_have_no_areas():
    assert area_km2(np.array([], dtype=object)).tolist() == []
    assert area_km2(np.array([None], dtype=object)).tolist() == [0]


def test_height_does_not_change_an_area():
    flat = shapely.box(0, 0, 1, 1)
    assert area_km2(np.array([shapely.force_3d(flat, 500.0)])) == area_km2(np.array([flat]))


def test_something_that_is_no_geometry_is_refused():
    with pytest.raises(TypeError):
        area_km2(np.array(["POLYGON EMPTY"], dtype=object))
