"""A made-up country: villages in clusters, points where people are, communes with jagged borders; seeded."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Voronoi, cKDTree

from geo.figures import Figure
from geo.measure.access import nearest_position
from geo.measure.catchment import catchment_polygons, people_per_place
from geo.measure.geodesic import area_km2
from geo.study.results import About, Label, LayerFacts, Results

if TYPE_CHECKING:
    from collections.abc import Iterator

SOUTH, NORTH = 8.6, 23.3
COMMUNES = 10_000
LIMIT_KM = 3.0
_OPERATORS = ("Nhà mạng A", "Nhà mạng B", "Nhà mạng C")
_WORDS = (
    "An Bình Cát Châu Đại Đông Giang Hà Hải Hòa Khánh Lộc Long "
    "Mỹ Nam Ninh Phú Phước Quảng Sơn Tân Thạnh Thuận Vĩnh Xuân Yên"
)
_HALVINGS = 3
_JAGGED = 0.16  # of the length of a border, sidewards


def country(count: int = 100_000) -> Results:
    """Give the results of a country with so many villages, 18 points per 100 of them and at most 10,000 communes."""
    random = np.random.default_rng(count)
    people, lon, lat = _villages(random, count)
    chosen = random.choice(count, min(COMMUNES, count // 10), replace=False)
    areas = _areas(random, np.column_stack([lon, lat])[chosen])
    villages = _table("village", "Thôn", random, lon, lat).assign(population=people)
    points = _points(random, villages, chosen)
    villages, points = (_in_areas(table, areas) for table in (villages, points))
    return _results(random, villages, points, areas)


def _width(lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # A long bent land, as wide as 500 km in the north and as narrow as 60 in the middle.
    part = (lat - SOUTH) / (NORTH - SOUTH)
    middle = 106.2 + 1.5 * np.sin(2.2 * np.pi * (1 - part)) * (1 - 0.4 * part)
    return middle, 0.45 + 1.9 * np.abs(part - 0.45) ** 1.3


def _on_land(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    middle, half = _width(lat)
    return (np.abs(lon - middle) < half) & (lat > SOUTH) & (lat < NORTH)


def _villages(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three in four stand about a town, the nearer the more; towns are as unequal as towns are."""
    towns = _scattered(random, 500)
    weight = random.pareto(1.1, len(towns)) + 0.2
    town = random.choice(len(towns), 2 * count, p=weight / weight.sum())
    reach = 0.03 + 0.05 * np.sqrt(weight[town])
    turn = random.uniform(0, 2 * np.pi, 2 * count)
    near = towns[town] + (random.exponential(reach) * np.array([np.cos(turn), np.sin(turn)])).T
    near = near[_on_land(*near.T)][: count * 3 // 4]
    spots = np.vstack([near, _scattered(random, count - len(near))])
    people = np.rint(random.lognormal(6.6, 0.7, count)) + 20
    return people, *spots.T


def _scattered(random: np.random.Generator, count: int) -> np.ndarray:
    found = np.empty((0, 2))
    while len(found) < count:
        lat = random.uniform(SOUTH, NORTH, 4 * count)
        lon = random.uniform(101, 111, 4 * count)
        found = np.vstack([found, np.column_stack([lon, lat])[_on_land(lon, lat)]])
    return found[:count]


def _areas(random: np.random.Generator, seeds: np.ndarray) -> gpd.GeoDataFrame:
    """Cells about the seeds, cut out of the cells of a frame of further seeds outside the land."""
    around = np.column_stack([random.uniform(100, 112, 4000), random.uniform(SOUTH - 2, NORTH + 2, 4000)])
    around = around[~_on_land(*around.T)]
    diagram = Voronoi(np.vstack([seeds, around]))
    ridges = np.array([ridge for ridge in diagram.ridge_vertices if -1 not in ridge])
    borders = _jagged(random, diagram.vertices[ridges])
    cells = shapely.get_parts(shapely.polygonize([shapely.union_all(borders)]))
    seed, cell = shapely.STRtree(cells).query(shapely.points(seeds), predicate="within")
    own = pd.Series(seed).groupby(cell).first()  # a seed that a jag cut off its cell has none
    districts = _scattered(random, max(1, len(seeds) // 14))
    district = cKDTree(districts).query(seeds[own])[1]
    return gpd.GeoDataFrame(
        {
            "area_id": [f"c{number:05d}" for number in range(len(own))],
            "name": _names(random, "Xã", len(own)),
            "parent": _names(random, "Huyện", len(districts))[district] + pd.Series(district).astype(str).radd(" "),
        },
        geometry=cells[own.index],
        crs=4326,
    )


def _jagged(random: np.random.Generator, ends: np.ndarray) -> np.ndarray:
    """Halve each border again and again, and move the middles sidewards: coasts and rivers are not straight."""
    lines = ends
    for _ in range(_HALVINGS):
        along = np.diff(lines, axis=1)
        sidewards = along[..., ::-1] * [1, -1] * random.uniform(-_JAGGED, _JAGGED, along.shape[:2])[..., None]
        longer = np.empty((len(lines), 2 * lines.shape[1] - 1, 2))
        longer[:, ::2] = lines
        longer[:, 1::2] = lines[:, :-1] + along / 2 + sidewards
        lines = longer
    return shapely.linestrings(lines)


def _names(random: np.random.Generator, kind: str, count: int) -> np.ndarray:
    words = np.array(_WORDS.split())
    first, second = random.choice(words, (2, count))
    return pd.Series(first).radd(f"{kind} ").str.cat(second, sep=" ").to_numpy(dtype=object)


def _table(key: str, kind: str, random: np.random.Generator, lon: np.ndarray, lat: np.ndarray) -> gpd.GeoDataFrame:
    ids = [f"{key[0]}{number:06d}" for number in range(len(lon))]
    names = _names(random, kind, len(lon))
    columns = {f"{key}_id": ids, "name": names, "lon": lon, "lat": lat}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def _points(random: np.random.Generator, villages: gpd.GeoDataFrame, chosen: np.ndarray) -> gpd.GeoDataFrame:
    """Give every commune one, and the rest to where people are."""
    more = max(0, round(0.18 * len(villages)) - len(chosen))
    share = (villages["population"] / villages["population"].sum()).to_numpy()
    at = np.append(chosen, random.choice(len(villages), more, replace=False, p=share))
    lon, lat = villages["lon"].to_numpy()[at], villages["lat"].to_numpy()[at]
    lon, lat = (column + random.normal(0, 0.004, len(at)) for column in (lon, lat))
    kinds = np.where(np.arange(len(at)) % 15, "commune_post", "post_office")
    return _table("point", "Bưu điện", random, lon, lat).assign(kind=kinds)


def _in_areas(table: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    row, area = areas.sindex.query(table.geometry, predicate="intersects")
    of_row = pd.Series(areas["area_id"].to_numpy()[area], index=row)
    return table.assign(area_id=of_row[~of_row.index.duplicated()].reindex(range(len(table))).to_numpy())


def _covered(random: np.random.Generator, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Signal fades away from the masts: neighbours are covered together, as they are in life."""
    spots = villages[["lon", "lat"]].to_numpy()
    masts = len(villages) // 60 + 1
    spacing = 0.12 * np.sqrt(1667 / masts)  # degrees

    def within(reach: float) -> np.ndarray:
        chosen = random.choice(len(spots), masts, replace=False)
        return cKDTree(spots[chosen]).query(spots)[0] < spacing * reach * random.uniform(0.85, 1.15)

    answers = {"covered:fibre": within(0.95)}
    for technology, reach in (("3G", 1.15), ("4G", 0.75)):
        each = {operator: within(reach) for operator in _OPERATORS}
        number = np.sum(list(each.values()), axis=0)
        best = max(each.values(), key=np.sum)
        ways = {"any": number > 0, "best": best, "all": number == len(each), "only_one": number == 1, **each}
        answers[f"covered:{technology}"] = ways.pop("any")
        answers |= {f"covered:{technology}:{way}": told for way, told in ways.items()}
    return pd.DataFrame(answers, index=villages.index).astype("boolean")


def _measured(villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Measure every commune: what is there, how far away the points are, who is covered."""
    measured = areas.set_index("area_id")[["name", "parent", "geometry"]]
    here = villages.groupby("area_id")
    people, distance = here["population"].sum(), here["distance_km"]
    count = points.groupby("area_id").size().reindex(measured.index, fill_value=0)
    area = area_km2(measured.geometry.to_numpy())
    columns = {
        "points": count,
        "villages": here.size().reindex(measured.index, fill_value=0),
        "population": people.reindex(measured.index, fill_value=0.0),
        "area": area,
        "mean_service_radius": np.sqrt(area / np.pi / count.where(count > 0)),
        "people_per_point": people / count.where(count > 0),
        "nearest_distance_mean": distance.mean(),
        "nearest_distance_max": distance.max(),
        **{f"nearest_distance_p{part}": distance.quantile(part / 100) for part in (50, 75, 90)},
    }
    inside = villages.filter(like="covered:").astype(float)
    inside["within:3"] = (villages["distance_km"] <= LIMIT_KM).astype(float)
    for told in inside:
        way, _, narrowed = told.partition(":")
        columns[f"villages_{way}:{narrowed}"] = inside[told].groupby(villages["area_id"]).mean()
        columns[f"people_{way}:{narrowed}"] = (
            _weighed(inside[told], villages).groupby(villages["area_id"]).sum() / people
        )
    return measured.join(pd.DataFrame(columns, index=measured.index))


def _weighed(inside: pd.Series, villages: gpd.GeoDataFrame) -> pd.Series:
    return inside * villages["population"]


def _figures(villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Iterator[Figure]:
    people, count, area = villages["population"].sum(), len(points), areas["area"].sum()
    yield _figure("points", count)
    yield _figure("villages", len(villages))
    yield _figure("population", people)
    yield _figure("area", area)
    yield _figure("mean_service_radius", np.sqrt(area / np.pi / count), numerator=area, denominator=count)
    yield _figure("people_per_point", people / count, numerator=people, denominator=count)
    yield _figure("nearest_distance_mean", villages["distance_km"].mean())
    shares = {("covered", *column.split(":")[1:]): villages[column] for column in villages.filter(like="covered:")}
    shares["within", None] = villages["distance_km"] <= LIMIT_KM
    for (way, technology, *operator), inside in shares.items():
        narrowed = {"technology": technology, "operator": (operator or ["any"])[0] if technology else None}
        narrowed["within_km"] = None if technology else LIMIT_KM
        for who, part, whole in (
            ("villages", inside.sum(), len(villages)),
            ("people", _weighed(inside.astype(float), villages).sum(), people),
        ):
            yield _figure(f"{who}_{way}", part / whole, numerator=part, denominator=whole, **narrowed)


def _figure(indicator: str, value: float, **parts: object) -> Figure:
    words = {"method": "m", "when": "w", "operator": "any", "name": "", "area_source": "a", "people_source": "p"}
    numbers = {"limit": LIMIT_KM, "known": 1, "of": 1, "technology": parts.get("technology")}
    parts = {name: float(part) if isinstance(part, np.number) else part for name, part in parts.items()}
    return Figure(
        area="all",
        indicator=indicator,
        value=float(value),
        unit="",
        rule=indicator,
        rule_values=words | numbers,
        basis="by_construction",
        **parts,
    )


def _results(
    random: np.random.Generator, villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> Results:
    position, distance_km = nearest_position(villages, points)
    near = {"point_row": position, "point_id": points["point_id"].to_numpy()[position], "distance_km": distance_km}
    villages = villages.assign(**near).join(_covered(random, villages))
    points = points.assign(**people_per_place(villages, points))
    land = gpd.GeoDataFrame(geometry=[shapely.coverage_union_all(areas.geometry.to_numpy())], crs=4326)
    measured = _measured(villages, points, areas)
    sizes = {"villages": len(villages), "points": len(points), "areas": len(areas)}
    return Results(
        about=About(
            title={"vi": "Đất nước bịa", "en": "Made-up country"},
            date=dt.date(2019, 12, 31),
            source={"vi": "Số ngẫu nhiên", "en": "Random numbers"},
            data="reconstructed",
            labels=(Label(name={"vi": "Biển Đông", "en": "East Sea"}, lon=110, lat=13),),
        ),
        layers=tuple(
            LayerFacts(layer=name, file=f"{name}.gpkg", sha256=None, rows=size, used=size, crs="EPSG:4326")
            for name, size in sizes.items()
        ),
        figures=tuple(_figures(villages, points, measured)),
        findings=(),
        villages=villages,
        points=points,
        catchments=catchment_polygons(points, land),
        areas=measured,
    )
