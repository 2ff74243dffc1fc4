"""Polygons that meet, or come near one another, out of proportion: what is not compared is told, and costs little."""

from __future__ import annotations

import functools
import tracemalloc

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.layers import crowds
from geo.layers.check import check_layers, usable
from geo.layers.crowds import are_told_apart, buffered, cheapest, comparable, few_pairs, slices, tangled
from geo.layers.faults.overlaps import overlaps
from geo.layers.faults.slivers import gaps
from geo.layers.faults.stated_area import exchanged
from geo.layers.layer import read_layer
from geo.layers.surface import area_km2


def comb(teeth, *, long=0.5, apart=None, corner=(105.0, 20.0)):
    """Draw teeth to the east, half as thick as they are apart, from a back of half a tooth."""
    apart = long / teeth if apart is None else apart
    start = np.arange(teeth) * apart
    zero, end = np.zeros(teeth), np.full(teeth, long)
    corners = np.stack([[zero, start], [end, start], [end, start + apart / 2], [zero, start + apart / 2]])
    outline = np.moveaxis(corners, 2, 0).reshape(-1, 2)
    back = [[-apart / 2, start[-1] + apart / 2], [-apart / 2, 0]]
    outline = np.concatenate([outline, back])
    return shapely.Polygon(outline + corner)


def crossing(teeth):
    """Lay two combs over each other, teeth across teeth: they enclose as many gaps as there are pairs of gaps."""
    upright = shapely.transform(comb(teeth, corner=(0, 0)), lambda xy: xy[:, ::-1] + (105, 20))
    return np.array([comb(teeth), upright])


def heap(number, corners):
    """Draw rings of much the same shape over one another."""
    draw = np.random.default_rng(1)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    out = 0.5 + draw.uniform(-1e-6, 1e-6, (number, corners))
    return shapely.polygons(np.stack([105.5 + out * np.cos(turn), 20.5 + out * np.sin(turn)], axis=-1))


def found(layer):
    return {finding.fault: finding for finding in check_layers({"areas": layer})}


@pytest.fixture
def worked(monkeypatch):
    """Note how many corners the functions that compute new shapes are given."""
    given = dict.fromkeys(["intersection", "union_all", "buffer", "difference", "coverage_is_valid"], 0)

    def counted(name, original, *shapes, **options):
        given[name] += int(sum(np.sum(shapely.get_num_coordinates(one)) for one in shapes if not np.isscalar(one)))
        return original(*shapes, **options)

    for name in given:
        monkeypatch.setattr(shapely, name, functools.partial(counted, name, getattr(shapely, name)))
    return given


def test_two_combs_across_each_other_are_told_and_not_computed(squares, worked):
    combs = crossing(200)
    # 400 edges of teeth cross 400.
    assert crowds.MOST_MEETINGS + crowds.MOST_MEETINGS_PER_EDGE * 2 * 802 < 400 * 400
    faults = found(squares(*combs))
    assert set(faults) == {"tangled"}
    assert faults["tangled"].ids == ("2",)
    assert "more than ten times an edge: 1" in faults["tangled"].text()
    assert sum(worked.values()) < 20 * shapely.get_num_coordinates(combs).sum()


def test_combs_that_cross_less_often_are_compared(squares):
    faults = found(squares(*crossing(12)))
    assert faults["overlapping_areas"].values["pairs"] == 1
    assert "uncompared_areas" not in faults


def test_the_pairs_that_are_looked_at_do_not_grow_with_the_square_of_the_corners(monkeypatch):
    found_pairs, query = [], shapely.STRtree.query

    def counted(tree, boxes):
        answer = query(tree, boxes)
        found_pairs.append(answer.shape[1])
        return answer

    monkeypatch.setattr(shapely.STRtree, "query", counted)
    looked = []
    for teeth in (500, 2_000):
        assert not comparable(crossing(teeth)).all()
        looked.append(sum(found_pairs))
        found_pairs.clear()
    # Of 2 and of 32 million that there are, counted from both sides.
    assert looked[1] < 4 * looked[0] < 1e7


