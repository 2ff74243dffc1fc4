"""Covering with needs: groups of villages, of each of which so much must be served, at least cost."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack

from geo.plan.reduce import alike, contained, useful_sites
from geo.plan.savings import gathered, summed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

# A need is met when no more than this share of it is missing: sums of people are no better.
_MET = 1e-9
_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Needs:
    """
    Sites that serve villages, and how much of each group of villages must be served.

    `by_village` and `by_site` are ones where a site serves a village. A village counts `weight` towards the need of its
    `group`. Where every village must be served, each is a group of its own (`every`).
    """

    by_village: csr_array
    by_site: csr_array
    weight: NDArray[np.float64]
    group: NDArray[np.intp]
    need: NDArray[np.float64]
    cost: NDArray[np.float64]
    every: bool

    @property
    def villages(self) -> int:
        """How many villages there are."""
        return int(self.by_village.shape[0])

    @property
    def sites(self) -> int:
        """How many sites there are."""
        return int(self.by_village.shape[1])

    @property
    def is_whole(self) -> bool:
        """Whether all costs are whole numbers, so that two choices differ by one at least or not at all."""
        return bool((self.cost == np.rint(self.cost)).all())

    def cost_of(self, chosen: Iterable[int]) -> float:
        """Give what some sites cost together."""
        return float(self.cost[np.asarray(list(chosen), dtype=np.intp)].sum())

    def missing(self, served: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Give what is missing in each group where some villages are served; zero where the need is met."""
        has = summed(self.group, self.weight * served, self.need.size)
        short = self.need - has
        return np.where(short > _MET * np.maximum(self.need, 1.0), short, 0.0)

    def times_served(self, chosen: Iterable[int]) -> NDArray[np.int64]:
        """Tell by how many of some sites each village is served."""
        _, village, _ = gathered(self.by_site, np.asarray(sorted(chosen), dtype=np.intp))
        return np.bincount(village, minlength=self.villages)

    def is_met(self, chosen: Iterable[int]) -> bool:
        """Tell whether some sites meet every need."""
        return not self.missing(self.times_served(chosen) > 0).any()

    def with_sites(self, keep: NDArray[np.intp]) -> Needs:
        """Give the same needs with some of the sites alone."""
        by_village = self.by_village[:, keep].tocsr()
        by_village.sort_indices()
        return replace(self, by_village=by_village, by_site=by_village.T.tocsr(), cost=self.cost[keep])


def smaller(needs: Needs) -> tuple[Needs, NDArray[np.intp]]:
    """
    Merge villages of a group that the same sites serve, and drop sites that are no use; give those that are left.

    Where every village must be served, one that is served by all sites of another need not be looked at: whoever serves
    the other serves it too.
    """
    sites = np.arange(needs.sites)
    for _ in range(_ROUNDS):
        needs = _fewer_villages(needs)
        keep = useful_sites(needs.by_site, needs.cost)
        if keep.size == needs.sites:
            break
        sites, needs = sites[keep], needs.with_sites(keep)
    return needs, sites


def _fewer_villages(needs: Needs) -> Needs:
    if needs.every:
        rows, _ = alike(needs.by_village)
        _, more = contained(needs.by_village[rows])
        rows = np.delete(rows, np.unique(more))
        return _rows(needs, rows, np.ones(rows.size))
    of_group = csr_array(
        (np.ones(needs.villages), (np.arange(needs.villages), needs.group)), shape=(needs.villages, needs.need.size)
    )
    rows, like = alike(csr_array(hstack([needs.by_village, of_group])))
    weight = summed(like, needs.weight, rows.size)
    in_reach = np.diff(needs.by_village.indptr)[rows] > 0
    return _rows(needs, rows[in_reach], weight[in_reach])


def _rows(needs: Needs, rows: NDArray[np.intp], weight: NDArray[np.float64]) -> Needs:
    by_village = needs.by_village[rows]
    return replace(
        needs,
        by_village=by_village,
        by_site=by_village.T.tocsr(),
        weight=weight,
        group=np.arange(rows.size) if needs.every else needs.group[rows],
        need=np.ones(rows.size) if needs.every else needs.need,
    )


def complete(needs: Needs, chosen: Iterable[int], order: NDArray[np.float64] | None = None) -> list[int]:
    """
    Add the sites that serve most of what is missing for their cost, then leave out those that are not needed.

    Parameters
    ----------
    needs : Needs
        What is to be served; all sites together must meet it.
    chosen : iterable of int
        Where to begin.
    order : NDArray[float64], optional
        One number per site: of sites that could be left out, that with the highest goes first; by default the dearest.

    Returns
    -------
    list of int
        Sites in ascending order that meet every need, and no part of them does.
    """
    state = _State(needs, set(chosen))
    heap = [(-np.inf, site) for site in range(needs.sites) if site not in state.chosen]
    while heap and state.short.any():
        _, site = heapq.heappop(heap)
        use = state.use_of(site) / needs.cost[site]
        if use <= 0:
            continue
        if heap and (-use, site) > heap[0]:
            heapq.heappush(heap, (-use, site))
            continue
        state.add(site)
    rank = needs.cost if order is None else order
    for site in sorted(state.chosen, key=lambda one: (-rank[one], -one)):
        state.drop_if_idle(site)
    return sorted(state.chosen)


class _State:
    """Chosen sites, how often each village is served, and what is missing."""

    def __init__(self, needs: Needs, chosen: set[int]) -> None:
        self.needs = needs
        self.chosen = chosen
        self.times = needs.times_served(chosen)
        self.short = needs.missing(self.times > 0)

    def _villages(self, site: int) -> NDArray[np.int32]:
        by_site = self.needs.by_site
        return np.asarray(by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]])

    def _by_group(self, villages: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        groups, place = np.unique(self.needs.group[villages], return_inverse=True)
        return groups, summed(place, self.needs.weight[villages], groups.size)

    def use_of(self, site: int) -> float:
        """Tell how much of what is missing a site would serve; groups count by the share of their need."""
        villages = self._villages(site)
        groups, more = self._by_group(villages[self.times[villages] == 0])
        return float((np.minimum(more, self.short[groups]) / self.needs.need[groups].clip(min=1e-300)).sum())

    def add(self, site: int) -> None:
        """Choose a site."""
        villages = self._villages(site)
        groups, more = self._by_group(villages[self.times[villages] == 0])
        left = self.short[groups] - more
        self.short[groups] = np.where(left > _MET * np.maximum(self.needs.need[groups], 1.0), left, 0.0)
        self.times[villages] += 1
        self.chosen.add(site)

    def drop_if_idle(self, site: int) -> None:
        """Leave a site out if every need is met without it."""
        villages = self._villages(site)
        self.times[villages] -= 1
        alone = villages[self.times[villages] == 0]
        if alone.size and (self.needs.every or self.needs.missing(self.times > 0).any()):
            self.times[villages] += 1
        else:
            self.chosen.discard(site)
