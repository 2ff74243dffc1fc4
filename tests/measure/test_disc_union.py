import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo.errors import FigureError
from geo.measure import disc_union as module
from geo.measure.coverage import Network, by_operator, covered
from geo.measure.disc_area import discs_area_km2
from geo.measure.disc_union import discs_union
from geo.measure.discs import disc_polygons, inside_discs
from geo.measure.geodesic import area_km2
from geo.measure.overlay import area_inside_km2

KARNEY = Geod(ellps="WGS84")


def strewn(seed, count, size, most=1e4):
    rng = np.random.default_rng(seed)
    radius = np.exp(rng.uniform(np.log(most / 20), np.log(most), count))
    return rng.uniform(109, 109 + size, count), rng.uniform(11, 11 + size, count), radius


def km2(shape):
    return area_km2(np.array([shape]))[0]


@pytest.fixture
def by_polygons(monkeypatch):
    """How often the union was made of the discs' polygons."""
    asked = []
    real = shapely.union_all
    monkeypatch.setattr(module.shapely, "union_all", lambda shapes: asked.append(len(shapes)) or real(shapes))
    return asked


@pytest.mark.parametrize("size", [0.2, 1.0, 2.0, 4.0, 12.0])
def test_from_dense_to_sparse_it_is_valid_and_has_the_exact_area(size, by_polygons):
    discs = strewn(1, 1500, size)
    union = discs_union(*discs)
    assert union.is_valid
    assert km2(union) == pytest.approx(discs_area_km2(*discs), rel=1e-7)
    assert not by_polygons


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 3.0), st.integers(1, 60))
def test_any_union_is_valid_and_has_the_area_of_the_union_of_the_polygons(seed, size, count):
    discs = strewn(seed, count, size)
    union = discs_union(*discs)
    assert union.is_valid
    drawn = shapely.union_all(disc_polygons(*discs, vertices=256))
    assert km2(union) == pytest.approx(km2(drawn), rel=2e-6)
    assert km2(union.symmetric_difference(drawn)) < 1e-3 * km2(drawn)


def test_holes_stay_open_and_islands_in_them_are_there():
    azimuth = np.arange(0, 360, 10.0)
    lon, lat, _ = KARNEY.fwd(np.full(36, 109.0), np.full(36, 11.0), azimuth, np.full(36, 5e4))
    island = [109.0, 109.05], [11.0, 11.0], [8e3, 6e3]
    union = discs_union([*lon, *island[0]], [*lat, *island[1]], [6e3] * 36 + island[2])
    assert sorted(len(part.interiors) for part in union.geoms) == [0, 1]
    outside = shapely.points([109.3, 109.0, 109.4587], [11.0, 11.0, 11.0])
    assert shapely.contains(union, outside).tolist() == [False, True, True]


def test_it_holds_the_places_that_the_discs_hold_but_for_a_thousandth_of_a_radius_from_a_rim():
    lon, lat, radius = strewn(2, 800, 2.0)
    rng = np.random.default_rng(3)
    places = rng.uniform(109, 111, 20_000), rng.uniform(11, 13, 20_000)
    surely, maybe = (inside_discs(*places, lon, lat, radius * by) for by in (0.999, 1.001))
    told = shapely.contains_xy(discs_union(lon, lat, radius), *places)
    assert told[surely].all()
    assert not told[~maybe].any()
    assert surely.mean() > 0.3
    assert maybe.mean() < 0.9


def test_parts_of_small_areas_are_within_1e_4_of_those_of_a_fine_union():
    rng = np.random.default_rng(4)
    discs = strewn(5, 1500, 3.0, 2e4)
    sites = shapely.multipoints(rng.uniform([109, 11], [112, 14], (400, 2)))
    communes = np.array(shapely.voronoi_polygons(sites, extend_to=shapely.box(109, 11, 112, 14)).geoms)
    communes = shapely.intersection(communes, shapely.box(109, 11, 112, 14))
    own = area_km2(communes)
    fine = shapely.union_all(disc_polygons(*discs, vertices=1024))
    share, exact = (area_inside_km2(communes, own, shape) / own for shape in (discs_union(*discs), fine))
    assert ((exact > 0.01) & (exact < 0.99)).sum() > 100
    assert np.abs(share - exact).max() < 1e-4


