"""Single rows of a projected layer that were written in another zone than the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.crs.systems import label, places_in_wgs84
from geo.crs.vn2000 import with_shift
from geo.crs.zones import kindred_zones, other_zones
from geo.layers.faults.outsiders import FAR_DIAGONALS, believed
from geo.layers.faults.slips import first_of, rivals_told

if TYPE_CHECKING:
    import pyproj

    from geo.layers.faults.check_slips import Written

_LEAST_ROWS = 3
_MOST_SHARE = 0.5


@dataclass(frozen=True)
class Strays:
    """The rows, the zone that they were probably written in, and the zones that would do as well."""

    rows: np.ndarray
    meant: pyproj.CRS
    rivals: tuple[pyproj.CRS, ...]
    example: str
    mended: str

    def values(self, own: pyproj.CRS) -> dict[str, object]:
        """Give what a finding says of them; `own` is the system of the layer."""
        rivals = rivals_told(map(label, self.rivals))
        values = {"crs": label(own), "system": label(self.meant), "rivals": rivals}
        return {**values, "example": self.example, "mended": self.mended}


def stray_rows(by: Written, counted: np.ndarray) -> Strays | None:
    """
    Find the rows that another zone puts inside the areas, while the rest of the layer is read in the right one.

    Believed of three rows or more, all in the same zone and two diagonals or more from the areas, unless half of the
    layer stands so far off, or other rows about as far that no zone explains. Of zones that explain as many rows, those
    of the layer's own family come first, then those on its datum; the others are named.

    Parameters
    ----------
    by : Written
        What is written in the layer.
    counted : ndarray of bool
        The rows that have no other fault.
    """
    system, around = by.layer.own.crs, by.around
    if system is None or not system.is_projected or around.areas is None:
        return None
    far = counted & (by.away_km > FAR_DIAGONALS * around.diagonal_km)
    if not _LEAST_ROWS <= far.sum() <= _MOST_SHARE * counted.sum():
        return None
    zones = [*other_zones(with_shift(system) or system, around.bounds), *kindred_zones(system, around.bounds)]
    read = {zone: places_in_wgs84(by.typed[far], zone) for zone in zones}
    held = {zone: around.holds(found) for zone, found in read.items()}
    most = max((int(inside.sum()) for inside in held.values()), default=0)
    if most < _LEAST_ROWS:
        return None
    meant, *rivals = [zone for zone, inside in held.items() if inside.sum() == most]
    rows = np.zeros_like(far)
    rows[far] = held[meant]
    honest = by.away_km[far][~np.any(list(held.values()), axis=0)]
    if not believed(rows, by.away_km, honest).any():
        return None
    mended = first_of(read[meant], held[meant])
    return Strays(rows, meant, tuple(rivals), example=first_of(by.places, rows), mended=mended)
