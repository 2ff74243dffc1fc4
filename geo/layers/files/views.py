"""Views in a GeoPackage, tried out with a limit: a query that never ends would never end in GDAL either."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from geo.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SQLITE = b"SQLite format 3\0"
_STEPS_AT_ONCE = 1_000_000
_MOST_STEPS = 300_000_000
"""Some seconds of SQLite's work."""
_LONGEST_CELL = 100_000_000
_UNKNOWN = re.compile(r"no such function: (\w+)")
_MOST_FUNCTIONS = 50


def refuse_endless_views(path: Path, layer: str | None, shown: str) -> None:
    """
    Refuse a database with a view, or a computed column, that takes too long or grows too large.

    Functions of GDAL stand for nothing here. What is wrong in another way is left to GDAL to say.

    Parameters
    ----------
    path : Path
        Any file; one that is no SQLite database is passed over.
    layer : str or None
        The layer that will be read; None where it is not known, and every view counts.
    shown : str
        How messages call the file.

    Raises
    ------
    LayerError
        With the name of the view.
    """
    with opened_base(path) as base:
        if base is None:
            return
        try:
            views = base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'view' OR (type = 'table' AND sql LIKE '%AS (%')"
            ).fetchall()
        except (sqlite3.Error, UnicodeError):  # what is wrong may be told in bytes that are no text
            return
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
        for (name,) in views:
            if layer in (None, name) and not _ends(base, str(name)):
                msg = f"{shown}: its view '{name}' takes too long to be read. Save what it gives as a table."
                raise LayerError(msg)


@contextmanager
def opened_base(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Open an SQLite database so that nothing is written, not even beside it; None of any other file."""
    with path.open("rb") as stream:
        is_base = stream.read(len(_SQLITE)) == _SQLITE
    if not is_base:
        yield None
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        yield base


def quoted(name: str) -> str:
    """
    Quote the name of a table or column for a query.

    Examples
    --------
    >>> quoted('thôn "A" x')
    '"thôn ""A"" x"'
    """
    return '"' + name.replace('"', '""') + '"'


def _ends(base: sqlite3.Connection, name: str) -> bool:
    """Tell whether a view comes to its end within the limits."""
    steps = 0

    def count() -> bool:
        nonlocal steps
        steps += _STEPS_AT_ONCE
        return steps > _MOST_STEPS

    base.set_progress_handler(count, _STEPS_AT_ONCE)
    for _ in range(_MOST_FUNCTIONS):
        try:
            for _row in base.execute(f"SELECT * FROM {quoted(name)}"):  # noqa: S608 - quoted
                pass
        except sqlite3.DataError:
            return False
        except sqlite3.OperationalError as error:
            if unknown := _UNKNOWN.search(str(error)):
                base.create_function(unknown[1], -1, lambda *_: None)
                continue
            return str(error) != "interrupted"
        except (sqlite3.Error, UnicodeError):
            return True
        return True
    return True
