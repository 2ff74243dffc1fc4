import pytest

from geo.layers.names.place_names import place_names


def read(text):
    return [(name.bare, set(name.kinds)) for name in place_names(text)]


@pytest.mark.parametrize(
    ("text", "bare", "kind"),
    [
        ("Xã Phước Đại", "Phước Đại", {"commune"}),
        ("PHƯỜNG MỸ HẢI", "MỸ HẢI", {"ward"}),
        ("Thị trấn Khánh Hải", "Khánh Hải", {"townlet"}),
        ("thị  xã Hà Tiên", "Hà Tiên", {"municipality"}),
        ("Thành phố Phan Rang-Tháp Chàm", "Phan Rang-Tháp Chàm", {"city"}),
        ("TP. Phan Rang", "Phan Rang", {"city"}),
        ("TT Tân Sơn", "Tân Sơn", {"townlet"}),
        ("P. Mỹ Hải", "Mỹ Hải", {"ward"}),
        ("P.1", "1", {"ward"}),
        ("H. Bác Ái", "Bác Ái", {"district"}),
        ("Ninh Hai District", "Ninh Hai", {"district", "precinct"}),
        ("commune Phuoc Dai", "Phuoc Dai", {"commune"}),
        ("Khu phố 3", "3", {"quarter"}),
    ],
)
def test_the_word_for_the_kind_is_taken_off(text, bare, kind):
    assert read(text) == [(bare, kind)]


@pytest.mark.parametrize("text", ["Phương Hải", "Xa lộ Hà Nội", "Phước Đại", "Thịnh", "Xã", "P Mỹ", "Tỉnhội", ""])
def test_a_name_that_only_looks_like_the_word_for_a_kind_stays_whole(text):
    assert read(text) == [(text, set())]


def test_without_accents_the_word_may_be_part_of_the_name():
    assert read("Phuong Hai") == [("Phuong Hai", set()), ("Hai", {"ward"})]
    assert read("Xa Phuong Hai") == [("Xa Phuong Hai", set()), ("Phuong Hai", {"commune"})]
