"""Numbers as offices write them: decimal points and commas, groups of three digits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.layers.cells import matches, plain_numbers


def numbers(texts: pd.Series, *, whole: bool = False) -> pd.Series:
    """
    Read numbers as offices write them: ``11.5``, ``11,5``, ``1.234,5``, ``1 234``.

    Where both marks stand, the last one is the decimal mark, and where all such cells agree, it is so in the whole
    column. Otherwise a mark alone is a decimal mark, except where `whole` numbers are asked for and most marked values
    of the column have groups of three digits (``1.234`` is 1234, ``0.234`` is no group); others are no numbers.

    Parameters
    ----------
    texts : Series of str
        Cells; white space does not count.
    whole : bool
        Whether the column counts something.

    Returns
    -------
    Series of float
        On the same index; NaN where the cell is empty or no number.

    Examples
    --------
    >>> numbers(pd.Series(["11,5", "1.234,5", "", "x"])).tolist()
    [11.5, 1234.5, nan, nan]
    >>> numbers(pd.Series(["1.234", "567"]), whole=True).tolist()
    [1234.0, 567.0]
    >>> numbers(pd.Series(["1.234,5", "1.234"])).tolist()
    [1234.5, 1234.0]
    """
    plain = plain_numbers(texts)
    if plain is not None and not (whole and matches(texts, r"\.").any()):
        return pd.Series(plain, index=texts.index, name=texts.name)
    cells = texts.astype(str).str.replace(r"[\s\u00a0\u202f]", "", regex=True)
    point, comma = cells.str.rfind("."), cells.str.rfind(",")
    marked = (point >= 0) | (comma >= 0)
    grouped = marked & cells.str.fullmatch(_GROUPED)
    if whole and grouped.sum() > _MOST * marked.sum():
        # What is marked and has no groups in a column of groups may be anything: it is no number that can be trusted.
        return _plain(cells.str.replace("[.,]", "", regex=True).where(grouped | ~marked, ""))
    both = (point >= 0) & (comma >= 0)
    comma_decimal = both & (comma > point)
    verdicts = comma_decimal[both].unique()
    for mark, other, so in ((",", ".", comma_decimal), (".", ",", both & ~comma_decimal)):
        agreed = len(verdicts) == 1 and verdicts[0] == (mark == ",")
        grouped = cells.str.fullmatch(rf"[-+]?\d{{1,3}}(?:\{other}\d{{3}})+(?:\{mark}\d*)?") & (agreed | so)
        cells = cells.where(~grouped, cells.str.replace(other, "", regex=False))
    return _plain(cells.str.replace(",", ".", regex=False))


_GROUPED = r"[-+]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*"
_MOST = 0.5
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"


def _plain(cells: pd.Series) -> pd.Series:
    values = pd.to_numeric(cells.where(cells.str.fullmatch(_NUMBER), ""), errors="coerce").astype(float)
    return values.where(np.isfinite(values))
