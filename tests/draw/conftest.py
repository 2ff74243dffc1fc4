"""A small made-up province for the page, and a browser to look at it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.draw.webmap import draw_map
from geo.figures import Figure, Finding
from geo.study.results import About, Label, LayerFacts, Results

CHROMIUM = "/usr/bin/chromium"
# Two pages behind the address bar, which nobody sees here, cost more to open than the page that is tested. A list of
# features takes the place of the one that Playwright gives, so the rest of it is said here again.
FEATURES = [
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
SWITCHES = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(FEATURES)}",
]
HOSTILE = (
    '<img src=x onerror="window.__pwn=1">${window.__pwn=1}',
    "`${window.__pwn=1}`",
    "</script><script>window.__pwn=1</script>",
    "<svg onload=window.__pwn=1></svg><!--<script>",
)


def figure(indicator, value, **parts):
    rule = {"limit": parts.get("within_km"), "known": 24, "of": 24, "technology": parts.get("technology")}
    words = {"method": "m", "when": "w", "operator": "any", "name": "", "area_source": "a", "people_source": "p"}
    return Figure(
        area="all", indicator=indicator, value=value, unit="", rule=indicator, rule_values=rule | words, **parts
    )


def grid(columns=3, rows=2):
    boxes = [
        shapely.box(108 + x / 5, 11 + y / 5, 108.2 + x / 5, 11.2 + y / 5) for y in range(rows) for x in range(columns)
    ]
    names = ["Xã Phước Bình", "Xã Đông Hải", "Phường Mỹ Hương", "Xã Nhơn Sơn", "Xã Lợi Hải", "Xã Cà Ná"]
    parents = ["Huyện Bác Ái", "Thành phố", "Thành phố", "Huyện Ninh Sơn", "Huyện Thuận Bắc", "Huyện Thuận Nam"]
    return gpd.GeoDataFrame(
        {
            "name": names,
            "parent": parents,
            "population": [4000.0, 6000, 8000, 2000, 3000, np.nan],
            "points": [1.0, 1, 2, 0, 1, 0],
            "people_per_point": [4000.0, 6000, 4000, np.nan, 3000, np.nan],
            "mean_service_radius": [12.3, 12.3, 8.7, np.nan, 12.3, np.nan],
            "people_covered:4G": [1.0, 0.5, 0.95, 0.0, 0.8, np.nan],
            "people_within:3": [0.1, 0.3, 0.5, 0.0, 0.9, np.nan],
        },
        geometry=boxes,
        index=pd.Index([f"a{i}" for i in range(6)], name="area_id"),
        crs=4326,
    )


def some_villages():
    random = np.random.default_rng(3)
    area = np.repeat(np.arange(6), 4)
    lon = 108 + (area % 3) / 5 + random.uniform(0.02, 0.18, 24)
    lat = 11 + (area // 3) / 5 + random.uniform(0.02, 0.18, 24)
    names = [f"Thôn {name} {i}" for i, name in enumerate(["Phước An", "Đá Trắng", "Mỹ Tân"] * 8)]
    names[7] = HOSTILE[0]
    population = random.integers(200, 3000, 24).astype(float)
    population[[5, 7]] = [np.nan, 9000]
    covered = pd.array([True] * 14 + [False] * 8 + [pd.NA] * 2, dtype="boolean")
    covered[7] = False
    point = area % 5
    return gpd.GeoDataFrame(
        {
            "village_id": [f"v{i}" for i in range(24)],
            "name": names,
            "population": population,
            "area_id": [f"a{i}" for i in area],
            "lon": lon,
            "lat": lat,
            "point_id": [f"p{i}" for i in point],
            "distance_km": np.linspace(0.4, 9.6, 24),
            "covered:4G": covered,
            "covered:fibre": pd.array([True] * 24, dtype="boolean"),
        },
        geometry=gpd.points_from_xy(lon, lat),
        index=range(2, 26),
        crs=4326,
    )


def some_points():
    lon = np.array([108.1, 108.3, 108.5, 108.12, 108.5])
    lat = np.array([11.1, 11.1, 11.1, 11.3, 11.1])
    return gpd.GeoDataFrame(
        {
            "point_id": [f"p{i}" for i in range(5)],
            "name": ["Bưu cục Bác Ái", HOSTILE[2], "Bưu cục Mỹ Hương", "Điểm Phước Đại", "Đại lý Mỹ Hương"],
            "kind": ["post office", HOSTILE[1], "post office", "agency", "agency"],
            "area_id": ["a0", "a1", "a2", "a3", "a2"],
            "lon": lon,
            "lat": lat,
            "place": ["p0", "p1", "p2", "p3", "p2"],
            "villages": [5.0, 5, 8, 6, 8],
            "people": [5000.0, 6100, 7200, 8300, 7200],
        },
        geometry=gpd.points_from_xy(lon, lat),
        crs=4326,
    )


def some_figures():
    share = {"technology": "4G", "basis": "by_construction"}
    return (
        figure("population", 606_900, basis="official"),
        figure("points", 102, basis="by_construction"),
        figure("people_per_point", 5950.0, numerator=606_900, denominator=102, basis="official"),
        figure("mean_service_radius", 3.2372, numerator=3358, denominator=102, basis="official"),
        figure("villages_covered", 0.59, numerator=13, denominator=22, **share),
        figure("people_covered", 0.612, numerator=20_000, denominator=32_680, **share),
        figure("villages_covered", 1.0, technology="fibre", basis="by_construction"),
        figure("villages_covered", None, technology="5G", reason="mostly_unknown"),
        figure("people_within", 0.3, within_km=3.0, numerator=9000, denominator=30_000),
        figure("villages_within", 0.25, within_km=3.0, numerator=6, denominator=24),
        figure("nearest_distance_mean", 5.0),
    )


def made_up():
    points = some_points()
    names = {"vi": f"Bản đồ {HOSTILE[2]}", "en": f"Map {HOSTILE[0]}"}
    return Results(
        about=About(
            title=names,
            date=dt.date(2019, 12, 31),
            source={"vi": HOSTILE[3], "en": "A made-up source"},
            data="reconstructed",
            labels=(Label(name={"vi": "Biển Đông", "en": HOSTILE[1]}, lon=108.55, lat=11.02),),
        ),
        layers=(LayerFacts(layer="villages", file="villages.csv", sha256=None, rows=25, used=24, crs="EPSG:4326"),),
        figures=some_figures(),
        findings=(Finding(layer="villages", fault="missing_coordinates", rows=(7,)),),
        villages=some_villages(),
        points=points,
        catchments=gpd.GeoDataFrame(
            geometry=shapely.buffer(points.geometry[:4].to_numpy(), 0.08), index=["p0", "p1", "p2", "p3"], crs=4326
        ),
        areas=grid(),
    )


@pytest.fixture(scope="session")
def results():
    return made_up()


@pytest.fixture(scope="session")
def hostile():
    return HOSTILE


@pytest.fixture(scope="session")
def browser():
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no browser at {CHROMIUM}")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield running
        running.close()


class Visit:
    """A page in the browser, and all that it asked for or complained of."""

    def __init__(self, browser, path, fragment="", **context):
        self.context = browser.new_context(offline=True, **context)
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(Path(path).as_uri() + (f"#{fragment}" if fragment else ""))
        self.page.wait_for_selector("html[data-ready=yes]", timeout=10_000, state="attached")

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def texts(self, selector):
        return self.page.locator(selector).all_inner_texts()


@pytest.fixture(scope="session")
def page_file(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    draw_map(results).save(path)
    return path


@pytest.fixture(scope="session")
def untouched(browser, page_file):
    """A page that is only looked at."""
    one = Visit(browser, page_file, viewport={"width": 1440, "height": 900})
    yield one
    one.context.close()


@pytest.fixture
def visit(browser, page_file):
    opened = []

    def open_page(path=page_file, **context):
        context.setdefault("viewport", {"width": 1440, "height": 900})
        opened.append(Visit(browser, path, **context))
        return opened[-1]

    yield open_page
    for one in opened:
        one.context.close()
