"""XML looked through before GDAL reads it: whole to its last tag, and without entities of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from geo.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 1 << 20
# GDAL takes a coordinate of GML that is no number for 0, and the place for one off Africa.
_NO_NUMBER = re.compile(rb"<(?:\w+:)?(?:coordinates|pos|posList)\b[^<>]*>[^<>]*[A-DF-Za-df-z][^<>]*<")


def refuse_broken_markup(path: Path, shown: str) -> None:
    """
    Refuse XML that is cut short or damaged, of which GDAL gives the first rows and says nothing.

    XML that declares entities is refused as well: they serve to blow a file up or to bring other files in, and no layer
    needs them. Nothing outside the file is opened.

    Raises
    ------
    LayerError
        With the line at which it breaks off.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> NoReturn:
        msg = f"{shown} declares entities of XML in line {parser.CurrentLineNumber}, which no layer needs. "
        msg += "Save it again without them."
        raise LayerError(msg)

    parser.EntityDeclHandler = refuse
    try:
        with path.open("rb") as stream:
            rest = b""
            while block := stream.read(_BLOCK):
                parser.Parse(block, False)  # noqa: FBT003 - expat takes no names
                rest = _without_wrong_numbers(rest + block, shown)
            parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, LayerError):
            raise
        msg = f"{shown} is damaged: {error}. Save or fetch it again."
        raise LayerError(msg) from error


def _without_wrong_numbers(text: bytes, shown: str) -> bytes:
    """Refuse coordinates that are no numbers; give what begins at the last tag but one, to be looked at again."""
    if found := _NO_NUMBER.search(text):
        number = found[0].partition(b">")[2][:40].decode("utf-8", "replace").strip("<\n ")
        msg = (
            f"{shown} is damaged: it has the coordinates '{number}', which are no numbers. Mend them, or take them out."
        )
        raise LayerError(msg)
    last = text.rfind(b"<")
    return text[max(text.rfind(b"<", 0, max(last, 0)), 0) :] if last >= 0 else text
