"""The nearest point of each village of a Parquet file, partition by partition, from file to file."""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geo.errors import GeoError, LayerError, OutputError
from geo.layers.check import usable
from geo.layers.layer import Reading, read_layer
from geo.layers.place import centres
from geo.layers.text import id_ranks
from geo.layers.write import beside
from geo.scale.cluster import connected, on_cluster
from geo.scale.partition import Answer, Targets, nearest_of
from geo.scale.pieces import coordinates_of, open_villages
from geo.scale.survey import check_points, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from geo.figures import Finding
    from geo.layers.check import _Territory
    from geo.scale.pieces import Villages

# A layer of more rows is not held in memory as a whole.
HELD_ROWS = 500_000
PARTITION_ROWS = 200_000

_ANSWERS = ("point_id", "distance_km")


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


def rows_in_pieces(villages: str, output: Path, crs: str | None = None) -> int | None:
    """
    Count the rows of a layer that can be read in pieces: WKB or columns of numbers, from Parquet to Parquet.

    None for any other, and for one that has a fault: to say which is left to those who read a layer as a whole.

    Examples
    --------
    >>> rows_in_pieces("villages.gpkg", Path("near.parquet")) is None
    True
    """
    path = Path(villages)
    if output.suffix.lower() != ".parquet" or not path.is_file():
        return None
    try:
        source = open_villages(path, crs)
        return source.rows if source.read_alone() else None
    except (GeoError, pa.ArrowException, OSError, ValueError, LookupError):
        return None


def nearest_in_file(villages: str, points: str, output: Path, run: Run) -> list[Finding]:
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
    list of Finding
        Those of :func:`geo.layers.check.check_layers` in its order. A finding of the villages counts all its rows in
        ``values["count"]`` and lists the first thousand, without ids.

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
        targets, ids, found = _targets(points, run.crs, seen.territory)
        cuts = range(0, source.rows, run.partition_rows)
        partitions = (seen.places[:, start : start + run.partition_rows] for start in cuts)
        if client is None:
            answers: Iterable[Answer] = map(partial(nearest_of, points=targets.prepared()), partitions)
        else:
            answers = on_cluster(client, targets, partitions)
        _write(draft, source, _tables(source, answers, ids, run), seen.bounds)
    return [*seen.findings, *found]


def _targets(name: str, crs: str | None, territory: _Territory | None) -> tuple[Targets, pa.Array, list[Finding]]:
    """Read and check the points; what is sent to the processes, and the ids that stay here."""
    layer = read_layer("points", name, Reading(crs=crs))
    found = check_points(layer, territory)
    table = usable("points", layer, found)
    lon, lat = centres(table).T.copy()
    targets = Targets(lon=lon, lat=lat, rank=id_ranks(table["point_id"].astype(str)))
    return targets, pa.array(table["point_id"].astype(object), pa.string()), found


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, GeoError):
            raise
        first = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        msg = f"{name} cannot be read: {first}. Is it whole? Save or fetch it again."
        raise LayerError(msg) from error


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
        piece = piece.select(there).append_column("geometry", _points(coordinates_of(source, piece)))
    position = pa.array(answer.index, mask=answer.index < 0)
    distance_km = pa.array(answer.distance_km, mask=np.isnan(answer.distance_km))
    return piece.append_column(_ANSWERS[0], ids.take(position)).append_column(_ANSWERS[1], distance_km)


def _points(own: NDArray[np.float64] | None) -> pa.Array:
    assert own is not None  # noqa: S101 - columns of coordinates are points
    known = ~np.isnan(own[0])
    geometry = np.full(known.size, None, dtype=object)
    geometry[known] = shapely.to_wkb(shapely.points(own[0, known], own[1, known]))
    return pa.array(geometry, pa.binary())


def _write(
    draft: Path, source: Villages, tables: Iterator[pa.Table], bounds: tuple[float, float, float, float] | None
) -> None:
    first = next(tables, None)
    if first is None:
        nothing = Answer(index=np.empty(0, np.int32), distance_km=np.empty(0))
        first = _answered(source, source.schema.empty_table(), nothing, pa.array([], pa.string()))
    metadata = _metadata(source, bounds)
    try:
        with pq.ParquetWriter(draft, first.schema.with_metadata(metadata), compression="zstd") as writer:
            for table in chain([first], tables):
                writer.write_table(table.replace_schema_metadata(metadata))
    except OSError as error:
        if isinstance(error, GeoError):
            raise
        msg = f"{draft.name} cannot be written: {error.strerror or error}."
        raise OutputError(msg) from error


def _metadata(source: Villages, bounds: tuple[float, float, float, float] | None) -> dict[bytes, bytes]:
    metadata = {**(source.schema.metadata or {}), b"geo": json.dumps(_geo(source, bounds)).encode()}
    if told := metadata.get(b"pandas"):
        # What pandas noted of a column is not true of the answer that has its name now.
        frame = json.loads(told)
        frame["columns"] = [one for one in frame["columns"] if one["field_name"] not in _ANSWERS]
        metadata[b"pandas"] = json.dumps(frame).encode()
    return metadata


def _geo(source: Villages, bounds: tuple[float, float, float, float] | None) -> dict[str, Any]:
    """Describe the geometry as GeoParquet wants it: as the file did, or as it was made of coordinate columns."""
    system = source.crs.to_json_dict()
    if source.geo is not None:
        own = source.geo["columns"]
        name = source.place[0]
        told = {**own[name], "crs": system} if "crs" in own[name] else own[name]
        return {**source.geo, "columns": {**own, name: told}}
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"], "crs": system}
    if bounds is not None:
        column["bbox"] = list(bounds)
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
