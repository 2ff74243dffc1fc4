"""A table of text once it is read: its rows as the source numbers them, its totals, its merged cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.layers.cells import matches
from geo.layers.text import header_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Table:
    """
    The rows of a table, on the numbers that its source shows.

    `footers` are the rows that call themselves a total or a note, or repeat the header. `merged` tells per header the
    rows whose cell was filled from a cell that is merged with it, above. `sheet` names the sheet that was chosen of
    several without being asked for.
    """

    rows: pd.DataFrame
    footers: tuple[int, ...] = ()
    merged: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    sheet: str | None = None


def untitled(place: int) -> str:
    """Name a column without a header by its number."""
    return f"column {place + 1}"


def unique(headers: Sequence[str]) -> list[str]:
    """
    Name columns without a header by their number, and number those that have another's.

    Examples
    --------
    >>> unique(["lat", "", "lat"])
    ['lat', 'column 2', 'lat (2)']
    """
    seen: dict[str, int] = {}
    names = []
    for place, header in enumerate(headers):
        name = header.strip() or untitled(place)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def without_blank_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows that hold nothing, or nothing but white space."""
    filled = np.zeros(len(rows), dtype=bool)
    for place in range(rows.shape[1]):
        if filled.all():
            return rows
        filled |= _filled(rows.iloc[:, place])
    return rows[filled]


def footers_of(rows: pd.DataFrame) -> tuple[int, ...]:
    """
    Find the rows whose first word says that they add up the others, or note something about them.

    That is the first cell with text in it: a total (``Tổng cộng``, ``Total``), or alone in its row a note
    (``Nguồn: …``, ``Ghi chú``, ``Source``). So are those that repeat the header. Whether such a row is a place all the
    same, its coordinates tell.

    Examples
    --------
    >>> footers_of(pd.DataFrame({"id": ["1", ""], "thôn": ["An", "Tổng cộng:"], "dân": ["7", "7"]}, index=[2, 3]))
    (3,)
    """
    waiting = np.ones(len(rows), dtype=bool)
    cells_in_row = np.zeros(len(rows), dtype=np.int64)
    total, note = ~waiting, ~waiting
    for place in range(rows.shape[1]):
        cells = rows.iloc[:, place]
        cells_in_row += _filled(cells)
        if pd.api.types.is_numeric_dtype(cells) or not waiting.any():
            continue
        words = waiting & ~matches(cells, r"^[\s0-9.,]*$")
        if not words.any():
            continue
        waiting &= ~words
        likely = np.flatnonzero(words & matches(cells, _LIKELY))
        keys = [header_key(cell) for cell in cells.iloc[likely]]
        total[likely] = [key in _TOTALS or key.startswith(_TOTAL_STARTS) for key in keys]
        note[likely] = [key.startswith(_NOTE_STARTS) for key in keys]
    return tuple(int(row) for row in rows.index[total | (note & (cells_in_row == 1)) | _header_again(rows)])


def _header_again(rows: pd.DataFrame) -> np.ndarray:
    """Tell the rows that repeat the header, as it stands on every printed page: what they hold is in its place."""
    again = np.zeros(len(rows), dtype=bool)
    texts = [place for place in range(rows.shape[1]) if not pd.api.types.is_numeric_dtype(rows.iloc[:, place])]
    for place in texts:
        alike = np.flatnonzero((rows.iloc[:, place] == rows.columns[place]).to_numpy(dtype=bool, na_value=False))
        if len(alike):
            cells = rows.iloc[alike].astype("str").to_numpy()
            same = cells == np.array([str(name) for name in rows.columns])
            again[alike] = (same.sum(axis=1) > 1) & (same | _blank(rows.iloc[alike])).all(axis=1)
            break
    return again


def _blank(rows: pd.DataFrame) -> np.ndarray:
    return ~np.column_stack([_filled(rows.iloc[:, place]) for place in range(rows.shape[1])])


_LIKELY = r"(?i)^[^\pL]*(?:t[oổ]|c[oộ]|grand|su[bm]|ng|gh|sou|not)"
_TOTALS = {"tong", "tong_cong", "tong_so", "cong", "total", "totals", "sub_total", "subtotal", "grand_total", "sum"}
_TOTAL_STARTS = ("tong_cong_", "grand_total_", "cong_chung")
_NOTE_STARTS = ("nguon", "ghi_chu", "source", "note")


def _filled(cells: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(cells):
        return cells.notna().to_numpy(dtype=bool)
    return matches(cells, r"[^\s\pZ]")
