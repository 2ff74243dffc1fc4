"""Files of a few kilobytes that stand for gigabytes: refused before they are read; their likes that are sound, read."""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo.errors import LayerError
from geo.layers.files import xls_records
from geo.layers.files.parquet_pages import pages_of
from geo.layers.files.repeated_rows import bytes_of_table
from geo.layers.files.sectors import streams_of
from geo.layers.read import open_source

from .biff import label, number, put_xls, record, refers, shared, sheet, text, workbook
from .harm import children

GB = 1 << 30
HEAD = [refers(0, column, column) for column in range(3)]


def texts(*more):
    return shared(*map(text, ("name", "lat", "lon", *more)))


def rows(several, name=3):
    return [
        cell
        for row in range(1, several + 1)
        for cell in (refers(row, 0, name), number(row, 1, 20.5), number(row, 2, 105 + row / 1000))
    ]


def repeated(several, letters):
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(several, "i4")), [letters])


def put_parquet(path, cells, **written):
    """Write a column beside two of coordinates; nothing tells Arrow that its texts were shared."""
    places = {"lat": np.full(len(cells), 20.5), "lon": np.full(len(cells), 105.5)}
    pq.write_table(pa.table({"name": cells, **places}), path, store_schema=False, **written)
    return path


def nested(several, letters):
    """Give texts in a list, a structure, a map, and a list of structures in a structure."""
    cells, ends = repeated(several, letters), pa.array(np.arange(several + 1, dtype="i4"))
    inner = pa.StructArray.from_arrays([cells], ["y"])
    return {
        "list": pa.ListArray.from_arrays(ends, cells),
        "struct": pa.StructArray.from_arrays([cells], ["x"]),
        "map": pa.MapArray.from_arrays(ends, pa.array(["k"] * several), cells),
        "deep": pa.StructArray.from_arrays([pa.ListArray.from_arrays(ends, inner)], ["x"]),
        "binary": cells.cast(pa.dictionary(pa.int32(), pa.large_binary())),
    }


BEGUN = {"use_dictionary": False, "column_encoding": {"name": "DELTA_BYTE_ARRAY"}, "compression": "zstd"}


def size_of(path, enough):
    with pq.ParquetFile(path) as file:
        return bytes_of_table(path, file, enough)


def test_what_becomes_gigabytes_is_refused_in_little_memory_and_what_does_not_is_read(tmp_path):
    long = "a" * 60_000
    zeros = pa.ListArray.from_arrays([0, 9_000_000], pa.array(np.zeros(9_000_000, "i1")))
    far = sheet(*HEAD, *rows(3), number(65535, 255, 1))
    said = [label(row, 3, "x", told=65535) for row in range(1, 10_000)]
    many = [
        put_xls(tmp_path / "long.xls", workbook([sheet(*HEAD, *rows(30_000))], texts(long))),
        put_xls(tmp_path / "said.xls", workbook([sheet(*HEAD, *said)], texts())),
        put_xls(tmp_path / "far.xls", workbook([far], texts("An"), at=[0] * 50)),
        put_parquet(tmp_path / "zeros.parquet", zeros, compression="zstd"),
        *(put_parquet(tmp_path / f"{name}.parquet", cells) for name, cells in nested(30_000, "a" * 1_000_000).items()),
    ]
    sound = [
        put_xls(tmp_path / "v.xls", workbook([sheet(*HEAD, *rows(3))], texts(long))),
        put_parquet(tmp_path / "begun.parquet", pa.array([f"village {row}" for row in range(300)]), **BEGUN),
        *(put_parquet(tmp_path / f"{name}2.parquet", cells) for name, cells in nested(300, "An").items()),
    ]
    assert all(file.stat().st_size < 3 << 20 for file in many)
    answers = children([*many, *sound], most_bytes=3 * GB)
    for file, answer in zip(many, answers, strict=False):
        assert file.name in answer["error"]
        assert "a long text" in answer["error"] or "cells stand far away" in answer["error"]
        assert answer["peak"] < GB // 2
    assert [answer.get("rows", answer) for answer in answers[len(many) :]] == [3, *[300] * 6]


def test_a_text_counts_as_often_as_it_stands_in_lists_and_structures(tmp_path):
    for name, cells in nested(1000, "a" * 5000).items():
        path = put_parquet(tmp_path / f"{name}.parquet", cells)
        # At most the longest text for every value, the keys of a map included; exactly, where that would be too much.
        assert 5_000_000 <= size_of(path, 1 << 40) < (10_300_000 if name == "map" else 5_300_000)
        assert 5_000_000 <= size_of(path, 1_000_000) < 5_300_000
    mixed = pa.array([["a" * 5000], *[["b"]] * 999])
    assert size_of(put_parquet(tmp_path / "v.parquet", mixed), 1 << 40) > 5_000_000
    assert size_of(put_parquet(tmp_path / "v.parquet", mixed), 1_000_000) < 200_000


@pytest.mark.parametrize("several", [1, 300])
def test_a_text_that_begins_as_the_one_before_counts_whole(tmp_path, several):
    path = put_parquet(tmp_path / "v.parquet", pa.array(["a" * 5000] * several), **BEGUN)
    assert 5000 * several <= size_of(path, 1000 * several) < 5300 * several
    path = put_parquet(
        tmp_path / "v.parquet",
        pa.array([["a" * 5000] * several]),
        **{**BEGUN, "column_encoding": {"name.list.element": "DELTA_BYTE_ARRAY"}},
    )
    assert size_of(path, 1000 * several) > 1000 * several


