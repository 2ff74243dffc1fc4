"""What the page of a plan holds beside that of a study: the territory without the plan, and what the plan says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import messages
from geo.crs.systems import WGS84
from geo.draw import pack
from geo.draw.measures import by_language
from geo.draw.payload import access, along_a_curve, figure_document, measures, served
from geo.draw.services import is_shown, services_of, status_of
from geo.draw.shapes import light_enough, packed_shapes
from geo.measure.discs import disc_polygons
from geo.planning import said

if TYPE_CHECKING:
    from geo.draw.measures import Measure
    from geo.plan.answer import Answer
    from geo.planning.holes import Holes
    from geo.planning.outcome import Outcome
    from geo.planning.wished import Plan

Document = dict[str, object]

STAYS, OPENS, CLOSES = 0, 1, 2
"""What becomes of a point."""

_LEAST_KM = 0.5
"""No hole is drawn with a margin below this: it would be a speck."""


def plan_document(outcome: Outcome) -> Document:
    """
    Give what a plan changes, ready for JSON.

    `before` holds the columns of the page's tables that the plan changes, as they are without it, in the same order of
    rows: the page exchanges them.
    """
    plan, points = outcome.plan, outcome.after.points
    found = said.found(plan, "en")
    state = np.full(len(points), STAYS)
    state[points.index.isin(outcome.opened.index)] = OPENS
    state[points.index.isin(plan.closing.index)] = CLOSES
    return {
        "texts": {language: messages.group("page_plan", language) for language in messages.LANGUAGES},
        "question": by_language(lambda language: said.asked(plan, language)),
        "found": None if found is None else by_language(lambda language: said.found(plan, language) or ""),
        "proof": [
            dict(zip(messages.LANGUAGES, pair, strict=True))
            for pair in zip(*(said.proof(plan, language) for language in messages.LANGUAGES), strict=True)
        ],
        "within": plan.within_km,
        "state": pack.small(state),
        "adds": pack.numbers(_adds(outcome)),
        "order": _order(outcome),
        "curve": None if plan.answer is None else _curve(plan, plan.answer),
        "other": _before(outcome),
    }


def _adds(outcome: Outcome) -> np.ndarray:
    """Give what each point of the page adds, or takes away where it closes; NaN where no search tells it."""
    plan, points = outcome.plan, outcome.after.points
    people = pd.Series(np.nan, index=points.index)
    if "people" not in plan.sites:
        return people.to_numpy()
    if len(plan.closing):
        people.update(plan.sites["people"])
    else:
        counted = _rows_of_sites(outcome)
        people.loc[counted.index] = plan.sites["people"].to_numpy()[counted.to_numpy()]
    return people.to_numpy(dtype=float)


def _rows_of_sites(outcome: Outcome) -> pd.Series:
    """Give the place among the plan's sites of each point that it opens."""
    loaded, opened = outcome.plan.loaded, outcome.opened
    first = 0 if loaded.reachable is None or loaded.reachable.empty else int(loaded.reachable.index.max()) + 1
    return pd.Series(opened.index - first, index=opened.index)


def _order(outcome: Outcome) -> list[int]:
    """Give the positions of the points that open or close, in the order of the plan."""
    rows = outcome.opened.index.tolist() + outcome.plan.closing.index.tolist()
    return [int(place) for place in outcome.after.points.index.get_indexer(pd.Index(rows)) if place >= 0]


def _curve(plan: Plan, answer: Answer) -> Document | None:
    """Give what each number of points brings: people, or km on average."""
    if len(answer.curve) < 2:  # noqa: PLR2004 - one step is no curve
        return None
    over = 1.0 if answer.model == "max_cover" else 1000 * plan.people
    steps = [[step.number, step.objective / over, step.bound / over] for step in answer.curve]
    return {"steps": steps, "people": answer.model == "max_cover", "chosen": int(answer.chosen.size)}


def _before(outcome: Outcome) -> Document:
    before, after = outcome.before, outcome.after
    services = services_of(after)
    points = before.points.reindex(after.points.index)
    points = points.assign(villages=points["villages"].fillna(0), people=points["people"].fillna(0.0))
    shapes = light_enough(before.catchments.geometry)
    return {
        "figures": pack.records([figure_document(figure) for figure in before.figures if is_shown(figure)]),
        "counts": [_counts(service, before.villages) for service in services],
        "measures": measures(before.areas, after.areas),
        "villages": access(along_a_curve(before.villages), after.points, services),
        "points": served(points, before.catchments),
        "catchments": {"count": len(before.catchments), "shape": packed_shapes(*shapes)},
    }


def _counts(service: Measure, villages: gpd.GeoDataFrame) -> list[int]:
    return [int(count) for count in np.bincount(status_of(service, villages), minlength=3)]


def holes_document(holes: Holes) -> Document:
    """
    Give coverage holes, ready for JSON: what is said of each, and its outline.

    The outline is drawn about the hole's villages, half as far as two of them may be apart.
    """
    table = holes.table
    rows = table.head(_MOST_HOLES).to_dict("records")
    margin_m = 1000 * max(holes.apart_km / 2, _LEAST_KM)
    with ThreadPoolExecutor() as threads:
        outlines = list(threads.map(lambda shape: _around(shape, margin_m), table.geometry.head(_MOST_HOLES)))
    return {
        "texts": {language: messages.group("page_plan", language) for language in messages.LANGUAGES},
        "technology": holes.technology,
        "found": by_language(lambda language: said.holes(holes, language)),
        "rest": len(table) - len(rows),
        "rows": pack.records(
            [
                {
                    "title": by_language(lambda language, row=row: said.hole(row, language)),  # type: ignore[misc]
                    "near": [
                        dict(zip(messages.LANGUAGES, pair, strict=True))
                        for pair in zip(
                            *(said.near_hole(row, holes.reach_km, language) for language in messages.LANGUAGES),
                            strict=True,
                        )
                    ],
                }
                for row in rows
            ]
        ),
        "count": len(rows),
        "shape": packed_shapes(*light_enough(gpd.GeoSeries(outlines, crs=WGS84))),
    }


_MOST_HOLES = 500
"""More holes than these nobody reads; the file of the layer has them all."""


def _around(villages: shapely.MultiPoint, margin_m: float) -> shapely.Geometry:
    lon, lat = shapely.get_coordinates(villages).T
    return shapely.union_all(disc_polygons(lon, lat, np.full(lon.size, margin_m), vertices=32))
