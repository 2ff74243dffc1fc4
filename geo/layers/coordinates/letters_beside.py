"""Hemisphere letters in a column of their own, beside that of the degrees: `33.9 | S`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.layers.cells import matches
from geo.layers.text import header_key

if TYPE_CHECKING:
    from typing import Literal

    import pandas as pd

    from geo.layers.coordinates.degrees import Angles

_WORD = r"(?:dir|direction|ref|hemi|hemisphere|huong)"
# A column of classes may hold the same letters: only the header tells that they are of a coordinate.
_HEADERS = {
    "lat": rf"(?:n_?s|b_?n)(?:_{_WORD})?|(?:gps_?)?(?:lat|latitude|vi_do)_?{_WORD}|{_WORD}_(?:lat|latitude|vi_do|ns)",
    "lon": rf"(?:e_?w|d_?t)(?:_{_WORD})?|(?:gps_?)?(?:lon|long|lng|longitude|kinh_do)_?{_WORD}"
    rf"|{_WORD}_(?:lon|long|lng|longitude|kinh_do|ew)",
}
_LETTERS = {"lat": r"^\s*[NSBnsb]?\s*$", "lon": r"^\s*[EWĐTewđt]?\s*$"}


def with_letters_beside(angles: Angles, axis: Literal["lat", "lon"], rows: pd.DataFrame) -> Angles:
    """
    Give angles the letters of a column whose header names their hemisphere (``N/S``, ``lat_dir``, ``Hướng vĩ độ``).

    Those that have a letter or a sign of their own keep it.

    Parameters
    ----------
    angles : Angles
        Of one axis.
    axis : str
        Which.
    rows : DataFrame
        The table that they were read from, on the same rows.
    """
    if any(angles.letters):
        return angles
    for name in rows.columns:
        if not re.fullmatch(_HEADERS[axis], header_key(str(name))):
            continue
        cells = rows[name].astype("str").where(rows[name].notna(), "")
        if matches(cells, _LETTERS[axis]).all():
            letters = cells.str.strip().str.upper().to_numpy(dtype=object)
            return replace(angles, letters=np.where(angles.degrees >= 0, letters, ""))
    return angles
