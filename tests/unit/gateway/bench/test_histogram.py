"""The histogram against sorting."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bench.histogram import BUCKETS_PER_S, Histogram

latencies = st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=200)


@given(latencies, st.sampled_from([1, 50, 90, 99, 100]))
def test_a_percentile_is_that_of_the_sorted_values_to_a_bucket(values: list[float], percent: int) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    exact = sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
    assert exact <= histogram.percentile(percent) <= exact + 2 / BUCKETS_PER_S
    assert histogram.total == len(values)


@given(latencies)
def test_it_passes_through_json(values: list[float]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert Histogram.from_json(json.loads(json.dumps(histogram.as_json()))).counts == histogram.counts


def test_nothing_counted_is_no_latency() -> None:
    assert Histogram().percentile(99) == 0.0


def test_the_median_of_one_value_is_it() -> None:
    histogram = Histogram()
    histogram.add(0.012345)
    assert histogram.percentile(50) == pytest.approx(0.01235)
