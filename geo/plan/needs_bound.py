"""A lower bound on what meeting needs can cost, by Lagrangian relaxation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.plan.needs import Needs, complete
from geo.plan.savings import gathered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.cover_search import CoverSearch

_MOST_STEPS = 2_000
_PATIENCE = 20
_SHRINK = 0.7
_DEFLECTION = 0.7
_SHORTEST = 1e-3
_STEPS_PER_CHOICE = 50
_LEAST = 1e-8


@dataclass(frozen=True, kw_only=True)
class Fees:
    """
    A fee per village that a site earns for serving it; `left` is what each site costs beyond the fees it would earn.

    The fees of the villages that are cheapest to serve, and the sites that cost less than they earn, bound the cost.
    """

    bound: float
    fee: NDArray[np.float64]
    left: NDArray[np.float64]


def raise_bound(search: CoverSearch, steps: int = _MOST_STEPS) -> Fees:
    """
    Raise the bound of a search by better and better fees, and offer it the choices that they suggest.

    As :func:`geo.plan.lagrangian.subgradient`, turned round.

    References
    ----------
    J. E. Beasley, A Lagrangian heuristic for set-covering problems (1990).
    """
    needs = search.needs
    fee = _first_fees(needs)
    best, served = _at(needs, fee)
    now, direction = best, np.zeros_like(fee)
    length, without = 1.0, 0
    for step in range(1, steps + 1):
        search.lift(best.bound)
        if search.is_over or length < _SHORTEST:
            break
        slope = served - needs.by_village @ (now.left < 0).astype(float)
        slope[(fee <= 0) & (slope < 0)] = 0.0
        direction = slope + _DEFLECTION * direction
        norm = float(direction @ direction)
        if norm <= 0:
            break
        ahead = max(search.cost - now.bound, _LEAST * search.cost)
        fee = np.maximum(fee + length * ahead / norm * direction, 0.0)
        now, served = _at(needs, fee)
        if now.bound > best.bound + _LEAST * search.cost:
            best, without = now, 0
        else:
            without += 1
        if without >= _PATIENCE:
            length, without = length * _SHRINK, 0
            fee, direction = best.fee, np.zeros_like(fee)
            now, served = _at(needs, fee)
        if step % _STEPS_PER_CHOICE == 0:
            search.offer(complete(needs, np.flatnonzero(best.left < 0).tolist(), best.left))
    search.lift(best.bound)
    return best


def _first_fees(needs: Needs) -> NDArray[np.float64]:
    """Share the cost of the site that is cheapest per village among the villages."""
    sizes = np.maximum(np.diff(needs.by_site.indptr), 1)
    per_village = needs.cost / sizes
    owner, site, _ = gathered(needs.by_village, np.arange(needs.villages))
    fee = np.full(needs.villages, np.inf)
    np.minimum.at(fee, owner, per_village[site])
    return np.where(np.isfinite(fee), fee, 0.0)


def _at(needs: Needs, fee: NDArray[np.float64]) -> tuple[Fees, NDArray[np.float64]]:
    """Give the bound at some fees, and what share of each village its proof serves."""
    left = needs.cost - np.asarray(needs.by_site @ fee)
    served = np.ones(needs.villages) if needs.every else _cheapest(needs, fee)
    return Fees(bound=float(fee @ served + np.minimum(left, 0.0).sum()), fee=fee, left=left), served


def _cheapest(needs: Needs, fee: NDArray[np.float64]) -> NDArray[np.float64]:
    """Serve of each group what is cheapest for its weight until its need is met; the last village may be in part."""
    weight = np.maximum(needs.weight, 1e-300)
    order = np.lexsort((fee / weight, needs.group))
    group, weight = needs.group[order], weight[order]
    before = np.cumsum(weight) - weight
    firsts = np.flatnonzero(np.diff(group, prepend=-1))
    begins = np.repeat(before[firsts], np.diff(firsts, append=group.size))
    served = np.empty(needs.villages)
    served[order] = np.clip((needs.need[group] - (before - begins)) / weight, 0.0, 1.0)
    return served
