import pytest
import shapely

from geo.errors import LayerError
from geo.layers.check import check_layers, usable
from geo.layers.repair import repair_layers, swapped

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


def test_a_repair_that_does_not_exist_is_refused_with_those_that_do(layers):
    with pytest.raises(LayerError, match="no repair 'magic'; there is swapped"):
        repair_layers(layers, [], ["magic"])


def test_polygons_are_exchanged_corner_by_corner(squares):
    layer = squares(shapely.box(20, 104, 21, 106))
    assert swapped(layer, [0]).table.geometry.iloc[0].bounds == (104, 20, 106, 21)