def test_what_lies_beside_a_crowd_is_compared_all_the_same():
    row = shapely.box(106 + np.arange(4) * 0.1, 20, 106.1 + np.arange(4) * 0.1, 20.1)
    row[3] = shapely.box(106.3001, 20, 106.4, 20.1)
    row[0] = shapely.box(106, 20, 106.11, 20.1)
    polygons = np.concatenate([crossing(200), row])
    able = comparable(polygons)
    assert able.tolist() == [True, False, True, True, True, True]
    shared = overlaps(polygons, np.arange(6), able)
    assert (shared.pairs, shared.left.tolist()) == (1, (~able).tolist())
    between = gaps(polygons, fitting=False, able=able)
    assert (len(between.polygons), set(between.area.tolist())) == (1, {4, 5})
    assert between.left.tolist() == (~able).tolist()


def test_what_an_area_that_was_not_compared_may_fill_is_called_no_gap():
    row = shapely.box([105, 105.1001], 20, [105.1, 105.2], 20.1)
    filling = shapely.box(105.1, 20, 105.1001, 20.1)
    polygons = np.append(row, filling)
    assert len(gaps(row, fitting=False).polygons) == 1
    able = np.array([True, True, False])
    assert len(gaps(polygons, fitting=False, able=able).polygons) == 0


