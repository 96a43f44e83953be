"""A person's number erased, a page per transaction; and the verbs that know an erased number by its name.

Whether any name is on the list is looked up once after each move of the generation. A process hears of a move some
moments later, so the number itself stays on the list until all must have heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from gateway.domain import erasure as domain
from gateway.domain.account import Env
from gateway.domain.erasure import Erased, Erasure
from gateway.domain.message import Answer, Message, PartRow, Step
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.send import Acceptance, AcceptResult
from gateway.ports import (
    ClaimBatch,
    DecideAnswers,
    DecideInbound,
    DecideReceipt,
    InboundStep,
    Owner,
    ReceiptResult,
)
from storage import erased, rows
from storage.acceptance import Suppressed
from storage.erased import MAX_LEFT, PAGE_ROWS, RESULT_ROWS, Names, in_hand
from storage.postgres import accept, dispatch, inbound
from storage.postgres.accounts import bump_generation
from storage.postgres.database import Database
from storage.postgres.generation import LOOK_S
from storage.postgres.groups import Groups
from storage.postgres.money import Slots
from storage.postgres.refs import Refs

HEARD_S = LOOK_S + 1.0
"""After so long every process has heard of a move of the generation, also one whose connection was lost unnoticed."""


class Knowing:
    """The verbs that meet numbers, with the names of the erased ones."""

    def __init__(self, names: Names, generation: Callable[[], int], refs: Refs) -> None:
        self._names = names
        self._generation = generation
        self._refs = refs
        self._slots = Slots()
        self._seen: int | None = None
        self._any = False

    async def accept(self, db: Database, calls: list[Sequence[Acceptance]]) -> list[list[AcceptResult]]:
        """`accept.accept`; a number that was erased is refused by its name."""
        if await self._knows(db):
            calls = erased.refused(calls, await self._suppressed(db, erased.recipients_of(calls)))
        return await accept.accept(db, calls, self._slots)

    async def claim(
        self, db: Database, calls: list[Sequence[dispatch.Ask]], owner: Owner
    ) -> list[ClaimBatch]:
        """`dispatch.claim`; the same."""
        batches = await dispatch.claim(db, calls, owner)
        if await self._knows(db):
            recipients = {claimed.message.recipient for batch in batches for claimed in batch.claimed}
            erased.mark(batches, await self._suppressed(db, recipients))
        return batches

    async def record(
        self, db: Database, calls: list[Sequence[Answer]], decide: DecideAnswers
    ) -> list[list[Step]]:
        """`dispatch.record`; a late answer does not bring a number back."""
        if await self._knows(db):
            wanted = sorted({answer.message_id for call in calls for answer in call})
            found = await db.all("erased_messages", wanted) if wanted else []
            calls = erased.named_answers(calls, {row[0]: row[1] for row in found})
        return await dispatch.record(db, calls, decide, refs=self._refs)

    async def apply(
        self, db: Database, calls: list[Sequence[Receipt]], decide: DecideReceipt
    ) -> list[list[ReceiptResult]]:
        """`Refs.apply`; nor does a late receipt, which finds its part by the name."""
        if await self._knows(db):
            gone = await self._gone(db, {receipt.recipient for call in calls for receipt in call})
            calls = erased.named_receipts(calls, gone)
        return await self._refs.apply(db, calls, decide)

    async def record_inbound(
        self, db: Database, calls: list[Sequence[Inbound]], decide: DecideInbound
    ) -> list[list[InboundStep | None]]:
        """`inbound.record`; a STOP that was told before stays told, and a START lifts what stands by name."""
        if not await self._knows(db):
            return await inbound.record(db, calls, decide)
        by_name = self._names.by_name(each.sender for call in calls for each in call)
        stops = erased.in_full(await db.all("stopped_by_name", sorted(by_name)), by_name)
        results = await inbound.record(db, calls, erased.knowing_stops(decide, stops))
        for result in results:
            for step in result:
                if step is not None and step.lift is not None:
                    await self.lift(db, *step.lift)
        return results

    async def lift(self, db: Database, account: str, env: Env, sub_tenant: str, number: str) -> bool:
        """Take a number off the list by its name; whether it was there."""
        lifted = 0
        for name in self._names.by_name([number]) if await self._knows(db) else ():
            lifted += await db.run("lift_erased", name, account, env.value, sub_tenant)
        if lifted:
            await bump_generation(db)
        return lifted > 0

    async def _knows(self, db: Database) -> bool:
        generation = self._generation()
        if generation != self._seen:
            self._any = await db.one("any_erased") is not None
            self._seen = generation
        return self._any

    async def _suppressed(self, db: Database, numbers: Iterable[str]) -> Suppressed:
        by_name = self._names.by_name(numbers)
        found = await db.all("suppressed", sorted(by_name)) if by_name else []
        return erased.in_full(found, by_name)

    async def _gone(self, db: Database, numbers: Iterable[str]) -> dict[str, str]:
        """The names of those numbers that were erased, and to which no message was sent since."""
        by_name = self._names.by_name(numbers)
        found = await db.all("suppressed", sorted(by_name)) if by_name else []
        known = sorted({row[0] for row in found})
        return {by_name[name]: name for name in known if await db.one("written_to", by_name[name]) is None}


async def traces(db: Database, asked: Erasure) -> frozenset[tuple[str, Env]]:
    """See `Store.traces`."""
    found = await db.all("traces", asked.number)
    return frozenset((row[0], rows.ENVS[row[1]]) for row in found if asked.concerns(row[0]))


async def erase(groups: Groups, erasure: Erasure, owner: Owner | None) -> Erased:
    """See `Store.erase`."""
    done = Erased()
    if await groups.alone(lambda db: _begin(db, erasure)):
        if await groups.alone(lambda db: _others_serve(db, owner)):
            await asyncio.sleep(HEARD_S)
        await _pages(groups, done, _messages, erasure, bytes(16))
        await _pages(groups, done, _inbound, erasure, bytes(16))
    await _pages(groups, done, _results, erasure, b"")
    if not done.left:
        done.add(await groups.alone(lambda db: _end(db, erasure)))
    return done


async def _pages(
    groups: Groups,
    done: Erased,
    page: Callable[[Database, Erasure, bytes], Awaitable[tuple[Erased, bytes | None]]],
    erasure: Erasure,
    first: bytes,
) -> None:
    """Page after page, each a transaction of its own."""
    place: bytes | None = first
    while place is not None and len(done.left) < MAX_LEFT:
        after = place
        more, place = await groups.alone(lambda db: page(db, erasure, after))  # noqa: B023 it is awaited
        done.add(more)


async def _begin(db: Database, erasure: Erasure) -> bool:
    """Put the name on the list beside the number; whether anything stands under the number."""
    if await db.run("name_suppressions", erasure.number, erasure.name, erasure.account):
        await bump_generation(db)
    return bool((await db.one("has_something", erasure.number))[0])


async def _others_serve(db: Database, owner: Owner | None) -> bool:
    return await db.one("others_serve", 0 if owner is None else owner.number) is not None


async def _messages(db: Database, erasure: Erasure, after: bytes) -> tuple[Erased, bytes | None]:
    """One page of messages with all that is theirs; and where the next one begins, if there is one."""
    found = await db.all("messages_to_erase", erasure.number, after, erasure.account, PAGE_ROWS)
    page = [row[0] for row in found]
    locked = [rows.message(row) for row in await db.all("lock_messages", page)] if page else []
    wanted = [(m, beside) for m, beside in locked if m.recipient == erasure.number]
    events = await _events(db, [m.id for m, _ in wanted])
    ready = [(m, beside) for m, beside in wanted if domain.may_erase(m) and not in_hand(events.get(m.id, ()))]
    taken = {m.id for m, _ in ready}
    await _rewrite(db, erasure, ready)
    webhooks = await _rewrite_events(db, erasure, (events.get(m.id, ()) for m, _ in ready))
    done = Erased(messages=len(ready), webhooks=webhooks, left=[m.id for m, _ in wanted if m.id not in taken])
    return done, page[-1] if len(page) == PAGE_ROWS else None


async def _inbound(db: Database, erasure: Erasure, after: bytes) -> tuple[Erased, bytes | None]:
    """One page of what the person has sent."""
    found = await db.all("inbound_from", erasure.number, after, PAGE_ROWS)
    wanted = [row[0] for row in found if erasure.concerns(row[1])]
    events = await _events(db, wanted)
    left = [key for key in wanted if in_hand(events.get(key, ()))]
    ready = [key for key in wanted if not in_hand(events.get(key, ()))]
    if ready:
        await db.run("erase_inbound", ready, erasure.name)
    webhooks = await _rewrite_events(db, erasure, (events.get(key, ()) for key in ready))
    done = Erased(inbound=len(ready), webhooks=webhooks, left=left)
    return done, found[-1][0] if len(found) == PAGE_ROWS else None


async def _results(db: Database, erasure: Erasure, after: bytes) -> tuple[Erased, bytes | None]:
    """Kept answers that name the number; whose they are is not told by their key."""
    page = await db.all("results_page", after, RESULT_ROWS, erasure.number)
    found = [(row[0], erased.erase_result(erasure, row[1])) for row in page if row[1] is not None]
    await db.many("erase_results", found)
    return Erased(results=len(found)), page[-1][0] if len(page) == RESULT_ROWS else None


async def _end(db: Database, erasure: Erasure) -> Erased:
    """When nothing is left: the plain entries of the list, and what is nobody's while nobody has anything."""
    suppressions = await db.run("drop_plain_suppressions", erasure.number, erasure.account)
    if suppressions:
        await bump_generation(db)
    if not (await db.one("has_something", erasure.number))[0]:
        await db.run("erase_inbound_parts", erasure.number, erasure.name)
        await db.run("drop_parked_for", erasure.number)
    return Erased(suppressions=suppressions)


