"""A starter study: the study file and the tables to fill in, their headers in Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from geo.errors import OutputError
from geo.layers.write import beside, write_text, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TABLES = {
    "villages": (
        "Mã thôn / Village id",
        "Tên thôn / Village name",
        "Dân số / Population",
        "Kinh độ / Longitude",
        "Vĩ độ / Latitude",
        "Cáp quang / Fibre",
    ),
    "points": (
        "Mã điểm / Point id",
        "Tên điểm / Point name",
        "Loại điểm / Kind",
        "Kinh độ / Longitude",
        "Vĩ độ / Latitude",
    ),
}
_STUDY = """\
# Nghiên cứu vùng phục vụ / A study of service coverage
# Các tệp được tìm cạnh tệp này. / Files are looked for beside this file.

title = {{ vi = "{name}", en = "{name}" }}
# date = 2019-12-31
# source = {{ vi = "…", en = "…" }}
# issuer = {{ vi = "Sở …", en = "Department …" }}

# Giới hạn khoảng cách, km / Distance limits, km
within_km = [3]

# Thôn: điểm hoặc đa giác, có dân số / Villages: points or polygons, with people
[villages]
file = "{villages}"

# Điểm phục vụ / Service points
[points]
file = "{points}"

# Cột cáp quang của bảng thôn: 1/0, có/không / A column of the villages: 1/0, yes/no
[coverage.fibre]
column = "Cáp quang / Fibre"

# Địa bàn hành chính / Administrative areas
# [areas]
# file = "communes.gpkg"
# id = "code"
# name = "name"
# parent = "district"

# Ảnh dân số: số liệu theo dân đếm các ô thay cho thôn
# A population raster: figures over people count its pixels in place of the villages
# [population]
# file = "people.tif"
# unit = "count"  # hoặc / or "per_km2"
# rescale = true  # theo tổng chính thức / to the official total

# Vùng phủ sóng: đa giác hoặc trạm / Mobile coverage: polygons or cells
# [coverage.4G]
# file = "4g.geojson"

# Số chính thức của toàn địa bàn / Official totals of the whole
# [official]
# area_km2 = 3358
# population = 590467
# population_basis = "census of 1 April 2019"

# Thuê bao / Subscriptions
# [subscriptions]
# telephone = 665633
# internet = 282455
"""


def write_starter(folder: Path, *, tables: Literal["csv", "xlsx"] = "csv") -> list[Path]:
    """
    Write a study to fill in: ``study.toml`` and its tables, which are empty but for their headers.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist.
    tables : "csv" or "xlsx"
        Two CSV files (UTF-8 with a mark, so that spreadsheets show Vietnamese), or one workbook of two sheets.

    Returns
    -------
    list of Path
        The files, the study file first.

    Raises
    ------
    OutputError
        Where one of the files exists, or the folder cannot be written.
    """
    csv = tables == "csv"
    files = (
        [folder / "study.toml", *(folder / f"{name}.csv" for name in _TABLES)]
        if csv
        else [
            folder / "study.toml",
            folder / "layers.xlsx",
        ]
    )
    refuse_existing(files)
    if csv:
        for name, headers in _TABLES.items():
            write_text("\ufeff" + ",".join(headers) + "\n", folder / f"{name}.csv")
    else:
        with beside(folder / "layers.xlsx") as draft:
            write_workbook({name: pd.DataFrame(columns=list(headers)) for name, headers in _TABLES.items()}, draft)
    sources = {name: f"{name}.csv" if csv else f"layers.xlsx::{name}" for name in _TABLES}
    name = folder.resolve().name.replace("\\", r"\\").replace('"', r"\"")
    write_text(_STUDY.format(name=name, **sources), folder / "study.toml")
    return files


def refuse_existing(files: Iterable[Path]) -> None:
    """
    Refuse to write a study over files that are there, or into a file as if it were a folder.

    Raises
    ------
    OutputError
        Where one of the files exists, or something that they would lie in is no folder.
    """
    files = list(files)
    inside = {folder for file in files for folder in file.parents}
    if no_folders := [folder for folder in inside if folder.exists() and not folder.is_dir()]:
        msg = f"{no_folders[0]} is a file. A study is several files: name a folder for them, as my-province."
        raise OutputError(msg)
    if there := [file for file in files if file.exists()]:
        msg = f"{there[0]} exists. Name an empty folder."
        raise OutputError(msg)
