"""What the rows of a layer are held against: the areas, or without areas the middle of the villages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.crs.systems import GEOD
from geo.layers.faults.exchanged_areas import exchanged_areas
from geo.layers.place import centres, lying_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geo.layers.faults.exchanged_areas import ExchangedAreas
    from geo.layers.layer import Layer

_FAR_KM = 500.0
_FAR_DIAGONALS = 10.0
# Polygons across the antimeridian may be written beyond 180 degrees.
_POLYGON_LIMITS = (360, 90, 360, 90)


@dataclass(frozen=True)
class Surroundings:
    """
    The areas where there are any, the middle, the bounds (west, south, east, north) and the diagonal of the land.

    Areas whose coordinates are exchanged stand here exchanged back, and `exchanged` says what speaks for it.
    """

    areas: gpd.GeoDataFrame | None
    middle: tuple[float, float]
    bounds: tuple[float, float, float, float]
    diagonal_km: float
    exchanged: ExchangedAreas | None = None

    @property
    def limit_km(self) -> float:
        """How far off a row counts as misplaced: ten diagonals, and at least 500 km."""
        return far_km(self.diagonal_km)

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
    if (villages := layers.get("villages")) is None:
        return None
    places = centres(villages.table)
    places = places[on_globe(places)]
    if not len(places):
        return None
    # One village typed into another ocean must not stretch the ruler: nine tenths of them give the diagonal.
    (west, south), (east, north) = np.quantile(places, [0.05, 0.95], axis=0)
    median = np.median(places, axis=0)
    ruler = Surroundings(
        None, (median[0], median[1]), (west, south, east, north), diagonal_of((west, south, east, north))
    )
    table = villages.table[on_globe(centres(villages.table))]
    kept = table.geometry[ruler.from_middle_km(places) <= ruler.limit_km]
    return Surroundings(None, ruler.middle, tuple(kept.total_bounds), ruler.diagonal_km)


def far_km(diagonal_km: float) -> float:
    """Give the distance beyond which a row is misplaced, for a land of this diagonal."""
    return max(_FAR_DIAGONALS * diagonal_km, _FAR_KM)


def diagonal_of(bounds: tuple[float, float, float, float]) -> float:
    """Give the diagonal of (west, south, east, north), in km."""
    west, south, east, north = bounds
    return float(GEOD.inv(west, south, east, north)[2]) / 1000


def on_globe(places: np.ndarray) -> np.ndarray:
    """Tell the places whose longitude and latitude exist."""
    return np.asarray((np.abs(places) <= (180, 90)).all(axis=1))


def is_sound(table: gpd.GeoDataFrame) -> np.ndarray:
    """Tell the polygons that lie on the globe."""
    return np.asarray((np.abs(shapely.bounds(table.geometry.to_numpy())) <= _POLYGON_LIMITS).all(axis=1))
