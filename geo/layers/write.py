"""Put layers and texts out: the format by the file's name, written beside and renamed, so that no half file is left."""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio
import shapely

from geo.errors import OutputError
from geo.layers.database import is_database, write_database
from geo.layers.harmless import FORMULA_STARTS, harmless
from geo.layers.place import centres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd

_SHEET_ROWS = 1_048_575
_CELL_CHARACTERS = 32_767
# A Path has one slash left of two.
_ADDRESS = re.compile(r"[a-z][\w+.-]+:/|(?:pg|mysql|mssql):", re.IGNORECASE)
_GENERATOR = b'name="generator" content="geo'


@contextmanager
def beside(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """
    Give a path beside the wanted one to write to; it takes the name when the block ends well, and goes otherwise.

    A page that the tool drew itself may be drawn anew; any other file is kept unless `overwrite`.

    Raises
    ------
    OutputError
        Where the name is an address, the folder is missing or not writable, or the file exists.
    """
    _refuse_address(path)
    if path.is_dir():
        msg = f"{path} is a folder. Name a file in it."
        raise OutputError(msg)
    if path.exists() and not path.is_file():
        msg = f"{path} is no file that can be replaced. Name a file."
        raise OutputError(msg)
    if path.exists() and not overwrite and not _drawn(path):
        msg = f"{path} exists. Name another file, or say --overwrite."
        raise OutputError(msg)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".geo-", dir=path.parent))
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}."
        raise OutputError(msg) from error
    draft = folder / path.name
    try:
        yield draft
        draft.replace(path)
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def write_text(text: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a text in UTF-8, with the line ends it has."""
    with beside(path, overwrite=overwrite) as draft:
        draft.write_bytes(text.encode("utf-8"))


def write_layer(layer: gpd.GeoDataFrame, path: Path | str, *, overwrite: bool = False) -> None:
    """
    Write a layer; the name tells the format: .gpkg, .geojson, .fgb, .parquet, .csv, .tsv or .xlsx.

    A name ``postgresql://USER@HOST/DATABASE::SCHEMA.TABLE`` is a table of a PostGIS database.

    Tables have no geometry; they get `lon` and `lat` unless the layer has such columns already. Text that a
    spreadsheet would take for a formula is written with an apostrophe before it.

    Raises
    ------
    OutputError
        Where the format is not known or the file cannot be written.
    """
    if is_database(str(path)):
        write_database(layer, str(path), overwrite=overwrite)
        return
    refuse_unknown_format(path)
    path = Path(path)
    writer = _WRITERS[path.suffix.lower()]
    named = layer.set_axis([str(name) for name in layer.columns], axis=1)
    with beside(path, overwrite=overwrite) as draft:
        try:
            writer(named, draft)
        except (RuntimeError, ValueError, TypeError) as error:
            raise _not_written(path, draft, error) from error


def refuse_unknown_format(path: Path | str) -> None:
    """
    Refuse a name of which no layer can be written, before there is one.

    Raises
    ------
    OutputError
        Where the name tells no format that is known.
    """
    if is_database(str(path)):
        return
    _refuse_address(path)
    suffix = Path(path).suffix
    if suffix.lower() not in _WRITERS:
        msg = f"{path}: '{suffix}' is no format that can be written; there is {', '.join(_WRITERS)}."
        raise OutputError(msg)


def _refuse_address(path: Path | str) -> None:
    if _ADDRESS.match(str(path)):
        msg = f"{path} is an address, not a file. Name a file."
        raise OutputError(msg)


def write_layers(layers: Mapping[str, gpd.GeoDataFrame], path: Path | str, *, overwrite: bool = False) -> None:
    """
    Write several layers of the same columns into one file: to a GeoPackage each by its name, else one after another.

    A layer of a GeoPackage has geometries of one kind, as a GIS opens them; another kind of the same layer follows as a
    layer of its own, ``points_polygons``. Rows without a geometry stay with the first kind; where none has one, the
    layer is a table.

    Parameters
    ----------
    layers : mapping
        At least one, by name, in one coordinate system.
    path : Path
        As for :func:`write_layer`.
    overwrite : bool
        Whether a file that exists is replaced.

    Raises
    ------
    OutputError
        Where the format is not known or the file cannot be written.
    """
    path = path if is_database(str(path)) else Path(path)
    if not isinstance(path, Path) or path.suffix.lower() != ".gpkg":
        write_layer(pd.concat(layers.values(), ignore_index=True), path, overwrite=overwrite)
        return
    with beside(path, overwrite=overwrite) as draft:
        try:
            for name, layer in layers.items():
                for kind, part in _by_kind(layer).items():
                    called = _NOT_A_NAME.sub("_", name + kind)
                    _write_part(part, draft, called)
        except (RuntimeError, ValueError, TypeError) as error:
            raise _not_written(path, draft, error) from error


def _not_written(path: Path, draft: Path, error: Exception) -> OutputError:
    """Say why a file cannot be written; the draft beside it is nothing that anybody knows of."""
    why = next(iter(str(error).replace(str(draft), str(path)).splitlines()), type(error).__name__)
    return OutputError(f"{path} cannot be written: {why.rstrip('.')}.")


_NOT_A_NAME = re.compile(r"\W")
_KINDS = ("_points", "_lines", "_polygons")


def _by_kind(layer: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Give the rows by the kind of their geometry, as an ending of the layer's name; the first kind needs none."""
    dimension = shapely.get_dimensions(layer.geometry.to_numpy())
    there = [number for number in dict.fromkeys(dimension.tolist()) if number >= 0]
    if not there:
        return {"": layer}
    first = (dimension == there[0]) | (dimension < 0)
    return {"": layer[first], **{_KINDS[number]: layer[dimension == number] for number in there[1:]}}


def _write_part(layer: gpd.GeoDataFrame, path: Path, name: str) -> None:
    geometry = layer.geometry.to_numpy()
    if shapely.is_missing(geometry).all():
        pyogrio.write_dataframe(pd.DataFrame(layer.drop(columns=layer.geometry.name)), path, layer=name, driver="GPKG")
        return
    several = bool((shapely.get_type_id(geometry) >= shapely.GeometryType.MULTIPOINT).any())
    surface = bool((shapely.get_dimensions(geometry) == len(_KINDS) - 1).any())
    pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG", promote_to_multi=several or surface)


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """
    Put an apostrophe before every text that a spreadsheet would run as a formula; numbers in text stay as they are.

    Examples
    --------
    >>> without_formulas(pd.DataFrame({"name": ["=1+1", "-11.5", "An"]}))["name"].tolist()
    ["'=1+1", '-11.5', 'An']
    """
    safe = table.copy()
    for column in safe.select_dtypes(include=["str", "object", "category"]).columns:
        texts = safe[column].astype("str").where(safe[column].notna(), "")
        risky = texts.str.startswith(FORMULA_STARTS)
        if risky.any():
            safe[column] = safe[column].astype(object).where(~risky, texts.map(harmless))
    safe.columns = [harmless(name) for name in safe.columns]
    return safe


def _drawn(path: Path) -> bool:
    with path.open("rb") as stream:
        return _GENERATOR in stream.read(2048)


def _vector(driver: str, **options: str) -> Callable[[gpd.GeoDataFrame, Path], None]:
    def write(layer: gpd.GeoDataFrame, path: Path) -> None:
        # A GeoPackage numbers its rows in a column of its own, and holds 'Name' and 'name' for the same.
        names = _distinct(list(layer.columns))
        own = {"FID": "geo_fid"} if driver == "GPKG" and "fid" in map(str.lower, names) else {}
        layer.set_axis(names, axis=1).to_file(path, driver=driver, engine="pyogrio", index=False, **options, **own)

    return write


def _distinct(names: list[str]) -> list[str]:
    lower = [name.lower() for name in names]
    return [
        name if lower.index(low) == place else f"{name}_{place + 1}"
        for place, (name, low) in enumerate(zip(names, lower, strict=True))
    ]


def _parquet(layer: gpd.GeoDataFrame, path: Path) -> None:
    layer.to_parquet(path, index=False, compression="zstd", write_covering_bbox=True)


def _as_table(layer: gpd.GeoDataFrame) -> pd.DataFrame:
    table = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    if not {"lon", "lat"} & set(table.columns):
        places = centres(layer.to_crs("EPSG:4326"))
        table = table.assign(lon=places[:, 0].round(8), lat=places[:, 1].round(8))
    return without_formulas(table)


def _text_table(separator: str) -> Callable[[gpd.GeoDataFrame, Path], None]:
    def write(layer: gpd.GeoDataFrame, path: Path) -> None:
        _as_table(layer).to_csv(path, sep=separator, index=False, lineterminator="\n")

    return write


def _xlsx(layer: gpd.GeoDataFrame, path: Path) -> None:
    write_workbook({"layer": _as_table(layer)}, path)


def write_workbook(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """
    Write tables as the sheets of a workbook, headers frozen, text as text.

    Raises
    ------
    OutputError
        Where the library that writes workbooks is not installed, or a table is longer or a cell larger than a workbook
        can hold.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = f"{path.name}: writing XLSX needs an extra: pip install 'geo-coverage[xlsx]'."
        raise OutputError(msg) from error
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(os.fspath(path), options) as workbook:
        bold = workbook.add_format({"bold": True})
        for name, table in sheets.items():
            if len(table) > _SHEET_ROWS:
                msg = f"{path.name}: {len(table)} rows are more than a sheet holds ({_SHEET_ROWS}). Name a .csv file."
                raise OutputError(msg)
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, [str(column) for column in table.columns], bold)
            sheet.freeze_panes(1, 0)
            for number, column in enumerate(table.columns):
                cells = table[column].astype(object).where(table[column].notna(), None)
                sheet.write_column(1, number, [_sheet_cell(path, column, cell) for cell in cells])


def _sheet_cell(path: Path, column: str, cell: object) -> object:
    """Give a cell as something a workbook holds; it has no lists, and no time zones."""
    if isinstance(cell, str) and len(cell) > _CELL_CHARACTERS:
        msg = (
            f"{path.name}: a cell of '{column}' is longer than a workbook holds ({_CELL_CHARACTERS}). Name a .csv file."
        )
        raise OutputError(msg)
    held = cell is None or isinstance(cell, str | bool | int | float | Decimal)
    return cell if held or (isinstance(cell, dt.date) and getattr(cell, "tzinfo", None) is None) else str(cell)


_WRITERS: Mapping[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".gpkg": _vector("GPKG"),
    ".geojson": _vector("GeoJSON"),
    ".fgb": _vector("FlatGeobuf", SPATIAL_INDEX="NO"),  # the index of this format would put the rows in another order
    ".parquet": _parquet,
    ".csv": _text_table(","),
    ".tsv": _text_table("\t"),
    ".xlsx": _xlsx,
}
