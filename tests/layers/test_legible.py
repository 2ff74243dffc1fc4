from pathlib import Path

import babel
import pandas as pd
import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from geo.layers.encodings.decoders import from_tcvn3
from geo.layers.encodings.legible import legible, legible_headers, tell_turned
from geo.layers.encodings.syllables import is_syllable, words
from geo.layers.layer import read_layer
from tests.layers.test_decoders import LETTERS, in_1258, in_vni, misread

COMMUNES = pd.read_csv(Path(__file__).parents[2] / "data/ninh-thuan/facts/communes.csv")
NAMES = COMMUNES["commune"].tolist()
PAIRS = (COMMUNES["commune"] + ", " + COMMUNES["district"]).tolist()
SYLLABLES = sorted({word for name in PAIRS for word in words(name)})
CODES = {from_tcvn3(chr(code)): chr(code) for code in range(0xFF, 0xA0, -1) if from_tcvn3(chr(code)) in LETTERS}


def in_tcvn3(text):
    """Write a text in the fonts of ABC, which have no capitals of the vowels with a tone."""
    return "".join(CODES.get(letter) or CODES.get(letter.lower(), letter) for letter in text)


def as_1258(text):
    return "".join(bytes([ord(sign)]).decode("cp1258") if 0xA0 <= ord(sign) <= 0xFF else sign for sign in text)


WAYS = {
    "tcvn3": in_tcvn3,
    "tcvn3 read by a Vietnamese Windows": lambda text: as_1258(in_tcvn3(text)),
    "vni": in_vni,
    "vni read by a Vietnamese Windows": lambda text: as_1258(in_vni(text)),
    "windows_1258": in_1258,
    "utf8": misread,
    "utf8 twice": lambda text: misread(misread(text)),
    "utf8 of tcvn3": lambda text: misread(in_tcvn3(text)),
    "escapes": lambda text: "".join(sign if sign.isascii() else f"\\u{ord(sign):04x}" for sign in text),
}


def turned(texts):
    table, found = legible(pd.DataFrame({"name": texts}))
    return table["name"].tolist(), found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("texts", [NAMES, PAIRS, NAMES[:1], ["Ninh Thuận"]])
def test_names_in_an_older_encoding_are_all_read(way, texts):
    stored = [WAYS[way](text) for text in texts]
    read, found = turned(stored)
    assert read == texts
    changed = [row for row, (before, after) in enumerate(zip(stored, texts, strict=True)) if before != after]
    assert [(one.encoding, one.unsure) for one in found] == [(way.split()[0], False)]
    assert found[0].rows == tuple(changed)


@pytest.mark.parametrize("way", WAYS)
def test_text_in_capitals_is_read_as_capitals(way):
    texts = [name.upper() for name in NAMES if name != "Xã Cà Ná"]
    assert turned([WAYS[way](text) for text in texts])[0] == texts


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1))
def test_no_text_of_right_syllables_is_ever_touched(texts):
    for cells in (texts, [" ".join(texts)], [text.upper() for text in texts]):
        assert turned(cells) == (cells, [])


def test_the_names_and_their_syllables_are_vietnamese_and_stay(real):
    facts = pd.read_csv(real.parent / "facts/ninh-thuan-communes.csv")
    table, found = legible(facts)
    assert found == []
    assert table.equals(facts)
    assert all(is_syllable(word) for name in facts["commune"] + " " + facts["district"] for word in words(name))


@pytest.mark.parametrize("kind", ["territories", "languages"])
def test_names_in_the_languages_of_the_world_are_never_touched(kind):
    looked_at = 0
    for identifier in sorted(locale_identifiers()):
        names = list(getattr(babel.Locale.parse(identifier), kind).values()) if "_" not in identifier else []
        if names and not all(map(str.isascii, names)):
            looked_at += 1
            assert turned(names) == (names, []), identifier
    assert looked_at > 150


