import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from geo.layers.check import check_layers, usable
from geo.layers.faults.register import LEFT_OUT
from geo.layers.layer import Reading, read_coverage, read_layer

GEOD = Geod(ellps="WGS84")
# Two squares, 104.5 to 105.5 and 105.5 to 106.5 east, 20 to 21 north; their diagonal is about 237 km.
CLEAN = "id,lat,lon,pop\na,20.5,105,10\nb,20.25,106,20\nc,20.75,104.75,0\n"


def test_clean_layers_have_no_finding(faults):
    points = "id,lat,lon\np1,20.5,105\np2,20.5,106\n"
    assert faults(villages=CLEAN, points=points, areas=True) == {}
    assert faults(villages=CLEAN, points=points) == {}


@pytest.mark.parametrize(
    ("fault", "row", "left_out"),
    [
        ("missing_coordinates", "x,,105,1", True),
        ("missing_coordinates", "x,20.5,,1", True),
        ("impossible_coordinates", "x,95,105,1", True),
        ("impossible_coordinates", "x,20.5,181,1", True),
        ("swapped_coordinates", "x,105.25,20.5,1", True),
        ("swapped_coordinates", "x,104.6,20.5,1", True),
        ("wrong_latitude_sign", "x,-20.5,105,1", True),
        ("wrong_longitude_sign", "x,20.5,-105,1", True),
        ("wrong_signs", "x,-20.5,-105,1", True),
        ("misplaced", "x,-60,105,1", True),
        ("zero_coordinates", "x,0,0,1", True),
        ("zero_coordinates", "x,-0.0,0,1", True),
        ("outside_areas", "x,20.5,107,1", False),
        ("on_shared_border", "x,20.5,105.5,1", False),
        ("negative_population", "x,20.5,105.25,-7", False),
        ("missing_population", "x,20.5,105.25,", False),
        ("unreadable_number", "x,20.5,105.25,many", False),
    ],
)
def test_a_fault_of_a_row_is_found_with_its_row_and_id_and_no_other_row(faults, fault, row, left_out):
    found = faults(villages=f"{CLEAN}\n{row}\n", areas=True)
    finding = found.pop(("villages", fault))
    assert (finding.rows, finding.ids, finding.left_out) == ((6,), ("x",), left_out)
    assert {name for _, name in found} <= {"missing_population"}


@pytest.mark.parametrize(
    ("fault", "row"),
    [
        ("missing_coordinates", "x,0,0,1"),
        ("impossible_coordinates", "x,90,180,1"),
        ("impossible_coordinates", "x,-90,-180,1"),
        ("swapped_coordinates", "x,105.25,30,1"),
        ("negative_population", "x,20.5,105.25,0"),
        ("missing_population", "x,20.5,105.25,0"),
        ("outside_areas", "x,20,104.5,1"),
        ("on_shared_border", "x,20.5,106.5,1"),
    ],
)
def test_what_comes_near_to_a_fault_is_none(faults, fault, row):
    assert ("villages", fault) not in faults(villages=f"{CLEAN}{row}\n", areas=True)


def test_rows_of_one_place_and_of_one_id_are_told_and_counted(faults):
    found = faults(villages="id,lat,lon,pop\na,20.5,105,1\nb,20.5,105,2\nb,20.6,105,3\nc,20.6,105,4\nd,20.7,105,5\n")
    place, name = found.pop(("villages", "duplicate_position")), found.pop(("villages", "duplicate_id"))
    assert (place.rows, place.ids, place.values["places"]) == ((2, 3, 4, 5), ("a", "b", "b", "c"), 2)
    assert (name.rows, name.ids, name.values["example"]) == ((3, 4), ("b", "b"), "b")
    assert not place.left_out
    assert not name.left_out
    assert found == {}


def test_ids_are_those_of_the_layer_also_where_it_has_a_column_of_another(faults):
    found = faults(points="point_id,village_id,lat,lon\np1,v1,20,105\np2,v1,,105\n")
    assert found[("points", "missing_coordinates")].ids == ("p2",)


def test_most_of_a_layer_outside_the_areas_is_said_in_its_place(faults):
    out = "id,lat,lon,pop\na,20.5,105,1\nb,20.5,107,1\nc,20.5,108,1\n"
    found = faults(villages=out, areas=True)
    finding = found[("villages", "mostly_outside_areas")]
    nearest = GEOD.inv(106.5, 20.5, 107, 20.5)[2] / 1000
    farthest = GEOD.inv(106.5, 20.5, 108, 20.5)[2] / 1000
    assert (finding.rows, finding.values["all"]) == ((3, 4), 3)
    assert finding.values["nearest_km"] == pytest.approx(nearest, rel=1e-3)
    assert finding.values["farthest_km"] == pytest.approx(farthest, rel=1e-3)
    assert ("villages", "outside_areas") not in found


