"""People of pixels: a raster that can be counted on paper, and quantiles held against all distances sorted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from pyproj import Geod

from geo.errors import FigureError
from geo.layers.grid import Block, Grid
from geo.measure import pixel_rows, pixels
from geo.measure.coverage import Reach
from geo.measure.pixel_quantiles import SHARES, class_of
from geo.measure.pixel_rows import Ground, rows_of, settled
from geo.measure.pixels import Asked, count_people
from geo.measure.ranked import quantile_by_weight, ranked

DEGREES = pyproj.CRS("EPSG:4326")
WHOLE = 0


def plain(west, north, size, shape):
    return Grid(rows=shape[0], columns=shape[1], transform=(size, 0, west, 0, -size, north), crs=DEGREES)


def reach(shape, operator="any", name=None):
    return Reach(
        technology="4G",
        operator=operator,
        method="polygon",
        usable=True,
        name=name,
        villages=pd.Series(dtype="boolean"),
        shape=shape,
    )


@pytest.fixture
def strip():
    """Four pixels in a row along 11.5 degrees north, a point in the centre of the first: 100, 200, 400, 300 people."""
    return Block(people=np.array([[100.0, 200.0, 400.0, 300.0]]), grid=plain(108.99, 11.51, 0.02, (1, 4)))


@pytest.fixture
def communes():
    """The border halves the third pixel, the east ends in the middle of the fourth; rows not in the order of ids."""
    east, west = shapely.box(109.04, 11.4, 109.06, 11.6), shapely.box(108.9, 11.4, 109.04, 11.6)
    return gpd.GeoDataFrame({"area_id": ["2", "1"]}, geometry=[east, west], index=[5, 3], crs=4326)


@pytest.fixture
def post():
    return pd.DataFrame({"point_id": ["p"], "lon": [109.0], "lat": [11.5]}, index=[4])


def counted(block, **asked):
    return count_people(lambda: [block], Asked(**asked), "people.tif")


def test_a_strip_of_pixels_on_paper(strip, communes, post):
    second, third, fourth = Geod(ellps="WGS84").inv([109] * 3, [11.5] * 3, [109.02, 109.04, 109.06], [11.5] * 3)[2]
    found = counted(strip, areas=communes, points=post, within_km=(0.0, 3.0))
    # East, west, outside.
    assert found.people == pytest.approx([200 + 150, 100 + 200 + 200, 150], rel=1e-6)
    assert found.outside == pytest.approx(150, rel=1e-6)
    assert found.within[0.0] == pytest.approx([0, 100, 0])
    assert found.within[3.0] == pytest.approx([0, 300, 0])
    person_m = [200 * third + 150 * fourth, 200 * second + 200 * third, 150 * fourth]
    assert found.person_km * 1000 == pytest.approx(person_m, rel=1e-6)
    assert found.of_point.to_dict() == pytest.approx({4: 1000})
    parts = found.distances.quantiles(np.array([1, 0, 2]), 3)
    assert parts[0.5] * 1000 == pytest.approx([second, third, fourth], abs=1e-6)
    assert parts[0.9] * 1000 == pytest.approx([third, fourth, fourth], abs=1e-6)
    whole = found.distances.quantiles(np.zeros(3, dtype=int), 1)
    assert (whole[0.5][WHOLE] * 1000, whole[0.9][WHOLE] * 1000) == pytest.approx((third, fourth), abs=1e-6)


def test_who_lives_outside_the_areas_counts_nowhere_where_it_is_clipped(strip, communes, post):
    found = counted(
        strip, areas=communes, points=post, within_km=(100.0,), clip=True, reaches=[reach(shapely.box(100, 1, 120, 20))]
    )
    assert found.people == pytest.approx([350, 500, 0], rel=1e-6)
    assert found.outside == pytest.approx(150, rel=1e-6)
    assert found.within[100.0].sum() == pytest.approx(850, rel=1e-6)
    assert found.covered["4G", "any"] == pytest.approx([350, 500, 0], rel=1e-6)
    assert found.of_point.sum() == pytest.approx(850, rel=1e-6)


def test_a_pixel_on_the_border_of_a_reach_counts_by_its_share_in_each_area(strip, communes):
    # The reach ends three quarters through the third pixel: half of it lies in the west, a quarter in the east.
    found = counted(strip, areas=communes, reaches=[reach(shapely.box(108.9, 11.4, 109.045, 11.6))])
    assert found.covered["4G", "any"] == pytest.approx([100, 500, 0], rel=1e-6)
    assert found.person_km is found.distances is found.of_point is None


def test_a_reach_beyond_the_areas_covers_who_lives_outside_them(strip, communes):
    found = counted(strip, areas=communes, reaches=[reach(shapely.box(108.9, 11.4, 109.065, 11.6))])
    assert found.covered["4G", "any"] == pytest.approx([350, 500, 75], rel=1e-6)
    alone = counted(strip, reaches=[reach(shapely.box(108.9, 11.4, 109.065, 11.6))])
    assert alone.covered["4G", "any"] == pytest.approx([925], rel=1e-6)
    assert (alone.people.tolist(), alone.outside) == ([1000.0], 0.0)


def test_the_best_operator_is_counted_by_its_own_name(strip):
    half = shapely.box(108.9, 11.4, 109.03, 11.6)
    found = counted(strip, reaches=[reach(half, "Viễn", "Viễn")])
    assert found.inside(reach(None, "best", "Viễn")) == pytest.approx([300])


def test_what_two_areas_share_counts_in_the_first_by_id(strip):
    wide = shapely.box(108.9, 11.4, 109.2, 11.6)
    areas = gpd.GeoDataFrame({"area_id": ["10", "9"]}, geometry=[wide, wide], crs=4326)
    assert counted(strip, areas=areas).people.tolist() == [0.0, 1000.0, 0.0]


def test_of_points_equally_near_the_lowest_id_serves(strip):
    twins = pd.DataFrame({"point_id": ["10", "9"], "lon": [109.0] * 2, "lat": [11.5] * 2}, index=["b", "a"])
    assert counted(strip, points=twins).of_point.to_dict() == {"a": 1000.0, "b": 0.0}


def test_rescaling_multiplies_people_and_leaves_quantiles(strip, communes, post):
    found = counted(strip, areas=communes, points=post, within_km=(3.0,), reaches=[reach(communes.geometry.iloc[0])])
    double = found.times(2.0)
    for name in ("people", "person_km", "of_point", "outside"):
        assert np.array_equal(getattr(double, name), 2 * np.asarray(getattr(found, name))), name
    assert double.within[3.0] == pytest.approx(2 * found.within[3.0])
    assert double.covered["4G", "any"] == pytest.approx(2 * found.covered["4G", "any"])
    assert double.distances is found.distances
    assert (found.rescaled, double.rescaled) == (False, True)


def scattered(shape, seed):
    """Whole people in some of the pixels, in several blocks, and points around them."""
    rng = np.random.default_rng(seed)
    grid = plain(108.5, 12.0, 0.01, shape)
    people = rng.integers(0, 60, shape) * (rng.random(shape) < rng.uniform(0.1, 1.0))
    half = shape[0] // 2
    tops = ((0, half), (half, shape[0]))
    blocks = [Block(people=people[a:b].astype(float), grid=grid.window(a, 0, b - a, shape[1])) for a, b in tops]
    lon, lat = rng.uniform(108.4, 109.1, 9), rng.uniform(11.5, 12.1, 9)
    return blocks, pd.DataFrame({"point_id": [str(n) for n in range(9)], "lon": lon, "lat": lat})


def quarters():
    """Four areas along the borders of pixels, that hold most of them."""
    cells = [shapely.box(x, y, x + 0.25, y + 0.2) for x in (108.5, 108.75) for y in (11.55, 11.75)]
    return gpd.GeoDataFrame({"area_id": list("abcd")}, geometry=cells, crs=4326)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("held", [0, 10**6])
@pytest.mark.parametrize("many", [0.0, 0.25, 2.0])
def test_quantiles_are_those_of_all_distances_sorted(seed, held, many, monkeypatch):
    monkeypatch.setattr(pixels, "_ROWS_HELD", held)
    monkeypatch.setattr(pixel_rows, "_MANY", many)
    blocks, points = scattered((46, 52), seed)
    found = count_people(lambda: blocks, Asked(areas=quarters(), points=points), "r")
    rows = [rows_of(settled(block), ground_of(points)) for block in blocks]
    area = np.concatenate([one.area for one in rows])
    distance = np.concatenate([one.distance_km for one in rows])
    people = np.concatenate([one.people for one in rows])
    for of_area, groups in ((np.arange(5), 5), (np.zeros(5, dtype=int), 1), (np.array([1, 0, 1, 0, 2]), 2)):
        group = of_area[area]
        chosen = group < groups
        everything = ranked(distance[chosen], people[chosen], group[chosen], groups)
        answer = found.distances.quantiles(of_area, groups)
        for share in SHARES:
            assert answer[share] == pytest.approx(quantile_by_weight(everything, share), abs=1e-9)


def ground_of(points):
    own = quarters().geometry.to_numpy()
    return Ground(areas=own, clip=False, lon=points["lon"].to_numpy(), lat=points["lat"].to_numpy())


def test_a_group_without_people_has_no_quantile(strip, post):
    far = gpd.GeoDataFrame({"area_id": ["x"]}, geometry=[shapely.box(10, 10, 11, 11)], crs=4326)
    found = counted(strip, areas=far, points=post)
    assert np.isnan(found.distances.quantiles(np.array([0, 1]), 2)[0.5]).tolist() == [True, False]


def test_classes_ascend_with_the_distance_and_are_narrow():
    distance = np.concatenate([[0.0, 5e-324, 1e-9], np.sort(np.random.default_rng(1).uniform(0, 20_004, 10**5))])
    kinds = class_of(distance)
    assert (np.diff(kinds) >= 0).all()
    for kind in np.unique(kinds[3:])[:200]:
        inside = distance[kinds == kind]
        assert inside.max() <= inside.min() * (1 + 1 / 64)
    assert class_of(np.array([-0.0])).tolist() == [0]


def test_a_block_is_cut_down_to_where_people_live():
    people = np.zeros((5, 7))
    people[1, 2], people[3, 4] = 3, 4
    small = settled(Block(people=people, grid=plain(100, 10, 0.1, (5, 7))))
    assert (small.grid.row, small.grid.column, small.people.shape) == (1, 2, (3, 3))
    assert settled(Block(people=np.zeros((2, 2)), grid=plain(100, 10, 0.1, (2, 2)))) is None


@pytest.mark.parametrize("many", [0.0, 2.0])
def test_people_who_live_nowhere_on_earth_are_refused(many, monkeypatch, post):
    monkeypatch.setattr(pixel_rows, "_MANY", many)
    # The centres of the rows lie at 91, 90 and 89 degrees.
    grid = plain(100, 91.5, 1.0, (3, 2))
    with pytest.raises(FigureError, match="Row 0, column 1"):
        counted(Block(people=np.array([[0.0, 7.0], [0.0, 0.0], [0.0, 1.0]]), grid=grid), points=post)
    found = counted(Block(people=np.array([[0.0, 0.0], [0.0, 7.0], [0.0, 1.0]]), grid=grid), points=post)
    assert found.people.tolist() == [8.0]


def test_a_rotated_raster_in_metres_is_counted_as_one_in_degrees(post):
    transform = (300.0, 400.0, 580_000.0, 400.0, -300.0, 1_280_000.0)
    grid = Grid(rows=6, columns=5, transform=transform, crs=pyproj.CRS("EPSG:9217"))
    people = np.arange(30.0).reshape(6, 5)
    lon, lat = grid.centres()
    _, _, metres = Geod(ellps="WGS84").inv(lon, lat, np.full(lon.shape, 109.0), np.full(lon.shape, 11.5))
    found = counted(Block(people=people, grid=grid), points=post)
    assert found.person_km[WHOLE] == pytest.approx((people * metres).sum() / 1000, rel=1e-12)
