"""The store's contract: pages by id for exports, and the end of a day's messages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.domain import cdr
from gateway.domain.account import Env
from gateway.domain.words import PartState, Status
from gateway.errors import Conflict
from gateway.ports import Owner, Store
from tests.contract.made import (
    NOW,
    InboundDecider,
    acceptance,
    after,
    answer,
    decide_answers,
    decide_receipt,
    event,
    inbound,
    message,
    new_id,
    receipt,
)
from tests.contract.test_store import found, kept
from tests.contract.test_store_webhooks import written

LAST = b"\xff" * 16
DAY = NOW.date()
FIRST = bytes(16)


async def test_pages_by_id_hold_each_message_once_in_order(store: Store) -> None:
    messages = [message(accepted_at=after(n), account=f"a{n % 2}") for n in range(5)]
    await kept(store, *messages)
    seen: list[bytes] = []
    last = FIRST
    while page := await store.messages_by_id(None, last, LAST, 2):
        assert len(page) <= 2
        last = page[-1].message.id
        seen += [view.message.id for view in page]
    assert seen == [m.id for m in messages]
    assert await store.statuses_by_id(FIRST, LAST, 10) == [(m.id, m.status) for m in messages]
    assert await store.statuses_by_id(messages[1].id, messages[3].id, 10) == [
        (messages[2].id, messages[2].status)
    ]


async def test_a_page_of_an_account_holds_its_environments_messages_alone(store: Store) -> None:
    live, test, other = message(), message(env=Env.TEST), message(account="other")
    await kept(store, live, test, other)
    for env, wanted in ((Env.LIVE, live), (Env.TEST, test)):
        page = await store.messages_by_id(("acme", env), FIRST, LAST, 10)
        assert [view.message for view in page] == [wanted]


async def test_a_message_comes_with_the_parts_of_all_attempts(store: Store, owner: Owner) -> None:
    m = message(attempts=1)
    await kept(store, m)
    await store.record_answers([answer(m, "first")], decide_answers)
    m.attempts = 2
    await store.record_answers([answer(m, "second", attempt=2)], decide_answers)
    (view,) = await store.messages_by_id(None, FIRST, LAST, 10)
    whole = await store.message(m.id)
    assert whole is not None
    assert sorted((row.attempt, row.ref) for row in view.rows) == [(1, "first"), (2, "second")]
    assert view.message == whole.message


async def test_a_day_is_cut_at_midnight_utc(store: Store) -> None:
    midnight = cdr.end_of(DAY)
    last = message(accepted_at=midnight - timedelta(milliseconds=1))
    first = message(accepted_at=midnight)
    await kept(store, last, first)

    async def of(day: date) -> list[bytes]:
        return [message_id for message_id, _ in await store.statuses_by_id(*cdr.bounds(day), 10)]

    assert await of(DAY) == [last.id]
    assert await of(DAY + timedelta(days=1)) == [first.id]
    assert await of(DAY - timedelta(days=1)) == []


async def test_inbound_messages_and_webhooks_come_by_account_and_id(store: Store, owner: Owner) -> None:
    await kept(store, message(attempts=1, operator="alpha"))
    events = [event(FIRST, account="acme"), event(FIRST, seq=2, account="other")]
    decide = InboundDecider(events=events)
    (step,) = await store.record_inbound([inbound("Привет\0")], decide)
    assert step is not None
    step.events = []
    (kept_inbound,) = await store.inbound(None, 10)
    account = kept_inbound.account or ""
    assert account == "acme"
    assert await store.inbound_by_id("acme", FIRST, 10) == [kept_inbound]
    assert await store.inbound_by_id("acme", kept_inbound.id, 10) == []
    assert await store.inbound_by_id("other", FIRST, 10) == []
    (stored,), after_it = await store.webhooks_by_id("acme", FIRST, 10)
    assert after_it is None
    assert (stored.event, stored.state, stored.settled_at, stored.error) == (events[0], "pending", None, None)
    assert await store.webhooks_by_id("acme", stored.event.id, 10) == ([], None)


async def test_an_accounts_events_are_looked_for_among_some_of_all(store: Store) -> None:
    events = [event(new_id(), account="acme" if n in (3, 11) else "other") for n in range(12)]
    await written(store, *events)
    everyone = sorted(e.id for e in events)
    assert await store.webhooks_by_id("acme", FIRST, 10, looks=3) == ([], everyone[2])
    for account, wanted in (("acme", [events[3].id, events[11].id]), ("nobody", [])):
        for limit, looks in ((1, 1), (1, 5), (2, 3), (10, 12), (10, 100)):
            seen: list[bytes] = []
            last: bytes | None = FIRST
            while last is not None:
                page, last = await store.webhooks_by_id(account, last, limit, looks)
                seen += [each.event.id for each in page]
            assert seen == wanted


async def test_a_dropped_day_takes_its_parts_and_refs_and_no_other_day(store: Store, owner: Owner) -> None:
    recipient = "+447700900777"
    gone = [message(attempts=1, part_count=1, accepted_at=after(n)) for n in range(3)]
    stays = message(
        accepted_at=NOW + timedelta(days=1), attempts=1, part_count=1, recipient=recipient, next_at=None
    )
    await kept(store, *gone, stays)
    for n, m in enumerate((*gone, stays)):
        await store.record_answers([answer(m, f"ref-{n}")], decide_answers)
        await store.apply_receipts([receipt(m, f"ref-{n}")], decide_receipt)
    told: list[int] = []
    assert await store.drop_day(DAY, told.append) == 3
    assert told[-1] == 3
    assert await store.message(gone[0].id) is None
    assert (await found(store, stays)).status is Status.DELIVERED
    assert await store.drop_day(DAY, told.append) == 0
    # What follows for a message that is no more changes nothing.
    (late,) = await store.apply_receipts([receipt(gone[0], "ref-0", PartState.FAILED)], decide_receipt)
    assert late.step is None


async def test_a_day_with_something_unfinished_is_not_dropped(store: Store) -> None:
    final = message(status=Status.FAILED, next_at=None, final_at=after(5))
    await kept(store, final, message(accepted_at=after(1)), message(accepted_at=after(2)))
    with pytest.raises(Conflict, match="2 message"):
        await store.drop_day(DAY, print)
    assert await found(store, final) == final


async def test_a_day_without_messages_is_dropped_at_once(store: Store) -> None:
    assert await store.drop_day(DAY - timedelta(days=400), print) == 0


async def test_the_message_of_a_dropped_day_may_be_written_again(store: Store) -> None:
    """A clock that was set back: the day is there again."""
    m = message(status=Status.FAILED, next_at=None, final_at=after(5))
    await kept(store, m)
    assert await store.drop_day(DAY, print) in (0, 1)
    again = message(accepted_at=after(9))
    await store.accept([acceptance(again)])
    assert await found(store, again) == again
