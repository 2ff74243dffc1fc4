import gzip
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import LayerError
from geo.layers.files import archive
from geo.layers.files.whereabouts import is_special, seen_from
from geo.layers.read import open_source

CSV = "name,lat,lon\nPhước,20.5,105.25\nAn,20.25,105.75\n"
ROWS = gpd.GeoDataFrame(
    {"name": ["Phước", "An"]}, geometry=[shapely.Point(105.25, 20.5), shapely.Point(105.75, 20.25)], crs=4326
)


@pytest.fixture
def zipped(tmp_path):
    """Put texts and bytes into an archive, by their names in it."""

    def made(members, name="a.zip"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as out:
            for member, content in members.items():
                out.writestr(member, content)
        return tmp_path / name

    return made


@pytest.fixture
def shapefiles(tmp_path):
    """Make an archive of two shapefiles in folders, one of them with upper-case endings."""
    for name in ("villages", "posts"):
        ROWS.assign(name=[f"{name} {row}" for row in (1, 2)]).to_file(tmp_path / f"{name}.shp", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as out:
        for part in tmp_path.glob("*.*"):
            if part.suffix != ".zip":
                upper = part.stem == "posts"
                out.write(part, f"x/{part.stem}{part.suffix.upper() if upper else part.suffix}")
    return tmp_path / "s.zip"


def test_a_shapefile_in_an_archive_is_read_with_the_files_beside_it(shapefiles):
    for name in (
        f"{shapefiles}::villages",
        f"{shapefiles}::villages.shp",
        f"zip://{shapefiles}!x/villages.shp",
        f"/vsizip/{shapefiles}/x/villages.shp",
        f"/vsizip/{{{shapefiles}}}/x/villages.shp",
    ):
        source = open_source(name)
        assert source.rows["name"].tolist() == ["villages 1", "villages 2"]
        assert source.crs.to_epsg() == 4326
        assert source.sha256 == hashlib.sha256(shapefiles.read_bytes()).hexdigest()
        assert source.file == name
    assert open_source(f"{shapefiles}::posts").rows["name"].tolist() == ["posts 1", "posts 2"]


def test_several_layers_of_an_archive_are_listed(shapefiles):
    with pytest.raises(LayerError, match=r"s\.zip has several layers: .*villages\.shp.*Name one, as .*s\.zip::x/"):
        open_source(shapefiles)
    with pytest.raises(LayerError, match=r"s\.zip has no 'roads' in it; it has .*villages\.shp"):
        open_source(f"{shapefiles}::roads")
    with pytest.raises(LayerError, match=r"has no 'x/roads\.shp' in it"):
        open_source(f"zip://{shapefiles}!x/roads.shp")


def test_the_files_beside_a_shapefile_belong_to_it_whether_in_capitals_or_not(shapefiles, tmp_path):
    with zipfile.ZipFile(shapefiles) as old, zipfile.ZipFile(tmp_path / "mixed.zip", "w") as new:
        for name in old.namelist():
            if name.startswith("x/villages."):
                new.writestr(name if name.endswith(".shp") else name.replace("villages", "VILLAGES"), old.read(name))
    source = open_source(tmp_path / "mixed.zip")
    assert source.rows["name"].tolist() == ["villages 1", "villages 2"]
    assert source.crs.to_epsg() == 4326


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_name_is_advised_that_two_members_have(tmp_path):
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("a.csv", CSV)
    with pytest.raises(LayerError, match=r"several layers: a\.csv, a\.csv\. Unpack it, and name the file"):
        open_source(tmp_path / "d.zip")


def test_a_table_in_an_archive_is_read_as_a_table(zipped):
    path = zipped({"data/villages.csv": CSV, "readme.md": "# read me", "__MACOSX/data/._villages.csv": "x"})
    assert open_source(path).rows["name"].to_dict() == {2: "Phước", 3: "An"}


def test_a_layer_of_a_file_in_an_archive_is_named_behind_it(tmp_path, zipped):
    ROWS.to_file(tmp_path / "v.gpkg", layer="one")
    ROWS[:1].to_file(tmp_path / "v.gpkg", layer="two", mode="a")
    path = zipped({"v.gpkg": (tmp_path / "v.gpkg").read_bytes()})
    assert len(open_source(f"{path}::two").rows) == 1
    assert len(open_source(f"zip://{path}!v.gpkg::one").rows) == 2


def test_what_is_packed_by_gzip_is_read(tmp_path):
    (tmp_path / "v.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    for name in (f"{tmp_path}/v.csv.gz", f"/vsigzip/{tmp_path}/v.csv.gz", f"gzip://{tmp_path}/v.csv.gz"):
        assert open_source(name).rows["name"].tolist() == ["Phước", "An"]


def test_nothing_that_was_unpacked_stays(shapefiles, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    open_source(f"{shapefiles}::villages")
    with pytest.raises(LayerError):
        open_source(f"{shapefiles}::roads")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_bomb_is_stopped_at_the_limit(tmp_path, zipped, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1 << 20)
    path = zipped({"v.csv": b"0" * (1 << 22)})
    with pytest.raises(LayerError, match=r"a\.zip holds more than .* GB"):
        open_source(path)
    (tmp_path / "v.csv.gz").write_bytes(gzip.compress(b"0" * (1 << 22)))
    with pytest.raises(LayerError, match=r"v\.csv\.gz holds more than"):
        open_source(tmp_path / "v.csv.gz")


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("name", ["a.zip", "v.csv.gz", "a.kmz"])
def test_an_archive_cut_short_is_refused_in_one_line(tmp_path, zipped, name, kept):
    content = gzip.compress(os.urandom(9000)) if name.endswith("gz") else zipped({"v.csv": CSV * 500}).read_bytes()
    (tmp_path / f"cut-{name}").write_bytes(content[: int(kept * len(content))])
    with pytest.raises(LayerError, match=f"cut-{name}") as error:
        open_source(tmp_path / f"cut-{name}")
    assert "\n" not in str(error.value)


def test_an_archive_with_a_broken_member_is_refused(tmp_path, zipped):
    content = bytearray(zipped({"v.csv": CSV * 500}).read_bytes())
    content[60:90] = b"\xff" * 30
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(LayerError, match=r"b\.zip cannot be unpacked"):
        open_source(tmp_path / "b.zip")


@pytest.mark.parametrize("name", ["/vsicurl/https://x.org/a.zip", "https://x.org/a.csv", "/vsis3/b/a.csv", "s3://b/a"])
def test_nothing_is_fetched_from_a_network(name):
    with pytest.raises(LayerError, match=r"is no file here\. Fetch it first"):
        open_source(name)


def test_a_missing_archive_is_refused_by_its_name(tmp_path):
    with pytest.raises(LayerError, match=r"gone\.zip does not exist"):
        open_source(f"zip://{tmp_path}/gone.zip!a.csv")
    with pytest.raises(LayerError, match=r"gone\.zip does not exist"):
        open_source(f"/vsizip/{tmp_path}/gone.zip/a.csv")


def test_names_of_a_study_are_looked_for_in_its_folder():
    study = Path("study")
    assert seen_from("v.csv::s", study) == Path("study/v.csv::s")
    assert seen_from("-", study) == "-"
    assert seen_from("zip://a.zip!x/v.shp::l", study) == "zip://study/a.zip!x/v.shp::l"
    assert seen_from("/vsizip/a.zip/x/v.shp", study) == "zip://study/a.zip!x/v.shp"
    assert seen_from("/vsigzip/a.csv.gz", study) == "gzip://study/a.csv.gz"
    assert not is_special("study/v.csv")


def put_parquet(path):
    ROWS.to_parquet(path.with_suffix(".parquet"))


def put_csv(path):
    path.with_suffix(".csv").write_text(CSV, "utf-8")


def put_gpkg(path):
    ROWS.to_file(path.with_suffix(".gpkg"))


def put_geojson(path):
    ROWS.to_file(path.with_suffix(".geojson"))


def put_fgb(path):
    ROWS.to_file(path.with_suffix(".fgb"), SPATIAL_INDEX="NO")


def put_kml(path):
    ROWS.to_file(path.with_suffix(".kml"), driver="KML")


@pytest.mark.parametrize("put", [put_csv, put_parquet, put_gpkg, put_geojson, put_fgb, put_kml])
def test_standard_input_is_read_by_its_content_and_carries_its_digest(tmp_path, monkeypatch, put):
    put(tmp_path / "v")
    content = next(tmp_path.iterdir()).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    source = open_source("-")
    names = source.rows["name"] if "name" in source.rows else source.rows["Name"]
    assert names.tolist() == ["Phước", "An"]
    assert (source.file, source.sha256) == ("-", hashlib.sha256(content).hexdigest())


def test_an_archive_comes_through_standard_input_too(shapefiles, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(shapefiles.read_bytes())))
    assert open_source("-::villages").rows["name"].tolist() == ["villages 1", "villages 2"]


def test_empty_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(LayerError, match="- is empty"):
        open_source("-")


def test_the_command_line_reads_standard_input_and_archives(zipped):
    points = zipped({"posts.csv": "id,lat,lon\np1,20.5,105.25\n"})
    command = [sys.executable, "-m", "geo", "measure", "--villages", "-", "--points", f"zip://{points}!posts.csv"]
    done = subprocess.run([*command, "--format", "json"], input=CSV.encode(), capture_output=True, check=True)
    assert b'"file": "-"' in done.stdout
    assert f"zip://{points}!posts.csv".encode() in done.stdout


def test_a_study_names_a_member_of_an_archive_beside_it(tmp_path, zipped):
    zipped({"villages.csv": CSV, "posts.csv": "id,lat,lon\np1,20.5,105.25\n"})
    (tmp_path / "study.toml").write_text(
        '[villages]\nfile = "zip://a.zip!villages.csv"\n[points]\nfile = "a.zip::posts"\n', "utf-8"
    )
    command = [sys.executable, "-m", "geo", "measure", str(tmp_path / "study.toml"), "--format", "csv"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path.parent)
    assert b"all,villages,2.0" in done.stdout or b"all,villages,2," in done.stdout


def test_a_layer_of_one_of_several_files_in_an_archive_is_named_after_the_file(tmp_path):
    for number, name in enumerate(("a", "b")):
        some = gpd.GeoDataFrame({"name": [name]}, geometry=gpd.points_from_xy([100 + number], [10]), crs=4326)
        some.to_file(tmp_path / f"{name}.gpkg", layer="thôn")
        some.to_file(tmp_path / f"{name}.gpkg", layer="other")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name in ("a", "b"):
            archive.write(tmp_path / f"{name}.gpkg", f"{name}.gpkg")
    assert open_source(f"{tmp_path}/two.zip::b.gpkg::thôn").rows["name"].tolist() == ["b"]
    with pytest.raises(LayerError, match=r"several layers: thôn, other"):
        open_source(f"{tmp_path}/two.zip::b.gpkg")


def test_the_one_file_of_an_archive_is_named_as_one_of_several_is(zipped, shapefiles):
    one, two = zipped({"x/a.csv": CSV}, "one.zip"), zipped({"x/a.csv": CSV, "b.csv": CSV}, "two.zip")
    for packed in (one, two):
        for name in ("a.csv", "x/a.csv", "a"):
            assert len(open_source(f"{packed}::{name}").rows) == 2
        for name in ("a.csv::y", "c.csv"):
            with pytest.raises(LayerError, match="has no"):
                open_source(f"{packed}::{name}")
    packed = io.BytesIO()
    with zipfile.ZipFile(shapefiles) as some, zipfile.ZipFile(packed, "w") as out:
        for member in some.namelist():
            if "villages" in member:
                out.writestr(member, some.read(member))
    shapefiles.write_bytes(packed.getvalue())
    for name in ("villages", "villages.shp", "villages.shp::villages"):
        assert len(open_source(f"{shapefiles}::{name}").rows) == 2
