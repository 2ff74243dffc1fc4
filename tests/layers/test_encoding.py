import unicodedata

import pytest

from geo.errors import LayerError
from geo.layers.encodings.encoding import text_of

TEXT = "tên,huyện\nPhước Đại,Bác Ái\nThành Hải,Phan Rang - Tháp Chàm\n"


def as_1258(text):
    """Windows-1258 has no letter with both accents: the tone stands apart, but not where a letter has it alone."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        apart = unicodedata.normalize("NFD", letter)
        tones = [sign for sign in apart if sign in "\u0300\u0301\u0303\u0309\u0323"]
        bare = unicodedata.normalize("NFC", "".join(sign for sign in apart if sign not in tones))
        try:
            out.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            out.append((bare + "".join(tones)).encode("cp1258"))
    return b"".join(out)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_known_by_its_mark_or_its_bytes(encoding):
    assert text_of(TEXT.encode(encoding), "t.csv") == TEXT


def test_windows_1258_is_proved_by_its_words_and_composed():
    raw = as_1258(TEXT)
    with pytest.raises(UnicodeDecodeError):
        raw.decode()
    read = text_of(raw, "t.csv")
    assert read == TEXT
    assert unicodedata.is_normalized("NFC", read)


def test_a_font_encoding_is_kept_byte_by_byte_for_the_columns_to_be_turned():
    assert text_of(b"ten\nPh\xad\xedc \xa7\xb9i\nKh\xb8nh H\xb6i\n", "t.csv").splitlines()[2] == "Kh¸nh H¶i"


@pytest.mark.parametrize("text", ["a,b\nPhé,2\n", "name\nHôpital de l'Île de Ré\nChâteau\n", "a\nMünchen\nKöln\n"])
def test_other_text_of_one_byte_a_letter_is_refused_with_its_line(text):
    with pytest.raises(LayerError, match=r"t\.csv is not UTF-8 text: line 2 holds the byte 0x"):
        text_of(text.encode("cp1252"), "t.csv")
