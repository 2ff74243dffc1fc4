"""Points from coordinate columns: longitude and latitude, x and y, or both in one, in degrees or in metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.crs import systems
from geo.errors import CRSError, LayerError
from geo.figures import Finding
from geo.layers.cells import matches
from geo.layers.coordinates.degrees import Angles, hemispheres, read_angles
from geo.layers.coordinates.letters_beside import with_letters_beside
from geo.layers.coordinates.pairs import lon_lat_of, order_of, read_pairs
from geo.layers.coordinates.ways import Positions, step_of

if TYPE_CHECKING:
    from geo.layers.coordinates.ways import Places

_FEW, _MOST = 0.1, 0.9
_HALF = 0.5


def by_two_columns(way: tuple[str, ...], places: Places) -> Positions:
    """Make points of coordinate columns; those called longitude and latitude are degrees of WGS84 if they can be."""
    system = systems.parse_crs(places.given) if places.given else None
    first, second = (_angles(places, name, degrees_only=way == ("lon", "lat")) for name in way)
    if way == ("lon", "lat"):
        rows = places.source.rows
        first, second = with_letters_beside(first, "lon", rows), with_letters_beside(second, "lat", rows)
    x, y, findings = _by_letters(way, places, first, second)
    degrees = way == ("lon", "lat") or _are_marked(places, way)
    if degrees and (system is None or (system.is_projected and _in_degrees(x, y))):
        system = systems.parse_crs(systems.WGS84)
    if system is None:
        msg = (
            f"{places.source.file} has coordinates in '{places.columns['x']}' and '{places.columns['y']}' and no "
            "coordinate system. Say what it is: --crs EPSG:9217, or --crs EPSG:4326 for degrees."
        )
        raise CRSError(msg)
    _refuse_exchanged(places.source.file, x, y, system)
    unreadable = [finding for name in way for finding in _unreadable(places, name, x if name == way[0] else y)]
    return Positions(
        way=way,
        geometry=_points_of(x, y),
        system=system,
        step=min(first.step, second.step),
        findings=(*unreadable, *findings),
    )


def by_one_column(way: tuple[str, ...], places: Places) -> Positions:
    """Make points of a column that holds both, in the order of its header, of its letters, or as they can only be."""
    header, file = places.columns[way[0]], places.source.file
    cells = places.cells(way[0])
    pairs = read_pairs(cells)
    system = systems.parse_crs(places.given) if places.given else None
    if _in_degrees(pairs.first, pairs.second) or _in_degrees(pairs.second, pairs.first):
        order = order_of(pairs) if way == ("coordinates",) else "lat_lon" if way == ("lat_lon",) else "lon_lat"
        if order is None and len(cells):
            example = cells[~np.isnan(pairs.first)].head(1).squeeze() if (~np.isnan(pairs.first)).any() else ""
            msg = (
                f"{file}: column '{header}' has both coordinates, and nothing tells which is the latitude "
                f"(as '{example}'). Say it: --column LAYER.lat_lon='{header}' or --column LAYER.lon_lat='{header}'."
            )
            raise LayerError(msg)
        x, y = lon_lat_of(pairs, order or "lat_lon")
        if system is None or system.is_projected:
            system = systems.parse_crs(systems.WGS84)
    elif system is None:
        msg = f"{file} has coordinates in '{header}' and no coordinate system. Say what it is: --crs EPSG:9217."
        raise CRSError(msg)
    else:
        x, y = _projected(way, pairs.first, pairs.second, system)
    lost = np.isnan(x) & (cells != "").to_numpy()
    findings = _unreadable_cells(places, way[0], lost)
    return Positions(way=way, geometry=_points_of(x, y), system=system, step=pairs.step, findings=findings)


def _projected(
    way: tuple[str, ...], first: np.ndarray, second: np.ndarray, system: pyproj.CRS
) -> tuple[np.ndarray, np.ndarray]:
    """Tell east from north by the header, else by the system's area of use."""
    north_first = way == ("lat_lon",) or (
        way == ("coordinates",) and _share_inside(second, first, system) > _share_inside(first, second, system)
    )
    return (second, first) if north_first else (first, second)


