"""Coverage by technology and operator, from polygons, columns and cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

import geo
from geo.errors import FigureError
from geo.layers.technology import answers
from geo.measure.coverage import Network, by_operator, covered
from geo.measure.geodesic import area_km2
from geo.measure.overlay import area_inside_km2


def ways(villages, networks, technology):
    return {one.operator: one for one in by_operator(covered(villages, networks, technology), villages["population"])}


def test_3g_counts_4g_but_not_the_reverse(villages, footprints):
    assert geo.is_covered(villages, footprints, "3G").tolist() == [True, True, True]
    assert geo.is_covered(villages, footprints, "4G").tolist() == [True, False, True]
    assert geo.is_covered(villages, footprints, "5G").tolist() == [False, False, False]


def test_written_technologies_count_as_their_generation(villages, footprints):
    written = footprints.assign(technology=["UMTS", "LTE", "nr"])
    assert geo.is_covered(villages, written, "4G").tolist() == [True, False, True]


def test_a_village_on_the_border_is_inside(villages):
    edge = villages.geometry.iloc[1]
    box = gpd.GeoDataFrame({"technology": ["3G"]}, geometry=[shapely.box(edge.x, 11.4, 110, 11.6)], crs=4326)
    assert geo.is_covered(villages, box, "3G").tolist() == [False, True, True]


def test_operators_are_counted_apart_and_together(villages, footprints):
    found = ways(villages, [Network(technology="3G", footprints=footprints)], "3G")
    assert found["any"].villages.tolist() == [True, True, True]
    assert found["Viễn"].villages.tolist() == [True, True, False]
    assert found["Thông"].villages.tolist() == [False, False, True]
    assert found["all"].villages.tolist() == [False, False, False]
    assert found["only_one"].villages.tolist() == [True, True, True]


def test_best_is_the_operator_of_most_people_not_of_most_villages(villages, footprints):
    found = ways(villages, [Network(technology="3G", footprints=footprints)], "3G")
    assert found["best"].name == "Thông"
    unknown = villages.assign(population=np.nan)
    assert ways(unknown, [Network(technology="3G", footprints=footprints)], "3G")["best"].name == "Viễn"


def test_all_is_at_most_best_and_best_at_most_any_in_area_too(villages, footprints):
    found = ways(villages, [Network(technology="3G", footprints=footprints)], "3G")
    areas = {name: area_km2(np.array([one.shape]))[0] for name, one in found.items()}
    assert areas["all"] <= areas["best"] <= areas["any"]
    assert areas["any"] == pytest.approx(areas["Viễn"] + areas["Thông"] - areas["all"], rel=1e-9)


def test_an_operator_without_a_name_is_one_operator(villages, footprints):
    nameless = footprints.assign(operator=[None, None, "Thông"])
    assert set(ways(villages, [Network(technology="3G", footprints=nameless)], "3G")) == {
        "any", "best", "all", "only_one", "(unnamed)", "Thông"
    }  # fmt: skip
    assert set(ways(villages, [Network(technology="3G", footprints=footprints.drop(columns="operator"))], "3G")) == {
        "any"
    }


def test_an_operator_called_any_is_told_from_any_operator(villages, footprints):
    found = ways(villages, [Network(technology="3G", footprints=footprints.assign(operator="any"))], "3G")
    assert "'any'" in found
    assert len(found) == 5


def test_a_network_declared_for_4g_counts_for_3g(villages, footprints):
    later = Network(technology="4G", footprints=footprints[footprints["technology"] == "4G"])
    earlier = Network(technology="3G", footprints=footprints[footprints["technology"] == "3G"])
    assert covered(villages, [earlier, later], "3G").villages.any(axis=1).tolist() == [True, True, True]


def test_a_file_without_a_technology_column_is_of_the_declared_one(villages, footprints):
    plain = footprints.iloc[[0]].drop(columns="technology")
    found = covered(villages, [Network(technology="4G", footprints=plain)], "4G")
    assert found.villages["Viễn"].tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "0", ""], [True, False, pd.NA]),
        (["Yes", "no", "maybe"], [True, False, pd.NA]),
        (["có", "không", "Có"], [True, False, True]),
        (["4G", "3G", "none"], [True, False, False]),
        ([1.0, 0.0, np.nan], [True, False, pd.NA]),
        ([True, False, True], [True, False, True]),
    ],
)
def test_a_column_answers_in_many_ways(cells, expected):
    assert answers(pd.Series(cells), "4G").tolist() == expected


def test_unknown_answers_stay_unknown(villages):
    told = pd.Series([True, None, False], index=villages.index, dtype="boolean")
    found = ways(villages, [Network(technology="fibre", answers=told)], "fibre")
    assert found["any"].villages.tolist() == [True, pd.NA, False]
    assert found["any"].shape is None


def test_cells_cover_to_their_own_range_inclusive_and_to_a_given_one(villages, points):
    cells = points.assign(technology="LTE", operator="Viễn", range_m=[2999.9999])
    own = covered(villages, [Network(technology="4G", cells=cells)], "4G")
    given = covered(villages, [Network(technology="4G", cells=cells, range_m=3000.0001)], "4G")
    assert own.villages["Viễn"].tolist() == [True, False, False]
    assert given.villages["Viễn"].tolist() == [True, True, False]
    assert (own.method, given.method) == ("cell_own_range", "cell_fixed_range")


def test_polygons_and_cells_together_are_called_mixed(villages, points, footprints):
    cells = points.assign(technology="LTE", operator="Viễn", range_m=1.0)
    networks = [Network(technology="4G", cells=cells), Network(technology="4G", footprints=footprints)]
    assert covered(villages, networks, "4G").method == "mixed"


def test_a_polygon_is_covered_by_centre_by_any_part_or_by_a_share():
    villages = gpd.GeoDataFrame({"population": [1.0]}, geometry=[shapely.box(109, 11, 109.1, 11.1)], crs=4326)
    quarter = gpd.GeoDataFrame({"technology": ["3G"]}, geometry=[shapely.box(109, 10, 109.025, 12)], crs=4326)
    told = {when: geo.is_covered(villages, quarter, "3G", when=when).tolist() for when in ("centre", "any", 0.24, 0.26)}
    assert told == {"centre": [False], "any": [True], 0.24: [True], 0.26: [False]}


def test_a_way_to_count_that_does_not_exist_is_refused(villages, footprints):
    with pytest.raises(FigureError, match="half"):
        geo.is_covered(villages, footprints, "3G", when="half")


def test_an_empty_footprint_covers_nobody(villages, footprints):
    assert not geo.is_covered(villages, footprints.iloc[:0], "3G").any()


def test_area_inside_a_shape_is_the_area_of_the_intersection():
    rng = np.random.default_rng(3)
    cells = np.array(
        [shapely.box(x, y, x + 0.1, y + 0.1) for x in np.arange(105, 106, 0.1) for y in np.arange(10, 11, 0.1)]
    )
    blobs = shapely.union_all(shapely.buffer(shapely.points(rng.uniform(105, 106, 40), rng.uniform(10, 11, 40)), 0.07))
    geod = Geod(ellps="WGS84")
    expected = [abs(geod.geometry_area_perimeter(cell & blobs)[0]) / 1e6 for cell in cells]
    assert area_inside_km2(cells, area_km2(cells), blobs) == pytest.approx(np.array(expected), rel=1e-9, abs=1e-9)


def test_area_inside_is_never_above_the_area_itself():
    cell = np.array([shapely.box(105, 10, 106, 11), None])
    around = shapely.box(104, 9, 107, 12)
    assert area_inside_km2(cell, area_km2(cell), around).tolist() == [area_km2(cell)[0], 0.0]
