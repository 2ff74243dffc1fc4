"""Coverage holes: villages without a technology that lie together, and the sites that would serve most of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo.errors import FigureError
from geo.plan.greedy import by_what_they_add, greedy
from geo.plan.pairs import Pairs, pairs_between
from geo.plan.savings import make_savings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True)
class Hole:
    """
    Villages without a technology that lie together.

    `villages` are their rows, ascending, and `people` lives in them. `sites` are the rows of the sites that would serve
    most of these people, one after another, and `served` whom each adds, nobody counted twice.
    """

    villages: NDArray[np.intp]
    people: float
    sites: NDArray[np.intp]
    served: NDArray[np.float64]


def grouped(lon: ArrayLike, lat: ArrayLike, *, apart_m: float) -> NDArray[np.intp]:
    """
    Group places: two belong together where a chain of places leads from one to the other in steps of at most a length.

    Parameters
    ----------
    lon, lat : array_like of float
        WGS84 degrees.
    apart_m : float
        The longest step in metres, to a micrometre.

    Returns
    -------
    NDArray[intp]
        The number of each place's group, from 0 in the order of each group's first place. A place without coordinates
        is alone.

    Raises
    ------
    FigureError
        Where the length is negative or no number.

    Examples
    --------
    >>> grouped([109.0, 109.3, 109.01], [11.0, 11.0, 11.0], apart_m=2_000).tolist()
    [0, 1, 0]
    """
    if not apart_m >= 0:
        msg = f"apart_m is {apart_m}: a length is zero or more."
        raise FigureError(msg)
    near = pairs_between(lon, lat, lon, lat, within_m=apart_m)
    links = csr_array((np.ones(near.village.size), (near.village, near.site)), shape=(near.villages, near.sites))
    _, label = connected_components(links, directed=False)
    _, first = np.unique(label, return_index=True)
    place = np.empty(first.size, dtype=np.intp)
    place[np.argsort(first, kind="stable")] = np.arange(first.size)
    return np.asarray(place[label])


def holes(group: NDArray[np.intp], people: NDArray[np.float64], near: Pairs, *, sites: int) -> tuple[Hole, ...]:
    """
    Rank the groups of villages by their people, and find for each the sites that would serve most of them.

    Parameters
    ----------
    group : NDArray[intp]
        Of each village without the technology, the number of its group.
    people : NDArray[float64]
        One per village, zero or more.
    near : Pairs
        Which sites would serve which of these villages.
    sites : int
        How many sites to name per hole, at most; those that add nobody are not named.

    Returns
    -------
    tuple of Hole
        The one with most people first; of equals that with more villages, then that with the first village.

    Examples
    --------
    >>> from geo.plan.pairs import pairs_of
    >>> near = pairs_of([[0.0], [0.0], [float("nan")]])
    >>> found = holes(np.array([0, 0, 1]), np.array([5.0, 6.0, 90.0]), near, sites=2)
    >>> [(hole.villages.tolist(), hole.people, hole.sites.tolist(), hole.served.tolist()) for hole in found]
    [([2], 90.0, [], []), ([0, 1], 11.0, [0], [11.0])]
    """
    found = []
    for number in range(int(group.max(initial=-1)) + 1):
        villages = np.flatnonzero(group == number)
        chosen, served = _best_sites(villages, people, near, sites)
        found.append(Hole(villages=villages, people=float(people[villages].sum()), sites=chosen, served=served))
    return tuple(sorted(found, key=lambda hole: (-hole.people, -hole.villages.size, hole.villages[0])))


def _best_sites(
    villages: NDArray[np.intp], people: NDArray[np.float64], near: Pairs, sites: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    low, high = np.searchsorted(near.village, villages), np.searchsorted(near.village, villages, side="right")
    size = high - low
    at = np.repeat(low - (np.cumsum(size) - size), size) + np.arange(size.sum())
    names, column = np.unique(near.site[at], return_inverse=True)
    row = np.repeat(np.arange(villages.size), size)
    limits = (np.ones(names.size), sites, np.inf)
    savings = make_savings((villages.size, names.size), row, column, people[villages][row], limits)
    order, added = by_what_they_add(savings, greedy(savings))
    return names[np.asarray(order, dtype=np.intp)].astype(np.intp), np.asarray(added)
