"""Areas whose latitude and longitude are exchanged, so that every good row of the other layers looks exchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.layers.faults.slips import exchanged
from geo.layers.place import centres

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geo.layers.layer import Layer

_LEAST_ROWS = 3
_FEW, _MOST = 0.1, 0.9
_SEVERAL = 2
# Nobody lives farther north or south in numbers, and nobody at all beyond 90 degrees.
_INHABITED = 72.0


@dataclass(frozen=True)
class ExchangedAreas:
    """The areas with their coordinates exchanged back, and how many rows of the others their bounds hold so."""

    areas: gpd.GeoDataFrame
    rows: int
    before: int
    after: int


def exchanged_areas(layers: Mapping[str, Layer]) -> ExchangedAreas | None:
    """
    Tell whether it is the areas whose coordinates are exchanged, and not the rows of all other layers.

    Of villages and points that stand on the globe, nearly all lie outside the areas' bounds and nearly all inside when
    these are exchanged. That alone does not tell which of the two it is. It is the areas where they lie beyond the
    latitudes in which people live and exchanged they do not, or where two layers speak against them and lie at such
    latitudes themselves.
    """
    areas = layers.get("areas")
    if areas is None or areas.own.crs is None or not areas.own.crs.is_geographic or areas.table.empty:
        return None
    placed = [_placed(layers[name]) for name in ("villages", "points") if name in layers]
    placed = [places for places in placed if len(places) >= _LEAST_ROWS]
    bounds = areas.table.total_bounds
    if not placed or not np.isfinite(bounds).all():
        return None
    turned = bounds[[1, 0, 3, 2]]
    before = [_within(places, bounds) for places in placed]
    after = [_within(places, turned) for places in placed]
    for places, as_they_are, when_exchanged in zip(placed, before, after, strict=True):
        if as_they_are > _FEW * len(places) or when_exchanged < _MOST * len(places):
            return None
    if not _is_inhabited(turned) or (_is_inhabited(bounds) and len(placed) < _SEVERAL):
        return None
    geometry = shapely.transform(areas.table.geometry.to_numpy(), exchanged)
    table = areas.table.set_geometry(geometry, crs=areas.table.crs)
    return ExchangedAreas(table, sum(map(len, placed)), sum(before), sum(after))


def _placed(layer: Layer) -> np.ndarray:
    places = centres(layer.table)
    return np.asarray(places[(np.abs(places) <= (180, 90)).all(axis=1)])


def _within(places: np.ndarray, bounds: np.ndarray) -> int:
    return int(((places >= bounds[:2]) & (places <= bounds[2:])).all(axis=1).sum())


def _is_inhabited(bounds: np.ndarray) -> bool:
    """Tell whether the middle of bounds lies at a latitude where people live."""
    return bool(abs(bounds[1] + bounds[3]) / 2 <= _INHABITED)
