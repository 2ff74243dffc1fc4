"""Where the bytes of a source lie: in a file, in a member of an archive, or in standard input."""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.layers.files.archive import Packed, copy, is_archive, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"

# A path in an archive as GDAL and the tools around it write it; a Path has one slash left of two.
_INNER = re.compile(r"(?:/vsizip/|zip:/{1,2})(?P<rest>.+)", re.DOTALL)
_GZIP = re.compile(r"(?:/vsigzip/|gzip:/{1,2})(?P<file>.+)", re.DOTALL)
_NETWORK = re.compile(r"/vsi(?!zip/|gzip/)|(?!zip:|gzip:)[a-z][\w+.-]+:/", re.IGNORECASE)
_IN_BRACES = re.compile(r"\{(?P<archive>[^}]+)\}(?P<member>.*)", re.DOTALL)
_BLOCK = 1 << 20
# The reader of extracts unpacks these as it goes.
_READ_PACKED = (".osm.gz", ".osm.bz2")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file that can be opened, how messages call it, the layer named in it, and the hash of what the user named."""

    path: Path
    shown: str
    layer: str | None
    sha256: str


def is_special(name: str) -> bool:
    """
    Tell whether a name is more than a path: standard input, or a path in an archive.

    Examples
    --------
    >>> [is_special(name) for name in ("-", "zip://a.zip!b.shp", "/vsizip/a.zip/b.shp", "a.zip::b")]
    [True, True, True, False]
    """
    file = name.partition("::")[0]
    return file == STDIN or any(form.match(file) for form in (_INNER, _GZIP, _NETWORK))


def is_address(name: str) -> bool:
    """
    Tell whether a name is that of something on the network, a database among it; a Path has one slash left of two.

    Examples
    --------
    >>> [is_address(name) for name in ("https://host/v.csv", "postgresql:/host/db::t", "zip://a.zip", "v.csv")]
    [True, True, False, False]
    """
    return _NETWORK.match(name) is not None


def seen_from(name: str, folder: Path) -> Path | str:
    """
    Give the name of a source as it is to be opened, when relative names start at a folder.

    Examples
    --------
    >>> seen_from("zip://a.zip!b.shp", Path("study"))
    'zip://study/a.zip!b.shp'
    """
    file, mark, layer = name.partition("::")
    if file == STDIN or _NETWORK.match(file):
        return name
    for form, prefix in ((_INNER, "zip://"), (_GZIP, "gzip://")):
        if form.match(file):
            archive, member = _archive_and_member(file)
            return f"{prefix}{folder / archive}{'!' + member if member else ''}{mark}{layer}"
    return folder / name


@contextmanager
def found(name: str) -> Iterator[Found]:
    """
    Find the file that a name stands for; what was unpacked for it is gone when the block ends.

    Parameters
    ----------
    name : str
        ``FILE``, ``ARCHIVE.zip``, ``zip://ARCHIVE!MEMBER``, ``/vsizip/ARCHIVE/MEMBER``, ``FILE.gz``, ``/vsigzip/FILE``
        or ``-``, each with ``::LAYER`` or not. Without a member, ``::`` names one where an archive has several.

    Raises
    ------
    LayerError
        Where there is no such file, an archive has no such member or several, or too much would be unpacked.
    """
    file, _, layer = name.partition("::")
    if _NETWORK.match(file):
        msg = f"{file} is no file here. Fetch it first, and name the file."
        raise LayerError(msg)
    if file != STDIN and not is_special(file):
        path = _existing(file)
        if file.lower().endswith(_READ_PACKED) or not is_archive(path):
            yield Found(path=path, shown=file, layer=layer or None, sha256=digest(path))
            return
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        if file == STDIN:
            yield _from_stdin(Path(folder), layer or None)
        else:
            archive, member = _archive_and_member(file)
            packed = Packed(path=_existing(archive), member=member, layer=layer or None, shown=file)
            path, inner = unpack(packed, Path(folder))
            yield Found(path=path, shown=file, layer=inner, sha256=digest(packed.path))


def digest(path: Path) -> str:
    """Hash a file; of a shapefile or a MapInfo table all the parts that are read, one after another."""
    beside_it = {".shp": (".dbf", ".prj", ".cpg"), ".tab": (".dat", ".map", ".id"), ".mif": (".mid",)}
    parts = [path]
    for ending in beside_it.get(path.suffix.lower(), ()):
        parts += [part for part in (path.with_suffix(ending), path.with_suffix(ending.upper())) if part.is_file()][:1]
    hashed = hashlib.sha256()
    for part in parts:
        with part.open("rb") as stream:
            while block := stream.read(_BLOCK):
                hashed.update(block)
    return hashed.hexdigest()


def _existing(file: str) -> Path:
    path = Path(file)
    try:
        if path.is_file():
            return path
        there, folder = path.exists(), path.is_dir()
    except OSError as error:
        msg = f"{file} cannot be looked for: {error.strerror}."
        raise LayerError(msg) from error
    msg = (
        f"{file} is a folder, not a file."
        if folder
        else f"{file} is a device or a pipe, not a file. Name a file, or -."
    )
    if folder and path.suffix.lower() == ".gdb":
        msg = f"{file} is a geodatabase of ArcGIS, a folder, and none is read. Export its layers as GeoPackage (.gpkg)."
    raise LayerError(msg if there else f"{file} does not exist.")


def _from_stdin(folder: Path, layer: str | None) -> Found:
    path = folder / "stdin"
    copy(sys.stdin.buffer, path, STDIN)
    sha256 = digest(path)
    if is_archive(path):
        path, layer = unpack(Packed(path=path, member=None, layer=layer, shown=STDIN), folder)
    return Found(path=path, shown=STDIN, layer=layer, sha256=sha256)


def _archive_and_member(file: str) -> tuple[str, str | None]:
    """Part the name of an archive from the name of a member in it."""
    if packed := _GZIP.fullmatch(file):
        return packed["file"], None
    inner = _INNER.fullmatch(file)
    rest = inner["rest"] if inner else file
    if braced := _IN_BRACES.fullmatch(rest):
        return braced["archive"], braced["member"].strip("/") or None
    if "!" in rest:
        archive, _, member = rest.partition("!")
        return archive, member.strip("/") or None
    # The archive is the part of the path that is a file; in GDAL's paths nothing else parts it from its member.
    whole = PurePosixPath(rest)
    for archive in (whole, *whole.parents):
        for start in ("", "/"):
            if Path(f"{start}{archive}").is_file():
                return f"{start}{archive}", str(whole.relative_to(archive)).strip("./") or None
    named = re.match(r"(.+?\.(?:zip|kmz|shz))/(.+)", rest, re.IGNORECASE)
    return (named[1], named[2]) if named else (rest, None)
