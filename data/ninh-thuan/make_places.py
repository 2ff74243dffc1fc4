"""Place made-up villages and postal points inside the communes, with people that add up exactly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely
from make_areas import LAEA
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

VILLAGES, FEWEST, PEOPLE = 400, 3, 606_900
COAST_M = 260.0
WIDEN = 1.01
DISTRICT_OFFICES = (
    ("Bưu điện Phan Rang - Tháp Chàm", "Phường Kinh Dinh"),
    ("Bưu điện 16 tháng 4", "Phường Mỹ Bình"),
    ("Bưu điện Tháp Chàm", "Phường Đô Vinh"),
    ("Bưu điện Ninh Hải", "Thị trấn Khánh Hải"),
    ("Bưu điện Bác Ái", "Xã Phước Đại"),
    ("Bưu điện Ninh Sơn", "Thị trấn Tân Sơn"),
    ("Bưu điện Ninh Phước", "Thị trấn Phước Dân"),
    ("Bưu điện Thuận Bắc", "Xã Lợi Hải"),
    ("Bưu điện Thuận Nam", "Xã Phước Nam"),
)
AGENCIES = 28


@dataclass(frozen=True)
class Ground:
    """Where something may stand in one commune: metres, clear of the commune's border and of the coast."""

    polygon: BaseGeometry
    centre: Floats
    reach_m: float

    @classmethod
    def of(cls, commune: BaseGeometry, province: BaseGeometry, centre: Floats) -> "Ground":
        """Keep a margin that suits the commune's size."""
        size_m = float(np.sqrt(commune.area / np.pi))
        inner = commune.buffer(-min(250.0, 0.15 * size_m)).intersection(province.buffer(-COAST_M))
        return cls(inner, centre, min(size_m, 1_500.0 + 0.55 * size_m))

    def spread(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw `count` positions, the first near the centre, each next one the loneliest of a few candidates."""
        places = [self._near(self.centre, (0.02, 0.25), rng)]
        while len(places) < count:
            candidates = np.array([self._near(self.centre, (0.1, 1.0), rng) for _ in range(6)])
            gaps = np.linalg.norm(candidates[:, None] - np.array(places)[None], axis=2).min(axis=1)
            places.append(candidates[gaps.argmax()])
        return np.array(places)

    def beside(self, place: Floats, rng: np.random.Generator) -> Floats:
        """Draw a position a short walk from a village: never on it."""
        return self._near(place, (0.05, min(0.2, 400.0 / self.reach_m)), rng)

    def _near(self, place: Floats, share: tuple[float, float], rng: np.random.Generator) -> Floats:
        """Draw positions between two shares of the reach until one is on the ground; look farther in a narrow place."""
        near, far = share
        while True:
            distance, turn = self.reach_m * np.sqrt(rng.uniform(near**2, far**2)), rng.uniform(0, 2 * np.pi)
            at: Floats = place + distance * np.array([np.cos(turn), np.sin(turn)])
            if shapely.contains_xy(self.polygon, *at):
                return at
            far *= WIDEN


def grounds(communes: pd.DataFrame, polygons: NDArray[np.object_]) -> list[Ground]:
    """Give the ground of every commune, in the order of `communes` (``lon``, ``lat``: WGS84)."""
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform
    flat = [shapely.transform(p, lambda at: np.column_stack(to_metres(at[:, 0], at[:, 1]))) for p in polygons]
    centres = np.column_stack(to_metres(communes["lon"], communes["lat"]))
    province = shapely.union_all(flat)
    return [Ground.of(polygon, province, centre) for polygon, centre in zip(flat, centres, strict=True)]


def make_villages(communes: pd.DataFrame, ground: list[Ground], rng: np.random.Generator) -> pd.DataFrame:
    """
    Give 400 villages with 606,900 people.

    Each commune has people in proportion to its census population, and villages too (at least three); how the
    people of a commune spread over its villages is drawn at random.
    """
    census = communes["population_2019"].to_numpy(float)
    counts = FEWEST + largest_remainder(
        np.maximum(census - FEWEST * census.sum() / VILLAGES, 0), VILLAGES - FEWEST * len(census)
    )
    parts = []
    for row, (people, count) in enumerate(zip(largest_remainder(census, PEOPLE), counts, strict=True)):
        commune = communes.iloc[row]
        kind = "Thôn" if commune["commune"].startswith("Xã") else "Khu phố"
        shares = np.sort(np.exp(rng.normal(0, 0.35, count)))[::-1]
        x, y = ground[row].spread(count, rng).T
        part = pd.DataFrame({"name": [f"{kind} {k}" for k in range(1, count + 1)], "x": x, "y": y})
        parts.append(
            part.assign(
                commune=commune["commune"],
                district=commune["district"],
                row=row,
                population=largest_remainder(shares, people),
            )
        )
    villages = pd.concat(parts, ignore_index=True)
    return _placed(villages.assign(fibre=1, village_id=[f"V{k:03d}" for k in range(1, len(villages) + 1)]))


def make_points(
    communes: pd.DataFrame, villages: pd.DataFrame, ground: list[Ground], rng: np.random.Generator
) -> pd.DataFrame:
    """Give 102 points: nine district offices, one per commune, one more in each of the 28 largest communes."""
    rows = {name: row for row, name in enumerate(communes["commune"])}
    wanted = [(office, "post_office", rows[name]) for office, name in DISTRICT_OFFICES]
    wanted += [_commune_point(name, row) for name, row in rows.items()]
    largest = communes["population_2019"].sort_values(ascending=False, kind="stable").index[:AGENCIES]
    wanted += [(f"Đại lý bưu điện {communes['commune'][row]}", "agency", row) for row in sorted(largest)]
    points = pd.DataFrame(wanted, columns=["name", "kind", "row"])
    turn = points.groupby("row").cumcount()
    at = []
    for row, k in zip(points["row"], turn, strict=True):
        own = villages[villages["row"] == row]
        at.append(ground[row].beside(own[["x", "y"]].to_numpy()[k % len(own)], rng))
    points[["x", "y"]] = np.array(at)
    points[["commune", "district"]] = communes[["commune", "district"]].iloc[points["row"]].to_numpy()
    return _placed(points.assign(point_id=[f"P{k:03d}" for k in range(1, len(points) + 1)]))


def _commune_point(commune: str, row: int) -> tuple[str, str, int]:
    """Name the point that every commune has: a cultural post in a rural commune, a counter in a town."""
    if commune.startswith("Xã"):
        return f"Điểm Bưu điện - Văn hóa {commune}", "commune_cultural_post", row
    return f"Bưu cục {commune}", "post_office", row


def largest_remainder(shares: Floats, total: int) -> NDArray[np.int64]:
    """Split `total` in whole numbers proportional to `shares`; the largest remainders get one more."""
    exact = shares / shares.sum() * total
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    more = np.argsort(whole - exact, kind="stable")[: total - whole.sum()]
    whole[more] += 1
    return whole


def _placed(places: pd.DataFrame) -> pd.DataFrame:
    """Add longitude and latitude (WGS84, five decimals: a metre) to metres."""
    to_degrees = pyproj.Transformer.from_crs(LAEA, "EPSG:4326", always_xy=True).transform
    lon, lat = to_degrees(places["x"].to_numpy(), places["y"].to_numpy())
    return places.assign(lon=lon.round(5), lat=lat.round(5))