def test_half_of_a_layer_outside_is_not_most_of_it(faults):
    found = faults(villages="id,lat,lon,pop\na,20.5,105,1\nb,20.5,107,1\n", areas=True)
    assert {fault for _, fault in found} == {"outside_areas"}


def north_of(lat, km):
    return GEOD.fwd(105.0, lat, 0, km * 1000)[1]


@pytest.mark.parametrize(
    ("half", "km", "misplaced"),
    [(0.005, 490, False), (0.005, 510, True), (1, 2900, False), (1, 3300, True)],
)
def test_misplaced_is_farther_from_the_areas_than_ten_diagonals_and_than_500_km(faults, squares, half, km, misplaced):
    square = shapely.box(105 - half, 20 - half, 105 + half, 20 + half)
    diagonal = GEOD.inv(105 - half, 20 - half, 105 + half, 20 + half)[2] / 1000
    assert (km > max(500, 10 * diagonal)) == misplaced
    rows = f"id,lat,lon,pop\na,20,105,1\nb,20.001,105,1\nx,{north_of(20 + half, km)},105,1\n"
    found = faults(villages=rows, areas=squares(square))
    assert {fault for _, fault in found} == {"misplaced" if misplaced else "outside_areas"}


@pytest.mark.parametrize(("km", "misplaced"), [(490, False), (510, True)])
def test_without_areas_misplaced_is_counted_from_the_middle_of_the_villages(faults, km, misplaced):
    rows = "".join(f"v{n},{20 + n / 1000},105,1\n" for n in range(-10, 11))
    found = faults(villages=f"id,lat,lon,pop\n{rows}", points=f"id,lat,lon\np,20,105\nx,{north_of(20, km)},105\n")
    assert [key for key in found if key[0] == "points"] == ([("points", "misplaced")] if misplaced else [])
    assert not misplaced or found[("points", "misplaced")].ids == ("x",)


def test_one_village_in_another_ocean_does_not_hide_itself(faults):
    rows = "".join(f"v{n},{20 + n / 100},105,1\n" for n in range(30))
    found = faults(villages=f"id,lat,lon,pop\n{rows}x,-20,-30,1\n")
    assert found[("villages", "misplaced")].ids == ("x",)


def villages(*places):
    rows = "".join(f"v{n},{lat},{lon},1\n" for n, (lat, lon) in enumerate(places))
    return f"id,lat,lon,pop\n{rows}"


def points(*places):
    return "id,lat,lon\n" + "".join(f"p{n},{lat},{lon}\n" for n, (lat, lon) in enumerate(places))


NEAR = [(11.5, 108.9), (11.6, 108.95), (11.55, 109.0), (11.7, 108.8), (11.65, 108.85)]


@pytest.mark.parametrize("count", [3, 4, 5, 10, 11, 19, 20, 21])
@pytest.mark.parametrize("odd", [(-31.0, 108.9), (45.0, 2.0)])
def test_a_village_in_another_ocean_is_told_of_few_villages_also(faults, count, odd):
    good = [(lat + n / 50, lon) for n in range(4) for lat, lon in NEAR][: count - 1]
    found = faults(villages=villages(*good, odd))
    assert found[("villages", "misplaced")].rows == (count + 1,)


def test_a_village_of_few_with_a_wrong_sign_is_told_with_it(faults):
    found = faults(villages=villages(*NEAR, (-11.55, 108.9)))
    assert found[("villages", "wrong_latitude_sign")].rows == (7,)


def test_two_of_more_than_ten_villages_in_another_ocean_are_told(faults):
    good = [(lat + n / 50, lon) for n in range(2) for lat, lon in NEAR]
    found = faults(villages=villages((45, 2), *good, (46, 2)))
    assert found[("villages", "misplaced")].rows == (2, 13)


@pytest.mark.parametrize(
    "cities",
    [
        [(21.03, 105.85), (16.05, 108.2), (10.78, 106.7)],
        [(21.03, 105.85), (21.04, 105.86), (21.02, 105.84), (21.03, 105.83), (10.78, 106.7)],
        [(21.03, 105.85), (10.78, 106.7)],
        [(11.5, 108.9), (-40.0, 20.0)],
    ],
)
def test_few_villages_far_apart_are_not_accused(faults, cities):
    assert faults(villages=villages(*cities)) == {}


