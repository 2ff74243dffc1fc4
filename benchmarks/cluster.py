"""The search on a Dask cluster: one worker process, two, and both cores in one process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import memory
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import Setting, Way, held, interleaved, told
from geo.scale.cluster import connected, on_cluster
from geo.scale.nearest import PARTITION_ROWS
from geo.scale.partition import Targets, nearest_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GOAL = 1.8
_TEXT = """
Workers are processes of one thread, each pinned to a core of its own; scheduler and command share the machine with
them. `geo nearest` goes from GeoParquet to GeoParquet, and the bytes written are the same from every way. The search
alone is the part that the workers do: partitions of {rows:,} villages and their points, from memory and back. With one
worker the command's reading and writing has the other core to itself; with two it has none.
"""
_COMMAND, _SEARCH = "geo nearest", "the search alone"


def measured(setting: Setting) -> Report:
    """Time the command and its search, without a cluster, with one worker and with two."""
    villages, points = (600_000, 60_000) if setting.quick else (4_000_000, 1_000_000)
    found = Report(
        title="More than one process",
        text=_TEXT.format(rows=PARTITION_ROWS),
        columns=("villages x points", "of", "way", "median s", "speed-up", "runs"),
        packages=("distributed", "scipy", "pyarrow"),
    )
    if find_spec("distributed") is None:
        found.skipped.append("all: distributed is not installed (the extra 'cluster')")
        return found
    if (os.cpu_count() or 1) < 2 or not hasattr(os, "sched_setaffinity"):  # noqa: PLR2004 - two workers
        found.skipped.append("all: there are no two cores to pin workers to")
        return found
    told("files")
    files = memory.write(setting.folder, villages, points)
    with ExitStack() as stack:
        addresses = [stack.enter_context(_cluster(workers, setting.folder)) for workers in (1, 2)]
        _measure(found, files, addresses, setting)
    return found


def _measure(found: Report, files: memory.Files, addresses: list[str], setting: Setting) -> None:
    size = f"{count(files.places.shape[1])} x {count(files.targets.shape[1])}"
    names = ("one process, both cores", "one worker", "two workers")
    places = list(zip(names, [None, *addresses], strict=True))
    for of, run in ((_COMMAND, partial(_command, files)), (_SEARCH, partial(_search, files))):
        told(f"{of}: answers")
        ways = [Way(name=name, run=partial(run, address)) for name, address in places]
        answers = [way.run() for way in ways]
        held(all(answer == answers[0] for answer in answers), f"{of}: a cluster gives other bytes than one process.")
        found.load += interleaved(ways, min(setting.rounds, 3))
        one = ways[1].seconds
        for way in ways:
            times = "" if way is ways[1] else f"{one / way.seconds:.2f}"
            found.rows.append((size, of, way.name, seconds(way.seconds), times, str(len(way.took))))
        serial = 2 * ways[2].seconds - one
        text = f"{of}, {size}, from one worker to two at least {_GOAL} times faster"
        why = (
            f"By Amdahl's law {seconds(max(serial, 0.0))} s do not get faster with workers; "
            f"one process on both cores takes {seconds(ways[0].seconds)} s."
        )
        ratio = one / ways[2].seconds
        found.goals.append(Goal(text=text, measured=f"{ratio:.2f} times", met=ratio >= _GOAL, why=why))


def _command(files: memory.Files, address: str | None) -> bytes:
    words = ["nearest", files.villages, files.points, "-o", files.near, "--overwrite"]
    memory.watched([*words, *(["--scheduler", address] if address else [])])
    return files.near.read_bytes()


def _search(files: memory.Files, address: str | None) -> bytes:
    """Search the villages partition by partition, and give the answers' bytes."""
    targets = Targets(lon=files.targets[0], lat=files.targets[1], rank=np.arange(files.targets.shape[1]))
    cuts = range(0, files.places.shape[1], PARTITION_ROWS)
    partitions = [files.places[:, start : start + PARTITION_ROWS] for start in cuts]
    if address is None:
        points = targets.prepared()
        answers = [nearest_of(places, points) for places in partitions]
    else:
        with connected(address) as client:
            answers = list(on_cluster(client, targets, partitions))
    return b"".join(part.tobytes() for answer in answers for part in (answer.index, answer.distance_km))


@contextmanager
def _cluster(workers: int, folder: Path) -> Iterator[str]:
    """Start a scheduler and workers pinned to the first cores, for as long as the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(_started("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"))
        _wait_for(port)
        for core in sorted(os.sched_getaffinity(0))[:workers]:
            words = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--local-directory", folder / f"dask-{core}")
            process = stack.enter_context(_started("dask_worker", address, *words))
            os.sched_setaffinity(process.pid, {core})
        with connected(address) as client:
            client.wait_for_workers(workers, timeout=60)
        yield address


@contextmanager
def _started(program: str, *words: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of a cluster, and end it by its own process id."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *map(str, words)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:  # noqa: S603 - our own words
        try:
            yield process
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    held(true=False, claim="the Dask scheduler does not start.")
