"""Records of a shapefile's table that are marked as deleted: they stand there until the file is packed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 12
_MARK = ord("*")


def deleted_records(shapefile: Path) -> tuple[int, ...]:
    """Give the numbers of the deleted records of the table beside a shapefile, from 0; none where there is no table."""
    beside = (shapefile.with_suffix(end) for end in (".dbf", ".DBF"))
    table = next((path for path in beside if path.is_file()), None)
    if table is None or table.stat().st_size < _HEAD:
        return ()
    with table.open("rb") as stream:
        count, start, width = struct.unpack("<4xIHH", stream.read(_HEAD))
    if not width:
        return ()
    # Each record begins with its mark; of the file only these are looked at.
    marks = np.memmap(table, dtype=np.uint8, mode="r")[start::width][:count]
    return tuple(np.flatnonzero(marks == _MARK).tolist())
