"""What a measurement says, and when it is not good."""

from dataclasses import replace

import pytest

from gateway.bench.histogram import Histogram
from gateway.bench.measurement import Measurement

GOOD = Measurement(
    name="trunkline",
    accepted=11_000,
    taken=11_000,
    receipts=11_000,
    webhooks=11_000,
    webhook_requests=11_000,
    refused={},
    wrong_webhooks=0,
    checked_signatures=220,
    measured=10_000,
    load_s=2.0,
    total_s=2.5,
    cpu_s=2.0,
    rss_octets=100 * 2**20,
    latencies=Histogram({999: 99, 4999: 1}),
)
OTHER = replace(GOOD, name="kannel", cpu_s=4.0, total_s=5.0, rss_octets=50 * 2**20)


def test_rates_and_costs_are_those_of_the_measured_part() -> None:
    values = GOOD.as_json()
    assert (values["acceptPerS"], values["endToEndPerS"], values["cpuMsPer1000"]) == (5000.0, 4000.0, 200.0)
    assert (values["answerP50Ms"], values["answerP99Ms"], values["rssMiB"]) == (10.0, 10.0, 100.0)
    assert GOOD.faults() == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"taken": 10_999}, "trunkline: accepted 11000, taken 10999"),
        ({"taken": 11_001}, "trunkline: accepted 11000, taken 11001"),
        ({"receipts": 5}, "trunkline: accepted 11000, receipts 5"),
        ({"webhooks": 0}, "trunkline: accepted 11000, webhooks 0"),
        ({"refused": {"503": 2}}, "trunkline: answers that were not the expected one: {'503': 2}"),
        ({"wrong_webhooks": 1}, "trunkline: 1 webhooks without a message or with a wrong signature"),
    ],
)
def test_counts_that_do_not_agree_are_a_fault(change: dict[str, object], says: str) -> None:
    assert replace(GOOD, **change).faults() == [says]  # type: ignore[arg-type]


def test_nothing_at_all_is_a_fault_too() -> None:
    nothing = replace(GOOD, accepted=0, taken=0, receipts=0, webhooks=0, measured=0, load_s=0.0, total_s=0.0)
    assert nothing.faults() == ["trunkline: no message was accepted"]
    assert nothing.as_json()["cpuMsPer1000"] == 0