@pytest.mark.parametrize("count", [1, 2])
def test_of_one_or_two_villages_the_points_tell_which_is_wrong(faults, count):
    found = faults(villages=villages((45, 2), *NEAR[1:count]), points=points(*NEAR))
    assert {key: finding.rows for key, finding in found.items() if finding.left_out} == {
        ("villages", "misplaced"): (2,)
    }
    found = faults(villages=villages(*NEAR[:count]), points=points(*NEAR, (45, 2)))
    assert {key: finding.rows for key, finding in found.items() if finding.left_out} == {("points", "misplaced"): (7,)}


def test_zeros_are_told_near_the_gulf_of_guinea_too(faults, squares):
    accra = [(5.6 + n / 50, -0.2) for n in range(5)]
    found = faults(villages=villages(*accra, (0, 0)), points=points((0, 0), (5.6, -0.2)))
    assert {key: finding.rows for key, finding in found.items()} == {
        ("villages", "zero_coordinates"): (7,),
        ("points", "zero_coordinates"): (2,),
    }
    land = squares(shapely.box(-3, 4, 1, 11))
    found = faults(villages=villages(*accra, (0, 0)), areas=land)
    assert found[("villages", "zero_coordinates")].rows == (7,)


def test_where_the_territory_holds_zero_nothing_is_wrong_with_it(faults, squares):
    sea = [(-0.1, -0.1), (0.1, 0.1), (0.1, -0.1), (-0.1, 0.1)]
    assert faults(villages=villages(*sea, (0, 0))) == {}
    assert faults(villages=villages((0, 0)), areas=squares(shapely.box(-1, -1, 1, 1))) == {}


def test_villages_that_are_all_at_zero_are_told(faults):
    found = faults(villages=villages((0, 0), (0, 0)), points=points(*NEAR))
    assert found[("villages", "zero_coordinates")].rows == (2, 3)
    assert not [key for key in found if key[0] == "points"]


def test_zeros_are_those_of_the_system_of_the_layer(tmp_path):
    rows = "id,x,y,pop\na,585000,1270000,1\nb,586000,1271000,1\nc,587000,1272000,1\nd,0,0,1\n"
    file = tmp_path / "villages.csv"
    file.write_text(rows)
    (told,) = check_layers({"villages": read_layer("villages", file, Reading(crs="EPSG:9217"))})
    assert (told.fault, told.rows) == ("zero_coordinates", (5,))


def test_points_alone_have_nothing_to_be_held_against(faults):
    assert faults(points="id,lat,lon\na,20,105\nb,-60,-30\n") == {}


def test_geometries_that_are_empty_or_cross_themselves_are_told_of_a_layer(tmp_path):
    bow = shapely.Polygon([(105, 20), (106, 21), (106, 20), (105, 21)])
    layer = gpd.GeoDataFrame({"code": list("abc")}, geometry=[shapely.box(107, 20, 108, 21), None, bow], crs=4326)
    layer.to_file(tmp_path / "a.gpkg")
    empty, invalid = check_layers({"areas": read_layer("areas", tmp_path / "a.gpkg")})
    assert (empty.fault, empty.rows, empty.ids, empty.left_out) == ("empty_geometry", (2,), ("b",), True)
    assert (invalid.fault, invalid.rows, invalid.ids, invalid.left_out) == ("invalid_geometry", (3,), ("c",), False)
    assert "an outline crosses itself at 20.5, 105.5" in invalid.text("en")


def test_a_point_at_an_impossible_place_is_not_called_invalid_as_well(read):
    layer = read("villages", "x,y,pop\n1e30,5,1\n580361,1278976,2\n", crs="EPSG:9217")
    assert [(f.fault, f.rows) for f in check_layers({"villages": layer})] == [("impossible_coordinates", (2,))]


def test_areas_in_metres_that_are_said_to_be_degrees_are_impossible_and_judge_nobody(read, squares):
    metric = squares(shapely.box(580_000, 1_270_000, 590_000, 1_280_000))
    findings = check_layers({"areas": metric, "villages": read("villages", CLEAN)})
    assert [(f.layer, f.fault, f.left_out) for f in findings] == [("areas", "impossible_coordinates", True)]


