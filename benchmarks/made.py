"""Made-up layers to measure with, the same in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
COUNTRY: Box = (102.0, 8.5, 110.0, 23.5)
CONTINENT: Box = (90.0, 0.0, 120.0, 30.0)
_BODIES = 5


def places(seed: int, count: int, box: Box) -> NDArray[np.float64]:
    """Give longitudes and latitudes in random order: half about towns, the nearer the more, and half anywhere."""
    random = np.random.default_rng(seed)
    west, south, east, north = box
    low, high = np.array([[west], [south]]), np.array([[east], [north]])
    anywhere = random.uniform(low, high, (2, count))
    town = random.integers(0, count, max(count // 200, 1))
    of = town[random.integers(0, town.size, count // 2)]
    turn = random.uniform(0, 2 * np.pi, of.size)
    reach = random.exponential(0.05, of.size)
    anywhere[:, : of.size] = anywhere[:, of] + reach * np.stack([np.cos(turn), np.sin(turn)])
    return np.clip(anywhere[:, random.permutation(count)], low, high)


def layer(lon_lat: NDArray[np.float64], key: str) -> gpd.GeoDataFrame:
    """Make a layer of points, with ids."""
    ids = [f"{key[0]}{number:08d}" for number in range(lon_lat.shape[1])]
    return gpd.GeoDataFrame({f"{key}_id": ids}, geometry=gpd.points_from_xy(*lon_lat), crs=4326)


def footprints(seed: int, box: Box, vertices: int = 270_000, side: int = 8) -> gpd.GeoDataFrame:
    """
    Give side x side footprints of three operators, each of five ragged bodies around a tile of its own.

    Where its bodies overlap they are joined, which leaves nine in ten of the vertices.
    """
    random = np.random.default_rng(seed)
    west, south, east, north = box
    tile_size = np.array([(east - west) / side, (north - south) / side])
    shapes = []
    for tile in range(side * side):
        corner = np.array([west, south]) + tile_size * [tile % side, tile // side]
        bodies = []
        for _ in range(_BODIES):
            at = corner + tile_size * random.uniform(-0.3, 1.3, 2)
            size = tile_size * 0.2 * random.lognormal(0, 0.4)
            bodies.append(_ragged(random, at, size, vertices // (side * side * _BODIES)))
        shapes.append(shapely.union_all(bodies))
    columns = {"technology": "4G", "operator": [f"Operator {number % 3}" for number in range(len(shapes))]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def ragged(seed: int, lon_lat: NDArray[np.float64], degrees: float, corners: int) -> NDArray[np.object_]:
    """Give one ragged polygon about each place."""
    random = np.random.default_rng(seed)
    sizes = degrees * random.lognormal(0, 0.5, lon_lat.shape[1])
    shapes = [_ragged(random, at, np.array([size, size]), corners) for at, size in zip(lon_lat.T, sizes, strict=True)]
    return np.array(shapes, dtype=object)


def _ragged(
    random: np.random.Generator, at: NDArray[np.float64], size: NDArray[np.float64], corners: int
) -> shapely.Polygon:
    """Draw a star-shaped outline with bays, capes, and a rough border."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    waves = np.arange(2, 40)
    phase = random.uniform(0, 2 * np.pi, waves.size)
    rough = (random.normal(0, 1, waves.size) / waves) @ np.sin(np.outer(waves, angle) + phase[:, None])
    reach = np.maximum(1 + 0.12 * rough + 0.01 * random.normal(0, 1, corners), 0.2)
    x, y = at[0] + size[0] * reach * np.cos(angle), at[1] + size[1] * reach * np.sin(angle)
    return shapely.Polygon(np.column_stack([x, y]))
