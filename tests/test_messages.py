import ast
import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest

import geo
from geo import messages
from geo.figures import Figure, Finding
from geo.layers.faults.register import LEFT_OUT
from geo.layers.repair import REPAIRS
from geo.measure.indicators import INDICATORS
from geo.messages import LANGUAGES, Term, group, text

PACKAGE = Path(geo.__file__).parent
CATALOGUE = {
    f"{name}.{key}": pair
    for file in sorted(resources.files("geo").joinpath("sentences").iterdir(), key=str)
    for name, entries in tomllib.loads(file.read_text("utf-8")).items()
    for key, pair in entries.items()
}


@cache
def trees():
    return [ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))]


def names_in(sentence):
    """Give the placeholders of a sentence, those too that end a range: ``{low: to {high}}``."""
    parts = [(field, asked) for _, field, asked, _ in Formatter().parse(sentence) if field is not None]
    return {field for field, _ in parts}.union(*(names_in(asked) for _, asked in parts if asked))


def texts_of(node):
    return {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}


def written_out(value):
    """Give the faults that an expression can name; one that is put together names those of the catalogue it fits."""
    if not isinstance(value, ast.JoinedStr):
        return texts_of(value)
    parts = [re.escape(part.value) if isinstance(part, ast.Constant) else "[a-z]+" for part in value.values]
    return {fault for fault in group("fault", "en") if re.fullmatch("".join(parts), fault)}


def faults_made():
    """Every fault that the package's own code names, read from its source."""
    found = {f"repaired_{name}" for name in REPAIRS}
    for node in (node for tree in trees() for node in ast.walk(tree)):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [word.value for word in node.keywords if word.arg == "fault"]
            given += node.args[1:2] if called == "find" else []
            found |= set().union(*(written_out(value) for value in given))
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "fault" for target in node.targets):
            found |= {text for text in texts_of(node.value) if "_" in text}
    return found


def test_every_sentence_is_there_in_both_languages():
    assert {key: sorted(pair) for key, pair in CATALOGUE.items() if sorted(pair) != ["en", "vi"]} == {}
    assert [key for key, pair in CATALOGUE.items() if not all(words.strip() for words in pair.values())] == []


def test_both_languages_fill_in_the_same_values():
    assert [key for key, pair in CATALOGUE.items() if names_in(pair["vi"]) != names_in(pair["en"])] == []


def test_no_key_stands_in_two_files():
    count = sum(
        len(entries)
        for file in resources.files("geo").joinpath("sentences").iterdir()
        for entries in tomllib.loads(file.read_text("utf-8")).values()
    )
    assert count == len(CATALOGUE)


def test_every_fault_that_the_code_finds_has_its_sentence_and_its_effect():
    faults = faults_made() | LEFT_OUT
    assert len(faults) > 20
    assert faults == set(group("fault", "en")) == set(group("effect", "en"))


def test_every_reason_that_the_code_gives_has_its_sentence():
    shape = re.compile(r"no_[a-z]+|[a-z]+_not_[a-z]+|mostly_unknown")
    written = set()
    for tree in trees():
        written |= {one for one in texts_of(tree) if shape.fullmatch(one)}
    assert written - {"no_rows"} == set(group("reason", "en"))


def test_every_rule_is_used_and_every_indicator_has_its_rule_and_its_name():
    keys = {indicator.key for indicator in INDICATORS}
    assert keys <= set(group("indicator", "en"))
    texts = set().union(*(texts_of(tree) for tree in trees()))
    rules = set(group("rule", "en"))
    assert rules <= texts | keys
    assert {key for key in keys if key not in rules} <= {
        "points",
        "villages",
        "population",
        "area",
        "mean_service_radius",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finding_and_a_figure_speak_in_both_languages(language):
    finding = Finding(layer="coverage.4G", fault="duplicate_position", rows=(1, 2), values={"places": 1})
    assert messages.text("layer.coverage", language) in finding.text(language)
    assert finding.effect(language) == CATALOGUE["effect.duplicate_position"][language]
    figure = Figure(
        area="all", indicator="points", value=None, unit="count", rule="disc_mean_distance", reason="no_points"
    )
    assert figure.reason_text(language) == CATALOGUE["reason.no_points"][language]
    assert figure.rule_text(language) == CATALOGUE["rule.disc_mean_distance"][language]


def test_numbers_are_written_as_the_language_writes_them():
    values = {"count": 1140, "all": 1144.5, "layer": "x"}
    assert text("fault.missing_population", "en", **values) == "x without a population: 1,140 of 1,144.5"
    assert text("fault.missing_population", "vi", **values) == "1.140 trong 1.144,5 x không có dân số"


def test_one_of_a_thing_and_many_are_said_as_such():
    values = {"layer": "areas", "count": 2, "km2": 1.5}
    assert text("fault.overlapping_areas", pairs=1, **values) == "areas that overlap: 2, in 1 pair, by 1.5 km²"
    assert text("fault.overlapping_areas", pairs=2, **values) == "areas that overlap: 2, in 2 pairs, by 1.5 km²"
    assert text("if.counted", count=1, layer="village") == "1 village left out; if it counted"
    assert text("if.counted", count=2, layer="villages") == "2 villages left out; if they counted"
    assert (messages.counted(1, "row is|rows are"), messages.counted(1500, "row|rows")) == ("1 row is", "1,500 rows")


@pytest.mark.parametrize(
    ("language", "one", "two"), [("en", "1.5 km", "1.5 to 2 km"), ("vi", "1,5 km", "1,5 đến 2 km")]
)
def test_a_range_of_one_value_says_it_once(language, one, two):
    values = {"layer": "x", "count": 1, "all": 3, "nearest_km": 1.5}
    assert one in text("fault.outside_areas", language, farthest_km=1.5, **values)
    assert two in text("fault.outside_areas", language, farthest_km=2.0, **values)


def test_no_sentence_has_a_bare_plural_behind_a_number_that_may_be_one():
    nouns = "rows|pairs|gaps|places|pixels|villages|points|areas|layers|people|figures|rules|statements"
    bare = re.compile(
        rf"\{{(count|all|of|rows|pairs|gaps|places|pixels|villages|points)\}} (more )?({nouns})\b(?! and)"
    )
    assert [key for key, pair in CATALOGUE.items() if bare.search(pair["en"])] == []


def test_rows_are_named_once():
    one = Finding(layer="points", fault="misplaced", rows=(2, 3, 4), ids=("row 2", "A1", "-"))
    assert one.named_rows() == ["2", "3 (A1)", "4"]
    many = Finding(layer="points", fault="misplaced", rows=(2,), ids=("row B:2",), within=(("B", 2),))
    assert many.named_rows() == ["B:2"]


def test_a_term_is_filled_in_in_the_language_of_its_sentence():
    said = text("rule.people_per_point", "vi", people_source=Term("term.official_people"))
    assert said == "dân số / số điểm; dân số chính thức, số điểm theo danh sách"


def test_text_of_a_layer_is_filled_in_as_it_is():
    assert "'{x} %s {0}'" in text("fault.unreadable_number", "en", count=1, layer="l", column="c", example="{x} %s {0}")


def test_a_key_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        text("fault.nothing")
