"""Draw made-up 3G and 4G footprints of three made-up operators around invented cell sites."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from make_areas import LAEA
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OPERATORS = (("Nhà mạng A", 0.76), ("Nhà mạng B", 0.58), ("Nhà mạng C", 0.36))
UNCOVERED_4G_SHARE = 0.10
CLEAR_M, NEIGHBOUR_M, SMOOTH_M, SIMPLIFY_M = 320.0, 900.0, 120.0, 35.0
REACH_3G_M, REACH_4G_M = (3_200.0, 5_200.0), (1_700.0, 3_600.0)


class Sites(NamedTuple):
    """One invented site per village: where it stands, which operators use it, what it must not reach."""

    xy: Floats
    hosts: NDArray[np.bool_]
    province: shapely.Geometry


def make_coverage(villages: pd.DataFrame, polygons: NDArray[np.object_], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """
    Give one footprint per technology and operator.

    All operators together reach every village with 3G and all but the loneliest tenth with 4G. The lonely ones
    are those with the fewest people around them; the first village of a commune, its seat, is never one.

    Parameters
    ----------
    villages : DataFrame
        ``x`` and ``y`` in metres (`LAEA`), ``population``, ``row`` (number of the commune).
    polygons : ndarray of shapely.Polygon
        The communes, WGS84; nothing reaches beyond them.
    rng : numpy.random.Generator
        Which operator uses which site, and how far it reaches.

    Returns
    -------
    GeoDataFrame
        ``technology``, ``operator`` and polygons in WGS84, five decimals.
    """
    province = gpd.GeoSeries([shapely.union_all(polygons)], crs="EPSG:4326").to_crs(LAEA).iloc[0]
    hosts = rng.uniform(size=(len(villages), len(OPERATORS))) < [share for _, share in OPERATORS]
    hosts[~hosts.any(axis=1), 0] = True
    sites = Sites(villages[["x", "y"]].to_numpy(), hosts, province)
    dark = lonely(villages)
    rows = []
    for technology, reach, without in (("3G", REACH_3G_M, np.zeros_like(dark)), ("4G", REACH_4G_M, dark)):
        discs = _discs(sites, reach, without, rng)
        for column, (operator, _) in enumerate(OPERATORS):
            shape = _footprint(discs[sites.hosts[~without, column]], province)
            rows.append({"technology": technology, "operator": operator, "geometry": shape})
    return _rounded(gpd.GeoDataFrame(rows, crs=LAEA).to_crs("EPSG:4326"))


def lonely(villages: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the tenth of the villages with the fewest people around, seats of communes and their neighbours aside."""
    xy = villages[["x", "y"]].to_numpy()
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    people = np.exp(-((apart / 3_000.0) ** 2)) @ villages["population"].to_numpy(float)
    seat = ~villages["row"].duplicated().to_numpy()
    people[(apart[:, seat] < NEIGHBOUR_M).any(axis=1)] = np.inf
    dark = np.zeros(len(villages), dtype=bool)
    for village in np.argsort(people, kind="stable"):
        close = (apart[village] < NEIGHBOUR_M) & ~dark
        if dark.sum() + close.sum() <= round(UNCOVERED_4G_SHARE * len(villages)) and np.isfinite(people[close]).all():
            dark |= close
    return dark


def _discs(
    sites: Sites, reach: tuple[float, float], without: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Draw a lobed disc around every site but those `without`, clear of the villages `without`."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    here = sites.xy[~without]
    far = rng.uniform(*reach, len(here))
    if without.any():
        nearest = np.linalg.norm(here[:, None] - sites.xy[without][None], axis=2).min(axis=1)
        far = np.minimum(far, nearest - CLEAR_M)
    waves = np.arange(2, 6)
    phase = rng.uniform(0, 2 * np.pi, (len(here), waves.size))
    depth = rng.uniform(0, 0.2, (len(here), waves.size)) / waves
    lobes = (depth[:, :, None] * (1 + np.cos(waves[None, :, None] * turn + phase[:, :, None])) / 2).sum(axis=1)
    radius = far[:, None] * (1 - lobes)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    return np.asarray(shapely.polygons(here[:, None] + radius[:, :, None] * ring))


def _footprint(discs: NDArray[np.object_], province: shapely.Geometry) -> shapely.Geometry:
    """Join the discs, round their notches, thin out their vertices, and cut off what lies beyond the province."""
    joined = shapely.union_all(discs).buffer(SMOOTH_M).buffer(-SMOOTH_M).simplify(SIMPLIFY_M)
    return shapely.intersection(joined, province)


def _rounded(footprints: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Round to five decimals (a metre), keeping every polygon valid."""
    shapes = shapely.orient_polygons(shapely.set_precision(footprints.geometry.to_numpy(), 1e-5))
    return footprints.set_geometry(gpd.GeoSeries(shapes, index=footprints.index, crs=footprints.crs))
