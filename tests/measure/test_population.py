import sys

import numpy as np
import pyproj
import pytest
import shapely
from pyproj import Geod

from geo.errors import FigureError, LayerError
from geo.layers.grid import Block, Grid
from geo.measure import pixel_distance, stamp
from geo.measure.nearest import nearest
from geo.measure.pixel_distance import pixel_distances
from geo.measure.pixel_shares import apart, area_shares
from geo.measure.population import people_by_area, people_inside, people_within, pixels_within, rescaled

KARNEY = Geod(ellps="WGS84")
DEGREES = pyproj.CRS("EPSG:4326")
# West edge, north edge, and size of a pixel in degrees: ordinary, on both sides of the antimeridian, at the poles.
CORNERS = [
    (108.9, 11.7, 0.01),
    (179.93, 0.07, 0.01),
    (-180.0, 66.0, 0.001),
    (359.9, -44.9, 0.02),
    (20.0, 90.0, 0.003),
    (-7.0, -89.86, 0.01),
    (-180.0, 90.0, 7.5),
    (100.0, 75.0, 3.0),
]


def plain(west, north, size, shape=(14, 17)):
    return Grid(rows=shape[0], columns=shape[1], transform=(size, 0, west, 0, -size, north), crs=DEGREES)


def turned(system="EPSG:9217", corner=(580_000.0, 1_280_000.0), angle=0.3, shape=(9, 11)):
    cos, sin = 400 * np.cos(angle), 400 * np.sin(angle)
    transform = (cos, sin, corner[0], sin, -cos, corner[1])
    return Grid(rows=shape[0], columns=shape[1], transform=transform, crs=pyproj.CRS(system))


def scattered(grid, count, rng):
    """Points on a grid and a little way around it."""
    lon, lat = grid.centres()
    (west, east), (south, north) = ((np.nanmin(values), np.nanmax(values)) for values in (lon, lat))
    wide, high = (east - west) * 0.2 + 1e-3, (north - south) * 0.2 + 1e-3
    x = rng.uniform(west - wide, east + wide, count) + rng.choice([-360, 0, 360], count)
    return x, np.clip(rng.uniform(south - high, north + high, count), -90, 90)


def brute_force(grid, points):
    """Measure from every pixel to every point by `pyproj.Geod.inv`: (points, rows, columns)."""
    lon, lat = (values.ravel() for values in grid.centres())
    metres = [KARNEY.inv(lon, lat, np.full(lon.size, x), np.full(lon.size, y))[2] for x, y in zip(*points, strict=True)]
    return np.reshape(metres, (-1, grid.rows, grid.columns))


def settled(grid, seed=3):
    return Block(people=np.random.default_rng(seed).uniform(0, 50, (grid.rows, grid.columns)), grid=grid)


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("count", [1, 2, 9])
def test_the_pixels_within_are_those_of_brute_force_also_exactly_at_a_pixels_distance(corner, count):
    rng = np.random.default_rng(count)
    grid = plain(*corner)
    points = scattered(grid, count, rng)
    metres = brute_force(grid, points)
    drawn = rng.choice(metres.ravel(), 12)
    for limit in [0.0, *drawn[:6], *np.nextafter(drawn[6:], 0.0), metres.min(), metres.max()]:
        if limit > stamp.FARTHEST_M:
            continue
        mask = stamp.runs_within(grid, *points, limit).mask((grid.rows, grid.columns))
        assert np.array_equal(mask, (metres <= limit).any(axis=0)), limit


@pytest.mark.parametrize("corner", CORNERS[:5])
def test_a_point_on_a_pixels_centre_reaches_it_at_no_distance(corner):
    grid = plain(*corner)
    lon, lat = grid.centres()
    mask = pixels_within(grid, lon[3:5, 6], lat[3:5, 6], 0.0)
    assert np.argwhere(mask).tolist() == [[3, 6], [4, 6]]


def test_where_the_bounds_by_the_chord_do_not_decide_karney_does(monkeypatch):
    # A thousand kilometres away, the bounds leave a ring of 21 m; the pixels are ten metres wide.
    grid = plain(108.9, 11.7, 1e-4, (30, 30))
    points = KARNEY.fwd([108.9015] * 4, [11.6985] * 4, [20, 100, 190, 280], [1e6] * 4)[:2]
    metres = brute_force(grid, points)
    asked = []
    measured = stamp.distance_m
    monkeypatch.setattr(stamp, "distance_m", lambda *pair: asked.append(pair[0].size) or measured(*pair))
    for point in range(4):
        own = [[values[point]] for values in points]
        mask = stamp.runs_within(grid, *own, 1e6).mask((30, 30))
        assert np.array_equal(mask, metres[point] <= 1e6)
    assert 0 < sum(asked) < grid.rows * grid.columns * 4


