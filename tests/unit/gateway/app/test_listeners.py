"""What a scrape of the admin listener shows, as far as the alerts of docs/production.md go by it."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import App, listeners
from gateway.app.serving import serving
from http_api.counters import Cut
from storage.sqlite.store import SqliteStore
from tests.unit.deploy.test_production import COUNTED, VALUES, expressions
from tests.unit.gateway.app.test_app import write_config
from tests.unit.smpp.scripted import Carrier, carrier

GROWTH = re.compile(r"\b(?:rate|increase)\(")


def shown(app: App, name: str) -> list[dict[str, str]]:
    """The labels of each sample of that name."""
    assert app.listeners is not None
    text = app.listeners.metrics().decode()
    families = text_string_to_metric_families(text)
    return [dict(sample.labels) for family in families for sample in family.samples if sample.name == name]


@pytest.fixture
async def smsc() -> AsyncIterator[Carrier]:
    async with carrier() as listening:
        yield listening


async def test_what_an_alert_counts_is_there_before_it_happens(tmp_path: Path) -> None:
    """Else its first time is no increase: a reload that is refused once would wake nobody."""
    asked = [found for text in expressions() if GROWTH.search(text) for found in VALUES.findall(text)]
    words = {(name, label, word) for name, label, told in asked for word in re.split(r"\\?\|", told)}
    words -= {("trunkline_http_requests_total", "status", "5..")}  # a share of all, and no single one counts
    assert {(name, label) for name, label, _ in words} >= COUNTED.keys()
    async with serving(write_config(tmp_path)) as app:
        assert {
            (name, label, word)
            for name, label, word in words
            if word not in [labels[label] for labels in shown(app, name)]
        } == set()
        assert {"webhooks", "upkeep", "claims"} <= {
            labels["task"] for labels in shown(app, "trunkline_task_failures_total")
        }


async def test_what_we_could_not_answer_is_no_bad_input(tmp_path: Path) -> None:
    """`rate(trunkline_bad_input_total[5m]) > 1` says that somebody tries things: not while we are overloaded."""
    async with serving(write_config(tmp_path)) as app:
        assert app.listeners is not None
        api, admin = app.listeners.api_counters, app.listeners.admin_counters
        api.failures["/v1/sms/send", "OVERLOADED"] = 2
        admin.failures["/ledger", "OVERLOADED"] = 3
        api.problems["/v1/sms/send", "INVALID_PAYLOAD"] = 4
        api.cuts[Cut.TOO_MANY] = 5
        api.cuts[Cut.PARSER] = 6
        app.listeners.metrics()
        api.failures["/v1/sms/send", "OVERLOADED"] += 1
        app.listeners.metrics()
        failures, bad = app.metrics.http_failures, app.metrics.bad_input
        assert {kind: failures.value(kind) for kind in ("OVERLOADED", "too_many")} == {
            "OVERLOADED": 6,
            "too_many": 5,
        }
        assert [labels["kind"] for labels in shown(app, "trunkline_bad_input_total")] == [
            "INVALID_PAYLOAD",
            "parser",
        ]
        assert (bad.value("http", "INVALID_PAYLOAD"), bad.value("http", "parser")) == (4, 6)


async def test_all_who_ask_whether_it_is_ready_wait_for_one_commit_and_not_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that says nothing: each look of a load balancer would take another of its connections."""
    monkeypatch.setattr(listeners, "PROBE_S", 0.05)
    monkeypatch.setattr(listeners, "PROBE_EVERY_S", 0.0)
    probes, answers = itertools.count(), asyncio.Event()
    probe = SqliteStore.probe

    async def probe_that_waits(store: SqliteStore) -> None:
        next(probes)
        await answers.wait()
        await probe(store)

    async with serving(write_config(tmp_path)) as app:
        assert app.listeners is not None
        monkeypatch.setattr(SqliteStore, "probe", probe_that_waits)
        for ready, facts in await asyncio.gather(*(app.listeners.ready() for _ in range(10))):
            assert (ready, facts["store"]) == (False, "the store does not commit within 0.05 s")
        assert not (await app.listeners.ready())[0]
        assert next(probes) == 1
        answers.set()
        async with asyncio.timeout(20):
            while not (await app.listeners.ready())[0]:
                pass


async def test_only_what_has_binds_can_be_away(smsc: Carrier, tmp_path: Path) -> None:
    """`sum by (operator) (trunkline_binds_up) == 0` wakes somebody: not for the operator of test keys, and no more for
    one that was taken out."""
    async with serving(write_config(tmp_path, smsc.server.port)) as app:
        for name in ("trunkline_binds_up", "trunkline_binds_configured", "trunkline_window_size_parts"):
            assert [labels["operator"] for labels in shown(app, name)] == ["alpha"]
        write_config(tmp_path)
        text = (tmp_path / "gateway.toml").read_text()
        (tmp_path / "gateway.toml").write_text(
            f"{text}\n[[operators]]\nid = 'simulated'\nkind = 'simulated'\n"
            "[[routes]]\nto = '+'\noperators = ['simulated']\n"
        )
        assert await app.reload_now()
        assert shown(app, "trunkline_binds_up") == []
