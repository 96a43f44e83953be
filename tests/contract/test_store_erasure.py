"""The store's contract: a person's number is erased, and does not come back."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.account import Env
from gateway.domain.erasure import Erased, Erasure
from gateway.domain.event import Event, Settled
from gateway.domain.message import LastError, Message, PartRow, Step
from gateway.domain.outcome import Accepted as Taken
from gateway.domain.send import Accepted, AcceptResult, Refusal, Why
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, ReceiptEffect, Status
from gateway.errors import StoreError
from gateway.ports import DecideMessage, ListQuery, OperatorState, Owner, Store
from tests.contract.conftest import OpenStore
from tests.contract.made import (
    NOW,
    OURS,
    PHONE,
    InboundDecider,
    acceptance,
    after,
    answer,
    changing,
    claimed,
    decide_answers,
    decide_receipt,
    event,
    idempotency_key,
    inbound,
    message,
    receipt,
)
from tests.contract.test_store import found, kept

LAST = b"\xff" * 16
FIRST = bytes(16)
DIGITS = PHONE.removeprefix("+")
OTHER_PHONE = "+447700900999"


def name_of(number: str) -> str:
    return "erased:" + hashlib.sha256(number.encode()).hexdigest()[:32]


NAME = name_of(PHONE)


def asked(account: str | None = None) -> Erasure:
    return Erasure(PHONE, NAME, account, after(60))


@pytest.fixture
async def store(store: Store) -> Store:
    """One that knows the names."""
    store.recognize(name_of)
    return store


async def delivered(store: Store, ref: str = "ref-1", **fields: Any) -> Message:
    """A message with its part, its ref, and a webhook that waits."""
    m = message(attempts=1, part_count=1, **fields)
    await kept(store, m)
    await store.record_answers([answer(m, ref)], decide_answers)
    await store.apply_receipts([receipt(m, ref)], decide_receipt)
    return m


async def everything(store: Store) -> str:
    """All that the store gives back, as text."""
    pages: list[Any] = [await store.messages_by_id(None, FIRST, LAST, 1_000)]
    for account in ("acme", "other"):
        pages.append(await store.inbound_by_id(account, FIRST, 1_000))
        pages.append(await store.webhooks_by_id(account, FIRST, 1_000))
    pages.append(await store.inbound(None, 1_000))
    pages.append(await store.suppressions(None, None, 1_000))
    return repr(pages)


async def why_refused(store: Store, m: Message) -> Why | None:
    """Why a send is refused, None when it is taken."""
    (result,) = await store.accept([acceptance(m)])
    return reason_of(result)


def reason_of(result: AcceptResult) -> Why | None:
    assert isinstance(result, Accepted)
    (item,) = result.items
    return item.why if isinstance(item, Refusal) else None


async def test_a_message_loses_number_and_text_with_all_that_is_its(store: Store, owner: Owner) -> None:
    m = message(
        attempts=1, part_count=1, metadata='{"name":"Ann"}', callback_url=f"https://a.example/{DIGITS}"
    )
    await kept(store, m)
    await store.record_answers([answer(m, "first")], decide_answers)
    m.attempts = 2
    await store.record_answers([answer(m, "second", attempt=2)], decide_answers)
    await store.apply_receipts([receipt(m, "second")], decide_receipt)

    def blamed(m: Message) -> None:
        m.error = LastError("unknown", f"{PHONE} is odd", DIGITS, NOW)

    await store.change([m.id], changing(blamed))
    done = await store.erase(asked())
    assert (done.messages, done.webhooks, done.left) == (1, 2, [])
    view = await store.message(m.id)
    assert view is not None
    assert (view.message.recipient, view.message.body, view.message.metadata) == (NAME, "", None)
    assert view.message.status is Status.DELIVERED
    assert [(row.attempt, row.ref, row.recipient) for row in view.rows] == [
        (1, "first", NAME),
        (2, "second", NAME),
    ]
    stored, _ = await store.webhooks_by_id("acme", FIRST, 10)
    assert {each.state for each in stored} == {"pending"}, "its account is still told"
    assert DIGITS not in await everything(store)
    assert [m.id for m in (await store.messages(_list_of(PHONE))).items] == []
    assert [m.id for m in (await store.messages(_list_of(NAME))).items] == [m.id]


def _list_of(recipient: str) -> ListQuery:
    return ListQuery("acme", Env.LIVE, 10, recipient=recipient)


async def test_webhooks_lose_what_they_told_and_what_was_sent(store: Store, owner: Owner) -> None:
    m = message(status=Status.FAILED, next_at=None, final_at=NOW)
    await kept(store, m)
    data = {"recipient": PHONE, "metadata": '{"name":"Ann"}', "status": "failed", "operator_error": None}
    told = event(m.id, account="acme", data=data, url=f"https://a.example/?to={DIGITS}")
    await store.change([m.id], _adding(told))
    (mine,), _ = await store.due_webhooks(after(1), owner, lambda _: 10, 10)
    dead = Settled(mine.id, False, True, after(2), None, 9, f"to={PHONE}".encode(), f"500 {PHONE}")
    await store.settle_webhooks([dead])
    done = await store.erase(asked())
    assert (done.messages, done.webhooks) == (1, 1)
    ((gone, settled),) = (await store.dead_webhooks("acme", None, 10)).items
    assert gone.data == {"recipient": NAME, "metadata": None, "status": "failed", "operator_error": None}
    assert (gone.body, settled.error) == (None, f"500 {NAME}")
    assert DIGITS not in await everything(store)


def _adding(told: Event) -> DecideMessage:
    """A decision that tells of something."""

    def decide(m: Message, _rows: list[PartRow]) -> Step:
        return Step(m, events=[told])

    return decide


async def test_what_is_not_over_is_left(store: Store, owner: Owner) -> None:
    waiting, mine = message(), claimed(owner)
    await kept(store, waiting, mine)
    sent = message(attempts=1, part_count=1)
    await kept(store, sent)
    await store.record_answers([answer(sent, "ref")], decide_answers)
    done = await store.erase(asked())
    assert (done.messages, set(done.left)) == (0, {waiting.id, mine.id, sent.id})
    assert await found(store, waiting) == waiting


async def test_a_webhook_that_is_being_delivered_is_waited_for(store: Store, owner: Owner) -> None:
    m = await delivered(store)
    events, _ = await store.due_webhooks(after(5), owner, lambda _: 10, 10)
    done = await store.erase(asked())
    assert (done.messages, done.left) == (0, [m.id])
    await store.settle_webhooks(
        [Settled(each.id, False, False, after(6), after(9), 1, PHONE.encode(), None) for each in events]
    )
    done = await store.erase(asked())
    assert (done.messages, done.left) == (1, [])
    (again,), _ = await store.due_webhooks(after(10), owner, lambda _: 10, 10)
    assert again.body is None, "made anew, without the number"
    assert DIGITS not in repr(again)


async def test_an_inbound_message_loses_sender_and_text(store: Store) -> None:
    await delivered(store)
    told = event(FIRST, account="acme", data={"sender": PHONE, "body": "I am Ann", "keyword": "I"})
    (step,) = await store.record_inbound([inbound("I am Ann")], InboundDecider())
    assert step is not None
    await store.record_inbound([inbound("Hello", sender=OTHER_PHONE)], InboundDecider())
    unowned = inbound("Ann again", recipient="+14155550111")
    await store.record_inbound([unowned], InboundDecider())
    waiting = inbound("first half", concat_ref=1, concat_total=2, concat_part=1)
    await store.record_inbound([waiting], InboundDecider())
    done = await store.erase(asked())
    assert done.inbound == 2
    kept_inbound = await store.inbound(None, 10)
    assert sorted((i.sender, i.body) for i in kept_inbound) == [
        (OTHER_PHONE, "Hello"),
        (NAME, ""),
        (NAME, ""),
    ]
    assert await store.flush_inbound(after(900), InboundDecider()) == []
    assert told.data["body"] == "I am Ann"
    text = await everything(store)
    assert DIGITS not in text
    assert "Ann" not in text


async def test_the_webhook_of_an_inbound_message_loses_both(store: Store) -> None:
    decide = InboundDecider()
    (step,) = await store.record_inbound([inbound("I am Ann")], decide)
    assert step is not None
    m = message(status=Status.FAILED, next_at=None, final_at=NOW, recipient=OTHER_PHONE)
    await kept(store, m)
    data = {"sender": PHONE, "recipient": OURS, "body": "I am Ann", "keyword": "i"}
    await store.change([m.id], _adding(event(step.inbound.id, account="acme", data=data)))
    done = await store.erase(asked())
    assert (done.inbound, done.webhooks) == (1, 1)
    (stored,), _ = await store.webhooks_by_id("acme", FIRST, 10)
    assert stored.event.data == {"sender": NAME, "recipient": OURS, "body": "", "keyword": None}


async def test_a_kept_answer_loses_the_number(store: Store) -> None:
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    good = message(recipient=OTHER_PHONE)
    (first,) = await store.accept([acceptance(message(), good, key="k")])
    await store.accept([acceptance(message(recipient="+447700900555"), key="k2")])
    done = await store.erase(asked())
    assert done.results == 1
    again = await store.find_key(idempotency_key("k"), after(5))
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert again.items[1] == first.items[1]
    refusal = again.items[0]
    assert isinstance(refusal, Refusal)
    assert (refusal.why, DIGITS in refusal.detail, NAME in refusal.detail) == (Why.SUPPRESSED, False, True)


async def test_the_list_knows_the_number_by_its_name_alone(store: Store) -> None:
    stop = Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)
    await store.suppress([stop, replace(stop, sub_tenant="shop", env=Env.TEST)])
    done = await store.erase(asked())
    assert done.suppressions == 2
    assert await store.suppressions(None, None, 10) == [
        replace(stop, number=NAME),
        replace(stop, number=NAME, sub_tenant="shop", env=Env.TEST),
    ]
    assert await why_refused(store, message()) is Why.SUPPRESSED
    assert await why_refused(store, message(env=Env.TEST, sub_tenant="shop")) is Why.SUPPRESSED
    assert await why_refused(store, message(env=Env.TEST)) is None
    assert await why_refused(store, message(account="other")) is None
    assert await why_refused(store, message(recipient=OTHER_PHONE)) is None
    assert await why_refused(store, message(bypass=True)) is None


async def test_a_replay_wins_over_an_erased_number(store: Store) -> None:
    m = message()
    (first,) = await store.accept([acceptance(m, key="k")])
    await store.change([m.id], changing(_over))
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    await store.erase(asked())
    (again,) = await store.accept([acceptance(message(), key="k")])
    assert isinstance(first, Accepted)
    assert again == replace(first, replayed=True)


def _over(m: Message) -> None:
    m.status, m.owner, m.next_at, m.final_at = Status.FAILED, None, None, after(1)


async def test_what_is_claimed_for_an_erased_number_is_marked(store: Store, owner: Owner) -> None:
    """A message that came before, and another account's erasure: the gate at dispatch looks, too."""
    m = message(account="acme")
    await kept(store, m)
    await store.suppress([Suppression("acme", Env.LIVE, "", NAME, "stop", NOW)])
    await store.take_commands(owner, NOW)
    batch = await store.claim("alpha", 10, owner, after(1))
    assert [each.suppressed for each in batch.claimed] == [True]


