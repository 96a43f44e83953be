"""Messages from phones: STOP, START and HELP with one reply each, whose they are, and what the tenant hears."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.harness import handset
from tests.acceptance.harness.api import SENDER, problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.sink import Hook
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

STOPPED = "You are unsubscribed and will get no more messages. Reply START to resubscribe."
STARTED = "You are subscribed again. Reply STOP to unsubscribe."
HELP = "Reply STOP to unsubscribe. Message and data rates may apply."


async def from_phone(at: World, phone: str, text: str, to: str = SENDER, **more: Any) -> None:
    """A phone sends a text; returns when the gateway has acknowledged it.

    The carrier calls every number international, short codes too.
    """
    before = len(acknowledged(at))
    order = {"from": phone.removeprefix("+"), "to": to.removeprefix("+"), "text": text, **more}
    await at.smsc.order("inbound", **order)
    await at.until(lambda: len(acknowledged(at)) > before, "the inbound message to be acknowledged")


def acknowledged(at: World) -> list[dict[str, Any]]:
    """The gateway's answers to inbound messages."""
    return [told for told in at.smsc.named("answered") if told["kind"] == "inbound"]


async def heard(at: World, phone: str, count: int = 1) -> list[Hook]:
    """Wait for so many inbound webhooks of this phone."""

    def look() -> list[Hook] | None:
        found = [hook for hook in at.sink.taken("message.inbound") if hook.data["from"] == phone]
        return found if len(found) >= count else None

    hooks: list[Hook] = await at.until(look, f"{count} inbound webhooks of {phone}")
    assert len(hooks) == count
    return hooks


async def replies(at: World, phone: str, count: int) -> list[str]:
    """Wait for so many submit_sm to this phone; their texts."""
    await at.until(lambda: len(at.submits(to=phone)) >= count, f"{count} messages to {phone}")
    return handset.texts(at.submits(to=phone))


async def introduce(at: World, phone: str) -> str:
    """A send to the phone, so that what it answers has an owner."""
    identity = await at.api.sent("Hello", to=phone, metadata={"campaignId": "c-7"})
    await at.status(identity, "DELIVERED")
    return identity


async def test_stop_start_and_help(shared: World) -> None:
    phone = "+447700906001"
    identity = await introduce(shared, phone)

    await from_phone(shared, phone, "Stop.")
    assert await replies(shared, phone, 2) == ["Hello", STOPPED]
    (hook,) = await heard(shared, phone)
    assert hook.signed
    wanted = {
        "from": phone,
        "to": SENDER,
        "body": "Stop.",
        "keyword": "STOP",
        "action": "stop",
        "operatorId": "alpha",
        "replyTo": identity,
        "metadata": {"campaignId": "c-7"},
    }
    assert {name: hook.data[name] for name in wanted} == wanted
    problem(await shared.api.send(to=phone), 422, "RECIPIENT_SUPPRESSED")

    await from_phone(shared, phone, "HELP")
    assert (await replies(shared, phone, 3))[2] == HELP
    problem(await shared.api.send(to=phone), 422, "RECIPIENT_SUPPRESSED")

    await from_phone(shared, phone, "start")
    assert (await replies(shared, phone, 4))[3] == STARTED
    assert (await shared.api.send("Welcome back", to=phone)).status == 202
    assert (await replies(shared, phone, 5))[4] == "Welcome back"
    assert [hook.data["action"] for hook in await heard(shared, phone, 3)] == ["stop", "help", "start"]


@pytest.mark.parametrize(
    ("phone", "text", "action"),
    [
        ("+447700906010", "STOP", "stop"),
        ("+447700906011", " stop!! ", "stop"),
        ("+447700906012", "Unsubscribe", "stop"),
        ("+447700906013", "opt out", "stop"),
        ("+447700906014", "Arrêt", "stop"),
        ("+447700906015", "STOP PLEASE", None),
        ("+447700906016", "don't stop", None),
        ("+447700906017", "Unstop", "start"),
        ("+447700906018", "info", "help"),
        ("+447700906019", "", None),
    ],
)
async def test_what_counts_as_a_keyword(shared: World, phone: str, text: str, action: str | None) -> None:
    await introduce(shared, phone)
    await from_phone(shared, phone, "", hex=text.encode("utf-16-be").hex(), data_coding=8)
    (hook,) = await heard(shared, phone)
    assert (hook.data["body"], hook.data["action"]) == (text, action)
    answer = await shared.api.send("More", to=phone)
    assert answer.status == (422 if action == "stop" else 202)
    texts = await replies(shared, phone, 2)
    assert texts[1] == {"stop": STOPPED, "start": STARTED, "help": HELP, None: "More"}[action]


