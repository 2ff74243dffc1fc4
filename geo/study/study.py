"""A study: the layers of one territory, and the whole journey from their files to figures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.crs.systems import WGS84
from geo.errors import StudyError
from geo.figures import Figure, Finding
from geo.layers.contract import LAYERS, PLACE_NAMES
from geo.measure.access import nearest_position, taken
from geo.measure.catchment import catchment_polygons, people_per_place
from geo.measure.coverage import Network, Reach, When, by_operator, covered
from geo.measure.grouping import (
    Grouping,
    by_area,
    by_village_column,
    groups_of_two_places,
    names_of_two_places,
    names_of_two_spellings,
    whole,
)
from geo.measure.indicators import as_table, column_key, measure
from geo.measure.reducers import Sums
from geo.measure.territory import Official, Territory
from geo.progress import doing, done
from geo.study.counting import Counted, count
from geo.study.file import StudyFile, Totals, read_study_file
from geo.study.loading import Loaded, load
from geo.study.results import Results

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.layers.contract import LayerKind
    from geo.study.results import LayerFacts


@dataclass(frozen=True, kw_only=True)
class Study:
    """
    One territory to be measured; :meth:`open` reads it from a study file.

    Examples
    --------
    >>> results = Study.open("data/ninh-thuan/study.toml").run()
    >>> next(figure.value for figure in results.figures if figure.indicator == "points")
    102
    """

    file: StudyFile

    @classmethod
    def open(cls, path: str | Path) -> Study:
        """
        Read a study file; the layers' files are looked for beside it.

        Raises
        ------
        StudyError
            Where the file is missing or says something it may not.
        """
        return cls(file=read_study_file(Path(path)))

    def measuring_within(self, limits_km: Sequence[float]) -> Study:
        """Give the same study with further limits in km that shares of villages and people are asked for."""
        choices = self.file.choices
        within = tuple(dict.fromkeys([*choices.within_km, *limits_km]))
        return replace(self, file=replace(self.file, choices=replace(choices, within_km=within)))

    def run(self, by: str | None = None) -> Results:
        """
        Read the layers, find their faults, and compute every figure that they allow for.

        Parameters
        ----------
        by : str, optional
            A column of the areas (of the villages where there are no areas); each of its values becomes a group with
            figures of its own, after those of the whole.

        Raises
        ------
        LayerError, CRSError, StudyError
            Where a layer cannot be read or placed, or the column is not there.
        """
        return self.results_of(load(self.file), by)

    def results_of(self, loaded: Loaded, by: str | None = None) -> Results:
        """Compute every figure from layers that are loaded already, as :meth:`run` does."""
        found = _measured(self.file, loaded)
        villages, counted, territory = found.villages, found.counted, found.territory
        groupings = [found.whole]
        if by is not None:
            groupings.append(_grouped(by, loaded, villages, counted))
        totals = _total_findings(self.file.totals, territory, found.whole)
        with ThreadPoolExecutor() as aside:
            drawn = aside.submit(catchment_polygons, _reachable(loaded), _land(found.whole), villages)
            areas = _measured_areas(loaded, territory, villages, counted.points)
            catchments = drawn.result()
        results = Results(
            about=self.file.about,
            layers=loaded.facts,
            figures=tuple(figure for one in groupings for each in measure(territory, one) for figure in each.figures()),
            findings=(*loaded.findings, *counted.findings, *totals, *_name_findings(by, loaded)),
            villages=_with_coverage(villages, counted.reaches),
            points=counted.points,
            catchments=catchments,
            areas=areas,
        )
        done()
        return results


def whole_figures(file: StudyFile, loaded: Loaded) -> tuple[Figure, ...]:
    """Compute the figures of the whole territory from layers that are loaded already."""
    found = _measured(file, loaded)
    return tuple(figure for each in measure(found.territory, found.whole) for figure in each.figures())


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """The villages with their nearest point, what is counted of points and people, and the territory made of them."""

    villages: gpd.GeoDataFrame
    counted: Counted
    territory: Territory
    whole: Grouping


def _measured(file: StudyFile, loaded: Loaded) -> _Measured:
    doing("nearest")
    villages = _measured_villages(loaded)
    reaches = _reaches(loaded.networks, villages, file.choices.covered_when)
    counted = count(file, loaded, _measured_points(loaded, villages), reaches)
    return _Measured(
        villages=villages,
        counted=counted,
        territory=_territory(file, loaded, villages, counted),
        whole=whole(villages, counted.points, loaded.areas),
    )


def _territory(file: StudyFile, loaded: Loaded, villages: gpd.GeoDataFrame, counted: Counted) -> Territory:
    totals, choices = file.totals, file.choices
    return Territory(
        villages=None if loaded.villages is None else villages,
        points=None if loaded.points is None else counted.points,
        pixels=counted.pixels,
        reaches=counted.reaches,
        when=choices.covered_when,
        within_km=choices.within_km,
        official=Official(
            area_km2=None if totals.area_km2 is None else float(totals.area_km2),
            population=None if totals.population is None else float(totals.population),
            population_basis=totals.population_basis,
        ),
        subscriptions={kind: float(number) for kind, number in file.subscriptions.items()},
        reconstructed=file.about.data == "reconstructed",
    )


def _measured_villages(loaded: Loaded) -> gpd.GeoDataFrame:
    """Add to each village its nearest point; no rows where no villages are given."""
    villages = _NO_VILLAGES if loaded.villages is None else loaded.villages
    points = _reachable(loaded)
    position, distance_km = nearest_position(villages, points)
    return villages.assign(
        population=villages["population"].where(villages["population"] >= 0),
        point_row=taken(points.index.to_series(), position).to_numpy(),
        point_id=taken(points["point_id"], position).to_numpy(),
        distance_km=distance_km,
    )


def _reachable(loaded: Loaded) -> gpd.GeoDataFrame:
    return _NO_POINTS if loaded.reachable is None else loaded.reachable


def _measured_points(loaded: Loaded, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add to each point its catchment's villages and people; no rows where no points are given."""
    if loaded.points is None or loaded.reachable is None:
        return _NO_POINTS.assign(**people_per_place(villages, _NO_POINTS))
    served = people_per_place(villages, loaded.reachable)
    # A column of the source that is called like one of these gives way, as one of the villages does.
    return loaded.points.assign(**served)