def test_polygons_beyond_the_antimeridian_are_possible(squares):
    assert check_layers({"areas": squares(shapely.box(178, -18, 182, -16))}) == []


def test_overlapping_areas_are_told_with_their_pairs_and_touching_ones_are_not(squares):
    boxes = [shapely.box(n, 0, n + 1, 1) for n in range(4)]
    assert check_layers({"areas": squares(*boxes)}) == []
    (finding,) = check_layers({"areas": squares(*boxes, shapely.box(0.5, 0.5, 1.5, 0.75))})
    assert (finding.fault, finding.ids, finding.values["pairs"]) == ("overlapping_areas", ("1", "2", "5"), 2)


@pytest.mark.parametrize(("share", "told"), [(0.9e-4, False), (1.1e-4, True)])
def test_a_sliver_of_less_than_a_ten_thousandth_is_no_overlap(squares, share, told):
    areas = squares(shapely.box(0, 0, 1, 1), shapely.box(1 - share, 0, 3, 1))
    assert [one.fault for one in check_layers({"areas": areas})] == ["overlapping_areas" if told else "slivers"]


def test_overlaps_are_those_of_all_pairs(squares):
    rng = np.random.default_rng(5)
    boxes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in rng.uniform(0.05, 1, (25, 4)) * [6, 6, 1, 1]]
    pairs = [
        (one, other)
        for one in range(25)
        for other in range(one)
        if boxes[one].intersection(boxes[other]).area > 1e-4 * min(boxes[one].area, boxes[other].area)
    ]
    (finding,) = check_layers({"areas": squares(*boxes)})
    assert finding.values["pairs"] == len(pairs) > 5
    assert set(finding.ids) == {str(number + 1) for pair in pairs for number in pair}


def test_villages_as_polygons_are_judged_by_a_point_on_them(tmp_path, squares):
    polygons = [
        shapely.box(105, 20.2, 105.2, 20.4),
        shapely.box(20.4, 105, 20.6, 105.2),
        shapely.box(108, 20, 108.1, 20.1),
    ]
    gpd.GeoDataFrame({"pop": [1, 2, 3]}, geometry=polygons, crs=4326).to_file(tmp_path / "v.gpkg")
    layers = {"areas": squares(), "villages": read_layer("villages", tmp_path / "v.gpkg")}
    # Latitude 105 cannot be, and exchanged it lies inside.
    assert [(f.fault, f.rows) for f in check_layers(layers)] == [("swapped_coordinates", (2,)), ("outside_areas", (3,))]


@pytest.mark.parametrize("kind", ["villages", "points"])
def test_a_layer_without_rows_is_told(read, kind):
    (finding,) = check_layers({kind: read(kind, "id,lat,lon,pop\n")})
    assert (finding.fault, finding.rows) == ("no_rows", ())
    assert finding.text() == f"the layer of {kind} has no rows"


def test_usable_rows_are_those_that_no_finding_leaves_out(read, squares):
    layer = read("villages", f"{CLEAN}d,,105,1\ne,105.25,20.5,1\nf,20.5,107,1\ng,20.5,105.1,-1\n")
    findings = check_layers({"areas": squares(), "villages": layer})
    assert usable("villages", layer, findings)["village_id"].tolist() == ["a", "b", "c", "f", "g"]
    assert len(layer.table) == 7


def test_every_row_is_used_or_stands_in_exactly_one_finding_that_leaves_it_out(read, squares):
    rng = np.random.default_rng(8)
    lat = rng.choice([20.5, 105.2, 95, -60, np.nan, 20.25], 300)
    lon = rng.choice([105.1, 20.4, 190, 10, np.nan, 106.2], 300)
    text = pd.DataFrame({"id": range(300), "lat": lat, "lon": lon, "pop": 1}).to_csv(index=False)
    layers = {"areas": squares(), "villages": read("villages", text)}
    findings = check_layers(layers)
    out = [row for finding in findings if finding.left_out for row in finding.rows]
    kept = usable("villages", layers["villages"], findings).index.tolist()
    assert sorted(out + kept) == list(range(2, 302))
    assert {finding.fault for finding in findings if finding.left_out} <= LEFT_OUT


def test_findings_are_written_as_strict_json(faults):
    found = faults(villages=f"{CLEAN}d,,105,1\ne,105.25,20.5,1\nf,20.5,107,\n", areas=True)
    for language in ("vi", "en"):
        told = [finding.as_dict(language) for finding in found.values()]
        assert json.loads(json.dumps(told, allow_nan=False)) == told


