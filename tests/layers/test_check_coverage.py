import pandas as pd
import pytest

from geo.layers.faults.check_coverage import check_answers, check_coverage
from geo.layers.layer import read_coverage


@pytest.fixture
def cells(write):
    def made(rows):
        return read_coverage(write("cells.csv", f"radio,cell,lon,lat,range\n{rows}"))

    return made


def found(layer, *, range_given=False):
    return {f.fault: f for f in check_coverage("coverage.4G", layer, range_given=range_given)}


def test_clean_cells_have_no_finding(cells):
    assert found(cells("LTE,1,105,20,800\nUMTS,2,106,20,900\n")) == {}


def test_a_technology_that_is_not_known_is_named_with_its_row_and_left_out(cells):
    finding = found(cells("LTE,1,105,20,800\nWIFI,2,106,20,900\n,3,107,20,900\n"))["unknown_technology"]
    assert (finding.rows, finding.ids, finding.left_out) == ((3, 4), ("2", "3"), True)
    assert finding.values["example"] == "WIFI"


def test_a_file_without_a_technology_names_none_that_is_unknown(write):
    assert found(read_coverage(write("c.csv", "cell,lon,lat,range\n1,105,20,800\n"))) == {}


@pytest.mark.parametrize("span", ["", "0", "-5"])
def test_a_cell_without_a_range_is_left_out_unless_one_is_given(cells, span):
    layer = cells(f"LTE,1,105,20,800\nLTE,2,106,20,{span}\n")
    finding = found(layer)["missing_range"]
    assert (finding.rows, finding.ids, finding.left_out) == ((3,), ("2",), True)
    assert found(layer, range_given=True) == {}


@pytest.mark.parametrize(("same", "others", "told"), [(11, 10, True), (11, 11, False), (10, 0, False), (11, 0, True)])
def test_one_range_for_more_than_half_and_more_than_ten_looks_like_a_default(cells, same, others, told):
    rows = "".join(f"LTE,{n},105,20,{1000 if n < same else 2000 + n}\n" for n in range(same + others))
    finding = found(cells(rows)).get("default_range")
    assert (finding is not None) == told
    assert not told or (len(finding.rows), finding.values) == (same, {"all": same + others, "range_m": 1000.0})


def test_answers_that_say_neither_yes_nor_no_are_unknown():
    index = pd.Index([7, 8, 9])
    told = pd.Series([True, pd.NA, pd.NA], index=index, dtype="boolean")
    cells = pd.Series(["1", "?", None], index=index, name="fibre")
    (finding,) = check_answers(cells, told, pd.Series(["a", "b", "c"], index=index))
    assert (finding.rows, finding.ids, finding.left_out) == ((8, 9), ("b", "c"), False)
    assert finding.values == {"column": "fibre", "example": "?"}
    assert check_answers(cells[:1], told[:1], pd.Series(["a"], index=index[:1])) == []


@pytest.mark.real
def test_lesothos_default_range_is_that_of_most_cells(real):
    path = real / "lesotho/lesotho_cells.csv"
    finding = found(read_coverage(path))["default_range"]
    ranges = pd.read_csv(path).RANGE
    assert finding.values["range_m"] == 1000
    assert set(finding.rows) == set(ranges.index[ranges == 1000] + 2)
    assert len(finding.rows) > 0.7 * len(ranges)
