"""The library that reads extracts of OpenStreetMap, or the word how to get it."""

from __future__ import annotations

from geo.errors import LayerError

try:
    import osmium
except ImportError as _missing:
    _MSG = "Extracts of OpenStreetMap need osmium. Install it: pip install 'geo-coverage[osm]'."
    raise LayerError(_MSG) from _missing

__all__ = ["osmium"]
