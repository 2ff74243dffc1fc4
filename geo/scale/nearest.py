"""The nearest point of each village of a Parquet file, partition by partition, from file to file."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from geo.errors import GeoError
from geo.layers.check import check_layer, usable
from geo.layers.files.damage import cannot_be_read
from geo.layers.layer import Reading, read_layer
from geo.layers.pieces import Writing, open_villages, points_of, write_pieces
from geo.layers.place import centres
from geo.layers.text import id_ranks
from geo.layers.write import beside
from geo.scale.cluster import connected, on_cluster
from geo.scale.partition import Answer, Targets, nearest_of
from geo.scale.survey import survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from geo.figures import Finding
    from geo.layers.faults.surroundings import Surroundings
    from geo.layers.pieces import Villages

# A layer of more rows is not held in memory as a whole.
HELD_ROWS = 500_000
PARTITION_ROWS = 200_000

_ANSWERS = ("point_id", "distance_km")
_NOTHING = Answer(index=np.empty(0, np.int32), distance_km=np.empty(0))


def _unseen(_rows: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """
    How the work is to be done.

    `crs` is for sources that have none; `scheduler` is the address of a Dask cluster, this machine where it is None;
    `overwrite` lets a file that exists be replaced; `progress` is told of the rows as they pass, twice of each: when
    its place is read and when its answer is written. A partition has `partition_rows` rows.
    """

    crs: str | None = None
    scheduler: str | None = None
    overwrite: bool = False
    progress: Callable[[int], None] = _unseen
    partition_rows: int = PARTITION_ROWS


@dataclass(frozen=True, kw_only=True)
class Counted:
    """
    A layer that was read: how many rows it has, and how many of them count.

    `file` is its name as told, `people` the header of the column that holds them, None where there is none.
    """

    layer: str
    file: str
    rows: int
    used: int
    people: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was found of the villages and of the points, and how many of their rows count."""

    findings: tuple[Finding, ...]
    layers: tuple[Counted, ...]


def rows_in_pieces(villages: str, output: str, crs: str | None = None) -> int | None:
    """
    Count the rows of a layer that can be read in pieces: WKB or columns of numbers, from Parquet to Parquet.

    None for any other, and for one that has a fault: to say which is left to those who read a layer as a whole.

    Examples
    --------
    >>> rows_in_pieces("villages.gpkg", "near.parquet") is None
    True
    """
    path = Path(villages)
    if not output.lower().endswith(".parquet") or not path.is_file():
        return None
    try:
        source = open_villages(path, crs)
        return source.rows if source.read_alone() else None
    except (GeoError, pa.ArrowException, OSError, ValueError, LookupError):
        return None


def nearest_in_file(villages: str, points: str, output: Path, run: Run) -> Outcome:
    """
    Write the villages of a Parquet file with their nearest point, holding one partition of them at a time.

    The villages' own columns are written as they came, and after them `point_id` and `distance_km` (kilometres, by
    the geodesic on WGS84), for which columns of these names make room as ``point_id (own)``; a table of coordinate
    columns gets a ``geometry`` too. Rows and their order stay. The bytes
    are the same from one process and from any cluster: the partitions are cut by the file alone. Of each village only
    its place stays in memory, 16 bytes.

    Parameters
    ----------
    villages : str
        GeoParquet in WKB, or Parquet with coordinate columns of numbers, in any coordinate system.
    points : str
        Any layer of points; it is read as a whole.
    output : Path
        A ``.parquet`` file; it is written beside and renamed at the end.
    run : Run
        Coordinate system, cluster, progress.

    Returns
    -------
    Outcome
        The findings are those of :func:`geo.layers.check.check_layers` in its order. One of the villages counts all its
        rows in ``values["count"]`` and lists the first thousand, without ids.

    Raises
    ------
    LayerError, CRSError
        Where a layer cannot be read or placed.
    OutputError
        Where the file exists or cannot be written.
    ClusterError
        Where the cluster cannot be reached, or loses all its workers.
    """
    with (
        beside(output, overwrite=run.overwrite) as draft,
        connected(run.scheduler) if run.scheduler else nullcontext() as client,
    ):
        with _reading(villages):
            source = open_villages(Path(villages), run.crs)
            seen = survey(source, run.partition_rows, run.progress)
        targets, ids, told = _targets(points, run.crs, seen.around)
        cuts = range(0, source.rows, run.partition_rows)
        partitions = (seen.places[:, start : start + run.partition_rows] for start in cuts)
        if client is None:
            answers: Iterable[Answer] = map(partial(nearest_of, points=targets.prepared()), partitions)
        else:
            answers = on_cluster(client, targets, partitions)
        nothing = _answered(source, source.schema.empty_table(), _NOTHING, ids)
        tables = _tables(source, answers, ids, run)
        write_pieces(draft, Writing(source=source, schema=nothing.schema, added=_ANSWERS, bounds=seen.bounds), tables)
    used = int(np.isfinite(seen.places[0]).sum())
    people = source.columns.get("population")
    read = Counted(layer="villages", file=villages, rows=source.rows, used=used, people=people)
    return Outcome(findings=(*seen.findings, *told.findings), layers=(read, *told.layers))


def _targets(name: str, crs: str | None, around: Surroundings | None) -> tuple[Targets, pa.Array, Outcome]:
    """Read and check the points; what is sent to the processes, the ids that stay here, and what was found."""
    layer = read_layer("points", name, Reading(crs=crs))
    found = check_layer("points", layer, around)
    table = usable("points", layer, found)
    lon, lat = centres(table).T.copy()
    targets = Targets(lon=lon, lat=lat, rank=id_ranks(table["point_id"].astype(str)))
    counted = Counted(layer="points", file=layer.file, rows=len(layer.table), used=len(table))
    ids = pa.array(table["point_id"].astype(object), pa.string())
    return targets, ids, Outcome(findings=tuple(found), layers=(counted,))


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, GeoError):
            raise
        raise cannot_be_read(name, str(error) or type(error).__name__) from error


def _tables(source: Villages, answers: Iterable[Answer], ids: pa.Array, run: Run) -> Iterator[pa.Table]:
    """Give the pieces of the file again, now with their answers."""
    pieces = source.pieces(run.partition_rows)
    for answer in answers:
        with _reading(str(source.path)):
            _, piece = next(pieces)
        yield _answered(source, piece, answer, ids)
        run.progress(len(piece))


def _answered(source: Villages, piece: pa.Table, answer: Answer, ids: pa.Array) -> pa.Table:
    taken = {name: f"{name} (own)" for name in _ANSWERS}
    piece = piece.rename_columns([taken.get(name, name) for name in piece.column_names])
    if source.geo is None:
        there = [name for name in piece.column_names if name != "geometry"]
        piece = piece.select(there).append_column("geometry", points_of(source, piece))
    position = pa.array(answer.index, mask=answer.index < 0)
    distance_km = pa.array(answer.distance_km, mask=np.isnan(answer.distance_km))
    return piece.append_column(_ANSWERS[0], ids.take(position)).append_column(_ANSWERS[1], distance_km)
