"""The NOC's hands beside a running gateway, a second process, the drain, and a copy of the store in use."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.acceptance.harness.api import Api
from tests.acceptance.harness.config import merged
from tests.acceptance.harness.gateway import Gateway, Template, configuration
from tests.acceptance.harness.store import Engine
from tests.acceptance.harness.world import World, world
from tests.engines import postgres

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_message_show(fresh: World) -> None:
    identity = await fresh.api.sent("A secret code", to="+447700910001")
    await fresh.status(identity, "DELIVERED")
    told = await fresh.gateway.cli("message", "show", identity)
    for word in (identity, "delivered", "alpha", "+447700910001", fresh.submits()[0]["id"]):
        assert word in told.out, word
    assert "A secret code" not in told.out, "a text is shown on request alone"
    assert "A secret code" in (await fresh.gateway.cli("message", "show", identity, "--body")).out
    facts = (await fresh.gateway.cli("message", "show", identity, "--json")).json
    assert (facts["status"], facts["attempts"], len(facts["parts"])) == ("delivered", 1, 1)
    assert (await fresh.gateway.cli("message", "show", "nonsense", status=2)).err
    unknown = "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00"
    assert "no such message" in (await fresh.gateway.cli("message", "show", unknown, status=1)).err


async def test_message_fail(fresh: World) -> None:
    await fresh.smsc.order("close")
    identity = await waits(fresh)
    await fresh.gateway.cli("message", "fail", identity, "--reason", "regulation")
    found = await fresh.status(identity, "FAILED")
    assert found["reason"] == "regulation"
    hook = await fresh.hook(identity, "message.failed")
    assert (hook.data["reason"], hook.signed) == ("regulation", True)
    await fresh.gateway.cli("message", "fail", identity, status=1)
    await fresh.gateway.cli("message", "requeue", identity, status=1)
    await fresh.smsc.order("open")
    await fresh.bound()
    other = await fresh.api.sent(to="+447700910002")
    await fresh.status(other, "DELIVERED")
    assert len(fresh.submits()) == 1, "what was failed is not sent any more"


async def waits(at: World) -> str:
    """A message that waits because its carrier is away."""

    async def is_down() -> bool:
        _, facts = await at.gateway.health("ready")
        return not facts["operators"]["alpha"]["up"]

    await at.until(is_down, "alpha to be down")
    return await at.api.sent(to="+447700910003")


async def test_message_requeue(template: Template, tmp_path: Path) -> None:
    """A message waits an hour for its next try; by hand it is offered now."""
    patience = {"alpha": {"retry_steps_s": [3600.0]}}
    async with world(template, tmp_path, operators=patience) as at:
        await at.smsc.set(fail_next=1, fail_status=8)
        identity = await at.api.sent()
        await at.until(at.submits, "the first try")

        async def is_waiting() -> bool:
            return (await at.api.message(identity))["lastError"] is not None

        await at.until(is_waiting, "its answer to be recorded")
        await at.gateway.cli("message", "requeue", identity)
        found = await at.status(identity, "DELIVERED")
        assert found["attemptCount"] == 2


async def test_suppressions_by_hand(fresh: World) -> None:
    number = "+447700910004"
    await fresh.gateway.cli("suppression", "add", number, "--account", "acme")
    listed = await fresh.gateway.cli("suppression", "list", "--account", "acme")
    assert number in listed.out
    assert "manual" in listed.out
    assert (await fresh.api.send(to=number)).status == 422
    await fresh.gateway.cli("suppression", "remove", number, "--account", "acme")
    assert (await fresh.api.send(to=number)).status == 202
    await fresh.gateway.cli("suppression", "remove", number, "--account", "acme", status=1)
    await fresh.gateway.cli("suppression", "add", "07700", "--account", "acme", status=1)
    await fresh.gateway.cli("suppression", "add", number, "--account", "nobody", status=1)


async def test_operator_list_and_rebind(fresh: World) -> None:
    async def is_listed_up() -> bool:
        # what the list shows is what the gateway wrote last: half a second old at most
        listed = (await fresh.gateway.cli("operator", "list", "--json")).json
        (facts,) = [each for each in listed if each["operator"] == "alpha"]
        return facts["state"] == "up" and [bind["state"] for bind in facts["binds"]] == ["bound"]

    await fresh.until(is_listed_up, "the operator to be listed as up")
    await fresh.gateway.cli("operator", "rebind", "alpha")
    await fresh.until(lambda: len(fresh.smsc.named("bind")) == 2, "a second bind")
    assert len(fresh.smsc.named("unbound")) == 1, "politely"
    await fresh.bound()
    await fresh.status(await fresh.api.sent(), "DELIVERED")


async def test_accounts_and_keys_by_hand(fresh: World) -> None:
    shown = await fresh.gateway.cli("account", "show", "acme")
    assert "rate_per_s" in shown.out
    assert "whsec_" not in shown.out
    listed = await fresh.gateway.cli("key", "list", "acme")
    assert "sok_" not in listed.out
    assert {"acme", "other"} <= {
        each["account"] for each in (await fresh.gateway.cli("account", "list", "--json")).json
    }
    for line in (
        "account create acme",
        "account set acme rate_per_s=fast",
        "key create acme --scope fly",
    ):
        told = await fresh.gateway.cli(*line.split(), status=1)
        assert told.err.count("\n") == 1, "one line, no traceback"
    assert (await fresh.gateway.cli("nosuch", status=2)).err


@pytest.mark.only_on(Engine.SQLITE, why="a server of PostgreSQL has back-ups of its own")
async def test_a_backup_beside_a_running_gateway(
    fresh: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The copy is whole while messages flow, and a gateway serves from it."""
    copied = tmp_path_factory.mktemp("copied")
    before = [await fresh.api.sent(to=f"+4477009110{at:02}") for at in range(20)]
    for identity in before:
        await fresh.status(identity, "DELIVERED")
    stop = asyncio.Event()
    load = asyncio.create_task(keep_sending(fresh.api, stop))
    await fresh.gateway.cli("backup", str(copied / "trunkline.db"))
    stop.set()
    assert await load > 0, "messages were taken meanwhile"
    await fresh.gateway.cli("backup", str(copied / "trunkline.db"), status=1)
    store = sqlite3.connect(copied / "trunkline.db")
    assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store.close()
    await fresh.gateway.terminate()
    shutil.copy2(fresh.gateway.folder / "trunkline.key", copied)
    second = Gateway(copied, fresh.gateway.document)
    try:
        await second.start()
        for identity in before:
            assert (await fresh.api.message(identity))["status"] == "DELIVERED"
        await fresh.hook(await fresh.api.sent(to="+447700911099"), "message.delivered")
    finally:
        await second.close()