@pytest.mark.parametrize(
    "written",
    [{}, {"data_page_version": "2.0", "write_page_checksum": True}, {"compression": "gzip", "data_page_size": 100}],
)
def test_the_headers_of_the_pages_tell_how_many_values_there_are(tmp_path, written):
    path = put_parquet(
        tmp_path / "v.parquet", pa.array([["An", "Cam"], [], None, ["An"] * 5] * 50), row_group_size=120, **written
    )
    with pq.ParquetFile(path) as file:
        pages = pages_of(path, file)
        assert [sum(one.values for one in groups) for groups in pages] == [450, 200, 200]
        assert [sum(one.shared for one in groups) for groups in pages] == [4, 2, 2]
        for column, groups in enumerate(pages):
            for group, one in enumerate(groups):
                told = file.metadata.row_group(group).column(column)
                # Of a column the headers of its pages are told as well, some twenty bytes each.
                assert one.largest <= one.unpacked < told.total_uncompressed_size
                assert one.values == told.num_values


def test_a_header_of_a_page_without_sense_is_told(tmp_path):
    path = put_parquet(tmp_path / "v.parquet", pa.array(["An"] * 3))
    with pq.ParquetFile(path) as file:
        start = file.metadata.row_group(0).column(0).dictionary_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + 12] = b"\xff" * 12
    path.write_bytes(content)
    with pytest.raises(
        LayerError, match=r"v\.parquet cannot be read: the header of a page makes no sense\. Save or fetch it again"
    ):
        open_source(path)


def test_two_columns_of_one_name_are_told(tmp_path):
    pq.write_table(pa.table([["a"], [1.0], ["b"]], names=["name", "lat", "name"]), tmp_path / "v.parquet")
    with pytest.raises(LayerError, match=r"v\.parquet has several columns called 'name'\. Rename all but one"):
        open_source(tmp_path / "v.parquet")


def bytes_referred(table, several):
    """Give the bytes of the cells of a sheet that refer to each of several texts once."""
    cells = [refers(row, 0, row) for row in range(several)]
    return xls_records.extent_of(workbook([sheet(*cells)], table), 0).text


def test_a_shared_text_of_an_xls_is_as_long_as_its_letters_in_all_its_records():
    wide = struct.pack("<HB", 3, 1) + "Phư".encode("utf-16-le")
    rich = struct.pack("<HBHI", 2, 4 | 8, 1, 5) + b"An" + bytes(4 + 5)
    table = shared(text("An"), wide, text(""), rich, text("Cam"))
    assert [bytes_referred(table, several) for several in range(6)] == [0, 2, 8, 8, 10, 13]
    # The letters go on in a second record as single bytes, behind their mark.
    broken = record(0xFC, bytes(8) + wide[:5]) + record(0x3C, b"\0hu" + text("An"))
    assert [bytes_referred(broken, several) for several in (1, 2)] == [2 + 1 + 2, 7]
    assert bytes_referred(shared(text("a" * 20_000), text("An")), 2) == 20_002 + 2


@pytest.mark.parametrize("padding", [0, 4096])
def test_the_stream_of_a_workbook_is_found_among_small_and_large_ones(tmp_path, padding):
    stream = workbook([sheet(*HEAD, *rows(3))], texts("An")).ljust(padding, b"\0")
    path = put_xls(tmp_path / "v.xls", stream)
    assert streams_of(path.read_bytes(), "Book", "Workbook") == [stream]
    assert open_source(path).rows["name"].tolist() == ["An"] * 3


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([record(0xE5, b"\1\0")], "it is damaged"),
        ([record(0x200, struct.pack("<2I3H", 0, 1 << 31, 0, 9, 0))], "cells stand far away"),
        ([record(0x200, struct.pack("<2I3H", 5, 3, 7, 3, 0))], "cells stand far away"),
        ([record(0xBD, struct.pack("<2H", 65535, 65000) + bytes(6 * 3) + struct.pack("<H", 65002))], "cells stand far"),
    ],
)
def test_a_sheet_of_records_that_its_reader_stumbles_over_ends_in_one_line(tmp_path, capfd, cells, told):
    path = put_xls(tmp_path / "v.xls", workbook([sheet(*HEAD, *rows(3), *cells)], texts("An")))
    with pytest.raises(LayerError, match=rf"v\.xls .*{told}"):
        open_source(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("place", [40, 44, 64, 512 + 120, 512 + 128 + 120])
def test_a_size_that_an_xls_cannot_have_is_told_before_room_is_made_for_it(tmp_path, place):
    path = put_xls(tmp_path / "v.xls", workbook([sheet(*HEAD, *rows(3))], texts("An")))
    content = bytearray(path.read_bytes())
    content[place : place + 4] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)
    with pytest.raises(LayerError, match=r"v\.xls is no spreadsheet that can be read: (it is damaged|a stream in it)"):
        open_source(path)


def test_sheets_that_lie_in_one_another_are_damage(tmp_path):
    inside = sheet(*HEAD, *[record(0x99)] * 1000)
    stream = workbook([inside], texts("An"), at=[0] * 40)
    starts = [place for place in range(len(stream)) if stream[place : place + 4] == record(0x85, bytes(10))[:4]]
    several = bytearray(stream)
    for number_of, place in enumerate(starts):
        several[place + 4 : place + 8] = struct.pack("<I", len(stream) - 4 * (900 - number_of))
    path = put_xls(tmp_path / "v.xls", bytes(several))
    with pytest.raises(LayerError, match=r"v\.xls is no spreadsheet that can be read: it is damaged"):
        open_source(path)
