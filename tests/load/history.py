"""A month of messages as the product leaves them: each lives its life by the domain's own decisions, then the store's
own functions make its rows. Message `n` of a history is always the same one, so that a measurement can ask for it.

Of 100 messages 90 are delivered as one part, 4 as three parts, 2 by the second operator after the first one's error;
1 fails, 2 are reported
undeliverable and 1 is refused. Two of five are those of one account, the rest is spread over 19 others. Of the
last days some still wait for their receipt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from gateway.domain import ids
from gateway.domain.account import Env, Policy
from gateway.domain.event import Event
from gateway.domain.message import (
    Answer,
    End,
    Message,
    PartRow,
    Step,
    Then,
    Wait,
    apply_answer,
    apply_receipt,
    latest,
    settle,
)
from gateway.domain.outcome import Accepted, NextRoute, Outcome, Refused
from gateway.domain.receipt import Receipt
from gateway.domain.send import Taken
from gateway.domain.words import PartState, Priority, Reason, Status
from gateway.services.events import Announcer
from storage import rows
from storage.acceptance import write_results
from storage.changes import Changes, Loaded, latest_attempt

DAYS = 29.5  #: less than the retention of 30, so that nothing is dropped while it is measured
KEY_HOURS = 47  #: less than the lifetime of idempotency keys, for the same reason
OPEN_HOURS = 60  #: so far back messages wait for their receipt; their validity of 72 h is not over
OPEN = 20_000  #: about so many of them, in a large history

SENDER = "+14155550100"
TEXT = "Your one-time code is 123456. It is valid for ten minutes; do not tell it to anybody."
METADATA = '{"campaign":"spring","customer":"c-0123456"}'
FIRST_REF = 10**11  #: below what the simulated carrier counts from
OTHERS = 19  #: accounts besides the one that is measured
ANSWER, RECEIPT, SETTLE, FAIL_OVER = (timedelta(seconds=s) for s in (0.05, 4, 4.1, 30))


@dataclass(slots=True)
class Rows:
    """What some messages have left, by table, in the order of the columns."""

    messages: list[rows.Row]
    unfinished: list[rows.Row]
    """PostgreSQL's own: (id, operator, priority, expires_at, owner, next_at, account, env, status)."""
    parts: list[rows.Row]
    carrier_refs: list[rows.Row]
    webhooks: list[rows.Row]
    idempotency: list[rows.Row]
    suppressions: list[rows.Row]


