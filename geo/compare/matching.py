"""Which rows of two layers are the same place, and which of them went, came, moved or got another id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from geo.measure.geodesic import distance_m

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.study.loading import Loaded

MOVED_M = 1.0
"""A row of the same id has moved where it stands more than so many metres from where it stood."""

_IDS = {"villages": "village_id", "points": "point_id"}
# A tenth of a metre: what a coordinate may lose when it is written anew.
_DECIMALS = 6


@dataclass(frozen=True, kw_only=True)
class Matched:
    """
    Rows of one layer that went, came, moved and got another id; the rest is as it was.

    All have ``id`` and ``name``; `moved` has ``km``, how far, and `renamed` has ``was``, the id then.
    """

    closed: pd.DataFrame
    opened: pd.DataFrame
    moved: pd.DataFrame
    renamed: pd.DataFrame


def pairs(before: Loaded, after: Loaded, layer: Literal["villages", "points"]) -> pd.DataFrame:
    """
    Tell which row then is which row now.

    Rows are matched by id where both layers have ids of their own, whatever place they stand at; what is left is
    matched by place, to a tenth of a metre: the same place under another id is the same point, renamed. Of an id or a
    place that is there twice, the first goes with the first. Row numbers are no ids: without ids of its own, a row
    that moved is one that closed and one that opened.

    Returns
    -------
    DataFrame
        The row numbers, ``old`` and ``new``; of points, also of those that villages may go to and that do not count.
    """
    old, new = _rows(before, layer), _rows(after, layer)
    if old is None or new is None:
        return pd.DataFrame({"old": [], "new": []}, dtype="int64")
    column = _IDS[layer]
    found = []
    if _have_ids(before, after, layer):
        found.append(_alike(old[[column]].astype("str"), new[[column]].astype("str")))
        old, new = old[~old.index.isin(found[0]["old"])], new[~new.index.isin(found[0]["new"])]
    place = ["lon", "lat"]
    found.append(_alike(old[place].round(_DECIMALS), new[place].round(_DECIMALS)))
    return pd.concat(found, ignore_index=True)


def matched(before: Loaded, after: Loaded, layer: Literal["villages", "points"], rows: pd.DataFrame) -> Matched:
    """Name the rows of a layer that changed, of those that count at either end; `rows` are their :func:`pairs`."""
    old, new, column = getattr(before, layer), getattr(after, layer), _IDS[layer]
    was, now = _rows(before, layer), _rows(after, layer)
    if old is None or new is None or was is None or now is None:
        none = pd.DataFrame({"id": [], "name": []}, dtype="str")
        distances = none.assign(km=pd.Series(dtype="float64"))
        return Matched(closed=none, opened=none, moved=distances, renamed=none.assign(was=none["id"]))
    counted = rows[rows["old"].isin(old.index) | rows["new"].isin(new.index)]
    was, now = was.loc[counted["old"]], now.loc[counted["new"]]
    away_m = distance_m(was["lon"], was["lat"], now["lon"], now["lat"])
    ids = was[column].astype("str").to_numpy()
    other = (ids != now[column].astype("str").to_numpy()) & _have_ids(before, after, layer)
    return Matched(
        closed=_named(old[~old.index.isin(rows["old"])], column),
        opened=_named(new[~new.index.isin(rows["new"])], column),
        moved=_named(now[away_m > MOVED_M], column).assign(km=away_m[away_m > MOVED_M] / 1000),
        renamed=_named(now[other], column).assign(was=ids[other]),
    )


def _rows(loaded: Loaded, layer: str) -> pd.DataFrame | None:
    """Give the rows that may be matched; of points, those that do not count too."""
    rows = loaded.villages if layer == "villages" else loaded.reachable
    return None if rows is None else pd.DataFrame(rows)


def _have_ids(before: Loaded, after: Loaded, layer: str) -> bool:
    return all(
        any(facts.layer == layer and _IDS[layer] in facts.columns for facts in loaded.facts)
        for loaded in (before, after)
    )


def _alike(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Match rows whose values are the same; of values that are there twice, the first with the first."""
    key = list(old.columns)
    sides = [
        table.assign(turn=table.groupby(key, dropna=False).cumcount(), **{name: table.index})
        for name, table in (("old", old), ("new", new))
    ]
    return sides[0].merge(sides[1], on=[*key, "turn"])[["old", "new"]]


def _named(rows: gpd.GeoDataFrame, column: str) -> pd.DataFrame:
    names = rows["name"] if "name" in rows else pd.Series(None, index=rows.index, dtype="str")
    return pd.DataFrame({"id": rows[column].astype("str"), "name": names})
