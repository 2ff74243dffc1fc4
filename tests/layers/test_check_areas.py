"""Polygons that are invalid, that do not fit together, or that are not as large as a column says."""

from __future__ import annotations

import itertools
import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo.layers.check import check_layers
from geo.layers.faults.overlaps import distinct, overlaps
from geo.layers.faults.slivers import gaps, widths_m
from geo.layers.layer import Reading, read_layer

GEOD = Geod(ellps="WGS84")


def km2(geometry):
    """Give the geodesic area by pyproj, polygon by polygon."""
    return sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in shapely.get_parts(geometry)) / 1e6


def found(layer):
    return {finding.fault: finding for finding in check_layers({"areas": layer})}


@pytest.fixture
def stated(tmp_path):
    """Write areas with a column of their own areas."""

    def made(header, values, polygons):
        path = tmp_path / "stated.geojson"
        codes = [str(number) for number in range(1, len(polygons) + 1)]
        gpd.GeoDataFrame({"code": codes, header: values}, geometry=list(polygons), crs=4326).to_file(path)
        return read_layer("areas", path)

    return made


def test_the_size_of_an_overlap_is_that_of_the_common_part(squares):
    finding = found(squares(shapely.box(105, 20, 106, 21), shapely.box(105.5, 20, 107, 21)))["overlapping_areas"]
    assert finding.values["km2"] == pytest.approx(km2(shapely.box(105.5, 20, 106, 21)), abs=1e-3)
    assert f"{finding.values['km2']:,.3f} km²" in finding.text()


def test_what_three_areas_share_counts_once_in_the_size_of_the_overlap(squares):
    boxes = [shapely.box(105, 20, 106, 21), shapely.box(105.5, 20, 106.5, 21), shapely.box(105.5, 20, 106, 22)]
    finding = found(squares(*boxes))["overlapping_areas"]
    shared = shapely.union_all([boxes[0] & boxes[1], boxes[0] & boxes[2], boxes[1] & boxes[2]])
    assert finding.values["pairs"] == 3
    assert finding.values["km2"] == pytest.approx(km2(shared), abs=1e-3)


def test_an_invalid_ring_is_told_with_its_area_as_drawn_and_made_valid(squares):
    # A bow: its two halves turn against each other, so that drawn as it is they cancel out but for the difference.
    bow = shapely.Polygon([(105, 20), (106, 21), (106, 20), (105, 21)])
    finding = found(squares(shapely.box(107, 20, 108, 21), bow))["invalid_geometry"]
    (each,) = finding.each
    halves = shapely.get_parts(shapely.make_valid(bow))
    assert each["after_km2"] == pytest.approx(sum(km2(half) for half in halves), rel=1e-9)
    # A geodesic from corner to corner does not meet the straight crossing: some km2 are left of the difference.
    assert each["before_km2"] < 0.01 * each["after_km2"]
    assert each["change_m2"] == pytest.approx((each["after_km2"] - each["before_km2"]) * 1e6)
    (said,) = finding.details()
    assert "an outline crosses itself at 20.5, 105.5" in said
    assert len(finding.details("vi")) == 1
    assert json.loads(json.dumps(finding.as_dict(), allow_nan=False))["details"] == [said]


@pytest.mark.parametrize("degrees", [0.0001, 0.0009])
def test_a_closed_gap_is_a_sliver_with_its_size(squares, degrees):
    notch = [(106, 20), (107, 20), (107, 21), (106, 21), (106, 20.6), (106 + degrees, 20.5), (106, 20.4)]
    finding = found(squares(shapely.box(105, 20, 106, 21), shapely.Polygon(notch)))["slivers"]
    gap = shapely.Polygon([(106, 20.6), (106 + degrees, 20.5), (106, 20.4)])
    assert (finding.ids, finding.values["gaps"], finding.values["overlaps"]) == (("1", "2"), 1, 0)
    assert finding.values["gap_km2"] == pytest.approx(km2(gap), abs=1e-6)
    assert not finding.left_out