@pytest.mark.parametrize("corner", CORNERS[:6])
@pytest.mark.parametrize("always", [0, 2])
def test_of_densely_standing_points_those_that_reach_nothing_new_are_left_out(corner, always, monkeypatch):
    rng = np.random.default_rng(7)
    grid = plain(*corner)
    points = [np.repeat(values, 2) for values in scattered(grid, 300, rng)]
    metres = brute_force(grid, points).min(axis=0)
    monkeypatch.setattr(stamp, "_WORTHWHILE", always)
    for limit in [*np.quantile(metres, [0.3, 0.6, 0.95]), metres.max()]:
        mask = stamp.runs_within(grid, *points, limit).mask((grid.rows, grid.columns))
        assert np.array_equal(mask, metres <= limit)


def test_where_everything_is_reached_the_points_that_stand_densely_are_not_stamped(monkeypatch):
    grid = plain(108.9, 11.7, 0.01)
    points = scattered(grid, 1000, np.random.default_rng(9))
    stamped = []
    union = stamp._union  # noqa: SLF001 - how much work was done
    monkeypatch.setattr(stamp, "_union", lambda *given: stamped.append(given[1].lon.size) or union(*given))
    assert pixels_within(grid, *points, 8).all()
    assert sum(stamped) < 100


@pytest.mark.parametrize("corner", CORNERS)
def test_a_point_at_a_pole_reaches_what_brute_force_finds(corner):
    grid = plain(corner[0], 90.0, corner[2])
    metres = brute_force(grid, ([77.0], [90.0]))
    for limit in metres[0, :4].ravel():
        if limit <= stamp.FARTHEST_M:
            mask = stamp.runs_within(grid, [77.0], [90.0], limit).mask((grid.rows, grid.columns))
            assert np.array_equal(mask, metres[0] <= limit)


@pytest.mark.parametrize("corner", CORNERS)
def test_windows_have_the_pixels_of_the_whole(corner, monkeypatch):
    grid = plain(*corner)
    points = scattered(grid, 40, np.random.default_rng(4))
    limit = float(np.quantile(brute_force(grid, points).min(axis=0), 0.5)) / 1000
    whole = pixels_within(grid, *points, limit)
    monkeypatch.setattr(stamp, "_PAIRS_AT_ONCE", 20)
    monkeypatch.setattr(stamp, "_RUNS_AT_ONCE", 30)
    assert 0 < whole.sum() < whole.size
    for row, column in [(0, 0), (5, 8), (13, 0), (3, 16)]:
        part = grid.window(row, column, min(6, 14 - row), min(7, 17 - column))
        mask = pixels_within(part, *points, limit)
        assert np.array_equal(mask, whole[row : row + part.rows, column : column + part.columns])


def test_a_raster_drawn_from_south_to_north_has_the_same_pixels():
    north = plain(108.9, 11.7, 0.01)
    south = Grid(rows=14, columns=17, transform=(0.01, 0, 108.9, 0, 0.01, 11.7 - 0.14), crs=DEGREES)
    points = scattered(north, 5, np.random.default_rng(8))
    assert np.array_equal(pixels_within(south, *points, 2.5)[::-1], pixels_within(north, *points, 2.5))


@pytest.mark.parametrize("grid", [turned(), turned("EPSG:4756", (108.9, 11.7), 0.0)], ids=["turned", "VN-2000"])
def test_turned_rasters_and_other_systems_are_measured_from_their_centres_in_wgs84(grid):
    if grid.crs.is_geographic:
        grid = Grid(rows=9, columns=11, transform=(0.01, 0, 108.9, 0, -0.01, 11.7), crs=grid.crs)
    points = scattered(grid, 3, np.random.default_rng(5))
    metres = brute_force(grid, points)
    block = settled(grid)
    limits = [0.0, *np.quantile(metres, [0.1, 0.4]) / 1000]
    masks = [(metres <= limit * 1000).any(axis=0) for limit in limits]
    assert not grid.is_plain
    assert np.array_equal(pixels_within(grid, *points, limits[1]), masks[1])
    expected = [block.people[mask].sum() for mask in masks]
    assert people_within([block], *points, limits) == pytest.approx(expected, rel=1e-12)


def test_people_within_are_summed_over_blocks_for_every_limit():
    grid = plain(108.9, 11.7, 0.01)
    whole = settled(grid)
    blocks = [
        Block(people=whole.people[:5], grid=grid.window(0, 0, 5, 17)),
        Block(people=whole.people[5:], grid=grid.window(5, 0, 9, 17)),
    ]
    points = scattered(grid, 4, np.random.default_rng(6))
    metres = brute_force(grid, points).min(axis=0)
    limits = [0, 0.5, 2, 5, 1000, 15_000]
    expected = [whole.people[metres <= limit * 1000].sum() for limit in limits]
    assert people_within(blocks, *points, limits) == pytest.approx(expected, rel=1e-12)
    assert people_within(blocks, *points, []).tolist() == []


