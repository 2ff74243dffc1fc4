"""Covering and median where sites hold so many people: the three models put as flows, and their answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import FigureError
from geo.plan.answer import Answer, Assigned, Model
from geo.plan.flows import Flows, assigned, clipped
from geo.plan.room import Placed, place
from geo.plan.savings import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.plan.demand import Demand
    from geo.plan.ordered import Ordered
    from geo.plan.pairs import Pairs
    from geo.plan.problem import Problem
    from geo.plan.until import Watch


def cover_with_room(
    ordered: Ordered, near: Pairs, covered: NDArray[np.bool_], number: int | None, watch: Watch
) -> Answer:
    """
    Cover most people by sites that hold so many.

    Parameters
    ----------
    ordered : Ordered
        What is asked.
    near : Pairs
        Villages and the sites that may serve them.
    covered : NDArray[bool_]
        Which villages are served already.
    number : int or None
        The most sites.
    watch : Watch
        When to stop.
    """
    asked = ordered.problem
    people = np.where(covered, 0.0, asked.people)
    near = near.kept(people[near.village] > 0)
    flows = replace(_flows(asked, near, people, number), gain=np.ones(near.village.size))
    placed = _placed(flows, watch)
    answer = _answer("max_cover", ordered, flows, placed)
    # More is better here: people are what the flow gains.
    return replace(
        answer,
        objective=max(-placed.objective, 0.0),
        bound=max(-placed.bound, 0.0),
        before=float(asked.people[covered].sum()),
    )


def median_with_room(
    ordered: Ordered, pairs: Pairs, beyond_m: float | None, number: int | None, watch: Watch
) -> Answer:
    """
    Let people travel least to sites that hold so many; who finds no room goes to a point that stays, or `beyond_m`.

    Parameters
    ----------
    ordered : Ordered
        What is asked.
    pairs : Pairs
        Of the sites that may be chosen.
    beyond_m : float or None
        What counts for who finds no room.
    number : int or None
        The most sites.
    watch : Watch
        When to stop.

    Raises
    ------
    FigureError
        Where not all find room who must.
    """
    asked = ordered.problem
    farthest = asked.served if beyond_m is None else np.minimum(asked.served, beyond_m)
    every = ~np.isfinite(farthest) & (asked.people > 0)
    listed = np.zeros(asked.pairs.villages)
    np.maximum.at(listed, pairs.village, pairs.metres)
    farthest = np.where(np.isfinite(farthest), farthest, listed)
    gain = farthest[pairs.village] - pairs.metres
    keep = (asked.people[pairs.village] > 0) & ((gain > 0) | every[pairs.village])
    flows = replace(
        _flows(asked, pairs.kept(keep), asked.people, number),
        every=every,
        gain=gain[keep],
        base=float(asked.people @ farthest),
    )
    placed = _placed(flows, watch)
    before = float(asked.people @ asked.served) if np.isfinite(asked.served).all() else np.nan
    answer = _answer("p_median", ordered, flows, placed)
    return replace(answer, objective=max(placed.objective, 0.0), bound=max(placed.bound, 0.0), before=before)


def set_with_room(ordered: Ordered, demand: Demand, watch: Watch) -> Answer:
    """
    Serve who must be served by the cheapest sites that hold so many.

    Parameters
    ----------
    ordered : Ordered
        What is asked.
    demand : Demand
        Who must be served.
    watch : Watch
        When to stop.

    Raises
    ------
    FigureError
        Where the candidates do not hold so many.
    """
    asked, needs, rows = ordered.problem, demand.needs, demand.rows
    every, group = np.zeros(asked.pairs.villages, dtype=np.bool_), np.full(asked.pairs.villages, -1, dtype=np.intp)
    if needs.every:
        every[rows] = True
    else:
        group[rows] = needs.group
    near = demand.near.kept(np.isin(demand.near.village, rows))
    flows = replace(
        _flows(asked, near, asked.people, asked.pairs.sites),
        every=every,
        group=group,
        need=np.zeros(0) if needs.every else needs.need,
        price=asked.costs,
    )
    answer = _answer("set_cover", ordered, flows, _placed(flows, watch))
    return replace(
        answer,
        before=demand.before,
        status="infeasible" if demand.unserved.size else answer.status,
        unserved=ordered.villages[demand.unserved],
    )


def _flows(asked: Problem, pairs: Pairs, people: NDArray[np.float64], number: int | None) -> Flows:
    """Give a question in which nobody must go and nothing is gained yet."""
    if asked.capacity is None:
        msg = "capacity is not given: say how many people each site holds."
        raise FigureError(msg)
    if number is None and asked.budget is None:
        msg = "Neither a number of sites nor a budget is given: with every site chosen there is nothing to choose."
        raise FigureError(msg)
    required = np.flatnonzero(asked.is_required)
    if (spent := float(asked.costs[required].sum())) > asked.most_cost:
        msg = f"The required sites cost {spent:g}, more than the budget of {asked.budget:g}."
        raise FigureError(msg)
    return Flows(
        pairs=pairs,
        people=people,
        every=np.zeros(people.size, dtype=np.bool_),
        group=np.full(people.size, -1, dtype=np.intp),
        need=np.zeros(0),
        room=clipped(asked.capacity, pairs, people),
        price=np.zeros(pairs.sites),
        cost=asked.costs,
        required=asked.is_required,
        gain=np.zeros(pairs.village.size),
        number=pairs.sites if number is None else number,
        budget=asked.most_cost,
    )


def _placed(flows: Flows, watch: Watch) -> Placed:
    must = flows.every | (flows.group >= 0)
    if must.any() and assigned(flows, np.arange(flows.pairs.sites)) is None:
        held = _most(flows, must)
        msg = (
            f"All candidates together hold {held:,.0f} of the {flows.people[must].sum():,.0f} people who are to go "
            "to them, or some have no way there. Give more room or candidates, or ask for a smaller share."
        )
        raise FigureError(msg)
    placed = place(flows, watch)
    if placed is None:
        msg = (
            f"No {flows.number} sites were found that hold all people who are to go to them. "
            "Ask for more sites, give them more room, a larger budget, or more time."
        )
        raise FigureError(msg)
    return placed


def _most(flows: Flows, must: NDArray[np.bool_]) -> float:
    """Give how many of those who must go all sites together hold."""
    free = replace(
        flows,
        every=np.zeros_like(flows.every),
        group=np.full_like(flows.group, -1),
        need=np.zeros(0),
        gain=must[flows.pairs.village].astype(float),
    )
    share = assigned(free, np.arange(flows.pairs.sites))
    return 0.0 if share is None else float(free.weight @ share)


def _answer(model: Model, ordered: Ordered, flows: Flows, placed: Placed) -> Answer:
    people = summed(flows.pairs.site, placed.flow, flows.pairs.sites)[placed.chosen]
    order = np.lexsort((placed.chosen, -people))
    gone = placed.flow > 0
    return Answer(
        model=model,
        chosen=ordered.sites[placed.chosen[order]],
        people=people[order],
        objective=placed.objective,
        bound=placed.bound,
        status=placed.status,
        solver=placed.solver,
        assigned=Assigned(
            village=ordered.villages[flows.pairs.village[gone]],
            site=ordered.sites[flows.pairs.site[gone]],
            people=placed.flow[gone],
        ),
    )
