"""A person's number erased, a page per transaction; and the verbs that know an erased number by its name.

Where nobody was erased the verbs are those of the other modules: `Knowing.any` is looked up when the store is opened
and whenever another process says that something has changed (`NocVerbs.take_commands`), never for a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from gateway.domain import erasure as domain
from gateway.domain.account import Env
from gateway.domain.erasure import Erased, Erasure
from gateway.domain.event import Event
from gateway.domain.message import Answer, Message, PartRow, Step
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.send import Acceptance, AcceptResult
from gateway.ports import (
    ClaimBatch,
    DecideAnswers,
    DecideInbound,
    DecideReceipt,
    InboundStep,
    ReceiptResult,
)
from storage import erased, rows
from storage.acceptance import Suppressed
from storage.erased import PAGE_ROWS, RESULT_ROWS, Names, in_hand
from storage.sqlite.accept import Accepting
from storage.sqlite.connections import Writer
from storage.sqlite.dispatch import Ask, Dispatching
from storage.sqlite.inbound import Inbounds
from storage.sqlite.refs import Refs

SETTLE = "settle"
"""The command by which a process that erases or drops asks the serving one to write its late index to the disk."""

SETTLE_WITHIN_S = 15.0
SETTLE_LOOK_S = 0.1
SERVED_S = 10.0
"""How old the word of a serving process may be: it writes one every two seconds."""

Place = tuple[str, int]
"""(sender, number) of a row of `recipients`, for one recipient."""


class Knowing:
    """The verbs that meet numbers, with the names of the erased ones."""

    def __init__(
        self,
        writer: Writer,
        names: Names,
        accepting: Accepting,
        dispatching: Dispatching,
        refs: Refs,
        inbounds: Inbounds,
    ) -> None:
        self._db = writer.database
        self._recipients = writer.recipients
        self._names = names
        self._accepting = accepting
        self._dispatching = dispatching
        self._refs = refs
        self._inbounds = inbounds
        self.any = False
        self.look()

    def look(self) -> None:
        """Whether there is any name on the list now."""
        self.any = self._db.one("any_erased") is not None

    def accept(self, calls: list[Sequence[Acceptance]]) -> list[list[AcceptResult]]:
        """`Accepting.accept`; a number that was erased is refused by its name."""
        if self.any:
            calls = erased.refused(calls, self._suppressed(erased.recipients_of(calls)))
        return self._accepting.accept(calls)

    def claim(self, calls: list[Sequence[Ask]]) -> list[ClaimBatch]:
        """`Dispatching.claim`; the same."""
        batches = self._dispatching.claim(calls)
        if self.any:
            recipients = {claimed.message.recipient for batch in batches for claimed in batch.claimed}
            erased.mark(batches, self._suppressed(recipients))
        return batches

    def record(self, calls: list[Sequence[Answer]], decide: DecideAnswers) -> list[list[Step]]:
        """`Dispatching.record`; a late answer does not bring a number back."""
        if self.any:
            wanted = sorted({answer.message_id for call in calls for answer in call})
            calls = erased.named_answers(calls, dict(self._db.many("erased_messages", wanted)))
        return self._dispatching.record(calls, decide)

    def apply(self, calls: list[Sequence[Receipt]], decide: DecideReceipt) -> list[list[ReceiptResult]]:
        """`Refs.apply`; nor does a late receipt, which finds its part by the name."""
        if self.any:
            calls = erased.named_receipts(calls, self._gone({r.recipient for call in calls for r in call}))
        return self._refs.apply(calls, decide)

    def record_inbound(
        self, calls: list[Sequence[Inbound]], decide: DecideInbound
    ) -> list[list[InboundStep | None]]:
        """`Inbounds.record`; a STOP that was told before stays told, and a START lifts what stands by name."""
        if not self.any:
            return self._inbounds.record(calls, decide)
        by_name = self._names.by_name(inbound.sender for call in calls for inbound in call)
        stops = erased.in_full(self._db.many("stopped_by_name", sorted(by_name)), by_name)
        results = self._inbounds.record(calls, erased.knowing_stops(decide, stops))
        for result in results:
            for step in result:
                if step is not None and step.lift is not None:
                    self.lift(*step.lift)
        return results

    def lift(self, account: str, env: Env, sub_tenant: str, number: str) -> bool:
        """Take a number off the list by its name; whether it was there."""
        lifted = 0
        for name in self._names.by_name([number]) if self.any else ():
            lifted += self._db.run("lift_erased", name, account, env.value, sub_tenant)
        if lifted:
            self._db.run("bump_generation")
            self.look()
        return lifted > 0

    def _suppressed(self, numbers: Iterable[str]) -> Suppressed:
        by_name = self._names.by_name(numbers)
        return erased.in_full(self._db.many("suppressed", sorted(by_name)), by_name)

    def _gone(self, numbers: Iterable[str]) -> dict[str, str]:
        """The names of those numbers that were erased, and to which no message was sent since."""
        by_name = self._names.by_name(numbers)
        known = {row[0] for row in self._db.many("suppressed", sorted(by_name))}
        if known:
            self._recipients.catch_up()
        return {by_name[name]: name for name in known if self._db.one("written_to", by_name[name]) is None}


class Erasures:
    """The pages of an erasure. Each is a transaction of the writer."""

    def __init__(self, writer: Writer) -> None:
        self._db = writer.database
        self._writer = writer

    def settle(self) -> None:
        """Write all of the recipients' index to the disk: what this process remembers of a number would come back."""
        self._writer.recipients.catch_up()
        self._writer.recipients._move_all()

    def traces(self, asked: Erasure) -> frozenset[tuple[str, Env]]:
        """See `Store.traces`."""
        self._writer.recipients.catch_up()
        found = self._db.all("traces", asked.number)
        return frozenset((account, rows.ENVS[env]) for account, env in found if asked.concerns(account))

    def begin(self, erasure: Erasure) -> bool:
        """Put the name on the list beside the number; whether anything stands under the number."""
        self._db.connection.execute(
            "PRAGMA secure_delete = ON"
        ).fetchall()  # what is rewritten leaves no copy
        self.settle()
        if self._db.run("name_suppressions", erasure.number, erasure.name, erasure.account):
            self._db.run("bump_generation")
        return self._has_something(erasure.number)

    def messages(self, erasure: Erasure, after: Place) -> tuple[Erased, Place | None]:
        """One page of messages with all that is theirs; and where the next one begins, if there is one."""
        done = Erased()
        places = self._db.all("places_of", erasure.number, *after, PAGE_ROWS)
        found = self._db.many("messages_by_number", sorted(number for _, number in places))
        wanted = [row for row in found if row[5] == erasure.number and erasure.concerns(row[2])]
        stale = {number for _, number in places} - {row[0] for row in found if row[5] == erasure.number}
        events = self._events(row[1] for row in wanted)
        ready: list[tuple[rows.Row, Message, list[PartRow]]] = []
        for row in wanted:
            message, beside = rows.message(row)
            if domain.may_erase(message) and not in_hand(events.get(message.id, ())):
                ready.append((row, message, beside))
            else:
                done.left.append(message.id)
        self._rewrite(erasure, ready)
        done.messages = len(ready)
        done.webhooks = self._rewrite_events(erasure, (events.get(m.id, ()) for _, m, _ in ready))
        gone = stale | {row[0] for row, _, _ in ready}
        flat = [
            value for sender, number in places if number in gone for value in (erasure.number, sender, number)
        ]
        self._db.many("drop_recipients_of", flat, 3)
        self._writer.recent.clear()
        return done, places[-1] if len(places) == PAGE_ROWS else None

    def inbound(self, erasure: Erasure, after: bytes) -> tuple[Erased, bytes | None]:
        """One page of what the person has sent."""
        done = Erased()
        found = self._db.all("inbound_from", erasure.number, after, PAGE_ROWS)
        wanted = [row for row in found if erasure.concerns(row[6])]
        events = self._events(row[0] for row in wanted)
        done.left = [row[0] for row in wanted if in_hand(events.get(row[0], ()))]
        ready = [row[0] for row in wanted if not in_hand(events.get(row[0], ()))]
        self._db.many("erase_inbound", [value for key in ready for value in (key, erasure.name)], 2)
        done.inbound = len(ready)
        done.webhooks = self._rewrite_events(erasure, (events.get(key, ()) for key in ready))
        return done, found[-1][0] if len(found) == PAGE_ROWS else None

    def results(self, erasure: Erasure, after: int) -> tuple[Erased, int | None]:
        """Kept answers that name the number; whose they are is not told by their key."""
        row = self._db.one("last_result")
        last = 0 if row is None else row[0]
        found = self._db.all("results_with", after, after + RESULT_ROWS, erasure.number)
        flat = [value for number, text in found for value in (number, erased.erase_result(erasure, text))]
        self._db.many("erase_results", flat, 2)
        self._writer.recent.clear()
        return Erased(results=len(found)), after + RESULT_ROWS if after + RESULT_ROWS < last else None

    def end(self, erasure: Erasure) -> Erased:
        """When nothing is left: the plain entries of the list, and what is nobody's while nobody has anything."""
        suppressions = self._db.run("drop_plain_suppressions", erasure.number, erasure.account)
        if suppressions:
            self._db.run("bump_generation")
        if not self._has_something(erasure.number):
            self._db.run("erase_inbound_parts", erasure.number, erasure.name)
            self._db.run("drop_parked_for", erasure.number)
        self._db.connection.execute("PRAGMA secure_delete = OFF").fetchall()
        return Erased(suppressions=suppressions)

    def _has_something(self, number: str) -> bool:
        row = self._db.one("has_something", number)
        return row is not None and bool(row[0])

    # --- the process that serves

    def ask(self, now: datetime) -> int:
        """Ask the serving process to settle; the number of the command."""
        self._db.run("post_command", SETTLE, "", rows.micros(now))
        self._db.run("bump_generation")
        row = self._db.one("last_command")
        assert row is not None
        return int(row[0])

    def is_answered(self, command: int) -> bool:
        """Whether it has done so."""
        row = self._db.one("command_is_taken", command)
        return row is None or bool(row[0])

    # --- rows

    def _events(self, subjects: Iterable[bytes]) -> dict[bytes, list[rows.Row]]:
        found: dict[bytes, list[rows.Row]] = {}
        for row in self._db.many("events_of", sorted(subjects)):
            found.setdefault(row[1], []).append(row)
        return found

    def _rewrite(self, erasure: Erasure, ready: Sequence[tuple[rows.Row, Message, list[PartRow]]]) -> None:
        earlier = [rows.part(row) for row in self._db.many("parts_of", sorted(m.id for _, m, _ in ready))]
        refs = {
            (p.operator, p.ref, p.recipient, p.message_id, erasure.name)
            for parts in (earlier, *(beside for _, _, beside in ready))
            for p in parts
            if p.ref is not None
        }
        flat: list[Any] = []
        places: list[Any] = []
        for row, message, beside in ready:
            domain.erase_message(erasure, message, beside)
            flat += (message.id, message.recipient, rows.message_row(message)[9])
            flat.append(rows.message_state(message, beside)[-1])
            places += (erasure.name, message.sender, row[0])
        self._db.many("erase_messages", flat, 4)
        self._db.many("name_places", places, 3)
        self._db.many("erase_refs", [value for ref in sorted(refs) for value in ref], 5)
        self._db.many(
            "erase_parts",
            [
                value
                for p in earlier
                for value in (p.message_id, erasure.name, p.attempt, p.part, erasure.scrub(p.error))
            ],
            5,
        )

    def _rewrite_events(self, erasure: Erasure, groups: Iterable[Sequence[rows.Row]]) -> int:
        flat: list[Any] = []
        count = 0
        for row in (row for group in groups for row in group):
            event: Event = rows.event(row)
            domain.erase_event(erasure, event)
            flat += (event.id, rows.event_row(event)[5], erasure.scrub(row[12]))
            count += 1
        self._db.many("erase_events", flat, 3)
        return count
