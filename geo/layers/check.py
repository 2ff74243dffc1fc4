"""Find the faults of layers, row by row, and tell the rows that count from those that do not."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING

from geo.figures import Finding
from geo.layers.faults.check_areas import check_polygons
from geo.layers.faults.check_places import check_places
from geo.layers.faults.register import find
from geo.layers.faults.surroundings import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from geo.layers.faults.surroundings import Surroundings
    from geo.layers.layer import Layer

_IDS = {"villages": "village_id", "points": "point_id", "areas": "area_id"}


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
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = threads.map(check_layer, layers, layers.values(), repeat(around))
        return [finding for findings in found for finding in findings]


def check_layer(name: str, layer: Layer, around: Surroundings | None) -> list[Finding]:
    """Find the faults of one layer, held against what lies around it."""
    findings = [Finding(layer=name, fault="no_rows")] if layer.table.empty else []
    findings += [replace(finding, layer=name) for finding in layer.findings]
    findings += check_places(name, layer, around)
    findings += check_polygons(name, layer)
    if layer.kind in ("villages", "points", "areas"):
        findings += _check_ids(name, layer)
    if layer.kind == "villages":
        findings += _check_population(name, layer)
    return [named(finding, layer) for finding in findings]


def named(finding: Finding, layer: Layer) -> Finding:
    """Tell of each row of a finding its layer in the file, where several layers were read as one; nothing else."""
    if not layer.within or finding.within:
        return finding
    names: dict[object, str] = {number: "{}:{}".format(*where) for number, where in layer.within.items()}
    each = tuple({**one, "row": names[one["row"]]} if "row" in one else one for one in finding.each)
    return replace(finding, within=tuple(layer.within[row] for row in finding.rows), each=each)


def usable(name: str, layer: Layer, findings: Iterable[Finding]) -> gpd.GeoDataFrame:
    """Give the rows of a layer that no finding leaves out."""
    out = {row for finding in findings if finding.layer == name and finding.left_out for row in finding.rows}
    return layer.table[~layer.table.index.isin(list(out))]


def _check_ids(name: str, layer: Layer) -> list[Finding]:
    ids = layer.table[_IDS[layer.kind]]
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
