"""What sites must serve so that everybody, or a share of each area, is within a distance of a point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geo.measure.nearest import TIE_M
from geo.plan.needs import Needs
from geo.plan.savings import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.pairs import Pairs
    from geo.plan.problem import Problem

# A share of people is met when no more than this of it is missing.
_MET = 1e-9


@dataclass(frozen=True, kw_only=True)
class Demand:
    """
    What must be served beside what is served already, and what no candidate can serve.

    `rows` are the villages of the needs. `gain` is a village's people where it is not within the limit already;
    `required` are the sites that must be chosen.
    """

    needs: Needs
    unserved: NDArray[np.intp]
    required: NDArray[np.intp]
    near: Pairs
    gain: NDArray[np.float64]
    before: float
    rows: NDArray[np.intp]


def demanded(asked: Problem, within_m: float, share: float, groups: NDArray[np.intp] | None) -> Demand:
    """Work out what the candidates must serve within a distance."""
    near = asked.pairs.within(within_m)
    near = near.kept(~asked.is_forbidden[near.site])
    required = np.flatnonzero(asked.is_required)
    standing = asked.served <= within_m + TIE_M
    done = standing.copy()
    done[near.village[asked.is_required[near.site]]] = True
    reach = np.bincount(near.village, minlength=asked.pairs.villages) > 0
    every = share >= 1
    count = _Count.of(asked, every=every, groups=groups)
    group, weight, counted = count.group, count.weight, count.group >= 0
    need, short = count.needed(share, done, reach)
    unserved = np.flatnonzero(counted & ~done & ~reach & (weight > 0) & short[np.maximum(group, 0)])
    rows = np.flatnonzero(counted & ~done & reach & (need[np.maximum(group, 0)] > 0))
    used = np.unique(group[rows])
    keep = ~asked.is_required[near.site]
    matrix = csr_array(
        (np.ones(int(keep.sum())), (near.village[keep], near.site[keep])),
        shape=(asked.pairs.villages, asked.pairs.sites),
    )[rows]
    matrix.sort_indices()
    return Demand(
        needs=Needs(
            by_village=matrix,
            by_site=matrix.T.tocsr(),
            weight=weight[rows],
            group=np.searchsorted(used, group[rows]),
            need=np.ones(used.size) if every else need[used],
            cost=asked.costs,
            every=every,
        ),
        unserved=unserved,
        required=required,
        near=near,
        gain=np.where(standing, 0.0, asked.people),
        before=float(asked.people[standing].sum()),
        rows=rows,
    )


@dataclass(frozen=True, kw_only=True)
class _Count:
    """What each village counts for, and in which group; -1 is in none."""

    group: NDArray[np.intp]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, asked: Problem, *, every: bool, groups: NDArray[np.intp] | None) -> _Count:
        """Count each village as one of its own where every one must be served, and people elsewhere."""
        villages = asked.pairs.villages
        if every:
            return cls(group=np.arange(villages), weight=np.ones(villages))
        return cls(group=np.zeros(villages, dtype=np.intp) if groups is None else groups, weight=asked.people)

    def sums(self, which: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Add up some villages by group."""
        counted = self.group >= 0
        size = int(self.group.max(initial=-1)) + 1
        return summed(self.group[counted], (self.weight * which)[counted], size)

    def needed(
        self, share: float, done: NDArray[np.bool_], reach: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Give what each group needs beside what is done, no more than can be, and which cannot have all of it."""
        whole, can = self.sums(np.ones_like(done)), self.sums(reach & ~done)
        tolerance = _MET * np.maximum(whole, 1.0)
        need = share * whole - self.sums(done)
        return np.where(need > tolerance, np.minimum(need - tolerance, can), 0.0), need > can + tolerance
