"""A picture of tiles under the map, from a provider with a name: only where it is asked for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import xyzservices.providers

from geo.draw.further import hosts_of
from geo.errors import OutputError

_OWN_SERVER = "tile.openstreetmap.org"


@dataclass(frozen=True, kw_only=True)
class Basemap:
    """Tiles: their address with ``{x}``, ``{y}`` and ``{z}``, whom to name, the closest zoom, the hosts asked."""

    name: str
    url: str
    attribution: str
    max_zoom: int
    hosts: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Give the basemap as the browser reads it."""
        return {"name": self.name, "url": self.url, "attribution": self.attribution, "max_zoom": self.max_zoom}


def find(name: str) -> Basemap:
    """
    Find the tiles of a provider by its name in xyzservices.

    Parameters
    ----------
    name : str
        As ``"Esri.WorldImagery"``; capitals, dots and spaces do not matter.

    Raises
    ------
    OutputError
        Where there is no such provider, it asks for a key, or it refuses pages that are opened from a file.

    Examples
    --------
    >>> find("esri world imagery").hosts
    ('https://server.arcgisonline.com',)
    """
    with warnings.catch_warnings():
        # Looking a name up passes every provider, and some warn of their keys; the one that is asked for is told of.
        warnings.simplefilter("ignore", UserWarning)
        try:
            provider = xyzservices.providers.query_name(name)
        except ValueError:
            msg = f"no basemap is called '{name}': give a name of xyzservices, as Esri.WorldImagery or OpenTopoMap."
            raise OutputError(msg) from None
        if provider.requires_token():
            msg = f"the basemap '{provider.name}' asks for a key, which a page that is passed on would give away."
            raise OutputError(msg)
        url = provider.build_url()
    hosts = hosts_of(url)
    if any(host.endswith(_OWN_SERVER) for host in hosts):
        msg = (
            f"the basemap '{provider.name}' cannot be used: OpenStreetMap's own server refuses pages that are opened "
            f"from a file (they send no referrer). Take another one, as OpenStreetMap.HOT or Esri.WorldImagery."
        )
        raise OutputError(msg)
    return Basemap(
        name=provider.name,
        url=url,
        attribution=provider.attribution,
        max_zoom=int(provider.get("max_zoom") or 18),
        hosts=tuple(sorted(hosts)),
    )
