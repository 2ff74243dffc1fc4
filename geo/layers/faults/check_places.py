"""Find the rows that stand nowhere, at an impossible place, at the wrong end of the world, or outside the areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.layers.contract import PLACE_NAMES
from geo.layers.faults.check_slips import (
    Standing,
    Written,
    check_doubts,
    check_minutes,
    check_slips,
    find_outsiders,
    tell_slips,
)
from geo.layers.faults.misread import in_another_zone, without_shift
from geo.layers.faults.named_zone import named_strays
from geo.layers.faults.register import find
from geo.layers.faults.slips import CHANGES, examples, exchanged, explain, first_of
from geo.layers.faults.stray_zone import stray_rows
from geo.layers.faults.surroundings import at_zero, is_sound, lost_at_zero, on_globe, typed_in
from geo.layers.place import centres, distance_to_borders_km, lying_in

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.figures import Finding
    from geo.layers.faults.exchanged_areas import ExchangedAreas
    from geo.layers.faults.slips import Change
    from geo.layers.faults.surroundings import Surroundings
    from geo.layers.layer import Layer
    from geo.layers.place import Lying

# Half of a layer outside the territory is the first thing to know about it.
_MAJORITY = 0.5


def check_places(name: str, layer: Layer, around: Surroundings | None) -> list[Finding]:
    """Find the faults of one layer's places, held against what lies around it; each row is left out once at most."""
    empty = (layer.table.geometry.isna() | layer.table.geometry.is_empty).to_numpy()
    from_columns = not PLACE_NAMES.isdisjoint(layer.columns) and "geometry" not in layer.columns
    # A row whose geometry cannot be used was told with the reason when it was read.
    told = layer.table.index.isin([row for one in layer.findings if one.left_out for row in one.rows])
    findings = find(name, "missing_coordinates" if from_columns else "empty_geometry", layer.table, empty & ~told)
    if around is not None and layer.kind != "areas" and (zone := _check_zone(name, layer, empty, around)):
        return findings + zone
    if layer.kind == "areas" and around is not None and around.exchanged is not None:
        findings += _check_exchanged(name, layer, empty, around.exchanged)
    elif layer.kind in ("areas", "footprints"):
        findings += _check_boxes(name, layer, empty, around)
    else:
        findings += _check_points(name, layer, empty, around)
    return findings + _check_datum(name, layer, empty)


def _check_exchanged(name: str, layer: Layer, empty: np.ndarray, turned: ExchangedAreas) -> list[Finding]:
    """Tell the areas whose coordinates are exchanged: the rows of the other layers say so with one voice."""
    typed = shapely.bounds(layer.own.geometry.to_numpy())[:, :2]
    values = {"all": turned.rows, "before": turned.before, "after": turned.after}
    return find(name, "swapped_areas", layer.table, ~empty, **values, **examples(typed, ~empty, exchanged))


def _check_zone(name: str, layer: Layer, empty: np.ndarray, around: Surroundings) -> list[Finding]:
    """Tell the whole layer where another zone of its system brings it into the areas."""
    misread = in_another_zone(layer, around)
    if misread is None:
        return []
    return find(name, "wrong_zone", layer.table, ~empty, **misread.values())


def _check_datum(name: str, layer: Layer, empty: np.ndarray) -> list[Finding]:
    """Tell the whole layer where its system is VN-2000 but for the datum shift."""
    if layer.own.crs is None or not layer.own.crs.is_projected:
        return []
    boxes = shapely.bounds(layer.table.geometry.to_numpy()[~empty])
    lost = without_shift((boxes[:, :2] + boxes[:, 2:]) / 2, layer.own.crs)
    if lost is None:
        return []
    return find(name, "datum_shift_missing", layer.table, ~empty, **lost.values())


def _check_points(name: str, layer: Layer, empty: np.ndarray, around: Surroundings | None) -> list[Finding]:
    table = layer.table
    places = centres(table)
    typed = typed_in(layer, places)
    zero = lost_at_zero(at_zero(typed), places, around)
    findings = find(name, "zero_coordinates", table, zero)
    empty = empty | zero
    there = ~empty & on_globe(places)
    out = np.zeros(len(table), dtype=bool)
    if around is not None:
        stand = _standing(layer, places, there, around)
        misplaced = stand.away_km > around.limit_km
        by = Written(layer, typed, places, stand.away_km, stand.lying, around)
        near = find_outsiders(by, there & ~misplaced)
        told, out = check_slips(name, by, misplaced | (~empty & ~there), near)
        findings += told
        told, strays = _check_strays(name, by, there & ~out, misplaced)
        findings += told
        out |= strays
        wrong = misplaced & ~out
        limit_km = round(around.limit_km)
        findings += find(name, "misplaced", table, wrong, limit_km=limit_km, example=first_of(places, wrong))
        out |= wrong
    wrong = ~empty & ~there & ~out
    findings += find(name, "impossible_coordinates", table, wrong, example=first_of(places, wrong))
    counted = there & ~out
    if around is not None:
        findings += check_doubts(name, by, near)
        for check in (check_minutes, _check_named_strays):
            told, rows = check(name, by, counted)
            findings += told
            counted &= ~rows
    findings += _check_positions(name, table, places, counted)
    if around is not None and stand.lying is not None and layer.kind != "cells":
        findings += _check_outside(name, table, stand.lying, stand.away_km, counted)
    return findings


