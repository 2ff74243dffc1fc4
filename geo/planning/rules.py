"""A rule of a standard as a goal: which one is meant, and what points can do for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from geo.errors import StudyError
from geo.judge.rulebook import read_standard
from geo.judge.shortfall import shortfall, sizes_of, whole_sizes
from geo.layers.text import search_key

if TYPE_CHECKING:
    from geo.judge.outcome import Measured
    from geo.judge.rulebook import Rule, Standard

Way = Literal["count", "share"]

_COUNTED = {"points": "at_least", "mean_service_radius": "at_most", "people_per_point": "at_most"}
_SERVED = {"people_within": "at_least", "villages_within": "at_least", "nearest_distance_max": "at_most"}


def rule_named(text: str) -> tuple[Standard, Rule]:
    """
    Find a rule by the name (or file) of its standard and, behind ``::``, its number from 1 or its name.

    Raises
    ------
    StudyError
        Where there is no such standard or rule, or it has several and none is named.

    Examples
    --------
    >>> rule_named("vn-postal::1")[1].indicator
    'mean_service_radius'
    """
    name, _, wanted = text.partition("::")
    standard = read_standard(name)
    rules = standard.rules
    numbered = "; ".join(f"{number} {rule.name['en']}" for number, rule in enumerate(rules, start=1))
    if not wanted and len(rules) > 1:
        msg = f"--keep {text}: it has {len(rules)} rules. Name one behind ::, as {name}::1: {numbered}."
        raise StudyError(msg)
    for number, rule in enumerate(rules, start=1):
        names = {str(number), *map(search_key, rule.name.values())}
        if not wanted or wanted in names or search_key(wanted) in names:
            return standard, rule
    msg = f"--keep {text}: there is no such rule. There is {numbered}."
    raise StudyError(msg)


def way_of(rule: Rule) -> Way:
    """
    Tell how points keep a rule: by their number alone, or by whom they serve.

    Raises
    ------
    StudyError
        Where more points cannot keep it, or no search tells how many do.
    """
    bound = "at_least" if rule.at_least is not None else "at_most"
    if _COUNTED.get(rule.indicator) == bound:
        return "count"
    if _SERVED.get(rule.indicator) == bound and limit_km(rule):
        return "share"
    if rule.indicator in {**_COUNTED, **_SERVED}:
        why = "more points only take it farther from that"
    elif rule.indicator.startswith("nearest_distance"):
        why = "how many points an average takes, no search tells: see what --add N --least-travel does to it"
    else:
        why = "points do not change it"
    msg = f"--keep: '{rule.name['en']}' asks for {rule.indicator} {bound.replace('_', ' ')} so much, and {why}."
    raise StudyError(msg)


def limit_km(rule: Rule) -> float | None:
    """Give the distance within which a rule wants people to be; None where it has none."""
    return rule.at_most if rule.indicator == "nearest_distance_max" else rule.within_km


def share_of(rule: Rule) -> float:
    """Give the share that a rule wants within its distance."""
    return 1.0 if rule.indicator == "nearest_distance_max" else rule.at_least or 0.0


def points_needed(rule: Rule, measured: Measured) -> pd.Series:
    """Give how many points each area lacks, on its id, or the whole, ``all``; missing where a size is not known."""
    if rule.scope == "areas":
        more = [shortfall(rule, *row) for row in sizes_of(measured.areas)]
        return pd.Series(more, index=measured.areas.index, dtype="Int64")
    return pd.Series([shortfall(rule, *whole_sizes(measured.figures))], index=["all"], dtype="Int64")