async def test_a_start_lifts_the_name(store: Store) -> None:
    stop = Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)
    await store.suppress([stop, replace(stop, sub_tenant="shop"), replace(stop, account="other")])
    await store.erase(asked())
    lift = InboundDecider(lift=("acme", Env.LIVE, "", PHONE))
    await store.record_inbound([inbound("START")], lift)
    _, context = lift.seen[0]
    assert context.stopped == {("acme", Env.LIVE, ""), ("acme", Env.LIVE, "shop"), ("other", Env.LIVE, "")}
    assert await why_refused(store, message()) is None
    assert await why_refused(store, message(sub_tenant="shop")) is None
    assert await why_refused(store, message(account="other")) is Why.SUPPRESSED


async def test_a_name_is_lifted_by_hand(store: Store) -> None:
    await store.suppress([Suppression("acme", Env.LIVE, "shop", PHONE, "stop", NOW)])
    await store.erase(asked())
    generation = store.generation()
    assert not await store.unsuppress("acme", Env.LIVE, "bank", PHONE)
    assert await store.unsuppress("acme", Env.LIVE, "shop", PHONE)
    assert not await store.unsuppress("acme", Env.LIVE, "shop", PHONE)
    assert store.generation() > generation
    assert await why_refused(store, message(sub_tenant="shop")) is None


