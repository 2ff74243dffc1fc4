"""A PostGIS of one's own for as long as a benchmark runs: a throw-away cluster on a Unix socket."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.rounds import AbsentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "fsync": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "2",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "min_parallel_table_scan_size": "0",
}
_TABLE = "CREATE TABLE {name} AS SELECT id, ST_MakePoint(lon, lat)::geography AS place FROM {name}_read"
_NEAREST = """
SELECT village.id, found.id, found.metres FROM village CROSS JOIN LATERAL (
  SELECT point.id, ST_Distance(village.place, point.place) AS metres FROM point
  ORDER BY village.place <-> point.place LIMIT 1
) AS found
"""


@dataclass(frozen=True, kw_only=True)
class Database:
    """A connection to PostGIS."""

    connection: Any

    def load(self, places: NDArray[np.float64], targets: NDArray[np.float64]) -> None:
        """Put villages and points into tables, and build the index of the points."""
        with self.connection.cursor() as cursor:
            for name, (lon, lat) in (("village", places), ("point", targets)):
                cursor.execute(f"CREATE TEMP TABLE {name}_read (id int, lon float8, lat float8)")
                with cursor.copy(f"COPY {name}_read FROM STDIN") as rows:
                    for row in zip(range(lon.size), lon.tolist(), lat.tolist(), strict=True):
                        rows.write_row(row)
                cursor.execute(_TABLE.format(name=name))
            cursor.execute("CREATE INDEX ON point USING gist (place)")
            cursor.execute("ANALYZE")

    def nearest(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Ask for the nearest point of every village, and fetch the answer."""
        with self.connection.cursor(binary=True) as cursor:
            rows = cursor.execute(_NEAREST).fetchall()
        village, point, metres = np.array(rows).T
        order = np.argsort(village)
        return point[order].astype(np.intp), metres[order]


@contextmanager
def served(folder: Path) -> Iterator[Database]:
    """
    Start a database server in a folder, and stop it at the end.

    Raises
    ------
    AbsentError
        Where PostgreSQL, PostGIS or psycopg is not installed, or the server does not start.
    """
    try:
        psycopg: Any = import_module("psycopg")
    except ImportError as error:
        msg = "psycopg is not installed"
        raise AbsentError(msg) from error
    programs = _programs()
    home = folder / "pg"
    home.mkdir()
    if os.geteuid() == 0:
        # The server refuses to run as root.
        folder.chmod(0o755)
        shutil.chown(home, "postgres")
    _run(programs / "initdb", "-D", home / "data", "-A", "trust", "-U", "geo", "--no-sync", "-E", "UTF8")
    options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items() if value)
    start = ("-o", f"{options} -c listen_addresses='' -k {home}", "-l", home / "log", "-w", "start")
    _run(programs / "pg_ctl", "-D", home / "data", *start)
    try:
        with psycopg.connect(host=str(home), user="geo", dbname="postgres", autocommit=True) as connection:
            try:
                connection.execute("CREATE EXTENSION postgis")
            except psycopg.Error as error:
                msg = f"PostGIS is not installed ({str(error).splitlines()[0]})"
                raise AbsentError(msg) from error
            yield Database(connection=connection)
    finally:
        _run(programs / "pg_ctl", "-D", home / "data", "-m", "immediate", "-w", "stop")


def _programs() -> Path:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
    if not places:
        msg = "PostgreSQL is not installed"
        raise AbsentError(msg)
    return places[0]


def _run(*words: str | Path) -> None:
    command = [str(word) for word in words]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    try:
        subprocess.run(  # noqa: S603 - our own words
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", None) or str(error).encode()
        msg = f"{Path(words[0]).name} failed ({told.decode(errors='replace').strip().splitlines()[-1]})"
        raise AbsentError(msg) from error
