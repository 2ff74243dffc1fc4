"""What the rows of a layer are held against: the areas, or without areas the middle of the villages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.crs.systems import GEOD, WGS84
from geo.layers.faults.exchanged_areas import exchanged_areas
from geo.layers.place import centres, lying_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geo.layers.faults.exchanged_areas import ExchangedAreas
    from geo.layers.layer import Layer

_FAR_KM = 500.0
_FAR_DIAGONALS = 10.0
# Of fewer villages than this, chance sets the spread: they may be the offices of three cities, 1,700 km apart.
_FEW = 20
_FAR_OF_FEW_KM = 2_000.0
# Of two places nothing tells which is the wrong one.
_FEWEST = 3
# Polygons across the antimeridian may be written beyond 180 degrees.
_POLYGON_LIMITS = (360, 90, 360, 90)


@dataclass(frozen=True)
class Surroundings:
    """
    The areas where there are any, the middle, the bounds (west, south, east, north) and the diagonal of the land.

    Areas whose coordinates are exchanged stand here exchanged back, and `exchanged` says what speaks for it. No row is
    misplaced that is nearer than `least_km`.
    """

    areas: gpd.GeoDataFrame | None
    middle: tuple[float, float]
    bounds: tuple[float, float, float, float]
    diagonal_km: float
    exchanged: ExchangedAreas | None = None
    least_km: float = _FAR_KM

    @property
    def limit_km(self) -> float:
        """How far off a row counts as misplaced: ten diagonals, and at least 500 km; 2,000 km of few villages."""
        return max(_FAR_DIAGONALS * self.diagonal_km, self.least_km)

    def from_middle_km(self, places: np.ndarray) -> np.ndarray:
        """Give how far each place on the globe is from the middle, in km."""
        lon, lat = (np.full(len(places), value) for value in self.middle)
        return np.asarray(GEOD.inv(places[:, 0], places[:, 1], lon, lat)[2]) / 1000

    def nearest_of_box_km(self, boxes: np.ndarray) -> np.ndarray:
        """Give how far the nearest spot of each box is from the middle; boxes off the globe are infinitely far."""
        spot = np.clip(self.middle, boxes[:, :2], boxes[:, 2:])
        away = np.full(len(boxes), np.inf)
        there = on_globe(spot)
        away[there] = self.from_middle_km(spot[there])
        return away

    def holds(self, places: np.ndarray) -> np.ndarray:
        """Tell the places that lie in an area, or without areas within the bounds."""
        if self.areas is not None:
            return lying_in(places, pd.RangeIndex(len(places)), self.areas).area_id.notna().to_numpy()
        west, south, east, north = self.bounds
        x, y = places.T
        return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def surroundings_of(layers: Mapping[str, Layer]) -> Surroundings | None:
    """Give what the rows of these layers are held against; None where no layer has a place to offer."""
    if (areas := layers.get("areas")) is not None:
        turned = exchanged_areas(layers)
        table = areas.table if turned is None else turned.areas
        if (sound := is_sound(table)).any():
            bounds = tuple(table[sound].total_bounds)
            middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
            return Surroundings(table[sound], middle, bounds, diagonal_of(bounds), turned)
    return _around_places(layers)


def _around_places(layers: Mapping[str, Layer]) -> Surroundings | None:
    """Give the middle of the villages; of one or two, which cannot tell who is wrong, that of the points with them."""
    if "villages" not in layers:
        return None
    for names in (("villages",), ("villages", "points")):
        given = [layers[name] for name in names if name in layers]
        centred = [centres(layer.table) for layer in given]
        typed = np.concatenate([typed_in(*both) for both in zip(given, centred, strict=True)])
        places = np.concatenate(centred)
        told = on_globe(places) & ~at_zero(typed)
        if told.sum() >= _FEWEST:
            break
    if not told.any():
        return None
    ruler = ruler_of(*places[told].T)
    geometry = np.concatenate([layer.table.geometry.to_numpy() for layer in given])[told]
    kept = geometry[ruler.from_middle_km(places[told]) <= ruler.limit_km]
    return replace(ruler, bounds=tuple(shapely.total_bounds(kept)))


def ruler_of(lon: np.ndarray, lat: np.ndarray) -> Surroundings:
    """
    Give the middle of places, and the bounds of those that cannot stretch it: nine tenths on each axis.

    A village typed into another ocean must not decide how far is far. Of fewer than twenty places nine tenths still
    hold it: there the bounds are those of all but the farthest, of more than ten all but the two farthest.

    Parameters
    ----------
    lon, lat : ndarray of float
        Degrees, on the globe; at least one place.
    """
    middle = (float(np.median(lon)), float(np.median(lat)))
    if len(lon) >= _FEW:
        (west, east), (south, north) = (np.quantile(axis, [0.05, 0.95]) for axis in (lon, lat))
        bounds = (float(west), float(south), float(east), float(north))
        return Surroundings(None, middle, bounds, diagonal_of(bounds))
    places = np.column_stack([lon, lat])
    ruler = Surroundings(None, middle, (*middle, *middle), 0.0, least_km=_FAR_OF_FEW_KM)
    farthest = -(-len(lon) // 10) if len(lon) >= _FEWEST else 0
    near = places[np.argsort(ruler.from_middle_km(places))[: len(lon) - farthest]]
    bounds = (*near.min(axis=0).tolist(), *near.max(axis=0).tolist())
    return replace(ruler, bounds=bounds, diagonal_km=diagonal_of(bounds))


def diagonal_of(bounds: tuple[float, float, float, float]) -> float:
    """Give the diagonal of (west, south, east, north), in km."""
    west, south, east, north = bounds
    return float(GEOD.inv(west, south, east, north)[2]) / 1000


def on_globe(places: np.ndarray) -> np.ndarray:
    """Tell the places whose longitude and latitude exist."""
    return np.asarray((np.abs(places) <= (180, 90)).all(axis=1))


def typed_in(layer: Layer, places: np.ndarray) -> np.ndarray:
    """Give the coordinates of a layer in its own system, one row per place; `places` are its centres in WGS84."""
    system = layer.own.crs
    same = system is None or system.equals(WGS84, ignore_axis_order=True)
    return places if same else centres(layer.own)


def at_zero(typed: np.ndarray) -> np.ndarray:
    """Tell the coordinates at zero, zero of their system, which forms write where nobody answered."""
    return np.asarray((typed == 0).all(axis=1))


def lost_at_zero(zero: np.ndarray, places: np.ndarray, around: Surroundings | None) -> np.ndarray:
    """
    Tell which rows at zero, zero are lost: where the territory holds that place, nothing is wrong with it.

    `zero` tells them among all, `places` (rows, 2) is where their system puts the rows on the globe.
    """
    lost = zero.copy()
    if around is not None and zero.any():
        lost[zero] = ~around.holds(places[zero])
    return lost


def is_sound(table: gpd.GeoDataFrame) -> np.ndarray:
    """Tell the polygons that lie on the globe."""
    return np.asarray((np.abs(shapely.bounds(table.geometry.to_numpy())) <= _POLYGON_LIMITS).all(axis=1))
