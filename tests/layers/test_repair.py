from __future__ import annotations

import pytest
import shapely

import geo
from geo.errors import LayerError, StudyError
from geo.figures import Finding
from geo.layers.check import check_layers, usable
from geo.layers.repair import REPAIRS, repair_layers, swapped
from geo.study.file import read_study_file

VILLAGES = "id,lat,lon,pop\na,20.5,105,1\nb,105.25,20.5,2\nc,-60,10,3\n"


@pytest.fixture
def layers(read, squares):
    return {"areas": squares(), "villages": read("villages", VILLAGES)}


def test_exchanged_rows_come_to_their_place_and_no_other_row_moves(layers):
    mended, told = repair_layers(layers, check_layers(layers), ["swapped"])
    assert [(p.x, p.y) for p in mended["villages"].table.geometry] == [(105, 20.5), (105.25, 20.5), (10, -60)]
    (finding,) = told
    assert (finding.fault, finding.rows, finding.ids, finding.left_out) == ("repaired_swapped", (3,), ("b",), False)
    again = check_layers(mended)
    assert [f.fault for f in again] == ["misplaced"]
    assert usable("villages", mended["villages"], again)["village_id"].tolist() == ["a", "b"]


def test_the_layers_given_are_not_changed(layers):
    before = layers["villages"].table.copy()
    repair_layers(layers, check_layers(layers), ["swapped"])
    assert layers["villages"].table.equals(before)


def test_nothing_is_repaired_that_nobody_asked_for(layers):
    mended, told = repair_layers(layers, check_layers(layers), [])
    assert mended == layers
    assert told == []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("magic", "no repair 'magic'; there is swapped, sign, zone, minutes, vn2000"),
        ("villages.magic", "no repair 'magic'"),
        ("roads.swapped", "no layer 'roads' to repair; there is villages, points, areas, coverage"),
    ],
)
def test_a_repair_that_does_not_exist_is_refused_with_those_that_do(layers, asked, says):
    with pytest.raises(LayerError, match=says):
        repair_layers(layers, [], [asked])


def test_a_repair_of_one_layer_leaves_the_others(read, layers):
    layers["points"] = read("points", "id,lat,lon\np,105,20.5\n", "points.csv")
    mended, told = repair_layers(layers, check_layers(layers), ["points.swapped"])
    assert [(one.layer, one.fault) for one in told] == [("points", "repaired_swapped")]
    assert mended["villages"] is layers["villages"]
    assert mended["points"].table.geometry.iloc[0].coords[0] == (105, 20.5)


def test_polygons_are_exchanged_corner_by_corner(squares):
    layer = squares(shapely.box(20, 104, 21, 106))
    finding = Finding(layer="areas", fault="swapped_coordinates", rows=(0,))
    assert swapped(layer, finding).table.geometry.iloc[0].bounds == (104, 20, 106, 21)


@pytest.mark.parametrize(
    ("fault", "row"),
    [
        ("wrong_longitude_sign", "x,20.5,-105,1"),
        ("wrong_latitude_sign", "x,-20.5,105,1"),
        ("wrong_signs", "x,-20.5,-105,1"),
    ],
)
def test_a_wrong_sign_is_mended_and_told_with_what_became_of_it(read, squares, fault, row):
    layers = {"areas": squares(), "villages": read("villages", f"id,lat,lon,pop\na,20.25,106,1\n{row}\n")}
    (finding,) = check_layers(layers)
    assert (finding.fault, finding.rows, finding.left_out, finding.repair) == (fault, (3,), True, "sign")
    assert finding.text().endswith("should be 20.5, 105; fitting another slip as well: 0)")
    mended, (told,) = repair_layers(layers, [finding], ["sign"])
    assert [(p.x, p.y) for p in mended["villages"].table.geometry] == [(106, 20.25), (105, 20.5)]
    assert told.text().endswith("became 20.5, 105)")
    assert check_layers(mended) == []


def test_the_coordinates_of_the_source_stay_as_they_are_written(layers):
    mended, _ = repair_layers(layers, check_layers(layers), ["swapped"])
    assert [(p.x, p.y) for p in mended["villages"].own.geometry] == [(105, 20.5), (20.5, 105.25), (10, -60)]


def test_exchanged_degrees_of_another_datum_come_to_their_place(read, squares):
    text = "id,x,y,pop\na,105,20.5,1\nb,20.5,105.25,2\n"
    layers = {"areas": squares(), "villages": read("villages", text, crs="EPSG:4756")}
    mended, (told,) = repair_layers(layers, check_layers(layers), ["swapped"])
    right = read("villages", "id,x,y,pop\na,105,20.5,1\nb,105.25,20.5,2\n", "right.csv", crs="EPSG:4756")
    assert told.rows == (3,)
    assert shapely.equals_exact(mended["villages"].table.geometry, right.table.geometry, 1e-12).all()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", []),
        ('repair = ["swapped"]', ["points", "villages"]),
        ('[repair]\npoints = ["swapped"]', ["points"]),
        ('[repair]\nvillages = ["sign", "swapped"]\nareas = ["zone"]', ["villages"]),
    ],
)
def test_a_study_asks_for_repairs_of_all_layers_or_of_each(tmp_path, text, told):
    (tmp_path / "areas.geojson").write_text(shapely.to_geojson(shapely.box(108.5, 11, 109.5, 12)), "utf-8")
    (tmp_path / "villages.csv").write_text("id,lat,lon\na,11.5,109\nb,109,11.5\n", "utf-8")
    (tmp_path / "points.csv").write_text("id,lat,lon\np,11.6,109\nq,109,11.6\n", "utf-8")
    layers = "\n".join(f'[{name}]\nfile = "{name}.csv"' for name in ("villages", "points"))
    (tmp_path / "study.toml").write_text(f'{text}\n{layers}\n[areas]\nfile = "areas.geojson"\n', "utf-8")
    results = geo.Study.open(tmp_path / "study.toml").run()
    assert sorted(one.layer for one in results.findings if one.fault == "repaired_swapped") == told
    assert (len(results.villages), len(results.points)) == (1 + ("villages" in told), 1 + ("points" in told))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('repair = ["magic"]', "no repair 'magic'"),
        ('[repair]\npoints = ["magic"]', "no repair 'magic'"),
        ('[repair]\nroads = ["swapped"]', "no layer 'roads' to repair"),
        ('[repair]\npoints = "swapped"', "'repair.points' is 'swapped', and should be a list"),
        ("repair = [1]", "should be a list of texts"),
    ],
)
def test_a_study_that_asks_for_what_is_no_repair_is_refused(tmp_path, text, says):
    (tmp_path / "study.toml").write_text(text, "utf-8")
    with pytest.raises(StudyError, match=says):
        read_study_file(tmp_path / "study.toml")


def test_every_repair_is_one_function_of_its_own():
    assert [function.__name__ for function in REPAIRS.values()] == list(REPAIRS)


def test_after_a_repair_the_other_position_of_each_row_is_held_against_the_mended_one(read, squares):
    text = "id|lat|lon|geometry\na|20.5|105.25|SRID=4326;POINT(105.25 20.5)\n"
    text += "b|20.25|-105.75|SRID=4326;POINT(105.75 20.25)\n"
    layers = {"areas": squares(), "points": read("points", text, "points.csv")}
    before = check_layers(layers)
    assert [(one.fault, one.ids) for one in before if one.layer == "points"] == [
        ("coordinates_disagree", ("b",)),
        ("wrong_longitude_sign", ("b",)),
    ]
    mended, _ = repair_layers(layers, before, ["sign"])
    assert check_layers(mended) == []
