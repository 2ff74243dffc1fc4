"""One answer whatever order the rows came in, also where ids are equal or none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.plan.least_loss import least_loss
from geo.plan.max_cover import max_cover
from geo.plan.ordered import in_order
from geo.plan.p_center import p_center
from geo.plan.p_median import p_median
from geo.plan.pairs import pairs_of
from geo.plan.problem import Problem
from geo.plan.set_cover import set_cover

ALL = pytest.mark.parametrize("ask", [
    lambda problem: max_cover(problem, within_m=1.5, number=2),
    lambda problem: p_median(problem, number=2),
    lambda problem: p_center(problem, number=2),
    lambda problem: set_cover(problem, within_m=3),
    lambda problem: least_loss(problem, number=2),
    lambda problem: least_loss(problem, number=2, within_m=1.5),
])  # fmt: skip


def shuffled(problem, villages, sites):
    return replace(
        problem,
        pairs=problem.pairs.reordered(villages, sites),
        people=problem.people[villages],
        village_ids=None if problem.village_ids is None else [problem.village_ids[row] for row in villages],
        site_ids=None if problem.site_ids is None else [problem.site_ids[row] for row in sites],
        village_lon_lat=None if problem.village_lon_lat is None else problem.village_lon_lat[villages],
        site_lon_lat=None if problem.site_lon_lat is None else problem.site_lon_lat[sites],
    )


@ALL
@pytest.mark.parametrize("named", ["by ids", "by places", "by both, with one id for all"])
@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_the_order_of_the_rows_does_not_matter(ask, named, seed):
    random = np.random.default_rng(seed)
    villages, sites = int(random.integers(1, 6)), int(random.integers(3, 6))
    problem = Problem(
        pairs=pairs_of(random.choice([0.0, 1.0, 1.5, 3.0], (villages, sites))),
        people=random.choice([1.0, 2.0, 0.3], villages),
    )
    if named != "by places":
        ids = ["x"] * 9 if "both" in named else list("abcdefghi")
        problem = replace(problem, village_ids=ids[:villages], site_ids=ids[:sites])
    if named != "by ids":
        lon_lat = np.column_stack([[1.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 1.0, 1.0, 1.0]])
        problem = replace(problem, village_lon_lat=lon_lat[:villages], site_lon_lat=lon_lat[:sites])
    turned = random.permutation(sites)
    one, other = ask(problem), ask(shuffled(problem, random.permutation(villages), turned))
    assert one.chosen.tolist() == turned[other.chosen].tolist()
    assert (one.objective, one.bound, one.people.tolist()) == (other.objective, other.bound, other.people.tolist())


@ALL
def test_of_equal_sites_without_ids_the_ones_in_the_west_are_chosen_or_stay(ask):
    lon_lat = np.array([[109.2, 11.0], [109.1, 11.0], [109.0, 11.5], [109.0, 11.0]])
    problem = Problem(pairs=pairs_of(np.ones((2, 4))), people=np.ones(2), site_lon_lat=lon_lat)
    answer = ask(problem)
    if answer.model == "least_loss":
        assert set(answer.chosen) == {0, 1}
    else:
        assert answer.chosen[0] == 3


def test_ids_come_before_places_and_places_before_people():
    problem = Problem(
        pairs=pairs_of(np.ones((4, 1))),
        people=np.array([1.0, 2.0, 3.0, 4.0]),
        village_ids=["b", "a", "a", "a"],
        village_lon_lat=np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0], [1.0, 0.0]]),
    )
    assert in_order(problem).villages.tolist() == [3, 2, 1, 0]