async def test_one_accounts_erasure_leaves_the_others_alone(store: Store) -> None:
    mine, theirs = await delivered(store, "ref-1"), await delivered(store, "ref-2", account="other")
    both = [Suppression(account, Env.LIVE, "", PHONE, "stop", NOW) for account in ("acme", "other")]
    await store.suppress(both)
    before = await store.message(theirs.id)
    assert await store.traces(asked("acme")) == {("acme", Env.LIVE)}
    assert await store.traces(asked()) == {("acme", Env.LIVE), ("other", Env.LIVE)}
    done = await store.erase(asked("acme"))
    assert (done.messages, done.suppressions) == (1, 1)
    assert (await found(store, mine)).recipient == NAME
    assert await store.message(theirs.id) == before
    assert {(s.account, s.number) for s in await store.suppressions(None, None, 9)} == {
        ("acme", NAME),
        ("other", PHONE),
    }
    # The other's later receipt is for the number as it stands.
    (late,) = await store.apply_receipts([receipt(theirs, "ref-2", PartState.FAILED)], decide_receipt)
    assert late.effect is ReceiptEffect.REPEATED


async def test_a_second_erasure_finds_nothing(store: Store) -> None:
    await delivered(store)
    await store.record_inbound([inbound("Hello")], InboundDecider())
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    await store.erase(asked())
    before = await everything(store)
    assert await store.erase(asked()) == Erased()
    assert await store.traces(asked()) == frozenset()
    assert await everything(store) == before


