"""What travels to the browser comes back the same, read by a decoder that shares no code with the packer."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.draw import pack
from geo.draw.payload import payload
from geo.draw.services import NO, UNKNOWN, YES
from geo.draw.shapes import LIGHT_VERTICES, STEP, light_enough


def unpack(packed):
    raw = zlib.decompress(base64.b64decode(packed["data"]))
    if packed["packed"] == "records":
        return json.loads(raw)
    if packed["packed"] == "bytes":
        return list(raw)
    if packed["packed"] != "integers":
        lines = raw.decode().split("\n") if packed["count"] else []
        return lines if packed["packed"] == "texts" else [float(line) if line else None for line in lines]
    numbers, total, value, shift = [], 0, 0, 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            total += (value >> 1) ^ -(value & 1)
            numbers.append(total)
            value = shift = 0
    return numbers


@given(st.lists(st.integers(-(2**51), 2**51)))
def test_whole_numbers_of_any_size_come_back(numbers):
    assert unpack(pack.integers(numbers)) == numbers


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_come_back_each_on_one_line(texts):
    back = unpack(pack.texts(texts))
    assert back == [" ".join(text.splitlines()) for text in texts]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_numbers_come_back_to_seven_digits(numbers):
    assert unpack(pack.numbers(numbers)) == pytest.approx(numbers, rel=5e-7, abs=0)


def test_what_is_unknown_travels_as_nothing():
    assert unpack(pack.numbers([1.5, np.nan, np.inf])) == [1.5, None, None]
    assert unpack(pack.texts(["a", None, np.nan, pd.NA])) == ["a", "", "", ""]


def test_varint_writes_leb128():
    values = np.array([0, 127, 128, 16_383, 16_384, 2**53], dtype=np.uint64)
    assert pack.varint(values).hex(" ") == "00 7f 80 01 ff 7f 80 80 01 80 80 80 80 80 80 80 10"


def test_polygons_come_back_with_their_parts_and_holes():
    holed = shapely.box(0, 0, 4, 4) - shapely.box(1, 1, 2, 2)
    shapes = [shapely.Point(0, 0), shapely.MultiPolygon([shapely.box(5, 5, 6, 6), holed]), None]
    packed = {name: unpack(column) for name, column in pack.polygons(shapes).items()}
    assert packed["owner"] == [1, 1, 1]
    assert packed["part"] == [0, 1, 1]
    assert packed["size"] == [4, 4, 4]
    xy = np.column_stack([packed["x"], packed["y"]]) * pack.DEGREES
    rings = np.split(xy, np.cumsum(packed["size"])[:-1])
    assert shapely.Polygon(rings[1], [rings[2]]).equals(holed)


@given(st.text())
def test_no_text_can_end_the_script_element_that_holds_it(text):
    written = pack.script_json({"name": text + "</script><!--\u2028&"})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written)["name"] == text + "</script><!--\u2028&"


def test_every_village_keeps_its_own_values(results):
    villages = results.villages.reset_index(drop=True)
    packed = payload(results)["villages"]
    got = {name: unpack(packed[name]) for name in ("name", "lon", "lat", "people", "distance", "area", "point")}
    rows = [villages.index[(villages["lon"] * 1e5).round() == lon][0] for lon in got["lon"]]
    assert sorted(rows) == list(range(24))
    there = villages.iloc[rows]
    assert got["name"] == there["name"].to_list()
    assert got["lat"] == (there["lat"] * 1e5).round().astype(int).to_list()
    assert got["people"] == there["population"].fillna(-1).astype(int).to_list()
    assert np.array(got["distance"]) / 100 == pytest.approx(there["distance_km"], abs=0.005 + 1e-9)
    assert [f"a{number}" for number in got["area"]] == there["area_id"].to_list()
    assert [f"p{number}" for number in got["point"]] == there["point_id"].to_list()


def test_a_village_without_an_answer_is_unknown_and_not_uncovered(results):
    services = unpack(payload(results)["services"])
    by_name = {service["name"]["en"]: service["counts"] for service in services}
    assert list(by_name) == ["4G", "5G", "fibre", "a point within 3 km"]
    counts = by_name["4G"]
    assert (counts[NO], counts[YES], counts[UNKNOWN]) == (9, 13, 2)
    assert by_name["5G"] == [0, 0, 24], "asked for by a figure, without a column"
    within = int((results.villages["distance_km"] <= 3).sum())
    assert by_name["a point within 3 km"] == [24 - within, within, 0]


def test_a_limit_of_distance_is_inclusive(results):
    villages = results.villages.assign(distance_km=3.0)
    service = unpack(payload(replace(results, villages=villages))["services"])[-1]
    assert service["counts"] == [0, 24, 0]


def test_figures_travel_unrounded_with_rule_and_reason_in_both_languages(results):
    figures = {(one["indicator"], one["technology"]): one for one in unpack(payload(results)["figures"])}
    radius = figures["mean_service_radius", None]
    assert radius["value"] == 3.2372
    assert radius["basis"] == "official"
    assert radius["rule"]["vi"] != radius["rule"]["en"]
    missing = figures["villages_covered", "5G"]
    assert missing["value"] is None
    assert missing["reason"]["en"] == "fewer than half of the villages are known"


def test_of_points_that_share_an_id_the_first_one_is_named(results):
    points = results.points.assign(point_id=["p0", "p1", "p0", "p3", "p4"])
    villages = results.villages.assign(point_id="p0")
    packed = payload(replace(results, points=points, villages=villages))["villages"]
    assert set(unpack(packed["point"])) == {0}


def test_heavy_borders_are_simplified_together():
    steps = np.linspace(0, 40 * np.pi, LIGHT_VERTICES // 2)
    border = np.column_stack([0.01 * np.sin(steps), steps])
    left = shapely.Polygon([(-9, steps[0]), *border, (-9, steps[-1])])
    right = shapely.Polygon([(9, steps[0]), *border, (9, steps[-1])])
    light, quantum = light_enough(gpd.GeoSeries([left, right], crs=4326))
    assert shapely.get_num_coordinates(light).sum() <= LIGHT_VERTICES
    assert quantum >= STEP / 4
    assert shapely.area(shapely.intersection(*light)) == pytest.approx(0, abs=1e-9)