@pytest.mark.parametrize(
    "language", ["fr", "de", "pt", "es", "sv", "nb", "da", "is", "hu", "cs", "tr", "nl", "fi", "vi"]
)
def test_one_foreign_name_alone_is_never_touched(language):
    for name in set(babel.Locale(language).territories.values()):
        for text in (name, *name.split()):
            assert turned([text]) == ([text], []), text


@pytest.mark.parametrize(
    "texts",
    [
        ["Hôpital"],
        ["Hôpital de Sóc Trăng", "Café Đà Lạt"],
        ["où", "mû", "né", "thé"],
        ["Bø", "Hå", "Rø"],
        ["Köy", "Göl", "Çay", "İç", "Dağ"],
        ["Гренада"],
        ["கிரெனடா"],
        [""],
        ["km²", "12 °C", "§ 3", "«x»"],
        [r"C:\users\ugly"],
    ],
)
def test_short_foreign_words_and_signs_stay(texts):
    assert turned(texts) == (texts, [])


@pytest.mark.real
def test_the_text_of_grenada_stays(real):
    import geopandas as gpd  # noqa: PLC0415

    rows = gpd.read_file(real / "shapefile_encoding/gre.shp")
    table, found = legible(rows)
    assert found == []
    assert table["name_ru"].tolist() == ["Гренада"]


@pytest.mark.real
def test_the_escapes_of_ninh_thuan_are_the_names_that_stand_beside_them(real):
    import geopandas as gpd  # noqa: PLC0415

    rows = gpd.read_file(real / "ninh_thuan/ninh_thuan_communes_2009.geojson")
    table, found = legible(rows)
    assert table["commune_vn"].tolist() == rows["name_vn"].tolist()
    assert table["district_vn"].tolist() == rows["district_name_vn"].tolist()
    escaped = {name: int(rows[name].str.contains("\\u", regex=False).sum()) for name in table if name.endswith("_vn")}
    assert {one.column: len(one.rows) for one in found} == {name: count for name, count in escaped.items() if count}


def test_right_names_beside_older_ones_stay_and_what_may_be_either_is_told():
    # Phó is Phú in TCVN3, and a word of its own.
    stored = ["Phước Đại", "Kh¸nh H¶i", "Ninh ThuËn", "Phó"]
    read, found = turned(stored)
    assert read == ["Phước Đại", "Khánh Hải", "Ninh Thuận", "Phó"]
    assert [(one.rows, one.unsure) for one in found] == [((1, 2), False), ((3,), True)]
    assert turned(stored[1:])[0] == ["Khánh Hải", "Ninh Thuận", "Phú"]


def test_a_column_too_short_to_prove_itself_is_read_by_the_proof_of_another():
    alone = pd.DataFrame({"xa": ["HuÕ", "HuÕ"]})
    assert legible(alone)[1] == []
    table, found = legible(alone.assign(ten=["Kh¸nh H¶i", "Ninh ThuËn"]))
    assert table["xa"].tolist() == ["Huế", "Huế"]
    assert [(one.column, one.encoding) for one in found] == [("xa", "tcvn3"), ("ten", "tcvn3")]


def test_ids_numbers_and_missing_cells_stay_and_the_argument_is_not_changed():
    rows = pd.DataFrame(
        {"ma": ["X·01", "X·02"], "ten": ["Kh¸nh H¶i", None], "so": [1, 2], "any": [["Kh¸nh"], 3.5]}, index=[7, 9]
    )
    before = rows.copy(deep=True)
    table, found = legible(rows, keep=["ma"])
    assert table["ma"].tolist() == ["X·01", "X·02"]
    assert table["ten"].tolist()[0] == "Khánh Hải"
    assert table["ten"].isna().tolist() == [False, True]
    assert (table["any"].tolist(), table["so"].tolist()) == ([["Kh¸nh"], 3.5], [1, 2])
    assert [(one.column, one.rows) for one in found] == [("ten", (7,))]
    assert rows.equals(before)
    assert table.dtypes.tolist() == rows.dtypes.tolist()


