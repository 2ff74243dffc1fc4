"""What the tests of the thirty share: the two studies, each drawn once, and hands to use the page with."""

from __future__ import annotations

import json
import pickle
import re
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from geo.cli.told import as_json
from geo.draw.measures import Measure
from geo.draw.webmap import draw_map
from geo.figures import Finding
from geo.study.results import About, Label
from geo.study.study import Study

from .country import country
from .looking import colour_of, number_in, placer

PATIENCE_S = 120
STUDY = Path(__file__).parents[2] / "data" / "ninh-thuan" / "study.toml"
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@cache
def province(folder):
    return drawn(Study.open(STUDY).run(), folder / "province.html")


@cache
def land(folder):
    """Made by the first who asks; other workers of the same run wait for it."""
    kept = folder / "land.pickle"
    try:
        (folder / "land.lock").touch(exist_ok=False)
    except FileExistsError:
        for _ in range(PATIENCE_S * 10):
            if kept.exists():
                return pickle.loads(kept.read_bytes())  # noqa: S301 - written by this very run
            time.sleep(0.1)
    made = drawn(country(), folder / "land.html")
    kept.with_suffix(".draft").write_bytes(pickle.dumps(made))
    kept.with_suffix(".draft").rename(kept)
    return made


def shared_folder(factory, worker):
    """The folder that all workers of a run see."""
    return factory.getbasetemp().parent if worker.startswith("gw") else factory.getbasetemp()


def drawn(results, path):
    """A page on disk, the results it was drawn from, and their figures as `geo measure --format json` gives them."""
    draw_map(results).save(path)
    told = json.loads(as_json(results, "vi"))
    figures = {
        (one["indicator"], one["technology"], one["operator"], one["within_km"]): one
        for one in told["figures"]
        if one["area"] == "all"
    }
    return SimpleNamespace(path=path, results=results, figures=figures, title=told["study"])


def value(shown, indicator, technology=None, operator=None, within_km=None):
    return shown.figures[indicator, technology, operator, within_km]["value"]


def words(text):
    return " ".join(text.split())


def look_at(one, lon, lat, zoom=16):
    one.page.evaluate("([x, y, zoom]) => { geo_map.setView([y, x], zoom, { animate: false }); }", [lon, lat, zoom])
    one.page.evaluate(SETTLED)
    return placer(one.page)(lon, lat)


def untick(one, *layers):
    for layer in layers:
        if one.page.locator(f"#layer-{layer}").count():
            one.page.uncheck(f"#layer-{layer}")


def search(one, typed):
    one.page.fill("#search", typed)
    one.page.keyboard.press("Enter")


def use_everything(one):
    """Touch all that can be touched."""
    page = one.page
    for button in ("#tool-language", "#tool-theme", "#layer-catchments", "#layer-names", "#home"):
        page.click(button)
    for selector in ("#gaps button", "#bars .bar", "#bars .info", "#cards .info", ".leaflet-control-zoom-in"):
        page.locator(selector).first.click()
    page.select_option("#measure", index=3)
    search(one, "phuoc")
    page.click("#tool-table")
    page.locator("#table thead button").nth(2).click()
    page.keyboard.press("Escape")
    page.mouse.move(900, 450)
    page.mouse.wheel(0, -300)
    page.evaluate(SETTLED)


def poisoned(results, hostile):
    """The study with hostile names wherever a layer or the study file can put a name."""

    def cycle(table):
        return [hostile[row % len(hostile)] for row in range(len(table))]

    operators = dict(zip(("Nhà mạng A", "Nhà mạng B", "Nhà mạng C"), hostile, strict=False))

    def renamed(column):
        for name, other in operators.items():
            column = column.replace(name, other)
        return column.replace("fibre", hostile[3])

    return replace(
        results,
        about=About(
            title={"vi": " ".join(hostile), "en": "x"},
            date=results.about.date,
            source={"vi": " ".join(hostile)},
            labels=tuple(Label(name={"vi": name}, lon=108.3, lat=11.2 + i / 5) for i, name in enumerate(hostile)),
        ),
        layers=tuple(replace(layer, file=hostile[row % 4]) for row, layer in enumerate(results.layers)),
        figures=tuple(
            replace(
                one,
                operator=operators.get(one.operator, one.operator),
                technology=hostile[3] if one.technology == "fibre" else one.technology,
            )
            for one in results.figures
        ),
        findings=tuple(Finding(layer="areas", fault="one_name_two_places", values={"name": name}) for name in hostile),
        villages=results.villages.assign(name=cycle(results.villages)).rename(columns=renamed),
        points=results.points.assign(name=cycle(results.points), kind=cycle(results.points)),
        areas=results.areas.assign(name=cycle(results.areas), parent=cycle(results.areas)).rename(columns=renamed),
    )


