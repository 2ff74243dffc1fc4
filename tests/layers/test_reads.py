"""The table of the README: what is read and how to name it, each row by an example."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from geo.cli.main import main
from geo.layers.files.formats import ARCHIVES, FORMATS, listed_formats
from geo.layers.layer import Reading, read_layer

from . import biff

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
LON, LAT = 108.9886, 11.5643
EAST, NORTH = 580361.57, 1278976.96
NAMES = ["Phước Đại", "Thành Hải"]
PLACES = [(LON, LAT), (108.75, 11.875)]
ROWS = gpd.GeoDataFrame({"name": NAMES}, geometry=[shapely.Point(place) for place in PLACES], crs=4326)
TABLE = pd.DataFrame({"name": NAMES, "lat": [lat for _, lat in PLACES], "lon": [lon for lon, _ in PLACES]})
CSV = TABLE.to_csv(index=False)
VIETNAMESE = "Tên thôn;Vĩ độ;Kinh độ\n" + "".join(
    f"{name};{lat};{lon}\n".replace(".", ",") for name, (lon, lat) in zip(NAMES, PLACES, strict=True)
)


def text(content, encoding="utf-8"):
    return lambda path: path.write_bytes(content.encode(encoding))


def table(separator, *rows):
    return text("\n".join(separator.join(row) for row in rows) + "\n")


def driver(name, **options):
    return lambda path: pyogrio.write_dataframe(ROWS, path, driver=name, **options)


def one_by_one(column, *cells):
    quoted = [cell.replace('"', '""') for cell in cells]
    return text(f"name;{column}\n" + "".join(f'{n};"{cell}"\n' for n, cell in zip(NAMES, quoted, strict=True)))


def windows_1258(path):
    # Windows-1258 writes the tone after its letter.
    apart = VIETNAMESE.replace("ớ", "ơ\u0301").replace("ạ", "a\u0323").replace("ả", "a\u0309").replace("ộ", "ô\u0323")
    path.write_bytes(apart.replace("ĩ", "i\u0303").encode("cp1258"))


def sheet(path, title="villages", more=()):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in [TABLE.columns.tolist(), *TABLE.to_numpy().tolist()]:
        book.active.append(row)
    for name in more:
        book.create_sheet(name).append(["notes"])
    book.save(path)


def merged_sheet(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH THÔN"])
    sheet.append(["STT", "Tên thôn", "Toạ độ", None])
    sheet.append([None, None, "Kinh độ", "Vĩ độ"])
    for number, (name, place) in enumerate(zip(NAMES, PLACES, strict=True), 1):
        sheet.append([number, name, *place])
    sheet.append([None, "Tổng cộng"])
    for area in ("A1:D1", "A2:A3", "B2:B3", "C2:D2"):
        sheet.merge_cells(area)
    book.save(path)


def zipped(*parts, inner=None):
    def put(path):
        folder = path.parent / "parts"
        folder.mkdir()
        for name in parts:
            ROWS.to_file(folder / name, encoding="utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(folder.iterdir()):
                archive.write(part, f"{inner or ''}{part.name}")

    return put


def kmz(path):
    driver("KML")(path.with_suffix(".kml"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(path.with_suffix(".kml"), "doc.kml")


def folders(path, *names):
    for number, name in enumerate(names):
        rows = ROWS if number == 0 else ROWS.assign(name="elsewhere")
        pyogrio.write_dataframe(rows, path, driver="KML", layer=name, append=number > 0)


def a_layer_each(driver):
    def put(path):
        for row in range(len(ROWS)):
            pyogrio.write_dataframe(ROWS.iloc[[row]], path, driver=driver, layer=f"part{row}", append=row > 0)

    return put


def sheets(path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for row in TABLE.to_numpy().tolist():
        part = book.create_sheet(row[0])
        part.append(TABLE.columns.tolist())
        part.append(row)
    book.save(path)


def excel_97(path):
    cells = [biff.label(0, place, name) for place, name in enumerate(TABLE.columns)]
    for row, (name, *place) in enumerate(TABLE.to_numpy().tolist(), 1):
        cells += [biff.wide_label(row, 0, name), *(biff.number(row, 1 + at, value) for at, value in enumerate(place))]
    biff.put_xls(path, biff.workbook([biff.sheet(*cells)]))


def ods(path):
    sheets = ""
    for title, rows in (("villages", [TABLE.columns.tolist(), *TABLE.to_numpy().tolist()]), ("other", [["notes"]])):
        cells = ("".join(f"<table:table-cell{ods_value(cell)}" for cell in row) for row in rows)
        inner = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
        sheets += f'<table:table table:name="{title}">{inner}</table:table>'
    space = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{name}="{space}:{name}:1.0"' for name in ("office", "table", "text"))
    body = f"<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w") as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", MANIFEST.replace("KIND", kind))
        archive.writestr("content.xml", f"<office:document-content {names}>{body}</office:document-content>")


def ods_value(cell):
    kind = f' office:value-type="float" office:value="{cell}"' if isinstance(cell, float) else ""
    return f"{kind or OF_TEXT}><text:p>{cell}</text:p></table:table-cell>"


MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="KIND"/></manifest:manifest>'
)
OF_TEXT = ' office:value-type="string"'


def degrees(value, letters):
    minutes, seconds = divmod(round(abs(value) * 3600, 6), 60)
    return f"{int(minutes // 60)}°{int(minutes % 60)}'{seconds:.4f}\"{letters}"


DMS = [[name, degrees(lat, "N"), degrees(lon, "E")] for name, (lon, lat) in zip(NAMES, PLACES, strict=True)]
VN_DMS = [[name, degrees(lat, "B"), degrees(lon, "Đ")] for name, (lon, lat) in zip(NAMES, PLACES, strict=True)]
POINTS = [shapely.Point(place) for place in PLACES]
BOTH = {
    "toạ độ": [f"{lat}, {lon}" for lon, lat in PLACES],
    "lon_lat": [f"{lon} {lat}" for lon, lat in PLACES],
    "wkt": [f"SRID=4326;{point.wkt}" for point in POINTS],
    "geom": [shapely.to_wkb(shapely.set_srid(point, 4326), hex=True, include_srid=True) for point in POINTS],
    "geojson": [shapely.to_geojson(point) for point in POINTS],
}

READS = {
    # CSV and its dialects
    "comma": ("v.csv", text(CSV)),
    "semicolon and decimal comma": ("v.csv", text(VIETNAMESE)),
    "tab": ("v.tsv", text(CSV.replace(",", "\t"))),
    "bar": ("v.txt", text(CSV.replace(",", "|"))),
    "UTF-8 with a mark": ("v.csv", text(VIETNAMESE, "utf-8-sig")),
    "UTF-16": ("v.csv", text(VIETNAMESE, "utf-16")),
    "Windows-1258": ("v.csv", windows_1258),
    "a title above": ("v.csv", text("DANH SÁCH THÔN\n\n" + VIETNAMESE)),
    # Coordinates in a table
    "degrees, minutes, seconds": ("v.csv", table(";", ["name", "lat", "lon"], *DMS)),
    "Vietnamese letters": ("v.csv", table(";", ["Tên thôn", "Vĩ độ", "Kinh độ"], *VN_DMS)),
    "both in one column": ("v.csv", one_by_one("toạ độ", *BOTH["toạ độ"])),
    "longitude first": ("v.csv", one_by_one("lon_lat", *BOTH["lon_lat"])),
    "WKT": ("v.csv", one_by_one("wkt", *BOTH["wkt"])),
    "WKB": ("v.csv", one_by_one("geom", *BOTH["geom"])),
    "GeoJSON in a cell": ("v.csv", one_by_one("geojson", *BOTH["geojson"])),
    # Spreadsheets
    "a workbook": ("v.xlsx", sheet),
    "a sheet": ("v.xlsx::villages", lambda path: sheet(path, more=["other"])),
    "the sheet with coordinates": ("v.xlsx", lambda path: sheet(path, more=["other"])),
    "all sheets": ("v.xlsx::*", sheets),
    "merged cells": ("v.xlsx", merged_sheet),
    "a sheet of ODS": ("v.ods::villages", ods),
    "a workbook with macros": ("v.xlsm", sheet),
    "a workbook of Excel 97": ("v.xls", excel_97),
    # No library here writes these: what they hold goes by its content.
    "a workbook under the ending of another": ("v.xlsb", sheet),
    # Layers
    "GeoPackage": ("v.gpkg", driver("GPKG")),
    "a layer of a GeoPackage": ("v.gpkg::villages", driver("GPKG", layer="villages")),
    "all layers of a GeoPackage": ("v.gpkg::*", a_layer_each("GPKG")),
    "Shapefile": ("v.shp", driver("ESRI Shapefile", encoding="utf-8")),
    "GeoJSON": ("v.geojson", driver("GeoJSON")),
    "GeoJSON as JSON": ("v.json", driver("GeoJSON")),
    "GeoJSON lines": ("v.geojsonl", driver("GeoJSONSeq")),
    "FlatGeobuf": ("v.fgb", driver("FlatGeobuf", SPATIAL_INDEX="NO")),
    "KML": ("v.kml", driver("KML")),
    "a folder of KML": ("v.kml::Folder", lambda path: folders(path, "Folder", "Other")),
    "all folders of KML": ("v.kml::*", a_layer_each("KML")),
    "KMZ": ("v.kmz", kmz),
    "GML": ("v.gml", driver("GML")),
    "GPX": ("v.gpx::waypoints", driver("GPX", layer="waypoints")),
    "MapInfo table": ("v.tab", driver("MapInfo File")),
    "MapInfo interchange": ("v.mif", driver("MapInfo File")),
    "GeoParquet": ("v.parquet", ROWS.to_parquet),
    "Parquet": ("v.parquet", TABLE.to_parquet),
    # Where they lie
    "a zipped shapefile": ("v.zip", zipped("v.shp")),
    "one of several in an archive": ("v.zip::v", zipped("v.shp", "w.shp", inner="x/")),
    "a member": ("zip://v.zip!x/v.shp", zipped("v.shp", "w.shp", inner="x/")),
    "a path of GDAL": ("/vsizip/v.zip/x/v.shp", zipped("v.shp", "w.shp", inner="x/")),
    "gzip": ("v.csv.gz", lambda path: path.write_bytes(gzip.compress(CSV.encode()))),
    "a path of GDAL to gzip": ("/vsigzip/v.csv.gz", lambda path: path.write_bytes(gzip.compress(CSV.encode()))),
}


# What each row of the README's table stands for: its examples by their ids above, or by the test that reads them.
ROWS_OF_THE_README = {
    "CSV": [
        "comma",
        "semicolon and decimal comma",
        "tab",
        "bar",
        "UTF-8 with a mark",
        "UTF-16",
        "Windows-1258",
        "a title above",
    ],
    "a sheet": [
        "a workbook",
        "a sheet",
        "the sheet with coordinates",
        "all sheets",
        "merged cells",
        "a sheet of ODS",
        "a workbook with macros",
        "a workbook of Excel 97",
        "a workbook under the ending of another",
    ],
    "coordinates in a table": [
        "degrees, minutes, seconds",
        "Vietnamese letters",
        "both in one column",
        "longitude first",
        "WKT",
        "WKB",
        "GeoJSON in a cell",
        "test_both_coordinates_are_read_from_a_column_that_the_command_names",
    ],
    "projected coordinates": ["test_metres_are_read_with_their_system"],
    "GeoPackage": ["GeoPackage", "a layer of a GeoPackage", "all layers of a GeoPackage"],
    "Shapefile, GeoJSON": ["Shapefile", "GeoJSON", "GeoJSON as JSON", "GeoJSON lines", "FlatGeobuf", "GML"],
    "KML, KMZ, GPX": ["KML", "a folder of KML", "all folders of KML", "KMZ", "GPX"],
    "MapInfo": ["MapInfo table", "MapInfo interchange"],
    "GeoParquet, or Parquet": ["GeoParquet", "Parquet"],
    "an archive": ["a zipped shapefile", "one of several in an archive", "a member", "a path of GDAL"],
    "gzip": ["gzip", "a path of GDAL to gzip"],
    "standard input": ["test_standard_input_is_read"],
    "an extract of OpenStreetMap": [
        "test_osm.py",
        "test_osm_content.py",
    ],
    "a table or view of a PostGIS database": ["test_database.py"],
    "a query of it": ["test_database.py"],
}


def rows_of_the_readme():
    section = README.split("## What it reads")[1].split("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [(source, name) for source, name in cells[2:]]


def shape_of(name):
    """Give how a source is named, whatever its file is called: prefix, endings, and whether it names a layer."""
    prefix = re.match(r"zip://|/vsizip/|/vsigzip/|", name)[0]
    endings = re.findall(r"\.[a-z]+", name.partition("::")[0])
    return prefix, tuple(endings), "::" in name


def test_every_row_of_the_readme_has_its_examples():
    sources = [source for source, _ in rows_of_the_readme()]
    assert len(sources) == len(ROWS_OF_THE_README)
    here = Path(__file__)
    for source, (start, examples) in zip(sources, ROWS_OF_THE_README.items(), strict=True):
        assert source.startswith(start)
        for example in examples:
            assert example in READS or f"def {example}(" in here.read_text("utf-8") or (here.parent / example).is_file()
    listed = [example for examples in ROWS_OF_THE_README.values() for example in examples]
    assert set(READS) <= set(listed)


@pytest.mark.parametrize(("source", "names"), [pytest.param(*row, id=row[0]) for row in rows_of_the_readme()])
def test_every_name_of_the_readme_is_that_of_an_example(source, names):
    examples = next(examples for start, examples in ROWS_OF_THE_README.items() if source.startswith(start))
    shapes = {shape_of(READS[example][0]) for example in examples if example in READS}
    files = [name for name in re.findall(r"`([^`]+)`", names) if re.search(r"\.[a-z]+", name) and "://user" not in name]
    if shapes:
        files = [name for name in files if not name.startswith("--")]
        assert {shape_of(name) for name in files} <= shapes


def test_the_formats_that_messages_list_are_those_that_are_read_and_those_of_the_readme():
    read = {Path(name.partition("::")[0]).suffix for name, _ in READS.values()} | {".pbf", ".osm"}  # test_osm.py
    promised = {ending for one in FORMATS for ending in one.endings}
    assert read - {".kmz", ".zip", ".gz"} == promised
    assert {".kmz", ".zip", ".gz"} <= set(ARCHIVES)
    section = README.split("## What it reads")[1].split("\n## ")[0]
    unsaid = [ending for ending in promised if ending not in section and ending[1:].upper() not in section]
    assert unsaid == []
    assert all(ending in listed_formats() for ending in promised)


@pytest.fixture
def inside(tmp_path):
    """Work in the folder of the test, so that a source is named as in the table."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def check(layer):
    found = [(round(point.x, 8), round(point.y, 8)) for point in layer.table.geometry]
    assert found == PLACES
    assert layer.table["name"].tolist() == NAMES
    assert [one.fault for one in layer.findings if one.fault != "footer_rows"] == []


