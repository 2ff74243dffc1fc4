"""Read files one after another as a child with limits of memory and time, and say in a line of JSON how each ended."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
import time
import warnings
from pathlib import Path

from geo.errors import GeoError
from geo.layers.check import check_layers
from geo.layers.layer import Reading, read_layer


def ended(kind: str, name: str) -> dict[str, object]:
    """Read and check one file; what is no error of the library itself goes on as a traceback."""
    start = time.monotonic()
    try:
        layer = read_layer(kind, name, Reading(crs="EPSG:4326"))
        faults = sorted({finding.fault for finding in check_layers({kind: layer})})
        answer = {"name": name, "rows": len(layer.table), "faults": faults}
    except GeoError as error:
        answer = {"name": name, "error": str(error)}
    return answer | {"seconds": time.monotonic() - start}


def peak_bytes() -> int:
    """Give the most memory this process held; getrusage would count that of the parent it was forked from as well."""
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def main() -> None:
    """Take the limits, the kind and the files from standard input."""
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (asked["bytes"], asked["bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(asked["seconds"])
    warnings.simplefilter("error")
    for name in asked["files"]:
        # Known before it is read: where the process dies, the last line names the file.
        sys.stdout.write(json.dumps({"name": name}) + "\n")
        sys.stdout.flush()
        with contextlib.redirect_stdout(sys.stderr):
            answer = ended(asked["kind"], name)
        answer["peak"] = peak_bytes()
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
