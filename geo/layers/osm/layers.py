"""Villages, points, areas and roads of an OpenStreetMap extract, and what could not be taken from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import LayerError
from geo.figures import Finding
from geo.layers.osm.naming import SETTLEMENTS, Choice, read_choice
from geo.layers.osm.objects import INCOMPLETE, OPEN, Objects, Query, gather
from geo.layers.place import pairs_inside
from geo.layers.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from geo.layers.osm.naming import ExtractLayer

NAMES = ("name", "name:vi", "name:en")
BOUNDARY = ("boundary", "administrative")
_SHOWN = 5
_SURFACE = 2
_ONE_WAY = ("motorway", "roundabout", "circular")

Rows = tuple[gpd.GeoDataFrame, list[Finding]]


def read_extract(
    path: Path, layer: str | None, kind: str | None = None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """
    Read one layer of an extract.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm``, and the latter compressed.
    layer : str or None
        ``villages``, ``points``, ``areas`` or ``roads``, with what is chosen of it after a colon, as in
        :func:`geo.layers.osm.naming.read_choice`.
    kind : str, optional
        The layer that it is to be: nothing is read for one that it cannot be.

    Returns
    -------
    tuple
        The rows in EPSG:4326, numbered from 0 in the order of nodes, ways, relations, their ids in ``id`` (``n123``);
        and what was not taken, as findings.

    Raises
    ------
    LayerError
        Where the file cannot be read, no layer is named, or the areas are of several levels and none is named.
    """
    choice = read_choice(str(path), layer, kind)
    objects = gather(path, query_of(choice))
    if choice.layer == "villages":
        rows, findings = villages_of(objects, choice.words)
    elif choice.layer == "points":
        rows, findings = points_of(objects, choice.tags)
    elif choice.layer == "areas":
        levels = [int(word) for word in choice.words] or [_only_level(path, objects)]
        rows, findings = areas_of(objects, levels)
    else:
        rows, findings = _roads_of(objects)
    rows = rows.reset_index(names="id")
    return rows.set_index(pd.RangeIndex(len(rows), name="row")), tuple(findings)


def query_of(*choices: Choice) -> Query:
    """Say which objects one pass over a file has to look for to serve all choices; roads are asked for alone."""
    if choices[0].layer == "roads":
        return Query(key="highway", keep=("name", "highway", "oneway", "junction"), lines=True)
    tags: list[tuple[str, str]] = []
    for choice in choices:
        tags += {
            "villages": [("place", kind) for kind in SETTLEMENTS],
            "points": list(choice.tags),
            "areas": [BOUNDARY],
        }[choice.layer]
    keys = [key for key, _ in tags]
    keep = (*NAMES, "alt_name", "official_name", "short_name", "int_name", "population", "admin_level", *keys)
    return Query(tags=tuple(tags), keep=tuple(dict.fromkeys(keep)))


def villages_of(objects: Objects, kinds: Sequence[str]) -> Rows:
    """
    Give the settlements of some kinds, each once, at a point inside.

    One that is given both as a node and as an area (the node of the same name lies inside) is the node, with the area's
    population where it has none itself.
    """
    wanted = _with_tags(objects.table, [("place", kind) for kind in kinds])
    own, findings = _taken(objects, wanted, "villages", [("place", kind) for kind in kinds])
    table = objects.table.loc[own, [*NAMES, "place", "population", "geometry"]]
    others = objects.table["place"].isin([kind for kind in SETTLEMENTS if kind not in kinds])
    if others.any():
        counts = objects.table["place"][others].value_counts().sort_index()
        told = ", ".join(f"{kind} {number}" for kind, number in counts.items())
        findings.append(
            Finding(
                layer="villages",
                fault="osm_other_places",
                ids=tuple(objects.table.index[others]),
                values={"objects": int(others.sum()), "kinds": told},
                chosen=True,
            )
        )
    nodes, areas = _node_and_area(table)
    if len(areas):
        findings.append(_finding("villages", sorted(set(areas)), objects.table, fault="osm_node_and_area"))
        own_people = table["population"]
        given = pd.Series(own_people.loc[areas].to_numpy(), nodes, dtype="str").dropna()
        people = own_people.fillna(given[~given.index.duplicated()])
        table = table.assign(population=people).drop(index=sorted(set(areas)))
    return _at_a_point_inside(table), findings


def points_of(objects: Objects, tags: Sequence[tuple[str, str]]) -> Rows:
    """Give what has any of the tags, once each, at a point inside; `kind` is the value of the first tag that fits."""
    wanted = _with_tags(objects.table, tags)
    own, findings = _taken(objects, wanted, "points", tags)
    table = objects.table.loc[own]
    kind = pd.Series(None, table.index, dtype="str")
    for key, value in tags:
        kind = kind.where(kind.notna() | (table[key] != value), value)
    return _at_a_point_inside(table[[*NAMES, "geometry"]].assign(kind=kind)), findings


def areas_of(objects: Objects, levels: Iterable[int]) -> Rows:
    """
    Give the administrative areas of some levels, each with the name of the one that it lies in as `parent`.

    Those that could not be assembled are findings. A border line that carries the tag is no area.
    """
    chosen = {str(level) for level in levels}
    admin = administrative(objects)
    lines = _with_tags(objects.table, [BOUNDARY]) & shapely.is_closed(objects.table.geometry.to_numpy())
    broken = objects.table[lines & ~objects.table.index.isin(_ring_ways(objects))].assign(why=OPEN)
    lost = pd.concat([_lost(objects, [BOUNDARY]), pd.DataFrame(broken.drop(columns="geometry"))])
    findings = _lost_findings("areas", lost[lost["admin_level"].isin(chosen)])
    rows = admin[admin["admin_level"].astype("str").isin(chosen)]
    return rows[[*NAMES, "admin_level", "parent", "geometry"]], findings


def administrative(objects: Objects) -> gpd.GeoDataFrame:
    """
    Give the administrative areas of every level, on their ids.

    `admin_level` is a whole number; `parent` the name of the area of the next lower level that holds a point inside,
    and `parent_id` its id.
    """
    table = _of_any_level(objects)
    parent = _parents(table)
    return table.assign(parent_id=parent, parent=parent.map(table["name"]).astype("str"))


def _of_any_level(objects: Objects) -> gpd.GeoDataFrame:
    table = objects.table
    wanted = _with_tags(table, [BOUNDARY]) & table["admin_level"].fillna("").str.fullmatch(r"\d\d?").to_numpy()
    wanted &= shapely.get_dimensions(table.geometry.to_numpy()) == _SURFACE
    table = table[wanted & ~table.index.isin(_repeating(objects, wanted))]
    return table.assign(admin_level=table["admin_level"].astype(int))


def _roads_of(objects: Objects) -> Rows:
    """Give the lines of roads: `kind` is the value of highway, `oneway` as tagged, or yes where the kind implies it."""
    table = objects.table
    lines = shapely.get_dimensions(table.geometry.to_numpy()) == 1
    implied = table["junction"].isin(_ONE_WAY) | table["highway"].isin(_ONE_WAY)
    oneway = table["oneway"].where(table["oneway"].notna() | ~implied, "yes")
    rows = table.assign(kind=table["highway"], oneway=oneway)[lines]
    nowhere = pd.DataFrame(table[~lines].drop(columns="geometry")).assign(why=INCOMPLETE)
    findings = _lost_findings("roads", pd.concat([objects.lost, nowhere]))
    cut = table.index[lines & table.index.isin(objects.cut)]
    findings += [_finding("roads", list(cut), table, fault="osm_cut")] if len(cut) else []
    return rows[["name", "kind", "oneway", "geometry"]], findings


def _with_tags(table: pd.DataFrame, tags: Iterable[tuple[str, str]]) -> np.ndarray:
    wanted = np.zeros(len(table), dtype=bool)
    for key, value in tags:
        wanted |= (table[key] == value).to_numpy()
    return wanted


def _taken(
    objects: Objects, wanted: np.ndarray, layer: ExtractLayer, tags: Sequence[tuple[str, str]]
) -> tuple[np.ndarray, list[Finding]]:
    """Tell which objects are rows of their own, and give the findings on those that are not, or not whole."""
    own = wanted & ~objects.table.index.isin(_repeating(objects, wanted))
    findings = _lost_findings(layer, _lost(objects, tags))
    cut = objects.table.index[own & objects.table.index.isin(objects.cut)]
    return own, [*findings, *([_finding(layer, list(cut), objects.table, fault="osm_cut")] if len(cut) else [])]


def _repeating(objects: Objects, wanted: np.ndarray) -> list[str]:
    """Find wanted ways that only repeat the tag of a wanted relation whose rings they are: one thing, mapped twice."""
    names = objects.table["name"].fillna("")[wanted].to_dict()
    return [
        way
        for relation, ways in objects.rings.items()
        if relation in names
        for way in ways & names.keys()
        if names[way] in ("", names[relation])
    ]


def _ring_ways(objects: Objects) -> set[str]:
    return {way for ways in objects.rings.values() for way in ways}


def _node_and_area(table: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Pair the nodes with the areas of the same name that hold them; ids of both, one beside the other."""
    surface = shapely.get_dimensions(table.geometry.to_numpy()) == _SURFACE
    nodes, areas = table[table.index.str.startswith("n")], table[surface]
    parts, owner = shapely.get_parts(areas.geometry.to_numpy(), return_index=True)
    node, part = pairs_inside(shapely.get_coordinates(nodes.geometry.to_numpy()), parts)
    area = owner[part]
    node_names, area_names = (one["name"].map(clean, na_action="ignore").to_numpy(object) for one in (nodes, areas))
    same = np.array([isinstance(a, str) and a == b for a, b in zip(node_names[node], area_names[area], strict=True)])
    same = same.astype(bool)
    return nodes.index.to_numpy()[node[same]], areas.index.to_numpy()[area[same]]


