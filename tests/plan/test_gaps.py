"""Gaps, budgets and people of every size against all choices there are: what an answer claims of itself is so."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import FigureError
from geo.plan import choose as choosing
from geo.plan import cover
from geo.plan.lagrangian import subgradient
from geo.plan.least_loss import least_loss
from geo.plan.max_cover import max_cover
from geo.plan.needs_bound import raise_bound
from geo.plan.p_center import p_center
from geo.plan.p_median import p_median
from geo.plan.pairs import pairs_between, pairs_of
from geo.plan.problem import Problem
from geo.plan.set_cover import set_cover
from geo.plan.until import Until

LIMIT = 1.5


@dataclass
class Case:
    """Distances, people and limits drawn from a seed, and every choice that keeps them."""

    seed: int

    def __post_init__(self):
        random = np.random.default_rng(self.seed)
        villages, sites = random.integers(1, 8), random.integers(2, 7)
        self.matrix = random.choice([random.uniform(0, 4, (villages, sites)), random.integers(0, 4, (villages, sites))])
        self.people = random.choice([
            random.integers(0, 9, villages).astype(float),
            random.uniform(0, 9, villages),
            random.lognormal(3, 4, villages),
        ])  # fmt: skip
        self.people[0] = max(self.people[0], 1.0)
        self.served = np.where(random.random(villages) < 0.3, random.uniform(0, 4, villages), np.inf)
        self.required = random.random(sites) < 0.2
        self.cost = random.choice([random.choice([0.1, 0.2, 0.3], sites), random.uniform(0.01, 1, sites) * 1e-9])
        # As a user adds it up: a tenth and two tenths.
        self.budget = float(sum(self.cost[: random.integers(1, sites + 1)]))
        if self.cost[self.required].sum() > self.budget:
            self.required[:] = False
        self.number = int(random.integers(max(1, self.required.sum()), sites + 1))
        self.until = Until(gap=float(random.choice([0.0, 0.05, 0.3])))

    def problem(self, **more):
        return Problem(
            pairs=pairs_of(self.matrix), people=self.people, served_m=self.served, required=self.required, **more
        )

    def choices(self, number, *, paid=False):
        must = set(np.flatnonzero(self.required))
        for size in range(number + 1):
            for chosen in combinations(range(self.cost.size), size):
                if must <= set(chosen) and (not paid or self.cost[list(chosen)].sum() <= self.budget * (1 + 1e-9)):
                    yield list(chosen)

    def ways(self, chosen):
        return np.minimum(self.served, self.matrix[:, chosen].min(axis=1, initial=np.inf))

    def near(self, chosen):
        return float(self.people[self.ways(chosen) <= LIMIT + 1e-6].sum())

    def travel(self, chosen):
        return float(self.people @ self.ways(chosen)) if chosen or np.isfinite(self.served).all() else np.inf


def covers(case, *, paid):
    costs = {"cost": case.cost, "budget": case.budget} if paid else {}
    answer = max_cover(case.problem(**costs), within_m=LIMIT, number=case.number, until=case.until)
    return answer, max(case.near(chosen) for chosen in case.choices(case.number, paid=paid)) - answer.before


def median(case, *, paid):
    costs = {"cost": case.cost, "budget": case.budget} if paid else {}
    answer = p_median(case.problem(**costs), number=case.number, until=case.until)
    return answer, min(case.travel(chosen) for chosen in case.choices(case.number, paid=paid))


def fewest(case, *, paid):
    share = 0.5 if case.seed % 2 else 1.0
    answer = set_cover(case.problem(cost=case.cost if paid else None), within_m=LIMIT, share=share, until=case.until)
    cost = case.cost if paid else np.ones_like(case.cost)
    need = share * case.people.sum() * (1 - 1e-9)
    serving = [
        cost[chosen].sum()
        for chosen in case.choices(case.cost.size)
        if (case.near(chosen) >= need if share < 1 else (case.ways(chosen) <= LIMIT + 1e-6).all())
    ]
    assert bool(serving) == (answer.status != "infeasible")
    return answer, min(serving, default=None)


def center(case, **_):
    answer = p_center(case.problem(), number=case.number, until=case.until)
    choices = [chosen for chosen in case.choices(case.number) if chosen or np.isfinite(case.served).all()]
    return answer, min(case.ways(chosen).max() for chosen in choices)


def closing(case, *, paid):
    case.number = min(case.number, case.cost.size - 1)
    case.required[:] = False
    stay = case.cost.size - case.number
    answer = least_loss(case.problem(), number=case.number, within_m=LIMIT if paid else None, until=case.until)
    left = [chosen for chosen in case.choices(stay) if len(chosen) == stay]
    return answer, (max(map(case.near, left)) if paid else min(map(case.travel, left)))


@pytest.mark.parametrize("alone", [False, True], ids=["bounded", "by the solver"])
@pytest.mark.parametrize("ask", [covers, median, fewest, center, closing])
@settings(max_examples=30)
@given(st.integers(0, 2**32), st.booleans())
def test_what_an_answer_claims_is_so(ask, alone, seed, paid):
    case = Case(seed)
    with pytest.MonkeyPatch.context() as patch:
        if alone:
            patch.setattr(choosing, "subgradient", lambda search: subgradient(search, 0))
            patch.setattr(cover, "raise_bound", lambda search: raise_bound(search, 0))
        try:
            answer, best = ask(case, paid=paid)
        except FigureError as told:
            assert "No candidate is within" in str(told)  # noqa: PT017 - any other refusal is a fault
            return
    if best is None:
        return
    low, high = sorted([answer.objective, answer.bound])
    slack = 1e-6 * abs(best)
    assert low - slack <= best <= high + slack
    # Without a limit on time nothing is stopped by it.
    assert answer.status in ("optimal", "gap")
    if answer.status == "gap":
        assert answer.gap <= case.until.gap
    else:
        assert answer.objective == pytest.approx(best, rel=1e-5, abs=0)


def apart(people, **more):
    """Villages too far from each other to share a site, each a site."""
    matrix = np.full((len(people), len(people)), 5000.0)
    np.fill_diagonal(matrix, 0.0)
    return Problem(pairs=pairs_of(matrix), people=np.array(people, dtype=float), **more)


@pytest.mark.parametrize(("prices", "budget", "people", "best"), [
    ([0.1, 0.2, 0.3], 0.3, [500, 500, 600], 1000),
    ([0.1, 0.3, 0.3, 0.2, 0.1, 0.1, 0.2], 0.5, [20, 30, 30, 28, 20, 20, 28], 88),
])  # fmt: skip
def test_a_budget_of_three_tenths_pays_for_a_tenth_and_two_tenths(prices, budget, people, best):
    problem = apart(people, cost=np.array(prices), budget=budget)
    answer = max_cover(problem, within_m=1000)
    assert (answer.objective, answer.bound, answer.status) == (best, best, "optimal")


def test_sites_that_cost_a_billionth_more_than_the_budget_are_refused_also_by_the_solver(monkeypatch):
    monkeypatch.setattr(choosing, "subgradient", lambda search: subgradient(search, 0))
    problem = apart([50, 50, 60], cost=np.array([1.0, 1.0 + 1e-7, 2.0]), budget=2.0)
    answer = max_cover(problem, within_m=1000)
    assert (answer.chosen.tolist(), answer.bound, answer.status) == ([2], 60, "optimal")


def test_a_median_that_nobody_is_nearer_with_takes_the_cheapest_site_that_is_affordable():
    problem = Problem(pairs=pairs_of([[5, 5], [5, 5]]), people=np.ones(2), cost=np.array([9.0, 1.0]), budget=1.0)
    answer = p_median(problem)
    assert (answer.chosen.tolist(), answer.objective, answer.status) == ([1], 10.0, "optimal")


def test_a_median_whose_budget_pays_for_no_site_is_refused_in_a_line():
    problem = Problem(pairs=pairs_of([[5, 5]]), people=np.ones(1), cost=np.array([0.2, 0.1]), budget=0.05)
    with pytest.raises(FigureError, match=r"The budget of 0\.05 pays for no candidate"):
        p_median(problem)
    beyond = p_median(problem, beyond_m=9)
    assert (beyond.chosen.tolist(), beyond.objective, beyond.bound) == ([], 9.0, 9.0)


@pytest.mark.parametrize("sites", range(2, 7))
def test_a_site_in_every_village_leaves_no_travel_and_no_gap(sites):
    for seed in range(12):
        random = np.random.default_rng(seed)
        matrix = random.uniform(0, 4, (sites, sites))
        np.fill_diagonal(matrix, 0.0)
        answer = p_median(Problem(pairs=pairs_of(matrix), people=random.uniform(1, 9, sites)), number=sites)
        assert (answer.objective, answer.bound, answer.gap, answer.status) == (0.0, 0.0, 0.0, "optimal")


def test_a_distance_out_of_all_proportion_is_refused_and_a_long_one_proves_nothing_false():
    random = np.random.default_rng(0)
    matrix, people = random.integers(1, 9, (6, 6)).astype(float), random.integers(1, 2000, 6).astype(float)
    best = min(float(people @ matrix[:, list(chosen)].min(axis=1)) for chosen in combinations(range(6), 2))
    problem = Problem(pairs=pairs_of(matrix), people=people)
    answer = p_median(problem, number=2, beyond_m=8000)
    assert (answer.objective, answer.bound, answer.status) == (best, best, "optimal")
    with pytest.raises(FigureError, match=r"beyond_m is 1e\+12, more than 1000 times the longest distance, 8"):
        p_median(problem, number=2, beyond_m=1e12)
    with pytest.raises(FigureError, match="beyond_m is nan"):
        p_median(problem, number=2, beyond_m=np.nan)


def test_one_town_among_hamlets_is_proved_like_others():
    random = np.random.default_rng(3)
    lon, lat = random.uniform(108.5, 109, 100), random.uniform(11.3, 11.8, 100)
    people = random.lognormal(3, 1, 100)
    people[7] = 1e7
    problem = Problem(pairs=pairs_between(lon, lat, lon, lat, within_m=np.inf), people=people)
    answer = p_median(problem, number=8)
    assert (answer.status, answer.gap <= 1e-6) == ("optimal", True)


def test_the_gap_is_a_share_of_the_whole_objective_required_sites_included():
    random = np.random.default_rng(5)
    lon, lat = random.uniform(108.5, 109, 200), random.uniform(11.3, 11.8, 200)
    people = random.lognormal(5, 1, 200)
    people[0] = people.sum() * 100
    must = np.arange(200) == 0
    problem = Problem(pairs=pairs_between(lon, lat, lon, lat, within_m=5000), people=people, required=must)
    answer = max_cover(problem, within_m=5000, number=9, until=Until(gap=0.01))
    assert answer.status == "gap"
    assert 0 < answer.gap <= 0.01
    assert answer.solver.startswith("Lagrangian")
    costs = Problem(pairs=problem.pairs, people=people, required=must, cost=np.where(must, 1e4, 1.0))
    answer = set_cover(costs, within_m=5000, until=Until(gap=0.01))
    assert answer.status == "gap"
    assert answer.solver.startswith("Lagrangian")


@pytest.mark.parametrize("ask", [
    lambda problem, until: max_cover(problem, within_m=9_000, number=12, until=until),
    lambda problem, until: set_cover(problem, within_m=9_000, until=until),
])  # fmt: skip
def test_too_many_pairs_for_the_time_that_is_left_are_large_and_not_the_end_of_the_time(monkeypatch, ask):
    monkeypatch.setattr(choosing, "PAIRS_PER_SECOND", 1e-9)
    monkeypatch.setattr(cover, "PAIRS_PER_SECOND", 1e-9)
    monkeypatch.setattr(choosing, "subgradient", lambda search: subgradient(search, 3))
    monkeypatch.setattr(cover, "raise_bound", lambda search: raise_bound(search, 3))
    random = np.random.default_rng(5)
    lon, lat = random.uniform(108.5, 109, 200), random.uniform(11.3, 11.8, 200)
    problem = Problem(pairs=pairs_between(lon, lat, lon, lat, within_m=9000), people=random.lognormal(5, 1, 200))
    assert ask(problem, Until(time_s=600)).status == "large"


def test_a_centre_with_a_gap_keeps_it_and_uses_the_sites_it_may():
    random = np.random.default_rng(169)
    problem = Problem(pairs=pairs_of(random.uniform(0, 4, (8, 6))), people=random.uniform(1, 9, 8))
    best = p_center(problem, number=2)
    for gap in (0.1, 0.5):
        answer = p_center(problem, number=2, until=Until(gap=gap))
        assert answer.bound <= best.objective <= answer.objective
        assert answer.gap <= gap
    lon, lat = random.uniform(108.5, 109, 150), random.uniform(11.3, 11.8, 150)
    ring = Problem(pairs=pairs_between(lon, lat, lon, lat, within_m=np.inf), people=np.ones(150))
    answer = p_center(ring, number=12, until=Until(gap=0.3))
    assert (answer.status, len(answer.chosen), answer.gap <= 0.3) == ("gap", 12, True)


def test_costs_of_a_tenth_are_counted_as_whole_numbers_are():
    matrix = np.random.default_rng(1).integers(0, 4, (6, 5)).astype(float)
    tenths = Problem(pairs=pairs_of(matrix), people=np.ones(6), cost=np.full(5, 0.1))
    answer = set_cover(tenths, within_m=1, share=0.5)
    assert (answer.objective, answer.bound, answer.status) == (0.1, 0.1, "optimal")


def test_a_share_of_areas_without_people_is_refused_and_empty_villages_are_not_named():
    pairs = pairs_of([[0.0], [np.nan], [np.nan]])
    problem = Problem(pairs=pairs, people=np.array([1.0, 0.0, 5.0]))
    with pytest.raises(FigureError, match="Nobody lives in the areas: of 3 villages 0 stand in one"):
        set_cover(problem, within_m=1, share=0.5, groups=np.full(3, -1))
    assert set_cover(problem, within_m=1, share=0.5).unserved.tolist() == [2]
    assert set_cover(problem, within_m=1).unserved.tolist() == [1, 2]
