"""Pack heavy columns for the browser: as few bytes as possible, and unpacked by twenty lines of JavaScript."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

DEGREES = 1e-5
"""Coordinates travel as whole numbers of this many degrees: 1.1 m."""

_EFFORT = 6  # the highest, 9, takes twice the time for 2 % fewer bytes
_GROUP_BITS = 7
_MORE = 0x80
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})

Packed = dict[str, object]


def integers(values: ArrayLike) -> Packed:
    """
    Pack whole numbers: the step from each to the next, zigzag, varint, deflate, base64.

    Steps are small where neighbours are alike, so sort the rows by place first.

    Parameters
    ----------
    values : array-like of int
        Any sign, below 2**52 in size, so that JavaScript holds them exactly.

    Examples
    --------
    >>> integers([5, 5, 4])["count"]
    3
    """
    numbers = np.asarray(values, dtype=np.int64)
    steps = np.diff(numbers, prepend=np.int64(0))
    zigzag = ((steps << 1) ^ (steps >> 63)).astype(np.uint64)
    return _packed("integers", len(numbers), varint(zigzag))


def small(values: ArrayLike) -> Packed:
    """Pack whole numbers from 0 to 255, one byte each before deflate."""
    numbers = np.asarray(values, dtype=np.uint8)
    return _packed("bytes", len(numbers), numbers.tobytes())


def texts(values: Sequence[object] | pd.Series | pd.Index) -> Packed:
    """Pack texts, one a line; a line break inside a text becomes a space, a missing text is empty."""
    cells = pd.Series(values, dtype=object)
    lines = [str(cell) for cell in cells.where(cells.notna(), "")]
    # Few layers have a text of several lines, and to look at each text takes longer than to pack them all.
    if len(f"{' '.join(lines)}.".splitlines()) > 1:
        lines = [" ".join(line.splitlines()) for line in lines]
    return _packed("texts", len(lines), "\n".join(lines).encode())


def numbers(values: ArrayLike) -> Packed:
    """Pack numbers to seven significant digits; NaN and infinities travel as unknown."""
    array = np.asarray(values, dtype=np.float64)
    pairs = zip(array.tolist(), np.isfinite(array).tolist(), strict=True)
    lines = [f"{value:.7g}" if finite else "" for value, finite in pairs]
    return _packed("numbers", len(lines), "\n".join(lines).encode())


def records(values: Sequence[object] | Mapping[str, object]) -> Packed:
    """Pack records that say much the same again and again, as figures with their rules do."""
    return _packed("records", len(values), _json(values).encode())


def polygons(geometries: Sequence[Any] | NDArray[np.object_], quantum: float = DEGREES) -> dict[str, Packed]:
    """
    Pack polygons as one long row of vertices with three columns on their rings.

    Parameters
    ----------
    geometries : sequence of shapely polygons and multipolygons
        Degrees of WGS84. Missing and empty ones leave no ring; other types are passed over.
    quantum : float
        Vertices travel as whole numbers of this many degrees.

    Returns
    -------
    dict
        Per ring `owner` (position of its geometry), `part` (which polygon; its first ring is the outer one)
        and `size` (vertices, the closing one left out); per vertex `x` and `y`.
    """
    parts, owner = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[areal], owner[areal]
    rings, part = shapely.get_rings(parts, return_index=True)
    size = shapely.get_num_coordinates(rings) - 1
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    is_closing = np.append(ring[1:] != ring[:-1], True) if len(ring) else np.zeros(0, bool)
    return {
        "owner": integers(owner[part]),
        "part": integers(part),
        "size": integers(size),
        **{axis: degrees(values, quantum) for axis, values in zip("xy", xy[~is_closing].T, strict=True)},
    }


def degrees(values: ArrayLike, quantum: float = DEGREES) -> Packed:
    """Pack degrees, rounded to a quantum."""
    return integers(np.rint(np.asarray(values, dtype=np.float64) / quantum))


def varint(values: NDArray[np.uint64]) -> bytes:
    """
    Write unsigned numbers in groups of seven bits, lowest first; the high bit says that more follow (LEB128).

    Examples
    --------
    >>> varint(np.array([1, 300], dtype=np.uint64)).hex()
    '01ac02'
    """
    if not len(values):
        return b""
    limits = np.uint64(1) << (np.arange(1, 10, dtype=np.uint64) * np.uint64(_GROUP_BITS))
    groups = 1 + np.searchsorted(limits, values, side="right")
    starts = np.cumsum(groups) - groups
    out = np.zeros(groups.sum(), dtype=np.uint8)
    for group in range(int(groups.max())):
        rows = groups > group
        bits = (values[rows] >> np.uint64(group * _GROUP_BITS)) & np.uint64(_MORE - 1)
        more = np.where(groups[rows] > group + 1, _MORE, 0)
        out[starts[rows] + group] = bits.astype(np.uint8) | more.astype(np.uint8)
    return out.tobytes()


def script_json(document: object) -> str:
    r"""
    Write JSON that can stand inside a script element: no character in it can end the element.

    Raises
    ------
    ValueError
        Where the document holds NaN or an infinity.

    Examples
    --------
    >>> script_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    return _json(document).translate(_ESCAPES)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _packed(kind: str, count: int, raw: bytes) -> Packed:
    data = base64.b64encode(zlib.compress(raw, _EFFORT)).decode("ascii")
    return {"packed": kind, "count": count, "data": data}
