from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geo
from geo.errors import LayerError
from geo.layers.names.join import WAYS, join_by_name
from geo.layers.text import search_key

COMMUNES = pd.read_csv(Path(__file__).parents[2] / "data/ninh-thuan/facts/communes.csv")


def named(*names, parents=None):
    table = pd.DataFrame({"name": list(names)})
    return table if parents is None else table.assign(parent=parents)


def how(left, right, **options):
    joined = join_by_name(named(*left), named(*right), name="name", **options)
    return joined.how.tolist(), joined.right_how.tolist()


@pytest.mark.parametrize(
    ("left", "right", "way"),
    [
        ("Xã Phước Đại", " Xã Phước Đại ", "exact"),
        ("Xã Phước Hoà", "Xã Phước Hòa", "spelling"),
        ("XÃ PHƯỚC THUỶ", "xã Phước  Thủy", "spelling"),
        ("Phan Rang - Tháp Chàm", "Phan Rang-Tháp Chàm", "spelling"),
        ("Phường 01", "Phường 1", "spelling"),
        ("Xã Phước Đại", "Phước Đại", "kind"),
        ("Thị trấn Khánh Hải", "TT. Khánh Hải", "kind"),
        ("Kinh Dinh Ward", "Phường Kinh Dinh", "kind"),
        ("Xã Phước Đại", "Phuoc Dai", "accents"),
        ("Xã Phương Hải", "Phuong Hai", "accents"),
        ("Xã Phước Đại", "Phuoc Dai commune", "accents"),
        ("Ðông Hải", "Đông Hải", "spelling"),
        ("đong hai", "Phường Đông Hải", "accents"),
    ],
)
def test_one_name_on_each_side_is_joined_in_the_surest_way_that_it_fits(left, right, way):
    assert how([left], [right]) == ([way], [way])
    assert how([right], [left]) == ([way], [way])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Thanh Hải", "Thành Hải"),
        ("Thị trấn Tân Sơn", "Xã Tân Sơn"),
        ("Thị trấn Tân Sơn", "Xa Tan Son"),
        ("Phước Đại", "Phước Đài"),
        ("Xã Phương Hải", "Phường Hải"),
        ("", ""),
    ],
)
def test_two_places_are_never_joined(left, right):
    assert how([left], [right]) == (["alone"], ["alone"])


def test_thanh_hai_and_its_namesake_are_told_apart_by_accents_and_without_them_by_nothing():
    both = ["Thanh Hải", "Thành Hải"]
    assert how(both, both[::-1]) == (["exact"] * 2, ["exact"] * 2)
    assert how(both, ["Thanh Hai"]) == (["ambiguous"] * 2, ["ambiguous"])
    assert how(both, ["Thành Hải", "Thanh Hai"]) == (["ambiguous", "exact"], ["exact", "ambiguous"])
    assert how(both, [*both, "Thanh Hai"]) == (["exact"] * 2, ["exact"] * 2 + ["alone"])


def test_a_name_that_stands_twice_on_one_side_is_joined_to_neither():
    assert how(["An", "An", "Bình"], ["An", "Bình"]) == (["ambiguous"] * 2 + ["exact"], ["ambiguous", "exact"])
    assert how(["An"], ["An", "An"]) == (["ambiguous"], ["ambiguous"] * 2)
    assert how(["Tân Sơn"], ["Xã Tân Sơn", "Thị trấn Tân Sơn"]) == (["ambiguous"], ["ambiguous"] * 2)


def test_a_name_is_looked_for_within_its_parent_alone():
    left = named("Phước Sơn", "Phước Sơn", "An", parents=["Huyện Ninh Phước", "Huyện Bác Ái", "Huyện Ninh Sơn"])
    right = named("Phước Sơn", "Phước Sơn", "An", parents=["Bác Ái", "Ninh Phuoc", "Thuận Nam"]).assign(
        people=[1, 2, 3]
    )
    joined = join_by_name(left, right, name="name", parent="parent")
    assert joined.how.tolist() == ["exact", "exact", "alone"]
    assert joined.rows["people"].tolist()[:2] == [2, 1]
    assert joined.parents_alone == (("Huyện Ninh Sơn",), ("Thuận Nam",))


def test_a_row_without_a_parent_is_alone():
    left, right = named("An", "Bình", parents=[None, "x"]), named("An", "Bình", parents=["", "x"])
    assert join_by_name(left, right, name="name", parent="parent").how.tolist() == ["alone", "exact"]


def test_rows_stay_on_their_index_and_columns_of_one_name_are_told_apart():
    left = named("An", "Bình").assign(people=[1, 2]).set_axis([7, 9])
    right = pd.DataFrame({"xa": ["Bình"], "people": [20], "more": ["x"]}, index=[4])
    before = left.copy(), right.copy()
    joined = join_by_name(left, right, name=("name", "xa"))
    assert joined.rows.columns.tolist() == ["name", "people", "people (joined)", "more"]
    assert joined.rows.loc[9].tolist() == ["Bình", 2, 20, "x"]
    assert joined.rows.loc[7, ["people (joined)", "more"]].isna().all()
    assert (joined.row.loc[9], joined.row.isna().tolist()) == (4, [True, False])
    assert left.equals(before[0])
    assert right.equals(before[1])


