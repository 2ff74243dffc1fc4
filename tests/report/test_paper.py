"""The paper: A4, its fonts inside, every letter of Vietnamese, and text of layers that stays text."""

from __future__ import annotations

import logging
import re
import sys

import geopandas as gpd
import pytest

from geo.errors import OutputError
from geo.report.contents import contents
from geo.report.given import measured
from geo.report.paper import write_paper
from geo.study import Study

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
