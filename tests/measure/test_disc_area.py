import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

import geo
from geo.errors import FigureError
from geo.measure.disc_area import SPHERE_KM2, authalic, discs_area_km2
from geo.measure.disc_pairs import pairs_in_reach
from geo.measure.discs import disc_polygons, distinct_discs, inside_discs
from geo.measure.exposed import exposed_arcs
from geo.measure.geodesic import area_km2

KARNEY = Geod(ellps="WGS84")
# Published: the area of WGS84.
EARTH_KM2 = 510_065_621.724


def by_polygons(lon, lat, radius, vertices=4096):
    return area_km2(np.array([shapely.union_all(disc_polygons(lon, lat, radius, vertices))]))[0]


def in_a_plane(x, y, radius):
    """Area in m² of a union of circles, as that of polygons with the circles' areas."""
    turn = 2 * np.pi / 2048
    circles = shapely.buffer(shapely.points(x, y), radius * np.sqrt(turn / np.sin(turn)), quad_segs=512)
    return shapely.union_all(circles).area


def on_earth(x, y, lat=11.5):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    centre = np.full(x.shape, 109.0), np.full(x.shape, lat)
    lon, lat, _ = KARNEY.fwd(*centre, np.degrees(np.arctan2(x, y)), np.hypot(x, y))
    return lon, lat


def cluster(rng, count, centre, reach_m, spread=1.2):
    """Discs with radii from a seventh of the reach up, strewn so that most meet."""
    lon, lat, _ = KARNEY.fwd(
        np.full(count, centre[0]),
        np.full(count, centre[1]),
        rng.uniform(0, 360, count),
        np.abs(rng.normal(0, spread * reach_m, count)),
    )
    return lon, lat, reach_m * np.exp(rng.uniform(-2, 0, count))


def north_of_km2(lat):
    """Area between a parallel and the north pole, by the closed formula (Snyder 1987, equation 3-12)."""
    e = np.sqrt(KARNEY.es)

    def q(sine):
        return (1 - e**2) * (sine / (1 - e**2 * sine**2) + np.arctanh(e * sine) / e)

    return np.pi * KARNEY.a**2 * (q(1.0) - q(np.sin(np.radians(lat)))) / 1e6


@pytest.mark.parametrize(("radius", "error"), [(1e4, 1e-10), (1e5, 1e-10), (2e5, 1e-9), (3e5, 2e-9), (2e6, 3e-6)])
@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_a_disc_round_a_pole_has_the_area_beyond_its_parallel(radius, error, pole):
    parallel = KARNEY.fwd(0, 90, 180, radius)[1]
    assert discs_area_km2([77.0], [pole], radius) == pytest.approx(north_of_km2(parallel), rel=error)


@pytest.mark.parametrize(
    ("radius", "error"), [(1e3, 1e-9), (1e4, 1e-10), (1e5, 1e-10), (3e5, 2e-9), (1e6, 2e-7), (2e6, 3e-6)]
)
@pytest.mark.parametrize("lat", [0.0, 11.5, -50.0, 80.0])
def test_one_disc_and_a_few_that_meet_have_the_area_of_fine_polygons(radius, error, lat):
    if abs(lat) + np.degrees(3 * radius / 6.3e6) < 85:
        lon, north, radii = cluster(np.random.default_rng(1), 12, (20.0, lat), radius, 0.8)
        assert discs_area_km2(lon, north, radii) == pytest.approx(by_polygons(lon, north, radii), rel=error)
    if abs(lat) + np.degrees(radius / 6.3e6) < 85:
        assert discs_area_km2([20.0], [lat], radius) == pytest.approx(by_polygons([20.0], [lat], radius), rel=error)


@pytest.mark.parametrize("radius", [0.01, 1.0, 50.0])
def test_two_small_discs_lack_their_lens_once(radius):
    lens = 2 * radius**2 * np.arccos(0.5) - radius / 2 * np.sqrt(3 * radius**2)
    lon, lat = on_earth([0, radius], [0, 0])
    found = discs_area_km2(lon, lat, radius) * 1e6
    assert found == pytest.approx(2 * np.pi * radius**2 - lens, rel=1e-9 + 5e-9 / radius)


