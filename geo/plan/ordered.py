"""Rows in an order of their own, so that a search gives one answer whatever order they came in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from geo.layers.text import id_ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.plan.problem import Problem

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A problem with its rows in their order; `villages` and `sites` lead back to the caller's rows."""

    problem: Problem
    villages: NDArray[np.intp]
    sites: NDArray[np.intp]


def in_order(problem: Problem) -> Ordered:
    """
    Put the rows in the order of their ids, then from west to east, then from south to north.

    Of rows with one id at one place that with more people (or the lower cost) comes first; rows that are alike in that
    too stay as they are. Without ids and places the rows stay in the caller's order.
    """
    villages = _order(problem.village_ids, problem.village_lon_lat, -problem.people)
    sites = _order(problem.site_ids, problem.site_lon_lat, problem.costs)
    if _is_range(villages) and _is_range(sites):
        return Ordered(problem=problem, villages=villages, sites=sites)
    asked = replace(
        problem,
        pairs=problem.pairs.reordered(villages, sites),
        people=problem.people[villages],
        served_m=_taken(problem.served_m, villages),
        forbidden=_taken(problem.forbidden, sites),
        required=_taken(problem.required, sites),
        cost=_taken(problem.cost, sites),
        capacity=_taken(problem.capacity, sites),
        village_ids=None if problem.village_ids is None else [problem.village_ids[row] for row in villages],
        site_ids=None if problem.site_ids is None else [problem.site_ids[row] for row in sites],
        village_lon_lat=_taken(problem.village_lon_lat, villages),
        site_lon_lat=_taken(problem.site_lon_lat, sites),
    )
    return Ordered(problem=asked, villages=villages, sites=sites)


def _taken(values: NDArray[Kind] | None, rows: NDArray[np.intp]) -> NDArray[Kind] | None:
    return None if values is None else values[rows]


def _order(
    ids: Sequence[str] | None, lon_lat: NDArray[np.float64] | None, then: NDArray[np.float64]
) -> NDArray[np.intp]:
    if ids is None and lon_lat is None:
        return np.arange(then.size)
    lon, lat = np.zeros((2, then.size)) if lon_lat is None else np.asarray(lon_lat, dtype=np.float64).T
    return np.asarray(np.lexsort((then, lat, lon, _ranks(ids, then.size))), dtype=np.intp)


def _ranks(ids: Sequence[str] | None, size: int) -> NDArray[np.intp]:
    """Give each row the place of its id among the ids, the same for equal ones."""
    if ids is None or not size:
        return np.zeros(size, dtype=np.intp)
    texts = [str(one) for one in ids]
    order = np.argsort(id_ranks(texts))
    names = np.array(texts, dtype=object)[order]
    rank = np.empty(size, dtype=np.intp)
    rank[order] = np.cumsum(np.concatenate([[False], names[1:] != names[:-1]]))
    return rank


def _is_range(order: NDArray[np.intp]) -> bool:
    return bool((order == np.arange(order.size)).all())
