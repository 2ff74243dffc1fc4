"""What a village can have or lack: a technology, one operator's technology, or a point within some distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo import messages
from geo.draw.measures import Measure
from geo.figures import ALL

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo.figures import Figure
    from geo.study.results import Results

NO, YES, UNKNOWN = 0, 1, 2
"""What a village is for a service; unknown is not zero."""

COMBINED = ("best", "all", "only_one")
"""Ways to count several operators together, beside any of them; they are listed before the operators' own names."""

_ANY_OPERATOR = "any"
_SHARES = ("villages_covered", "people_covered", "villages_within", "people_within")


def services_of(results: Results) -> list[Measure]:
    """
    List the services: those that the villages have a column for, and those that a figure asks for.

    Technologies come first, by name: by any operator, the best, all, only one, then by each by its name; then
    distances, the shortest first.
    """
    columns = [column for column in results.villages.columns if column.startswith("covered:") and len(results.villages)]
    told = [Measure.of_column(column.replace("covered", "people_covered", 1)) for column in columns]
    asked = [measure_of(figure) for figure in results.figures if figure.indicator in _SHARES and is_shown(figure)]
    found = {_key(one) for one in [*told, *asked] if one is not None}
    return [
        Measure(
            indicator="people_within" if is_distance else "people_covered",
            technology=technology or None,
            operator=operator or None,
            within_km=within_km if is_distance else None,
        )
        for is_distance, technology, _, operator, within_km in sorted(found)
    ]


def status_of(service: Measure, villages: gpd.GeoDataFrame) -> NDArray[np.uint8]:
    """Say of each village, in order, whether it has a service: `YES`, `NO`, or `UNKNOWN`."""
    if service.within_km is not None:
        distance = villages["distance_km"].to_numpy(dtype=float)
        near = np.where(distance <= service.within_km, YES, NO)
        return np.where(np.isnan(distance), UNKNOWN, near).astype(np.uint8)
    column = ":".join(part for part in ("covered", service.technology, service.operator) if part)
    if column not in villages:
        return np.full(len(villages), UNKNOWN, dtype=np.uint8)
    answers = villages[column].astype("boolean").astype("Int8").fillna(UNKNOWN)
    return np.asarray(answers, dtype=np.uint8)


def measure_of(figure: Figure) -> Measure:
    """Give what a figure measures; any operator goes without saying."""
    return Measure(
        indicator=figure.indicator,
        technology=figure.technology,
        operator=None if figure.operator == _ANY_OPERATOR else figure.operator,
        within_km=figure.within_km,
    )


def is_shown(figure: Figure) -> bool:
    """Tell whether the page shows a figure: one of the whole, of an indicator that it has a name for."""
    known = figure.indicator in messages.group("page_indicator", "en")
    return known and figure.area == ALL


def _key(measure: Measure) -> tuple[bool, str, int, str, float]:
    is_distance = measure.within_km is not None
    operator = measure.operator or ""
    rank = ("", *COMBINED, operator).index(operator)
    return (is_distance, measure.technology or "", rank, operator, measure.within_km or 0.0)
