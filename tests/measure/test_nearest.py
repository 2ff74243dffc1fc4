import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.errors import FigureError
from geo.measure import nearest as module
from geo.measure.geodesic import geocentric_m
from geo.measure.nearest import nearest

KARNEY = Geod(ellps="WGS84")
NOWHERE = np.array([])
STEP = 1e-5  # about a metre


def brute_force(places, points, rank=None):
    """Compare every pair by `pyproj.Geod.inv`, one place at a time."""
    lon, lat = (np.array(values, dtype=float) for values in points)
    order = np.lexsort((np.arange(lon.size), np.arange(lon.size) if rank is None else rank))
    order = order[np.isfinite(lon[order]) & (np.abs(lat[order]) <= 90)]
    index, metres = [], []
    for x, y in zip(*places, strict=True):
        apart = KARNEY.inv(np.full(order.size, x), np.full(order.size, y), lon[order], lat[order])[2]
        if not order.size or np.isnan(apart).any():
            index.append(-1)
            metres.append(np.nan)
            continue
        first = np.flatnonzero(apart <= apart.min() + 1e-6)[0]
        index.append(order[first])
        metres.append(apart[first])
    return np.array(index, dtype=int), np.array(metres)


def assert_exact(places, points, rank=None):
    found = nearest(*places, *points, rank=rank)
    index, metres = brute_force(places, points, rank)
    assert found.index.tolist() == index.tolist()
    assert np.array_equal(np.isnan(found.distance_m), np.isnan(metres))
    assert np.allclose(found.distance_m, metres, rtol=0, atol=2e-8, equal_nan=True)


def globe(rng, count):
    return rng.uniform(-180, 180, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))


def cloud(rng, count, centre, size):
    return centre[0] + size * rng.normal(size=count), np.clip(centre[1] + size * rng.normal(size=count), -90, 90)


@pytest.mark.parametrize("points", [1, 2, 3, 50, 2000])
def test_the_nearest_point_is_that_of_brute_force_over_the_whole_globe(points):
    rng = np.random.default_rng(points)
    assert_exact(globe(rng, 500), globe(rng, points), rng.permutation(points))


@pytest.mark.parametrize("centre", [(109, 11), (180, 0), (-180, 66), (0, 90), (77, -90), (0, 0)])
@pytest.mark.parametrize("size", [1e-7, STEP, 1e-2, 3])
def test_dense_clusters_are_told_apart_at_the_poles_and_the_antimeridian_too(centre, size):
    rng = np.random.default_rng(5)
    assert_exact(cloud(rng, 150, centre, size), cloud(rng, 300, centre, size), rng.permutation(300))


@pytest.mark.parametrize("away", [(110, 12), (130, 40), (-150, 45), (-71, -11), (-70.99, -11.01)])
def test_a_dense_cluster_seen_from_afar_and_from_its_antipode_is_told_apart(away):
    rng = np.random.default_rng(6)
    points = cloud(rng, 1500, (109, 11), 0.01)
    assert_exact(cloud(rng, 60, away, 0.1), points, rng.permutation(1500))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_nearest_point_is_that_of_brute_force_on_any_lattice_of_ties(data):
    lon = st.sampled_from([-180.0, -179.5, -90.0, -0.5, 0.0, 0.5, 90.0, 179.5, 180.0, 360.0, float("nan")])
    lat = st.sampled_from([-90.0, -89.5, -45.0, -0.5, 0.0, 0.5, 45.0, 89.5, 90.0, 91.0])
    places = np.array(data.draw(st.lists(st.tuples(lon, lat), min_size=1, max_size=8))).T
    points = np.array(data.draw(st.lists(st.tuples(lon, lat), min_size=1, max_size=12))).T
    rank = data.draw(st.lists(st.integers(0, 5), min_size=points.shape[1], max_size=points.shape[1]))
    assert_exact(places, points, np.array(rank))


@pytest.mark.parametrize("first", range(4))
def test_of_points_equally_far_the_lowest_rank_wins(first):
    rank = np.roll(np.arange(4), first)
    east_west_twice = ([1.0, -1.0, 1.0, -1.0], [0.5, 0.5, -0.5, -0.5])
    found = nearest([0.0], [0.0], *east_west_twice, rank=rank)
    assert found.index.tolist() == [first]


