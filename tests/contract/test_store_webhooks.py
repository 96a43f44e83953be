"""The store's contract: webhook events, at least once, in order per subject, fair per destination."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.domain.event import Event, Settled
from gateway.domain.message import Message, PartRow, Step
from gateway.ports import MessageView, Owner, Page, Store
from tests.contract.made import DESTINATION, NOW, after, event, message, new_id
from tests.contract.test_store import kept

ELSEWHERE = "https://slow.example.net"


async def written(store: Store, *events: Event) -> None:
    """Events that the step of some message makes."""
    m = message()
    await kept(store, m)

    def decide(m: Message, rows: list[PartRow]) -> Step | None:
        return Step(m, events=list(events))

    await store.change([m.id], decide)


async def due(store: Store, owner: Owner, at: datetime, room: int = 100, limit: int = 100) -> list[Event]:
    """What is due, with the same room everywhere."""
    events, _ = await store.due_webhooks(at, owner, lambda _: room, limit)
    return events


def delivered(*events: Event) -> Sequence[Settled]:
    return [Settled(e.id, True, False, after(9), None, e.attempts + 1, None, None) for e in events]


def again(e: Event, at: datetime, body: bytes | None = b"{}") -> Settled:
    return Settled(e.id, False, False, after(9), at, e.attempts + 1, body, "500 Internal Server Error")


def dead(e: Event) -> Settled:
    return Settled(e.id, False, True, after(9), None, e.attempts + 1, b"{}", "410 Gone")


async def test_an_event_comes_back_as_it_was_made_and_claimed(store: Store, owner: Owner) -> None:
    e = event(new_id(), data={"message_id": "x", "metadata": None, "attempts": 1, "text": "é👋"})
    await written(store, e)
    (got,) = await due(store, owner, after(1))
    e.owner = owner.number
    assert got == e
    assert await due(store, owner, after(1_000)) == []


async def test_an_event_claimed_by_its_commit_is_not_due(store: Store, owner: Owner) -> None:
    mine = event(new_id(), owner=owner.number)
    await written(store, mine)
    assert await due(store, owner, after(1_000)) == []
    await store.settle_webhooks([again(mine, after(30))])
    (got,) = await due(store, owner, after(30))
    assert (got.id, got.attempts, got.body) == (mine.id, 1, b"{}")


async def test_a_delivered_event_never_comes_again(store: Store, owner: Owner) -> None:
    await written(store, event(new_id()))
    await store.settle_webhooks(delivered(*await due(store, owner, after(1))))
    assert await due(store, owner, after(100_000)) == []
    assert (await store.facts(NOW)).webhooks_waiting == 0


async def test_a_failed_try_comes_again_at_its_time_with_the_same_body(store: Store, owner: Owner) -> None:
    await written(store, event(new_id()))
    (first,) = await due(store, owner, after(1))
    await store.settle_webhooks([again(first, after(60), b'{"a":1}')])
    events, next_at = await store.due_webhooks(after(59), owner, lambda _: 10, 10)
    assert (events, next_at) == ([], after(60))
    (second,) = await due(store, owner, after(60))
    await store.settle_webhooks([again(second, after(90), None)])
    (third,) = await due(store, owner, after(90))
    assert (third.body, third.attempts) == (b'{"a":1}', 2)


async def test_events_of_one_subject_go_one_after_the_other(store: Store, owner: Owner) -> None:
    subject = new_id()
    first, second, third = (event(subject, seq) for seq in (1, 2, 3))
    await written(store, third, second, first)
    for each in (first, second, third):
        (got,) = await due(store, owner, after(1))
        assert got.id == each.id
        assert await due(store, owner, after(1)) == []  # in delivery: the next one waits
        await store.settle_webhooks(delivered(got))


async def test_a_later_event_waits_for_an_earlier_one_that_fails_until_it_is_dead(
    store: Store, owner: Owner
) -> None:
    subject = new_id()
    first = event(subject, owner=owner.number)
    await written(store, first)
    await written(store, event(subject, 2))
    await store.settle_webhooks([again(first, after(60))])
    assert await due(store, owner, after(59)) == []
    (retried,) = await due(store, owner, after(60))
    assert retried.id == first.id
    await store.settle_webhooks([dead(retried)])
    (second,) = await due(store, owner, after(61))
    assert second.seq == 2


async def test_events_that_may_not_go_yet_do_not_hide_those_that_may(store: Store, owner: Owner) -> None:
    blocked = [new_id() for _ in range(30)]
    firsts = [event(subject, owner=owner.number) for subject in blocked]
    await written(store, *firsts)
    await written(store, *(event(subject, 2) for subject in blocked))
    free = event(new_id(), at=after(5))
    await written(store, free)
    assert [e.id for e in await due(store, owner, after(6), room=3)] == [free.id]


async def test_a_destination_gets_no_more_than_its_room(store: Store, owner: Owner) -> None:
    await written(store, *(event(new_id()) for _ in range(5)))
    await written(store, *(event(new_id(), destination=ELSEWHERE) for _ in range(5)))
    rooms = {DESTINATION: 2, ELSEWHERE: 4}
    events, _ = await store.due_webhooks(after(1), owner, lambda d: rooms[d], 100)
    assert [e.destination for e in events].count(DESTINATION) == 2
    assert [e.destination for e in events].count(ELSEWHERE) == 4


async def test_a_full_destination_holds_up_nobody(store: Store, owner: Owner) -> None:
    await written(store, *(event(new_id()) for _ in range(500)))
    last = event(new_id(), destination=ELSEWHERE, at=after(50))
    await written(store, last)
    events, next_at = await store.due_webhooks(after(60), owner, lambda d: int(d == ELSEWHERE), 100)
    assert [e.id for e in events] == [last.id]
    assert next_at is None


async def test_a_limit_says_that_there_is_more_now(store: Store, owner: Owner) -> None:
    await written(store, *(event(new_id()) for _ in range(5)))
    events, next_at = await store.due_webhooks(after(1), owner, lambda _: 10, 3)
    assert (len(events), next_at) == (3, after(1))
    assert len(await due(store, owner, after(1))) == 2


async def test_the_earliest_of_all_destinations_is_the_next(store: Store, owner: Owner) -> None:
    await written(store, event(new_id(), at=after(90)), event(new_id(), at=after(70), destination=ELSEWHERE))
    events, next_at = await store.due_webhooks(after(1), owner, lambda _: 10, 10)
    assert (events, next_at) == ([], after(70))


async def test_racing_claims_never_get_the_same_event(store: Store, owner: Owner) -> None:
    await written(store, *(event(new_id()) for _ in range(20)))
    claims = await asyncio.gather(*(due(store, owner, after(1), room=7) for _ in range(4)))
    got = [e.id for claim in claims for e in claim]
    assert len(got) == len(set(got)) == 20


async def test_dead_events_are_listed_newest_first_and_replayed(store: Store, owner: Owner) -> None:
    mine, theirs = event(new_id()), event(new_id(), account="other")
    await written(store, mine, theirs)
    await store.settle_webhooks([dead(e) for e in await due(store, owner, after(1))])
    listed = await store.dead_webhooks(None, None, 10)
    assert ([e.id for e, _ in listed.items], listed.before) == ([theirs.id, mine.id], None)
    assert [e.id for e, _ in (await store.dead_webhooks("acme", None, 10)).items] == [mine.id]
    _, how = listed.items[1]
    assert how == Settled(mine.id, False, True, after(9), None, 1, b"{}", "410 Gone")
    assert (await store.facts(NOW)).webhooks_dead == 2
    assert await store.replay_webhooks([mine.id, new_id()], after(100)) == 1
    (back,) = await due(store, owner, after(100))
    assert (back.id, back.attempts, back.body) == (mine.id, 0, b"{}")
    assert await store.replay_webhooks(None, after(100)) == 1
    assert [e.id for e in await due(store, owner, after(100))] == [theirs.id]
    assert await store.dead_webhooks(None, None, 10) == Page([], None)


async def test_an_accounts_dead_events_are_looked_for_among_some_of_all(store: Store, owner: Owner) -> None:
    events = [event(new_id(), account="acme" if n in (0, 7) else "other") for n in range(12)]
    await written(store, *events)
    await store.settle_webhooks([dead(e) for e in await due(store, owner, after(1), room=100)])
    newest_first = sorted((e.id for e in events), reverse=True)
    first = await store.dead_webhooks("acme", None, 10, looks=3)
    assert first == Page([], newest_first[2])
    for account, wanted in (("acme", [events[7].id, events[0].id]), (None, newest_first)):
        for limit, looks in ((1, 3), (2, 1), (5, 5), (10, 100), (12, 12)):
            found: list[bytes] = []
            before: bytes | None = None
            while True:
                page = await store.dead_webhooks(account, before, limit, looks)
                assert len(page.items) <= limit
                found += [e.id for e, _ in page.items]
                before = page.before
                if before is None:
                    break
            assert found == wanted


async def with_events(store: Store, m: Message, *events: Event) -> MessageView:
    """A message that moved at `after(2)` and ended at `after(30)`, with these events."""
    await kept(store, m)

    def decide(m: Message, rows: list[PartRow]) -> Step | None:
        m.processed_at, m.final_at, m.events = after(2), after(30), len(events)
        return Step(m, events=list(events))

    await store.change([m.id], decide)
    view = await store.message(m.id)
    assert view is not None
    return view


async def test_the_events_of_a_message_are_told_in_each_state(store: Store, owner: Owner) -> None:
    others = [event(new_id(after(seconds)), id=new_id(after(seconds))) for seconds in (1, 2, 2, 30, 31)]
    await written(store, *others)
    m = message()
    first, second = event(m.id, 1, id=new_id(after(2))), event(m.id, 2, id=new_id(after(30)))
    view = await with_events(store, m, second, first)

    async def told() -> list[tuple[int, str, datetime | None, str | None, int]]:
        found = await store.message_webhooks(view)
        assert {each.event.subject for each in found} == {m.id}
        return [(e.event.seq, e.state, e.settled_at, e.error, e.event.attempts) for e in found]

    waits = (2, "pending", None, None, 0)
    assert await told() == [(1, "pending", None, None, 0), waits]
    await due(store, owner, after(1))
    assert await told() == [(1, "claimed", None, None, 0), waits]
    await store.settle_webhooks([again(first, after(60))])
    assert await told() == [(1, "pending", None, "500 Internal Server Error", 1), waits]
    assert [e.next_at for e in await store.message_webhooks(view)] == [after(60), after(60)]
    first.attempts = 1
    await store.settle_webhooks(delivered(first))
    arrived = (1, "delivered", after(9), "500 Internal Server Error", 2)
    assert await told() == [arrived, waits]
    await due(store, owner, after(60))
    await store.settle_webhooks([dead(second)])
    assert await told() == [arrived, (2, "dead", after(9), "410 Gone", 1)]
    assert await store.message_webhooks(await with_events(store, message())) == []


async def test_a_settled_event_is_found_that_was_made_later_than_its_message_ended(
    store: Store, owner: Owner
) -> None:
    m = message()
    made = event(m.id, id=new_id(after(95)), owner=owner.number)
    view = await with_events(store, m, made)
    await store.settle_webhooks(delivered(made))
    (found,) = await store.message_webhooks(view)
    assert (found.event.id, found.state) == (made.id, "delivered")


async def test_what_a_dead_process_was_delivering_is_due_again(store: Store, owner: Owner) -> None:
    claimed_late, claimed_at_birth = event(new_id()), event(new_id(), owner=owner.number)
    await written(store, claimed_late, claimed_at_birth)
    await due(store, owner, after(1))
    heir = await store.register(after(2), "boot-2")
    await store.recover(heir, None, lambda recovery: Step(recovery.message), after(3))
    assert {e.id for e in await due(store, heir, after(3))} == {claimed_late.id, claimed_at_birth.id}


async def test_settled_events_go_with_retention_and_waiting_ones_stay(store: Store, owner: Owner) -> None:
    gone, kept_ = event(new_id()), event(new_id(), at=after(60))
    await written(store, gone, kept_)
    await store.settle_webhooks(delivered(*await due(store, owner, after(1))))
    await store.purge(NOW + timedelta(days=31), 30)
    assert await store.replay_webhooks([gone.id], NOW) == 0
    assert [e.id for e in await due(store, owner, after(60))] == [kept_.id]
