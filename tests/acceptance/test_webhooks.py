"""Webhooks: at least once, in order, with back-off, and nobody in another's way."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.bench.child import free_port
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUICK = {"webhooks": {"schedule": [0.1, 0.1, 0.2, 0.5], "answer_timeout_s": 1.0, "connect_timeout_s": 1.0}}


@pytest_asyncio.fixture(loop_scope="module")
async def quick(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """A gateway that tries again soon."""
    async with world(template, tmp_path, config=QUICK) as built:
        yield built


async def test_a_failing_receiver_gets_it_in_the_end(quick: World) -> None:
    """500 for a while: the same event, with the same id and body and a fresh signature, until it is taken."""
    quick.sink.answers.extend([500, 503, 302, 404])
    identity = await quick.api.sent()
    hook = await quick.hook(identity, "message.delivered")
    tries = quick.sink.of(identity)
    assert [each.answered for each in tries] == [500, 503, 302, 404, 200]
    assert {each.raw for each in tries} == {hook.raw}
    assert {each.headers["webhook-id"] for each in tries} == {hook.body["id"]}
    assert all(each.signed for each in tries)
    metrics = await quick.gateway.metrics()
    assert metrics.value("webhook_tries_total", outcome="retry") == 4
    assert metrics.value("webhook_tries_total", outcome="delivered") == 1


async def test_a_receiver_that_was_away(quick: World) -> None:
    await quick.sink.close()
    identity = await quick.api.sent()
    await quick.status(identity, "DELIVERED")

    async def tried() -> bool:
        return (await quick.gateway.metrics()).value("webhook_tries_total", outcome="retry") >= 1

    await quick.until(tried, "a try that fails")
    await quick.sink.open()
    assert (await quick.hook(identity, "message.delivered")).signed


async def test_events_of_a_message_come_in_order(quick: World) -> None:
    """`message.sent` fails at first: `message.delivered` waits for it."""
    await quick.gateway.cli("account", "set", "acme", "webhook_events=sent,delivered")
    quick.sink.answers.extend([500, 500])
    identity = await quick.api.sent()
    await quick.hook(identity, "message.delivered")
    kinds = [(hook.type, hook.answered) for hook in quick.sink.of(identity)]
    assert kinds == [
        ("message.sent", 500),
        ("message.sent", 500),
        ("message.sent", 200),
        ("message.delivered", 200),
    ]


async def test_a_dead_destination_holds_up_nobody(quick: World) -> None:
    """One tenant's receiver does not answer at all, one is gone; a third tenant's events come through meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes connections, nobody reads them
        port = silent.getsockname()[1]
        dead = [f"http://127.0.0.1:{port}/never", f"http://127.0.0.1:{free_port()}/gone"]
        for at in range(100):
            await quick.api.sent(to=f"+4477009090{at:02}", callbackUrl=dead[at % 2])
        identities = [await quick.api.sent(to=f"+4477009091{at:02}") for at in range(50)]
        for identity in identities:
            await quick.hook(identity, "message.delivered")

        async def both_are_paused() -> bool:
            # each for a while, again and again
            return (await quick.gateway.metrics()).value("webhook_destinations_paused") == 2

        await quick.until(both_are_paused, "both dead destinations to be left alone")


async def test_a_slow_receiver_does_not_slow_messages(quick: World) -> None:
    quick.sink.open_gate.clear()
    identities = [await quick.api.sent(to=f"+4477009092{at:02}") for at in range(20)]
    for identity in identities:
        await quick.status(identity, "DELIVERED")
    assert quick.sink.hooks == []
    assert 1 <= quick.sink.under_way <= 8, "concurrency per destination"
    quick.sink.open_gate.set()
    for identity in identities:
        await quick.hook(identity, "message.delivered")


