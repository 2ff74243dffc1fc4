"""OpenStreetMap extracts as layers, against a country counted on paper, GDAL's reader and a plain loop over a file."""

from __future__ import annotations

import sys
from collections import Counter

import osmium
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import LayerError, StudyError
from geo.layers.layer import read_coverage, read_layer
from geo.layers.osm.layers import administrative
from geo.layers.osm.naming import PLACES, SETTLEMENTS, is_extract, read_choice, with_choice
from geo.layers.osm.objects import Query, extract_date, gather
from geo.layers.osm.place import areas_in, find_place
from geo.layers.osm.study import _quoted
from geo.layers.read import open_source
from geo.study.file import read_study_file

from ..extract import (  # noqa: TID252 - tests are no package
    BORDERS,
    DAY,
    EAST,
    HOLE,
    MIDDLE,
    NORTH,
    SOUTH,
    WEST,
    U,
    write_country,
)

RING = shapely.Polygon(BORDERS["ring"])


@pytest.fixture(params=[".osm.pbf", ".osm", ".osm.gz"])
def country(request, tmp_path):
    return write_country(tmp_path / f"country{request.param}")


@pytest.fixture
def pbf(tmp_path):
    return write_country(tmp_path / "country.osm.pbf")


@pytest.fixture
def admin(pbf):
    keys = ("name", "name:vi", "name:en", "alt_name", "boundary", "admin_level")
    objects = gather(pbf, Query(tags=(("boundary", "administrative"),), keep=keys))
    return administrative(objects), objects.lost


def opened(country, layer):
    source = open_source(f"{country}::{layer}")
    return source.rows.set_index("id"), {finding.fault: finding for finding in source.findings}


def test_settlements_come_once_each_as_points_with_their_names_and_people(country):
    rows, found = opened(country, "villages")
    assert rows.index.tolist() == ["n2001", "n2002", "n2003", "n2004", "n2008", "w61", "r410"]
    assert rows["name:en"].dropna().to_dict() == {"n2002": "My Hoa"}
    assert set(rows.geom_type) == {"Point"}
    assert found["osm_other_places"].values["kinds"] == "isolated_dwelling 1, suburb 1"
    assert found["osm_other_places"].chosen
    villages = read_layer("villages", f"{country}::villages").table.set_index("village_id")
    assert villages["population"].dropna().to_dict() == {"n2001": 1200, "n2002": 300, "n2003": 50_000, "n2004": 800}


def test_a_settlement_that_is_a_node_and_an_area_is_the_node_with_the_people_of_the_area(country):
    rows, found = opened(country, "villages")
    assert rows.loc["n2004", ["name", "population"]].tolist() == ["Vĩnh Hy", "800"]
    assert rows.geometry["n2004"].equals(shapely.Point(108.011, 11.011))
    assert found["osm_node_and_area"].ids == ("w60",)
    assert "w60 Vĩnh Hy" in found["osm_node_and_area"].text("vi")


def test_kinds_of_places_are_chosen_by_name(country):
    rows, found = opened(country, "villages:suburb,town")
    assert rows["place"].to_dict() == {"n2003": "town", "n2006": "suburb"}
    assert found["osm_other_places"].values["objects"] == 8  # Vĩnh Hy stands in it twice


def test_points_are_nodes_ways_and_relations_once_each_at_a_point_inside(country):
    rows, _ = opened(country, "points")
    assert rows.index.tolist() == ["n1001", "n1002", "n1003", "w50", "r400"]
    assert set(rows["kind"]) == {"post_office"}
    yard = shapely.Polygon([(108.25 + x * 1e-3, 11.05 + y * 1e-3) for x, y in U])
    assert yard.contains(rows.geometry["w50"])
    assert not yard.contains(yard.centroid)
    donut = shapely.box(108.35, 11.15, 108.353, 11.153) - shapely.box(108.351, 11.151, 108.352, 11.152)
    assert donut.contains(rows.geometry["r400"])


def test_objects_that_cannot_be_assembled_are_told_by_their_ids(country):
    _, found = opened(country, "points")
    assert {fault: finding.ids for fault, finding in found.items()} == {
        "osm_incomplete": ("r401",),
        "osm_shapeless": ("r402",),
    }
    _, found = opened(country, "areas:6")
    assert {fault: finding.ids for fault, finding in found.items()} == {
        "osm_incomplete": ("r105",),
        "osm_open_rings": ("r104",),
    }
    assert "r104 Bác Ái" in found["osm_open_rings"].text("en")


def test_points_are_chosen_by_tags_and_their_kind_is_the_value_of_the_tag(country):
    rows, _ = opened(country, "points:amenity=post_box,amenity=post_office,place=town")
    assert rows["kind"].to_dict() == {
        "n1001": "post_office",
        "n1002": "post_office",
        "n1003": "post_office",
        "n1004": "post_box",
        "n2003": "town",
        "w50": "post_office",
        "r400": "post_office",
    }


