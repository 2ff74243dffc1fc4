"""What the faults of the layers do to the figures, held against values worked out on paper and by other libraries."""

from __future__ import annotations

import math

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import Geod

import geo
from geo.figures import Finding
from geo.measure.indicators import INDICATORS
from geo.messages import group
from geo.study.effects import HEADLINE, NOT_COUNTED, TOLD, effects_of, weight
from geo.study.loading import load

GEOD = Geod(ellps="WGS84")
VILLAGES = "id,lat,lon,pop\na,20.5,105,100\nb,20.5,105.2,300\nc,20.5,105.4,600\n"
POINTS = "id,lat,lon,kind\np,20.5,105,post\n"


@pytest.fixture
def effects(tmp_path):
    """Compute the effects in a study of two tables; by repair, and then by indicator the value now and then."""

    def made(villages=VILLAGES, points=POINTS, more="", official="area_km2 = 100"):
        (tmp_path / "v.csv").write_text(villages, "utf-8")
        (tmp_path / "p.csv").write_text(points, "utf-8")
        (tmp_path / "study.toml").write_text(
            f'{more}\n[villages]\nfile = "v.csv"\n[points]\nfile = "p.csv"\n[official]\n{official}\n', "utf-8"
        )
        return computed(geo.Study.open(tmp_path / "study.toml"))

    return made


def computed(study):
    loaded = load(study.file, keep_layers=True)
    results = study.results_of(loaded)
    told = {}
    for one in effects_of(study.file, loaded, results.figures, results.findings):
        key = one.repair or f"{one.findings[0].layer} {'chosen' if one.findings[0].chosen else 'lost'}"
        told.setdefault(key, {"rows": one.rows})[one.now.indicator] = (one.now.value, one.then.value)
    return told


def radius(points, km2=100):
    return math.sqrt(km2 / (math.pi * points))


def test_rows_that_nothing_mends_would_add_to_what_only_counts_them(effects):
    found = effects(points=f"{POINTS}q,,105,post\nr,0,0,post\n")
    assert found == {
        "points lost": {
            "rows": 2,
            "points": (1, 3),
            "mean_service_radius": pytest.approx((radius(1), radius(3))),
            "people_per_point": pytest.approx((1000, 1000 / 3)),
        }
    }


def test_villages_that_nothing_mends_would_add_themselves_and_their_people(effects):
    found = effects(villages=f"{VILLAGES}d,,105,50\ne,,105,\nf,20.5,,-7\n")
    assert found == {
        "villages lost": {
            "rows": 3,
            "villages": (3, 6),
            "population": (1000, 1050),
            "people_per_point": (1000, 1050),
        }
    }


def test_an_official_population_does_not_grow_with_the_villages(effects):
    found = effects(villages=f"{VILLAGES}d,,105,50\n", official="area_km2 = 100\npopulation = 2000")
    assert found == {"villages lost": {"rows": 1, "villages": (3, 4)}}


def test_a_repair_gives_the_figures_of_the_study_with_it(effects):
    # The second point stands where the third village is, but for its coordinates being exchanged.
    found = effects(points=f"{POINTS}q,105.4,20.5,post\n")
    second = GEOD.inv(105, 20.5, 105.2, 20.5)[2] / 1000
    third = GEOD.inv(105, 20.5, 105.4, 20.5)[2] / 1000
    swapped = found.pop("points.swapped")
    assert found == {}
    assert swapped["rows"] == 1
    assert swapped["points"] == (1, 2)
    assert swapped["mean_service_radius"] == pytest.approx((radius(1), radius(2)))
    assert swapped["people_per_point"] == (1000, 500)
    assert swapped["nearest_distance_mean"] == pytest.approx(((second + third) / 3, second / 3))
    assert swapped["nearest_distance_mean_people"] == pytest.approx(((300 * second + 600 * third) / 1000, 0.3 * second))


def test_each_repair_and_each_layer_is_told_apart(effects):
    found = effects(
        villages=f"{VILLAGES}d,105.1,20.5,10\ne,,,5\n",
        points=f"{POINTS}q,-20.5,105.2,post\nr,20.5,-105.2,post\ns,,,post\n",
    )
    assert set(found) == {"villages.swapped", "points.sign", "villages lost", "points lost"}
    assert found["villages.swapped"]["population"] == (1000, 1010)
    assert found["villages lost"]["population"] == (1000, 1005)
    # Two faults that one repair mends are one effect.
    assert found["points.sign"]["points"] == (1, 3)


