"""Access to service points: for each village the nearest point and its distance, and the shares within a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.crs.systems import to_wgs84
from geo.errors import FigureError
from geo.layers.place import centres
from geo.layers.text import id_ranks
from geo.measure.nearest import TIE_M, nearest

if TYPE_CHECKING:
    import geopandas as gpd


def nearest_point(villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Find the nearest service point of each village, exactly.

    The distance is the geodesic on WGS84, as the crow flies, from the village (a point on its surface where it is a
    polygon) to the point. Points within a micrometre of the nearest are tied, and the lowest id wins: whole numbers
    before other ids and by their value, so that the order of the rows does not matter.

    Parameters
    ----------
    villages : GeoDataFrame
        Points or polygons in any coordinate system.
    points : GeoDataFrame
        Points (or polygons) in any coordinate system, with `point_id`; without that column the index is the id.

    Returns
    -------
    DataFrame
        On the villages' index and in their order: `point_id`, and `distance_km`. Both are missing where the village
        has no geometry or where there is no point.

    Raises
    ------
    CRSError
        Where a layer has no coordinate system.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> villages = gpd.GeoDataFrame(geometry=[Point(108.9, 11.5), Point(109.0, 11.5)], index=[7, 8], crs=4326)
    >>> points = gpd.GeoDataFrame({"point_id": ["p1"]}, geometry=[Point(108.9, 11.5)], crs=4326)
    >>> nearest_point(villages, points).round(3)
      point_id  distance_km
    7       p1         0.00
    8       p1        10.91
    """
    position, distance_km = nearest_position(villages, points)
    return pd.DataFrame(
        {"point_id": taken(_ids(points), position).array, "distance_km": distance_km}, index=villages.index
    )


def nearest_position(villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the nearest service point of each village as its position in the table; ids may repeat, positions do not.

    Returns
    -------
    tuple of ndarray
        The position among the rows of `points` (-1 where there is none), and the distance in km (NaN there).
    """
    lon, lat = centres(to_wgs84(villages, "villages")).T
    point_lon, point_lat = centres(to_wgs84(points, "points")).T
    found = nearest(lon, lat, point_lon, point_lat, rank=id_ranks(_ids(points).astype(str)))
    return found.index, found.distance_m / 1000


def with_nearest(own: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Add `point_id` and `distance_km` to a layer's own rows; those that are not among the villages get neither.

    A column of the rows that has such a name already is kept as ``point_id (own)``.

    Parameters
    ----------
    own : GeoDataFrame
        All rows, with the columns and the system that they came with.
    villages : GeoDataFrame
        Those of the rows that can be measured, on the same index.
    points : GeoDataFrame
        With `point_id`.
    """
    near = nearest_point(villages, points).reindex(own.index)
    kept = own.rename(columns={name: f"{name} (own)" for name in near.columns if name in own})
    return kept.assign(point_id=near["point_id"], distance_km=near["distance_km"])


def taken(values: pd.Series, position: np.ndarray) -> pd.Series:
    """Take values by position; missing where the position is -1."""
    return values.reset_index(drop=True).reindex(position)


def _ids(points: gpd.GeoDataFrame) -> pd.Series:
    ids: pd.Series = points["point_id"] if "point_id" in points else points.index.to_series()
    return ids


def within(distance_km: pd.Series, limit_km: float) -> pd.Series:
    """Tell which distances are at most the limit; a micrometre, to which distances are exact, is no excess."""
    return distance_km <= limit_km + TIE_M / 1000


@dataclass(frozen=True, kw_only=True)
class ShareWithin:
    """
    How many live within a limit of a service point.

    `villages` and `people` are shares of those known, 0 to 1 (NaN where nothing is known); the other numbers are what
    they were computed from.
    """

    within_km: float
    villages: float
    people: float
    villages_within: int
    villages_known: int
    people_within: float
    people_known: float


def share_within(villages: gpd.GeoDataFrame, near: pd.DataFrame, *, within_km: float) -> ShareWithin:
    """
    Give the share of villages, and of their people, at most so far from their nearest point.

    Parameters
    ----------
    villages : GeoDataFrame
        With `population`, people; without that column the share of people is NaN.
    near : DataFrame
        What :func:`nearest_point` gave for them.
    within_km : float
        The limit, in km; a village at the limit, to a micrometre, is within it.

    Returns
    -------
    ShareWithin
        A village without a place counts nowhere; one without a population counts among villages only.

    Raises
    ------
    FigureError
        Where the limit is negative or no number.
    """
    if not within_km >= 0:
        msg = f"within_km is {within_km}: a distance is zero or more."
        raise FigureError(msg)
    distance = near["distance_km"].reindex(villages.index)
    people = villages["population"] if "population" in villages else pd.Series(np.nan, index=villages.index)
    people = people.where(people >= 0)
    inside = within(distance, within_km)
    known = distance.notna()
    people_within, people_known = float(people[inside].sum()), float(people[known].sum())
    return ShareWithin(
        within_km=within_km,
        villages=inside.sum() / known.sum() if known.any() else np.nan,
        people=people_within / people_known if people_known else np.nan,
        villages_within=int(inside.sum()),
        villages_known=int(known.sum()),
        people_within=people_within,
        people_known=people_known,
    )
