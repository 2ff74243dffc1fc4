"""Parquet, with geometries as GeoParquet has them or plain, what it says of itself held against what it has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from geo.errors import CRSError, LayerError
from geo.layers.encodings.encoding import is_unicode
from geo.layers.files.damage import cannot_be_read
from geo.layers.files.repeated_rows import bytes_of_table
from geo.layers.files.repeated_text import MOST_TEXT
from geo.layers.nesting import DEEPEST, too_deep_wkb

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from geo.layers.files.whereabouts import Found

# Shorter than this no binary can be too deep.
_SHORT = 9 * DEEPEST
# No table of places is packed to less than a hundredth.
_MOST_TIMES = 100


def read_parquet(found: Found) -> tuple[pd.DataFrame, pyproj.CRS | None]:
    """
    Read a Parquet file, its rows numbered from 0; an index that was saved with it is a column like the others.

    Raises
    ------
    LayerError
        Where it is damaged, or its description of its geometries is wrong.
    CRSError
        Where PROJ does not know its coordinate system.
    """
    import pyarrow as pa  # noqa: PLC0415 - only Parquet needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(found.path) as file:
            _refuse_doubled(file, found.shown)
            geometries = _geometries(file, found.shown)
            _refuse_repeated(file, found)
            _refuse_depth(file, geometries, found.shown)
        # TypeError and the like are what a wrong description leads to.
        rows = gpd.read_parquet(found.path) if geometries else pd.read_parquet(found.path)
    except MemoryError as error:
        raise _boundless(found.shown) from error
    except (pa.ArrowException, ValueError, OSError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _told(found, error) from error
    except (shapely.errors.ShapelyError, pyproj.exceptions.ProjError) as error:
        raise _told(found, error) from error
    if not is_unicode(rows):
        msg = f"{found.shown} is damaged: text in it is no UTF-8. Save or fetch it again."
        raise LayerError(msg)
    saved = [name for name in rows.index.names if name is not None and name not in rows]
    rows = rows.reset_index(level=saved)
    crs = None
    if isinstance(rows, gpd.GeoDataFrame):
        crs = rows.crs
        rows = rows.rename_geometry("geometry") if rows.geometry.name != "geometry" else rows
    rows.index = pd.RangeIndex(len(rows), name="row")
    return rows, crs


def _told(found: Found, error: Exception) -> LayerError | CRSError:
    if isinstance(error, LayerError):
        return error
    shown = found.shown
    said = str(error).replace(str(found.path), shown)
    first = next(iter(said.strip().splitlines()), type(error).__name__).rstrip(".")
    if isinstance(error, pyproj.exceptions.ProjError):
        return CRSError(
            f"{shown} has a coordinate system that PROJ does not know: {first}. Save it again with another."
        )
    return cannot_be_read(shown, first)


def _geometries(file: pq.ParquetFile, shown: str) -> list[str]:
    """Name the columns that hold geometries; none where the file does not speak of any."""
    told = (file.schema_arrow.metadata or {}).get(b"geo")
    if told is None:
        return []
    try:
        about = json.loads(told)
        columns, primary = dict(about["columns"]), about["primary_column"]
        wrong = primary not in columns or not columns.keys() <= set(file.schema_arrow.names)
        wrong |= not all(isinstance(one, dict) and isinstance(one.get("encoding"), str) for one in columns.values())
    except (ValueError, KeyError, TypeError, RecursionError):
        wrong, columns = True, {}
    if wrong:
        msg = f"{shown} describes its geometries wrongly: it is no GeoParquet. Save it again, or as GeoPackage."
        raise LayerError(msg)
    return list(columns)


def _boundless(shown: str) -> LayerError:
    return LayerError(f"{shown} takes more memory than there is: a long text may stand in many rows. Take it out.")


def _refuse_doubled(file: pq.ParquetFile, shown: str) -> None:
    names = file.schema_arrow.names
    doubled = [name for name in dict.fromkeys(names) if names.count(name) > 1] if len(set(names)) < len(names) else []
    if doubled:
        msg = f"{shown} has several columns called '{doubled[0]}'. Rename all but one."
        raise LayerError(msg)


def _refuse_repeated(file: pq.ParquetFile, found: Found) -> None:
    """Refuse a small file that becomes a huge table."""
    most = max(MOST_TEXT, _MOST_TIMES * found.path.stat().st_size)
    if bytes_of_table(found.path, file, most) > most:
        raise _boundless(found.shown)


def _refuse_depth(file: pq.ParquetFile, columns: list[str], shown: str) -> None:
    """Refuse binary that would lead the reader down without end."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    binary = [name for name in columns if pa.types.is_binary(file.schema_arrow.field(name).type)]
    binary += [name for name in columns if pa.types.is_large_binary(file.schema_arrow.field(name).type)]
    if not binary:
        return
    for batch in file.iter_batches(columns=binary):
        for cells in batch.columns:
            long = cells.filter(pc.greater(pc.binary_length(cells), _SHORT))
            if any(too_deep_wkb(cell.as_py()) for cell in long):
                msg = f"{shown} has a geometry more than {DEEPEST} collections deep. Take it out, or draw it anew."
                raise LayerError(msg)
