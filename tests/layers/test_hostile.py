"""Files that mean harm, or were harmed: one line that names the file, and nothing read, fetched or lost behind it."""

from __future__ import annotations

import gzip
import io
import json
import random
import socket
import sqlite3
import stat
import struct
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geo.errors import GeoError, LayerError
from geo.layers.files import long_texts
from geo.layers.files.features import features_told
from geo.layers.files.sectors import SIGNATURE, are_sound
from geo.layers.layer import read_layer
from geo.layers.read import open_source

from .harm import (
    CSV,
    DRIVERS,
    GML,
    GPX,
    KML,
    MARKUP,
    PLACES,
    POINT,
    ROWS,
    SHEET,
    TABLE,
    WGS84,
    assert_clear,
    children,
    feature,
    features,
    in_sheet,
    put,
    put_workbook,
)


def harmed(content, way, dice):
    changed = bytearray(content)
    place = dice.randrange(len(changed))
    if way == "cut":
        return bytes(changed[:place])
    if way == "flip":
        changed[place] ^= 1 << dice.randrange(8)
    elif way == "zero":
        changed[place : place + 32] = bytes(len(changed[place : place + 32]))
    elif way == "ones":
        changed[place : place + 4] = b"\xff" * len(changed[place : place + 4])
    else:
        for _ in range(20):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize(
    "name",
    ["v.csv", "v.csv.gz", "v.xlsx", "v.gpkg", "v.shp", "v.dbf", "v.shx", "v.geojson", "v.geojsonl", "v.fgb", "v.kml",
     "v.kmz", "v.gml", "v.gpx", "v.tab", "v.map", "v.dat", "v.parquet", "v.zip"],
)  # fmt: skip
def test_a_file_cut_short_or_with_wrong_bytes_ends_in_one_line_or_is_read(tmp_path, name):
    dice = random.Random(name)  # noqa: S311 - the same faults in every run
    beside = {".dbf": ".shp", ".shx": ".shp", ".map": ".tab", ".dat": ".tab"}
    files = []
    for number, way in enumerate(["cut", "flip", "zero", "ones", "many"] * 4):
        folder = tmp_path / str(number)
        folder.mkdir()
        main = put((folder / name).with_suffix(beside.get(Path(name).suffix, Path(name).suffix)))
        part = folder / name
        part.write_bytes(harmed(part.read_bytes(), way, dice))
        files.append(main)
    answers = children(files)
    assert len(answers) == len(files)
    for file, answer in zip(files, answers, strict=True):
        assert_clear(answer, file)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["v.gml", "v.kml", "v.gpx", "v.geojsonl"])
def test_no_row_of_a_text_cut_short_is_lost_in_silence(tmp_path, name, kept):
    path = put(tmp_path / name)
    content = path.read_bytes().rstrip()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(LayerError, match=r"damaged|cannot be read|no format") as error:
        open_source(path)
    assert name in str(error.value)


def test_a_line_of_geojson_that_is_no_feature_is_not_passed_over(tmp_path):
    lines = [json.dumps(feature()), '{"type": "Feature", "geometry": {', json.dumps(feature())]
    (tmp_path / "v.geojsonl").write_text("\n".join(lines) + "\n\n", "utf-8")
    with pytest.raises(LayerError, match=r"of 3 rows only 2 can be read"):
        open_source(tmp_path / "v.geojsonl")


@pytest.mark.parametrize("member", ["null", "5", "{}", "[]", '"features"', json.dumps(POINT)])
def test_a_member_of_the_features_that_is_none_is_not_passed_over(tmp_path, member):
    text = features(feature(), feature("]")).replace("}, {", f"}}, {member}, {{")
    (tmp_path / "v.geojson").write_text(text, "utf-8")
    with pytest.raises(LayerError, match=r"v\.geojson is damaged: of 3 rows only 2 can be read"):
        open_source(tmp_path / "v.geojson")


@pytest.mark.parametrize("end", ["", ",", " , "])
@pytest.mark.parametrize("step", [1, 7, 1 << 24])
def test_features_are_counted_whatever_their_properties_hold(tmp_path, monkeypatch, end, step):
    monkeypatch.setattr("geo.layers.files.features._STEP", step)
    odd = '{"crs": {"features": [1, 2, 3]}, "a": "\\"features\\":[", "features": [{"a": [1, {"b": "]}\\\\"}]}, null'
    odd += end + '], "z": [1, 2]}'
    (tmp_path / "v.geojson").write_text(odd, "utf-8")
    assert features_told(tmp_path / "v.geojson") == 2


