"""Villages in pieces: the same answer as the whole layer at once, on one process and on a real cluster."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyproj import Geod

from geo.errors import CRSError, LayerError, OutputError
from geo.layers.check import check_layers, usable
from geo.layers.layer import Reading, read_layer
from geo.layers.pieces import open_villages
from geo.layers.write import write_layer
from geo.measure.access import with_nearest
from geo.scale import cluster
from geo.scale.cluster import ClusterError
from geo.scale.nearest import Run, nearest_in_file, rows_in_pieces

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="distributed is not installed (the extra 'cluster')"
)


def a_country(rows=1000, seed=5):
    """Villages with every fault that a row can have, in no order."""
    some = np.random.default_rng(seed)
    lon, lat = some.uniform(105, 109, rows), some.uniform(9, 12, rows)
    lon[10], lat[10] = 200, 10
    lon[20], lat[20] = lat[20], lon[20]
    lon[30], lat[30] = 10, 50
    lon[40], lat[40] = lon[400], lat[400]
    geometry = shapely.points(lon, lat)
    geometry[50] = None
    geometry[60] = shapely.Point()
    people = some.integers(1, 900, rows).astype(float)
    people[[7, 70]] = -1, np.nan
    ids = [f"v{n}" for n in range(rows)]
    ids[900] = "v3 "
    columns = {"id": ids, "population": people, "note": pd.Categorical(some.choice(["a", "b"], rows))}
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")


@pytest.fixture
def country(tmp_path):
    a_country().to_parquet(tmp_path / "villages.parquet", row_group_size=230)
    return str(tmp_path / "villages.parquet")


@pytest.fixture
def posts(tmp_path):
    some = np.random.default_rng(6)
    lon, lat = some.uniform(105, 109, 80), some.uniform(9, 12, 80)
    lon[5], lat[5] = 10, 50
    lon[6], lat[6] = lon[7], lat[7]
    ids = pd.Series(range(80)).astype(str)
    posts = gpd.GeoDataFrame({"point_id": ids}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    posts.to_file(tmp_path / "posts.gpkg")
    return str(tmp_path / "posts.gpkg")


def at_once(villages, points, output, crs=None):
    layers = {
        name: read_layer(name, file, Reading(crs=crs)) for name, file in (("villages", villages), ("points", points))
    }
    findings = check_layers(layers)
    known = [usable(name, layer, findings) for name, layer in layers.items()]
    write_layer(with_nearest(layers["villages"].own, *known), output)
    return findings


def same(pieces, whole):
    """Hold pieces against the whole layer, which has no geometry where they keep an empty one."""
    pieces.geometry = pieces.geometry.where(~pieces.geometry.is_empty)
    assert_geodataframe_equal(pieces, whole)


def told(findings):
    return [(one.layer, one.fault, one.rows, one.left_out, one.text(), one.effect("vi")) for one in findings]


@pytest.mark.parametrize("partition_rows", [97, 230, 5000])
def test_pieces_give_the_rows_and_the_findings_of_the_whole_layer_at_once(tmp_path, country, posts, partition_rows):
    found = nearest_in_file(country, posts, tmp_path / "pieces.parquet", Run(partition_rows=partition_rows)).findings
    whole = at_once(country, posts, tmp_path / "whole.parquet")
    assert told(found) == told(whole)
    assert {one.fault for one in found} >= {
        "empty_geometry", "swapped_coordinates", "misplaced", "impossible_coordinates", "duplicate_position",
        "duplicate_id", "negative_population", "missing_population",
    }  # fmt: skip
    pieces = gpd.read_parquet(tmp_path / "pieces.parquet")
    same(pieces, gpd.read_parquet(tmp_path / "whole.parquet"))
    assert pieces.index[pieces["point_id"].isna()].tolist() == [10, 20, 30, 50, 60]


def test_the_nearest_point_is_that_of_all_pairs_compared(tmp_path, country, posts):
    nearest_in_file(country, posts, tmp_path / "near.parquet", Run(partition_rows=97))
    near = gpd.read_parquet(tmp_path / "near.parquet").dropna(subset="point_id")
    there = gpd.read_file(posts).drop(index=5)
    pairs = [np.repeat(axis, len(there)) for axis in (near.geometry.x, near.geometry.y)]
    pairs += [np.tile(axis, len(near)) for axis in (there.geometry.x, there.geometry.y)]
    metres = Geod(ellps="WGS84").inv(*pairs)[2].reshape(len(near), len(there))
    assert near["point_id"].tolist() == there["point_id"].to_numpy()[metres.argmin(axis=1)].tolist()
    assert np.abs(near["distance_km"] - metres.min(axis=1) / 1000).max() < 1e-9


@pytest.mark.parametrize("system", ["EPSG:9217", "OGC:CRS84", "EPSG:3857"])
def test_places_in_any_system_are_brought_to_wgs84(tmp_path, posts, system):
    village = a_country().drop(index=[10, 20, 30]).to_crs(system)
    village.to_parquet(tmp_path / "v.parquet", index=False)
    found = nearest_in_file(
        str(tmp_path / "v.parquet"), posts, tmp_path / "pieces.parquet", Run(partition_rows=97)
    ).findings
    assert told(found) == told(at_once(tmp_path / "v.parquet", posts, tmp_path / "whole.parquet"))
    same(gpd.read_parquet(tmp_path / "pieces.parquet"), gpd.read_parquet(tmp_path / "whole.parquet"))


@pytest.mark.parametrize("system", ["EPSG:9217", "EPSG:4756"])
@pytest.mark.parametrize("form", ["points", "polygons", "columns"])
def test_exchanged_coordinates_are_told_of_pieces_as_of_the_whole_layer(tmp_path, posts, system, form):
    some = np.random.default_rng(2)
    lon, lat = some.uniform(108, 108.5, 300), some.uniform(11, 11.5, 300)
    x, y = np.array(pyproj.Transformer.from_crs(4326, system, always_xy=True).transform(lon, lat))
    slipped, lost = [3, 120, 121], [77, 150]
    x[slipped], y[slipped] = y[slipped], x[slipped]
    x[lost], y[lost] = 0.9 * y[lost], 0.1 * x[lost]
    path, crs = tmp_path / "v.parquet", system if form == "columns" else None
    degrees = pyproj.CRS(system).is_geographic
    if form == "columns":
        pd.DataFrame({"lon" if degrees else "x": x, "lat" if degrees else "y": y}).to_parquet(path)
    else:
        size = 1e-6 * np.abs(y).max()
        shapes = shapely.points(x, y) if form == "points" else shapely.box(x - size, y - size, x + size, y + size)
        gpd.GeoDataFrame({"id": range(300)}, geometry=shapes, crs=system).to_parquet(path)
    found = nearest_in_file(str(path), posts, tmp_path / "pieces.parquet", Run(crs=crs, partition_rows=97)).findings
    assert told(found) == told(at_once(path, posts, tmp_path / "whole.parquet", crs))
    fault = "swapped_coordinates" if degrees else "swapped_metres"
    assert next(one.rows for one in found if one.fault == fault) == tuple(slipped)
    assert next(one.rows for one in found if one.fault == "misplaced") == tuple(lost)


@pytest.mark.parametrize("system", ["EPSG:9217", "EPSG:4756"])
@pytest.mark.parametrize("form", ["points", "columns"])
@pytest.mark.parametrize("rows", [12, 300])
def test_zeros_and_strays_are_told_of_pieces_as_of_the_whole_layer(tmp_path, posts, system, form, rows):
    some = np.random.default_rng(3)
    lon, lat = some.uniform(108, 108.5, rows), some.uniform(11, 11.5, rows)
    lon[-1], lat[-1] = 2.0, 45.0
    x, y = np.array(pyproj.Transformer.from_crs(4326, system, always_xy=True).transform(lon, lat))
    x[0], y[0] = 0, 0
    path, crs = tmp_path / "v.parquet", system if form == "columns" else None
    if form == "columns":
        degrees = pyproj.CRS(system).is_geographic
        pd.DataFrame({"lon" if degrees else "x": x, "lat" if degrees else "y": y}).to_parquet(path)
    else:
        gpd.GeoDataFrame({"id": range(rows)}, geometry=shapely.points(x, y), crs=system).to_parquet(path)
    found = nearest_in_file(str(path), posts, tmp_path / "pieces.parquet", Run(crs=crs, partition_rows=97)).findings
    assert next(one.rows for one in found if one.fault == "zero_coordinates") == (0,)
    assert next(one.rows for one in found if one.fault == "misplaced") == (rows - 1,)
    assert told(found) == told(at_once(path, posts, tmp_path / "whole.parquet", crs))


def test_wrong_signs_are_told_of_pieces_as_of_the_whole_layer(tmp_path, posts):
    villages = a_country()
    for rows, signs in (([11, 12], (-1, 1)), ([13], (-1, -1))):
        villages.loc[rows, "geometry"] = shapely.transform(
            villages.geometry[rows].to_numpy(), lambda xy, s=signs: xy * s
        )
    villages.to_parquet(tmp_path / "v.parquet", index=False)
    found = nearest_in_file(
        str(tmp_path / "v.parquet"), posts, tmp_path / "pieces.parquet", Run(partition_rows=97)
    ).findings
    assert told(found) == told(at_once(tmp_path / "v.parquet", posts, tmp_path / "whole.parquet"))
    assert {one.fault: one.rows for one in found if one.repair == "sign"} == {
        "wrong_longitude_sign": (11, 12),
        "wrong_signs": (13,),
    }


def test_a_missing_datum_shift_is_told_of_pieces_as_of_the_whole_layer(tmp_path, posts):
    system = "+proj=tmerc +lat_0=0 +lon_0=108.25 +k=0.9999 +x_0=500000 +y_0=0 +datum=WGS84 +units=m"
    a_country().drop(index=[10, 20, 30]).to_crs(system).to_parquet(tmp_path / "v.parquet", index=False)
    found = nearest_in_file(
        str(tmp_path / "v.parquet"), posts, tmp_path / "pieces.parquet", Run(partition_rows=97)
    ).findings
    assert told(found) == told(at_once(tmp_path / "v.parquet", posts, tmp_path / "whole.parquet"))
    (lost,) = [one for one in found if one.fault == "datum_shift_missing"]
    assert (lost.values["count"], lost.values["system"], lost.left_out) == (995, "EPSG:9217", False)


def test_villages_as_polygons_are_measured_from_a_point_on_their_surface(tmp_path, posts):
    villages = a_country().drop(index=[10, 20, 30])
    discs = shapely.buffer(villages.geometry.to_numpy(), 0.01)
    villages.geometry = np.where(villages.index % 2 == 0, discs, villages.geometry)
    villages.loc[100, "geometry"] = shapely.Polygon([(106, 10), (107, 11), (107, 10), (106, 11)])
    villages.to_parquet(tmp_path / "v.parquet", index=False)
    found = nearest_in_file(
        str(tmp_path / "v.parquet"), posts, tmp_path / "pieces.parquet", Run(partition_rows=97)
    ).findings
    assert "invalid_geometry" in {one.fault for one in found}
    assert told(found) == told(at_once(tmp_path / "v.parquet", posts, tmp_path / "whole.parquet"))
    same(gpd.read_parquet(tmp_path / "pieces.parquet"), gpd.read_parquet(tmp_path / "whole.parquet"))


@pytest.mark.parametrize(("names", "crs"), [(("lon", "lat"), None), (("x", "y"), "EPSG:9217")])
def test_columns_of_coordinates_become_points_of_valid_geoparquet(tmp_path, posts, names, crs):
    village = a_country().drop(index=[20, 30]).to_crs(crs or "EPSG:4326")
    table = pd.DataFrame(village.drop(columns="geometry")).assign(**dict(zip(names, [0.0, 0.0], strict=True)))
    table[names[0]], table[names[1]] = village.geometry.x, village.geometry.y
    table.to_parquet(tmp_path / "v.parquet", index=False)
    run = Run(partition_rows=97, crs=crs)
    found = nearest_in_file(str(tmp_path / "v.parquet"), posts, tmp_path / "pieces.parquet", run).findings
    assert told(found) == told(at_once(tmp_path / "v.parquet", posts, tmp_path / "whole.parquet", crs))
    pieces = gpd.read_parquet(tmp_path / "pieces.parquet")
    same(pieces, gpd.read_parquet(tmp_path / "whole.parquet"))
    geometry = json.loads(pq.read_schema(tmp_path / "pieces.parquet").metadata[b"geo"])["columns"]["geometry"]
    assert geometry["bbox"] == pieces.total_bounds.tolist()


def test_the_covering_of_the_villages_still_leads_to_them(tmp_path, posts):
    a_country().iloc[100:].to_parquet(tmp_path / "v.parquet", write_covering_bbox=True)
    nearest_in_file(str(tmp_path / "v.parquet"), posts, tmp_path / "near.parquet", Run(partition_rows=97))
    box = (106, 10, 107, 11)
    some = gpd.read_parquet(tmp_path / "near.parquet", bbox=box)
    assert 0 < len(some) == len(a_country().iloc[100:].cx[106:107, 10:11])
    assert some["distance_km"].notna().all()


def test_an_answer_of_an_earlier_run_makes_room(tmp_path, country, posts):
    gpd.read_parquet(country).assign(distance_km="far", point_id="7").to_parquet(tmp_path / "first.parquet")
    run = Run(partition_rows=97)
    nearest_in_file(str(tmp_path / "first.parquet"), posts, tmp_path / "pieces.parquet", run)
    at_once(tmp_path / "first.parquet", posts, tmp_path / "whole.parquet")
    pieces, whole = (gpd.read_parquet(tmp_path / f"{name}.parquet") for name in ("pieces", "whole"))
    assert {"distance_km (own)", "point_id (own)"} < set(pieces)
    same(pieces[whole.columns], whole)


def test_no_piece_is_larger_than_asked_for_where_the_file_is_one_row_group(tmp_path):
    a_country().to_parquet(tmp_path / "v.parquet")
    source = open_villages(tmp_path / "v.parquet", None)
    assert source.file.num_row_groups == 1
    assert [(start, len(piece)) for start, piece in source.pieces(400)] == [(0, 400), (400, 400), (800, 200)]


@pytest.mark.parametrize("keep", [0, 1])
def test_layers_of_no_rows_or_one_have_an_answer(tmp_path, posts, keep):
    a_country().iloc[:keep].to_parquet(tmp_path / "v.parquet")
    found = nearest_in_file(str(tmp_path / "v.parquet"), posts, tmp_path / "near.parquet", Run()).findings
    near = gpd.read_parquet(tmp_path / "near.parquet")
    assert (near.shape, near.crs) == ((keep, 6), "EPSG:4326")
    assert ("no_rows" in {one.fault for one in found}) == (keep == 0)


def test_without_points_no_village_has_an_answer(tmp_path, country):
    (tmp_path / "p.csv").write_text("id,lon,lat\n", "utf-8")
    found = nearest_in_file(
        country, str(tmp_path / "p.csv"), tmp_path / "near.parquet", Run(partition_rows=400)
    ).findings
    assert gpd.read_parquet(tmp_path / "near.parquet")["point_id"].isna().all()
    assert [one.fault for one in found if one.layer == "points"] == ["no_rows"]


def test_a_finding_of_many_rows_counts_all_and_lists_the_first_thousand(tmp_path, posts):
    a_country(3000).assign(population=np.nan).to_parquet(tmp_path / "v.parquet")
    found = nearest_in_file(str(tmp_path / "v.parquet"), posts, tmp_path / "near.parquet", Run()).findings
    missing = next(one for one in found if one.fault == "missing_population")
    assert (len(missing.rows), missing.values["count"]) == (1000, 3000)
    assert "3,000" in missing.text()


def test_a_damaged_file_is_one_clear_error_and_leaves_nothing(tmp_path, country, posts):
    whole = (tmp_path / "villages.parquet").read_bytes()
    (tmp_path / "villages.parquet").write_bytes(whole[:200] + bytes(9000) + whole[9200:])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(LayerError, match=r"villages\.parquet cannot be read"):
        nearest_in_file(country, posts, tmp_path / "near.parquet", Run())
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_exists_is_refused_before_anything_is_read(tmp_path, posts):
    (tmp_path / "near.parquet").write_text("mine", "utf-8")
    with pytest.raises(OutputError, match="--overwrite"):
        nearest_in_file("nowhere.parquet", posts, tmp_path / "near.parquet", Run())


def test_a_layer_without_a_system_needs_one(tmp_path, posts):
    villages, output = tmp_path / "v.parquet", tmp_path / "near.parquet"
    a_country().set_crs(None, allow_override=True).to_parquet(villages)
    assert rows_in_pieces(str(villages), str(output)) is None
    assert rows_in_pieces(str(villages), str(output), "EPSG:4326") == 1000
    with pytest.raises(CRSError, match="--crs"):
        nearest_in_file(str(villages), posts, output, Run())
    nearest_in_file(str(villages), posts, output, Run(crs="EPSG:4326"))
    assert gpd.read_parquet(output).crs == "EPSG:4326"


def test_numbers_written_as_text_are_not_read_in_pieces(tmp_path):
    table = pd.DataFrame({"lon": ["109,5", "1"], "lat": ["11", "2"]})
    table.to_parquet(tmp_path / "v.parquet")
    assert rows_in_pieces(str(tmp_path / "v.parquet"), str(tmp_path / "near.parquet")) is None
    table.assign(lon=[1.0, 2.0], lat=[1, 2]).to_parquet(tmp_path / "v.parquet")
    assert rows_in_pieces(str(tmp_path / "v.parquet"), str(tmp_path / "near.parquet")) == 2
    assert rows_in_pieces(str(tmp_path / "v.parquet"), str(tmp_path / "near.gpkg")) is None


@contextmanager
def started(*words):
    """Run a part of a cluster, and end it by its own process id."""
    command = [sys.executable, "-m", "distributed.cli." + words[0], *map(str, words[1:])]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def a_worker(address, folder):
    return started("dask_worker", address, "--nthreads", 1, "--no-nanny", "--no-dashboard", "--local-directory", folder)


@pytest.fixture(scope="module")
def scheduler():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with started("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"):
        for _ in range(200):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"tcp://127.0.0.1:{port}"


def wait_for(workers, address):
    with cluster.connected(address) as client:
        client.wait_for_workers(workers, timeout=20)


@needs_dask
def test_workers_give_the_bytes_of_one_process_also_when_killed_in_the_middle_and_none_left_is_said(
    tmp_path, country, posts, scheduler, monkeypatch
):
    monkeypatch.setattr(cluster, "_CONNECT_S", 20)
    monkeypatch.setattr(cluster, "_PATIENCE_S", 1)
    alone, together, bereft, none = (tmp_path / f"{name}.parquet" for name in ("alone", "together", "bereft", "none"))
    found = nearest_in_file(country, posts, alone, Run(partition_rows=25)).findings
    with (
        a_worker(scheduler, tmp_path) as first,
        a_worker(scheduler, tmp_path) as second,
        a_worker(scheduler, tmp_path) as late,
    ):
        late.send_signal(signal.SIGSTOP)
        wait_for(2, scheduler)
        run = Run(partition_rows=25, scheduler=scheduler)
        assert told(nearest_in_file(country, posts, together, run).findings) == told(found)
        assert together.read_bytes() == alone.read_bytes()

        passed = []

        def kill(rows):
            passed.append(rows)
            # The places are read in the first forty pieces; at the next ones a few answers are there, and others not.
            if len(passed) == 42:
                first.kill()
            if len(passed) == 45:
                late.send_signal(signal.SIGCONT)
                wait_for(2, scheduler)
                second.kill()
            if len(passed) == 122:
                late.kill()

        run = Run(partition_rows=25, scheduler=scheduler, progress=kill)
        assert told(nearest_in_file(country, posts, bereft, run).findings) == told(found)
        assert (len(passed), bereft.read_bytes()) == (80, alone.read_bytes())
        with pytest.raises(ClusterError, match="no worker for 1 seconds"):
            nearest_in_file(country, posts, none, run)
        assert not none.exists()


@needs_dask
def test_a_scheduler_without_workers_is_said(scheduler, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_S", 2)
    with pytest.raises(ClusterError, match=re.escape(f"'dask worker {scheduler}'")), cluster.connected(scheduler):
        pass


@needs_dask
@pytest.mark.parametrize("address", ["nonsense", "foo://127.0.0.1:1", "tcp://127.0.0.1:1"])
def test_a_wrong_address_is_one_clear_line(address, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_S", 1)
    with pytest.raises(ClusterError, match=f"answers at '{address}'") as told, cluster.connected(address):
        pass
    assert "\n" not in str(told.value)


@needs_dask
def test_something_else_at_the_address_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(ClusterError, match="No Dask scheduler answers"), cluster.connected(address):
            pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"geo-coverage\[cluster\]"), cluster.connected("tcp://127.0.0.1:1"):
        pass
