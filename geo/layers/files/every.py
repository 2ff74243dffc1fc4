"""How all layers of a file are named in place of one: folders of KML, layers of a GeoPackage, sheets of a workbook."""

from __future__ import annotations

EVERY = "*"
"""What stands in place of the name of a layer."""


def name_one(shown: str, layer: str) -> str:
    """
    Say how one of several layers is named, or all of them.

    Examples
    --------
    >>> name_one("places.kml", "Ninh Hải")
    "Name one, as places.kml::Ninh Hải, or all of them, as 'places.kml::*'."
    """
    return f"Name one, as {shown}::{layer}, or all of them, as '{shown}::{EVERY}'."
