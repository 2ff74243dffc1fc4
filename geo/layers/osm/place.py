"""One administrative area by its name or its id, and the areas that lie in it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.errors import LayerError
from geo.layers.osm.layers import NAMES
from geo.layers.place import pairs_inside
from geo.layers.text import clean, search_key

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_NAME_KEYS = (*NAMES, "official_name", "short_name", "int_name", "alt_name")
_SHOWN = 12
_MOST = 0.9


def find_place(asked: str, admin: gpd.GeoDataFrame, lost: pd.DataFrame, file: str) -> str:
    """
    Find the area that a name stands for.

    The name may be any that OpenStreetMap gives (also in Vietnamese, in English, or an other one), accents are
    optional, and words like ``Tỉnh`` may be left away: whole names come first, then names that hold the words asked
    for; within each, names with the same accents. An id (``r1898453``) is taken as it is.

    Parameters
    ----------
    asked : str
        The name or the id.
    admin : GeoDataFrame
        Areas of every level, of :func:`geo.layers.osm.layers.administrative`.
    lost : DataFrame
        Areas that could not be assembled, with their tags.
    file : str
        The extract, for messages.

    Returns
    -------
    str
        The id.

    Raises
    ------
    LayerError
        Where there is none: with the nearest names. Where there are several: with the id, level and parent of each.
    """
    if asked in admin.index:
        return asked
    names = _names(admin)
    found = _best(asked, names)
    if len(found) == 1:
        return found[0]
    if found:
        told = _told(found, admin)
        msg = f"{file}: '{asked}' is the name of {len(found)} areas: {told}. Name one by its id: --place {found[0]}."
        raise LayerError(msg)
    broken = [asked] if asked in lost.index else _best(asked, _names(lost))
    if broken:
        msg = (
            f"{file}: '{asked}' is {broken[0]}, of which the extract does not hold the whole border. "
            "Take an extract that holds all of it."
        )
        raise LayerError(msg)
    near = _nearest_names(asked, names)
    there = f"The nearest names are {near}." if near else "There are no administrative areas in it at all."
    msg = f"{file}: no administrative area is called '{asked}'. {there}"
    raise LayerError(msg)


def inside_of(place: str, admin: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the areas of higher levels of which a point inside lies in the place."""
    higher = admin[admin["admin_level"] > admin["admin_level"][place]]
    spots = shapely.get_coordinates(shapely.point_on_surface(higher.geometry.to_numpy()))
    return higher.iloc[np.unique(pairs_inside(spots, shapely.get_parts(admin.geometry[place]))[0])]


def areas_in(place: str, admin: gpd.GeoDataFrame, level: int | None) -> gpd.GeoDataFrame:
    """
    Give the areas that a place is divided into.

    Those of the `level` asked for; else of the first level whose areas make up at least nine tenths of the place; else
    the place itself.

    Raises
    ------
    LayerError
        Where the place has no areas of the level asked for.
    """
    inside = inside_of(place, admin)
    counts = inside["admin_level"].value_counts().sort_index()
    if level is not None and level not in counts:
        there = ", ".join(f"{one} ({number})" for one, number in counts.items()) or "none"
        msg = f"{admin['name'][place]} has no areas of admin_level {level}; the levels inside it are {there}."
        raise LayerError(msg)
    # A share within one place: degrees do, whatever a square degree is there.
    whole = admin.geometry[place].area
    for one in counts.index if level is None else [level]:
        areas = inside[inside["admin_level"] == one]
        if level is not None or shapely.area(areas.geometry.to_numpy()).sum() >= _MOST * whole:
            return areas
    return admin.loc[[place]]


def _names(table: pd.DataFrame) -> pd.DataFrame:
    """Give every name of every area: `id`, the name as `shown`, in lower case (`name`), without accents (`key`)."""
    long = table.reindex(columns=list(_NAME_KEYS)).rename_axis("id").reset_index()
    long = long.melt(id_vars="id", value_name="shown").dropna(subset="shown")
    long = long.assign(shown=long["shown"].str.split(";")).explode("shown")
    long = long.assign(shown=long["shown"].map(clean))
    return long.assign(name=long["shown"].str.lower(), key=long["shown"].map(search_key))


def _best(asked: str, names: pd.DataFrame) -> list[str]:
    """Give the ids of the surest matches: whole before part, with accents before without."""
    exact, plain = clean(asked).lower(), search_key(clean(asked))
    whole_words = [names["name"].map(lambda name: f" {exact} " in f" {name} ")] if exact else []
    whole_words += [names["key"].map(lambda key: f" {plain} " in f" {key} ")] if plain else []
    for fits in (names["name"] == exact, names["key"] == plain, *whole_words):
        if fits.any():
            return list(dict.fromkeys(names["id"][fits.astype(bool)]))
    return []


def _told(ids: list[str], admin: gpd.GeoDataFrame) -> str:
    lines = []
    for key in ids[:_SHOWN]:
        parent = admin["parent"][key]
        within = f", in {parent}" if isinstance(parent, str) else ""
        lines.append(f"{key} {admin['name'][key]} (level {admin['admin_level'][key]}{within})")
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return "; ".join(lines) + more


def _nearest_names(asked: str, names: pd.DataFrame) -> str:
    shown = dict(zip(names["key"], names["shown"], strict=True))
    return ", ".join(shown[key] for key in difflib.get_close_matches(search_key(asked), list(shown), cutoff=0.0))