@pytest.mark.parametrize("radius", [0.1, 1.0, 100.0])
def test_many_small_discs_have_the_area_that_they_have_in_a_plane(radius):
    rng = np.random.default_rng(2)
    x, y, radii = *rng.normal(0, 3 * radius, (2, 40)), radius * np.exp(rng.uniform(-2, 0, 40))
    found = discs_area_km2(*on_earth(x, y), radii) * 1e6
    assert found == pytest.approx(in_a_plane(x, y, radii), rel=1e-9 + 5e-9 / radius)


def test_discs_that_do_not_meet_add_up():
    lon, lat, radius = np.array([5.0, 6.0, 6.0]), np.array([50.0, 50.0, 51.0]), np.array([3e4, 2e4, 1e4])
    alone = [discs_area_km2([x], [y], [r]) for x, y, r in zip(lon, lat, radius, strict=True)]
    assert discs_area_km2(lon, lat, radius) == pytest.approx(sum(alone), rel=1e-14)


@given(st.data())
def test_any_cluster_has_the_area_of_fine_polygons(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    reach = 10.0 ** data.draw(st.floats(2.7, 5.0))
    count = data.draw(st.integers(1, 25))
    discs = cluster(rng, count, (rng.uniform(-170, 170), rng.uniform(-75, 75)), reach, data.draw(st.floats(0.2, 3)))
    exact, drawn = discs_area_km2(*discs), by_polygons(*discs, vertices=1024)
    # Karney's area of a polygon is good to tenths of a m².
    assert exact == pytest.approx(drawn, rel=1e-8, abs=1e-6)


def test_very_different_radii_in_one_heap_have_the_area_of_fine_polygons():
    rng = np.random.default_rng(3)
    lon, lat = 109 + 2.5 * rng.normal(size=1500), 11 + 2.5 * rng.normal(size=1500)
    radius = np.exp(rng.uniform(np.log(5.0), np.log(1e5), 1500))
    assert discs_area_km2(lon, lat, radius) == pytest.approx(by_polygons(lon, lat, radius, 1024), rel=2e-8)


@pytest.mark.parametrize("size", [0.05, 0.3, 1.0, 4.0])
def test_a_crowd_has_the_area_of_fine_polygons_from_dense_to_sparse(size):
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(109, 109 + size, 2000), rng.uniform(11, 11 + size, 2000)
    assert discs_area_km2(lon, lat, 2000.0) == pytest.approx(by_polygons(lon, lat, 2000.0, 256), rel=1e-7)


@pytest.mark.parametrize("lat", [90.0, -90.0, 89.7, -88.0])
def test_discs_round_a_pole_have_the_area_of_polygons_in_an_equal_area_plane(lat):
    rng = np.random.default_rng(5)
    lon, north, radius = cluster(rng, 40, (30.0, lat), 4e4)
    plane = Transformer.from_crs(4326, f"+proj=laea +lat_0={np.copysign(90, lat)} +ellps=WGS84", always_xy=True)
    turn = np.linspace(0, 360, 2048, endpoint=False)
    farther = np.sqrt(2 * np.pi / 2048 / np.sin(2 * np.pi / 2048))
    drawn = []
    for x, y, r in zip(lon, north, radius, strict=True):
        rim = KARNEY.fwd(np.full(2048, x), np.full(2048, y), turn, np.full(2048, r * farther))[:2]
        drawn.append(shapely.Polygon(np.column_stack(plane.transform(*rim))))
    assert discs_area_km2(lon, north, radius) == pytest.approx(shapely.union_all(drawn).area / 1e6, rel=1e-9)


@pytest.mark.parametrize("turned", [71.0, 160.0, 251.0, 720.0])
def test_the_antimeridian_is_a_meridian_as_others(turned):
    lon, lat, radius = cluster(np.random.default_rng(6), 60, (109.0, -17.0), 5e4)
    assert (lon.min() + 71 < 180) == (lon.max() + 71 > 180)
    moved = lon + turned
    moved = np.where(moved > 180, moved - 360, moved) if turned < 720 else moved
    assert discs_area_km2(moved, lat, radius) == pytest.approx(discs_area_km2(lon, lat, radius), rel=1e-12)


def around_the_earth(rng, count):
    lon, lat = rng.uniform(-180, 180, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
    return lon, lat


def test_discs_all_over_the_earth_hold_their_share_of_random_places():
    rng = np.random.default_rng(7)
    for count, radius in ((60, 1.9e6), (120, 1e6), (400, 1e6), (3, 2e6)):
        centres = around_the_earth(rng, count)
        lon, z = rng.uniform(-180, 180, 200_000), rng.uniform(-1, 1, 200_000)
        # Random on the authalic sphere, so even on the ellipsoid.
        beta = np.linspace(-90, 90, 20_001)
        lat = np.interp(z, authalic(np.zeros(beta.size), beta)[:, 2], beta)
        share = inside_discs(lon, lat, *centres, np.full(count, radius)).mean()
        sigma = np.sqrt(share * (1 - share) / lon.size)
        assert abs(discs_area_km2(*centres, radius) / EARTH_KM2 - share) < 4 * sigma
        assert 0.01 < share < 0.9999


def test_discs_that_leave_nothing_free_cover_the_earth_and_a_hole_is_taken_off():
    lon, lat = (axis.ravel() for axis in np.meshgrid(np.arange(-180, 180, 15.0), np.arange(-90, 91, 15.0)))
    assert discs_area_km2(lon, lat, 1.6e6) == pytest.approx(EARTH_KM2, rel=1e-9)
    all_but_the_pole = lat < 80
    # The northernmost centres, at 75 degrees, leave a cap of about a degree free.
    radius = KARNEY.inv(0, 75, 0, 89)[2]
    found = discs_area_km2(lon[all_but_the_pole], lat[all_but_the_pole], radius)
    assert north_of_km2(89.3) < EARTH_KM2 - found < north_of_km2(88.9)


def test_a_ring_of_discs_leaves_its_hole_out():
    azimuth = np.arange(0, 360, 10.0)
    lon, lat, _ = KARNEY.fwd(np.full(36, 109.0), np.full(36, 11.0), azimuth, np.full(36, 5e4))
    ring, filled = discs_area_km2(lon, lat, 6e3), discs_area_km2([*lon, 109.0], [*lat, 11.0], [6e3] * 36 + [5e4])
    assert ring == pytest.approx(by_polygons(lon, lat, 6e3), rel=1e-9)
    assert filled > ring + 5000


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_discs_does_not_matter_nor_does_a_disc_inside_another(seed):
    rng = np.random.default_rng(seed)
    lon, lat, radius = cluster(rng, 30, (109.0, 11.0), 2e4)
    area = discs_area_km2(lon, lat, radius)
    mixed = rng.permutation(30)
    assert discs_area_km2(lon[mixed], lat[mixed], radius[mixed]) == pytest.approx(area, rel=1e-12)
    x, y, _ = KARNEY.fwd(lon[0], lat[0], 77.0, radius[0] * 0.6)
    within = discs_area_km2([*lon, x, lon[0]], [*lat, y, lat[0]], [*radius, radius[0] * 0.399, radius[0] * 0.99])
    assert within == pytest.approx(area, rel=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 4.0))
def test_the_union_is_no_smaller_than_its_largest_disc_nor_larger_than_all_together(seed, spread):
    lon, lat, radius = cluster(np.random.default_rng(seed), 8, (-60.0, 62.0), 8e4, spread)
    alone = [discs_area_km2([x], [y], [r]) for x, y, r in zip(lon, lat, radius, strict=True)]
    area = discs_area_km2(lon, lat, radius)
    assert max(alone) * (1 - 1e-12) <= area <= sum(alone) * (1 + 1e-12)
    assert discs_area_km2(lon[1:], lat[1:], radius[1:]) <= area * (1 + 1e-12)


@pytest.mark.parametrize("radius", [np.sqrt(0.5), 0.5, 1 / np.sqrt(3), 1.0])
def test_rims_that_touch_or_cross_by_the_dozen_in_one_spot_give_the_area_of_the_plane(radius):
    step = 200.0
    x, y = (axis.ravel() * step for axis in np.meshgrid(np.arange(15.0), np.arange(15.0)))
    assert discs_area_km2(*on_earth(x, y), radius * step) * 1e6 == pytest.approx(
        in_a_plane(x, y, radius * step), rel=3e-6
    )
    x = x + np.where(np.rint(y / step) % 2, step / 2, 0.0)
    y = y * np.sqrt(0.75)
    found = discs_area_km2(*on_earth(x, y), radius * step) * 1e6
    assert found == pytest.approx(in_a_plane(x, y, radius * step), rel=3e-6)


def test_discs_inside_that_touch_the_rim_add_nothing():
    reach = np.array([0.0, 1000.0, 3000.0, 4500.0])
    lon, lat, _ = KARNEY.fwd(np.full(4, 109.0), np.full(4, 11.0), [0.0, 10.0, 90.0, 200.0], reach)
    assert discs_area_km2(lon, lat, 5000.0 - reach) == pytest.approx(discs_area_km2([109.0], [11.0], 5000.0), rel=1e-8)


def test_discs_alike_on_one_spot_and_nearly_there_count_once():
    one = discs_area_km2([109.0], [11.0], 5000.0)
    assert discs_area_km2([109.0, 109.0, 469.0], [11.0, 11.0, 11.0], [5000.0, 4000.0, 5000.0]) == one
    near = np.nextafter(109.0, 110.0)
    assert discs_area_km2([109.0, near, near], [11.0, 11.0, np.nextafter(11.0, 12.0)], 5000.0) == pytest.approx(one)


def test_discs_without_centre_or_radius_hold_nothing():
    nothing = discs_area_km2([5.0, 5.0, 5.0, np.nan, 5.0], [5.0, 5.0, 5.0, 5.0, 95.0], [np.nan, 0.0, -1.0, 9.0, 9.0])
    assert nothing == 0.0
    assert discs_area_km2([], [], []) == 0.0
    assert discs_area_km2([5.0, np.nan], [5.0, 5.0], 1000.0) == pytest.approx(np.pi, rel=1e-6)


def test_a_disc_too_large_and_lists_of_unequal_length_are_refused():
    with pytest.raises(FigureError, match=r"2001 km\. Give at most 2000 km"):
        discs_area_km2([5.0], [5.0], 2_001_000.0)
    with pytest.raises(FigureError, match="one radius per disc"):
        discs_area_km2([5.0], [5.0], [1.0, 2.0])


def test_the_authalic_sphere_has_the_areas_of_the_ellipsoid():
    lat = np.linspace(-90, 90, 181)
    north = (1 - authalic(np.zeros(181), lat)[:, 2]) * 2 * np.pi * SPHERE_KM2
    assert north == pytest.approx(north_of_km2(lat), rel=1e-13, abs=1e-6)
    assert 4 * np.pi * SPHERE_KM2 == pytest.approx(EARTH_KM2, rel=1e-11)


def test_the_middles_of_exposed_arcs_are_in_no_other_disc_and_those_of_hidden_ones_are():
    lon, lat, radius = cluster(np.random.default_rng(8), 300, (109.0, 11.0), 2e4, 2.0)
    discs = distinct_discs(lon, lat, radius)
    arcs = exposed_arcs(discs)
    middle = np.degrees((arcs.start + arcs.stop) / 2)
    own = discs.lon[arcs.disc], discs.lat[arcs.disc]
    out = KARNEY.fwd(*own, middle, discs.radius[arcs.disc] * (1 + 1e-7))[:2]
    assert arcs.disc.size > 50
    assert not inside_discs(*out, discs.lon, discs.lat, discs.radius).any()
    turn = np.arange(0, 360, 1.0)
    for disc in range(300):
        rim = KARNEY.fwd(
            np.full(360, discs.lon[disc]), np.full(360, discs.lat[disc]), turn, np.full(360, discs.radius[disc])
        )
        others = np.arange(300) != disc
        hidden = inside_discs(*rim[:2], discs.lon[others], discs.lat[others], discs.radius[others])
        mine = arcs.disc == disc
        ahead = np.mod(np.radians(turn)[:, None] - arcs.start[mine], 2 * np.pi)
        exposed = (ahead < (arcs.stop - arcs.start)[mine]).any(axis=1) | (disc in arcs.whole)
        assert np.array_equal(exposed, ~hidden)


def test_pairs_in_reach_are_all_that_meet_each_once():
    rng = np.random.default_rng(9)
    discs = distinct_discs(rng.uniform(0, 1, 200), rng.uniform(0, 1, 200), np.exp(rng.uniform(3, 10, 200)))
    rows, others = np.sort(rng.choice(200, 60, replace=False)), np.arange(200)
    found = [
        pair for batch in pairs_in_reach(discs, rows, others) for pair in zip(*(b.tolist() for b in batch), strict=True)
    ]
    assert len(set(found)) == len(found)
    for row in rows.tolist():
        apart = KARNEY.inv(np.full(200, discs.lon[row]), np.full(200, discs.lat[row]), discs.lon, discs.lat)[2]
        meet = np.flatnonzero(apart < discs.radius[row] + discs.radius)
        assert {(row, other) for other in meet.tolist()} <= set(found)


def test_it_is_handed_on_by_the_package():
    assert geo.discs_area_km2 is discs_area_km2
