"""
Measure the page beside plain Folium: file size, seconds in Python, ready time, heap, redraw after a pan.

Run by `make bench-map`; writes its section of `benchmarks/README.md`. Every way to draw is opened in turn, several
rounds long, so that a busy machine is busy for all of them alike; what is written are medians.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks import peers
from benchmarks.report import write
from geo.draw.webmap import draw_map
from geo.study.study import Study
from tests.draw.country import country

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from geo.study.results import Results

ROUNDS = 3
SIZES = (400, 10_000, 100_000, 500_000)
TOO_LONG = {("GeoJson", 100_000), ("GeoJson", 500_000)}
"""Would take more than a minute to open."""

CHROMIUM = "/usr/bin/chromium"
_SWITCHES = ["--no-sandbox", "--js-flags=--expose-gc", "--enable-precise-memory-info"]
_WAIT_MS = 180_000
_STUDY = Path(__file__).parents[1] / "data" / "ninh-thuan" / "study.toml"

# Drawn is what the second frame after the page is ready shows; a Folium page is ready when it is loaded.
_WATCH = """addEventListener("load", () => {
  const isReady = () => !document.getElementById("geo-data") || document.documentElement.dataset.ready === "yes";
  const look = () => requestAnimationFrame(isReady() ? () => { window.drawn = performance.now(); } : look);
  look();
});"""
_DRAWN = """() => new Promise((done) => {
  const look = () => (window.drawn ? done(window.drawn) : setTimeout(look, 20));
  look();
})"""
_MAP = "(window.geo_map || window[Object.keys(window).find((name) => /^map_[0-9a-f]+$/.test(name))])"
_COUNT = f"""() => {{
  const data = document.getElementById("geo-data");
  if (data) return JSON.parse(data.textContent).villages.count;
  let count = 0;
  const map = {_MAP};
  const clusters = Object.values(map._layers).find((layer) => layer._topClusterLevel);
  if (clusters) return clusters.getLayers().length;
  map.eachLayer((layer) => {{ if (layer instanceof L.CircleMarker) count += 1; }});
  return count;
}}"""
_PAN = f"""async () => {{
  const started = performance.now();
  {_MAP}.panBy([150, 100], {{ animate: false }});
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const own = performance.getEntriesByName("geo-redraw").at(-1);
  return [performance.now() - started, own ? own.duration : null];
}}"""


@dataclass
class Measured:
    """What one way to draw one size took, round by round."""

    way: str
    size: int
    megabytes: float = 0.0
    python_s: list[float] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    heap_mb: list[float] = field(default_factory=list)
    pan_ms: list[float] = field(default_factory=list)
    own_ms: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)


def main() -> None:
    """Measure all, tell progress on stderr, and write the section."""
    try:
        scripts = peers.cluster_scripts()
    except OSError as error:
        print(f"without FastMarkerCluster: {error}", file=sys.stderr)
        scripts = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=_SWITCHES)
        found = [one for size in SIZES for one in _measure(browser, size, scripts, Path(folder))]
        table = _section(found, browser.version, has_cluster=bool(scripts))
        browser.close()
    write("map page", table)


def _measure(browser: Browser, size: int, scripts: dict[str, str], folder: Path) -> list[Measured]:
    results = Study.open(_STUDY).run() if size == SIZES[0] else country(size)
    ways: dict[str, Callable[[Results, Path], None]] = {"geo": _geo, "GeoJson": peers.geojson}
    if scripts:
        ways["FastMarkerCluster"] = partial(peers.cluster, scripts=scripts)
    found = [Measured(way, size) for way in ways if (way, size) not in TOO_LONG]
    for number in range(ROUNDS):
        for one in found:
            print(f"{size:>7} {one.way}, round {number + 1}", file=sys.stderr)
            path = folder / f"{one.way}.html"
            started = time.perf_counter()
            ways[one.way](results, path)
            one.python_s.append(time.perf_counter() - started)
            one.megabytes = path.stat().st_size / 1e6
            one.load.append(os.getloadavg()[0])
            _open(browser, path, one)
    return found


def _geo(results: Results, path: Path) -> None:
    draw_map(results).save(path)


def _open(browser: Browser, path: Path, one: Measured) -> None:
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.goto(path.as_uri(), timeout=_WAIT_MS)
    ready_ms = page.evaluate(_DRAWN)
    drawn = page.evaluate(_COUNT)
    if drawn != one.size:
        msg = f"{one.way} draws {drawn} villages, not {one.size}."
        raise SystemExit(msg)
    one.ready_s.append(ready_ms / 1000)
    page.evaluate("() => { gc(); gc(); }")
    one.heap_mb.append(page.evaluate("performance.memory.usedJSHeapSize") / 1e6)
    _pan(page, one)
    context.close()


def _pan(page: Page, one: Measured) -> None:
    for _ in range(5):
        took, own = page.evaluate(_PAN)
        one.pan_ms.append(took)
        if own is not None:
            one.own_ms.append(own)


def _section(found: list[Measured], browser: str, *, has_cluster: bool) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("geo-coverage", "folium", "XStatic-Leaflet"))
    load = median(load for one in found for load in one.load)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        "## Map page",
        "",
        f"`make bench-map`: {ROUNDS} rounds, interleaved, medians. 400 villages are the study of Ninh Thuận; more are",
        "the made-up country of `tests/draw/country.py`, with 18 points per 100 villages and up to 10,000 communes.",
        "Only geo draws these, with catchments, search and figures; the peers draw the villages alone. Each page is",
        "asked how many villages it holds before it counts. From `file://`, network off, 1440 x 900, no GPU.",
        "",
        "ready: from opening to the second frame after the page is ready; pan: from a pan to the second frame after",
        "(two frames alone take about 33 ms); redraw: what the page itself measures; heap: after garbage collection;",
        "MB are 1,000,000 bytes. × is the peer's part of what geo takes.",
        "",
        f"Python {platform.python_version()}, {packages}, Chromium {browser};",
        f"{os.cpu_count()} cores, {memory:.0f} GB.",
        f"Load average while measuring: {load:.1f} (median; 1 or 2 is the measurement itself, more is other work,",
        "which makes all times longer: then read the ratios).",
        "",
        "| villages | way | file MB | Python s | ready s | heap MB | pan ms | redraw ms | ready × | heap × | file × |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        *(_row(one, next(geo for geo in found if geo.way == "geo" and geo.size == one.size)) for one in found),
        "",
        "Left out, because they take more than a minute to open: "
        + ", ".join(f"{way} at {size:,}" for way, size in sorted(TOO_LONG))
        + ".",
    ]
    if not has_cluster:
        lines.append("FastMarkerCluster is left out: its script could not be fetched from the npm registry.")
    else:
        lines.append(f"FastMarkerCluster runs on {peers.CLUSTER}, fetched for the run and not kept.")
    return "\n".join(lines)


def _row(one: Measured, geo: Measured) -> str:
    own = f"{median(one.own_ms):.0f}" if one.own_ms else ""
    cells = [f"{one.size:,}", one.way, f"{one.megabytes:.2f}", f"{median(one.python_s):.2f}"]
    cells += [f"{median(one.ready_s):.2f}", f"{median(one.heap_mb):.0f}", f"{median(one.pan_ms):.0f}", own]
    pairs = ((one.ready_s, geo.ready_s), (one.heap_mb, geo.heap_mb), ([one.megabytes], [geo.megabytes]))
    cells += ["" if one is geo else f"{median(mine) / median(its):.1f}" for mine, its in pairs]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
