"""Which areas can be compared in bounded work: counted in pairs of edges, so that the answer is that of any machine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MOST_MEETINGS, MOST_MEETINGS_PER_EDGE = 100_000, 10
"""So many edges of different areas may meet in a layer, and so many more per edge; on a map each meets 1.5."""

MOST_NEAR_TIMES_EDGES, MOST_NEAR = 1_000_000_000, 50_000
"""
Pairs of edges near each other but far along the outline, times the edges, round which a buffer is drawn; and more
pairs for any number of edges.
"""

MOST_TANGLED, MOST_TANGLED_ALONE, _MOST_TANGLED_PER_EDGE = 100_000, 10_000, 10
"""So often may two borders cross, or one itself, beyond ten times an edge; 100,000 crossings take 2 s and 100 MB."""

# Where polygons are tested for fitting together, edges along an axis between the same two ends of it are as one, and
# each is held against all others.
_MOST_ALIKE, _MOST_ALIKE_PER_EDGE = 30_000_000, 1_000
# Pairs whose bounds alone have something in common cost a hundredth of those that meet, and are bounded apart.
_MOST_LOOKED, _MOST_LOOKED_PER_EDGE = 10_000_000, 50
# An outline is near itself along so many distances, and corners may lie a metre from one another.
_ALONG, _MOST_NEAR_PER_EDGE = 6, 300
# Buffers of different polygons are joined as wholes: a pair of their edges costs as much as one of a polygon of 250.
_ACROSS = 250
# No one area may use up what the others need.
_MOST_LOOKED_SHARE = 0.25
_PIECE = 16
# Runs of edges are so small that few of them meet: up to so many edges beside each, edges are not looked at one by one.
_ROUGHLY_PER_EDGE = 300
# Where borders crowd, so many edges are looked at, drawn by lot; of a polygon with no more than a thousand, all.
_MOST_EDGES, _FEW_EDGES = 400_000, 1_000
# So many answers are held in memory at once, but for those of one edge.
_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Edges:
    """Straight lines from corner to corner: their ends, the polygon of each, and which run of neighbours it is in."""

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    owner: NDArray[np.intp]
    run: NDArray[np.intp]

    @classmethod
    def of(cls, polygons: NDArray[np.object_]) -> Edges:
        """Take polygons apart; the edges of each follow one another, in runs of 16 or fewer."""
        parts, whose = shapely.get_parts(polygons, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        corners, ring = shapely.get_coordinates(rings, return_index=True)
        along = np.flatnonzero(ring[1:] == ring[:-1])
        position = along - np.searchsorted(ring, ring[along])
        run = np.cumsum(position % _PIECE == 0) - 1
        return cls(corners[along], corners[along + 1], whose[part[ring[along]]], run)

    def drawn(self) -> tuple[Edges, NDArray[np.intp], NDArray[np.float64]]:
        """
        Draw some edges of each polygon by lot, the same on every machine.

        Beside them stand their positions, and for how many of its polygon each of them stands.
        """
        sizes = np.bincount(self.owner)
        most = max(_FEW_EDGES, _MOST_EDGES // max(1, int((sizes > 0).sum())))
        lots = np.random.default_rng(0).random(len(self.owner))
        some = np.flatnonzero(lots * sizes[self.owner] <= most)
        _, run = np.unique(self.run[some], return_inverse=True)
        chosen = Edges(self.start[some], self.end[some], self.owner[some], np.asarray(run, dtype=np.intp).ravel())
        return chosen, some, np.maximum(1.0, sizes / most)[chosen.owner]

    @property
    def bounds(self) -> NDArray[np.float64]:
        """Give (west, south, east, north) of each edge."""
        return np.hstack([np.minimum(self.start, self.end), np.maximum(self.start, self.end)])


def tangled(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """
    Tell which polygons have a border that crosses itself, or that of one earlier polygon, far more often than it bends.

    A border that was drawn twice crosses itself about once an edge. One that crosses more than ten times an edge, and
    :data:`MOST_TANGLED` times (itself: :data:`MOST_TANGLED_ALONE`), has no shape that anybody meant; what it would fall
    into grows with the square of its corners, and so would time and memory.

    Parameters
    ----------
    polygons : ndarray of polygons
        In any one plane system; valid or not; None is not tangled.

    Examples
    --------
    >>> tangled(shapely.box([105, 106], 20, [106, 107], 21)).tolist()
    [False, False]
    """
    found = np.zeros(len(polygons), dtype=bool)
    sizes = shapely.get_num_coordinates(polygons)
    large = np.flatnonzero(sizes.astype(float) ** 2 > 2 * MOST_TANGLED_ALONE)
    broken = large[~shapely.is_valid(polygons[large])]
    found[broken] = _crossing_themselves(polygons[broken])
    beside = np.flatnonzero(~found & (sizes.astype(float) * sizes.max(initial=0) > MOST_TANGLED))
    if not comparable(polygons[beside]).all():
        found[beside] = _crossing_another(polygons[beside])
    return found


def comparable(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """
    Tell which polygons can be compared with one another in work that is in proportion to their corners.

    Those whose edges meet edges of others most often are left out until what remains meets no more often than
    :data:`MOST_MEETINGS` and :data:`MOST_MEETINGS_PER_EDGE` say. A meeting counts for the later one of two polygons,
    so that of a heap of equal ones the first are kept.

    Parameters
    ----------
    polygons : ndarray of polygons
        Valid, in any one plane system.

    Examples
    --------
    >>> comparable(shapely.box([105, 106], 20, [106, 107], 21)).tolist()
    [True, True]
    """
    edges = Edges.of(polygons)
    number = len(edges.owner)
    most = MOST_MEETINGS + MOST_MEETINGS_PER_EDGE * number
    if number * (number - 1) / 2 <= most:
        return np.ones(len(polygons), dtype=bool)
    beside = _beside(edges)
    if beside is not None and beside.sum() <= MOST_MEETINGS + _ROUGHLY_PER_EDGE * number:
        return np.ones(len(polygons), dtype=bool)
    return cheapest(_meetings(edges, len(polygons), most), most)


def are_told_apart(polygons: NDArray[np.object_]) -> bool:
    """
    Tell whether the edges of polygons can be told apart in bounded work where these are tested for a coverage.

    They cannot where thousands of edges run east and west between the same two meridians, or north and south between
    the same two parallels, as the teeth of a comb.
    """
    corners = shapely.get_coordinates(polygons)
    most = _MOST_ALIKE + _MOST_ALIKE_PER_EDGE * len(corners)
    alike = 0.0
    for along, across in (corners.T, corners.T[::-1]):
        parallel = across[1:] == across[:-1]
        ends = np.sort(np.column_stack([along[1:], along[:-1]])[parallel], axis=1)
        alike += float((np.unique(ends, axis=0, return_counts=True)[1].astype(float) ** 2).sum())
    return alike <= most


def buffered(polygons: NDArray[np.object_], distance: float) -> NDArray[np.bool_]:
    """
    Tell round which polygons a buffer can be drawn in work that is in proportion to their corners.

    That work grows with the edges and with how many pairs of them lie within two distances of each other, but not
    along the outline: there buffers run into one another, as between the teeth of a comb. Polygons with most of both
    are left out until what remains is within what :data:`MOST_NEAR_TIMES_EDGES` and :data:`MOST_NEAR` say.

    Parameters
    ----------
    polygons : ndarray of polygons
        Without holes, in any one plane system.
    distance : float
        Of the buffer, in the unit of the system.
    """
    edges = Edges.of(polygons)
    number = len(edges.owner)
    most = MOST_NEAR_TIMES_EDGES + MOST_NEAR * number
    if number**3 <= most:
        return np.ones(len(polygons), dtype=bool)
    return cheapest(_near(edges, len(polygons), distance), most)


def slices(each: NDArray[np.intp]) -> Iterator[slice]:
    """Cut a row of things into slices that give so many answers together, but for those of the last of each."""
    cuts = np.flatnonzero(np.diff((np.cumsum(each) - each) // _AT_ONCE)) + 1
    yield from (slice(one, other) for one, other in pairwise([0, *cuts.tolist(), len(each)]) if other > one)


def cheapest(costs: NDArray[np.float64], most: float) -> NDArray[np.bool_]:
    """Give those that cost least, as many as can be paid together; of equal ones the first."""
    order = np.argsort(costs, kind="stable")
    kept = np.zeros(len(costs), dtype=bool)
    kept[order] = np.cumsum(costs[order]) <= most
    return kept


def few_pairs(
    tree: shapely.STRtree, boxes: NDArray[np.object_], most: int = _MOST_LOOKED
) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """
    Give the pairs of a box and what its bounds meet in a tree, box by box, until they are too many.

    Parameters
    ----------
    tree : STRtree
        Of geometries.
    boxes : ndarray of geometries
        Whose bounds are looked up.
    most : int
        So many pairs are enough for any number of boxes; 50 more for each.

    Returns
    -------
    tuple of ndarray of int, ndarray of int and int
        Positions of the boxes and, beside them, in the tree; and how many boxes have all their pairs among these.
    """
    found, looked = [np.empty((2, 0), dtype=np.intp)], 0
    for some in slices(np.full(len(boxes), len(tree.geometries))):
        if looked > most + _MOST_LOOKED_PER_EDGE * len(boxes):
            return (*np.concatenate(found, axis=1), some.start)
        box, other = tree.query(boxes[some])
        found.append(np.vstack([box + some.start, other]))
        looked += len(box)
    return (*np.concatenate(found, axis=1), len(boxes))


def _beside(edges: Edges, grown: float = 0.0) -> NDArray[np.intp] | None:
    """Give per edge how many there are in the runs whose bounds meet those of its own; None of too many runs."""
    first = np.flatnonzero(np.diff(edges.run, prepend=-1))
    low, high = edges.bounds[:, :2] - grown, edges.bounds[:, 2:] + grown
    boxes = _boxes(np.minimum.reduceat(low, first), np.maximum.reduceat(high, first))
    tree, sizes, total = shapely.STRtree(boxes), np.bincount(edges.run), 0
    beside = np.zeros(len(boxes))
    for some in slices(np.full(len(boxes), len(boxes))):
        if total > _MOST_LOOKED + _MOST_LOOKED_PER_EDGE * len(boxes):
            return None
        run, other = tree.query(boxes[some])
        beside[some] = np.bincount(run, weights=sizes[other], minlength=some.stop - some.start)
        total += len(run)
    return np.asarray(beside.astype(np.intp)[edges.run])


def _looked(
    edges: Edges, beside: NDArray[np.intp] | None, costs: NDArray[np.float64], grown: float = 0.0
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """
    Give the pairs of edges whose bounds meet, some at a time, each pair from both sides.

    Edges are passed over whose polygon costs infinitely much; and it does so from where it, or all before it, was
    looked at too often. Where bounds are grown, by half the distance that is near, more of them meet, and no single
    polygon is one too many.
    """
    number = len(edges.owner)
    low, high = edges.bounds[:, :2] - grown, edges.bounds[:, 2:] + grown
    boxes = _boxes(low, high)
    tree, total, looked = shapely.STRtree(boxes), 0, np.zeros(len(costs))
    per_edge, share = (_MOST_NEAR_PER_EDGE, 1.0) if grown else (_MOST_LOOKED_PER_EDGE, _MOST_LOOKED_SHARE)
    limit = _MOST_LOOKED + per_edge * number
    for some in slices(np.full(number, number) if beside is None else beside):
        if total > limit:
            costs[edges.owner[some.start] :] = np.inf
            return
        asked = np.arange(some.start, some.stop)
        asked = asked[np.isfinite(costs[edges.owner[asked]])]
        one, other = tree.query(boxes[asked])
        yield asked[one], other
        total += len(one)
        np.add.at(looked, edges.owner[asked[one]], 1)
        owners = edges.owner[asked]
        costs[owners[looked[owners] > share * limit]] = np.inf


def _meetings(edges: Edges, polygons: int, most: float) -> NDArray[np.float64]:
    """Give per polygon how often its edges meet those of earlier ones; infinity where they were not all counted."""
    meetings = np.zeros(polygons)
    edges, _, times = edges.drawn()
    for one, other in _looked(edges, _beside(edges), meetings):
        earlier = edges.owner[other] < edges.owner[one]
        later, former = one[earlier], other[earlier]
        meeting = _meet(edges, later, former)
        owners = edges.owner[later[meeting]]
        np.add.at(meetings, owners, times[later[meeting]] * times[former[meeting]])
        meetings[owners[meetings[owners] > most]] = np.inf
    return meetings


def _crossing_themselves(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which polygons' own edges cross too often."""
    crossings = np.zeros(len(polygons))
    if not len(polygons):
        return np.zeros(0, dtype=bool)
    edges = Edges.of(polygons)
    most = MOST_TANGLED_ALONE + _MOST_TANGLED_PER_EDGE * np.bincount(edges.owner, minlength=len(polygons))
    edges, _, times = edges.drawn()
    for one, other in _looked(edges, _beside(edges), crossings):
        own = (edges.owner[one] == edges.owner[other]) & (one < other)
        one, other = one[own], other[own]  # noqa: PLW2901 - the pairs that count
        crossing = one[_meet(edges, one, other)]
        np.add.at(crossings, edges.owner[crossing], times[crossing] ** 2)
        crossings[crossings > most] = np.inf
    return np.isinf(crossings)


