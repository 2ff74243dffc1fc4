"""Hostile study files, rasters and names at the command line: one line, status 1, an unchanged terminal."""

from __future__ import annotations

import json
import os
import signal

import numpy as np
import pytest
from click.testing import CliRunner

from geo.cli.main import main

VILLAGES = "name,lat,lon,population\nAn,11.5,109.0,100\nBình,11.6,109.1,50\n"


def run(*args):
    """Run a command here; one that hangs is ended by the alarm."""
    signal.alarm(60)
    try:
        return CliRunner().invoke(main, [str(arg) for arg in args])
    finally:
        signal.alarm(0)


def assert_refused(done, *words):
    assert done.exit_code == 1, done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit)
    lines = done.stderr.splitlines()
    assert "fault of geo" not in done.stderr
    assert len(lines) == 1, done.stderr
    assert all(word in lines[0] for word in words), lines[0]


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 5_000,
        "within_km = [" + "9" * 10_000 + "]",
        "within_km = [1e999999999]",
        "[official]\narea_km2 = 1e-9999999999999999999",
        '[villages]\nfile = "' + "a" * 5_000 + '"',
        '[villages]\nfile = "a\\u0000b"',
        '[villages]\nfile = "/dev/zero"',
        '[villages]\nfile = "."',
        '[villages]\nfile = "../../../../../../etc"',
        '[villages]\nfile = "http://127.0.0.1:9/x.csv"',
        '[villages]\nfile = "pipe.csv"',
        '[population]\nfile = "/dev/zero"',
        '[population]\nfile = "pipe.csv"',
        '[villages.join]\nfile = "/dev/zero"',
        "standards = ['/dev/zero']",
        "standards = ['pipe.csv']",
        "\x00",
        "\x1b[31m = 1",
    ],
)
def test_a_study_file_that_means_harm_is_refused_in_one_line(tmp_path, text):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "villages.csv").write_text(VILLAGES, "utf-8")
    if "villages.join" in text:
        text = '[villages]\nfile = "villages.csv"\n' + text
    (tmp_path / "study.toml").write_text(text, "utf-8")
    done = run("measure", tmp_path / "study.toml")
    assert_refused(done)
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "."])
def test_a_study_that_is_no_file_is_not_opened(tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    done = run("measure", tmp_path / name)
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)


def test_no_control_character_of_a_layer_reaches_the_terminal(tmp_path):
    name = "A\x1b[31m\x9b2Jn\u202e\x07"
    feature = {
        "type": "Feature",
        "properties": {"name": name, "population\x1b]0;x\x07": 1, "code": f"c\n{name}"},
        "geometry": {"type": "Point", "coordinates": [109.0, 11.5]},
    }
    path = tmp_path / "v\x1b[31m.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature] * 3}), "utf-8")
    for args in (["check", "--villages", path, "-v"], ["measure", "--villages", path, "-v"]):
        done = run(*args)
        assert done.exit_code in (0, 3), done.stderr
        for sign in ("\x1b", "\x9b", "\x07", "\u202e"):
            assert sign not in done.stdout + done.stderr
    gone = run("check", "--villages", tmp_path / "gone\x1b[31m\n.csv")
    assert_refused(gone, "gone\\x1b[31m\\n.csv")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.csv", b"name,lat,lon\nA\0,1,2\n"),
        ("v.xlsx", b"PK\x03\x04" + bytes(100)),
        ("v.gpkg", b"SQLite format 3\0" + bytes(100)),
        ("v.parquet", b"PAR1" + bytes(100) + b"PAR1"),
        ("v.osm.pbf", b"\0\0\0\x0d\n\x09OSMHeader\x18\x7f"),
        ("v.osm", b"<osm><node id='1' lat='x'/></osm>"),
        ("v.shp", b"\0\0\x27\x0a" + bytes(96)),
        ("v.fgb", b"fgb\x03fgb\x00" + b"\xff" * 100),
        ("v.kml", b"<kml>"),
        ("v.zip", b"PK\x05\x06" + bytes(18)),
        ("v.csv.gz", b"\x1f\x8b" + bytes(20)),
    ],
)
def test_a_broken_layer_ends_a_command_in_one_line_that_names_it(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert_refused(run("measure", "--villages", tmp_path / name), name)


def put_raster(path, **lies):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(
        path, "w", driver="GTiff", width=4, height=4, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(0.075, 0, 108.9, 0, -0.075, 11.7),
    ) as made:  # fmt: skip
        made.write(np.ones((1, 4, 4), "float32"))
        made.update_tags(1, units="people")
    content = bytearray(path.read_bytes())
    start = int.from_bytes(content[4:8], "little")
    for entry in range(int.from_bytes(content[start : start + 2], "little")):
        at = start + 2 + 12 * entry
        tag = int.from_bytes(content[at : at + 2], "little")
        if tag in lies.get("tags", {}):
            content[at + 2 : at + 12] = lies["tags"][tag]
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("size", [2_000_000_000, 100_000])
def test_a_raster_whose_header_lies_about_its_size_takes_no_memory(tmp_path, size):
    (tmp_path / "villages.csv").write_text(VILLAGES, "utf-8")
    long = b"\x04\x00\x01\x00\x00\x00" + size.to_bytes(4, "little")
    people = put_raster(tmp_path / "people.tif", tags={256: long, 257: long})
    args = ["measure", "--villages", tmp_path / "villages.csv", "--people", people, "--people-unit", "count"]
    assert_refused(run(*args), "people.tif")


def test_a_virtual_raster_opens_no_other_file(tmp_path):
    put_raster(tmp_path / "secret.tif")
    (tmp_path / "villages.csv").write_text(VILLAGES, "utf-8")
    band = '<VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename>{}</SourceFilename></SimpleSource>'
    text = f'<VRTDataset rasterXSize="4" rasterYSize="4">{band}</VRTRasterBand></VRTDataset>'
    (tmp_path / "people.tif").write_text(text.format(tmp_path / "secret.tif"), "utf-8")
    args = ["measure", "--villages", tmp_path / "villages.csv", "--people", tmp_path / "people.tif"]
    assert_refused(run(*args, "--people-unit", "count"), "people.tif cannot be read as a raster")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_ids_and_headers_that_are_formulas_are_text_in_what_is_written(tmp_path, ending):
    head = 'village_id,name,=cmd()|x,lat,lon\n"=HYPERLINK(""http://x"")",@SUM(1),+1+1,11.5,109.0\n'
    (tmp_path / "v.csv").write_text(head, "utf-8")
    (tmp_path / "p.csv").write_text("point_id,lat,lon\n=1+1,11.5,109.0\n", "utf-8")
    done = run("nearest", tmp_path / "v.csv", tmp_path / "p.csv", "-o", tmp_path / f"n.{ending}")
    assert done.exit_code == 0, done.stderr
    if ending == "csv":
        text = (tmp_path / "n.csv").read_text("utf-8-sig")
        assert not [cell for cell in text.replace("\n", ",").split(",") if cell.lstrip('"').startswith(("=", "@", "+"))]
    else:
        import openpyxl  # noqa: PLC0415

        book = openpyxl.load_workbook(tmp_path / "n.xlsx")
        assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}
