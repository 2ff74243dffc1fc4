"""
Read files one after another as a child with limits of memory and time, and say in a line of JSON how each ended.

The libraries are loaded once: each line of standard input is answered by a copy of this process, made for it alone,
which nothing that an earlier file did can have touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import geopandas as gpd  # noqa: F401 - loaded before the copies are made, as are the others that readers wait to load
import openpyxl  # noqa: F401
import pyarrow.parquet as pq  # noqa: F401
import pyogrio  # noqa: F401
import python_calamine  # noqa: F401

from geo.errors import GeoError
from geo.layers.check import check_layers
from geo.layers.layer import Reading, read_layer


def ended(kind: str, name: str) -> dict[str, object]:
    """Read and check one file; what is no error of the library itself goes on as a traceback."""
    start, cpu = time.monotonic(), time.process_time()
    try:
        layer = read_layer(kind, name, Reading(crs="EPSG:4326"))
        faults = sorted({finding.fault for finding in check_layers({kind: layer})})
        answer = {"name": name, "rows": len(layer.table), "faults": faults}
    except GeoError as error:
        answer = {"name": name, "error": str(error)}
    return answer | {"seconds": time.monotonic() - start, "cpu_seconds": time.process_time() - cpu}


def peak_bytes() -> int:
    """Give the most memory this process held; getrusage would count that of the parent it was forked from as well."""
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def answer(asked: dict) -> None:
    """Set the limits, and read the files of this kind."""
    resource.setrlimit(resource.RLIMIT_AS, (asked["bytes"], asked["bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(asked["seconds"])
    warnings.simplefilter("error")
    for name in asked["files"]:
        # Known before it is read: where the process dies, the last line names the file.
        tell({"name": name})
        with contextlib.redirect_stdout(sys.stderr):
            told = ended(asked["kind"], name)
        tell(told | {"peak": peak_bytes()})


def tell(told: dict[str, object]) -> None:
    """Write one line of JSON, at once."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def copied(asked: dict) -> dict[str, object]:
    """Answer in a copy of this process; give its status, below 0 where a signal ended it, and its last complaints."""
    with tempfile.TemporaryFile() as complaints:
        child = os.fork()
        if child == 0:
            os.dup2(complaints.fileno(), sys.stderr.fileno())
            status = 1
            try:
                answer(asked)
                status = 0
            except BaseException:  # noqa: BLE001 - as the interpreter would tell it of a process of its own
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        complaints.seek(0)
        return {"status": status, "complaints": complaints.read().decode(errors="replace")[-2000:]}


def main() -> None:
    """Take the limits, the kind and the files from each line of standard input, until it ends."""
    for line in sys.stdin:
        tell(copied(json.loads(line)))


if __name__ == "__main__":
    main()
