"""What the services need from outside, as protocols: the store, the operators, the webhook client, the clock.

Every store verb takes a list and does all that must be atomic inside, for the whole list, with an outcome per item.
What needs the store's own state is decided inside: verbs take the pure decision and run it between their reads and
their writes. A decision may run in another thread and more than once (a batch is retried whole); it must read only
what it is given and immutable snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from gateway.domain.account import Account, Env, Key
from gateway.domain.agreement import Agreement
from gateway.domain.alert import Alert
from gateway.domain.erasure import Erased, Erasure
from gateway.domain.event import Event, Settled
from gateway.domain.message import Answer, Message, PartRow, Step
from gateway.domain.money import Balance, Booked, Entry, Flaw, Kind
from gateway.domain.outcome import Outcome, Part
from gateway.domain.pacing import Hold
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.send import Acceptance, AcceptResult, IdempotencyKey
from gateway.domain.suppression import NameOf, OwnedNumber, PriorSend, StoredInbound, Suppression
from gateway.domain.words import Priority, ReceiptEffect, Role, Status


@dataclass(frozen=True, slots=True)
class Owner:
    """This process in the store: the number of its row in `processes` and its fencing token."""

    number: int
    token: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process that is no more, as far as the store can tell, and what it said of itself."""

    owner: Owner
    boot_id: str
    pid: int


@dataclass(frozen=True, slots=True)
class Peer:
    """Another process of the same store, whose lease holds. `says`: its word (`OperatorState.state`) on operators."""

    process: Process
    roles: frozenset[Role]
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BindShare:
    """An operator's binds that are this process's, and how many should be: what is above it is wanted by others."""

    held: frozenset[int]
    share: int


@dataclass(slots=True)
class Claimed:
    """A message claimed from the queue, `attempts` and `tries` already counted up, with its parts so far."""

    message: Message
    rows: list[PartRow]
    suppressed: bool  #: its recipient is on the suppression list now


@dataclass(slots=True)
class ClaimBatch:
    """`exhausted`: nothing more is due now; `next_at`: when the next one will be, if any."""

    claimed: list[Claimed]
    exhausted: bool
    next_at: datetime | None


@dataclass(slots=True)
class ReceiptResult:
    """What a receipt did, and the step when it touched a message (its `events` are durable now)."""

    effect: ReceiptEffect
    step: Step | None


@dataclass(slots=True)
class Recovery:
    """One message that a dead process had in its hands. `written`: (part, total) of its last attempt that the flight
    journal says were written; None when the journal can't tell (another boot): then all may have been."""

    message: Message
    rows: list[PartRow]
    written: list[tuple[int, int]] | None


@dataclass(slots=True)
class Held:
    """What the store says a process has claimed: ids of messages, and of webhook events with their tries so far."""

    messages: set[bytes]
    events: dict[bytes, int]


@dataclass(slots=True)
class InboundStep:
    """What an inbound message leads to, decided by the service: the row, the list changes, events, and a reply."""

    inbound: StoredInbound
    suppress: Suppression | None = None
    lift: tuple[str, Env, str, str] | None = None  #: account, env, sub-tenant, number
    events: list[Event] = field(default_factory=list)
    reply: Message | None = None  #: bypasses the suppression gate
    near_miss: bool = False  #: a word of STOP is in it, and it is none


@dataclass(slots=True)
class InboundContext:
    """What the store knows of the two numbers of an inbound message."""

    owners: list[OwnedNumber]  #: of the number written to, keywords and the whole number
    prior: PriorSend | None  #: the latest send from that number to that person
    stopped: frozenset[tuple[str, Env, str]] = frozenset()
    """(account, environment, sub-tenant) whose messages that person has stopped already."""


@dataclass(slots=True)
class MessageView:
    """A message as its owner sees it: with every attempt's parts."""

    message: Message
    rows: list[PartRow]


