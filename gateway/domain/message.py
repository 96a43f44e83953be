"""A message and its life: statuses, reasons, the transition table, and what answers and receipts do to it.

Rule 1: the status of a message moves in `advance` and nowhere else. An illegal move changes nothing and is
counted by whoever asked for it.
Rule 2: everything here is a pure decision over values in hand. The store runs these functions between its
reads and its writes (SQLite in the writer thread, PostgreSQL under FOR UPDATE) and repeats none of it in
SQL. Rule 3: whether a message waits, is held by a process or is over is told by `next_at` (it waits, not
before then), `owner` (a process holds it) and `final_at`, not by its status: with failover on `undeliverable`
a `sent` message waits again, and one that a carrier took who was asked for no receipts is over. A receipt
that comes for it all the same moves it still; nothing else does. Rule 4: a *segment* is what the tenant sees
and pays; a *part* is what one attempt on one operator writes. The state of part `n` is that of the row that
counts among those of the present split (`since`): one with the carrier before one without, then the highest
attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.event import Event
from gateway.domain.money import Charge, Entry, Purse, of_move
from gateway.domain.outcome import (
    Accepted,
    Doubt,
    NextRoute,
    Outcome,
    Refused,
    Retry,
    SessionFault,
    Throttled,
)
from gateway.domain.receipt import Receipt
from gateway.domain.suppression import Suppression
from gateway.domain.words import (
    MAY_HAVE,
    RECEIPTED,
    UNDELIVERABLE_REASONS,
    WITH_CARRIER,
    PartState,
    Priority,
    Reason,
    ReceiptEffect,
    Status,
)

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.QUEUED, Status.CANCELED, Status.FAILED, Status.UNDELIVERABLE}),
    # queued -> delivered: a part in doubt whose receipt came
    Status.QUEUED: frozenset({Status.SENT, Status.DELIVERED, Status.FAILED, Status.UNDELIVERABLE}),
    Status.SENT: frozenset({Status.DELIVERED, Status.UNDELIVERABLE, Status.FAILED}),
    Status.DELIVERED: frozenset(),
    Status.UNDELIVERABLE: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
}

FINAL = frozenset(status for status, nexts in TRANSITIONS.items() if not nexts)

# Those that every message meets: Python 3.11 asks an enum's metaclass for each member by its name, 0.2 us a time.
_QUEUED, _SENT, _DELIVERED = Status.QUEUED, Status.SENT, Status.DELIVERED
_PART_ACCEPTED, _PART_DELIVERED, _PART_SILENT = PartState.ACCEPTED, PartState.DELIVERED, PartState.SILENT
_APPLIED = ReceiptEffect.APPLIED


@dataclass(slots=True)
class LastError:
    """The latest thing that went wrong with a message, as its owner reads it."""

    code: str  #: a `Reason`
    detail: str
    operator_error: str | None
    at: datetime


@dataclass(slots=True)
class Message:
    """A message: first what never changes, then its state (from `status` on, the columns that the store
    rewrites).
    """

    id: bytes
    account: str
    env: Env
    dialect: str
    sender: str
    recipient: str
    body: str
    segment_count: int
    priority: Priority
    accepted_at: datetime
    expires_at: datetime
    sub_tenant: str = ""
    message_class: int | None = None  #: 0: flash
    concat_ref: int = 0  #: reference for joining its parts, a counter per sender and recipient
    callback_url: str | None = None
    metadata: str | None = None  #: a JSON object as text; echoed, never read
    key_id: str = ""
    request_id: str = ""
    traceparent: str | None = None
    scheduled_at: datetime | None = None
    bypass: bool = False  #: the one reply to STOP, START or HELP: passes the suppression gate (promise 9)
    charge: Charge | None = None  #: what it costs; None: its account is not metered
    labels: tuple[str, ...] = ()  #: what it is found by (`gateway.domain.labels`)

    status: Status = Status.QUEUED
    reason: Reason | None = None
    operator: str | None = None  #: who has it, or for whom it waits; None: to be routed
    route: str | None = None
    attempts: int = 0  #: hand-overs to an operator
    tries: int = 0  #: hand-overs in a row to the present operator
    tried: tuple[str, ...] = ()  #: operators that it left behind
    since: int = 1  #: the first attempt of the present split: older ones no longer count
    part_count: int = 0  #: parts of the present split
    doubt: bool = False  #: some part is in doubt
    owner: int | None = None  #: the process that holds it; None: it waits in the store
    token: int = 0  #: the owner's fencing token
    next_at: datetime | None = None  #: while it waits: not before
    processed_at: datetime | None = None  #: first answer of a carrier
    final_at: datetime | None = None  #: its end, which is never taken back
    error: LastError | None = None
    events: int = 0  #: webhook events made so far

    @property
    def over(self) -> bool:
        """Whether nothing more is done with it: by a status of `FINAL`, or `sent` and no receipt is expected."""
        return self.final_at is not None


@dataclass(slots=True)
class PartRow:
    """A part of one attempt, as the store keeps it."""

    message_id: bytes
    attempt: int
    part: int  #: from 1
    operator: str
    state: PartState
    ref: str | None
    error: str | None
    at: datetime
    receipt_at: datetime | None = None
    sender: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Back to the store: for `operator`, not before `at`. `left`: an operator that shall not be tried again."""

    operator: str | None
    at: datetime
    left: str | None = None
    counts: bool = True  #: whether the hand-over counts against the tries on this operator


