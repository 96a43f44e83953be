"""The embedded store: `gateway.ports.Store` on one SQLite file (or in memory, for unit tests)."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from gateway.domain.account import Account, Env, Key
from gateway.domain.agreement import Agreement
from gateway.domain.alert import Alert
from gateway.domain.erasure import Erased, Erasure
from gateway.domain.event import Event, Settled
from gateway.domain.message import Answer, Message, Step
from gateway.domain.money import Balance, Booked, Entry, Flaw
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.send import Acceptance, AcceptResult, IdempotencyKey
from gateway.domain.suppression import NameOf, OwnedNumber, StoredInbound, Suppression
from gateway.domain.words import Priority, Role, Status
from gateway.errors import StoreError, StoreUnavailable
from gateway.ports import (
    BindShare,
    ClaimBatch,
    Command,
    DecideAnswers,
    DecideInbound,
    DecideMessage,
    DecideReceipt,
    DecideRecovery,
    Held,
    InboundStep,
    LedgerQuery,
    ListQuery,
    Mark,
    MessageView,
    OperatorState,
    Owner,
    Page,
    Peer,
    Process,
    ReceiptResult,
    StoredEvent,
    StoreFacts,
)
from storage.batcher import Batcher, OnCommit
from storage.erased import MAX_LEFT, Names
from storage.matching import EquivalentRefs, no_equivalents
from storage.sqlite import erasure as erasing
from storage.sqlite import files
from storage.sqlite.accept import Accepting
from storage.sqlite.accounts import Accounts
from storage.sqlite.alerts import Alerts
from storage.sqlite.connections import Generation, Readers, Writer
from storage.sqlite.database import READER_PRAGMAS, connect
from storage.sqlite.dispatch import Dispatching
from storage.sqlite.erasure import Erasures, Knowing
from storage.sqlite.exports import Days, Exports, snapshot
from storage.sqlite.inbound import Inbounds
from storage.sqlite.lookups import Lookups
from storage.sqlite.messages import Messages
from storage.sqlite.money import Ledger
from storage.sqlite.noc import Noc, Purge
from storage.sqlite.refs import Refs
from storage.sqlite.webhooks import Webhooks

Result = TypeVar("Result")

RECOVER_ROWS = 500
"""Messages of one transaction of the recovery."""

GATHER_S = 0.002
"""How long a batch waits for company under load. Measured with single messages at random times, writer's CPU per
message: 1,500/s 109 us without and 75 us with it, 3,000/s 46 us and 38 us; at 300/s it hardly ever applies."""


class SqliteStore:
    """All verbs. Those that write go through the batcher, questions to the readers."""

    def __init__(
        self,
        path: Path | None,
        *,
        on_commit: OnCommit | None = None,
        equivalent_refs: EquivalentRefs = no_equivalents,
    ) -> None:
        self.path = path
        self._equivalent_refs = equivalent_refs
        self._batcher = Batcher(self._connect, gather_s=GATHER_S, on_commit=on_commit)
        self._lock = None if path is None else files.ServeLock(path)
        self._readers: Readers | None = None
        self._watcher: sqlite3.Connection | None = None
        self._names = Names()
        self._serves = False

    # --- life

    async def open(self) -> None:
        """Open the store, made or migrated when it is empty or old. Raises `StoreUnavailable`, `SchemaTooNew`."""
        try:
            await self._batcher.open()
        except BaseException:
            self._drop_lock()
            raise
        if self.path is not None:
            self._readers = Readers(self.path)
            self._watcher = connect(self.path, READER_PRAGMAS)
        self._generation = Generation(self._watcher or self._writer.connection, alone=self._watcher is None)

    async def close(self) -> None:
        """Finish what was asked, then close; the serving process's lock is freed last."""
        if self._readers is not None:
            await asyncio.to_thread(self._readers.close)
            self._readers = None
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        await self._batcher.close()
        self._drop_lock()

    def _connect(self) -> Writer:
        """The batcher's engine with the verbs on its connection; runs in the writer's thread."""
        self._writer = Writer(self.path)
        database = self._writer.database
        messages = Messages(database, self._writer.recent, self._writer.recipients)
        refs = Refs(database, messages, self._equivalent_refs)
        self._accounts = Accounts(database)
        self._accepting = Accepting(database, messages, self._writer.digests)
        self._dispatching = Dispatching(database, messages, refs)
        self._refs = refs
        self._webhooks = Webhooks(database)
        self._inbounds = Inbounds(database, messages, self._accounts)
        self._ledger = Ledger(database)
        self._noc = Noc(database)
        self._purge = Purge(database, self._writer.recent)
        self._days = Days(database, self._writer.recent)
        self._lookups = Lookups(database)
        self._alerts = Alerts(database, messages)
        self._erasures = Erasures(self._writer)
        self._knowing = Knowing(
            self._writer, self._names, self._accepting, self._dispatching, refs, self._inbounds
        )
        return self._writer

    def _drop_lock(self) -> None:
        if self._lock is not None:
            self._lock.drop()

    async def _alone(self, act: Callable[[], Result]) -> Result:
        """Something that joins no other call of its kind, in a transaction that may be shared."""
        result: Result = await self._batcher.call(_each, [act])
        return result

    async def _ask(self, question: Callable[[Lookups], Result]) -> Result:
        if self._readers is not None:
            return await self._readers.ask(question)
        return await self._alone(lambda: question(self._lookups))

    async def _export(self, question: Callable[[Exports], Result]) -> Result:
        if self._readers is not None:
            return await self._readers.with_connection(lambda connection: snapshot(connection, question))
        return await self._alone(lambda: question(Exports(self._writer.database)))

    async def register(
        self,
        now: datetime,
        boot_id: str,
        roles: Collection[Role] = tuple(Role),  # noqa: ARG002 it has no peers to tell
    ) -> Owner:
        """See `Store.register`."""
        if self._lock is not None:
            self._lock.take()
        owner = await self._alone(lambda: self._noc.register(boot_id, now))
        await self._alone(self._writer.gather_late_indexes)
        await self._alone(self._knowing.look)
        self._serves = True
        return owner

    async def renew(self, owner: Owner) -> float:  # noqa: ARG002 the port's
        """See `Store.renew`. Nobody else serves this store while the lock is held: the lease never ends."""
        return math.inf

    async def leave(self, owner: Owner) -> None:
        """See `Store.leave`. The next one that serves looks at what every earlier one has left."""

    async def peers(self, owner: Owner) -> list[Peer]:  # noqa: ARG002 the port's
        """See `Store.peers`: nobody else serves."""
        return []

    async def share_binds(
        self,
        owner: Owner,  # noqa: ARG002 the port's
        binds: Mapping[str, int],
        given_back: Collection[tuple[str, int]],  # noqa: ARG002 the port's
    ) -> Mapping[str, BindShare]:
        """See `Store.share_binds`: the one that serves has all."""
        return {name: BindShare(frozenset(range(count)), count) for name, count in binds.items()}

    async def dead_owners(self) -> list[Process]:
        """See `Store.dead_owners`: all but the one that serves."""
        return await self._ask(lambda lookups: lookups.noc.earlier_processes())

    async def fence(self, owner: Owner, of: Sequence[int]) -> None:
        """See `Store.fence`: who does not hold the lock writes nothing."""

    async def recover(
        self,
        owner: Owner,
        journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
        decide: DecideRecovery,
        now: datetime,
        of: Sequence[int] | None = None,  # noqa: ARG002 all of them are dead
    ) -> int:
        """See `Store.recover`."""

        def verb(calls: list[Sequence[bytes]]) -> list[int]:
            return self._dispatching.recover(calls, owner, journal, decide)

        await self._alone(lambda: self._webhooks.free(owner, now))
        held = await self._ask(lambda lookups: lookups.held_by_others(owner.number))
        counts = [
            await self._batcher.call(verb, held[start : start + RECOVER_ROWS])
            for start in range(0, len(held), RECOVER_ROWS)
        ]
        await self._alone(lambda: self._noc.forget_others(owner))
        return sum(counts)

    async def held(self, owner: Owner) -> Held:
        """See `Store.held`. Calls are told in their order: the probe's turn is after all that it shows."""
        found = await self._ask(lambda lookups: lookups.held(owner))
        await self.probe()
        return found

    async def probe(self) -> None:
        """See `Store.probe`."""
        await self._alone(self._noc.probe)

    def generation(self) -> int:
        """See `Store.generation`."""
        return self._generation()

    async def facts(self, now: datetime) -> StoreFacts:
        """See `Store.facts`."""
        return await self._ask(lambda lookups: lookups.facts(now))

    async def purge(self, now: datetime, retention_days: int) -> int:
        """See `Store.purge`. Many short transactions, so that nobody waits for it."""
        cutoff = now - timedelta(days=retention_days)
        dropped, after = 0, b""
        while True:
            last = after
            count, after = await self._alone(lambda: self._purge.final_messages(last, cutoff))  # noqa: B023
            dropped += count
            if not count:
                break
        while count := await self._alone(lambda: self._purge.old_rows(now, cutoff)):
            dropped += count
        return dropped

    # --- messages in

    async def accept(self, acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
        """See `Store.accept`."""
        results: list[AcceptResult] = await self._batcher.call(self._knowing.accept, acceptances)
        return results

    async def find_key(self, key: IdempotencyKey, now: datetime) -> AcceptResult | None:
        """See `Store.find_key`."""
        result: AcceptResult | None = await self._batcher.call(self._accepting.find_key, [(key, now)])
        return result

    # --- dispatch

    async def claim(
        self,
        operator: str | None,
        limit: int,
        owner: Owner,
        now: datetime,
        classes: Sequence[Priority] = tuple(Priority),
    ) -> ClaimBatch:
        """See `Store.claim`."""
        ask = (operator, limit, owner, now, classes)
        batch: ClaimBatch = await self._batcher.call(self._knowing.claim, [ask])
        return batch

    async def waiting(self, operator: str | None, after: bytes, limit: int) -> list[Message]:
        """See `Store.waiting`."""
        return await self._ask(lambda lookups: lookups.waiting(operator, after, limit))

    async def waiting_operators(self) -> list[tuple[str | None, int]]:
        """See `Store.waiting_operators`."""
        return await self._ask(lambda lookups: lookups.waiting_operators())

    async def reassign(self, moves: Sequence[tuple[bytes, str | None, str | None, str | None]]) -> int:
        """See `Store.reassign`."""
        count: int = await self._batcher.call(self._dispatching.reassign, moves)
        return count

    async def record_answers(self, answers: Sequence[Answer], decide: DecideAnswers) -> list[Step]:
        """See `Store.record_answers`."""
        steps: list[Step] = await self._batcher.call(self._knowing.record, answers, decide)
        return steps

    async def change(self, ids: Sequence[bytes], decide: DecideMessage) -> list[Step | None]:
        """See `Store.change`."""
        steps: list[Step | None] = await self._batcher.call(self._dispatching.change, ids, decide)
        return steps

    async def overdue(self, now: datetime, limit: int) -> list[bytes]:
        """See `Store.overdue`."""
        return await self._ask(lambda lookups: lookups.overdue(now, limit))

    # --- from carriers

    async def apply_receipts(self, receipts: Sequence[Receipt], decide: DecideReceipt) -> list[ReceiptResult]:
        """See `Store.apply_receipts`."""
        results: list[ReceiptResult] = await self._batcher.call(self._knowing.apply, receipts, decide)
        return results

    async def match_doubt(self, decide: DecideReceipt, now: datetime) -> list[ReceiptResult]:
        """See `Store.match_doubt`."""
        results: list[ReceiptResult] = await self._batcher.call(self._refs.match_doubt, [now], decide)
        return results

    async def record_inbound(
        self, inbounds: Sequence[Inbound], decide: DecideInbound
    ) -> list[InboundStep | None]:
        """See `Store.record_inbound`."""
        steps: list[InboundStep | None] = await self._batcher.call(
            self._knowing.record_inbound, inbounds, decide
        )
        return steps

    async def answered_inbound(self, answered: Sequence[tuple[str, bytes]]) -> None:
        """See `Store.answered_inbound`."""
        if answered:
            await self._batcher.call(self._inbounds.answered, answered)

    async def flush_inbound(self, before: datetime, decide: DecideInbound) -> list[InboundStep]:
        """See `Store.flush_inbound`."""
        steps: list[InboundStep] = await self._batcher.call(self._inbounds.flush, [before], decide)
        return steps

    # --- webhooks

    async def due_webhooks(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        """See `Store.due_webhooks`. `room` is called in the writer's thread."""
        found: tuple[list[Event], datetime | None] = await self._batcher.call(
            self._webhooks.due, [(now, owner, room, limit)]
        )
        return found

    async def settle_webhooks(self, settled: Sequence[Settled]) -> None:
        """See `Store.settle_webhooks`."""
        await self._batcher.call(self._webhooks.settle, settled)

    async def dead_webhooks(self, account: str | None, limit: int) -> list[tuple[Event, Settled]]:
        """See `Store.dead_webhooks`."""
        return await self._ask(lambda lookups: lookups.dead_webhooks(account, limit))

    async def replay_webhooks(self, ids: Sequence[bytes] | None, now: datetime) -> int:
        """See `Store.replay_webhooks`."""
        count: int = await self._batcher.call(self._webhooks.replay, [(ids, now)])
        return count

    # --- look-ups

    async def message(self, message_id: bytes) -> MessageView | None:
        """See `Store.message`."""
        return await self._ask(lambda lookups: lookups.message(message_id))

    async def messages(self, query: ListQuery) -> Page[Message, bytes]:
        """See `Store.messages`."""
        return await self._ask(lambda lookups: lookups.messages(query))

    async def inbound(self, account: str | None, limit: int) -> list[StoredInbound]:
        """See `Store.inbound`."""
        return await self._ask(lambda lookups: lookups.inbound(account, limit))

    # --- exports

    async def messages_by_id(
        self, of: tuple[str, Env] | None, after: bytes, until: bytes, limit: int
    ) -> list[MessageView]:
        """See `Store.messages_by_id`."""
        return await self._export(lambda exports: exports.messages(of, after, until, limit))

    async def statuses_by_id(self, after: bytes, until: bytes, limit: int) -> list[tuple[bytes, Status]]:
        """See `Store.statuses_by_id`."""
        return await self._export(lambda exports: exports.statuses(after, until, limit))

    async def inbound_by_id(self, account: str, after: bytes, limit: int) -> list[StoredInbound]:
        """See `Store.inbound_by_id`."""
        return await self._export(lambda exports: exports.inbound(account, after, limit))

    async def webhooks_by_id(self, account: str, after: bytes, limit: int) -> list[StoredEvent]:
        """See `Store.webhooks_by_id`."""
        return await self._export(lambda exports: exports.webhooks(account, after, limit))

    async def drop_day(self, day: date, on_dropped: Callable[[int], None]) -> int:
        """See `Store.drop_day`. Many short transactions, so that nobody waits for it."""
        await self._alone(lambda: self._days.check_final(day))
        await self._alone(self._erasures.settle)
        await self._settle_elsewhere(datetime.now(UTC))
        dropped = 0
        while count := await self._alone(lambda: self._days.drop(day)):
            dropped += count
            on_dropped(dropped)
        return dropped

    # --- erasure

    def recognize(self, name_of: NameOf) -> None:
        """See `Store.recognize`."""
        self._names.of = name_of

    async def traces(self, asked: Erasure) -> frozenset[tuple[str, Env]]:
        """See `Store.traces`."""
        return await self._alone(lambda: self._erasures.traces(asked))

    async def erase(self, asked: Erasure) -> Erased:
        """See `Store.erase`."""
        done = Erased()
        if await self._alone(lambda: self._begin_erasure(asked)):
            await self._settle_elsewhere(asked.at)
            await self._pages(done, self._erasures.messages, asked, ("", 0))
            await self._pages(done, self._erasures.inbound, asked, b"")
        await self._pages(done, self._erasures.results, asked, 0)
        if not done.left:
            done.add(await self._alone(lambda: self._erasures.end(asked)))
        return done

    def _begin_erasure(self, erasure: Erasure) -> bool:
        found = self._erasures.begin(erasure)
        self._knowing.look()
        return found

    async def _pages(
        self,
        done: Erased,
        page: Callable[[Erasure, Any], tuple[Erased, Any | None]],
        erasure: Erasure,
        first: Any,
    ) -> None:
        """Page after page, each a transaction of its own."""
        place: Any | None = first
        while place is not None and len(done.left) < MAX_LEFT:
            after = place
            more, place = await self._alone(lambda: page(erasure, after))  # noqa: B023 it is awaited
            done.add(more)

    async def _settle_elsewhere(self, now: datetime) -> None:
        """Where another process serves this store: have it write down what it remembers of numbers, and look again
        for names. Raises `StoreUnavailable` when it lives and does not."""
        if self._serves or not await self._is_served(now):
            return
        command = await self._alone(lambda: self._erasures.ask(now))
        for look in range(round(erasing.SETTLE_WITHIN_S / erasing.SETTLE_LOOK_S)):
            if await self._alone(lambda: self._erasures.is_answered(command)):
                return
            if not await self._is_served(now + timedelta(seconds=look * erasing.SETTLE_LOOK_S)):
                return  # it has ended
            await asyncio.sleep(erasing.SETTLE_LOOK_S)
        raise StoreUnavailable(
            "the gateway that serves this store does not heed commands: look at its log, then try again"
        )

    async def _is_served(self, now: datetime) -> bool:
        since = now - timedelta(seconds=erasing.SERVED_S)
        return any(state.at >= since for state in await self.states())

    # --- accounts

    async def save_account(self, account: Account) -> None:
        """See `Store.save_account`."""
        await self._alone(lambda: self._accounts.save_account(account))

    async def accounts(self) -> list[Account]:
        """See `Store.accounts`."""
        return await self._ask(lambda lookups: lookups.accounts.accounts())

    async def save_key(self, key: Key) -> None:
        """See `Store.save_key`."""
        await self._alone(lambda: self._accounts.save_key(key))

    async def key(self, digest: bytes) -> Key | None:
        """See `Store.key`."""
        return await self._ask(lambda lookups: lookups.accounts.key(digest))

    async def keys(self, account: str | None) -> list[Key]:
        """See `Store.keys`."""
        return await self._ask(lambda lookups: lookups.accounts.keys(account))

    async def save_number(self, number: OwnedNumber) -> None:
        """See `Store.save_number`."""
        await self._alone(lambda: self._accounts.save_number(number))

    async def numbers(self) -> list[OwnedNumber]:
        """See `Store.numbers`."""
        return await self._ask(lambda lookups: lookups.accounts.numbers())

    async def remove_number(self, number: str, keyword: str) -> bool:
        """See `Store.remove_number`."""
        return await self._alone(lambda: self._accounts.remove_number(number, keyword))

    async def suppress(self, suppressions: Sequence[Suppression]) -> None:
        """See `Store.suppress`."""
        await self._alone(lambda: self._accounts.suppress(suppressions))

    async def unsuppress(self, account: str, env: Env, sub_tenant: str, number: str) -> bool:
        """See `Store.unsuppress`."""

        def verb() -> bool:
            plain = self._accounts.unsuppress(account, env, sub_tenant, number)
            return self._knowing.lift(account, env, sub_tenant, number) or plain

        return await self._alone(verb)

    async def suppressions(
        self, account: str | None, since: datetime | None, limit: int
    ) -> list[Suppression]:
        """See `Store.suppressions`."""
        return await self._ask(lambda lookups: lookups.accounts.suppressions(account, since, limit))

    # --- labels

    async def labelled(self, account: str, env: Env, labels: Sequence[str]) -> dict[str, list[bytes]]:
        """See `Store.labelled`."""
        return await self._ask(lambda lookups: lookups.labels.labelled(account, env, labels))

    async def count_labelled(self, account: str, env: Env, label: str) -> dict[Status, int]:
        """See `Store.count_labelled`."""
        return await self._ask(lambda lookups: lookups.labels.count(account, env, label))

    # --- alerts

    async def tell(self, mark: Mark, alert: Alert, event: Event | None) -> bool:
        """See `Store.tell`."""
        return await self._alone(lambda: self._alerts.tell(mark, alert, event))

    async def clear_marks(self, marks: Sequence[Mark]) -> None:
        """See `Store.clear_marks`."""
        await self._alone(lambda: self._alerts.clear_marks(marks))

    async def marks(self) -> list[Mark]:
        """See `Store.marks`."""
        return await self._ask(lambda lookups: lookups.alerts.marks())

    async def alerts(
        self, account: str | None, env: Env | None, before: bytes | None, limit: int
    ) -> list[Alert]:
        """See `Store.alerts`."""
        return await self._ask(lambda lookups: lookups.alerts.alerts(account, env, before, limit))

    async def failures(self, since: datetime) -> dict[tuple[str, Env], int]:
        """See `Store.failures`."""
        return await self._ask(lambda lookups: lookups.failures.since(since))

    # --- terms

    async def agree(self, agreement: Agreement) -> Agreement:
        """See `Store.agree`."""
        return await self._alone(lambda: self._accounts.agree(agreement))

    async def agreed(self, account: str, member: str, version: str) -> Agreement | None:
        """See `Store.agreed`."""
        return await self._ask(lambda lookups: lookups.accounts.agreed(account, member, version))

    async def agreements(self, account: str) -> list[Agreement]:
        """See `Store.agreements`."""
        return await self._ask(lambda lookups: lookups.accounts.agreements(account))

    # --- money

    async def book(self, entries: Sequence[Entry]) -> list[Booked]:
        """See `Store.book`."""
        booked: list[Booked] = await self._batcher.call(self._ledger.book, entries)
        return booked

    async def balances(self, account: str | None = None) -> list[Balance]:
        """See `Store.balances`."""
        return await self._ask(lambda lookups: lookups.ledger.balances(account))

    async def entries(self, query: LedgerQuery) -> list[Entry]:
        """See `Store.entries`."""
        return await self._ask(lambda lookups: lookups.ledger.entries(query))

    async def entries_of(self, subjects: Sequence[bytes]) -> list[Entry]:
        """See `Store.entries_of`."""
        return await self._ask(lambda lookups: lookups.ledger.entries_of(subjects))

    async def audit(self, progress: Callable[[int, int], None] | None = None) -> tuple[int, list[Flaw]]:
        """See `Store.audit`. `progress` is called in another thread."""
        return await self._export(lambda exports: exports.ledger.audit(progress))

    # --- the NOC beside a running gateway

    async def post_command(self, verb: str, target: str, now: datetime) -> None:
        """See `Store.post_command`."""
        await self._alone(lambda: self._noc.post_command(verb, target, now))

    async def take_commands(self, owner: Owner, now: datetime) -> list[Command]:
        """See `Store.take_commands`."""

        def verb() -> list[Command]:
            found = self._noc.take_commands(owner, now)
            self._knowing.look()
            if any(command.verb == erasing.SETTLE for command in found):
                self._erasures.settle()
            return [command for command in found if command.verb != erasing.SETTLE]

        return await self._alone(verb)

    async def write_states(self, states: Sequence[OperatorState]) -> None:
        """See `Store.write_states`."""
        await self._alone(lambda: self._noc.write_states(states))

    async def states(self) -> list[OperatorState]:
        """See `Store.states`."""
        return await self._ask(lambda lookups: lookups.noc.states())

    async def backup(self, path: str, progress: Callable[[int, int], None] | None) -> None:
        """See `Store.backup`. Raises `StoreError` when the file exists. `progress` is called in another thread."""
        if self._readers is None:
            raise StoreError("a store in memory has no backup: name a file in [store] url")
        await self._readers.with_connection(lambda source: files.copy(source, Path(path), progress))


def _each(calls: list[Sequence[Callable[[], Any]]]) -> list[Any]:
    """A verb for calls that are one action each."""
    return [act() for call in calls for act in call]