@dataclass(slots=True)
class StoredEvent:
    """A webhook event as it is kept, for exports."""

    event: Event
    state: str  #: pending | claimed | delivered | dead
    settled_at: datetime | None
    error: str | None  #: of the last try that failed


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A page of an account's messages, newest first. `before`: ids smaller than this one."""

    account: str
    env: Env
    limit: int
    before: bytes | None = None
    status: frozenset[Status] | None = None
    recipient: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    sub_tenant: str | None = None
    labels: tuple[str, ...] = ()  #: only messages that have all of them (`gateway.domain.labels`)
    sender: str | None = None
    key_id: str | None = None  #: of the key that sent them; looked for among all of the account's
    down_to: bytes | None = None  #: ids from this one on: how far is looked (`Store.horizon`)


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """A page of the ledger, newest first. `before`: the (subject, kind) of the last entry of the page before."""

    account: str
    env: Env
    limit: int
    before: tuple[bytes, int] | None = None
    kinds: frozenset[Kind] | None = None
    after: datetime | None = None  #: subjects made at this time or later
    until: datetime | None = None  #: subjects made before this time


@dataclass(frozen=True, slots=True)
class Mark:
    """An alert that was told and is not over: (account, env, subject) names it; while it stands, none is told again."""

    account: str
    env: Env
    subject: str  #: `balance:EUR:5.00`, `failures`, `limit:...`


@dataclass(frozen=True, slots=True)
class Command:
    """A word from the NOC to a running process: a row that it polls."""

    number: int
    verb: str  #: pause | resume | rebind | requeue
    target: str  #: an operator's id, a message's id
    at: datetime


@dataclass(slots=True)
class OperatorState:
    """What a running process says of an operator: shown by `trunkline operator list`."""

    operator: str
    process: int
    at: datetime
    state: str  #: up | down | paused
    binds: list[dict[str, object]]
    waiting: int
    in_flight: int
    ailing: list[dict[str, object]] = field(default_factory=list)  #: where it does badly: country, trial, why


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages that wait in the store for one operator (None: to be routed) in one class; `oldest_at`: since when the
    longest-waiting one has been due, or when the first of them will be."""

    operator: str | None
    priority: Priority
    waiting: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Numbers for metrics and `/health/ready`."""

    queues: list[Queue]
    waiting: int
    oldest_waiting_at: datetime | None
    webhooks_waiting: int
    webhooks_dead: int
    parked_receipts: int
    in_doubt: int


DecideAnswers = Callable[[Message, list[PartRow], list[Answer], list[tuple[int, Receipt]]], Step]
"""All answers of one message in this batch, in order; `rows` are all its parts. The last argument: receipts that had
overtaken an answer, each with the index of its answer."""

DecideReceipt = Callable[[Message, list[PartRow], PartRow, Receipt], tuple[Step, ReceiptEffect]]
"""One receipt for one part (`row` is an element of `rows`)."""

DecideMessage = Callable[[Message, list[PartRow]], Step | None]
"""Anything else that happens to one message; None leaves it as it is."""

DecideRecovery = Callable[[Recovery], Step]
DecideInbound = Callable[[Inbound, InboundContext], InboundStep]


