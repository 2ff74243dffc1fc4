from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from geo.cli.main import main
from geo.errors import LayerError, OutputError, StudyError
from geo.layers.database import is_database, parse, read_database, without_password, write_database
from geo.layers.layer import read_layer
from geo.study.study import Study

psycopg = pytest.importorskip("psycopg", reason="the extra db is not installed")

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))
pytestmark = pytest.mark.skipif(BIN is None or shutil.which("runuser") is None, reason="no PostgreSQL is installed")


def as_postgres(*command):
    """Root may not run a server."""
    before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*before, *command], check=True, capture_output=True, text=True)


@pytest.fixture(scope="session")
def server():
    """Give the address of a cluster that is thrown away: no port is opened, it answers on a socket of its own."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    as_postgres(f"{BIN}/initdb", "-D", str(data), "-U", "geo", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    as_postgres(f"{BIN}/pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    yield f"postgresql://geo@/postgres?host={folder}"
    as_postgres(f"{BIN}/pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


def run(server, *statements):
    with psycopg.connect(server) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="session")
def database(server):
    try:
        run(server, "CREATE EXTENSION postgis")
    except psycopg.Error:
        pytest.skip("PostgreSQL has no PostGIS here")
    run(
        server,
        "CREATE SCHEMA dept",
        "CREATE TABLE dept.villages (id int PRIMARY KEY, name text, population numeric, geom geometry(Point, 9217))",
        """INSERT INTO dept.villages VALUES
           (30, 'Ba Tháp', 1200, ST_SetSRID(ST_Point(580361.57, 1278976.96), 9217)),
           (10, 'An Hải', 800.5, NULL),
           (20, '=1+1', NULL, ST_SetSRID(ST_Point(580361.57, 1278976.96), 9217))""",
        "CREATE VIEW dept.named AS SELECT id, name, geom FROM dept.villages WHERE name LIKE 'B%'",
        "CREATE TABLE posts (code text PRIMARY KEY, kind text, lon float8, lat float8)",
        "INSERT INTO posts VALUES ('p2', 'post_office', 109, 11.5), ('p1', 'agency', 108.9, 11.6)",
        "CREATE SEQUENCE counter",
        "CREATE TABLE twice (a geometry, b geometry)",
        "CREATE TABLE mixed (geom geometry)",
        "INSERT INTO mixed VALUES ('SRID=4326;POINT(109 11)'), ('SRID=3857;POINT(1 1)')",
        "CREATE TABLE hollow (geom geometry(Point, 9217))",
        "CREATE TABLE globe (geog geography(Point, 4326))",
        "INSERT INTO globe VALUES ('POINT(109 11)')",
    )
    return server


def test_a_table_is_read_in_the_order_of_its_key_with_its_system(database):
    rows, crs, digest, _ = read_database(f"{database}::dept.villages")
    assert crs.to_epsg() == 9217
    assert rows.index.tolist() == [10, 20, 30]
    assert rows["name"].tolist() == ["An Hải", "=1+1", "Ba Tháp"]
    assert rows["population"].tolist()[::2] == [800.5, 1200.0]
    assert shapely.get_x(rows.geometry.to_numpy())[2] == 580361.57
    assert rows.geometry.isna().tolist() == [True, False, False]
    assert read_database(f"{database}::dept.villages")[2] == digest


def test_it_is_a_layer_like_any_other_in_degrees(database):
    layer = read_layer("villages", f"{database}::dept.villages")
    place = layer.table.geometry.iloc[2]
    assert (place.x, place.y) == (pytest.approx(108.9886, abs=1e-6), pytest.approx(11.5643, abs=1e-6))
    assert layer.table["population"].tolist()[::2] == [800.5, 1200.0]
    assert layer.crs == "EPSG:9217"


def test_a_table_without_geometry_is_a_table_with_its_rows_numbered(database):
    layer = read_layer("points", f"{database}::posts")
    assert layer.table["point_id"].tolist() == ["p1", "p2"]
    assert layer.table.index.tolist() == [1, 2]
    assert layer.table.geometry.iloc[1].coords[0] == (109, 11.5)


def test_views_queries_and_geographies_are_read(database):
    assert read_database(f"{database}::dept.named")[0]["name"].tolist() == ["Ba Tháp"]
    query = "(SELECT id, geom FROM dept.villages WHERE name <> 'a:b' AND name LIKE '%á%' AND population::int > 1000;)"
    assert read_database(f"{database}::{query}")[0]["id"].tolist() == [30]
    assert read_database(f"{database}::globe")[0].geometry.iloc[0].coords[0] == (109, 11)


SHAPES = {
    "z": "POINT Z (109 11 5)",
    "m": "POINT M (109 11 5)",
    "zm": "POINT ZM (109 11 5 6)",
    "nothing": "POINT EMPTY",
    "hole": "POINT (NaN NaN)",
    "polygon": "POLYGON ((109 11, 110 11, 110 12, 109 11))",
    "curve": "CURVEPOLYGON (CIRCULARSTRING (109 11, 110 12, 111 11, 110 10, 109 11))",
    "surfaces": "MULTISURFACE (((109 11, 110 11, 110 12, 109 11)))",
    "solid": "POLYHEDRALSURFACE Z (((109 11 0, 110 11 0, 110 12 1, 109 11 0)))",
    "tin": "TIN (((109 11, 110 11, 110 12, 109 11)))",
}


def test_curves_heights_and_what_is_nothing_flat_are_rows_that_are_told(database):
    texts = ", ".join(f"('{name}', ST_SetSRID('{text}'::geometry, 4326))" for name, text in SHAPES.items())
    query = f"(SELECT * FROM (VALUES {texts}) AS shapes (id, geom))"  # noqa: S608 - a query of the test
    layer = read_layer("villages", f"{database}::{query}")
    row = dict(zip(layer.table["village_id"], layer.table.index, strict=True))
    told = {one.fault: one.rows for one in layer.findings}
    assert told["curves"] == (row["curve"],)
    assert told["unreadable_geometry"] == (row["solid"], row["tin"])
    there = layer.table.set_index("village_id").geometry
    assert [name for name in SHAPES if there[name] is None] == ["nothing", "hole", "solid", "tin"]
    assert there[["z", "m", "zm"]].apply(lambda point: point.coords[0]).tolist() == [(109, 11)] * 3
    assert len(there["curve"].exterior.coords) == 91
    assert there["curve"].area == pytest.approx(np.pi, rel=1e-3)
    assert there["surfaces"].equals(there["polygon"])


def test_columns_of_one_name_and_a_text_called_geometry(database):
    with pytest.raises(LayerError, match=r"several columns called id\. .*SELECT \.\.\. AS"):
        read_database(f"{database}::(SELECT id, id, geom FROM dept.villages)")  # noqa: S608
    rows = read_database(f"{database}::(SELECT id, name AS geometry, geom FROM dept.villages ORDER BY id)")[0]  # noqa: S608
    assert rows["geometry (2)"].tolist() == ["An Hải", "=1+1", "Ba Tháp"]
    assert rows.geometry.isna().tolist() == [True, False, False]


def test_a_table_without_rows_has_the_system_it_is_declared_with(database):
    assert read_database(f"{database}::hollow")[1].to_epsg() == 9217
    assert read_database(f"{database}::(SELECT * FROM globe WHERE false)")[1].to_epsg() == 4326  # noqa: S608
    assert read_database(f"{database}::(SELECT * FROM mixed WHERE false)")[1] is None  # noqa: S608


def test_a_query_cannot_change_the_database(database):
    for query in ("(DELETE FROM posts RETURNING *)", "(SELECT 1) AS a; DELETE FROM posts; SELECT * FROM (SELECT 1)"):
        with pytest.raises(LayerError):
            read_database(f"{database}::({query})")
    with pytest.raises(LayerError, match="read-only"):
        read_database(f"{database}::(SELECT nextval('counter'))")
    assert len(read_database(f"{database}::posts")[0]) == 2


def test_what_is_missing_or_unclear_is_one_line_with_the_way_out(database):
    with pytest.raises(LayerError, match=r"dept\.named, dept\.villages, public\.globe") as missing:
        read_database(f"{database}::dept.town")
    assert "\n" not in str(missing.value)
    with pytest.raises(LayerError, match="names no table"):
        read_database(database)
    with pytest.raises(LayerError, match=r"2 geometries \(a, b\)"):
        read_database(f"{database}::twice")
    with pytest.raises(LayerError, match=r"several SRIDs \(3857, 4326\)"):
        read_database(f"{database}::mixed")
    with pytest.raises(LayerError, match="nowhere"):
        read_database(f"{database}::(SELECT nowhere FROM posts)")  # noqa: S608 - a query of the test


@pytest.mark.parametrize(
    "name",
    [
        "postgresql://an:s3cr-t@127.0.0.1:9/db?connect_timeout=2::t",
        "postgresql://an@127.0.0.1:9/db?connect_timeout=2&password=s3cr-t::t",
        "postgres://an:s3cr-t@[::1]:9/db?connect_timeout=2::t",
        "postgresql://an:s3cr-t@127.0.0.1:port/db::t",
        "postgresql://an:s3cr-t@and:s3cr-t@127.0.0.1:9/db::t",
        "postgresql+psycopg://an:::s3cr-t @127.0.0.1:9/db?connect_timeout=2::t",
        "POSTGRES://an@127.0.0.1:9/db?connect_timeout=2&Password=a s3cr-t::(SELECT 1)",
        "postgis://127.0.0.1:9/db?connect_timeout=2&sslpassword=s3cr-t::t",
    ],
)
def test_no_password_is_ever_told(name):
    with pytest.raises(LayerError) as refused:
        read_database(name)
    text = "".join(str(part) for part in (refused.value, without_password(name), parse(name).shown))
    assert "s3cr-t" not in text
    assert "\n" not in str(refused.value)


def test_what_is_written_is_read_again(database):
    layer = gpd.GeoDataFrame(
        {"village_id": ["a", "b"], "distance_km": [1.5, np.nan], "covered:3G": pd.array([True, None], "boolean")},
        geometry=[shapely.Point(109, 11), None],
        crs=4326,
    )
    name = f"{database}::dept.near"
    write_database(layer, name)
    with pytest.raises(OutputError, match="exists"):
        write_database(layer, name)
    write_database(layer.iloc[:1], name, overwrite=True)
    write_database(layer, name, overwrite=True)
    rows, crs, _, _ = read_database(name)
    assert crs.to_epsg() == 4326
    assert rows["village_id"].tolist() == ["a", "b"]
    assert rows["distance_km"].isna().tolist() == [False, True]
    assert rows["covered:3G"].tolist() == [True, None]
    assert rows.geometry.iloc[0].equals(shapely.Point(109, 11))


def test_a_table_that_cannot_be_written_leaves_the_old_one(database):
    layer = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(109, 11)], crs=4326)
    write_database(layer, f"{database}::kept")
    with pytest.raises(OutputError):
        write_database(layer.assign(a=["a\0b"]), f"{database}::kept", overwrite=True)
    assert read_database(f"{database}::kept")[0]["a"].tolist() == [1]
    with pytest.raises(OutputError, match=r"name the table"):
        write_database(layer, database)


def test_a_study_of_tables_and_queries_gives_the_figures_of_its_files(database, tmp_path):
    secret = database.replace("geo@", "geo:s3cr-t@")
    query = "SELECT * FROM dept.villages WHERE geom IS NOT NULL"
    (tmp_path / "study.toml").write_text(
        f'[villages]\nfile = "{secret}"\nsql = "{query}"\n[points]\nfile = "{secret}::posts"\n',
        "utf-8",
    )
    results = Study.open(tmp_path / "study.toml").run()
    figures = {one.indicator: one.value for one in results.figures}
    assert (figures["villages"], figures["points"], figures["population"]) == (2, 2, 1200)
    assert [len(one.sha256) for one in results.layers] == [64, 64]
    assert "s3cr-t" not in repr(results.layers)
    assert results.layers[0].file.endswith("::(SELECT * FROM dept.villages WHERE geom IS NOT NULL)")


def test_the_command_reads_tables_and_writes_one_without_telling_the_password(database):
    secret = database.replace("geo@", "geo:s3cr-t@")
    names = (f"{secret}::dept.villages", f"{secret}::posts", "-o", f"{secret}::dept.found")
    ran = CliRunner().invoke(main, ["nearest", *names])
    assert (ran.exit_code, ran.stdout) == (0, f"{without_password(secret)}::dept.found\n"), ran.stderr
    assert "s3cr-t" not in ran.stderr
    rows = read_database(f"{database}::dept.found")[0]
    assert rows["point_id"].fillna("").tolist() == ["", "p2", "p2"]
    again = CliRunner().invoke(main, ["nearest", *names])
    assert again.exit_code == 1
    assert again.stderr.splitlines()[-1].endswith("dept.found exists. Name another table, or say --overwrite.")
    assert "s3cr-t" not in again.stderr


def test_no_output_of_a_command_holds_the_password(database, tmp_path):
    secret = database.replace("geo@", "geo:s3/cr-t?#@").replace("postgresql", "PostgreSQL+psycopg2")
    query = f"{secret}::(SELECT id, name, geom FROM dept.villages WHERE name <> 'a@b')"  # noqa: S608 - a query of the test
    layers = ("--villages", f"{secret}::dept.villages", "--points", query)
    outs = [tmp_path / name for name in ("page.html", "report.md", "report.xlsx", "faults.gpkg")]
    told = []
    for words in (
        ("measure", *layers, "--format", "json", "-v"),
        ("measure", *layers, "--format", "csv"),
        ("check", *layers, "-o", outs[3], "-v"),
        ("check", *layers, "--format", "json"),
        ("map", *layers, "-o", outs[0]),
        ("report", *layers, "-o", outs[1]),
        ("report", *layers, "-o", outs[2]),
        ("nearest", f"{secret}::dept.villages", query, "-o", f"{secret}::dept.written", "--overwrite"),
    ):
        done = CliRunner().invoke(main, list(map(str, words)))
        assert done.exit_code in (0, 3), done.output
        told.append(done.output)
    assert "PostgreSQL+psycopg2://geo:***@" in told[0]
    with zipfile.ZipFile(outs[2]) as book:
        told += [book.read(part).decode("latin-1") for part in book.namelist()]
    told += [out.read_bytes().decode("latin-1") for out in (outs[0], outs[1], outs[3])]
    assert not [text for text in told if "cr-t" in text]


def test_sql_of_a_file_is_refused(tmp_path):
    (tmp_path / "v.csv").write_text("lon,lat\n109,11\n", "utf-8")
    (tmp_path / "study.toml").write_text('[villages]\nfile = "v.csv"\nsql = "SELECT 1"\n', "utf-8")
    with pytest.raises(StudyError, match=r"v\.csv is no database"):
        Study.open(tmp_path / "study.toml")


def test_a_file_is_no_database():
    assert not is_database("villages.gpkg::villages")
    with pytest.raises(LayerError, match="names no database"):
        parse("mysql://an:s3cr-t@host/db::t")
