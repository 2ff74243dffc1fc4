"""A study on its way from the old one to the new one, and whether a step on it changed anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from geo.measure.coverage import Network
    from geo.study.file import StudyFile
    from geo.study.loading import Loaded

_TABLES = ("villages", "points", "reachable", "areas")


@dataclass(frozen=True, kw_only=True)
class State:
    """What a study says, and its rows that count."""

    file: StudyFile
    loaded: Loaded


def is_alike(one: State, other: State) -> bool:
    """Tell whether two states have the same figures because all that these are made of is the same."""
    return (
        (one.file.choices, one.file.totals, one.file.subscriptions)
        == (other.file.choices, other.file.totals, other.file.subscriptions)
        and all(_is_same(getattr(one.loaded, name), getattr(other.loaded, name)) for name in _TABLES)
        and len(one.loaded.networks) == len(other.loaded.networks)
        and all(map(_is_same_network, one.loaded.networks, other.loaded.networks))
        and _people(one) == _people(other)
    )


def _is_same(one: pd.DataFrame | pd.Series | None, other: pd.DataFrame | pd.Series | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or one.equals(other)  # type: ignore[arg-type] # two tables, or two columns


def _is_same_network(one: Network, other: Network) -> bool:
    return (
        (one.technology, one.range_m) == (other.technology, other.range_m)
        and _is_same(one.footprints, other.footprints)
        and _is_same(one.cells, other.cells)
        and _is_same(one.answers, other.answers)
    )


def _people(state: State) -> list[tuple[object, ...]]:
    """Give what tells one population raster from another: the bytes of its files, and how they are read."""
    source, people = state.file.people, state.loaded.people
    if source is None or people is None:
        return []
    return [(one.sha256, one.band, one.unit, source.crs, source.rescale) for one in people.rasters]