@dataclass(frozen=True)
class History:
    """`messages` messages that end at `until`. `account` has two of five, and `webhook_url` hears of them."""

    messages: int
    until: datetime
    account: str
    webhook_url: str

    # --- what a measurement may ask for

    def accepted_at(self, n: int) -> datetime:
        """When message `n`, from 0, came."""
        return self.until - timedelta(days=DAYS) * (1 - n / self.messages)

    def message_id(self, n: int) -> bytes:
        """Its id: of its time, and in the order of the numbers."""
        return ids.first_id_at(self.accepted_at(n))[:9] + n.to_bytes(6, "big") + b"\0"

    def account_of(self, n: int) -> str:
        """Whose it is."""
        return self.account if n % 5 < 2 else f"account-{n * 7 % OTHERS + 1}"

    def recipient(self, n: int) -> str:
        """To whom: each number gets some five messages in the month."""
        people = max(self.messages // 5, 1)
        return f"+4477{n * 2_654_435_761 % people:08}"

    def operator(self, n: int) -> str:
        """By whom it was sent at first."""
        return "second" if n % 4 == 3 else "carrier"

    def ref(self, n: int, part: int) -> str:
        """The carrier's name for a part, from 1."""
        return str(FIRST_REF + n * 4 + part)

    def is_open(self, n: int) -> bool:
        """Whether it still waits for its receipt, from `carrier`."""
        return n >= self._first_open and (n - self._first_open) % self._open_every == 0

    @property
    def open_numbers(self) -> range:
        """The messages that wait for their receipt."""
        return range(self._first_open, self.messages, self._open_every)

    @cached_property
    def _first_open(self) -> int:
        return self._number_at(timedelta(hours=OPEN_HOURS)) // 4 * 4  # `carrier` sent it

    @cached_property
    def _open_every(self) -> int:
        return max(4, (self.messages - self._first_open) // OPEN // 4 * 4)

    def _number_at(self, before_the_end: timedelta) -> int:
        return int(self.messages * (1 - before_the_end / timedelta(days=DAYS)))

    # --- the lives

    def rows(self, first: int, last: int) -> Rows:
        """What the messages from `first` to before `last` have left."""
        found = Rows([], [], [], [], [], [], [])
        announcer = Announcer(lambda *_: Policy(webhook_url=self.webhook_url), lambda _: 1)
        first_key = self._number_at(timedelta(hours=KEY_HOURS))
        for n in range(first, last):
            life = _Life(self, n, announcer)
            life.run()
            life.leave(found)
            if n >= first_key:
                found.idempotency.append(_key(life.message))
            if n % 1_000 == 0:
                m = life.message
                stop = (f"+4478{n:08}", m.account, m.env.value, "", "stop", rows.micros(m.accepted_at))
                found.suppressions.append(stop)
        return found

    def slices(self, size: int) -> Iterator[tuple[int, int]]:
        """All numbers as (from, to)."""
        return ((at, min(at + size, self.messages)) for at in range(0, self.messages, size))


class _Life:
    """One message from its acceptance to its webhook."""

    def __init__(self, history: History, n: int, announcer: Announcer) -> None:
        at = history.accepted_at(n)
        self._history, self._n, self._announcer = history, n, announcer
        self.message = Message(
            history.message_id(n),
            history.account_of(n),
            Env.LIVE,
            "orchestrator",
            SENDER,
            history.recipient(n),
            TEXT,
            1,
            Priority.TRANSACTIONAL,
            at,
            at + timedelta(hours=72),
            metadata=METADATA,
            key_id="key_0123456789abcdef",
            request_id=f"req-{n:024}",
            operator=history.operator(n),
            route="all",
            attempts=1,
            tries=1,
            part_count=1,
            owner=1,
            token=1,
        )
        self._entry = Loaded(self.message)
        self._changes = Changes()
        self._beside: list[PartRow] = []
        self._refs: list[PartRow] = []

    def run(self) -> None:
        """All that happens to it."""
        kind, m, history, n = self._n % 100, self.message, self._history, self._n
        if history.is_open(n):
            self._answered(1, Accepted(history.ref(n, 1)), m.accepted_at + ANSWER)
        elif kind < 4:
            m.part_count = m.segment_count = 3
            self._answered(3, None, m.accepted_at + ANSWER)
            self._receipted(PartState.DELIVERED, None)
        elif kind < 6:
            self._fail_over()
            self._receipted(PartState.DELIVERED, None)
        elif kind < 9:
            self._answered(1, None, m.accepted_at + ANSWER)
            failed = kind == 6
            self._receipted(
                PartState.FAILED if failed else PartState.UNDELIVERABLE,
                Reason.UNKNOWN if failed else Reason.ABSENT,
            )
        elif kind == 9:
            refused = Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR")
            ended = End(refused.reason, refused.error, refused.error)
            self._answered(1, refused, m.accepted_at + ANSWER, ended)
        else:
            self._answered(1, None, m.accepted_at + ANSWER)
            self._receipted(PartState.DELIVERED, None)

    def leave(self, found: Rows) -> None:
        """Its rows, once it is over."""
        m = self.message
        found.messages.append((*rows.message_row(m)[:10], *rows.message_state(m, self._beside)))
        if m.final_at is None:
            queued = (m.id, m.operator or "", m.priority.value, rows.micros(m.expires_at), m.owner, None)
            found.unfinished.append((*queued, m.account, m.env.value, m.status.value))
        found.parts += [rows.part_row(part) for _, part in sorted(self._changes.earlier.items())]
        found.carrier_refs += [
            (
                p.operator,
                p.ref,
                p.recipient,
                p.message_id,
                p.attempt,
                p.part,
                p.sender,
                rows.micros(p.at),
                None,
            )
            for p in self._refs
        ]
        found.webhooks += [_settled(event) for event in self._changes.events]

    def _fail_over(self) -> None:
        """The first operator has no way to the number; the second has."""
        m = self.message
        again = m.accepted_at + FAIL_OVER
        other = "carrier" if m.operator == "second" else "second"
        self._answered(
            1,
            NextRoute(Reason.CARRIER_ERROR, "ESME_RSUBMITFAIL"),
            m.accepted_at + ANSWER,
            Wait(other, again, m.operator),
        )
        m.operator, m.attempts, m.tries, m.owner, m.next_at, m.part_count = other, 2, 1, 1, None, 1
        self._answered(1, None, again + ANSWER)

    def _answered(self, parts: int, outcome: Outcome | None, at: datetime, then: Then | None = None) -> None:
        """The carrier's answers to one attempt; without an `outcome` it takes all."""
        m = self.message
        step = Step(m)
        self._entry.latest = latest_attempt(self._entry.parts)
        current = latest(m, self._entry.parts)
        for part in range(1, parts + 1):
            said = outcome if outcome is not None else Accepted(self._history.ref(self._n, part))
            answer = Answer(
                m.id, m.attempts, part, parts, m.operator or "", "all", m.sender, m.recipient, said, at, then
            )
            apply_answer(step, current, answer)
        settle(step, current, then, at)
        self._refs = [part for part in step.parts if part.ref is not None]
        self._take(step, at)

    def _receipted(self, state: PartState, reason: Reason | None) -> None:
        """A receipt for each part that was taken."""
        m = self.message
        for part in list(self._refs):
            at = part.at + RECEIPT
            error = "" if reason is None else "027"
            receipt = Receipt(part.operator, part.ref or "", m.sender, m.recipient, state, reason, error, at)
            step = Step(m)
            apply_receipt(step, latest(m, self._entry.parts), part, receipt)
            self._take(step, at)

    def _take(self, step: Step, at: datetime) -> None:
        self._announcer.announce(step, at)
        self._changes.take(self._entry, step)
        self._beside = self._changes.beside_message(self._entry)


def _settled(event: Event) -> rows.Row:
    """A webhook row of an event that was delivered at once."""
    row = rows.event_row(event)
    return (*row[:6], rows.DELIVERED, None, row[8], 1, None, rows.micros(event.at + SETTLE - RECEIPT), None)


def _key(m: Message) -> rows.Row:
    """The row of the key with which the message came."""
    digest = hashlib.sha256(m.id).digest()
    result = write_results([Taken(m.id, Status.QUEUED, m.segment_count, m.accepted_at)])
    return digest, "POST", "/v1/sms/send", digest, result, rows.micros(m.accepted_at)
