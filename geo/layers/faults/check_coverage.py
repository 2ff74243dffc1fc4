"""Find the faults of coverage: technologies that are not known, cells without a range or with one for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.figures import Finding
from geo.layers.faults.register import find
from geo.layers.technology import technology_name
from geo.layers.text import search_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from geo.layers.layer import Layer

_HALF = 0.5
_FEW = 10


def check_coverage(name: str, layer: Layer, *, range_given: bool, declared: Sequence[str] = ()) -> list[Finding]:
    """
    Find the faults of footprints or cells.

    Parameters
    ----------
    name : str
        How the findings call the layer, as ``coverage.3G``.
    layer : Layer
        Footprints or cells.
    declared : sequence of str
        The technologies that the layer is given for; a name of none that is known is known where it is one of them.
    range_given : bool
        Whether a range is given in place of the cells' own, which then do not matter.
    """
    table = layer.table
    findings = []
    if table["technology"].notna().any():
        names = {search_key(one) for one in declared}
        texts = table["technology"].dropna().unique()
        known = {text: technology_name(text) is not None or search_key(text) in names for text in texts}
        unknown = ~table["technology"].map(known).fillna(value=False).astype(bool)
        example = "" if not unknown.any() else table["technology"][unknown].fillna("").iloc[0]
        findings += find(name, "unknown_technology", table, unknown.to_numpy(), example=example)
    if layer.kind == "cells" and not range_given:
        span = table["range_m"]
        findings += find(name, "missing_range", table, ~(span > 0).to_numpy())
        common = span[span > 0].mode()
        same = (span == common.iloc[0]).to_numpy() if len(common) else (span > 0).to_numpy()
        if same.sum() > max(_HALF * len(table), _FEW):
            findings += find(name, "default_range", table, same, all=len(table), range_m=float(common.iloc[0]))
    return findings


def check_answers(cells: pd.Series, told: pd.Series, ids: pd.Series) -> list[Finding]:
    """Find the villages whose column says neither yes nor no; they are unknown."""
    unknown = told.isna()
    if not unknown.any():
        return []
    return [
        Finding(
            layer="villages",
            fault="unknown_answer",
            rows=tuple(int(row) for row in cells.index[unknown]),
            ids=tuple(ids[unknown].astype(str)),
            values={"column": str(cells.name), "example": str(cells[unknown].fillna("").iloc[0])},
        )
    ]
