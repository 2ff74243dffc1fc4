"""The readers for scripts: a file in, a GeoDataFrame out, its faults told in the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from geo.layers.check import check_layers
from geo.layers.faults.check_coverage import check_coverage
from geo.layers.layer import Layer, Reading, read_layer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from geo.layers.contract import LayerKind

_LOG = logging.getLogger(__name__)


def read_villages(
    name: str | Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """
    Read a layer of villages: points or polygons with people.

    CSV in its dialects, XLSX, GeoPackage, Shapefile, GeoJSON, GeoParquet and more; columns are recognised by their
    headers. Every row is there: one without a place has no geometry, and measures give no value for it. Faults of
    rows are warnings of the logger ``geo``.

    Parameters
    ----------
    name : str or Path
        A file, or one layer or sheet of it as ``FILE::LAYER``.
    crs : str, optional
        Coordinate system of a source that has none, as ``EPSG:9217``.
    columns : mapping of str to str, optional
        Headers by key (``id``, ``name``, ``population``, ``lon``, ``lat``, ``x``, ``y``), in place of recognising them.

    Returns
    -------
    GeoDataFrame
        In EPSG:4326, on the row numbers that the source shows: its own columns, and ``village_id``, ``name`` and
        ``population`` (people; NaN where unknown).

    Raises
    ------
    LayerError
        Where the file cannot be read or has no places.
    CRSError
        Where the source has no coordinate system and none is given.
    """
    return _read("villages", name, crs, columns)


def read_points(
    name: str | Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Read a layer of service points, with ``point_id``, ``name`` and ``kind``; otherwise as :func:`read_villages`."""
    return _read("points", name, crs, columns)


def read_areas(
    name: str | Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Read administrative polygons, with ``area_id``, ``name`` and ``parent``; otherwise as :func:`read_villages`."""
    return _read("areas", name, crs, columns)


def read_footprints(
    name: str | Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Read coverage polygons, with ``technology`` and ``operator``; otherwise as :func:`read_villages`."""
    return _read("footprints", name, crs, columns)


def read_cells(
    name: str | Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Read mobile cells: ``technology``, ``operator``, ``range_m`` (metres); otherwise as :func:`read_villages`."""
    return _read("cells", name, crs, columns)


def _read(kind: LayerKind, name: str | Path, crs: str | None, columns: Mapping[str, str] | None) -> gpd.GeoDataFrame:
    layer: Layer = read_layer(kind, name, Reading(crs=crs, columns=columns or {}))
    of_coverage = kind in ("footprints", "cells")
    shown = "coverage" if of_coverage else kind
    findings = check_layers({shown: layer})
    if of_coverage:
        findings += check_coverage(shown, layer, range_given=False)
    for finding in findings:
        _LOG.warning("%s: %s", layer.file, finding.text())
    return layer.table
