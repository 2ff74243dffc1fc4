"""Tell the rows that a slip of the pen explains: which slip, how they read without it, and which may have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs.systems import places_in_wgs84
from geo.layers.faults.outsiders import outsiders
from geo.layers.faults.register import find
from geo.layers.faults.slips import changes_in, examples, explain, from_minutes, minutes_as_decimals
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyproj

    from geo.figures import Finding
    from geo.layers.faults.outsiders import Outsiders
    from geo.layers.faults.slips import Change, Explained
    from geo.layers.faults.surroundings import Surroundings
    from geo.layers.layer import Layer
    from geo.layers.place import Lying


@dataclass(frozen=True)
class Standing:
    """Where each row stands: its area, where there are areas, and how far it is off (km)."""

    lying: Lying | None
    away_km: np.ndarray


@dataclass(frozen=True)
class Written:
    """
    The coordinates of a layer as they are `typed`, its `places` in WGS84, and what lies around it.

    `away_km` is how far each row is from the areas, without areas from the middle; `lying` the area that it lies in.
    """

    layer: Layer
    typed: np.ndarray
    places: np.ndarray
    away_km: np.ndarray
    lying: Lying | None
    around: Surroundings

    @property
    def changes(self) -> dict[str, Change]:
        """What takes a slip back, by its fault; nothing where there is no system."""
        return {} if self.layer.own.crs is None else changes_in(self.layer.own.crs)

    def fits(self, change: Change, rows: np.ndarray) -> np.ndarray:
        """Tell which of the rows under a mask lie where they belong after a change of what is written."""
        return self.around.holds(places_in_wgs84(change(self.typed[rows]), self.layer.own.crs))


def explained_by_slips(typed: np.ndarray, system: pyproj.CRS | None, around: Surroundings) -> dict[str, Explained]:
    """
    Give each row at no possible place the slip that explains it: without it, the row lies where it belongs.

    Parameters
    ----------
    typed : ndarray of float, shape (rows, 2)
        Finite coordinates as they are written, in the `system`: degrees or metres. Without a system none is explained.
    system : pyproj.CRS, optional
        That of the layer.
    around : Surroundings
        What the rows are held against.
    """
    if system is None:
        return {}
    return explain(len(typed), lambda change: around.holds(places_in_wgs84(change(typed), system)), changes_in(system))


def check_slips(
    name: str, by: Written, doubtful: np.ndarray, near: Mapping[str, Outsiders]
) -> tuple[list[Finding], np.ndarray]:
    """Tell the rows at no possible place that a slip explains, with the outsiders that have surely slipped."""
    doubtful = doubtful & np.isfinite(by.typed).all(axis=1)
    explained = explained_by_slips(by.typed[doubtful], by.layer.own.crs, by.around)
    sure = {fault: found.sure for fault, found in near.items()}
    return tell_slips(name, by.layer, by.typed, (doubtful, explained), sure)


def tell_slips(
    name: str,
    layer: Layer,
    typed: np.ndarray,
    explained: tuple[np.ndarray, Mapping[str, Explained]],
    sure: Mapping[str, np.ndarray],
) -> tuple[list[Finding], np.ndarray]:
    """Make one finding per slip: of the doubtful rows that are explained, and of those that it surely explains."""
    doubtful, by_fault = explained
    out = np.zeros_like(doubtful)
    findings = []
    for fault, change in ({} if layer.own.crs is None else changes_in(layer.own.crs)).items():
        rows = sure.get(fault, out & False).copy()
        unsure = 0
        if fault in by_fault:
            rows[doubtful] |= by_fault[fault].rows
            unsure = int(by_fault[fault].unsure.sum())
        out |= rows
        findings += find(name, fault, layer.table, rows, unsure=unsure, **examples(typed, rows, change))
    return findings, out


def find_outsiders(by: Written, counted: np.ndarray) -> dict[str, Outsiders]:
    """Find the rows outside the areas, though not at the end of the world, that one slip would put inside."""
    if by.around.areas is None:
        return {}
    counted = counted & np.isfinite(by.typed).all(axis=1)
    return outsiders(by.away_km, counted, by.changes, by.fits, by.around.diagonal_km)


def check_doubts(name: str, by: Written, near: Mapping[str, Outsiders]) -> list[Finding]:
    """Tell the rows near the areas that may have slipped, and may be a neighbour's; they count where they stand."""
    findings: list[Finding] = []
    for fault, found in near.items():
        rows = found.doubtful
        farthest_km = round(float(by.away_km[rows].max(initial=0)), 3)
        shown = examples(by.typed, rows, by.changes[fault])
        slip = Term(f"term.{fault}")
        findings += find(name, "perhaps_slipped", by.layer.table, rows, slip=slip, farthest_km=farthest_km, **shown)
    return findings


def check_minutes(name: str, by: Written, counted: np.ndarray) -> tuple[list[Finding], np.ndarray]:
    """Tell the rows outside the areas that lie inside when their decimals are read as minutes; and which these are."""
    system = by.layer.own.crs
    points = (shapely.get_dimensions(by.layer.own.geometry.to_numpy()) < 1).all()
    if by.around.areas is None or system is None or not system.is_geographic or not points:
        return [], np.zeros_like(counted)
    minutes = minutes_as_decimals(by.typed, by.away_km, counted, by.fits)
    shown = examples(by.typed, minutes.rows, from_minutes)
    alike = int(minutes.alike.sum())
    return find(name, "minutes_as_decimals", by.layer.table, minutes.rows, alike=alike, **shown), minutes.rows