def test_areas_are_assembled_with_their_holes_and_know_what_they_lie_in(country):
    rows, _ = opened(country, "areas:6")
    assert rows["name"].to_dict() == {"r101": "Ninh Hải", "r102": "Ninh Sơn", "r103": "Phan Rang", "r201": "Thanh Hải"}
    assert rows["parent"].tolist() == ["Tỉnh Ninh Thuận", "Tỉnh Ninh Thuận", "Tỉnh Ninh Thuận", "Tỉnh Khánh Hòa"]
    assert rows.geometry["r101"].equals(shapely.box(WEST, SOUTH, 108.2, NORTH))
    assert rows.geometry["r102"].equals(shapely.box(108.2, SOUTH, MIDDLE, NORTH) - shapely.box(*HOLE))
    assert rows.geometry["r103"].equals(RING)
    communes, _ = opened(country, "areas:8")
    assert communes["parent"].tolist() == ["Ninh Hải", "Ninh Hải"]
    both, _ = opened(country, "areas:2,4")
    assert both.geometry.tolist()[0].equals(shapely.box(WEST, SOUTH, EAST, NORTH))
    assert both["parent"].tolist()[1:] == ["Việt Nam", "Việt Nam"]


def test_the_levels_are_listed_where_none_is_named(pbf):
    with pytest.raises(LayerError, match=r"levels 2 \(1\), 4 \(2\), 6 \(4\), 8 \(2\)\. Name one: .*::areas:8"):
        open_source(f"{pbf}::areas")


def test_roads_are_lines_with_kind_and_oneway_and_what_the_extract_lacks_is_told(country):
    rows, found = opened(country, "roads")
    assert rows["kind"].tolist() == ["primary", "residential", "residential", "track"]
    assert rows["oneway"].dropna().to_dict() == {"w70": "-1", "w71": "yes"}
    assert rows.geometry["w70"].equals(shapely.LineString([(108.01, 11.15), (108.02, 11.15), (108.03, 11.16)]))
    assert rows.geometry["w73"].equals(shapely.LineString([(108.05, 11.16), (108.06, 11.16)]))
    assert (found["osm_cut"].ids, found["osm_incomplete"].ids) == (("w73",), ("w74",))


def test_an_extract_named_without_a_layer_says_what_there_is(pbf):
    for name in (pbf, f"{pbf}::post_offices"):
        with pytest.raises(LayerError, match="::villages, ::points, ::areas or ::roads"):
            open_source(name)


@pytest.mark.parametrize("kind", ["villages", "points", "areas"])
def test_an_extract_that_is_to_be_a_layer_offers_what_can_be_one(pbf, kind):
    for layer, says in (
        ("", "is an extract of OpenStreetMap"),
        ("::post_offices", "has no layer 'post_offices'"),
        ("::roads", f"has roads, which are lines and no {kind}"),
    ):
        with pytest.raises(LayerError) as refused:
            read_layer(kind, f"{pbf}{layer}")
        assert str(refused.value) == f"{pbf} {says}. Say what is wanted of it: {pbf}::{kind}."


@pytest.mark.parametrize("layer", ["", "::roads"])
def test_an_extract_holds_no_coverage(pbf, layer):
    with pytest.raises(LayerError, match="There is no coverage in it: name a file of polygons or cells"):
        read_coverage(f"{pbf}{layer}")