@pytest.mark.parametrize(("degrees", "told"), [(0.0009, True), (0.0011, False)])
def test_a_gap_open_at_both_ends_is_told_up_to_a_width_of_100_m(squares, degrees, told):
    # At 20 degrees a ten-thousandth of a degree is 10.5 m of longitude.
    areas = squares(shapely.box(105, 20, 106, 20.2), shapely.box(106 + degrees, 20, 107, 20.2))
    slivers = found(areas).get("slivers")
    assert (slivers is not None) == told
    if slivers is not None:
        strip = shapely.box(106, 20, 106 + degrees, 20.2)
        assert slivers.values["gap_km2"] == pytest.approx(km2(strip), rel=1e-4)


def test_a_bay_and_a_lake_are_no_gap(squares):
    bay = [(106, 20), (107, 20), (107, 21), (106.2, 21), (106, 20.5)]
    coast = [(105, 20), (106, 20), (106, 20.5), (105.8, 21), (105, 21)]
    assert found(squares(shapely.Polygon(coast), shapely.Polygon(bay))) == {}
    west, east = shapely.box(105, 20, 106, 21), shapely.box(106, 20, 107, 21)
    lake = shapely.box(105.9, 20.4, 106.1, 20.6)
    assert found(squares(west - lake, east - lake)) == {}


def test_a_narrow_river_in_one_area_is_no_gap_between_two(squares):
    river = shapely.box(105.2, 20.2, 105.2005, 20.8)
    assert found(squares(shapely.box(105, 20, 106, 21) - river, shapely.box(106, 20, 107, 21))) == {}


def test_less_than_a_square_metre_is_no_sliver(squares):
    tip = 106 + 1e-10
    notch = [(106, 20), (107, 20), (107, 21), (106, 21), (106, 20.6), (tip, 20.5), (106, 20.4)]
    assert found(squares(shapely.box(105, 20, 106, 21), shapely.Polygon(notch))) == {}


def test_a_small_overlap_that_is_wide_is_an_overlap(squares):
    # A thousandth of a degree, 104 by 111 m: a millionth of the smaller area.
    corner = shapely.box(105.999, 20.999, 107, 22)
    faults = found(squares(shapely.box(105, 20, 106, 21), corner))
    assert set(faults) == {"overlapping_areas"}
    assert faults["overlapping_areas"].values["km2"] == pytest.approx(
        km2(shapely.box(105.999, 20.999, 106, 21)), abs=1e-3
    )


@pytest.mark.parametrize("north", [20.5, 20.002, 20.0006])
def test_the_width_of_a_rectangle_is_its_short_side(north):
    strip = shapely.box(105, 20, 105.0005, north)
    _, _, short = GEOD.inv(105, (20 + north) / 2, 105.0005, (20 + north) / 2)
    assert widths_m(np.array([strip])).tolist() == pytest.approx([short], rel=1e-5)


def test_what_is_more_compact_than_a_square_is_as_wide_as_the_square_of_its_outline():
    circle = shapely.Point(105, 0).buffer(0.001, quad_segs=64)
    assert widths_m(np.array([circle])).tolist() == pytest.approx([np.pi / 4 * 222], rel=1e-2)


def test_areas_that_are_none_have_no_gaps():
    none = gaps(np.array([], dtype=object), fitting=True)
    assert (len(none.polygons), none.km2) == (0, 0)


BOXES = [shapely.box(105 + n, 20, 106 + n, 20 + 0.1 * (n + 1)) for n in range(4)]
SIZES = [km2(box) for box in BOXES]


