"""The contacts dialect end to end: the document's own examples under node, to the carrier, the webhook and back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import pytest_asyncio

from tests.acceptance.harness.api import Answer, Api
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.peers.node import PEERS, typescript_command

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEND = "/api/messages/sms/contacts"
LIST = "/api/messages/sms"
TERMS = "/api/terms"
SECRET = b"a shared secret of at least 32 bytes"
NODE_WITHIN_S = 60.0
MANY = 10_000


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def office(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A gateway whose account acme is a Colombian back office that has accepted the terms for its keys."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "jwt.secret").write_bytes(SECRET)
    async with world(template, folder, config={"auth": {"jwt": {"hs256_secret_file": "jwt.secret"}}}) as at:
        settings = ("country=CO", "default_sender=+573000000000", "terms_accepted=current")
        await at.gateway.cli("account", "set", "acme", *settings)
        yield at


async def send(api: Api, contacts: list[str], message: str = "Hello", **more: Any) -> Answer:
    """POST /api/messages/sms/contacts with a bearer token."""
    document = {"message": message, "contacts": contacts, **more}
    return await api.request("POST", SEND, json=document, headers=bearer(api.key))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def run_example(at: World, name: str) -> str:
    """What an example of the document prints, run as it stands by node in a browser's place."""
    browser = PEERS / "contacts" / "browser.mjs"
    process = await asyncio.create_subprocess_exec(
        *typescript_command(),
        "--import",
        browser.as_uri(),
        str(PEERS / "contacts" / name),
        env={**os.environ, "ORIGIN": at.api.base, "TOKEN": at.api.key},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(NODE_WITHIN_S):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def queue_with(at: World, api: Api, queue_id: str, **counts: int) -> dict[str, Any]:
    """The queue once it has these counts."""

    async def look() -> dict[str, Any] | None:
        answer = await api.request("GET", f"{LIST}/queues/{queue_id}")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.json
        return found if counts.items() <= found["counts"].items() else None

    found: dict[str, Any] = await at.until(look, f"queue {queue_id} to have {counts}")
    return found


@pytest.mark.alike(why="node and HTTP")
async def test_the_fetch_example_of_the_document(office: World) -> None:
    """Document 003, "Usage Examples", TypeScript: to the carrier, and back as counts and a signed webhook."""
    lines = (await run_example(office, "fetch.mts")).splitlines()
    assert lines[0] == "SMS enqueued: 2"
    queue_id = lines[1].removeprefix("Queue ID: ")
    queue = await queue_with(office, office.api, queue_id, delivered=2)
    assert {message["recipient"] for message in queue["messages"]} == {"+573001234567", "+573007654321"}
    for message in queue["messages"]:
        assert message["message"] == "Welcome to SendMe! Your account has been activated."
        assert (message["type"], message["provider"]["operatorId"]) == ("SMS", "alpha")
        hook = await office.hook(message["id"], "message.delivered")
        assert hook.signed
        assert (hook.data["queueId"], hook.data["status"]) == (queue_id, "delivered")


@pytest.mark.alike(why="node and HTTP")
async def test_the_axios_example_of_the_document(office: World) -> None:
    """Document 003, "Usage Examples", axios: a local number without `country` is one of the account's own."""
    answer = json.loads(await run_example(office, "axios.mts"))
    assert answer["status"] == 201
    ((sent),) = answer["data"]["messages"]
    assert sent["recipient"] == "+573001234567"
    queue = await queue_with(office, office.api, answer["data"]["queueId"], delivered=1)
    assert queue["messages"][0]["type"] == "OTP"
    assert queue["messages"][0]["message"] == "Your verification code is: 123456"


async def test_one_core_for_all_dialects(office: World) -> None:
    """Issue: "a message sent by one can be read (in its own words) by every other; one suppression list"."""
    sent = (await send(office.api, ["3005550101"])).json["messages"][0]
    seen = await office.status(sent["id"], "DELIVERED")
    assert (seen["to"], seen["messageType"]) == ("+573005550101", "SMS")
    by_other = await office.api.sent(to="+573005550102", sender="+573000000000")
    answer = await office.api.request("GET", LIST, params={"recipient": "3005550102"})
    assert [message["id"] for message in answer.json["messages"]] == [by_other]
    await office.gateway.cli("suppression", "add", "+573005550103", "--account", "acme")
    empty = await send(office.api, ["3005550103"])
    assert (empty.status, empty.json) == (200, {"queueId": "", "channel": "sms", "messages": []})


async def test_ten_thousand_in_one_call(office: World) -> None:
    """Issue: "10,000 contacts in one call in one commit group"; the same again is the same answer."""
    contacts = [f"300{number:07d}" for number in range(MANY)]
    document = {"message": "Hello", "contacts": contacts}
    headers = {**bearer(office.tester.key), "Idempotency-Key": "many"}
    first, again = [await office.api.request("POST", SEND, json=document, headers=headers) for _ in range(2)]
    assert (first.status, len(first.json["messages"])) == (201, MANY)
    assert again.body == first.body
    path = f"{LIST}/queues/{first.json['queueId']}"
    seen: list[str] = []
    params = {"limit": "100"}
    while True:
        answer = await office.tester.request("GET", path, params=params)
        assert answer.json["total"] == MANY
        seen += [message["id"] for message in answer.json["messages"]]
        if answer.json["nextCursor"] is None or len(seen) >= 300:
            break
        params["cursor"] = answer.json["nextCursor"]
    assert seen == [message["id"] for message in reversed(first.json["messages"])][:300]
    assert (await office.api.request("GET", path)).status == 404, "the live environment has no such queue"


@pytest.mark.alike(why="who may ask is decided before the store does anything but look")
async def test_members_have_tokens_and_terms_of_their_own(office: World) -> None:
    """Document 003: "Only members that accepted the current terms can trigger messaging actions"."""

    def token(subject: str) -> str:
        claims = {"sub": subject, "account": "acme", "exp": int(time.time()) + 300}
        return jwt.encode(claims, SECRET, "HS256")

    ann, bob = office.api.as_caller(token("ann")), office.api.as_caller(token("bob"))
    refused = await send(ann, ["3005550104"])
    assert (refused.status, refused.json["version"], refused.json["statusCode"]) == (403, "1", 403)
    accepted = await ann.request("POST", TERMS, json={"version": "1"}, headers=bearer(ann.key))
    assert (accepted.status, accepted.json["accepted"]) == (201, True)
    assert (await send(ann, ["3005550104"])).status == 201
    assert (await send(bob, ["3005550104"])).status == 403
    key = (await office.gateway.cli("key", "create", "acme", "--member", "ann", "--json")).json["key"]
    assert (await send(office.api.as_caller(key), ["3005550105"])).status == 201, "her key as well"
    assert (await send(office.other, ["3005550105"])).status == 403, "another organisation"


@pytest.mark.alike(why="it looks at the configuration")
async def test_new_terms_by_a_reload(template: Template, tmp_path: Path) -> None:
    """CONTRACTS.md: "always on; version in config, default "1"", and `terms_accepted=current`."""
    async with world(template, tmp_path) as at:
        await at.gateway.cli("account", "set", "acme", "default_sender=Trunkline", "terms_accepted=current")
        assert (await send(at.tester, ["+573001234567"])).status == 201
        at.gateway.configure({**at.gateway.document, "terms": {"version": "2026-10"}})
        at.gateway.send_signal(signal.SIGHUP)

        async def asked_again() -> bool:
            answer = await send(at.tester, ["+573001234567"])
            return answer.status == 403 and bool(answer.json["version"] == "2026-10")

        await at.until(asked_again, "the new terms to be asked for")
        await at.gateway.cli("account", "set", "acme", "terms_accepted=current")
        assert (await send(at.tester, ["+573001234567"])).status == 201


async def test_balance_comes_before_the_queue(template: Template, tmp_path: Path) -> None:
    """Document 003: "insufficient credits return an error response without enqueuing messages." """
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "standard.csv").write_text("prefix,price,currency\n57,0.25,EUR\n")
    async with world(template, tmp_path, config={"rates": {"plans": "plans/*.csv"}}) as at:
        settings = ("country=CO", "default_sender=ACME", "terms_accepted=current", "rate_plan=standard")
        await at.gateway.cli("account", "set", "acme", *settings)
        await at.gateway.cli("ledger", "top-up", "acme", "0.60")
        many = await send(at.api, ["3000000001", "3000000002", "3000000003"])
        assert (many.status, many.json["code"]) == (402, "INSUFFICIENT_BALANCE")
        assert (await at.api.request("GET", LIST)).json["messages"] == []
        two = await send(at.api, ["3000000001", "3000000002"])
        assert two.status == 201
        await queue_with(at, at.api, two.json["queueId"], delivered=2)
        await at.gateway.cli("ledger", "verify")
        assert (await send(at.api, ["3000000001"])).status == 402
        assert len(at.submits()) == 2
