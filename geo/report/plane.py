"""The plane that the picture is drawn on: equal-area about the middle of the study, y downward, in units of print."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.study.results import Results

_MARGIN = 30.0
_TALLEST = 1.15
_LEAST_M = 2_000.0


@dataclass(frozen=True)
class Plane:
    """
    How degrees become units of the picture, of which there are `per_m` in a metre at the middle.

    `left` and `top` are the metres of the plane at the upper left corner; the picture of the map is `height` high, and
    `land` square units of it are land: the areas, or without areas what lies between the villages and points.
    """

    lon: float
    lat: float
    left: float
    top: float
    per_m: float
    height: float
    land: float = 0.0

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Give the place of a position in the picture."""
        x, y = self._units(np.array([lon]), np.array([lat]))
        return float(x[0]), float(y[0])

    def places(self, rows: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the places of rows with `lon` and `lat`."""
        return self._units(rows["lon"].to_numpy(dtype=float), rows["lat"].to_numpy(dtype=float))

    def shapes(self, shapes: gpd.GeoSeries) -> NDArray[np.object_]:
        """Give polygons in the picture; nothing where there is none."""
        return np.asarray(
            shapely.transform(
                np.asarray(shapes, dtype=object), lambda pairs: np.column_stack(self._units(pairs[:, 0], pairs[:, 1]))
            ),
            dtype=object,
        )

    def _units(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x, y = _projected(lon, lat, self.lon, self.lat)
        return (x - self.left) * self.per_m, (self.top - y) * self.per_m


def plane_of(results: Results, width: float) -> Plane | None:
    """
    Find the plane that shows all areas, villages and points in a picture so wide; None where there are none.

    The middle is the direction in which they lie from the middle of the earth, so that a territory across the
    antimeridian is drawn in one piece.
    """
    lon, lat = _positions(results)
    if not len(lon):
        return None
    middle_lon, middle_lat = _middle(lon, lat)
    x, y = _projected(lon, lat, middle_lon, middle_lat)
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    across, down = max(np.ptp(x), _LEAST_M), max(np.ptp(y), _LEAST_M)
    inner = width - 2 * _MARGIN
    per_m = min(inner / across, (_TALLEST * width - 2 * _MARGIN) / down)
    height = down * per_m + 2 * _MARGIN
    plane = Plane(
        lon=middle_lon,
        lat=middle_lat,
        left=float((x.min() + x.max()) / 2 - width / 2 / per_m),
        top=float((y.min() + y.max()) / 2 + height / 2 / per_m),
        per_m=float(per_m),
        height=float(height),
    )
    return replace(plane, land=_land(results, plane))


def _land(results: Results, plane: Plane) -> float:
    if len(results.areas):
        return float(np.nansum(shapely.area(plane.shapes(results.areas.geometry))))
    pairs = [np.column_stack(plane.places(table)) for table in (results.villages, results.points)]
    return float(shapely.area(shapely.convex_hull(shapely.multipoints(np.concatenate(pairs)))))


def _positions(results: Results) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pairs = [shapely.get_coordinates(np.asarray(results.areas.geometry, dtype=object))]
    pairs += [table[["lon", "lat"]].to_numpy(dtype=float) for table in (results.villages, results.points)]
    together = np.concatenate(pairs)
    together = together[np.isfinite(together).all(axis=1)]
    return together[:, 0], together[:, 1]


def _middle(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[float, float]:
    # Of the box and not of the rows: a village more must not move the map.
    turned = np.radians(lon)
    mean = np.degrees(np.arctan2(np.sin(turned).mean(), np.cos(turned).mean()))
    away = (lon - mean + 180) % 360 - 180
    return float(mean + (away.min() + away.max()) / 2), float((lat.min() + lat.max()) / 2)


def _projected(
    lon: NDArray[np.float64], lat: NDArray[np.float64], middle_lon: float, middle_lat: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    system = f"+proj=laea +lon_0={middle_lon:.6f} +lat_0={middle_lat:.6f} +datum=WGS84 +units=m"
    x, y = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True).transform(lon, lat)
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)
