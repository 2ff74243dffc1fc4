"""The page in a real Chromium, from a file and without a network: what a reader sees, and what a hostile name does."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import folium
import pandas as pd
import pytest
from babel.numbers import format_decimal

from geo.draw.webmap import draw_map
from geo.study.results import About
from geo.study.study import Study

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "reduced_motion": "reduce"}


def without(results, *layers):
    return replace(results, **{layer: getattr(results, layer).iloc[:0] for layer in layers})


def card(one, indicator):
    return one.page.locator(f"[data-figure={indicator}]").inner_text().split("\n")


def on_screen(one, lon, lat):
    """Where a place lies on the screen; the map knows its own corner."""
    x, y = one.page.evaluate(
        "([lon, lat]) => { const p = geo_map.latLngToContainerPoint([lat, lon]);"
        "const box = geo_map.getContainer().getBoundingClientRect(); return [p.x + box.x, p.y + box.y]; }",
        [lon, lat],
    )
    return x, y


def ink(one, selector="#marks"):
    """A fingerprint of what stands on a canvas."""
    return one.page.evaluate(f"document.querySelector('{selector}').toDataURL()")


def test_it_asks_for_nothing_and_complains_of_nothing(visit):
    one = visit()
    one.page.click("#tool-language")
    one.page.click("#tool-theme")
    one.page.check("#layer-catchments")
    assert [url for url in one.requests if not url.startswith("file:")] == []
    assert len(one.requests) == 1
    assert one.complaints == []


def test_cards_show_the_figures_as_each_language_writes_them(visit, results):
    one = visit()
    values = {figure.indicator: figure.value for figure in results.figures}
    for locale, button in (("vi", None), ("en", "#tool-language")):
        if button:
            one.page.click(button)
        assert one.page.get_attribute("html", "lang") == locale
        whole = "#,##0"
        assert card(one, "population")[0] == format_decimal(values["population"], whole, locale=locale)
        assert card(one, "points")[0] == format_decimal(values["points"], whole, locale=locale)
        assert card(one, "people_per_point")[0] == format_decimal(values["people_per_point"], whole, locale=locale)
        radius = format_decimal(values["mean_service_radius"], "#,##0.00", locale=locale)
        assert card(one, "mean_service_radius")[0] == f"{radius} km"
    assert card(one, "people_per_point")[0] == "5,950"


def test_each_card_repeats_what_it_rests_on_and_its_rule_is_one_click_away(visit, results):
    one = visit()
    one.page.click("#tool-language")
    assert card(one, "mean_service_radius")[2] == "official total"
    assert one.page.locator("#card-account").is_hidden()
    one.page.click("[data-figure=mean_service_radius] button")
    rule = next(figure for figure in results.figures if figure.indicator == "mean_service_radius").rule_text("en")
    assert rule in one.text("#card-account")
    assert "3,358 / 102" in one.text("#card-account")


def test_the_page_says_that_its_layers_are_reconstructed(untouched, visit, results, tmp_path):
    assert "dựng lại" in untouched.text("#badge").lower()
    draw_map(replace(results, about=About(title={"en": "Measured"}))).save(tmp_path / "page.html")
    assert visit(tmp_path / "page.html").page.locator("#badge").is_hidden()


def test_bars_equal_the_shares_and_a_missing_one_says_why(visit):
    one = visit()
    one.page.click("#tool-language")
    rows = [" ".join(text.split()) for text in one.texts("#bars .bar")]
    assert rows == [
        "4G 59.0% 61.2%",
        "5G no data – –",
        "Fibre 100.0% –",
        "A point within 3 km 25.0% 30.0%",
    ]
    one.page.locator("#bars .info").nth(1).click()
    assert "fewer than half of the villages are known" in one.text("#bar-account")


def test_a_bar_is_a_button_that_chooses_its_service(visit):
    one = visit()
    one.page.click("#tool-language")
    one.page.locator("#bars .bar", has_text="fibre").click()
    assert one.texts("#layers .layer")[0].split("\n") == ["Villages with fibre", "24"]
    assert one.page.locator("#bars [aria-pressed=true]").count() == 1


def test_covered_uncovered_and_unknown_add_up_to_the_villages(untouched, results):
    one = untouched
    counts = {}
    for layer in ("yes", "no", "unknown"):
        counts[layer] = int(one.page.locator(f".layer:has(#layer-{layer}) em").inner_text())
    answers = results.villages["covered:4G"]
    assert counts == {"yes": answers.sum(), "no": (~answers).sum(), "unknown": answers.isna().sum()}
    assert sum(counts.values()) == len(results.villages)


def test_legend_counts_add_up_to_the_areas_for_every_measure(visit, results):
    one = visit()
    for option in one.page.locator("#measure option").all():
        one.page.select_option("#measure", option.get_attribute("value"))
        counts = [int(row.get_attribute("data-count")) for row in one.page.locator("#legend li").all()]
        assert sum(counts) == len(results.areas), option.inner_text()


def test_each_area_has_the_colour_of_its_class_and_none_that_of_no_data(visit, results):
    one = visit()
    one.page.locator("#bars [data-service='0']").click()
    ends = one.page.evaluate(
        "['good-4', 'good-1', 'good-0', 'no-data'].map((name) =>"
        "getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim())"
    )
    paths = one.page.locator(".leaflet-areas-pane path")
    colours = [path.get_attribute("fill") for path in paths.all()]
    by_area = dict(zip(results.areas["people_covered:4G"].tolist(), colours, strict=True))
    assert [by_area[1.0], by_area[0.5], by_area[0.0], colours[5]] == ends


def test_unticking_a_layer_removes_its_marks_and_ticking_returns_them(visit):
    one = visit()
    before = ink(one)
    one.page.uncheck("#layer-no")
    assert ink(one) != before
    one.page.check("#layer-no")
    assert ink(one) == before


def test_hostile_names_show_as_text_and_run_nothing(visit, results, hostile):
    one = visit()
    assert hostile[2] in one.text("#title")
    assert hostile[3] in one.text("#panel-foot")
    one.page.locator("#gaps button").first.click()
    assert one.text(".popup h3") == hostile[0]
    one.page.fill("#search", "script")
    one.page.keyboard.press("Enter")
    assert one.text(".popup h3") == hostile[2]
    assert hostile[1] in one.text(".popup p")
    one.page.click("#tool-language")
    point = results.points.iloc[1]
    one.page.mouse.move(*on_screen(one, point["lon"], point["lat"]))
    assert hostile[2] in one.text(".tip")
    one.page.click("#tool-table")
    assert one.page.evaluate("window.__pwn") is None
    assert one.complaints == []


def test_the_policy_stops_a_script_that_got_in(visit, page_file, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page_file.read_text("utf-8").replace("</body>", "<script>window.__pwn=1</script></body>"), "utf-8")
    one = visit(path)
    assert one.page.evaluate("window.__pwn") is None
    assert any("Content Security Policy" in complaint for complaint in one.complaints)


def test_search_needs_no_accents(visit):
    one = visit()
    for typed, found in [("phuoc", "Phước"), ("da trang", "Đá Trắng"), ("HUONG", "Hương")]:
        one.page.keyboard.press("/")
        one.page.keyboard.type(typed)
        names = one.texts("#search-results button")
        assert names
        assert all(found in name for name in names)
        one.page.keyboard.press("Enter")
        assert found in one.text(".popup")
        assert one.page.input_value("#search") == ""


def test_search_says_when_there_is_nothing(visit):
    one = visit()
    one.page.click("#tool-language")
    one.page.fill("#search", "qqq")
    assert one.texts("#search-results li") == ["Nothing found"]
    assert one.text("#live") == "Nothing found"


def test_gaps_are_the_uncovered_villages_by_people_and_lead_to_the_map(visit, results):
    one = visit()
    answers = results.villages["covered:4G"]
    gaps = results.villages[answers.notna() & ~answers.fillna(value=True)].sort_values("population", ascending=False)
    listed = [text.split("\n")[0] for text in one.texts("#gaps button")]
    assert listed == gaps["name"].to_list()
    second = gaps.iloc[1]
    one.page.locator("#gaps button").nth(1).click()
    shown = one.text(".popup")
    assert format_decimal(second["population"], "#,##0", locale="vi") in shown
    assert f"{format_decimal(second['distance_km'], '#,##0.00', locale='vi')}\xa0km" in shown
    point = results.points.set_index("point_id").loc[second["point_id"]]
    assert point["name"] in shown
    for place in (second, point):
        x, y = on_screen(one, place["lon"], place["lat"])
        assert 380 < x < 1440
        assert 0 < y < 900


def test_the_popup_of_a_village_says_what_it_has_lacks_and_does_not_know(visit, results):
    one = visit()
    villages = results.villages
    unknown = villages[villages["covered:4G"].isna()].iloc[0]
    one.page.mouse.click(*on_screen(one, unknown["lon"], unknown["lat"]))
    tags = [" ".join(text.split()) for text in one.texts(".tag")]
    assert [tag[0] for tag in tags] == ["?", "?", "✓", "✗"]


def test_points_in_one_place_share_their_catchment_and_say_so(visit):
    one = visit()
    one.page.click("#tool-language")
    one.page.fill("#search", "buu cuc my huong")
    one.page.keyboard.press("Enter")
    text = one.text(".popup")
    assert "Shared by 2 points in this place" in text
    assert "7,200" in text


def test_the_table_has_one_row_per_area_and_sorts_with_unknown_last(visit, results):
    one = visit()
    one.page.click("#tool-table")
    column = one.texts("#table thead th").index("Dân số")
    one.page.locator("#table thead .sort").nth(column).click()
    cells = one.texts(f"#table tbody tr > :nth-child({column + 1})")
    people = results.areas["population"].sort_values(ascending=False, na_position="last")
    expected = ["–" if pd.isna(value) else format_decimal(value, "#,##0", locale="vi") for value in people]
    assert cells == expected
    assert one.page.locator("#table [aria-sort=descending]").count() == 1
    one.page.keyboard.press("Escape")
    assert not one.page.locator("#table-dialog").is_visible()


def test_the_table_saves_as_csv_without_formulas(visit, results, tmp_path):
    names = ["=1+1", 'Xã "Hai"', "Xã Ba", "-4", "Xã Năm", "@sáu"]
    draw_map(replace(results, areas=results.areas.assign(name=names)), language="en").save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    one.page.click("#tool-table")
    with one.page.expect_download() as download:
        one.page.click("#table-save")
    saved = pd.read_csv(download.value.path(), encoding="utf-8-sig")
    assert sorted(saved["Area"]) == sorted(["'=1+1", 'Xã "Hai"', "Xã Ba", "'-4", "Xã Năm", "'@sáu"])
    assert sorted(saved["People"].dropna()) == [2000, 3000, 4000, 6000, 8000]
    assert one.complaints == []


def test_a_copied_address_opens_the_same_view(visit, page_file):
    one = visit()
    one.page.click("#tool-language")
    one.page.locator("#bars .bar", has_text="3 km").click()
    one.page.select_option("#measure", label="People")
    one.page.uncheck("#layer-points")
    one.page.locator("#gaps button").nth(2).click()
    one.page.wait_for_timeout(500)  # the map moves aside for the popup
    address = one.page.url
    assert "#" in address
    other = visit(page_file, fragment=address.partition("#")[2])
    assert other.page.get_attribute("html", "lang") == "en"
    assert other.text(".popup") == one.text(".popup")
    assert other.text("#layers") == one.text("#layers")
    assert other.page.is_checked("#layer-points") is False
    assert other.page.input_value("#measure") == one.page.input_value("#measure")
    view = "[geo_map.getZoom(), geo_map.getCenter().lat, geo_map.getCenter().lng]"
    assert other.page.evaluate(view) == pytest.approx(one.page.evaluate(view), abs=1e-4)


def test_a_hostile_address_changes_nothing(visit, page_file, hostile):
    one = visit(page_file, fragment=f"language={hostile[0]}&view=1e9/x/{hostile[1]}&village=__proto__&measure=length")
    assert one.complaints == []
    assert one.page.get_attribute("html", "lang") == "vi"
    assert one.page.locator(".popup").count() == 0


def test_keys_reach_every_control_and_each_has_a_name(visit):
    one = visit()
    unnamed = one.page.evaluate(
        "[...document.querySelectorAll('button, select, input, [role=button]')].filter((one) =>"
        "one.checkVisibility() && !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') ||"
        "one.textContent.trim() || one.closest('label'))).map((one) => one.outerHTML)"
    )
    assert unnamed == []
    one.page.locator("#gaps button").first.click()
    one.page.keyboard.press("Escape")
    assert one.page.locator(".popup").count() == 0


def test_home_returns_to_the_whole(visit):
    one = visit()
    bounds = "geo_map.getBounds().toBBoxString()"
    before = one.page.evaluate(bounds)
    one.page.locator("#gaps button").first.click()
    assert one.page.evaluate(bounds) != before
    one.page.click("#home")
    assert one.page.evaluate(bounds) == before


def test_the_scale_is_metric_and_the_source_is_in_sight(untouched):
    one = untouched
    assert one.text(".leaflet-control-scale").split()[-1] in {"m", "km"}
    assert one.page.locator("#panel-foot").is_visible()
    assert "31/12/2019" in one.text("#subtitle")


def test_on_a_phone_the_sheet_opens_closes_and_hides_no_scale(visit):
    one = visit(**PHONE)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    scale = one.page.locator(".leaflet-control-scale").bounding_box()
    panel = one.page.locator("#panel").bounding_box()
    assert scale["y"] + scale["height"] <= panel["y"]
    one.page.locator("#sheet-handle").tap()
    assert one.page.locator("#panel").bounding_box()["y"] < 200
    low = one.page.evaluate(
        "[...document.querySelectorAll('#panel button, #panel select, #panel input[type=search], .layer')]"
        ".filter((one) => one.checkVisibility() && one.id !== 'sheet-handle')"
        ".filter((one) => one.getBoundingClientRect().height < 40).map((one) => one.outerHTML)"
    )
    assert low == []
    one.page.locator("#sheet-handle").tap()
    assert one.page.locator("#panel").bounding_box()["y"] > 600


def test_the_printed_page_is_one_sheet_with_title_key_and_source(visit):
    one = visit()
    one.page.evaluate("window.print = () => { window.printed = document.documentElement.className; }")
    one.page.click("#tool-theme")
    one.page.click("#tool-print")
    one.page.wait_for_timeout(200)
    assert one.page.evaluate("window.printed") == "printing"
    pdf = one.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 84[12][\d.]* 59[456]", pdf), "A4, landscape"
    for part in ("#title", "#subtitle", "#cards", "#legend", "#panel-foot"):
        assert one.page.locator(part).is_visible(), part
    one.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert one.page.get_attribute("html", "class") == ""


def test_the_study_that_ships_shows_its_own_figures(visit, tmp_path):
    shipped = Study.open(Path(__file__).parents[2] / "data" / "ninh-thuan" / "study.toml").run()
    draw_map(shipped).save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    whole = {(one.indicator, one.technology, one.operator): one.value for one in shipped.figures if one.area == "all"}
    for indicator in ("population", "points", "people_per_point"):
        assert card(one, indicator)[0] == format_decimal(whole[indicator, None, None], "#,##0", locale="vi")
    assert card(one, "mean_service_radius")[0] == "3,24 km"
    bars = {text.split()[0]: text.split()[1:] for text in one.texts("#bars .bar:not(.part)")}
    for technology in ("3G", "4G"):
        shares = [whole[f"{who}_covered", technology, "any"] * 100 for who in ("villages", "people")]
        assert bars[technology] == [
            part for share in shares for part in (format_decimal(share, "0.0", locale="vi"), "%")
        ]
    assert "theo cách dựng" in one.text("#bars > .note")
    assert one.complaints == []


EMPTY = {
    "areas alone": ("villages", "points", "catchments"),
    "no areas": ("areas",),
    "no points": ("points", "catchments"),
    "nothing": ("villages", "points", "catchments", "areas"),
}


@pytest.mark.parametrize("missing", EMPTY.values(), ids=EMPTY.keys())
def test_a_study_without_some_layers_still_gives_a_page(visit, results, tmp_path, missing):
    kept = without(results, *missing)
    villages = kept.villages.drop(columns=["covered:4G", "covered:fibre"])
    bare = replace(kept, villages=villages, figures=(), about=About(title={"en": "Bare"}))
    draw_map(bare, language="en").save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    assert card(one, "mean_service_radius")[0] == "no data"
    assert "This study gives no such figure." in card(one, "mean_service_radius")
    assert "no coverage layer" in one.text("#bars")
    assert one.complaints == []


def test_a_notebook_gets_the_page_in_a_frame(results, browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_content(draw_map(results)._repr_html_())
    frame = page.frame_locator("iframe")
    frame.locator("html[data-ready=yes]").wait_for(state="attached", timeout=10_000)
    assert frame.locator("#cards .card").count() == 4
    context.close()


def test_the_summary_is_made_of_the_figures_in_both_languages(visit):
    one = visit()
    assert one.text("#lead") == (
        "102 điểm phục vụ; mỗi điểm 5.950 người, bán kính 3,24 km. 9 thôn với 12.680 người chưa có 4G."
    )
    one.page.click("#tool-language")
    assert one.text("#lead") == (
        "102 service points; 5,950 people each, radius 3.24 km. 9 villages with 12,680 people have no 4G."
    )


def by_operator(results):
    names = ("best", "all", "only_one", "Alpha", HOSTILE)
    villages, areas, figures = results.villages.copy(), results.areas.copy(), list(results.figures)
    for step, name in enumerate(names):
        villages[f"covered:4G:{name}"] = pd.array([row % (step + 2) == 0 for row in range(24)], dtype="boolean")
        areas[f"people_covered:4G:{name}"] = [step / 5, 1, 1, 1, 1, 1]
        told = next(one for one in figures if one.indicator == "villages_covered" and one.technology == "4G")
        values = told.rule_values | ({"name": ": Alpha"} if name == "best" else {})
        figures.append(replace(told, operator=name, rule_values=values))
    return replace(results, villages=villages, areas=areas, figures=tuple(figures))


HOSTILE = "<b onclick=window.__pwn=1>Beta</b>"


def test_map_and_dots_follow_the_operator_that_is_chosen(visit, results, tmp_path):
    several = by_operator(results)
    draw_map(several, language="en").save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    one.page.locator("#bars [data-service='0']").click()
    one.page.click(".operators summary")
    names = [text.split("\n")[0] for text in one.texts("#bars .bar.part")]
    assert names == ["Widest network (Alpha)", "Every network", "One network only", HOSTILE, "Alpha"]
    colours = set()
    for name, label in zip(("best", "all", "only_one", HOSTILE, "Alpha"), names, strict=True):
        one.page.locator("#bars .bar.part", has_text=label.split(" (")[0]).last.click()
        counted = int(one.page.locator(".layer:has(#layer-yes) em").inner_text())
        assert counted == several.villages[f"covered:4G:{name}"].sum()
        assert one.page.locator("#measure option:checked").inner_text().startswith("People with 4G, ")
        colours.add(one.page.locator(".leaflet-areas-pane path").first.get_attribute("fill"))
    assert len(colours) > 1
    assert one.page.evaluate("window.__pwn") is None
    assert one.complaints == []


def rest(one):
    return one.page.get_attribute("#panel", "data-rest")


def test_the_sheet_follows_the_finger_and_rests_in_three_places(visit):
    one = visit(**PHONE)
    mouse = one.page.mouse

    def pull(up):
        box = one.page.locator("#sheet-handle").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + 15
        mouse.move(x, y)
        mouse.down()
        mouse.move(x, y - up, steps=8)
        one.page.wait_for_timeout(120)  # a resting finger is no flick
        mouse.move(x, y - up - 1)
        there = one.page.locator("#sheet-handle").bounding_box()
        mouse.up()
        return box["y"] - there["y"]

    assert pull(260) == pytest.approx(261, abs=2)
    assert rest(one) == "half"
    pull(270)
    assert rest(one) == "open"
    scale = one.page.locator(".leaflet-control-scale").bounding_box()
    credit = one.page.locator("#credit").bounding_box()
    top = one.page.locator("#panel").bounding_box()["y"]
    assert max(box["y"] + box["height"] for box in (scale, credit)) <= top
    pull(-600)
    assert rest(one) == "closed"
    one.page.locator("#sheet-handle").focus()
    one.page.keyboard.press("ArrowUp")
    assert rest(one) == "half"


def test_arrow_keys_reach_every_village_point_and_area_and_open_them(visit):
    one = visit()
    one.page.click("#tool-language")
    one.page.locator("#geo_map").focus()
    told = set()
    for key in ["ArrowLeft"] * 9 + ["ArrowUp"] * 3 + ["ArrowRight"] * 14 + ["ArrowDown"] * 4 + ["ArrowLeft"] * 9:
        one.page.keyboard.press(key)
        told.add(one.text("#live"))
    assert any(text.startswith("Thôn") for text in told)
    assert any("post office" in text or "agency" in text for text in told)
    assert any(text.startswith(("Xã", "Phường")) for text in told)
    last = one.text("#live").split(". ")[0]
    one.page.keyboard.press("Enter")
    assert one.text(".popup h3") == last
    one.page.keyboard.press("Escape")
    assert one.page.evaluate("document.activeElement.id") == "geo_map"
    assert one.complaints == []


def test_a_closed_popup_and_a_closed_dialog_return_the_keyboard(visit):
    one = visit()
    button = one.page.locator("#gaps button").nth(1)
    button.focus()
    one.page.keyboard.press("Enter")
    assert one.page.locator(".popup").count() == 1
    one.page.keyboard.press("Escape")
    assert button.evaluate("(element) => element === document.activeElement")
    one.page.locator("#tool-table").press("Enter")
    one.page.keyboard.press("Escape")
    assert one.page.evaluate("document.activeElement.id") == "tool-table"


def test_the_column_that_is_sorted_tells_its_rule(visit, results):
    one = visit()
    one.page.click("#tool-language")
    one.page.click("#tool-table")
    one.page.locator("#table thead .sort", has_text="Mean service radius").click()
    rule = next(figure for figure in results.figures if figure.indicator == "mean_service_radius").rule_text("en")
    assert rule in one.text("#table-account")


LAYERS = {
    "GeoJson": lambda: folium.GeoJson(
        {"type": "Point", "coordinates": [108.3, 11.2]}, marker=folium.CircleMarker(radius=30)
    ),
    "PolyLine": lambda: folium.PolyLine([[11, 108], [11.4, 108.6]]),
    "Polygon": lambda: folium.Polygon([[11, 108], [11.2, 108.2], [11, 108.4]]),
    "Circle": lambda: folium.Circle([11.2, 108.3], radius=5000),
    "CircleMarker": lambda: folium.CircleMarker([11.2, 108.3], radius=30),
    "Rectangle": lambda: folium.Rectangle([[11, 108], [11.2, 108.2]]),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_folium_layer_that_needs_leaflet_alone_shows(visit, results, tmp_path, untouched, name):
    page = draw_map(results)
    LAYERS[name]().add_to(folium.FeatureGroup().add_to(page))
    page.save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    paths = ".leaflet-overlay-pane path"
    assert one.page.locator(paths).count() == untouched.page.locator(paths).count() + 1
    assert one.complaints == []


def tiled(one, answer):
    one.page.route("https://server.arcgisonline.com/**", answer)
    one.page.reload()
    one.page.wait_for_selector("html[data-ready=yes]", state="attached")


def test_a_basemap_shows_with_its_attribution_and_tells_where_it_fails(visit, results, tmp_path):
    draw_map(results, language="en", basemap="Esri.WorldImagery").save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    one.page.wait_for_selector("#tiles-note:not([hidden])")
    assert "“Esri.WorldImagery” cannot be loaded" in one.text("#tiles-note")
    assert "Tiles (C) Esri" in one.text("#credit .tiles")
    assert one.page.locator("#cards .card").count() == 4
    pixel = base64.b64decode("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")
    one.context.set_offline(False)
    tiled(one, lambda route: route.fulfill(body=pixel, content_type="image/gif"))
    one.page.wait_for_selector(".leaflet-tile-loaded", state="attached")
    assert one.page.locator("#tiles-note").is_hidden()


def test_the_attribution_of_added_tiles_shows_as_text(visit, results, tmp_path, hostile):
    page = draw_map(results)
    folium.TileLayer("https://tiles.example/{z}/{x}/{y}.png", attr=f"<a href='https://x'>Some</a>{hostile[0]}").add_to(
        page
    )
    page.save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    assert "Some" in one.text("#credit .tiles")
    assert one.page.evaluate("window.__pwn") is None


def test_a_browser_that_is_too_old_is_told_so(browser, page_file):
    context = browser.new_context(offline=True)
    context.add_init_script("delete window.DecompressionStream")
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert "Firefox 113" in page.locator("#title").inner_text()
    context.close()


def test_an_area_without_a_value_says_why_in_the_table_and_in_its_popup(visit, district, tmp_path):
    draw_map(Study.open(district).run(), language="en").save(tmp_path / "page.html")
    one = visit(tmp_path / "page.html")
    one.page.click("#tool-table")
    row = one.page.locator("#table tbody tr", has_text="Đông")
    reasons = row.locator("td.none").evaluate_all("(cells) => cells.map((cell) => cell.title)")
    assert "no data: there is no point" in reasons
    row.locator("button").click()
    one.page.locator(".popup").wait_for(state="visible")
    assert "no data: there is no point" in one.text(".popup")
    assert one.complaints == []
