"""Which share of every pixel lies in each of many polygons; partial pixels by `exactextract`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyproj
import shapely
from scipy import sparse

from geo.crs.systems import WGS84
from geo.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geo.layers.grid import Grid

    Polygons: TypeAlias = NDArray[np.object_] | Sequence[BaseGeometry | None]

_TURN = 360.0
# Shares of a pixel come as 32-bit floats: what is left of a pixel below this is rounding.
_ROUNDING = 1e-5
# An edge of this length in degrees strays by a metre or so when it is drawn straight in another system.
_LONGEST_EDGE = 0.05
# A system for columns and rows, so that nobody takes them for degrees.
_PLANE = 'ENGCRS["pixels",EDATUM["raster"],CS[Cartesian,2],AXIS["column",east],AXIS["row",north],LENGTHUNIT["metre",1]]'


def apart(shapes: Polygons) -> NDArray[np.object_]:
    """
    Take from each polygon what an earlier one has, so that nothing is counted twice.

    Parameters
    ----------
    shapes : array of polygons
        In EPSG:4326, valid, in the order in which they have the right to what they share.

    Returns
    -------
    NDArray[object]
        The polygons, empty where nothing is left or there was none.
    """
    own = _array(shapes)
    own[shapely.is_missing(own)] = shapely.Polygon()
    if shapely.coverage_is_valid(own):
        # The communes of one map share borders alone: there is nothing to take, and a search would take long.
        return own
    whole = own.copy()
    later, earlier = shapely.STRtree(whole).query(whole, predicate="intersects")
    pairs = earlier < later
    later, earlier = later[pairs], earlier[pairs]
    common = shapely.area(shapely.intersection(whole[later], whole[earlier])) > 0.0
    for row in np.unique(later[common]):
        own[row] = shapely.difference(whole[row], shapely.union_all(whole[earlier[common & (later == row)]]))
    return own


def _array(shapes: Polygons) -> NDArray[np.object_]:
    return np.array(shapes, dtype=object).reshape(-1)


def area_shares(grid: Grid, shapes: Polygons) -> sparse.csr_array:
    """
    Which share of every pixel lies in each area, by the pixel's own plane; partial pixels by `exactextract`.

    ``area_shares(grid, areas) @ people.ravel()`` are the people by area, for whatever people are left in the pixels.

    Parameters
    ----------
    grid : Grid
        Of any kind, whole or a window.
    shapes : array of polygons
        In EPSG:4326, valid, none over another (see :func:`apart`); one across the antimeridian may be split there or
        run on beyond 180 degrees.

    Returns
    -------
    scipy.sparse.csr_array
        A row per area and a last one for what lies in none; a column per pixel, in row-major order. Every column adds
        up to 1.

    Raises
    ------
    LayerError
        Where `exactextract` is not installed.
    """
    own = _array(shapes)
    parts = pixel_parts(grid, own)
    left = np.flatnonzero(parts.left)
    values = np.concatenate([parts.share, parts.left[left]])
    rows = np.concatenate([parts.area, np.full(left.size, own.size)])
    columns = np.concatenate([parts.pixel, left])
    return sparse.csr_array((values, (rows, columns)), shape=(own.size + 1, parts.left.size))


@dataclass(frozen=True, kw_only=True)
class Parts:
    """
    The pixels that areas touch: `area` and `pixel`, row by row, and the share of the pixel in the area.

    `left` is, for every pixel of the grid in row-major order, the share of it in no area.
    """

    area: NDArray[np.int64]
    pixel: NDArray[np.int64]
    share: NDArray[np.float64]
    left: NDArray[np.float64]


def pixel_parts(grid: Grid, shapes: Polygons) -> Parts:
    """
    Give the same as :func:`area_shares`, as it is found: a third of the cost where no matrix is needed.

    Parameters
    ----------
    grid : Grid
        Of any kind, whole or a window.
    shapes : array of polygons
        As for :func:`area_shares`.

    Raises
    ------
    LayerError
        Where `exactextract` is not installed.
    """
    area, pixel, share = _covered(grid, _array(shapes))
    whole = np.bincount(pixel, weights=share, minlength=grid.rows * grid.columns)
    # A pixel that is covered but for rounding is covered: its shares then are made to add up to 1.
    full = whole > 1.0 - _ROUNDING
    share = share / np.where(full, whole, 1.0)[pixel]
    return Parts(area=area, pixel=pixel, share=share, left=np.where(full, 0.0, 1.0 - whole))


def _covered(
    grid: Grid, shapes: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the pixels that shapes touch: shape, pixel, and the share of the pixel inside."""
    try:
        from exactextract import exact_extract  # noqa: PLC0415 - an extra
        from exactextract.raster import NumPyRasterSource  # noqa: PLC0415
    except ImportError as error:
        msg = "People by area need exactextract. Install it: pip install 'geo-coverage[raster]'."
        raise LayerError(msg) from error
    import geopandas as gpd  # noqa: PLC0415 - only to hand polygons over

    drawn, owner = _in_pixels(grid, shapes)
    if not owner.size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    source = NumPyRasterSource(
        np.broadcast_to(0.0, (grid.rows, grid.columns)), 0, -grid.rows, grid.columns, 0, srs_wkt=_PLANE
    )
    polygons = gpd.GeoDataFrame(geometry=drawn, crs=_PLANE)
    table = exact_extract(source, polygons, ["cell_id", "coverage"], output="pandas")
    pixel = np.concatenate(table["cell_id"].to_numpy()).astype(np.int64)
    share = np.concatenate(table["coverage"].to_numpy()).astype(np.float64)
    return np.repeat(owner, table["cell_id"].map(len).to_numpy()), pixel, share


def _in_pixels(grid: Grid, shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Draw polygons in columns and rows of the window (rows downward negative), and keep those that lie on it."""
    parts, owner = _polygons(shapes)
    window = shapely.box(0, -grid.rows, grid.columns, 0)
    drawn, owners = [], []
    for turn in (-_TURN, 0.0, _TURN) if grid.crs.is_geographic else (0.0,):
        some = _drawn(grid, parts, turn)
        near = shapely.intersects(shapely.envelope(some), window)
        drawn.append(some[near])
        owners.append(owner[near])
    return np.concatenate(drawn), np.concatenate(owners).astype(np.int64)


def _polygons(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Divide shapes into single polygons; what has no area is dropped."""
    parts, owner = shapes, np.arange(shapes.size)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    areal = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    return parts[areal], owner[areal]


def _drawn(grid: Grid, parts: NDArray[np.object_], turn: float) -> NDArray[np.object_]:
    a, b, c, d, e, f = grid.window_transform
    back = np.linalg.inv([[a, b], [d, e]]).T * [1.0, -1.0]
    to_grid = pyproj.Transformer.from_crs(WGS84, grid.crs, always_xy=True)

    def pixels(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        xy = xy if grid.is_plain else np.column_stack(to_grid.transform(*xy.T))
        return np.asarray((xy + np.array([turn - c, -f])) @ back)

    if not grid.is_plain:
        parts = shapely.segmentize(parts, _LONGEST_EDGE)
    drawn: NDArray[np.object_] = np.asarray(shapely.transform(parts, pixels))
    # Where a projection ends, far from its raster, there are no coordinates.
    placed = np.isfinite(shapely.bounds(drawn)).all(axis=1)
    drawn[~placed] = shapely.Polygon()
    return drawn
