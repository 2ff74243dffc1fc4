"""The cells of a column as values: ids and texts cleaned, numbers as offices write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.layers.numbers import numbers
from geo.layers.text import cleaned

if TYPE_CHECKING:
    from geo.layers.contract import Column
    from geo.layers.source import Source

# Beyond it a number is none that 64 bits hold.
_LARGEST = 2.0**63
_DTYPES = {"id": "str", "text": "str", "number": "float64", "whole": "float64"}


def typed_column(source: Source, column: Column, header: str | None) -> pd.Series | np.ndarray:
    """Give the values of a column of the contract, taken from a header of the source; without one all are missing."""
    rows = source.rows
    if header is None:
        if column.kind == "id":
            return source.row_names().to_numpy()
        return pd.Series(
            np.nan if column.kind in ("number", "whole") else None,
            index=rows.index,
            dtype=_DTYPES[column.kind],
        )
    cells = rows[header]
    if column.kind in ("id", "text"):
        return texts_of(cells)
    values = numbers_of(cells, whole=column.kind == "whole")
    if column.name == "population":
        # A number of people in a cell merged over several rows is that of all of them together, and counts once.
        values = np.where(rows.index.isin(list(source.merged.get(header, ()))), np.nan, values)
    return pd.Series(np.where(np.isfinite(values), values, np.nan), index=rows.index)


def texts_of(cells: pd.Series) -> pd.Series:
    """Give cells as clean text; whole numbers of a float column lose their '.0'; empty cells are missing."""
    if pd.api.types.is_float_dtype(cells) and ((cells.dropna() % 1 == 0) & (cells.dropna().abs() < _LARGEST)).all():
        cells = cells.astype("Int64")
    texts = cells.astype("str").where(cells.notna())
    return cleaned(texts)


def numbers_of(cells: pd.Series, *, whole: bool = False) -> np.ndarray:
    """Give cells as numbers, NaN where they are empty or none; `whole` where the column counts something."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(dtype=float, na_value=np.nan)
    return numbers(cells.astype("str").where(cells.notna(), ""), whole=whole).to_numpy()
