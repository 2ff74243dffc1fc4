"""How large the table of a Parquet file is: a text or a number stands in it once, for as many rows as have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.layers.files.parquet_pages import Pages, pages_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

_CELL_BYTES = 8
_NESTED_CELL_BYTES = 64
"""A value in a list, a structure or a map becomes an object of Python, and so does each of these."""

_TEXTS = ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
# Of texts that are not shared, a batch may have so many bytes.
_MOST_ROWS, _BATCH_BYTES = 1 << 16, 1 << 25


def bytes_of_table(path: Path, file: pq.ParquetFile, enough: int) -> int:
    """
    Give the bytes of the table, or of a part of it where that is more than `enough` already.

    Texts count where they stand, those in lists, structures and maps as well. Only where the longest text of a column,
    as often as it has values, would be too much, the rows are looked at.

    Raises
    ------
    ValueError
        Where the header of a page makes no sense.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - only Parquet needs it

    pages = pages_of(path, file)
    leaves = [file.schema.column(place) for place in range(len(pages))]
    size = max(
        int(file.metadata.num_rows) * _CELL_BYTES * len(file.schema_arrow),
        sum(_numbers(leaf, groups) for leaf, groups in zip(leaves, pages, strict=True)),
    )
    texts = {leaf.path for leaf in leaves if leaf.physical_type in _TEXTS}
    if size > enough or not texts:
        return size
    # Arrow makes no dictionary of texts that begin as those before them.
    begun = {leaf.path for leaf, groups in zip(leaves, pages, strict=True) if any(one.delta for one in groups)}
    with pq.ParquetFile(path, read_dictionary=sorted(texts - begun)) as apart:
        for name in dict.fromkeys(file.schema_arrow.names):
            within = [place for place, leaf in enumerate(leaves) if f"{leaf.path}.".startswith(f"{name}.")]
            inside = {place: pages[place] for place in within if leaves[place].path in texts}
            if inside:
                bound = sum(_bound(apart, group, name, inside) for group in range(file.num_row_groups))
                size += bound if size + bound <= enough else _exact(apart, name, inside, enough)
            if size > enough:
                break
    return size


def _numbers(leaf: pq.ColumnSchema, groups: list[Pages]) -> int:
    """Give the bytes of a column were its texts empty; never fewer than its pages have."""
    values, shared = sum(one.values for one in groups), sum(one.shared for one in groups)
    nested = leaf.max_repetition_level > 0 or leaf.path != leaf.name
    width = max(_NESTED_CELL_BYTES if nested else _CELL_BYTES, int(leaf.length))
    return max(values * width + shared * _CELL_BYTES, sum(one.unpacked for one in groups))


def _bound(file: pq.ParquetFile, group: int, name: str, inside: dict[int, list[Pages]]) -> int:
    """Give the bytes that a column has at most: all of it as it is packed, and its longest shared text per value."""
    import pyarrow.compute as pc  # noqa: PLC0415

    pages = [groups[group] for groups in inside.values()]
    packed = sum(one.unpacked for one in pages)
    if any(one.delta for one in pages):
        # Such a text has at most as many bytes as all of its page, and one batch of one row would not show the longest.
        return sum(one.values * one.largest for one in pages) + packed
    first = next(file.iter_batches(1, row_groups=[group], columns=[name]), None)
    longest = 0
    for cells in () if first is None else _texts(first):
        longest = max(longest, pc.max(_lengths(cells)).as_py() or 0)
    return sum(one.values for one in pages) * longest + packed


def _exact(file: pq.ParquetFile, name: str, inside: dict[int, list[Pages]], enough: int) -> int:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    largest = max((page.largest for groups in inside.values() for page in groups if page.delta), default=0)
    nested = any(file.schema.column(place).max_repetition_level > 0 for place in inside)
    if largest and nested:
        return enough + 1
    rows = min(_MOST_ROWS, max(1, _BATCH_BYTES // largest)) if largest else _MOST_ROWS
    size = 0
    for batch in file.iter_batches(rows, columns=[name]):
        for cells in _texts(batch):
            lengths = _lengths(cells)
            lengths = lengths.take(cells.indices) if isinstance(cells, pa.DictionaryArray) else lengths
            size += pc.sum(lengths).as_py() or 0
        if size > enough:
            break
    return size


def _texts(batch: pa.RecordBatch) -> Iterator[pa.Array]:
    """Give the texts of a batch, also those in lists, structures and maps; dictionaries as they are."""
    import pyarrow as pa  # noqa: PLC0415

    kinds = pa.types
    left = list(batch.columns)
    while left:
        cells = left.pop()
        kind = cells.type
        if isinstance(cells, pa.ExtensionArray):
            left.append(cells.storage)
        elif kinds.is_map(kind):
            left += [cells.keys, cells.items]
        elif kinds.is_struct(kind):
            left += cells.flatten()
        elif kinds.is_nested(kind):
            left.append(cells.flatten())
        elif isinstance(cells, pa.DictionaryArray) or _is_text(kind):
            yield cells


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa  # noqa: PLC0415

    known = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(is_one(kind) for is_one in known)


def _lengths(cells: pa.Array) -> pa.Array:
    """Give the bytes of each text, of a dictionary those of each text in it."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    texts = cells.dictionary if isinstance(cells, pa.DictionaryArray) else cells
    if not _is_text(texts.type):
        return pa.array([0] * len(texts), pa.int64())
    return pc.binary_length(texts).cast(pa.int64())
