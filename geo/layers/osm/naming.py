"""How a layer of an OpenStreetMap extract is named: ``country.osm.pbf::points:amenity=post_office``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from geo.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable

ExtractLayer = Literal["villages", "points", "areas", "roads"]

# One row per settlement: its parts and single houses would count the same people again, or count a house as a village.
PLACES = ("city", "town", "village", "hamlet")
SETTLEMENTS = (
    *PLACES,
    "borough",
    "suburb",
    "quarter",
    "neighbourhood",
    "city_block",
    "isolated_dwelling",
    "farm",
    "allotments",
)
TAGS = ("amenity=post_office",)
# The key of a study file that chooses from each layer of an extract.
CHOICES = {"villages": "places", "points": "tags", "areas": "admin_level"}
_ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
_LEVEL = re.compile(r"[1-9]|1[0-2]")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """
    What is asked of an extract.

    `words` are kinds of places for villages, tags (``KEY=VALUE``) for points, levels for areas, in the order asked;
    nothing where the default is meant.
    """

    layer: ExtractLayer
    words: tuple[str, ...]

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """The words as pairs of key and value."""
        pairs = (word.partition("=") for word in self.words)
        return tuple((key, value) for key, _, value in pairs)


def is_extract(name: object) -> bool:
    """
    Tell by its name whether a source is an extract of OpenStreetMap.

    Examples
    --------
    >>> is_extract("vietnam-latest.osm.pbf::villages"), is_extract("villages.csv")
    (True, False)
    """
    return str(name).partition("::")[0].lower().endswith(_ENDINGS)


def read_choice(file: str, layer: str | None, kind: str | None = None) -> Choice:
    """
    Read what stands after the two colons of a source.

    Parameters
    ----------
    file : str
        The extract, for messages.
    layer : str or None
        ``villages``, ``points``, ``areas`` or ``roads``; then, after a colon and with commas between them, kinds of
        places, tags or levels.
    kind : str, optional
        The layer that it is to be, which may be ``coverage``; any of the extract's where it is none.

    Raises
    ------
    LayerError
        Where nothing is named, or something that an extract cannot give.

    Examples
    --------
    >>> read_choice("x.osm.pbf", "areas:6,8")
    Choice(layer='areas', words=('6', '8'))
    >>> read_choice("x.osm.pbf", "villages").words
    ('city', 'town', 'village', 'hamlet')
    """
    named, _, words = (layer or "").partition(":")
    if named not in _DEFAULTS or (named == "roads" and kind is not None):
        raise LayerError(_remedy(file, named, kind))
    chosen = cast("ExtractLayer", named)
    given = tuple(dict.fromkeys(filter(None, map(str.strip, words.split(",")))))
    for word in given:
        if remedy := _wrong(chosen, word):
            msg = f"{file}::{layer}: '{word}' {remedy}."
            raise LayerError(msg)
    return Choice(layer=chosen, words=given or _DEFAULTS[chosen])


def with_choice(name: str, layer: str, words: Iterable[object]) -> str:
    """
    Name a layer of an extract with other words than it is named with.

    Raises
    ------
    LayerError
        Where the source is no extract, names another layer of it, or a word cannot be chosen.

    Examples
    --------
    >>> with_choice("x.osm.pbf::points", "points", ["amenity=bank"])
    'x.osm.pbf::points:amenity=bank'
    """
    file, _, named = name.partition("::")
    if not is_extract(file) or named.partition(":")[0] not in ("", layer):
        msg = f"{CHOICES[layer]} chooses from {layer} of an extract of OpenStreetMap, as country.osm.pbf::{layer}."
        raise LayerError(msg)
    chosen = f"{layer}:{','.join(map(str, words))}"
    read_choice(file, chosen)
    return f"{file}::{chosen}"


def _remedy(file: str, named: str, kind: str | None) -> str:
    """Say what to name of an extract, of which no layer is named, or one that cannot be what it is to be."""
    missing = f"has no layer '{named}'" if named else "is an extract of OpenStreetMap"
    if named == "roads":
        missing = f"has roads, which are lines and no {kind}"
    if kind is None:
        return f"{file} {missing}. Say what is wanted of it: {file}::villages, ::points, ::areas or ::roads."
    if kind in CHOICES:
        return f"{file} {missing}. Say what is wanted of it: {file}::{kind}."
    return f"{file} {missing}. There is no coverage in it: name a file of polygons or cells."


_DEFAULTS: dict[str, tuple[str, ...]] = {"villages": PLACES, "points": TAGS, "areas": (), "roads": ()}


def _wrong(layer: ExtractLayer, word: str) -> str | None:
    """Say what is wrong with a word, or nothing."""
    if layer == "villages" and word not in SETTLEMENTS:
        return f"is no kind of place where people live; there is {', '.join(SETTLEMENTS)}"
    key, mark, value = word.partition("=")
    if layer == "points" and not (key and mark and value):
        return "is no tag; write KEY=VALUE, as amenity=post_office"
    if layer == "areas" and not _LEVEL.fullmatch(word):
        return "is no admin_level; write a number from 1 to 12"
    return "says nothing here: roads are read all" if layer == "roads" else None
