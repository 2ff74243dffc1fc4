"""
Fuzz the readers for a while: ``python -m tests.fuzz [SECONDS]``.

Each target runs in a child with limits of memory and time, by Atheris where it is installed. Its corpus is made in a
temporary folder and is gone afterwards. What ends a child is printed, to be kept as a test in ``tests/layers``.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

TARGETS = ("csv", "xlsx", "geojson", "kml", "geometry", "study")
MOST_MB = 3000


def run_hypothesis(seconds: float) -> bool:
    """Run the structured texts; give whether none ended in anything but an answer or an error of ours."""
    done = subprocess.run([sys.executable, "-m", "tests.fuzz.structured", str(seconds)], check=False)
    return done.returncode == 0


def run_atheris(target: str, seconds: float, folder: Path) -> bool:
    """Run one target on its corpus; a finding lies in the folder, and is shown."""
    corpus = folder / target
    corpus.mkdir()
    options = [f"-max_total_time={max(int(seconds), 1)}", f"-rss_limit_mb={MOST_MB}", "-timeout=20", "-max_len=8192"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.target", target, str(corpus), *options, "-verbosity=0",
         f"-artifact_prefix={folder}/found-"],
        check=False, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode == 0:
        print(f"{target}: nothing found in {seconds:.0f} s, {len(list(corpus.iterdir()))} inputs")
        return True
    print(f"{target}: status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    for found in sorted(folder.glob("found-*")):
        print(f"  {found.name}: {found.read_bytes()[:2000]!r}")
        found.unlink()
    return False


def main() -> int:
    """Divide the time among the targets."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with_atheris = importlib.util.find_spec("atheris") is not None
    each = seconds / (len(TARGETS) + 1 if with_atheris else 1)
    sound = [run_hypothesis(each)]
    if not with_atheris:
        print("skipped: atheris is not installed; pip install 'geo-coverage[fuzz]'")
    else:
        with tempfile.TemporaryDirectory(prefix="geo-fuzz-") as folder:
            sound += [run_atheris(target, each, Path(folder)) for target in TARGETS]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
