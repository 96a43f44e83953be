"""The configuration of a running gateway: checked whole, taken whole or refused whole, and binds that stay up."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.config import operator, toml
from tests.acceptance.harness.gateway import Gateway, Template, configuration
from tests.acceptance.harness.store import Engine
from tests.acceptance.harness.world import World, world
from tests.engines import postgres

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="a configuration is read and taken before and beside the store"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def two(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """Two carriers, alpha before beta."""
    async with world(template, tmp_path, carriers={"alpha": {}, "beta": {}}) as built:
        yield built


async def reload(at: World, document: dict[str, Any], outcome: str) -> None:
    """Write a configuration, send SIGHUP, and wait until it was applied or refused."""
    before = (await at.gateway.metrics()).value("config_reloads_total", result=outcome)
    at.gateway.configure(document)
    at.gateway.send_signal(signal.SIGHUP)

    async def told() -> bool:
        return (await at.gateway.metrics()).value("config_reloads_total", result=outcome) == before + 1

    await at.until(told, f"the reload to be {outcome}")


async def test_check_tells_all_errors_at_once(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {})
    gateway.path.write_text(
        """[http]
listen = "no address"
adminlisten = "127.0.0.1:8081"

[limits]
backlog = -1

[[operators]]
id = "alpha"
kind = "smpp"
host = "127.0.0.1"
system_id = "much too long for SMPP"
password = "${NO_SUCH_VARIABLE}"
window = "many"

[[operators]]
id = "alpha"
kind = "pigeon"

