"""Single rows written in a neighbouring zone, by the area that they name: outside it as they are, inside it there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.crs.systems import GEOD, label, places_in_wgs84
from geo.crs.vn2000 import with_shift
from geo.crs.zones import other_zones
from geo.layers.faults.named_area import named_areas
from geo.layers.faults.slips import first_of, rivals_told
from geo.layers.place import distance_to_borders_km, lying_in

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.layers.faults.check_slips import Written
    from geo.layers.faults.named_area import Named

# Names are believed where so many of the rows that name an area lie in it.
_AGREEING = 0.8
# A border is drawn more coarsely than villages are placed.
_BORDER_KM = 1.0
# How often names that are wrong would fit a zone as well, by chance.
_CHANCE = 0.05
# Zones that place a row as far apart as this are two answers, of which nobody knows the right one.
_SAME_KM = 1.0


@dataclass(frozen=True)
class NamedStrays:
    """The rows, the zone that they were probably written in, and what a finding says of them."""

    rows: np.ndarray
    values: dict[str, object]


@dataclass(frozen=True)
class _Held:
    """
    The rows of a layer that lie outside the area that they name.

    `off` tells them among all, `evidence` numbers the pieces of evidence that they are, and `sound` tells those whose
    area is not named by several rows that all lie outside it.
    """

    named: Named
    areas: gpd.GeoDataFrame
    off: np.ndarray
    evidence: np.ndarray
    sound: np.ndarray

    def groups(self, places: np.ndarray) -> np.ndarray:
        """Give the group of the area that each place lies in; negative outside all."""
        return _group_of(lying_in(places, pd.RangeIndex(len(places)), self.areas).area_row, self.areas, self.named)


def named_strays(by: Written, counted: np.ndarray) -> NamedStrays | None:
    """
    Find the rows that lie outside the area that they name, and inside it when they are read in another zone.

    The zones of VN-2000 are a quarter of a degree apart, 27 km, and a row in a neighbour's may well stay among the
    areas. Believed where four fifths of the rows that name an area lie in it, and where names that are simply wrong
    would not fit as well by chance, once in twenty layers: a wrong name fits a zone that puts its row into any area
    once in as many times as there are areas to name. Where the zone leaves as many rows unexplained, or more, names are
    wrong in this layer, and nothing is said. Rows that name the same area and lie in the same one are one piece of
    evidence, for one mistake may be behind them all; several rows that name an area in which none of them lies are no
    evidence, for its polygon may be another's. Rows within a kilometre of the area that they name lie in it. Zones are
    those of the layer's family that are in use around.

    Parameters
    ----------
    by : Written
        What is written in the layer.
    counted : ndarray of bool
        The rows that have no other fault.
    """
    system, areas = by.layer.own.crs, by.around.areas
    lying = by.lying
    if system is None or not system.is_projected or lying is None or by.layer.kind not in ("villages", "points"):
        return None
    assert areas is not None  # noqa: S101 - rows lie in areas
    for named in named_areas(by.layer, areas):
        known = counted & (named.of_row >= 0)
        off = known & (named.of_row != _group_of(lying.area_row, areas, named))
        off[off] = _away_km(by.places[off], named.of_row[off], areas, named) > _BORDER_KM
        agreeing = int(known.sum() - off.sum())
        if agreeing >= _AGREEING * known.sum() and agreeing:
            told = {"column": named.column, "off": int(off.sum()), "agreeing": agreeing, "all": int(known.sum())}
            standing = lying.area_row.fillna(-1).to_numpy(dtype=np.int64)
            return _strays(by, _held(named, areas, known, off, standing), told)
    return None


def _held(named: Named, areas: gpd.GeoDataFrame, known: np.ndarray, off: np.ndarray, standing: np.ndarray) -> _Held:
    names = named.of_row[off]
    inside = np.bincount(named.of_row[known & ~off], minlength=len(areas) + 1)
    outside = np.bincount(names, minlength=len(areas) + 1)
    pairs = pd.DataFrame({"named": names, "standing": standing[off]})
    return _Held(
        named=named,
        areas=areas,
        off=off,
        evidence=pairs.groupby(["named", "standing"]).ngroup().to_numpy(),
        sound=(inside > 0)[names] | (outside == 1)[names],
    )


def _strays(by: Written, held: _Held, told: dict[str, object]) -> NamedStrays | None:
    system = by.layer.own.crs
    typed, names = by.typed[held.off], held.named.of_row[held.off]
    zones = other_zones(with_shift(system) or system, by.around.bounds) if len(typed) else []
    read = {zone: places_in_wgs84(typed, zone) for zone in zones}
    there = {zone: held.groups(found) for zone, found in read.items()}
    tried = {zone: groups for zone, groups in there.items() if (groups >= 0).any()}
    if not tried:
        return None
    fits = {zone: (groups == names) & held.sound for zone, groups in tried.items()}
    meant = max(fits, key=lambda zone: int(fits[zone].sum()))
    fitting = fits[meant]
    pieces, others, possible = (len(np.unique(held.evidence[rows])) for rows in (fitting, ~fitting, tried[meant] >= 0))
    if pieces <= others or len(tried) * _by_chance(pieces, possible / held.named.count) > _CHANCE:
        return None
    rivals = [zone for zone in fits if zone != meant and fits[zone].sum() == fitting.sum()]
    if any(_apart_km(read[zone][fitting], read[meant][fitting]) > _SAME_KM for zone in rivals):
        return None
    rows = np.zeros_like(held.off)
    rows[held.off] = fitting
    values: dict[str, object] = {
        "crs": label(system),
        "system": label(meant),
        "rivals": rivals_told(map(label, rivals)),
        **told,
    }
    return NamedStrays(rows, {**values, "example": first_of(by.places, rows), "mended": first_of(read[meant], fitting)})


def _group_of(area_row: pd.Series, areas: gpd.GeoDataFrame, named: Named) -> np.ndarray:
    """Give the group of the area that each row lies in; negative where it has no name, or there is none."""
    groups = pd.Series(named.of_area, index=areas.index)
    return np.asarray(area_row.map(groups).fillna(-2).to_numpy(dtype=np.int64))


def _away_km(places: np.ndarray, names: np.ndarray, areas: gpd.GeoDataFrame, named: Named) -> np.ndarray:
    """Give how far each place is from the area that it names, in km."""
    away = np.zeros(len(places))
    for group in np.unique(names):
        away[names == group] = distance_to_borders_km(places[names == group], areas[named.of_area == group])
    return away


def _apart_km(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.max(GEOD.inv(*one.T, *other.T)[2])) / 1000


def _by_chance(number: int, expected: float) -> float:
    """
    Give how likely so many or more are where so many are expected: Poisson's law.

    Examples
    --------
    >>> round(_by_chance(1, 1 / 65), 4), round(_by_chance(2, 2 / 65), 5)
    (0.0153, 0.00046)
    """
    return 1 - sum(math.exp(-expected) * expected**few / math.factorial(few) for few in range(number))