@pytest.mark.parametrize(
    ("header", "unit", "factor"),
    [
        ("area_km2", "km2", 1),
        ("Diện tích (km²)", "km2", 1),
        ("dien_tich_ha", "ha", 100),
        ("Diện tích (m2)", "m2", 1e6),
        ("area", "km2", 1),
        ("area", "ha", 100),
        ("Diện tích", "m2", 1e6),
    ],
)
def test_a_stated_area_that_is_wrong_is_told_with_both_numbers_in_the_columns_unit(stated, header, unit, factor):
    said = [size * factor for size in SIZES]
    assert found(stated(header, said, BOXES)) == {}
    wrong = [said[0], said[1] * 1.2, said[2], said[3] / 1.2]
    finding = found(stated(header, wrong, BOXES))["stated_area_differs"]
    assert (finding.ids, finding.values["all"], finding.values["unit"]) == (("2", "4"), 4, unit)
    assert [each["stated"] for each in finding.each] == pytest.approx([wrong[1], wrong[3]])
    assert [each["measured"] for each in finding.each] == pytest.approx([said[1], said[3]], rel=1e-9)
    assert all(unit in text for text in finding.details())


@pytest.mark.parametrize(("times", "told"), [(1.149, False), (1.151, True), (1 / 1.149, False), (1 / 1.151, True)])
def test_15_per_cent_either_way_is_the_tolerance(stated, times, told):
    assert ("stated_area_differs" in found(stated("area_km2", [SIZES[0], SIZES[1] * times], BOXES[:2]))) == told


def test_a_rounded_area_does_not_disagree_by_its_rounding(stated):
    # 0.6 and 1.4 km2, written as 1 and 1.
    small = [shapely.box(105, 20, 105.01, 20 + 0.00519), shapely.box(106, 20, 106.01, 20.0121)]
    assert [round(km2(one), 1) for one in small] == [0.6, 1.4]
    assert found(stated("area_km2", [1, 1], small)) == {}
    assert found(stated("area_km2", [1.0, 1.1], small))["stated_area_differs"].ids == ("1", "2")


def test_an_area_that_is_not_stated_is_none_that_disagrees(stated):
    assert found(stated("area_km2", [SIZES[0], None], BOXES[:2])) == {}


def test_a_header_that_says_its_unit_is_believed_against_the_values(stated):
    finding = found(stated("area_km2", [size * 100 for size in SIZES], BOXES))["stated_area_differs"]
    assert len(finding.rows) == 4


@pytest.mark.parametrize("values", [[0.011, 0.023, 0.034, 0.046], ["north", "south", "east", "west"]])
def test_a_column_called_area_that_is_something_else_is_let_be(stated, values):
    assert found(stated("area", values, BOXES)) == {}


def test_neighbours_with_each_others_polygon_are_told_with_their_partner(stated):
    said = [SIZES[0], SIZES[3], SIZES[2], SIZES[1]]
    touching = [shapely.box(105, 20, 106, 20.1), shapely.box(106, 20, 107, 20.2), BOXES[2], BOXES[3]]
    # Rows 2 and 4 do not touch: an exchange is looked for among neighbours.
    assert "exchanged_polygons" not in found(stated("area_km2", said, touching))
    said = [SIZES[2], SIZES[1], SIZES[0], SIZES[3]]
    neighbours = [BOXES[0], shapely.box(109, 20, 110, 20.2), shapely.box(106, 20, 107, 20.3), BOXES[3]]
    finding = found(stated("area_km2", said, neighbours))["exchanged_polygons"]
    assert finding.ids == ("1", "3")
    assert [(each["row"], each["id"]) for each in finding.each] == [("2", "3"), ("0", "1")]


def test_neighbours_of_much_the_same_size_are_not_called_exchanged(stated):
    faults = found(stated("area_km2", [SIZES[0] * 1.4, SIZES[0]], [BOXES[0], shapely.box(106, 20, 107, 20.14)]))
    assert set(faults) == {"stated_area_differs"}