def test_without_a_usable_point_the_lost_ones_would_give_the_first_figures(effects):
    found = effects(points="id,lat,lon\np,,105\nq,,\n")["points lost"]
    assert found["points"] == (0, 2)
    assert found["mean_service_radius"] == (None, pytest.approx(radius(2)))


def test_what_was_chosen_is_told_apart_from_faults(effects):
    found = effects(points=f"{POINTS}q,20.5,105.1,agency\nr,,,post\n", more='kinds = ["post"]')
    assert found["points chosen"]["points"] == (1, 2)
    assert found["points lost"]["points"] == (1, 2)


def test_a_total_of_a_table_would_not_count_if_it_had_a_place(effects):
    assert effects(villages=f"{VILLAGES}Tổng cộng,,,1000\n") == {}


def test_faults_that_leave_nothing_out_have_no_effect_to_compute(effects):
    assert effects(villages=f"{VILLAGES}a,20.5,105.3,\n") == {}


def test_a_repair_that_is_made_already_is_not_offered(effects):
    assert effects(points=f"{POINTS}q,105.4,20.5,post\n", more='repair = ["swapped"]') == {}


def test_every_fault_has_its_weight():
    faults = set(group("fault", "en"))
    assert faults >= NOT_COUNTED | TOLD
    assert not NOT_COUNTED & TOLD
    assert {weight(Finding(layer="points", fault=fault)) for fault in faults} == {"left_out", "counted", "told"}
    # A sentence that says that rows are left out, or not in the layer, is that of a grave fault, and no other is.
    said = {fault for fault, text in group("effect", "en").items() if "left out" in text or "not in the layer" in text}
    assert said == NOT_COUNTED


def test_headline_figures_are_figures():
    assert {indicator.key for indicator in INDICATORS} >= set(HEADLINE)


@pytest.mark.real
def test_goas_effects_are_those_that_pandas_counts(real, tmp_path):
    folder = real / "goa_india"
    (tmp_path / "study.toml").write_text(
        f'[villages]\nfile = "{folder}/goa_villages.geojson"\n[points]\nfile = "{folder}/goa_postoffices.csv"\n'
        "[official]\narea_km2 = 3702\n",
        "utf-8",
    )
    found = computed(geo.Study.open(tmp_path / "study.toml"))
    west, south, east, north = gpd.read_file(folder / "goa_villages.geojson").total_bounds
    posts = pd.read_csv(folder / "goa_postoffices.csv")
    lon, lat = posts["longitude"], posts["latitude"]
    exchanged = int((lat.between(west, east) & lon.between(south, north)).sum())
    usable = int((lon.between(west - 2, east + 2) & lat.between(south - 2, north + 2)).sum())
    lost = len(posts) - usable - exchanged
    swapped = found["points.swapped"]
    assert (swapped["rows"], swapped["points"]) == (exchanged, (usable, usable + exchanged))
    assert swapped["mean_service_radius"] == pytest.approx((radius(usable, 3702), radius(usable + exchanged, 3702)))
    assert found["points lost"] == {
        "rows": lost,
        "points": (usable, usable + lost),
        "mean_service_radius": pytest.approx((radius(usable, 3702), radius(usable + lost, 3702))),
    }
    near = geo.Study.open(tmp_path / "study.toml")
    (tmp_path / "mended.csv").write_text(
        posts.assign(
            longitude=lon.where(~lat.between(west, east), lat), latitude=lat.where(~lat.between(west, east), lon)
        ).to_csv(index=False),
        "utf-8",
    )
    text = (tmp_path / "study.toml").read_text("utf-8").replace(f"{folder}/goa_postoffices.csv", "mended.csv")
    (tmp_path / "mended.toml").write_text(text, "utf-8")
    for study, place in ((near, 0), (geo.Study.open(tmp_path / "mended.toml"), 1)):
        (mean,) = [one.value for one in study.run().figures if one.indicator == "nearest_distance_mean"]
        assert swapped["nearest_distance_mean"][place] == pytest.approx(mean, rel=1e-12)
