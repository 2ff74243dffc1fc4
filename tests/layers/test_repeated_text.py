"""The text that cells stand for, counted on paper: repeated in OpenDocument, shared in XLSX and XLSB."""

from __future__ import annotations

import zipfile

import pytest

from geo.errors import LayerError
from geo.layers.files import repeated_text
from geo.layers.files.repeated_text import bytes_referred, repeated, shared_texts

TEXTS = b"<sst><si><t>An</t></si><si/><x:si><x:t>Phan Rang</x:t></x:si></sst>"
LENGTHS = [len(b"<sst><si><t>An</t>"), 0, len(b"<x:si><x:t>Phan Rang</x:t>")]


@pytest.fixture
def archive(tmp_path):
    def made(**parts):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
            for name, content in parts.items():
                out.writestr(name.replace("_", "."), content)
        return zipfile.ZipFile(tmp_path / "a.zip")

    return made


CELL = "<table:table-cell>{}</table:table-cell>"


def row(*cells, about=""):
    return f"<table:table-row {about}>\n  {'  '.join(cells)} </table:table-row>"


def times(what, number):
    return f"table:number-{what}-repeated='{number}'"


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        ([row(CELL.format("<t>abc</t>"))], 10),
        ([row(f"<table:table-cell {times('columns', 3)}>abc</table:table-cell>", CELL.format("ab"))], 11),
        ([row(CELL.format("abc"), f"<table:table-cell {times('columns', 16384)}/>", about=times("rows", 5))], 15),
        (
            [
                row(CELL.format("a"), about=f"x='>' {times('rows', 9)}"),
                row(CELL.format(""), about=times("rows", 10**6)),
            ],
            9,
        ),
        ([row(f"<table:table-cell {times('columns', '&#57;')}>a</table:table-cell>")], repeated_text.MOST_TEXT),
        ([row(CELL.format('a<text:s text:c="7"/>b'), about=times("rows", 2))], 2 * (len('a<text:s text:c="7"/>b') + 7)),
    ],
)
def test_a_text_of_opendocument_counts_as_often_as_it_is_repeated(archive, rows, size):
    with archive(content_xml=f"<table:table>{''.join(rows)}</table:table>") as book:
        assert repeated(book, "content.xml", "v.ods").text == size


EMPTY = f"<table:table-cell {times('columns', 7)}/>"


@pytest.mark.parametrize(
    ("sheets", "cells"),
    [
        ([[row(CELL.format("a"), EMPTY), row(EMPTY, about=times("rows", 1_000_000))]], 1),
        ([[row(EMPTY, about=times("rows", 9)), row(EMPTY, CELL.format("a"), EMPTY)]], 10 * 8),
        ([[row(CELL.format("a"), about=times("rows", 9)), f"<table:table-row {times('rows', 5)}/>"] * 2], 9 + 5 + 9),
        ([[row(CELL.format("a"))] * 3, [row(EMPTY)], [row(EMPTY, CELL.format("a"))]], 3 + 8),
        ([[row(f"<table:table-cell {times('columns', 4)} office:value='1'/>", EMPTY)] * 2], 2 * 4),
    ],
)
def test_a_sheet_of_opendocument_reaches_to_the_last_cells_that_hold_something(archive, sheets, cells):
    with archive(content_xml="".join(f"<table:table>{''.join(rows)}</table:table>" for rows in sheets)) as book:
        assert repeated(book, "content.xml", "v.ods").cells == cells


def test_a_value_in_an_attribute_is_repeated_too(archive):
    cell = '<table:table-cell table:number-columns-repeated="4" office:string-value="abc"/>'
    with archive(content_xml=f"<table:table-row>{cell}</table:table-row>") as book:
        assert repeated(book, "content.xml", "v.ods").text == 4 * (len(cell) - len("<table:table-cell>"))


def test_the_cells_of_a_sheet_stand_for_the_texts_that_they_refer_to(archive, monkeypatch):
    cells = (
        "<c t='s'><v>0</v></c><c><v>2</v></c><c r=\"A1\" t=\"s\" s='1'><f>B1</f><v> 2</v></c><c t='s'><v>&#49;</v></c>"
    )
    with archive(sharedStrings_xml=TEXTS, sheet_xml=cells) as book:
        lengths = shared_texts(book, "v.xlsx")
        assert lengths.tolist() == LENGTHS
        assert bytes_referred(book, "sheet.xml", lengths, "v.xlsx") == 0
        monkeypatch.setattr(repeated_text, "MOST_TEXT", 1)
        # The number that is written as an entity may be that of the longest text.
        assert bytes_referred(book, "sheet.xml", lengths, "v.xlsx") == LENGTHS[0] + 2 * LENGTHS[2]


@pytest.mark.parametrize("cells", [0, 3])
def test_texts_that_no_cell_has_room_to_refer_to_are_refused_before_they_are_read(archive, monkeypatch, cells):
    monkeypatch.setattr(repeated_text, "_FEW_TEXTS", 2)
    with archive(sharedStrings_xml=TEXTS, sheet_xml="<c t='s'><v>0</v></c>" * cells) as book:
        if cells:
            assert shared_texts(book, "v.xlsx").tolist() == LENGTHS
        else:
            with pytest.raises(
                LayerError, match=r"v\.xlsx shares more texts \(3 and more\) than its sheets have cells"
            ):
                shared_texts(book, "v.xlsx")


def test_the_records_of_a_binary_sheet_refer_to_texts_as_well(archive, monkeypatch):
    def record(kind, content):
        return bytes([kind, len(content)]) + content

    texts = record(19, b"\0" * 7) + record(19, b"\0" * 70)
    cells = b"".join(record(7, bytes(8) + number.to_bytes(4, "little")) for number in (0, 1, 1, 9)) + record(
        5, bytes(16)
    )
    monkeypatch.setattr(repeated_text, "MOST_TEXT", 1)
    with archive(sharedStrings_bin=texts, sheet_bin=cells) as book:
        assert bytes_referred(book, "sheet.bin", shared_texts(book, "v.xlsb"), "v.xlsb") == 147
