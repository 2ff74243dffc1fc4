import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.errors import FigureError
from geo.measure import discs as module
from geo.measure.discs import disc_polygons, inside_discs
from geo.measure.geodesic import area_km2

KARNEY = Geod(ellps="WGS84")


def brute_force(places, discs):
    lon, lat, radius = (np.array(values, dtype=float) for values in discs)
    inside = []
    for x, y in zip(*places, strict=True):
        apart = KARNEY.inv(np.full(lon.size, x), np.full(lon.size, y), lon, lat)[2]
        inside.append(bool(((apart <= radius) & (radius > 0)).any()))
    return inside


def assert_exact(places, discs):
    assert inside_discs(*places, *discs).tolist() == brute_force(places, discs)


def cloud(rng, count, centre, size):
    return centre[0] + size * rng.normal(size=count), np.clip(centre[1] + size * rng.normal(size=count), -90, 90)


def radii(rng, count, least=100.0, most=100_000.0):
    return np.exp(rng.uniform(np.log(least), np.log(most), count))


@pytest.mark.parametrize("centre", [(109, 11), (180, -17), (0, 90), (0, -89.9)])
@pytest.mark.parametrize("most", [150.0, 3e3, 1e5])
def test_places_are_inside_as_by_brute_force_at_the_poles_and_the_antimeridian_too(centre, most):
    rng = np.random.default_rng(1)
    places, centres = cloud(rng, 700, centre, 0.4), cloud(rng, 150, centre, 0.4)
    assert_exact(places, (*centres, radii(rng, 150, most=most)))


@pytest.mark.parametrize("most", [1e6, 1e7, 3e7])
def test_discs_of_any_size_hold_what_brute_force_says(most):
    rng = np.random.default_rng(2)
    places = rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500)
    few = rng.uniform(-180, 180, 30), rng.uniform(-90, 90, 30), radii(rng, 30, 1e4, most)
    assert_exact(places, few)
    assert_exact(places, tuple(values[:1] for values in few))


def test_places_between_the_radii_of_a_dense_cluster_are_told_apart():
    rng = np.random.default_rng(3)
    centres, radius = cloud(rng, 3000, (109, 11), 0.01), radii(rng, 3000, 1e3, 3e4)
    lon, lat, _ = KARNEY.fwd(
        np.full(400, 109.0), np.full(400, 11.0), rng.uniform(0, 360, 400), rng.uniform(2.5e4, 3.4e4, 400)
    )
    answer = brute_force((lon, lat), (*centres, radius))
    assert 0.2 < np.mean(answer) < 0.8
    assert inside_discs(lon, lat, *centres, radius).tolist() == answer


@pytest.mark.parametrize("radius", [100.0, 5e3, 1e5, 1e6])
def test_a_place_on_the_rim_is_inside_and_one_a_nanometre_of_radius_less_is_not(radius):
    rng = np.random.default_rng(4)
    count = 40
    lon, lat = cloud(rng, count, (109, 11), 1)
    x, y, _ = KARNEY.fwd(lon, lat, rng.uniform(0, 360, count), np.full(count, radius))
    exact = KARNEY.inv(x, y, lon, lat)[2]
    for at in range(count):
        here = (x[at : at + 1], y[at : at + 1], lon[at : at + 1], lat[at : at + 1])
        assert inside_discs(*here, exact[at : at + 1]).all()
        assert not inside_discs(*here, np.nextafter(exact[at : at + 1], 0)).any()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_few_discs_hold_what_brute_force_says(data):
    lon = st.sampled_from([-180.0, -179.0, -1.0, 0.0, 1.0, 179.0, 180.0, float("nan")])
    lat = st.sampled_from([-90.0, -89.0, -1.0, 0.0, 1.0, 89.0, 90.0])
    meridian = KARNEY.inv(0, 0, 0, 1)[2]
    radius = st.sampled_from([meridian, 111_319.49, 1.0, 2e7, 3e7, float("inf"), 0.0, -5.0, float("nan")])
    places = np.array(data.draw(st.lists(st.tuples(lon, lat), min_size=1, max_size=8))).T
    given_discs = np.array(data.draw(st.lists(st.tuples(lon, lat, radius), min_size=1, max_size=30))).T
    assert_exact(places, given_discs)