@dataclass(frozen=True, slots=True)
class End:
    """The message ends undelivered."""

    reason: Reason
    detail: str
    operator_error: str | None = None


Then = Wait | End
"""What happens to a message whose hand-over is over and did not put every part with the carrier."""


@dataclass(slots=True)
class Step:
    """What a decision did to one message: the moved message itself, the part rows to write, the statuses it passed.

    `events` and `suppress` are filled by the service that decides (`gateway.services.events`): they need the
    account's policy.
    """

    message: Message
    parts: list[PartRow] = field(default_factory=list)
    passed: list[Status] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    illegal: int = 0  #: moves that were refused
    suppress: Suppression | None = None  #: its recipient must not be written to any more
    entries: list[Entry] = field(default_factory=list)  #: the money that its moves have moved
    ended: bool = False  #: the message is over by it; a receipt that moves one that was over ends nothing
    waits: bool = False
    """It leaves the message in the store's queue. Told by the store that keeps it: the message itself may be decided on
    anew while those that follow the commit look at this step."""

    def keep(self, row: PartRow) -> None:
        """Write this row; once."""
        for known in self.parts:
            if known is row:
                return
        self.parts.append(row)


def advance(message: Message, to: Status, now: datetime, reason: Reason | None = None) -> bool:
    """Move the message to a status if the table allows it; False, and nothing changed, if not.

    A final status ends its wait and its ownership.
    """
    if to not in TRANSITIONS[message.status]:
        return False
    message.status = to
    if to in FINAL:
        message.reason = reason
        _close(message, now)
    return True


def _close(message: Message, now: datetime) -> None:
    message.final_at = now
    message.owner = None
    message.next_at = None
    message.doubt = False


def move(
    step: Step,
    to: Status,
    now: datetime,
    reason: Reason | None = None,
    *,
    taken: bool = False,
) -> bool:
    """`advance`, kept in the step with the money that it moves."""
    message = step.message
    before, was_over = message.status, message.final_at is not None
    if advance(message, to, now, reason):
        step.passed.append(to)
        if to in FINAL and not was_over:
            step.ended = True
        if message.charge is not None:
            purse = Purse(message.account, message.env, message.charge.currency)
            entry = of_move(message.id, purse, message.charge, before, to, now, taken=taken)
            if entry is not None:
                step.entries.append(entry)
        return True
    step.illegal += 1
    return False


def end(step: Step, then: End, now: datetime) -> bool:
    """End the message undelivered: `undeliverable` or `failed`, as the reason says."""
    to = Status.UNDELIVERABLE if then.reason in UNDELIVERABLE_REASONS else Status.FAILED
    if step.message.over:  # also as `sent`: only a receipt moves it from there
        step.illegal += 1
        return False
    if not move(step, to, now, then.reason):
        return False
    step.message.error = LastError(then.reason, then.detail, then.operator_error, now)
    return True


def wait(step: Step, then: Wait) -> None:
    """Put the message back into the store's queue."""
    message = step.message
    message.owner = None
    message.next_at = then.at
    if not then.counts and message.tries:
        message.tries -= 1
    if then.left is not None:
        message.tried = (*message.tried, then.left)
    if then.operator != message.operator or then.left is not None:
        message.tries = 0
        split_anew(message)
    message.operator = then.operator


def split_anew(message: Message) -> None:
    """The next hand-over writes all of the message: rows of the attempts so far no longer count."""
    message.since = message.attempts + 1
    message.part_count = 0
    message.doubt = False


