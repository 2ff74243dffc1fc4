"""The thirty things that hold of the page, 18 to 30: what the hands find - marks, popups, keys, a phone, paper."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import numpy as np
import pytest
import shapely
from babel.numbers import format_decimal

from geo.draw.measures import Measure

from . import thirty
from .looking import (
    CONTRAST,
    RECORD,
    TARGETS,
    Eye,
    colour_of,
    drag,
    metres_per_pixel,
    number_in,
    pdf_streams,
    pdf_text,
    placer,
    seen_whole,
)
from .thirty import SETTLED, look_at, search, untick, value, words

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("thirty")]

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "reduced_motion": "reduce"}
MAP = {"clip": {"x": 400, "y": 0, "width": 660, "height": 900}}


@pytest.fixture(scope="session")
def province(tmp_path_factory):
    return thirty.province(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def land(tmp_path_factory, worker_id):
    return thirty.land(thirty.shared_folder(tmp_path_factory, worker_id))


@pytest.fixture(scope="session")
def eye(browser):
    return Eye(browser)


@pytest.fixture
def open_page(visit, province):
    def open_one(path=province.path, **context):
        one = visit(path, **context)
        one.page.set_default_timeout(8000)
        return one

    return open_one


def css_colour(one, name):
    return colour_of(
        one.page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()")
    )


def alike(one, other, most=10):
    """Whether two colours are the same but for the blur of a mark between two pixels."""
    return max(abs((one >> shift & 255) - (other >> shift & 255)) for shift in (0, 8, 16)) <= most


def pixels_like(counts, colour):
    return sum(count for other, count in counts.items() if alike(other, colour, most=30))


def picture(one):
    """A fingerprint of the canvases."""
    urls = one.page.evaluate("[...document.querySelectorAll('#geo_map canvas')].map((one) => one.toDataURL()).join()")
    return hashlib.sha256(urls.encode()).hexdigest()


def uncovered(shown, column="covered:4G"):
    villages = shown.results.villages
    return villages[~villages[column].fillna(value=True)].sort_values("population", ascending=False, kind="stable")


def facts_of(one):
    return [words(text) for text in one.texts(".popup dd")]


def test_18_unticking_the_uncovered_removes_their_marks_and_ticking_returns_them(open_page, eye):
    one = open_page()
    gap, before = css_colour(one, "gap"), picture(one)
    assert pixels_like(eye.counts(one.page, **MAP), gap) > 200
    one.page.uncheck("#layer-no")
    assert pixels_like(eye.counts(one.page, **MAP), gap) == 0
    assert picture(one) != before
    one.page.check("#layer-no")
    assert picture(one) == before


def test_19_the_gaps_are_sorted_by_people_and_the_first_leads_to_its_village(open_page, province):
    one = open_page()
    gaps = uncovered(province)
    listed = one.page.locator("#gaps li")
    people = [number_in(row.locator(".numbers em").first.inner_text()) for row in listed.all()]
    assert people == gaps["population"].head(len(people)).to_list()
    assert people == sorted(people, reverse=True)
    first = gaps.iloc[0]
    listed.first.locator("button").click()
    one.page.evaluate(SETTLED)
    assert one.text(".popup h3") == first["name"]
    assert number_in(facts_of(one)[0]) == first["population"]
    assert one.page.evaluate("geo_map.getZoom()") >= 12
    x, y = placer(one.page)(first["lon"], first["lat"])
    assert 380 < x < 1440
    assert 0 < y < 900


def test_20_the_popup_of_a_village_equals_what_was_measured(open_page, province, land):
    for shown in (province, land):
        one = open_page(shown.path)
        untick(one, "points")
        names = shown.results.points.set_index("point_id")["name"]
        step = len(shown.results.villages) // 5
        for village in shown.results.villages.iloc[::step].itertuples():
            one.page.mouse.click(*look_at(one, village.lon, village.lat, zoom=18))
            people, nearest, distance = facts_of(one)
            assert number_in(people) == village.population
            assert nearest == words(names[village.point_id])
            assert number_in(distance) == pytest.approx(village.distance_km, abs=0.0051)
            one.page.keyboard.press("Escape")


def test_21_the_line_to_the_nearest_point_ends_at_it_and_tells_its_length(open_page, province):
    one = open_page()
    one.page.evaluate(RECORD)
    far = uncovered(province).sort_values("distance_km", ascending=False).iloc[0]
    point = province.results.points.loc[far["point_row"]]
    one.page.mouse.click(*look_at(one, far["lon"], far["lat"], zoom=12))
    one.page.wait_for_timeout(400)  # the map moves aside for the popup
    one.page.evaluate("() => { geo_map.setView(geo_map.getCenter(), 11.5, { animate: false }); }")
    corner = one.page.locator("#geo_map").bounding_box()
    ends = [np.subtract(placer(one.page)(end["lon"], end["lat"]), (corner["x"], corner["y"])) for end in (far, point)]
    lines = [np.array(line) for line in one.page.evaluate("window.dashed") if len(line) == 2]
    own = [line for line in lines if np.hypot(*(line[0] - ends[0])) < 2]
    assert own
    assert np.hypot(*(own[-1][-1] - ends[1])) < 2
    length = format_decimal(far["distance_km"], "0.00", locale="vi")
    assert f"{length}\xa0km" in one.page.evaluate("window.written")


def folded(text):
    plain = "".join(one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one))
    return plain.replace("đ", "d")


def test_22_search_needs_no_accents_enter_opens_the_first_and_nothing_found_is_said(open_page):
    one = open_page()
    for typed, letters in (("phuoc", "Phước"), ("da", "Đ")):
        one.page.fill("#search", typed)
        found = one.texts("#search-results button")
        assert found
        assert all(typed in folded(text) for text in found)
        assert any(letters in text for text in found)
        first = one.page.locator("#search-results button span").first.inner_text().split("\n")[0]
        one.page.keyboard.press("Enter")
        assert one.text(".popup h3") == first
    one.page.fill("#search", "qqq")
    assert "không tìm thấy" in one.text("#search-results").lower()
    assert "không tìm thấy" in one.text("#live").lower()


def boxes_of_paths(one):
    return one.page.evaluate(
        "[...document.querySelectorAll('#geo_map svg path')].map((path) => { const box = path.getBBox();"
        "const m = path.getScreenCTM(); return [box.x + m.e, box.y + m.f, box.x + box.width + m.e,"
        "box.y + box.height + m.f]; })"
    )


def test_23_the_catchment_and_the_circle_of_reach_of_a_point_are_true_to_a_pixel(open_page, province):
    one = open_page()
    one.page.locator("#bars .bar", has_text="3 km").click()
    point = province.results.points.iloc[5]
    search(one, point["name"])
    shape = province.results.catchments.geometry[point["place"]]
    west, south, east, north = shape.union(shapely.Point(point["lon"], point["lat"]).buffer(0.04)).bounds
    one.page.evaluate(f"() => {{ geo_map.fitBounds([[{south}, {west}], [{north}, {east}]], {{ animate: false }}); }}")
    one.page.evaluate(SETTLED)
    place = placer(one.page)
    left, top, right, bottom = shape.bounds[0], shape.bounds[3], shape.bounds[2], shape.bounds[1]
    expected = (*place(left, top), *place(right, bottom))
    assert any(np.allclose(box, expected, atol=1.5) for box in boxes_of_paths(one))
    radius = 3000 / metres_per_pixel(one.page)
    x, y = place(point["lon"], point["lat"])
    circle = (x - radius, y - radius, x + radius, y + radius)
    assert any(np.allclose(box, circle, atol=1.5) for box in boxes_of_paths(one)), "no circle of 3 km"


def test_24_the_scale_is_metric_and_source_and_date_are_in_sight(open_page, province):
    one = open_page()
    lines = one.page.locator(".leaflet-control-scale-line")
    assert lines.count() == 1
    assert re.fullmatch(r"\d+ k?m", words(lines.inner_text()))
    number, unit = words(lines.inner_text()).split()
    metres = float(number) * (1000 if unit == "km" else 1)
    assert lines.bounding_box()["width"] == pytest.approx(metres / metres_per_pixel(one.page), rel=0.05)
    assert province.results.about.source["vi"] in one.text("#panel-foot")
    one.page.click("#source summary")
    assert seen_whole(one, "#source-text")
    one.page.click("#source summary")
    assert "31/12/2019" in one.text("#subtitle")
    for part in ("#panel-foot", "#subtitle", ".leaflet-control-scale-line"):
        box = one.page.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["y"] + box["height"] <= 900
    assert one.page.evaluate(
        "(() => { const f = document.querySelector('#panel-foot');return f.scrollHeight <= f.clientHeight + 1; })()"
    )


def test_25_home_returns_to_the_whole(open_page, province):
    one = open_page()
    look_at(one, 109, 11.6, zoom=15)
    one.page.click("#home")
    west, south, east, north = one.page.evaluate("geo_map.getBounds().toBBoxString().split(',').map(Number)")
    least, low, most, high = province.results.areas.total_bounds
    assert west < least < most < east
    assert south < low < high < north
    assert max((most - least) / (east - west), (high - low) / (north - south)) > 0.8, "and no farther away than needed"


CONTROLS = """(() => [...document.querySelectorAll("a[href], button, select, input, summary, [tabindex]")].filter(
  (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true })
))()"""


def test_26_keys_reach_every_control_each_has_a_name_and_escape_closes(open_page):
    one = open_page()
    page = one.page
    tree = one.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    hands = {"button", "checkbox", "combobox", "searchbox", "textbox", "link", "DisclosureTriangle", "application"}
    controls = [node for node in tree if not node["ignored"] and node["role"]["value"] in hands]
    assert len(controls) > 30
    assert [node["role"]["value"] for node in controls if not node["name"]["value"].strip()] == []
    count = page.evaluate(f"{CONTROLS}.forEach((one, i) => {{ one.dataset.stop = i; }}) || {CONTROLS}.length")
    stops, faint = set(), []
    for _ in range(count + 3):
        page.keyboard.press("Tab")
        stop, style, width = page.evaluate(
            "(() => { const one = document.activeElement; const style = getComputedStyle(one);"
            "return [one.dataset.stop ?? null, style.outlineStyle, parseFloat(style.outlineWidth)]; })()"
        )
        stops.add(stop)
        if stop is not None and (style == "none" or width < 2):
            faint.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
    assert {str(number) for number in range(count)} - stops == set()
    assert faint == []
    page.locator("#gaps button").first.press("Enter")
    assert page.locator(".popup").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".popup").count() == 0
    page.locator("#tool-table").press("Enter")
    assert page.locator("#table-dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#table-dialog").is_visible()
    page.fill("#search", "phuoc")
    page.keyboard.press("Escape")
    assert page.locator("#search-results button").count() == 0


def test_27_text_stands_out_in_light_and_dark_and_gaps_differ_by_shape(open_page, eye, province):
    one = open_page()
    for theme in ("light", "dark"):
        if theme == "dark":
            one.page.click("#tool-theme")
        assert one.page.get_attribute("html", "data-theme") == theme
        gap = uncovered(province).iloc[0]
        covered = province.results.villages[province.results.villages["covered:4G"]].iloc[0]
        untick(one, "points", "names")
        spots = []
        for village in (gap, covered):
            spots += eye.colours(one.page, [look_at(one, village["lon"], village["lat"], zoom=17)])
        assert alike(spots[0], css_colour(one, "page")), "a ring"
        assert alike(spots[1], css_colour(one, "covered")), "a disc"
        one.page.locator("#cards .info").first.click()
        one.page.locator("#bars .info").first.click()
        one.page.locator("#gaps button").first.click()
        one.page.fill("#search", "phuoc")
        seen, poor = one.page.evaluate(CONTRAST)
        assert seen > 100
        assert poor == []
        one.page.click("#tool-table")
        assert one.page.evaluate(CONTRAST)[1] == []
        one.page.keyboard.press("Escape")


def attribution_of(one, source):
    """What of the source a reader sees without touching anything."""
    shown = [text for text in one.texts("#panel-foot, #attribution, .attribution") if text.strip()]
    return [text for text in shown if source[:20] in text]


def test_28_on_a_phone_nothing_is_too_wide_too_small_or_hidden_and_the_sheet_moves(open_page, province):
    one = open_page(**PHONE)
    page = one.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen_whole(one, "#lead")
    sheet = page.locator("#panel").bounding_box()["y"]
    scale = page.locator(".leaflet-control-scale-line").bounding_box()
    assert scale["y"] + scale["height"] <= sheet
    assert attribution_of(one, province.results.about.source["vi"])
    assert page.evaluate(TARGETS) == []
    page.locator("#sheet-handle").tap()
    page.wait_for_timeout(400)
    assert page.locator("#panel").bounding_box()["y"] < 300
    assert seen_whole(one, "#home")
    assert page.evaluate(TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    drag(one, "#sheet-handle", 500)
    assert page.locator("#panel").bounding_box()["y"] == sheet
    drag(one, "#sheet-handle", -400)
    assert page.locator("#panel").bounding_box()["y"] < 300
    page.locator("#gaps button").first.tap()
    page.locator(".popup").wait_for(state="visible")
    assert page.evaluate(TARGETS) == []


SORTED = """(position) => {
  document.querySelectorAll("#table thead th")[position].querySelector("button").click();
  const down = document.querySelectorAll("#table thead th")[position].getAttribute("aria-sort") === "descending";
  const rows = [...document.querySelectorAll("#table tbody tr")];
  return [down, rows.map((row) => [...row.cells].map((cell) => cell.innerText))];
}"""


def test_29_the_table_has_a_row_per_commune_sorts_by_every_column_and_equals_the_map(open_page, province):
    one = open_page()
    areas = province.results.areas
    columns = thirty.measured_columns(province.results)
    one.page.click("#tool-table")
    headings = [re.sub(r" [↑↓]$", "", text) for text in one.texts("#table thead th")]
    by_name = areas.set_index(["name", "parent"])
    assert not by_name.index.duplicated().any()
    for position, heading in enumerate(headings):
        for _ in range(2):
            down, rows = one.page.evaluate(SORTED, position)
            assert len(rows) == len(areas)
            if heading not in columns:
                continue
            shown = [number_in(row[position]) for row in rows]
            percent = 100 if Measure.of_column(columns[heading]).as_dict()["format"]["percent"] else 1
            told = [percent * by_name.loc[(row[0], row[1]), columns[heading]] for row in rows]
            digits = Measure.of_column(columns[heading]).as_dict()["format"]["digits"]
            assert np.allclose(np.array(shown, float), told, atol=0.5001 * 10**-digits, rtol=1e-8, equal_nan=True)
            known = [number for number in told if not np.isnan(number)]
            assert known == sorted(known, reverse=down)
            assert told[: len(known)] == known, "unknown at the end"
    assert len([heading for heading in headings if heading in columns]) >= 10


def test_30_print_is_one_landscape_a4_with_cards_legend_title_date_source_and_coloured_land(open_page, eye, province):
    one = open_page()
    one.page.evaluate("window.print = () => { window.printed = true; }")
    one.page.click("#tool-print")
    one.page.evaluate(SETTLED)
    assert one.page.evaluate("window.printed")
    pdf = one.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    width, height = (float(side) for side in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)", pdf).groups())
    assert (width, height) == pytest.approx((842, 595), abs=1.5), "A4 in points, landscape"
    text = re.sub(r"\s", "", pdf_text(pdf))
    source = province.results.about.source["vi"]
    cards = [format_decimal(value(province, "people_per_point"), "#,##0", locale="vi"), "3,24"]
    counts = [words(count) for count in one.texts("#legend li em")]
    marks = [words(row) for row in one.texts(".layer:has(#layer-yes, #layer-no, #layer-points)")]
    assert len(marks) == 3
    for part in (province.title, one.text("#lead"), "31/12/2019", source, *cards, "từ 99 %", *counts, *marks):
        assert re.sub(r"\s", "", part) in text, part
    swatches = [
        colour_of(one.page.evaluate("(one) => getComputedStyle(one).backgroundColor", swatch.element_handle()))
        for swatch in one.page.locator("#legend s").all()
    ]
    painted = b"".join(pdf_streams(pdf))
    shades = {
        tuple(round(255 * float(part)) for part in rgb)
        for rgb in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) rg", painted)
    }
    used = [one for one, count in zip(swatches, counts, strict=True) if number_in(count)]
    assert all((one >> 16, one >> 8 & 255, one & 255) in shades for one in used)
    box = one.page.locator("#geo_map").bounding_box()
    land = eye.counts(one.page, clip=box)
    assert sum(land.get(colour, 0) for colour in swatches) > 0.15 * box["width"] * min(box["height"], 900)
