"""Two studies of one territory: every figure then and now, and why it moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.loading import Loaded, load
from geo.measure.geodesic import distance_m
from geo.study import Study, whole_figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd

    from geo.figures import Figure
    from geo.measure.coverage import Network
    from geo.studyfile import StudyFile

MOVED_M = 1.0
"""A point or village of the same id has moved where it stands more than so many metres from where it stood."""

CAUSES = (
    "points_closed",
    "points_opened",
    "points_moved",
    "people",
    "villages",
    "areas",
    "coverage",
    "raster",
    "totals",
    "choices",
)
"""What may have changed, in the order in which the new takes the place of the old."""

Key = tuple[str, str | None, str | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Change:
    """
    One figure then and now.

    `because` holds, for each cause that moved it, by how much; together they add up to `difference`. It is empty where
    a figure has no value at one end, or on the way.
    """

    then: Figure | None
    now: Figure | None
    difference: float | None
    because: Mapping[str, float]

    @property
    def figure(self) -> Figure:
        """The figure that is there, the newer one first."""
        figure = self.now or self.then
        assert figure is not None  # noqa: S101 - a change is made of at least one
        return figure


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Rows of one layer that went, came and moved; ids and names, moved ones with how far in km."""

    closed: pd.DataFrame
    opened: pd.DataFrame
    moved: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed between two studies: the figures, and the points and villages behind them."""

    changes: tuple[Change, ...]
    points: Matched
    villages: Matched


def compare(old: Study, new: Study) -> Comparison:
    """
    Compare two studies of one territory, figure by figure, and say what each change is due to.

    The old study becomes the new one step by step, in the order of :data:`CAUSES`, and every figure is computed again
    after each step; a cause is worth what its step changes. The steps add up to the difference exactly; another order
    would share out what two causes do together in another way. Points and villages are matched by their ids, and where
    a layer has no ids of its own by their place.

    Parameters
    ----------
    old, new : Study
        Both are computed with the limits in km of either.

    Returns
    -------
    Comparison
        Figures of the whole territory, in the order of the new study.

    Raises
    ------
    GeoError
        Where a study cannot be read or computed.
    """
    limits = [*new.file.choices.within_km, *old.file.choices.within_km]
    old, new = old.measuring_within(limits), new.measuring_within(limits)
    before, after = load(old.file), load(new.file)
    path = [_values(file, loaded) for file, loaded in _steps(old.file, new.file, before, after)]
    then, now = path[0], path[-1]
    keys = list(dict.fromkeys([*now, *then]))
    return Comparison(
        changes=tuple(_change(then.get(key), now.get(key), [step.get(key) for step in path]) for key in keys),
        points=_matched(before.points, after.points, "point_id"),
        villages=_matched(before.villages, after.villages, "village_id"),
    )


def _change(then: Figure | None, now: Figure | None, path: list[Figure | None]) -> Change:
    values = [None if figure is None else figure.value for figure in path]
    ends = (values[0], values[-1])
    known = [value for value in values if value is not None]
    because = {}
    if len(known) == len(values):
        moves = zip(CAUSES, np.diff(known), strict=True)
        because = {cause: float(moved) for cause, moved in moves if moved != 0}
    difference = None if ends[0] is None or ends[1] is None else ends[1] - ends[0]
    return Change(then=then, now=now, difference=difference, because=because)


def _values(file: StudyFile, loaded: Loaded) -> dict[Key, Figure]:
    figures = whole_figures(file, loaded)
    return {(one.indicator, one.technology, one.operator, one.within_km): one for one in figures}


def _steps(old: StudyFile, new: StudyFile, before: Loaded, after: Loaded) -> Iterator[tuple[StudyFile, Loaded]]:
    """Give the old study, and after it one study per cause, each with one thing more taken from the new one."""
    file, loaded = old, before
    yield file, loaded
    for name in ("closed", "opened", "moved"):
        loaded = replace(
            loaded,
            points=_stage(before.points, after.points, name),
            reachable=_stage(before.reachable, after.reachable, name),
        )
        yield file, loaded
    loaded = replace(loaded, villages=_with_people(before.villages, after.villages))
    yield file, loaded
    loaded = replace(loaded, villages=after.villages, networks=_asked_again(before, after.villages))
    yield file, loaded
    loaded = replace(loaded, areas=after.areas)
    yield file, loaded
    loaded = replace(loaded, networks=after.networks)
    yield file, loaded
    loaded, file = replace(loaded, people=after.people), replace(file, people=new.people)
    yield file, loaded
    file = replace(file, totals=new.totals, subscriptions=new.subscriptions)
    yield file, loaded
    yield new, after


def _stage(old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame | None, name: str) -> gpd.GeoDataFrame | None:
    """Give the points after those that closed are gone, after those that opened are there too, and as they are now."""
    if old is None or new is None or name == "moved":
        return new if name == "moved" else old
    kept = old[old.index.isin(_pairs(old, new, "point_id")["old"])]
    if name == "closed":
        return kept
    opened = new[~new.index.isin(_pairs(old, new, "point_id")["new"])]
    # Rows of two layers may have the same number.
    return pd.concat([kept, opened.set_axis(opened.index + int(old.index.max() or 0) + 1)])


def _with_people(old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Give the old villages with the people that those of the same id have now."""
    if old is None or new is None:
        return old
    pairs = _pairs(old, new, "village_id")
    people = old["population"].copy()
    people.loc[pairs["old"]] = new["population"].loc[pairs["new"]].to_numpy()
    return old.assign(population=people)


def _asked_again(before: Loaded, villages: gpd.GeoDataFrame | None) -> tuple[Network, ...]:
    """Give the old answers of a column of the villages to the new villages of the same id."""
    if before.villages is None or villages is None:
        return before.networks
    pairs = _pairs(before.villages, villages, "village_id")
    moved = []
    for network in before.networks:
        if network.answers is None:
            moved.append(network)
            continue
        answers = pd.Series(pd.NA, index=villages.index, dtype="boolean")
        answers.loc[pairs["new"]] = network.answers.loc[pairs["old"]].to_numpy()
        moved.append(replace(network, answers=answers))
    return tuple(moved)


def _pairs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, column: str) -> pd.DataFrame:
    """Match rows by id; of an id that is there twice, the first with the first."""
    sides = []
    for name, table in (("old", old), ("new", new)):
        ids = table[column].astype("str")
        sides.append(pd.DataFrame({"id": ids, "turn": ids.groupby(ids).cumcount(), name: table.index}))
    return sides[0].merge(sides[1], on=["id", "turn"])[["old", "new"]]


def _matched(old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame | None, column: str) -> Matched:
    none = pd.DataFrame({"id": [], "name": []}, dtype="str")
    if old is None or new is None:
        return Matched(closed=none, opened=none, moved=none.assign(km=pd.Series(dtype="float64")))
    pairs = _pairs(old, new, column)
    was, is_now = old.loc[pairs["old"]], new.loc[pairs["new"]]
    away_m = distance_m(was["lon"], was["lat"], is_now["lon"], is_now["lat"])
    moved = is_now[away_m > MOVED_M]
    return Matched(
        closed=_named(old[~old.index.isin(pairs["old"])], column),
        opened=_named(new[~new.index.isin(pairs["new"])], column),
        moved=_named(moved, column).assign(km=away_m[away_m > MOVED_M] / 1000),
    )


def _named(rows: gpd.GeoDataFrame, column: str) -> pd.DataFrame:
    names = rows["name"] if "name" in rows else pd.Series(None, index=rows.index, dtype="str")
    return pd.DataFrame({"id": rows[column].astype("str"), "name": names})