def test_the_column_of_areas_can_be_named(tmp_path):
    path = tmp_path / "areas.geojson"
    said = [SIZES[0], SIZES[1] * 1.2]
    gpd.GeoDataFrame({"code": ["1", "2"], "S": said}, geometry=BOXES[:2], crs=4326).to_file(path)
    assert found(read_layer("areas", path)) == {}
    named = read_layer("areas", path, Reading(columns={"stated_area": "S"}))
    assert found(named)["stated_area_differs"].ids == ("2",)


def test_a_bbox_member_of_the_whole_country_moves_no_area(tmp_path):
    ring = [[105, 20], [106, 20], [106, 21], [105, 21], [105, 20]]
    feature = {
        "type": "Feature",
        "bbox": [102.1, 8.4, 109.5, 23.4],
        "properties": {"code": "1", "bbox": "102.1,8.4,109.5,23.4"},
        "geometry": {"type": "Polygon", "bbox": [102.1, 8.4, 109.5, 23.4], "coordinates": [ring]},
    }
    path = tmp_path / "areas.geojson"
    text = {"type": "FeatureCollection", "bbox": [102.1, 8.4, 109.5, 23.4], "features": [feature]}
    path.write_text(json.dumps(text), "utf-8")
    layer = read_layer("areas", path)
    assert layer.table.total_bounds.tolist() == [105, 20, 106, 21]
    assert found(layer) == {}


@pytest.mark.real
def test_the_communes_of_2009_whose_area_is_wrong_are_those_that_pyproj_counts(real):
    path = real / "ninh_thuan/ninh_thuan_communes_2009.geojson"
    plain = gpd.read_file(path)
    hectares = np.array([km2(shape) * 100 for shape in plain.geometry])
    times = plain["area"].to_numpy() / hectares
    wrong = np.maximum(times, 1 / times) > 1.15
    faults = found(read_layer("areas", path))
    assert wrong.sum() == 20
    assert faults["stated_area_differs"].ids == tuple(plain["commune_id"][wrong].astype(int).astype(str))
    assert [each["measured"] for each in faults["stated_area_differs"].each] == pytest.approx(hectares[wrong], rel=1e-9)
    exchanged = plain.set_index(plain["commune_id"].astype(int).astype(str)).loc[list(faults["exchanged_polygons"].ids)]
    assert set(exchanged["name_vn"]) == {"Xã Phước Sơn", "Xã Phước Vinh", "Thị trấn Tân Sơn", "Xã Lương Sơn"}
    names = plain.assign(row=plain.index).set_index("row")["name_vn"]
    partners = {
        names[row]: names[int(each["row"])]
        for row, each in zip(faults["exchanged_polygons"].rows, faults["exchanged_polygons"].each, strict=True)
    }
    assert partners["Xã Phước Sơn"] == "Xã Phước Vinh"
    assert partners["Thị trấn Tân Sơn"] == "Xã Lương Sơn"


@pytest.mark.real
def test_the_closed_gaps_of_2009_are_the_narrow_holes_of_the_union(real):
    path = real / "ninh_thuan/ninh_thuan_communes_2009.geojson"
    finding = found(read_layer("areas", path))["slivers"]
    whole = gpd.read_file(path).union_all()
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors]
    narrow = [hole for hole in holes if 2e6 * km2(hole) / GEOD.geometry_length(hole.exterior) < 100]
    # Those that are open at the coast come on top: a few, and not the larger part.
    assert len(narrow) <= finding.values["gaps"] <= len(narrow) + 5
    closed = sum(km2(hole) for hole in narrow)
    assert closed <= finding.values["gap_km2"] + 1e-6 <= closed * 1.1


@pytest.mark.real
@pytest.mark.parametrize("file", ["ninh_thuan/ninh_thuan_communes_2025.geojson", "goa_india/goa_villages.geojson"])
def test_layers_that_fit_have_neither_slivers_nor_wrong_areas(real, file):
    faults = found(read_layer("areas", real / file))
    assert not {"slivers", "overlapping_areas", "stated_area_differs", "exchanged_polygons"} & set(faults)


