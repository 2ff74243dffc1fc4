import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.layers.encodings.decoders import as_latin, from_1258, from_escapes, from_tcvn3, from_utf8, from_vni

TONES = ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"]
SMALL = [unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES if vowel + tone]
SMALL = sorted({letter for letter in SMALL if not letter.isascii()} | {"đ"})
LETTERS = SMALL + [letter.upper() for letter in SMALL]
# VNI written a second time, by mark: the shape of the letter and its tone in one sign.
VNI_PLAIN = dict(zip(TONES, ["", *"ùøûõï"], strict=True))
VNI_ROOF = dict(zip(TONES, "âáàåãä", strict=True))
VNI_BOWL = dict(zip(TONES, "êéèúüë", strict=True))
VNI_WHOLE = dict(zip("íìỉĩịđỵ", "íìæóòñî", strict=True))
WORDS = "Việt Nam, tỉnh Ninh Thuận, Đồng Nai, Huế, Phước Đại, Mỹ Hải, Khánh Hòa, Quảng Ngãi, Kỳ Vũ, Tỵ, nghĩa, ổ, ưỡn"


def in_vni(text):
    """Write a text in VNI for Windows, letter by letter from its parts."""
    return "".join(map(vni_of, unicodedata.normalize("NFC", text)))


def vni_of(letter):
    small = letter.lower()
    first, *marks = unicodedata.normalize("NFD", small)
    tone = "".join(mark for mark in marks if mark in TONES)
    if small in VNI_WHOLE:
        code = VNI_WHOLE[small]
    elif "\u0302" in marks:
        code = first + VNI_ROOF[tone]
    elif "\u0306" in marks:
        code = first + VNI_BOWL[tone]
    elif "\u031b" in marks:
        code = {"o": "ô", "u": "ö"}[first] + VNI_PLAIN[tone]
    else:
        code = first + VNI_PLAIN[tone]
    return code if letter == small else code.upper()


def in_1258(text):
    """Write a text in Windows-1258, tones apart, and read it as Latin-1."""
    written = ""
    for letter in unicodedata.normalize("NFC", text):
        apart = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in apart if mark in TONES)
        written += unicodedata.normalize("NFC", apart.replace(tone, "") if tone else apart) + tone
    return written.encode("cp1258").decode("latin-1")


def misread(text, encoding="cp1252"):
    """Read the UTF-8 of a text in another encoding; bytes that mean nothing there stay control characters."""
    return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())


def test_there_are_134_letters_beyond_ascii():
    assert len(LETTERS) == len(set(LETTERS)) == 134


@pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv, which knows TCVN 5712, is not there")
def test_every_letter_of_tcvn_5712_is_the_one_that_iconv_has():
    command = ["iconv", "-f", "UTF-8", "-t", "TCVN5712-1"]
    for letter in LETTERS:
        coded = subprocess.run(command, input=letter.encode(), capture_output=True, check=True).stdout
        assert len(coded) == 1
        assert from_tcvn3(coded.decode("latin-1")) == letter


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("ViÖt Nam", "Việt Nam"),
        ("Ninh ThuËn", "Ninh Thuận"),
        ("X· Ph\u00adíc §¹i", "Xã Phước Đại"),
        ("ThÞ trÊn Kh¸nh H¶i", "Thị trấn Khánh Hải"),
        ("Céng hßa x· héi chñ nghÜa", "Cộng hòa xã hội chủ nghĩa"),
        ("Hµ Néi", "Hà Nội"),
        ("B×nh D\u00ad¬ng", "Bình Dương"),
        ("§¾k L¾k", "Đắk Lắk"),
    ],
)
def test_well_known_words_in_tcvn3_are_read(stored, meant):
    assert from_tcvn3(stored) == meant


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("TØNH NINH THUËN", "TỈNH NINH THUẬN"),
        ("X· PH\u00adíC §¹I", "XÃ PHƯỚC ĐẠI"),
        ("UBND x· Lîi H¶i", "UBND xã Lợi Hải"),
        ("HuyÖn B¸c ¸i", "Huyện Bác Ái"),
        ("x· ë xa", "xã ở xa"),
        ("X· Cµ N¸", "Xã Cà Ná"),
    ],
)
def test_accented_letters_of_tcvn3_are_capitals_where_the_plain_ones_are(stored, meant):
    assert from_tcvn3(stored) == meant


