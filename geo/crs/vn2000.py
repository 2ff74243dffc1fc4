"""Viet Nam's VN-2000: the zones of its provinces by name, and projections of it that have lost their datum shift."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import pyproj
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from geo.crs.zones import projection_of, unbound
from geo.errors import CRSError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "vn2000:"


def province_crs(name: str) -> pyproj.CRS:
    """
    Give the provincial coordinate system of VN-2000 by the name of the province.

    Accents, case, spaces, hyphens and a leading ``tỉnh`` or ``TP.`` do not count. The provinces are those that PROJ's
    own texts name, which say whom a zone serves: the provinces before the mergers of 2025. Where a merged province has
    kept the name of one of its parts, the name means that part.

    Parameters
    ----------
    name : str
        As ``Ninh Thuận`` or ``ninh-thuan``.

    Raises
    ------
    CRSError
        Where PROJ names no such province; with the names that come nearest.

    Examples
    --------
    >>> province_crs("Ninh Thuận").name
    'VN-2000 / TM-3 108-15'
    """
    by_letters = {_letters(slug): code for slug, code in provinces().items()}
    code = by_letters.get(_letters(name))
    if code is not None:
        return pyproj.CRS.from_epsg(code)
    near = difflib.get_close_matches(_letters(name), by_letters, n=3, cutoff=0.5)
    nearest = ", ".join(PREFIX + slug for letters in near for slug in provinces() if _letters(slug) == letters)
    there_are = f"Nearest are {nearest}." if nearest else f"There are {', '.join(provinces())}."
    msg = (
        f"'{PREFIX}{name}' names no province whose zone PROJ knows. {there_are} "
        "Provinces have the names of before the mergers of 2025."
    )
    raise CRSError(msg)


@cache
def provinces() -> Mapping[str, int]:
    """
    Give the EPSG code of each province's zone, by the province's name as ``ninh-thuan``, in the order of the letters.

    They are read out of the areas of use of PROJ's database (``Vietnam - Binh Dinh, Khanh Hoa and Ninh Thuan
    provinces.``); there is no list of them here.

    Examples
    --------
    >>> provinces()["ninh-thuan"]
    9217
    """
    found = {
        _slug(name): int(info.code)
        for info in query_crs_info("EPSG", pj_types=PJType.PROJECTED_CRS)
        if info.name.startswith("VN-2000 / ") and info.area_of_use is not None
        for name in _named(info.area_of_use.name or "")
    }
    return dict(sorted(found.items()))


def names_of(system: pyproj.CRS) -> tuple[str, ...]:
    """
    Give the names under which a zone can be asked for; none where it is no province's.

    Examples
    --------
    >>> names_of(pyproj.CRS("EPSG:9217"))
    ('vn2000:binh-dinh', 'vn2000:khanh-hoa', 'vn2000:ninh-thuan')
    """
    code = system.to_epsg()
    return tuple(PREFIX + slug for slug, of_province in provinces().items() if of_province == code)


def with_shift(system: pyproj.CRS) -> pyproj.CRS | None:
    """
    Give the VN-2000 zone that a system with its projection but without its datum shift was probably meant to be.

    None for any other system. What counts is where PROJ puts a place, not how the datum is called: a system whose shift
    comes from its name, from a code or from ``+towgs84`` has not lost it.

    Examples
    --------
    >>> with_shift(pyproj.CRS("+proj=tmerc +lon_0=108.25 +k=0.9999 +x_0=500000 +ellps=WGS84")).to_epsg()
    9217
    """
    projection = projection_of(system)
    for zone in map(pyproj.CRS.from_epsg, sorted(set(provinces().values()))):
        if projection_of(zone) == projection and _same_ellipsoid(unbound(system), zone):
            return zone if _apart_m(system, zone) > _LOST_M else None
    return None


# The shift is about 225 m; two published sets of its numbers are a few metres apart.
_LOST_M = 50.0
_ONE_M = 1.0
_KINDS = r"\b(?:provinces?|city|cities|municipality|municipalities)\b"


def _named(area: str) -> list[str]:
    """Read the provinces out of the text of an area of use; none where it does not speak of provinces."""
    if not (area.startswith("Vietnam - ") and re.search(_KINDS, area)):
        return []
    names = re.split(r"[,;.]|\band\b", re.sub(_KINDS, "", area.removeprefix("Vietnam - ")))
    return [name.strip() for name in names if name.strip()]


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", _folded(name)).strip("-")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]+", "", re.sub(r"^\s*(?:tinh|thanh pho|tp)\b", "", _folded(name)))


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _same_ellipsoid(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Tell whether two systems have one ellipsoid; that of GRS 80 is the WGS84's but for a tenth of a millimetre."""
    if one.ellipsoid is None or other.ellipsoid is None:
        return False
    apart_m = abs(one.ellipsoid.semi_major_metre - other.ellipsoid.semi_major_metre)
    return max(apart_m, abs(one.ellipsoid.semi_minor_metre - other.ellipsoid.semi_minor_metre)) < _ONE_M


def _apart_m(system: pyproj.CRS, zone: pyproj.CRS) -> float:
    """Give how far apart two systems of one projection have the coordinates of a place in the middle of the zone."""
    if zone.area_of_use is None:
        return 0.0
    west, south, east, north = zone.area_of_use.bounds
    place = ((west + east) / 2, (south + north) / 2)
    ways = (pyproj.Transformer.from_crs("EPSG:4326", one, always_xy=True) for one in (system, zone))
    (x, y), (other_x, other_y) = (way.transform(*place) for way in ways)
    return math.hypot(x - other_x, y - other_y)
