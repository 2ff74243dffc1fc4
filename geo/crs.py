"""Coordinate systems: read them as people write them, refuse what has none, bring layers to WGS84."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyproj
from pyproj.exceptions import CRSError as ProjError

from geo.errors import CRSError

if TYPE_CHECKING:
    import geopandas as gpd

WGS84 = "EPSG:4326"
GEOD = pyproj.Geod(ellps="WGS84")


def parse_crs(text: str) -> pyproj.CRS:
    """
    Read a coordinate system: an authority code (``EPSG:9217``), a PROJ string or a WKT text.

    Raises
    ------
    CRSError
        Where PROJ does not know it, or it is neither geographic nor projected (heights, Earth-centred).

    Examples
    --------
    >>> parse_crs("EPSG:9217").name
    'VN-2000 / TM-3 108-15'
    """
    try:
        system = pyproj.CRS.from_user_input(text)
    except ProjError as error:
        msg = f"'{text}' is no coordinate system that PROJ knows. Write a code, as EPSG:4326 or EPSG:9217."
        raise CRSError(msg) from error
    if not (system.is_geographic or system.is_projected):
        msg = f"'{text}' ({system.name}) is neither geographic nor projected. Write a code, as EPSG:4326 or EPSG:9217."
        raise CRSError(msg)
    return system


def to_wgs84(layer: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """
    Give the layer in longitude and latitude of WGS84 (EPSG:4326); the argument is not changed.

    Parameters
    ----------
    layer : GeoDataFrame
        In any coordinate system.
    name : str
        How a message calls the layer.

    Raises
    ------
    CRSError
        Where the layer has no coordinate system, or one that has no way to WGS84.
    """
    if layer.crs is None:
        msg = (
            f"{name} has no coordinate system. Say what it is: --crs EPSG:4326 on the command line, "
            f"or layer.set_crs('EPSG:4326')."
        )
        raise CRSError(msg)
    try:
        return layer.to_crs(WGS84)
    except (ProjError, pyproj.exceptions.ProjError) as error:
        msg = f"{name} is in '{layer.crs.name}', which has no way to WGS84. Check what --crs should say."
        raise CRSError(msg) from error


def label(crs: pyproj.CRS) -> str:
    """Name a coordinate system shortly: its authority code where it has one, else its name."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)
