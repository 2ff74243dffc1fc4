import unicodedata

import pytest

from geo.layers.encodings.syllables import is_syllable, words

WORDS = (
    "Việt Thuận Nghĩa gì gìn giếng Quốc quý Quỳnh Huỳnh khuya khuỷu Nguyễn loằng ngoằng boong rượu ưỡn yêu ý ổ Đắk "
    "Krông ĐẮK thuở quả uống oách Hoà Hòa thuý THÚY mỹ kỹ sỹ nghiêng xoong chuyện"
)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_of_the_language_are_syllables_in_either_form_and_case(form):
    stored = unicodedata.normalize(form, WORDS).split()
    assert [word for word in stored if not (is_syllable(word) and is_syllable(word.swapcase()))] == []


@pytest.mark.parametrize(
    "word", ["ThuËn", "ViÖt", "Hôpital", "Zürich", "phưòc", "các̣", "lòc", "grün", "ñoàng", "quót", "đ"]
)
def test_other_words_are_none(word):
    assert not is_syllable(word)


def test_a_word_without_any_accent_may_be_the_bare_letters_of_a_syllable():
    assert [is_syllable(word) for word in ("Phuoc", "Dai", "Bac", "Oslo", "Grenada")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_words_are_runs_of_letters_with_composed_accents():
    assert words(unicodedata.normalize("NFD", "Thôn 1, xã Phước_Đại")) == ["Thôn", "xã", "Phước", "Đại"]
