import hashlib
import logging
import sqlite3
import unicodedata
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.errors import GeoError, LayerError
from geo.layers.read import open_source

PLACES = [shapely.Point(105.25, 20.5), shapely.Point(105.75, 20.25), shapely.Point(105.5, 20.125)]
ROWS = gpd.GeoDataFrame({"name": ["Phước", "An", "Cam"], "pop": [1, 2, 3]}, geometry=PLACES, crs=4326)
TABLE = pd.DataFrame({"name": ROWS["name"], "lat": [20.5, 20.25, 20.125], "lon": [105.25, 105.75, 105.5]})


def put_gpkg(path):
    ROWS.to_file(path.with_suffix(".gpkg"))


def put_geojson(path):
    ROWS.to_file(path.with_suffix(".geojson"))


def put_shp(path):
    ROWS.to_file(path.with_suffix(".shp"), encoding="utf-8")


def put_fgb(path):
    ROWS.to_file(path.with_suffix(".fgb"), SPATIAL_INDEX="NO")


def put_geoparquet(path):
    ROWS.to_parquet(path.with_suffix(".parquet"))


def put_parquet(path):
    TABLE.to_parquet(path.with_suffix(".parquet"))


def put_csv(path):
    TABLE.to_csv(path.with_suffix(".csv"), index=False)


def put_xlsx(path):
    book = openpyxl.Workbook()
    for row in [TABLE.columns.tolist(), *TABLE.to_numpy().tolist()]:
        book.active.append(row)
    book.save(path.with_suffix(".xlsx"))


@pytest.mark.parametrize(
    ("put", "name", "numbers"),
    [
        (put_gpkg, "v.gpkg", [1, 2, 3]),
        (put_geojson, "v.geojson", [0, 1, 2]),
        (put_shp, "v.shp", [0, 1, 2]),
        (put_fgb, "v.fgb", [0, 1, 2]),
        (put_geoparquet, "v.parquet", [0, 1, 2]),
        (put_parquet, "v.parquet", [0, 1, 2]),
        (put_csv, "v.csv", [2, 3, 4]),
        (put_xlsx, "v.xlsx", [2, 3, 4]),
        # The name says one thing, the content another: the content is right.
        (put_geojson, "v.csv", [0, 1, 2]),
        (put_geojson, "v.xlsx", [0, 1, 2]),
        (put_geojson, "v.txt", [0, 1, 2]),
        (put_gpkg, "v.dat", [1, 2, 3]),
        (put_gpkg, "v.csv", [1, 2, 3]),
        (put_csv, "v.dat", [2, 3, 4]),
        (put_csv, "v.xlsx", [2, 3, 4]),
        (put_csv, "v.geojson", [2, 3, 4]),
        (put_xlsx, "v.dat", [2, 3, 4]),
        (put_xlsx, "v.csv", [2, 3, 4]),
        (put_parquet, "v.csv", [0, 1, 2]),
    ],
)
def test_a_format_is_known_by_its_content_and_its_rows_by_the_numbers_it_shows(tmp_path, put, name, numbers):
    put(tmp_path / "v.made")
    if len(list(tmp_path.iterdir())) == 1:
        next(tmp_path.iterdir()).rename(tmp_path / name)
    rows = open_source(tmp_path / name).rows
    assert rows["name"].tolist() == ROWS["name"].tolist()
    assert rows.index.tolist() == numbers
    x = rows.geometry.x.tolist() if "geometry" in rows else rows["lon"].astype(float).tolist()
    assert x == [105.25, 105.75, 105.5]


@pytest.mark.parametrize(
    "put", [put_gpkg, put_geojson, put_shp, put_fgb, put_geoparquet, put_parquet, put_csv, put_xlsx]
)
def test_a_layer_that_a_file_has_not_is_refused_and_its_own_name_accepted(tmp_path, put):
    put(tmp_path / "v.made")
    name = str(next(path for path in tmp_path.iterdir() if path.suffix not in (".dbf", ".shx", ".prj", ".cpg")))
    with pytest.raises(
        LayerError, match=r"v\.\w+ has no (layer|sheet) 'x'(; its \w+ are|, for a table is one layer\.)"
    ):
        open_source(f"{name}::x")
    own = "Sheet" if put is put_xlsx else "v"
    assert open_source(f"{name}::{own}").rows["name"].tolist() == ROWS["name"].tolist()
    assert open_source(f"{name}::*").rows["name"].tolist() == ROWS["name"].tolist()