@pytest.mark.real
def test_the_four_invalid_communes_of_2025_change_their_area_by_less_than_a_square_metre(real):
    path = real / "ninh_thuan/ninh_thuan_communes_2025.geojson"
    finding = found(read_layer("areas", path))["invalid_geometry"]
    plain = gpd.read_file(path)
    broken = plain[~plain.is_valid]
    mended = [km2(shapely.make_valid(shape, method="structure")) for shape in broken.geometry]
    assert len(finding.each) == 4
    assert [each["after_km2"] for each in finding.each] == pytest.approx(mended, rel=1e-9)
    # The column km2 was computed by others, before and after are as near to it.
    assert [each["before_km2"] for each in finding.each] == pytest.approx(broken["km2"].tolist(), rel=1e-6)
    assert all(each["change_m2"] < 1 for each in finding.each)


def test_equal_polygons_are_looked_at_once_and_counted_as_often_as_they_stand(squares, monkeypatch):
    looked = []
    monkeypatch.setattr(shapely, "intersection", lambda one, other: looked.append(len(one)) or (one & other))
    one, other = shapely.box(105, 20, 106, 21), shapely.box(105.5, 20, 107, 21)
    turned = shapely.Polygon(one.exterior.coords[2:-1] + one.exterior.coords[:3])
    finding = found(squares(one, other, turned, one))["overlapping_areas"]
    assert looked == [1]
    # Three pairs of equal ones, and each of the three with the other.
    assert (finding.ids, finding.values["pairs"]) == (("1", "2", "3", "4"), 6)
    assert finding.values["km2"] == pytest.approx(km2(one), rel=1e-4)


def test_the_outline_of_a_gap_is_gone_through_once_for_all_areas_beside_it(monkeypatch):
    made, points = [], shapely.points
    monkeypatch.setattr(shapely, "points", lambda places: made.append(len(places)) or points(places))
    number = np.arange(100)
    west, south = 108 + number % 10 * 1e-3, 11 + number // 10 * 1e-3
    gaps(shapely.box(west, south, west + 9e-4, south + 9e-4), fitting=True)
    assert len(made) == 1


def test_areas_that_lie_over_one_another_too_often_to_compare_are_told(monkeypatch):
    monkeypatch.setattr("geo.layers.faults.overlaps._MOST_PAIRS", 0)
    monkeypatch.setattr("geo.layers.faults.overlaps.MOST_PAIRS_PER_AREA", 1)
    monkeypatch.setattr("geo.layers.faults.overlaps._SLICE", 2)
    polygons = shapely.box(105 + np.arange(6) / 100, 20, 106, 21)
    answer = overlaps(polygons, np.arange(6))
    assert answer.left.tolist() == [False] * 2 + [True] * 4
    assert answer.pairs == 5 + 4


@pytest.mark.parametrize("seed", range(3))
def test_overlaps_are_those_that_a_loop_over_all_pairs_finds(seed):
    draw = np.random.default_rng(seed)
    west, south = draw.uniform(105, 105.4, 30), draw.uniform(20, 20.4, 30)
    polygons = shapely.box(west, south, west + draw.uniform(1e-4, 0.2, 30), south + draw.uniform(1e-4, 0.2, 30))
    polygons[20:] = polygons[:10]
    real, slim, shared = 0, 0, []
    for one, other in itertools.combinations(polygons, 2):
        common = one & other
        if common.area > 1e-4 * min(one.area, other.area):
            real += 1
            shared.append(common)
        elif common.area:
            wide = 2e6 * km2(common) / GEOD.geometry_length(common.exterior) >= 100
            real, slim = real + wide, slim + (not wide and km2(common) >= 1e-6)
            shared += [common] * int(wide)
    answer = overlaps(*distinct(polygons))
    assert (answer.pairs, answer.parts) == (real, slim)
    assert answer.km2 == pytest.approx(km2(shapely.union_all(shared)), rel=1e-9)
