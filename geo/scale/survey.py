"""The first reading of villages in pieces: where each stands, and the faults that show only over the whole layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.crs.systems import GEOD
from geo.figures import Finding
from geo.layers.faults.check_slips import explained_by_slips
from geo.layers.faults.invalid import invalid_because
from geo.layers.faults.misread import without_shift
from geo.layers.faults.register import LEFT_OUT, MENDED_BY
from geo.layers.faults.slips import changes_in, examples
from geo.layers.faults.surroundings import at_zero, lost_at_zero, ruler_of, typed_in
from geo.layers.pieces import coordinates_of, placed, shapes
from geo.layers.place import centres
from geo.measure.geodesic import chord_m, geocentric_m, longest_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo.layers.faults.surroundings import Surroundings
    from geo.layers.pieces import Villages
    from geo.messages import Term

# A finding of a whole country would otherwise be larger than the country: its count is kept, and its first rows.
LISTED_ROWS = 1_000

_AT_ONCE = 200_000


@dataclass(frozen=True, kw_only=True)
class Survey:
    """
    What the first reading tells.

    `places` are longitude and latitude of every village that counts, NaN of the others; `bounds` those of coordinate
    columns in the file's own system. The points are held against what lies `around`.
    """

    places: NDArray[np.float64]
    bounds: tuple[float, float, float, float] | None
    findings: tuple[Finding, ...]
    around: Surroundings | None


@dataclass(kw_only=True)
class _Seen:
    """What is kept of every village during the first reading; `keys` are equal where ids are."""

    places: NDArray[np.float64]
    keys: NDArray[np.uint64]
    people: NDArray[np.float64]
    invalid: NDArray[np.bool_]
    zero: NDArray[np.bool_]
    reason: Term | str = ""
    bounds: tuple[float, float, float, float] | None = None


def survey(source: Villages, rows_at_once: int, progress: Callable[[int], None]) -> Survey:
    """
    Read the places of all villages, and check what is checked of a layer.

    Of each village 34 bytes are kept until this ends, and 16 after it.

    Parameters
    ----------
    source : Villages
        The file.
    rows_at_once : int
        Size of a piece.
    progress : callable
        Told how many rows were read.

    Returns
    -------
    Survey
        With the findings of :func:`geo.layers.check.check_layers` on villages, without ids; a finding lists the first
        thousand rows, and counts all in ``values["count"]``. That two ids are the same is told by their 64-bit hash:
        among ten million different ones, chance finds a pair once in 400,000 files.
    """
    rows = source.rows
    seen = _Seen(
        places=np.full((2, rows), np.nan),
        keys=np.arange(rows, dtype=np.uint64),
        people=np.full(rows, np.nan),
        invalid=np.zeros(rows, dtype=np.bool_),
        zero=np.zeros(rows, dtype=np.bool_),
    )
    headers = [source.columns[name] for name in ("village_id", "population") if name in source.columns]
    for start, piece in source.pieces(rows_at_once, list(dict.fromkeys([*source.place, *headers]))):
        _look(source, piece, start, seen)
        progress(len(piece))
    return _found(source, seen)


def _look(source: Villages, piece: pa.Table, start: int, seen: _Seen) -> None:
    part = slice(start, start + len(piece))
    own = coordinates_of(source, piece)
    if own is None:
        layer = shapes(source, piece, start)
        places = centres(layer.table)
        seen.places[:, part] = places.T
        seen.zero[part] = at_zero(typed_in(layer, places))
        geometry = layer.table.geometry.to_numpy()
        seen.invalid[part] = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
        if seen.invalid[part].any() and not seen.reason:
            seen.reason = invalid_because(shapely.is_valid_reason(geometry[int(np.argmax(seen.invalid[part]))]))
    else:
        seen.places[:, part] = placed(source, own)
        seen.zero[part] = at_zero(own.T)
        if not np.isnan(own).all():
            seen.bounds = _widened(seen.bounds, own)
    if "village_id" in source.columns:
        seen.keys[part] = _keys(piece[source.columns["village_id"]], start)
    if "population" in source.columns:
        seen.people[part] = piece[source.columns["population"]].to_numpy().astype(np.float64)


def _widened(
    bounds: tuple[float, float, float, float] | None, own: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    low, high = np.nanmin(own, axis=1), np.nanmax(own, axis=1)
    if bounds is not None:
        low, high = np.minimum(low, bounds[:2]), np.maximum(high, bounds[2:])
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _keys(ids: pa.ChunkedArray, start: int) -> NDArray[np.uint64]:
    """Give a number per id, equal where the ids are equal as text; rows without an id are named by their number."""
    texts = pc.utf8_trim_whitespace(pc.utf8_normalize(pc.cast(ids, pa.string()), form="NFC")).to_numpy()
    for row in np.flatnonzero((texts == "") | pd.isna(texts)):
        texts[row] = f"row {start + row}"
    return pd.util.hash_array(texts, categorize=False)


def _found(source: Villages, seen: _Seen) -> Survey:
    lon, lat = seen.places
    empty = np.isnan(lon)
    possible = ~empty & ~seen.zero & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)  # noqa: PLR2004 - the globe
    around, misplaced = _around(seen.places, possible)
    zero = lost_at_zero(seen.zero, seen.places.T, around)
    possible |= seen.zero & ~zero
    impossible = ~empty & ~zero & ~possible
    slips, slipped = _slips(source, seen.places, misplaced | impossible, around)
    wrong, misplaced = impossible & ~slipped, misplaced & ~slipped
    counted = possible & ~misplaced & ~slipped
    limit = 0.0 if around is None else around.limit_km
    repeated, spots = _repeated_places(seen.places, counted)
    found = [
        *([Finding(layer="villages", fault="no_rows")] if not source.rows else []),
        *_population_texts(source, seen.people),
        *_finding("missing_coordinates" if source.geo is None else "empty_geometry", empty),
        *_finding("zero_coordinates", zero),
        *slips,
        *_finding("misplaced", misplaced, limit_km=round(limit), example=_pair(seen.places, misplaced)),
        *_finding("impossible_coordinates", wrong, example=_pair(seen.places, wrong)),
        *_finding("duplicate_position", repeated, places=spots),
        *_shift(source, seen.places, empty),
        *_finding("invalid_geometry", seen.invalid & possible, example=seen.reason),
        *_ids_and_people(source, seen),
    ]
    seen.places[:, ~counted] = np.nan
    bounds = seen.bounds if source.geo is None else None
    return Survey(places=seen.places, bounds=bounds, findings=tuple(found), around=around)


def _slips(
    source: Villages, places: NDArray[np.float64], doubtful: NDArray[np.bool_], around: Surroundings | None
) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Tell the doubtful rows that a slip of the pen explains, and which these are."""
    out = np.zeros_like(doubtful)
    findings: list[Finding] = []
    if around is None or not doubtful.any():
        return findings, out
    rows = np.flatnonzero(doubtful)
    typed = _typed(source, places, rows)
    there = np.isfinite(typed).all(axis=1)
    rows, typed = rows[there], typed[there]
    for fault, explained in explained_by_slips(typed, source.crs, around).items():
        mask = np.zeros_like(doubtful)
        mask[rows[explained.rows]] = True
        out |= mask
        shown = examples(typed, explained.rows, changes_in(source.crs)[fault])
        findings += _finding(fault, mask, unsure=int(explained.unsure.sum()), **shown)
    return findings, out