async def test_stop_is_obeyed_by_what_already_waits(template: Template, tmp_path: Path) -> None:
    """Two messages wait behind a window that is full; the recipient of one says STOP: it never leaves."""
    async with world(template, tmp_path, operators={"alpha": {"window": 1}}) as at:
        phone, friend = "+447700906020", "+447700906021"
        await introduce(at, phone)
        await at.smsc.set(answer="never")
        plug = await at.api.sent(to="+447700906022")
        await at.until(lambda: at.submits(to="+447700906022"), "the window to be full")
        waiting = [await at.api.sent(f"Later {n}", to=phone) for n in range(3)]
        passing = await at.api.sent("For a friend", to=friend)
        await from_phone(at, phone, "STOP")
        await at.smsc.set(answer="now")
        await at.smsc.order("release")
        for identity in waiting:
            found = await at.status(identity, "UNDELIVERABLE")
            assert found["reason"] == "opted_out"
            hook = await at.hook(identity, "message.undeliverable")
            assert hook.data["reason"] == "opted_out"
        await at.status(plug, "DELIVERED")
        await at.status(passing, "DELIVERED")
        assert await replies(at, phone, 2) == ["Hello", STOPPED], "nothing but the one reply"


async def test_a_suppression_by_hand_stops_what_waits(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path, operators={"alpha": {"window": 1}}) as at:
        await at.smsc.set(answer="never")
        await at.api.sent(to="+447700906022")
        await at.until(lambda: at.submits(to="+447700906022"), "the window to be full")
        phone = "+447700906023"
        identity = await at.api.sent(to=phone)
        await at.gateway.cli("suppression", "add", phone, "--account", "acme")
        await at.gateway.cli("operator", "resume", "alpha")  # heard after what was changed before it
        await at.smsc.set(answer="now")
        await at.smsc.order("release")
        assert (await at.status(identity, "UNDELIVERABLE"))["reason"] == "opted_out"
        assert at.submits(to=phone) == []


async def test_an_owned_number_is_its_owners(shared: World) -> None:
    number, phone = "+447700906900", "+447700906030"
    await shared.gateway.cli("number", "add", number, "--account", "acme")
    await from_phone(shared, phone, "Hi there", to=number)
    (hook,) = await heard(shared, phone)
    assert (hook.data["to"], hook.data["keyword"], hook.data["replyTo"]) == (number, "HI", None)
    await shared.gateway.cli("number", "add", number, "--account", "other", status=1)
    listed = await shared.gateway.cli("number", "list")
    assert number in listed.out
    assert "acme" in listed.out


async def test_an_owner_comes_before_the_latest_send(shared: World) -> None:
    number, phone = "+447700906901", "+447700906031"
    await shared.gateway.cli("number", "add", number, "--account", "acme")
    identity = await shared.other.sent(to=phone, sender=number)
    await shared.status(identity, "DELIVERED", shared.other)
    await from_phone(shared, phone, "STOP", to=number)
    (hook,) = await heard(shared, phone)
    assert hook.data["replyTo"] is None, "another account's send is nobody else's business"
    assert (await shared.api.send(to=phone)).status == 422
    assert (await shared.other.send(to=phone)).status == 202


async def test_a_shared_number_belongs_to_the_latest_send(shared: World) -> None:
    shared_number, phone = "+447700906902", "+447700906032"
    await shared.status(await shared.other.sent(to=phone, sender=shared_number), "DELIVERED", shared.other)
    latest = await shared.api.sent(to=phone, sender=shared_number)
    await shared.status(latest, "DELIVERED")
    await from_phone(shared, phone, "STOP", to=shared_number)
    (hook,) = await heard(shared, phone)
    assert hook.data["replyTo"] == latest
    assert (await shared.api.send(to=phone)).status == 422
    assert (await shared.other.send(to=phone)).status == 202