def _check_named_strays(name: str, by: Written, counted: np.ndarray) -> tuple[list[Finding], np.ndarray]:
    """Tell the rows that another zone puts into the area that they name; and which these are."""
    strays = named_strays(by, counted)
    if strays is None:
        return [], np.zeros_like(counted)
    return find(name, "named_zone", by.layer.table, strays.rows, **strays.values), strays.rows


def _check_strays(
    name: str, by: Written, counted: np.ndarray, misplaced: np.ndarray
) -> tuple[list[Finding], np.ndarray]:
    """Tell the rows that were written in another zone than the rest; and which these are."""
    # A zone of UTM is as wide as what counts as misplaced: of a small land, its rows are.
    strays = stray_rows(by, counted & ~misplaced) or stray_rows(by, counted)
    if strays is None:
        return [], np.zeros_like(counted)
    values = strays.values(by.layer.own.crs)
    return find(name, "stray_zone", by.layer.table, strays.rows, **values), strays.rows


def _standing(layer: Layer, places: np.ndarray, there: np.ndarray, around: Surroundings) -> Standing:
    lying = None if around.areas is None else lying_in(places, layer.table.index, around.areas)
    away = np.full(len(places), np.nan)
    if lying is None or around.areas is None:
        away[there] = around.from_middle_km(places[there])
    else:
        inside = lying.area_id.notna().to_numpy()
        outside = there & ~inside
        away[inside] = 0
        away[outside] = distance_to_borders_km(places[outside], around.areas)
    return Standing(lying, away)


def _check_boxes(name: str, layer: Layer, empty: np.ndarray, around: Surroundings | None) -> list[Finding]:
    """Tell the polygons that lie off the globe, or whose nearest corner is at the wrong end of the world."""
    table = layer.table
    boxes = shapely.bounds(table.geometry.to_numpy())
    impossible = ~empty & ~is_sound(table)
    misplaced = np.zeros(len(table), dtype=bool)
    out = misplaced.copy()
    findings: list[Finding] = []
    if layer.kind == "footprints" and around is not None:
        limit = around.limit_km + around.diagonal_km
        misplaced[~empty] = impossible[~empty] | (around.nearest_of_box_km(boxes[~empty]) > limit)

        def fits(change: Change) -> np.ndarray:
            return around.nearest_of_box_km(_changed(boxes[misplaced], change)) <= around.diagonal_km

        explained = misplaced, explain(int(misplaced.sum()), fits, CHANGES)
        findings, out = tell_slips(name, layer, boxes[:, :2], explained, {})
    limit_km = round(around.limit_km) if around else 0
    far, wrong = misplaced & ~out & ~impossible, impossible & ~out
    return [
        *findings,
        *find(name, "misplaced", table, far, limit_km=limit_km, example=first_of(boxes[:, :2], far)),
        *find(name, "impossible_coordinates", table, wrong, example=first_of(boxes[:, :2], wrong)),
    ]


def _changed(boxes: np.ndarray, change: Change) -> np.ndarray:
    """Give the boxes of what lies in these after a change of its coordinates."""
    corners = np.stack([change(boxes[:, :2]), change(boxes[:, 2:])])
    return np.column_stack([corners.min(axis=0), corners.max(axis=0)])


def _check_positions(name: str, table: gpd.GeoDataFrame, places: np.ndarray, counted: np.ndarray) -> list[Finding]:
    _, which, sizes = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    repeated = counted & (sizes[which.ravel()] > 1)
    return find(name, "duplicate_position", table, repeated, places=len(np.unique(which.ravel()[repeated])))


def _check_outside(
    name: str, table: gpd.GeoDataFrame, lying: Lying, away_km: np.ndarray, counted: np.ndarray
) -> list[Finding]:
    outside = counted & lying.area_id.isna().to_numpy()
    findings = find(name, "on_shared_border", table, lying.shared.to_numpy() & counted)
    if not outside.any():
        return findings
    away = away_km[outside]
    fault = "mostly_outside_areas" if outside.sum() > _MAJORITY * counted.sum() else "outside_areas"
    found = find(
        name,
        fault,
        table,
        outside,
        all=int(counted.sum()),
        nearest_km=round(float(away.min()), 3),
        farthest_km=round(float(away.max()), 3),
    )
    return found + findings if fault.startswith("mostly") else findings + found
