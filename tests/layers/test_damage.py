"""Files that are damaged, cut short or of another kind: refused in one line of plain words, and never read in part."""

from __future__ import annotations

import random
import re
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from click.testing import CliRunner
from rasterio.transform import Affine

from geo.cli.main import main
from geo.errors import GeoError, LayerError
from geo.layers.files.damage import why
from geo.layers.files.formats import ARCHIVES, FORMATS
from geo.layers.read import open_source
from geo.layers.script import read_areas, read_villages

MANY = gpd.GeoDataFrame(
    {"name": [f"thôn {number}" for number in range(300)]},
    geometry=gpd.points_from_xy(np.linspace(105, 106, 300), np.linspace(20, 21, 300)),
    crs=4326,
)
# Words of libraries that say nothing to who keeps the lists of a province.
RAW = re.compile(
    r"sqlite|thrift|codec|errno|b'|EOCD|/vsi|proj_create|Error -?\d|GDAL|OGR|Traceback|/tmp/geo-", re.IGNORECASE
)
ENDINGS = sorted({ending for one in FORMATS for ending in one.endings} | set(ARCHIVES) | {".tif"})


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("command", ["check", "measure", "nearest"])
def test_bytes_at_random_are_refused_in_one_plain_line_whatever_they_are_called(tmp_path, command, ending):
    path = tmp_path / f"v{ending}"
    # Behind a zero byte nothing is text, whatever comes.
    path.write_bytes(b"\0" + random.Random(ending).randbytes(3000))  # noqa: S311 - the same every time
    name = f"{path}::villages" if ending in (".pbf", ".osm") else str(path)
    points = tmp_path / "points.csv"
    points.write_text("lat,lon\n20,105\n")
    asked = [name, str(points), "-o", str(tmp_path / "out.csv")] if command == "nearest" else ["--villages", name]
    result = CliRunner().invoke(main, [command, *asked])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"geo: {path} ")
    assert re.search(r"\. (Save|Fetch|Is it whole\? Fetch) ", result.stderr)
    assert not RAW.search(result.stderr.replace(str(path), ""))


def write_of(path, driver=None):
    if path.suffix == ".parquet":
        MANY.to_parquet(path)
    elif path.suffix == ".xlsx":
        MANY.get_coordinates().rename(columns={"x": "lon", "y": "lat"}).to_excel(path, index=False)
    elif path.suffix == ".zip":
        MANY.to_file(path.with_suffix(".gpkg"))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path.with_suffix(".gpkg"), "v.gpkg")
    elif path.suffix == ".kmz":
        MANY.to_file(path.with_suffix(".kml"), driver="KML")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path.with_suffix(".kml"), "doc.kml")
    else:
        MANY.to_file(path, driver=driver)


CUT = {
    "v.gpkg": (None, "its database is damaged or cut short"),
    "v.geojson": (None, r"it is no GeoJSON from line \d+, character \d+ on|it breaks off after byte \d+"),
    "v.geojsonl": ("GeoJSONSeq", "of 15[01] rows only 1(50|49) can be read"),
    "v.fgb": (None, "it breaks off before its end"),
    "v.parquet": (None, "its end is missing"),
    "v.shp": (None, "of 300 rows only 148 can be read"),
    "v.kml": ("KML", r"it breaks off in line \d+"),
    "v.gml": ("GML", r"it breaks off in line \d+"),
    "v.gpx": ("GPX", r"it breaks off in line \d+"),
    "v.mif": ("MapInfo File", r"of 300 rows only 1\d\d can be read"),
    "v.xlsx": (None, "it is cut short, or damaged within"),
    "v.zip": (None, "it is cut short, or damaged within"),
    "v.kmz": (None, "it is cut short, or damaged within"),
}


@pytest.mark.parametrize(("name", "driver", "says"), [(name, *rest) for name, rest in CUT.items()])
def test_half_of_a_file_is_refused_with_what_is_wrong(tmp_path, name, driver, says):
    path = tmp_path / name
    write_of(path, "GPX" if driver == "GPX" else driver)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(GeoError, match=says) as error:
        open_source(path)
    assert str(error.value).startswith(f"{path} ")
    assert not RAW.search(str(error.value))


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_values_of_mapinfo_cut_short_are_not_read_in_part(tmp_path, kept):
    MANY.to_file(tmp_path / "v.mif", driver="MapInfo File")
    values = (tmp_path / "v.mid").read_bytes()
    (tmp_path / "v.mid").write_bytes(values[: int(kept * len(values))])
    with pytest.raises(LayerError, match=r"v\.mif is damaged: of 300 rows only \d+ can be read"):
        open_source(tmp_path / "v.mif")


