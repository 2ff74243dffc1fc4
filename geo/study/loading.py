"""Load a study's layers: read them, find their faults, and keep the rows that count, each in its area."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.crs.systems import WGS84
from geo.errors import StudyError
from geo.layers.check import check_layers, named, usable
from geo.layers.faults.check_coverage import check_answers, check_coverage
from geo.layers.faults.register import find
from geo.layers.layer import Layer, Reading, read_coverage, read_layer
from geo.layers.place import centres, lying_in
from geo.layers.raster import PeopleLayer, read_people
from geo.layers.repair import repair_layers
from geo.layers.technology import answers, technology_name
from geo.layers.text import search_key
from geo.measure.coverage import Network
from geo.progress import doing
from geo.study.results import LayerFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geo.figures import Finding
    from geo.layers.names.joined import JoinedTable
    from geo.study.file import CoverageSource, PeopleSource, StudyFile


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """
    The rows that count, and what was found on the way.

    `villages` and `points` have `lon`, `lat` and `area_id`; None where the layer is not given. `reachable` are the
    points that a village may go to: all usable ones, also where only those inside the areas are counted. `layers` are
    those that were read, repaired where asked for, with the rows that do not count too, and `read` the same before they
    were repaired; none unless they are kept.
    """

    villages: gpd.GeoDataFrame | None
    points: gpd.GeoDataFrame | None
    reachable: gpd.GeoDataFrame | None
    areas: gpd.GeoDataFrame | None
    networks: tuple[Network, ...]
    facts: tuple[LayerFacts, ...]
    findings: tuple[Finding, ...]
    people: PeopleLayer | None = None
    layers: Mapping[str, Layer] = field(default_factory=dict)
    read: Mapping[str, Layer] = field(default_factory=dict)


# Columns that stand in a table beside those of its source.
_ADDED = ("geometry", "lon", "lat", "area_row", "area_id")
_NO_AREAS = gpd.GeoDataFrame({"area_id": pd.Series(dtype="str")}, geometry=[], crs=WGS84)


def load(study: StudyFile, *, keep_layers: bool = False, read: Mapping[str, Layer] | None = None) -> Loaded:
    """
    Read the layers of a study and keep the rows that count.

    Parameters
    ----------
    study : StudyFile
        Which layers, and what it chooses.
    keep_layers : bool
        Whether to keep the layers with the rows that do not count as well, which takes memory.
    read : mapping, optional
        The layers, where they were read before: standard input can be read but once.

    Raises
    ------
    LayerError, CRSError, StudyError
        Where a layer cannot be read or placed, or the study asks for a column, a kind or the repair of a layer that is
        not there.
    """
    _refuse_idle_repairs(study)
    read = read or _read(study)
    layers = dict(read)
    doing("checking")
    findings = _check(layers, study)
    layers, repaired = repair_layers(layers, findings, study.choices.repair)
    if repaired:
        findings = [*repaired, *_check(layers, study)]
    if study.choices.kinds:
        findings += _other_kinds(layers, study.choices.kinds)
    tables = {name: usable(name, layer, findings) for name, layer in layers.items()}
    areas = tables.get("areas")
    for name in ("villages", "points"):
        if name in tables:
            tables[name] = _placed(tables[name], areas)
    reachable = tables.get("points")
    if study.choices.clip:
        # A row that is left out for lying outside is told once.
        findings = [one for one in findings if one.fault not in ("outside_areas", "mostly_outside_areas")]
        findings += _clip(tables)
    networks, found = _networks(study, layers, tables)
    people = None
    if study.people is not None:
        people = read_people(*study.people.files, unit=study.people.unit, crs=study.people.crs)
        found += people.findings
        if not any(network.answers is not None for network in networks):
            # No figure then counts the villages' people.
            findings = [one for one in findings if one.fault not in ("no_population_column", "missing_population")]
    return Loaded(
        villages=tables.get("villages"),
        points=tables.get("points"),
        reachable=reachable,
        areas=areas,
        networks=networks,
        facts=(
            *(_facts(name, layer, len(tables[name])) for name, layer in layers.items()),
            *(_joined_facts(name, layer.joined) for name, layer in layers.items() if layer.joined is not None),
            *_people_facts(study.people, people),
        ),
        findings=tuple(named(one, layers[one.layer]) if one.layer in layers else one for one in (*findings, *found)),
        people=people,
        layers=layers if keep_layers else {},
        read=read if keep_layers else {},
    )


def _refuse_idle_repairs(study: StudyFile) -> None:
    """Refuse the repair of a layer that there is not: whoever asks for it means another."""
    layers = [*study.layers, *(["coverage"] if any(one.source for one in study.coverage) else [])]
    for word in study.choices.repair:
        layer = word.rpartition(".")[0]
        if layer and layer not in layers:
            has = f"the layers are {', '.join(layers)}" if layers else "there is no layer that could be repaired"
            msg = f"The repair {word} is asked for, and there is no layer of {layer}; {has}."
            raise StudyError(msg)


def _read(study: StudyFile) -> dict[str, Layer]:
    named: dict[str, Layer] = {}
    for kind, source in study.layers.items():
        doing("reading", file=source.shown)
        how = Reading(crs=source.crs, columns=source.columns, shown=source.shown, join=source.join)
        named[kind] = read_layer(kind, source.file, how)
    for name, sources in _by_file(study.coverage).items():
        polygons = sources[0].source
        assert polygons is not None  # noqa: S101 - columns of the villages are not among them
        doing("reading", file=polygons.shown)
        how = Reading(crs=polygons.crs, columns=polygons.columns, shown=polygons.shown)
        named[name] = read_coverage(polygons.file, how)
    return named


def _by_file(coverage: Sequence[CoverageSource]) -> dict[str, list[CoverageSource]]:
    """Name each file of coverage by the technologies it serves, as ``coverage.3G+4G``."""
    groups: dict[str, list[CoverageSource]] = {}
    for one in coverage:
        if one.source is not None:
            groups.setdefault(repr((one.source.file, one.source.crs, one.source.columns)), []).append(one)
    named: dict[str, list[CoverageSource]] = {}
    for sources in groups.values():
        name = "coverage." + "+".join(one.technology for one in sources)
        named[name if name not in named else f"{name}.{len(named)}"] = sources
    return named


def _check(layers: Mapping[str, Layer], study: StudyFile) -> list[Finding]:
    findings = check_layers(layers)
    for name, sources in _by_file(study.coverage).items():
        declared = [one.technology for one in sources]
        given = study.choices.cell_range_km is not None
        findings += check_coverage(name, layers[name], range_given=given, declared=declared)
    return findings


def _other_kinds(layers: Mapping[str, Layer], kinds: Sequence[str]) -> list[Finding]:
    if "points" not in layers:
        return []
    table = layers["points"].table
    keys = table["kind"].fillna("").map(search_key)
    if missing := [kind for kind in kinds if search_key(kind) not in set(keys)]:
        found = ", ".join(sorted(table["kind"].dropna().unique())) or "none: no column was recognised"
        msg = f"{layers['points'].file}: no point is of kind '{missing[0]}'. The kinds are {found}."
        raise StudyError(msg)
    other = ~keys.isin({search_key(kind) for kind in kinds})
    named = ", ".join(sorted(table["kind"][other].dropna().unique()))
    return find("points", "other_kind", table, other.to_numpy(), kinds=named)


def _placed(table: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    places = centres(table)
    lying = lying_in(places, table.index, _NO_AREAS if areas is None else areas)
    return table.assign(lon=places[:, 0], lat=places[:, 1], area_row=lying.area_row, area_id=lying.area_id)


def _clip(tables: dict[str, gpd.GeoDataFrame]) -> list[Finding]:
    if "areas" not in tables:
        msg = "Nothing to clip to: --clip counts what lies inside the areas, and no layer of areas is given."
        raise StudyError(msg)
    findings = []
    for name in ("villages", "points"):
        if name in tables:
            outside = tables[name]["area_id"].isna()
            findings += find(name, "clipped", tables[name], outside.to_numpy())
            tables[name] = tables[name][~outside]
    return findings


def _networks(
    study: StudyFile, layers: Mapping[str, Layer], tables: Mapping[str, gpd.GeoDataFrame]
) -> tuple[tuple[Network, ...], list[Finding]]:
    range_m = None if study.choices.cell_range_km is None else study.choices.cell_range_km * 1000
    networks = []
    findings: list[Finding] = []
    for name, sources in _by_file(study.coverage).items():
        for one in sources:
            technology = technology_name(one.technology) or one.technology
            if layers[name].kind == "cells":
                networks.append(Network(technology=technology, cells=tables[name], range_m=range_m))
            else:
                networks.append(Network(technology=technology, footprints=tables[name]))
    for one in study.coverage:
        if one.column is not None:
            technology = technology_name(one.technology) or one.technology
            cells = _column(tables.get("villages"), one)
            told = answers(cells, technology)
            findings += check_answers(cells, told, tables["villages"]["village_id"])
            networks.append(Network(technology=technology, answers=told))
    return tuple(networks), findings


def _column(villages: gpd.GeoDataFrame | None, coverage: CoverageSource) -> pd.Series:
    if villages is None or coverage.column not in villages:
        own = [] if villages is None else [name for name in villages.columns if name not in _ADDED]
        has = "no layer of villages is given" if villages is None else f"they have {', '.join(own)}"
        msg = f"Coverage of {coverage.technology}: there is no column '{coverage.column}' of the villages; {has}."
        raise StudyError(msg)
    cells: pd.Series = villages[coverage.column]
    return cells


def _facts(name: str, layer: Layer, used: int) -> LayerFacts:
    return LayerFacts(
        layer=name,
        file=layer.file,
        sha256=layer.sha256,
        rows=len(layer.table),
        used=used,
        crs=layer.crs,
        columns=layer.columns,
    )


def _joined_facts(name: str, joined: JoinedTable) -> LayerFacts:
    """Tell of the table that was joined to a layer; it has no places, and so no coordinate system."""
    return LayerFacts(
        layer=f"{name}.join", file=joined.file, sha256=joined.sha256, rows=joined.rows, used=joined.used, crs="none"
    )


def _people_facts(source: PeopleSource | None, people: PeopleLayer | None) -> Iterator[LayerFacts]:
    """Tell each raster's file; several are numbered."""
    if source is None or people is None:
        return
    for number, (shown, raster, known) in enumerate(zip(source.shown, people.rasters, people.known_of, strict=True)):
        yield LayerFacts(
            layer="population" if len(people.rasters) == 1 else f"population.{number + 1}",
            file=shown,
            sha256=raster.sha256,
            rows=raster.grid.rows * raster.grid.columns,
            used=known,
            crs=people.crs,
            columns={"band": str(raster.band), "unit": raster.unit},
        )