async def test_many_messages_take_many_pages(store: Store) -> None:
    messages = [
        message(status=Status.FAILED, next_at=None, final_at=NOW, sender=f"S{n % 3}") for n in range(250)
    ]
    messages[7] = message(next_at=after(5))
    others = [message(recipient=OTHER_PHONE) for _ in range(5)]
    await store.accept([acceptance(*messages, *others)])
    done = await store.erase(asked())
    assert (done.messages, done.left) == (249, [messages[7].id])
    assert [m.recipient for m in [await found(store, each) for each in others]] == [OTHER_PHONE] * 5


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])  # those that another process can open
async def test_a_process_that_was_not_told_the_names_takes_nothing(store: Store, opened: OpenStore) -> None:
    """It could not know whom it must not write to."""
    other = await opened()
    assert await why_refused(other, message()) is None
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    await store.change([m.id for m in (await store.messages(_list_of(PHONE))).items], changing(_over))
    await store.erase(asked())
    ignorant = await opened()
    with pytest.raises(StoreError, match="not told their names"):
        await ignorant.accept([acceptance(message(recipient=OTHER_PHONE))])


# --- what comes late does not bring it back


async def test_a_late_receipt_finds_its_part_by_the_name(store: Store) -> None:
    m = message(attempts=1, part_count=1)
    await kept(store, m)
    await store.record_answers([answer(m, "ref-1")], decide_answers)
    await store.change([m.id], changing(_over))
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    await store.erase(asked())
    known, unknown = await store.apply_receipts([receipt(m, "ref-1"), receipt(m, "nobody's")], decide_receipt)
    assert (known.effect, unknown.effect) == (ReceiptEffect.APPLIED, ReceiptEffect.PARKED)
    view = await store.message(m.id)
    assert view is not None
    assert [(row.state, row.recipient) for row in view.rows] == [(PartState.DELIVERED, NAME)]
    # The one that nobody knows is parked under the name: an answer of a new message does not meet it.
    await store.unsuppress("acme", Env.LIVE, "", PHONE)
    fresh = message(attempts=1, part_count=1)
    await kept(store, fresh)
    (step,) = await store.record_answers([answer(fresh, "nobody's")], decide_answers)
    assert step.message.status is Status.SENT


