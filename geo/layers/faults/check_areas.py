"""Find the faults of polygons: invalid rings, areas that do not fit together, and areas that a column states wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.layers.crowds import are_told_apart, comparable
from geo.layers.faults.invalid import invalid_because
from geo.layers.faults.overlaps import MOST_PAIRS_PER_AREA, distinct, overlaps
from geo.layers.faults.register import find
from geo.layers.faults.slivers import WIDTH_M, gaps
from geo.layers.faults.stated_area import PER_KM2, TOLERANCE, disagreeing, exchanged, unit_of
from geo.layers.faults.surroundings import is_sound
from geo.layers.place import measurable
from geo.layers.surface import area_km2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.figures import Finding
    from geo.layers.layer import Layer

_SURFACE = 2


def check_polygons(name: str, layer: Layer) -> list[Finding]:
    """
    Find the faults of a layer's polygons; none of them leaves a row out.

    Invalid rings are told of every layer, with the area as drawn (the rings one by one, holes subtracted) and as made
    valid. Of areas are told: pairs that overlap by more than a ten-thousandth of the smaller one, or by a part that is
    100 m wide; what is narrower and smaller, and gaps narrower than 100 m, as slivers; rows whose stated area and
    polygon differ by more than 15 %, and those of them that fit each other's polygon.
    """
    table = layer.table[is_sound(layer.table) & (shapely.get_dimensions(layer.table.geometry.to_numpy()) == _SURFACE)]
    drawn = table.geometry.to_numpy()
    geometry = measurable(drawn)
    findings = _check_rings(name, table, drawn, geometry)
    if layer.kind == "areas":
        findings += _check_neighbours(name, table, geometry)
        if "stated_area" in layer.columns:
            findings += _check_stated(name, table, geometry, layer.columns["stated_area"])
    return findings


def _check_rings(
    name: str, table: gpd.GeoDataFrame, drawn: NDArray[np.object_], geometry: NDArray[np.object_]
) -> list[Finding]:
    invalid = ~shapely.is_valid(drawn)
    if not invalid.any():
        return []
    reasons = shapely.is_valid_reason(drawn[invalid])
    before, after = area_km2(drawn[invalid]), area_km2(geometry[invalid])
    each = [
        {
            "why": invalid_because(why),
            "before_km2": float(old),
            "after_km2": float(new),
            "change_m2": float(abs(new - old) * 1e6),
        }
        for why, old, new in zip(reasons, before, after, strict=True)
    ]
    return _with_each(find(name, "invalid_geometry", table, invalid, example=invalid_because(str(reasons[0]))), each)


def _check_neighbours(name: str, table: gpd.GeoDataFrame, geometry: NDArray[np.object_]) -> list[Finding]:
    polygons, which = distinct(geometry)
    able = comparable(polygons)
    fitting = bool(able.all() and are_told_apart(polygons) and shapely.coverage_is_valid(polygons))
    findings: list[Finding] = []
    between = gaps(polygons, fitting=fitting, able=able)
    beside, left, parts, parts_km2 = np.isin(which, between.area), between.left[which], 0, 0.0
    if not fitting or len(polygons) < len(table):
        shared = overlaps(polygons, which, able)
        km2 = round(shared.km2, 3)
        findings += find(name, "overlapping_areas", table, shared.overlapping, pairs=shared.pairs, km2=km2)
        beside |= shared.narrow
        left, parts, parts_km2 = left | shared.left, shared.parts, round(shared.parts_km2, 6)
    findings += find(name, "uncompared_areas", table, left, per_area=MOST_PAIRS_PER_AREA)
    return findings + find(
        name,
        "slivers",
        table,
        beside,
        width_m=round(WIDTH_M),
        gaps=len(between.polygons),
        gap_km2=round(between.km2, 6),
        overlaps=parts,
        overlap_km2=parts_km2,
    )


def _check_stated(name: str, table: gpd.GeoDataFrame, geometry: NDArray[np.object_], header: str) -> list[Finding]:
    """Tell the rows whose stated area is not their polygon's, each with both."""
    stated, measured_km2 = table["stated_area"].to_numpy(dtype=float), area_km2(geometry)
    unit = unit_of(header, stated, measured_km2)
    if unit is None:
        return []
    measured = measured_km2 * PER_KM2[unit]
    off = disagreeing(stated, measured)
    each = [
        {"stated": float(said), "measured": float(real), "unit": unit}
        for said, real in zip(stated[off], measured[off], strict=True)
    ]
    known, tolerance = int(np.isfinite(stated).sum()), f"{TOLERANCE:.0%}"
    fault = "stated_area_differs"
    found = find(name, fault, table, off, all=known, tolerance=tolerance, column=header, unit=unit)
    pairs, left = exchanged(stated, measured, off, geometry)
    partner = {row: other for pair in pairs for row, other in (pair, pair[::-1])}
    mask, uncompared = (np.isin(np.arange(len(table)), some) for some in (list(partner), left))
    told = [{**one, "unit": unit} for one in _partners(table, stated, measured, partner)]
    beside = find(name, "exchanged_polygons", table, mask, column=header)
    rest = find(name, "uncompared_areas", table, uncompared, per_area=MOST_PAIRS_PER_AREA)
    return _with_each(found, each) + _with_each(beside, told) + rest


def _with_each(findings: list[Finding], each: Sequence[Mapping[str, object]]) -> list[Finding]:
    """Add to the one finding, where there is one, what is each row's own."""
    return [replace(finding, each=tuple(each)) for finding in findings]


def _partners(
    table: gpd.GeoDataFrame, stated: NDArray[np.float64], measured: NDArray[np.float64], partner: dict[int, int]
) -> Iterator[dict[str, object]]:
    """Say of each row whose polygon its area fits, in the order of the rows."""
    ids = table["area_id"].astype(str).to_numpy()
    for row in sorted(partner):
        other = partner[row]
        yield {
            "row": str(table.index[other]),
            "id": ids[other],
            "stated": float(stated[row]),
            "measured": float(measured[other]),
            "own": float(measured[row]),
        }
