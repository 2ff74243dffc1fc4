"""How all layers of a file are named in place of one: folders of KML, layers of a GeoPackage, sheets of a workbook."""

from __future__ import annotations

import shlex

EVERY = "*"
"""What stands in place of the name of a layer."""

_PLAIN = "./:_-+=@%"


def name_one(shown: str, layer: str) -> str:
    """
    Say how one of several layers is named, or all of them.

    Examples
    --------
    >>> name_one("places.kml", "Ninh Hải")
    "Name one, as 'places.kml::Ninh Hải', or all of them, as 'places.kml::*'."
    """
    return f"Name one, as {typed(f'{shown}::{layer}')}, or all of them, as {typed(f'{shown}::{EVERY}')}."


def typed(source: str) -> str:
    """
    Give the name of a source as it is typed into a shell.

    Examples
    --------
    >>> typed("places.kml::Thôn"), typed("places.kml::Ninh Hải")
    ('places.kml::Thôn', "'places.kml::Ninh Hải'")
    """
    return source if all(one.isalnum() or one in _PLAIN for one in source) else shlex.quote(source)
