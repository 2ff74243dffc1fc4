"""Columns of text looked through as a whole, by Arrow: a cell at a time costs twenty times as much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd


def matches(cells: pd.Series, pattern: str) -> np.ndarray:
    """
    Tell the cells in which a pattern of RE2 is found; a missing cell is an empty one.

    Examples
    --------
    >>> import pandas as pd
    >>> matches(pd.Series(["1.5", "x", ""]), r"^[0-9.]*$").tolist()
    [True, False, True]
    """
    return np.asarray(pc.match_substring_regex(_arrow(cells), pattern).to_numpy(zero_copy_only=False), dtype=bool)


def plain_numbers(cells: pd.Series) -> np.ndarray | None:
    """
    Read a column whose filled cells are all plain numbers (``-11.5``); None where one of them is anything else.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_numbers(pd.Series(["-11.5", ""])).tolist(), plain_numbers(pd.Series(["11,5"]))
    ([-11.5, nan], None)
    """
    if not matches(cells, r"^(?:-?[0-9]{1,15}(?:\.[0-9]{1,20})?)?$").all():
        return None
    texts = _arrow(cells)
    filled = pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
    return np.array(pc.cast(filled, pa.float64()).to_numpy(zero_copy_only=False), dtype=float)


def most_decimals(cells: pd.Series) -> int:
    """
    Count the digits behind the point or comma of the cell that has most.

    Examples
    --------
    >>> import pandas as pd
    >>> most_decimals(pd.Series(["11.5", "11,5643", "7"]))
    4
    """
    texts = _arrow(cells)
    marked = texts.filter(pc.match_substring_regex(texts, r"^\s*[-+]?[0-9]*[.,][0-9]+\s*$"))
    if not len(marked):
        return 0
    fractions = pc.extract_regex(marked, r"[.,](?P<digits>[0-9]+)")
    return int(pc.max(pc.utf8_length(pc.struct_field(fractions, "digits"))).as_py())


def _arrow(cells: pd.Series) -> pa.Array:
    array = pa.array(cells.astype("str"), from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return pc.fill_null(array, "")
