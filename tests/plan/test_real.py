"""Published answers of problems that nobody here made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import shortest_path

from geo.plan.max_cover import max_cover
from geo.plan.p_median import p_median
from geo.plan.pairs import pairs_of
from geo.plan.problem import Problem
from geo.plan.set_cover import set_cover

pytestmark = pytest.mark.real


@pytest.fixture
def san_francisco(real):
    table = pd.read_csv(real / "spopt_sf/SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    matrix = table.pivot_table(index="DestinationName", columns="name", values="distance")
    people = table.drop_duplicates("DestinationName").set_index("DestinationName")["demand"]
    return Problem(
        pairs=pairs_of(matrix),
        people=people.reindex(matrix.index).to_numpy(dtype=float),
        village_ids=[str(name) for name in matrix.index],
        site_ids=list(matrix.columns),
    )


def names(problem, answer):
    return {problem.site_ids[row] for row in answer.chosen}


def test_four_stores_of_san_francisco_with_the_least_travel(san_francisco):
    answer = p_median(san_francisco, number=4)
    assert round(answer.objective / san_francisco.people.sum(), 4) == 2982.1269
    assert names(san_francisco, answer) == {"Store_2", "Store_11", "Store_12", "Store_15"}
    assert (answer.status, answer.gap < 1e-6) == ("optimal", True)
    assert answer.people.sum() == 955_113


def test_four_stores_of_san_francisco_for_most_people_within_5_km(san_francisco):
    answer = max_cover(san_francisco, within_m=5000, number=4)
    assert san_francisco.people.sum() == 955_113
    assert (answer.objective, answer.bound, answer.status) == (875_247, 875_247, "optimal")
    near = san_francisco.pairs.within(5000)
    assert np.unique(near.village[np.isin(near.site, answer.chosen)]).size == 184


@pytest.mark.parametrize(("within_m", "stores"), [(5000, 8), (8000, 3), (10_000, 2)])
def test_the_fewest_stores_that_serve_all_of_san_francisco(san_francisco, within_m, stores):
    answer = set_cover(san_francisco, within_m=within_m)
    assert (answer.objective, answer.bound, answer.status) == (stores, stores, "optimal")


@pytest.mark.parametrize("number", range(1, 6))
def test_the_p_medians_of_the_or_library_are_found_and_proved(real, number):
    nodes, _, sites, *edges = np.array((real / f"pmed/pmed{number}.txt").read_text("utf-8").split(), dtype=int)
    matrix = np.zeros((nodes, nodes))
    for one, other, length in np.reshape(edges, (-1, 3)):
        matrix[one - 1, other - 1] = matrix[other - 1, one - 1] = length
    ways = shortest_path(matrix, directed=False)
    optimum = dict(line.split() for line in (real / "pmed/optimal.txt").read_text("utf-8").splitlines()[1:])
    answer = p_median(Problem(pairs=pairs_of(ways), people=np.ones(nodes)), number=int(sites))
    assert answer.objective == answer.bound == float(optimum[f"pmed{number}"])
    assert answer.status == "optimal"
