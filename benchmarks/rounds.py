"""Ways to do one job, timed in turn, several rounds long: a busy machine is busy for all of them alike."""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.report import Report


_AGAIN, _BRIEF_S = 5, 0.5


class AbsentError(Exception):
    """A peer that cannot be measured here, and why."""


class WrongError(Exception):
    """An answer that is not what it must be: the benchmark ends before it times anything."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How the benchmark is run: how many rounds, small sizes to try it, and a folder that is deleted after it."""

    rounds: int
    quick: bool
    folder: Path


@dataclass(kw_only=True)
class Way:
    """One way to do a job; a slow one is run at most so many rounds."""

    name: str
    run: Callable[[], object]
    at_most: int = 1000
    took: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median over the rounds."""
        return median(self.took)


def told(text: str) -> None:
    """Say on stderr how far the work is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr)


def interleaved(ways: Iterable[Way], rounds: int) -> list[float]:
    """
    Time the ways in turn, each round begun by another one, and give the load averages of the machine meanwhile.

    Every way was run before, to have its answer checked: files, caches and imports are as warm for one as for another.
    What takes less than half a second is run up to five times in a row.
    """
    kept = list(ways)
    load = []
    for number in range(rounds):
        start = number % len(kept)
        for way in kept[start:] + kept[:start]:
            if number >= way.at_most:
                continue
            _time(way)
            load.append(os.getloadavg()[0])
        told(f"round {number + 1} of {rounds}: " + ", ".join(f"{way.name} {way.took[-1]:.3g} s" for way in kept))
    return load


def _time(way: Way) -> None:
    """Run a way once, or up to five times where that takes less than half a second."""
    gc.collect()
    spent = 0.0
    for _ in range(_AGAIN):
        started = time.perf_counter()
        answer = way.run()
        way.took.append(time.perf_counter() - started)
        del answer
        spent += way.took[-1]
        if spent > _BRIEF_S:
            break


def held(true: object, claim: str) -> None:
    """End the benchmark where an answer is not what it must be: nothing wrong is timed."""
    if not true:
        raise WrongError(claim)


def peak_mb(process: int) -> float:
    """
    Give the most memory that a process held resident so far, in MB of 1,000,000 bytes; NaN where there is no /proc.

    What `getrusage` tells of a child counts its parent's memory too, from before the child's program began.
    """
    status = Path(f"/proc/{process}/status")
    try:
        line = next(line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return math.nan
    return int(line.split()[1]) * 1024 / 1e6


def alone(job: str, setting: Setting) -> str:
    """Run one job in a process of its own, so that none inherits memory or caches of another; give its Markdown."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_markdown, job, setting).result()


def _markdown(job: str, setting: Setting) -> str:
    found: Report = import_module(f"benchmarks.{job}").measured(setting)
    return found.markdown()