def _at_a_point_inside(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = table.geometry.to_numpy().copy()
    extended = shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    shapes[extended] = shapely.point_on_surface(shapes[extended])
    return table.set_geometry(gpd.GeoSeries(shapes, table.index, crs=table.crs))


def _parents(areas: gpd.GeoDataFrame) -> pd.Series:
    """Give each area the id of the one that it lies in: of those of lower levels the one of the highest, the first."""
    inside = shapely.get_coordinates(shapely.point_on_surface(areas.geometry.to_numpy()))
    parts, owner = shapely.get_parts(areas.geometry.to_numpy(), return_index=True)
    child, part = pairs_inside(inside, parts)
    level = areas["admin_level"].to_numpy()
    pairs = pd.DataFrame({"child": child, "parent": owner[part]})
    pairs = pairs.assign(level=level[pairs["parent"]])
    pairs = pairs[pairs["level"].to_numpy() < level[pairs["child"]]]
    first = pairs.sort_values(["child", "level", "parent"], ascending=[True, False, True]).drop_duplicates("child")
    found = pd.Series(None, areas.index, dtype="str", name="parent_id")
    found.iloc[first["child"].to_numpy()] = areas.index.to_numpy()[first["parent"].to_numpy()]
    return found


def _only_level(path: Path, objects: Objects) -> int:
    """Give the level of the areas where they have only one."""
    counts = _of_any_level(objects)["admin_level"].value_counts().sort_index()
    if len(counts) != 1:
        there = ", ".join(f"{level} ({number})" for level, number in counts.items())
        has = f"areas of the levels {there}. Name one" if there else "no administrative areas"
        more = f": {path}::areas:{counts.index[-1]}" if there else ""
        msg = f"{path} has {has}{more}."
        raise LayerError(msg)
    return int(counts.index[0])


def _lost(objects: Objects, tags: Iterable[tuple[str, str]]) -> pd.DataFrame:
    return objects.lost[_with_tags(objects.lost, tags)]


def _lost_findings(layer: ExtractLayer, lost: pd.DataFrame) -> list[Finding]:
    findings = []
    for why, some in lost.groupby("why"):
        fault = {"incomplete": "osm_incomplete", "open": "osm_open_rings", "shapeless": "osm_shapeless"}[str(why)]
        findings.append(_finding(layer, list(some.index), lost, fault=fault))
    return findings


def _finding(layer: ExtractLayer, ids: list[str], table: pd.DataFrame, *, fault: str) -> Finding:
    """Make a finding on objects that are no rows: it counts them, and names the first by id and name."""
    names = table["name"].reindex(ids[:_SHOWN])
    shown = ", ".join(f"{key} {name}" if isinstance(name, str) else str(key) for key, name in names.items())
    more = " …" if len(ids) > _SHOWN else ""
    return Finding(layer=layer, fault=fault, ids=tuple(ids), values={"objects": len(ids), "shown": f"{shown}{more}"})