def _crossing_another(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which polygons' edges cross those of one earlier polygon too often."""
    found = np.zeros(len(polygons), dtype=bool)
    if not len(polygons):
        return found
    edges = Edges.of(polygons)
    sizes = np.bincount(edges.owner, minlength=len(polygons))
    crossings: dict[int, float] = {}
    edges, _, times = edges.drawn()
    for one, other in _looked(edges, _beside(edges), np.zeros(len(polygons))):
        earlier = edges.owner[other] < edges.owner[one]
        later, former = one[earlier], other[earlier]
        meeting = _meet(edges, later, former)
        later, former = later[meeting], former[meeting]
        pairs, which = np.unique(edges.owner[later] * len(polygons) + edges.owner[former], return_inverse=True)
        numbers = np.bincount(which.ravel(), weights=times[later] * times[former], minlength=len(pairs))
        for pair, number in zip(pairs.tolist(), numbers.tolist(), strict=True):
            crossings[pair] = crossings.get(pair, 0) + number
            late, early = divmod(pair, len(polygons))
            most = MOST_TANGLED + _MOST_TANGLED_PER_EDGE * (sizes[late] + sizes[early])
            found[late] |= crossings[pair] > most
    return found


def _near(edges: Edges, polygons: int, distance: float) -> NDArray[np.float64]:
    """
    Give per polygon what its buffer costs: two edges near each other, but not along the outline, cost all its edges.

    Infinity as of meetings.
    """
    ends = np.cumsum(np.hypot(*(edges.end - edges.start).T))
    starts = np.append(0.0, ends[:-1])
    near, sizes = np.zeros(polygons), np.bincount(edges.owner, minlength=polygons)
    edges, some, times = edges.drawn()
    starts, ends = starts[some], ends[some]
    for one, other in _looked(edges, _beside(edges, distance), near, distance):
        along = np.maximum(starts[one], starts[other]) - np.minimum(ends[one], ends[other])
        across = edges.owner[one] != edges.owner[other]
        weights = times[one] * times[other] * np.where(across, _ACROSS, sizes[edges.owner[one]])
        counted = across | (along > _ALONG * distance)
        np.add.at(near, edges.owner[one[counted]], weights[counted])
    return near


def _meet(edges: Edges, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which pairs of edges whose bounds meet do so too: the ends of each lie on both sides of the other."""
    return _straddles(edges, one, other) & _straddles(edges, other, one)


def _straddles(edges: Edges, line: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    start = edges.start[line]
    (x, y), (u, v), (p, q) = ((ends - start).T for ends in (edges.end[line], edges.start[other], edges.end[other]))
    return np.asarray((x * v - y * u) * (x * q - y * p) <= 0)


def _boxes(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.box(*low.T, *high.T), dtype=object)
