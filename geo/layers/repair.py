"""Repairs of layers, only when asked for: one function each, and each says which rows it changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from geo.crs.systems import WGS84, label, parse_crs, to_wgs84
from geo.errors import LayerError
from geo.layers.faults.slips import CHANGES, changes_in, exchanged, from_minutes
from geo.layers.layer import moved
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np

    from geo.figures import Finding
    from geo.layers.faults.slips import Change
    from geo.layers.layer import Layer


def swapped(layer: Layer, finding: Finding) -> Layer:
    """Exchange longitude and latitude of the rows, or easting and northing."""
    return _rewritten(layer, finding.rows, exchanged)


def sign(layer: Layer, finding: Finding) -> Layer:
    """Give the longitude, the latitude or both of the rows their other sign, as the finding says."""
    return _rewritten(layer, finding.rows, CHANGES[finding.fault])


def zone(layer: Layer, finding: Finding) -> Layer:
    """Read the whole layer in the zone that the finding names, or only the rows that were written in another."""
    system = str(finding.values["system"])
    return _reread(layer, system) if finding.fault == "wrong_zone" else _placed_in(layer, finding.rows, system)


def minutes(layer: Layer, finding: Finding) -> Layer:
    """Read the two decimals of the rows' degrees as minutes."""
    return _rewritten(layer, finding.rows, from_minutes)


def doubtful(layer: Layer, finding: Finding) -> Layer:
    """Take the slip of the rows back that may explain them, though they may as well be a neighbour's."""
    slip = finding.values["slip"]
    assert isinstance(slip, Term)  # noqa: S101 - so the check tells it
    return _rewritten(layer, finding.rows, changes_in(layer.own.crs)[slip.key.removeprefix("term.")])


def vn2000(layer: Layer, finding: Finding) -> Layer:
    """Read the whole layer in the VN-2000 zone that the finding names, which has the datum shift."""
    return _reread(layer, str(finding.values["system"]))


REPAIRS: Mapping[str, Callable[[Layer, Finding], Layer]] = {
    "swapped": swapped,
    "sign": sign,
    "zone": zone,
    "minutes": minutes,
    "vn2000": vn2000,
    "doubtful": doubtful,
}
_LAYERS = ("villages", "points", "areas", "coverage")


def refuse_unknown(asked: Iterable[str]) -> None:
    """
    Refuse what is no repair, nor the repair of a layer as ``points.swapped``.

    Raises
    ------
    LayerError
        With the repairs, or the layers, that there are.
    """
    for word in asked:
        layer, dot, repair = word.rpartition(".")
        if repair not in REPAIRS:
            msg = f"There is no repair '{repair}'; there is {', '.join(REPAIRS)}."
            raise LayerError(msg)
        if dot and layer not in _LAYERS:
            msg = f"There is no layer '{layer}' to repair; there is {', '.join(_LAYERS)}."
            raise LayerError(msg)


def repair_layers(
    layers: Mapping[str, Layer], findings: Iterable[Finding], asked: Iterable[str]
) -> tuple[dict[str, Layer], list[Finding]]:
    """
    Mend what the findings name and the caller asked for.

    Parameters
    ----------
    layers : mapping
        By name; they are not changed.
    findings : iterable of Finding
        Those of :func:`geo.layers.check.check_layers` on these layers.
    asked : iterable of str
        Repairs, of every layer (``swapped``) or of one (``points.swapped``, ``coverage.zone``).

    Returns
    -------
    tuple
        The layers, mended; and for each repair the finding that tells which rows it changed.

    Raises
    ------
    LayerError
        Where a repair or a layer is named that does not exist.
    """
    wanted = set(asked)
    refuse_unknown(sorted(wanted))
    mended = dict(layers)
    told = []
    for finding in findings:
        if finding.repair and wanted & {finding.repair, f"{finding.layer.partition('.')[0]}.{finding.repair}"}:
            mended[finding.layer] = REPAIRS[finding.repair](mended[finding.layer], finding)
            told.append(replace(finding, fault=f"repaired_{finding.repair}", left_out=False, repair=None))
    return mended, told


def _rewritten(layer: Layer, rows: Iterable[int], change: Change) -> Layer:
    """Change the coordinates of the rows as they are written, and place these rows again; the source's own stay."""
    changed = layer.table.index.isin(list(rows))
    meant = shapely.transform(layer.own.geometry.to_numpy()[changed], change)
    return _moved(layer, changed, gpd.GeoSeries(meant, crs=layer.own.crs))


def _placed_in(layer: Layer, rows: Iterable[int], name: str) -> Layer:
    """Place the rows again, their coordinates read in another system; the others stay, and so do the source's own."""
    changed = layer.table.index.isin(list(rows))
    return _moved(layer, changed, gpd.GeoSeries(layer.own.geometry.to_numpy()[changed], crs=parse_crs(name)))


def _moved(layer: Layer, changed: np.ndarray, meant: gpd.GeoSeries) -> Layer:
    geometry = layer.table.geometry.to_numpy().copy()
    geometry[changed] = meant.to_crs(WGS84).to_numpy()
    mended = replace(layer, table=layer.table.set_geometry(geometry, crs=layer.table.crs))
    if layer.placed is None:
        return mended
    written = layer.placed.geometry.copy()
    written[changed] = meant.to_crs(layer.own.crs).to_numpy()
    return moved(mended, replace(layer.placed, geometry=written))


def _reread(layer: Layer, name: str) -> Layer:
    """Place all rows again, their coordinates read in another system, which is the layer's own from here on."""
    system = parse_crs(name)
    own = layer.own.set_crs(system, allow_override=True)
    geometry = to_wgs84(own[[own.geometry.name]], layer.file).geometry.to_numpy()
    table = layer.table.set_geometry(geometry, crs=layer.table.crs)
    mended = replace(layer, table=table, own=own, crs=label(system))
    return mended if layer.placed is None else moved(mended, replace(layer.placed, system=system))
