"""The whole search on problems too large to try every choice: its bounds, its ends, and its repeatability."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from geo.plan import choose as choosing
from geo.plan import cover, exact, room
from geo.plan.lagrangian import priced, subgradient
from geo.plan.max_cover import max_cover
from geo.plan.p_center import p_center
from geo.plan.p_median import p_median
from geo.plan.pairs import pairs_between
from geo.plan.problem import Problem
from geo.plan.reduce import reduced
from geo.plan.savings import make_savings
from geo.plan.search import Search
from geo.plan.set_cover import set_cover
from geo.plan.until import Until, Watch

p_center_module = importlib.import_module("geo.plan.p_center")


def spread(villages, *, seed=1, within_m=9_000.0, candidates=None):
    """Villages at random on half a degree; every one (or the first so many) a candidate."""
    random = np.random.default_rng(seed)
    lon, lat = random.uniform(108.5, 109.0, villages), random.uniform(11.3, 11.8, villages)
    sites = villages if candidates is None else candidates
    return Problem(
        pairs=pairs_between(lon, lat, lon[:sites], lat[:sites], within_m=within_m),
        people=np.rint(random.lognormal(6, 1, villages)),
        village_ids=[f"v{row}" for row in range(villages)],
        site_ids=[f"s{row}" for row in range(sites)],
    )


def cover_savings(problem, number):
    pairs = problem.pairs
    limits = (np.ones(pairs.sites), number, np.inf)
    return make_savings((pairs.villages, pairs.sites), pairs.village, pairs.site, problem.people[pairs.village], limits)


def test_any_prices_prove_a_bound_that_the_best_choice_does_not_exceed():
    problem = spread(150)
    best = max_cover(problem, within_m=9_000, number=6)
    savings = cover_savings(problem, 6)
    random = np.random.default_rng(2)
    for _ in range(50):
        assert priced(savings, random.uniform(0, 1, 150) * savings.most).bound >= best.objective - 1e-6
    assert best.status == "optimal"


def test_a_smaller_problem_saves_as_much_as_the_one_it_was_made_of():
    savings = cover_savings(spread(120, within_m=4_000), 5)
    small, sites = reduced(savings)
    assert small.villages < savings.villages
    assert small.sites < savings.sites
    random = np.random.default_rng(3)
    for _ in range(30):
        chosen = random.choice(small.sites, 5, replace=False)
        assert small.worth(chosen) == savings.worth(sites[chosen])
    whole = choosing.choose(savings, Watch(Until()))
    search = Search(savings, Watch(Until()))
    exact.prove(search)
    assert whole.worth == search.worth == search.bound


def test_what_the_bound_leaves_out_is_in_no_better_choice():
    problem = spread(200)
    savings = cover_savings(problem, 7)
    search = Search(savings, Watch(Until()))
    search.offer(choosing.begin(savings))
    prices = subgradient(search, 60)
    _, left, _ = exact.possible(search, prices)
    assert left.size < savings.sites
    assert set(max_cover(problem, within_m=9_000, number=7).chosen.tolist()) <= set(left.tolist())


def test_a_search_that_is_stopped_by_its_gap_gives_the_same_answer_again_and_for_other_orders_of_the_rows():
    problem = spread(400)
    turned = np.arange(400)[::-1]
    other = Problem(
        pairs=problem.pairs.reordered(turned, turned),
        people=problem.people[turned],
        village_ids=[problem.village_ids[row] for row in turned],
        site_ids=[problem.site_ids[row] for row in turned],
    )
    answers = [max_cover(one, within_m=9_000, number=12, until=Until(gap=0.02)) for one in (problem, problem, other)]
    assert {(one.status, one.objective, one.bound) for one in answers} == {("gap", *_numbers(answers[0]))}
    assert 0 < answers[0].gap <= 0.02
    chosen = [[one.site_ids[row] for row in answer.chosen] for one, answer in
              zip((problem, problem, other), answers, strict=True)]  # fmt: skip
    assert chosen[0] == chosen[1] == chosen[2]


def _numbers(answer):
    return answer.objective, answer.bound


@pytest.mark.parametrize(("ask", "villages"), [
    (lambda problem, until: max_cover(problem, within_m=9_000, number=12, until=until), 300),
    # Few villages: the time goes into the proof of the answer that the hurried one is held against.
    (lambda problem, until: p_median(problem, number=12, beyond_m=60_000, until=until), 150),
    (lambda problem, until: set_cover(problem, within_m=9_000, until=until), 300),
])  # fmt: skip
def test_a_search_without_time_gives_a_good_choice_and_a_true_bound(ask, villages):
    problem = spread(villages)
    hurried, full = ask(problem, Until(time_s=0)), ask(problem, Until())
    assert full.status == "optimal"
    assert hurried.status == "time"
    low, high = sorted([hurried.objective, hurried.bound])
    assert low * (1 - 1e-9) <= full.objective <= high * (1 + 1e-9)


def test_one_more_site_never_covers_fewer_people_and_the_curve_keeps_its_bounds():
    problem = spread(120)
    curve = max_cover(problem, within_m=9_000, number=6).curve
    best = [max_cover(problem, within_m=9_000, number=step.number) for step in curve]
    assert [step.number for step in curve] == list(range(1, len(curve) + 1))
    assert len(curve) > 6
    for step, answer in zip(curve, best, strict=True):
        assert step.objective <= answer.objective <= step.bound
    assert curve[5].objective == best[5].objective
    objectives = [step.objective for step in curve]
    assert objectives == sorted(objectives)


@pytest.mark.parametrize("name", ["subgradient", "prove"])
def test_an_interruption_gives_the_best_choice_so_far(monkeypatch, name):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(choosing, name, interrupted)
    if name == "prove":
        monkeypatch.setattr(choosing, "subgradient", lambda search: subgradient(search, 3))
    answer = max_cover(spread(200), within_m=9_000, number=8)
    assert answer.status == "interrupted"
    assert len(answer.chosen) == 8
    assert 0 < answer.objective <= answer.bound


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_an_interruption_gives_the_best_choice_so_far_with_capacities_and_of_a_centre(monkeypatch):
    problem = spread(60)
    full = replace(problem, capacity=np.full(60, 3000.0))
    monkeypatch.setattr(room, "solve_allowed", interrupt)
    answer = p_median(full, number=8, beyond_m=60_000)
    assert (answer.status, len(answer.chosen)) == ("interrupted", 8)
    assert 0 < answer.bound <= answer.objective
    tries = iter([cover.cheapest])

    def once(*given, **more):
        return next(tries, interrupt)(*given, **more)

    monkeypatch.setattr(p_center_module, "cheapest", once)
    far = spread(60, within_m=90_000.0)
    answer = p_center(far, number=5)
    assert (answer.status, len(answer.chosen)) == ("interrupted", 5)
    assert 0 <= answer.bound <= answer.objective


def test_an_interruption_before_there_is_any_choice_is_one(monkeypatch):
    problem = spread(60, within_m=90_000.0)
    monkeypatch.setattr(room, "begin", interrupt)
    monkeypatch.setattr(p_center_module, "cheapest", interrupt)
    monkeypatch.setattr(choosing, "begin", interrupt)
    with pytest.raises(KeyboardInterrupt):
        p_median(problem, number=8)
    with pytest.raises(KeyboardInterrupt):
        max_cover(problem, within_m=9_000, number=8)
    with pytest.raises(KeyboardInterrupt):
        p_median(replace(problem, capacity=np.full(60, 3000.0)), number=8)
    with pytest.raises(KeyboardInterrupt):
        p_center(problem, number=5)


def test_ctrl_c_while_the_solver_runs_stops_it_with_the_best_choice_so_far(monkeypatch):
    # No bound and no gap: the solver has a long way to go.
    monkeypatch.setattr(choosing, "subgradient", lambda search: subgradient(search, 0))
    began = threading.Event()
    prove = exact.prove

    def proving(search, surely):
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
        began.set()
        return prove(search, surely)

    monkeypatch.setattr(choosing, "prove", proving)
    answer = p_median(spread(500, within_m=60_000.0), number=9, beyond_m=90_000)
    assert began.is_set()
    assert answer.status == "interrupted"
    assert len(answer.chosen) == 9
    assert answer.bound <= answer.objective


def test_the_solver_prints_nothing_where_answers_go():
    code = """
