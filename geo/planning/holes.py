"""The coverage holes of a study: where a technology is missing, for how many people, and how far off it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs.systems import WGS84
from geo.errors import StudyError
from geo.layers.place import centres
from geo.layers.technology import counting_for, is_at_least, technology_name
from geo.layers.text import id_ranks
from geo.measure.nearest import nearest
from geo.plan.holes import Hole, grouped, holes
from geo.plan.pairs import pairs_between

if TYPE_CHECKING:
    from geo.planning.ground import Ground
    from geo.study.loading import Loaded
    from geo.study.results import Results


@dataclass(frozen=True, kw_only=True)
class Holes:
    """
    The holes of a technology.

    Attributes
    ----------
    technology : str
        As ``4G``; at least that is what is missing.
    table : GeoDataFrame
        One row per hole, the one with most people first: ``hole`` (from 1), ``villages``, ``people``, ``village_ids``,
        ``covered_village_id`` and ``covered_km`` (the covered village that is nearest to any of them), ``cell_id`` and
        ``cell_km`` (the same of the cells of the technology), ``site_ids`` and ``site_people`` (the sites that would
        serve most, and whom each adds). Ids are joined by semicolons; the geometry holds the villages.
    unknown : int
        Villages of which it is not known whether they are covered: they are in no hole.
    apart_km, reach_km : float
        How far villages of one hole are apart at most, and how far a new site reaches.
    """

    technology: str
    table: gpd.GeoDataFrame
    unknown: int
    apart_km: float
    reach_km: float


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Which technology is missing, how far villages of one hole are apart, how far a new site reaches, how many."""

    technology: str
    apart_km: float
    reach_km: float
    sites: int = 3


def find_holes(results: Results, loaded: Loaded, ground: Ground, sought: Sought) -> Holes:
    """
    Find where a technology is missing.

    Parameters
    ----------
    results : Results
        The study's, with the coverage of each village.
    loaded : Loaded
        The layers they are of, for the cells.
    ground : Ground
        With the candidates for new sites.
    sought : Sought
        What is missing and what belongs together.

    Raises
    ------
    StudyError
        Where the study has no coverage of the technology.
    """
    technology = technology_name(sought.technology) or sought.technology
    villages = results.villages.loc[ground.villages.index]
    column = f"covered:{technology}"
    if column not in villages:
        has = ", ".join(name.removeprefix("covered:") for name in villages if _is_coverage(str(name))) or "none"
        msg = f"--holes {sought.technology}: the study has no coverage of it; it has {has}."
        raise StudyError(msg)
    told = villages[column]
    without = villages[(told == False).fillna(value=False).to_numpy(dtype=bool)]  # noqa: E712 - unknown is neither
    ends = (without["lon"].to_numpy(), without["lat"].to_numpy())
    sites = ground.sites
    near = pairs_between(*ends, sites["lon"].to_numpy(), sites["lat"].to_numpy(), within_m=sought.reach_km * 1000)
    people = without["population"].fillna(0.0).to_numpy(dtype=float)
    found = holes(grouped(*ends, apart_m=sought.apart_km * 1000), people, near, sites=sought.sites)
    covered = villages[told.fillna(value=False).to_numpy(dtype=bool)]
    table = _table(found, without, sites["site_id"].to_numpy())
    table = table.assign(**_nearest(found, without, covered, ("covered_village_id", "covered_km", "village_id")))
    table = table.assign(**_nearest(found, without, _cells(loaded, technology), ("cell_id", "cell_km", "cell_id")))
    return Holes(
        technology=technology,
        table=table,
        unknown=int(told.isna().sum()),
        apart_km=sought.apart_km,
        reach_km=sought.reach_km,
    )


def _is_coverage(name: str) -> bool:
    return name.startswith("covered:") and name.count(":") == 1


def _table(found: tuple[Hole, ...], villages: gpd.GeoDataFrame, names: np.ndarray) -> gpd.GeoDataFrame:
    ids = villages["village_id"].astype(str).to_numpy()
    places = shapely.points(villages[["lon", "lat"]].to_numpy(dtype=float))
    columns = {
        "hole": range(1, len(found) + 1),
        "villages": [hole.villages.size for hole in found],
        "people": [hole.people for hole in found],
        "village_ids": pd.Series([";".join(ids[hole.villages]) for hole in found], dtype="str"),
        "site_ids": pd.Series([";".join(names[hole.sites]) for hole in found], dtype="str"),
        "site_people": pd.Series([";".join(f"{one:g}" for one in hole.served) for hole in found], dtype="str"),
    }
    shapes = [shapely.multipoints(places[hole.villages]) for hole in found]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=WGS84)


def _nearest(
    found: tuple[Hole, ...], villages: gpd.GeoDataFrame, targets: gpd.GeoDataFrame, names: tuple[str, str, str]
) -> dict[str, pd.Series]:
    """Give per hole the target that is nearest to any of its villages, and how far it is."""
    id_column, km_column, key = names
    ids = targets[key].astype(str).to_numpy()
    near = nearest(
        villages["lon"].to_numpy(),
        villages["lat"].to_numpy(),
        *centres(targets).T,
        rank=id_ranks(ids),
    )
    told: list[str | None] = []
    metres: list[float] = []
    for hole in found:
        away = near.distance_m[hole.villages]
        best = int(np.nanargmin(away)) if np.isfinite(away).any() else None
        told.append(None if best is None else ids[near.index[hole.villages[best]]])
        metres.append(np.nan if best is None else float(away[best]))
    return {
        id_column: pd.Series(told, dtype="str"),
        km_column: pd.Series(metres, dtype="float64") / 1000,
    }


def _cells(loaded: Loaded, technology: str) -> gpd.GeoDataFrame:
    """Give the cells that count for a technology."""
    wanted = counting_for(technology)
    tables = []
    for network in loaded.networks:
        if network.cells is not None and network.technology in wanted:
            own = network.cells["technology"]
            told = is_at_least(own.where(own.notna(), None), technology) if own.notna().any() else [True] * len(own)
            tables.append(network.cells[told])
    if not tables:
        return gpd.GeoDataFrame({"cell_id": pd.Series(dtype="str")}, geometry=[], crs=WGS84)
    return gpd.GeoDataFrame(pd.concat(tables))
