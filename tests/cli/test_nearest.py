"""`geo nearest` on layers that are too large to hold, and on a cluster: how it talks, and how it ends."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from geo.cli.main import main
from geo.scale import nearest

# The command as it would be if hundreds of rows were too many to hold.
SMALL = "import geo.scale.nearest as n; n.HELD_ROWS = 100; n.PARTITION_ROWS = 50; from geo.cli.main import main; main()"


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def make(path, rows, seed):
    some = np.random.default_rng(seed)
    table = pd.DataFrame({"id": np.arange(rows), "lon": some.uniform(105, 109, rows), "lat": some.uniform(9, 12, rows)})
    table.to_parquet(path, index=False)


@pytest.fixture
def layers(tmp_path):
    make(tmp_path / "villages.parquet", 400, 1)
    make(tmp_path / "points.parquet", 50, 2)
    return [tmp_path / "villages.parquet", tmp_path / "points.parquet"]


def test_a_layer_too_large_to_hold_is_answered_as_a_small_one(tmp_path, layers, monkeypatch):
    small = run("nearest", *layers, "-o", tmp_path / "small.parquet")
    monkeypatch.setattr(nearest, "HELD_ROWS", 100)
    large = run("nearest", *layers, "-o", tmp_path / "large.parquet")
    assert (small.exit_code, large.exit_code) == (0, 0)
    assert "people" in large.stderr
    assert large.stderr == small.stderr
    assert large.stdout == f"{tmp_path / 'large.parquet'}\n"
    tables = [gpd.read_parquet(tmp_path / f"{name}.parquet") for name in ("small", "large")]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize("ending", ["csv", "gpkg"])
def test_the_cluster_is_for_parquet_alone(tmp_path, layers, ending):
    result = run("nearest", *layers, "-o", tmp_path / f"near.{ending}", "--scheduler", "tcp://127.0.0.1:1")
    assert result.exit_code == 2
    assert "Parquet" in result.stderr


def test_a_cluster_that_is_not_there_is_one_line_and_status_1(tmp_path, layers):
    result = run("nearest", *layers, "-o", tmp_path / "near.parquet", "--scheduler", "nonsense")
    assert (result.exit_code, result.stderr.count("\n"), result.stdout) == (1, 1, "")
    assert sorted(tmp_path.iterdir()) == sorted(layers)


@pytest.mark.parametrize("words", [[], ["-q"]])
def test_progress_is_shown_on_a_terminal_unless_quiet(tmp_path, layers, words):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", SMALL, "nearest", *layers, "-o", tmp_path / "near.parquet", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        out, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert out == f"{tmp_path / 'near.parquet'}\n"
    assert ("100%" in shown) == (not words)


def test_progress_is_not_shown_in_a_file(tmp_path, layers):
    command = [sys.executable, "-c", SMALL, "nearest", *layers, "-o", tmp_path / "near.parquet"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "%" not in told.stderr


def test_ctrl_c_in_the_middle_leaves_no_file(tmp_path):
    make(tmp_path / "villages.parquet", 1_500_000, 1)
    make(tmp_path / "points.parquet", 2000, 2)
    before = sorted(tmp_path.iterdir())
    words = ["nearest", tmp_path / "villages.parquet", tmp_path / "points.parquet", "-o", tmp_path / "near.parquet"]
    with subprocess.Popen([sys.executable, "-m", "geo", *words], stderr=subprocess.PIPE, text=True) as process:
        while not any(draft.stat().st_size for draft in tmp_path.glob(".geo-*/*")):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in told
    assert sorted(tmp_path.iterdir()) == before
