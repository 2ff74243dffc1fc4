"""Repairs of layers, only when asked for: one function each, and each says which rows it changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely

from geo.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo.figures import Finding
    from geo.layers.layer import Layer


def swapped(layer: Layer, rows: Iterable[int]) -> Layer:
    """Exchange longitude and latitude of the rows."""
    table = layer.table.copy()
    changed = table.index.isin(list(rows))
    geometry = table.geometry.to_numpy().copy()
    geometry[changed] = shapely.transform(geometry[changed], lambda xy: xy[:, ::-1])
    table = table.set_geometry(geometry, crs=table.crs)
    return replace(layer, table=table)


REPAIRS = {"swapped": swapped}


def repair_layers(
    layers: Mapping[str, Layer], findings: Iterable[Finding], asked: Iterable[str]
) -> tuple[dict[str, Layer], list[Finding]]:
    """
    Mend what the findings name and the caller asked for.

    Returns
    -------
    tuple
        The layers, mended; and for each repair the finding that tells which rows it changed.

    Raises
    ------
    LayerError
        Where a repair is asked for that does not exist.
    """
    wanted = set(asked)
    if unknown := wanted - REPAIRS.keys():
        msg = f"There is no repair '{min(unknown)}'; there is {', '.join(REPAIRS)}."
        raise LayerError(msg)
    mended = dict(layers)
    told = []
    for finding in findings:
        if finding.repair in wanted:
            mended[finding.layer] = REPAIRS[finding.repair](mended[finding.layer], finding.rows)
            told.append(replace(finding, fault=f"repaired_{finding.repair}", left_out=False, repair=None))
    return mended, told
