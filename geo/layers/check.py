"""Find the faults of layers, row by row, and tell the rows that count from those that do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.crs import GEOD
from geo.figures import Finding
from geo.layers.place import centres, distance_to_areas_km, lying_in, measurable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from geo.layers.layer import Layer

_FAR_KM = 500.0
_FAR_DIAGONALS = 10.0
_ID_COLUMNS = {"villages": "village_id", "points": "point_id", "areas": "area_id", "coverage": "cell_id"}
# Polygons across the antimeridian may be written beyond 180 degrees.
_POLYGON_LIMITS = (360, 90, 360, 90)
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
    findings: list[Finding] = []
    territory = _territory(layers)
    for name, layer in layers.items():
        if layer.table.empty:
            findings.append(Finding(layer=name, fault="no_rows"))
        findings += [replace(finding, layer=name) for finding in layer.findings]
        findings += _check_places(name, layer, territory)
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


@dataclass(frozen=True)
class _Territory:
    """What rows are held against: the areas, or without areas the middle of the villages."""

    areas: gpd.GeoDataFrame | None
    middle: tuple[float, float]
    bounds: tuple[float, float, float, float]
    diagonal_km: float

    def distance_km(self, places: np.ndarray) -> np.ndarray:
        if self.areas is not None:
            return distance_to_areas_km(places, self.areas)
        lon = np.full(len(places), self.middle[0])
        lat = np.full(len(places), self.middle[1])
        return np.asarray(GEOD.inv(places[:, 0], places[:, 1], lon, lat)[2]) / 1000

    def nearest_of_box_km(self, boxes: np.ndarray) -> np.ndarray:
        """Give how far the nearest spot of each box is from the middle; boxes off the globe are infinitely far."""
        spot = np.clip(self.middle, boxes[:, :2], boxes[:, 2:])
        away = np.full(len(boxes), np.inf)
        there = _possible(spot)
        lon, lat = (np.full(there.sum(), value) for value in self.middle)
        away[there] = np.asarray(GEOD.inv(spot[there, 0], spot[there, 1], lon, lat)[2]) / 1000
        return away

    def holds(self, places: np.ndarray) -> np.ndarray:
        if self.areas is not None:
            return lying_in(places, pd.RangeIndex(len(places)), self.areas).area_id.notna().to_numpy()
        west, south, east, north = self.bounds
        x, y = places.T
        return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _territory(layers: Mapping[str, Layer]) -> _Territory | None:
    if (areas := layers.get("areas")) is not None and (sound := _sound(areas.table)).any():
        bounds = tuple(areas.table[sound].total_bounds)
        middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
        return _Territory(areas.table[sound], middle, bounds, _diagonal_km(bounds))
    if (villages := layers.get("villages")) is None:
        return None
    places = centres(villages.table)
    places = places[_possible(places)]
    if not len(places):
        return None
    # One village typed into another ocean must not stretch the ruler: nine tenths of them give the diagonal.
    low, high = np.quantile(places, [0.05, 0.95], axis=0)
    middle = np.median(places, axis=0)
    diagonal = _diagonal_km((low[0], low[1], high[0], high[1]))
    near = GEOD.inv(places[:, 0], places[:, 1], np.full(len(places), middle[0]), np.full(len(places), middle[1]))[2]
    kept = villages.table.geometry[_possible(centres(villages.table))][np.asarray(near) / 1000 <= _limit_km(diagonal)]
    return _Territory(None, (middle[0], middle[1]), tuple(kept.total_bounds), diagonal)


def _diagonal_km(bounds: tuple[float, float, float, float]) -> float:
    west, south, east, north = bounds
    return float(GEOD.inv(west, south, east, north)[2]) / 1000


def _limit_km(diagonal_km: float) -> float:
    return max(_FAR_DIAGONALS * diagonal_km, _FAR_KM)


def _possible(places: np.ndarray) -> np.ndarray:
    return np.asarray((np.abs(places) <= (180, 90)).all(axis=1))


def _sound(table: gpd.GeoDataFrame) -> np.ndarray:
    """Tell the polygons that lie on the globe."""
    return np.asarray((np.abs(shapely.bounds(table.geometry.to_numpy())) <= _POLYGON_LIMITS).all(axis=1))


def _check_places(name: str, layer: Layer, territory: _Territory | None) -> list[Finding]:
    """Tell the rows that stand nowhere, at an impossible place, at the wrong end of the world, or outside."""
    table = layer.table
    empty = (table.geometry.isna() | table.geometry.is_empty).to_numpy()
    from_columns = "lon" in layer.columns or "x" in layer.columns
    findings = find(name, "missing_coordinates" if from_columns else "empty_geometry", table, empty)
    if layer.kind in ("areas", "footprints"):
        return findings + _check_boxes(name, layer, empty, territory)
    places = centres(table)
    impossible = ~empty & ~_possible(places)
    misplaced = np.zeros(len(table), dtype=bool)
    swapped = misplaced.copy()
    if territory is not None:
        limit = _limit_km(territory.diagonal_km)
        there = ~empty & ~impossible
        misplaced[there] = territory.distance_km(places[there]) > limit
        doubtful = np.flatnonzero(misplaced | (impossible & np.isfinite(places).all(axis=1)))
        swapped[doubtful] = territory.holds(places[doubtful][:, ::-1])
        findings += find(name, "swapped_coordinates", table, swapped, example=_pair(places, swapped))
        findings += find(
            name,
            "misplaced",
            table,
            misplaced & ~swapped,
            limit_km=round(limit),
            example=_pair(places, misplaced & ~swapped),
        )
    wrong = impossible & ~swapped
    findings += find(name, "impossible_coordinates", table, wrong, example=_pair(places, wrong))
    counted = ~empty & ~impossible & ~misplaced & ~swapped
    findings += _check_positions(name, table, places, counted)
    if territory is not None and territory.areas is not None and layer.kind != "cells":
        findings += _check_outside(name, table, places, counted, territory.areas)
    return findings


def _check_boxes(name: str, layer: Layer, empty: np.ndarray, territory: _Territory | None) -> list[Finding]:
    """Tell the polygons that lie off the globe, or whose nearest corner is at the wrong end of the world."""
    table = layer.table
    boxes = shapely.bounds(table.geometry.to_numpy())
    impossible = ~empty & ~_sound(table)
    misplaced = np.zeros(len(table), dtype=bool)
    swapped = misplaced.copy()
    if layer.kind == "footprints" and territory is not None:
        limit = _limit_km(territory.diagonal_km) + territory.diagonal_km
        misplaced[~empty] = impossible[~empty] | (territory.nearest_of_box_km(boxes[~empty]) > limit)
        swapped[misplaced] = territory.nearest_of_box_km(boxes[misplaced][:, [1, 0, 3, 2]]) <= territory.diagonal_km
        misplaced &= ~swapped & ~impossible
    wrong = impossible & ~swapped
    return [
        *find(name, "swapped_coordinates", table, swapped, example=_pair(boxes[:, :2], swapped)),
        *find(
            name,
            "misplaced",
            table,
            misplaced,
            limit_km=round(_limit_km(territory.diagonal_km)) if territory else 0,
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
    name: str, table: gpd.GeoDataFrame, places: np.ndarray, counted: np.ndarray, areas: gpd.GeoDataFrame
) -> list[Finding]:
    lying = lying_in(places, table.index, areas)
    outside = counted & lying.area_id.isna().to_numpy()
    findings = find(name, "on_shared_border", table, lying.shared.to_numpy() & counted)
    if not outside.any():
        return findings
    away = distance_to_areas_km(places[outside], areas)
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
    table = layer.table[_sound(layer.table) & (shapely.get_dimensions(layer.table.geometry.to_numpy()) == _SURFACE)]
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
