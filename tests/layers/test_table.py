import csv
import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import LayerError
from geo.layers.files import delimited
from geo.layers.files.delimited import read_csv
from geo.layers.files.spreadsheet import read_sheet
from geo.layers.numbers import numbers
from geo.layers.read import open_source

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
    table = read_csv(write("t.csv", mark + text.encode(encoding))).rows
    assert [table.columns.tolist(), *table.to_numpy().tolist()] == ROWS
    assert table.index.tolist() == [2, 3]


@pytest.mark.parametrize("delimiter", [" ", ":", "^", "~", "§"])
def test_any_other_delimiter_is_known_by_two_columns_and_rows_of_one_length(write, delimiter):
    rows = [["name", "lat", "lon"], ["Phước", "11,5", "108.9"], ["An: Bình ^~§", "", "109"]]
    table = read_csv(write("t.txt", as_csv(rows, delimiter=delimiter))).rows
    assert [table.columns.tolist(), *table.to_numpy().tolist()] == rows


def test_a_character_that_parts_rows_into_different_numbers_of_cells_is_no_delimiter(write):
    table = read_csv(write("t.txt", "lat lon\n11.5 108.9\nall of Ninh Thuan\n")).rows
    assert table.columns.tolist() == ["lat lon"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_needs_no_byte_order_mark(write, encoding):
    assert open_source(write("t.data", as_csv(ROWS).encode(encoding))).rows.to_numpy().tolist() == ROWS[1:]


def test_empty_cells_beyond_the_last_column_are_passed_over(write):
    table = read_csv(write("t.csv", 'a,b\n"1\n1",2,, \n3,4\n')).rows
    assert (table.to_numpy().tolist(), table.index.tolist()) == ([["1\n1", "2"], ["3", "4"]], [2, 4])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_gives_the_same_lines(write, end):
    text = as_csv([["name", "lat"], ["a\nb", "1"], ["c", "2"]]).replace("\n", end)
    assert read_csv(write("t.csv", text)).rows.index.tolist() == [2, 4]


def test_blank_lines_count_as_lines_and_not_as_rows(write):
    table = read_csv(write("t.csv", "\n;;\nname;lat;lon\n\nAn;1;2\n;;\n\nCam;3;4\n\n")).rows
    assert table["name"].to_dict() == {5: "An", 8: "Cam"}


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
def test_a_table_read_in_pieces_has_the_rows_and_lines_of_one_read_whole(write, monkeypatch, at_once):
    monkeypatch.setattr(delimited, "_ROWS_AT_ONCE", at_once)
    text = '\nname;lat;lon\n\n"An\n1";1;2\n;;\n\n \n"x\n\ny";3\n;;\nCam;5;6; \n\n'
    table = read_csv(write("t.csv", text)).rows
    assert table.index.tolist() == [4, 9, 13]
    assert table.to_numpy().tolist() == [["An\n1", "1", "2"], ["x\n\ny", "3", ""], ["Cam", "5", "6"]]
    with pytest.raises(LayerError, match="line 6 has 4 cells, the header 3"):
        read_csv(write("t.csv", "name;lat;lon\n\n\nAn;1;2\n\nCam;5;6;7\n"))
    assert read_csv(write("t.csv", "name;lat\n\n\n\n")).rows.empty


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
    table = read_csv(path).rows
    assert dict(zip(table.index, table.to_numpy().tolist(), strict=True)) == expected


def test_words_that_mean_missing_elsewhere_stay_words(write):
    assert read_csv(write("t.csv", "name,b\nNA,1\nnull,2\n")).rows["name"].tolist() == ["NA", "null"]


def test_a_second_column_of_the_same_header_keeps_its_cells_under_a_number(write):
    table = read_csv(write("t.csv", "lat,lat,,lat\n1,2,3,4\n")).rows
    assert table.to_dict("records") == [{"lat": "1", "lat (2)": "2", "column 3": "3", "lat (3)": "4"}]


def test_a_short_row_has_empty_cells(write):
    assert read_csv(write("t.csv", "a,b\n1\n")).rows.to_numpy().tolist() == [["1", ""]]


def test_a_very_long_cell_is_read_whole(write):
    table = read_csv(write("t.csv", 'a,b\n"' + "x" * 200_000 + '\ny",1\n2,3\n')).rows
    assert len(table["a"].iloc[0]) == 200_002
    assert table.index.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\n \n", "has no header line"),
        (b"a,b\n1,2,3\n", "no clean table: line 2 has 3 cells, the header 2"),
        (b"\n\na,b\n1,2\n1,2,3\n", "no clean table: line 5 has 3 cells, the header 2"),
        (b'a,b\n\n"1\n1",2\n1,2,\n1,2,3\n', "no clean table: line 6 has 3 cells, the header 2"),
        (b'a,b\n"1,2\n3,4\n', "no clean table: a quote in the row of line 2 is never closed"),
        (b'A title\n\na,b\n"1\n1",2\n\n3,"4\n5,6\n', "a quote in the row of line 7 is never closed"),
        ("a,b\nPhé,2\n".encode("cp1252"), "not UTF-8 text: line 2 holds the byte 0xe9. Save it as CSV UTF-8"),
        ("a,b\nPhé,2\n".encode("utf-16")[:-1], "not UTF-16 text: line 2"),
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
    table = read_sheet(path, None).rows
    assert table["mã"].to_dict() == {3: "007", 5: "8"}
    assert table["lat"].to_dict() == {3: 11.5, 5: 11.25}
    assert table["pop"].to_dict() == {3: 100, 5: 1.234}
    oracle = openpyxl.load_workbook(path)["thôn"]
    assert [oracle.cell(row, 2).value for row in table.index] == table["lat"].tolist()


def test_a_column_of_numbers_and_words_is_text(workbook):
    table = read_sheet(workbook(s=[["code", "b"], [101, 1], ["A2", 2], [1.5, True]]), None).rows
    assert table["code"].tolist() == ["101", "A2", "1.5"]
    assert table["b"].tolist() == ["1", "2", "True"]


def test_headers_of_a_sheet_that_are_empty_or_repeated_get_numbers(workbook):
    assert read_sheet(workbook(s=[["a", None, "a"], [1, 2, 3]]), None).rows.columns.tolist() == [
        "a",
        "column 2",
        "a (2)",
    ]


def test_one_sheet_of_several_is_named(workbook):
    path = workbook(first=[["a"], [1]], second=[["a"], [2]])
    assert read_sheet(path, "second").rows["a"].tolist() == [2]
    with pytest.raises(LayerError, match=r"several sheets: first, second\. Name one, as .*t\.xlsx::first"):
        read_sheet(path, None)
    with pytest.raises(LayerError, match="no sheet 'third'; its sheets are first, second"):
        read_sheet(path, "third")


def test_an_empty_sheet_is_refused(workbook):
    with pytest.raises(LayerError, match=r"t\.xlsx::s is empty"):
        read_sheet(workbook(s=[]), None)


@pytest.mark.parametrize("kept", [10, 0.5, 0.95])
def test_a_workbook_cut_short_is_refused(workbook, write, kept):
    content = workbook(s=[["a"], [1]]).read_bytes()
    end = kept if kept > 1 else int(kept * len(content))
    with pytest.raises(LayerError, match=r"cut\.xlsx is no spreadsheet that can be read"):
        read_sheet(write("cut.xlsx", content[:end]), None)


HEAD = [
    ["DANH SÁCH THÔN", None, None, None],
    [],
    ["Tên thôn", "Toạ độ", None, "Huyện"],
    [None, "Kinh độ", "Vĩ độ", None],
]


@pytest.fixture
def merged(tmp_path):
    """Make a sheet as offices have it: a merged title, groups of headers, a district merged over its villages."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        *HEAD,
        ["An", 108.5, 11.5, "Bác Ái"],
        ["Bình", 108.6, 11.6, None],
        ["Cam", 108.7, 11.7, None],
        ["Đa", 108.8, 11.8, "Ninh Hải"],
        ["Tổng cộng", None, None, None],
    ]:
        sheet.append(row)
    for area in ("A1:D1", "B3:C3", "A3:A4", "D3:D4", "D5:D7", "A9:D9"):
        sheet.merge_cells(area)
    book.save(tmp_path / "t.xlsx")
    return tmp_path / "t.xlsx"


def test_a_sheet_with_a_title_and_merged_cells_is_read_as_it_is_meant(merged):
    table = read_sheet(merged, None)
    assert table.rows.columns.tolist() == ["Tên thôn", "Kinh độ", "Vĩ độ", "Huyện"]
    assert table.rows["Huyện"].to_dict() == {5: "Bác Ái", 6: "Bác Ái", 7: "Bác Ái", 8: "Ninh Hải", 9: ""}
    assert table.rows["Kinh độ"].tolist()[:4] == [108.5, 108.6, 108.7, 108.8]
    assert (table.footers, dict(table.merged)) == ((9,), {"Huyện": (6, 7)})
    oracle = openpyxl.load_workbook(merged).active
    assert [oracle.cell(row, 1).value for row in table.rows.index] == table.rows["Tên thôn"].tolist()


def test_a_merge_that_starts_below_empty_rows_and_columns_fills_its_own_cells(workbook):
    path = workbook(s=[[], [], [None, "name", "lat"], [None, "An", 1], [None, None, 2]])
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("B4:B5")
    book.save(path)
    assert read_sheet(path, None).rows["name"].to_dict() == {4: "An", 5: "An"}


def test_the_one_sheet_that_can_be_placed_is_chosen_of_several(workbook):
    path = workbook(
        notes=[["Ghi chú"], ["x"]],
        people=[["Tên thôn", "Dân số"], ["An", 7]],
        thôn=[["Tên", "Kinh độ", "Vĩ độ"], ["An", 1, 2]],
    )
    table = read_sheet(path, None)
    assert (table.sheet, table.rows["Tên"].tolist()) == ("thôn", ["An"])
    assert read_sheet(path, "people").rows["Dân số"].tolist() == [7]


def test_several_sheets_that_can_be_placed_are_listed(workbook):
    place = [["lat", "lon"], [1, 2]]
    with pytest.raises(LayerError, match=r"sheets: notes, a, b; coordinates are in a, b\. Name one, as .*::a"):
        read_sheet(workbook(notes=[["x"]], a=place, b=place), None)


def test_of_many_sheets_the_first_are_listed(workbook):
    path = workbook(**{f"s{number}": [["lat", "lon"], [1, 2]] for number in range(50)})
    with pytest.raises(
        LayerError, match=r"has several sheets: s0, .*s19 … \+30; coordinates are in s0.* … \+30\. Name"
    ):
        read_sheet(path, None)


def test_a_hidden_sheet_is_read_only_by_its_name(workbook):
    path = workbook(old=[["lat", "lon"], [1, 2]], new=[["lat", "lon"], [3, 4]])
    book = openpyxl.load_workbook(path)
    book["old"].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    assert read_sheet(path, None).rows["lat"].tolist() == [3]
    assert read_sheet(path, "old").rows["lat"].tolist() == [1]


ODS = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.2"><office:body><office:spreadsheet>
<table:table table:name="thôn"><table:table-row><table:table-cell office:value-type="string"><text:p>Tên</text:p>\
</table:table-cell><table:table-cell office:value-type="string"><text:p>lat</text:p></table:table-cell>\
</table:table-row>\
<table:table-row><table:table-cell office:value-type="string"><text:p>An</text:p></table:table-cell><table:table-cell \
office:value-type="float" office:value="11.5"><text:p>11,5</text:p></table:table-cell></table:table-row></table:table>
</office:spreadsheet></office:body></office:document-content>"""


def put_ods(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.replace("\n<", "<"))
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
    return path


def test_a_sheet_of_open_document_is_read(tmp_path):
    rows = read_sheet(put_ods(tmp_path / "t.ods"), None).rows
    assert rows.to_dict("index") == {2: {"Tên": "An", "lat": 11.5}}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_with_a_title_and_two_rows_of_headers_is_read_like_the_sheet(write, merged, delimiter):
    filled = [[cell or "" for cell in row] for row in [*HEAD, ["An", "108.5", "11.5", "Bác Ái"], ["Tổng cộng"]]]
    filled = [row + [""] * (4 - len(row)) for row in filled]
    table = read_csv(write("t.csv", as_csv(filled, delimiter=delimiter)))
    assert table.rows.columns.tolist() == read_sheet(merged, None).rows.columns.tolist()
    assert table.rows.to_dict("index")[5] == {"Tên thôn": "An", "Kinh độ": "108.5", "Vĩ độ": "11.5", "Huyện": "Bác Ái"}
    assert table.footers == (6,)


def test_a_title_of_several_lines_and_with_commas_does_not_move_the_rows(write):
    text = '"Danh sách\nthôn, xã";;\nNăm 2019, tỉnh;;\nTên thôn;Kinh độ;Vĩ độ\nAn;108,5;11,5\n'
    table = read_csv(write("t.csv", text))
    assert table.rows.to_dict("index") == {5: {"Tên thôn": "An", "Kinh độ": "108,5", "Vĩ độ": "11,5"}}


@pytest.mark.parametrize(
    ("row", "footer"),
    [
        (["", "Tổng cộng", "700"], True),
        (["", "TỔNG SỐ:", "700"], True),
        (["", "Cộng", "700"], True),
        (["Total", "", "700"], True),
        (["12", "Grand total", "700"], True),
        (["", "Nguồn: Sở TT&TT", ""], True),
        (["Ghi chú: tạm tính", "", ""], True),
        (["Source: office", "", "700"], False),
        (["", "Tổng Cọt", "700"], False),
        (["", "Cộng Hòa", "700"], False),
        (["", "An", "Tổng cộng"], False),
        (["12", "", "700"], False),
    ],
)
def test_a_total_or_a_note_is_told_by_the_first_word_of_its_row(write, row, footer):
    table = read_csv(write("t.csv", as_csv([["id", "name", "pop"], ["1", "An", "7"], row])))
    assert table.footers == ((3,) if footer else ())


@pytest.mark.parametrize("corner", ["XFD1048576", "XFD4000", "AAA100000"])
def test_a_stray_cell_in_the_last_corner_is_refused_before_it_fills_the_memory(workbook, corner):
    path = workbook(s=[["name", "lat"], ["An", 1]])
    book = openpyxl.load_workbook(path)
    book.active[corner] = "x"
    book.save(path)
    with pytest.raises(
        LayerError, match=r"t\.xlsx has a sheet \(xl/worksheets/sheet1\.xml\) of .* cells stand far away"
    ):
        read_sheet(path, None)


def test_a_long_sheet_and_a_wide_sheet_are_read(workbook):
    assert len(read_sheet(workbook(s=[["name"], *[[f"n{row}"] for row in range(70_000)]]), None).rows) == 70_000
    assert read_sheet(workbook(s=[[f"c{place}" for place in range(900)], list(range(900))]), None).rows.shape == (
        1,
        900,
    )
