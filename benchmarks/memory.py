"""What `geo nearest` needs for ten million villages: resident memory of the whole process, and time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from benchmarks import made
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import Setting, held, peak_mb, told
from geo.measure.nearest import nearest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_LIMIT_MB = 2000.0
_SAMPLE = 5000
_PIECE = 500_000
_TEXT = """
`geo nearest villages.parquet points.parquet -o near.parquet` as a command: GeoParquet to GeoParquet, ids and people
beside the geometry, on a land of 30 x 30 degrees. The memory is the most that the process held resident (VmHWM), with
Python and all libraries. The distances of {sample:,} villages are held against the whole search in memory.
"""


def measured(setting: Setting) -> Report:
    """Run the command once for each size, and watch its memory."""
    sizes = ((600_000, 60_000),) if setting.quick else ((1_000_000, 100_000), (10_000_000, 1_000_000))
    found = Report(
        title="Memory",
        text=_TEXT.format(sample=_SAMPLE),
        columns=("villages x points", "way", "s", "peak MB", "MB read", "MB written"),
        packages=("pyarrow", "geopandas", "scipy"),
    )
    for villages, points in sizes:
        told(f"{villages:,} villages: files")
        files = write(setting.folder, villages, points)
        told(f"{villages:,} villages: geo nearest")
        run = watched(["nearest", files.villages, files.points, "-o", files.near])
        found.load.append(os.getloadavg()[0])
        check(files)
        read, written = (file.stat().st_size / 1e6 for file in (files.villages, files.near))
        size = f"{count(villages)} x {count(points)}"
        row = (size, "geo nearest", seconds(run.seconds), f"{run.peak_mb:.0f}", f"{read:.0f}", f"{written:.0f}")
        found.rows.append(row)
        shutil.rmtree(files.villages.parent)
    text, why = (
        f"{size}, under {_LIMIT_MB / 1000:g} GB resident",
        "The smaller size tells what does not grow with the rows.",
    )
    found.goals.append(Goal(text=text, measured=f"{run.peak_mb:.0f} MB", met=run.peak_mb < _LIMIT_MB, why=why))
    return found


@dataclass(frozen=True, kw_only=True)
class Files:
    """Villages and points in GeoParquet, where the answer goes, and the places of the villages."""

    villages: Path
    points: Path
    near: Path
    places: NDArray[np.float64]
    targets: NDArray[np.float64]


def write(folder: Path, villages: int, points: int) -> Files:
    """Write villages in random order, and points, piece by piece."""
    home = folder / f"rows-{villages}"
    home.mkdir()
    places, targets = made.places(12, villages, made.CONTINENT), made.places(13, points, made.CONTINENT)
    given = Files(
        villages=home / "villages.parquet",
        points=home / "points.parquet",
        near=home / "near.parquet",
        places=places,
        targets=targets,
    )
    _write(given.villages, places, "village")
    _write(given.points, targets, "point")
    return given


def _write(path: Path, lon_lat: NDArray[np.float64], key: str) -> None:
    told_geo = b'{"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", '
    told_geo += b'"geometry_types": ["Point"]}}}'
    columns = {f"{key}_id": pa.string(), "population": pa.float64(), "geometry": pa.binary()}
    schema = pa.schema(columns, metadata={b"geo": told_geo})
    people = np.random.default_rng(14)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, lon_lat.shape[1], _PIECE):
            lon, lat = lon_lat[:, start : start + _PIECE]
            ids = pa.array([f"{key[0]}{number:08d}" for number in range(start, start + lon.size)])
            binary = pa.array(shapely.to_wkb(shapely.points(lon, lat)), pa.binary())
            some = pa.array(people.integers(20, 3000, lon.size).astype(float))
            writer.write_table(pa.Table.from_arrays([ids, some, binary], schema=schema))


@dataclass(frozen=True, kw_only=True)
class Watched:
    """How long a command took, and the most memory that it held."""

    seconds: float
    peak_mb: float


def watched(words: list[Any], cores: set[int] | None = None) -> Watched:
    """Run a `geo` command in a process of its own, on the cores that are named, and look at its memory meanwhile."""
    command = [sys.executable, "-m", "geo", *map(str, words)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:  # noqa: S603 - ours
        if cores:
            os.sched_setaffinity(process.pid, cores)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, np.nan_to_num(peak_mb(process.pid)))
            time.sleep(0.01)
        took = time.perf_counter() - started
        error = process.stderr.read().decode() if process.stderr else ""
    held(process.returncode == 0, f"{' '.join(command)} failed: {error[-400:]}")
    return Watched(seconds=took, peak_mb=peak)


def check(files: Files) -> None:
    """Hold a sample of the answers against the search of the sample in memory, points and distances."""
    sample = np.sort(np.random.default_rng(15).choice(files.places.shape[1], _SAMPLE, replace=False))
    found = pq.read_table(files.near, columns=["point_id", "distance_km"])
    held(len(found) == files.places.shape[1], "geo nearest lost rows.")
    truth = nearest(*files.places[:, sample], *files.targets)
    point = np.array([int(name[1:]) for name in found["point_id"].take(sample).to_pylist()])
    held(np.array_equal(point, truth.index), "geo nearest gives other points than the search in memory.")
    off = np.abs(found["distance_km"].to_numpy()[sample] * 1000 - truth.distance_m).max()
    held(off <= 1e-6, f"a distance of geo nearest is off by {off} m.")  # noqa: PLR2004 - a micrometre