def test_of_discs_on_one_spot_the_largest_counts_and_the_others_cost_nothing(monkeypatch):
    compared = []
    real = module.chord_m
    monkeypatch.setattr(module, "chord_m", lambda a, b: compared.append(len(a)) or real(a, b))
    rng = np.random.default_rng(5)
    places = cloud(rng, 3000, (109, 11), 0.1)
    radius = radii(rng, 20_000, 100, 10_000)
    spot = (np.full(20_000, 109.0), np.full(20_000, 11.0), radius)
    largest = KARNEY.inv(*places, *(values[:3000] for values in spot[:2]))[2] <= radius.max()
    assert 0 < largest.sum() < 3000
    assert np.array_equal(inside_discs(*places, *spot), largest)
    assert sum(compared) <= 3000


def test_discs_without_radius_or_centre_hold_nothing():
    lon, lat, radius = [5.0, 5.0, 5.0, np.nan, 5.0], [5.0, 5.0, 5.0, 5.0, 95.0], [np.nan, 0.0, -1.0, 1e9, 1e9]
    assert inside_discs([5.0], [5.0], lon, lat, radius).tolist() == [False]
    assert inside_discs([5.0], [5.0], [*lon, 5.0], [*lat, 5.0], [*radius, 1e-9]).tolist() == [True]


def test_a_place_without_coordinates_is_in_no_disc():
    assert inside_discs([np.nan, 5.0], [5.0, 5.0], [5.0], [5.0], [np.inf]).tolist() == [False, True]


def test_without_discs_no_place_is_inside_and_without_places_there_is_no_answer():
    assert inside_discs([1.0, 2.0], [1.0, 2.0], [], [], []).tolist() == [False, False]
    assert inside_discs([], [], [1.0], [1.0], [1.0]).tolist() == []


def test_one_more_disc_never_uncovers_a_place_and_their_order_does_not_matter():
    rng = np.random.default_rng(6)
    places, centres, radius = cloud(rng, 500, (109, 11), 1), np.array(cloud(rng, 60, (109, 11), 1)), radii(rng, 60)
    fewer = inside_discs(*places, *centres[:, :-1], radius[:-1])
    every = inside_discs(*places, *centres, radius)
    assert (fewer <= every).all()
    order = rng.permutation(60)
    assert np.array_equal(every, inside_discs(*places, *centres[:, order], radius[order]))


def test_one_radius_serves_all_discs_and_any_other_number_is_refused():
    assert inside_discs([0.0], [0.0], [0.0, 1.0], [0.0, 1.0], 5.0).tolist() == [True]
    with pytest.raises(FigureError, match=r"radius_m has the shape \(3,\)"):
        inside_discs([0.0], [0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 2.0, 3.0])


def true_area_km2(lon, lat, radius):
    """Area of the disc as a geodesic polygon of 100,000 corners on its rim, good to some tenths of a m²."""
    count = 100_000
    azimuth = np.linspace(360, 0, count, endpoint=False)
    x, y, _ = KARNEY.fwd(*(np.full(count, value) for value in (lon, lat)), azimuth, np.full(count, radius))
    return abs(KARNEY.polygon_area_perimeter(x, y)[0]) / 1e6


@pytest.mark.parametrize("lat", [0.0, 11.0, 45.0, -66.0, 85.0, 90.0])
@pytest.mark.parametrize(("radius", "within"), [(100.0, 1e-9), (1e4, 1e-9), (1e5, 1e-9), (5e5, 2e-9), (2e6, 1e-7)])
def test_a_polygon_has_the_area_of_its_disc(lat, radius, within):
    polygon = disc_polygons([20.0], [lat], [radius])
    assert area_km2(polygon)[0] == pytest.approx(true_area_km2(20.0, lat, radius), rel=within, abs=1e-6)
    assert shapely.is_valid(polygon).all()


@pytest.mark.parametrize("vertices", [3, 4, 8, 500])
def test_a_polygon_of_any_number_of_corners_has_the_area_of_its_disc(vertices):
    polygon = disc_polygons([109.0], [11.0], [1e4], vertices)
    assert shapely.get_num_coordinates(polygon).tolist() == [vertices + 1]
    assert area_km2(polygon)[0] == pytest.approx(true_area_km2(109.0, 11.0, 1e4), rel=1e-8)


