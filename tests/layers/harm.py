"""Small valid files of every format, to be harmed, and children with limits that read them."""

from __future__ import annotations

import atexit
import gzip
import io
import json
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import shapely

from geo.layers.layer import Reading

PLACES = [shapely.Point(105.25, 20.5), shapely.Point(105.75, 20.25), shapely.Point(105.5, 20.125)]
ROWS = gpd.GeoDataFrame({"name": ["Phước", "An", "Cam"]}, geometry=PLACES, crs=4326)
TABLE = pd.DataFrame({"name": ROWS["name"], "lat": [20.5, 20.25, 20.125], "lon": [105.25, 105.75, 105.5]})
CSV = TABLE.to_csv(index=False)
WGS84 = Reading(crs="EPSG:4326")
POINT = {"type": "Point", "coordinates": [105, 20]}
DRIVERS = {".gml": "GML", ".kml": "LIBKML", ".gpx": "GPX", ".geojsonl": "GeoJSONSeq", ".tab": "MapInfo File"}
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>{}</name>'
    "<Point><coordinates>105,20</coordinates></Point></Placemark></Document></kml>"
)
GPX = (
    '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
    '<wpt lat="20" lon="105"><name>{}</name></wpt></gpx>'
)
GML = (
    '<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml">'
    '<gml:featureMember><ogr:v fid="v.0"><ogr:geometryProperty><gml:Point srsName="EPSG:4326"><gml:coordinates>105,20'
    "</gml:coordinates></gml:Point></ogr:geometryProperty><ogr:name>{}</ogr:name></ogr:v></gml:featureMember>"
    "</ogr:FeatureCollection>"
)
MARKUP = {"kml": KML, "gpx": GPX, "gml": GML}
SHEET = "xl/worksheets/sheet1.xml"


def features(*found):
    return json.dumps({"type": "FeatureCollection", "features": list(found)})


def feature(geometry=None, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry or POINT}


def put_workbook(path, edit=lambda _, content: content, extra=()):
    """Write a small workbook, each part as `edit` makes it of what openpyxl writes."""
    book = openpyxl.Workbook()
    for row in [TABLE.columns.tolist(), *TABLE.to_numpy().tolist()]:
        book.active.append(row)
    whole = io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(name, old.read(name)))
        for name, content in extra:
            new.writestr(name, content)
    return path


def in_sheet(old, new):
    return lambda name, content: content.replace(old, new) if name == SHEET else content


def put(path):
    """Write a small valid file of any format, by its ending."""
    if path.suffix == ".csv":
        path.write_text(CSV, "utf-8")
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(CSV.encode()))
    elif path.suffix == ".xlsx":
        put_workbook(path)
    elif path.suffix == ".parquet":
        ROWS.to_parquet(path)
    elif path.suffix == ".zip":
        ROWS.to_file(path.with_suffix(".shp"))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(path.parent.glob(f"{path.stem}.*")):
                if part != path:
                    archive.write(part, part.name)
    elif path.suffix == ".kmz":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("doc.kml", KML.format("An"))
    else:
        layer = {"layer": "waypoints"} if path.suffix == ".gpx" else {}
        pyogrio.write_dataframe(ROWS, path, driver=DRIVERS.get(path.suffix), **layer)
    return path


@cache
def forks():
    """Start the process whose copies read the files; it ends with this one."""
    worker = Path(__file__).with_name("hostile_worker.py")
    process = subprocess.Popen([sys.executable, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)
    return process


def children(files, *, kind="villages", most_bytes=4 << 30, seconds=60):
    """Read files in a process with limits; give how each ended. A crash or a hang shows as a missing answer."""
    asked = {"files": [str(file) for file in files], "kind": kind, "bytes": most_bytes, "seconds": seconds}
    worker = forks()
    worker.stdin.write(json.dumps(asked) + "\n")
    worker.stdin.flush()
    told = []
    while "status" not in (line := json.loads(worker.stdout.readline())):
        told.append(line)
    assert line["status"] == 0, f"{told[-1] if told else ''}: {line['status']}\n{line['complaints']}"
    return [one for one in told if "seconds" in one]


def assert_clear(answer, file):
    """One line, without control characters other than those of the file's text, naming the file."""
    if "error" in answer:
        assert Path(file).name.partition("::")[0] in answer["error"]
        assert len(answer["error"].splitlines()) == 1, answer["error"]