import numpy as np
from geo.plan import choose
from geo.plan.lagrangian import subgradient
from geo.plan.max_cover import max_cover
from geo.plan.pairs import pairs_of
from geo.plan.problem import Problem
choose.subgradient = lambda search: subgradient(search, 0)
matrix = np.abs(np.subtract.outer(np.arange(30.0), np.arange(30.0)))
answer = max_cover(Problem(pairs=pairs_of(matrix), people=np.arange(30.0)), within_m=2, number=4)
assert answer.solver.startswith("HiGHS "), answer
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("", "")


def test_without_highspy_scipy_solves_the_same_programs(monkeypatch):
    problem = spread(80)
    monkeypatch.setattr(choosing, "subgradient", lambda search: subgradient(search, 0))
    ours = max_cover(problem, within_m=9_000, number=4)
    monkeypatch.setitem(sys.modules, "highspy", None)
    theirs = max_cover(problem, within_m=9_000, number=4)
    assert theirs.status == ours.status == "optimal"
    assert theirs.objective == ours.objective


def test_a_budget_is_kept_and_its_answer_proved():
    random = np.random.default_rng(4)
    problem = replace(spread(150), cost=random.integers(1, 9, 150).astype(float), budget=20.0)
    answer = max_cover(problem, within_m=9_000)
    assert problem.cost[answer.chosen].sum() <= 20
    assert answer.status == "optimal"
    cheaper = max_cover(replace(problem, budget=19.0), within_m=9_000)
    assert cheaper.objective <= answer.objective
