"""All that a study asks of a population raster, counted by area in one look at its pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.layers.place import dissolved, measurable
from geo.layers.text import id_ranks
from geo.measure.access import within
from geo.measure.overlay import intersections
from geo.measure.pixel_quantiles import Distances, no_classes, people_by_class
from geo.measure.pixel_rows import Ground, Rows, rows_of, settled
from geo.measure.pixel_shares import apart, pixel_parts
from geo.messages import Term
from geo.progress import doing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy import sparse
    from shapely.geometry.base import BaseGeometry

    from geo.layers.grid import Block
    from geo.measure.coverage import Reach

# So many rows of people are held, 24 bytes each; of more, the pixels are gone through again for the quantiles.
_ROWS_HELD = 16_000_000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """
    What is asked of the pixels.

    Attributes
    ----------
    areas : GeoDataFrame or None
        Polygons in EPSG:4326 with `area_id`.
    points : GeoDataFrame or None
        With `point_id`, `lon` and `lat`; of points equally near the lowest id is the nearest.
    within_km : tuple of float
        Limits of distance.
    reaches : sequence of Reach
        Coverage; those without a shape are passed over.
    clip : bool
        Whether only who lives inside the areas counts.
    """

    areas: gpd.GeoDataFrame | None = None
    points: gpd.GeoDataFrame | None = None
    within_km: tuple[float, ...] = ()
    reaches: Sequence[Reach] = ()
    clip: bool = False


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """
    People of a raster, by area: an entry per area, in the order of the areas, and a last one for outside them all.

    Everything but `outside` leaves out who does not count; all of it adds up.

    Attributes
    ----------
    file : str
        The raster, as the rules are to call it.
    people : NDArray[float64]
        People who count.
    outside : float
        People outside every area, whether they count or not; 0 where there are no areas.
    within : mapping of float to NDArray[float64]
        By limit in km: people whose pixel's centre is at most so far from a point.
    person_km : NDArray[float64] or None
        Sum of the distances from everybody's pixel to the nearest point; None where there is no point.
    distances : Distances or None
        For quantiles.
    of_point : Series or None
        On the rows of the points: people whose nearest point it is (on one spot, the lowest id's).
    covered : mapping of (str, str) to NDArray[float64]
        By technology and operator: people inside the reach, a pixel on its border by its share of area.
    rescaled : bool
        Whether people were brought to an official total.
    """

    file: str
    people: NDArray[np.float64]
    outside: float
    within: Mapping[float, NDArray[np.float64]]
    person_km: NDArray[np.float64] | None
    distances: Distances | None
    of_point: pd.Series | None
    covered: Mapping[tuple[str, str], NDArray[np.float64]]
    rescaled: bool = False

    @property
    def name(self) -> Term:
        """What a rule calls them."""
        return Term("term.rescaled_raster" if self.rescaled else "term.raster", (("file", self.file),))

    def inside(self, reach: Reach) -> NDArray[np.float64]:
        """People inside a reach that has a shape; the best operator's are those of the operator that it names."""
        operator = reach.operator if reach.operator != "best" else str(reach.name)
        return self.covered[reach.technology, operator]

    def times(self, factor: float) -> Pixels:
        """Multiply everybody by the same factor; quantiles and means stay."""
        return replace(
            self,
            people=self.people * factor,
            outside=self.outside * factor,
            within={limit: people * factor for limit, people in self.within.items()},
            person_km=None if self.person_km is None else self.person_km * factor,
            of_point=None if self.of_point is None else self.of_point * factor,
            covered={key: people * factor for key, people in self.covered.items()},
            rescaled=True,
        )


def count_people(blocks: Callable[[], Iterable[Block]], asked: Asked, file: str) -> Pixels:
    """
    Count the people of every pixel once for all that is asked.

    All people of a pixel live in its centre for distances, and evenly over its area for areas and coverage: a pixel on
    a border counts in each area, and inside a reach, by its share. What two areas share counts in the first by id.

    Memory is that of a block, and 24 bytes for each populated pixel up to 16 million; where there are more, none is
    held, and each grouping that is asked for quantiles takes another look at the pixels.

    Parameters
    ----------
    blocks : callable
        Gives the blocks, the same each time, as :meth:`geo.layers.raster.PeopleLayer.blocks` does.
    asked : Asked
        Areas, points, limits and coverage.
    file : str
        What the rules call the raster.

    Raises
    ------
    LayerError
        Where there are areas or coverage, and `exactextract` is not installed.
    FigureError
        Where people live in a pixel that is no place on Earth.
    """
    ground, point_rows = _ground(asked)
    shapes = {id(reach.shape): reach.shape for reach in asked.reaches if reach.shape is not None}
    parts = [_parts(shape, ground) for shape in shapes.values()]
    found = _nothing(ground, len(asked.within_km), len(parts))
    held: list[Rows] = []
    for block, rows in _looks(blocks, ground):
        found += _counted(block, rows, ground, asked.within_km, parts)
        held = [*held, rows] if found.rows <= _ROWS_HELD else []

    def again() -> Iterable[Rows]:
        return held if found.rows <= _ROWS_HELD else (rows for _, rows in _looks(blocks, ground))

    near = ground.lon.size > 0
    covered = dict(zip(shapes, found.covered, strict=True))
    return Pixels(
        file=file,
        people=found.people,
        outside=_outside(found, ground),
        within=dict(zip(asked.within_km, found.within, strict=True)),
        person_km=found.person_km if near else None,
        distances=Distances(rows=again, counts=found.classes) if near else None,
        of_point=pd.Series(found.of_point, index=point_rows) if near else None,
        covered={
            (reach.technology, reach.operator): np.minimum(covered[id(reach.shape)], found.people)
            for reach in asked.reaches
            if reach.shape is not None
        },
    )


@dataclass(frozen=True, kw_only=True)
class _Counts:
    """What was counted in some blocks; it adds up. Arrays have an entry per area in their last dimension."""

    people: NDArray[np.float64]
    within: NDArray[np.float64]
    person_km: NDArray[np.float64]
    covered: NDArray[np.float64]
    of_point: NDArray[np.float64]
    classes: sparse.csr_array
    rows: int = 0
    whole: float = 0.0

    def __add__(self, other: _Counts) -> _Counts:
        return _Counts(
            people=self.people + other.people,
            within=self.within + other.within,
            person_km=self.person_km + other.person_km,
            covered=self.covered + other.covered,
            of_point=self.of_point + other.of_point,
            classes=self.classes + other.classes,
            rows=self.rows + other.rows,
            whole=self.whole + other.whole,
        )


def _nothing(ground: Ground, limits: int, shapes: int) -> _Counts:
    areas = ground.areas.size + 1
    return _Counts(
        people=np.zeros(areas),
        within=np.zeros((limits, areas)),
        person_km=np.zeros(areas),
        covered=np.zeros((shapes, areas)),
        of_point=np.zeros(ground.lon.size),
        classes=no_classes(areas),
    )


def _counted(
    block: Block, rows: Rows, ground: Ground, limits: Sequence[float], parts: Sequence[NDArray[np.object_]]
) -> _Counts:
    areas, everywhere = ground.areas.size + 1, np.ones(rows.people.size, dtype=np.bool_)
    near = [within(pd.Series(rows.distance_km), limit).to_numpy() for limit in limits]
    inside = [_inside(block, shape) for shape in parts]
    return _Counts(
        people=_summed(rows.area, rows.people, everywhere, areas),
        within=np.array([_summed(rows.area, rows.people, some, areas) for some in near]).reshape(len(limits), areas),
        person_km=_summed(rows.area, rows.people * rows.distance_km, everywhere, areas),
        covered=np.array(inside).reshape(len(parts), areas),
        of_point=_summed(rows.point, rows.people, rows.point >= 0, ground.lon.size),
        classes=people_by_class(rows, areas),
        rows=rows.people.size,
        whole=float(block.people.sum()),
    )


def _inside(block: Block, shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    parts = pixel_parts(block.grid, shapes)
    people = parts.share * block.people.ravel()[parts.pixel]
    return np.bincount(parts.area, people, minlength=shapes.size).astype(np.float64, copy=False)


def _summed(
    position: NDArray[np.int32], values: NDArray[np.float64], some: NDArray[np.bool_], size: int
) -> NDArray[np.float64]:
    return np.bincount(position[some], values[some], minlength=size).astype(np.float64, copy=False)


def _looks(blocks: Callable[[], Iterable[Block]], ground: Ground) -> Iterator[tuple[Block, Rows]]:
    for number, block in enumerate(map(settled, blocks()), start=1):
        doing("pixels", block=number)
        if block is not None:
            yield block, rows_of(block, ground)


def _outside(found: _Counts, ground: Ground) -> float:
    if not ground.areas.size:
        return 0.0
    return found.whole - float(found.people.sum()) if ground.clip else float(found.people[-1])


def _ground(asked: Asked) -> tuple[Ground, pd.Index]:
    """Give each area what is its own, and the points in the order of their ids."""
    own = np.array([], dtype=object)
    if asked.areas is not None:
        order = np.argsort(id_ranks(asked.areas["area_id"].astype("str")), kind="stable")
        own = np.empty(len(order), dtype=object)
        own[order] = apart(measurable(asked.areas.geometry.to_numpy())[order])
    lon, lat, rows = np.array([]), np.array([]), pd.RangeIndex(0)
    if asked.points is not None:
        points = asked.points.iloc[np.argsort(id_ranks(asked.points["point_id"].astype("str")), kind="stable")]
        lon, lat, rows = points["lon"].to_numpy(dtype=float), points["lat"].to_numpy(dtype=float), points.index
    return Ground(areas=own, clip=asked.clip, lon=lon, lat=lat), rows


def _parts(shape: BaseGeometry, ground: Ground) -> NDArray[np.object_]:
    """Cut a shape by area: what of it lies in each, and last what lies in none, as far as that counts."""
    inside = np.full(ground.areas.size + 1, shapely.Polygon(), dtype=object)
    if not ground.clip:
        inside[-1] = shapely.difference(shape, dissolved(ground.areas)) if ground.areas.size else shape
    shapely.prepare(shape)
    whole = shapely.covers(shape, ground.areas)
    crossed = np.flatnonzero(shapely.intersects(shape, ground.areas) & ~whole)
    inside[:-1][whole] = ground.areas[whole]
    inside[crossed] = intersections(ground.areas[crossed], shape)
    return inside
