"""Whole layers that were read in the wrong system: another zone of the same family, or VN-2000 without its shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from geo.crs.systems import GEOD, WGS84, label, places_in_wgs84
from geo.crs.vn2000 import names_of, with_shift
from geo.crs.zones import kindred_zones, meridian_of, other_zones
from geo.layers.faults.slips import first_of, rivals_told
from geo.layers.faults.surroundings import diagonal_of, on_globe
from geo.layers.place import centres

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.layers.faults.surroundings import Surroundings
    from geo.layers.layer import Layer

# A zone is accused only on the word of so many rows, and of such a share of the layer ...
_LEAST_ROWS = 5
_LEAST_SHARE = 0.25
# ... and only where another zone leaves so few of them outside; zones as good as the best but for a share are rivals.
_STILL_OUTSIDE = 0.1
_AS_GOOD = 0.01
_MAJORITY = 0.5
# A zone of another family is believed only of rows that are farther off than a neighbour's layer would be.
_CLEARLY_DIAGONALS = 1.0
_SPREAD_DIAGONALS = 1.5


@dataclass(frozen=True)
class Misread:
    """The zone that was probably meant in place of the layer's own, what speaks for it, and the first place in both."""

    own: pyproj.CRS
    meant: pyproj.CRS
    inside_before: int
    inside_after: int
    rivals: tuple[str, ...]
    example: str
    mended: str

    def values(self) -> dict[str, object]:
        """Give what a finding says of it."""
        return {
            "crs": label(self.own),
            "system": label(self.meant),
            "before": self.inside_before,
            "after": self.inside_after,
            "rivals": rivals_told(self.rivals),
            "example": self.example,
            "mended": self.mended,
        }


def in_another_zone(layer: Layer, around: Surroundings) -> Misread | None:
    """
    Tell whether a projected layer lies beside the areas because it was read in another zone than it was written in.

    Believed where a quarter of the rows or more (and at least five) lie outside, and another zone of the family leaves
    at most a tenth of these outside. Among zones that do equally well, within a hundredth of the rows, the one whose
    meridian is nearest to the areas is taken and the others are named. Where the family has none and the outside rows
    lie together, half of them farther from the areas' middle than their diagonal, zones of other families are tried,
    those on the same datum first.

    Parameters
    ----------
    layer : Layer
        In any system; only a projected one has zones.
    around : Surroundings
        What the rows are held against.
    """
    system = layer.own.crs
    if not system.is_projected:
        return None
    before, written = _places(layer.table), _places(layer.own)
    there = np.isfinite(written).all(axis=1)
    rows = _Rows(before[there], written[there], around)
    inside = around.holds(rows.before)
    outside = int((~inside).sum())
    if outside < max(_LEAST_ROWS, _LEAST_SHARE * len(inside)):
        return None
    most = _STILL_OUTSIDE * outside
    family = with_shift(system) or system
    near = rows.fitting(other_zones(family, around.bounds), most)
    near.sort(key=lambda zone: abs(meridian_of(zone) - around.middle[0]))
    if not near and rows.are_far(~inside):
        near = rows.fitting(kindred_zones(system, around.bounds), most)
    if not near:
        return None
    meant, *rivals = near
    read = places_in_wgs84(rows.written, meant)
    known = np.isfinite(rows.before).all(axis=1)
    return Misread(
        own=system,
        meant=meant,
        inside_before=len(inside) - outside,
        inside_after=int(around.holds(read).sum()),
        rivals=tuple(label(zone) for zone in rivals),
        example=first_of(rows.before, known),
        mended=first_of(read, known),
    )


@dataclass(frozen=True)
class _Rows:
    """The places of a layer as its system puts them, as they are written, and what they are held against."""

    before: np.ndarray
    written: np.ndarray
    around: Surroundings

    def fitting(self, zones: list[pyproj.CRS], most_outside: float) -> list[pyproj.CRS]:
        """Give the zones that leave no more rows outside than that, and do as well as the best of them."""
        held = [int(self.around.holds(places_in_wgs84(self.written, zone)).sum()) for zone in zones]
        best = max(held, default=0)
        if len(self.written) - best > most_outside:
            return []
        return [zone for zone, count in zip(zones, held, strict=True) if count >= best - _AS_GOOD * len(self.written)]

    def are_far(self, outside: np.ndarray) -> bool:
        """Tell whether the rows outside are clearly so, half of them, and no wider spread than the areas."""
        rows = self.before[outside]
        away = self.around.nearest_of_box_km(np.tile(rows, 2))
        if np.median(away) <= _CLEARLY_DIAGONALS * self.around.diagonal_km:
            return False
        known = rows[on_globe(rows)]
        if not len(known):
            return True
        (west, south), (east, north) = np.quantile(known, [0.05, 0.95], axis=0)
        return diagonal_of((west, south, east, north)) <= _SPREAD_DIAGONALS * self.around.diagonal_km


@dataclass(frozen=True)
class Unshifted:
    """The VN-2000 zone that was probably meant in place of the layer's own, and how far the places are off (metres)."""

    own: pyproj.CRS
    meant: pyproj.CRS
    error_m: float

    def values(self) -> dict[str, object]:
        """Give what a finding says of it."""
        return {
            "crs": label(self.own),
            "system": label(self.meant),
            "names": ", ".join(names_of(self.meant)),
            "error_m": round(self.error_m),
        }


def without_shift(places: np.ndarray, system: pyproj.CRS) -> Unshifted | None:
    """
    Tell whether a layer has the projection of a VN-2000 zone without its datum shift, and lies where VN-2000 is used.

    Parameters
    ----------
    places : ndarray of float, shape (rows, 2)
        Longitude and latitude, as the system puts them.
    system : pyproj.CRS
        The layer's own.

    Returns
    -------
    Unshifted, optional
        `error_m` is the median of the geodesics between where the rows are put and where the shift would put them.
    """
    meant = with_shift(system)
    datum = None if meant is None else meant.geodetic_crs
    places = places[np.isfinite(places).all(axis=1)]
    if meant is None or datum is None or datum.area_of_use is None or not len(places):
        return None
    west, south, east, north = datum.area_of_use.bounds
    lon, lat = places.T
    used_here = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    if used_here.mean() <= _MAJORITY:
        return None
    shifted = places_in_wgs84(_written(places, system), meant)
    error_m = GEOD.inv(lon, lat, shifted[:, 0], shifted[:, 1])[2]
    return Unshifted(own=system, meant=meant, error_m=float(np.median(error_m[used_here])))


def _written(places: np.ndarray, system: pyproj.CRS) -> np.ndarray:
    """Give longitude and latitude as the coordinates that they were written as."""
    from_degrees = pyproj.Transformer.from_crs(WGS84, system, always_xy=True)
    return np.column_stack(from_degrees.transform(*places.T))


def _places(rows: gpd.GeoDataFrame) -> np.ndarray:
    """Give one point per row: of a polygon the middle of its box, which is enough to tell one zone from the next."""
    geometry = rows.geometry.to_numpy()
    if not (shapely.get_dimensions(geometry) > 0).any():
        return centres(rows)
    boxes = shapely.bounds(geometry)
    return (boxes[:, :2] + boxes[:, 2:]) / 2
