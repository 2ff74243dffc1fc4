"""Every model against all choices there are, ties included."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
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
from geo.plan.pairs import pairs_of
from geo.plan.problem import Problem
from geo.plan.set_cover import set_cover
from geo.plan.until import Until

LIMIT = 1.5
MOST = 5


@st.composite
def problems(draw, *, budget=False, complete=False, settled=True):
    """Draw villages and sites with few distances and few people, so that many choices are equally good."""
    villages, sites = draw(st.integers(1, MOST)), draw(st.integers(1, MOST))
    far = [] if complete else [np.nan]
    way = st.sampled_from([0.0, 1.0, 1.5, 2.0, 3.0, *far])
    matrix = np.array(draw(st.lists(way, min_size=villages * sites, max_size=villages * sites)))
    number = st.sampled_from([0.0, 1.0, 2.0, 5.0, 0.3])
    people = np.array(draw(st.lists(number, min_size=villages, max_size=villages)))
    people[0] = max(people[0], 1.0)
    kinds = st.sampled_from(["free", "free", "free", "forbidden", "required"] if settled else ["free"])
    kind = np.array(draw(st.lists(kinds, min_size=sites, max_size=sites)))
    if (kind == "forbidden").all():
        kind[0] = "free"
    stays = st.sampled_from([np.inf, np.inf, 1.0, 2.5])
    costs = st.sampled_from([1.0, 2.0, 2.5])
    return Problem(
        pairs=pairs_of(matrix.reshape(villages, sites)),
        people=people,
        served_m=np.array(draw(st.lists(stays, min_size=villages, max_size=villages))) if settled else None,
        forbidden=kind == "forbidden",
        required=kind == "required",
        cost=np.array(draw(st.lists(costs, min_size=sites, max_size=sites))) if budget else None,
        budget=draw(st.sampled_from([0.0, 2.0, 3.5, 5.0])) + 2.5 * sites * (kind == "required").any()
        if budget
        else None,
    )


def ways(problem, chosen):
    """Each village's distance to its nearest point, by trying them all."""
    found = problem.served.copy()
    for village, site, metres in zip(problem.pairs.village, problem.pairs.site, problem.pairs.metres, strict=True):
        if site in chosen:
            found[village] = min(found[village], metres)
    return found


def choices(problem, number=None):
    """Give every choice of sites that is allowed."""
    sites = np.flatnonzero(~problem.is_forbidden).tolist()
    must = set(np.flatnonzero(problem.is_required).tolist())
    for size in range((len(sites) if number is None else number) + 1):
        for chosen in combinations(sites, size):
            affordable = problem.budget is None or problem.costs[list(chosen)].sum() <= problem.budget
            if must <= set(chosen) and affordable:
                yield chosen


WAYS = pytest.mark.parametrize("way", ["bounded", "by the solver", "hurried"])


@contextmanager
def searching(way):
    """Search in three ways: as usual, by the solver alone, and with no time at all."""
    with pytest.MonkeyPatch.context() as patch:
        if way == "by the solver":
            patch.setattr(choosing, "subgradient", lambda search: subgradient(search, 0))
            patch.setattr(cover, "raise_bound", lambda search: raise_bound(search, 0))
        yield Until(time_s=0.0 if way == "hurried" else np.inf)


def proved(answer, best, until, *, more):
    """Hold an answer against the best choice: its bound never on the wrong side, and proved where there was time."""
    slack = 1e-6 * max(abs(best), 1.0)
    better, worse = (answer.bound, answer.objective) if more else (answer.objective, answer.bound)
    assert worse - slack <= best <= better + slack
    assert answer.status in ("optimal", "time")
    if until.time_s:
        assert answer.status == "optimal"
    if answer.status == "optimal":
        assert answer.objective == pytest.approx(best, abs=slack)
        assert answer.gap <= 1e-6


def covered(problem, chosen):
    return float(problem.people[ways(problem, chosen) <= LIMIT].sum())


@WAYS
@given(problems(), st.integers(1, 4))
def test_max_cover_finds_and_proves_the_best_of_all_choices(way, problem, number):
    assume(problem.is_required.sum() <= number <= (~problem.is_forbidden).sum())
    assume((problem.pairs.metres <= LIMIT)[~problem.is_forbidden[problem.pairs.site]].any())
    with searching(way) as until:
        answer = max_cover(problem, within_m=LIMIT, number=number, until=until)
    before = covered(problem, ())
    assert answer.before == before
    assert len(answer.chosen) <= number
    assert not problem.is_forbidden[answer.chosen].any()
    assert set(np.flatnonzero(problem.is_required)) <= set(answer.chosen.tolist())
    assert covered(problem, answer.chosen) == pytest.approx(before + answer.objective)
    assert answer.people.sum() == pytest.approx(answer.objective)
    proved(answer, max(covered(problem, chosen) for chosen in choices(problem, number)) - before, until, more=True)
    for step in answer.curve:
        best = max(covered(problem, chosen) for chosen in choices(problem, step.number)) - before
        assert step.objective - 1e-6 <= best <= step.bound + 1e-6