@pytest.mark.parametrize(("name", "put"), READS.values(), ids=READS.keys())
def test_what_the_table_of_the_readme_names_is_read(inside, name, put):
    file = name.split("://")[-1].split("::")[0].split("!")[0].removeprefix("/vsizip/").removeprefix("/vsigzip/")
    put(inside / file.split("/")[0])
    check(read_layer("villages", name))


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CSV.encode())))
    check(read_layer("villages", "-"))


def test_metres_are_read_with_their_system(write):
    path = write("v.csv", f"name,x,y\nPhước Đại,{EAST},{NORTH}\n")
    place = read_layer("villages", path, Reading(crs="EPSG:9217")).table.geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((LON, LAT), abs=2e-7)


def test_areas_are_read_from_a_column_of_polygons(write):
    square = shapely.box(108, 11, 109, 12)
    cell = json.dumps(shapely.to_geojson(square))[1:-1].replace('\\"', '""')
    layer = read_layer("areas", write("a.csv", f'ma_xa;ten_xa;geojson\n01;Phước;"{cell}"\n'))
    assert layer.table.geometry.iloc[0].equals(square)


@pytest.mark.parametrize(("key", "column"), [("lat_lon", "toạ độ"), ("lon_lat", "lon_lat"), ("geometry", "wkt")])
def test_both_coordinates_are_read_from_a_column_that_the_command_names(write, key, column):
    cells = zip(NAMES, BOTH[column], strict=True)
    path = write("v.csv", "name;Ở đâu;toạ độ\n" + "".join(f'{name};"{cell}";1, 2\n' for name, cell in cells))
    words = ["measure", "--villages", path, "--points", write("p.csv", CSV), "--column", f"villages.{key}=Ở đâu"]
    result = CliRunner().invoke(main, [*map(str, words), "--format", "json"])
    assert result.exit_code == 0, result.output
    figures = {one["indicator"]: one["value"] for one in json.loads(result.stdout)["figures"]}
    assert figures["nearest_distance_max"] == pytest.approx(0, abs=1e-3)
