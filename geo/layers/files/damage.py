"""Why a file cannot be read, in words of every day: what libraries say of it speaks of bytes, codecs and calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.layers.files.formats import unknown_format

if TYPE_CHECKING:
    from xml.parsers import expat

_LONGEST = 160
# What libraries say, and what it means; the first that is found holds, filled with what it has caught.
_MEANING = (
    (r"^((?:it|the header of a page) .+)", "{0}"),  # said here already
    (r"does not exist in the file system", "it is named as an archive and is none"),
    (r"(?s)SHAPE_RESTORE_SHX", "its part .shx is not beside it"),
    (r"(\.\w+) is not beside it", "its part {0} is not beside it"),
    (r"records in \.shx", "its part .shx is damaged or cut short"),
    (r"missing , or \]", "the text of its coordinate system (.prj) is cut short"),
    (r"malformed|sqlite3_|not a database", "its database is damaged or cut short"),
    (r"JSON parsing error: continue \(at offset (\d+)\)", "it breaks off after byte {0}"),
    (r"GeoJSON.*At line (\d+), character (\d+): ([^\n]+)", "it is no GeoJSON from line {0}, character {1} on ({2})"),
    (r"magic bytes not found in footer", "its end is missing, or it is no Parquet"),
    (r"thrift|TProtocol", "what it says of its own content is damaged"),
    (r"codec can't decode|invalid.*UTF-?8", "text in it is no UTF-8"),
    (r"I/O failure|Compressed file ended|end-of-stream|EOFError", "it breaks off before its end"),
    (r"decompressing|bad CRC|CRC check failed|Bad CRC", "what is packed in it is damaged"),
    (
        r"[Nn]ot a gzipped|not a zip|EOCD|central directory|Bad magic number|differ",
        "it is cut short, or damaged within",
    ),
    (r"not a valid kmz", "it is no KMZ"),
    (r"proj_create", "it names no coordinate system that is known"),
    (r"not recognized as being in a supported file format", "it is damaged, or a file of another kind"),
    (r"Cannot detect file format", "it is no workbook, or cut short"),
    (r"not well-formed", "it is no XML"),
    (r"[Pp]ermission denied", "it may not be opened by you"),
    (r"Invalid OLE|Cfb error", "it is no workbook of Excel"),
    (r"not closed|closed linestring", "the outline of a polygon in it does not close"),
)


def why(said: str) -> str:
    """
    Say what a library's words mean; where that is not known, that the file is not right, with the words in brackets.

    Examples
    --------
    >>> why("sqlite3_prepare_v2(SELECT 1) failed: database disk image is malformed")
    'its database is damaged or cut short'
    >>> why("Unknown chunk")
    'it is damaged, or not what its name says (Unknown chunk)'
    """
    for pattern, meaning in _MEANING:
        if found := re.search(pattern, said):
            return meaning.format(*found.groups())
    first = next(iter(said.strip().splitlines()), "").rstrip(".")
    evidence = f" ({first[:_LONGEST]}{'…' if len(first) > _LONGEST else ''})" if first else ""
    return f"it is damaged, or not what its name says{evidence}"


def cannot_be_read(shown: str, said: str) -> LayerError:
    """Make the error of a file that its reader does not take, from what the reader said."""
    if "not recognized as being in a supported file format" in said:
        return unknown_format(shown)
    meant = why(said)
    remedy = "Put it there, or save the layer anew" if meant.endswith("not beside it") else "Save or fetch it again"
    return LayerError(f"{shown} cannot be read: {meant}. {remedy}.")


def broken_markup(error: expat.ExpatError | Exception) -> str:
    """Say where XML is broken: in the middle of it, or because it ends too early."""
    line, said = getattr(error, "lineno", None), str(error)
    if line is None:
        return why(said)
    if said.startswith(("no element found", "unclosed")):
        return f"it breaks off in line {line}"
    return f"line {line}, character {getattr(error, 'offset', 0) + 1} is no XML ({said.partition(':')[0]})"
