"""Catchments: who belongs to which point, and the polygons in which a point is the nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.enums import TransformDirection

from geo.crs.systems import WGS84, to_wgs84
from geo.layers.place import centres, dissolved
from geo.layers.text import id_ranks
from geo.measure.overlay import intersections

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# Without areas, catchments end this share of the layer's extent beyond its outermost point.
_MARGIN = 0.05
_LEAST_MARGIN_DEGREES = 0.01
_LONGEST_EDGE_M = 5000.0


def place_of(points: gpd.GeoDataFrame) -> pd.Series:
    """
    Give the place that each point stands on, as the row of the point with the lowest id on the same spot.

    Points on one spot share one catchment; which of them a village visits cannot be told from a map.

    Parameters
    ----------
    points : GeoDataFrame
        With `point_id`, in any coordinate system.

    Returns
    -------
    Series
        On the points' index, labels of that index; missing where a point has no geometry.
    """
    spots = pd.DataFrame(centres(to_wgs84(points, "points")), columns=["lon", "lat"], index=points.index)
    spots["row"] = points.index
    spots = spots.iloc[np.argsort(id_ranks(points["point_id"].astype(str)))]
    return spots.groupby(["lon", "lat"], sort=False)["row"].transform("first").reindex(points.index).rename("place")


def people_per_place(villages: pd.DataFrame, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Count, for each point, the villages and people whose nearest point stands on its spot.

    Parameters
    ----------
    villages : DataFrame
        With `point_row`, the row of the nearest point, and `population` (NaN: unknown, counts as village only).
    points : GeoDataFrame
        With `point_id`.

    Returns
    -------
    DataFrame
        On the points' index: `place`, `villages` and `people`; points on one spot repeat the same numbers.
    """
    place = place_of(points)
    of_village = villages["point_row"].map(place)
    people = villages["population"].groupby(of_village).sum()
    return pd.DataFrame(
        {
            "place": place,
            "villages": place.map(of_village.value_counts()).fillna(0).astype(int),
            "people": place.map(people).fillna(0.0).astype(float),
        },
        index=points.index,
    )


def catchment_polygons(
    points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None = None, villages: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """
    Draw where each place is the nearest one: Voronoi polygons, clipped to the areas.

    They are made for drawing, on an azimuthal plane about the middle of the territory: in Lesotho, 250 km across, no
    spot of a border is more than 12 m nearer to one of its points than to the other. Who belongs to whom is computed by
    the exact distance, not by them. Land that is too wide for a plane is parted in degrees.

    Parameters
    ----------
    points : GeoDataFrame
        With `point_id`.
    areas : GeoDataFrame, optional
        What to clip to; without it, the extent of the points and villages and a margin.
    villages : GeoDataFrame, optional
        Only for the extent.

    Returns
    -------
    GeoDataFrame
        In EPSG:4326, one row per place: `point_ids` (all that stand there, comma between) and the polygon,
        empty where the clip leaves nothing.
    """
    located = to_wgs84(points, "points")
    located = located[located.geometry.notna() & ~located.geometry.is_empty]
    if not len(located):
        empty = gpd.GeoDataFrame({"point_ids": pd.Series(dtype="str")}, geometry=[], crs=WGS84)
        return empty.rename_axis("place")
    place = place_of(located)
    ids = _joined(located["point_id"], place)
    places = pd.DataFrame(centres(located), index=place.to_numpy()).groupby(level=0, sort=False).first().loc[ids.index]
    layers = [located] + ([to_wgs84(villages, "villages")] if villages is not None else [])
    polygons = _cells(places.to_numpy(), _clip(areas, layers))
    return gpd.GeoDataFrame({"point_ids": ids}, geometry=polygons, index=ids.index.rename("place"), crs=WGS84)


def _joined(ids: pd.Series, place: pd.Series) -> pd.Series:
    """Name each place by the ids that stand there; few places have more than one."""
    alone = ~place.duplicated(keep=False)
    shared = ids[~alone].groupby(place[~alone], sort=False).agg(", ".join)
    single = pd.Series(ids[alone].to_numpy(), index=place[alone].to_numpy(), dtype=ids.dtype)
    joined: pd.Series = pd.concat([single, shared.astype(ids.dtype)])
    return joined.reindex(place.unique()).rename("point_ids")


def _plane(spots: np.ndarray) -> pyproj.Transformer:
    lon, lat = np.median(spots, axis=0)
    system = pyproj.CRS.from_proj4(f"+proj=laea +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m")
    return pyproj.Transformer.from_crs(WGS84, system, always_xy=True)


def _moved(
    plane: pyproj.Transformer, xy: np.ndarray, direction: TransformDirection = TransformDirection.FORWARD
) -> np.ndarray:
    return np.column_stack(plane.transform(xy[:, 0], xy[:, 1], direction=direction))


def _clip(areas: gpd.GeoDataFrame | None, layers: list[gpd.GeoDataFrame]) -> BaseGeometry:
    """Give the land to part: the union of the areas, or a box about the layers."""
    if areas is not None and len(areas):
        return dissolved(to_wgs84(areas, "areas").geometry.to_numpy())
    places = np.vstack([centres(layer) for layer in layers])
    west, south = np.nanmin(places, axis=0)
    east, north = np.nanmax(places, axis=0)
    margin = max(_MARGIN * max(east - west, north - south), _LEAST_MARGIN_DEGREES)
    box: BaseGeometry = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return box


def _cells(places: np.ndarray, clip: BaseGeometry) -> np.ndarray:
    """Part the land on a plane, and cut the parts in degrees, so that they have the land's own border."""
    if len(places) == 1:
        return np.array([clip], dtype=object)
    plane = _plane(places)
    extent = shapely.transform(shapely.box(*shapely.bounds(clip)), lambda xy: _moved(plane, xy))
    flat = shapely.voronoi_polygons(shapely.multipoints(_moved(plane, places)), extend_to=extent, ordered=True)
    # A border that is straight on the plane bends in degrees: its corners stand close enough that the bend is metres.
    short = shapely.segmentize(shapely.get_parts(flat), _LONGEST_EDGE_M)
    cells = shapely.transform(short, lambda xy: _moved(plane, xy, TransformDirection.INVERSE))
    if not (np.isfinite(shapely.bounds(cells)).all() and shapely.is_valid(cells).all()):
        # Half the earth lies on no plane, as where a point was typed into another continent.
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=clip, ordered=True))
    shapely.prepare(clip)
    inner = shapely.contains_properly(clip, cells)
    cells[~inner] = intersections(cells[~inner], clip)
    return cells
