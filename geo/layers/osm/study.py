"""A study of one place, made of an OpenStreetMap extract: its tables, its areas and the study file."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import LayerError
from geo.layers.files.whereabouts import found
from geo.layers.numbers import numbers
from geo.layers.osm.content import ending_of, named_as_extract
from geo.layers.osm.layers import administrative, areas_of, points_of, query_of, villages_of
from geo.layers.osm.naming import PLACES, TAGS, is_extract, read_choice
from geo.layers.osm.objects import Objects, extract_date, gather
from geo.layers.osm.place import areas_in, find_place
from geo.layers.place import dissolved, distance_to_areas_km, lying_in
from geo.layers.starter import refuse_existing
from geo.layers.write import beside, without_formulas, write_layer, write_text, write_workbook
from geo.messages import Term, text

if TYPE_CHECKING:
    from pathlib import Path

    from geo.figures import Finding
    from geo.layers.files.whereabouts import Found

MARGIN_KM = 10
_KM_PER_DEGREE = 110.0
_STUDY = """\
# Nghiên cứu vùng phục vụ / A study of service coverage
# Làm từ OpenStreetMap, phải ghi nguồn / Made of OpenStreetMap, whose contributors must be named

title = {{ vi = {vi}, en = {en} }}
{date}
source = {{ vi = {source_vi}, en = {source_en} }}

# Giới hạn khoảng cách, km / Distance limits, km
within_km = [3]

# Các điểm cách ranh giới đến {margin} km không được đếm, nhưng thôn có thể đến đó.
# Points up to {margin} km beyond the border are not counted, but villages may go there.
clip = true

# place = {places}; dân số nơi OpenStreetMap có ghi / people where OpenStreetMap has them
[villages]
file = "{villages}"

# {tags}
[points]
file = "{points}"

[areas]
file = "areas.geojson"
id = "id"
name = "name"
parent = "parent"

# Vùng phủ sóng: đa giác hoặc trạm / Mobile coverage: polygons or cells
# [coverage.4G]
# file = "4g.geojson"

