"""Findings as layers to open in a GIS: one row per finding and row, at the place where that row stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs.systems import WGS84

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo.figures import Finding
    from geo.layers.layer import Layer
    from geo.study.results import LayerFacts

_TEXTS = ("layer", "file", "fault", "id", "detail", "text", "effect", "repair")
COLUMNS = ("layer", "file", "row", "id", "fault", "detail", "text", "effect", "repair")
"""The columns of the rows to mend, in their order; the geometry stands last."""


def rows_to_mend(
    layers: Mapping[str, Layer], facts: Iterable[LayerFacts], findings: Iterable[Finding], language: str
) -> dict[str, gpd.GeoDataFrame]:
    """
    Give the rows that findings are about, so that the owner of the data can mend them.

    Parameters
    ----------
    layers : mapping
        The layers with all their rows, as :func:`geo.study.loading.load` keeps them.
    facts : iterable of LayerFacts
        The files of the layers.
    findings : iterable of Finding
        What was found; one without rows is a row without a number.
    language : str
        ``"vi"`` or ``"en"``.

    Returns
    -------
    dict of str to GeoDataFrame
        By layer of the study, in the order of the findings, in EPSG:4326: ``layer``, ``file`` (with the layer in it,
        where several were read as one), ``row`` (the line of a table, header included, or the feature id), ``id``,
        ``fault``, ``detail`` (what is that row's own), ``text`` and ``effect`` of the finding, ``repair``, and the
        geometry of the row as it lies, misplaced ones where they stand.
        A row that has no place, or none that a file could hold, has no geometry.
    """
    files = {one.layer: one.file for one in facts}
    told: dict[str, list[gpd.GeoDataFrame]] = {}
    for finding in findings:
        told.setdefault(finding.layer, []).append(_rows(finding, layers.get(finding.layer), files, language))
    return {name: pd.concat(tables, ignore_index=True) for name, tables in told.items()}


def none_to_mend() -> gpd.GeoDataFrame:
    """Give the table of no rows."""
    texts = {column: pd.Series(dtype="str") for column in _TEXTS}
    table = pd.DataFrame({**texts, "row": pd.Series(dtype="Int64")})[list(COLUMNS)]
    return gpd.GeoDataFrame(table, geometry=[], crs=WGS84)


def _rows(finding: Finding, layer: Layer | None, files: Mapping[str, str], language: str) -> gpd.GeoDataFrame:
    count = max(1, len(finding.rows))
    none = [None] * count
    file = (files.get(finding.layer) or "").partition("::")[0]
    table = pd.DataFrame(
        {
            "layer": finding.layer,
            "file": [f"{file}::{layer}" for layer, _ in finding.within] or files.get(finding.layer),
            "row": pd.array([row for _, row in finding.within] or list(finding.rows) or none, dtype="Int64"),
            "id": list(finding.ids) if len(finding.ids) == count else none,
            "fault": finding.fault,
            "detail": finding.details(language) or none,
            "text": finding.text(language),
            "effect": finding.effect(language),
            "repair": finding.repair,
        },
        columns=list(COLUMNS),
    ).astype(dict.fromkeys(_TEXTS, "str"))
    return gpd.GeoDataFrame(table, geometry=_places(layer, finding.rows, count), crs=WGS84)


def _places(layer: Layer | None, rows: tuple[int, ...], count: int) -> np.ndarray:
    """Give the geometries of rows as they lie; None where there is none, or where a coordinate is infinite."""
    if layer is None or not rows:
        return np.full(count, None, dtype=object)
    geometry = layer.table.geometry.reindex(list(rows)).to_numpy().copy()
    finite = np.isfinite(shapely.bounds(geometry)).all(axis=1)
    geometry[~finite] = None
    return np.asarray(geometry, dtype=object)