def test_of_a_heap_of_much_the_same_polygons_the_first_are_compared(worked, monkeypatch):
    monkeypatch.setattr(crowds, "MOST_MEETINGS", 0)
    monkeypatch.setattr(crowds, "MOST_MEETINGS_PER_EDGE", 5)
    polygons = heap(40, 40)
    able = comparable(polygons)
    assert 5 < able.sum() < 40
    assert able[: able.sum() // 2].all()
    answer = overlaps(polygons, np.arange(40), able)
    assert answer.pairs == able.sum() * (able.sum() - 1) // 2
    assert answer.left.tolist() == (~able).tolist()
    assert worked["intersection"] == 2 * 41 * answer.pairs


def test_crowded_borders_are_looked_at_by_lot_and_told_as_if_by_all(monkeypatch):
    looked, query = [], shapely.STRtree.query

    def counted(tree, boxes):
        looked.append((len(tree), query(tree, boxes)))
        return looked[-1][1]

    monkeypatch.setattr(shapely.STRtree, "query", counted)
    monkeypatch.setattr(crowds, "MOST_MEETINGS", 0)
    monkeypatch.setattr(crowds, "MOST_MEETINGS_PER_EDGE", 1)
    beside = shapely.box(np.arange(107, 117), 20, np.arange(108, 118), 21)
    polygons = np.array([*heap(24, 6_000), *beside])
    kept, pairs = [], []
    for most in (1 << 40, 0):
        monkeypatch.setattr(crowds, "_MOST_EDGES", most)
        kept.append(comparable(polygons))
        pairs.append(sum(pairs.shape[1] for size, pairs in looked if size > 10_000))
        looked.clear()
    exact, drawn = kept
    assert pairs[1] < pairs[0] / 20
    assert 2 <= exact[:24].sum() < 24
    assert abs(int(drawn[:24].sum()) - int(exact[:24].sum())) <= 1
    # Of a polygon with few edges each is looked at.
    assert exact[24:].all()
    assert drawn[24:].all()


def test_borders_that_cross_out_of_proportion_are_tangled_also_by_lot(monkeypatch):
    monkeypatch.setattr(crowds, "MOST_TANGLED", 1_000)
    combs, heaped = crossing(1_200), heap(3, 4_000)
    exact = [tangled(some).tolist() for some in (combs, heaped)]
    monkeypatch.setattr(crowds, "_MOST_EDGES", 0)
    assert [tangled(some).tolist() for some in (combs, heaped)] == exact == [[False, True], [False] * 3]


def test_edges_drawn_by_lot_are_the_same_each_time():
    edges = crowds.Edges.of(heap(3, 300_000))
    (one, places, times), (_, again, _) = edges.drawn(), edges.drawn()
    assert places.tolist() == again.tolist()
    assert (edges.start[places] == one.start).all()
    assert times.sum() == pytest.approx(len(edges.owner), rel=0.01)


def test_what_pairs_share_is_joined_only_in_proportion_to_the_areas(monkeypatch):
    polygons = heap(8, 500)
    every = overlaps(polygons, np.arange(8))
    assert (every.pairs, every.left.any()) == (28, False)
    monkeypatch.setattr("geo.layers.faults.overlaps._CORNERS_AT_ONCE", 5_000)
    cut = overlaps(polygons, np.arange(8))
    assert (cut.pairs, cut.km2) == (28, pytest.approx(every.km2))
    monkeypatch.setattr("geo.layers.faults.overlaps._MOST_SHARED", 1_000)
    bounded = overlaps(polygons, np.arange(8))
    assert 0 < bounded.pairs < 28
    assert bounded.left.any()
    assert bounded.km2 <= every.km2


def test_four_maps_of_one_land_over_one_another_are_compared():
    side = np.arange(10) / 100
    west, south = (grid.ravel() for grid in np.meshgrid(105 + side, 20 + side))
    maps = [shapely.segmentize(shapely.box(west, south, west + 0.01, south + 0.01), size) for size in (1e-4, 2e-4)]
    assert comparable(np.concatenate(maps * 2)).all()


def test_the_polygons_that_meet_others_least_are_kept():
    assert cheapest(np.array([5.0, 1, np.inf, 1, 2]), 4).tolist() == [False, True, False, True, True]


def test_a_comb_of_narrow_teeth_is_told_and_no_buffer_is_drawn_round_it(squares, worked):
    teeth = comb(400, long=0.01, apart=1e-6)
    areas = squares(teeth, shapely.box(105.2, 20, 105.3, 20.1), shapely.box(105.3005, 20, 105.4, 20.1))
    faults = found(areas)
    assert faults["uncompared_areas"].ids == ("1",)
    # The gap between the others, on land of their own, is told.
    assert (faults["slivers"].ids, faults["slivers"].values["gaps"]) == (("2", "3"), 1)
    assert worked["buffer"] < 50


def test_teeth_that_are_farther_apart_get_a_buffer():
    wide = np.array([comb(400, long=1000.0, apart=200.0, corner=(0, 0))])
    assert buffered(wide, 50).tolist() == [True]
    near = np.array([comb(400, long=1000.0, apart=0.1, corner=(0, 0))])
    assert buffered(np.concatenate([near, wide]), 50).tolist() == [False, True]


def test_teeth_between_the_same_meridians_are_not_tested_for_a_coverage(squares, worked):
    teeth = comb(4_000, long=0.01, apart=0.002)
    assert not are_told_apart(np.array([teeth]))
    assert found(squares(teeth, shapely.box(106, 20, 107, 21))) == {}
    assert worked["coverage_is_valid"] == 0


def test_the_cells_of_a_grid_are_tested_for_a_coverage():
    west, south = (grid.ravel() for grid in np.meshgrid(np.arange(100) / 10, np.arange(100) / 10))
    assert are_told_apart(shapely.box(west, south, west + 0.1, south + 0.1))


def test_an_area_within_another_is_what_they_share_and_is_not_computed(worked):
    outer = shapely.Point(105.5, 20.5).buffer(0.4, quad_segs=100)
    west = 105.3 + np.arange(5) * 0.05
    polygons = np.concatenate([[outer], shapely.box(west, 20.4, west + 0.04, 20.5)])
    answer = overlaps(polygons, np.arange(6))
    assert (answer.pairs, worked["intersection"]) == (5, 0)
    assert answer.km2 == pytest.approx(overlaps(polygons[1:], np.arange(5)).km2 + sum(map(km2, polygons[1:])), rel=1e-9)


def km2(polygon):
    return float(area_km2(np.array([polygon]))[0])


def test_pairs_with_too_many_corners_are_not_compared(monkeypatch):
    monkeypatch.setattr("geo.layers.faults.overlaps._MOST_CORNERS", 0)
    monkeypatch.setattr("geo.layers.faults.overlaps._MOST_CORNERS_PER_CORNER", 1)
    round_one = shapely.Point(105.5, 20.5).buffer(0.5, quad_segs=25)
    west = 105 + np.arange(4) * 0.3
    polygons = np.append(shapely.box(west, 20, west + 0.31, 20.5), round_one)
    answer = overlaps(polygons, np.arange(5))
    assert answer.left.any()
    assert answer.pairs + int(answer.left.sum()) > 4


def test_an_exchange_among_thousands_of_wrong_areas_is_found_in_little_memory():
    number = 4_000
    west = 105 + np.arange(number) * 1e-3
    geometry = shapely.box(west, 20, west + 1e-3, 20.001)
    measured = np.resize([1.0, 10.0, 4.0, 40.0], number)
    stated = 3 * measured
    stated[[100, 101]] = measured[[101, 100]]
    tracemalloc.start()
    pairs, left = exchanged(stated, measured, np.ones(number, dtype=bool), geometry)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ((100, 101) in pairs, len(left)) == (True, 0)
    assert peak < 8 * number**2 / 4


def test_wrong_areas_over_one_another_that_were_not_held_against_all_are_told(monkeypatch):
    monkeypatch.setattr("geo.layers.faults.stated_area._MOST_PAIRS", 0)
    monkeypatch.setattr(crowds, "_MOST_LOOKED_PER_EDGE", 1)
    monkeypatch.setattr(crowds, "_AT_ONCE", 10)
    geometry = shapely.box(105 + np.arange(10) / 100, 20, 106, 21)
    _, left = exchanged(np.full(10, 9.0), np.ones(10), np.ones(10, dtype=bool), geometry)
    assert 0 < len(left) < 10


def test_boxes_are_looked_up_until_their_pairs_are_too_many(monkeypatch):
    monkeypatch.setattr(crowds, "_MOST_LOOKED_PER_EDGE", 1)
    monkeypatch.setattr(crowds, "_AT_ONCE", 20)
    boxes = shapely.box(105 + np.arange(10) / 100, 20, 106, 21)
    box, other, done = few_pairs(shapely.STRtree(boxes), boxes, 25)
    assert (done, len(box), sorted(set(box.tolist()))) == (4, 40, [0, 1, 2, 3])
    assert sorted(other[box == 3].tolist()) == list(range(10))
    assert few_pairs(shapely.STRtree(boxes), boxes, 100)[2] == 10


def test_slices_hold_everything_once_in_its_order(monkeypatch):
    monkeypatch.setattr(crowds, "_AT_ONCE", 10)
    each = np.array([5, 1, 1, 30, 2, 2, 2, 9, 9, 9])
    cut = [each[some].tolist() for some in slices(each)]
    assert [one for some in cut for one in some] == each.tolist()
    assert all(sum(some[:-1]) <= 10 for some in cut)
    assert list(slices(each[:0])) == []


def star(corners, x=0.0):
    """A star of an odd number of corners, each of whose edges crosses nearly all others."""
    turn = 2 * np.pi * (np.arange(corners) * (corners // 2) % corners) / corners
    return shapely.Polygon(np.column_stack([x + np.cos(turn), np.sin(turn)]))


def teeth(number, *, upright):
    """A comb of so many teeth on the square from 0 to 1."""
    along = (np.arange(4 * number) // 2) / (2 * number)
    reach = np.tile([0.05, 1.0, 1.0, 0.05], number)
    places = np.column_stack([along, reach] if upright else [reach, along])
    return shapely.Polygon([(0, 0), *places, (1, 0) if upright else (0, 1)])


@pytest.mark.parametrize(("corners", "expected"), [(99, False), (151, False), (301, True), (20_001, True)])
def test_a_border_that_crosses_itself_out_of_proportion_is_tangled(corners, expected):
    """A star of n corners crosses itself n (n - 3) / 2 times: 11,174 of 151 are within 10,000 and 10 an edge."""
    assert tangled(np.array([shapely.box(5, 5, 6, 6), star(corners)])).tolist() == [False, expected]


def test_of_two_borders_that_cross_out_of_proportion_the_later_is_tangled():
    combs = [teeth(300, upright=True), teeth(300, upright=False), shapely.box(2, 0, 3, 1)]
    assert tangled(np.array(combs)).tolist() == [False, True, False]
    assert tangled(np.array([teeth(60, upright=True), teeth(60, upright=False)])).tolist() == [False, False]


def test_borders_that_were_drawn_again_and_again_are_not_tangled():
    random = np.random.default_rng(1)
    turn = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    versions = [shapely.Polygon(circle * (1 + random.normal(0, 1e-4, (2000, 1)))) for _ in range(12)]
    assert not tangled(np.array(versions)).any()
    assert not tangled(np.array([star(151, 3.0 * number) for number in range(50)])).any()


def test_tangled_areas_are_left_out_and_told(tmp_path):
    areas = [shapely.box(2, 0, 3, 1), teeth(1500, upright=True), teeth(1500, upright=False), star(2001, 6)]
    gpd.GeoDataFrame({"name": list("abcd")}, geometry=areas, crs=4326).to_file(tmp_path / "a.geojson")
    layer = read_layer("areas", tmp_path / "a.geojson")
    findings = check_layers({"areas": layer})
    assert [(one.rows, one.left_out) for one in findings if one.fault == "tangled"] == [((2, 3), True)]
    assert usable("areas", layer, findings)["name"].tolist() == ["a", "b"]
