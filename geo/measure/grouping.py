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
from geo.measure.spellings import in_one_spelling, spellings

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    Values that differ only in case or in the letter that carries a tone are one, in their commonest spelling.
    One name that stands for places under several parents is a group of each parent, ``Thanh Hải (Huyện Ninh Hải)``,
    as :func:`names_of_two_places` finds them.

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
    values = _groups(areas, column)
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


def names_of_two_places(areas: gpd.GeoDataFrame, column: str) -> list[str]:
    """
    Give the values of a column that are the names of several places: areas under different parents.

    Two communes called Phước Sơn in two districts are two places. A value is a name where the column is that of the
    areas' names, or where more than half of its values stand under one parent alone. A column of parents' parents
    (a province, above the districts) or of kinds (xã, phường; coast, hills) names no places, and its values stay whole.
    The ids of areas are never told apart.
    """
    texts = _texts(areas, column)
    if column == "area_id":
        return []
    pairs = pd.DataFrame({"value": texts, "parent": _texts(areas, "parent")}).drop_duplicates()
    parents = pairs["value"].value_counts()
    several = parents[parents > 1]
    names = bool((texts == _texts(areas, "name")).all())
    if not names and (_above_parents(pairs) or 2 * len(several) >= len(parents)):
        return []
    return sorted(value for value in several.index if value)


def names_of_two_spellings(tables: Sequence[pd.DataFrame], column: str) -> dict[str, tuple[str, ...]]:
    """Give the values of a column that are one group although they are spelt in several ways, with the other ways."""
    there = [_cleaned(table, column) for table in tables if column in table]
    return spellings(pd.concat(there)) if there and column != "area_id" else {}


def groups_of_two_places(areas: gpd.GeoDataFrame, column: str) -> list[str]:
    """
    Give the groups of a column that are one although they may be two places: different parents, or not touching.

    The values of a column above the parents have several of them rightly.
    """
    shared = []
    geometry = pd.Series(measurable(areas.geometry.to_numpy()), index=areas.index)
    groups, parents = _groups(areas, column), _texts(areas, "parent")
    above = _above_parents(pd.DataFrame({"value": groups, "parent": parents}).drop_duplicates())
    for value, rows in geometry.groupby(groups):
        apart = not above and len(parents[rows.index].unique()) > 1
        if len(rows) > 1 and (apart or not _connected(rows.to_numpy())):
            shared.append(str(value))
    return shared


def _above_parents(pairs: pd.DataFrame) -> bool:
    """Tell a column whose values hold whole parents from one whose values are found in a part of a parent."""
    return not pairs["parent"].duplicated().any()


def _groups(areas: gpd.GeoDataFrame, column: str) -> pd.Series:
    """Give the name of each area's group: its value, with the parent where that tells two places apart."""
    texts = _texts(areas, column)
    ids = areas["area_id"].astype("str")
    parents = _texts(areas, "parent")
    named = texts + " (" + parents.where(parents != "", ids) + ")"
    # What is put together may be a name that stands there already.
    named = named.where(~named.isin(texts), "'" + named + "'")
    values = texts.where(texts != "", ids)
    return _told_apart(values).where(~texts.isin(names_of_two_places(areas, column)), named)


def _texts(areas: gpd.GeoDataFrame, column: str) -> pd.Series:
    texts = _cleaned(areas, column)
    return texts if column == "area_id" else in_one_spelling(texts)[0]


def _cleaned(table: pd.DataFrame, column: str) -> pd.Series:
    texts: pd.Series = table[column].astype("str").where(table[column].notna(), "")
    cleaned: pd.Series = texts.map({text: clean(text) for text in texts.unique()})
    return cleaned


def _connected(geometry: np.ndarray) -> bool:
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(geometry), len(geometry)))
    return int(connected_components(links, directed=False)[0]) == 1


def by_village_column(villages: pd.DataFrame, points: pd.DataFrame, column: str) -> Grouping:
    """Make groups of the villages by a column of their own; points belong to none, unless they have it too."""
    tables = [villages, points] if column in points else [villages]
    values, *others = map(_named, in_one_spelling(*(_cleaned(table, column) for table in tables)))
    of_points = others[0] if others else None
    names = _sorted({*values, *(of_points if of_points is not None else ())})
    position = {name: number for number, name in enumerate(names)}
    return Grouping(
        names=tuple(names),
        of_village=values.map(position).to_numpy(dtype=np.intp),
        of_point=None if of_points is None else of_points.map(position).to_numpy(dtype=np.intp),
        shapes=None,
    )


def _named(texts: pd.Series) -> pd.Series:
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