async def test_events_outlive_the_process(quick: World) -> None:
    quick.sink.statuses["/hooks"] = 500
    identities = [await quick.api.sent(to=f"+4477009093{at:02}") for at in range(10)]
    for identity in identities:
        await quick.status(identity, "DELIVERED")
    await quick.gateway.kill9()
    quick.sink.statuses.clear()
    await quick.gateway.start()
    for identity in identities:
        await quick.hook(identity, "message.delivered")


async def test_gone_means_gone(quick: World) -> None:
    """410: the receiver wants no more of it. It can be listed and replayed."""
    quick.sink.answers.append(410)
    identity = await quick.api.sent()

    await quick.until(lambda: dead_letters(quick), "the event among the dead letters")
    (letter,) = await dead_letters(quick)
    assert (letter["subject"], letter["kind"], letter["attempts"]) == (identity, "delivered", 1)
    assert "410" in letter["error"]
    assert [hook.answered for hook in quick.sink.of(identity)] == [410]
    await quick.gateway.cli("webhook", "dead", "replay", letter["id"])
    hook = await quick.hook(identity, "message.delivered")
    assert hook.signed
    assert len({each.headers["webhook-id"] for each in quick.sink.of(identity)}) == 1
    assert await dead_letters(quick) == []


async def dead_letters(at: World) -> list[dict[str, Any]]:
    """What `trunkline webhook dead list` tells."""
    letters: list[dict[str, Any]] = (await at.gateway.cli("webhook", "dead", "list", "--json")).json
    return letters


async def test_a_day_without_success_is_a_dead_letter(template: Template, tmp_path: Path) -> None:
    config = {"webhooks": {**QUICK["webhooks"], "give_up_after_s": 1}}
    async with world(template, tmp_path, config=config) as at:
        at.sink.statuses["/hooks"] = 500
        identity = await at.api.sent()

        async def dead() -> bool:
            return (await at.gateway.metrics()).value("webhook_tries_total", outcome="dead") == 1

        await at.until(dead, "the event to be given up")
        (letter,) = await dead_letters(at)
        assert letter["subject"] == identity
        assert "500" in letter["error"]


async def test_a_rotated_secret_signs_beside_the_old_one(quick: World) -> None:
    made = await quick.gateway.cli("account", "rotate-secret", "acme", "--json")
    new = made.json["webhook_secret"]
    assert new.startswith("whsec_")
    assert new != quick.template.secret
    identity = await quick.api.sent()
    hook = await quick.hook(identity, "message.delivered")
    assert hook.signed, "a receiver that knows the old one alone still takes it"
    assert len(hook.headers["webhook-signature"].split()) == 2
    quick.sink.secrets = [new]
    again = await quick.hook(await quick.api.sent(), "message.delivered")
    assert again.signed


async def test_no_request_to_a_private_address_by_name(template: Template, tmp_path: Path) -> None:
    """A name is taken at acceptance and checked when it is resolved: `localhost.` and names that point inside."""
    guarded = {"webhooks": {**QUICK["webhooks"], "allow_private_addresses": False, "give_up_after_s": 1}}
    async with world(template, tmp_path, config=guarded) as at:
        identity = await at.api.sent()
        await at.status(identity, "DELIVERED")

        async def dead() -> bool:
            return (await at.gateway.metrics()).value("webhook_tries_total", outcome="dead") == 1

        await at.until(dead, "the account's private webhook to be given up")
        assert at.sink.hooks == [], "no request was made"
        (letter,) = await dead_letters(at)
        assert "private" in letter["error"]


async def test_a_redirect_is_not_followed_inside(quick: World) -> None:
    """Webhooks follow no redirect: 302 is a failure like any other."""
    quick.sink.statuses["/moved"] = 302
    identity = await quick.api.sent(callbackUrl=quick.sink.url("/moved"))
    await quick.until(lambda: len(quick.sink.of(identity)) >= 2, "a second try")
    assert {hook.path for hook in quick.sink.of(identity)} == {"/moved"}
