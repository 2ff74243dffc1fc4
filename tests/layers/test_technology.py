import pandas as pd
import pytest

from geo.layers.technology import answers, counting_for, is_at_least, technology_name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("GSM", "2G"),
        ("CDMA", "2G"),
        ("UMTS", "3G"),
        ("HSPA", "3G"),
        ("WCDMA", "3G"),
        ("LTE", "4G"),
        ("LTE-A", "4G"),
        ("NR", "5G"),
        ("4 g", "4G"),
        ("Mạng 3G", "3G"),
        ("Cáp quang", "fibre"),
        ("FTTH", "fibre"),
        ("6G", None),
        ("14G", None),
        ("", None),
    ],
)
def test_a_technology_has_one_name_however_it_is_written(written, name):
    assert technology_name(written) == name


@pytest.mark.parametrize(
    ("wanted", "counting"),
    [("2G", "2G 3G 4G 5G"), ("4G", "4G 5G"), ("5G", "5G"), ("fibre", "fibre")],
)
def test_later_generations_count_for_earlier_ones(wanted, counting):
    assert counting_for(wanted) == tuple(counting.split())


def test_radio_names_count_by_their_generation():
    assert is_at_least(["GSM", "UMTS", "LTE", "fibre", None, "?"], "3G") == [False, True, True, False, False, False]


@pytest.mark.parametrize(
    ("cell", "reached"),
    [
        ("1", True),
        ("0", False),
        ("Yes", True),
        ("no", False),
        ("Có", True),
        ("Không", False),
        ("TRUE", True),
        ("x", True),
        ("5G", True),
        ("3g", False),
        ("LTE", True),
        ("", None),
        ("maybe", None),
    ],
)
def test_a_cell_says_yes_no_the_highest_generation_or_nothing(cell, reached):
    told = answers(pd.Series([cell]), "4G")
    assert told.isna().tolist() == [reached is None]
    assert reached is None or told.tolist() == [reached]


def test_answers_of_numbers_and_truth_values_stand_on_the_callers_index():
    index = pd.Index([7, 8, 9])
    told = answers(pd.Series([1.0, 0.0, None], index=index), "fibre")
    assert told.dropna().to_dict() == {7: True, 8: False}
    assert told.isna().tolist() == [False, False, True]
    assert answers(pd.Series([True, False, True], index=index), "fibre").tolist() == [True, False, True]