def latest(message: Message, rows: Iterable[PartRow]) -> dict[int, PartRow]:
    """The row that counts for each part number of the present split.

    A part that was in doubt may have been written twice, and the answer or receipt of the first writing may come
    last: what a carrier has taken once it has, whatever became of the other.
    """
    current: dict[int, PartRow] = {}
    for row in rows:
        if row.attempt < message.since:
            continue
        known = current.setdefault(row.part, row)
        if known is not row and _weight(row) >= _weight(known):
            current[row.part] = row
    return current


def _weight(row: PartRow) -> tuple[bool, bool, int]:
    return row.state is PartState.DELIVERED, row.state in WITH_CARRIER, row.attempt


def fold(step: Step, current: dict[int, PartRow], now: datetime) -> None:
    """Draw the message's status from its parts.

    One part that ended undelivered ends the message at once, for it can't arrive whole any more. All parts
    with the carrier: `sent`; where no receipt was asked for any of them it is over. All delivered: `delivered`, where
    parts for which no receipt was asked go with the others.
    """
    message = step.message
    if message.status in FINAL:
        return
    doubt, taken, delivered, told = False, True, True, False
    lost: PartState | None = None
    # One loop without a set: it runs twice for each message, in the store's thread.
    for row in current.values():
        state = row.state
        if state is _PART_DELIVERED:
            told = True
            continue
        if state is _PART_SILENT:
            continue
        delivered = False
        if state is _PART_ACCEPTED:
            continue
        if state is PartState.UNDELIVERABLE or state is PartState.FAILED:
            lost = state if lost is None else lost
        else:
            taken = False
            doubt = doubt or state is PartState.DOUBT
    message.doubt = doubt
    if lost is not None:
        # apply_receipt has put the receipt's reason into the message's error.
        reason = Reason(message.error.code) if message.error else Reason.UNKNOWN
        to = Status.UNDELIVERABLE if lost is PartState.UNDELIVERABLE else Status.FAILED
        move(step, to, now, reason, taken=taken and 0 < message.part_count <= len(current))
        return
    if not message.part_count or len(current) < message.part_count or not taken:
        return
    silent, delivered = delivered and not told, delivered and told
    message.owner = None
    message.next_at = None
    if message.status is _QUEUED and (not delivered or message.processed_at is not None):
        move(step, _SENT, now)
    if delivered:
        move(step, _DELIVERED, now)
    elif silent and message.final_at is None:
        _close(message, now)
        step.ended = True


@dataclass(slots=True)
class Answer:
    """The outcome of writing one part, as the dispatcher brings it to the store.

    `then` stands on the last answer of a hand-over that did not put every part with the carrier.
    """

    message_id: bytes
    attempt: int
    part: int
    total: int
    operator: str
    route: str | None
    sender: str
    recipient: str
    outcome: Outcome
    at: datetime
    then: Then | None = None


_STATE_OF_OUTCOME: dict[type, PartState] = {
    Accepted: PartState.ACCEPTED,
    Throttled: PartState.RETURNED,
    Retry: PartState.RETURNED,
    NextRoute: PartState.REFUSED,
    Refused: PartState.REFUSED,
    SessionFault: PartState.RETURNED,
    Doubt: PartState.DOUBT,
}


def apply_answer(
    step: Step, current: dict[int, PartRow], answer: Answer, rows: Iterable[PartRow] = ()
) -> None:
    """Put one answer into the parts. Call `settle` after the last one of the message. `rows`: all its parts.

    A row that the carrier has already taken keeps its state (a receipt may have come while the part was in
    doubt); a late answer only adds the carrier's name for it. An answer to an older split changes no more than
    its own row.
    """
    message, outcome, attempt = step.message, answer.outcome, answer.attempt
    if attempt >= message.attempts and attempt >= message.since:
        message.attempts = attempt
        message.operator = answer.operator
        message.route = answer.route
        message.part_count = answer.total
    if message.processed_at is None and not isinstance(outcome, (Doubt, SessionFault)):
        message.processed_at = answer.at
    ref, error = (outcome.ref, None) if isinstance(outcome, Accepted) else (None, outcome.error)
    known = current.get(answer.part)
    if known is not None or rows or step.parts:  # mostly it is the first that is heard of the message
        for same in (*rows, *step.parts, *((known,) if known is not None else ())):
            if same.part == answer.part and same.attempt == attempt and same.state in WITH_CARRIER:
                if ref is not None:
                    same.ref = ref
                    step.keep(same)
                return
        # Two answers to one part in one step, as no answer in time and a late one: the later counts, as it does in two.
        step.parts = [each for each in step.parts if (each.part, each.attempt) != (answer.part, attempt)]
    row = PartRow(
        answer.message_id,
        attempt,
        answer.part,
        answer.operator,
        _STATE_OF_OUTCOME[type(outcome)] if ref is None or outcome.receipt else _PART_SILENT,  # type: ignore[union-attr]
        ref,
        error,
        answer.at,
        None,
        answer.sender,
        answer.recipient,
    )
    step.parts.append(row)
    if attempt < message.since:
        return
    if known is None or _weight(row) >= _weight(known):
        current[answer.part] = row
    if ref is None and isinstance(outcome, (Retry, NextRoute, Refused)) and not message.over:
        message.error = LastError(outcome.reason, error or "", error, answer.at)


