"""A study, from its files to its figures."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import geo
from geo.errors import LayerError, StudyError
from geo.measure.indicators import column_key


def values(results, area="all"):
    return {
        column_key(f.indicator, f.technology, f.operator, f.within_km): f.value
        for f in results.figures
        if f.area == area
    }


def faults(results):
    return {finding.fault: finding for finding in results.findings}


def assert_same(after, before, relative):
    assert after.keys() == before.keys()
    for key, value in before.items():
        assert after[key] == (None if value is None else pytest.approx(value, rel=relative, abs=relative)), key


def rewrite(study, old, new):
    text = study.read_text("utf-8")
    assert old in text
    study.write_text(text.replace(old, new), "utf-8")


def test_the_district_gives_the_figures_worked_out_on_paper(district):
    found = values(geo.Study.open(district).run())
    assert (found["points"], found["villages"], found["population"]) == (1, 3, 1000)
    assert found["people_within:3"] == 0.4
    assert found["people_within:5"] == 0.4
    assert found["villages_covered:3G"] == 1
    assert found["villages_covered:4G"] == pytest.approx(2 / 3)
    assert found["villages_covered:fibre"] == 0.5
    assert found["people_covered:fibre"] == 0.25
    assert found["subscriptions_per_100:telephone"] == 120


def test_groups_are_those_of_a_column_and_add_up(district):
    results = geo.Study.open(district).run(by="name")
    assert values(results, "Tây")["population"] == 400
    assert values(results, "Đông")["people_within:3"] == 0
    assert values(results, "Đông")["mean_service_radius"] is None
    assert values(results, "Tây")["area"] + values(results, "Đông")["area"] == pytest.approx(values(results)["area"])


def test_tables_hold_what_was_found_for_each_row(district):
    results = geo.Study.open(district).run()
    assert results.villages["area_id"].tolist() == ["1", "1", "2"]
    assert results.villages["distance_km"].round(6).tolist() == [0, 3, 10]
    assert results.villages["covered:4G"].tolist() == [True, False, True]
    assert results.villages["covered:fibre"].tolist() == [True, False, pd.NA]
    assert results.points[["villages", "people"]].to_numpy().tolist() == [[3, 1000]]
    assert results.areas.loc["1", "people_covered:fibre"] == 0.25
    assert len(results.catchments) == 1


OURS = ["area_id", "area_row", "covered:3G", "distance_km", "index", "key", "parent", "people", "place", "point_id"]
OURS += ["point_ids", "point_row", "village_id", "villages"]


def test_own_columns_called_like_ours_change_no_figure(district):
    before = values(geo.Study.open(district).run())
    for layer, own in (("villages.gpkg", "village_id"), ("points.geojson", "point_id"), ("areas.gpkg", "area_id")):
        table = gpd.read_file(district.parent / layer)
        theirs = {name: "x" for name in OURS if name not in (own, *table.columns)}
        table.assign(**theirs).to_file(district.parent / layer)
    results = geo.Study.open(district).run()
    assert values(results) == before
    assert results.points[["place", "villages", "people"]].to_numpy().tolist() == [[0, 3, 1000]]
    assert results.villages["distance_km"].round(6).tolist() == [0, 3, 10]


def test_one_file_of_coverage_is_one_layer_with_one_hash(district):
    facts = {one.layer: one for one in geo.Study.open(district).run().layers}
    assert set(facts) == {"villages", "points", "areas", "coverage.3G+4G"}
    assert len(facts["villages"].sha256) == 64
    assert (facts["villages"].rows, facts["villages"].used) == (3, 3)


def test_moving_a_layer_moves_the_figures(district):
    before = values(geo.Study.open(district).run())
    villages = gpd.read_file(district.parent / "villages.gpkg")
    villages.geometry = villages.geometry.translate(yoff=0.045)
    villages.to_file(district.parent / "villages.gpkg")
    after = values(geo.Study.open(district).run())
    assert after["villages_covered:3G"] < before["villages_covered:3G"]
    assert after["nearest_distance_mean"] > before["nearest_distance_mean"]
    assert after["mean_service_radius"] == before["mean_service_radius"]


def test_rows_outside_every_area_are_their_own_group_and_a_finding(district):
    villages = gpd.read_file(district.parent / "villages.gpkg")
    villages.loc[1, "geometry"] = shapely.Point(109.0, 11.6)
    villages.to_file(district.parent / "villages.gpkg")
    results = geo.Study.open(district).run(by="area_id")
    assert values(results, "(outside)")["population"] == 300
    assert values(results)["population"] == 1000
    assert values(results, "(outside)")["area"] is None
    finding = faults(results)["outside_areas"]
    assert finding.ids == ("b",)
    assert finding.values["nearest_km"] == pytest.approx(5.53, abs=0.01)


def test_clip_counts_what_is_inside_and_measures_to_every_point(district):
    posts = gpd.read_file(district.parent / "points.geojson")
    far = posts.assign(point_id="p2", geometry=[shapely.Point(109.21, 11.5)])
    pd.concat([posts, far]).to_file(district.parent / "points.geojson")
    rewrite(district, "within_km = [3, 5]", "within_km = [3, 5]\nclip = true")
    results = geo.Study.open(district).run()
    assert values(results)["points"] == 1
    assert faults(results)["clipped"].ids == ("p2",)
    rewrite(district, "clip = true", "clip = false")
    assert values(geo.Study.open(district).run())["points"] == 2
    assert values(results)["nearest_distance_max"] == values(geo.Study.open(district).run())["nearest_distance_max"]


def test_clip_without_areas_is_refused(district):
    rewrite(district, "within_km = [3, 5]", "clip = true")
    rewrite(district, '[areas]\nfile = "areas.gpkg"\n', "")
    with pytest.raises(StudyError, match="--clip"):
        geo.Study.open(district).run()


def test_kinds_choose_the_points_that_count(district):
    posts = gpd.read_file(district.parent / "points.geojson")
    box = posts.assign(point_id="p2", kind="letter_box", geometry=[shapely.Point(109.09, 11.5)])
    pd.concat([posts, box]).to_file(district.parent / "points.geojson")
    rewrite(district, "within_km = [3, 5]", 'kinds = ["post_office"]')
    results = geo.Study.open(district).run()
    assert values(results)["points"] == 1
    assert faults(results)["other_kind"].ids == ("p2",)
    rewrite(district, '"post_office"', '"cinema"')
    with pytest.raises(StudyError, match="letter_box, post_office"):
        geo.Study.open(district).run()


def test_an_official_total_that_the_layers_do_not_reach_is_told_by_how_much(district):
    rewrite(district, "[subscriptions]", "[official]\npopulation = 1200\n[subscriptions]")
    results = geo.Study.open(district).run()
    assert faults(results)["official_population_differs"].values == {
        "official": 1200.0,
        "measured": 1000.0,
        "difference": 200.0,
    }
    rewrite(district, "population = 1200", "population = 1000")
    assert "official_population_differs" not in faults(geo.Study.open(district).run())


def test_exchanged_coordinates_are_left_out_and_mended_only_when_asked(district):
    posts = gpd.read_file(district.parent / "points.geojson")
    swapped = posts.assign(point_id="p2", geometry=[shapely.Point(11.5, 109.05)])
    pd.concat([posts, swapped]).to_file(district.parent / "points.geojson")
    left_out = geo.Study.open(district).run()
    assert values(left_out)["points"] == 1
    assert faults(left_out)["swapped_coordinates"].ids == ("p2",)
    rewrite(district, "within_km = [3, 5]", 'repair = ["swapped"]')
    mended = geo.Study.open(district).run()
    assert values(mended)["points"] == 2
    assert faults(mended)["repaired_swapped"].ids == ("p2",)
    assert not any(finding.left_out for finding in mended.findings)


def test_unknown_answers_are_a_finding(district):
    finding = faults(geo.Study.open(district).run())["unknown_answer"]
    assert finding.ids == ("c",)


def test_every_layer_may_be_missing(district):
    text = district.read_text("utf-8")
    for layer in ("villages.gpkg", "points.geojson", "areas.gpkg"):
        kind = layer.partition(".")[0]
        without = text.replace(f'[{kind}]\nfile = "{layer}"\n', "")
        if kind == "villages":
            without = without.replace('[coverage.fibre]\ncolumn = "fibre"\n', "")
        district.write_text(without, "utf-8")
        results = geo.Study.open(district).run()
        assert all((figure.value is None) == (figure.reason is not None) for figure in results.figures)
        assert any(figure.reason == f"{kind}_not_given" for figure in results.figures), kind


def test_a_column_that_is_not_there_is_refused_with_those_that_are(district):
    with pytest.raises(StudyError, match="area_id, name, parent"):
        geo.Study.open(district).run(by="kommune")
    rewrite(district, 'column = "fibre"', 'column = "fiber"')
    with pytest.raises(StudyError, match="fibre"):
        geo.Study.open(district).run()


@pytest.mark.parametrize("system", ["EPSG:3857", "EPSG:9217", "EPSG:32649", "EPSG:4326"])
def test_the_system_of_a_layer_does_not_change_the_figures(district, system):
    # The second village stands on the limit of 3 km, where a nanometre of a projection would decide.
    rewrite(district, "within_km = [3, 5]", "within_km = [3.5]")
    before = values(geo.Study.open(district).run())
    for name in ("villages.gpkg", "areas.gpkg"):
        gpd.read_file(district.parent / name).to_crs(system).to_file(district.parent / name)
    posts = gpd.read_file(district.parent / "points.geojson").to_crs(system)
    posts.to_file(district.parent / "points.gpkg")
    rewrite(district, "points.geojson", "points.gpkg")
    assert_same(values(geo.Study.open(district).run()), before, 1e-6)


def test_a_layer_without_a_system_is_refused(district):
    villages = gpd.read_file(district.parent / "villages.gpkg").set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        villages.to_file(district.parent / "villages.gpkg")
    with pytest.raises((geo.CRSError, LayerError), match="--crs"):
        geo.Study.open(district).run()


def test_rows_in_another_order_give_the_same_figures(district):
    before = values(geo.Study.open(district).run())
    for name in ("villages.gpkg", "areas.gpkg"):
        gpd.read_file(district.parent / name).iloc[::-1].to_file(district.parent / name)
    assert_same(values(geo.Study.open(district).run()), before, 1e-12)
