"""Coordinate systems: read them as people write them, refuse what has none, bring layers to WGS84."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyproj
from pyproj.exceptions import CRSError as ProjError

from geo.crs import vn2000
from geo.crs.zones import unbound
from geo.errors import CRSError

if TYPE_CHECKING:
    import geopandas as gpd

WGS84 = "EPSG:4326"
GEOD = pyproj.Geod(ellps="WGS84")
_SHOWN = 200


def parse_crs(text: str) -> pyproj.CRS:
    """
    Read a coordinate system as people write it.

    Parameters
    ----------
    text : str
        An authority code (``EPSG:9217``), a PROJ string, the text of a ``.prj`` file or any other WKT, or the zone of a
        province of Viet Nam in VN-2000 (``vn2000:ninh-thuan``, see :func:`geo.crs.vn2000.province_crs`).

    Raises
    ------
    CRSError
        Where PROJ does not know it, or it is neither geographic nor projected (heights, Earth-centred).

    Examples
    --------
    >>> parse_crs("EPSG:9217").name
    'VN-2000 / TM-3 108-15'
    >>> parse_crs("VN2000:Ninh Thuận").to_epsg()
    9217
    """
    if text.strip().lower().startswith(vn2000.PREFIX):
        return vn2000.province_crs(text.strip()[len(vn2000.PREFIX) :])
    # A PROJ string with this ellipsoid alone means this datum, for PROJ shifts nothing; but GeoPandas would write it to
    # a file under the code of any system with the projection, shifted or not.
    if not re.search(r"\+(?:towgs84|nadgrids)", text):
        text = re.sub(r"\+ellps=WGS84\b", "+datum=WGS84", text)
    try:
        system = pyproj.CRS.from_user_input(text)
    except ProjError as error:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        msg = f"'{shown}' is no coordinate system that PROJ knows. Write a code, as EPSG:4326 or EPSG:9217."
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
        msg = f"{name} is in '{layer.crs.name}', which has no way to WGS84. Save it in EPSG:4326, or check --crs."
        raise CRSError(msg) from error


def places_in_wgs84(places: np.ndarray, system: pyproj.CRS) -> np.ndarray:
    """
    Give x and y of a system, one row per place, as longitude and latitude of WGS84.

    What lies beyond a system's reach is infinite; degrees of WGS84 are given back as they are, also impossible ones.
    """
    if system.equals(WGS84, ignore_axis_order=True):
        return places
    to_degrees = pyproj.Transformer.from_crs(system, WGS84, always_xy=True)
    return np.column_stack(to_degrees.transform(*places.T))


def label(crs: pyproj.CRS) -> str:
    """
    Name a coordinate system shortly: its authority code where it has one, else its name.

    A system whose datum is not known has no code, also where PROJ knows one with the same projection: that would
    promise a datum shift which nobody has told.
    """
    datum = unbound(crs).datum
    authority = None if datum is not None and datum.name.lower().startswith("unknown") else crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)