def test_layers_stay_layers_and_the_geometries_of_the_right_one_are_not_taken(areas):
    joined = join_by_name(areas, areas.rename_geometry("shape"), name="name", parent="parent")
    assert isinstance(joined.rows, gpd.GeoDataFrame)
    assert joined.rows.crs == areas.crs
    assert joined.rows.columns.tolist() == ["area_id", "name", "parent", "geometry", "area_id (joined)"]


def test_tables_without_rows_are_joined_to_nothing():
    joined = join_by_name(named("An"), named().astype(str), name="name")
    assert joined.how.tolist() == ["alone"]
    assert join_by_name(named().astype(str), named("An"), name="name").right_how.tolist() == ["alone"]


def test_a_column_that_is_not_there_is_an_error_that_names_the_others():
    with pytest.raises(LayerError, match="right table has no column 'xa' to join on as name; it has name"):
        join_by_name(named("An"), named("An"), name=("name", "xa"))


@given(st.lists(st.sampled_from(["Hoà", "Hòa", "Hoa", "hoa", "Xã Hòa", "Phường Hòa", "Xa Hoa", "", "Họa"]), max_size=7))
def test_each_match_is_single_on_both_sides_and_goes_both_ways(names):
    cut = len(names) // 2
    left, right = named(*names[:cut]).astype(str), named(*names[cut:]).astype(str)
    one, other = (join_by_name(*pair, name="name") for pair in ((left, right), (right, left)))
    assert one.how.tolist() == other.right_how.tolist()
    assert one.right_how.tolist() == other.how.tolist()
    assert one.row.dropna().is_unique
    assert one.row.notna().tolist() == one.how.isin(WAYS).tolist()
    assert (one.right_how.isin(WAYS)).sum() == one.row.notna().sum()
    for place, partner in one.row.dropna().items():
        assert search_key(names[place])[-3:] == search_key(names[cut + partner])[-3:]


def test_the_order_of_rows_does_not_matter():
    names = pd.DataFrame({"name": COMMUNES["commune"], "parent": COMMUNES["district"]})
    bare = names.assign(name=names["name"].map(search_key), parent=names["parent"].map(search_key), people=range(65))
    shuffled = bare.sample(frac=1, random_state=1)
    joined = join_by_name(names, shuffled, name="name", parent="parent")
    assert joined.rows["people"].tolist() == list(range(65))


def test_the_communes_are_joined_without_accents_only_where_their_names_differ_without_them():
    bare = COMMUNES["commune"].str.replace("^(Xã|Phường|Thị trấn) ", "", regex=True).map(search_key)
    twice = bare.duplicated(keep=False)
    joined = join_by_name(COMMUNES, pd.DataFrame({"commune": bare}), name="commune")
    assert (joined.how == "ambiguous").tolist() == twice.tolist()
    assert COMMUNES["commune"][twice].tolist() == ["Xã Thanh Hải", "Phường Thành Hải"]
    within = join_by_name(
        COMMUNES, pd.DataFrame({"commune": bare, "district": COMMUNES["district"]}), name="commune", parent="district"
    )
    assert within.how.isin(WAYS).all()
    assert np.array_equal(within.row.astype(int), COMMUNES.index)


@pytest.mark.real
def test_the_communes_of_2009_are_joined_to_the_census(real):
    communes = gpd.read_file(real / "ninh_thuan/ninh_thuan_communes_2009.geojson")
    census = pd.read_csv(real.parent / "facts/ninh-thuan-communes.csv")
    full = geo.join_by_name(communes, census, name=("name_vn", "commune"), parent=("district_name_vn", "district"))
    assert (full.how == "exact").all()
    merged = communes.merge(census, left_on=["name_vn", "district_name_vn"], right_on=["commune", "district"])
    assert full.rows["population_2019"].tolist() == merged["population_2019"].tolist()
    assert full.rows["population_2019"].sum() == 590_467
    bare = geo.join_by_name(communes, census, name="commune", parent="district")
    assert bare.row.tolist() == full.row.tolist()
    # Only Kinh Dinh has no accents in either table.
    assert bare.how.value_counts().to_dict() == {"accents": 64, "kind": 1}
    loose = geo.join_by_name(communes, census, name="commune")
    repeated = communes["commune"].duplicated(keep=False)
    assert (loose.how == "ambiguous").tolist() == repeated.tolist()
    assert repeated.sum() == 2


@pytest.mark.real
def test_the_communes_of_2025_are_joined_where_the_name_stayed_the_same(real):
    communes = gpd.read_file(real / "ninh_thuan/ninh_thuan_communes_2025.geojson")
    slugs = communes["file"].str.extract(r"^\d+_(?P<name>.+)_(?P<kind>xa|phuong)\.geojson$")
    new = (slugs["kind"] + " " + slugs["name"].str.replace("_", " ")).map(search_key)
    assert new.notna().sum() == 24
    joined = join_by_name(pd.DataFrame({"name": new}), COMMUNES, name=("name", "commune"))
    old = COMMUNES["commune"].map(search_key).tolist()
    expected = [old.index(name) if old.count(name) == 1 else None for name in new]
    assert [None if pd.isna(row) else int(row) for row in joined.row] == expected
    assert 5 < sum(one is not None for one in expected) < 24
