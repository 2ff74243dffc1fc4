"""Fill sites with the people whom they gain most by: a good choice to begin with, and what no choice is below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.flows import Flows


def begin(flows: Flows) -> NDArray[np.intp]:
    """
    Choose the site that gains most with the people who are left, or takes most of those who must go, again and again.

    Each takes whom it gains most by until it is full. Prices and costs count where there are some.
    """
    pairs, must = flows.pairs, flows.every[flows.pairs.village] | (flows.group[flows.pairs.village] >= 0)
    # Who must go comes before all gains.
    rank = flows.gain + must * (1.0 + float(flows.gain.max(initial=0.0)))
    taking = _Taking(flows, rank)
    chosen = np.flatnonzero(flows.required).tolist()
    for site in chosen:
        taking.take(site)
    divisor = flows.price if flows.price.any() else flows.cost if np.isfinite(flows.budget) else np.ones(pairs.sites)
    spent = float(flows.cost[chosen].sum())
    while len(chosen) < flows.number:
        score = taking.scores() / divisor
        score[chosen] = 0.0
        score[flows.cost > flows.budget - spent] = 0.0
        site = int(np.argmax(score)) if score.size else -1
        if site < 0 or score[site] <= 0 or taking.is_done():
            break
        chosen.append(site)
        spent += float(flows.cost[site])
        taking.take(site)
    return np.sort(np.asarray(chosen, dtype=np.intp))


class _Taking:
    """Who is left, where chosen sites take those whom they rank first until they are full."""

    def __init__(self, flows: Flows, rank: NDArray[np.float64]) -> None:
        order = np.lexsort((-rank, flows.pairs.site))
        self.village, self.site, self.rank = flows.pairs.village[order], flows.pairs.site[order], rank[order]
        self.begins = np.searchsorted(self.site, np.arange(flows.pairs.sites + 1))
        self.flows = flows
        # Where nobody lives somebody may still have to be served: a village counts as a thousandth of a person.
        self.left = np.where(flows.every, np.maximum(flows.people, 1e-3), flows.people)
        self.short = flows.need.copy()

    def _taken(self, part: slice) -> NDArray[np.float64]:
        left, site = self.left[self.village[part]], self.site[part]
        ahead = np.cumsum(left) - left
        first = np.searchsorted(site, site)
        taken: NDArray[np.float64] = np.clip(
            np.maximum(self.flows.room[site], 1e-3) - (ahead - ahead[first]), 0.0, left
        )
        return taken

    def scores(self) -> NDArray[np.float64]:
        """Tell for each site what the people that it would take now are worth."""
        taken = self._taken(slice(None)) * self.rank
        return np.asarray(np.bincount(self.site, weights=taken, minlength=self.flows.room.size), dtype=np.float64)

    def take(self, site: int) -> None:
        """Let a site take its people."""
        part = slice(self.begins[site], self.begins[site + 1])
        taken, village = self._taken(part), self.village[part]
        self.left[village] -= taken
        group = self.flows.group[village]
        np.subtract.at(self.short, group[group >= 0], taken[group >= 0])

    def is_done(self) -> bool:
        """Tell whether all have gone who must, where there are such and nothing else is gained."""
        flows = self.flows
        asked = flows.every.any() or flows.need.size
        done = not (self.left[flows.every] > 0).any() and not (self.short > 0).any()
        return bool(asked and done and not flows.gain.any())


def first_bound(flows: Flows) -> float:
    """Give what no choice is below: every village gains most, and so many sites gain what each could alone."""
    best = np.zeros(flows.people.size)
    np.maximum.at(best, flows.pairs.village, flows.weight)
    alone = _Taking(flows, flows.gain).scores()
    most = float(np.sort(alone)[::-1][: flows.number].sum())
    return _least_price(flows) - min(float(best.sum()), most)


def _least_price(flows: Flows) -> float:
    """Give what room for all who must go costs at least, where the last site may be taken in part."""
    must = flows.every | (flows.group >= 0)
    wanted = float(flows.people[flows.every].sum() + flows.need.sum())
    room = _Taking(flows, must[flows.pairs.village].astype(float)).scores()
    sites = np.flatnonzero(room > 0)
    sites = sites[np.argsort(flows.price[sites] / room[sites], kind="stable")]
    held = np.concatenate([[0.0], np.cumsum(room[sites])])
    paid = np.concatenate([[0.0], np.cumsum(flows.price[sites])])
    return max(float(np.interp(wanted, held, paid)), float(flows.price[flows.required].sum()))