def settle(step: Step, current: dict[int, PartRow], then: Then | None, now: datetime) -> None:
    """After the answers of one message: draw its status, and do what the dispatcher decided when it is not
    over.
    """
    fold(step, current, now)
    message = step.message
    if then is None or message.over:
        return
    if 0 < message.part_count <= len(current) and all(r.state in WITH_CARRIER for r in current.values()):
        return  # a receipt or a late answer has overtaken the decision
    if isinstance(then, End):
        end(step, then, now)
        return
    wait(step, then)
    if not any(row.state in MAY_HAVE for row in current.values()):
        split_anew(message)  # no carrier can have any of it: whoever is next is free to split it another way


def apply_receipt(
    step: Step,
    current: dict[int, PartRow],
    row: PartRow,
    receipt: Receipt,
    another: Callable[[Message], str | None] | None = None,
) -> ReceiptEffect:
    """Put a receipt onto the part that it names and draw the message's status.

    `another` names the next operator for a message that one reported undelivered, or None: then the message
    ends. One that was over already is sent by nobody else.
    """
    if receipt.state is None:
        return ReceiptEffect.INTERMEDIATE
    if row.state in RECEIPTED:
        return ReceiptEffect.REPEATED
    message = step.message
    row.state = receipt.state
    row.receipt_at = receipt.at
    if row.ref is None:
        row.ref = receipt.ref or None
    step.keep(row)
    lost = receipt.state is not _PART_DELIVERED
    if lost:
        row.error = receipt.error
    counted = current.get(row.part)
    overruled = counted is not None and counted is not row and _weight(counted) > _weight(row)
    if overruled or row.attempt < message.since or message.status in FINAL:
        return _APPLIED  # another attempt counts, or it is too late: kept on the attempt alone
    current[row.part] = row
    if lost:
        reason = receipt.reason or Reason.UNKNOWN
        message.error = LastError(reason, f"receipt: {receipt.error}", receipt.error, receipt.at)
        nxt = another(message) if another is not None and not message.over else None
        if nxt is not None:
            wait(step, Wait(nxt, receipt.at, left=row.operator))
            return _APPLIED
    fold(step, current, receipt.at)
    return _APPLIED


def pair_in_doubt(candidates: list[PartRow], waiting: list[Receipt]) -> list[tuple[PartRow, Receipt]]:
    """Which receipts with unknown refs belong to parts in doubt of the same operator and address pair.

    `candidates` are all parts of that pair without a final receipt, in doubt or not, in the order in which
    they were written. A receipt is taken only if exactly one part fits, or if all belong to one message and
    as many receipts wait: then in order. Otherwise nothing is guessed (promise 2).
    """
    in_doubt = [row for row in candidates if row.state is PartState.DOUBT]
    if not waiting or not in_doubt:
        return []
    named = [receipt for receipt in waiting if receipt.user_reference is not None]
    if named:  # our own reference came back: no need to guess, and no guess beside it
        pairs = []
        for receipt in named:
            fits = [r for r in in_doubt if ids.user_reference(r.message_id, r.part) == receipt.user_reference]
            if len(fits) == 1:
                pairs.append((fits[0], receipt))
                in_doubt.remove(fits[0])
        return pairs
    if len(candidates) == 1:
        return [(candidates[0], waiting[0])]
    if len({row.message_id for row in candidates}) == 1 and len(waiting) == len(candidates):
        return list(zip(candidates, waiting, strict=True))
    return []
