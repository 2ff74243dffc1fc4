"""Geometries in the cells of a table: WKT and EWKT, WKB and EWKB in hexadecimal or bytes, GeoJSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.layers.files.shapes import curved
from geo.layers.nesting import DEEPEST, too_deep_wkb, too_deep_wkt

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_EWKT = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;\s*", re.IGNORECASE)
_HEX = re.compile(r"\s*(?:\\x|0x)?(0[01][0-9a-f]{8,})\s*", re.IGNORECASE)
_WGS84 = 4326


@dataclass(frozen=True)
class Geometries:
    """A column of geometries, None where there is none; the SRIDs that its cells tell; which cells are unreadable."""

    geometry: np.ndarray
    srids: tuple[int, ...]
    unreadable: np.ndarray


def read_geometries(cells: pd.Series) -> Geometries:
    """
    Read each cell as what it looks like; GeoJSON is in EPSG:4326 as its standard has it.

    Curves are not read: they are among the unreadable.

    Parameters
    ----------
    cells : Series
        Text, or bytes of WKB; missing or empty where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> found = read_geometries(pd.Series(["SRID=9217;POINT (580361 1278976)", "", "there"]))
    >>> found.geometry.tolist(), found.srids, found.unreadable.tolist()
    ([<POINT (580361 1278976)>, None, None], (9217,), [False, False, True])
    """
    geometry = np.full(len(cells), None, dtype=object)
    srids: set[int] = set()
    kinds: dict[str, list[tuple[int, str | bytes]]] = {"wkt": [], "wkb": [], "geojson": []}
    filled = np.zeros(len(cells), dtype=bool)
    for place, cell in enumerate(cells):
        if isinstance(cell, bytes) and cell:
            kinds["wkb"].append((place, b"" if too_deep_wkb(cell) else cell))
        elif isinstance(cell, str) and cell.strip():
            kind, content, srid = _form(cell)
            kinds[kind].append((place, content))
            srids |= {srid} if srid else set()
        else:
            continue
        filled[place] = True
    for kind, found in kinds.items():
        if found:
            geometry[[place for place, _ in found]] = _read(kind, [content for _, content in found])
    geometry[curved(geometry)] = None
    known = geometry[~shapely.is_missing(geometry)]
    srids |= {int(one) for one in np.unique(shapely.get_srid(known)) if one}
    srids |= {_WGS84} if kinds["geojson"] else set()
    return Geometries(shapely.set_srid(geometry, 0), tuple(sorted(srids)), filled & shapely.is_missing(geometry))


def _read(kind: str, contents: Sequence[str | bytes]) -> np.ndarray:
    read: Any = {"wkt": shapely.from_wkt, "wkb": shapely.from_wkb, "geojson": shapely.from_geojson}[kind]
    try:
        # Numbers beyond all bounds become infinite, and are then no places.
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(read(np.array(contents, dtype=object), on_invalid="ignore"))
    except NotImplementedError:
        # A curve stops the reading of all: one by one, it alone is lost.
        if len(contents) == 1:
            return np.array([None], dtype=object)
        return np.concatenate([_read(kind, [one]) for one in contents])


def _form(cell: str) -> tuple[str, str, int | None]:
    if binary := _HEX.fullmatch(cell):
        return "wkb", "" if too_deep_wkb(bytes.fromhex(binary[1][: len(binary[1]) // 2 * 2])) else binary[1], None
    if cell.lstrip().startswith("{"):
        return "geojson", _geojson(cell), None
    told = _EWKT.match(cell)
    if too_deep_wkt(cell):
        return "wkt", "", None
    return "wkt", cell[told.end() :] if told else cell, int(told[1]) if told else None


def _geojson(cell: str) -> str:
    """Give text that is JSON and not absurdly deep; anything else as what no reader takes."""
    depth = deepest = 0
    for sign in re.findall(r"[\[\]{}]", cell):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        return ""
    try:
        json.loads(cell)
    except ValueError:
        return ""
    return cell