@pytest.mark.parametrize("distance", [1.0, 1e3, 1e5, 1e6])
def test_of_points_on_a_geodesic_circle_the_lowest_rank_wins(distance):
    lon, lat, _ = KARNEY.fwd(np.full(72, 109.0), np.full(72, 11.0), np.arange(0, 360, 5.0), np.full(72, distance))
    rank = np.roll(np.arange(72), 31)
    found = nearest([109.0], [11.0], lon, lat, rank=rank)
    assert found.index.tolist() == [31]
    assert found.distance_m[0] == pytest.approx(distance, abs=1e-6)


def test_a_point_half_a_micrometre_farther_is_tied_and_one_two_micrometres_farther_is_not():
    metres = np.array([1000.0, 1000.0 + 5e-7, 1000.0 + 2e-6])
    lon, lat, _ = KARNEY.fwd(np.zeros(3), np.zeros(3), np.array([0.0, 120.0, 240.0]), metres)
    assert nearest([0.0], [0.0], lon, lat, rank=[2, 1, 0]).index.tolist() == [1]


def test_the_nearest_by_geodesic_is_found_where_another_has_the_shorter_chord():
    # North of the equator the meridian bends more than the equator itself: 14 m of chord in 1,000 km.
    lon, lat, _ = KARNEY.fwd(np.zeros(2), np.zeros(2), np.array([0.0, 90.0]), np.array([1_000_010.0, 1_000_000.0]))
    north, east = geocentric_m(lon, lat) - geocentric_m(np.zeros(1), np.zeros(1))
    assert np.linalg.norm(north) < np.linalg.norm(east)
    assert nearest([0.0], [0.0], lon, lat).index.tolist() == [1]


def test_of_equal_ranks_the_first_point_wins():
    east_and_west = np.tile([1.0, -1.0], 500)
    rank = np.arange(1000)[::-1] // 100
    found = nearest([0.0, -0.5], [0.0, 0.0], east_and_west, np.zeros(1000), rank=rank)
    assert found.index.tolist() == [900, 901]


def test_thousands_of_points_on_one_spot_cost_no_more_than_one(monkeypatch):
    compared = []
    real = module.distance_m
    monkeypatch.setattr(module, "distance_m", lambda *pair: compared.append(pair[0].size) or real(*pair))
    rng = np.random.default_rng(8)
    lon = np.append(np.full(20_000, 109.0), 109.1)
    lat = np.append(np.full(20_000, 11.0), 11.1)
    rank = rng.permutation(20_001)
    places = cloud(rng, 5000, (109, 11), 0.1)
    found = nearest(*places, lon, lat, rank=rank)
    assert set(found.index.tolist()) == {int(np.argmin(rank[:-1])), 20_000}
    assert sum(compared) < 2 * 5000


def test_a_pole_is_one_spot_and_so_are_both_sides_of_the_antimeridian():
    lon = np.append(np.linspace(-180, 180, 3000), [180.0, -180.0, 540.0])
    lat = np.append(np.full(3000, 90.0), [5.0, 5.0, 5.0])
    assert module.distinct(lon, lat, -np.arange(3003)).tolist() == [3002, 2999]


def test_a_place_on_a_point_is_no_distance_away():
    found = nearest([109.0, 0.0], [11.0, 90.0], [109.0, 50.0], [11.0, 90.0])
    assert found.index.tolist() == [0, 1]
    assert found.distance_m == pytest.approx([0, 0], abs=1e-8)


def test_longitudes_repeat_after_a_full_turn():
    rng = np.random.default_rng(9)
    lon, lat = cloud(rng, 100, (179.9, 11), 0.3)
    points = cloud(rng, 100, (-179.9, 11), 0.3)
    assert (
        nearest(lon, lat, *points).index.tolist() == nearest(lon - 360, lat, points[0] + 360, points[1]).index.tolist()
    )


def test_without_points_there_is_no_nearest():
    found = nearest([1.0, 2.0], [1.0, 2.0], NOWHERE, NOWHERE)
    assert found.index.tolist() == [-1, -1]
    assert np.isnan(found.distance_m).all()


def test_points_without_coordinates_are_as_good_as_none():
    assert nearest([1.0], [1.0], [np.nan, 1.0], [1.0, 91.0]).index.tolist() == [-1]