@pytest.mark.parametrize("centre", [(180.0, -17.0), (0.0, 89.9), (0.0, -90.0)])
def test_across_the_antimeridian_and_round_a_pole_it_is_the_union_of_the_polygons(centre, by_polygons):
    rng = np.random.default_rng(6)
    lon, lat, _ = KARNEY.fwd(*np.tile(centre, (30, 1)).T, rng.uniform(0, 360, 30), rng.uniform(0, 6e4, 30))
    union = discs_union(lon, lat, 2e4)
    assert union.is_valid
    # Straight in degrees, edges near a pole are not the geodesics.
    assert km2(union) == pytest.approx(discs_area_km2(lon, lat, 2e4), rel=1e-4 if abs(centre[1]) < 80 else 1e-2)
    assert by_polygons == [30]


def test_a_disc_alone_is_its_polygon_also_across_the_antimeridian():
    assert discs_union([179.999], [-17.0], 1000.0).equals(disc_polygons([179.999], [-17.0], 1000.0)[0])


@pytest.mark.parametrize("share", [0.5, 0.4999, 0.5001, np.sqrt(0.5), 0.7])
def test_discs_in_a_grid_that_touch_or_barely_do_not_are_united(share):
    step = KARNEY.inv(109, 11, 109.1, 11)[2]
    lon, lat = (axis.ravel() for axis in np.meshgrid(109 + np.arange(12) / 10, 11 + np.arange(12) / 10))
    union = discs_union(lon, lat, step * share)
    assert union.is_valid
    assert km2(union) == pytest.approx(discs_area_km2(lon, lat, step * share), rel=2e-5)


def test_an_outline_that_does_not_close_gives_way_to_the_polygons(monkeypatch, by_polygons):
    discs = strewn(7, 50, 0.3)
    real = module.exposed_arcs

    def broken(of):
        arcs = real(of)
        arcs.first[0] += 2
        return arcs

    monkeypatch.setattr(module, "exposed_arcs", broken)
    assert km2(discs_union(*discs)) == pytest.approx(discs_area_km2(*discs), rel=1e-5)
    assert by_polygons == [50]


def test_without_a_disc_it_is_empty_and_a_disc_too_large_is_refused():
    assert discs_union([], [], []).is_empty
    assert discs_union([5.0, np.nan], [5.0, 5.0], [0.0, 10.0]).is_empty
    with pytest.raises(FigureError, match="at most 2000 km"):
        discs_union([5.0], [5.0], 3e6)


def test_the_reach_of_cells_has_the_exact_area_per_operator_and_together():
    lon, lat, radius = strewn(8, 400, 1.0)
    cells = gpd.GeoDataFrame(
        {"operator": np.where(np.arange(400) % 2, "A", "B"), "range_m": radius},
        geometry=gpd.points_from_xy(lon, lat),
        crs=4326,
    )
    villages = gpd.GeoDataFrame({"population": [1.0]}, geometry=[shapely.Point(109.5, 11.5)], crs=4326)
    found = covered(villages, [Network(technology="4G", cells=cells)], "4G")
    reaches = {one.operator: one.shape for one in by_operator(found, pd.Series([1.0]))}
    some = np.arange(400) % 2 == 1
    for operator, rows in (("any", np.full(400, fill_value=True)), ("A", some), ("B", ~some)):
        exact = discs_area_km2(lon[rows], lat[rows], radius[rows])
        assert km2(reaches[operator]) == pytest.approx(exact, rel=1e-6)
    # What both have is what the parts have more than the union.
    both = sum(km2(reaches[name]) for name in ("A", "B")) - km2(reaches["any"])
    assert km2(reaches["all"]) == pytest.approx(both, rel=1e-5)
