import csv
import io

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.layers.table import numbers, read_csv, read_xlsx

ROWS = [["name", "lat", "dân số"], ["Phước", "11,5", "1.234"], ["An; Bình", "11.6", ""]]


def as_csv(rows, **dialect):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", **dialect).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_every_delimiter_and_encoding_gives_the_same_cells(write, delimiter, encoding):
    text = as_csv(ROWS, delimiter=delimiter)
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    table = read_csv(write("t.csv", mark + text.encode(encoding)))
    assert [table.columns.tolist(), *table.to_numpy().tolist()] == ROWS
    assert table.index.tolist() == [2, 3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_gives_the_same_lines(write, end):
    text = as_csv([["name", "lat"], ["a\nb", "1"], ["c", "2"]]).replace("\n", end)
    assert read_csv(write("t.csv", text)).index.tolist() == [2, 4]


def test_blank_lines_count_as_lines_and_not_as_rows(write):
    table = read_csv(write("t.csv", "\n;;\nname;lat;lon\n\nAn;1;2\n;;\n\nCam;3;4\n\n"))
    assert table["name"].to_dict() == {5: "An", 8: "Cam"}


CELLS = st.text(alphabet='ab",;\n ', max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_a_row_has_the_number_of_the_line_that_it_begins_on(tmp_path_factory, rows):
    text = as_csv([("first", "second"), *rows])
    path = tmp_path_factory.mktemp("lines") / "t.csv"
    path.write_text(text, "utf-8", newline="")
    reader = csv.reader(io.StringIO(text, newline=""))
    expected, begin = {}, 1
    for cells in reader:
        if begin > 1 and any(cell.strip() for cell in cells):
            expected[begin] = cells
        begin = reader.line_num + 1
    table = read_csv(path)
    assert dict(zip(table.index, table.to_numpy().tolist(), strict=True)) == expected


def test_words_that_mean_missing_elsewhere_stay_words(write):
    assert read_csv(write("t.csv", "name,b\nNA,1\nnull,2\n"))["name"].tolist() == ["NA", "null"]


def test_a_second_column_of_the_same_header_keeps_its_cells_under_a_number(write):
    table = read_csv(write("t.csv", "lat,lat,,lat\n1,2,3,4\n"))
    assert table.to_dict("records") == [{"lat": "1", "lat (2)": "2", "column 3": "3", "lat (3)": "4"}]


def test_a_short_row_has_empty_cells(write):
    assert read_csv(write("t.csv", "a,b\n1\n")).to_numpy().tolist() == [["1", ""]]


def test_a_very_long_cell_is_read_whole(write):
    table = read_csv(write("t.csv", 'a,b\n"' + "x" * 200_000 + '\ny",1\n2,3\n'))
    assert len(table["a"].iloc[0]) == 200_002
    assert table.index.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\n \n", "has no header line"),
        (b"a,b\n1,2,3\n", "no clean table.*Expected 2 fields in line 2, saw 3"),
        (b"\n\na,b\n1,2\n1,2,3\n", "no clean table.*Expected 2 fields in line 5, saw 3"),
        (b'a,b\n"1,2\n3,4\n', "no clean table.*EOF inside string"),
        ("a,b\nPhé,2\n".encode("cp1252"), "not UTF-8 text: line 2 holds the byte 0xe9. Save it as CSV UTF-8"),
        ("a,b\nPhé,2\n".encode("utf-16")[:-1], "not UTF-16 text: line 2"),
        ("a,b\nb,2\n".encode("utf-16-le"), "line 1 holds the byte 0x00. Save it as CSV UTF-8"),
        (b"a,b\n1,2\nx\0y,3\n", "line 3 holds the byte 0x00"),
        (b'"' + b"x" * 200_000 + b",b\n1,2\n", "header in line 1 cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_with_the_file_and_the_line(write, content, says):
    with pytest.raises(LayerError, match=rf"(?s)t\.csv.*{says}") as error:
        read_csv(write("t.csv", content))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["11.5", "11,5", "-0,5", "+3"], [11.5, 11.5, -0.5, 3]),
        (["1.234,5", "1.234", "7"], [1234.5, 1234, 7]),
        (["1,234.5", "1,234", "7"], [1234.5, 1234, 7]),
        (["1.234.567,8", "1,234,567.8"], [1234567.8, 1234567.8]),
        (["1 234", "1\u00a0234", "1\u202f234,5"], [1234, 1234, 1234.5]),
        (["1e3", ".5", "5."], [1000, 0.5, 5]),
        (["12abc", "", "nan", "inf", "1e999", "0x1f", "1_000", "1,2,3", "--1"], [None] * 9),
    ],
)
def test_numbers_are_read_as_offices_write_them(texts, values):
    read = numbers(pd.Series(texts)).tolist()
    assert [None if value != value else value for value in read] == values  # noqa: PLR0124 - NaN


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1.234", "567", "12.345.678"], [1234, 567, 12345678]),
        (["1,234", "567"], [1234, 567]),
        (["1.234", "567.25"], [1.234, 567.25]),
        (["0.234", "1.234"], [0.234, 1.234]),
        (["-1.234"], [-1234]),
    ],
)
def test_whole_numbers_are_grouped_only_where_every_mark_can_be_a_group(texts, values):
    assert numbers(pd.Series(texts), whole=True).tolist() == values


