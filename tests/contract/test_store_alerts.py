"""The store's contract: alerts and their marks, failures by the minute, and terms that were accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from gateway.domain.account import Env
from gateway.domain.agreement import Agreement
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Event
from gateway.domain.message import End, Message, PartRow, Step, end
from gateway.domain.words import PartState, Reason
from gateway.errors import Fenced
from gateway.ports import Mark, Owner, Page, Store
from tests.contract.conftest import OpenStore
from tests.contract.made import (
    NOW,
    acceptance,
    after,
    answer,
    claimed,
    decide_answers,
    decide_receipt,
    event,
    message,
    new_id,
    receipt,
)

LOW = Mark("acme", Env.LIVE, "balance:EUR:5.00")


def alert(at: datetime = NOW, **fields: object) -> Alert:
    """A low balance; `fields` say otherwise."""
    values: dict[str, object] = {
        "id": new_id(at),
        "account": "acme",
        "env": Env.LIVE,
        "kind": AlertKind.LOW_BALANCE,
        "at": at,
        "data": {"balance": "4.99", "threshold": "5.00", "currency": "EUR"},
    }
    return Alert(**(values | fields))  # type: ignore[arg-type]


def hook(told: Alert, owner: int | None = None) -> Event:
    """The webhook event of an alert."""
    return event(told.id, account=told.account, env=told.env, owner=owner)


async def due(store: Store, owner: Owner) -> list[bytes]:
    """The subjects of the webhook events that wait."""
    events, _ = await store.due_webhooks(after(60), owner, lambda _: 100, 100)
    return [each.subject for each in events]


# --- alerts


async def test_an_alert_is_kept_with_its_mark_and_its_webhook_event(store: Store, owner: Owner) -> None:
    told = alert(data={"limit": "country", "what": "a\0b 👋", "count": 3, "more": None})
    assert await store.tell(LOW, told, hook(told))
    assert (await store.alerts("acme", Env.LIVE, None, 10)).items == [told]
    assert await store.marks() == [LOW]
    assert await due(store, owner) == [told.id]


async def test_while_its_mark_stands_nothing_is_told_again(store: Store, owner: Owner) -> None:
    first, again = alert(), alert()
    assert await store.tell(LOW, first, hook(first))
    assert not await store.tell(LOW, again, hook(again))
    assert (await store.alerts("acme", Env.LIVE, None, 10)).items == [first]
    assert await due(store, owner) == [first.id]


async def test_what_is_over_is_told_anew_the_next_time(store: Store) -> None:
    first, again = alert(), alert()
    assert await store.tell(LOW, first, None)
    await store.clear_marks([LOW, LOW, Mark("acme", Env.LIVE, "failures")])
    assert await store.marks() == []
    assert await store.tell(LOW, again, None)
    assert (await store.alerts("acme", Env.LIVE, None, 10)).items == [again, first]
    await store.clear_marks([])
    assert await store.marks() == [LOW]


async def test_each_mark_stands_for_one_thing_of_one_account_and_environment(store: Store) -> None:
    marks = [
        Mark(account, env, subject)
        for account in ("acme", "other")
        for env in Env
        for subject in ("failures", "balance:EUR:5.00", "limit:a\tb")
    ]
    for mark in marks:
        assert await store.tell(mark, alert(account=mark.account, env=mark.env), None)
    assert set(await store.marks()) == set(marks)
    await store.clear_marks(marks[1:])
    assert await store.marks() == marks[:1]


async def test_of_many_who_tell_the_same_at_one_moment_one_wins(
    store: Store, opened: OpenStore, owner: Owner, engine: str
) -> None:
    stores = [store] if engine == "sqlite-memory" else [store, await opened(), await opened()]
    alerts = [alert() for _ in range(12)]
    kept = await asyncio.gather(
        *(stores[n % len(stores)].tell(LOW, each, hook(each)) for n, each in enumerate(alerts))
    )
    assert sum(kept) == 1
    (winner,) = (await store.alerts("acme", Env.LIVE, None, 10)).items
    assert winner == alerts[kept.index(True)]
    assert await due(store, owner) == [winner.id]


@pytest.mark.parametrize("engine", ["postgres"])  # nobody ends the one process of an embedded store
async def test_a_process_that_was_ended_tells_nothing(store: Store, owner: Owner) -> None:
    await store.leave(owner)
    with pytest.raises(Fenced):
        await store.tell(LOW, alert(), None)
    assert await store.marks() == []


async def test_alerts_are_listed_newest_first_and_nobody_sees_anothers(store: Store) -> None:
    mine = [alert(after(n), kind=kind) for n, kind in enumerate(list(AlertKind) * 2)]
    test = alert(after(2.5), env=Env.TEST)
    others = alert(after(9), account="other")
    for n, each in enumerate([*mine, test, others]):
        assert await store.tell(Mark(each.account, each.env, str(n)), each, None)
    newest = mine[::-1]
    assert (await store.alerts("acme", Env.LIVE, None, 10)).items == newest
    assert (await store.alerts("acme", Env.LIVE, None, 2)).items == newest[:2]
    assert (await store.alerts("acme", Env.LIVE, newest[1].id, 2)).items == newest[2:4]
    assert (await store.alerts("acme", Env.TEST, None, 10)).items == [test]
    assert (await store.alerts("acme", None, None, 4)).items == [*newest[:3], test]
    assert (await store.alerts("acme", None, test.id, 10)).items == newest[3:]
    assert (await store.alerts(None, None, None, 2)).items == [others, newest[0]]
    assert await store.alerts("acme", Env.LIVE, None, len(newest)) == Page(newest, None)
    assert await store.alerts(None, Env.TEST, None, 10) == Page([test], None)
    assert await store.alerts(None, Env.TEST, None, 10, looks=2) == Page([], newest[0].id)
    assert await store.alerts(None, Env.TEST, test.id, 10, looks=2) == Page([], mine[1].id)
    assert await store.alerts(None, Env.TEST, others.id, 10, looks=100) == Page([test], None)
    assert (await store.alerts("nobody", None, None, 10)).items == []


async def test_alerts_go_with_retention_and_their_marks_stay(store: Store) -> None:
    old, young = alert(), alert(NOW + timedelta(days=5))
    assert await store.tell(LOW, old, None)
    assert await store.tell(Mark("acme", Env.LIVE, "failures"), young, None)
    assert await store.purge(NOW + timedelta(days=32), 30) == 1
    assert (await store.alerts("acme", Env.LIVE, None, 10)).items == [young]
    assert LOW in await store.marks()


# --- failures


def failing(at: datetime, reason: Reason = Reason.CARRIER_ERROR) -> Callable[[Message, list[PartRow]], Step]:
    """A decision that ends a message undelivered."""

    def decide(m: Message, rows: list[PartRow]) -> Step:
        step = Step(m)
        end(step, End(reason, "in a test"), at)
        return step

    return decide


async def failed(store: Store, count: int, at: datetime = NOW, **fields: object) -> None:
    """So many messages fail at that time."""
    messages = [message(**fields) for _ in range(count)]
    await store.accept([acceptance(*messages)])
    await store.change([m.id for m in messages], failing(at))


async def test_failures_are_counted_by_account_and_minute(store: Store) -> None:
    assert await store.failures(NOW) == {}
    await failed(store, 3)
    await failed(store, 2, after(61))
    await failed(store, 4, account="other")
    await failed(store, 5, env=Env.TEST)
    acme, other, test = ("acme", Env.LIVE), ("other", Env.LIVE), ("acme", Env.TEST)
    assert await store.failures(NOW) == {acme: 5, other: 4, test: 5}
    assert await store.failures(NOW.replace(second=59)) == {acme: 5, other: 4, test: 5}
    assert await store.failures(after(60)) == {acme: 2}
    assert await store.failures(after(120)) == {}


async def test_what_ends_failed_or_undeliverable_counts_as_a_failure(store: Store, owner: Owner) -> None:
    """Not what was sent or delivered, and nothing twice."""
    expired, refused, arrived = claimed(owner), claimed(owner), claimed(owner)
    await store.accept([acceptance(expired, refused, arrived)])
    answers = [answer(refused, "r"), answer(arrived, "a")]
    await store.record_answers(answers, decide_answers)
    assert await store.failures(NOW) == {}
    await store.change([expired.id], failing(NOW, Reason.EXPIRED))
    assert await store.failures(NOW) == {("acme", Env.LIVE): 1}
    no = receipt(refused, "r", PartState.FAILED)
    await store.apply_receipts([no, receipt(arrived, "a")], decide_receipt)
    assert await store.failures(NOW) == {("acme", Env.LIVE): 2}
    await store.apply_receipts([no], decide_receipt)
    await store.change([refused.id], failing(NOW))
    assert await store.failures(NOW) == {("acme", Env.LIVE): 2}


async def test_a_decision_that_fails_counts_nothing(store: Store) -> None:
    first, second = message(), message()
    await store.accept([acceptance(first, second)])

    def decide(m: Message, rows: list[PartRow]) -> Step:
        if m.id == second.id:
            raise ZeroDivisionError
        return failing(NOW)(m, rows)

    with pytest.raises(ZeroDivisionError):
        await store.change([first.id, second.id], decide)
    assert await store.failures(NOW) == {}


async def test_failures_at_one_moment_are_all_counted_whoever_waits_for_whom(
    store: Store, opened: OpenStore, owner: Owner, engine: str
) -> None:
    """Groups of one process add to the same rows, in whatever order their messages come; others' rows are their own."""
    stores = [store]
    if engine != "sqlite-memory":
        stores.append(await opened())
    if engine == "postgres":
        await stores[1].register(NOW, "boot-2")
    names = [f"account-{n}" for n in range(6)]
    messages = [message(account=name) for name in names for _ in range(20)]
    await store.accept([acceptance(*messages)])
    calls = [
        stores[n % len(stores)].change([m.id for m in some], failing(NOW))
        for n, some in enumerate(mixed(messages))
    ]
    await asyncio.gather(*calls)
    assert await store.failures(NOW) == {(name, Env.LIVE): 20 for name in names}