@pytest.mark.only_on(Engine.POSTGRES, why="an embedded store has a back-up of its own")
async def test_a_dump_beside_a_running_gateway(
    fresh: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`trunkline backup` says how; what it says is done while messages flow, and a gateway serves from it."""
    copied = tmp_path_factory.mktemp("restored")
    before = [await fresh.api.sent(to=f"+4477009112{at:02}") for at in range(20)]
    for identity in before:
        await fresh.status(identity, "DELIVERED")
    told = await fresh.gateway.cli("backup", str(copied / "trunkline.dump"), status=1)
    command = re.search(r"`(pg_dump --format=custom --file=\S+) DATABASE`", told.err)
    assert command is not None, told.err
    stop = asyncio.Event()
    load = asyncio.create_task(keep_sending(fresh.api, stop))
    _, *options = command[1].split()
    await ran("pg_dump", *options, fresh.gateway.document["store"]["url"])
    stop.set()
    assert await load > 0, "messages were taken meanwhile"
    cluster = postgres.shared()
    url = await cluster.empty()
    await ran("pg_restore", "--exit-on-error", f"--dbname={url}", str(copied / "trunkline.dump"))
    await fresh.gateway.terminate()
    shutil.copy2(fresh.gateway.folder / "trunkline.key", copied)
    second = Gateway(copied, merged(fresh.gateway.document, {"store": {"url": url}}))
    try:
        await second.start()
        for identity in before:
            assert (await fresh.api.message(identity))["status"] == "DELIVERED"
        await fresh.hook(await fresh.api.sent(to="+447700911299"), "message.delivered")
    finally:
        await second.close()
        await cluster.drop(url)


async def ran(name: str, *words: str) -> None:
    """Run one of PostgreSQL's programs to its good end."""
    process = await asyncio.create_subprocess_exec(
        postgres.program(name), *words, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 0, err.decode()


async def keep_sending(api: Api, stop: asyncio.Event) -> int:
    """Send until told to stop; how many were taken."""
    taken = 0
    while not stop.is_set():
        taken += (await api.send(to="+447700911050")).status == 202
    return taken


@pytest.mark.only_on(Engine.SQLITE, why="an embedded store has one process")
async def test_a_second_serve_is_refused(fresh: World) -> None:
    told = await fresh.gateway.cli("serve", status=1)
    assert told.err.count("Traceback") == 0
    assert "serve" in told.err
    await fresh.status(await fresh.api.sent(), "DELIVERED")


@pytest.mark.only_on(Engine.POSTGRES, why="an embedded store has one process")
async def test_a_second_serve_shares_the_store(
    fresh: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What one takes the other shows, and one goes on when the other has gone."""
    folder = tmp_path_factory.mktemp("second")
    shutil.copy2(fresh.gateway.folder / "trunkline.key", folder)
    http = configuration()["http"]
    second = Gateway(folder, merged(fresh.gateway.document, {"http": http}))
    there = Api(fresh.api.session, f"http://127.0.0.1:{second.port}", fresh.api.key)
    try:
        await second.start()
        by_second = await there.sent(to="+447700911401")
        await fresh.status(by_second, "DELIVERED")
        await fresh.status(await fresh.api.sent(to="+447700911402"), "DELIVERED", there)
        assert await fresh.gateway.terminate() == 0
        await fresh.status(await there.sent(to="+447700911403"), "DELIVERED", there)
        assert [told["to"][-4:] for told in fresh.submits()] == ["1401", "1402", "1403"]
    finally:
        await second.close()


async def test_a_port_in_use_is_told(fresh: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    second = Gateway(tmp_path_factory.mktemp("second"), {"http": fresh.gateway.document["http"]})
    told = await second.cli("serve", status=1)
    assert "Traceback" not in told.err
    assert "in use" in told.err


async def test_sigterm_drains(template: Template, tmp_path: Path) -> None:
    """Answers under way are written, parts in flight settle, binds unbind, and nothing is lost or sent twice."""
    async with world(template, tmp_path) as at:
        await at.smsc.set(answer="never")
        flying = [await at.api.sent(f"in flight {n}", to=f"+4477009120{n:02}") for n in range(10)]
        await at.until(lambda: len(at.submits()) == 10, "ten parts in flight")
        at.gateway.send_signal(signal.SIGTERM)

        async def is_draining() -> bool:
            return (await at.gateway.health("ready"))[0] == 503

        await at.until(is_draining, "the drain to begin")
        await at.smsc.set(answer="now")
        await at.smsc.order("release")
        assert await at.gateway.ended() == 0
        assert len(at.smsc.named("unbound")) == 1, "it left with an unbind"
        await at.gateway.start()
        for identity in flying:
            await at.status(identity, "DELIVERED")
        assert len(at.submits()) == 10


async def test_a_request_under_way_is_answered_in_the_drain(fresh: World) -> None:
    """The store is held while SIGTERM comes: the request still gets its 202, and the message is there afterwards."""
    async with fresh.store.held():
        request = asyncio.create_task(fresh.api.send(to="+447700912100"))
        await fresh.until(lambda: is_read(fresh), "the request to be under way")
        fresh.gateway.send_signal(signal.SIGTERM)
        await fresh.until(lambda: "draining" in fresh.gateway.log, "the drain to begin")
    answer = await request
    assert answer.status == 202
    assert await fresh.gateway.ended() == 0
    await fresh.gateway.start()
    await fresh.status(answer.json["messageId"], "DELIVERED")


async def is_read(at: World) -> bool:
    """Whether the loop has turned since: what was on its sockets has been read."""
    return (await at.gateway.health("live"))[0] == 200


async def test_a_second_signal_and_a_slow_carrier_end_in_time(template: Template, tmp_path: Path) -> None:
    """A carrier that never answers does not hold the drain beyond its time-out; the part is in doubt, and is found."""
    config = {"limits": {"drain_timeout_s": 1}}
    doubt = {"alpha": {"on_doubt": "resend"}}
    async with world(template, tmp_path, config=config, operators=doubt) as at:
        await at.smsc.set(answer="never")
        identity = await at.api.sent()
        await at.until(at.submits, "the part in flight")
        assert await at.gateway.terminate() == 0
        await at.smsc.set(answer="now")
        await at.gateway.start()
        found = await at.status(identity, "DELIVERED")
        assert len(at.submits()) == 2, "it was in doubt, and its operator says resend"
        assert found["attempts"][0]["parts"][0]["state"] == "IN_DOUBT"
