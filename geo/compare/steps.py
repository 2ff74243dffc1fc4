"""How the old study becomes the new one, one cause after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from geo.compare.matching import pairs
from geo.compare.state import State
from geo.errors import GeoError
from geo.study.loading import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from geo.measure.coverage import Network
    from geo.study.file import StudyFile
    from geo.study.loading import Loaded

CAUSES = (
    "choices",
    "points_opened",
    "points_closed",
    "points_moved",
    "people",
    "villages",
    "area",
    "coverage",
    "subscriptions",
)
"""What may have changed, in the order in which the new takes the place of the old."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """
    From the old study to the new one.

    `start` and `goal` count in the same way: what differs between their rows is no choice. Where `start` is not the
    old study it is that study with the choices of the new one; where `goal` is not the new study, it is the other way
    about. `near` are the rows of `goal`, clipped to the areas of `start` where they are clipped: other borders open and
    close nothing.
    """

    old: State
    start: State
    near: Loaded
    goal: State
    new: State

    def steps(self) -> Iterator[tuple[str, State]]:
        """Give each cause with the study after it; the last one is the new study."""
        if self.start is not self.old:
            yield "choices", self.start
        yield from _layer_steps(self)
        if self.goal is not self.new:
            yield "choices", self.new

    @cached_property
    def points(self) -> pd.DataFrame:
        """Which point of `start` is which of `near`."""
        return pairs(self.start.loaded, self.near, "points")

    @cached_property
    def villages(self) -> pd.DataFrame:
        """Which village of `start` is which of `near`."""
        return pairs(self.start.loaded, self.near, "villages")


def way(old: StudyFile, new: StudyFile) -> Way:
    """
    Load two studies, and each with the other's choices where these differ.

    The layers of the old study are counted as the new one chooses. Where they cannot be - it chooses a kind of point
    that they do not have - the new study's layers are counted as the old one chose, and the choices are the last step.

    Raises
    ------
    GeoError
        Where a study cannot be read.
    """
    then, now = State(file=old, loaded=load(old)), State(file=new, loaded=load(new))
    start, goal = _counting_alike(then, now)
    return Way(old=then, start=start, near=_inside_old_areas(start, goal), goal=goal, new=now)


def _counting_alike(then: State, now: State) -> tuple[State, State]:
    if then.file.choices == now.file.choices:
        return then, now
    chosen = replace(then.file, choices=now.file.choices)
    if (loaded := _loaded(chosen)) is not None:
        return State(file=chosen, loaded=loaded), now
    chosen = replace(now.file, choices=then.file.choices)
    return then, State(file=chosen, loaded=_loaded(chosen) or now.loaded)


def _loaded(file: StudyFile) -> Loaded | None:
    """Load a study that is made of two; None where they do not go together."""
    try:
        return load(file)
    except GeoError:
        return None


def _layer_steps(on: Way) -> Iterator[tuple[str, State]]:
    near, goal, file, loaded = on.near, on.goal, on.start.file, on.start.loaded
    for cause, points, reachable in _points(loaded, near, on.points):
        loaded = replace(loaded, points=points, reachable=reachable)
        yield cause, State(file=file, loaded=loaded)
    totals = replace(goal.file.totals, area_km2=file.totals.area_km2)
    file = replace(file, people=goal.file.people, totals=totals)
    loaded = replace(loaded, people=goal.loaded.people, villages=_with_people(loaded, near, on.villages))
    yield "people", State(file=file, loaded=loaded)
    networks = _asked_again(on.start.loaded, near, on.villages)
    yield "villages", State(file=file, loaded=replace(loaded, villages=near.villages, networks=networks))
    if near is not goal.loaded:
        networks = _asked_again(on.start.loaded, goal.loaded, pairs(on.start.loaded, goal.loaded, "villages"))
    file = replace(file, totals=goal.file.totals)
    yield "area", State(file=file, loaded=replace(goal.loaded, networks=networks))
    yield "coverage", State(file=file, loaded=goal.loaded)
    yield "subscriptions", goal


def _inside_old_areas(start: State, goal: State) -> Loaded:
    old = start.file.layers.get("areas")
    if not goal.file.choices.clip or old is None:
        return goal.loaded
    return _loaded(replace(goal.file, layers={**goal.file.layers, "areas": old})) or goal.loaded


Points = tuple[str, "gpd.GeoDataFrame | None", "gpd.GeoDataFrame | None"]


def _points(old: Loaded, new: Loaded, rows: pd.DataFrame) -> Iterator[Points]:
    """Give the points, and those that villages may go to, after each step; none closes before the others are open."""
    if old.points is None or old.reachable is None or new.points is None or new.reachable is None:
        yield "points_opened" if old.points is None else "points_closed", new.points, new.reachable
        return
    # Rows of two layers may have the same number.
    first = int(old.reachable.index.max()) + 1 if len(old.reachable) else 0
    points = _opened(old.points, new.points, rows, first)
    reachable = _opened(old.reachable, new.reachable, rows, first)
    yield "points_opened", points, reachable
    yield "points_closed", _without_closed(points, rows, first), _without_closed(reachable, rows, first)
    yield "points_moved", new.points, new.reachable


def _opened(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, rows: pd.DataFrame, first: int) -> gpd.GeoDataFrame:
    more = new[~new.index.isin(rows["new"])]
    return old if more.empty else pd.concat([old, more.set_axis(more.index + first)])


def _without_closed(points: gpd.GeoDataFrame, rows: pd.DataFrame, first: int) -> gpd.GeoDataFrame:
    return points[points.index.isin(rows["old"]) | (points.index >= first)]


def _with_people(old: Loaded, new: Loaded, rows: pd.DataFrame) -> gpd.GeoDataFrame | None:
    """Give the old villages with the people that the same ones have now."""
    if old.villages is None or new.villages is None:
        return old.villages
    people = old.villages["population"].copy()
    people.loc[rows["old"]] = new.villages["population"].loc[rows["new"]].to_numpy()
    return old.villages.assign(population=people)


def _asked_again(old: Loaded, new: Loaded, rows: pd.DataFrame) -> tuple[Network, ...]:
    """Give the new villages the old answers of a column; one that is new brings its own."""
    if old.villages is None or new.villages is None or all(one.answers is None for one in old.networks):
        return old.networks
    networks = []
    for network in old.networks:
        if network.answers is None:
            networks.append(network)
            continue
        answers = pd.Series(pd.NA, index=new.villages.index, dtype="boolean")
        own = [one.answers for one in new.networks if one.technology == network.technology and one.answers is not None]
        if own:
            answers = own[0].reindex(answers.index).astype("boolean")
        answers.loc[rows["new"]] = network.answers.loc[rows["old"]].to_numpy()
        networks.append(replace(network, answers=answers))
    return tuple(networks)