def test_feature_ids_with_gaps_are_kept(tmp_path):
    put_gpkg(tmp_path / "v")
    base = sqlite3.connect(tmp_path / "v.gpkg")
    base.execute("DROP TRIGGER IF EXISTS rtree_v_geom_delete")
    triggers = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    for name in triggers:
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("DELETE FROM v WHERE fid = 2")
    base.execute("UPDATE gpkg_ogr_contents SET feature_count = 2")
    base.commit()
    base.close()
    assert open_source(tmp_path / "v.gpkg").rows.index.tolist() == [1, 3]


def test_one_layer_of_several_is_named(tmp_path):
    path = tmp_path / "v.gpkg"
    ROWS.to_file(path, layer="thôn")
    ROWS[:1].to_file(path, layer="other", mode="a")
    assert len(open_source(f"{path}::thôn").rows) == 3
    assert len(open_source(f"{path}::other").rows) == 1
    with pytest.raises(LayerError, match=r"several layers: thôn, other\. Name one, as .*v\.gpkg::thôn"):
        open_source(path)
    with pytest.raises(LayerError, match="no layer 'x'; its layers are thôn, other"):
        open_source(f"{path}::x")


def test_a_shapefile_is_read_in_the_encoding_of_its_cpg(tmp_path):
    cyrillic = ROWS.assign(name=["Гренада", "Анн", "Кам"])
    cyrillic.to_file(tmp_path / "v.shp", encoding="windows-1251")
    assert "Гренада".encode("cp1251") in (tmp_path / "v.dbf").read_bytes()
    assert open_source(tmp_path / "v.shp").rows["name"].tolist() == ["Гренада", "Анн", "Кам"]


def test_a_shapefile_of_vietnamese_windows_text_keeps_its_last_letters(tmp_path):
    ROWS.to_file(tmp_path / "v.shp", encoding="cp1258")
    rows = open_source(tmp_path / "v.shp").rows
    assert [unicodedata.normalize("NFC", name) for name in rows["name"]] == ["Phước", "An", "Cam"]
    assert rows["pop"].tolist() == [1, 2, 3]


def test_a_zipped_shapefile_is_read(tmp_path):
    put_shp(tmp_path / "v")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for part in tmp_path.glob("v.*"):
            archive.write(part, part.name)
    assert open_source(tmp_path / "z.zip").rows["name"].tolist() == ROWS["name"].tolist()


def test_the_index_that_a_parquet_file_was_saved_with_is_a_column(tmp_path):
    TABLE.set_index("lat").to_parquet(tmp_path / "v.parquet")
    rows = open_source(tmp_path / "v.parquet").rows
    assert rows["lat"].tolist() == [20.5, 20.25, 20.125]
    assert rows.index.tolist() == [0, 1, 2]


def test_a_geometry_column_of_another_name_is_the_geometry(tmp_path):
    ROWS.rename_geometry("shape").to_parquet(tmp_path / "v.parquet")
    assert open_source(tmp_path / "v.parquet").rows.geometry.x.tolist() == [105.25, 105.75, 105.5]


def test_a_source_carries_the_digest_of_its_file(tmp_path):
    put_csv(tmp_path / "v.csv")
    digest = hashlib.sha256((tmp_path / "v.csv").read_bytes()).hexdigest()
    assert open_source(tmp_path / "v.csv").sha256 == digest