def wander(one, results):
    """Open every kind of popup, tooltip, list and table for every hostile name; give what was seen, by place."""
    seen = {"tip": [], "village": [], "point": [], "area": []}

    def point_at(kind, lon, lat):
        x, y = look_at(one, lon, lat)
        one.page.mouse.move(x + 40, y + 40)
        one.page.mouse.move(x, y)
        seen["tip"].append(one.page.locator(".tip").inner_text())
        one.page.mouse.click(x, y)
        seen[kind].append(one.page.locator(".popup").inner_text())
        one.page.keyboard.press("Escape")

    seen["gaps"] = one.texts("#gaps button")
    untick(one, "points")
    for row in results.villages.iloc[:4].itertuples():
        point_at("village", row.lon, row.lat)
    one.page.check("#layer-points")
    untick(one, "yes", "no", "unknown")
    for row in results.points.iloc[:4].itertuples():
        point_at("point", row.lon, row.lat)
    untick(one, "points")
    for spot in results.areas.geometry.iloc[:4].representative_point():
        point_at("area", spot.x, spot.y)
    one.page.fill("#search", "pwn")
    seen["search"] = one.texts("#search-results button")
    one.page.keyboard.press("Escape")
    for bar in range(one.page.locator("#bars .bar:not(.part)").count()):
        one.page.locator("#bars .bar:not(.part)").nth(bar).click()
        unfold_operators(one)
        seen.setdefault("services", []).extend(one.texts("#bars .bar") + one.texts("#layers .layer"))
    seen["options"] = one.page.locator("#measure option").all_text_contents()
    one.page.click("#section-data summary")
    seen["layers"] = [one.text("#about-data")]
    seen["attribution"] = [one.text("#panel-foot")]
    seen["title"] = [one.text("#title")]
    one.page.click("#tool-table")
    seen["table"] = one.texts("#table tbody tr")
    return seen


COMBINED = {"best": "rộng nhất", "all": "mọi nhà mạng", "only_one": "chỉ một"}


def unfold_operators(one):
    folded = one.page.locator(".operators:not([open]) summary")
    if folded.count():
        folded.click()


def bars_of(one, technologies):
    """Give each bar's shares of villages and people and the width of the bar, by technology and operator."""
    found = {}
    for name, technology in technologies.items():
        one.page.locator("#bars .bar:not(.part)", has_text=name).first.click()
        unfold_operators(one)
        operator, current = "any", None
        for bar in one.page.locator("#bars .bar").all():
            label = words(bar.locator(".name").inner_text())
            is_part = "part" in (bar.get_attribute("class") or "").split()
            current, operator = (current, label) if is_part else (label, "any")
            if current != name:
                continue
            operator = next((key for key, told in COMBINED.items() if told in label.lower()), operator)
            share, people = (number_in(bar.locator(part).inner_text()) for part in ("b", "em"))
            whole, filled = (bar.locator(part).bounding_box()["width"] for part in ("i", "u"))
            found[technology, operator] = (share, people, 100 * filled / whole)
    return found


LEGENDS = """(options) => options.map((option) => {
  const box = document.getElementById("measure");
  box.value = option;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return [box.selectedOptions[0].textContent, [...document.querySelectorAll("#legend li")].map((row) => [
    row.querySelector("span").innerText, row.querySelector("em").innerText,
    getComputedStyle(row.querySelector("s")).backgroundColor])];
})"""


def legends_of(one, options):
    """Choose one measure after the other; give the name and the classes of each as the legend tells them."""
    return [(name, classes_in(rows)) for name, rows in one.page.evaluate(LEGENDS, options)]


def classes_in(rows):
    """Read the classes off a legend: least (in), most (out), how many, and the colour."""
    classes = []
    for name, told, shade in rows:
        label, count, colour = words(name), number_in(told), colour_of(shade)
        numbers = [number_in(part) for part in re.findall(r"\d[\d.,]*", label)]
        if not numbers:
            least, most = (np.nan, np.nan) if "không có" in label.lower() else (-np.inf, np.inf)
        elif label.startswith("dưới"):
            least, most = -np.inf, numbers[0]
        elif label.startswith("từ"):
            least, most = numbers[0], np.inf
        else:
            least, most = numbers[0], numbers[-1]
        classes.append((least, most, count, colour, "%" in label))
    return classes


def measured_columns(results):
    """Every column of the areas that the page can name, by that name and its unit."""
    units = {"km2": "km²", "km": "km", "": ""}
    found = {}
    for column in results.areas.columns:
        measure = Measure.of_column(column)
        if measure is not None:
            unit = units[measure.as_dict()["format"]["unit"]]
            found[measure.label("vi") + (f" ({unit})" if unit else "")] = column
    return found


def members_of(classes, values, *, known=True):
    """Turn what the legend says into limits: shares from percent, whole numbers up to and with the last one named."""
    whole = bool((values.dropna() % 1 == 0).all())
    limits = []
    for least, most, count, colour, percent in classes:
        if np.isnan(least) == known:
            continue
        scale = 100 if percent else 1
        last = most + 1 if whole and not percent and np.isfinite(least) else most
        limits.append((least / scale, last / scale, count, colour))
    return limits
