"""Draw 65 commune polygons of known size around known centres: a warped power diagram in a made-up outline.

The borders of a power diagram (Aurenhammer 1987, *SIAM Journal on Computing* 16) move with the weight of each
site, so that every cell can be given the area it should have. The straight edges are then bent by one smooth
map of the plane: as both sides of a border go through the same map, shared borders stay shared, vertex by vertex.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

LAEA = "+proj=laea +lat_0=11.7 +lon_0=108.9 +datum=WGS84 +units=m"
ROUNDS, LAST_ROUNDS, SITE_STEP = 60, 8, 0.3
CLOSING_M, OPENING_M = 7_000.0, 1_500.0
# Where the city stands the coast is sketched by hand: discs of land and of sea (x, y, radius in `LAEA` metres).
DELTA_M = ((11_000.0, -18_200.0, 2_000.0),)
BAY_M = ((20_900.0, -18_500.0, 6_900.0), (17_100.0, -14_800.0, 3_300.0))
STEP_M, STEPS_PER_LINE = (60.0, 350.0), 8
# Sites far outside close the outermost cells; facets no steeper than FLAT are the lid of the hull.
FLAT = 1e-9
FAR_SITES, FAR_M = 16, 300_000.0
# Length and push of the waves that bend borders; pushes stay far below lengths, so that nothing folds over.
WAVES = ((23_000.0, 850.0), (9_000.0, 420.0), (3_500.0, 150.0), (1_500.0, 65.0))
COAST_WAVES = ((13_000.0, 550.0), (6_000.0, 330.0), (2_600.0, 120.0))
WAVES_PER_OCTAVE = 7
DECIMALS = 6


class Warp(NamedTuple):
    """A smooth map of the plane: a sum of sine waves, each pushing across its own direction of travel."""

    wave: Floats
    push: Floats
    phase: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator, waves: tuple[tuple[float, float], ...]) -> "Warp":
        """Draw several waves for each pair of length and usual push, both in metres."""
        lengths = np.repeat([length for length, _ in waves], WAVES_PER_OCTAVE)
        pushes = np.repeat([push for _, push in waves], WAVES_PER_OCTAVE) / np.sqrt(WAVES_PER_OCTAVE)
        angle = rng.uniform(0, 2 * np.pi, lengths.size)
        lengths = lengths * rng.uniform(0.75, 1.35, lengths.size)
        along = np.column_stack([np.cos(angle), np.sin(angle)])
        across = np.column_stack([-np.sin(angle), np.cos(angle)])
        phase = rng.uniform(0, 2 * np.pi, lengths.size)
        return cls(along * (2 * np.pi / lengths)[:, None], across * pushes[:, None], phase)

    def apply(self, xy: Floats) -> Floats:
        """Move every position (metres)."""
        return xy + np.sin(xy @ self.wave.T + self.phase) @ self.push

    def undo(self, xy: Floats) -> Floats:
        """Give the positions that the map moves to `xy`, to within a metre or so."""
        before = xy
        for _ in range(30):
            before = before + 0.7 * (xy - self.apply(before))
        return before


def make_areas(centres: Floats, areas_km2: Floats, rng: np.random.Generator, total_km2: float) -> NDArray[np.object_]:
    """
    Draw one polygon per centre, without gaps or overlaps.

    Parameters
    ----------
    centres : ndarray, shape (n, 2)
        Longitude and latitude (WGS84) of each polygon's centre.
    areas_km2 : ndarray, shape (n,)
        Size each polygon should have, in km²; scaled so that they add up to `total_km2`.
    rng : numpy.random.Generator
        Where the waves of the borders come from.
    total_km2 : float
        Geodesic area of all polygons together, in km².

    Returns
    -------
    ndarray of shapely.Polygon
        WGS84, in the order of `centres`, counter-clockwise, coordinates rounded to six decimals.
    """
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform
    xy = np.column_stack(to_metres(centres[:, 0], centres[:, 1]))
    targets = areas_km2 * 1e6 * total_km2 / areas_km2.sum()
    warp, coast = Warp.draw(rng, WAVES), Warp.draw(rng, COAST_WAVES)
    outline = _moved(np.array([_outline(xy, targets)]), lambda at: warp.undo(coast.apply(at)))[0]
    cells = _fit(xy, targets, outline, warp)
    scale = np.sqrt(targets.sum() / shapely.area(cells).sum())
    cells = _moved(cells, lambda at: at * scale)
    return shapely.orient_polygons(_moved(cells, _to_degrees))


def _outline(xy: Floats, targets: Floats) -> BaseGeometry:
    """Join discs of the communes' sizes, close the gaps between them, round the corners, keep the total."""
    discs = shapely.buffer(shapely.points(xy), np.sqrt(targets / np.pi))
    blob = shapely.union_all(discs).buffer(CLOSING_M).buffer(-CLOSING_M)
    delta, bay = (shapely.union_all([shapely.Point(x, y).buffer(r) for x, y, r in at]) for at in (DELTA_M, BAY_M))
    blob = blob.union(delta).difference(bay).buffer(-OPENING_M).buffer(OPENING_M)
    low, high = -5_000.0, 5_000.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if blob.buffer(middle).area < targets.sum() else (low, middle)
    return shapely.segmentize(blob.buffer(low).simplify(20), STEP_M[1])