def test_what_the_driver_warns_of_is_told_in_the_log(write, caplog):
    feature = '{"type": "Feature", "id": 1, "properties": {}, "geometry": {"type": "Point", "coordinates": [105, 20]}}'
    path = write("v.geojson", f'{{"type": "FeatureCollection", "features": [{feature}, {feature}]}}')
    with caplog.at_level(logging.WARNING, "geo"):
        rows = open_source(path).rows
    assert len(rows) == 2
    assert rows.index.is_unique
    assert f"{path}: something in it is unusual (Several features with id = 1" in caplog.text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("v.csv", b"", r"v\.csv is empty"),
        ("v.gpkg", b"", r"v\.gpkg is empty"),
        ("v.gpkg", b"SQLite format 3\0", r"v\.gpkg is named as GeoPackage, and its content is not"),
        (
            "v.dat",
            bytes(range(256)) * 20,
            r"v\.dat is in no format that is known here\. Save it as one of these: CSV \(\.csv",
        ),
        ("v.geojson", b"<html>404 Not Found</html>", r"v\.geojson is a page of the web .*: fetch it again"),
        ("v.geojson", b"{}", r"v\.geojson is named as GeoJSON, and its content is not"),
        (
            "v.geojson",
            b'{"type": "FeatureCollection", "features": [{"ty',
            r"v\.geojson cannot be read: it is no GeoJSON from line 1",
        ),
        ("v.parquet", b"PAR1", r"v\.parquet cannot be read: it is damaged.* Save or fetch it again"),
        ("v.xlsx", b"PK\x03\x04", r"v\.xlsx is no spreadsheet that can be read"),
        ("v.xls", b"\xd0\xcf\x11\xe0", r"v\.xls is no spreadsheet that can be read"),
        ("v.shp", b"\x00\x00\x27\x0a", r"v\.shp cannot be read|no format"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line_that_names_it(write, name, content, says):
    with pytest.raises(LayerError, match=says) as error:
        open_source(write(name, content))
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(LayerError, match=r"gone\.csv does not exist"):
        open_source(tmp_path / "gone.csv")
    with pytest.raises(LayerError, match="is a folder, not a file"):
        open_source(tmp_path)


MANY = gpd.GeoDataFrame(
    {"name": [f"thôn {number}" for number in range(2000)]},
    geometry=gpd.points_from_xy(np.linspace(105, 106, 2000), np.linspace(20, 21, 2000)),
    crs=4326,
)


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.97])
@pytest.mark.parametrize("name", ["v.gpkg", "v.geojson", "v.fgb", "v.parquet"])
def test_a_file_cut_short_is_refused_and_never_read_in_part(tmp_path, name, kept):
    whole = tmp_path / name
    MANY.to_parquet(whole) if name.endswith("parquet") else MANY.to_file(whole)
    content = whole.read_bytes()
    whole.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(GeoError, match=name.replace(".", r"\.")) as error:
        open_source(whole)
    assert "\n" not in str(error.value)


def test_a_database_overwritten_in_its_middle_is_refused(tmp_path):
    MANY.to_file(tmp_path / "v.gpkg")
    content = bytearray((tmp_path / "v.gpkg").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = b"\xff" * 8192
    (tmp_path / "v.gpkg").write_bytes(content)
    with pytest.raises(LayerError, match=r"v\.gpkg (cannot be read|is damaged)"):
        open_source(tmp_path / "v.gpkg")


def test_a_shapefile_whose_table_is_cut_short_is_refused_with_both_counts(tmp_path):
    MANY.to_file(tmp_path / "v.shp")
    table = (tmp_path / "v.dbf").read_bytes()
    (tmp_path / "v.dbf").write_bytes(table[: len(table) // 2])
    with pytest.raises(LayerError, match=r"damaged: it announces 2,000 rows, and only \d+ can be read"):
        open_source(tmp_path / "v.shp")


@pytest.mark.parametrize("part", ["v.shp", "v.shx"])
def test_no_row_of_a_shapefile_cut_short_is_lost_in_silence(tmp_path, part):
    MANY.to_file(tmp_path / "v.shp")
    content = (tmp_path / part).read_bytes()
    (tmp_path / part).write_bytes(content[: len(content) // 2])
    try:
        rows = open_source(tmp_path / "v.shp").rows
    except LayerError:
        return
    assert len(rows) == 2000
    assert rows.geometry.isna().any()