def _land(territory: Grouping) -> gpd.GeoDataFrame | None:
    """Give the whole territory as one area."""
    return None if territory.shapes is None else gpd.GeoDataFrame(geometry=territory.shapes, crs=WGS84)


def _measured_areas(
    loaded: Loaded, territory: Territory, villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Give the areas on their ids, each with the values of every indicator."""
    if loaded.areas is None:
        return _NO_AREAS
    doing("areas", count=len(loaded.areas))
    areas = loaded.areas.drop_duplicates("area_id").set_index("area_id", drop=False)
    grouping = by_area(villages, points, loaded.areas, "area_id")
    values = as_table(measure(territory, grouping))
    kept = areas[["name", "parent", "geometry"]].assign(geometry=grouping.shapes_of(areas.index))
    return kept.join(values)


def _reaches(networks: tuple[Network, ...], villages: gpd.GeoDataFrame, when: When) -> tuple[Reach, ...]:
    """Find coverage by every technology that a network is declared for, in the order of the study."""
    reaches: list[Reach] = []
    for technology in dict.fromkeys(network.technology for network in networks):
        doing("coverage", technology=technology)
        reaches += by_operator(covered(villages, networks, technology, when=when), villages["population"])
    return tuple(reaches)


def _with_coverage(villages: gpd.GeoDataFrame, reaches: tuple[Reach, ...]) -> gpd.GeoDataFrame:
    told = {column_key("covered", reach.technology, reach.operator): reach.villages for reach in reaches}
    return villages.assign(**told)


def _grouped(by: str, loaded: Loaded, villages: gpd.GeoDataFrame, counted: Counted) -> Grouping:
    layer: LayerKind = "villages" if loaded.areas is None else "areas"
    table = villages if loaded.areas is None else loaded.areas
    if by not in table or by in ("geometry", "point_row", "area_row"):
        raise _no_column(by, layer, loaded.facts, table)
    if loaded.areas is None:
        return by_village_column(villages, counted.points, by)
    settled_outside = counted.pixels is not None and counted.pixels.people[-1] > 0
    return by_area(villages, counted.points, loaded.areas, by, settled_outside=settled_outside)


def _no_column(by: str, layer: LayerKind, facts: Iterable[LayerFacts], table: gpd.GeoDataFrame) -> StudyError:
    """Say which columns of its file a layer could be grouped by: none that reading adds, nor those of the places."""
    read = next((one for one in facts if one.layer == layer), None)
    if read is None:
        return StudyError(f"--by {by}: no layer of areas or villages is given that could have such a column.")
    added = {column.name for column in LAYERS[layer] if read.columns.get(column.name) != column.name}
    places = {header for name, header in read.columns.items() if name in PLACE_NAMES}
    hidden = {"geometry"} if layer == "areas" else _ADDED
    own = [str(name) for name in table.columns if name not in {*hidden, *added, *places}]
    has = f"they have {', '.join(own)}" if own else "they have none to group by"
    return StudyError(f"--by {by}: the {layer} of {read.file} have no such column; {has}.")


def _name_findings(by: str | None, loaded: Loaded) -> list[Finding]:
    if by is None:
        return []
    tables, layer = (
        ([loaded.villages, loaded.points], "villages") if loaded.areas is None else ([loaded.areas], "areas")
    )
    spelt = [
        Finding(layer=layer, fault="one_name_two_spellings", values={"name": name, "others": ", ".join(others)})
        for name, others in names_of_two_spellings([one for one in tables if one is not None], by).items()
    ]
    if loaded.areas is None:
        return spelt
    apart = [
        Finding(layer="areas", fault="one_name_told_apart", values={"name": name})
        for name in names_of_two_places(loaded.areas, by)
    ]
    together = [
        Finding(layer="areas", fault="one_name_two_places", values={"name": name})
        for name in groups_of_two_places(loaded.areas, by)
    ]
    return spelt + apart + together


def _total_findings(totals: Totals, territory: Territory, grouping: Grouping) -> list[Finding]:
    """Tell where the layers do not add up to an official total, within the digits it is written with."""
    own = Sums(replace(territory, official=Official()), grouping)
    people = "population" if territory.pixels is None else "raster"
    pairs = (("area", totals.area_km2, own.area), (people, totals.population, own.population))
    findings = []
    for name, official, measured in pairs:
        if official is None or measured.reason[0] is not None:
            continue
        half_digit = 0.5 * 10.0 ** min(0, int(official.as_tuple().exponent))
        if abs(float(official) - measured.value[0]) > half_digit:
            own_sum = round(float(measured.value[0]), 3)
            values = {
                "official": float(official),
                "measured": own_sum,
                "difference": round(abs(float(official) - own_sum), 3),
            }
            findings.append(Finding(layer="study", fault=f"official_{name}_differs", values=values))
    return findings


def _empty(*columns: str) -> gpd.GeoDataFrame:
    texts = {column: pd.Series(dtype="str") for column in columns}
    numbers = {column: pd.Series(dtype="float64") for column in ("lon", "lat")}
    rows = {"area_row": pd.Series(dtype="Int64"), "area_id": pd.Series(dtype="str")}
    return gpd.GeoDataFrame({**texts, **numbers, **rows}, geometry=[], crs=WGS84)


# Columns that stand in a table beside those of its source.
_ADDED = frozenset({"geometry", "lon", "lat", "area_row", "area_id", "point_row", "point_id", "distance_km"})
_NO_VILLAGES = _empty("village_id", "name").assign(population=pd.Series(dtype="float64"))
_NO_POINTS = _empty("point_id", "name", "kind")
_NO_AREAS = _empty("name", "parent")
