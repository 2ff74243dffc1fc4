"""`geo nearest` on layers that are too large to hold, and on a cluster: how it talks, and how it ends."""

from __future__ import annotations

import os
import pty
import re
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
    table(rows, seed).to_parquet(path, index=False)


def table(rows, seed):
    some = np.random.default_rng(seed)
    return pd.DataFrame({"id": np.arange(rows), "lon": some.uniform(105, 109, rows), "lat": some.uniform(9, 12, rows)})


@pytest.fixture
def layers(tmp_path):
    make(tmp_path / "villages.parquet", 400, 1)
    make(tmp_path / "points.parquet", 50, 2)
    return [tmp_path / "villages.parquet", tmp_path / "points.parquet"]


@pytest.fixture(params=["at once", "in pieces"])
def held(request, monkeypatch):
    """Hold few rows at once, or all; every message is the same of both."""
    monkeypatch.setattr(nearest, "HELD_ROWS", 2 if request.param == "in pieces" else 10**6)


def test_a_layer_too_large_to_hold_is_answered_as_a_small_one(tmp_path, layers, monkeypatch):
    small = run("nearest", *layers, "-o", tmp_path / "small.parquet")
    monkeypatch.setattr(nearest, "HELD_ROWS", 100)
    large = run("nearest", *layers, "-o", tmp_path / "large.parquet")
    assert (small.exit_code, large.exit_code) == (0, 0)
    assert large.stderr == small.stderr
    assert large.stdout == f"{tmp_path / 'large.parquet'}\n"
    tables = [gpd.read_parquet(tmp_path / f"{name}.parquet") for name in ("small", "large")]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.usefixtures("held")
def test_what_is_found_names_file_rows_and_remedy_and_nothing_of_people(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    villages = table(400, 1).assign(population=-1.0)
    villages.loc[[10, 20], ["lon", "lat"]] = villages.loc[[10, 20], ["lat", "lon"]].to_numpy()
    villages.loc[[30, 40, 41, 42, 43, 44], "lon"] = np.nan
    villages.to_parquet("my villages.parquet", index=False)
    posts = table(50, 2)
    posts.loc[[3, 4], "id"] = 3
    posts.to_csv("posts.csv", index=False)
    done = run("nearest", "my villages.parquet", "posts.csv", "-o", "near.parquet")
    empty, exchanged, twice, more = done.stderr.splitlines()
    assert empty == (
        "my villages.parquet: villages without coordinates: 6 (rows 30, 40, 41, 42, 43 …): "
        "their lines have no point and no distance; mend them in the file"
    )
    assert exchanged.startswith("my villages.parquet: villages with latitude and longitude exchanged: 2 (")
    assert " (rows 10, 20): their lines have no point" in exchanged
    assert twice == (
        "posts.csv: points that share an id with another: 2 (as 3) (rows 5, 6): "
        "point_id does not tell which of them is meant; give each an id of its own"
    )
    assert more == "All rows are told by: geo check --villages 'my villages.parquet' --points posts.csv"
    assert done.exit_code == 0
    assert run("nearest", "my villages.parquet", "posts.csv", "-o", "quiet.parquet", "-q").stderr == ""


def test_a_coordinate_that_is_no_number_is_told_and_people_that_are_none_are_not(tmp_path):
    (tmp_path / "v.csv").write_text("id,lon,lat,population\n1,109,11,many\n2,here,11,5\n3,109.1,11,5\n", "utf-8")
    done = run("nearest", tmp_path / "v.csv", tmp_path / "v.csv", "-o", tmp_path / "near.csv")
    assert "column 'lon': 1 (as 'here') (row 3): it counts as empty" in done.stderr
    assert "population" not in done.stderr


def test_a_missing_datum_shift_is_mended_by_the_option_that_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    system = "+proj=tmerc +lat_0=0 +lon_0=108.25 +k=0.9999 +x_0=500000 +y_0=0 +datum=WGS84 +units=m"
    some = np.random.default_rng(1)
    places = gpd.points_from_xy(some.uniform(108, 108.5, 30), some.uniform(11, 11.5, 30), crs=4326).to_crs(system)
    pd.DataFrame({"x": places.x, "y": places.y}).to_csv("v.csv", index=False)
    wrong = run("nearest", "v.csv", "v.csv", "--crs", system, "-o", "near.csv")
    remedy = re.search(r"--crs (\S+) mends a file that names no system", wrong.stderr)[1]
    assert run("nearest", "v.csv", "v.csv", "--crs", remedy, "-o", "right.csv").stderr == ""


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("empty", ["villages", "points"])
def test_a_layer_without_rows_is_an_error_and_the_lines_of_the_villages_are_written(tmp_path, monkeypatch, empty):
    monkeypatch.chdir(tmp_path)
    for name in ("villages", "points"):
        make(f"{name}.parquet", 0 if name == empty else 5, 1)
    done = run("nearest", "villages.parquet", "points.parquet", "-o", "near.parquet")
    last = f"geo: {empty}.parquet has no rows, and {empty} are needed. Fill it in, or name another file."
    assert (done.exit_code, done.stdout, done.stderr.splitlines()[-1]) == (1, "near.parquet\n", last)
    near = gpd.read_parquet("near.parquet")
    assert (len(near), near["point_id"].isna().all()) == (0 if empty == "villages" else 5, True)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("bad", ["villages", "points"])
def test_a_layer_of_which_no_row_can_be_used_is_an_error(tmp_path, monkeypatch, bad):
    monkeypatch.chdir(tmp_path)
    for name in ("villages", "points"):
        table(1500, 1).assign(**({"lon": np.nan} if name == bad else {})).to_parquet(f"{name}.parquet", index=False)
    done = run("nearest", "villages.parquet", "points.parquet", "-o", "near.parquet")
    last = f"geo: {bad}.parquet: none of its 1,500 rows can be used as {bad}; geo check tells each one."
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (1, last)


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
    os.write(theirs, b"the end")  # nothing at all cannot be read
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