def _typed(source: Villages, places: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the coordinates of some rows as they are written: of other systems than WGS84 they are read again."""
    if source.to_wgs84 is None:
        return places[:, rows].T
    typed = np.empty((len(rows), 2))
    for start, piece in source.pieces(_AT_ONCE, list(source.place)):
        first, last = np.searchsorted(rows, (start, start + len(piece)))
        if first < last:
            some = piece.take(rows[first:last] - start)
            own = coordinates_of(source, some)
            typed[first:last] = centres(shapes(source, some, start).own) if own is None else own.T
        if last == len(rows):
            break
    return typed


def _shift(source: Villages, places: NDArray[np.float64], empty: NDArray[np.bool_]) -> list[Finding]:
    """Tell the whole layer where its system is VN-2000 but for the datum shift."""
    lost = without_shift(places[:, ~empty].T, source.crs)
    return [] if lost is None else _finding("datum_shift_missing", ~empty, **lost.values())


def _around(places: NDArray[np.float64], possible: NDArray[np.bool_]) -> tuple[Surroundings | None, NDArray[np.bool_]]:
    """Give what rows are held against, and the rows that lie beyond its limit."""
    misplaced = np.zeros_like(possible)
    if not possible.any():
        return None, misplaced
    ruler = ruler_of(*(axis[possible] for axis in places))
    for start in range(0, possible.size, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        # What no transformation reaches is infinite, and has no sine.
        known = np.where(possible[part], places[:, part], np.nan)
        misplaced[part] = _beyond(known, ruler.middle, ruler.limit_km)
    near = possible & ~misplaced
    lon, lat = places
    inf = np.inf
    bounds = (
        float(lon.min(where=near, initial=inf)),
        float(lat.min(where=near, initial=inf)),
        float(lon.max(where=near, initial=-inf)),
        float(lat.max(where=near, initial=-inf)),
    )
    return replace(ruler, bounds=bounds), misplaced


def _beyond(places: NDArray[np.float64], middle: tuple[float, float], limit_km: float) -> NDArray[np.bool_]:
    """Tell the places farther than the limit; the chord settles nearly all at a tenth of the price of a geodesic."""
    xyz = geocentric_m(*places)
    at = geocentric_m(np.array(middle[:1]), np.array(middle[1:]))
    doubtful = np.flatnonzero(~(longest_m(chord_m(xyz, at)) < limit_km * 1000))
    beyond = np.zeros(places.shape[1], dtype=np.bool_)
    lon, lat = places[:, doubtful]
    ends = (np.full(lon.size, middle[0]), np.full(lon.size, middle[1]))
    beyond[doubtful] = np.asarray(GEOD.inv(lon, lat, *ends)[2]) / 1000 > limit_km
    return beyond


def _repeated_places(places: NDArray[np.float64], counted: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """Tell the villages that share a position, and how many positions are shared."""
    # One complex number per place: sorting pairs of numbers is several times slower. Zero has one sign here.
    both = np.empty(int(counted.sum()), dtype=np.complex128)
    both.real, both.imag = places[0, counted] + 0.0, places[1, counted] + 0.0
    repeated = np.zeros_like(counted)
    spots = _twice(both)
    if spots.size:
        repeated[counted] = np.isin(both, spots)
    return repeated, spots.size


def _twice(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Give the values that occur more than once, each once."""
    order = np.sort(values)
    return np.unique(order[1:][order[1:] == order[:-1]])


def _population_texts(source: Villages, people: NDArray[np.float64]) -> list[Finding]:
    """Find what is no number in a column of numbers: the infinite; it counts as missing from here on."""
    endless = np.isinf(people)
    column = source.columns.get("population", "")
    found = _finding("unreadable_number", endless, column=column, example=str(_first(people, endless)))
    people[endless] = np.nan
    return found


def _ids_and_people(source: Villages, seen: _Seen) -> list[Finding]:
    repeated = _twice(seen.keys)
    twice = np.isin(seen.keys, repeated) if repeated.size else np.zeros_like(seen.invalid)
    negative, missing = seen.people < 0, np.isnan(seen.people)
    name = ""
    if twice.any():
        row = int(np.argmax(twice))
        name = next(
            str(piece[0][row - start])
            for start, piece in source.pieces(_AT_ONCE, [source.columns["village_id"]])
            if start <= row < start + len(piece)
        )
    duplicates = _finding("duplicate_id", twice, example=name)
    if "population" not in source.columns:
        return [*duplicates, *([Finding(layer="villages", fault="no_population_column")] if source.rows else [])]
    return [
        *duplicates,
        *_finding("negative_population", negative, example=f"{_first(seen.people, negative):g}"),
        *_finding("missing_population", missing, all=source.rows),
    ]


def _finding(fault: str, mask: NDArray[np.bool_], **values: object) -> list[Finding]:
    rows = np.flatnonzero(mask)
    if not rows.size:
        return []
    return [
        Finding(
            layer="villages",
            fault=fault,
            rows=tuple(rows[:LISTED_ROWS].tolist()),
            values={**values, "count": rows.size},
            left_out=fault in LEFT_OUT,
            repair=MENDED_BY.get(fault),
        )
    ]


def _first(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> float:
    return float(values[int(np.argmax(mask))]) if mask.any() else np.nan


def _pair(places: NDArray[np.float64], mask: NDArray[np.bool_]) -> str:
    """Write the first place under the mask as its latitude and longitude."""
    return f"{_first(places[1], mask):.6g}, {_first(places[0], mask):.6g}"
