"""Extracts of OpenStreetMap known by their content, wherever they lie: in an archive, or in standard input."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = 4096
_PBF = b"\x0a\x09OSMHeader"
_LENGTH = 4
_ROOT = re.compile(rb"\A(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<(\w+)", re.DOTALL)


def ending_of(path: Path, shown: str) -> str | None:
    """
    Give the ending that a file would have as an extract, by what it starts with; None where it is none.

    Raises
    ------
    LayerError
        Where it holds changes of a map instead.
    """
    with path.open("rb") as stream:
        start = stream.read(_START)
    if start[_LENGTH:].startswith(_PBF):
        return ".osm.pbf"
    root = _ROOT.match(start)
    if root is not None and root[1] == b"osmChange":
        msg = f"{shown} holds changes of OpenStreetMap, not a map. Apply it to an extract, and name that."
        raise LayerError(msg)
    return ".osm" if root is not None and root[1] == b"osm" else None


@contextmanager
def named_as_extract(path: Path, ending: str, shown: str) -> Iterator[Path]:
    """
    Give a file a name that tells its format, which is what the reader of extracts goes by.

    An error that names this path, which may be gone when it is read, names what the user did.
    """
    with _named(path, ending) as named:
        try:
            yield named
        except LayerError as error:
            raise LayerError(str(error).replace(str(named), shown)) from error


@contextmanager
def _named(path: Path, ending: str) -> Iterator[Path]:
    if path.name.lower().endswith((ending, ".pbf")):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        link = Path(folder) / f"extract{ending}"
        try:
            link.symlink_to(path.resolve())
        except OSError:  # a system without links
            shutil.copy(path, link)
        yield link
