"""What a reader sees without touching anything: the first screen, names that stay clear, a key that explains, paper."""

from __future__ import annotations

import itertools
import math
import re

import pytest
import shapely

from geo import messages

from . import thirty
from .looking import colour_of, pdf_text, placer, seen_whole
from .thirty import words

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("thirty")]

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "reduced_motion": "reduce"}
LAPTOP = {"viewport": {"width": 1366, "height": 768}}


@pytest.fixture(scope="session")
def province(tmp_path_factory):
    return thirty.province(tmp_path_factory.getbasetemp())


@pytest.fixture
def open_page(visit, province):
    return lambda **context: visit(province.path, **context)


def test_the_first_screen_holds_summary_measure_layers_and_gaps(open_page):
    one = open_page()
    parts = ["#lead", "#measure", "#cards", "#search", "#gaps li >> nth=0", "#gaps li >> nth=1"]
    parts += [f"#layers .layer >> nth={row}" for row in range(one.page.locator("#layers .layer").count())]
    assert [part for part in parts if not seen_whole(one, part)] == []
    assert one.page.evaluate("document.querySelector('#panel-body').scrollTop") == 0


def test_a_laptop_sees_the_whole_key_beside_the_land(open_page, province):
    one = open_page(**LAPTOP)
    assert seen_whole(one, "#key")
    left = one.page.locator("#key").bounding_box()["x"]
    place = placer(one.page)
    assert max(place(x, y)[0] for x, y in shapely.get_coordinates(province.results.areas.geometry)) < left


WRITTEN = """() => {
  window.written = [];
  const own = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const size = parseFloat(this.font.match(/([\\d.]+)px/)[1]);
    if (this.textAlign === "center") window.written.push([text, x, y, this.measureText(text).width, size]);
    own.call(this, text, x, y);
  };
}"""


def names_on(one):
    """Give each name on the map, with its box on the screen; degrees at the edges are no names."""
    one.page.evaluate(WRITTEN)
    one.page.evaluate("() => { geo_map.fire('viewreset'); }")
    corner = one.page.locator("#geo_map").bounding_box()
    return {
        text: shapely.box(x - wide / 2, y - 0.5 * size, x + wide / 2, y + 0.5 * size)
        for text, left, top, wide, size in one.page.evaluate("window.written")
        for x, y in [(left + corner["x"], top + corner["y"])]
        if "°" not in text
    }


@pytest.mark.parametrize("screen", [{}, LAPTOP, PHONE], ids=["desk", "laptop", "phone"])
def test_no_name_meets_another_and_each_stands_in_its_own_area(open_page, province, screen):
    one = open_page(**screen)
    names, place = names_on(one), placer(one.page)
    assert len(names) > 8
    assert [pair for pair in itertools.combinations(names, 2) if names[pair[0]].intersects(names[pair[1]])] == []
    results = province.results
    marks = [
        shapely.Point(place(row.lon, row.lat)) for row in (*results.villages.itertuples(), *results.points.itertuples())
    ]
    areas = shapely.transform(results.areas.geometry.to_numpy(), lambda xy: [place(*spot) for spot in xy])
    for text, box in names.items():
        own = areas[((results.areas["name"] == text) | (results.areas["parent"] == text)).to_numpy()]
        assert not len(own) or shapely.dwithin(own, box.centroid, 2).any(), text
        if (results.areas["name"] == text).any():
            assert not any(box.contains(mark) for mark in marks), text


def test_no_name_lies_beneath_the_key(open_page):
    one = open_page()
    box = one.page.locator("#key").bounding_box()
    key = shapely.box(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
    assert [text for text, name in names_on(one).items() if name.intersects(key)] == []


def test_operators_stay_folded_until_asked_for_and_say_what_they_count(open_page):
    one = open_page()
    assert not one.page.locator(".bar.part").first.is_visible()
    one.page.click(".operators summary")
    assert one.page.locator(".bar.part").count() >= 6
    for language in ("vi", "en"):
        told = one.texts(".operators .bar-row .note")
        assert told == [messages.text(f"page.operator_{way}", language) for way in ("best", "all", "only_one")]
        one.page.click("#tool-language")
    held = one.page.locator(".bar.part").nth(1)
    held.focus()
    one.page.keyboard.press("Enter")
    assert one.page.locator(".bar.part[aria-pressed=true]").evaluate("(one) => one === document.activeElement")
    assert one.page.locator(".bar.part").first.is_visible()


def colour(one, name):
    return colour_of(
        one.page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()")
    )


def drawn_as(one, layer):
    """The shape of a mark in the key, what fills it, and what it is drawn with."""
    return one.page.locator(f".layer:has(#layer-{layer}) svg > *").evaluate(
        "(mark) => [mark.tagName, getComputedStyle(mark).fill, getComputedStyle(mark).stroke]"
    )


def test_the_key_explains_disc_ring_diamond_and_grey(open_page):
    one = open_page()
    shape, fill, _ = drawn_as(one, "yes")
    assert (shape, colour_of(fill)) == ("circle", colour(one, "covered"))
    shape, fill, edge = drawn_as(one, "no")
    assert (shape, colour_of(fill), colour_of(edge)) == ("circle", colour(one, "page"), colour(one, "gap"))
    shape, fill, _ = drawn_as(one, "points")
    assert (shape, colour_of(fill)) == ("path", colour(one, "point"))
    assert words(one.text(".layer:has(#layer-yes)")).startswith("Thôn có 4G")
    assert words(one.text(".layer:has(#layer-no)")).startswith("Thôn chưa có 4G")
    last = one.page.locator("#legend li").last
    assert words(last.inner_text()) == "không có số liệu 0 địa bàn"
    assert colour_of(last.locator("s").evaluate("(s) => getComputedStyle(s).backgroundColor")) == colour(one, "no-data")


def test_paper_unfolds_what_was_folded_and_folds_it_again(open_page):
    one = open_page()
    one.page.click("#key > summary")
    assert not one.page.locator("#legend").is_visible()
    one.page.evaluate("window.print = () => {}")
    one.page.click("#tool-print")
    assert seen_whole(one, "#source-text")
    assert one.page.locator("#legend").is_visible()
    one.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not one.page.locator("#legend").is_visible()
    assert one.page.get_attribute("#source", "open") is None


def test_a_phone_prints_the_same_sheet(open_page, province):
    one = open_page(**PHONE)
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    one.page.evaluate(thirty.SETTLED)
    key = one.page.locator("#key").bounding_box()
    place = placer(one.page)
    assert max(place(x, y)[0] for x, y in shapely.get_coordinates(province.results.areas.geometry)) < key["x"]
    lead, source = one.text("#lead"), province.results.about.source["vi"]
    pdf = one.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    text = re.sub(r"\s", "", pdf_text(pdf))
    assert [part for part in (lead, source, "31/12/2019") if re.sub(r"\s", "", part) not in text] == []


def test_paper_has_three_dots_where_the_screen_has_one(open_page):
    one = open_page()
    one.page.evaluate("window.print = () => {}")
    one.page.click("#tool-print")
    wide, shown = one.page.evaluate("[document.querySelector('#marks').width, geo_map.getSize().x]")
    assert math.isclose(wide, 3 * shown, abs_tol=2)