async def test_a_late_answer_is_kept_by_the_name(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    await store.change([m.id], changing(_over))
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    await store.erase(asked())
    await store.record_answers([answer(m, Taken("late"))], decide_answers)
    assert DIGITS not in await everything(store)
    (applied,) = await store.apply_receipts([receipt(m, "late")], decide_receipt)
    assert applied.effect is ReceiptEffect.APPLIED


async def test_a_number_that_is_written_to_again_is_met_as_any_other(store: Store) -> None:
    await delivered(store)
    await store.suppress([Suppression("other", Env.LIVE, "", PHONE, "stop", NOW)])
    await store.erase(asked())
    assert await why_refused(store, message(account="other")) is Why.SUPPRESSED
    again = await delivered(store, "ref-9")
    assert (await found(store, again)).status is Status.DELIVERED


# --- beside a process that serves


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])  # those that another process can open
async def test_a_serving_process_knows_before_the_erasure_returns(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    """What it has indexed in memory does not come back, and it refuses by the name at once."""
    messages = [message(status=Status.FAILED, next_at=None, final_at=NOW) for _ in range(3)]
    await store.accept([acceptance(*messages, key="k")])
    await store.record_inbound([inbound("Hi")], InboundDecider())  # looks for the latest send: it is indexed
    await store.write_states([OperatorState("alpha", owner.number, after(60), "up", [], 0, 0)])
    command = await opened()
    command.recognize(name_of)
    await command.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    stop = asyncio.Event()
    upkeep = asyncio.create_task(_heed_commands(store, owner, stop))
    done = await command.erase(asked())
    stop.set()
    assert await upkeep == [], "it is no command of the NOC's"
    assert (done.messages, done.inbound) == (3, 1)
    assert await why_refused(store, message()) is Why.SUPPRESSED
    assert DIGITS not in await everything(store)
    decide = InboundDecider()
    await store.record_inbound([inbound("again")], decide)
    assert decide.seen[0][1].prior is None


async def _heed_commands(store: Store, owner: Owner, stop: asyncio.Event) -> list[Any]:
    seen: list[Any] = []
    generation = -1
    while not stop.is_set():
        if store.generation() != generation:
            generation = store.generation()
            seen += await store.take_commands(owner, NOW)
        await asyncio.sleep(0.01)
    return seen


async def test_a_message_without_its_number_is_found_by_its_labels(store: Store) -> None:
    m = await delivered(store, labels=("tag:promo", "user:anna"))
    other = await delivered(store, "ref-2", recipient=OTHER_PHONE, labels=("tag:promo",))
    await store.erase(asked())
    page = (await store.messages(ListQuery("acme", Env.LIVE, 10, labels=("user:anna", "tag:promo")))).items
    assert [(each.id, each.recipient, each.labels) for each in page] == [(m.id, NAME, m.labels)]
    assert await store.labelled("acme", Env.LIVE, ["tag:promo"]) == {"tag:promo": [m.id, other.id]}
    by_name = ListQuery("acme", Env.LIVE, 10, recipient=NAME, labels=("tag:promo",))
    assert [each.id for each in (await store.messages(by_name)).items] == [m.id]