def test_points_without_coordinates_and_no_points_reach_nobody():
    block = settled(plain(108.9, 11.7, 0.01))
    assert people_within([block], [], [], [1, 20_000]).tolist() == [0, 0]
    assert people_within([block], [np.nan, 108.9, 108.9], [11.6, np.nan, 95], [1000]).tolist() == [0]


@pytest.mark.parametrize("limit", [-1, float("nan")])
def test_a_limit_that_is_no_distance_is_refused(limit):
    with pytest.raises(FigureError, match="Give kilometres, 0 or more"):
        people_within([settled(plain(108.9, 11.7, 0.01))], [109], [11], [limit])
    with pytest.raises(FigureError, match="Give metres"):
        stamp.runs_within(plain(108.9, 11.7, 0.01), [109], [11], limit)


@pytest.mark.parametrize("grid", [*(plain(*corner, (35, 50)) for corner in CORNERS), turned(shape=(20, 33))])
@pytest.mark.parametrize("count", [1, 2, 30, 1000])
def test_the_distance_of_every_pixel_is_that_of_the_search_pixel_by_pixel(grid, count):
    points = scattered(grid, count, np.random.default_rng(count))
    points = [np.append(values, values[0]) for values in points]
    found = pixel_distances(grid, *points)
    lon, lat = grid.centres()
    expected = nearest(lon.ravel(), lat.ravel(), *points)
    assert found.index.ravel().tolist() == expected.index.tolist()
    assert found.distance_m.ravel() == pytest.approx(expected.distance_m, abs=4e-8, nan_ok=True)


def test_pixels_as_far_from_two_points_take_the_first():
    grid = plain(-0.5, 0.5, 1 / 32, (32, 32))
    lon, lat = grid.centres()
    found = pixel_distances(grid, [0.25, -0.25, 0.25], [0.0, 0.0, 0.0])
    assert set(found.index.ravel().tolist()) == {0, 1}
    east = pixel_distances(plain(-0.75, 0.5, 0.5, (2, 3)), [0.25, -0.25], [0.0, 0.0])
    assert east.index.tolist() == [[1, 0, 0]] * 2
    assert np.array_equal(found.index == 0, lon > 0)
    assert lat.shape == found.distance_m.shape


def test_tiles_with_many_candidates_are_searched_pixel_by_pixel(monkeypatch):
    grid = plain(108.9, 11.7, 0.01, (35, 50))
    points = scattered(grid, 200, np.random.default_rng(1))
    few = pixel_distances(grid, *points)
    monkeypatch.setattr(pixel_distance, "_MANY", 6)
    many = pixel_distances(grid, *points)
    assert np.array_equal(few.index, many.index)


def test_without_points_and_off_the_earth_there_is_no_distance():
    assert np.isnan(pixel_distances(plain(108.9, 11.7, 0.01), [], []).distance_m).all()
    beyond = pixel_distances(plain(0.0, 91.0, 1.0, (2, 2)), [0.0], [80.0])
    assert np.isnan(beyond.distance_m).tolist() == [[True, True], [False, False]]
    assert beyond.index.tolist() == [[-1, -1], [0, 0]]


def shares_by_shapely(grid, shapes):
    """Cut every pixel of a plain grid with every shape."""
    size, _, west, _, _, north = grid.transform
    west, north = west + size * grid.column, north - size * grid.row
    x, y = np.meshgrid(west + size * np.arange(grid.columns), north - size * np.arange(1, grid.rows + 1))
    pixels = shapely.box(x, y, x + size, y + size).ravel()
    return shapely.area(shapely.intersection(np.array(shapes)[:, None], pixels[None])) / size**2


AREAS = [
    shapely.Polygon([(108.88, 11.72), (108.97, 11.71), (108.96, 11.653), (108.9, 11.64)]),
    shapely.Polygon([(108.97, 11.71), (109.04, 11.7), (109.05, 11.6), (108.96, 11.653)]),
    shapely.MultiPolygon([shapely.box(108.91, 11.57, 108.925, 11.581), shapely.box(109.0, 11.562, 109.003, 11.5635)]),
]


def test_the_share_of_a_pixel_is_that_of_cutting_it():
    grid = plain(108.9, 11.7, 0.01).window(1, 2, 12, 14)
    shares = area_shares(grid, AREAS).toarray()
    assert shares[:-1] == pytest.approx(shares_by_shapely(grid, AREAS), abs=2e-7)
    assert shares.sum(axis=0) == pytest.approx(np.ones(shares.shape[1]), abs=1e-15)
    assert shares.min() >= 0


