"""The text: the contents of the paper as Markdown, and text of layers that stays text."""

from __future__ import annotations

import re

import pytest

from geo.report.markdown import escaped

# An escaped character, or one that no Markdown has a meaning for within a line.
INERT = re.compile(r"(?:\\[!-/:-@\[-`{-~]|[^\\`*_\[\]<>|~$&#])*")


def cells_of(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def unescaped(text):
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


@pytest.mark.parametrize("kind", ["province", "hostile"])
def test_every_row_has_as_many_cells_as_its_head(kind, request):
    lines = request.getfixturevalue(kind).file("md").read_text("utf-8").splitlines()
    count, tables = 0, 0
    for line in lines:
        if not line.startswith("|"):
            count = 0
            continue
        if not count:
            count, tables = len(cells_of(line)), tables + 1
        assert len(cells_of(line)) == count, line
    assert tables > 5


def test_no_text_of_a_layer_is_more_than_text(hostile):
    text = hostile.file("md").read_text("utf-8")
    rows = [cell for line in text.splitlines() if line.startswith("| ") for cell in cells_of(line)]
    assert [cell for cell in rows if not INERT.fullmatch(cell)] == []
    assert {"#set text(red)", "|pipes|", "<b>b</b> & $x$"} <= {unescaped(cell) for cell in rows}
    assert "<script" not in text
    assert text.startswith("# =1+1 \\#set \\*bold\\* \\|t\\| \\<b\\>\n")


def test_an_address_is_no_link():
    assert escaped("http://e.vn www.e.vn a@e.vn") == r"http\://e.vn www\.e.vn a\@e.vn"


def test_it_says_what_the_paper_says(province):
    text = unescaped(province.file("md").read_text("utf-8"))
    for said in ("3,24°", "Người dân ở cách điểm gần nhất", "KHÔNG KHỚP", "Hiện 30 trong 65 dòng"):
        assert said in text
    for facts in province.answer["layers"]:
        assert facts["sha256"] in text
