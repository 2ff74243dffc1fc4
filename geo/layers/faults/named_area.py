"""The area that each row of a layer says it belongs to: columns of communes or districts, matched with the areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.layers.contract import LAYERS, recognise
from geo.layers.names.join import join_by_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from geo.layers.layer import Layer


@dataclass(frozen=True)
class Named:
    """
    Which areas the rows name: by `column`, headers of the layer.

    `of_row` is the group of areas that each row names, `of_area` the group that each area belongs to, in their order;
    -1 where there is none. There are `count` groups.
    """

    column: str
    of_row: np.ndarray
    of_area: np.ndarray
    count: int


def named_areas(layer: Layer, areas: gpd.GeoDataFrame) -> Iterator[Named]:
    """
    Give the ways in which the rows of a layer may name their area, the finest first.

    The name within its parent; the name alone; and the parents alone, which may be the names of the areas, or their
    parents. Names are matched as :func:`geo.layers.names.join.join_by_name` does: what may be several is none.

    Parameters
    ----------
    layer : Layer
        Villages or points; columns that are its own, as the name of a village, are not looked at.
    areas : GeoDataFrame
        With `name` and `parent`.
    """
    own = {column.name for column in LAYERS[layer.kind]} | set(layer.columns.values()) | {layer.table.geometry.name}
    found = recognise("areas", [header for header in layer.table.columns if header not in own])
    said = [found[key] for key in ("name", "parent") if key in found]
    known = [key for key in ("name", "parent") if key in areas and areas[key].notna().any()]
    if len(said) == len(known) == 2:  # noqa: PLR2004 - the name and its parent
        yield _matched(layer.table[said], areas[known])
    for header in said:
        for key in known:
            yield _matched(layer.table[[header]], areas[[key]])


def _matched(rows: pd.DataFrame, areas: pd.DataFrame) -> Named:
    """Match the names, and parents if there are any, of rows and areas; each way to write one counts once."""
    columns = ["name", "parent"][: rows.shape[1]]
    row_codes, row_names = _distinct(rows.set_axis(columns, axis=1))
    area_codes, area_names = _distinct(areas.set_axis(columns, axis=1))
    joined = join_by_name(row_names, area_names, name="name", parent="parent" if "parent" in columns else None)
    group = joined.row.astype("Int64").fillna(-1).to_numpy(dtype=np.int64)
    named = (area_names["name"] != "").to_numpy()
    return Named(
        column=", ".join(map(str, rows.columns)),
        of_row=group[row_codes],
        of_area=np.where(named[area_codes], area_codes, -1),
        count=int(named.sum()),
    )


def _distinct(names: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Give the number of each row among those that differ, and these by their numbers."""
    texts = names.astype("str").where(names.notna(), "")
    codes = texts.groupby(list(texts.columns), sort=False).ngroup().to_numpy()
    return codes, texts.drop_duplicates().reset_index(drop=True)