def _fit(xy: Floats, targets: Floats, outline: BaseGeometry, warp: Warp) -> NDArray[np.object_]:
    """Move sites and weights until each cell has its size and its centroid lies near its centre."""
    sites, weights = warp.undo(xy), np.zeros(len(xy))
    cells = _cells(sites, weights, outline, warp)
    for turn in range(ROUNDS):
        areas = shapely.area(cells)
        wanted = targets * areas.sum() / targets.sum()
        heavier = _newton(sites, weights, wanted - areas, outline)
        pull = xy - shapely.get_coordinates(shapely.centroid(cells))
        pull *= SITE_STEP * (turn < ROUNDS - LAST_ROUNDS)
        part = 1.0
        while True:
            cells = _cells(sites + part * pull, weights + part * heavier, outline, warp)
            if (shapely.area(cells) >= np.minimum(areas, wanted) / 2).all():
                break
            part /= 2
        sites, weights = sites + part * pull, weights + part * heavier
    return cells


def _newton(sites: Floats, weights: Floats, missing: Floats, outline: BaseGeometry) -> Floats:
    """Give the change of weights that would add the `missing` areas if borders moved without turning."""
    edges, pairs = _power_edges(sites, weights)
    i, j = pairs.T
    rate = shapely.length(shapely.intersection(edges, outline)) / np.hypot(*(sites[i] - sites[j]).T) / 2
    flow = np.zeros((len(sites), len(sites)))
    np.add.at(flow, (i, j), rate)
    flow += flow.T
    heavier: Floats = np.linalg.lstsq(np.diag(flow.sum(axis=1)) - flow, missing)[0].astype(float)
    return heavier


def _cells(sites: Floats, weights: Floats, outline: BaseGeometry, warp: Warp) -> NDArray[np.object_]:
    """Give the warped power cells of all sites within the outline, in the order of the sites."""
    lines = shapely.get_parts(shapely.union_all([*_power_edges(sites, weights)[0], outline.boundary]))
    steps = np.clip(shapely.length(lines) / STEPS_PER_LINE, *STEP_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.segmentize(lines, steps)))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    within = shapely.contains_xy(outline, inside)
    faces, inside = faces[within], inside[within]
    power = ((inside[:, None, :] - sites[None, :, :]) ** 2).sum(axis=2) - weights
    faces, owner = _moved(faces, warp.apply), _without_islands(faces, power.argmin(axis=1))
    return np.array([shapely.coverage_union_all(faces[owner == site]) for site in range(len(sites))])


def _without_islands(faces: NDArray[np.object_], owner: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give every part that a bay cut off from its cell to the neighbour with the longest border."""
    areas, owner = shapely.area(faces), owner.copy()
    for small in np.flatnonzero([(areas[owner == site] > area).any() for site, area in zip(owner, areas, strict=True)]):
        shared = shapely.length(shapely.intersection(faces[small].boundary, shapely.boundary(faces)))
        owner[small] = owner[np.where(owner == owner[small], 0, shared).argmax()]
    return owner


def _power_edges(sites: Floats, weights: Floats) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Give the edges of the power diagram: the duals of the lower hull of the sites lifted to x² + y² - w."""
    turn = np.arange(FAR_SITES) * 2 * np.pi / FAR_SITES
    ring = FAR_M * np.column_stack([np.cos(turn), np.sin(turn)])
    flat = np.vstack([sites, ring])
    height = (flat**2).sum(axis=1) - np.concatenate([weights, np.zeros(FAR_SITES)])
    hull = ConvexHull(np.column_stack([flat / 1e4, height / 1e8]))
    vertices = -hull.equations[:, :2] / hull.equations[:, 2:3] / 2 * 1e4
    lower = hull.equations[:, 2] < -FLAT
    facet, side = np.nonzero(lower[:, None] & lower[hull.neighbors])
    keep = facet < hull.neighbors[facet, side]
    facet, side = facet[keep], side[keep]
    pairs = np.sort(hull.simplices[facet[:, None], (side[:, None] + [1, 2]) % 3], axis=1)
    ours = pairs[:, 1] < len(sites)
    ends = np.stack([vertices[facet], vertices[hull.neighbors[facet, side]]], axis=1)
    return np.asarray(shapely.linestrings(ends[ours])), pairs[ours]


def _moved(shapes: NDArray[np.object_], move: Callable[[Floats], Floats]) -> NDArray[np.object_]:
    """Move every vertex, each position once: a vertex that two shapes share stays shared to the last bit."""
    at, use = np.unique(shapely.get_coordinates(shapes), axis=0, return_inverse=True)
    return shapely.set_coordinates(shapes.copy(), move(at)[use.ravel()])


def _to_degrees(xy: Floats) -> Floats:
    """Give longitude and latitude, rounded as they are written."""
    to_degrees = pyproj.Transformer.from_crs(LAEA, "EPSG:4326", always_xy=True).transform
    return np.column_stack(to_degrees(xy[:, 0], xy[:, 1])).round(DECIMALS)