def test_without_places_there_is_no_answer():
    found = nearest(NOWHERE, NOWHERE, [1.0], [1.0])
    assert found.index.shape == found.distance_m.shape == (0,)
    assert found.index.dtype == np.intp


def test_one_point_is_everybodys_nearest_but_for_places_without_coordinates():
    lon, lat = [1.0, np.nan, 3.0, 4.0, 181.0], [1.0, 1.0, np.inf, 91.0, -1.0]
    found = nearest(lon, lat, [1.0], [1.0])
    assert found.index.tolist() == [0, -1, -1, -1, 0]
    assert np.isnan(found.distance_m).tolist() == [False, True, True, True, False]


def test_points_without_coordinates_do_not_shift_the_others():
    found = nearest([5.0, 6.0], [5.0, 6.0], [np.nan, 6.0, 5.0], [5.0, 6.0, 5.0])
    assert found.index.tolist() == [2, 1]


def test_places_and_pairs_taken_in_small_lots_give_the_same_answer(monkeypatch):
    monkeypatch.setattr(module, "_PLACES_AT_ONCE", 7)
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 10)
    grid = np.array([(x, y) for x in range(5) for y in range(5)], dtype=float).T
    rank = np.random.default_rng(10).permutation(25)
    assert_exact(grid + np.array([[0.5], [0.0]]), grid, rank)


def test_pieces_on_several_threads_give_the_answer_of_one_piece():
    rng = np.random.default_rng(12)
    places, points = cloud(rng, 50_000, (109, 11), 1), cloud(rng, 3000, (109, 11), 1)
    rank = rng.permutation(3000)
    whole = nearest(*places, *points, rank=rank)
    for start in range(0, 50_000, 5000):
        part = nearest(*(axis[start : start + 5000] for axis in places), *points, rank=rank)
        assert np.array_equal(part.index, whole.index[start : start + 5000])
        assert np.array_equal(part.distance_m, whole.distance_m[start : start + 5000])


@pytest.mark.parametrize("spread", [0.0, 1e-7, 1.0, 180.0])
def test_neighbours_are_put_together_and_nobody_is_lost(spread):
    rng = np.random.default_rng(13)
    lon, lat = rng.uniform(-spread, spread, 20_000), rng.uniform(-spread, spread, 20_000) / 2
    order = module.neighbours_together(lon, lat)
    assert np.array_equal(np.sort(order), np.arange(20_000))
    way = np.hypot(np.diff(lon), np.diff(lat)).sum()
    assert np.hypot(np.diff(lon[order]), np.diff(lat[order])).sum() <= way / 10


def test_one_row_of_each_position_is_kept_as_one_by_one():
    rng = np.random.default_rng(14)
    for lattice in (2, 30, 3000):
        lon, lat = rng.integers(0, lattice, (2, 2000)) * (80.0 / lattice)
        rank = rng.integers(0, 500, 2000)
        seen, kept = set(), []
        for row in np.argsort(rank, kind="stable"):
            if (lon[row], lat[row]) not in seen:
                kept.append(row)
            seen.add((lon[row], lat[row]))
        assert module.distinct(lon, lat, rank).tolist() == kept


def test_the_order_of_points_does_not_matter_where_ranks_are_given():
    rng = np.random.default_rng(11)
    points = np.round(np.array(cloud(rng, 400, (109, 11), 0.1)), 2)
    places = np.round(np.array(cloud(rng, 400, (109, 11), 0.1)), 2)
    rank, order = rng.permutation(400), rng.permutation(400)
    straight = nearest(*places, *points, rank=rank)
    shuffled = nearest(*places, *points[:, order], rank=rank[order])
    assert np.array_equal(straight.index, order[shuffled.index])


def test_arguments_are_not_changed():
    given_ = [np.array([181.0, np.nan]), np.array([1.0, 2.0]), np.array([-180.0, 180.0]), np.array([1.0, 1.0])]
    before = [values.copy() for values in given_]
    nearest(*given_)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(given_, before, strict=True))


def test_one_rank_per_point_is_asked_for():
    with pytest.raises(FigureError, match=r"rank has the shape \(1,\), the points \(2,\)"):
        nearest([0.0], [0.0], [1.0, 2.0], [1.0, 2.0], rank=[1])
