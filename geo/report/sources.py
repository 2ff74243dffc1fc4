"""Which files a figure rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.layers.technology import counting_for, technology_name
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo.figures import Figure
    from geo.study.results import LayerFacts

STUDY = "study"
_HASH_SHOWN = 8


def sources_of(figure: Figure, layers: Sequence[LayerFacts]) -> list[LayerFacts]:
    """
    Give the files that a figure rests on, in the order of the layers; official totals come from the study itself.

    Coverage rests on the files declared for its technology or a later one, which counts for it.
    """
    wanted = set(_kinds(figure))
    return [facts for facts in layers if _is_among(facts.layer, wanted, figure.technology)]


def brief_source(facts: LayerFacts) -> str:
    """Name a file with the first digits of its hash."""
    return facts.file if facts.sha256 is None else f"{facts.file} ({facts.sha256[:_HASH_SHOWN]})"


def _kinds(figure: Figure) -> Iterator[str]:
    key, rule = figure.indicator, figure.rule
    people = "population" if rule.endswith("_pixels") else "villages"
    if key in ("points", "point_locations", "villages"):
        yield "villages" if key == "villages" else "points"
    elif key == "population":
        yield STUDY if rule == "official_population" else people
    elif key == "area":
        yield STUDY if rule == "official_area" else "areas"
    elif key.startswith("nearest_distance") or key.endswith("_within"):
        yield from (people, "points")
    elif key.endswith("_covered"):
        yield from ("areas" if key == "area_covered" else people, "coverage")
        if _told(figure, "method") in ("method.column", "method.mixed"):
            yield "villages"
    elif key == "subscriptions_per_100":
        yield from (STUDY, _BY_TERM[_told(figure, "people_source")])
    else:
        yield from (_BY_TERM[_told(figure, "people_source" if key == "people_per_point" else "area_source")], "points")


_BY_TERM = {
    "": STUDY,
    "term.official_people": STUDY,
    "term.measured_people": "villages",
    "term.pixel_people": "population",
    "term.official_area": STUDY,
    "term.measured_area": "areas",
}


def _told(figure: Figure, word: str) -> str:
    """Give the key of a term that the words of the rule have."""
    term = figure.rule_values.get(word)
    return term.key if isinstance(term, Term) else ""


def _is_among(layer: str, wanted: set[str], technology: str | None) -> bool:
    kind, _, rest = layer.partition(".")
    if kind not in wanted:
        return False
    if kind != "coverage":
        return True
    declared = {technology_name(one) or one for one in rest.partition(".")[0].split("+")}
    return technology is not None and bool(declared & set(counting_for(technology)))