def test_a_worn_letter_is_read_where_another_text_of_the_column_was_misread():
    assert turned(["HÃ Nam", "ChÃ m"]) == (["HÃ Nam", "ChÃ m"], [])
    assert turned(["HÃ Nam", "ChÃ m", "ThÃ¡p"])[0] == ["Hà Nam", "Chàm", "Tháp"]


def test_headers_are_turned_and_never_into_one_that_is_there():
    became, found = legible_headers(["ma", "Tªn x·", "D©n sè", "lon", "lat"])
    assert became == {"Tªn x·": "Tên xã", "D©n sè": "Dân số"}
    assert [one.encoding for one in found] == ["tcvn3"]
    assert legible_headers(["Tªn x·", "D©n sè", "Dân số"])[0] == {"Tªn x·": "Tên xã"}
    assert legible_headers(["Tên xã", "Dân số", "Hôpital"]) == ({}, [])


def test_what_was_turned_is_told_with_its_column_its_count_and_an_example():
    _, found = turned(["Kh¸nh H¶i", "Ninh ThuËn"])
    (finding,) = tell_turned("villages", found)
    assert (finding.fault, finding.rows) == ("turned_into_unicode", (0, 1))
    assert finding.text("en") == (
        "villages whose text in column 'name' was in the font encoding TCVN3 (ABC): 2 "
        "(as 'Kh¸nh H¶i', which is 'Khánh Hải')"
    )


def test_a_village_table_in_tcvn3_is_read_with_its_headers_and_its_ids_stay(read):
    text = in_tcvn3(
        "mã thôn;tên thôn;dân số;kinh độ;vĩ độ\nThôn1;Thôn Nghĩa Thuận;120;105;20\nThôn2;Thôn Ấp Bắc;80;105;20"
    )
    layer = read("villages", text)
    assert layer.table["name"].tolist() == ["Thôn Nghĩa Thuận", "Thôn Ấp Bắc"]
    assert layer.table["population"].tolist() == [120, 80]
    assert layer.table["village_id"].tolist() == [in_tcvn3("Thôn1"), in_tcvn3("Thôn2")]
    assert layer.own.columns.tolist() == [
        *map(in_tcvn3, ["mã thôn", "tên thôn", "dân số", "kinh độ", "vĩ độ"]),
        "geometry",
    ]
    told = {finding.fault: finding for finding in layer.findings}
    assert told["turned_into_unicode"].ids == tuple(layer.table["village_id"])
    assert told["headers_turned"].values["count"] == 5


def test_a_column_may_be_named_by_its_header_as_it_stands_or_as_it_reads(read):
    text = in_tcvn3("mã thôn;tên gọi thôn này;dân số;lon;lat\n1;Thôn Nghĩa Thuận;120;105;20")
    for header in ("tên gọi thôn này", in_tcvn3("tên gọi thôn này")):
        assert read("villages", text, columns={"name": header}).table["name"].tolist() == ["Thôn Nghĩa Thuận"]


@pytest.mark.parametrize("way", ["tcvn3", "vni", "windows_1258"])
def test_a_table_of_bytes_in_an_older_encoding_is_read(write, way):
    rows = "".join(f"{row},{name},105,20\n" for row, name in enumerate(NAMES))
    stored = WAYS[way](f"id,name,lon,lat\n{rows}").encode("latin-1")
    assert read_layer("villages", write("v.csv", stored)).table["name"].tolist() == NAMES


@pytest.mark.parametrize("way", ["tcvn3", "vni"])
def test_a_shapefile_of_an_older_encoding_that_does_not_name_it_is_read(tmp_path, way):
    import geopandas as gpd  # noqa: PLC0415

    stored = gpd.GeoDataFrame(
        {"name": [WAYS[way](name) for name in NAMES]}, geometry=gpd.points_from_xy([105] * 65, [20] * 65), crs=4326
    )
    stored.to_file(tmp_path / "v.shp", encoding="ISO-8859-1")
    (tmp_path / "v.cpg").unlink(missing_ok=True)
    layer = read_layer("villages", tmp_path / "v.shp")
    assert layer.table["name"].tolist() == NAMES
    assert layer.own["name"].tolist() == stored["name"].tolist()
