"""A whole study from its file to its page, each size in a process of its own, and its parts by themselves."""

from __future__ import annotations

import math
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import geopandas as gpd

import geo
from benchmarks import made
from benchmarks.report import Goal, Report, count, seconds
from benchmarks.rounds import Setting, held, peak_mb, told
from geo.measure.access import nearest_position
from tests.draw.country import country

if TYPE_CHECKING:
    from collections.abc import Callable

_SHIPPED = Path(__file__).parents[1] / "data" / "ninh-thuan" / "study.toml"
_SHIPPED_VILLAGES, _ONCE = 400, 1_000_000
_GOAL_S, _GOAL_VILLAGES = 10.0, 100_000
_STUDY = """
title = { vi = "Đất nước bịa", en = "Made-up country" }
date = 2019-12-31
data = "reconstructed"
source = "random numbers"
[villages]
file = "villages.parquet"
[points]
file = "points.parquet"
[areas]
file = "areas.parquet"
id = "area_id"
name = "name"
parent = "parent"
[coverage.4G]
file = "footprints.parquet"
"""
_TEXT = """
`geo.Study.open(file).run()`, `geo.draw_map` and saving the page. 400 villages are the study that ships; more are the
made-up country of `tests/draw/country.py` in GeoParquet, with 18 points per 100 villages, up to 10,000 communes, and 64
footprints of three operators. Each round of each size is a process of its own, timed after the imports; medians of
{rounds}, of a million villages one. Below each stand the parts: what a script pays for that part alone, once, on layers
that are read; the rest of the run is what these do not explain (findings, roll-ups to every commune, areas covered).
"""
_RUN, _DRAW, _SAVE = "run", "draw", "save"


def measured(setting: Setting) -> Report:
    """Measure all sizes."""
    sizes = (_SHIPPED_VILLAGES, 2000, 10_000) if setting.quick else (_SHIPPED_VILLAGES, _GOAL_VILLAGES, 1_000_000)
    rounds = min(setting.rounds, 3)
    found = Report(
        title="A whole study",
        text=_TEXT.format(rounds=rounds),
        columns=("villages", "part", "s", "µs per village", "memory MB"),
        packages=("geopandas", "shapely", "folium"),
    )
    files = {size: _written(setting.folder, size) for size in sizes}
    took: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
    for number in range(rounds):
        for size, file in files.items():
            if number and size >= _ONCE:
                continue
            told(f"{size:,} villages, round {number + 1}")
            took[size].append(_alone(_whole, file))
            found.load.append(os.getloadavg()[0])
    for size, file in files.items():
        held(all(one["villages"] == size for one in took[size]), f"the study has not {size} villages.")
        _rows(found, size, took[size], {} if size == _SHIPPED_VILLAGES else _alone(_parts, file))
    _goals(found, {size: median(_sum(one) for one in runs) for size, runs in took.items()})
    return found


def _alone(work: Callable[[Path], Any], file: Path) -> Any:  # noqa: ANN401 - what the work gives
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(work, file).result()


def _written(folder: Path, size: int) -> Path:
    if size == _SHIPPED_VILLAGES:
        return _SHIPPED
    told(f"{size:,} villages: files")
    file = folder / f"study-{size}" / "study.toml"
    _alone(_write, file)
    return file


def _write(file: Path) -> None:
    """Write the layers of a country and its study."""
    home = file.parent
    home.mkdir()
    made_up = country(int(home.name.removeprefix("study-")))
    made_up.villages[["village_id", "name", "population", "geometry"]].to_parquet(home / "villages.parquet")
    made_up.points[["point_id", "name", "kind", "geometry"]].to_parquet(home / "points.parquet")
    areas = made_up.areas[["name", "parent", "geometry"]].reset_index()
    gpd.GeoDataFrame(areas, geometry="geometry", crs=4326).to_parquet(home / "areas.parquet")
    made.footprints(5, made.COUNTRY).to_parquet(home / "footprints.parquet")
    file.write_text(_STUDY, "utf-8")


def _whole(file: Path) -> dict[str, float]:
    """Do the whole, and give the seconds of its three steps, the villages drawn, and the peak of the memory."""
    study, draw_map = geo.Study, geo.draw_map
    with tempfile.TemporaryDirectory(prefix="geo-bench-") as folder:
        started = time.perf_counter()
        results = study.open(file).run()
        ran = time.perf_counter()
        page = draw_map(results)
        drawn = time.perf_counter()
        page.save(Path(folder) / "page.html")
        saved = time.perf_counter()
    steps = {_RUN: ran - started, _DRAW: drawn - ran, _SAVE: saved - drawn}
    return {**steps, "villages": len(results.villages), "peak_mb": peak_mb(os.getpid())}


def _sum(took: dict[str, float]) -> float:
    return took[_RUN] + took[_DRAW] + took[_SAVE]


def _parts(file: Path) -> dict[str, float]:
    """Do each part of the run by itself, and give its seconds."""
    home = file.parent
    took: dict[str, float] = {}
    layers: dict[str, gpd.GeoDataFrame] = {}
    started = time.perf_counter()
    for name in ("villages", "points", "areas", "footprints"):
        layers[name] = getattr(geo, f"read_{name}")(home / f"{name}.parquet")
    took["reading and checking the layers"] = time.perf_counter() - started
    villages, points = layers["villages"], layers["points"]
    position, _ = nearest_position(villages, points)
    served = villages.assign(point_row=points.index.to_numpy()[position])
    parts: dict[str, Callable[[], object]] = {
        "geo.nearest_point": lambda: geo.nearest_point(villages, points),
        "geo.is_covered": lambda: geo.is_covered(villages, layers["footprints"], "4G"),
        "geo.people_per_place": lambda: geo.people_per_place(served, points),
        "geo.catchment_polygons": lambda: geo.catchment_polygons(points, layers["areas"]),
        "geo.area_km2 of the communes": lambda: geo.area_km2(layers["areas"].geometry.to_numpy()),
    }
    for name, work in parts.items():
        started = time.perf_counter()
        work()
        took[name] = time.perf_counter() - started
    return took


def _rows(found: Report, size: int, took: list[dict[str, float]], parts: dict[str, float]) -> None:
    def row(name: str, spent: float, memory: str = "") -> None:
        found.rows.append((count(size), name, seconds(spent), f"{spent / size * 1e6:,.1f}", memory))

    whole = median(_sum(one) for one in took)
    row("**whole**", whole, f"{max(one['peak_mb'] for one in took):.0f}")
    run, draw, save = (median(one[step] for one in took) for step in (_RUN, _DRAW, _SAVE))
    for name, spent in parts.items():
        row(name, spent)
    row("the rest of the run" if parts else "run", run - sum(parts.values()))
    row("geo.draw_map", draw)
    row("saving the page", save)


def _goals(found: Report, whole: dict[int, float]) -> None:
    small, middle, large = whole
    grown = whole[large] / whole[middle]
    allowed = large * math.log(large) / (middle * math.log(middle))
    found.goals.append(
        Goal(
            text=f"from {count(middle)} to {count(large)} villages no faster growth than n log n ({allowed:.1f} times)",
            measured=f"{grown:.1f} times",
            met=grown <= allowed,
            why=f"From {small} to {count(middle)} villages the cost grew {whole[middle] / whole[small]:.1f} times.",
        )
    )
    found.goals.append(
        Goal(
            text=f"{count(middle)} villages and up to 10k communes in under {_GOAL_S:g} s, page included",
            measured=f"{seconds(whole[middle])} s",
            met=whole[middle] < _GOAL_S,
            why="The table says which parts take it.",
        )
    )
