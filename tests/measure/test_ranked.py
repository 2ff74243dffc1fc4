from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.measure.ranked import largest, mean, quantile, quantile_by_weight, ranked

GROUPS = 3
rows = st.lists(st.tuples(st.floats(0, 50), st.integers(1, 9), st.integers(0, GROUPS - 1)), min_size=1, max_size=30)


def columns(drawn):
    distance, weight, group = (np.array(column) for column in zip(*drawn, strict=True))
    return distance.astype(float), weight.astype(float), group.astype(np.intp)


@given(rows, st.floats(0, 1))
def test_each_statistic_is_numpys_group_by_group(drawn, share):
    distance, weight, group = columns(drawn)
    found = ranked(distance, weight, group, GROUPS)
    for number in range(GROUPS):
        own = distance[group == number]
        if len(own):
            assert quantile(found, share)[number] == np.quantile(own, share)
            assert largest(found)[number] == own.max()
            np.testing.assert_allclose(
                mean(found)[number], np.average(own, weights=weight[group == number]), rtol=1e-14
            )
        else:
            assert np.isnan([quantile(found, share)[number], mean(found)[number], largest(found)[number]]).all()


@given(rows, st.floats(0.01, 1))
def test_a_quantile_by_weight_is_that_of_the_people_written_out(drawn, share):
    distance, people, group = columns(drawn)
    found = quantile_by_weight(ranked(distance, people, group, GROUPS), share)
    for number in range(GROUPS):
        one_by_one = np.sort(np.repeat(distance[group == number], people[group == number].astype(int)))
        needed = math.ceil(share * len(one_by_one) * (1 - 1e-15))
        assert (found[number] == one_by_one[needed - 1]) if len(one_by_one) else np.isnan(found[number])


def test_rows_of_unknown_weight_take_no_part():
    found = ranked(np.array([1.0, 9.0]), np.array([2.0, np.nan]), np.array([0, 0]), 1)
    assert (largest(found).tolist(), mean(found).tolist()) == ([1.0], [1.0])