@pytest.mark.parametrize(
    ("layer", "wrong"),
    [
        ("villages:locality", "'locality' is no kind of place where people live; there is city"),
        ("points:post_office", "'post_office' is no tag; write KEY=VALUE"),
        ("areas:13", "'13' is no admin_level; write a number from 1 to 12"),
        ("roads:primary", "'primary' says nothing here"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(pbf, layer, wrong):
    with pytest.raises(LayerError, match=wrong):
        open_source(f"{pbf}::{layer}")


def test_a_study_file_chooses_from_an_extract(pbf):
    study = pbf.with_name("study.toml")
    text = """
[villages]
file = "country.osm.pbf::villages"
places = ["town", "suburb"]
[points]
file = "country.osm.pbf::points"
tags = ["amenity=post_box"]
[areas]
file = "country.osm.pbf::areas"
admin_level = 6
"""
    study.write_text(text, "utf-8")
    layers = read_study_file(study).layers
    assert {kind: source.shown for kind, source in layers.items()} == {
        "villages": "country.osm.pbf::villages:town,suburb",
        "points": "country.osm.pbf::points:amenity=post_box",
        "areas": "country.osm.pbf::areas:6",
    }
    assert [len(read_layer(kind, source.file).table) for kind, source in layers.items()] == [2, 1, 4]
    for wrong, told in (('"amenity=post_box"', "tags chooses from points of an extract"), ('"post_box"', "is no tag")):
        file = "points.csv" if "amenity" in wrong else "country.osm.pbf::points"
        study.write_text(f'[points]\nfile = "{file}"\ntags = [{wrong}]\n', "utf-8")
        with pytest.raises(StudyError, match=f"'points.tags': .*{told}"):
            read_study_file(study)


def test_names_of_extracts_keep_their_choice_through_being_written_and_read():
    name = with_choice("a.osm.pbf::points", "points", ["addr:place=a:b", "shop=x"])
    assert is_extract(name)
    assert read_choice("a.osm.pbf", name.partition("::")[2]).tags == (("addr:place", "a:b"), ("shop", "x"))
    assert set(PLACES) < set(SETTLEMENTS)


def test_the_day_of_an_extract_is_in_its_header(pbf, real):
    assert extract_date(pbf) == DAY
    assert extract_date(real / "osm/test.osm.pbf") is None


def test_a_truncated_or_corrupt_extract_is_one_clear_line(pbf):
    whole = pbf.read_bytes()
    middle = len(whole) // 2
    corrupt = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
    for content in (whole[:middle], corrupt, b"hello" * 100, b""):
        pbf.write_bytes(content)
        with pytest.raises(
            LayerError, match=r"country\.osm\.pbf cannot be read as OpenStreetMap: .*Fetch it again"
        ) as told:
            open_source(f"{pbf}::villages")
        assert "\n" not in str(told.value)


@given(st.data())
def test_an_extract_that_is_cut_anywhere_is_an_error_or_an_answer(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cut") / "country.osm.pbf"
    whole = write_country(path).read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    try:
        rows = open_source(f"{path}::points").rows
    except LayerError:
        return
    assert set(rows["kind"]) <= {"post_office"}


@given(st.data())
def test_wrong_bytes_anywhere_are_an_error_or_an_answer(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / f"country{data.draw(st.sampled_from(['.osm', '.osm.pbf']))}"
    content = bytearray(write_country(path, compressed=False).read_bytes())
    wrong = data.draw(st.dictionaries(st.integers(0, len(content) - 1), st.integers(0, 255), min_size=1, max_size=4))
    for place, byte in wrong.items():
        content[place] = byte
    path.write_bytes(content)
    for layer in ("villages", "areas:6", "roads"):
        told = ""
        try:
            assert open_source(f"{path}::{layer}").rows["id"].is_unique
        except LayerError as error:
            told = str(error)
        assert "\n" not in told


_BOMB = "<!DOCTYPE osm [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><osm version='0.6'><x v='&b;'/></osm>"


@pytest.mark.parametrize(
    "text",
    [
        "<osm version='0.6'><node id='1' lat='1'",
        "<osm version='0.6'><node id='1' lat='1x' lon='2'/></osm>",
        "<osm version='0.6'><node id='1z' lat='1' lon='2'/></osm>",
        "<gpx/>",
        "{}",
        _BOMB,
    ],
)
def test_broken_xml_is_one_clear_line(tmp_path, text):
    (tmp_path / "x.osm").write_text(text)
    with pytest.raises(LayerError, match="cannot be read as OpenStreetMap"):
        open_source(f"{tmp_path}/x.osm::points")


def test_objects_that_were_never_uploaded_are_refused_with_the_remedy(tmp_path):
    way = "<way id='-3' version='1'><nd ref='-1'/><nd ref='-2'/><tag k='place' v='village'/></way>"
    nodes = "<node id='-1' lat='1' lon='2' version='1'/><node id='-2' lat='1' lon='3' version='1'/>"
    for start in ("", nodes):
        (tmp_path / "x.osm").write_text(f"<osm version='0.6'>{start}{way}</osm>")
        with pytest.raises(LayerError, match=r"x\.osm holds an object with the id -3: .*osmium renumber"):
            open_source(f"{tmp_path}/x.osm::villages")


def test_without_osmium_the_extra_is_named(pbf, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("geo.layers.osm.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(LayerError, match=r"pip install 'geo-coverage\[osm\]'"):
        open_source(f"{pbf}::villages")


def test_assembled_areas_are_those_of_osmiums_own_processor(pbf):
    """The passes here keep few locations; osmium's processor keeps them all, and must give the same shapes."""
    factory = osmium.geom.WKBFactory()
    peer = {}
    for thing in osmium.FileProcessor(str(pbf)).with_areas():
        if thing.is_area() and thing.num_rings()[0] and "boundary" in thing.tags:
            peer[f"{'w' if thing.from_way() else 'r'}{thing.orig_id()}"] = factory.create_multipolygon(thing)
    ours = gather(pbf, Query(tags=(("boundary", "administrative"),), keep=("name",))).table
    assert set(ours.index) == set(peer)
    assert all(ours.geometry[key].equals_exact(shapely.from_wkb(shape), 0) for key, shape in peer.items())


@pytest.mark.real
def test_the_finnish_square_has_343_highways_six_places_and_no_post_office(real):
    file = real / "osm/test.osm.pbf"
    counted = Counter()
    for thing in osmium.FileProcessor(str(file)):
        counted["highways"] += thing.is_way() and "highway" in thing.tags
        counted["places"] += "place" in thing.tags
        counted["post offices"] += thing.tags.get("amenity") == "post_office"
    assert counted == {"highways": 343, "places": 6, "post offices": 0}
    roads, found = opened(file, "roads")
    # Twelve ways have one node in the square: no line. GDAL's reader, which knows nothing of ours, finds the others.
    lines = pyogrio.read_dataframe(file, layer="lines").dropna(subset="highway")
    assert set(roads.index) == set("w" + lines["osm_id"])
    assert len(roads) + len(found["osm_incomplete"].ids) == 343
    assert len(found["osm_cut"].ids) == 18
    places, found = opened(file, "villages:hamlet,suburb,neighbourhood")
    assert len(places) == 6
    assert found == {}
    default, found = opened(file, "villages")
    assert default["name"].tolist() == ["Kannikko"]
    assert found["osm_other_places"].values["kinds"] == "neighbourhood 3, suburb 2"
    assert read_layer("points", f"{file}::points").table.empty


@pytest.mark.real
def test_any_tag_gives_what_gdal_finds_with_it(real):
    file = real / "osm/test.osm.pbf"
    rows, _ = opened(file, "points:amenity=parking")
    nodes = pyogrio.read_dataframe(file, layer="points", where='other_tags LIKE \'%"amenity"=>"parking"%\'')
    assert sorted(rows.index[rows.index.str.startswith("n")]) == sorted("n" + nodes["osm_id"])
    polygons = pyogrio.read_info(file, layer="multipolygons")["fields"]
    assert "osm_way_id" in polygons
    assert len(rows) == 2 + 10
    square = shapely.box(26.93, 60.52, 26.97, 60.54).buffer(0.01)
    assert rows.within(square).all()


def test_a_place_is_found_by_any_of_its_names_accents_optional(admin):
    areas, lost = admin
    for name in ("Tỉnh Ninh Thuận", "Ninh Thuận", "ninh thuan", "NINH THUAN PROVINCE", "r100"):
        assert find_place(name, areas, lost, "x") == "r100"
    assert find_place("Tân Sơn", areas, lost, "x") == "r102"
    assert find_place("Thành Hải", areas, lost, "x") == "r302"


def test_several_places_of_a_name_are_listed_with_level_and_parent(admin):
    areas, lost = admin
    listed = r"r201 Thanh Hải \(level 6, in Tỉnh Khánh Hòa\); r301 Thanh Hải \(level 8, in Ninh Hải\)\. .*--place r201"
    with pytest.raises(LayerError, match=f"x: 'Thanh Hải' is the name of 2 areas: {listed}"):
        find_place("Thanh Hải", areas, lost, "x")
    with pytest.raises(LayerError, match="'thanh hai' is the name of 3 areas"):
        find_place("thanh hai", areas, lost, "x")


def test_a_place_that_is_not_there_or_not_whole_says_so(admin):
    areas, lost = admin
    with pytest.raises(LayerError, match=r"'Ninh Thuậm'\. The nearest names are .*Ninh Thuan Province"):
        find_place("Ninh Thuậm", areas, lost, "x")
    with pytest.raises(LayerError, match=r"'Thuận Bắc' is r105, of which the extract does not hold the whole border"):
        find_place("Thuận Bắc", areas, lost, "x")
    with pytest.raises(LayerError, match="is called ''"):
        find_place("", areas, lost, "x")


def test_a_place_is_divided_by_the_first_level_that_makes_it_up(admin):
    areas, _ = admin
    assert areas_in("r1", areas, None).index.tolist() == ["r100", "r200"]
    assert areas_in("r100", areas, None).index.tolist() == ["r101", "r102", "r103"]
    assert areas_in("r100", areas, 8).index.tolist() == ["r301", "r302"]
    assert areas_in("r101", areas, None).index.tolist() == ["r301", "r302"]
    assert areas_in("r103", areas, None).index.tolist() == ["r103"]
    with pytest.raises(LayerError, match=r"Tỉnh Ninh Thuận has no areas of admin_level 5; .* are 6 \(3\), 8 \(2\)\."):
        areas_in("r100", areas, 5)


@given(st.text())
def test_any_text_in_a_study_file_reads_as_it_was(words):
    import tomllib  # noqa: PLC0415

    words = words.encode("utf-8", "replace").decode("utf-8")
    assert tomllib.loads(f"x = {_quoted(words)}")["x"] == words
