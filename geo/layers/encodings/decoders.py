"""Vietnamese text in older encodings, and text that was misread, decoded: TCVN3, VNI, Windows-1258, UTF-8, escapes."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import TYPE_CHECKING

from geo.layers.encodings.syllables import is_syllable, words

if TYPE_CHECKING:
    from collections.abc import Callable

# TCVN 5712:1993, the bytes above 7F in rows of sixteen. Fonts called .Vn... (ABC, TCVN3) use the small letters and the
# seven capitals at the start; fonts called .Vn...H show the small ones as capitals.
_TCVN = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ"
    "ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
    "\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ"
    "\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịò"
    "Ổỏõóọồổỗốộờởỡớợù"
    "ỖủũúụừửữứựỳỷỹýỵỐ"
)
# Twelve capitals had no room left above 7F.
_TCVN_CONTROLS = {1: "Ú", 2: "Ụ", 4: "Ừ", 5: "Ử", 6: "Ữ", 17: "Ứ", 18: "Ự", 19: "Ỳ", 20: "Ỷ", 21: "Ỹ", 22: "Ý", 23: "Ỵ"}
_CAPITALS = re.compile("[A-Z][^\\W\\d_a-z]*[A-Z]|[A-Z][\u00a1-\u00ff]+[A-Z]")
_SPACES = re.compile(r"(\s+)")
_FROM_TCVN = {0x80 + place: letter for place, letter in enumerate(_TCVN)} | _TCVN_CONTROLS
# From B5 on stand the vowels with a tone, of which the fonts have no capitals.
_BARE_VOWELS = frozenset(chr(code) for code, letter in _FROM_TCVN.items() if code >= 0xB5 and letter.islower())  # noqa: PLR2004

# VNI for Windows: a letter is followed by its accents as one character, written in the letter's own case. Per letter
# and mark the character for no tone, acute, grave, hook, tilde and dot below; some letters have one of their own.
_VNI_TONES = "ùøûõï"
_VNI_MARKED = {"aâ": "âáàåãä", "aê": "êéèúüë", "eâ": "âáàåãä", "oâ": "âáàåãä"}
_VNI_WHOLE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_MARKS = {"aâ": "â", "aê": "ă", "eâ": "ê", "oâ": "ô"}
_TONES = "\u0301\u0300\u0309\u0303\u0323"


def _vni() -> dict[str, str]:
    small = dict(_VNI_WHOLE)
    for letter, shown in {**{one: one for one in "aeouy"}, "ô": "ơ", "ö": "ư"}.items():
        small |= {letter + mark: shown + tone for mark, tone in zip(_VNI_TONES, _TONES, strict=True)}
    for key, marks in _VNI_MARKED.items():
        small |= {key[0] + mark: _MARKS[key] + tone for mark, tone in zip(marks, ("", *_TONES), strict=True)}
    small = {code: unicodedata.normalize("NFC", letter) for code, letter in small.items()}
    # A mark in the other case than its letter is a slip of the hand: the letter decides.
    mixed = {code[0].upper() + code[1:]: letter.upper() for code, letter in small.items()}
    slipped = {code[0] + code[1:].upper(): letter for code, letter in small.items()}
    return mixed | slipped | small | {code.upper(): letter.upper() for code, letter in small.items()}


_FROM_VNI = _vni()
_VNI_CODE = re.compile("|".join(map(re.escape, sorted(_FROM_VNI, key=len, reverse=True))))
_ACCENTED = re.compile("[\u00c0-\u00ff]")

# Windows writes its typographic signs where Latin-1 has control characters; five bytes mean nothing there.
_AS_1252 = {byte: byte for byte in range(0x100)} | {
    ord(sign): byte for byte in range(0x80, 0xA0) if (sign := bytes([byte]).decode("cp1252", "ignore"))
}
_AS_1258 = {byte: byte for byte in range(0xA0)} | {
    ord(sign): byte for byte in range(0x80, 0x100) if (sign := bytes([byte]).decode("cp1258", "ignore"))
}
_NO_BYTE = re.compile(f"[^{re.escape(''.join(map(chr, _AS_1252.keys() | _AS_1258.keys())))}]")
# The letters that 1258 has in place of those of Latin-1, both ways; signs stay signs.
_LATIN_OF_1258 = {sign: byte for sign, byte in _AS_1258.items() if byte >= 0xA0}  # noqa: PLR2004
_FROM_1258 = {byte: sign for sign, byte in _LATIN_OF_1258.items()}

_ESCAPES = re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
# A no-break space that became a space, or was cut off the end, once was the last byte of one of these letters.
_WHOLE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_WORN = re.compile(rb"(\xc3|\xc6|\xe1\xba)(?: |$)")
# A lone capital before a closing sign, as in a quoted letter, is no misread byte.
_QUOTED = re.compile("[\0-\x7f]*[\u00c2-\u00df][»”’›…–—]\\s*")


def from_tcvn3(text: str) -> str:
    """
    Decode text of a TCVN3 (ABC) font that was read as Latin-1.

    The accented vowels have no capitals of their own: a font of capitals (.Vn...H) shows the small ones as such. They
    are capitals where the plain letters of the text, or of the word, are; and at the start of a word where every
    other word starts with a capital.

    Examples
    --------
    >>> [from_tcvn3(text) for text in ("ViÖt Nam", "Ninh ThuËn", "TØNH NINH THUËN", "HuyÖn B¸c ¸i")]
    ['Việt Nam', 'Ninh Thuận', 'TỈNH NINH THUẬN', 'Huyện Bác Ái']
    """
    if _in_capitals(text):
        return _plainly(text).upper()
    starts = [word[0] for word in text.split() if word[0].isascii() and word[0].isalpha()]
    is_name = bool(starts) and all(start.isupper() for start in starts)
    return "".join(_as_its_letters(part, is_name=is_name) for part in _SPACES.split(text))


def from_vni(text: str) -> str | None:
    """
    Decode text of a VNI font that was read as Latin-1; None where an accent follows a letter that cannot carry it.

    Examples
    --------
    >>> [from_vni(text) for text in ("Vieät Nam", "Ninh Thuaän", "Ñoàng Nai", "Hôpital")]
    ['Việt Nam', 'Ninh Thuận', 'Đồng Nai', 'Hơpital']
    >>> from_vni("Nîmes") is None
    False
    >>> from_vni("Zürich") is None
    True
    """
    if _ACCENTED.search(_VNI_CODE.sub("", text)):
        return None
    return _VNI_CODE.sub(lambda code: _FROM_VNI[code[0]], text)


def from_1258(text: str) -> str:
    """
    Decode Windows-1258 that was read as Latin-1; its accents stand apart, and are composed.

    Examples
    --------
    >>> from_1258("Ninh Thuâòn")
    'Ninh Thuận'
    """
    return unicodedata.normalize("NFC", text.translate(_FROM_1258))


def as_latin(text: str) -> str | None:
    """
    Give text that was read as Windows-1258 as it reads in Latin-1; None where it cannot have been.

    Examples
    --------
    >>> as_latin("Quơ") == "Qu\u00f5"
    True
    """
    if not all(ord(sign) in _AS_1258 for sign in text):
        return None
    return text.translate(_LATIN_OF_1258)


def from_utf8(text: str, *, worn: bool = False) -> str | None:
    """
    Decode UTF-8 that was read as Latin-1, Windows-1252 or Windows-1258; None where it cannot have been.

    Every byte must fit. A no-break space that was turned into a space on the way, or cut off the end, is put back where
    the words are Vietnamese with it, and where the text has another letter that was misread, or is said to be `worn`.

    Examples
    --------
    >>> from_utf8("ThÃ¡p ChÃ m")
    'Tháp Chàm'
    >>> from_utf8("ChÃ m"), from_utf8("ChÃ m", worn=True)
    (None, 'Chàm')
    >>> from_utf8("SÃO PAULO") is None
    True
    """
    # Most right names end here, and nothing else need be tried on them.
    if _NO_BYTE.search(text):
        return None
    for table in (_AS_1252, _AS_1258):
        try:
            raw = codecs.charmap_encode(text, "strict", table)[0]
        except UnicodeEncodeError:
            continue
        decoded = _decoded(raw, worn=worn)
        if decoded is not None and not (decoded.isascii() or _QUOTED.fullmatch(text)):
            return decoded
    return None


def from_escapes(text: str) -> str | None:
    r"""
    Decode literal ``\uXXXX`` escapes; None where there are none, or they stand for no letter or sign.

    Examples
    --------
    >>> from_escapes(r"Ninh Thu\u1eadn")
    'Ninh Thuận'
    >>> from_escapes("Ninh Thuận") is None
    True
    """
    decoded = _ESCAPES.sub(_unescaped, text)
    return None if decoded == text else decoded


DECODERS: dict[str, Callable[[str], str | None]] = {"tcvn3": from_tcvn3, "vni": from_vni, "windows_1258": from_1258}


def _plainly(text: str) -> str:
    return unicodedata.normalize("NFC", text.translate(_FROM_TCVN))


def _in_capitals(text: str) -> bool:
    """Tell whether all plain letters are capitals, not only those at the start of words."""
    plain = [letter for letter in text if letter.isascii() and letter.isalpha()]
    return all(letter.isupper() for letter in plain) and bool(_CAPITALS.search(text))


def _as_its_letters(word: str, *, is_name: bool) -> str:
    decoded = _plainly(word)
    if _in_capitals(word):
        return decoded.upper()
    return decoded[0].upper() + decoded[1:] if is_name and word[:1] in _BARE_VOWELS else decoded


def _decoded(raw: bytes, *, worn: bool) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    # The capital that looks like it is right in a text of capitals: XÃ AN.
    small = raw.upper() != raw or b"\xc3" not in raw
    if not (small and (worn or _WHOLE.search(raw))):
        return None
    for mended in (_WORN.sub(b"\\1\xa0", raw), _WORN.sub(b"\\1\xa0 ", raw)):
        try:
            text = mended.decode().rstrip()
        except UnicodeDecodeError:
            continue
        if all(word.isascii() or is_syllable(word) for word in words(text)):
            return text
    return None


def _unescaped(found: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(found[0].replace("\\u", "")).decode("utf-16-be")
    except UnicodeDecodeError:
        return found[0]
    return text if all(unicodedata.category(sign)[0] in "LMNPSZ" for sign in text) else found[0]