@pytest.mark.real
def test_goas_exchanged_and_misplaced_offices_are_those_that_pandas_counts(real):
    layers = {
        "villages": read_layer("villages", real / "goa_india/goa_villages.geojson"),
        "points": read_layer("points", real / "goa_india/goa_postoffices.csv"),
    }
    found = {(f.layer, f.fault): set(f.rows) for f in check_layers(layers)}
    west, south, east, north = gpd.read_file(real / "goa_india/goa_villages.geojson").total_bounds
    offices = pd.read_csv(real / "goa_india/goa_postoffices.csv")
    offices.index += 2
    possible = (offices.latitude.abs() <= 90) & (offices.longitude.abs() <= 180)
    exchanged = offices.latitude.between(west, east) & offices.longitude.between(south, north)
    # Goa spans a degree; whatever stands five degrees off is wrong, and nothing of this file stands in between.
    far = ((offices.latitude - 15.4).abs() > 5) | ((offices.longitude - 74).abs() > 5)
    assert found[("points", "swapped_coordinates")] == set(offices.index[exchanged])
    assert found[("points", "misplaced")] == set(offices.index[far & possible & ~exchanged])
    assert found[("points", "impossible_coordinates")] == set(offices.index[~possible & ~exchanged])
    assert {fault for layer, fault in found if layer == "points"} == {
        "swapped_coordinates",
        "misplaced",
        "impossible_coordinates",
    }
    assert len(found[("points", "swapped_coordinates")]) > 36
    assert len(found[("points", "misplaced")]) > 100


@pytest.mark.real
def test_437_of_lesothos_cells_repeat_a_position(real):
    path = real / "lesotho/lesotho_cells.csv"
    (finding,) = check_layers({"coverage.4G": read_coverage(path)})
    cells = pd.read_csv(path)
    assert cells.duplicated(["LON", "LAT"]).sum() == 437
    assert finding.fault == "duplicate_position"
    assert len(finding.rows) - finding.values["places"] == 437
    assert set(finding.rows) == set(cells.index[cells.duplicated(["LON", "LAT"], keep=False)] + 2)


@pytest.mark.real
def test_lesothos_settlements_outside_are_those_that_geopandas_finds(real):
    layers = {
        "villages": read_layer("villages", real / "lesotho/lesotho_settlements.csv"),
        "areas": read_layer("areas", real / "lesotho/lesotho_boundary.geojson"),
    }
    found = {f.fault: f for f in check_layers(layers)}
    table = pd.read_csv(real / "lesotho/lesotho_settlements.csv")
    country = gpd.read_file(real / "lesotho/lesotho_boundary.geojson").union_all()
    outside = ~gpd.GeoSeries.from_xy(table.lon, table.lat).intersects(country)
    assert set(found["outside_areas"].rows) == set(table.index[outside] + 2)
    assert len(found["missing_population"].rows) == table.population.isna().sum() == 1140


@pytest.mark.real
def test_the_four_invalid_communes_of_2025_are_named(real):
    path = real / "ninh_thuan/ninh_thuan_communes_2025.geojson"
    (finding,) = [f for f in check_layers({"areas": read_layer("areas", path)}) if f.fault == "invalid_geometry"]
    plain = gpd.read_file(path)
    assert finding.ids == tuple(plain["id"][~plain.is_valid])
    assert len(finding.ids) == 4


@pytest.mark.real
def test_the_overlaps_of_the_communes_of_2009_are_those_of_geopandas(real):
    path = real / "ninh_thuan/ninh_thuan_communes_2009.geojson"
    (finding,) = [f for f in check_layers({"areas": read_layer("areas", path)}) if f.fault == "overlapping_areas"]
    plain = gpd.read_file(path)[["commune_id", "geometry"]]
    common = gpd.overlay(plain, plain, keep_geom_type=True)
    common = common[common.commune_id_1 < common.commune_id_2]
    size = plain.set_index("commune_id").geometry.set_crs(None, allow_override=True).area
    smaller = np.minimum(common.commune_id_1.map(size), common.commune_id_2.map(size))
    real_ones = common[common.geometry.set_crs(None, allow_override=True).area > 1e-4 * smaller]
    assert finding.fault == "overlapping_areas"
    assert finding.values["pairs"] == len(real_ones)
    assert set(finding.ids) == {f"{code:.0f}" for code in {*real_ones.commune_id_1, *real_ones.commune_id_2}}
