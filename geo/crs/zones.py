"""Zones of a projection: which coordinate systems differ from one another by nothing but their meridian."""

from __future__ import annotations

from functools import lru_cache

import pyproj
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType

# What sets one zone apart from the next; a false northing is what sets the halves of the globe apart.
_OF_THE_ZONE = ("Longitude of natural origin", "False easting", "False northing")
_WGS84 = "world geodetic system 1984"
_UNKNOWN_WGS84 = "unknown based on wgs 84 ellipsoid"


def unbound(system: pyproj.CRS) -> pyproj.CRS:
    """Give the system without the shift to WGS84 that a PROJ string or an old WKT ties to it."""
    return system.source_crs if system.is_bound and system.source_crs is not None else system


def projection_of(system: pyproj.CRS) -> dict[str, float | str]:
    """
    Give the method of a projection, its numbers in radians and metres by their names, and the unit of its coordinates.

    Examples
    --------
    >>> round(projection_of(pyproj.CRS("EPSG:9217"))["Scale factor at natural origin"], 6)
    0.9999
    """
    bare = unbound(system)
    operation = bare.coordinate_operation
    if not bare.is_projected or operation is None:
        return {}
    numbers: dict[str, float | str] = {
        one.name: round(float(one.value) * (one.unit_conversion_factor or 1.0), 9) for one in operation.params
    }
    return {**numbers, "method": operation.method_name, "unit": bare.axis_info[0].unit_name}


def meridian_of(system: pyproj.CRS) -> float:
    """Give the central meridian of a zone, in degrees."""
    operation = unbound(system).coordinate_operation
    numbers = {} if operation is None else {one.name: float(one.value) for one in operation.params}
    return numbers.get(_OF_THE_ZONE[0], 0.0)


def other_zones(system: pyproj.CRS, bounds: tuple[float, float, float, float]) -> list[pyproj.CRS]:
    """
    Give the other zones of a system's family that PROJ's database says are in use within the bounds.

    A family has one datum, one method, one scale and one unit; its zones have their own meridians and false origins,
    as the zones of UTM in both halves of the globe, or the provincial zones of VN-2000.

    Parameters
    ----------
    system : pyproj.CRS
        Projected; no other system has zones.
    bounds : tuple of float
        West, south, east, north, in degrees of WGS84.

    Returns
    -------
    list of pyproj.CRS
        In the order of their codes.
    """
    family = _family(system)
    return [zone for zone, _, kin in _in_use(system, bounds) if kin == family]


def kindred_zones(system: pyproj.CRS, bounds: tuple[float, float, float, float]) -> list[pyproj.CRS]:
    """
    Give the zones of other families of the same method and unit that are in use within the bounds.

    UTM beside the provincial zones of VN-2000, say; those on the system's own datum come first, then those on WGS84,
    then the others, each in the order of their codes. For parameters see :func:`other_zones`.
    """
    family, own = _family(system), projection_of(system)
    zones = [
        (zone, kin["datum"])
        for zone, numbers, kin in _in_use(system, bounds)
        if kin != family and all(numbers[key] == own[key] for key in ("method", "unit"))
    ]
    rank = [family["datum"], _WGS84]
    return [zone for zone, _ in sorted(zones, key=lambda pair: [pair[1] != datum for datum in rank])]


_Numbers = dict[str, float | str]


def _in_use(
    system: pyproj.CRS, bounds: tuple[float, float, float, float]
) -> list[tuple[pyproj.CRS, _Numbers, _Numbers]]:
    """Give the projections in use within the bounds that differ from a system that has zones."""
    own = projection_of(system)
    if not own or _OF_THE_ZONE[0] not in own:
        return []
    return [one for one in _within(bounds) if one[1] not in ({}, own)]


@lru_cache(maxsize=16)
def _within(bounds: tuple[float, float, float, float]) -> tuple[tuple[pyproj.CRS, _Numbers, _Numbers], ...]:
    """Give the projections in use within the bounds in the order of their codes, their numbers, and their families."""
    told = query_crs_info("EPSG", pj_types=PJType.PROJECTED_CRS, area_of_interest=AreaOfInterest(*bounds))
    zones = [pyproj.CRS.from_epsg(code) for code in sorted({int(info.code) for info in told if not info.deprecated})]
    return tuple((zone, projection_of(zone), _family(zone)) for zone in zones)


def _family(system: pyproj.CRS) -> dict[str, float | str]:
    numbers = projection_of(system)
    datum = unbound(system).datum
    name = "" if datum is None else datum.name.lower().removesuffix(" ensemble")
    name = _WGS84 if name == _UNKNOWN_WGS84 else name
    return {**{key: number for key, number in numbers.items() if key not in _OF_THE_ZONE}, "datum": name}
