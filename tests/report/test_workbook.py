"""The workbook: the numbers of `geo measure`, formulas that give them, and text that stays text."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile

import openpyxl
import pytest

from geo.errors import OutputError
from geo.report.document import Report
from geo.report.workbook import write_workbook

KEYS = ("Địa bàn", "Khóa", "Công nghệ", "Nhà mạng", "Trong vòng km")
WORDS = ("Giá trị", "Tử số", "Mẫu số")
# Numbers, references to a cell, and the two functions of the laws: nothing that a layer could have said.
FORMULA = re.compile(r"=(?:SQRT|PI|[A-Z]{1,3}[0-9]+|[0-9.]+|[()*/])+")


def same(found, wanted, rel):
    """Tell whether numbers are the same but for their last digits, and nothing where nothing is wanted."""
    return found == wanted if wanted is None or found is None else found == pytest.approx(wanted, rel=rel, abs=0)


def rows_of(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows if row[1] is not None]


def figures_of(path):
    sheet = openpyxl.load_workbook(path, data_only=True)["Số liệu"]
    whole = {"Toàn địa bàn": "all"}
    return {
        (whole.get(row["Địa bàn"], row["Địa bàn"]), *(row[key] for key in KEYS[1:])): [row[word] for word in WORDS]
        for row in rows_of(sheet)
        if row["Khóa"] is not None
    }


def expected(answer):
    return {
        (f["area"], f["indicator"], f["technology"], f["operator"], f["within_km"]): [
            f["value"], f["numerator"], f["denominator"]
        ]
        for f in answer["figures"]
    }  # fmt: skip


def formulas(path):
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def test_the_figures_are_those_of_the_json_to_sixteen_digits(province):
    found, wanted = figures_of(province.file("xlsx")), expected(province.answer)
    assert len(found) > 300
    assert found.keys() == wanted.keys()
    for key, numbers in wanted.items():
        assert all(map(same, found[key], numbers, [1e-15] * 3)), key


def test_the_formulas_recalculated_give_the_figures_of_the_json(province, tmp_path, office):
    bare = tmp_path / "bare.xlsx"
    with zipfile.ZipFile(province.file("xlsx")) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                # Without a cached value there is nothing to show but what is computed.
                text, count = re.subn(rb"(<f>[^<]*</f>)<v>[^<]*</v>", rb"\1", text)
                assert count or b"<f>" not in text
            new.writestr(name, text)
    command = [
        office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
        "--outdir", str(tmp_path / "out"), str(bare),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, check=True, timeout=240)
    found, wanted = figures_of(tmp_path / "out/bare.xlsx"), expected(province.answer)
    assert found.keys() == wanted.keys()
    for key, numbers in wanted.items():
        assert all(map(same, found[key], numbers, [1e-9] * 3)), key
    kept = openpyxl.load_workbook(province.file("xlsx"), data_only=True)
    again = openpyxl.load_workbook(tmp_path / "out/bare.xlsx", data_only=True)
    places = formulas(province.file("xlsx"))
    assert {sheet for sheet, _ in places} == {"Số liệu", "Tiếp cận", "Nhóm", "Địa bàn"}
    for sheet, cell in places:
        assert same(again[sheet][cell].value, kept[sheet][cell].value, 1e-9), (sheet, cell)


def test_every_share_of_the_whole_is_a_formula_over_its_own_row(province):
    book = openpyxl.load_workbook(province.file("xlsx"))
    sheet = book["Số liệu"]
    head = [cell.value for cell in sheet[1]]
    value, key = (head.index(word) for word in ("Giá trị", "Khóa"))
    shares = [row for row in sheet.iter_rows(min_row=2) if str(row[key].value).endswith(("_covered", "_within"))]
    told = [row for row in shares if row[value].value is not None]
    assert len(told) > 100
    for row in told:
        assert row[value].value == f"=E{row[0].row}/F{row[0].row}"


def test_the_villages_covered_of_all_areas_add_up_to_the_whole(province):
    rows = rows_of(openpyxl.load_workbook(province.file("xlsx"), data_only=True)["Địa bàn"])
    column = "Thôn có 4G: tử số"
    *parts, whole = [row[column] for row in rows if row["Địa bàn"] and row["Thôn có 4G"] is not None]
    assert len(parts) == 65
    assert sum(parts) == whole == 360


def test_every_village_has_its_nearest_point_and_coverage(province):
    rows = rows_of(openpyxl.load_workbook(province.file("xlsx"), data_only=True)["Thôn"])
    assert len(rows) == 400
    assert sum(row["4G"] == "đã phủ" for row in rows) == 360
    assert max(row["Khoảng cách, km"] for row in rows) == pytest.approx(6.78, abs=0.005)
    assert all(row["Điểm gần nhất"] and row["Mã điểm"] for row in rows)


def test_tables_have_frozen_headers_filters_widths_and_number_formats(province):
    book = openpyxl.load_workbook(province.file("xlsx"))
    assert book.sheetnames == [
        "Báo cáo vùng phục vụ", "Số liệu", "Tiếp cận", "Khoảng cách", "Nhóm", "Địa bàn", "Thôn", "Còn thiếu",
        "Thôn ở xa", "Thôn chưa được phủ", "Lỗi dữ liệu", "Đối chiếu", "Các số dân", "Tiêu chuẩn", "Phương pháp",
        "Lựa chọn",
    ]  # fmt: skip
    for name in ("Số liệu", "Nhóm", "Địa bàn", "Thôn"):
        assert max(dimension.width for dimension in book[name].column_dimensions.values()) > 20
    # Behind a number stands the mark of what it rests on.
    formats = {row[2].number_format.rstrip('"°*') for row in book["Số liệu"].iter_rows(min_row=2)}
    assert {"0.0%", "#,##0", "#,##0.00"} <= formats


@pytest.mark.parametrize("kind", ["province", "hostile", "faulty"])
def test_the_head_of_every_table_is_frozen_filtered_and_on_each_printed_page(kind, request):
    book = openpyxl.load_workbook(request.getfixturevalue(kind).file("xlsx"))
    tables = 0
    for sheet in book.worksheets[1:]:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert len(sheet.tables) <= 1, sheet.title
        for table in sheet.tables.values():
            assert table.ref.startswith("A1:")
            assert sheet.freeze_panes in ("B2", "C2")
            assert sheet.print_title_rows == "$1:$1"
            assert sheet.page_setup.fitToHeight == 0
            assert table.autoFilter is not None
            tables += 1
    assert tables > 8


def test_the_cover_is_one_upright_page_whose_headline_is_numbers(province):
    cover = openpyxl.load_workbook(province.file("xlsx")).worksheets[0]
    assert cover.page_setup.orientation == "portrait"
    assert (cover.sheet_properties.pageSetUpPr.fitToPage, cover.page_setup.fitToHeight) == (True, None)
    told = {row[0].value: row[1:3] for row in cover.iter_rows() if row[0].value}
    radius, unit = told["Bán kính phục vụ bình quân"]
    assert (radius.value, unit.value) == (pytest.approx(3.2372, abs=1e-4), "km")
    assert radius.number_format == '#,##0.00"°"'
    assert told["Tỷ lệ thôn được phủ (4G)"][0].value == pytest.approx(0.9)
    assert told["Số liệu đến"][0].value == "ngày 31 tháng 12 năm 2019"
    assert any("KHÔNG ĐẠT" in str(name) for name in told)


def test_the_workbook_has_every_row_of_every_finding(faulty):
    rows = rows_of(openpyxl.load_workbook(faulty.file("xlsx"))["Rows with findings"])
    assert len(rows) == sum(len(one["rows"]) for one in faulty.answer["findings"]) > 600


def test_only_our_own_formulas_are_formulas(hostile, province):
    for one in (hostile, province):
        found = formulas(one.file("xlsx"))
        assert len(found) > 20
        assert [formula for formula in found.values() if not FORMULA.fullmatch(formula)] == []


def test_hostile_text_stays_text_with_an_apostrophe_where_it_is_a_formula(hostile):
    sheet = openpyxl.load_workbook(hostile.file("xlsx"))["Villages"]
    names = [row[1].value for row in sheet.iter_rows(min_row=2, max_row=8)]
    assert names[:2] == ["'=1+1", "#set text(red)"]
    assert names[6] == "'@SUM(A1)"
    assert all(row[1].data_type == "s" for row in sheet.iter_rows(min_row=2, max_row=8))


def test_without_the_library_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    empty = Report(language="en", title="", date=None, notice="", facts=(), headline=(), sections=())
    with pytest.raises(OutputError, match=r"pip install 'geo-coverage\[report\]'"):
        write_workbook(empty, tmp_path / "report.xlsx")
