"""What is being done is shown on a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

STUDY = Path(__file__).parents[2] / "data" / "ninh-thuan" / "study.toml"


@pytest.mark.parametrize(("words", "told"), [([], "reading villages.csv"), (["--lang", "vi"], "đang đọc villages.csv")])
def test_each_step_is_shown_on_a_terminal_and_wiped_away(words, told):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "geo", "measure", str(STUDY), "--format", "csv", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        out, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    steps = shown.split("\r\x1b[K")
    assert told in steps
    assert len(steps) > 6
    assert steps[-1] == ""
    assert told not in out


@pytest.mark.parametrize("words", [[], ["-q"]])
def test_nothing_is_shown_in_a_file_or_when_it_is_to_be_quiet(words):
    command = [sys.executable, "-m", "geo", "measure", str(STUDY), *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stderr == ""