@WAYS
@given(problems(budget=True), st.none() | st.integers(1, 4))
def test_max_cover_keeps_a_budget(way, problem, number):
    assume(number is None or problem.is_required.sum() <= number <= (~problem.is_forbidden).sum())
    assume((problem.pairs.metres <= LIMIT)[~problem.is_forbidden[problem.pairs.site]].any())
    with searching(way) as until:
        answer = max_cover(problem, within_m=LIMIT, number=number, until=until)
    assert problem.costs[answer.chosen].sum() <= problem.budget
    best = max(covered(problem, chosen) for chosen in choices(problem, number)) - answer.before
    proved(answer, best, until, more=True)


@WAYS
@given(problems(complete=True), st.integers(1, 4))
def test_p_median_finds_and_proves_the_best_of_all_choices(way, problem, number):
    assume(problem.is_required.sum() <= number <= (~problem.is_forbidden).sum())
    with searching(way) as until:
        answer = p_median(problem, number=number, until=until)
    travel = {chosen: float(problem.people @ ways(problem, chosen)) for chosen in choices(problem, number) if chosen}
    if np.isfinite(problem.served).all():
        travel[()] = float(problem.people @ problem.served)
        assert answer.before == travel[()]
    assert len(answer.chosen) <= number
    assert float(problem.people @ ways(problem, answer.chosen)) == pytest.approx(answer.objective)
    proved(answer, min(travel.values()), until, more=False)


@WAYS
@given(problems(complete=True, budget=True))
def test_p_median_keeps_a_budget(way, problem):
    problem = replace(problem, served_m=np.minimum(problem.served, 4.0))
    with searching(way) as until:
        answer = p_median(problem, until=until)
    assert problem.costs[answer.chosen].sum() <= problem.budget
    best = min(float(problem.people @ ways(problem, chosen)) for chosen in choices(problem))
    proved(answer, best, until, more=False)


@WAYS
@given(problems())
def test_set_cover_finds_and_proves_the_fewest_sites(way, problem):
    with searching(way) as until:
        answer = set_cover(problem, within_m=LIMIT, until=until)
    reachable = ways(problem, np.flatnonzero(~problem.is_forbidden)) <= LIMIT
    assert answer.unserved.tolist() == np.flatnonzero(~reachable).tolist()
    serving = [len(chosen) for chosen in choices(problem) if ((ways(problem, chosen) <= LIMIT) == reachable).all()]
    assert ((ways(problem, answer.chosen) <= LIMIT) == reachable).all()
    if reachable.all():
        proved(answer, min(serving), until, more=False)
    else:
        assert answer.status == "infeasible"
        assert answer.bound <= min(serving) <= answer.objective
    assert len(answer.chosen) == answer.objective


@WAYS
@given(problems(), st.sampled_from([0.3, 0.5, 0.9]), st.lists(st.integers(-1, 1), min_size=5, max_size=5))
def test_set_cover_serves_a_share_of_each_area_with_the_fewest_sites(way, problem, share, areas):
    groups = np.array(areas)[: problem.pairs.villages]
    assume((problem.people * (groups >= 0)).any())
    with searching(way) as until:
        answer = set_cover(problem, within_m=LIMIT, share=share, groups=groups, until=until)

    def serves(chosen):
        near = ways(problem, chosen) <= LIMIT
        people = problem.people
        return all(people[near & (groups == one)].sum() >= share * people[groups == one].sum() - 1e-6 for one in (0, 1))

    serving = [len(chosen) for chosen in choices(problem) if serves(chosen)]
    if serving:
        assert serves(answer.chosen)
        assert not answer.unserved.size
        proved(answer, min(serving), until, more=False)
    else:
        assert answer.status == "infeasible"
        out = ways(problem, np.flatnonzero(~problem.is_forbidden)) > LIMIT
        assert set(answer.unserved.tolist()) <= set(np.flatnonzero(out & (groups >= 0)).tolist())


@given(problems(complete=True), st.integers(1, 4))
def test_p_center_finds_and_proves_the_shortest_longest_way(problem, number):
    assume(problem.is_required.sum() <= number <= (~problem.is_forbidden).sum())
    answer = p_center(problem, number=number)
    longest = [ways(problem, chosen).max() for chosen in choices(problem, number)]
    assert len(answer.chosen) <= number
    assert answer.objective == answer.bound == min(longest) == ways(problem, answer.chosen).max()
    assert answer.status == "optimal"


