"""The bytes of a text file as text: UTF-8, UTF-16, and Vietnamese encodings that its words prove."""

from __future__ import annotations

import logging
import re
import unicodedata
from typing import TYPE_CHECKING

from geo.errors import LayerError
from geo.layers.encodings.evidence import proof

if TYPE_CHECKING:
    import pandas as pd

_LOG = logging.getLogger(__name__)
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_CELL_ENDS = re.compile(r'[,;\t|"\n]+')
# Enough words to prove an encoding.
_PROVING_CELLS = 5_000
_LOOKED_AT = 4_096


def text_of(raw: bytes, shown: str) -> str:
    r"""
    Decode a text file; its lines end in ``\n``, its accents are composed where the encoding wrote them apart.

    Windows-1258 has no mark: it is taken where the words become Vietnamese by it. Text of the font
    encodings TCVN3 and VNI, proved likewise, is given as Latin-1, for :mod:`geo.layers.encodings.legible` to turn.

    Parameters
    ----------
    raw : bytes
        The whole file.
    shown : str
        How a message calls the file.

    Raises
    ------
    LayerError
        Where it is no text, or in an encoding that nothing proves.

    Examples
    --------
    >>> text_of("Ninh Thuâ\u0323n\r\n".encode("cp1258"), "v.csv")
    'Ninh Thuận\n'
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), None)
    encoding = encoding or unmarked_utf16(raw[:_LOOKED_AT]) or "utf-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        older = _older(raw) if encoding == "utf-8" and b"\0" not in raw else None
        if older is None:
            line = raw[: error.start].count(b"\n") + 1
            msg = (
                f"{shown} is not {encoding.upper()} text: line {line} holds the byte 0x{raw[error.start]:02x}. "
                "Save it as CSV UTF-8."
            )
            raise LayerError(msg) from error
        text, name = older
        _LOG.info("%s: read as %s", shown, name)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        msg = f"{shown} is no table of text: line {line} holds the byte 0x00. Save it as CSV UTF-8."
        raise LayerError(msg)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unmarked_utf16(start: bytes) -> str | None:
    r"""
    Tell UTF-16 without a byte order mark by its start: the noughts of its plain letters stand in every second byte.

    Examples
    --------
    >>> unmarked_utf16("tên,xã".encode("utf-16-be")), unmarked_utf16(b"ten,x\0a,huyen")
    ('utf-16-be', None)
    """
    first, second = start[::2].count(0), start[1::2].count(0)
    if 4 * max(first, second) < len(start) // 2 or min(first, second):
        return None
    return "utf-16-be" if first else "utf-16-le" if second else None


def is_unicode(rows: pd.DataFrame) -> bool:
    """Tell whether the text columns that a library of formats gave are UTF-8: it passes on what stands in a file."""
    import pyarrow as pa  # noqa: PLC0415 - a table of text does not need it

    try:
        texts: pd.DataFrame = rows.select_dtypes("str")
        for number in range(texts.shape[1]):
            pa.array(texts.iloc[:, number].array).validate(full=True)
    except pa.ArrowException:
        return False
    return True


def _older(raw: bytes) -> tuple[str, str] | None:
    """Decode by the one older Vietnamese encoding that the cells beyond ASCII prove."""
    text = raw.decode("latin-1")
    marked = list(dict.fromkeys(cell for cell in _CELL_ENDS.split(text) if not cell.isascii()))[:_PROVING_CELLS]
    plain = [" ".join(word for word in cell.split() if word.isascii()) for cell in marked]
    proved = proof(marked, plain)
    if proved is None:
        return None
    if proved.encoding == "windows_1258":
        return unicodedata.normalize("NFC", raw.decode("cp1258", "replace")), "Windows-1258"
    return text, f"Latin-1, its text in {proved.encoding.upper()}"
