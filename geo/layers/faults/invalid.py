"""Why a polygon is invalid, in words: GEOS says it in English, with the place as x and y."""

from __future__ import annotations

import re

from geo.messages import Term

_SAID = re.compile(r"(?P<what>[^\[]+)(?:\[(?P<x>\S+) (?P<y>\S+).*\])?")
_KNOWN = {
    "Self-intersection": "crosses_itself",
    "Ring Self-intersection": "touches_itself",
    "Too few points in geometry component": "few_corners",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "hole_in_hole",
    "Nested holes": "hole_in_hole",
    "Nested shells": "part_in_part",
    "Duplicate Rings": "same_outline",
    "Interior is disconnected": "cut_through",
}


def invalid_because(said: str) -> Term | str:
    """
    Give what GEOS says of an invalid polygon as a term, with latitude and longitude; what is not known, as it is.

    Examples
    --------
    >>> from geo.messages import written
    >>> written(invalid_because("Self-intersection[105.5 20.5]"), "en")
    'an outline crosses itself at 20.5, 105.5'
    """
    found = _SAID.fullmatch(said)
    if found is None or found["what"] not in _KNOWN or found["x"] is None:
        return said
    return Term(f"invalid.{_KNOWN[found['what']]}", (("place", f"{found['y']}, {found['x']}"),))
