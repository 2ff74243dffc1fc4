"""Workbooks of Excel 97 (XLS) made record by record: a stream of records in a file of sectors."""

from __future__ import annotations

import struct

_SECTOR = 512
_FREE, _LAST, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_GLOBALS, _SHEET = 0x0005, 0x0010


def record(kind, content=b""):
    return struct.pack("<2H", kind, len(content)) + content


def text(letters):
    """Give a text as the shared ones are: its length in letters, a mark that they are single bytes, and they."""
    return struct.pack("<HB", len(letters), 0) + letters.encode("latin-1")


def shared(*texts, told=None):
    """Give the table of the shared texts, continued in as many records as it needs."""
    table = struct.pack("<2i", len(texts), len(texts) if told is None else told)
    records = []
    for one in texts:
        if table and len(table) + len(one) > 8_000:
            records.append(table)
            table = b""
        table += one[:8_000]
        # A text that goes on begins again with the mark of its letters.
        for start in range(8_000, len(one), 8_000):
            records.append(table)
            table = b"\0" + one[start : start + 8_000]
    records.append(table)
    return record(0xFC, records[0]) + b"".join(record(0x3C, part) for part in records[1:])


def refers(row, column, number):
    return record(0xFD, struct.pack("<3HI", row, column, 0, number))


def number(row, column, value):
    return record(0x203, struct.pack("<3Hd", row, column, 0, value))


def label(row, column, letters, told=None):
    told = len(letters) if told is None else told
    return record(0x204, struct.pack("<4HB", row, column, 0, told, 0) + letters.encode("latin-1"))


def wide_label(row, column, letters):
    """Give a cell of text whose letters are two bytes each, as those of Vietnamese are."""
    return record(0x204, struct.pack("<4HB", row, column, 0, len(letters), 1) + letters.encode("utf-16-le"))


def sheet(*cells):
    return record(0x809, struct.pack("<2H", 0x600, _SHEET) + bytes(12)) + b"".join(cells) + record(0x0A)


def workbook(sheets, texts=b"", *, at=None):
    """Give the stream of a workbook: what holds for all sheets, and the sheets; `at` names sheets by their place."""
    start = record(0x809, struct.pack("<2H", 0x600, _GLOBALS) + bytes(12))
    names = [f"S{place}" for place in range(len(at or sheets))]
    size = len(start) + sum(len(record(0x85, bytes(8) + name.encode())) for name in names) + len(texts) + 4
    places = [size + sum(map(len, sheets[:place])) for place in range(len(sheets))]
    bound = [
        record(0x85, struct.pack("<I4B", places[place], 0, 0, len(name), 0) + name.encode())
        for name, place in zip(names, at or range(len(sheets)), strict=True)
    ]
    return start + b"".join(bound) + texts + record(0x0A) + b"".join(sheets)


def put_xls(path, stream, name="Workbook"):
    """Write a stream into a file of sectors: its directory, its content, the tables that chain them."""
    size, mini = len(stream), -(-len(stream) // 64) if len(stream) < 4096 else 0
    assert mini < 128
    chained = struct.pack("<128I", *range(1, mini), _LAST, *[_FREE] * (128 - mini)) if mini else b""
    content = [stream[start : start + _SECTOR].ljust(_SECTOR, b"\0") for start in range(0, len(stream), _SECTOR)]
    # The directory is the first sector, then comes the table of the mini sectors, where there are such.
    before = 2 if mini else 1
    tables = 1
    while tables * 128 < before + len(content) + tables:
        tables += 1
    assert tables <= 109
    chain = [_LAST] * before + [*range(before + 1, before + len(content)), _LAST, *[_TABLE] * tables]
    chain += [_FREE] * (tables * 128 - len(chain))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6)
    minis = (1, 1) if mini else (_LAST, 0)
    head = head.ljust(44, b"\0") + struct.pack("<8I", tables, 0, 0, 4096, *minis, _LAST, 0)
    named = range(before + len(content), before + len(content) + tables)
    head += struct.pack(f"<{tables}I", *named) + struct.pack("<I", _FREE) * (109 - tables)
    root = _entry("Root Entry", 5, before, mini * 64) if mini else _entry("Root Entry", 5, _LAST, 0)
    directory = root + _entry(name, 2, 0 if mini else before, size)
    table = struct.pack(f"<{len(chain)}I", *chain)
    path.write_bytes(head + directory.ljust(_SECTOR, b"\0") + chained + b"".join(content) + table)
    return path


def _entry(name, kind, start, size):
    title = name.encode("utf-16-le")
    entry = title.ljust(64, b"\0") + struct.pack("<H2B3I", len(title) + 2, kind, 1, _FREE, _FREE, _FREE)
    return entry.ljust(116, b"\0") + struct.pack("<IQ", start, size)