# Số chính thức của toàn địa bàn / Official totals of the whole
# [official]
# area_km2 = 3358
# population = 590467
"""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """
    What a study is to be made of.

    `place` is the name or the id of an administrative area; `level` the admin_level of the areas it is divided into,
    chosen by :func:`geo.layers.osm.place.areas_in` where it is None; `tags` say what the points are.
    """

    extract: Path
    place: str
    level: int | None = None
    tags: tuple[str, ...] = TAGS
    tables: Literal["csv", "xlsx"] = "csv"


@dataclass(frozen=True, kw_only=True)
class Made:
    """The files that were written, the study file first; what is to be told of them; and what was found on the way."""

    files: tuple[Path, ...]
    told: tuple[Term, ...]
    findings: tuple[Finding, ...]


def write_extract_study(folder: Path, wish: Wish) -> Made:
    """
    Write a study of one place: its villages, its points and those up to 10 km beyond its border, its areas.

    Villages are its cities, towns, villages and hamlets. Where villages lie in none of the areas of the chosen level,
    what these leave of the place is one more area, so that no village is lost.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist.
    wish : Wish
        The extract, the place, and what is to be taken of it.

    Raises
    ------
    LayerError
        Where the extract cannot be read, or the place is not found, or is not the only one of its name.
    OutputError
        Where one of the files exists, or the folder cannot be written.
    """
    tables = {"villages": "villages.csv", "points": "points.csv"}
    if wish.tables == "xlsx":
        tables = {kind: f"layers.xlsx::{kind}" for kind in tables}
    names = dict.fromkeys(["study.toml", *(name.partition("::")[0] for name in tables.values()), "areas.geojson"])
    files = tuple(folder / name for name in names)
    refuse_existing(files)
    with found(str(wish.extract)) as where, named_as_extract(where.path, _ending(where), where.shown) as path:
        content, date = _content(wish, path), extract_date(path)
    written = {"villages": _as_table(content.villages), "points": _as_table(content.points)}
    if wish.tables == "xlsx":
        with beside(folder / "layers.xlsx") as draft:
            write_workbook({kind: without_formulas(table) for kind, table in written.items()}, draft)
    else:
        for kind, table in written.items():
            # The mark at the beginning tells spreadsheet programs that the text is UTF-8.
            write_text(
                "\ufeff" + without_formulas(table).to_csv(index=False, lineterminator="\n"), folder / tables[kind]
            )
    write_layer(content.areas.reset_index(names="id"), folder / "areas.geojson")
    write_text(_study(wish, content, tables, date), folder / "study.toml")
    return Made(files=files, told=tuple(_told(wish, content, tables["points"])), findings=content.findings)


def _ending(where: Found) -> str:
    """Give the ending of an extract, and refuse what is none by its content and its name."""
    ending = ending_of(where.path, where.shown)
    if ending is None and not is_extract(where.path):
        msg = (
            f"{where.shown} is no extract of OpenStreetMap, which a place is taken from. Give one (.osm.pbf or .osm); "
            f"a study of other layers starts with geo new DIR alone."
        )
        raise LayerError(msg)
    return ending or ""


@dataclass(frozen=True, kw_only=True)
class _Content:
    """The rows of a study; `beyond` of its points lie outside the place, `rest` of its villages in no other area."""

    place: pd.Series
    villages: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    beyond: int
    rest: int
    findings: tuple[Finding, ...]


def _content(wish: Wish, path: Path) -> _Content:
    file = str(wish.extract)
    points_choice = read_choice(file, f"points:{','.join(wish.tags)}")
    objects = gather(path, query_of(read_choice(file, "villages"), points_choice, read_choice(file, "areas")))
    admin = administrative(objects)
    key = find_place(wish.place, admin, objects.lost[objects.lost["boundary"] == "administrative"], file)
    place = admin.loc[[key]].reset_index(names="area_id")
    parts = areas_in(key, admin, wish.level)
    near = _near(objects, place)
    villages, village_findings = villages_of(_only(objects, near.index[near == 0]), PLACES)
    points, point_findings = points_of(_only(objects, near.index), points_choice.tags)
    areas, area_findings = areas_of(objects, set(parts["admin_level"]))
    areas, rest = _with_rest(areas.loc[parts.index], place, villages)
    return _Content(
        place=admin.loc[key],
        villages=villages,
        points=points,
        areas=areas,
        beyond=int((near[points.index] > 0).sum()),
        rest=rest,
        findings=(*village_findings, *point_findings, *area_findings),
    )


def _near(objects: Objects, place: gpd.GeoDataFrame) -> pd.Series:
    """Give how far each object is from the place, in km, of those within the margin; by a point inside of it."""
    table = objects.table
    west, south, east, north = place.total_bounds
    high = MARGIN_KM / _KM_PER_DEGREE
    wide = high / max(0.01, np.cos(np.radians(max(abs(south), abs(north)))))
    box = shapely.box(west - wide, south - high, east + wide, north + high)
    table = table[shapely.intersects(table.geometry.to_numpy(), box)]
    away = distance_to_areas_km(shapely.get_coordinates(shapely.point_on_surface(table.geometry.to_numpy())), place)
    return pd.Series(away, table.index)[away <= MARGIN_KM]


def _only(objects: Objects, ids: pd.Index) -> Objects:
    return replace(objects, table=objects.table[objects.table.index.isin(ids)])


def _with_rest(
    areas: gpd.GeoDataFrame, place: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, int]:
    """Add what the areas leave of the place as an area, where villages lie there; and count these."""
    places = shapely.get_coordinates(villages.geometry.to_numpy())
    out = lying_in(places, villages.index, areas.reset_index(names="area_id")).area_id.isna()
    if not out.any():
        return areas, 0
    left = shapely.difference(place.geometry.iloc[0], dissolved(areas.geometry.to_numpy()))
    polygons = [part for part in shapely.get_parts(left) if part.geom_type == "Polygon"]
    name = place["name"].iloc[0]
    row = {
        "name": f"{name} ({text('new.rest_word', 'vi')} / {text('new.rest_word', 'en')})",
        "admin_level": areas["admin_level"].iloc[0],
        "parent": name,
        "geometry": shapely.MultiPolygon(polygons),
    }
    rest = gpd.GeoDataFrame([row], index=[f"{place['area_id'].iloc[0]}-rest"], crs=areas.crs)
    return gpd.GeoDataFrame(pd.concat([areas, rest])), int(out.sum())


def _as_table(layer: gpd.GeoDataFrame) -> pd.DataFrame:
    places = shapely.get_coordinates(layer.geometry.to_numpy()).round(7)
    table = pd.DataFrame(layer.drop(columns="geometry")).reset_index(names="id")
    return table.assign(lon=places[:, 0], lat=places[:, 1])


def _study(wish: Wish, content: _Content, tables: dict[str, str], date: str | None) -> str:
    key = "new.source" if date else "new.source_undated"
    source = {one: text(key, one, file=wish.extract.name, date=date) for one in ("vi", "en")}
    title = {one: _first(content.place, f"name:{one}", "name") for one in ("vi", "en")}
    return _STUDY.format(
        vi=_quoted(title["vi"]),
        en=_quoted(title["en"]),
        date=f"date = {date}" if date else "# date = 2019-12-31",
        source_vi=_quoted(source["vi"]),
        source_en=_quoted(source["en"]),
        margin=MARGIN_KM,
        places=", ".join(PLACES),
        tags=" ".join(", ".join(wish.tags).split()),
        **tables,
    )


def _first(place: pd.Series, *columns: str) -> str:
    return next((str(place[column]) for column in columns if isinstance(place[column], str)), str(place.name))


def _quoted(words: str) -> str:
    """Write a text as TOML has it: as JSON, which leaves only the delete character unescaped."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _told(wish: Wish, content: _Content, points_file: str) -> list[Term]:
    name, villages = _first(content.place, "name"), len(content.villages)
    known = int(numbers(content.villages["population"].fillna(""), whole=True).notna().sum())
    level = int(content.place["admin_level"])
    inside = len(content.points) - content.beyond
    place = (("name", name), ("id", str(content.place.name)), ("level", level))
    counts = (("villages", villages), ("points", inside), ("beyond", content.beyond), ("areas", len(content.areas)))
    told = [Term("new.place", place), Term("new.counts", (*counts, ("margin", MARGIN_KM)))]
    if list(content.areas.index) == [content.place.name]:
        told.append(Term("new.undivided"))
    if content.rest:
        told.append(Term("new.rest", (("villages", content.rest), ("name", name))))
    if known < villages:
        told.append(Term("new.people", (("known", known), ("villages", villages))))
    if not inside:
        told.append(Term("new.no_points_there", (("tags", ", ".join(wish.tags)), ("file", points_file))))
    return told