class Store(Protocol):
    """Everything durable. Raises `StoreUnavailable` when nothing of a call was kept.

    Written by `storage/`, held by `tests/contract/test_store.py`.
    """

    # --- life
    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def register(self, now: datetime, boot_id: str, roles: Collection[Role] = tuple(Role)) -> Owner:
        """A row for this process, with a lease; its peers are told of `roles`. An embedded store takes its lock for a
        serving process (`StoreInUse`); one that many processes share gives each its own. What is written in a process's
        name (claims and all that follows from them, webhooks, commands, states) raises `Fenced` once another process
        has ended its lease. A second registration ends the first one of the same `Store`."""
        ...

    async def renew(self, owner: Owner) -> float:
        """Let the lease begin anew; for how many seconds it holds, counted from before the call. To be called several
        times in that time; when it has run out, nothing may be written to a carrier. Raises `Fenced`."""
        ...

    async def leave(self, owner: Owner) -> None:
        """End a lease: the own one, for this process has let go of everything, or that of a process of which this one
        knows for certain that it lives no more. What it still holds is for the others to recover. Nothing is written
        in its name from here on."""
        ...

    async def peers(self, owner: Owner) -> list[Peer]:
        """The other processes whose lease holds, by the store's own clock."""
        ...

    async def share_binds(
        self, owner: Owner, binds: Mapping[str, int], given_back: Collection[tuple[str, int]]
    ) -> Mapping[str, BindShare]:
        """Give back the binds (operator, index) that this process has closed, and take free ones up to its share of
        each operator's (`gateway.domain.shares`). A bind is free when nobody has it or its owner was ended; it is its
        owner's until then, however the shares change. `binds`: how many there are, by operator; who names none has no
        part in the sharing any more. Raises `Fenced`."""
        ...

    async def dead_owners(self) -> list[Process]:
        """Processes whose lease has ended, by the store's own clock, and that `recover` has not been through."""
        ...

    async def fence(self, owner: Owner, of: Sequence[int]) -> None:
        """End the leases of dead processes, and no more: nothing is written in their names from here on, and their
        binds are free. `recover` comes later, from one that has their journals."""
        ...

    async def recover(
        self,
        owner: Owner,
        journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
        decide: DecideRecovery,
        now: datetime,
        of: Sequence[int] | None = None,
    ) -> int:
        """End the leases of dead processes and give back what they had in hand: messages and webhook events. `of`: the
        numbers of those whose journal it is; None: all of `dead_owners`. `journal` maps (message id, attempt) to its
        written (part, total); None: it can't tell. Returns how many messages. In an embedded store all other processes
        are dead."""
        ...

    async def held(self, owner: Owner) -> Held:
        """What a process has claimed and not settled. Every commit of this `Store` that it shows has been told to its
        caller when this returns: what nobody has in hand then is a claim whose answer was lost."""
        ...

    async def probe(self) -> None:
        """Commit something small: raises `StoreUnavailable` when commits do not work."""
        ...

    def generation(self) -> int:
        """A number that grows when another process (a command) has changed accounts, keys, numbers, suppressions or
        posted commands; over a network, as soon as word of it has come. Cheap: called before a cache is used, from the
        event loop's thread."""
        ...

    async def facts(self, now: datetime) -> StoreFacts: ...
    async def purge(self, now: datetime, retention_days: int) -> int:
        """Drop what is past its time: final messages, settled webhooks, parked receipts, keys after 48 h."""
        ...

    # --- messages in
    async def accept(self, acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
        """Idempotency first (a replay wins), then suppression per message, then money for those that have a charge
        (the acceptance's `allowance`), then all rows in one commit, reservations among them.

        A message whose `owner` is set is claimed by this very commit (attempts and tries are already 1).
        """
        ...

    async def find_key(self, key: IdempotencyKey, now: datetime) -> AcceptResult | None:
        """What the key stands for, if anything: for a request that a later gate refuses."""
        ...

    # --- dispatch
    async def claim(
        self,
        operator: str | None,
        limit: int,
        owner: Owner,
        now: datetime,
        classes: Sequence[Priority] = tuple(Priority),
    ) -> ClaimBatch:
        """Take due messages that wait for `operator` (None: to be routed), by class, then time; only of these classes,
        which is what `exhausted` and `next_at` tell of too. A scheduled message whose time has come is moved to queued
        (`advance`)."""
        ...

    async def waiting(self, operator: str | None, after: bytes, limit: int) -> list[Message]:
        """A look at what waits for an operator, by id, without taking it."""
        ...

    async def waiting_operators(self) -> list[tuple[str | None, int]]:
        """For whom messages wait, and how many."""
        ...

    async def reassign(self, moves: Sequence[tuple[bytes, str | None, str | None, str | None]]) -> int:
        """(message id, from operator, to operator, route) for messages that still wait for the first."""
        ...

    async def record_answers(self, answers: Sequence[Answer], decide: DecideAnswers) -> list[Step]:
        """Outcomes of parts; one step per message touched, in the order of its first answer. Upserts `carrier_refs`;
        receipts parked for the refs are handed to the decision and are parked no more."""
        ...

    async def change(self, ids: Sequence[bytes], decide: DecideMessage) -> list[Step | None]:
        """Read each message and its parts, decide, write: expiry, opt-out, no route, release, requeue, fail."""
        ...

    async def overdue(self, now: datetime, limit: int) -> list[bytes]:
        """Messages whose validity has ended and that are not final: waiting ones, and `sent` ones without receipt."""
        ...

    # --- from carriers
    async def apply_receipts(self, receipts: Sequence[Receipt], decide: DecideReceipt) -> list[ReceiptResult]:
        """Find each part by (operator, ref, destination) or the ref's other numeric forms, else among parts in doubt
        (`pair_in_doubt`), else park it."""
        ...

    async def match_doubt(self, decide: DecideReceipt, now: datetime) -> list[ReceiptResult]:
        """Look again at every part in doubt and the receipts parked for its operator and address pair
        (`gateway.domain.message.pair_in_doubt`)."""
        ...

    async def record_inbound(
        self, inbounds: Sequence[Inbound], decide: DecideInbound
    ) -> list[InboundStep | None]:
        """Join parts durably; for each message that is whole now: context, decide, write all. None: parts are
        missing still, or it is a repetition: operator and fingerprint of one that is not marked as answered."""
        ...

    async def answered_inbound(self, answered: Sequence[tuple[str, bytes]]) -> None:
        """(operator, fingerprint): the carrier's copies of these were answered; the same fields again are new."""
        ...

    async def flush_inbound(self, before: datetime, decide: DecideInbound) -> list[InboundStep]:
        """Messages of which parts are missing for too long, joined with a gap mark."""
        ...

    # --- webhooks
    async def due_webhooks(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        """Claim due events, at most `room(destination)` per destination and in order per subject; and when the next
        one will be due."""
        ...

    async def settle_webhooks(self, settled: Sequence[Settled]) -> None: ...
    async def dead_webhooks(self, account: str | None, limit: int) -> list[tuple[Event, Settled]]: ...
    async def replay_webhooks(self, ids: Sequence[bytes] | None, now: datetime) -> int:
        """Dead events back to life; None: all."""
        ...

    # --- look-ups
    async def message(self, message_id: bytes) -> MessageView | None: ...
    async def messages(self, query: ListQuery) -> list[Message]: ...
    async def horizon(self, query: ListQuery, rows: int) -> bytes | None:
        """How far (`ListQuery.down_to`) a page goes that looks at `rows` messages at the most. None: as far as there
        are any, for there are fewer, or an index finds those that pass."""
        ...

    async def inbound(self, account: str | None, limit: int) -> list[StoredInbound]: ...

    # --- exports: pages by id, so that memory stays bounded; ids above `after`, and below `until` where it is given
    async def messages_by_id(
        self, of: tuple[str, Env] | None, after: bytes, until: bytes, limit: int
    ) -> list[MessageView]:
        """Messages with all attempts, of one account's environment or (None) of all."""
        ...

    async def statuses_by_id(self, after: bytes, until: bytes, limit: int) -> list[tuple[bytes, Status]]:
        """Ids and statuses of all messages: to compare an export with."""
        ...

    async def inbound_by_id(self, account: str, after: bytes, limit: int) -> list[StoredInbound]: ...
    async def webhooks_by_id(self, account: str, after: bytes, limit: int) -> list[StoredEvent]: ...
    async def drop_day(self, day: date, on_dropped: Callable[[int], None]) -> int:
        """Drop the messages of a UTC day (`gateway.domain.cdr.bounds`) with their parts; how many. `on_dropped` is
        told how many so far. Raises `Conflict`, and drops nothing, when some are not final."""
        ...

    # --- erasure of a person's number
    def recognize(self, name_of: NameOf) -> None:
        """How erased numbers are called. From now on acceptance, claims, START and what carriers say know a number
        that was erased by its name; a process that serves says so before it does."""
        ...

    async def traces(self, asked: Erasure) -> frozenset[tuple[str, Env]]:
        """The accounts that are concerned, and their environments, in which the number stands."""
        ...

    async def erase(self, asked: Erasure) -> Erased:
        """Put the name in the number's place: in final messages with their parts, refs and webhooks, in inbound
        messages and kept answers, and at last on the suppression list. Many short transactions; a second call does
        what the first has left. Returns when every serving process knows of it."""
        ...

    # --- accounts
    async def save_account(self, account: Account) -> None: ...
    async def accounts(self) -> list[Account]: ...
    async def save_key(self, key: Key) -> None: ...
    async def key(self, digest: bytes) -> Key | None: ...
    async def keys(self, account: str | None) -> list[Key]: ...
    async def save_number(self, number: OwnedNumber) -> None:
        """Raises `Conflict` when another account owns it."""
        ...

    async def numbers(self) -> list[OwnedNumber]: ...
    async def remove_number(self, number: str, keyword: str) -> bool: ...
    async def suppress(self, suppressions: Sequence[Suppression]) -> None: ...
    async def unsuppress(self, account: str, env: Env, sub_tenant: str, number: str) -> bool: ...
    async def suppressions(
        self, account: str | None, since: datetime | None, limit: int
    ) -> list[Suppression]: ...

    # --- money
    async def book(self, entries: Sequence[Entry]) -> list[Booked]:
        """Entries that a person makes: top-ups, adjustments, refunds of a sent message. One whose `key` (of its purse's
        account and environment) or whose (subject, kind) is in the ledger already is not booked again: it is given
        back as it stands. Raises `Conflict` when that one has another amount, purse or kind, and for a refund of
        anything but the whole price of a message that was settled, and `Refused` where a balance would have more digits
        than are kept; it books nothing then."""
        ...

    async def balances(self, account: str | None = None) -> list[Balance]:
        """Every purse of an account, or of all."""
        ...

    async def entries(self, query: LedgerQuery) -> list[Entry]: ...
    async def entries_of(self, subjects: Sequence[bytes]) -> list[Entry]:
        """All entries of these messages, by subject and kind."""
        ...

    async def audit(self, progress: Callable[[int, int], None] | None = None) -> tuple[int, list[Flaw]]:
        """Prove the ledger, on one view of the store: each purse's balance and held are the sums of its entries; each
        message that has an entry has those that its status asks for, and no metered message lacks them. How many
        entries were added up, and what is wrong. `progress`: entries so far, and of how many."""
        ...

    # --- labels
    async def labelled(self, account: str, env: Env, labels: Sequence[str]) -> dict[str, list[bytes]]:
        """The ids of the messages that have a label, oldest first, for each of these labels that any has."""
        ...

    async def count_labelled(self, account: str, env: Env, label: str) -> dict[Status, int]:
        """How many of the messages that have a label stand where."""
        ...

    # --- alerts
    async def tell(self, mark: Mark, alert: Alert, event: Event | None) -> bool:
        """Keep an alert and its webhook event, unless the mark stands already; whether it was kept."""
        ...

    async def clear_marks(self, marks: Sequence[Mark]) -> None:
        """What they stand for is over: the next time it is told again."""
        ...

    async def marks(self) -> list[Mark]: ...
    async def alerts(
        self, account: str | None, env: Env | None, before: bytes | None, limit: int
    ) -> list[Alert]:
        """Newest first. `before`: ids smaller than this one."""
        ...

    async def failures(self, since: datetime) -> dict[tuple[str, Env], int]:
        """How many messages of each account ended failed or undeliverable since, to the minute."""
        ...

    # --- terms
    async def agree(self, agreement: Agreement) -> Agreement:
        """Keep that a member has accepted a version of the terms. The first time counts: it is given back."""
        ...

    async def agreed(self, account: str, member: str, version: str) -> Agreement | None: ...
    async def agreements(self, account: str) -> list[Agreement]:
        """All that members of an account have accepted, by member and version."""
        ...

    # --- the NOC beside a running gateway
    async def post_command(self, verb: str, target: str, now: datetime) -> None: ...
    async def take_commands(self, owner: Owner, now: datetime) -> list[Command]: ...
    async def write_states(self, states: Sequence[OperatorState]) -> None: ...
    async def states(self) -> list[OperatorState]: ...
    async def backup(self, path: str, progress: Callable[[int, int], None] | None) -> None:
        """A consistent copy of a store in use (SQLite's own backup)."""
        ...


Acknowledge = Callable[[bool], bool]
"""Answers the carrier: True, it is durable; False, it is not, send it again. Tells whether the answer was written (the
connection may be gone)."""


class Reports(Protocol):
    """What an operator tells the gateway, from the event loop's thread, without waiting."""

    def room(self, operator: str) -> None:
        """There may be room for parts again."""
        ...

    def receipt(self, receipt: Receipt, acknowledge: Acknowledge) -> None:
        """A receipt. `acknowledge(True)` is called once it is durable, `acknowledge(False)` when it could not be."""
        ...

    def inbound(self, inbound: Inbound, acknowledge: Acknowledge) -> None: ...
    def changed(self, operator: str) -> None:
        """Its health has changed: look at `Operator.up`."""
        ...


OnOutcome = Callable[[Part, Outcome], None]


class Operator(Protocol):
    """A transport to one carrier: one module under `gateway/operators/`, found by its `kind`.

    `submit` only writes. Every part given to it ends in exactly one outcome, but for `Doubt` and `SessionFault`: a
    part in doubt may have its real outcome later, when a late answer comes.
    """

    @property
    def id(self) -> str: ...
    @property
    def up(self) -> bool:
        """Whether it can take parts now or soon: at least one bind."""
        ...

    @property
    def window(self) -> int:
        """Parts that may be unanswered over the binds that it holds."""
        ...

    @property
    def binds(self) -> int:
        """Connections of which each is one process's at a time; 0: any number of processes may use it at once."""
        ...

    def hold(self, indices: Collection[int]) -> None:
        """Keep these binds (0 to `binds` - 1) and no others; at first all. Those that go are closed politely, and
        `holding` names them until they are."""
        ...

    def holding(self) -> frozenset[int]:
        """The binds that are open, or are being opened or closed."""
        ...

    def abort(self, reason: str) -> None:
        """Drop every bind at once: they may be another process's by now. What was written is in doubt."""
        ...

    async def run(self, reports: Reports) -> None:
        """Hold its connections until cancelled."""
        ...

    async def drain(self, timeout_s: float) -> None:
        """Let what is in flight settle, then leave the carrier politely."""
        ...

    def parts(self, message: Message) -> list[Part]:
        """How this carrier writes the message; pure. All parts, numbered from 1."""
        ...

    def room(self) -> int:
        """Parts that may be written at this moment, as far as they do not differ."""
        ...

    def admit(self, message: Message, parts: list[Part]) -> Hold | None:
        """Whether these parts may be given to it now; then `submit` follows at once. Otherwise what they wait for: a
        rate of the message's sender or destination, which lets other messages pass."""
        ...

    def submit(self, parts: Sequence[Part], on_outcome: OnOutcome) -> None: ...
    def states(self) -> list[dict[str, object]]:
        """Its binds, for people."""
        ...

    def rebind(self) -> None: ...
    def kick(self) -> None:
        """`may_write` may say yes again."""
        ...


class Journal(Protocol):
    """The flight journal (DESIGN.md, promise 2)."""

    def written(self, parts: Sequence[Part]) -> None:
        """Note the parts that the next socket write holds; before it, with one `write(2)`."""
        ...

    def returned(self, part: Part) -> None:
        """The carrier answered that it did not take the part, and it stays in memory to be written again."""
        ...

    def recorded(self, parts: Sequence[tuple[bytes, int, int]]) -> None:
        """Their outcomes are in the store: (message id, attempt, part)."""
        ...


@dataclass(slots=True)
class WebhookAnswer:
    """`status` 0: no answer; `error` says why. `excerpt`: the first 512 bytes."""

    status: int
    excerpt: str
    error: str | None
    retry_after_s: float | None = None


class WebhookClient(Protocol):
    """Sends a POST and tells the answer; guards private addresses, keeps connections."""

    async def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> WebhookAnswer: ...


Renderer = Callable[[Event], bytes]
"""A dialect's webhook body for an event: pure, one-line JSON."""

Clock = Callable[[], datetime]
"""The time, aware UTC."""
