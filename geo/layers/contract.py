"""The five layers (villages, points, areas, footprints, cells) and the headers of their columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from geo.errors import LayerError
from geo.layers.text import header_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LayerKind = Literal["villages", "points", "areas", "footprints", "cells"]
ColumnKind = Literal["id", "text", "number", "whole"]

_YEAR = re.compile(r"_((?:19|20)\d\d)$")


@dataclass(frozen=True)
class Column:
    """
    One column of a layer.

    `key` names it on the command line and in a study, `name` in the table that the reader gives. `headers` are the
    keys of the headers it is known by, the surest first; a year may follow (``pop_2019``: the latest is taken).
    """

    key: str
    name: str
    kind: ColumnKind
    headers: tuple[str, ...]


def _column(key: str, name: str, kind: ColumnKind, headers: str) -> Column:
    return Column(key, name, kind, (key, *headers.split()))


_LONGITUDE = _column("lon", "lon", "number", "longitude long lng kinh_do kinhdo x_lon lon_wgs84 kinh_do_wgs84")
_LATITUDE = _column("lat", "lat", "number", "latitude vi_do vido y_lat lat_wgs84 vi_do_wgs84")
_X = _column("x", "x", "number", "easting east toa_do_x toado_x x_coord xcoord coord_x point_x x_m")
_Y = _column("y", "y", "number", "northing north toa_do_y toado_y y_coord ycoord coord_y point_y y_m")
_LAT_LON = _column(
    "lat_lon",
    "lat_lon",
    "text",
    "latlon lat_long latlong lat_lng latlng latitude_longitude vi_do_kinh_do vido_kinhdo toa_do_vi_do_kinh_do",
)
_LON_LAT = _column(
    "lon_lat",
    "lon_lat",
    "text",
    "lonlat long_lat longlat lng_lat lnglat longitude_latitude kinh_do_vi_do kinhdo_vido toa_do_kinh_do_vi_do",
)
_COORDINATES = _column(
    "coordinates",
    "coordinates",
    "text",
    "coordinate coords toa_do toado toa_do_gps toa_do_dia_ly toa_do_wgs84 gps gps_coordinates location position",
)
_GEOMETRY = _column(
    "geometry",
    "geometry",
    "text",
    "geom wkt the_geom wkb wkb_geometry wkt_geometry geometry_wkt wkt_geom ewkt ewkb geojson geometry_geojson hinh_hoc",
)
# Both coordinates in one column come first: "Kinh độ / Vĩ độ" is not a longitude in two languages.
_PLACE = (_LAT_LON, _LON_LAT, _COORDINATES, _LONGITUDE, _LATITUDE, _X, _Y, _GEOMETRY)
WAYS: tuple[tuple[str, ...], ...] = (
    ("lon", "lat"),
    ("x", "y"),
    ("lat_lon",),
    ("lon_lat",),
    ("coordinates",),
    ("geometry",),
)
"""The columns that can say where a row is, by their names; of several that are there, the first says it."""
PLACE_NAMES = frozenset(name for way in WAYS for name in way)
_TECHNOLOGY = _column(
    "technology", "technology", "text", "radio tech generation network_type cong_nghe the_he mang rat"
)
_OPERATOR = _column(
    "operator", "operator", "text", "network provider brand carrier company nha_mang doanh_nghiep net mnc"
)

LAYERS: Mapping[LayerKind, tuple[Column, ...]] = {
    "villages": (
        _column(
            "id",
            "village_id",
            "id",
            "village_id villageid ma_thon mathon id_thon ma osm_id code gid fid objectid",
        ),
        _column(
            "name",
            "name",
            "text",
            "village_name village ten_thon tenthon thon ten ten_thon_khu_pho khu_pho name_vi name_en settlement "
            "place_name ten_ap ten_ban",
        ),
        _column(
            "population",
            "population",
            "whole",
            "pop people dan_so danso so_dan nhan_khau so_nhan_khau tot_pop totpop pop_total population_total total_pop "
            "tot_p inhabitants habitants",
        ),
        *_PLACE,
    ),
    "points": (
        _column(
            "id",
            "point_id",
            "id",
            "point_id pointid ma_diem ma_buu_cuc ma_bc ma osm_id code gid fid objectid",
        ),
        _column(
            "name",
            "name",
            "text",
            "point_name ten_diem ten_buu_cuc tenbuucuc ten office office_name post_office name_vi",
        ),
        _column("kind", "kind", "text", "type loai loai_diem loai_hinh office_type officetype category amenity"),
        *_PLACE,
    ),
    "areas": (
        _column(
            "id",
            "area_id",
            "id",
            "area_id code ma ma_xa maxa commune_id ma_huyen district_id ma_tinh pcode adm3_pcode adm2_pcode gid fid "
            "objectid",
        ),
        _column(
            "name",
            "name",
            "text",
            "name_vn name_vi area_name commune ten_xa tenxa xa ten commune_vn commune_name ten_huyen district_name "
            "adm3_name adm2_name adm1_name shapename",
        ),
        _column(
            "parent",
            "parent",
            "text",
            "district huyen ten_huyen tenhuyen district_name_vn district_vn parent_name",
        ),
        # In the unit that the header says, or that fits the polygons; it is held against them, and counts in no figure.
        _column(
            "stated_area",
            "stated_area",
            "number",
            "area_km2 area_km² km2 km² areakm2 area_sq_km area_sqkm sq_km sqkm dien_tich_km2 dien_tich_km² "
            "dientich_km2 dt_km2 dien_tich_tu_nhien_km2 dien_tich_tu_nhien_km² area_ha area_hectares hectares "
            "dien_tich_ha dientich_ha dt_ha dien_tich_tu_nhien_ha area_m2 area_m² area_sqm dien_tich_m2 dien_tich_m² "
            "dt_m2 area dien_tich dientich dien_tich_tu_nhien dtich",
        ),
        _GEOMETRY,
    ),
    "footprints": (_TECHNOLOGY, _OPERATOR, _GEOMETRY),
    "cells": (
        _column("id", "cell_id", "id", "cell_id cell cellid cid ci"),
        _TECHNOLOGY,
        _OPERATOR,
        _column("range_m", "range_m", "whole", "range radius radius_m reach_m ban_kinh ban_kinh_m pham_vi"),
        *_PLACE,
    ),
}


def recognise(
    kind: LayerKind,
    headers: Iterable[str],
    named: Mapping[str, str] | None = None,
    *,
    source: str = "the layer",
) -> dict[str, str]:
    """
    Find which header of a source holds which column of a layer.

    Parameters
    ----------
    kind : str
        One of the five layers.
    headers : iterable of str
        The headers as the source has them.
    named : mapping of str to str, optional
        Column key to header, where the caller names one; it wins over every guess.
    source : str
        How a message calls the source.

    Returns
    -------
    dict
        Name of the layer's column to header of the source; columns not found are absent.

    Raises
    ------
    LayerError
        Where a named header is not there, or a named column is none of the layer's.

    Examples
    --------
    >>> recognise("villages", ["ten_thon", "Dân số", "pop_2019", "LAT", "kinh độ"])
    {'name': 'ten_thon', 'population': 'pop_2019', 'lon': 'kinh độ', 'lat': 'LAT'}
    """
    headers = [str(header) for header in headers]
    found = _named(kind, headers, named or {}, source)
    taken = set(found.values())
    for column in LAYERS[kind]:
        if column.name not in found:
            header = _best(column, [header for header in headers if header not in taken])
            if header is not None:
                found[column.name] = header
                taken.add(header)
    return {column.name: found[column.name] for column in LAYERS[kind] if column.name in found}


def is_known(header: str) -> bool:
    """
    Tell whether a header is one that a column of any layer is known by.

    Examples
    --------
    >>> is_known("Dân số 2019"), is_known("DANH SÁCH THÔN")
    (True, False)
    """
    known = _known()
    return any(key in known or _YEAR.sub("", key) in known for key in _keys(header))


def can_be_placed(headers: Iterable[str]) -> bool:
    """
    Tell whether a table of these headers has columns that say where its rows are.

    Examples
    --------
    >>> can_be_placed(["Tên thôn", "Kinh độ", "Vĩ độ"]), can_be_placed(["Tên thôn", "Kinh độ"])
    (True, False)
    """
    found = recognise("points", headers)
    return any(all(name in found for name in way) for way in WAYS)


@cache
def _known() -> frozenset[str]:
    return frozenset(key for columns in LAYERS.values() for column in columns for key in column.headers)


def _named(kind: LayerKind, headers: list[str], named: Mapping[str, str], source: str) -> dict[str, str]:
    by_key = {column.key: column for column in LAYERS[kind]}
    found = {}
    for key, header in named.items():
        if key not in by_key:
            msg = f"{source}: {kind} have no column '{key}'; they have {', '.join(by_key)}."
            raise LayerError(msg)
        if header not in headers:
            msg = f"{source}: no column '{header}' for {kind}.{key}; the columns are {', '.join(headers)}."
            raise LayerError(msg)
        found[by_key[key].name] = header
    return found


def _best(column: Column, headers: list[str]) -> str | None:
    """Give the header that stands first in the column's list; of several years, the latest."""
    candidates = []
    for header in headers:
        for key in _keys(header):
            year = _YEAR.search(key)
            if key in column.headers:
                candidates.append((column.headers.index(key), 0, header))
            elif year and (stem := key[: year.start()]) in column.headers:
                candidates.append((column.headers.index(stem), -int(year[1]), header))
    return min(candidates, key=lambda candidate: candidate[:2])[2] if candidates else None


def _keys(header: str) -> list[str]:
    """Give the keys of a header; one in two languages (``Dân số / Population``) has a key in each."""
    return [header_key(header), *(header_key(part) for part in header.split("/") if "/" in header)]
