"""Sites that hold so many people: all choices there are, with the best flow to each by SciPy's own linear programs."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.errors import FigureError
from geo.plan.least_loss import least_loss
from geo.plan.max_cover import max_cover
from geo.plan.p_center import p_center
from geo.plan.p_median import p_median
from geo.plan.pairs import pairs_between, pairs_of
from geo.plan.problem import Problem
from geo.plan.set_cover import set_cover
from geo.plan.until import Until

LIMIT = 1.5


def best_flow(case, chosen, gain, must, demand=(None, ())):
    """Give the most that people gain by going to chosen sites; None where not all find room who must."""
    groups, need = demand
    ways = [(village, site) for village, site in zip(*np.nonzero(~np.isnan(gain)), strict=True) if site in chosen]
    if not ways:
        return None if must.any() or any(one > 0 for one in need) else 0.0
    village, site = np.array(ways).T
    most = [(village == row).astype(float) for row in range(case.people.size)]
    if any(must[row] and not most[row].any() for row in range(case.people.size)):
        return None
    held = [(site == one).astype(float) for one in chosen if np.isfinite(case.capacity[one])]
    groups = np.full(case.people.size, -1) if groups is None else groups
    needed = [-(groups[village] == one).astype(float) for one in range(len(need))]
    upper = [*case.people, *(case.capacity[one] for one in chosen if np.isfinite(case.capacity[one]))]
    equal = [row for row in range(case.people.size) if must[row]]
    solved = linprog(
        -gain[village, site],
        A_ub=[*most, *held, *needed],
        b_ub=[*upper, *(-one for one in need)],
        A_eq=[most[row] for row in equal] or None,
        b_eq=[case.people[row] for row in equal] or None,
    )
    return -solved.fun if solved.status == 0 else None


class Case:
    """Distances, people, room and limits drawn from a seed."""

    def __init__(self, seed):
        random = np.random.default_rng(seed)
        villages, sites = int(random.integers(1, 6)), int(random.integers(2, 6))
        whole = bool(random.random() < 0.5)
        self.matrix = (
            random.integers(0, 5, (villages, sites)) if whole else random.uniform(0, 4, (villages, sites))
        ) / 1.0
        self.matrix[random.random((villages, sites)) < 0.1] = np.nan
        self.people = random.integers(0, 9, villages) / 1.0 if whole else random.uniform(0, 9, villages)
        self.people[0] = max(self.people[0], 1.0)
        self.capacity = random.integers(0, 15, sites) / 1.0 if whole else random.uniform(0, 20, sites)
        self.capacity[random.random(sites) < 0.15] = np.inf
        self.cost = random.choice([0.1, 0.2, 0.3], sites) if random.random() < 0.5 else None
        self.required = random.random(sites) < 0.15
        self.served = np.where(random.random(villages) < 0.3, random.uniform(0, 4, villages), np.inf)
        self.number = int(random.integers(max(1, self.required.sum()), sites + 1))
        self.budget = None
        if self.cost is not None and random.random() < 0.5:
            self.budget = float(sum(self.cost[: random.integers(1, sites + 1)]))
            self.required[:] = False
        self.until = Until(gap=float(random.choice([0.0, 0.1])), time_s=float(random.choice([0.0, *[np.inf] * 5])))
        self.share = float(random.choice([0.5, 0.8, 1.0]))

    def problem(self, budget=None):
        return Problem(
            pairs=pairs_of(self.matrix), people=self.people, served_m=self.served, required=self.required,
            cost=self.cost, capacity=self.capacity, budget=budget,
        )  # fmt: skip

    def choices(self, number, budget=None):
        for size in range(number + 1):
            for chosen in combinations(range(self.capacity.size), size):
                affordable = budget is None or self.cost[list(chosen)].sum() <= budget * (1 + 1e-9)
                if affordable and set(np.flatnonzero(self.required)) <= set(chosen):
                    yield list(chosen)

    def proved(self, answer, best, *, more):
        low, high = (answer.objective, answer.bound) if more else (answer.bound, answer.objective)
        slack = 2e-6 * max(abs(best), 1e-3)
        assert low - slack <= best <= high + slack
        if self.until.time_s:
            assert answer.status in ("optimal", "gap")
        if answer.status == "gap":
            assert answer.gap <= self.until.gap
        if answer.status == "optimal":
            assert answer.objective == pytest.approx(best, abs=slack)
        gone = answer.assigned
        load = np.bincount(gone.site, weights=gone.people, minlength=self.capacity.size)
        assert (load <= self.capacity * (1 + 1e-6) + 1e-6).all()
        assert (np.bincount(gone.village, gone.people, self.people.size) <= self.people + 1e-6).all()
        assert load[answer.chosen].tolist() == pytest.approx(answer.people.tolist())
        assert set(gone.site) <= set(answer.chosen)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_max_cover_fills_sites_with_as_many_people_as_any_choice(seed):
    case = Case(seed)
    standing = case.served <= LIMIT
    gain = np.where((case.matrix <= LIMIT) & ~standing[:, None], 1.0, np.nan)
    nobody = np.zeros(case.people.size, dtype=bool)
    if not (case.matrix <= LIMIT).any():
        return
    answer = max_cover(case.problem(case.budget), within_m=LIMIT, number=case.number, until=case.until)
    best = max(best_flow(case, chosen, gain, nobody) for chosen in case.choices(case.number, case.budget))
    case.proved(answer, best, more=True)
    assert answer.before == pytest.approx(case.people[standing].sum())


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.booleans())
def test_p_median_sends_people_where_there_is_room_with_the_least_travel(seed, beyond):
    case = Case(seed)
    farthest = np.minimum(case.served, 5.0) if beyond else case.served
    must = ~np.isfinite(farthest) & (case.people > 0)
    farthest = np.where(np.isfinite(farthest), farthest, 9.0)
    gain = farthest[:, None] - case.matrix
    gain[~(gain > 0) & ~must[:, None]] = np.nan
    found = [best_flow(case, chosen, gain, must) for chosen in case.choices(case.number, case.budget)]
    travel = [case.people @ farthest - one for one in found if one is not None]
    try:
        answer = p_median(
            case.problem(case.budget), number=case.number, beyond_m=5.0 if beyond else None, until=case.until
        )
    except FigureError as told:
        assert not travel or not case.until.time_s
        assert "hold" in str(told)  # noqa: PT017
        return
    case.proved(answer, min(travel), more=False)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_set_cover_finds_the_cheapest_sites_that_hold_who_must_be_served(seed):
    case = Case(seed)
    near = case.matrix <= LIMIT
    standing = case.served <= LIMIT
    open_ = ~standing & near.any(axis=1)
    gain = np.where(near & ~standing[:, None], 0.0, np.nan)
    every = open_ if case.share == 1 else np.zeros_like(open_)
    groups = np.where(standing, -1, 0)
    wanted = case.share * case.people.sum() - case.people[standing].sum()
    need = [] if case.share == 1 else [max(0.0, min(wanted, case.people[open_].sum()) * (1 - 1e-8) - 1e-8)]
    cost = np.ones(case.capacity.size) if case.cost is None else case.cost
    serving = [
        cost[chosen].sum()
        for chosen in case.choices(case.capacity.size)
        if best_flow(case, chosen, gain, every, (groups, need)) is not None
    ]
    try:
        answer = set_cover(case.problem(), within_m=LIMIT, share=case.share, until=case.until)
    except FigureError as told:
        assert not serving
        assert "All candidates together hold" in str(told)  # noqa: PT017
        return
    if answer.status != "infeasible":
        case.proved(answer, min(serving), more=False)


def two_towns(**more):
    pairs = pairs_of([[0.0, 900.0], [900.0, 0.0], [5000.0, 800.0]])
    return Problem(pairs=pairs, people=np.array([10.0, 20.0, 5.0]), **more)


def test_a_site_takes_no_more_than_it_holds_and_a_village_may_be_split():
    answer = max_cover(two_towns(capacity=np.array([8.0, 12.0])), within_m=1000, number=1)
    assert (answer.chosen.tolist(), answer.people.tolist(), answer.objective, answer.status) == (
        [1], [12.0], 12.0, "optimal",
    )  # fmt: skip
    median = p_median(two_towns(capacity=np.array([20.0, 15.0])), number=2)
    # Ten of the second village find room where they live, and ten go to the first; the third goes to the second site.
    assert (median.objective, median.bound) == (10 * 900 + 5 * 800, 13_000)
    assert median.assigned.people.sum() == 35


def test_without_a_limit_on_room_answers_are_those_without_a_capacity():
    random = np.random.default_rng(4)
    lon, lat = random.uniform(108.5, 109, 60), random.uniform(11.3, 11.8, 60)
    free = {"pairs": pairs_between(lon, lat, lon[:20], lat[:20], within_m=np.inf), "people": random.uniform(1, 9, 60)}
    for ask in (
        lambda problem: max_cover(problem, within_m=9000, number=3),
        lambda problem: p_median(problem, number=3),
        lambda problem: set_cover(problem, within_m=20_000),
    ):
        with_room, plain = ask(Problem(**free, capacity=np.full(20, np.inf))), ask(Problem(**free))
        assert with_room.objective == pytest.approx(plain.objective)
        assert with_room.status == plain.status == "optimal"


def test_a_point_of_limited_room_is_a_required_site():
    room = np.array([8.0, np.inf])
    stands = np.array([True, False])
    answer = max_cover(two_towns(capacity=room, required=stands), within_m=1000, number=2)
    assert (answer.objective, set(answer.chosen)) == (35, {0, 1})
    alone = max_cover(two_towns(capacity=room, required=stands), within_m=1000, number=1)
    assert (alone.objective, alone.chosen.tolist()) == (8, [0])


def test_a_better_solution_than_the_start_is_taken_where_the_solver_needs_no_search():
    matrix = [[4, np.nan, 0, 4, 0], [2, np.nan, 3, 1, 0], [3, np.nan, 2, 3, 0], [1, np.nan, 4, 2, 4]]
    problem = Problem(
        pairs=pairs_of(matrix),
        people=np.array([4.2, 0.6, 6.5, 0.8]),
        required=np.arange(5) == 2,
        capacity=np.array([19.4, 0.0, 4.2, 11.6, 11.1]),
    )
    answer = p_median(problem, number=4)
    assert (answer.objective, answer.bound, answer.status) == (pytest.approx(0.8), pytest.approx(0.8), "optimal")


def test_without_highspy_scipy_sends_as_many_people(monkeypatch):
    problem = two_towns(capacity=np.array([8.0, 12.0]))
    ours = [max_cover(problem, within_m=1000, number=1), set_cover(problem, within_m=1000, share=0.5)]
    monkeypatch.setitem(sys.modules, "highspy", None)
    theirs = [max_cover(problem, within_m=1000, number=1), set_cover(problem, within_m=1000, share=0.5)]
    for one, other in zip(ours, theirs, strict=True):
        assert (one.objective, one.bound, one.status) == (other.objective, other.bound, other.status)


def test_villages_out_of_reach_are_named_also_with_capacities():
    pairs = pairs_of([[0.0], [0.0], [np.nan]])
    answer = set_cover(Problem(pairs=pairs, people=np.ones(3), capacity=np.array([2.0])), within_m=1)
    assert (answer.status, answer.unserved.tolist(), answer.objective) == ("infeasible", [2], 1.0)


@pytest.mark.parametrize(("ask", "says"), [
    (lambda: p_center(two_towns(capacity=np.ones(2)), number=1), "The p-centre knows no capacity"),
    (lambda: least_loss(two_towns(capacity=np.ones(2)), number=1), "Closing knows no capacity"),
    (lambda: set_cover(two_towns(capacity=np.full(2, 9.0)), within_m=1000), "together hold 18 of the 35 people"),
    (lambda: p_median(two_towns(capacity=np.full(2, 20.0)), number=1), "No 1 sites were found that hold all"),
    (lambda: max_cover(two_towns(capacity=np.ones(2)), within_m=1000), "Neither a number of sites nor a budget"),
    (lambda: two_towns(capacity=np.array([1.0, -1.0])), "capacity of row 1 is -1.0"),
    (lambda: two_towns(capacity=np.array([1.0, np.nan])), "capacity of row 1 is nan"),
])  # fmt: skip
def test_what_cannot_be_with_capacities_is_refused_in_a_line(ask, says):
    with pytest.raises(FigureError, match=says):
        ask()


def test_hundreds_of_villages_are_proved_to_a_hundredth_in_seconds_and_orders_of_rows_agree():
    random = np.random.default_rng(6)
    lon, lat = random.uniform(108.5, 109, 200), random.uniform(11.3, 11.8, 200)
    problem = Problem(
        pairs=pairs_between(lon, lat, lon[:40], lat[:40], within_m=9000),
        people=np.rint(random.lognormal(5, 1, 200)),
        capacity=np.full(40, 2500.0),
        village_lon_lat=np.column_stack([lon, lat]),
        site_lon_lat=np.column_stack([lon, lat])[:40],
    )
    answer = max_cover(problem, within_m=9000, number=8, until=Until(gap=0.01))
    assert answer.gap <= 0.01
    assert (answer.people <= 2500).all()
    turned = Problem(
        pairs=problem.pairs.reordered(np.arange(200)[::-1], np.arange(40)[::-1]),
        people=problem.people[::-1],
        capacity=problem.capacity,
        village_lon_lat=problem.village_lon_lat[::-1],
        site_lon_lat=problem.site_lon_lat[::-1],
    )
    other = max_cover(turned, within_m=9000, number=8, until=Until(gap=0.01))
    assert (39 - other.chosen).tolist() == answer.chosen.tolist()
    assert (other.objective, other.bound) == (answer.objective, answer.bound)
