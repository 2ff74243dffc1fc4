"""Layers in a ZIP archive or packed by gzip: which member is meant, unpacked with the parts that belong to it."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from geo.errors import LayerError
from geo.layers.files.damage import why
from geo.layers.files.every import EVERY
from geo.layers.files.formats import ARCHIVES, endings

MOST_BYTES = 4 << 30
"""What is unpacked or taken from standard input may be this large."""

MOST_OFTEN = 300
"""How many times its packed size something may have; only what is above `_SMALL` is held against it."""

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error)
"""What opening and unpacking an archive raises: of names that are no UTF-8, versions that are not known and more."""

_SMALL = 64 << 20
# Files that hold a layer, and changes of OpenStreetMap, which are refused in words.
_MAIN = (*endings(), ".osc")
_WORKBOOK_PARTS = {"xl/workbook.xml": ".xlsx", "xl/workbook.bin": ".xlsb", "content.xml": ".ods"}


_BLOCK = 1 << 20
_LISTED = 20


@dataclass(frozen=True, kw_only=True)
class Packed:
    """An archive, the `member` and the `layer` that are named in it, and how messages call it."""

    path: Path
    member: str | None
    layer: str | None
    shown: str


def unpack(packed: Packed, folder: Path) -> tuple[Path, str | None]:
    """
    Unpack what is meant of an archive into a folder.

    Without a member it is the only layer in the archive, or the one whose name the layer is. A shapefile comes with the
    files beside it. No member can leave the folder, and one that is named as if it did is refused.

    Returns
    -------
    tuple of Path and str or None
        The file to read, and the layer that is named in it.

    Raises
    ------
    LayerError
        Where the archive is damaged, has no such member or several, one whose path leads out of it, or holds more than
        `MOST_BYTES`.
    """
    path, shown = packed.path, packed.shown
    try:
        if path.suffix.lower() == ".gz" or _starts_as_gzip(path):
            unpacked = folder / (path.stem if path.suffix.lower() == ".gz" else "unpacked")
            with gzip.open(path) as stream:
                copy(stream, unpacked, shown, packed=path.stat().st_size)
            return unpacked, packed.layer
        with zipfile.ZipFile(path) as opened:
            main, layer = _chosen(opened, packed)
            _refuse_leaving(main, shown)
            return _take_out(opened, main, folder / "unpacked", shown), layer
    except DAMAGED as error:
        if isinstance(error, LayerError):
            raise
        msg = f"{shown} cannot be unpacked: {why(str(error))}. Fetch it again, or unpack it and name the file."
        raise LayerError(msg) from error


def is_workbook(path: Path) -> bool:
    """Tell whether a ZIP archive is a workbook; a broken one may have been."""
    try:
        with zipfile.ZipFile(path) as archive:
            return not _WORKBOOK_PARTS.keys().isdisjoint(archive.namelist())
    except DAMAGED:
        return True


def kind_of_workbook(path: Path) -> str:
    """Give the ending that a workbook should have by its content; its own where that does not tell."""
    own = path.suffix.lower()
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGED:
        return own
    return next((ending for part, ending in _WORKBOOK_PARTS.items() if part in names), own)


def is_archive(path: Path) -> bool:
    """Tell an archive that must be unpacked by its content; a workbook is one too, and is read as it is."""
    if _starts_as_gzip(path):
        return True
    with path.open("rb") as stream:
        if stream.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGED:
        return path.suffix.lower() in ARCHIVES
    return _WORKBOOK_PARTS.keys().isdisjoint(names) and any(_is_main(name) for name in names)


def _starts_as_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _is_main(name: str) -> bool:
    # What starts with a dot or lies in __MACOSX is a shadow that some systems add.
    inner = PurePosixPath(name)
    return inner.suffix.lower() in _MAIN and not inner.name.startswith(".") and "__MACOSX" not in inner.parts


def _chosen(archive: zipfile.ZipFile, packed: Packed) -> tuple[str, str | None]:
    """Choose the file to read: the member that is named, else the only one, else the one that the layer names."""
    shown, member, layer = packed.shown, packed.member, packed.layer
    names = [name for name in archive.namelist() if _is_main(name)]
    if member is not None:
        folder = member.rstrip("/") + "/"
        fit = [name for name in archive.namelist() if name == member] or [n for n in names if n.startswith(folder)]
        wanted: str | None = member
    elif len(names) > 1 and layer is not None:
        wanted, _, inner = layer.partition("::")
        fit = [name for name in names if wanted in (name, PurePosixPath(name).name)]
        fit = fit or [name for name in names if wanted == PurePosixPath(name).stem]
        layer = inner or None
    else:
        fit, wanted = names, None
        first, _, inner = (layer or "").partition("::")
        if len(names) == 1 and first in (names[0], PurePosixPath(names[0]).name):
            layer = inner or None
    if len(fit) == 1:
        return fit[0], layer
    some = fit or names
    if wanted == EVERY:
        msg = f"{shown} has several files in it: {listed(names)}; '{EVERY}' stands for all layers of one file. "
        msg += f"Name one, as 'zip://{shown}!{names[0]}::{EVERY}'."
    elif wanted is not None and not fit:
        msg = f"{shown} has no '{wanted}' in it; it has {listed(some) or 'nothing that can be read'}."
    elif not fit:
        msg = f"{shown} has nothing in it that can be read."
    else:
        single = next((name for name, times in Counter(fit).items() if times == 1), None)
        remedy = f"Name one, as {shown}::{single}" if single else "Unpack it, and name the file"
        msg = f"{shown} has several layers: {listed(fit)}. {remedy}."
    raise LayerError(msg)


def listed(names: list[str]) -> str:
    """List names in one line, of many the first ones."""
    return ", ".join(names[:_LISTED]) + (f" … +{len(names) - _LISTED}" if len(names) > _LISTED else "")


def _take_out(archive: zipfile.ZipFile, main: str, folder: Path, shown: str) -> Path:
    """
    Unpack one member and those that belong to it, by their last names alone: none can leave the folder.

    Names of systems that do not tell capitals belong together however they are written; those written alike come last.
    """
    folder.mkdir()
    stem = main[: len(main) - len(PurePosixPath(main).suffix)]
    size = 0
    for name in sorted(archive.namelist(), key=lambda name: name.startswith(f"{stem}.")):
        inner = PurePosixPath(name)
        beside = name.casefold().startswith(f"{stem}.".casefold()) and inner.suffix.lower() not in _MAIN
        belongs = name == main or beside
        if not belongs:
            continue
        last = inner.name if name == main else PurePosixPath(main).stem + inner.suffix.lower()
        about = archive.getinfo(name)
        # Never more is unpacked than is announced.
        _refuse_bomb(about.file_size, about.compress_size, shown)
        with archive.open(name) as stream:
            size = copy(stream, folder / last, shown, size)
    return folder / PurePosixPath(main).name


def _refuse_leaving(name: str, shown: str) -> None:
    """Refuse a member whose path leads out of the archive: nobody packs one so by a slip."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        msg = f"{shown} holds '{name}', a path that leads out of the archive. Pack the file anew, without its path."
        raise LayerError(msg)


def _refuse_bomb(size: int, packed: int, shown: str) -> None:
    if size > max(_SMALL, MOST_OFTEN * packed):
        msg = (
            f"{shown} unpacks to more than {MOST_OFTEN} times its size, as no layer does. Unpack it, and look into it."
        )
        raise LayerError(msg)


def copy(stream: IO[bytes] | gzip.GzipFile, path: Path, shown: str, size: int = 0, *, packed: int | None = None) -> int:
    """
    Copy a stream into a file, and give its size with what was copied before it.

    Raises
    ------
    LayerError
        Where that is more than `MOST_BYTES`, or so much more than was `packed` that it can be no layer.
    """
    before = size
    with path.open("wb") as out:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > MOST_BYTES:
                msg = f"{shown} holds more than {MOST_BYTES >> 30} GB. Put it into a file, unpacked, and name the file."
                raise LayerError(msg)
            if packed is not None:
                _refuse_bomb(size - before, packed, shown)
            out.write(block)
    return size