def test_people_by_area_add_up_to_the_whole_to_the_last_digits():
    grid = plain(108.9, 11.7, 0.01)
    whole = settled(grid)
    blocks = [
        Block(people=whole.people[:, :6], grid=grid.window(0, 0, 14, 6)),
        Block(people=whole.people[:, 6:], grid=grid.window(0, 6, 14, 11)),
    ]
    found = people_by_area(blocks, AREAS)
    assert found.people == pytest.approx(shares_by_shapely(grid, AREAS) @ whole.people.ravel(), rel=1e-6)
    assert found.people.sum() + found.outside == pytest.approx(whole.people.sum(), rel=1e-14)
    assert 0 < found.outside < whole.people.sum()


def test_areas_that_cover_the_raster_leave_nobody_outside():
    rng = np.random.default_rng(2)
    seeds = shapely.MultiPoint(np.column_stack([rng.uniform(108.8, 109.2, 60), rng.uniform(11.5, 11.8, 60)]))
    areas = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(108, 11, 110, 12)))
    whole = settled(plain(108.9, 11.7, 0.01))
    found = people_by_area([whole], areas)
    assert found.outside == 0.0
    assert found.people.sum() == pytest.approx(whole.people.sum(), rel=1e-14)


def test_what_areas_share_counts_for_the_first():
    one, other = shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)
    block = Block(people=np.ones((1, 4)), grid=plain(0.0, 1.0, 1.0, (1, 4)))
    assert people_by_area([block], [one, other]).people.tolist() == [2, 1]
    assert people_by_area([block], [other, one]).people.tolist() == [2, 1]
    found = people_by_area([block], [one, one, None, shapely.Polygon(), shapely.box(50, 50, 51, 51)])
    assert (found.people.tolist(), found.outside) == ([2, 0, 0, 0, 0], 2.0)
    assert shapely.area(apart([one, other, one])).tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(179, 0, 181, 1),
        shapely.box(-181, 0, -179, 1),
        shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)]),
    ],
)
@pytest.mark.parametrize("west", [-180.0, 0.0, 178.0, -182.0])
def test_an_area_across_the_antimeridian_has_its_people_however_it_and_the_raster_are_written(shape, west):
    columns = 360 if west in {-180.0, 0.0} else 4
    block = Block(people=np.ones((1, columns)), grid=plain(west, 1.0, 1.0, (1, columns)))
    assert people_inside([block], shape) == 2.0


def test_people_inside_a_footprint_on_a_turned_projected_raster_are_those_of_cutting_its_pixels():
    grid = turned(shape=(40, 50))
    block = settled(grid)
    a, b, c, d, e, f = grid.transform
    footprint = shapely.Point(c + 25 * a + 20 * b, f + 25 * d + 20 * e).buffer(6000)
    column, row = np.meshgrid(np.arange(50), np.arange(40))
    ring = [(column + x, row + y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    corners = np.stack([np.stack([a * x + b * y + c, d * x + e * y + f], axis=-1) for x, y in ring], axis=-2)
    pixels = shapely.polygons(corners)
    share = shapely.area(shapely.intersection(pixels, footprint)) / shapely.area(pixels)
    to_degrees = pyproj.Transformer.from_crs(grid.crs, DEGREES, always_xy=True)
    degrees = shapely.transform(footprint, lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
    assert people_inside([block], degrees) == pytest.approx((share * block.people).sum(), rel=1e-6)


def test_without_exactextract_the_way_to_install_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "exactextract", None)
    with pytest.raises(LayerError, match=r"pip install 'geo-coverage\[raster\]'"):
        people_inside([settled(plain(108.9, 11.7, 0.01))], AREAS[0])


def test_people_within_and_by_area_go_together():
    grid = plain(108.9, 11.7, 0.01)
    block = settled(grid)
    points = ([108.95, 109.02], [11.65, 11.6])
    reached = np.where(pixels_within(grid, *points, 3), block.people, 0)
    by_area = area_shares(grid, AREAS) @ reached.ravel()
    assert by_area.sum() == pytest.approx(people_within([block], *points, [3])[0], rel=1e-13)


def test_people_are_brought_to_official_totals_and_the_difference_is_told():
    brought = rescaled([80.0, 0.0, 50.0, 20.0], [100.0, 7.0, np.nan, 0.0])
    assert brought.people.tolist() == [100, 0, 50, 0]
    assert brought.difference.tolist() == [20, 7, 0, -20]
    assert brought.factor[[0, 2, 3]].tolist() == [1.25, 1, 0]
    assert np.isnan(brought.factor[1])
    assert rescaled(590_000.0, 590_467.0).people.item() == 590_467.0


def test_official_totals_must_fit_the_counts():
    with pytest.raises(FigureError, match="There are 2 official totals for 1 counts"):
        rescaled([1.0], [1.0, 2.0])
    with pytest.raises(FigureError, match="0 or more"):
        rescaled([1.0], [-1.0])
