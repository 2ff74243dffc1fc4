"""The page of a plan in a real Chromium: what opens and closes, the territory without it and with it, the holes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from geo.cli.main import main

from .conftest import Visit
from .looking import CONTRAST, TARGETS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("plan")]

NINH_THUAN = Path(__file__).parents[2] / "data" / "ninh-thuan" / "study.toml"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "reduced_motion": "reduce"}


def planned(folder, *words, study=NINH_THUAN):
    page = folder / f"page-{len(list(folder.iterdir()))}.html"
    asked = ["plan", str(study), *map(str, words), "--map", str(page)]
    told = CliRunner().invoke(main, [*asked, "--format", "json", "--lang", "en"])
    assert told.exit_code == 0, told.stderr
    return page, json.loads(told.stdout)


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    return planned(tmp_path_factory.mktemp("five"), "--add", 5, "--within", 2)


def figure(told, when, indicator, within_km=None):
    return next(one for one in told["figures"][when] if one["indicator"] == indicator and one["within_km"] == within_km)


def cells(one, row):
    return one.page.locator(f"#plan-effects tbody tr:nth-child({row}) td").all_inner_texts()


def test_the_gap_stands_without_and_with_the_plan(visit, five):
    page, told = five
    one = visit(page)
    share = [figure(told, when, "people_within", 2) for when in ("before", "after")]
    assert cells(one, 1) == [f"{each['denominator'] - each['numerator']:,.0f}" for each in share]
    assert one.text("#lead").startswith("5 points: 24,615 people more within 2 km")
    assert one.complaints == []
    assert [url for url in one.requests if not url.startswith("file:")] == []


def test_the_switch_shows_the_territory_without_the_plan(visit, five):
    page, told = five
    one = visit(page)
    with_plan = {name: one.text(f"label:has(#layer-{name}) em") for name in ("no", "yes", "points", "proposed")}
    marks = one.page.evaluate("document.querySelector('#marks').toDataURL()")
    one.page.click("[data-when=before]")
    assert one.page.locator("#layer-proposed").count() == 0
    assert one.page.locator("path.proposed").count() == 0
    assert one.text("label:has(#layer-no) em") == "115"
    assert one.text("[data-figure=points] b") == "102"
    assert marks != one.page.evaluate("document.querySelector('#marks').toDataURL()")
    bar = one.page.locator("[data-service]:has-text('2 km') b").inner_text()
    assert bar == "71.3%"
    assert figure(told, "before", "villages_within", 2)["value"] == 0.7125
    assert "plan=before" in one.page.url
    one.page.click("[data-when=after]")
    assert {name: one.text(f"label:has(#layer-{name}) em") for name in with_plan} == with_plan
    assert with_plan == {"no": "99", "yes": "301", "points": "102", "proposed": "5"}
    assert marks == one.page.evaluate("document.querySelector('#marks').toDataURL()")
    assert one.text("[data-figure=points] b") == "107"


def test_a_proposed_point_says_what_it_adds_and_its_catchment_is_drawn(visit, five):
    page, told = five
    one = visit(page)
    one.page.wait_for_selector("path.proposed", state="attached")
    assert one.page.locator("path.proposed").count() == 5
    assert one.page.locator("#plan-sites li").count() == 5
    one.page.locator("#plan-sites button").first.click()
    popup = one.text(".popup")
    first = told["sites"][0]
    assert first["name"] in popup
    assert "proposed point" in popup
    assert f"{first['people']:,.0f}" in popup
    one.page.uncheck("#layer-proposed")
    assert one.page.locator("path.proposed").count() == 0


def test_a_village_says_how_far_it_was_without_the_plan(visit, tmp_path):
    page, told = planned(tmp_path, "--add", 1, "--least-travel")
    one = visit(page)
    one.page.locator("#plan-sites button").click()
    places = one.page.evaluate(
        "([lon, lat]) => { geo_map.closePopup(); const p = geo_map.latLngToContainerPoint([lat, lon]);"
        "const box = geo_map.getContainer().getBoundingClientRect(); return [p.x + box.x, p.y + box.y]; }",
        [told["sites"][0]["lon"], told["sites"][0]["lat"]],
    )
    one.page.uncheck("#layer-proposed")
    one.page.mouse.click(*places)
    popup = one.text(".popup")
    assert "0.00\u00a0km" in popup
    assert "Without the plan" in popup


def test_a_proposed_point_is_no_diamond(visit, five):
    page, _ = five
    one = visit(page)
    shapes = [one.page.get_attribute(f"label:has(#layer-{name}) path", "d") for name in ("points", "proposed")]
    assert shapes[0] != shapes[1]


def test_the_curve_marks_the_number_that_was_asked_for(visit, five):
    page, told = five
    one = visit(page)
    shown = one.page.locator("#plan-curve text").all_text_contents()
    assert shown[:2] == ["5", f"{told['answer']['objective']:,.0f}"]


def test_an_address_opens_the_territory_without_the_plan(browser, five):
    one = Visit(browser, five[0], "plan=before", viewport={"width": 1440, "height": 900})
    assert one.page.get_attribute("[data-when=before]", "aria-pressed") == "true"
    assert one.text("label:has(#layer-no) em") == "115"
    one.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_plan_can_be_read(visit, five, theme):
    one = visit(five[0], color_scheme=theme)
    seen, poor = one.page.evaluate(CONTRAST)
    assert seen > 50
    assert poor == []


def test_on_a_phone_nothing_of_the_plan_is_too_small_or_too_wide(visit, five):
    one = visit(five[0], **PHONE)
    one.page.locator("#sheet-handle").tap()
    one.page.wait_for_timeout(300)
    assert one.page.evaluate(TARGETS) == []
    assert one.page.evaluate("document.documentElement.scrollWidth") == 390


def test_points_that_close_are_crossed_out_and_stand_without_the_plan(visit, tmp_path):
    page, told = planned(tmp_path, "--drop", 3, "--within", 2)
    one = visit(page)
    assert one.text("label:has(#layer-closed) em") == "3"
    assert one.text("label:has(#layer-points) em") == "99"
    assert one.page.locator("#plan-sites li").count() == 3
    one.page.click("[data-when=before]")
    assert one.text("label:has(#layer-points) em") == "102"
    assert one.page.locator("#layer-closed").count() == 0
    assert len(told["closed"]) == 3
    assert one.complaints == []


def test_a_plan_without_a_search_has_a_page_too(visit, tmp_path):
    page, _ = planned(tmp_path, "--close", "P001", "--open", "108.9,11.6")
    one = visit(page)
    assert one.page.locator("#plan-sites li").count() == 2
    assert one.page.locator("#plan-curve").count() == 0
    assert one.complaints == []


def test_without_a_point_yet_everybody_is_beyond_the_limit(visit, tmp_path):
    page = tmp_path / "page.html"
    villages = NINH_THUAN.parent / "villages.csv"
    words = ["plan", "--villages", str(villages), "--open", "108.9,11.6", "--within", "2", "--map", str(page)]
    assert CliRunner().invoke(main, [*words, "--lang", "en"]).exit_code == 0
    one = visit(page)
    assert cells(one, 2)[0] == "400"
    assert one.text("#plan-sites").startswith("1. 108.9,11.6")


def test_the_page_among_the_maps_is_drawn_by_its_command(visit, tmp_path, monkeypatch):
    listed = (NINH_THUAN.parents[2] / "maps" / "README.md").read_text("utf-8")
    program, *words = next(
        command for command in re.findall(r"`([^`]+)`", listed) if command.startswith("geo plan")
    ).split()
    (tmp_path / "data").symlink_to(NINH_THUAN.parents[1])
    monkeypatch.chdir(tmp_path)
    assert program == "geo"
    assert CliRunner().invoke(main, words).exit_code == 0
    assert "24.615 người" in visit(tmp_path / words[-1]).text("#lead")


def test_holes_are_drawn_and_listed(visit, tmp_path):
    page, told = planned(tmp_path, "--holes", "4G", "--within", 5)
    one = visit(page)
    assert one.page.locator("path.hole").count() == len(told["holes"]) == one.page.locator("#holes li").count()
    assert one.text("label:has(#layer-holes) em") == str(len(told["holes"]))
    one.page.locator("#holes button").first.click()
    assert one.page.evaluate("geo_map.getZoom()") > 11
    one.page.uncheck("#layer-holes")
    assert one.page.locator("path.hole").count() == 0
    assert one.complaints == []


def test_the_text_of_a_candidate_stays_text(visit, five, tmp_path, hostile):
    quoted = ['"' + text.replace('"', '""') + '"' for text in hostile]
    places = [(site["lon"], site["lat"]) for site in five[1]["sites"]]
    rows = [f"{text},{lon},{lat},{text}" for text, (lon, lat) in zip(quoted, places, strict=False)]
    (tmp_path / "sites.csv").write_text("\n".join(["id,lon,lat,name", *rows]) + "\n", "utf-8")
    page, _ = planned(tmp_path, "--add", 4, "--least-travel", "--candidates", tmp_path / "sites.csv")
    one = visit(page)
    one.page.click("[data-when=before]")
    one.page.click("[data-when=after]")
    for button in one.page.locator("#plan-sites button").all():
        button.click()
    assert all(text in one.text("#plan-sites") for text in hostile)
    assert one.page.evaluate("window.__pwn") is None
    assert one.complaints == []


def test_a_page_without_a_plan_shows_none_of_it(untouched):
    assert not untouched.page.locator("#section-plan").is_visible()
    assert untouched.page.locator("#layer-proposed").count() == 0
