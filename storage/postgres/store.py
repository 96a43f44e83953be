"""The production store: `gateway.ports.Store` on a PostgreSQL database that many processes share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from gateway.domain import cdr
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
from gateway.errors import StoreError
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
from storage.batcher import OnCommit
from storage.erased import Names
from storage.lifetimes import LEASE_S
from storage.matching import EquivalentRefs, no_equivalents
from storage.pages import ID_BYTES
from storage.postgres import (
    accept,
    accounts,
    alerts,
    binds,
    dispatch,
    erasure,
    exports,
    inbound,
    lookups,
    money,
    processes,
    retention,
    schema,
    webhooks,
)
from storage.postgres import labels as labelling
from storage.postgres.binds import share_out
from storage.postgres.database import FAULTS, Database, Pool, has_broken, is_unclean, translate, was_cut
from storage.postgres.generation import Generation
from storage.postgres.groups import Groups
from storage.postgres.refs import Refs

Result = TypeVar("Result")

POOL_SIZE = 8
"""Connections of one process, besides the one that listens. PostgreSQL's default allows 100 in all."""

RECOVER_ROWS = 500
"""Messages of one transaction of the recovery."""


class PostgresStore:
    """All verbs. Those that write go through the groups, questions straight to a connection."""

    def __init__(
        self,
        url: str,
        *,
        on_commit: OnCommit | None = None,
        equivalent_refs: EquivalentRefs = no_equivalents,
        lease_s: float = LEASE_S,
        pool_size: int = POOL_SIZE,
    ) -> None:
        self.url = url
        self._lease = timedelta(seconds=lease_s)
        self._pool = Pool(url, pool_size)
        self._generation = Generation(self._pool)
        self._groups = Groups(self._pool, self._make_days, self._generation.moved, on_commit)
        self._refs = Refs(equivalent_refs)
        self._names = Names()
        self._knowing = erasure.Knowing(self._names, self._generation, self._refs)
        self._owner: Owner | None = None

    # --- life

    async def open(self) -> None:
        """Connect, and make the schema or bring it to what this release needs (`pre`). What an earlier one can't live
        with (`post`) waits for `migrate`. Raises `StoreUnavailable`, `SchemaTooNew`."""
        await schema.bring_up_to_date(self.url, phase="pre")
        await self._pool.open()
        await self._generation.open()

    async def close(self) -> None:
        """Finish what was asked, then close."""
        await self._generation.close()
        await self._groups.close()
        await self._pool.close()

    async def _make_days(self, days: Sequence[date]) -> None:
        await self._groups.alone(lambda db: schema.make_missing_days(db, days))

    async def _write(self, verb: Callable[..., Any], items: Sequence[Any], *extra: Any) -> Any:
        """A verb over a list, in this process's name when it serves."""
        return await self._groups.call(verb, items, *extra, owner=self._owner)

    async def _ask(
        self, question: Callable[[Database], Awaitable[Result]], *, clean: bool = False, again: bool = True
    ) -> Result:
        connection = await self._pool.take()
        try:
            return await question(Database(connection, clean=clean))
        except FAULTS as error:
            if has_broken(connection, error):
                connection.terminate()
            clean = clean or is_unclean(error)
            if not again or not (clean or was_cut(error)):
                raise translate(error) from error
        finally:
            self._pool.give(connection)
        return await self._ask(question, clean=clean, again=False)

    async def register(self, now: datetime, boot_id: str, roles: Collection[Role] = tuple(Role)) -> Owner:
        """See `Store.register`."""
        former = self._owner
        self._owner = await self._groups.alone(
            lambda db: processes.register(db, boot_id, now, self._lease, roles, former)
        )
        await self._groups.alone(lambda db: schema.make_days_ahead(db, now))
        return self._owner

    async def renew(self, owner: Owner) -> float:
        """See `Store.renew`."""
        await self._groups.alone(lambda db: processes.renew(db, owner, self._lease))
        return self._lease.total_seconds()

    async def leave(self, owner: Owner) -> None:
        """See `Store.leave`."""
        await self._groups.alone(lambda db: processes.end(db, [owner.number], whatever_its_lease=True))

    async def peers(self, owner: Owner) -> list[Peer]:
        """See `Store.peers`."""
        return await self._ask(lambda db: binds.peers(db, owner))

    async def share_binds(
        self,
        owner: Owner,
        binds: Mapping[str, int],
        given_back: Collection[tuple[str, int]],
    ) -> Mapping[str, BindShare]:
        """See `Store.share_binds`."""
        return await self._groups.alone(lambda db: share_out(db, owner, binds, given_back), owner)

    async def dead_owners(self) -> list[Process]:
        """See `Store.dead_owners`."""
        return await self._ask(processes.dead)

    async def fence(self, owner: Owner, of: Sequence[int]) -> None:
        """See `Store.fence`."""
        found = {process.owner.number for process in await self.dead_owners()}
        await self._groups.alone(lambda db: processes.end(db, found & set(of)), owner)

    async def recover(
        self,
        owner: Owner,
        journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
        decide: DecideRecovery,
        now: datetime,
        of: Sequence[int] | None = None,
    ) -> int:
        """See `Store.recover`. A crash in the middle leaves the rest to the next call."""
        found = {process.owner.number for process in await self.dead_owners()}
        wanted = (found if of is None else found & set(of)) - {owner.number}
        dead = await self._groups.alone(lambda db: processes.end(db, wanted), owner)
        if not dead:
            return 0
        await self._groups.alone(lambda db: webhooks.free(db, dead, now), owner)
        count, last = 0, bytes(ID_BYTES)
        while held := await self._ask(lambda db: dispatch.held_by(db, dead, last, RECOVER_ROWS)):  # noqa: B023
            count += await self._groups.alone(
                lambda db: dispatch.recover(db, held, dead, journal, decide),
                owner,
            )
            last = held[-1]
        await self._groups.alone(lambda db: processes.recovered(db, dead), owner)
        return count

    async def held(self, owner: Owner) -> Held:
        """See `Store.held`."""
        found = await self._ask(lambda db: dispatch.held(db, owner))
        await self._groups.told()
        return found

    async def probe(self) -> None:
        """See `Store.probe`."""
        await self._groups.alone(processes.probe)

    def generation(self) -> int:
        """See `Store.generation`."""
        return self._generation()

    async def facts(self, now: datetime) -> StoreFacts:
        """See `Store.facts`."""
        return await self._ask(lambda db: lookups.facts(db, now))

    async def purge(self, now: datetime, retention_days: int) -> int:
        """See `Store.purge`."""
        return await retention.purge(self._groups, now, retention_days)

    # --- messages in

    async def accept(self, acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
        """See `Store.accept`."""
        results: list[AcceptResult] = await self._write(self._knowing.accept, acceptances)
        return results

    async def find_key(self, key: IdempotencyKey, now: datetime) -> AcceptResult | None:
        """See `Store.find_key`."""
        return await self._ask(lambda db: accept.find_key(db, key, now))

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
        batch: ClaimBatch = await self._groups.call(
            self._knowing.claim, [(operator, limit, now, classes)], owner, owner=owner
        )
        return batch

    async def waiting(self, operator: str | None, after: bytes, limit: int) -> list[Message]:
        """See `Store.waiting`."""
        return await self._ask(lambda db: lookups.waiting(db, operator, after, limit))

    async def waiting_operators(self) -> list[tuple[str | None, int]]:
        """See `Store.waiting_operators`."""
        return await self._ask(lookups.waiting_operators)

    async def reassign(self, moves: Sequence[tuple[bytes, str | None, str | None, str | None]]) -> int:
        """See `Store.reassign`."""
        count: int = await self._write(dispatch.reassign, moves)
        return count

    async def record_answers(self, answers: Sequence[Answer], decide: DecideAnswers) -> list[Step]:
        """See `Store.record_answers`."""
        steps: list[Step] = await self._write(self._knowing.record, answers, decide)
        return steps

    async def change(self, ids: Sequence[bytes], decide: DecideMessage) -> list[Step | None]:
        """See `Store.change`."""
        steps: list[Step | None] = await self._write(dispatch.change, ids, decide)
        return steps

    async def overdue(self, now: datetime, limit: int) -> list[bytes]:
        """See `Store.overdue`."""
        return await self._ask(lambda db: lookups.overdue(db, now, limit))

    # --- from carriers

    async def apply_receipts(self, receipts: Sequence[Receipt], decide: DecideReceipt) -> list[ReceiptResult]:
        """See `Store.apply_receipts`."""
        results: list[ReceiptResult] = await self._write(self._knowing.apply, receipts, decide)
        return results

    async def match_doubt(
        self,
        decide: DecideReceipt,
        now: datetime,  # noqa: ARG002 the port's
    ) -> list[ReceiptResult]:
        """See `Store.match_doubt`."""
        return await self._groups.alone(lambda db: self._refs.match_doubt(db, decide), self._owner)

    async def record_inbound(
        self, inbounds: Sequence[Inbound], decide: DecideInbound
    ) -> list[InboundStep | None]:
        """See `Store.record_inbound`."""
        steps: list[InboundStep | None] = await self._write(self._knowing.record_inbound, inbounds, decide)
        return steps

    async def answered_inbound(self, answered: Sequence[tuple[str, bytes]]) -> None:
        """See `Store.answered_inbound`."""
        if answered:
            await self._write(inbound.answered, answered)

    async def flush_inbound(self, before: datetime, decide: DecideInbound) -> list[InboundStep]:
        """See `Store.flush_inbound`."""
        return await self._groups.alone(lambda db: inbound.flush(db, before, decide), self._owner)

    # --- webhooks

    async def due_webhooks(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        """See `Store.due_webhooks`."""
        found: tuple[list[Event], datetime | None] = await self._groups.call(
            webhooks.due, [(now, room, limit)], owner, owner=owner
        )
        return found

    async def settle_webhooks(self, settled: Sequence[Settled]) -> None:
        """See `Store.settle_webhooks`."""
        await self._write(webhooks.settle, settled)

    async def dead_webhooks(self, account: str | None, limit: int) -> list[tuple[Event, Settled]]:
        """See `Store.dead_webhooks`."""
        return await self._ask(lambda db: webhooks.dead(db, account, limit))

    async def replay_webhooks(self, ids: Sequence[bytes] | None, now: datetime) -> int:
        """See `Store.replay_webhooks`."""
        return await self._groups.alone(lambda db: webhooks.replay(db, ids, now))

    # --- look-ups

    async def message(self, message_id: bytes) -> MessageView | None:
        """See `Store.message`."""
        return await self._ask(lambda db: lookups.message(db, message_id))

    async def messages(self, query: ListQuery) -> Page[Message, bytes]:
        """See `Store.messages`."""
        return await self._ask(lambda db: lookups.messages(db, query))

    async def inbound(self, account: str | None, limit: int) -> list[StoredInbound]:
        """See `Store.inbound`."""
        return await self._ask(lambda db: lookups.inbound(db, account, limit))

    # --- exports

    async def messages_by_id(
        self, of: tuple[str, Env] | None, after: bytes, until: bytes, limit: int
    ) -> list[MessageView]:
        """See `Store.messages_by_id`."""
        return await self._ask(lambda db: exports.messages_by_id(db, of, after, until, limit))

    async def statuses_by_id(self, after: bytes, until: bytes, limit: int) -> list[tuple[bytes, Status]]:
        """See `Store.statuses_by_id`."""
        return await self._ask(lambda db: exports.statuses_by_id(db, after, until, limit))

    async def inbound_by_id(self, account: str, after: bytes, limit: int) -> list[StoredInbound]:
        """See `Store.inbound_by_id`."""
        return await self._ask(lambda db: exports.inbound_by_id(db, account, after, limit))

    async def webhooks_by_id(self, account: str, after: bytes, limit: int) -> list[StoredEvent]:
        """See `Store.webhooks_by_id`."""
        return await self._ask(lambda db: exports.webhooks_by_id(db, account, after, limit))

    async def drop_day(self, day: date, on_dropped: Callable[[int], None]) -> int:
        """See `Store.drop_day`."""
        dropped = await self._groups.alone(lambda db: exports.drop_day(db, day))
        if dropped:
            on_dropped(dropped)
        await retention.drop_labels(self._groups, *cdr.bounds(day))
        return dropped

    # --- erasure

    def recognize(self, name_of: NameOf) -> None:
        """See `Store.recognize`."""
        self._names.of = name_of

    async def traces(self, asked: Erasure) -> frozenset[tuple[str, Env]]:
        """See `Store.traces`."""
        return await self._ask(lambda db: erasure.traces(db, asked))

    async def erase(self, asked: Erasure) -> Erased:
        """See `Store.erase`."""
        return await erasure.erase(self._groups, asked, self._owner)

    # --- accounts

    async def save_account(self, account: Account) -> None:
        """See `Store.save_account`."""
        await self._groups.alone(lambda db: accounts.save_account(db, account))

    async def accounts(self) -> list[Account]:
        """See `Store.accounts`."""
        return await self._ask(accounts.accounts)

    async def save_key(self, key: Key) -> None:
        """See `Store.save_key`."""
        await self._groups.alone(lambda db: accounts.save_key(db, key))

    async def key(self, digest: bytes) -> Key | None:
        """See `Store.key`."""
        return await self._ask(lambda db: accounts.key(db, digest))

    async def keys(self, account: str | None) -> list[Key]:
        """See `Store.keys`."""
        return await self._ask(lambda db: accounts.keys(db, account))

    async def save_number(self, number: OwnedNumber) -> None:
        """See `Store.save_number`."""
        await self._groups.alone(lambda db: accounts.save_number(db, number))

    async def numbers(self) -> list[OwnedNumber]:
        """See `Store.numbers`."""
        return await self._ask(accounts.numbers)

    async def remove_number(self, number: str, keyword: str) -> bool:
        """See `Store.remove_number`."""
        return await self._groups.alone(lambda db: accounts.remove_number(db, number, keyword))

    async def suppress(self, suppressions: Sequence[Suppression]) -> None:
        """See `Store.suppress`."""
        await self._groups.alone(lambda db: accounts.suppress(db, suppressions))

    async def unsuppress(self, account: str, env: Env, sub_tenant: str, number: str) -> bool:
        """See `Store.unsuppress`."""

        async def act(db: Database) -> bool:
            plain = await accounts.unsuppress(db, account, env, sub_tenant, number)
            return await self._knowing.lift(db, account, env, sub_tenant, number) or plain

        return await self._groups.alone(act)

    async def suppressions(
        self, account: str | None, since: datetime | None, limit: int
    ) -> list[Suppression]:
        """See `Store.suppressions`."""
        return await self._ask(lambda db: accounts.listed(db, account, since, limit))

    # --- labels

    async def labelled(self, account: str, env: Env, labels: Sequence[str]) -> dict[str, list[bytes]]:
        """See `Store.labelled`."""
        return await self._ask(lambda db: labelling.labelled(db, account, env, labels))

    async def count_labelled(self, account: str, env: Env, label: str) -> dict[Status, int]:
        """See `Store.count_labelled`."""
        return await self._ask(lambda db: labelling.count(db, account, env, label))

    # --- alerts

    async def tell(self, mark: Mark, alert: Alert, event: Event | None) -> bool:
        """See `Store.tell`."""
        return await self._groups.alone(lambda db: alerts.tell(db, mark, alert, event), self._owner)

    async def clear_marks(self, marks: Sequence[Mark]) -> None:
        """See `Store.clear_marks`."""
        await self._groups.alone(lambda db: alerts.clear_marks(db, marks))

    async def marks(self) -> list[Mark]:
        """See `Store.marks`."""
        return await self._ask(alerts.marks)

    async def alerts(
        self, account: str | None, env: Env | None, before: bytes | None, limit: int
    ) -> list[Alert]:
        """See `Store.alerts`."""
        return await self._ask(lambda db: alerts.alerts(db, account, env, before, limit))

    async def failures(self, since: datetime) -> dict[tuple[str, Env], int]:
        """See `Store.failures`."""
        return await self._ask(lambda db: alerts.failures(db, since))

    # --- terms

    async def agree(self, agreement: Agreement) -> Agreement:
        """See `Store.agree`."""
        return await self._groups.alone(lambda db: accounts.agree(db, agreement))

    async def agreed(self, account: str, member: str, version: str) -> Agreement | None:
        """See `Store.agreed`."""
        return await self._ask(lambda db: accounts.agreed(db, account, member, version))

    async def agreements(self, account: str) -> list[Agreement]:
        """See `Store.agreements`."""
        return await self._ask(lambda db: accounts.agreements(db, account))

    # --- money

    async def book(self, entries: Sequence[Entry]) -> list[Booked]:
        """See `Store.book`."""
        booked: list[Booked] = await self._groups.call(money.book, entries)
        return booked

    async def balances(self, account: str | None = None) -> list[Balance]:
        """See `Store.balances`."""
        return await self._ask(lambda db: money.balances(db, account))

    async def entries(self, query: LedgerQuery) -> list[Entry]:
        """See `Store.entries`."""
        return await self._ask(lambda db: money.entries(db, query))

    async def entries_of(self, subjects: Sequence[bytes]) -> list[Entry]:
        """See `Store.entries_of`."""
        return await self._ask(lambda db: money.entries_of(db, subjects))

    async def audit(self, progress: Callable[[int, int], None] | None = None) -> tuple[int, list[Flaw]]:
        """See `Store.audit`."""
        return await self._ask(lambda db: money.audit(db, progress))

    # --- the NOC beside a running gateway

    async def post_command(self, verb: str, target: str, now: datetime) -> None:
        """See `Store.post_command`."""
        await self._groups.alone(lambda db: processes.post_command(db, verb, target, now))

    async def take_commands(self, owner: Owner, now: datetime) -> list[Command]:
        """See `Store.take_commands`."""
        return await self._groups.alone(lambda db: processes.take_commands(db, owner, now), owner)

    async def write_states(self, states: Sequence[OperatorState]) -> None:
        """See `Store.write_states`."""
        await self._groups.alone(lambda db: processes.write_states(db, states), self._owner)

    async def states(self) -> list[OperatorState]:
        """See `Store.states`."""
        return await self._ask(processes.states)

    async def backup(
        self,
        path: str,
        progress: Callable[[int, int], None] | None,  # noqa: ARG002 the port's
    ) -> None:
        """Refused: PostgreSQL has a better one."""
        raise StoreError(
            f"this store is PostgreSQL: back it up with `pg_dump --format=custom --file={path} DATABASE`, or with "
            "your server's continuous archiving"
        )
