"""A source that says twice where its rows are, and not the same: which was used, how many differ, and how far."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.crs.systems import label
from geo.errors import CRSError, LayerError
from geo.figures import Finding
from geo.layers.contract import recognise
from geo.layers.coordinates.apart import apart_m, explained_m
from geo.layers.coordinates.positions import placed_by
from geo.layers.coordinates.untold_system import agreeing
from geo.layers.coordinates.ways import Positions
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.layers.coordinates.ways import Places

_DEGREES, _PAIRS = ("lon", "lat"), (("lon", "lat"), ("x", "y"))


def disagreements(used: Positions, places: Places) -> Iterator[Finding]:
    """
    Hold the positions that are used against every other way in which the same source tells them.

    Rows disagree where the two are farther apart than half a unit of the last digits of both, which for degrees is a
    hundredth at most. Of a polygon the distance is to its nearest spot. Further pairs of longitude and latitude, or of
    x and y, under other headers are further ways. Where nothing tells the system of a way, it is the one in which most
    of its places are those that are used, and a finding of rows that disagree names it; where there is none, a finding
    says that the way was not compared.

    Parameters
    ----------
    used : Positions
        Those that count.
    places : Places
        The source, its columns, and the system that is given.
    """
    if used.system is None:
        return
    mine = _name(used.way, places)
    for way, there in _other_ways(used, places):
        name = _name(way, there)
        other: Positions | Term | None = _told(way, there)
        if other is None:
            other = agreeing(way, there, used)
            name = _read_as(name, other)
        if isinstance(other, Term):
            values = {"used": mine, "other": name, "reason": other}
            yield Finding(layer=places.kind, fault="uncompared_coordinates", values=values)
        elif other is not None:
            yield from _compared(used, other, (mine, name), places)


def _told(way: tuple[str, ...], there: Places) -> Positions | None:
    """Place the rows by a way whose system is told; None where it is not, or nothing can be read in it."""
    try:
        other = placed_by(way, there)
    except (LayerError, CRSError):
        return None
    return None if other.system is None else other


def _other_ways(used: Positions, places: Places) -> Iterator[tuple[tuple[str, ...], Places]]:
    """Give the ways that do not count, and the columns that each is told by."""
    yield from ((way, places) for way in places.ways if way != used.way)
    for pair in _PAIRS:
        left = {*map(str, places.source.rows.columns)} - {*places.columns.values(), "geometry"}
        while all(name in places.columns for name in pair):
            found = recognise(places.kind, [name for name in map(str, places.source.rows.columns) if name in left])
            columns = {name: found[name] for name in pair if name in found}
            # The system that is given is that of the first x and y.
            given = places.given if pair == _DEGREES else None
            further = replace(places, columns=columns, named=(), given=given)
            if pair not in further.ways:
                break
            yield pair, further
            left -= {*further.columns.values()}


def _compared(
    used: Positions, other: Positions, names: tuple[Term | str, Term | str], places: Places
) -> Iterator[Finding]:
    """Tell the rows where two ways of some names differ by more than their digits."""
    apart = apart_m(used, other)
    differ = apart > explained_m(used, other)
    if differ.any():
        yield Finding(
            layer=places.kind,
            fault="coordinates_disagree",
            rows=tuple(int(row) for row in places.source.rows.index[differ]),
            values={
                "used": names[0],
                "other": names[1],
                "all": int(np.isfinite(apart).sum()),
                "median_km": round(float(np.median(apart[differ])) / 1000, 3),
                "farthest_km": round(float(apart[differ].max()) / 1000, 3),
            },
        )


def _read_as(name: Term | str, other: Positions | Term | None) -> Term | str:
    if not isinstance(other, Positions) or other.system is None:
        return name
    return Term("term.read_as", (("columns", name), ("system", label(other.system))))


def _name(way: tuple[str, ...], places: Places) -> Term | str:
    if way == ():
        return Term("term.own_geometry")
    return ", ".join(f"'{places.columns[name]}'" for name in way)
