import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.layers.coordinates.pairs import lon_lat_of, order_of, read_pairs, split_pair


@pytest.mark.parametrize(
    "text",
    [
        "11.5643, 108.9886",
        "11.5643,108.9886",
        "11.5643 108.9886",
        "(11.5643; 108.9886)",
        "[11.5643/108.9886]",
        "11,5643; 108,9886",
        "11,5643, 108,9886",
        "11,5643,108,9886",
        "11,5643 108,9886",
        "11.5643N 108.9886E",
        "N11.5643, E108.9886",
        "11.5643°B 108.9886°Đ",
        "11.5643\n108.9886",
    ],
)
def test_a_cell_of_two_coordinates_is_parted_where_it_can_be(text):
    assert [angle.degrees for angle in split_pair(text)] == [11.5643, 108.9886]


@pytest.mark.parametrize(
    "text", ["11°34'12\"N 108°59'19\"E", "11 34 12 108 59 19", "11°34'12\"B108°59'19\"Đ", "N11 34 12, E108 59 19"]
)
def test_minutes_and_seconds_go_with_their_degrees(text):
    first, second = split_pair(text)
    assert first.degrees == pytest.approx(11 + 34 / 60 + 12 / 3600)
    assert second.degrees == pytest.approx(108 + 59 / 60 + 19 / 3600)


@pytest.mark.parametrize("text", ["", "11.5643", "An, Bình", "11.5, 108.9, 7", "200, 11°70'"])
def test_a_cell_of_anything_else_is_no_pair(text):
    assert split_pair(text) is None


DEGREES = st.integers(-89_9999, 89_9999).map(lambda number: number / 10_000)


@given(DEGREES, DEGREES, st.sampled_from([", ", ";", " ", " / "]))
def test_any_two_decimals_come_back_as_they_were_written(first, second, between):
    pair = split_pair(f"{first:.4f}{between}{second:.4f}")
    assert [angle.degrees for angle in pair] == [first, second]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["11.5, 108.9", "21.0, 85.0"], "lat_lon"),
        (["108.9, 11.5", "85.0, 21.0"], "lon_lat"),
        (["11.5N, 45.9E", "45.9E 11.5N", "12N 45E"], None),
        (["45.9E, 11.5N", "46E, 12N"], "lon_lat"),
        (["11.5, 45.9"], None),
        (["108.9, 11.5", "11.5, 108.9"], None),
        ([], None),
    ],
)
def test_the_order_is_told_by_letters_or_by_where_the_numbers_can_only_be(cells, order):
    assert order_of(read_pairs(pd.Series(cells, dtype="str"))) == order


def test_letters_of_a_cell_win_over_the_order_of_the_column_and_give_the_sign():
    pairs = read_pairs(pd.Series(["11.5, 108.9", "108.9W 11.5S", "7N 8N", "", "1 2 3"]))
    lon, lat = lon_lat_of(pairs, "lat_lon")
    assert lon[:2].tolist() == [108.9, -108.9]
    assert lat[:2].tolist() == [11.5, -11.5]
    assert np.isnan([*lon[2:], *lat[2:]]).all()
