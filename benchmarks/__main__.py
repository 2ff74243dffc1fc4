"""
Measure geo beside what one would use instead: `python -m benchmarks`, or `make bench`.

Every job runs in a process of its own, checks the answers against each other before it times anything, and writes its
part of `benchmarks/README.md`; with `--quick` sizes are small, and the parts are printed instead.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import report
from benchmarks.rounds import Setting, WrongError, alone, told

JOBS = ("nearest", "covered", "union", "raster", "study", "memory", "cluster", "extract")
_INTRO = """
## Speed, memory and exactness

`make bench`. Ways to do one job are timed in turn, several rounds, each round begun by another one; what is written are
medians (what takes less than half a second is run up to five times in a row). Before anything is timed, the answers are
held against each other, and the benchmark ends where geo's is wrong. Each time is that of the whole call, from the
layer or array that a user has to the answer, with the building of every index. geo, cKDTree and PostGIS use all cores;
GeoPandas, Shapely and scikit-learn compute on one, for they have no other way. × is the other way's part of what geo
takes. Layers are made up, in random order, the same in every run.
"""


def main() -> None:
    """Run the jobs that were asked for, and write what they found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--jobs", default=",".join(JOBS), help=f"which, with commas between; all: {','.join(JOBS)}")
    parser.add_argument("--rounds", type=int, default=3, help="rounds to take the median of (3); slow ways do fewer")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it; prints, and writes nothing")
    given = parser.parse_args()
    asked = given.jobs.split(",")
    if unknown := set(asked) - set(JOBS):
        parser.error(f"there is no job {', '.join(sorted(unknown))}; there are {', '.join(JOBS)}")
    for job in (one for one in JOBS if one in asked):
        told(f"== {job}")
        with tempfile.TemporaryDirectory(prefix="geo-bench-") as folder:
            setting = Setting(rounds=given.rounds, quick=given.quick, folder=Path(folder))
            try:
                text = alone(job, setting)
            except WrongError as error:
                msg = f"{job}: {error}"
                raise SystemExit(msg) from error
        if given.quick:
            print(text, end="\n\n")
        else:
            done = {**report.written_jobs("bench"), job: text}
            report.write("bench", report.joined(_INTRO, {name: done[name] for name in JOBS if name in done}))


if __name__ == "__main__":
    main()
