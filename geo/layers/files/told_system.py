"""The coordinate system that a file tells, where it is one: undefined, local and unknown ones say nothing."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING

import pyproj
from pyproj.exceptions import CRSError as ProjError

if TYPE_CHECKING:
    from pathlib import Path

    from geo.layers.files.whereabouts import Found

_LOG = logging.getLogger(__name__)
# GeoPackage has names for systems that are none.
_UNDEFINED = "undefined "
_CODE = re.compile(r"\bEPSG:+(?:[\d.]*:)?(\d+)$", re.IGNORECASE)
_MEMBER = re.compile(rb'"crs"\s*:\s*(\{[^{}]*\{[^{}]*\}[^{}]*\})')
_HEAD = 1 << 16
_SHOWN = 80


def told_system(found: Found, system: pyproj.CRS | None, *, is_geojson: bool) -> pyproj.CRS | None:
    """
    Give the system of a file as GDAL read it, or None where it says nothing of where places are.

    That is an undefined or a local one, and in GeoJSON any name that is not known, for which GDAL takes EPSG:4326.
    The log tells which it was; the caller may then say what the system is.
    """
    name = _unknown_name(found.path) if is_geojson else None
    if name is None and system is not None:
        is_none = system.name.lower().startswith(_UNDEFINED) or system.is_engineering
        name = system.name if is_none else None
    if name is None:
        return system
    name = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    _LOG.warning("%s: its coordinate system, '%s', says nothing of where places are", found.shown, name)
    return None


def _unknown_name(path: Path) -> str | None:
    """Read the name of the system that a GeoJSON file has before its features; None where it is known, or not there."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD).partition(b'"features"')[0]
    member = _MEMBER.search(head)
    try:
        name = json.loads(member[1])["properties"]["name"] if member else None
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(name, str):
        return None
    code = _CODE.search(name)
    try:
        pyproj.CRS.from_user_input(f"EPSG:{code[1]}" if code else name)
    except ProjError:
        return name
    return None
