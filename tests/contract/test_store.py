"""The store's contract: messages in, look-ups, life. Dispatch, receipts, webhooks, inbound and accounts stand beside.

Written against `gateway.ports.Store` for any engine.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from gateway.domain.account import Env
from gateway.domain.message import FINAL, LastError, Message, PartRow, Step
from gateway.domain.money import Allowance, Charge
from gateway.domain.send import Accepted, FieldError, KeyConflict, Refusal, Taken, Why
from gateway.domain.suppression import Suppression
from gateway.domain.words import Priority, Reason, Status
from gateway.ports import ListQuery, Owner, Store
from tests.contract.made import (
    NOW,
    OURS,
    PHONE,
    acceptance,
    after,
    answer,
    changing,
    decide_answers,
    decide_receipt,
    idempotency_key,
    message,
    new_id,
    receipt,
)


async def kept(store: Store, *messages: Message) -> None:
    """Accept them, one request each."""
    await store.accept([acceptance(m) for m in messages])


async def found(store: Store, m: Message) -> Message:
    """The message as the store has it."""
    view = await store.message(m.id)
    assert view is not None
    return view.message


# --- what is kept


async def test_a_message_comes_back_as_it_was_accepted(store: Store) -> None:
    m = message()
    assert await store.accept([acceptance(m)]) == [
        Accepted([Taken(m.id, Status.QUEUED, 1, m.accepted_at)], replayed=False)
    ]
    view = await store.message(m.id)
    assert view is not None
    assert view.message == m
    assert view.rows == []


async def test_every_field_of_a_message_is_kept(store: Store) -> None:
    m = message(
        env=Env.TEST,
        priority=Priority.MARKETING,
        sub_tenant="shop",
        message_class=0,
        concat_ref=65_535,
        callback_url="https://example.com/a?b=c",
        metadata='{"a":"1"}',
        key_id="key_1",
        request_id="req-1",
        traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
        scheduled_at=after(60),
        bypass=True,
        charge=Charge(Decimal("0.0375"), Decimal("0.0125"), "EUR", refundable=True),
        labels=("tag:promo", "user:anna"),
        status=Status.UNDELIVERABLE,
        reason=Reason.ABSENT,
        operator=None,
        route=None,
        attempts=3,
        tries=2,
        tried=("alpha", "beta"),
        since=2,
        part_count=4,
        doubt=True,
        owner=7,
        token=9,
        next_at=after(1),
        processed_at=after(2),
        final_at=after(3),
        error=LastError("absent", "receipt: 027", "027", after(4)),
        events=5,
    )
    await store.accept([replace(acceptance(m), allowance=Allowance(credit=Decimal(1)))])
    assert await found(store, m) == m


async def test_a_bulk_of_500_is_kept_in_order_beside_its_refusals(store: Store) -> None:
    refusal = Refusal(Why.INVALID_RECIPIENT, "not a number", (FieldError("/messages/3/to", "not E.164"),))
    items: list[Message | Refusal] = [message(body=str(n)) if n % 5 else refusal for n in range(500)]
    (result,) = await store.accept([acceptance(*items, key="bulk")])
    assert isinstance(result, Accepted)
    for item, got in zip(items, result.items, strict=True):
        assert got == (
            item if isinstance(item, Refusal) else Taken(item.id, item.status, 1, item.accepted_at)
        )
    page = (await store.messages(ListQuery("acme", Env.LIVE, 1000))).items
    assert {m.id for m in page} == {m.id for m in items if isinstance(m, Message)}


async def test_an_unknown_message_is_none(store: Store) -> None:
    assert await store.message(new_id()) is None


# --- idempotency


async def test_a_repeated_key_gives_the_first_answer_and_keeps_nothing(store: Store) -> None:
    first, second = message(), message()
    refusal = Refusal(Why.INVALID, "no", (FieldError("/x", "y"),))
    (one,) = await store.accept([acceptance(first, refusal, key="k")])
    (two,) = await store.accept([acceptance(second, key="k")])
    assert isinstance(one, Accepted)
    assert two == replace(one, replayed=True)
    assert await store.message(second.id) is None


async def test_a_replay_shows_the_status_of_then(store: Store) -> None:
    m = message(status=Status.SCHEDULED, scheduled_at=after(60), next_at=after(60))
    (first,) = await store.accept([acceptance(m, key="k")])
    await store.change([m.id], changing(lambda m: setattr(m, "status", Status.CANCELED)))
    (again,) = await store.accept([acceptance(message(), key="k")])
    assert isinstance(first, Accepted)
    assert again == replace(first, replayed=True)


async def test_a_key_for_another_body_or_path_is_a_conflict(store: Store) -> None:
    await store.accept([acceptance(message(), key="k", body="one")])
    other = message()
    assert await store.accept([acceptance(other, key="k", body="two")]) == [KeyConflict()]
    elsewhere = acceptance(other)
    elsewhere.key = idempotency_key("k", "one", path="/v1/sms/bulk")
    assert await store.accept([elsewhere]) == [KeyConflict()]
    assert await store.message(other.id) is None


async def test_two_requests_with_one_key_in_one_batch_are_one(store: Store) -> None:
    m = [message() for _ in range(3)]
    results = await store.accept(
        [
            acceptance(m[0], key="k"),
            acceptance(m[1], key="k"),
            acceptance(m[2], key="k", body="another"),
        ]
    )
    assert [type(r) for r in results] == [Accepted, Accepted, KeyConflict]
    first, second = results[0], results[1]
    assert isinstance(first, Accepted)
    assert second == replace(first, replayed=True)
    assert await store.message(m[1].id) is None


async def test_racing_requests_with_one_key_keep_one_message(store: Store) -> None:
    messages = [message() for _ in range(20)]
    results = await asyncio.gather(*(store.accept([acceptance(m, key="k")]) for m in messages))
    answers = [result for (result,) in results if isinstance(result, Accepted)]
    assert len(answers) == 20
    assert sum(not result.replayed for result in answers) == 1
    taken = {item.message_id for result in answers for item in result.items if isinstance(item, Taken)}
    assert len(taken) == 1
    assert len((await store.messages(ListQuery("acme", Env.LIVE, 100))).items) == 1


async def test_a_request_of_which_nothing_was_taken_does_not_use_its_key(store: Store) -> None:
    refusal = Refusal(Why.BODY_EMPTY, "write something")
    await store.accept([acceptance(refusal, key="k")])
    m = message()
    (result,) = await store.accept([acceptance(m, key="k", body="corrected")])
    assert result == Accepted([Taken(m.id, Status.QUEUED, 1, m.accepted_at)])


async def test_a_key_lives_48_hours(store: Store) -> None:
    await store.accept([acceptance(message(), key="k")])
    (still,) = await store.accept([acceptance(message(), key="k", at=NOW + timedelta(hours=47, minutes=59))])
    assert isinstance(still, Accepted)
    assert still.replayed
    late = message()
    (new,) = await store.accept([acceptance(late, key="k", at=NOW + timedelta(hours=48))])
    assert isinstance(new, Accepted)
    assert not new.replayed
    (later,) = await store.accept([acceptance(message(), key="k", at=NOW + timedelta(hours=50))])
    assert later == replace(new, replayed=True)


async def test_find_key_tells_what_a_key_stands_for(store: Store) -> None:
    m = message()
    (first,) = await store.accept([acceptance(m, key="k")])
    assert isinstance(first, Accepted)
    assert await store.find_key(idempotency_key("k"), NOW) == replace(first, replayed=True)
    assert await store.find_key(idempotency_key("k", "other"), NOW) == KeyConflict()
    assert await store.find_key(idempotency_key("new"), NOW) is None
    assert await store.find_key(idempotency_key("k"), NOW + timedelta(hours=48)) is None


# --- suppression at acceptance


def stopped(account: str = "acme", env: Env = Env.LIVE, sub_tenant: str = "") -> Suppression:
    """`PHONE` on a list."""
    return Suppression(account, env, sub_tenant, PHONE, "stop", NOW)


async def test_a_suppressed_recipient_is_refused_and_the_others_are_not(store: Store) -> None:
    await store.suppress([stopped()])
    bad, good = message(), message(recipient="+447700900999")
    (result,) = await store.accept([acceptance(bad, good, key="k")])
    assert isinstance(result, Accepted)
    refusal, taken = result.items
    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.SUPPRESSED
    assert f"{PHONE} is on your suppression list" in refusal.detail
    assert isinstance(taken, Taken)
    assert await store.message(bad.id) is None


async def test_a_suppression_counts_in_its_own_account_environment_and_sub_tenant(store: Store) -> None:
    await store.suppress([stopped(sub_tenant="shop")])
    results = await store.accept(
        [
            acceptance(message(sub_tenant="shop")),
            acceptance(message(sub_tenant="bank")),
            acceptance(message()),
            acceptance(message(account="other", sub_tenant="shop")),
            acceptance(message(env=Env.TEST, sub_tenant="shop")),
        ]
    )
    kinds = [type(item) for result in results if isinstance(result, Accepted) for item in result.items]
    assert kinds == [Refusal, Taken, Taken, Taken, Taken]


async def test_a_suppression_of_the_account_counts_for_its_sub_tenants(store: Store) -> None:
    await store.suppress([stopped()])
    (result,) = await store.accept([acceptance(message(sub_tenant="shop"))])
    assert isinstance(result, Accepted)
    assert isinstance(result.items[0], Refusal)


async def test_a_replay_wins_over_a_suppression(store: Store) -> None:
    (first,) = await store.accept([acceptance(message(), key="k")])
    await store.suppress([stopped()])
    (again,) = await store.accept([acceptance(message(), key="k")])
    assert isinstance(first, Accepted)
    assert again == replace(first, replayed=True)


async def test_the_reply_to_a_stop_passes(store: Store) -> None:
    await store.suppress([stopped()])
    m = message(bypass=True)
    await kept(store, m)
    assert await found(store, m) == m


# --- lists


async def test_a_page_is_newest_first_and_goes_on_before_the_last_id(store: Store) -> None:
    messages = [message(accepted_at=after(n)) for n in range(7)]
    await kept(store, *messages)
    first = await store.messages(ListQuery("acme", Env.LIVE, 3))
    assert [m.id for m in first.items] == [m.id for m in messages[:3:-1]]
    assert first.before == messages[4].id
    second = await store.messages(ListQuery("acme", Env.LIVE, 4, before=first.before))
    assert [m.id for m in second.items] == [m.id for m in messages[3::-1]]
    assert second.before is None, "it is full, and the last one"


async def test_a_page_holds_what_the_filters_say(store: Store) -> None:
    mine = message(sub_tenant="shop", status=Status.SENT, accepted_at=after(5))
    await kept(
        store,
        mine,
        message(account="other"),
        message(env=Env.TEST),
        message(recipient="+447700900999", status=Status.SENT),
        message(sub_tenant="bank"),
    )
    everything = {m.id for m in (await store.messages(ListQuery("acme", Env.LIVE, 10))).items}
    assert len(everything) == 3

    async def listed(**filters: Any) -> list[bytes]:
        query = replace(ListQuery("acme", Env.LIVE, 10), **filters)
        return [m.id for m in (await store.messages(query)).items]

    assert await listed(status=frozenset({Status.SENT, Status.FAILED}), recipient=PHONE) == [mine.id]
    assert await listed(sub_tenant="shop") == [mine.id]
    assert await listed(created_after=after(5)) == [mine.id]
    assert len(await listed(created_before=after(4))) == 2
    assert await listed(recipient=PHONE, created_after=after(5), sub_tenant="shop") == [mine.id]
    assert await listed(status=frozenset({Status.FAILED})) == []
    assert await listed(recipient=PHONE, before=mine.id, sub_tenant="shop") == []


async def test_a_page_of_some_statuses_is_the_page_of_all_without_the_others(store: Store) -> None:
    """Wherever an engine looks for them: among all, the open ones or the rare ends."""
    statuses = [*Status, *reversed(Status)]
    messages = [
        message(
            status=status,
            accepted_at=after(n),
            final_at=after(n) if status in FINAL else None,
            next_at=None if status in FINAL else NOW,
        )
        for n, status in enumerate(statuses)
    ]
    strangers = [message(account="other", status=status) for status in (Status.SENT, Status.FAILED)]
    await kept(store, *messages, *strangers)
    every = (subset for size in range(1, 1 + len(Status)) for subset in combinations(Status, size))
    for wanted in map(frozenset, every):
        expected = [m.id for m in reversed(messages) if m.status in wanted]
        query = ListQuery("acme", Env.LIVE, 3, status=wanted)
        assert [m.id for m in (await store.messages(query)).items] == expected[:3]
        later = replace(query, limit=20, before=messages[9].id, created_after=after(2))
        assert [m.id for m in (await store.messages(later)).items] == [
            m.id for m in reversed(messages[2:9]) if m.status in wanted
        ]
    moved = messages[statuses.index(Status.QUEUED)]
    await store.change([moved.id], changing(lambda m: setattr(m, "status", Status.SENT)))
    found_now = await store.messages(ListQuery("acme", Env.LIVE, 20, status=frozenset({Status.SENT})))
    assert moved.id in [m.id for m in found_now.items]


async def test_both_ends_of_a_time_range_belong_to_it_to_the_millisecond(store: Store) -> None:
    m = message()  # at .123456
    await kept(store, m)
    shown = NOW.replace(microsecond=123_000)
    query = ListQuery("acme", Env.LIVE, 10, created_after=shown, created_before=shown)
    assert [each.id for each in (await store.messages(query)).items] == [m.id]
    before_it = replace(query, created_after=None, created_before=shown - timedelta(milliseconds=1))
    after_it = replace(query, created_after=shown + timedelta(milliseconds=1), created_before=None)
    for other in (before_it, after_it):
        assert (await store.messages(other)).items == []


# --- change, overdue, purge, facts


async def test_change_gives_message_and_parts_and_writes_what_was_decided(store: Store, owner: Owner) -> None:
    m = message(attempts=1)
    await kept(store, m)
    await store.record_answers([answer(m, "ref-1")], decide_answers)
    seen: list[tuple[Message, list[PartRow]]] = []

    def decide(m: Message, rows: list[PartRow]) -> Step | None:
        seen.append((m, rows))
        m.route = "changed"
        return Step(m)

    (step,) = await store.change([m.id], decide)
    assert step is not None
    assert step.message.route == "changed"
    assert [row.ref for row in seen[0][1]] == ["ref-1"]
    assert (await found(store, m)).route == "changed"


async def test_a_suppression_is_kept_with_the_end_that_it_follows_from(store: Store) -> None:
    m = message()
    await kept(store, m)

    def decide(m: Message, rows: list[PartRow]) -> Step | None:
        return Step(m, suppress=stopped())

    await store.change([m.id], decide)
    (again,) = await store.accept([acceptance(message())])
    assert isinstance(again, Accepted)
    assert [item.why for item in again.items if isinstance(item, Refusal)] == [Why.SUPPRESSED]


async def test_change_of_nothing_leaves_everything(store: Store) -> None:
    m = message()
    await kept(store, m)

    def decide(m: Message, rows: list[PartRow]) -> Step | None:
        m.route = "forgotten"
        return None

    assert await store.change([m.id, new_id()], decide) == [None, None]
    assert await found(store, m) == m


async def test_overdue_are_waiting_and_sent_messages_past_their_validity(store: Store, owner: Owner) -> None:
    short = {"expires_at": after(60)}
    waiting, sent = message(**short), message(status=Status.SENT, next_at=None, **short)
    scheduled = message(status=Status.SCHEDULED, **short)
    await kept(
        store,
        waiting,
        sent,
        scheduled,
        message(),
        message(owner=owner.number, next_at=None, **short),
        message(status=Status.DELIVERED, next_at=None, final_at=NOW, **short),
    )
    assert await store.overdue(after(59), 10) == []
    assert set(await store.overdue(after(60), 10)) == {waiting.id, sent.id, scheduled.id}
    assert len(await store.overdue(after(60), 2)) == 2


async def test_purge_drops_final_messages_past_retention_with_all_that_is_theirs(store: Store) -> None:
    old = message(attempts=1, part_count=1)
    fresh = message(accepted_at=NOW + timedelta(days=2), attempts=1, part_count=1, recipient="+447700900999")
    open_ = message(expires_at=NOW + timedelta(days=90))
    await store.accept([acceptance(old, key="k"), acceptance(fresh), acceptance(open_)])
    for m, ref in ((old, "a"), (fresh, "b")):
        await store.record_answers([answer(m, ref)], decide_answers)
        await store.apply_receipts([receipt(m, ref)], decide_receipt)
    late = NOW + timedelta(days=31)
    assert await store.purge(late, 30) == 2  # the message and the key
    assert await store.message(old.id) is None
    assert (await found(store, fresh)).status is Status.DELIVERED
    assert (await found(store, open_)).status is Status.QUEUED
    # Its ref is free again: a receipt for it finds nothing.
    (unknown,) = await store.apply_receipts([receipt(old, "a")], decide_receipt)
    assert unknown.step is None
    assert await store.find_key(idempotency_key("k"), NOW) is None
    assert await store.purge(late, 30) == 1  # that receipt, parked for longer than any carrier waits
    assert await store.purge(late, 30) == 0


async def test_facts_count_what_waits(store: Store, owner: Owner) -> None:
    empty = await store.facts(NOW)
    assert (empty.waiting, empty.oldest_waiting_at, empty.in_doubt) == (0, None, 0)
    await kept(
        store, message(next_at=after(5)), message(next_at=after(9)), message(owner=owner.number, next_at=None)
    )
    facts = await store.facts(after(10))
    assert facts.waiting == 2
    assert facts.oldest_waiting_at == after(5)
    (queue,) = facts.queues
    assert (queue.priority, queue.waiting, queue.oldest_at) == (message().priority, 2, after(5))
    assert (await store.facts(after(4))).oldest_waiting_at is None
    await store.apply_receipts([receipt(message(), "unknown")], decide_receipt)
    assert (await store.facts(NOW)).parked_receipts == 1


async def test_probe_commits(store: Store) -> None:
    await store.probe()
    await store.probe()


async def test_a_prior_decision_that_raises_fails_its_own_call_alone(store: Store, owner: Owner) -> None:
    good, bad = message(attempts=1, sender=OURS), message(attempts=1)
    await kept(store, good, bad)

    def broken(m: Message, rows: list[PartRow]) -> Step | None:
        raise ZeroDivisionError

    results = await asyncio.gather(
        store.change([good.id], changing(lambda m: setattr(m, "route", "moved"))),
        store.change([bad.id], broken),
        store.accept([acceptance(message())]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [list, ZeroDivisionError, list]
    assert (await found(store, good)).route == "moved"
    assert await found(store, bad) == bad