def test_numbers_stand_on_the_callers_index():
    assert numbers(pd.Series(["1,5", "x"], index=[7, 9])).index.tolist() == [7, 9]


@pytest.fixture
def workbook(tmp_path):
    def made(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "t.xlsx")
        return tmp_path / "t.xlsx"

    return made


def test_a_sheet_gives_its_cells_on_its_row_numbers(workbook):
    path = workbook(thôn=[[], ["mã", "lat", "pop"], ["007", 11.5, 100], [], ["8", 11.25, 1.234]])
    table = read_xlsx(path, None)
    assert table["mã"].to_dict() == {3: "007", 5: "8"}
    assert table["lat"].to_dict() == {3: 11.5, 5: 11.25}
    assert table["pop"].to_dict() == {3: 100, 5: 1.234}
    oracle = openpyxl.load_workbook(path)["thôn"]
    assert [oracle.cell(row, 2).value for row in table.index] == table["lat"].tolist()


def test_a_column_of_numbers_and_words_is_text(workbook):
    table = read_xlsx(workbook(s=[["code", "b"], [101, 1], ["A2", 2], [1.5, True]]), None)
    assert table["code"].tolist() == ["101", "A2", "1.5"]
    assert table["b"].tolist() == ["1", "2", "True"]


def test_headers_of_a_sheet_that_are_empty_or_repeated_get_numbers(workbook):
    assert read_xlsx(workbook(s=[["a", None, "a"], [1, 2, 3]]), None).columns.tolist() == ["a", "column 2", "a (2)"]


def test_one_sheet_of_several_is_named(workbook):
    path = workbook(first=[["a"], [1]], second=[["a"], [2]])
    assert read_xlsx(path, "second")["a"].tolist() == [2]
    with pytest.raises(LayerError, match=r"several sheets: first, second\. Name one, as .*t\.xlsx::first"):
        read_xlsx(path, None)
    with pytest.raises(LayerError, match="no sheet 'third'; its sheets are first, second"):
        read_xlsx(path, "third")


def test_an_empty_sheet_is_refused(workbook):
    with pytest.raises(LayerError, match=r"t\.xlsx::s is empty"):
        read_xlsx(workbook(s=[]), None)


@pytest.mark.parametrize("kept", [10, 0.5, 0.95])
def test_a_workbook_cut_short_is_refused(workbook, write, kept):
    content = workbook(s=[["a"], [1]]).read_bytes()
    end = kept if kept > 1 else int(kept * len(content))
    with pytest.raises(LayerError, match=r"cut\.xlsx is no spreadsheet that can be read"):
        read_xlsx(write("cut.xlsx", content[:end]), None)
