"""Find the faults of layers, row by row, and tell the rows that count from those that do not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.figures import Finding
from geo.layers.place import centres, distance_to_borders_km, lying_in, measurable
from geo.layers.surroundings import is_sound, on_globe, surroundings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from geo.layers.layer import Layer
    from geo.layers.place import Lying
    from geo.layers.surroundings import Surroundings

_ID_COLUMNS = {"villages": "village_id", "points": "point_id", "areas": "area_id", "coverage": "cell_id"}
# Half of a layer outside the territory is the first thing to know about it.
_MAJORITY = 0.5
_SURFACE = 2


def check_layers(layers: Mapping[str, Layer]) -> list[Finding]:
    """
    Find every fault of the layers that can be told from the layers themselves.

    Parameters
    ----------
    layers : mapping
        Villages, points, areas, and coverage layers (``coverage.3G`` ...), by name; any may be absent.

    Returns
    -------
    list of Finding
        In the order of the layers; those that leave rows out come first of each layer.
    """
    around = surroundings_of(layers)
    return [finding for name, layer in layers.items() for finding in check_layer(name, layer, around)]


def check_layer(name: str, layer: Layer, around: Surroundings | None) -> list[Finding]:
    """Find the faults of one layer, held against what lies around it."""
    findings = [Finding(layer=name, fault="no_rows")] if layer.table.empty else []
    findings += [replace(finding, layer=name) for finding in layer.findings]
    findings += _check_places(name, layer, around)
    findings += _check_polygons(name, layer)
    if layer.kind in ("villages", "points", "areas"):
        findings += _check_ids(name, layer)
    if layer.kind == "villages":
        findings += _check_population(name, layer)
    return findings


def usable(name: str, layer: Layer, findings: Iterable[Finding]) -> gpd.GeoDataFrame:
    """Give the rows of a layer that no finding leaves out."""
    out = {row for finding in findings if finding.layer == name and finding.left_out for row in finding.rows}
    return layer.table[~layer.table.index.isin(list(out))]


def find(name: str, fault: str, table: gpd.GeoDataFrame, mask: np.ndarray, **values: object) -> list[Finding]:
    """Make one finding of the rows under the mask, or none where there are none."""
    if not mask.any():
        return []
    rows = table[mask]
    column = _ID_COLUMNS.get(name.partition(".")[0])
    return [
        Finding(
            layer=name,
            fault=fault,
            rows=tuple(int(row) for row in rows.index),
            ids=tuple(rows[column].astype(str)) if column in rows else (),
            values=values,
            left_out=fault in LEFT_OUT,
            chosen=fault in CHOSEN,
            repair=MENDED_BY.get(fault),
        )
    ]


CHOSEN = frozenset({"other_kind", "clipped"})
LEFT_OUT = frozenset(
    {
        "missing_coordinates",
        "empty_geometry",
        "impossible_coordinates",
        "swapped_coordinates",
        "misplaced",
        "unknown_technology",
        "missing_range",
        "other_kind",
        "clipped",
    }
)
MENDED_BY = {"swapped_coordinates": "swapped"}


def _check_places(name: str, layer: Layer, around: Surroundings | None) -> list[Finding]:
    """Tell the rows that stand nowhere, at an impossible place, at the wrong end of the world, or outside."""
    table = layer.table
    empty = (table.geometry.isna() | table.geometry.is_empty).to_numpy()
    from_columns = "lon" in layer.columns or "x" in layer.columns
    findings = find(name, "missing_coordinates" if from_columns else "empty_geometry", table, empty)
    if layer.kind in ("areas", "footprints"):
        return findings + _check_boxes(name, layer, empty, around)
    places = centres(table)
    there = ~empty & on_globe(places)
    misplaced = np.zeros(len(table), dtype=bool)
    swapped = misplaced.copy()
    lying = None
    if around is not None:
        lying = None if around.areas is None else lying_in(places, table.index, around.areas)
        away = _away_km(places, there, lying, around)
        misplaced = away > around.limit_km
        doubtful = np.flatnonzero(misplaced | (~empty & ~there & np.isfinite(places).all(axis=1)))
        swapped[doubtful] = around.holds(places[doubtful][:, ::-1])
        findings += find(name, "swapped_coordinates", table, swapped, example=_pair(places, swapped))
        wrong = misplaced & ~swapped
        limit_km = round(around.limit_km)
        findings += find(name, "misplaced", table, wrong, limit_km=limit_km, example=_pair(places, wrong))
    wrong = ~empty & ~there & ~swapped
    findings += find(name, "impossible_coordinates", table, wrong, example=_pair(places, wrong))
    counted = there & ~misplaced & ~swapped
    findings += _check_positions(name, table, places, counted)
    if lying is not None and layer.kind != "cells":
        findings += _check_outside(name, table, lying, away, counted)
    return findings


def _away_km(places: np.ndarray, there: np.ndarray, lying: Lying | None, around: Surroundings) -> np.ndarray:
    """Give how far each place that exists is from the areas (0 inside), or without areas from the middle; else NaN."""
    away = np.full(len(places), np.nan)
    if lying is None or around.areas is None:
        away[there] = around.from_middle_km(places[there])
        return away
    inside = lying.area_id.notna().to_numpy()
    outside = there & ~inside
    away[inside] = 0
    away[outside] = distance_to_borders_km(places[outside], around.areas)
    return away


def _check_boxes(name: str, layer: Layer, empty: np.ndarray, around: Surroundings | None) -> list[Finding]:
    """Tell the polygons that lie off the globe, or whose nearest corner is at the wrong end of the world."""
    table = layer.table
    boxes = shapely.bounds(table.geometry.to_numpy())
    impossible = ~empty & ~is_sound(table)
    misplaced = np.zeros(len(table), dtype=bool)
    swapped = misplaced.copy()
    if layer.kind == "footprints" and around is not None:
        limit = around.limit_km + around.diagonal_km
        misplaced[~empty] = impossible[~empty] | (around.nearest_of_box_km(boxes[~empty]) > limit)
        swapped[misplaced] = around.nearest_of_box_km(boxes[misplaced][:, [1, 0, 3, 2]]) <= around.diagonal_km
        misplaced &= ~swapped & ~impossible
    wrong = impossible & ~swapped
    return [
        *find(name, "swapped_coordinates", table, swapped, example=_pair(boxes[:, :2], swapped)),
        *find(
            name,
            "misplaced",
            table,
            misplaced,
            limit_km=round(around.limit_km) if around else 0,
            example=_pair(boxes[:, :2], misplaced),
        ),
        *find(name, "impossible_coordinates", table, wrong, example=_pair(boxes[:, :2], wrong)),
    ]


def _pair(places: np.ndarray, mask: np.ndarray) -> str:
    """Write the first place under the mask as its latitude and longitude."""
    if not mask.any():
        return ""
    lon, lat = places[int(np.argmax(mask))]
    return f"{lat:.6g}, {lon:.6g}"


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


def _check_polygons(name: str, layer: Layer) -> list[Finding]:
    table = layer.table[is_sound(layer.table) & (shapely.get_dimensions(layer.table.geometry.to_numpy()) == _SURFACE)]
    geometry = table.geometry.to_numpy()
    invalid = ~shapely.is_valid(geometry)
    findings = find(name, "invalid_geometry", table, invalid)
    if findings:
        first = geometry[int(np.argmax(invalid))]
        findings = find(name, "invalid_geometry", table, invalid, example=shapely.is_valid_reason(first))
    if layer.kind == "areas":
        findings += _check_overlaps(name, table)
    return findings


def _check_overlaps(name: str, table: gpd.GeoDataFrame) -> list[Finding]:
    """Tell areas that share more than a border: a ten-thousandth of the smaller one, so that slivers do not count."""
    geometry = measurable(table.geometry.to_numpy())
    if shapely.coverage_is_valid(geometry):
        return []
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    touching = shapely.touches(geometry[one], geometry[other])
    one, other = one[~touching], other[~touching]
    common = shapely.area(shapely.intersection(geometry[one], geometry[other]))
    real = common > 1e-4 * np.minimum(shapely.area(geometry[one]), shapely.area(geometry[other]))
    mask = np.zeros(len(table), dtype=bool)
    mask[one[real]] = mask[other[real]] = True
    return find(name, "overlapping_areas", table, mask, pairs=int(real.sum()))


def _check_ids(name: str, layer: Layer) -> list[Finding]:
    ids = layer.table[_ID_COLUMNS[layer.kind]]
    repeated = ids.duplicated(keep=False).to_numpy()
    return find(
        name,
        "duplicate_id",
        layer.table,
        repeated,
        example=str(ids[repeated].iloc[0]) if repeated.any() else "",
    )


def _check_population(name: str, layer: Layer) -> list[Finding]:
    table = layer.table
    if "population" not in layer.columns:
        return [Finding(layer=name, fault="no_population_column")] if len(table) else []
    people = table["population"]
    negative = (people < 0).to_numpy()
    missing = people.isna().to_numpy()
    example = f"{people[negative].iloc[0]:g}" if negative.any() else ""
    return [
        *find(name, "negative_population", table, negative, example=example),
        *find(name, "missing_population", table, missing, all=len(table)),
    ]
