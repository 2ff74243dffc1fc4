"""Groups of rows: the whole territory, or one group per value of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.figures import ALL, OUTSIDE, WITHOUT
from geo.layers.place import dissolved, measurable
from geo.layers.text import clean, id_ranks

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """
    Which group each row belongs to.

    `of_village` and `of_point` hold the group's position, one per row; `of_point` is None where the points cannot be
    told apart by the column. `of_area` holds that of each area, and last that of what lies outside them all (beyond
    the groups where nothing does); it is None where land cannot be told apart by the column. `shapes` has a polygon per
    group, None where the group has none, and is itself None where the territory has no areas. `is_whole` tells the
    whole territory as one group from the parts.
    """

    names: tuple[str, ...]
    of_village: np.ndarray
    of_point: np.ndarray | None
    shapes: np.ndarray | None
    of_area: np.ndarray | None = None
    is_whole: bool = False

    def shapes_of(self, names: pd.Index) -> np.ndarray:
        """Give the polygons of the named groups, in their order."""
        assert self.shapes is not None  # noqa: S101 - asked for only where there are areas
        position = pd.Series(range(len(self.names)), index=list(self.names))
        return np.asarray(self.shapes[position[names].to_numpy(dtype=np.intp)])


def whole(villages: pd.DataFrame, points: pd.DataFrame, areas: gpd.GeoDataFrame | None) -> Grouping:
    """Make one group of everything."""
    shapes = None if areas is None else np.array([dissolved(areas.geometry.to_numpy())])
    return Grouping(
        names=(ALL,),
        of_village=np.zeros(len(villages), dtype=np.intp),
        of_point=np.zeros(len(points), dtype=np.intp),
        shapes=shapes,
        of_area=np.zeros(1 + (0 if areas is None else len(areas)), dtype=np.intp),
        is_whole=True,
    )


def by_area(
    villages: pd.DataFrame, points: pd.DataFrame, areas: gpd.GeoDataFrame, column: str, *, settled_outside: bool = False
) -> Grouping:
    """
    Make one group of all areas that have the same value in a column; rows outside every area are a group too.

    Parameters
    ----------
    villages, points : DataFrame
        With `area_row`, the row of the area that each lies in; missing outside.
    areas : GeoDataFrame
        With `area_id` and the column; an area without a value is a group under its own id.
    column : str
        A column of the areas.
    settled_outside : bool
        Whether people of a raster live outside every area: that is a group then, rows or no rows.
    """
    texts = areas[column].astype("str").where(areas[column].notna(), "").map(clean)
    values = _told_apart(texts.where(texts != "", areas["area_id"].astype("str")))
    geometry = measurable(areas.geometry.to_numpy())
    names = _sorted(values.unique())
    position = {name: number for number, name in enumerate(names)}
    codes = values.map(position).to_numpy()
    shapes = geometry[np.argsort(codes, kind="stable")]
    if len(names) < len(areas):
        cuts = np.searchsorted(np.sort(codes), np.arange(1, len(names)))
        shapes = np.array([dissolved(part) for part in np.split(shapes, cuts)], dtype=object)
    outside = len(names)
    of_village, of_point = (
        table["area_row"].map(values).map(position).fillna(outside).to_numpy(dtype=np.intp)
        for table in (villages, points)
    )
    if settled_outside or (of_village == outside).any() or (of_point == outside).any():
        names, shapes = [*names, OUTSIDE], np.array([*shapes, None], dtype=object)
    of_area = np.append(codes, outside).astype(np.intp)
    return Grouping(names=tuple(names), of_village=of_village, of_point=of_point, shapes=shapes, of_area=of_area)


def shared_names(areas: gpd.GeoDataFrame, column: str) -> list[str]:
    """
    Give the values of a column that stand for two places: areas of different parents, or that do not touch.

    Thanh Hải and Thành Hải are two communes; two communes called Phước Sơn would be one group.
    """
    shared = []
    geometry = pd.Series(measurable(areas.geometry.to_numpy()), index=areas.index)
    for value, rows in areas.groupby(column):
        if len(rows) > 1 and (len(rows["parent"].unique()) > 1 or not _connected(geometry[rows.index].to_numpy())):
            shared.append(str(value))
    return shared


def _connected(geometry: np.ndarray) -> bool:
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(geometry), len(geometry)))
    return int(connected_components(links, directed=False)[0]) == 1


def by_village_column(villages: pd.DataFrame, points: pd.DataFrame, column: str) -> Grouping:
    """Make groups of the villages by a column of their own; points belong to none, unless they have it too."""
    values = _values(villages, column)
    of_points = _values(points, column) if column in points else None
    names = _sorted({*values, *(of_points if of_points is not None else ())})
    position = {name: number for number, name in enumerate(names)}
    return Grouping(
        names=tuple(names),
        of_village=values.map(position).to_numpy(dtype=np.intp),
        of_point=None if of_points is None else of_points.map(position).to_numpy(dtype=np.intp),
        shapes=None,
    )


def _values(table: pd.DataFrame, column: str) -> pd.Series:
    texts = table[column].astype("str").where(table[column].notna(), "").map(clean)
    return _told_apart(texts).where(texts != "", WITHOUT)


def _told_apart(names: pd.Series) -> pd.Series:
    """Put quotes about a name that is also the name of a row of the figures: ``all``, ``(outside)``."""
    return names.where(~names.isin((ALL, OUTSIDE, WITHOUT)), "'" + names + "'")


def _sorted(names: set[str] | np.ndarray) -> list[str]:
    """Order names as ids are ordered; rows without a value stand last."""
    listed = [str(name) for name in names if name != WITHOUT]
    ranks = id_ranks(listed)
    ordered = [name for _, name in sorted(zip(ranks.tolist(), listed, strict=True))]
    return ordered + [WITHOUT] * (WITHOUT in set(names))
