"""What a plan stands on: the villages with their people, the points that exist, and the places where one could be."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs.systems import GEOD, WGS84
from geo.errors import StudyError
from geo.layers.check import check_layers, usable
from geo.layers.layer import Reading, read_layer
from geo.layers.place import centres, measurable, pairs_inside, spots
from geo.layers.text import id_ranks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.study.loading import Loaded

    Numbers = Mapping[Literal["cost", "capacity"], str]

# A finer grid has more candidates than a search can hold.
_MOST_CANDIDATES = 1_000_000

NO_NUMBERS: Numbers = MappingProxyType({})
"""No column of costs, nor of capacities."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """
    Villages and points of a study, and the candidates, in the order in which equals are taken.

    `villages` and `points` are the study's rows that count; `sites` has ``site_id``, ``name``, ``lon``, ``lat``, and
    ``cost`` and ``capacity`` where each has one. All are in EPSG:4326.
    """

    villages: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame

    @property
    def people(self) -> np.ndarray:
        """People of each village; where they are unknown, nobody."""
        known = self.villages["population"].to_numpy(dtype=float)
        return np.where(known > 0, known, 0.0)


def villages_of(loaded: Loaded) -> gpd.GeoDataFrame:
    """
    Give the villages that a plan serves.

    Raises
    ------
    StudyError
        Where the study has none.
    """
    if loaded.villages is None or loaded.villages.empty:
        msg = "A plan serves villages, and the study has none: name them with --villages FILE."
        raise StudyError(msg)
    return _in_order(loaded.villages, "village_id", numbered=_is_numbered(loaded, "villages"))


def points_of(loaded: Loaded) -> gpd.GeoDataFrame:
    """Give the points that villages can go to; no rows where there are none."""
    return no_points() if loaded.reachable is None else loaded.reachable


def closable_of(loaded: Loaded) -> gpd.GeoDataFrame:
    """Give the points that are counted, in the order in which equals are taken; no rows where there are none."""
    points = no_points() if loaded.points is None else loaded.points
    return _in_order(points, "point_id", numbered=_is_numbered(loaded, "points"))


def _is_numbered(loaded: Loaded, layer: str) -> bool:
    """Tell whether the ids of a layer are the numbers of its rows, for it has no column of ids."""
    return all(f"{layer[:-1]}_id" not in facts.columns for facts in loaded.facts if facts.layer == layer)


def _in_order(table: gpd.GeoDataFrame, ids: str, *, numbered: bool) -> gpd.GeoDataFrame:
    """Put rows in the order of their ids; by their places where ids repeat, or are but the numbers of rows."""
    names, of_row = np.unique(table[ids].astype(str).to_numpy(dtype=object), return_inverse=True)
    rank = np.zeros(len(table)) if numbered else id_ranks(names.tolist())[of_row]
    return table.iloc[np.lexsort((table["lat"].to_numpy(), table["lon"].to_numpy(), rank))]


def no_points() -> gpd.GeoDataFrame:
    """Give a layer of points without a row."""
    texts = {name: pd.Series(dtype="str") for name in ("point_id", "name", "kind")}
    places = {name: pd.Series(dtype="float64") for name in ("lon", "lat")}
    area = {"area_row": pd.Series(dtype="Int64"), "area_id": pd.Series(dtype="str")}
    return gpd.GeoDataFrame({**texts, **places, **area}, geometry=[], crs=WGS84)


def at_villages(loaded: Loaded, numbers: Numbers = NO_NUMBERS) -> gpd.GeoDataFrame:
    """
    Make every village a candidate.

    Parameters
    ----------
    loaded : Loaded
        The study's layers.
    numbers : mapping, optional
        Columns of the villages that hold the ``cost`` and the ``capacity`` in people.

    Raises
    ------
    StudyError
        Where there are no villages, or no such column of numbers above zero.
    """
    villages = villages_of(loaded)
    return _sites(villages, villages["village_id"], villages[["lon", "lat"]].to_numpy(dtype=float), numbers)


def from_layer(name: str, crs: str | None = None, numbers: Numbers = NO_NUMBERS) -> gpd.GeoDataFrame:
    """
    Read candidates from a layer of points; rows without a usable place are left out.

    Raises
    ------
    LayerError, CRSError, StudyError
        Where the layer cannot be read or has no usable row, or has no such column of numbers.
    """
    layer = read_layer("points", name, Reading(crs=crs))
    table = usable("points", layer, check_layers({"points": layer}))
    if table.empty:
        msg = f"{layer.file}: no row can be a candidate, for none has a usable place."
        raise StudyError(msg)
    sites = _sites(table, table["point_id"], centres(table), numbers)
    return _in_order(sites, "site_id", numbered="point_id" not in layer.columns)


def on_grid(loaded: Loaded, apart_km: float) -> gpd.GeoDataFrame:
    """
    Make candidates on a grid over the areas, or over the box of the villages where there are none.

    Parameters
    ----------
    loaded : Loaded
        The study's layers.
    apart_km : float
        How far neighbours are apart, north to south and, in the middle of the territory, west to east.

    Raises
    ------
    StudyError
        Where there are no villages, more than a million candidates, or none.
    """
    places = villages_of(loaded)[["lon", "lat"]].to_numpy(dtype=float)
    areas = None if loaded.areas is None or loaded.areas.empty else measurable(loaded.areas.geometry.to_numpy())
    west, south, east, north = (
        (*places.min(axis=0), *places.max(axis=0)) if areas is None else shapely.total_bounds(areas)
    )
    middle = (south + north) / 2
    step_lon = GEOD.fwd(0.0, middle, 90.0, apart_km * 1000)[0]
    step_lat = GEOD.fwd(0.0, middle, 0.0, apart_km * 1000)[1] - middle
    columns, rows = int((east - west) / step_lon) + 1, int((north - south) / step_lat) + 1
    if columns * rows > _MOST_CANDIDATES:
        msg = f"A grid of {apart_km:g} km has {columns * rows:,} places here: ask for {_MOST_CANDIDATES:,} at most."
        raise StudyError(msg)
    lon, lat = np.meshgrid(west + step_lon * np.arange(columns), south + step_lat * np.arange(rows))
    row, column = np.indices(lon.shape)
    ids = np.array([f"r{north_}c{east_}" for north_, east_ in zip(row.ravel() + 1, column.ravel() + 1, strict=True)])
    grid = np.column_stack([lon.ravel(), lat.ravel()])
    if areas is not None:
        inside = np.unique(pairs_inside(grid, shapely.get_parts(areas))[0])
        grid, ids = grid[inside], ids[inside]
    if not len(grid):
        msg = f"No place of a grid of {apart_km:g} km is inside the areas. Ask for a finer one."
        raise StudyError(msg)
    return _table(pd.Series(ids), pd.Series(None, index=range(len(ids)), dtype="str"), grid)


def _sites(table: gpd.GeoDataFrame, ids: pd.Series, places: np.ndarray, numbers: Numbers) -> gpd.GeoDataFrame:
    names = table["name"] if "name" in table else pd.Series(None, index=table.index, dtype="str")
    own = {key: _numbers(table, ids, key, column) for key, column in numbers.items()}
    return _table(ids, names, places).assign(**own)


def _numbers(table: gpd.GeoDataFrame, ids: pd.Series, key: str, column: str) -> np.ndarray:
    """Read what each candidate costs, or how many people it can hold."""
    if column not in table:
        own = ", ".join(str(name) for name in table.columns if name != "geometry")
        msg = f"--{key} {column}: the candidates have no such column; they have {own}."
        raise StudyError(msg)
    numbers: np.ndarray = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float)
    good = np.isfinite(numbers) & (numbers > 0)
    if not good.all():
        row = int(np.argmin(good))
        msg = f"--{key} {column}: of candidate {ids.iloc[row]} it is '{table[column].iloc[row]}'. "
        raise StudyError(msg + "Give a number above zero.")
    return numbers


def _table(ids: pd.Series, names: pd.Series, places: np.ndarray) -> gpd.GeoDataFrame:
    columns = {
        "site_id": ids.astype("str").to_numpy(),
        "name": names.astype(object).where(names.notna(), None).to_numpy(),
        "lon": places[:, 0],
        "lat": places[:, 1],
    }
    return gpd.GeoDataFrame(columns, geometry=spots(places), crs=WGS84)
