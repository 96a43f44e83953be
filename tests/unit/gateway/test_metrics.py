"""Metrics: what is counted comes out, in the format that Prometheus reads, under the promised names."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from gateway.domain.send import Refusal, Why
from gateway.metrics import Counter, Family, Gauge, Histogram, Metrics


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of the output by name and sorted labels, read by prometheus_client's own parser."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
    }


def families(metrics: Metrics) -> list[Family]:
    return [value for value in vars(metrics).values() if isinstance(value, Family)]


def test_counters_come_out_with_their_labels() -> None:
    metrics = Metrics()
    metrics.accepted("orchestrator", "live", 1)
    metrics.accepted("orchestrator", "live", 2)
    metrics.accepted("nexmo", "test", 1)
    found = samples(metrics)
    assert found["trunkline_messages_accepted_total", (("dialect", "orchestrator"), ("env", "live"))] == 3
    assert found["trunkline_messages_accepted_total", (("dialect", "nexmo"), ("env", "test"))] == 1
    assert metrics.messages_accepted.value("orchestrator", "live") == 3


def test_what_has_no_labels_is_there_from_the_start() -> None:
    found = samples(Metrics())
    assert found["trunkline_illegal_transitions_total", ()] == 0
    assert found["trunkline_parts_in_doubt", ()] == 0
    assert found["trunkline_webhook_lag_seconds_count", ()] == 0


def test_gauges_are_asked_when_somebody_looks() -> None:
    metrics = Metrics()
    waiting = {"alpha": 7, "beta": 1}

    def ask() -> None:
        metrics.waiting.clear()
        for operator, count in waiting.items():
            metrics.waiting.set(count, operator, "otp")

    metrics.before_render.append(ask)
    assert samples(metrics)["trunkline_waiting_messages", (("class", "otp"), ("operator", "alpha"))] == 7
    del waiting["alpha"]
    names = [labels for name, labels in samples(metrics) if name == "trunkline_waiting_messages"]
    assert names == [(("class", "otp"), ("operator", "beta"))]


def test_histogram_counts_into_buckets() -> None:
    metrics = Metrics()
    for value in (0.0004, 0.001, 0.3, 99.0):
        metrics.store_commit.observe(value)
    found = samples(metrics)
    name = "trunkline_store_commit_seconds_bucket"
    counts = {bound: found[name, (("le", bound),)] for bound in ("0.0005", "0.001", "0.25", "0.5", "+Inf")}
    assert counts == {"0.0005": 1, "0.001": 2, "0.25": 2, "0.5": 3, "+Inf": 4}
    assert found["trunkline_store_commit_seconds_sum", ()] == pytest.approx(99.3014)
    assert metrics.store_commit.count() == 4


@given(st.lists(st.floats(min_value=0, max_value=100)))
def test_histogram_loses_nothing(values: list[float]) -> None:
    histogram = Histogram("spread", "Says what to do.", (1, 10, 50))
    for value in values:
        histogram.observe(value)
    [family] = histogram.collect()
    buckets = {sample.labels["le"]: sample.value for sample in family.samples if "le" in sample.labels}
    for bound in (1, 10, 50):
        assert buckets[str(bound)] == sum(value <= bound for value in values)
    assert buckets["+Inf"] == len(values) == histogram.count()


def test_what_the_services_tell_is_counted() -> None:
    metrics = Metrics()
    metrics.refused([Refusal(Why.SUPPRESSED, "x"), Refusal(Why.SUPPRESSED, "y")])
    metrics.receipt("alpha", "applied", "delivered")
    metrics.inbound("alpha", "stop", owned=False)
    found = samples(metrics)
    assert found["trunkline_messages_refused_total", (("why", Why.SUPPRESSED.value),)] == 2
    labels = (("effect", "applied"), ("operator", "alpha"), ("state", "delivered"))
    assert found["trunkline_receipts_total", labels] == 1
    labels = (("action", "stop"), ("operator", "alpha"), ("owned", "no"))
    assert found["trunkline_inbound_messages_total", labels] == 1


def test_two_gateways_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.illegal_transitions(1)
    assert (one.transitions_refused.value(), other.transitions_refused.value()) == (1, 0)


@pytest.mark.parametrize("family", families(Metrics()), ids=lambda family: family.name)
def test_every_family_has_a_name_and_advice(family: Family) -> None:
    assert family.name.startswith("trunkline_")
    assert family.text.endswith(".")
    if isinstance(family, Histogram):
        assert family.name.endswith(("_seconds", "_items"))


def test_nothing_in_the_output_belongs_to_a_tenant() -> None:
    labels = {label for family in families(Metrics()) for label in family.labels}
    assert labels & {"account", "tenant", "url", "to", "number", "message"} == set()


@pytest.mark.parametrize(
    "use",
    [
        lambda: Counter("c", "Do.", ("a",)).add(),
        lambda: Counter("c", "Do.").add("x"),
        lambda: Gauge("g", "Do.", ("a",)).set(1, "x", "y"),
        lambda: Histogram("h", "Do.", (1,), ("a",)).observe(1),
    ],
)
def test_wrong_labels_are_refused(use: object) -> None:
    assert callable(use)
    with pytest.raises(ValueError, match="has the labels"):
        use()


def test_a_name_is_used_once() -> None:
    metrics = Metrics()
    with pytest.raises(ValueError, match="Duplicated"):
        metrics.registry.register(Counter("messages_accepted", "Again."))


def test_the_process_is_measured_too() -> None:
    found = samples(Metrics())
    assert ("process_resident_memory_bytes", ()) in found
    assert found["trunkline_build_info", (("version", version("trunkline")),)] == 1
