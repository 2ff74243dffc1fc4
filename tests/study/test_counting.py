"""A study that counts the people of a raster: its figures, its parts, its findings, its refusals, its command line."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from click.testing import CliRunner
from rasterio.transform import Affine

import geo
from geo.cli.main import main
from geo.errors import LayerError, StudyError
from geo.layers import raster as raster_module
from geo.measure import pixels as pixels_module
from geo.measure.indicators import column_key

# The centre of the first pixel is the post of the district; a pixel is 2.18 km wide.
PAPER = np.array([[100.0, 200.0, 400.0, 300.0]])
CORNER = (108.99, 11.51, 0.02)
PEOPLE_FIGURES = (
    "population",
    "people_per_point",
    "nearest_distance_mean_people",
    "nearest_distance_p50_people",
    "nearest_distance_p90_people",
    "people_within",
    "people_covered",
    "subscriptions_per_100",
)


def write_raster(path, values=PAPER, corner=CORNER, *, units="people", **options):
    west, north, size = corner
    values = np.asarray(values, dtype=np.float64)
    profile = {"crs": "EPSG:4326", "transform": Affine(size, 0, west, 0, -size, north), "nodata": -1, **options}
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=values.shape[0], width=values.shape[1], dtype="float64", **profile
    ) as out:
        out.write(values, 1)
        out.units = [units]


def add(study, text):
    study.write_text(study.read_text("utf-8") + text, "utf-8")


def rewrite(study, old, new):
    text = study.read_text("utf-8")
    assert old in text
    study.write_text(text.replace(old, new), "utf-8")


def figures_of(results, area="all"):
    return {
        column_key(f.indicator, f.technology, f.operator, f.within_km): f for f in results.figures if f.area == area
    }


def values_of(results, area="all"):
    return {key: figure.value for key, figure in figures_of(results, area).items()}


def faults_of(results):
    return {finding.fault: finding for finding in results.findings}


@pytest.fixture
def counted(district):
    """The district with a raster of four pixels; its communes share the meridian of 109.04, the east ends at 109.06."""
    write_raster(district.parent / "people.tif")
    east, west = shapely.box(109.04, 11.4, 109.06, 11.6), shapely.box(108.9, 11.4, 109.04, 11.6)
    areas = {"area_id": ["1", "2"], "name": ["Tây", "Đông"], "parent": ["Huyện", "Huyện"]}
    gpd.GeoDataFrame(areas, geometry=[west, east], crs=4326).to_file(district.parent / "areas.gpkg")
    add(district, '[population]\nfile = "people.tif"\n')
    return district


def test_the_figures_over_people_count_pixels_and_say_so(counted):
    results = geo.Study.open(counted).run(by="name")
    whole, west, east, outside = (figures_of(results, area) for area in ("all", "Tây", "Đông", "(outside)"))
    assert whole["population"].value == pytest.approx(1000)
    assert [part["population"].value for part in (west, east, outside)] == pytest.approx([500, 350, 150], rel=1e-6)
    assert whole["people_within:3"].value == pytest.approx(0.3)
    assert west["people_within:3"].value == pytest.approx(0.6)
    assert east["people_within:3"].value == 0
    assert whole["people_per_point"].value == pytest.approx(1000)
    assert whole["subscriptions_per_100:telephone"].value == pytest.approx(120)
    for key in (
        "population",
        "people_within:3",
        "people_covered:4G",
        "nearest_distance_p90_people",
        "people_per_point",
    ):
        assert "people.tif" in whole[key].rule_text("en"), key
        assert "people.tif" in west[key].rule_text("vi"), key
    # What is told of villages is told of villages.
    assert whole["villages"].value == 3
    assert whole["villages_within:3"].value == pytest.approx(2 / 3)


def test_where_coverage_is_a_column_of_the_villages_their_people_are_counted_and_it_says_so(counted):
    figure = figures_of(geo.Study.open(counted).run())["people_covered:fibre"]
    assert (figure.value, figure.denominator) == (0.25, 400)
    assert "people of villages" in figure.rule_text("en")
    assert "dân số của thôn" in figure.rule_text("vi")


def test_the_areas_and_the_points_hold_the_people_of_pixels(counted):
    results = geo.Study.open(counted).run()
    assert results.areas["population"].to_dict() == pytest.approx({"1": 500, "2": 350}, rel=1e-6)
    assert results.areas.loc["1", "people_within:3"] == pytest.approx(0.6)
    assert results.points["people"].tolist() == pytest.approx([1000])
    assert results.points["villages"].tolist() == [3]


def test_the_raster_is_a_layer_and_a_villages_layer_without_people_is_no_fault_then(counted):
    villages = gpd.read_file(counted.parent / "villages.gpkg").drop(columns="population")
    villages.to_file(counted.parent / "villages.gpkg")
    # The column of fibre counts the villages' people, which are unknown.
    assert "no_population_column" in faults_of(geo.Study.open(counted).run())
    rewrite(counted, '[coverage.fibre]\ncolumn = "fibre"\n', "")
    results = geo.Study.open(counted).run()
    assert "no_population_column" not in faults_of(results)
    told = next(one for one in results.layers if one.layer == "population")
    assert (told.file, told.rows, told.used, told.crs) == ("people.tif", 4, 4, "EPSG:4326")
    assert len(told.sha256) == 64
    assert told.columns == {"band": "1", "unit": "count"}


def test_people_outside_every_area_are_a_finding_and_clip_leaves_them_out(counted):
    found = faults_of(geo.Study.open(counted).run())["people_outside_areas"]
    assert found.values == {"people": 150, "all": 1000}
    rewrite(counted, "within_km = [3, 5]", "within_km = [3, 5]\nclip = true")
    results = geo.Study.open(counted).run(by="name")
    assert values_of(results)["population"] == pytest.approx(850, rel=1e-6)
    assert values_of(results)["people_within:3"] == pytest.approx(300 / 850, rel=1e-6)
    assert {figure.area for figure in results.figures} == {"all", "Tây", "Đông"}
    finding = faults_of(results)["clipped_people"]
    assert finding.values == {"people": 150, "all": 1000}
    assert (finding.chosen, finding.left_out) == (True, True)
    assert "people_outside_areas" not in faults_of(results)


def test_an_official_total_serves_the_whole_only_and_the_difference_is_told(counted):
    add(counted, "[official]\npopulation = 1200\n")
    results = geo.Study.open(counted).run(by="name")
    assert figures_of(results)["population"].value == 1200
    assert figures_of(results)["people_per_point"].value == 1200
    assert figures_of(results)["people_within:3"].denominator == pytest.approx(1000)
    assert values_of(results, "Tây")["population"] == pytest.approx(500, rel=1e-6)
    finding = faults_of(results)["official_raster_differs"]
    assert finding.values == {"official": 1200.0, "measured": 1000.0, "difference": 200.0}
    assert "official_population_differs" not in faults_of(results)


def test_pixels_are_rescaled_to_the_official_total_where_that_is_asked_for(counted):
    rewrite(counted, 'file = "people.tif"\n', 'file = "people.tif"\nrescale = true\n[official]\npopulation = 1200\n')
    results = geo.Study.open(counted).run(by="name")
    assert values_of(results, "Tây")["population"] == pytest.approx(600, rel=1e-6)
    assert figures_of(results)["people_within:3"].value == pytest.approx(0.3)
    assert figures_of(results)["people_within:3"].denominator == pytest.approx(1200)
    assert results.points["people"].tolist() == pytest.approx([1200])
    finding = faults_of(results)["rescaled_people"]
    assert finding.values == {"measured": 1000.0, "official": 1200.0, "difference": 200.0, "factor": 1.2}
    assert finding.chosen
    assert "official_raster_differs" not in faults_of(results)
    assert "rescaled" in figures_of(results, "Tây")["population"].rule_text("en")
    assert "hiệu chỉnh" in figures_of(results, "Tây")["population"].rule_text("vi")


def test_rescaling_without_a_total_or_without_people_is_refused(counted):
    rewrite(counted, 'file = "people.tif"\n', 'file = "people.tif"\nrescale = true\n')
    with pytest.raises(StudyError, match=r"\[official\] population"):
        geo.Study.open(counted).run()
    write_raster(counted.parent / "people.tif", PAPER, (120.0, 11.51, 0.02))
    add(counted, "[official]\npopulation = 1200\n")
    rewrite(counted, "within_km = [3, 5]", "clip = true")
    with pytest.raises(StudyError, match=r"nobody of people\.tif lives inside"):
        geo.Study.open(counted).run()


def test_the_best_operator_is_the_one_that_covers_most_people_of_pixels(counted):
    # By the villages it is Thông; of the pixels its discs about the third village hold nobody.
    found = figures_of(geo.Study.open(counted).run())["people_covered:3G:best"]
    assert ": Viễn" in found.rule_text()
    results = geo.Study.open(counted).run()
    assert found.value == figures_of(results)["people_covered:3G:Viễn"].value
    assert results.villages["covered:3G:best"].tolist() == results.villages["covered:3G:Viễn"].tolist()


def test_a_raster_needs_no_villages(counted):
    rewrite(counted, '[villages]\nfile = "villages.gpkg"\n', "")
    rewrite(counted, '[coverage.fibre]\ncolumn = "fibre"\n', "")
    results = geo.Study.open(counted).run(by="name")
    whole = figures_of(results)
    assert whole["population"].value == pytest.approx(1000)
    assert whole["people_within:3"].value == pytest.approx(0.3)
    assert whole["people_covered:3G"].value > 0
    assert whole["people_covered:3G:best"].value == whole["people_covered:3G:Viễn"].value
    assert whole["villages"].reason == whole["villages_within:3"].reason == "villages_not_given"
    assert values_of(results, "Đông")["population"] == pytest.approx(350, rel=1e-6)


def test_a_raster_needs_neither_points_nor_areas(counted):
    rewrite(counted, '[points]\nfile = "points.geojson"\n', "")
    rewrite(counted, '[areas]\nfile = "areas.gpkg"\n', "")
    results = geo.Study.open(counted).run(by="fibre")
    whole = figures_of(results)
    assert whole["population"].value == 1000
    assert {whole[key].reason for key in ("people_within:3", "nearest_distance_p50_people")} == {"points_not_given"}
    assert "people_outside_areas" not in faults_of(results)
    # Pixels have no column of the villages.
    assert {figures_of(results, "yes")[key].reason for key in ("population", "people_covered:4G")} == {
        "pixels_not_grouped"
    }
    assert all((figure.value is None) == (figure.reason is not None) for figure in results.figures)


def test_an_area_where_nobody_lives_says_so(counted):
    write_raster(counted.parent / "people.tif", PAPER[:, :1])
    east = figures_of(geo.Study.open(counted).run(by="name"), "Đông")
    assert east["population"].value == 0
    for key in ("people_within:3", "people_covered:3G", "nearest_distance_mean_people", "nearest_distance_p90_people"):
        assert east[key].reason == "no_people", key


def grid_study(folder, seed):
    """Villages on the centres of pixels, and a raster of their people; areas and coverage end where pixels do."""
    rng = np.random.default_rng(seed)
    shape = (30, 40)
    people = rng.integers(1, 90, shape).astype(float)
    people[rng.random(shape) < 0.4] = -1
    row, column = np.nonzero(people >= 0)
    lon, lat = 108.5 + 0.01 * (column + 0.5), 11.9 - 0.01 * (row + 0.5)
    names = [f"v{number}" for number in range(len(row))]
    villages = pd.DataFrame({"id": names, "population": people[row, column], "lon": lon, "lat": lat})
    villages.to_csv(folder / "villages.csv", index=False)
    points = pd.DataFrame({"id": range(12), "lon": rng.uniform(108.4, 109, 12), "lat": rng.uniform(11.5, 12, 12)})
    points.to_csv(folder / "points.csv", index=False)
    boxes = [shapely.box(x, y, x + 0.2, y + 0.1) for x in (108.5, 108.7) for y in (11.6, 11.7, 11.8)]
    # People live where the sixth area would be.
    named = {"code": list("abcde"), "district": ["N", "N", "S", "S", "N"]}
    gpd.GeoDataFrame(named, geometry=boxes[:5], crs=4326).to_file(folder / "areas.gpkg")
    reaches = [shapely.box(108.55, 11.65, 108.83, 11.85), shapely.box(108.4, 11.5, 108.6, 12), shapely.box(1, 1, 2, 2)]
    told = {"technology": ["4G", "4G", "3G"], "operator": ["A", "B", "B"]}
    gpd.GeoDataFrame(told, geometry=reaches, crs=4326).to_file(folder / "coverage.geojson")
    write_raster(folder / "people.tif", people, (108.5, 11.9, 0.01), tiled=True, blockxsize=16, blockysize=16)
    study = folder / "study.toml"
    study.write_text(
        """
