"""What a fuzzer tries: bytes as a file of one kind; an answer or an error of the library in one line is right."""

from __future__ import annotations

import io
import logging
import tempfile
import warnings
import zipfile
from pathlib import Path

import pandas as pd
import shapely

from geo.cli.terminal import one_line
from geo.errors import GeoError
from geo.layers.check import check_layers
from geo.layers.coordinates.geometry_text import read_geometries
from geo.layers.layer import Reading, read_layer
from geo.study.file import read_study_file

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
_FOLDER = Path(tempfile.mkdtemp(prefix="geo-fuzz-"))
_SHEET = "xl/worksheets/sheet1.xml"
_BOOK: list[tuple[str, bytes]] = []


def attempt(kind: str, content: bytes) -> None:
    """Try one input; anything that is raised is a finding."""
    try:
        if kind == "geometry":
            _geometries(content)
        elif kind == "study":
            read_study_file(_file("study.toml", content))
        else:
            _layer(_workbook(content) if kind == "xlsx" else _file(f"v.{kind}", content))
    except GeoError as error:
        if len(one_line(str(error)).splitlines()) != 1:
            msg = f"not one line: {error!r}"
            raise AssertionError(msg) from error


def _layer(path: Path) -> None:
    layer = read_layer("villages", path, Reading(crs="EPSG:4326"))
    for finding in check_layers({"villages": layer}):
        assert finding.text("en")
        assert finding.text("vi")


def _geometries(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    found = read_geometries(pd.Series([text, content.hex(), content or None, "POINT (1 2)"], dtype=object))
    assert found.geometry[3] == shapely.Point(1, 2)


def _file(name: str, content: bytes) -> Path:
    path = _FOLDER / name
    path.write_bytes(content)
    return path


def _workbook(content: bytes) -> Path:
    """Put bytes into a workbook as its sheet, for random archives are never one."""
    if not _BOOK:
        import openpyxl  # noqa: PLC0415 - this target alone

        whole = io.BytesIO()
        openpyxl.Workbook().save(whole)
        with zipfile.ZipFile(whole) as archive:
            _BOOK.extend((name, archive.read(name)) for name in archive.namelist())
    path = _FOLDER / "v.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in _BOOK:
            archive.writestr(name, content if name == _SHEET else part)
    return path