@pytest.fixture
def server():
    """A server on this machine that counts who asks it."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    asked.append(caller.recv(100))

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x", asked
        listening.shutdown(socket.SHUT_RDWR)


def test_no_source_asks_the_network(tmp_path, server):
    address, asked = server
    crs = {"type": "link", "properties": {"href": address, "type": "ogcwkt"}}
    schema = (
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://ogr.maptools.org/ {address}"'
    )
    link = f"<NetworkLink><Link><href>{address}</href></Link></NetworkLink><Placemark>"
    files = {
        "crs.geojson": json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature()]}),
        "vrt.geojson": f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{address}.csv</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        "wfs.gml": f"<OGRWFSDataSource><URL>{address}</URL></OGRWFSDataSource>",
        "tiles.json": json.dumps({"tilejson": "2.1", "vector_layers": [], "tiles": [f"{address}/{{z}}/{{x}}/{{y}}"]}),
        "schema.gml": GML.format("A").replace("xmlns:ogr", f"{schema} xmlns:ogr", 1),
        "link.kml": KML.format("A").replace("<Placemark>", link),
        "doctype.gpx": f'<!DOCTYPE gpx SYSTEM "{address}">' + GPX.format("A"),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
        try:
            read_layer("villages", tmp_path / name)
        except GeoError as error:
            assert name in str(error)  # noqa: PT017 - some are read, and some refused
    assert asked == []


def test_the_options_of_gdal_are_as_they_were_after_reading(tmp_path):
    open_source(put(tmp_path / "v.geojson"))
    assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") is None


@pytest.mark.parametrize("name", ["v.dat", "v.gml", "v.geojson", "v.kml"])
@pytest.mark.parametrize("lead", ["", "<!-- a comment -->\n"])
def test_a_file_that_points_to_another_one_is_refused(tmp_path, name, lead):
    (tmp_path / "secret.csv").write_text(CSV, "utf-8")
    layer = f'<OGRVRTLayer name="secret"><SrcDataSource>{tmp_path}/secret.csv</SrcDataSource></OGRVRTLayer>'
    (tmp_path / name).write_text(f"{lead}<OGRVRTDataSource>{layer}</OGRVRTDataSource>", "utf-8")
    with pytest.raises(LayerError, match=r"only points to other files or to a server\. Name the file that has them"):
        open_source(tmp_path / name)


@pytest.mark.parametrize("ending", ["kml", "gpx", "gml"])
def test_entities_of_xml_blow_nothing_up_and_bring_nothing_in(tmp_path, ending):
    (tmp_path / "secret.txt").write_text("TOPSECRET", "utf-8")
    many = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    doctypes = {
        "laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{many}]>',
        "outside": f'<!DOCTYPE x [<!ENTITY l9 SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>',
    }
    for name, doctype in doctypes.items():
        path = tmp_path / f"{name}.{ending}"
        path.write_text(f'<?xml version="1.0"?>{doctype}{MARKUP[ending].format("A&l9;B")}', "utf-8")
        with pytest.raises(LayerError, match=rf"{name}\.{ending} declares entities of XML in line 1"):
            open_source(path)


def test_entities_in_a_workbook_are_not_followed(tmp_path):
    doctype = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'

    def edit(name, content):
        return doctype + content.replace(b"<t>An</t>", b"<t>&a;</t>") if name == SHEET else content

    try:
        names = open_source(put_workbook(tmp_path / "v.xlsx", edit)).rows["name"].tolist()
    except LayerError:
        return
    assert Path("/etc/hostname").read_text("utf-8").strip() not in names


def test_a_workbook_with_links_and_formulas_to_elsewhere_gives_what_is_saved_in_it(tmp_path, server):
    address, asked = server
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        f'Target="{address}.xlsx" TargetMode="External"/></Relationships>'
    )
    path = put_workbook(
        tmp_path / "v.xlsx",
        in_sheet(b"<v>20.5</v>", f"<f>'[{address}.xlsx]S'!A1</f><v>20.5</v>".encode()),
        [("xl/externalLinks/_rels/externalLink1.xml.rels", link), ("xl/externalLinks/externalLink1.xml", "<x/>")],
    )
    assert read_layer("villages", path).table.geometry.y.tolist() == [20.5, 20.25, 20.125]
    assert asked == []


@pytest.mark.parametrize(
    "place", [b'r="XFD1048576"', b"r='XFD1048576'", b'r = "XFD1048576"', b'r="xfd1048576"', b'r="ZZZZZZ99999999999"']
)
def test_a_cell_far_away_is_refused_however_it_is_written(tmp_path, place):
    path = put_workbook(tmp_path / "v.xlsx", in_sheet(b'r="B2"', place))
    with pytest.raises(LayerError, match=r"v\.xlsx has a sheet .* cells stand far away from the table\. Delete them"):
        open_source(path)


def test_a_sheet_by_any_name_is_looked_at(tmp_path):
    def edit(name, content):
        if name == SHEET:
            return content.replace(b'r="B2"', b'r="XFD1048576"')
        return content.replace(b"worksheets/sheet1.xml", b"worksheets/picture.png")

    whole = put_workbook(tmp_path / "a.xlsx", edit)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "v.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name.replace("sheet1.xml", "picture.png"), old.read(name))
    with pytest.raises(LayerError, match=r"picture\.png\) of 1,048,576 rows by 16,384 columns"):
        open_source(tmp_path / "v.xlsx")


def test_rows_and_cells_without_a_reference_are_counted(tmp_path):
    cells = b"<row>" + b"<c/>" * 1000 + b"</row>" + b"<row/>" * 60_000 + b"</sheetData>"
    path = put_workbook(tmp_path / "v.xlsx", in_sheet(b"</sheetData>", cells))
    with pytest.raises(LayerError, match=r"of 60,005 rows by 1,000 columns"):
        open_source(path)


def test_a_binary_workbook_with_a_cell_far_away_is_refused(tmp_path):
    row = b"\x00\x04" + struct.pack("<I", 1_048_575)
    cell = b"\x05\x04" + struct.pack("<I", 16_383)
    with zipfile.ZipFile(tmp_path / "v.xlsb", "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
        archive.writestr("xl/worksheets/sheet1.bin", row + cell)
    with pytest.raises(LayerError, match=r"sheet1\.bin\) of 1,048,576 rows by 16,384 columns"):
        open_source(tmp_path / "v.xlsb")


@pytest.mark.parametrize("merge", [b"A900:A1000", b"B3:A2", b"A2:XFD1048576", b"ZZZZZ1:??"])
def test_merged_cells_that_cannot_be_end_in_rows_or_in_one_line(tmp_path, merge):
    merges = b'</sheetData><mergeCells><mergeCell ref="' + merge + b'"/></mergeCells>'
    path = put_workbook(tmp_path / "v.xlsx", in_sheet(b"</sheetData>", merges))
    try:
        assert len(open_source(path).rows) == 3
    except LayerError as error:
        assert "v.xlsx is no spreadsheet" in str(error)  # noqa: PT017


def compound(*sectors, first_table=0xFFFFFFFE, tables=(0,)):
    """Make the header of an XLS and the sectors after it."""
    named = struct.pack("<109I", *tables, *[0xFFFFFFFF] * (109 - len(tables)))
    fields = struct.pack("<5I", 0xFFFFFFFE, 0, first_table, 0, 0)
    head = (
        SIGNATURE + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + bytes(6) + struct.pack("<4I", 0, 1, 1, 0)
    )
    head += struct.pack("<I", 4096) + fields[:4] + fields[4:]
    return head[:76].ljust(76, b"\0")[:68] + struct.pack("<2I", first_table, 0) + named + b"".join(sectors)


def sector(*numbers):
    return struct.pack("<128I", *numbers, *[0xFFFFFFFF] * (128 - len(numbers)))


def test_sectors_that_run_in_a_circle_are_no_workbook(tmp_path, write):
    end = 0xFFFFFFFE
    whole = compound(sector(0xFFFFFFFD, end), sector())
    assert len(whole) == 512 * 3
    mini_free = whole[:60] + struct.pack("<I", end) + whole[64:]
    assert are_sound(mini_free)
    circle = compound(sector(0xFFFFFFFD, 2, 1), sector(), sector())
    assert not are_sound(circle[:60] + struct.pack("<I", end) + circle[64:])
    assert not are_sound(compound(sector(*[0xFFFFFFFF] * 127, 0), first_table=0))
    assert not are_sound(compound(sector(), tables=(77,)))
    with pytest.raises(LayerError, match=r"v\.xls is no spreadsheet that can be read: it is damaged"):
        open_source(write("v.xls", circle))
    assert tmp_path.is_dir()


@pytest.mark.parametrize("member", ["../../escaped.csv", "/tmp/escaped.csv", "a/../../escaped.csv"])  # noqa: S108
def test_no_member_leaves_the_archive(tmp_path, member):
    inner = tmp_path / "deep" / "deeper"
    inner.mkdir(parents=True)
    with zipfile.ZipFile(inner / "v.zip", "w") as archive:
        archive.writestr(member, CSV)
    with pytest.raises(LayerError, match=r"v\.zip holds '.*escaped\.csv', a path that leads out of the archive\. Pack"):
        open_source(inner / "v.zip")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [inner / "v.zip"]
    assert not Path("/tmp/escaped.csv").exists()  # noqa: S108


def test_a_link_in_an_archive_is_text_and_leads_nowhere(tmp_path):
    (tmp_path / "secret.csv").write_text(CSV, "utf-8")
    about = zipfile.ZipInfo("v.csv")
    about.create_system, about.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "v.zip", "w") as archive:
        archive.writestr(about, str(tmp_path / "secret.csv"))
    with pytest.raises(LayerError, match="villages need places"):
        read_layer("villages", tmp_path / "v.zip")


def test_archives_in_archives_are_not_opened(tmp_path):
    inner = CSV.encode()
    for name in ["v.csv", *["a.zip"] * 20]:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(name, inner)
        inner = packed.getvalue()
    (tmp_path / "v.zip").write_bytes(inner)
    with pytest.raises(LayerError, match=r"v\.zip is in no format"):
        open_source(tmp_path / "v.zip")


@pytest.mark.parametrize("ending", ["zip", "csv.gz"])
def test_a_bomb_is_told_by_how_much_it_would_unpack_to(tmp_path, ending):
    path = tmp_path / f"bomb.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("v.csv", "w") as stream:
            for _ in range(100):
                stream.write(bytes(1 << 20))
    else:
        with gzip.open(path, "wb", 9) as stream:
            for _ in range(100):
                stream.write(bytes(1 << 20))
    with pytest.raises(LayerError, match=rf"bomb\.{ending} unpacks to more than 300 times its size"):
        open_source(path)


def test_an_archive_of_many_layers_names_the_first_of_them(tmp_path):
    with zipfile.ZipFile(tmp_path / "v.zip", "w") as archive:
        for number in range(40_000):
            archive.writestr(f"{number}.csv", "")
    (answer,) = children([tmp_path / "v.zip"])
    assert "19.csv … +39980. Name one, as" in answer["error"]
    assert (len(answer["error"]) < 1000, answer["cpu_seconds"] < 6) == (True, True)


def put_base(path, *orders):
    ROWS.to_file(path, layer="v")
    base = sqlite3.connect(path)
    base.execute("PRAGMA writable_schema = ON")
    for order in orders:
        base.execute(order)
    base.commit()
    base.close()
    return path


REGISTERED = (
    "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) VALUES('w', 'features', 'w', 4326)",
    "INSERT INTO gpkg_geometry_columns VALUES('w', 'geom', 'POINT', 4326, 0, 0)",
)
ENDLESS = (
    "CREATE VIEW w AS WITH RECURSIVE c(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM c) "
    "SELECT c.fid, (SELECT geom FROM v LIMIT 1) AS geom FROM c"
)


@pytest.mark.parametrize("layer", ["", "::w"])
@pytest.mark.parametrize("view", [ENDLESS, "CREATE VIEW w AS SELECT fid, geom, zeroblob(900000000) AS b FROM v"])
def test_a_view_that_never_ends_or_grows_without_bounds_is_refused(tmp_path, monkeypatch, view, layer):
    monkeypatch.setattr("geo.layers.files.views._MOST_STEPS", 5_000_000)
    path = put_base(tmp_path / "v.gpkg", view, *REGISTERED)
    with pytest.raises(LayerError, match=r"v\.gpkg: its view 'w' takes too long"):
        open_source(f"{path}{layer}")


def test_a_table_beside_an_endless_view_is_read_by_its_name(tmp_path):
    path = put_base(tmp_path / "v.gpkg", ENDLESS, *REGISTERED)
    assert len(open_source(f"{path}::v").rows) == 3


def test_a_view_is_read_also_with_functions_of_gdal(tmp_path):
    view = "CREATE VIEW w AS SELECT fid, geom, name, ST_MinX(geom) AS west FROM v"
    rows = open_source(f"{put_base(tmp_path / 'v.gpkg', view, *REGISTERED)}::w").rows
    assert rows["name"].tolist() == ["Phước", "An", "Cam"]


def test_a_long_text_in_a_geopackage_is_refused_by_its_row_and_a_long_geometry_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(long_texts, "_LONGEST_TEXT", 1_000)
    path = tmp_path / "v.gpkg"
    far = [*ROWS.geometry[:2], shapely.Point(105, 20).buffer(0.1, quad_segs=1_000)]
    ROWS.assign(note=["a", "a" * 1_000, None]).set_geometry(far).to_file(path, layer='the "v"')
    assert len(open_source(path).rows) == 3
    ROWS.assign(note=["a" * 500, None, "a" * 1_001]).to_file(path, layer='the "v"')
    with pytest.raises(
        LayerError, match=r"v\.gpkg holds a text of .* in column 'note' of row 3 of 'the \"v\"'\. Shorten"
    ):
        open_source(path)
    monkeypatch.setattr(long_texts, "_LONGEST_TEXT", 1 << 20)
    assert len(open_source(path).rows) == 3


@pytest.mark.parametrize(
    "order",
    [
        "DROP TABLE gpkg_contents",
        "DELETE FROM gpkg_spatial_ref_sys",
        "UPDATE gpkg_geometry_columns SET column_name = 'nothing'",
        "DROP TABLE v",
        "UPDATE sqlite_master SET sql = 'CREATE TABLE v(' WHERE name = 'v'",
        "UPDATE sqlite_master SET rootpage = 1 WHERE name = 'v'",
        "UPDATE gpkg_ogr_contents SET feature_count = 999",
        "CREATE VIEW w AS SELECT * FROM w",
        "CREATE TRIGGER t AFTER UPDATE ON v BEGIN DELETE FROM v; END",
    ],
)
def test_a_geopackage_with_a_broken_schema_is_read_whole_or_refused(tmp_path, order):
    path = put_base(tmp_path / "v.gpkg", order)
    try:
        assert len(open_source(path).rows) == 3
    except LayerError as error:
        assert "v.gpkg" in str(error)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017


def nested(depth):
    inner = shapely.to_wkb(shapely.Point(105, 20), byte_order=1)
    return {
        "wkt": "GEOMETRYCOLLECTION(" * depth + "POINT(105 20)" + ")" * depth,
        "wkb": (bytes.fromhex("010700000001000000") * depth + inner).hex(),
        "big": (bytes.fromhex("000000000700000001") * depth + inner).hex(),
        "heights": (bytes.fromhex("01ef03000001000000") * depth + inner).hex(),
        "json": '{"type":"GeometryCollection","geometries":[' * depth + json.dumps(POINT) + "]}" * depth,
    }


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_a_geometry_nested_without_end_is_unreadable_and_the_others_are_read(tmp_path, depth):
    cells = [cell.replace('"', '""') for cell in nested(depth).values()]
    text = "name,geometry\n" + "".join(f'{number},"{cell}"\n' for number, cell in enumerate(cells))
    (tmp_path / "v.csv").write_text(text + "here,POINT(105 20)\n" * 20, "utf-8")
    (answer,) = children([tmp_path / "v.csv"])
    assert answer["rows"] == 25
    assert "unreadable_geometry" in answer["faults"]


def test_collections_within_reason_are_read(tmp_path):
    (tmp_path / "v.csv").write_text(f"name,geometry\nA,{nested(5)['wkt']}\nB,{nested(5)['wkb']}\n", "utf-8")
    assert read_layer("villages", tmp_path / "v.csv", WGS84).table.geometry.x.tolist() == [105, 105]


def test_many_collections_side_by_side_are_not_deep(tmp_path):
    side = shapely.GeometryCollection(
        [shapely.GeometryCollection([shapely.Point(105, 20)])] + [shapely.GeometryCollection([]) for _ in range(100)]
    )
    (tmp_path / "v.csv").write_text(f"name,geometry\nA,{shapely.to_wkb(side, hex=True)}\n", "utf-8")
    assert read_layer("villages", tmp_path / "v.csv", WGS84).table.geometry.x.tolist() == [105]


BROKEN_WKB = [
    "0102000000ffffffff", "0103000000ffffff7fffffff7f", "0104000000ffffffff", "0106000000ffffff0f010300000000000000",
    "01ffffffff", "0108000000ffffffff", "010300000001000000010000000000000000000000000000000000f03f",
]  # fmt: skip


@pytest.mark.parametrize("binary", BROKEN_WKB)
def test_binary_that_announces_more_than_there_is_takes_no_memory(tmp_path, binary):
    (tmp_path / "v.csv").write_text(f"name,geometry\nA,{binary}\n" + "B,POINT(105 20)\n" * 9, "utf-8")
    put_geoparquet(tmp_path / "v.parquet", [bytes.fromhex(binary)])
    ROWS.to_file(tmp_path / "v.gpkg", SPATIAL_INDEX="NO")
    base = sqlite3.connect(tmp_path / "v.gpkg")
    base.execute("UPDATE v SET geom = ? WHERE fid = 1", (b"GP\0\x01\xe6\x10\0\0" + bytes.fromhex(binary),))
    base.commit()
    base.close()
    table, parquet, package = children([tmp_path / name for name in ("v.csv", "v.parquet", "v.gpkg")])
    assert table["rows"] == 10
    assert "v.parquet cannot be read" in parquet["error"]
    assert package["rows"] == 3
    assert "empty_geometry" in package["faults"]


def put_geoparquet(path, geometry, about=None):
    told = (
        about
        if about is not None
        else {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}}}
    )
    told = {"version": "1.0.0", **told} if isinstance(told, dict) else told
    table = pa.table({"name": [str(number) for number, _ in enumerate(geometry)], "geometry": geometry})
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(told).encode()}), path)
    return path


@pytest.mark.parametrize(
    "about",
    [
        [],
        "geo",
        {"primary_column": "nothing", "columns": {}},
        {"primary_column": "geometry", "columns": []},
        {"primary_column": "geometry", "columns": {"geometry": {}}},
        {"primary_column": "geometry", "columns": {"geometry": {"encoding": "MAGIC", "geometry_types": []}}},
        {"primary_column": "geometry", "columns": {"geometry": {"encoding": 7}}},
        {"primary_column": "geometry", "columns": {"other": {"encoding": "WKB"}}},
        {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "crs": "http://nowhere/x"}}},
        {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "crs": {"type": "nonsense"}}}},
        {"primary_column": "name", "columns": {"name": {"encoding": "WKB"}}},
        {"primary_column": "name", "columns": {"name": {"encoding": "point"}}},
    ],
)
def test_geoparquet_that_says_the_wrong_things_of_itself_is_refused_in_one_line(tmp_path, about):
    path = put_geoparquet(tmp_path / "v.parquet", [shapely.to_wkb(PLACES[0])], about)
    with pytest.raises(GeoError, match=r"v\.parquet") as error:
        open_source(path)
    assert "\n" not in str(error.value)


def test_geoparquet_nested_without_end_is_refused(tmp_path):
    path = put_geoparquet(tmp_path / "v.parquet", [bytes.fromhex(nested(100_000)["wkb"])])
    (answer,) = children([path])
    assert "more than 32 collections deep" in answer["error"]


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_geojson_nested_without_end_ends_in_one_line_or_without_the_place(tmp_path, depth):
    texts = {
        "properties": features(feature(a="@")).replace('"@"', "[" * depth + "]" * depth),
        "coordinates": features(feature()).replace("[105, 20]", "[" * depth + "105,20" + "]" * depth),
        "top": "[" * depth + "]" * depth,
        "type": '{"type":' * depth + "1" + "}" * depth,
        "collection": features(feature("@")).replace('"@"', nested(depth)["json"]),
    }
    files = []
    for name, text in texts.items():
        files.append(tmp_path / f"{name}.geojson")
        files[-1].write_text(text, "utf-8")
    for file, answer in zip(files, children(files), strict=True):
        assert_clear(answer, file)
        assert answer["seconds"] < 10
        assert "error" in answer or file.stem == "properties" or "empty_geometry" in answer["faults"]


NOT_FINITE = ["NaN", "Infinity", "-Infinity", "1e999", "1e300"]


@pytest.mark.parametrize("number", NOT_FINITE)
def test_a_coordinate_that_is_no_number_is_told_and_the_others_are_read(tmp_path, number):
    files = {
        "v.csv": f"name,lat,lon\nA,20,{number}\nB,20,105\n",
        "w.csv": f"name,geometry\nA,POINT({number} 20)\nB,POINT(105 20)\n",
        "v.geojson": features(feature(), feature()).replace("105", number, 1),
        "v.kml": KML.format("A").replace("105", number),
        "v.gpx": GPX.format("A").replace("105", number),
        "v.gml": GML.format("A").replace("105", number),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    gpd.GeoDataFrame(geometry=gpd.points_from_xy([float(number), 105], [20, 20]), crs=4326).to_parquet(
        tmp_path / "v.parquet"
    )
    files = [*(tmp_path / name for name in files), tmp_path / "v.parquet"]
    told = {"empty_geometry", "impossible_coordinates", "missing_coordinates", "unreadable_geometry", "no_rows"}
    for file, answer in zip(files, children(files), strict=True):
        assert_clear(answer, file)
        assert "error" in answer or told & set(answer["faults"]), answer


@pytest.mark.parametrize("name", ["v.csv", "v.xlsx", "v.gpkg", "v.shp", "v.geojson", "v.fgb", "v.parquet"])
def test_an_empty_layer_has_no_rows_and_says_so(tmp_path, name):
    path = tmp_path / name
    none = ROWS[:0]
    if name == "v.csv":
        path.write_text("name,lat,lon\n", "utf-8")
    elif name == "v.xlsx":
        book = openpyxl.Workbook()
        book.active.append(TABLE.columns.tolist())
        book.save(path)
    elif name == "v.parquet":
        none.to_parquet(path)
    else:
        pyogrio.write_dataframe(none, path, driver=DRIVERS.get(path.suffix), geometry_type="Point")
    (answer,) = children([path])
    assert answer["rows"] == 0, answer
    assert "no_rows" in answer["faults"]


@pytest.mark.parametrize(
    ("wkt", "x"),
    [("POINT Z (105 20 700)", 105), ("POINT M (105 20 3)", 105), ("POINT ZM (105 20 700 3)", 105),
     ("GEOMETRYCOLLECTION(POINT(105 20))", 105), ("MULTIPOINT((105 20))", 105)],
)  # fmt: skip
def test_heights_measures_and_collections_of_one_are_the_point_below(tmp_path, wkt, x):
    (tmp_path / "v.csv").write_text(f'name,geometry\nA,"{wkt}"\n', "utf-8")
    (point,) = read_layer("villages", tmp_path / "v.csv", WGS84).table.geometry
    assert (point.x, point.has_z) == (x, False)


def test_a_source_that_is_no_file_is_not_opened(tmp_path):
    import os  # noqa: PLC0415 - pipes are not everywhere

    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name, says in {
        "pipe.csv": "a device or a pipe",
        "zero.csv": "a device or a pipe",
        "loop.csv": "not exist",
    }.items():
        with pytest.raises(LayerError, match=rf"{name} .*{says}"):
            open_source(tmp_path / name)
    with pytest.raises(LayerError, match="cannot be looked for"):
        open_source("a" * 5000)
    with pytest.raises(LayerError, match="does not exist"):
        open_source("a\0b.csv")


def test_nothing_is_written_beside_a_file_that_is_read(tmp_path):
    (tmp_path / "v.gml").write_text(GML.format("A"), "utf-8")
    assert len(open_source(tmp_path / "v.gml").rows) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["v.gml"]


@pytest.mark.parametrize("name", ['{"a": "\udcff\udcffA"}', '"\udcff"'])
def test_geojson_with_bytes_that_are_no_text_is_refused_in_one_line(tmp_path, name):
    text = features(feature(name="@")).replace('"@"', name)
    (tmp_path / "v.geojson").write_bytes(text.encode("utf-8", "surrogateescape"))
    try:
        assert len(open_source(tmp_path / "v.geojson").rows) == 1
    except LayerError as error:
        assert "v.geojson" in str(error)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017


def test_geojson_with_unknown_members_and_bytes_that_are_no_text_is_refused(tmp_path):
    head = '{"type":"FeatureCollection","features":[{"type":"Feature","iproperties":{"name":"'
    tail = '"},"geometry":{"type":"Point","coordinates":[884,20]}}]}'
    (tmp_path / "v.geojson").write_bytes(head.encode() + b"\xff\xffA" + tail.encode())
    with pytest.raises(LayerError, match=r"v\.geojson cannot be read"):
        open_source(tmp_path / "v.geojson")