def _points_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Make points; None where a coordinate is missing."""
    geometry = np.full(len(x), None, dtype=object)
    known = ~(np.isnan(x) | np.isnan(y))
    geometry[known] = shapely.points(x[known], y[known])
    return geometry


def _angles(places: Places, name: str, *, degrees_only: bool) -> Angles:
    cells = places.source.rows[places.columns[name]]
    if pd.api.types.is_numeric_dtype(cells):
        values = cells.to_numpy(dtype=float, na_value=np.nan)
        return Angles(
            np.where(np.isfinite(values), values, np.nan), np.full(len(cells), "", dtype=object), step_of(values)
        )
    return read_angles(places.cells(name), degrees_only=degrees_only)


def _by_letters(
    way: tuple[str, ...], places: Places, first: Angles, second: Angles
) -> tuple[np.ndarray, np.ndarray, tuple[Finding, ...]]:
    """Give x and y with the signs of their letters; where both say the other axis, each is taken as its letter says."""
    if not (any(first.letters) or any(second.letters)):
        return first.degrees, second.degrees, ()
    means = hemispheres([*first.letters, *second.letters])
    values, axes = [], []
    for angles in (first, second):
        told = [means.get(letter) if letter else ("", 1) for letter in angles.letters]
        values.append(np.array([np.nan if one is None else one[1] for one in told]) * angles.degrees)
        axes.append(np.array(["" if one is None else one[0] for one in told], dtype=object))
    exchanged = (axes[0] == "lat") & (axes[1] == "lon")
    x = np.where((axes[0] == "lat") & ~exchanged, np.nan, values[0])
    y = np.where((axes[1] == "lon") & ~exchanged, np.nan, values[1])
    x, y = np.where(exchanged, y, x), np.where(exchanged, x, y)
    # Of x and y some take the one for the north, and some the other: only a longitude has an axis of its own.
    if way != ("lon", "lat") or not exchanged.any():
        return x, y, ()
    headers = {"first": places.columns[way[0]], "second": places.columns[way[1]]}
    rows = tuple(int(row) for row in places.source.rows.index[exchanged])
    return x, y, (Finding(layer=places.kind, fault="letters_against_headers", rows=rows, values=headers),)


def _are_marked(places: Places, way: tuple[str, ...]) -> bool:
    """Tell whether most cells have a degree sign or a hemisphere, and so are degrees whatever the header says."""
    cells = pd.concat([places.cells(name) for name in way])
    cells = cells[cells != ""]
    return len(cells) > 0 and bool(matches(cells, r"[°º˚]|[NSEWBĐTnsewbđt]\s*$").mean() > _HALF)


def _unreadable(places: Places, name: str, values: np.ndarray) -> tuple[Finding, ...]:
    cells = places.source.rows[places.columns[name]]
    bad = np.isnan(values) & (places.cells(name) != "").to_numpy()
    if pd.api.types.is_numeric_dtype(cells):
        bad &= cells.notna().to_numpy()
    return _unreadable_cells(places, name, bad)


def _unreadable_cells(places: Places, name: str, bad: np.ndarray) -> tuple[Finding, ...]:
    if not bad.any():
        return ()
    cells = places.source.rows[places.columns[name]]
    values = {"column": str(cells.name), "example": str(cells[bad].iloc[0])}
    rows = tuple(int(row) for row in cells.index[bad])
    return (Finding(layer=places.kind, fault="unreadable_number", rows=rows, values=values),)


def _in_degrees(x: np.ndarray, y: np.ndarray) -> bool:
    """Tell whether most places could be degrees."""
    known = ~(np.isnan(x) | np.isnan(y))
    return not known.any() or bool(np.median(np.abs(x[known])) <= 180 and np.median(np.abs(y[known])) <= 90)  # noqa: PLR2004


def _share_inside(easting: np.ndarray, northing: np.ndarray, system: pyproj.CRS) -> float:
    """Give the share of places that lie in the system's area of use, a degree around it included."""
    if system.area_of_use is None or not len(easting):
        return 0.0
    west, south, east, north = system.area_of_use.bounds
    lon, lat = pyproj.Transformer.from_crs(system, system.geodetic_crs, always_xy=True).transform(easting, northing)
    return float(np.mean((lon >= west - 1) & (lon <= east + 1) & (lat >= south - 1) & (lat <= north + 1)))


def _refuse_exchanged(file: str, x: np.ndarray, y: np.ndarray, system: pyproj.CRS) -> None:
    """Refuse a projected table whose places lie in the system's area of use only with x and y exchanged."""
    if not system.is_projected or system.area_of_use is None or not len(x):
        return
    if _share_inside(x, y, system) < _FEW and _share_inside(y, x, system) > _MOST:
        msg = (
            f"{file}: x and y look exchanged: with x to the north, places lie in the area of {systems.label(system)}. "
            "Say which column is which: --column LAYER.x=HEADER --column LAYER.y=HEADER."
        )
        raise LayerError(msg)
