"""Make a choice better by exchanging one chosen site for another, until no exchange helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.plan.savings import gathered, summed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geo.plan.savings import Savings
    from geo.plan.until import Watch

# An exchange must gain more than this share of what all save, or rounding could go round in a circle.
_LEAST_GAIN = 1e-11


def interchange(savings: Savings, chosen: Iterable[int], watch: Watch) -> list[int]:
    """
    Exchange chosen sites for others as long as that saves more, and fill up what number and budget leave.

    Each chosen site in turn, the one whose loss is least first, is exchanged for the site that gains most without it; a
    round without an exchange ends the search. The same start gives the same answer.

    Parameters
    ----------
    savings : Savings
        What is to be saved.
    chosen : iterable of int
        Where to begin; must keep to number and budget.
    watch : Watch
        Ends the search early when its time is over.

    Returns
    -------
    list of int
        Sites in ascending order, worth at least as much as the start.

    References
    ----------
    R. A. Whitaker (1983); M. G. C. Resende and R. F. Werneck, A fast swap-based local search procedure for location
    problems (2007).
    """
    state = _State(savings, sorted(set(chosen)))
    least = _LEAST_GAIN * max(float(savings.most.sum()), 1.0)
    moved = True
    while moved:
        moved = state.fill(least)
        loss = state.losses()
        for site in sorted(state.chosen, key=lambda one: (loss[one], one)):
            if watch.is_over():
                return sorted(state.chosen)
            moved |= state.exchange(site, least)
    return sorted(state.chosen)


@dataclass
class _State:
    """A choice, each village's best and second-best value with it, and what each further site would add."""

    savings: Savings
    chosen: list[int]

    def __post_init__(self) -> None:
        count = self.savings.villages
        self.is_chosen = np.zeros(self.savings.sites, dtype=np.bool_)
        self.is_chosen[self.chosen] = True
        self.best, self.second = np.zeros(count), np.zeros(count)
        self.owner = np.full(count, -1, dtype=np.intp)
        self.gain = np.asarray(self.savings.by_site.sum(axis=1), dtype=np.float64)
        _, served, _ = gathered(self.savings.by_site, np.asarray(self.chosen, dtype=np.intp))
        self._settle(np.unique(served).astype(np.intp))

    def losses(self) -> NDArray[np.float64]:
        """Tell what would be lost with each chosen site."""
        owned = self.owner >= 0
        return summed(self.owner[owned], (self.best - self.second)[owned], self.savings.sites)

    def fill(self, least: float) -> bool:
        """Add sites while number and budget allow and they add something; tell whether any was added."""
        added = False
        while len(self.chosen) < self.savings.number:
            left = self.savings.budget - float(self.savings.cost[self.chosen].sum())
            fits = np.where((self.savings.cost <= left) & ~self.is_chosen, self.gain, 0.0)
            if not fits.size or fits.max() <= least:
                break
            self._change(None, int(np.argmax(fits)))
            added = True
        return added

    def exchange(self, site: int, least: float) -> bool:
        """Exchange a chosen site for the one that gains most without it, if that gains anything."""
        village = self._villages_of(site)
        village = village[(self.owner[village] == site) & (self.best[village] > self.second[village])]
        loss = float((self.best[village] - self.second[village]).sum())
        place, other, value = gathered(self.savings.by_village, village)
        more = np.minimum(value, self.best[village][place]) - self.second[village][place]
        gain = self.gain + summed(other, np.maximum(more, 0.0), self.gain.size)
        left = self.savings.budget - float(self.savings.cost[self.chosen].sum()) + self.savings.cost[site]
        gain[self.is_chosen | (self.savings.cost > left)] = 0.0
        into = int(np.argmax(gain))
        if gain[into] <= loss + least:
            return False
        self._change(site, into)
        return True

    def _villages_of(self, site: int) -> NDArray[np.intp]:
        by_site = self.savings.by_site
        return np.asarray(by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]], dtype=np.intp)

    def _change(self, out: int | None, into: int) -> None:
        touched = self._villages_of(into)
        if out is not None:
            self.chosen.remove(out)
            self.is_chosen[out] = False
            touched = np.union1d(touched, self._villages_of(out))
        self.chosen.append(into)
        self.is_chosen[into] = True
        self._settle(touched)

    def _settle(self, village: NDArray[np.intp]) -> None:
        """Find the best and second-best of some villages anew, and what that changes for the sites in their reach."""
        place, site, value = gathered(self.savings.by_village, village)
        before = self.best[village]
        mine = np.flatnonzero(self.is_chosen[site])
        order = mine[np.lexsort((site[mine], -value[mine], place[mine]))]
        rows, first = np.unique(place[order], return_index=True)
        self.best[village], self.second[village], self.owner[village] = 0.0, 0.0, -1
        self.best[village[rows]] = value[order[first]]
        self.owner[village[rows]] = site[order[first]]
        again = first + 1
        two = np.flatnonzero(again < np.append(first[1:], order.size))
        self.second[village[rows[two]]] = value[order[again[two]]]
        change = np.maximum(value - self.best[village][place], 0.0) - np.maximum(value - before[place], 0.0)
        self.gain += summed(site, change, self.gain.size)
