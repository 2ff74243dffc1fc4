"""The layers that `geo plan` writes."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from .planned import csv, run


def layer(path, name):
    return gpd.read_file(path, layer=name)


def test_a_geopackage_holds_sites_villages_before_and_after_and_catchments(district, tmp_path):
    path = tmp_path / "plan.gpkg"
    words = (district, "--add", 1, "--within", 2, "-o", path)
    assert run(*words).exit_code == 0
    assert sorted(pyogrio.list_layers(path)[:, 0]) == ["catchments", "sites", "villages"]
    sites = layer(path, "sites")
    assert (sites["site_id"].tolist(), sites["people"].tolist(), sites.crs.to_epsg()) == (["c"], [600], 4326)
    villages = layer(path, "villages")
    assert villages["point_id_before"].tolist() == ["p1", "p1", "p1"]
    assert villages["point_id_after"].tolist() == ["p1", "p1", "c"]
    assert villages["distance_km_before"].tolist() == pytest.approx([0, 3, 10])
    assert villages["distance_km_after"].tolist() == pytest.approx([0, 3, 0], abs=1e-6)
    assert villages["newly_served"].tolist() == [False, False, True]
    assert not villages["no_longer_served"].any()
    catchments = layer(path, "catchments")
    assert (catchments["point_id"].tolist(), catchments["people"].tolist()) == (["c"], [600])
    assert run(*words).exit_code == 1


def test_what_closes_is_written_with_who_is_no_longer_served(district, tmp_path):
    assert run(district, "--close", "p1", "-o", tmp_path / "closed.gpkg").exit_code == 0
    assert layer(tmp_path / "closed.gpkg", "closed")["point_id"].tolist() == ["p1"]
    assert layer(tmp_path / "closed.gpkg", "villages")["no_longer_served"].tolist() == [True, True, True]
    both = tmp_path / "both.csv"
    assert run(district, "--close", "p1", "--open", "109,11.5", "-o", both).exit_code == 0
    assert pd.read_csv(both)[["site_id", "change"]].to_numpy().tolist() == [["109,11.5", "opened"], ["p1", "closed"]]
    points = csv(tmp_path / "posts.csv", "id,lon,lat", "one,109.0,11.5", "two,109.0916,11.5")
    words = (district, "--points", points, "--drop", 1, "--within", 1, "-o", tmp_path / "drop.gpkg")
    assert run(*words).exit_code == 0
    closed = layer(tmp_path / "drop.gpkg", "closed")
    assert closed[["point_id", "people"]].to_numpy().tolist() == [["one", 100]]
    assert layer(tmp_path / "drop.gpkg", "villages")["no_longer_served"].tolist() == [True, False, False]


def test_holes_are_written_as_a_table(district, tmp_path):
    assert run(district, "--holes", "fibre", "--within", 5, "-o", tmp_path / "holes.csv").exit_code == 0
    assert pd.read_csv(tmp_path / "holes.csv")["village_ids"].tolist() == ["b"]
