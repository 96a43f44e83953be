"""The store's contract: messages from phones, whole or in parts, repeated or alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.domain.account import Env
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.domain.words import Status
from gateway.ports import Owner, Store
from tests.contract.made import (
    NOW,
    OURS,
    PHONE,
    InboundDecider,
    acceptance,
    after,
    event,
    inbound,
    message,
    new_id,
)
from tests.contract.test_store import found, kept


async def test_an_inbound_message_is_decided_and_kept(store: Store) -> None:
    decide = InboundDecider()
    (step,) = await store.record_inbound([inbound("Hello")], decide)
    assert step is not None
    assert await store.inbound(None, 10) == [step.inbound]
    assert [got.body for got, _ in decide.seen] == ["Hello"]


async def test_all_that_follows_from_it_is_kept_in_one_commit(store: Store, owner: Owner) -> None:
    reply = message(bypass=True, body="Bye", key_id="reply")
    happened = event(new_id())
    stop = Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)
    decide = InboundDecider(suppress=stop, events=[happened], reply=reply)
    before = store.generation()
    await store.record_inbound([inbound("STOP")], decide)
    assert await store.suppressions("acme", None, 10) == [stop]
    assert store.generation() != before
    assert await found(store, reply) == reply
    events, _ = await store.due_webhooks(after(1), owner, lambda _: 1, 1)
    assert [e.id for e in events] == [happened.id]
    lift = InboundDecider(lift=("acme", Env.LIVE, "", PHONE))
    await store.record_inbound([inbound("START")], lift)
    assert await store.suppressions("acme", None, 10) == []


async def test_the_owner_of_the_number_and_the_prior_send_are_told(store: Store) -> None:
    whole = OwnedNumber(OURS, "", "acme", Env.LIVE, NOW)
    keyword = OwnedNumber(OURS, "JOIN", "other", Env.LIVE, NOW)
    for number in (whole, keyword, OwnedNumber("+14155550199", "", "acme", Env.LIVE, NOW)):
        await store.save_number(number)
    old, new = (
        message(attempts=1),
        message(attempts=1, metadata='{"n":"1"}', account="other", sub_tenant="shop"),
    )
    await kept(
        store, old, new, message(attempts=1, recipient="+447700900999"), message(attempts=1, sender="ACME")
    )
    decide = InboundDecider()
    await store.record_inbound([inbound()], decide)
    ((_, context),) = decide.seen
    assert context.owners == [whole, keyword]
    assert context.prior is not None
    assert (context.prior.message_id, context.prior.account) == (new.id, "other")
    assert (context.prior.sub_tenant, context.prior.metadata) == ("shop", '{"n":"1"}')
    assert context.prior.accepted_at == new.accepted_at


async def test_what_never_reached_the_phone_explains_no_answer(store: Store) -> None:
    await kept(
        store,
        message(),  # no operator has had it yet
        message(attempts=1, env=Env.TEST, operator="simulated"),  # no carrier has
        message(attempts=1, bypass=True),  # the reply to an earlier STOP
        message(attempts=1, status=Status.CANCELED, recipient="+447700900999"),
    )
    decide = InboundDecider()
    await store.record_inbound([inbound(), inbound("again", operator="simulated")], decide)
    assert decide.seen[0][1].prior is None
    prior = decide.seen[1][1].prior
    assert prior is not None
    assert prior.env is Env.TEST


async def test_parts_are_joined_in_order_when_the_last_has_come(store: Store) -> None:
    decide = InboundDecider()

    def part(n: int, body: str) -> object:
        return inbound(body, concat_ref=7, concat_total=3, concat_part=n, at=after(n))

    assert await store.record_inbound([part(3, "c")], decide) == [None]  # type: ignore[list-item]
    (second, first) = await store.record_inbound([part(2, "b"), part(1, "a")], decide)  # type: ignore[list-item]
    assert second is None
    assert first is not None
    assert first.inbound.body == "abc"
    assert await store.inbound(None, 10) == [first.inbound]


async def test_parts_of_another_phone_reference_or_operator_do_not_mix(store: Store) -> None:
    decide = InboundDecider()
    first = inbound("a", concat_ref=7, concat_total=2, concat_part=1)
    others = [
        inbound("b", concat_ref=8, concat_total=2, concat_part=2),
        inbound("b", concat_ref=7, concat_total=2, concat_part=2, sender="+447700900999"),
        inbound("b", concat_ref=7, concat_total=2, concat_part=2, operator="beta"),
        inbound("b", concat_ref=7, concat_total=3, concat_part=2),
    ]
    assert await store.record_inbound([first, *others], decide) == [None] * 5


async def test_octets_of_parts_are_joined_too(store: Store) -> None:
    decide = InboundDecider()
    parts = [
        inbound("", concat_ref=7, concat_total=2, concat_part=n, data=bytes([n]), fingerprint=bytes([n]))
        for n in (2, 1)
    ]
    await store.record_inbound(parts, decide)
    assert [got.data for got, _ in decide.seen] == [b"\x01\x02"]


async def test_a_repetition_of_one_that_was_not_answered_is_dropped(store: Store) -> None:
    decide = InboundDecider()
    yes = inbound("YES")
    await store.record_inbound([yes], decide)
    assert await store.record_inbound([yes], decide) == [None]
    assert len(await store.inbound(None, 10)) == 1


async def test_two_real_answers_stay_two(store: Store) -> None:
    decide = InboundDecider()
    yes = inbound("YES")
    await store.record_inbound([yes], decide)
    await store.answered_inbound([(yes.operator, yes.fingerprint)])
    (second,) = await store.record_inbound([yes], decide)
    assert second is not None
    assert len(await store.inbound(None, 10)) == 2


async def test_equal_fields_from_two_operators_are_two(store: Store) -> None:
    decide = InboundDecider()
    yes = inbound("YES")
    both = [yes, inbound("YES", operator="beta", fingerprint=yes.fingerprint)]
    steps = await store.record_inbound(both, decide)
    assert None not in steps


async def test_a_repeated_part_is_known_also_after_the_join(store: Store) -> None:
    decide = InboundDecider()
    parts = [inbound(str(n), concat_ref=7, concat_total=2, concat_part=n) for n in (1, 2)]
    await store.record_inbound(parts, decide)
    assert await store.record_inbound(parts, decide) == [None, None]
    assert len(decide.seen) == 1
    assert await store.flush_inbound(after(100_000), decide) == []


async def test_a_reference_used_again_begins_the_next_message(store: Store) -> None:
    decide = InboundDecider()

    def part(n: int, body: str) -> object:
        return inbound(body, concat_ref=7, concat_total=2, concat_part=n)

    first = [part(1, "a"), part(1, "x"), part(2, "b"), part(2, "y")]
    await store.record_inbound(first, decide)  # type: ignore[arg-type]
    assert [got.body for got, _ in decide.seen] == ["ab", "xy"]


async def test_parts_that_never_come_leave_a_gap(store: Store) -> None:
    decide = InboundDecider()
    for n, body in ((1, "a"), (4, "d"), (5, "e")):
        await store.record_inbound(
            [inbound(body, concat_ref=7, concat_total=6, concat_part=n, at=after(n))], decide
        )
    assert await store.flush_inbound(after(5), decide) == []  # the last one came just now
    (step,) = await store.flush_inbound(after(6), decide)
    assert step.inbound.body == "a[...]de[...]"
    assert await store.flush_inbound(after(6), decide) == []


async def test_inbound_messages_are_listed_newest_first_by_account(store: Store) -> None:
    await store.save_number(OwnedNumber(OURS, "", "acme", Env.LIVE, NOW))
    decide = InboundDecider()
    mine = [inbound(str(n), at=after(n)) for n in range(3)]
    steps = await store.record_inbound([*mine, inbound("?", recipient="+14155550199")], decide)
    listed = await store.inbound("acme", 2)
    assert listed == [step.inbound for step in steps[2:0:-1] if step is not None]
    assert len(await store.inbound(None, 10)) == 4


async def test_inbound_messages_go_with_retention(store: Store) -> None:
    decide = InboundDecider()
    yes = inbound("YES")
    await store.record_inbound([yes], decide)
    await store.accept([acceptance(message())])
    await store.purge(NOW + timedelta(days=29), 30)
    assert await store.record_inbound([replace(yes, at=NOW + timedelta(days=5))], decide) != [
        None
    ]  # none any more
    assert len(await store.inbound(None, 10)) == 2
    await store.purge(NOW + timedelta(days=36), 30)
    assert await store.inbound(None, 10) == []
