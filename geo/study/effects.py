"""What the faults of the layers do to the figures: each figure as it is, and as it would be without the fault."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from geo.figures import ALL, Figure, Finding
from geo.layers.faults.register import LEFT_OUT, NO_PLACES
from geo.measure.reducers import mean_service_radius
from geo.study.loading import Loaded, load
from geo.study.study import whole_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from geo.study.file import StudyFile

Weight = Literal["left_out", "counted", "told"]
Key = tuple[str, str | None, str | None, float | None]

HEADLINE = (
    "points",
    "villages",
    "population",
    "area",
    "mean_service_radius",
    "people_per_point",
    "nearest_distance_mean",
    "nearest_distance_p90",
    "nearest_distance_mean_people",
    "villages_within",
    "people_within",
    "villages_covered",
    "people_covered",
    "area_covered",
)
"""The figures whose change is told; of coverage, by any operator."""

NOT_COUNTED = LEFT_OUT | {
    "footer_rows",
    "deleted_rows",
    "unreadable_geometry",
    "other_geometry",
    "tangled",
    "curves_in_collections",
    "osm_incomplete",
    "osm_open_rings",
    "osm_shapeless",
    "osm_other_places",
    "clipped_people",
    "layers_passed_over",
}
"""The faults that leave something out of the figures."""

TOLD = frozenset(
    {
        "duplicate_id",
        "turned_into_unicode",
        "headers_turned",
        "left_in_doubt",
        "joined_table_turned",
        "joined_table_in_doubt",
        "joined_by_name",
        "join_without_accents",
        "stated_area_differs",
        "uncompared_areas",
        "osm_cut",
        "layers_of_other_systems",
    }
)
"""The faults that change no figure. All that is neither here nor left out changes how rows count."""


_SAME = 1e-12


@dataclass(frozen=True, kw_only=True)
class Effect:
    """
    One figure of the whole territory as it is, and as it would be.

    Attributes
    ----------
    findings : tuple of Finding
        The faults that make the difference, all of one layer.
    now : Figure
        As it is.
    then : Figure
        As it would be with the `repair`; without one, if the rows that the findings leave out counted too.
    repair : str or None
        What ``--repair`` would be told, as ``points.swapped``.
    """

    findings: tuple[Finding, ...]
    now: Figure
    then: Figure
    repair: str | None = None

    @property
    def rows(self) -> int:
        """How many rows of the layer the findings are about."""
        return len({row for finding in self.findings for row in finding.rows})


def weight(finding: Finding) -> Weight:
    """
    Tell what a finding does to the figures: leaves rows out, changes how rows count, or nothing.

    Examples
    --------
    >>> weight(Finding(layer="points", fault="misplaced", left_out=True))
    'left_out'
    >>> weight(Finding(layer="points", fault="duplicate_id"))
    'told'
    """
    if finding.left_out or finding.fault in NOT_COUNTED:
        return "left_out"
    return "told" if finding.fault in TOLD else "counted"


def effects_of(
    file: StudyFile, loaded: Loaded, figures: Iterable[Figure], findings: Sequence[Finding]
) -> tuple[Effect, ...]:
    """
    Compute what the findings do to the headline figures of the whole territory.

    For every repair that a finding offers the study is computed once more with it. Where rows are left out and no
    repair is known, nobody knows where they stand; but figures that only count them can be told: with them there would
    be so many points and villages more, and so many people. Chosen ones (another kind, clipped) are told in the same
    way, apart.

    Parameters
    ----------
    file : StudyFile
        The study.
    loaded : Loaded
        Its layers, kept by :func:`geo.study.loading.load`; they are mended, not read again.
    figures, findings
        What the study gave.

    Returns
    -------
    tuple of Effect
        One per figure that changes: repairs in the order of the findings, then the rows that none would mend.

    Raises
    ------
    GeoError
        Where the study with a repair cannot be computed.
    """
    now = _by_key(figures)
    found: list[Effect] = []
    for word, mended in _repairs(findings).items():
        repaired = replace(file, choices=replace(file.choices, repair=(*file.choices.repair, word)))
        then = _by_key(whole_figures(repaired, load(repaired, read=loaded.read)))
        found += _changed(mended, now, then, word)
    for lost in _lost(findings):
        found += _changed(lost, now, _counted(file, loaded, now, lost), None)
    return tuple(found)


def _by_key(figures: Iterable[Figure]) -> dict[Key, Figure]:
    """Give the headline figures of the whole, those of coverage by any operator."""
    return {
        (one.indicator, one.technology, one.operator, one.within_km): one
        for one in figures
        if one.area == ALL and one.indicator in HEADLINE and one.operator in (None, "any")
    }


def _repairs(findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    """Give the findings by the repair that they offer, as it is asked for of their layer."""
    offered: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        if finding.repair is not None:
            word = f"{_layer(finding)}.{finding.repair}"
            offered[word] = (*offered.get(word, ()), finding)
    return offered


def _lost(findings: Iterable[Finding]) -> Iterator[tuple[Finding, ...]]:
    """Give the findings that leave villages or points out for good, by layer; what was chosen apart."""
    groups: dict[tuple[str, bool], tuple[Finding, ...]] = {}
    for finding in findings:
        if finding.left_out and finding.repair is None and finding.fault not in NO_PLACES and finding.rows:
            key = (finding.layer, finding.chosen)
            groups[key] = (*groups.get(key, ()), finding)
    yield from (group for (layer, _), group in groups.items() if layer in ("villages", "points"))


def _layer(finding: Finding) -> str:
    return finding.layer.partition(".")[0]


def _changed(
    findings: tuple[Finding, ...], now: Mapping[Key, Figure], then: Mapping[Key, Figure], repair: str | None
) -> Iterator[Effect]:
    ordered = sorted(now.keys() & then.keys(), key=lambda key: (HEADLINE.index(key[0]), list(now).index(key)))
    for key in ordered:
        if not _is_same(now[key].value, then[key].value):
            yield Effect(findings=findings, now=now[key], then=then[key], repair=repair)


def _is_same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_SAME)


def _counted(
    file: StudyFile, loaded: Loaded, now: Mapping[Key, Figure], lost: tuple[Finding, ...]
) -> dict[Key, Figure]:
    """Give the figures that only count rows as they would be if the rows counted that these findings leave out."""
    layer, rows = lost[0].layer, sorted({row for finding in lost for row in finding.rows})
    points, villages = (len(rows) if layer == name else 0 for name in ("points", "villages"))
    people = 0.0
    if villages and file.totals.population is None and file.people is None:
        known = loaded.layers["villages"].table["population"].reindex(rows)
        people = float(known[known > 0].sum())
    more = {"points": points, "villages": villages, "population": people}
    then = {}
    for key, figure in now.items():
        if figure.indicator in more and figure.value is not None:
            then[key] = replace(figure, value=figure.value + more[figure.indicator])
        elif figure.indicator in _QUOTIENTS and figure.numerator is not None and figure.denominator is not None:
            above = figure.numerator + (people if figure.indicator == "people_per_point" else 0)
            then[key] = _quotient(figure, above, figure.denominator + points)
    return then


_QUOTIENTS = ("mean_service_radius", "people_per_point")


def _quotient(figure: Figure, above: float, points: float) -> Figure:
    if not points:
        return figure
    is_radius = figure.indicator == "mean_service_radius"
    value = mean_service_radius(above, int(points)) if is_radius else above / points
    return replace(figure, value=value, numerator=above, denominator=points, reason=None)