async def test_a_keyword_on_a_shared_number(shared: World) -> None:
    short_code = "80808"
    await shared.gateway.cli("number", "add", short_code, "--account", "acme", "--keyword", "pizza")
    await from_phone(shared, "+447700906033", "Pizza please", to=short_code)
    (hook,) = await heard(shared, "+447700906033")
    assert (hook.data["to"], hook.data["keyword"], hook.data["action"]) == (short_code, "PIZZA", None)


async def test_nobodys_message_is_acknowledged_and_counted(shared: World) -> None:
    before = (await shared.gateway.metrics()).value("inbound_messages_total", owned="no")
    await from_phone(shared, "+447700906034", "Anybody there?", to="+447700906903")

    async def look() -> bool:
        return (await shared.gateway.metrics()).value("inbound_messages_total", owned="no") == before + 1

    await shared.until(look, "the message to be counted")


async def test_a_long_inbound_message_is_put_together(shared: World) -> None:
    phone, text = "+447700906035", "Это длинное сообщение 👋 " * 6
    await introduce(shared, phone)
    octets = text.encode("utf-16-be")
    pieces = [octets[at : at + 132] for at in range(0, len(octets), 132)]
    for number in (2, 3, 1):
        header = bytes([5, 0, 3, 77, len(pieces), number])
        hexadecimal = (header + pieces[number - 1]).hex()
        await from_phone(shared, phone, "", hex=hexadecimal, data_coding=8, esm_class=0x40)
    assert len(pieces) == 3
    (hook,) = await heard(shared, phone)
    assert hook.data["body"] == text


async def test_two_equal_answers_are_two(shared: World) -> None:
    phone = "+447700906036"
    await introduce(shared, phone)
    for count in (1, 2):
        await from_phone(shared, phone, "Maybe")
        await heard(shared, phone, count)


async def test_a_repeated_delivery_is_one(fresh: World) -> None:
    """The connection dies while the store is busy with the message, so its answer is never written, and the carrier
    sends it again."""
    phone = "+447700906037"
    await introduce(fresh, phone)
    async with fresh.store.held():
        await fresh.smsc.order("inbound", **{"from": phone[1:], "to": SENDER[1:], "text": "Once"})
        assert (await fresh.gateway.health("live"))[0] == 200, "its loop has turned: the PDU is in hand"
        await fresh.smsc.order("drop")
    await fresh.until(lambda: acknowledged(fresh), "the second copy to be acknowledged")
    await from_phone(fresh, phone, "Twice")
    assert [hook.data["body"] for hook in await heard(fresh, phone, 2)] == ["Once", "Twice"]


async def test_no_reply_where_the_account_wants_none(fresh: World) -> None:
    phone = "+447700906038"
    await fresh.gateway.cli("account", "set", "acme", "stop_replies=false")
    await introduce(fresh, phone)
    await from_phone(fresh, phone, "STOP")
    await heard(fresh, phone)
    assert (await fresh.api.send(to=phone)).status == 422
    other = "+447700906039"
    await introduce(fresh, other)
    assert len(fresh.submits(to=phone)) == 1, (
        "a later message has gone out, a reply would have been before it"
    )


async def test_own_words_in_the_reply(fresh: World) -> None:
    phone = "+447700906040"
    await fresh.gateway.cli("account", "set", "acme", "stop_reply_text=Tschüss, bis bald! 👋")
    await introduce(fresh, phone)
    await from_phone(fresh, phone, "STOP")
    assert (await replies(fresh, phone, 2))[1] == "Tschüss, bis bald! 👋"


async def test_many_at_once(shared: World) -> None:
    """A hundred phones say STOP in one breath: each is suppressed, each gets one reply."""
    phones = [f"+4477009070{at:02}" for at in range(100)]
    await asyncio.gather(*(shared.api.sent("Offer", to=phone) for phone in phones))
    await shared.until(lambda: all(shared.submits(to=phone) for phone in phones), "all offers to be sent")
    for phone in phones:
        await shared.smsc.order("inbound", **{"from": phone[1:], "to": SENDER[1:], "text": "STOP"})
    await shared.until(lambda: all(len(shared.submits(to=phone)) == 2 for phone in phones), "100 replies")
    answers = await asyncio.gather(*(shared.api.send(to=phone) for phone in phones))
    assert {answer.status for answer in answers} == {422}
