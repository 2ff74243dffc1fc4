"""A study's layers with points opened and closed: what its figures are computed from afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs.systems import WGS84
from geo.errors import StudyError
from geo.layers.place import lying_in
from geo.planning.ground import no_points, points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.study.loading import Loaded

PROPOSED = "proposed"
"""The kind of a point that a plan opens."""


def with_opened(loaded: Loaded, sites: gpd.GeoDataFrame, *, clip: bool = False) -> Loaded:
    """
    Give the layers with points at some sites, each of the kind ``proposed``, and named by its id where it has no name.

    Parameters
    ----------
    loaded : Loaded
        The study's layers.
    sites : GeoDataFrame
        With ``site_id``, ``name``, ``lon``, ``lat``, in EPSG:4326.
    clip : bool
        Whether points outside the areas are not counted, as the study may ask.
    """
    old = points_of(loaded)
    first = int(old.index.max()) + 1 if len(old) else 0
    rows = pd.RangeIndex(first, first + len(sites))
    places = sites[["lon", "lat"]].to_numpy(dtype=float)
    lying = None if loaded.areas is None else lying_in(places, rows, loaded.areas)
    opened = gpd.GeoDataFrame(
        {
            "point_id": _new_ids(sites["site_id"], old["point_id"]),
            "name": sites["name"].where(sites["name"].notna(), sites["site_id"]).to_numpy(dtype=object),
            "kind": PROPOSED,
            "lon": places[:, 0],
            "lat": places[:, 1],
            "area_row": pd.Series(pd.NA, index=rows, dtype="Int64") if lying is None else lying.area_row,
            "area_id": pd.Series(None, index=rows, dtype="str") if lying is None else lying.area_id,
        },
        geometry=sites.geometry.to_numpy(),
        index=rows,
        crs=WGS84,
    ).astype({"point_id": "str", "name": "str", "kind": "str"})
    counted = opened[opened["area_id"].notna()] if clip else opened
    points = no_points() if loaded.points is None else loaded.points
    return replace(loaded, points=_joined(points, counted), reachable=_joined(old, opened))


def with_points(loaded: Loaded) -> Loaded:
    """Give the layers with one of points; where there is none, one without a row."""
    points = no_points() if loaded.points is None else loaded.points
    return replace(loaded, points=points, reachable=points_of(loaded))


def rows_named(loaded: Loaded, ids: Sequence[str]) -> pd.Index:
    """
    Give the rows of the points with some ids, in the order of the ids; every row with such an id.

    Raises
    ------
    StudyError
        Where no point has the id.
    """
    points = points_of(loaded)
    names = points["point_id"].astype(str)
    if missing := [one for one in ids if one not in set(names)]:
        msg = f"--close {missing[0]}: no point has this id."
        raise StudyError(msg)
    found = [row for one in dict.fromkeys(ids) for row in points.index[names == one]]
    rows: pd.Index = points.index[points.index.get_indexer(found)]
    return rows


def with_closed(loaded: Loaded, rows: pd.Index) -> Loaded:
    """Give the layers without the points of some rows."""
    return replace(loaded, points=_without(loaded.points, rows), reachable=_without(loaded.reachable, rows))


def _without(points: gpd.GeoDataFrame | None, rows: pd.Index) -> gpd.GeoDataFrame | None:
    return None if points is None else points[~points.index.isin(rows)]


def _joined(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if old.empty:
        return new
    return new if old.empty else old if new.empty else pd.concat([old, new])


def _new_ids(ids: pd.Series, taken: pd.Series) -> np.ndarray:
    """Name opened points by their sites, and otherwise where a point has that name already."""
    known = set(taken.astype(str))
    names: list[str] = []
    for one in ids.astype(str):
        name = f"{one} ({PROPOSED})" if one in known else one
        again = 1
        while name in known:
            again += 1
            name = f"{one} ({PROPOSED} {again})"
        known.add(name)
        names.append(name)
    return np.array(names, dtype=object)
