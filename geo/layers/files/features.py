"""How many features a GeoJSON file tells: GDAL passes over those that are none, and says nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_STEP = 1 << 24
_BLANK = b" \t\r\n"
# Texts, so that what is left are marks and numbers; the one key that matters stays.
_TEXT = re.compile(rb'("features":)|"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_KEY = re.compile(rb'"features":(?=\[)')


def features_told(path: Path) -> int | None:
    """
    Count the members of the list of features of a GeoJSON file, whatever they are; None where it has no such list.

    Parameters
    ----------
    path : Path
        A file that GDAL takes for GeoJSON, whose marks are therefore in order.
    """
    bare = _TEXT.sub(rb"\1", path.read_bytes().translate(None, _BLANK))
    start = _list_of_features(bare)
    if start is None:
        return None
    commas, depth = 0, 1
    for begin in range(start + 1, len(bare), _STEP):
        marks = np.frombuffer(bare, dtype=np.uint8, count=min(_STEP, len(bare) - begin), offset=begin)
        deep = depth + _steps(marks)
        ends = np.flatnonzero(deep == 0)
        inside = slice(None, ends[0] if len(ends) else None)
        commas += int(((marks[inside] == ord(",")) & (deep[inside] == 1)).sum())
        if len(ends):
            last = bare[begin + ends[0] - 1 : begin + ends[0]]
            return commas if last in (b",", b"[") else commas + 1
        depth = int(deep[-1])
    return None


def _steps(marks: np.ndarray) -> np.ndarray:
    opened = (marks == ord("[")) | (marks == ord("{"))
    closed = (marks == ord("]")) | (marks == ord("}"))
    return np.cumsum(opened.astype(np.int8) - closed.astype(np.int8), dtype=np.int32)


def _list_of_features(bare: bytes) -> int | None:
    """Give where the list of features opens: the key at the depth of the document."""
    depth, done = 0, 0
    for key in _KEY.finditer(bare):
        for begin in range(done, key.start(), _STEP):
            depth += int(_steps(np.frombuffer(bare[begin : min(begin + _STEP, key.start())], dtype=np.uint8))[-1])
        done = key.start()
        if depth == 1:
            return key.end()
    return None
