"""The system of coordinates that nothing tells: the one in which most of them are the places that are known already."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from geo.crs.systems import WGS84, label
from geo.crs.zones import kindred_zones, other_zones
from geo.errors import CRSError, LayerError
from geo.layers.coordinates.apart import apart_m, explained_m, in_degrees
from geo.layers.coordinates.positions import placed_by
from geo.layers.files.archive import listed
from geo.messages import Term

if TYPE_CHECKING:
    from geo.layers.coordinates.ways import Places, Positions

_LOG = logging.getLogger(__name__)
# Metres of the whole globe: as what numbers are read before it is known what they are.
_WEB = "EPSG:3857"
_NORTH, _SOUTH = 32600, 32700
_ZONE = 6.0
_MAJORITY = 0.5
# Two who transform between the same systems by numbers of their own are so far apart, and no two zones so near.
_NEAR_M = 25.0
_NEIGHBOURHOOD_M = 20_000.0
_LOOKED_AT = 1000
_OUTLIERS = (0.05, 0.95)


def agreeing(way: tuple[str, ...], there: Places, used: Positions) -> Positions | Term | None:
    """
    Place the rows by a way without a system, in the first that puts most of them where they are known to be.

    Tried are degrees of WGS84; or the system of the known places, the zone of UTM, and every zone of its method that is
    in use there or in the next zone, as the provincial ones of VN-2000.

    Parameters
    ----------
    way : tuple of str
        The columns, by their names in the contract.
    there : Places
        The source, and the columns that it has them in.
    used : Positions
        Where the rows are, in a system that is known.

    Returns
    -------
    Positions, Term or None
        Why no system is believed, as a Term; None where no row has both places.
    """
    try:
        read = placed_by(way, replace(there, given=_WEB))
    except (LayerError, CRSError):
        return Term("term.unreadable_places")
    known = np.flatnonzero(~shapely.is_missing(read.geometry) & ~shapely.is_missing(used.geometry))
    if not len(known):
        return None
    some = known[:: -(-len(known) // _LOOKED_AT)]
    few, mine = (replace(one, geometry=one.geometry[some]) for one in (read, used))
    systems = _systems(few, mine)
    for system in systems:
        if not _is_near(few, mine, system):
            continue
        tried = replace(few, system=system)
        near = apart_m(mine, tried) <= max(_NEAR_M, explained_m(mine, tried))
        if near.mean() > _MAJORITY:
            columns = ", ".join(there.columns[name] for name in way)
            _LOG.info("%s: %s read as %s", there.source.file, columns, label(system))
            return replace(read, system=system)
    if not systems:
        return Term("term.no_system_told")
    return Term("term.no_system_fits", (("systems", listed([label(system) for system in systems])),))


def _is_near(read: Positions, used: Positions, system: pyproj.CRS) -> bool:
    """Tell whether most places could be those that are known but for a shift of the datum, which takes long to find."""
    if not system.is_projected:
        return True
    written = np.column_stack(pyproj.Proj(system)(*_middles(in_degrees(used)).T))
    there = _middles(read.geometry)
    away = [np.hypot(*(order - written).T) <= _NEIGHBOURHOOD_M for order in (there, there[:, ::-1])]
    return bool(max(one.mean() for one in away) > _MAJORITY)


def _middles(geometry: np.ndarray) -> np.ndarray:
    boxes = shapely.bounds(geometry)
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _systems(read: Positions, used: Positions) -> list[pyproj.CRS]:
    """Give the systems in which the numbers may be, those that are likelier first."""
    degrees = pyproj.CRS(WGS84)
    if np.median(np.abs(shapely.bounds(read.geometry))) <= 180:  # noqa: PLR2004 - degrees
        return [degrees]
    places = _middles(in_degrees(used))
    places = places[(np.abs(places) <= (180, 90)).all(axis=1)]
    if not len(places):
        return []
    (west, south), (east, north) = np.quantile(places, _OUTLIERS, axis=0)
    zone = int(min(59, (np.median(places[:, 0]) + 180) // 6)) + 1
    half = _NORTH if north + south >= 0 else _SOUTH
    utm, beside = (pyproj.CRS.from_epsg(half + one) for one in (zone, zone % 60 + 1))
    # Whole countries are kept in one zone, also those parts of them that lie in the next.
    bounds = (max(-180.0, west - _ZONE), float(south), min(180.0, east + _ZONE), float(north))
    # The kin of a zone leave out those on other datums that have its numbers; they are among the kin of the next.
    zones = [*other_zones(utm, bounds), *kindred_zones(utm, bounds), *kindred_zones(beside, bounds)]
    own = [used.system] if used.system is not None and used.system.is_projected else []
    return [*own, utm, pyproj.CRS(_WEB), *dict.fromkeys(zones)]