within_km = [2.5, 7, 20]
[villages]
file = "villages.csv"
crs = "EPSG:4326"
[points]
file = "points.csv"
crs = "EPSG:4326"
[areas]
file = "areas.gpkg"
id = "code"
parent = "district"
[coverage.4G]
file = "coverage.geojson"
[subscriptions]
telephone = 1200
""",
        "utf-8",
    )
    return study


@pytest.mark.parametrize("at_once", [200, 10**6])
@pytest.mark.parametrize("held", [0, 10**6])
def test_a_pixel_counts_as_a_village_in_its_centre_would(tmp_path, at_once, held, monkeypatch):
    monkeypatch.setattr(raster_module, "_PIXELS_AT_ONCE", at_once)
    monkeypatch.setattr(pixels_module, "_ROWS_HELD", held)
    study = grid_study(tmp_path, seed=held + at_once)
    by_villages = geo.Study.open(study).run(by="parent")
    add(study, '[population]\nfile = "people.tif"\n')
    by_pixels = geo.Study.open(study).run(by="parent")
    compared = 0
    for old, new in zip(by_villages.figures, by_pixels.figures, strict=True):
        assert (old.area, old.indicator, old.within_km, old.operator) == (
            new.area, new.indicator, new.within_km, new.operator,
        )  # fmt: skip
        assert new.reason == old.reason
        for name in ("value", "numerator", "denominator"):
            told = getattr(old, name)
            assert getattr(new, name) == (None if told is None else pytest.approx(told, rel=1e-6, abs=1e-9)), old
        assert (old.rule_text() != new.rule_text()) == (old.indicator in PEOPLE_FIGURES), old.indicator
        compared += old.indicator in PEOPLE_FIGURES and old.value is not None
    assert compared > 50
    assert by_pixels.points["people"].tolist() == pytest.approx(by_villages.points["people"].tolist(), rel=1e-6)
    columns = [name for name in by_villages.areas if name.partition(":")[0] in PEOPLE_FIGURES]
    for name in columns:
        expected = by_villages.areas[name].to_numpy()
        assert by_pixels.areas[name].to_numpy() == pytest.approx(expected, rel=1e-6, nan_ok=True), name


def parts_of(results):
    return [figures_of(results, area) for area in {figure.area for figure in results.figures} - {"all"}]


def test_parts_add_up_to_the_whole_on_borders_that_follow_no_pixel(checkout_of_ninh_thuan):
    study = checkout_of_ninh_thuan
    for by in ("name", "parent", "area_id"):
        results = geo.Study.open(study).run(by=by)
        whole, parts = figures_of(results), parts_of(results)
        assert sum(part["population"].value for part in parts) == pytest.approx(80 * 90, rel=1e-12)
        assert values_of(results, "(outside)")["population"] > 0
        for key in ("people_within:3", "people_covered:4G", "people_covered:3G:only_one"):
            for name in ("numerator", "denominator"):
                added = sum(getattr(part[key], name) or 0 for part in parts)
                assert added == pytest.approx(getattr(whole[key], name), rel=1e-6), key
        assert all(0 <= figure.value <= 1 for figure in results.figures if figure.unit == "share" and figure.value)


@pytest.fixture
def checkout_of_ninh_thuan(tmp_path):
    folder = tmp_path / "ninh-thuan"
    shutil.copytree(Path(__file__).parents[2] / "data" / "ninh-thuan", folder)
    write_raster(folder / "people.tif", np.ones((80, 90)), (108.55, 12.2, 0.01))
    add(folder / "study.toml", '\n[population]\nfile = "people.tif"\n')
    return folder / "study.toml"


def test_several_rasters_are_several_layers_and_one_people(counted):
    write_raster(counted.parent / "people.tif", PAPER[:, :2])
    write_raster(counted.parent / "rest.tif", PAPER[:, 2:], (109.03, 11.51, 0.02))
    rewrite(counted, 'file = "people.tif"', 'file = ["people.tif", "rest.tif"]')
    results = geo.Study.open(counted).run()
    assert values_of(results)["population"] == pytest.approx(1000)
    told = {one.layer: one for one in results.layers if one.layer.startswith("population")}
    assert {name: (one.file, one.rows, one.used) for name, one in told.items()} == {
        "population.1": ("people.tif", 2, 2),
        "population.2": ("rest.tif", 2, 2),
    }
    assert "people.tif, rest.tif" in figures_of(results)["population"].rule_text()


def test_faults_of_the_raster_are_findings(counted):
    write_raster(counted.parent / "people.tif", [[100.0, -7.0, 400.0, 300.0]])
    assert faults_of(geo.Study.open(counted).run())["negative_pixels"].values["pixels"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"\[population\] names no file"),
        ("file = []", r"\[population\] names no file"),
        ("file = 7", "'population.file' is 7, and should be text or a list"),
        ('file = ["people.tif", 7]', "'population.file' should be a list of texts"),
        ('file = "peple.tif"', r"\[population\], peple.tif, does not exist"),
        ('file = "people.tif"\nunit = "heads"', "'population.unit' is 'heads', and should be count"),
        ('file = "people.tif"\nrescale = 1', "'population.rescale' is 1, and should be true or false"),
        ('file = "people.tif"\nfactor = 2', "no key 'population.factor'. Allowed are file, unit, crs, rescale"),
    ],
)
def test_a_mistake_in_the_study_file_names_the_file_and_the_key(counted, text, said):
    rewrite(counted, '[population]\nfile = "people.tif"\n', f"[population]\n{text}\n")
    with pytest.raises(StudyError, match=said) as refused:
        geo.Study.open(counted)
    assert str(counted) in str(refused.value)


def test_a_raster_of_unclear_unit_is_refused_until_the_study_says_it(counted):
    write_raster(counted.parent / "people.tif", units="")
    with pytest.raises(LayerError, match='unit = "count"'):
        geo.Study.open(counted).run()
    rewrite(counted, 'file = "people.tif"', 'file = "people.tif"\nunit = "count"')
    assert values_of(geo.Study.open(counted).run())["population"] == pytest.approx(1000)


def test_a_missing_rasterio_is_one_clear_line(counted, monkeypatch):
    monkeypatch.setitem(sys.modules, "rasterio", None)
    result = CliRunner().invoke(main, ["measure", str(counted)])
    assert result.exit_code == 1
    assert "pip install 'geo-coverage[raster]'" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def json_of(*words):
    result = CliRunner().invoke(main, ["measure", *map(str, words), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_command_line_counts_a_raster_with_or_without_a_study_file(counted):
    folder = counted.parent
    told = json_of(counted, "--by", "name")
    layer = next(one for one in told["layers"] if one["layer"] == "population")
    assert (layer["file"], layer["rows"], layer["used"]) == ("people.tif", 4, 4)
    figure = next(one for one in told["figures"] if (one["area"], one["indicator"]) == ("Tây", "population"))
    assert (figure["value"], figure["rule"]) == (pytest.approx(500, rel=1e-6), "population_pixels")
    assert "people_outside_areas" in [one["fault"] for one in told["findings"]]
    plain = json_of("--people", folder / "people.tif", "--points", folder / "points.geojson", "--within", "3")
    within = next(one for one in plain["figures"] if one["indicator"] == "people_within")
    assert (within["value"], within["within_km"]) == (pytest.approx(0.3), 3)


def test_an_option_replaces_the_raster_of_the_study_and_says_what_it_holds(counted):
    write_raster(counted.parent / "density.tif", units="")
    refused = CliRunner().invoke(main, ["measure", str(counted), "--people", str(counted.parent / "density.tif")])
    assert refused.exit_code == 1
    told = json_of(counted, "--people", counted.parent / "density.tif", "--people-unit", "per_km2")
    value = next(one["value"] for one in told["figures"] if one["indicator"] == "population")
    # A pixel of 0.02 degrees at 11.5 degrees north: 2.182 by 2.213 km.
    assert value == pytest.approx(1000 * 2.182 * 2.213, rel=1e-3)
    wrong = CliRunner().invoke(main, ["measure", "--points", "x.csv", "--people-unit", "count"])
    assert (wrong.exit_code, "--people-unit needs people" in wrong.stderr) == (2, True)


def test_check_tells_the_pixels_and_the_map_is_drawn(counted, tmp_path):
    checked = CliRunner().invoke(main, ["check", str(counted)])
    assert checked.exit_code == 3
    assert "population: people.tif, 4 of 4 pixels with a value, EPSG:4326" in checked.stdout
    rewrite(counted, '[villages]\nfile = "villages.gpkg"\n', "")
    rewrite(counted, '[coverage.fibre]\ncolumn = "fibre"\n', "")
    page = tmp_path / "page.html"
    drawn = CliRunner().invoke(main, ["map", str(counted), "-o", str(page)])
    assert drawn.exit_code == 0, drawn.stderr
    assert "people.tif" in page.read_text("utf-8")
