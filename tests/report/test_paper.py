"""The paper: A4, its fonts inside, every letter of Vietnamese, and text of layers that stays text."""

from __future__ import annotations

import logging
import re
import sys

import geopandas as gpd
import pytest

from geo import __version__
from geo.errors import OutputError
from geo.report.contents import contents
from geo.report.given import measured
from geo.report.paper import write_paper
from geo.study.study import Study

VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"


def squeezed(text):
    return "".join(text.replace("\u200b", "").split())


def renamed(district, name):
    """Give the district with a village of another name."""
    villages = gpd.read_file(district.parent / "villages.gpkg")
    villages.loc[2, "name"] = name
    villages.to_file(district.parent / "villages.gpkg")
    return measured(Study.open(district), district)


def test_the_paper_is_a4_with_numbered_pages_and_every_font_inside(province, pdffonts, told_by):
    lines = told_by(pdffonts, province.file("pdf")).splitlines()[2:]
    assert lines
    assert all(re.search(r"\byes yes yes\b", line) for line in lines)
    text = told_by("pdftotext", "-layout", province.file("pdf"), "-")
    pages = re.findall(r"Trang (\d+) / (\d+)", text)
    assert [int(page) for page, _ in pages] == list(range(1, len(pages) + 1))
    assert {int(count) for _, count in pages} == {len(pages)}
    size = told_by("pdfinfo", province.file("pdf"))
    assert "595.276 x 841.89 pts (A4)" in size
    assert "Tue Dec 31" in size
    assert "2019" in size


def test_the_paper_says_what_a_department_signs(province, pdftotext, told_by):
    text = squeezed(told_by(pdftotext, "-layout", province.file("pdf"), "-"))
    for said in (
        "Báo cáo vùng phục vụ", "3,24°", "606.900°", "Người dân ở cách điểm gần nhất trung bình 1,34 km",
        "KHÔNG KHỚP", "KHÔNG ĐẠT", "chưa kiểm chứng tại nguồn", "Huyện Bác Ái", "Biển Đông", "10 km", "geo 0.1.0",
        "Thủ trưởng đơn vị", "Hiện 30 trong 65 dòng",
    ):  # fmt: skip
        assert squeezed(said) in text, said
    for facts in province.answer["layers"]:
        assert facts["sha256"] in text


@pytest.mark.parametrize("name", [VOWELS, VOWELS.upper(), "√ π × ≤ ² ° – … ✓"])
def test_every_letter_of_vietnamese_can_be_read_back(district, tmp_path, name, pdftotext, told_by):
    write_paper(contents(renamed(district, name), "vi"), None, tmp_path / "report.pdf")
    assert squeezed(name) in squeezed(told_by(pdftotext, "-raw", tmp_path / "report.pdf", "-"))


def pages_of(path, told_by):
    return told_by("pdftotext", "-layout", path, "-").split("\f")[:-1]


@pytest.mark.usefixtures("pdftotext")
def test_hundreds_of_faulty_rows_leave_no_page_blank_and_stay_above_the_footer(faulty, told_by):
    pages = pages_of(faulty.file("pdf"), told_by)
    text = squeezed(" ".join(pages))
    assert squeezed("more (.xlsx, sheet “Rows with findings”)") in text
    assert 12 < text.count("(village-") <= 12 * len(faulty.answer["findings"])
    for number, page in enumerate(pages, start=1):
        lines = [line for line in page.splitlines() if line.strip()]
        assert len(lines) > 6, f"page {number} is all but blank: {page}"
        assert lines[-1].split() == ["geo", __version__, "Page", str(number), "/", str(len(pages))]
    boxes = told_by("pdftotext", "-bbox", faulty.file("pdf"), "-")
    lows = [float(low) for low in re.findall(r'yMax="([0-9.]+)">(?!geo<|0\.1\.0<|Page<|/<|\d+<)', boxes)]
    # A page is 842 points high, and its margin 57.
    assert max(lows) < 842 - 55


@pytest.mark.usefixtures("pdftotext")
@pytest.mark.parametrize("kind", ["pdf", "md"])
def test_the_first_page_says_what_is_not_reproduced_and_not_kept(province, kind, told_by):
    file = province.file(kind)
    text = pages_of(file, told_by)[0] if kind == "pdf" else file.read_text("utf-8").partition("## ")[0]
    text = squeezed(text.replace("\\", ""))
    for said in (
        "Không thấy lỗi nào", "Trong 8 số liệu đã công bố: 2 KHÔNG KHỚP", "(internet): 89,17",
        "1 KHÔNG ĐẠT (Bán kính phục vụ bình quân tối đa 3 km); 2 đạt", "Cơ quan ban hành:", "/BC-",
        "ngày …… tháng …… năm", "ngày 31 tháng 12 năm 2019",
    ):  # fmt: skip
        assert squeezed(said) in text, said


def test_a_report_in_vietnamese_has_no_english_words_for_services(province):
    text = province.file("md").read_text("utf-8")
    # What the audit says of a ratio beside another is the audit's.
    ours = [line for line in text.splitlines() if "đứng sau" not in line]
    assert [line for line in ours if re.search(r"\bfibre\b|\btelephone\b|\bkm2\b", line)] == []


@pytest.mark.usefixtures("pdftotext")
@pytest.mark.parametrize(("kind", "table"), [("province", "Cách tính đã chọn"), ("faulty", "How it was counted")])
def test_no_signature_stands_on_a_page_of_its_own(kind, table, request, told_by):
    *_, last = pages_of(request.getfixturevalue(kind).file("pdf"), told_by)
    assert table in last
    assert ("Thủ trưởng đơn vị" if kind == "province" else "Head of the unit") in last


@pytest.mark.usefixtures("pdftotext")
def test_the_map_says_its_source_its_day_and_what_it_rests_on(province, told_by):
    page = squeezed(pages_of(province.file("pdf"), told_by)[1])
    for said in ("Số liệu đến: ngày 31 tháng 12 năm 2019", "Nguồn: Số liệu công bố", "không phải kết quả đo"):
        assert squeezed(said) in page, said


def test_hostile_text_is_set_as_it_stands(hostile, pdftotext, told_by):
    text = squeezed(told_by(pdftotext, "-raw", hostile.file("pdf"), "-"))
    for said in (
        "=1+1 #set *bold* |t| <b>",
        "#set text(red)",
        "|pipes|",
        "<b>b</b> & $x$",
        "*source* | #let",
        "<script>&",
    ):
        assert squeezed(said) in text, said


def test_a_letter_that_our_fonts_lack_is_told(district, tmp_path, caplog):
    given = renamed(district, "ភូមិ")
    with caplog.at_level(logging.WARNING):
        try:
            write_paper(contents(given, "en"), None, tmp_path / "report.pdf")
        except OutputError as error:
            # A machine that has no such font either.
            assert "report.pdf cannot be set" in str(error)  # noqa: PT017
    assert "fonts of this machine help out" in caplog.text


def test_without_the_library_one_line_says_what_to_install(district, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(OutputError, match=r"pip install 'geo-coverage\[report\]'"):
        write_paper(contents(measured(Study.open(district)), "en"), None, tmp_path / "report.pdf")