@given(problems(complete=True), st.integers(1, 4), st.sampled_from([None, LIMIT]))
def test_least_loss_closes_the_points_that_are_missed_least(problem, number, within_m):
    sites = problem.pairs.sites
    stay = sites - max(int(problem.is_required.sum()), 1)
    assume(max(problem.is_forbidden.sum(), 1) <= number <= stay)
    assume(within_m is None or (problem.pairs.metres <= LIMIT)[~problem.is_forbidden[problem.pairs.site]].any())
    answer = least_loss(problem, number=number, within_m=within_m)

    def left(closed):
        open_ = set(range(sites)) - set(closed)
        return covered(problem, open_) if within_m else float(problem.people @ ways(problem, open_))

    closed = [
        left(one)
        for one in combinations(np.flatnonzero(~problem.is_required).tolist(), number)
        if set(np.flatnonzero(problem.is_forbidden)) <= set(one)
    ]
    assert len(answer.chosen) == number
    assert not problem.is_required[answer.chosen].any()
    assert answer.before == pytest.approx(left(()))
    best = max(closed) if within_m else min(closed)
    assert answer.objective == pytest.approx(left(answer.chosen.tolist())) == pytest.approx(best)
    if within_m:
        assert answer.people.sum() == pytest.approx(answer.before - answer.objective)


@given(problems(complete=True), st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(problem, number, random):
    assume(problem.is_required.sum() <= number <= (~problem.is_forbidden).sum())
    villages, sites = np.arange(problem.pairs.villages), np.arange(problem.pairs.sites)
    named = replace(problem, village_ids=[f"v{row}" for row in villages], site_ids=[f"s{row}" for row in sites])
    random.shuffle(villages)
    random.shuffle(sites)
    shuffled = Problem(
        pairs=problem.pairs.reordered(villages, sites),
        people=problem.people[villages],
        served_m=problem.served[villages],
        forbidden=problem.is_forbidden[sites],
        required=problem.is_required[sites],
        village_ids=[f"v{row}" for row in villages],
        site_ids=[f"s{row}" for row in sites],
    )
    for ask in (p_median, p_center):
        one, other = ask(named, number=number), ask(shuffled, number=number)
        assert [f"s{row}" for row in one.chosen] == [shuffled.site_ids[row] for row in other.chosen]
        assert (one.objective, one.bound, one.people.tolist()) == (other.objective, other.bound, other.people.tolist())
    one, other = (set_cover(each, within_m=LIMIT) for each in (named, shuffled))
    assert [f"s{row}" for row in one.chosen] == [shuffled.site_ids[row] for row in other.chosen]


def line(*, people=(10.0, 20.0, 5.0)):
    pairs = pairs_of([[0.0, 900.0], [900.0, 0.0], [5000.0, 800.0]])
    return Problem(pairs=pairs, people=np.array(people))


def test_of_sites_that_are_equally_good_the_lowest_id_is_chosen():
    pairs = pairs_of([[1.0, 1.0, 1.0]])
    problem = Problem(pairs=pairs, people=np.ones(1), site_ids=["10", "9", "b"])
    assert max_cover(problem, within_m=2, number=1).chosen.tolist() == [1]
    assert p_median(problem, number=1).chosen.tolist() == [1]
    assert set_cover(problem, within_m=2).chosen.tolist() == [1]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: max_cover(line(), within_m=1000, number=3), "3 sites are to be chosen, of 2 candidates"),
        (lambda: max_cover(line(people=(0, 0, 0)), within_m=1000, number=1), "Nobody lives in the 3 villages"),
        (lambda: max_cover(replace(line(), served_m=np.zeros(3)), within_m=-1, number=1), "No candidate is within"),
        (lambda: max_cover(line(), within_m=1000), "Neither a number of sites nor a budget"),
        (lambda: p_median(Problem(pairs=pairs_of([[1.0, np.nan]]), people=np.ones(1)), number=1), "beyond_m"),
        (lambda: p_center(line(), number=0), "ask for one or more"),
        (lambda: least_loss(line(), number=2), "at least one stays"),
        (lambda: set_cover(line(), within_m=1, share=0), "share is 0"),
        (lambda: Until(gap=-1), "gap is -1"),
        (lambda: Problem(pairs=line().pairs, people=np.ones(2)), "people has 2 values for 3 rows"),
        (lambda: Problem(pairs=line().pairs, people=np.array([1, np.nan, 0])), "people of row 1 is nan"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_line(ask, says):
    with pytest.raises(FigureError, match=says):
        ask()