def mixed(messages: list[Message]) -> Iterator[list[Message]]:
    """Groups of some messages of every account, of which every other one begins with the last account."""
    for n in range(20):
        group = messages[n::20]
        yield group[::-1] if n % 2 else group


async def test_counts_of_failures_are_kept_for_two_days(store: Store) -> None:
    await failed(store, 1)
    await failed(store, 2, after(3600))
    await store.purge(NOW + timedelta(days=2), 30)
    assert await store.failures(NOW) == {("acme", Env.LIVE): 3}
    await store.purge(NOW + timedelta(days=2, minutes=1), 30)
    assert await store.failures(NOW) == {("acme", Env.LIVE): 2}


# --- terms


async def test_the_first_time_that_terms_are_accepted_counts(store: Store) -> None:
    first = Agreement("acme", "anna", "2026-01", NOW, "192.0.2.7")
    assert await store.agree(first) == first
    assert await store.agree(Agreement("acme", "anna", "2026-01", after(60), "")) == first
    assert await store.agreed("acme", "anna", "2026-01") == first


async def test_terms_are_accepted_by_one_member_of_one_account_in_one_version(store: Store) -> None:
    await store.agree(Agreement("acme", "anna", "2026-01", NOW, "192.0.2.7"))
    assert await store.agreed("acme", "bert", "2026-01") is None
    assert await store.agreed("acme", "anna", "2026-02") is None
    assert await store.agreed("other", "anna", "2026-01") is None
    new = Agreement("acme", "anna", "2026-02", after(1), "2001:db8::1")
    assert await store.agree(new) == new
    assert await store.agreed("acme", "anna", "2026-02") == new


async def test_what_an_accounts_members_have_accepted_is_listed(store: Store) -> None:
    made = [
        Agreement("acme", member, version, after(n), "192.0.2.7")
        for n, (member, version) in enumerate([("bert", "2"), ("anna", "2"), ("bert", "1"), ("*", "1")])
    ]
    for each in (*made, Agreement("other", "anna", "1", NOW, "")):
        await store.agree(each)
    assert await store.agreements("acme") == [made[3], made[1], made[2], made[0]]
    assert await store.agreements("nobody") == []


async def test_of_many_who_accept_for_one_member_at_one_moment_all_are_told_the_same(store: Store) -> None:
    asked = [Agreement("acme", "anna", "2026-01", after(n), f"192.0.2.{n}") for n in range(8)]
    kept = set(await asyncio.gather(*map(store.agree, asked)))
    assert len(kept) == 1
    assert kept == {await store.agreed("acme", "anna", "2026-01")}


async def test_terms_stay_accepted_whatever_is_purged(store: Store) -> None:
    agreement = Agreement("acme", "anna", "2026-01", NOW, "192.0.2.7")
    await store.agree(agreement)
    await store.purge(NOW + timedelta(days=4000), 30)
    assert await store.agreed("acme", "anna", "2026-01") == agreement
