"""What stands in a file, before anybody asks which layer it is: its rows, its system, what reading it has found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyproj

    from geo.figures import Finding


@dataclass(frozen=True, kw_only=True)
class Source:
    """
    What stands in a file, before anybody asks which layer it is.

    `rows` has the columns of the source and a ``geometry`` column where the source has geometries; its index holds
    the row numbers that the source shows (the line of a table, the feature id of a layer). `findings` are what reading
    itself has found. `footers` are rows of a table that call themselves a total or a note; `merged` are, by column, the
    rows whose cell is merged with the one above. Where several layers of a file are read as one, their rows are counted
    through, and `within` tells of each the layer that it came from and the number that it has there.
    """

    rows: pd.DataFrame
    crs: pyproj.CRS | None
    file: str
    sha256: str
    findings: tuple[Finding, ...] = ()
    footers: tuple[int, ...] = ()
    merged: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    within: Mapping[int, tuple[str, int]] = field(default_factory=dict)

    def row_names(self) -> pd.Series:
        """Give each row as people find it, on the index: its number, with its layer where several were read as one."""
        numbers = self.rows.index.to_series()
        return numbers.map(lambda row: "{}:{}".format(*self.within[row]) if self.within else str(row)).astype("str")