def test_small_discs_have_the_area_of_the_circle():
    assert area_km2(disc_polygons([109.0], [11.0], [1000.0]))[0] == pytest.approx(np.pi, rel=1e-6)


def test_the_rim_lies_between_the_corners_and_the_edges_of_a_polygon():
    corners = shapely.get_coordinates(disc_polygons([109.0], [11.0], [5000.0]))
    ends = KARNEY.inv(np.full(65, 109.0), np.full(65, 11.0), *corners.T.copy())[2]
    middle = (corners[1:] + corners[:-1]) / 2
    halfway = KARNEY.inv(np.full(64, 109.0), np.full(64, 11.0), *middle.T.copy())[2]
    assert np.allclose(ends, 5000 * 1.0008, rtol=1e-4)
    assert (halfway < 5000).all()


@pytest.mark.parametrize("lon", [180.0, -180.0, 179.99, -179.99, 540.0])
@pytest.mark.parametrize("lat", [0.0, -17.0, 70.0, -88.0])
def test_a_disc_across_the_antimeridian_is_split_there_and_keeps_its_area(lon, lat):
    (split,) = disc_polygons([lon], [lat], [50_000.0])
    (whole,) = disc_polygons([20.0], [lat], [50_000.0])
    assert split.geom_type == "MultiPolygon"
    assert len(split.geoms) == 2
    assert split.is_valid
    assert {part.bounds[0] == -180 or part.bounds[2] == 180 for part in split.geoms} == {True}
    assert all(part.bounds[2] - part.bounds[0] < 180 for part in split.geoms)
    areas = area_km2(np.array([split, whole]))
    assert areas[0] == pytest.approx(areas[1], rel=1e-8)


@pytest.mark.parametrize("lon", [0.0, 20.0, 180.0, -180.0, -91.3])
@pytest.mark.parametrize("lat", [90.0, 89.9, -89.7, -90.0])
def test_a_disc_that_holds_a_pole_reaches_it_and_keeps_its_area(lon, lat):
    (polygon,) = disc_polygons([lon], [lat], [50_000.0])
    assert polygon.is_valid
    assert polygon.covers(shapely.Point(77.0, np.copysign(90, lat)))
    assert (polygon.bounds[0], polygon.bounds[2]) == (-180, 180)
    assert area_km2(np.array([polygon]))[0] == pytest.approx(true_area_km2(lon, lat, 50_000.0), rel=1e-9)


def test_a_disc_beside_the_antimeridian_is_one_polygon():
    assert disc_polygons([179.0], [0.0], [100_000.0])[0].geom_type == "Polygon"


def test_discs_stay_with_their_rows_among_those_that_hold_nothing():
    polygons = disc_polygons([0.0, np.nan, 180.0, 9.0, 3.0], [0.0, 0.0, 0.0, 0.0, 1.0], [1e3, 1e3, 1e3, np.nan, 2e3])
    assert shapely.is_empty(polygons).tolist() == [False, True, False, True, False]
    assert area_km2(polygons) == pytest.approx([np.pi, 0, np.pi, 0, 4 * np.pi], rel=1e-6)


def test_places_well_inside_or_outside_a_disc_are_so_of_its_polygon():
    rng = np.random.default_rng(7)
    lon, lat = cloud(rng, 2000, (179.9, -17), 0.5)
    lon = np.where(lon > 180, lon - 360, lon)
    metres = KARNEY.inv(lon, lat, np.full(2000, 179.9), np.full(2000, -17.0))[2]
    clear = np.abs(metres - 5e4) > 0.002 * 5e4
    drawn = shapely.covers(disc_polygons([179.9], [-17.0], [5e4])[0], shapely.points(lon, lat))
    assert np.array_equal(drawn[clear], inside_discs(lon, lat, [179.9], [-17.0], [5e4])[clear])


def test_no_discs_have_no_polygons():
    assert disc_polygons([], [], []).tolist() == []


@pytest.mark.parametrize(("radius", "vertices"), [(2.1e6, 64), (np.inf, 64), (1000.0, 2)])
def test_discs_too_large_to_draw_and_polygons_of_two_corners_are_refused(radius, vertices):
    with pytest.raises(FigureError, match="at least 3, and at most 2000 km"):
        disc_polygons([0.0], [0.0], [radius], vertices)
