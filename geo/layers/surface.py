"""Area of polygons on the WGS84 ellipsoid."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.crs.systems import GEOD

if TYPE_CHECKING:
    from numpy.typing import NDArray


def area_km2(geometries: NDArray[np.object_]) -> NDArray[np.float64]:
    """
    Geodesic area of polygons whose edges are geodesics, whichever way round their rings are drawn.

    Parameters
    ----------
    geometries : NDArray[object]
        Shapely geometries in WGS84 degrees, or None (or NaN) where there is none. Holes are subtracted. Each ring
        must go round less than half of the Earth; rings may cross the antimeridian.

    Returns
    -------
    NDArray[float64]
        One area in km² per geometry, good to some tenths of a m²; 0 where it is missing, empty, or has points and
        lines alone.

    References
    ----------
    C. F. F. Karney (2013), section 6, as in `pyproj.Geod.polygon_area_perimeter`.

    Examples
    --------
    >>> area_km2(np.array([shapely.box(109, 11, 110, 12), None])).round(3).tolist()
    [12068.507, 0.0]
    """
    parts = np.array([None if isinstance(shape, float) else shape for shape in geometries], dtype=object)
    owners = np.arange(parts.size)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owners = owners[index]
    areal = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    rings, polygon = shapely.get_rings(parts[areal], return_index=True)
    # The first ring of a polygon is its outline; every other one is a hole.
    sign = np.where(np.diff(polygon, prepend=-1) != 0, 1.0, -1.0)
    square_km = sign * _ring_areas_m2(rings) / 1e6
    total = np.bincount(owners[areal][polygon], weights=square_km, minlength=len(geometries))
    return total.astype(np.float64, copy=False)


def _ring_areas_m2(rings: NDArray[np.object_]) -> NDArray[np.float64]:
    lon, lat = np.ascontiguousarray(shapely.get_coordinates(rings).T)
    ends = np.cumsum(shapely.get_num_coordinates(rings)).tolist()
    spans = [slice(start, end) for start, end in pairwise([0, *ends])]
    return np.abs([GEOD.polygon_area_perimeter(lon[span], lat[span])[0] for span in spans])
