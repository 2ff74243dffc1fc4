import csv
import datetime as dt
import json
import stat

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from geo.errors import OutputError
from geo.layers.write import beside, without_formulas, write_layer, write_text, write_workbook

LAYER = gpd.GeoDataFrame(
    {"name": ["Phước", "=1+1", "-11,5"], "pop": [1.0, np.nan, 3.0]},
    geometry=[shapely.Point(105.25, 20.5), None, shapely.Point(105.5, 20.125)],
    crs=4326,
)
FORMATS = [".gpkg", ".geojson", ".fgb", ".parquet", ".csv", ".tsv", ".xlsx"]


def read_back(path):
    if path.suffix in (".csv", ".tsv"):
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, delimiter="," if path.suffix == ".csv" else "\t"))
    if path.suffix == ".xlsx":
        head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in rows]
    rows = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    return rows.to_dict("records")


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet"])
def test_a_layer_keeps_its_rows_in_order_with_their_geometry_and_text(tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    write_layer(LAYER, path)
    rows = read_back(path)
    assert [row["name"] for row in rows] == ["Phước", "=1+1", "-11,5"]
    assert [None if row["geometry"] is None else row["geometry"].x for row in rows] == [105.25, None, 105.5]
    assert [row["pop"] for row in rows][::2] == [1, 3]


def test_flatgeobuf_keeps_its_rows_in_order(tmp_path):
    many = gpd.GeoDataFrame(
        {"n": range(50)}, geometry=gpd.points_from_xy(*np.random.default_rng(1).random((2, 50))), crs=4326
    )
    write_layer(many, tmp_path / "out.fgb")
    assert [row["n"] for row in read_back(tmp_path / "out.fgb")] == list(range(50))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
def test_a_table_has_degrees_for_its_geometry_and_no_formula(tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    write_layer(LAYER.to_crs(9217), path)
    rows = read_back(path)
    assert [row["name"] for row in rows] == ["Phước", "'=1+1", "'-11,5"]
    assert [float(row["lon"]) for row in rows[::2]] == pytest.approx([105.25, 105.5], abs=2e-8)
    assert [float(row["lat"]) for row in rows[::2]] == pytest.approx([20.5, 20.125], abs=2e-8)
    assert rows[1]["lon"] in ("", None)


def test_a_table_that_has_coordinates_keeps_them_as_they_were(tmp_path):
    write_layer(LAYER.assign(lon=["105,25", "", "x"], lat="20"), tmp_path / "out.csv")
    assert [row["lon"] for row in read_back(tmp_path / "out.csv")] == ["105,25", "", "x"]


def test_geoparquet_carries_the_box_of_every_row(tmp_path):
    write_layer(LAYER, tmp_path / "out.parquet")
    geo = json.loads(pq.read_schema(tmp_path / "out.parquet").metadata[b"geo"])
    assert "bbox" in geo["columns"]["geometry"]["covering"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=cmd()", "'=cmd()"),
        ("+84 912", "'+84 912"),
        ("@x", "'@x"),
        ("-x", "'-x"),
        ("\t=1", "'\t=1"),
        ("-11.5", "-11.5"),
        ("+3", "+3"),
        ("An=1", "An=1"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text, safe, dtype):
    table = pd.DataFrame({"a": pd.Series([text, "b", None], dtype=dtype)})
    assert without_formulas(table)["a"].tolist()[:2] == [safe, "b"]
    assert without_formulas(table)["a"].isna().tolist() == [False, False, True]
    assert table["a"].iloc[0] == text


def test_a_header_is_no_formula_either():
    assert without_formulas(pd.DataFrame({"=1": [1], "b": [2]})).columns.tolist() == ["'=1", "b"]


@pytest.mark.parametrize("values", [["a", "b", "c"], [5, 5, 5], [7, 8, 9]])
def test_a_column_called_fid_stays_a_column(tmp_path, values):
    write_layer(LAYER.assign(fid=values), tmp_path / "out.gpkg")
    assert [row["fid"] for row in read_back(tmp_path / "out.gpkg")] == values


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb"])
def test_columns_that_differ_in_case_are_all_written(tmp_path, suffix):
    write_layer(LAYER[::2].assign(Name=["x", "y"]), tmp_path / f"out{suffix}")
    assert [sorted(v for v in row.values() if isinstance(v, str)) for row in read_back(tmp_path / f"out{suffix}")] == [
        ["Phước", "x"],
        ["-11,5", "y"],
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_is_kept_unless_overwriting_is_asked_for(tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    path.write_text("mine")
    with pytest.raises(OutputError, match=r"out\.\w+ exists\. Name another file, or say --overwrite"):
        write_layer(LAYER, path)
    assert path.read_text() == "mine"
    write_layer(LAYER, path, overwrite=True)
    assert len(read_back(path)) == 3


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_layer_without_rows_is_written(tmp_path, suffix):
    write_layer(LAYER[:0], tmp_path / f"out{suffix}")
    assert read_back(tmp_path / f"out{suffix}") == []


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".geojson", ".parquet"])
def test_the_same_layer_gives_the_same_bytes(tmp_path, suffix):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_layer(LAYER, tmp_path / name / f"out{suffix}")
    assert (tmp_path / "one" / f"out{suffix}").read_bytes() == (tmp_path / "two" / f"out{suffix}").read_bytes()


def test_a_page_that_the_tool_drew_may_be_drawn_anew(tmp_path):
    path = tmp_path / "map.html"
    write_text('<meta name="generator" content="geo 1">', path)
    write_text("new", path)
    assert path.read_text() == "new"


def test_work_that_breaks_off_leaves_neither_file_nor_draft(tmp_path):
    def broken():
        with beside(tmp_path / "out.csv") as draft:
            draft.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_replaced_stays_whole_when_the_work_breaks_off(tmp_path):
    (tmp_path / "out.parquet").write_text("old")
    mixed = LAYER.assign(z=[1, "a", [2]])
    with pytest.raises(OutputError, match=r"out\.parquet cannot be written"):
        write_layer(mixed, tmp_path / "out.parquet", overwrite=True)
    assert (tmp_path / "out.parquet").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_written_file_can_be_read_by_others(tmp_path):
    write_text("x", tmp_path / "out.txt")
    (tmp_path / "plain").write_text("x")
    assert stat.S_IMODE((tmp_path / "out.txt").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_text_keeps_its_letters_and_line_ends(tmp_path):
    write_text("Phước\r\nAn\n", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == "Phước\r\nAn\n".encode()


def test_what_cannot_be_written_is_refused_by_name(tmp_path):
    with pytest.raises(OutputError, match=r"'\.docx' is no format that can be written; there is \.gpkg, \.geojson"):
        write_layer(LAYER, tmp_path / "out.docx")
    with pytest.raises(OutputError, match="is a folder"):
        write_text("x", tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_text("x", tmp_path / "file" / "out.txt")


def test_a_workbook_holds_sheets_with_numbers_as_numbers_and_text_as_text(tmp_path):
    zoned = pd.Timestamp("2019-12-31", tz="UTC")
    table = pd.DataFrame(
        {"id": ["007", "=1+1"], "n": [1.5, None], "d": [dt.date(2019, 12, 31), None], "o": [[1], zoned]}
    )
    write_workbook({"thôn": table, "điểm": table[:0]}, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["thôn", "điểm"]
    rows = list(book["thôn"].iter_rows(values_only=True))
    assert rows[0] == ("id", "n", "d", "o")
    assert rows[1][:2] == ("007", 1.5)
    assert rows[1][3] == "[1]"
    assert rows[2] == ("=1+1", None, None, "2019-12-31 00:00:00+00:00")
    assert book["thôn"]["A3"].data_type == "s"
    assert book["thôn"].freeze_panes == "A2"
    assert list(book["điểm"].iter_rows(values_only=True)) == [("id", "n", "d", "o")]


def test_what_a_workbook_cannot_hold_is_refused_and_not_cut(tmp_path):
    with pytest.raises(OutputError, match=r"a cell of 'a' is longer than a workbook holds \(32767\)"):
        write_workbook({"s": pd.DataFrame({"a": ["x" * 32_768]})}, tmp_path / "out.xlsx")
    with pytest.raises(OutputError, match="1048576 rows are more than a sheet holds"):
        write_workbook({"s": pd.DataFrame(index=range(1_048_576))}, tmp_path / "long.xlsx")


def test_why_a_file_cannot_be_written_names_it_and_not_the_draft_beside_it(tmp_path, monkeypatch):
    def full(_layer, path, **_):
        msg = f"failed to write {path}\nmore"
        raise RuntimeError(msg)

    monkeypatch.setattr("geo.layers.write.pyogrio.write_dataframe", full)
    with pytest.raises(OutputError, match="cannot be written") as error:
        write_layer(LAYER, tmp_path / "out.gpkg")
    path = tmp_path / "out.gpkg"
    assert str(error.value) == f"{path} cannot be written: failed to write {path}."