def test_a_collection_of_mapinfo_is_one_row(tmp_path):
    (tmp_path / "v.mid").write_text('"một\nhai"\n"ba"\n')
    (tmp_path / "v.mif").write_text(
        'Version 650\nCharset "Neutral"\nDelimiter ","\nCoordSys Earth Projection 1, 104\nColumns 1\n  name Char(9)\n'
        "Data\n\nCollection 2\n  Region 1\n    4\n105 20\n106 20\n106 21\n105 20\n  Multipoint 1\n  105 20\n"
        "Point 105 21\n"
    )
    assert len(open_source(tmp_path / "v.mif").rows) == 2


def test_a_database_whose_definitions_are_no_text_is_damaged(tmp_path):
    path = tmp_path / "v.gpkg"
    MANY.to_file(path)
    content = bytearray(path.read_bytes())
    content[content.index(b"fk_gc_srs FOREIGN") + 10] = 0x93
    path.write_bytes(content)
    with pytest.raises(LayerError, match=r"v\.gpkg cannot be read: its database is damaged or cut short"):
        read_villages(path)


def test_a_missing_part_is_named(tmp_path):
    MANY.to_file(tmp_path / "v.tab", driver="MapInfo File")
    (tmp_path / "v.dat").unlink()
    with pytest.raises(LayerError, match=r"v\.tab cannot be read: its part \.dat is not beside it\. Put it there"):
        open_source(tmp_path / "v.tab")


@pytest.mark.parametrize("ending", [".prj", ".cpg"])
def test_a_part_of_a_shapefile_leads_to_its_main_file(tmp_path, ending):
    MANY.to_file(tmp_path / "v.shp")
    with pytest.raises(LayerError, match=r"is a part of v\.shp, which lies beside it\. Name that"):
        open_source(tmp_path / f"v{ending}")


def test_what_is_no_layer_at_all_is_called_what_it_is(tmp_path, write):
    page = write("v.xls", "<html><body><table><tr><td>lat</td></tr></table></body></html>")
    with pytest.raises(LayerError, match=r"v\.xls is a page of the web \(HTML\)\. Open it in Excel"):
        open_source(page)
    old = write("old.xls", '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>')
    with pytest.raises(LayerError, match=r"old\.xls is a workbook in the XML of Excel 2003\. Open it in Excel"):
        open_source(old)
    (tmp_path / "v.gdb").mkdir()
    with pytest.raises(LayerError, match=r"v\.gdb is a geodatabase .* Export its layers as GeoPackage"):
        open_source(tmp_path / "v.gdb")
    place = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "p.tif", "w", **place, transform=Affine(1, 0, 105, 0, -1, 20)) as raster:
        raster.write(np.ones((1, 2, 2), dtype="uint8"))
    with pytest.raises(LayerError, match=r"p\.tif is a raster \(TIFF\).* --people"):
        open_source(tmp_path / "p.tif")


def outline(write, *corners):
    rings = ", ".join(f"[{x}, {y}]" for x, y in corners)
    good = "[105, 20], [105.1, 20], [105.1, 20.1], [105, 20]"
    features = ", ".join(
        f'{{"type": "Feature", "properties": {{"code": "{code}"}}, "geometry": {{"type": "Polygon", '
        f'"coordinates": [[{ring}]]}}}}'
        for code, ring in (("a", rings), ("b", good))
    )
    return write("areas.geojson", f'{{"type": "FeatureCollection", "features": [{features}]}}')


def test_an_outline_that_does_not_close_is_closed_and_told(write):
    path = outline(write, (105, 20), (106, 20), (106, 21), (105, 21))
    assert shapely.area(read_areas(path).geometry.to_numpy()).round(6).tolist() == [1, 0.005]
    told = CliRunner().invoke(main, ["measure", "--areas", str(path)])
    assert "areas whose outline does not end where it begins: 1 (row 0): measured as closed" in told.stderr
    assert "OGR_GEOMETRY" not in told.stderr
    told = CliRunner().invoke(main, ["check", "--areas", str(path), "--lang", "vi"])
    assert "1 địa bàn có đường bao không khép kín" in told.stdout
    assert told.exit_code == 3


def test_an_outline_of_two_corners_is_told_as_such(write):
    told = CliRunner().invoke(main, ["check", "--areas", str(outline(write, (105, 20), (106, 20), (105, 20)))])
    assert "an outline has fewer than three corners at 20, 105;" in told.stdout


@pytest.mark.parametrize("number", ["123456789012345678901234567890", "1e30"])
def test_a_number_beyond_64_bits_is_no_end_of_the_layer(write, number):
    point = '"geometry": {"type": "Point", "coordinates": [105, 20]}'
    properties = f'"properties": {{"id": {number}, "population": {number}}}'
    path = write("v.geojson", f'{{"type": "Feature", {properties}, {point}}}')
    assert float(read_villages(path)["village_id"].iloc[0]) >= 2**63


def test_what_is_not_known_is_evidence_behind_plain_words():
    assert why("Strange chunk.\nMore of it") == "it is damaged, or not what its name says (Strange chunk)"
    assert why("x" * 500).endswith("x…)")
    assert why("'utf-8' codec can't decode byte 0x92 in position 3") == "text in it is no UTF-8"
