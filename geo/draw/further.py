"""Which Folium layers the page takes beside its own: those that need Leaflet alone, and no picture of a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import folium

from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from branca.element import Element, Figure

TAKEN = (
    folium.GeoJson,
    folium.PolyLine,
    folium.Polygon,
    folium.Rectangle,
    folium.Circle,
    folium.CircleMarker,
    folium.FeatureGroup,
    folium.TileLayer,
)
"""The kinds of layers that can be added to the page."""

_NAMES = ", ".join(f"folium.{kind.__name__}" for kind in TAKEN)


def check(figure: Figure) -> None:
    """
    Refuse what the page cannot show: layers of another kind, popups and tooltips, a GeoJson that is fetched.

    Raises
    ------
    OutputError
        With the name of the first such element.
    """
    for element in _added(figure):
        reason = _refusal(element)
        if reason:
            msg = f"the page cannot hold {type(element).__name__}: {reason}. It takes {_NAMES}."
            raise OutputError(msg)


def image_hosts(figure: Figure) -> set[str]:
    """Give the hosts that added tile layers load from, as ``https://tiles.example``."""
    layers = [element for element in _added(figure) if isinstance(element, folium.TileLayer)]
    return {host for layer in layers for host in hosts_of(layer.tiles, str(layer.options.get("subdomains", "")))}


def hosts_of(url: str, subdomains: str = "") -> set[str]:
    """
    Give the hosts of a tile address.

    Raises
    ------
    OutputError
        Where the address is not one of https, which no policy could hold to one host.

    Examples
    --------
    >>> sorted(hosts_of("https://{s}.tiles.example/{z}/{x}/{y}.png", "ab"))
    ['https://a.tiles.example', 'https://b.tiles.example']
    """
    names = subdomains if "{s}" in url else " "
    parts = [urlsplit(url.replace("{s}", name)) for name in names]
    if not all(part.scheme == "https" and part.netloc.replace(".", "").replace("-", "").isalnum() for part in parts):
        msg = f"the page cannot load tiles from '{url}': give an address that begins with https:// and a host."
        raise OutputError(msg)
    return {f"https://{part.netloc}" for part in parts}


def _added(figure: Figure) -> Iterator[Element]:
    yield from figure.html._children.values()  # noqa: SLF001 - branca offers no other way to its elements
    pending = list(figure._children.values())  # noqa: SLF001
    pending = [child for page in pending for child in page._children.values()]  # noqa: SLF001
    while pending:
        element = pending.pop(0)
        yield element
        pending += element._children.values()  # noqa: SLF001


def _refusal(element: Element) -> str | None:
    if type(element) not in TAKEN:
        return "it needs more than Leaflet, or puts a layer's text into the page as markup"
    if not isinstance(element, folium.GeoJson):
        return None
    if not element.embed:
        return "give it the data itself, not an address to fetch (embed=True)"
    if _has_points(element.data) and not isinstance(element.marker, folium.Circle | folium.CircleMarker):
        return "points would show as pictures; give marker=folium.CircleMarker()"
    return None


def _has_points(document: Mapping[str, Any]) -> bool:
    # A GeoJSON is a geometry, a feature that holds one, or a collection of either.
    inner = [document.get("geometry"), *document.get("features", []), *document.get("geometries", [])]
    return document["type"] in ("Point", "MultiPoint") or any(_has_points(one) for one in inner if one)
