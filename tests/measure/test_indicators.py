"""The named figures: hand values, published values, groups that add up, and values that are not there."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import geo
from geo.figures import ALL, OUTSIDE, WITHOUT
from geo.measure.access import nearest_position
from geo.measure.coverage import Network, by_operator, covered
from geo.measure.grouping import (
    by_area,
    by_village_column,
    groups_of_two_places,
    names_of_two_places,
    names_of_two_spellings,
    whole,
)
from geo.measure.indicators import INDICATORS, column_key, measure
from geo.measure.territory import Official, Territory


def measured(villages, points, areas):
    near = nearest_position(villages, points)[1]
    area_of = {7: 2, 8: 2, 9: 3}
    villages = villages.assign(distance_km=near, area_row=[area_of[row] for row in villages.index])
    return villages, points.assign(place=points.index, area_row=2), areas


@pytest.fixture
def tables(villages, points, areas):
    return measured(villages, points, areas)


def territory_of(tables, **more):
    villages, points, _ = tables
    return Territory(villages=villages, points=points, within_km=(3.0,), **more)


def figures_of(territory, grouping):
    return {
        (f.area, column_key(f.indicator, f.technology, f.operator, f.within_km)): f
        for one in measure(territory, grouping)
        for f in one.figures()
    }


def values_of(territory, grouping):
    return {key: figure.value for key, figure in figures_of(territory, grouping).items()}


def test_the_district_on_paper(tables):
    values = values_of(territory_of(tables), whole(*tables))
    assert values[ALL, "points"] == 1
    assert values[ALL, "villages"] == 3
    assert values[ALL, "population"] == 1000
    assert values[ALL, "people_per_point"] == 1000
    assert values[ALL, "nearest_distance_mean"] == pytest.approx(13 / 3)
    assert values[ALL, "nearest_distance_p50"] == pytest.approx(3)
    assert values[ALL, "nearest_distance_p75"] == pytest.approx(6.5)
    assert values[ALL, "nearest_distance_p90"] == pytest.approx(8.6)
    assert values[ALL, "nearest_distance_max"] == pytest.approx(10)
    assert values[ALL, "nearest_distance_mean_people"] == pytest.approx((0 * 100 + 3 * 300 + 10 * 600) / 1000)
    assert values[ALL, "nearest_distance_p50_people"] == pytest.approx(10)
    assert values[ALL, "villages_within:3"] == pytest.approx(2 / 3)
    assert values[ALL, "people_within:3"] == pytest.approx(0.4)


def test_the_area_is_that_of_the_union_and_gives_the_radius(tables):
    figures = figures_of(territory_of(tables), whole(*tables))
    area = figures[ALL, "area"].value
    # A box of 0.25 by 0.1 degrees at 11.5 degrees north; a degree there is 109.10 by 110.63 km.
    assert area == pytest.approx(0.25 * 109.10 * 0.1 * 110.63, rel=1e-3)
    assert figures[ALL, "mean_service_radius"].value == math.sqrt(area / math.pi)
    assert figures[ALL, "disc_mean_distance"].value == pytest.approx(2 / 3 * math.sqrt(area / math.pi), rel=1e-12)
    assert figures[ALL, "random_nearest_distance"].value == pytest.approx(0.5 * math.sqrt(area), rel=1e-12)
    assert figures[ALL, "hexagon_worst_distance"].value == pytest.approx(
        math.sqrt(2 * area / (3 * math.sqrt(3))), rel=1e-12
    )


@pytest.mark.parametrize(
    ("area_km2", "points", "published"),
    [(331_212, 18_502, 2.39), (331_212, 17_976, 2.42), (331_212, 17_898, 2.43), (331_051, 14_911, 2.66),
     (3_358, 102, 3.24), (3_358, 122, 2.96)],
)  # fmt: skip
def test_the_formula_gives_the_published_radius(area_km2, points, published):
    assert round(geo.mean_service_radius(area_km2, points), 2) == published


@pytest.mark.parametrize(("area_km2", "points", "published"), [(331_212, 12_642, 2.82), (331_212, 13_000, 2.93)])
def test_two_published_radii_do_not_follow_from_the_formula(area_km2, points, published):
    assert round(geo.mean_service_radius(area_km2, points), 2) != published


def test_no_point_has_no_radius():
    assert math.isnan(geo.mean_service_radius(3358, 0))


@given(st.floats(1, 1e7), st.integers(1, 10**6))
def test_the_indicator_and_the_function_are_one_formula(area, points):
    index = pd.RangeIndex(min(50, points))
    table = pd.DataFrame({"place": index}, index=index)
    territory = Territory(villages=None, points=table, official=Official(area_km2=area))
    value = values_of(territory, whole(table.iloc[:0], table, None))[ALL, "mean_service_radius"]
    assert value == pytest.approx(geo.mean_service_radius(area, len(index)), rel=1e-14)


def test_official_totals_serve_the_whole_only(tables):
    territory = territory_of(tables, official=Official(area_km2=500, population=2000, population_basis="census"))
    figures = figures_of(territory, whole(*tables)) | figures_of(territory, by_area(*tables, "area_id"))
    assert figures[ALL, "area"].value == 500
    assert figures[ALL, "people_per_point"].value == 2000
    assert figures[ALL, "people_per_point"].basis == "official"
    assert "census" in figures[ALL, "population"].rule_text()
    assert figures["1", "population"].value == 400
    assert figures["1", "people_per_point"].basis == "measured"
    # The denominator of a share is the layers' own, like its numerator.
    assert figures[ALL, "people_within:3"].denominator == 1000


def test_what_is_additive_adds_up_and_the_rest_is_computed_anew(tables):
    villages, points, areas = tables
    villages = pd.concat([villages, villages.iloc[[2]].assign(area_row=pd.NA, distance_km=20.0)])
    tables = (villages, points, areas)
    every = values_of(territory_of(tables), whole(*tables))
    parts = values_of(territory_of(tables), by_area(*tables, "area_id"))
    groups = {group for group, _ in parts}
    assert groups == {"1", "2", OUTSIDE}
    for indicator in INDICATORS:
        if indicator.additive:
            total = sum(parts[group, indicator.key] or 0 for group in groups)
            assert total == pytest.approx(every[ALL, indicator.key], rel=1e-9), indicator.key
    assert every[ALL, "nearest_distance_p50"] == pytest.approx(6.5)


def test_a_group_without_points_villages_or_people_says_so(tables):
    villages, points, areas = tables
    figures = figures_of(territory_of((villages[:2], points, areas)), by_area(villages[:2], points, areas, "area_id"))
    assert figures["2", "mean_service_radius"].reason == "no_points"
    assert figures["2", "people_per_point"].reason == "no_villages"
    assert figures["2", "nearest_distance_mean"].reason == "no_villages"
    assert figures["2", "people_within:3"].reason == "no_villages"
    assert all((figure.value is None) == (figure.reason is not None) for figure in figures.values())


def test_unknown_people_are_told_in_the_rule_and_a_minority_gives_no_figure(tables):
    villages, points, areas = tables
    one_unknown = villages.assign(population=[100, np.nan, 600])
    figure = figures_of(territory_of((one_unknown, points, areas)), whole(*tables))[ALL, "people_within:3"]
    assert (figure.value, figure.denominator) == (pytest.approx(1 / 7), 700)
    assert "2 of 3" in figure.rule_text()
    assert "2 trong 3" in figure.rule_text("vi")
    two_unknown = villages.assign(population=[100, np.nan, np.nan])
    figures = figures_of(territory_of((two_unknown, points, areas)), whole(*tables))
    for key in ("population", "people_per_point", "people_within:3", "nearest_distance_mean_people"):
        assert figures[ALL, key].reason == "mostly_unknown", key


def test_layers_that_are_not_given_are_the_reason(tables):
    villages, points, _ = tables
    nothing = villages.iloc[:0]
    without_villages = figures_of(Territory(villages=None, points=points), whole(nothing, points, None))
    assert without_villages[ALL, "villages"].reason == "villages_not_given"
    assert without_villages[ALL, "mean_service_radius"].reason == "areas_not_given"
    without_points = figures_of(Territory(villages=villages, points=None), whole(villages, points.iloc[:0], None))
    assert without_points[ALL, "points"].reason == "points_not_given"
    assert without_points[ALL, "nearest_distance_mean"].reason == "points_not_given"


def test_points_on_one_spot_are_several_points_and_one_location(tables):
    villages, points, areas = tables
    twice = pd.concat([points, points])
    values = values_of(territory_of((villages, twice, areas)), whole(villages, twice, areas))
    assert (values[ALL, "points"], values[ALL, "point_locations"]) == (2, 1)


def test_coverage_is_shown_by_operator_with_the_best_named(tables, footprints):
    villages = tables[0]
    found = covered(villages, [Network(technology="3G", footprints=footprints)], "3G")
    territory = territory_of(tables, reaches=tuple(by_operator(found, villages["population"])))
    figures = figures_of(territory, whole(*tables))
    assert figures[ALL, "people_covered:3G"].value == 1
    assert figures[ALL, "people_covered:3G:best"].value == 0.6
    assert "Thông" in figures[ALL, "people_covered:3G:best"].rule_text()
    assert figures[ALL, "villages_covered:3G:Viễn"].value == pytest.approx(2 / 3)
    assert (
        0
        < figures[ALL, "area_covered:3G:all"].value + figures[ALL, "area_covered:3G:any".replace(":any", "")].value
        < 1
    )


def test_everything_made_up_is_true_by_construction(tables):
    figures = figures_of(territory_of(tables, reconstructed=True, official=Official(area_km2=5)), whole(*tables))
    assert figures[ALL, "villages"].basis == "by_construction"
    assert figures[ALL, "mean_service_radius"].basis == "official"


def test_subscriptions_are_per_100_of_the_people(tables):
    figure = figures_of(territory_of(tables, subscriptions={"telephone": 1200.0}), whole(*tables))
    assert figure[ALL, "subscriptions_per_100:telephone"].value == 120


def test_villages_can_be_grouped_by_a_column_of_their_own(tables):
    villages, points, _ = tables
    villages = villages.assign(zone=["x", "y", None])
    grouping = by_village_column(villages, points, "zone")
    figures = figures_of(Territory(villages=villages, points=points, within_km=(3.0,)), grouping)
    assert grouping.names == ("x", "y", WITHOUT)
    assert figures["y", "people_within:3"].value == 1
    assert figures["x", "points"].reason == "points_not_grouped"


def test_one_name_for_two_places_is_told(areas):
    far = pd.concat([areas, areas.iloc[[0]].assign(area_id="9", geometry=areas.geometry.iloc[[0]].translate(1))])
    assert groups_of_two_places(far, "name") == ["Tây"]
    assert names_of_two_places(far, "name") == []
    assert groups_of_two_places(areas, "parent") == []


def test_one_name_under_two_parents_is_two_groups_named_with_them(tables):
    villages, points, areas = tables
    twins = areas.assign(name="Thanh Hải", parent=["Ninh Hải", "Thuận Nam"])
    assert names_of_two_places(twins, "name") == ["Thanh Hải"]
    assert groups_of_two_places(twins, "name") == []
    grouping = by_area(villages, points, twins, "name")
    assert grouping.names == ("Thanh Hải (Ninh Hải)", "Thanh Hải (Thuận Nam)")
    assert grouping.of_village.tolist() == by_area(villages, points, areas, "area_id").of_village.tolist()
    nobodys = twins.assign(parent=["Ninh Hải", None])
    assert by_area(villages, points, nobodys, "name").names == ("Thanh Hải (2)", "Thanh Hải (Ninh Hải)")


def towns(**columns):
    count = len(next(iter(columns.values())))
    boxes = [shapely.box(n, 0, n + 1, 1) for n in range(count)]
    ids = [str(n) for n in range(count)]
    return gpd.GeoDataFrame({"area_id": ids, "name": ids, **columns}, geometry=boxes, crs=4326)


def test_a_district_of_one_name_in_two_provinces_is_told_apart(tables):
    areas = towns(
        parent=["An Giang", "An Giang", "An Giang", "Bến Tre"],
        district=["Châu Thành", "Tri Tôn", "Tịnh Biên", "Châu Thành"],
    )
    names = ("Châu Thành (An Giang)", "Châu Thành (Bến Tre)", "Tri Tôn", "Tịnh Biên")
    assert set(by_area(tables[0], tables[1], areas, "district").names[:4]) == set(names)


def test_one_name_is_one_group_however_it_is_spelt(tables):
    spelt = ["Khánh Hoà", "Kha\u0301nh Ho\u0300a", "KHÁNH HÒA", "Khánh Hòa", "Khánh Hoá", "<5", ">5"]
    areas = towns(district=spelt, parent=["x"] * 7)
    groups = by_area(tables[0], tables[1], areas, "district").names
    assert set(groups) - {OUTSIDE} == {"Khánh Hòa", "Khánh Hoá", "<5", ">5"}
    assert names_of_two_spellings([areas], "district") == {"Khánh Hòa": ("Khánh Hoà", "KHÁNH HÒA")}
    ids = by_area(tables[0], tables[1], areas.assign(area_id=["a", "A", "b", "B", "c", "d", "e"]), "area_id").names
    assert len(set(ids) - {OUTSIDE}) == 7
    villages, points = tables[0].assign(zone=["Hoà", "Hòa", "x"]), tables[1].assign(zone="HÒA")
    grouping = by_village_column(villages, points, "zone")
    assert (grouping.names, set(grouping.of_point)) == (("Hoà", "x"), {0})


def test_what_is_above_the_parents_or_is_no_name_stays_whole(tables):
    districts = ["A", "A", "B", "B", "C", "C"]
    areas = towns(parent=districts, province=["X", "X", "X", "X", "Y", "Y"], kind=["xã", "phường"] * 3)
    for column, names in (("province", ("X", "Y")), ("kind", ("phường", "xã"))):
        assert names_of_two_places(areas, column) == []
        assert by_area(tables[0], tables[1], areas, column).names[:2] == names
    assert groups_of_two_places(areas, "province") == []
    assert groups_of_two_places(areas, "kind") == ["phường", "xã"]


def test_a_name_that_looks_put_together_is_no_other_group(tables):
    areas = towns(name=["Sơn", "Sơn", "Sơn (A)", "Hải"], parent=["A", "B", "A", "B"])
    names = by_area(tables[0], tables[1], areas, "name").names
    assert {"'Sơn (A)'", "Sơn (A)", "Sơn (B)", "Hải"} <= set(names)
