"""XML looked through before GDAL reads it: whole to its last tag, and without entities of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from geo.errors import LayerError
from geo.layers.files.damage import broken_markup

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 1 << 20
_PLACES = ("coordinates", "pos", "posList")
_NO_NUMBER = re.compile(r"[^\W\d_eE]+")


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
            if b"opengis.net/gml" in stream.read(_BLOCK):
                _look_at_numbers(parser, shown)
            stream.seek(0)
            while block := stream.read(_BLOCK):
                parser.Parse(block, False)  # noqa: FBT003 - expat takes no names
            parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, LayerError):
            raise
        msg = f"{shown} is damaged: {broken_markup(error)}. Save or fetch it again."
        raise LayerError(msg) from error


def _look_at_numbers(parser: expat.XMLParserType, shown: str) -> None:
    """Let a parser refuse coordinates that are no numbers: GDAL takes them for 0, and the place for one off Africa."""

    def started(name: str, _: object) -> None:
        parser.CharacterDataHandler = said if name.removeprefix("gml:") in _PLACES else None

    def ended(_: str) -> None:
        parser.CharacterDataHandler = None

    def said(text: str) -> None:
        if found := _NO_NUMBER.search(text):
            msg = (
                f"{shown} has '{found[0][:40]}' for a coordinate in line {parser.CurrentLineNumber}. Mend that feature."
            )
            raise LayerError(msg)

    parser.StartElementHandler, parser.EndElementHandler = started, ended
