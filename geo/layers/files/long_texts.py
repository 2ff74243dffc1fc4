"""Texts in a GeoPackage held against a limit before GDAL reads them: one of 300 MB takes seven times its size."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.layers.files.views import opened_base, quoted

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_TEXT = 16 << 20
"""As long as a line of a table of text may be."""


def refuse_long_texts(path: Path, layer: str, shown: str) -> None:
    """
    Refuse a layer of a database with a text that is longer than any table of text could hold.

    Geometries may have any length. What is wrong in another way is left to GDAL to say.

    Parameters
    ----------
    path : Path
        Any file; one that is no SQLite database, or too small to hold such a text, is passed over.
    layer : str
        The table that will be read.
    shown : str
        How messages call the file.

    Raises
    ------
    LayerError
        With the column and the row.
    """
    if path.stat().st_size <= _LONGEST_TEXT:
        return
    with opened_base(path) as base:
        if base is None:
            return
        # A longer text is not even loaded, but ends the query.
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)
        try:
            about = base.execute("SELECT name FROM pragma_table_info(?) WHERE pk = 0", [layer])
            columns = [str(name) for (name,) in about]
            if not columns or _are_short(base, layer, columns):
                return
            column = next((one for one in columns if not _are_short(base, layer, [one])), columns[0])
            row = _first_long(base, layer, column)
        except (sqlite3.Error, UnicodeError):
            return
    msg = (
        f"{shown} holds a text of more than {_LONGEST_TEXT >> 20} MB, in column '{column}' of row {row} of '{layer}'. "
        "Shorten it, or leave that column out."
    )
    raise LayerError(msg)


def _are_short(base: sqlite3.Connection, layer: str, columns: list[str]) -> bool:
    # The length of a geometry is known without loading it.
    longest = ", ".join(f"max(length({quoted(name)}))" for name in columns)
    try:
        base.execute(f"SELECT {longest} FROM {quoted(layer)}").fetchall()  # noqa: S608 - quoted
    except sqlite3.DataError:
        return False
    return True


def _first_long(base: sqlite3.Connection, layer: str, column: str) -> int:
    """Give the number of the row at which a column cannot be read any further."""
    table, name = quoted(layer), quoted(column)
    low, high = base.execute(f"SELECT min(rowid), max(rowid) FROM {table}").fetchone()  # noqa: S608 - quoted
    while low < high:
        middle = (low + high) // 2
        some = f"SELECT max(length({name})) FROM {table} WHERE rowid BETWEEN ? AND ?"  # noqa: S608
        try:
            base.execute(some, [low, middle]).fetchall()
        except sqlite3.DataError:
            high = middle
        else:
            low = middle + 1
    return int(low)
