import pytest

from geo.layers.files.header import find_header

PLAIN = ["Mã", "Tên thôn", "Kinh độ", "Vĩ độ"]


@pytest.mark.parametrize(
    ("rows", "first", "below", "names"),
    [
        # No title at all, and headers that nobody knows.
        ([["a", "b"], ["1", "2"]], 0, 1, ["a", "b"]),
        ([["a", "b"], ["x", "y"]], 0, 1, ["a", "b"]),
        ([["a"], ["1"], ["2"]], 0, 1, ["a"]),
        ([["geometry", ""], ["SRID=4326", "POINT(1 2)"]], 0, 1, ["geometry", "column 2"]),
        # A title of one cell, of two cells, of several rows with blanks between.
        ([["DANH SÁCH THÔN", "", "", ""], PLAIN, ["1", "An", "108", "11"]], 1, 2, PLAIN),
        ([["SỞ TT&TT", "", "CỘNG HÒA", ""], [], ["DANH SÁCH"], [], PLAIN, ["1", "An", "108", "11"]], 4, 5, PLAIN),
        ([["A title"], ["foo", "bar"], ["x", "1"]], 1, 2, ["foo", "bar"]),
        # Headers in groups: the lower one alone where it is known, else with its group.
        (
            [["STT", "Tên thôn", "Toạ độ", "", "Dân số", ""], ["", "", "Kinh độ", "Vĩ độ", "2009", "2019"], ["1"]],
            0,
            2,
            ["STT", "Tên thôn", "Kinh độ", "Vĩ độ", "Dân số 2009", "Dân số 2019"],
        ),
        (
            [["Bảng 1"], ["STT", "Nơi", "Toạ độ", ""], ["", "", "X", "Y"], ["1", "An", "5", "6"]],
            1,
            3,
            ["STT", "Nơi", "X", "Y"],
        ),
        ([["Tên thôn", "Vị trí", ""], ["", "Kinh độ", "Vĩ độ"]], 0, 2, ["Tên thôn", "Kinh độ", "Vĩ độ"]),
        # Groups of groups, whichever row has most headers that are known.
        (
            [
                ["STT", "Thôn", "Vị trí địa lý", "", "Dân số", ""],
                ["", "", "Toạ độ", "", "Tổng", "Nữ"],
                ["", "", "Vĩ độ", "Kinh độ", "", ""],
                ["1", "Ba", "11.5", "108.9", "100", "50"],
            ],
            0,
            3,
            ["STT", "Thôn", "Vĩ độ", "Kinh độ", "Dân số Tổng", "Dân số Nữ"],
        ),
        (
            [
                ["Bảng 1"],
                ["STT", "Nơi", "Vị trí", "", "", ""],
                ["", "", "Hành chính", "", "Toạ độ", ""],
                ["", "", "Xã", "Huyện", "Kinh độ", "Vĩ độ"],
            ],
            1,
            4,
            ["STT", "Nơi", "Xã", "Huyện", "Kinh độ", "Vĩ độ"],
        ),
        # Columns that are numbered below their headers, as in official tables.
        ([PLAIN, ["(1)", "(2)", "(3)", "(4)=(2)+(3)"], ["1", "An", "108", "11"]], 0, 2, PLAIN),
        # What could be taken for one of these and is not.
        ([PLAIN, ["1", "2", "3", "4"]], 0, 1, PLAIN),
        ([["name", "", "lat", "lon"], ["An", "x", "11", "108"]], 0, 1, ["name", "column 2", "lat", "lon"]),
        ([["name", "lat", "lon"], ["name", "type", "radio"]], 0, 1, ["name", "lat", "lon"]),
        ([["a", "b", "c"], ["x", "y", "z"], ["name", "lat", ""]], 0, 1, ["a", "b", "c"]),
    ],
)
def test_the_header_is_found_below_titles_in_one_row_to_three(rows, first, below, names):
    header = find_header(rows)
    assert (header.first, header.below, list(header.names)) == (first, below, names)


def test_rows_without_a_cell_have_no_header():
    assert find_header([]) is None
    assert find_header([["", " "], []]) is None
