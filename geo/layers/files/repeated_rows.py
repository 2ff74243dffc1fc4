"""How large the table of a Parquet file is: a text or a number stands in it once, for as many rows as have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

_CELL_BYTES = 8


def bytes_of_table(path: Path, file: pq.ParquetFile, enough: int) -> int:
    """
    Give the bytes of the table, or of a part of it where that is more than `enough` already.

    Texts in lists and structures are not counted. Only where the longest text of a column, in each of its rows, would
    be too much, the rows are looked at.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - only Parquet needs it

    fields = file.schema_arrow
    size = int(file.metadata.num_rows) * _CELL_BYTES * len(fields)
    texts = [field.name for field in fields if _is_text(field.type)]
    if size > enough or not texts or len(set(fields.names)) < len(fields):
        return size
    with pq.ParquetFile(path, read_dictionary=texts) as apart:
        for name in texts:
            bound = sum(_bound(apart, group, name) for group in range(file.num_row_groups))
            size += bound if size + bound <= enough else _exact(apart, name, enough)
            if size > enough:
                break
    return size


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa  # noqa: PLC0415

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    known = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(is_one(kind) for is_one in known)


def _bound(file: pq.ParquetFile, group: int, name: str) -> int:
    """Give the bytes that a column has at most: all of it as it is packed, and its longest shared text per row."""
    import pyarrow.compute as pc  # noqa: PLC0415

    about = file.metadata.row_group(group)
    first = next(file.iter_batches(1, row_groups=[group], columns=[name]), None)
    longest = 0 if first is None else pc.max(_lengths(first.column(0))).as_py() or 0
    packed = sum(about.column(place).total_uncompressed_size for place in _places(file, name))
    return int(about.num_rows * longest + packed)


def _exact(file: pq.ParquetFile, name: str, enough: int) -> int:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    size = 0
    for batch in file.iter_batches(columns=[name]):
        cells = batch.column(0)
        lengths = _lengths(cells)
        lengths = lengths.take(cells.indices) if isinstance(cells, pa.DictionaryArray) else lengths
        size += pc.sum(lengths).as_py() or 0
        if size > enough:
            break
    return size


def _lengths(cells: pa.Array) -> pa.Array:
    """Give the bytes of each text, of a dictionary those of each text in it."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    texts = cells.dictionary if isinstance(cells, pa.DictionaryArray) else cells
    return pc.binary_length(texts).cast(pa.int64())


def _places(file: pq.ParquetFile, name: str) -> list[int]:
    return [place for place in range(len(file.schema)) if file.schema.column(place).path == name]
