"""The thirty things that hold of the page, 1 to 17: the file, its safety and weight, its figures and colours."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import folium.plugins
import numpy as np
import pytest
import shapely
from babel.numbers import format_decimal

from geo.draw.measures import Measure
from geo.draw.webmap import draw_map
from geo.errors import OutputError

from . import thirty
from .looking import Eye, number_in, placer
from .thirty import SETTLED, bars_of, legends_of, measured_columns, members_of, untick, use_everything, value, words

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("thirty")]

MEGABYTE = 1_000_000


@pytest.fixture(scope="session")
def eye(browser):
    return Eye(browser)


@pytest.fixture(scope="session")
def province(tmp_path_factory):
    return thirty.province(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def land(tmp_path_factory, worker_id):
    return thirty.land(thirty.shared_folder(tmp_path_factory, worker_id))


@pytest.fixture
def open_page(visit, province):
    def open_one(path=province.path, **context):
        one = visit(path, **context)
        one.page.set_default_timeout(8000)
        return one

    return open_one


def test_01_the_page_asks_the_network_for_nothing(open_page, land):
    for path in ((), (land.path,)):
        one = open_page(*path)
        use_everything(one)
        assert one.requests[0].startswith("file:")
        assert [url for url in one.requests[1:] if not url.startswith(("data:", "blob:"))] == []


def test_02_the_console_stays_empty(open_page, land):
    for path in ((), (land.path,)):
        one = open_page(*path)
        use_everything(one)
        assert one.complaints == []


def test_03_the_file_points_to_no_network_and_a_missing_asset_fails_the_build(province, tmp_path):
    links = []
    reader = HTMLParser()
    reader.handle_starttag = lambda _, attributes: links.extend(v for k, v in attributes if k in {"src", "href"})
    reader.feed(province.path.read_text("utf-8"))
    assert links == []
    page = draw_map(province.results)
    folium.plugins.MarkerCluster().add_to(page)
    with pytest.raises(OutputError, match=r"(?i)markercluster"):
        page.save(tmp_path / "page.html")


def test_04_the_policy_lets_scripts_run_by_their_hash_alone(open_page):
    one = open_page()
    policy = one.page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"]
    assert all(source.startswith("'sha256-") for source in rules["script-src"])
    one.page.evaluate(
        "() => { const script = document.createElement('script'); script.textContent = 'window.__pwn = 1';"
        "document.head.append(script); document.body.setAttribute('onclick', 'window.__pwn = 1');"
        "document.body.click(); }"
    )
    assert one.page.evaluate("window.__pwn") is None


@pytest.fixture(scope="session")
def poisoned_page(province, hostile, tmp_path_factory):
    return thirty.drawn(thirty.poisoned(province.results, hostile), tmp_path_factory.mktemp("poisoned") / "page.html")


def test_05_no_hostile_name_runs(open_page, poisoned_page):
    one = open_page(poisoned_page.path)
    thirty.wander(one, poisoned_page.results)
    assert one.page.evaluate("window.__pwn") is None
    assert one.page.locator("img, svg[onload], script:not(head script, body > script)").count() == 0
    assert one.complaints == []


def test_06_every_hostile_name_is_seen_as_it_is_written(open_page, poisoned_page, hostile):
    one = open_page(poisoned_page.path)
    seen = thirty.wander(one, poisoned_page.results)
    for place in (
        "tip",
        "village",
        "point",
        "area",
        "search",
        "gaps",
        "services",
        "layers",
        "attribution",
        "title",
        "table",
    ):
        text = words(" ".join(seen[place]))
        assert [name for name in hostile if words(name).lower() not in text.lower()] == [], place


def test_07_the_page_marks_when_it_is_ready_and_by_then_it_is(open_page, land):
    for path in ((), (land.path,)):
        one = open_page(*path)
        marks = one.page.evaluate("performance.getEntriesByName('geo-ready').map((mark) => mark.startTime)")
        assert len(marks) == 1
        assert marks[0] > 0
        assert one.page.locator("#cards .card").count() == 4
        assert one.page.evaluate(
            "[...document.querySelectorAll('#geo_map canvas')].some((canvas) =>"
            "canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean))"
        )


def test_08_the_file_is_small(province, land):
    def outlines(page):
        data = json.loads(re.search(r'id="geo-data">(.*?)</script>', page, re.DOTALL)[1])
        return len(json.dumps([data["areas"]["shape"], data["parents"], data["catchments"]]))

    assert province.path.stat().st_size < 0.3 * MEGABYTE
    assert land.path.stat().st_size < 5 * MEGABYTE
    assert land.path.stat().st_size - outlines(land.path.read_text("utf-8")) < 3 * MEGABYTE


def test_09_the_heap_stays_small(browser, province, land):
    switches = ["--no-sandbox", "--js-flags=--expose-gc", "--enable-precise-memory-info"]
    other = browser.browser_type.launch(executable_path="/usr/bin/chromium", args=switches)
    for path, most in ((province.path, 20), (land.path, 60)):
        page = other.new_page(viewport={"width": 1440, "height": 900})
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=yes]", state="attached")
        page.evaluate("() => { gc(); gc(); }")
        assert page.evaluate("performance.memory.usedJSHeapSize") < most * MEGABYTE, path.parent.name
        page.close()
    other.close()


def test_10_the_page_measures_how_long_it_redraws(open_page, land):
    for path in ((), (land.path,)):
        one = open_page(*path)
        one.page.evaluate("performance.clearMeasures()")
        one.page.evaluate("() => { geo_map.panBy([120, 80], { animate: false }); }")
        one.page.evaluate(SETTLED)
        measured = one.page.evaluate("performance.getEntriesByName('geo-redraw').map((one) => one.duration)")
        assert measured
        assert 0 < measured[-1] < 5000


CARDS = {"population": "#,##0", "points": "#,##0", "people_per_point": "#,##0", "mean_service_radius": "#,##0.00"}


def cards_of(one):
    return {card: words(one.text(f"[data-figure={card}] b")).removesuffix(" km") for card in CARDS}


def test_11_the_four_cards_equal_the_figures(open_page, province):
    expected = {card: format_decimal(value(province, card), form, locale="vi") for card, form in CARDS.items()}
    assert cards_of(open_page()) == expected
    assert expected["people_per_point"] == "5.950"
    assert expected["mean_service_radius"] == "3,24"


def test_12_english_writes_numbers_and_the_title_in_english(open_page, province):
    one = open_page()
    assert one.page.get_attribute("html", "lang") == "vi"
    one.page.click("#tool-language")
    expected = {card: format_decimal(value(province, card), form, locale="en") for card, form in CARDS.items()}
    assert cards_of(one) == expected
    assert (expected["people_per_point"], expected["mean_service_radius"]) == ("5,950", "3.24")
    assert one.page.get_attribute("html", "lang") == "en"
    assert one.text("#title") == one.page.title() == province.results.about.title["en"]
    assert one.text("#title") != province.title


TECHNOLOGIES = {"3G": "3G", "4G": "4G", "Cáp quang": "fibre"}


def test_13_the_bars_equal_the_shares_to_a_tenth_of_a_point(open_page, province):
    bars = bars_of(open_page(), TECHNOLOGIES)
    known = {(one[1], one[2]) for one in province.figures if one[0] == "villages_covered"}
    combined = {"best", "all", "only_one"}
    assert set(bars) >= {(technology, operator) for technology, operator in known if operator not in combined}
    for (technology, operator), (share, people, width) in bars.items():
        villages = 100 * value(province, "villages_covered", technology, operator)
        assert share == pytest.approx(villages, abs=0.051)
        assert people == pytest.approx(100 * value(province, "people_covered", technology, operator), abs=0.051)
        assert width == pytest.approx(villages, abs=1), "a bar is 84 pixels wide"


def options_of(one):
    return [option.get_attribute("value") for option in one.page.locator("#measure option").all()]


def test_14_the_counts_of_the_legend_add_up_to_the_communes(open_page, province, land):
    for shown in (province, land):
        one = open_page(shown.path)
        options = options_of(one)
        for _, classes in legends_of(one, options if shown is province else options[:2]):
            assert sum(count for _, _, count, *_ in classes) == len(shown.results.areas)


def test_15_the_classes_follow_the_measure_and_leave_no_gap_nor_overlap(open_page, province):
    one = open_page()
    columns = measured_columns(province.results)
    for name, told in legends_of(one, options_of(one)):
        values = province.results.areas[columns[name]]
        classes = sorted(members_of(told, values), key=lambda one: one[0])
        assert classes[0][0] == -np.inf
        assert classes[-1][1] == np.inf
        for (_, most, *_), (least, *_) in itertools.pairwise(classes):
            assert most == least
        for least, most, count, _ in classes:
            assert ((values >= least - 1e-12) & (values < most - 1e-12)).sum() == count


def test_16_every_commune_has_the_colour_of_its_class_and_none_that_of_no_data(open_page, eye, province, tmp_path):
    areas = province.results.areas.copy()
    areas.iloc[[3, 30, 60], areas.columns.get_indexer(["people_covered:4G", "people_per_point"])] = np.nan
    shown = thirty.drawn(replace(province.results, areas=areas), tmp_path / "page.html")
    one = open_page(shown.path, viewport={"width": 2000, "height": 2400})
    untick(one, "yes", "no", "unknown", "points", "names")
    middles = shapely.get_point(shapely.maximum_inscribed_circle(areas.geometry.to_numpy()), 0)
    for column in ("people_covered:4G", "people_per_point"):
        label = Measure.of_column(column).label("vi")
        option = one.page.locator("#measure option", has_text=re.compile(f"^{label}$")).get_attribute("value")
        [(_, told)] = legends_of(one, [option])
        place = placer(one.page)
        found = eye.colours(one.page, [place(middle.x, middle.y) for middle in middles])
        classes = members_of(told, areas[column])
        unknown = [colour for *_, colour in members_of(told, areas[column], known=False)]
        assert len({colour for *_, colour in classes} | set(unknown)) == len(classes) + 1
        for colour, number in zip(found, areas[column], strict=True):
            own = [shade for least, most, _, shade in classes if least - 1e-12 <= number < most - 1e-12]
            assert [colour] == (own or unknown)


def layers_of(one):
    rows = {layer: f".layer:has(#layer-{layer}) em" for layer in ("yes", "no", "unknown")}
    return {name: number_in(one.text(row)) for name, row in rows.items() if one.page.locator(row).count()}


def test_17_covered_and_uncovered_villages_add_up_for_every_service(open_page, province):
    one = open_page()
    villages = value(province, "villages")
    for name, technology in TECHNOLOGIES.items():
        one.page.locator("#bars .bar:not(.part)", has_text=name).first.click()
        thirty.unfold_operators(one)
        parts = [words(text) for text in one.texts("#bars .bar.part .name")]
        for operator in [
            "any",
            *(part for part in parts if ("villages_covered", technology, part, None) in province.figures),
        ]:
            if operator != "any":
                one.page.locator("#bars .bar.part", has=one.page.get_by_text(operator, exact=True)).click()
            counts = layers_of(one)
            told = province.figures["villages_covered", technology, operator, None]
            assert counts["yes"] == told["numerator"]
            assert counts["yes"] + counts["no"] == told["denominator"]
            assert sum(counts.values()) == villages
    one.page.locator("#bars .bar:not(.part)", has_text="3 km").click()
    told = province.figures["villages_within", None, None, 3.0]
    assert layers_of(one) == {"yes": told["numerator"], "no": villages - told["numerator"]}
