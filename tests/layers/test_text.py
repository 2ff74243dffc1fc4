import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.layers.text import clean, cleaned, header_key, id_order, id_ranks, search_key, spelling_key


def test_accents_are_composed_and_white_space_goes():
    apart = unicodedata.normalize("NFD", " Phước Đại\u00a0")
    assert clean(apart) == "Phước Đại"
    assert len(apart) > len(" Phước Đại ")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_search_without_accents_finds_a_name_however_its_accents_are_stored(form):
    assert search_key(unicodedata.normalize(form, "Đông Hải")) == "dong hai"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("old", "new"), [("Hoà", "Hòa"), ("Thuý", "Thúy"), ("KHOẺ", "khỏe"), ("Ðông", "Đông"), ("Tổ 01", "tổ  1")]
)
def test_one_name_has_one_key_wherever_its_tone_stands(old, new, form):
    assert spelling_key(unicodedata.normalize(form, old)) == spelling_key(new)


@pytest.mark.parametrize(
    ("one", "other"), [("Thanh Hải", "Thành Hải"), ("Hoà", "Hoa"), ("Hỏa", "Hòa"), ("An Ninh", "Anninh"), ("Mỹ", "Mỷ")]
)
def test_names_of_different_accents_or_words_have_different_keys(one, other):
    assert spelling_key(one) != spelling_key(other)


def test_both_places_of_the_tone_are_found_by_one_search():
    assert search_key("Phước Hoà") == search_key("Phước Hòa") == search_key("phuoc hoa")
    assert search_key("Ðông Hải") == "dong hai"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Vĩ độ", "vi_do"),
        ("TÊN_THÔN", "ten_thon"),
        ("  Dân  số (người) ", "dan_so_nguoi"),
        ("pop-2019", "pop_2019"),
        ("", ""),
    ],
)
def test_a_header_becomes_a_key_of_plain_letters(header, key):
    assert header_key(header) == key


def test_ids_of_digits_go_by_their_value_and_before_the_others():
    assert sorted(["b", "10", "9", "a"], key=lambda name: id_order([name])[0]) == ["9", "10", "a", "b"]


@given(st.lists(st.text(alphabet="0123456789ab", max_size=4)))
def test_ranks_put_the_ids_into_their_order(ids):
    ranks = id_ranks(ids)
    ordered = [ids[place] for place in ranks.argsort()]
    assert sorted(ranks.tolist()) == list(range(len(ids)))
    numbers = [int(name) for name in ordered if name.isdecimal()]
    assert numbers == sorted(numbers)
    assert [name.isdecimal() for name in ordered] == sorted((name.isdecimal() for name in ordered), reverse=True)


@given(st.lists(st.one_of(st.none(), st.text(max_size=8))))
def test_a_column_is_cleaned_as_its_texts_are(texts):
    found = cleaned(pd.Series(texts, dtype="object"))
    assert [None if pd.isna(one) else one for one in found] == [clean(one) or None if one else None for one in texts]