async def _events(db: Database, subjects: Sequence[bytes]) -> dict[bytes, list[Any]]:
    found: dict[bytes, list[Any]] = {}
    for row in await db.all("lock_events_of", sorted(subjects)) if subjects else ():
        found.setdefault(row[1], []).append(row)
    return found


async def _rewrite(db: Database, erasure: Erasure, ready: Sequence[tuple[Message, list[PartRow]]]) -> None:
    wanted = [m.id for m, _ in ready]
    earlier = [rows.part(row) for row in await db.all("parts_of", wanted)] if wanted else []
    refs = sorted(
        {
            (p.operator, p.ref, p.recipient, p.message_id, erasure.name)
            for parts in (earlier, *(beside for _, beside in ready))
            for p in parts
            if p.ref is not None
        }
    )
    table = []
    for message, beside in ready:
        domain.erase_message(erasure, message, beside)
        facts, state = rows.message_row(message)[9], rows.message_state(message, beside)[-1]
        table.append((message.id, message.recipient, facts, state))
    await db.many("erase_messages", table)
    await db.many("drop_refs_by_name", sorted({(ref[0], ref[1], ref[4]) for ref in refs}))
    await db.many("erase_refs", refs)
    await db.many(
        "erase_parts",
        ((p.message_id, p.attempt, p.part, erasure.name, erasure.scrub(p.error)) for p in earlier),
    )


async def _rewrite_events(db: Database, erasure: Erasure, groups: Iterable[Sequence[Any]]) -> int:
    table = []
    for row in (row for group in groups for row in group):
        event = rows.event(row)
        domain.erase_event(erasure, event)
        table.append((event.id, rows.event_row(event)[5], erasure.scrub(row[12])))
    await db.many("erase_events", sorted(table))
    return len(table)
