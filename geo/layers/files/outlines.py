"""Polygons whose outline does not end where it begins: GDAL lets them pass, and shapely makes nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.figures import Finding

if TYPE_CHECKING:
    import geopandas as gpd

SAID = "Non closed ring detected"
"""How GDAL begins what it says of them; the finding says it of their rows."""


def closed(opened: str, layer: str, rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """
    Close the outlines that are open, from the last corner straight to the first, and tell their rows.

    Parameters
    ----------
    opened, layer : str
        What GDAL opens, and the layer of it.
    rows : GeoDataFrame
        What was read of it, all in the order of the file; an open outline is a missing geometry there.
    """
    geometry = rows.geometry.to_numpy()
    missing = np.flatnonzero(shapely.is_missing(geometry))
    if not len(missing):
        return rows, ()
    binary = binaries(opened, layer)
    mended = shapely.from_wkb(np.array([binary[place] for place in missing], dtype=object), on_invalid="fix")
    found = ~shapely.is_missing(mended)
    if not found.any():
        return rows, ()
    geometry = geometry.copy()
    geometry[missing[found]] = mended[found]
    numbers = tuple(int(row) for row in rows.index[missing[found]])
    return rows.set_geometry(geometry, crs=rows.crs), (Finding(layer="", fault="open_outline", rows=numbers),)


def binaries(opened: str, layer: str) -> list[bytes | None]:
    """Give the geometries of a layer as GDAL hands them over, in well-known binary, before anything is made of them."""
    import pyogrio  # noqa: PLC0415

    about, table = pyogrio.read_arrow(opened, layer=layer, columns=[])
    read: list[bytes | None] = table.column(about["geometry_name"] or "wkb_geometry").to_pylist()
    return read
