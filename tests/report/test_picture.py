"""The map of a report: one drawing that asks for nothing, true to scale, hostile names as names."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo.report.given import measured
from geo.report.legend import classes_of
from geo.report.picture import WIDTH, chosen_measure, picture
from geo.report.plane import plane_of
from geo.study.study import Study

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def results(district_to_read):
    return measured(Study.open(district_to_read)).results


def moved(results, lon):
    """Give results with everything moved to the east."""
    tables = {}
    for name in ("villages", "points", "areas"):
        table = getattr(results, name).copy()
        turned = [shapely.transform(shape, lambda pairs: _turned(pairs, lon)) for shape in table.geometry]
        table = table.set_geometry(turned, crs=table.crs)
        if "lon" in table:
            table["lon"] = _turned(table[["lon", "lat"]].to_numpy(dtype=float), lon)[:, 0]
        tables[name] = table
    return replace(results, **tables)


def _turned(pairs, lon):
    return np.column_stack([(pairs[:, 0] + lon + 180) % 360 - 180, pairs[:, 1]])


def test_it_is_well_formed_and_asks_for_nothing(hostile):
    drawn = picture(measured(Study.open(hostile.study)).results, "en")
    root = ET.fromstring(drawn.svg)  # noqa: S314 - our own
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "g", "path", "rect", "text"}
    assert "href" not in drawn.svg
    assert "url(" not in drawn.svg
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]
    assert "<script>&" in texts


def test_distances_in_the_picture_are_those_on_the_ground(results):
    plane = plane_of(results, WIDTH)
    x, y = plane.places(results.villages)
    lon, lat = results.villages["lon"].to_numpy(), results.villages["lat"].to_numpy()
    for one, other in ((0, 1), (0, 2), (1, 2)):
        drawn = np.hypot(x[one] - x[other], y[one] - y[other]) / plane.per_m
        assert drawn == pytest.approx(GEOD.inv(lon[one], lat[one], lon[other], lat[other])[2], rel=1e-4)
    assert x[0] < x[1] < x[2]
    north, south = plane.place(109, 11.52), plane.place(109, 11.5)
    assert north[1] < south[1]


def test_the_bar_of_scale_is_as_long_as_it_says(results):
    plane = plane_of(results, WIDTH)
    svg = picture(results, "en").svg
    left, right = re.search(r"M([\d.]+) [\d.]+V[\d.]+H([\d.]+)V", svg).groups()
    km = float(re.search(r">([\d.]+) km</text>", svg)[1])
    assert (float(right) - float(left)) / plane.per_m == pytest.approx(1000 * km, rel=0.01)


def test_areas_are_coloured_by_the_share_that_is_least_complete(results):
    # People with 4G: 700 of 1000; with fibre, 100 of the 400 that answered.
    measure = chosen_measure(results)
    assert (measure.indicator, measure.technology) == ("people_covered", "fibre")
    assert classes_of(results.areas, measure).tolist() == [0, -1]


def test_every_village_and_point_has_its_mark(results):
    svg = picture(results, "en").svg
    assert "Villages with fibre (1)" in svg
    assert "Villages without fibre (1)" in svg
    assert "Villages not known (1)" in svg
    assert "Service points (1)" in svg


def test_a_territory_across_the_antimeridian_is_drawn_in_one_piece(results):
    plain, across = plane_of(results, WIDTH), plane_of(moved(results, 70.95), WIDTH)
    assert across.per_m == pytest.approx(plain.per_m, rel=1e-6)
    one, other = (
        plane.places(rows)[0] for plane, rows in ((plain, results.villages), (across, moved(results, 70.95).villages))
    )
    assert one == pytest.approx(other, abs=0.01)


def test_the_same_results_give_the_same_text(results):
    assert picture(results, "vi").svg == picture(results, "vi").svg


def test_nothing_to_draw_is_no_picture(results):
    empty = replace(
        results, villages=results.villages[:0], points=results.points[:0], areas=results.areas[:0], figures=()
    )
    assert picture(empty, "en") is None


def test_marks_that_would_bury_the_areas_are_not_drawn_and_the_legend_says_so(results):
    many = replace(results, villages=results.villages.iloc[[0, 1, 2] * 20_000])
    svg = picture(many, "en").svg
    assert "Villages with fibre (20,000): too many to draw" in svg
    assert "Service points (1)<" in svg
