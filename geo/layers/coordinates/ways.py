"""The ways in which a source says where its rows are: its own geometry, two columns, one column, geometry as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geo.layers.contract import WAYS
from geo.layers.coordinates.geometry_text import read_geometries
from geo.layers.coordinates.pairs import read_pairs
from geo.layers.files.shapes import ALLOWED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd
    import pyproj

    from geo.figures import Finding
    from geo.layers.contract import LayerKind
    from geo.layers.source import Source

_HALF = 0.5
_LOOKED_AT = 1000
_LARGEST_DECIMALS = 10


@dataclass(frozen=True, kw_only=True)
class Positions:
    """
    The geometry of each row, None where there is none.

    `way` names the columns of the contract that it was read from, none for the source's own geometry. `step` is the
    unit of the last digit that is written, in degrees or metres of the `system`.
    """

    way: tuple[str, ...]
    geometry: np.ndarray
    system: pyproj.CRS | None
    step: float
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Places:
    """A source, its `columns` by the contract, those `named` by the caller, and the `given` system."""

    kind: LayerKind
    source: Source
    columns: Mapping[str, str]
    named: Collection[str] = ()
    given: str | None = None

    @property
    def ways(self) -> list[tuple[str, ...]]:
        """The ways to a place that are offered, the one that counts first; ``()`` is the source's own geometry."""
        there = [way for way in WAYS if all(name in self.columns for name in way) and self._holds(way)]
        if not has_points(self.kind):
            there = [way for way in there if way == ("geometry",)]
        asked = [way for way in there if set(way) <= set(self.named)]
        own = [()] if has_geometry(self.source.rows) else []
        return [*asked, *own, *(way for way in there if way not in asked)]

    def cells(self, name: str) -> pd.Series:
        """Give the cells of a column of the contract as text."""
        return texts_of(self.source.rows[self.columns[name]])

    def _holds(self, way: tuple[str, ...]) -> bool:
        """Tell whether a column that may hold anything (``location``) holds places."""
        if way not in (("coordinates",), ("geometry",)) or way[0] in self.named:
            return True
        cells = self.source.rows[self.columns[way[0]]]
        first = cells.dropna().head(_LOOKED_AT)
        filled = first[[not isinstance(cell, str) or bool(cell.strip()) for cell in first]]
        if way == ("coordinates",) and len(filled) and not isinstance(filled.iloc[0], bytes):
            found = ~np.isnan(read_pairs(texts_of(filled)).first)
            if found.mean() > _HALF:
                return True
        return len(filled) > 0 and bool((~read_geometries(filled).unreadable).mean() > _HALF)


def has_geometry(rows: pd.DataFrame) -> bool:
    """Tell whether a source has geometries of its own."""
    return "geometry" in rows and isinstance(rows, gpd.GeoDataFrame)


def has_points(kind: LayerKind) -> bool:
    """Tell whether the rows of a layer may be points."""
    return shapely.GeometryType.POINT in ALLOWED[kind]


def texts_of(cells: pd.Series) -> pd.Series:
    """Give cells as text without white space around it, empty where there is none."""
    return cells.astype("str").where(cells.notna(), "").str.strip()


def step_of(values: np.ndarray) -> float:
    """Give the unit of the last digit that numbers seem to be written with."""
    known = values[np.isfinite(values)].ravel()[:_LOOKED_AT]
    for decimals in range(_LARGEST_DECIMALS):
        scaled = known * 10.0**decimals
        if np.all(np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1.0, np.abs(known))):
            return 10.0**-decimals
    return 10.0**-_LARGEST_DECIMALS
