"""Which geometries a layer can have: collections reduced to what counts, and rows of another kind left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.errors import LayerError
from geo.figures import Finding
from geo.layers.crowds import tangled
from geo.messages import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from geo.layers.contract import LayerKind

_POLYGONS = frozenset({shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON})
_POINTS = frozenset({shapely.GeometryType.POINT})
ALLOWED: Mapping[LayerKind, frozenset[shapely.GeometryType]] = {
    "villages": _POINTS | _POLYGONS,
    "points": _POINTS | _POLYGONS,
    "areas": _POLYGONS,
    "footprints": _POLYGONS,
    "cells": _POINTS,
}
"""What the rows of each layer are."""

_HALF = 0.5
_SURFACE = 2


def fitting(
    kind: LayerKind, geometry: np.ndarray, index: pd.Index, file: str
) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """
    Give geometries that the layer can have, in the plane; None where a row has none.

    A collection becomes the polygons in it, or its one point; what else it held is told. A row of another kind has no
    geometry any more, and is told; nor has one whose border crosses itself or another's so often that what it covers
    cannot be found.

    Parameters
    ----------
    kind : str
        One of the five layers.
    geometry : ndarray
        Heights and measures are dropped.
    index : Index
        The row numbers.
    file : str
        How messages call the source.

    Raises
    ------
    LayerError
        Where more than half of the rows are of another kind: then it is another layer.
    """
    geometry = np.array(shapely.force_2d(geometry), dtype=object)
    geometry[np.isnan(shapely.bounds(geometry)).any(axis=1)] = None
    geometry, reduced = _reduced(
        geometry, surfaces=bool(ALLOWED[kind] & _POLYGONS), points=bool(ALLOWED[kind] & _POINTS)
    )
    types = shapely.get_type_id(geometry)
    wrong = ~np.isin(types, [-1, *(int(one) for one in ALLOWED[kind])])
    if wrong.sum() > _HALF * (types >= 0).sum():
        raise _other_layer(kind, types, wrong, index, file)
    findings = []
    if wrong.any():
        found = shapely.GeometryType(int(types[np.argmax(wrong)])).name.lower()
        rows = tuple(int(row) for row in index[wrong])
        findings.append(Finding(layer=kind, fault="other_geometry", rows=rows, values={"found": found}, left_out=True))
    if (reduced & ~wrong).any():
        rows = tuple(int(row) for row in index[reduced & ~wrong])
        findings.append(Finding(layer=kind, fault="reduced_collection", rows=rows))
    geometry[wrong] = None
    surfaces = np.flatnonzero(shapely.get_dimensions(geometry) == _SURFACE)
    if len(knots := surfaces[tangled(geometry[surfaces])]):
        rows = tuple(int(row) for row in index[knots])
        findings.append(Finding(layer=kind, fault="tangled", rows=rows, left_out=True))
        geometry[knots] = None
    return geometry, tuple(findings)


def curved(geometry: np.ndarray) -> np.ndarray:
    """
    Tell the geometries that are curves or hold one, which nothing here can measure.

    Examples
    --------
    >>> curved(np.array([shapely.Point(1, 1), shapely.GeometryCollection([shapely.Point(1, 1)]), None])).tolist()
    [False, False, False]
    """
    types = shapely.get_type_id(geometry)
    found = types > shapely.GeometryType.GEOMETRYCOLLECTION
    for place in np.flatnonzero(types == shapely.GeometryType.GEOMETRYCOLLECTION):
        try:
            found[place] = curved(shapely.get_parts(geometry[place])).any()
        except NotImplementedError:
            found[place] = True
    return np.asarray(found)


def _reduced(geometry: np.ndarray, *, surfaces: bool, points: bool) -> tuple[np.ndarray, np.ndarray]:
    """Take from collections the polygons, or the one point; tell those that held something else as well."""
    changed = geometry.copy()
    lost = np.zeros(len(geometry), dtype=bool)
    types = shapely.get_type_id(geometry)
    of_points = types == shapely.GeometryType.MULTIPOINT
    for place in np.flatnonzero(of_points | (types == shapely.GeometryType.GEOMETRYCOLLECTION)):
        parts = _single_parts(geometry[place])
        dimensions = shapely.get_dimensions(parts)
        polygons, spots = parts[dimensions == _SURFACE], parts[dimensions == 0]
        if surfaces and len(polygons):
            changed[place] = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
            lost[place] = len(polygons) < len(parts)
        elif points and len(spots) == 1:
            changed[place] = spots[0]
            lost[place] = len(parts) > 1
    return changed, lost


def _single_parts(geometry: shapely.Geometry) -> np.ndarray:
    """Give the simple parts of a collection, also of collections in it."""
    parts = np.array([geometry], dtype=object)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts = shapely.get_parts(parts)
    return parts[~shapely.is_empty(parts)]


def _other_layer(kind: LayerKind, types: np.ndarray, wrong: np.ndarray, index: pd.Index, file: str) -> LayerError:
    first = index[int(np.argmax(wrong))]
    found = shapely.GeometryType(int(types[np.argmax(wrong)])).name.lower()
    wanted = " or ".join(sorted(one.name.lower() for one in ALLOWED[kind]))
    others = counted(int(wrong.sum()), "row is|rows are")
    msg = f"{file}: {kind} are {wanted}, and {others} not (row {first} is a {found}). "
    msg += "Name a file, or a layer of it as FILE::LAYER, that holds nothing else."
    return LayerError(msg)
