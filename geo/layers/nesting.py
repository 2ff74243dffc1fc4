"""How deep geometries lie in one another: readers go down by recursion, and absurd depths end the whole program."""

from __future__ import annotations

import re

DEEPEST = 32
"""Text or bytes deeper than this are no geometry: a multipolygon in a collection in a collection needs ten."""

_OPENED = re.compile(r"[()]")
# The start of a geometry that holds others (multipoint to multisurface): byte order, type, marks of height and measure.
_HOLDERS = re.compile(
    rb"\x01(?:[\x04-\x0c]\x00|[\xec-\xf4]\x03|[\xd4-\xdc]\x07|[\xbc-\xc4]\x0b)\x00[\x00\x20\x40\x60\x80\xa0\xc0\xe0]"
    rb"|\x00[\x00\x20\x40\x60\x80\xa0\xc0\xe0]\x00(?:\x00[\x04-\x0c]|\x03[\xec-\xf4]|\x07[\xd4-\xdc]|\x0b[\xbc-\xc4])",
    re.DOTALL,
)
_HEADER = 9
_SRID = 0x20000000
_HEIGHT, _MEASURE = 0x80000000, 0x40000000


def too_deep_wkt(text: str) -> bool:
    """
    Tell well-known text with brackets deeper than any geometry.

    Examples
    --------
    >>> too_deep_wkt("POLYGON ((0 0, 1 0, 1 1, 0 0))"), too_deep_wkt("GEOMETRYCOLLECTION(" * 40)
    (False, True)
    """
    if text.count("(") <= DEEPEST:
        return False
    depth = deepest = 0
    for sign in _OPENED.findall(text):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
    return deepest > DEEPEST


def too_deep_wkb(binary: bytes) -> bool:
    """
    Tell well-known binary with geometries deeper in one another than any need be.

    Examples
    --------
    >>> too_deep_wkb(bytes.fromhex("010700000001000000") * 40), too_deep_wkb(bytes.fromhex("010700000000000000"))
    (True, False)
    """
    if len(binary) <= _HEADER * DEEPEST or len(_HOLDERS.findall(binary)) <= DEEPEST:
        return False
    return _depth(binary) > DEEPEST


def _depth(binary: bytes) -> int:
    """Walk through the headers, as deep as they go or as the bytes reach."""
    place, waiting = 0, [1]
    while waiting and len(waiting) <= DEEPEST + 1:
        if waiting[-1] == 0:
            waiting.pop()
            continue
        waiting[-1] -= 1
        if place + 5 > len(binary):
            break
        order = "little" if binary[place] == 1 else "big"
        code = int.from_bytes(binary[place + 1 : place + 5], order)  # type: ignore[arg-type]
        place += 9 if code & _SRID else 5
        kind, axes = _kind(code)
        count = int.from_bytes(binary[place : place + 4], order)  # type: ignore[arg-type]
        if kind == 1:
            place += 8 * axes
        elif kind in (2, 8):
            place += 4 + 8 * axes * count
        elif kind in (3, 17):
            place += 4
            for _ in range(count):
                if place >= len(binary):
                    break
                place += 4 + 8 * axes * int.from_bytes(binary[place : place + 4], order)  # type: ignore[arg-type]
        else:
            place += 4
            waiting.append(count)
    return len(waiting) - 1


def _kind(code: int) -> tuple[int, int]:
    """Give the type of a geometry and the number of its coordinates' axes, as ISO and as PostGIS write them."""
    plain = code & 0x0FFFFFFF
    axes = 2 + (1, 1, 1, 2)[plain // 1000 % 4] if plain >= 1000 else 2  # noqa: PLR2004 - 1000 marks heights
    axes = {3000: 4}.get(plain // 1000 * 1000, axes)
    return plain % 1000, axes + bool(code & _HEIGHT) + bool(code & _MEASURE)