[[routes]]
to = ["+44"]
operators = ["gamma"]
"""
    )
    told = await gateway.cli("check", status=1)
    lines = {int(found) for found in re.findall(r"gateway\.toml:(\d+): ", told.out + told.err)}
    assert {2, 3, 6, 12, 13, 14, 22} <= lines, told
    assert 17 in lines or 16 in lines or 18 in lines, "the second operator"
    for word in ("admin_listen", "NO_SUCH_VARIABLE", "pigeon", "gamma", "window"):
        assert word in told.out + told.err, word


async def test_check_of_a_good_file_and_of_none(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {"store": {"url": "sqlite:///trunkline.db"}})
    assert (await gateway.cli("check")).status == 0
    assert not (tmp_path / "trunkline.db").exists(), "a check makes nothing"
    gateway.path.unlink()
    told = await gateway.cli("check", status=1)
    assert "gateway.toml" in told.err


@pytest.mark.only_on(Engine.SQLITE, why="a file that names no store has an embedded one")
async def test_the_smallest_file_serves(template: Template, tmp_path: Path) -> None:
    """An empty store is made by `serve`, with its key file; nothing else is needed to be ready."""
    gateway = Gateway(tmp_path, {})
    async with world(template, tmp_path, start=False) as at:
        gateway.configure({"http": at.gateway.document["http"]})
        for name in ("trunkline.db", "trunkline.key"):
            (tmp_path / name).unlink()
        await gateway.start()
        status, facts = await gateway.health("ready")
        assert (status, facts["status"]) == (200, "ok")
        assert (tmp_path / "trunkline.key").exists()
        assert await gateway.terminate() == 0


@pytest.mark.only_on(Engine.POSTGRES, why="an embedded store is made where there is not even a file")
async def test_an_empty_database_serves_after_migrate(template: Template, tmp_path: Path) -> None:
    """`migrate` makes the tables, `serve` the key file; nothing else is needed to be ready."""
    cluster = postgres.shared()
    url = await cluster.empty()
    gateway = Gateway(tmp_path, configuration(store={"url": url}))
    try:
        refused = await gateway.cli("serve", status=1)
        assert "make them with `trunkline migrate`" in refused.err, "another server may answer there"
        await gateway.cli("migrate")
        await gateway.start()
        status, facts = await gateway.health("ready")
        assert (status, facts["status"]) == (200, "ok")
        assert (tmp_path / "trunkline.key").exists()
        assert await gateway.terminate() == 0
    finally:
        await gateway.close()
        await cluster.drop(url)


async def test_serve_refuses_a_bad_file(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {"htpp": {}})
    told = await gateway.cli("serve", status=1)
    assert "gateway.toml:" in told.err
    assert "http" in told.err, "what it may have meant"
    assert "Traceback" not in told.err


async def test_a_password_from_the_environment(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path, start=False) as at:
        document = dict(at.gateway.document)
        document["operators"] = [{**document["operators"][0], "password": "${ALPHA_PASSWORD}"}]
        at.gateway.configure(document)
        at.gateway.environment["ALPHA_PASSWORD"] = "hidden99"
        await at.gateway.start()
        await at.bound()
        assert "hidden99" not in at.gateway.log
        assert "hidden99" not in (await at.gateway.cli("check")).out


async def test_a_reload_leaves_unchanged_binds_alone(two: World) -> None:
    """A rule, a rate limit and another operator change: the bind of alpha is the same, as the carrier sees it."""
    document = dict(two.gateway.document)
    document["operators"] = [document["operators"][0], {**document["operators"][1], "window": 50}]
    document["routes"] = [{"id": "beta-first", "to": ["+"], "operators": ["beta", "alpha"]}]
    await reload(two, document, "applied")
    await two.until(lambda: len(two.carriers["beta"].named("bind")) == 2, "beta to be bound anew")
    await two.bound()
    assert len(two.carriers["alpha"].named("bind")) == 1
    assert two.carriers["alpha"].named("unbound") == two.carriers["alpha"].named("closed") == []
    assert two.carriers["beta"].named("unbound"), "the old bind has left politely"
    found = await two.status(await two.api.sent(), "DELIVERED")
    assert (found["routeId"], found["operatorId"]) == ("beta-first", "beta")


async def test_a_bad_reload_changes_nothing(two: World) -> None:
    good = two.gateway.document
    bad = {**good, "routes": [{"id": "bad", "operators": ["nosuch"]}], "limits": {"backlog": 1}}
    await reload(two, bad, "refused")
    found = await two.status(await two.api.sent(), "DELIVERED")
    assert (found["routeId"], found["operatorId"]) == ("all", "alpha")
    assert [(await two.api.send()).status for _ in range(3)] == [202] * 3, "not a part of it was taken"
    (refusal,) = [line for line in two.gateway.log.splitlines() if "reload refused" in line]
    assert "nosuch" in refusal
    assert [len(carrier.named("bind")) for carrier in two.carriers.values()] == [1, 1]
    await reload(two, good, "applied")
    assert [len(carrier.named("bind")) for carrier in two.carriers.values()] == [1, 1]


async def test_an_unreadable_file_changes_nothing(fresh: World) -> None:
    before = fresh.gateway.path.read_text()
    fresh.gateway.path.write_text("[[[ this is no TOML")
    fresh.gateway.send_signal(signal.SIGHUP)
    await fresh.until(lambda: "reload refused" in fresh.gateway.log, "the refusal")
    await fresh.status(await fresh.api.sent(), "DELIVERED")
    fresh.gateway.path.write_text(before)


async def test_an_operator_comes_and_goes(two: World) -> None:
    whole = dict(two.gateway.document)
    alone = {
        **whole,
        "operators": [whole["operators"][0]],
        "routes": [{"id": "all", "to": ["+"], "operators": ["alpha"]}],
    }
    await reload(two, alone, "applied")
    await two.until(lambda: two.carriers["beta"].named("unbound"), "beta to be left")
    _, facts = await two.gateway.health("ready")
    assert "beta" not in facts["operators"]
    await two.status(await two.api.sent(), "DELIVERED")
    await reload(two, whole, "applied")
    await two.bound()
    assert len(two.carriers["beta"].named("bind")) == 2
    assert len(two.carriers["alpha"].named("bind")) == 1


async def test_messages_flow_while_it_reloads(two: World) -> None:
    """Twenty reloads that move one operator about, under load: everything accepted arrives once."""
    base = dict(two.gateway.document)
    sent: list[str] = []
    for turn in range(10):
        sent += [await two.api.sent(f"turn {turn}", to=f"+4477009{turn:03}{at:02}0") for at in range(10)]
        changed = {**base["operators"][0], "window": 20 + turn}
        await reload(two, {**base, "operators": [changed, base["operators"][1]]}, "applied")
    for identity in sent:
        await two.status(identity, "DELIVERED")
    every = [told["to"] for name in two.carriers for told in two.submits(name)]
    assert len(every) == len(set(every)) == len(sent)


async def test_included_files(template: Template, tmp_path: Path) -> None:
    """Operators and routes in files of their own; an error names the file that it is in."""
    async with world(template, tmp_path, start=False) as at:
        (tmp_path / "operators").mkdir()
        (tmp_path / "operators" / "alpha.toml").write_text(
            toml({"operators": [operator("alpha", at.smsc.port)]})
        )
        (tmp_path / "routes.toml").write_text(toml({"routes": [{"id": "included", "operators": ["alpha"]}]}))
        document = {
            "include": ["operators/*.toml", "routes.toml"],
            **{name: at.gateway.document[name] for name in ("http", "store", "webhooks")},
        }
        at.gateway.configure(document)
        await at.gateway.start()
        await at.bound()
        assert (await at.status(await at.api.sent(), "DELIVERED"))["routeId"] == "included"
        (tmp_path / "operators" / "alpha.toml").write_text('[[operators]]\nid = "alpha"\nkind = "smpp"\n')
        told = await at.gateway.cli("check", status=1)
        assert "operators/alpha.toml:" in told.err