def test_every_letter_goes_through_vni_and_back():
    assert {letter: from_vni(vni_of(letter)) for letter in LETTERS} == {letter: letter for letter in LETTERS}


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("Vieät Nam", "Việt Nam"),
        ("Ninh Thuaän", "Ninh Thuận"),
        ("Ñoàng Nai", "Đồng Nai"),
        ("Xaõ Phöôùc Ñaïi", "Xã Phước Đại"),
        ("THÒ TRAÁN KHAÙNH HAÛI", "THỊ TRẤN KHÁNH HẢI"),
        ("Baø Ròa - Vuõng Taøu", "Bà Rịa - Vũng Tàu"),
        ("Ñaék Laék", "Đắk Lắk"),
        ("AÁp Thoåû", None),
    ],
)
def test_well_known_words_in_vni_are_read_and_a_mark_too_many_is_refused(stored, meant):
    assert from_vni(stored) == meant


def test_a_mark_in_the_other_case_than_its_letter_follows_the_letter():
    assert from_vni("Aán Ñoâ") == from_vni("AÁn Ñoâ") == "Ấn Đô"


def test_every_letter_goes_through_windows_1258_and_back():
    assert from_1258(in_1258("".join(LETTERS))) == "".join(LETTERS)


@given(st.text(st.sampled_from(LETTERS + list(" abcd-")), min_size=1))
def test_text_misread_any_number_of_times_is_read_back(text):
    once = misread(text)
    if text.isascii():
        assert from_utf8(text) is None
    else:
        assert from_utf8(once) == text
        assert from_utf8(misread(once)) == once
        assert from_utf8(misread(text, "latin-1")) == text


def test_utf8_that_a_vietnamese_windows_misread_is_read():
    assert from_utf8(misread(WORDS, "cp1258")) == WORDS


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("Phan Rang - ThÃ¡p ChÃ m", "Phan Rang - Tháp Chàm"),
        ("HÃ  Nam", "Hà Nam"),
        ("HÃ Nam", "Hà Nam"),
        ("Nhá»‹ HÃ", "Nhị Hà"),
        ("NHÆ  QUá»²NH", "NHƠ QUỲNH"),
    ],
)
def test_a_no_break_space_that_was_worn_off_is_put_back(stored, meant):
    assert from_utf8(stored, worn=True) == meant


def test_what_looks_like_a_worn_letter_is_one_only_beside_others_that_were_misread():
    assert from_utf8("Phan Rang - ThÃ¡p ChÃ m") == "Phan Rang - Tháp Chàm"
    assert (from_utf8("HÃ Nam"), from_utf8("XÃ AN"), from_utf8("XÃ AN", worn=True)) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    ["SÃO PAULO", "Hôpital", "Île-de-France", "«Å»", "the letter Å…", "MANHÃ DE SOL", "Гренада", "கிரெனடா", "Xã", ""],
)
def test_text_that_is_no_misread_utf8_is_refused(text):
    assert from_utf8(text) is None


@given(st.text(st.sampled_from(LETTERS + list("abc \\u1"))))
def test_escapes_are_read_back(text):
    escaped = "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in text)
    assert from_escapes(escaped) in (text, None)
    if not text.isascii() and "\\" not in text:
        assert from_escapes(escaped) == text


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        (r"Ninh Thu\u1eadn", "Ninh Thuận"),
        (r"Th\u00e0nh", "Thành"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d", None),
        (r"\u0000", None),
        (r"C:\users", None),
        ("Ninh Thuận", None),
    ],
)
def test_escapes_of_letters_are_read_and_those_of_nothing_are_left(stored, meant):
    assert from_escapes(stored) == meant


def test_text_that_a_vietnamese_windows_read_is_seen_as_latin():
    stored = "Ph\u00adíc §¹i"
    assert as_latin(stored.encode("latin-1").decode("cp1258")) == stored
    assert as_latin("Thuận") is None
