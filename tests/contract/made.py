"""Messages, answers, receipts and events as the services make them, and the core's own decisions."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind
from gateway.domain.message import (
    Answer,
    Message,
    PartRow,
    Step,
    Then,
    apply_answer,
    apply_receipt,
    latest,
    settle,
)
from gateway.domain.outcome import Accepted, Outcome
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.send import Acceptance, IdempotencyKey, Refusal
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import PartState, Priority, Reason, ReceiptEffect, Status
from gateway.ports import InboundContext, InboundStep, Owner

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
URL = "https://hooks.example.com/sms"
DESTINATION = "https://hooks.example.com"
PHONE = "+447700900123"
OURS = "+14155550100"

KIND_OF = {
    Status.SENT: EventKind.SENT,
    Status.DELIVERED: EventKind.DELIVERED,
    Status.UNDELIVERABLE: EventKind.UNDELIVERABLE,
    Status.FAILED: EventKind.FAILED,
}


_made = itertools.count()


def new_id(at: datetime = NOW) -> bytes:
    """An id of that time; ids of one time sort as they were made. The core's own never goes back in time."""
    return ids.first_id_at(at)[:9] + next(_made).to_bytes(6, "big") + b"\x00"


def after(seconds: float) -> datetime:
    """A time later than `NOW`."""
    return NOW + timedelta(seconds=seconds)


def message(**fields: Any) -> Message:
    """A message that waits for operator `alpha` from `NOW` on; `fields` say otherwise."""
    at = fields.get("accepted_at", NOW)
    values: dict[str, Any] = {
        "id": new_id(at),
        "account": "acme",
        "env": Env.LIVE,
        "dialect": "orchestrator",
        "sender": OURS,
        "recipient": PHONE,
        "body": "Привет 👋",
        "segment_count": 1,
        "priority": Priority.TRANSACTIONAL,
        "accepted_at": at,
        "expires_at": at + timedelta(hours=72),
        "operator": "alpha",
        "route": "all",
        "next_at": at,
    }
    return Message(**(values | fields))


def claimed(owner: Owner, **fields: Any) -> Message:
    """A message that is claimed by the commit that accepts it."""
    mine: dict[str, Any] = {
        "owner": owner.number,
        "token": owner.token,
        "next_at": None,
        "attempts": 1,
        "tries": 1,
        "part_count": 1,
    }
    return message(**(mine | fields))


def acceptance(
    *items: Message | Refusal, key: str | None = None, body: str = "{}", at: datetime = NOW
) -> Acceptance:
    """A request; `key` is its idempotency key."""
    return Acceptance(list(items), idempotency_key(key, body) if key is not None else None, at)


def idempotency_key(key: str, body: str = "{}", path: str = "/v1/sms/send") -> IdempotencyKey:
    """What a caller's key stands for."""
    return IdempotencyKey(_digest(key), "POST", path, _digest(body))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def answer(m: Message, outcome: Outcome | str, part: int = 1, total: int = 1, **fields: Any) -> Answer:
    """The outcome of one part; a string is the ref of an accepted one."""
    values: dict[str, Any] = {
        "message_id": m.id,
        "attempt": max(m.attempts, 1),
        "part": part,
        "total": total,
        "operator": "alpha",
        "route": "all",
        "sender": m.sender,
        "recipient": m.recipient,
        "outcome": Accepted(outcome) if isinstance(outcome, str) else outcome,
        "at": after(1),
    }
    return Answer(**(values | fields))


def receipt(m: Message, ref: str, state: PartState | None = PartState.DELIVERED, **fields: Any) -> Receipt:
    """A carrier's word on a part of this message."""
    lost = state in (PartState.UNDELIVERABLE, PartState.FAILED)
    values: dict[str, Any] = {
        "operator": "alpha",
        "ref": ref,
        "sender": m.sender,
        "recipient": m.recipient,
        "state": state,
        "reason": Reason.ABSENT if lost else None,
        "error": "001" if lost else "000",
        "at": after(2),
    }
    return Receipt(**(values | fields))


def event(subject: bytes, seq: int = 1, **fields: Any) -> Event:
    """A webhook event that waits in the store."""
    values: dict[str, Any] = {
        "id": new_id(),
        "subject": subject,
        "seq": seq,
        "account": "acme",
        "env": Env.LIVE,
        "dialect": "orchestrator",
        "kind": EventKind.DELIVERED,
        "at": NOW,
        "url": URL,
        "destination": DESTINATION,
        "data": {"message_id": ids.text(subject), "attempts": 1, "metadata": None},
    }
    return Event(**(values | fields))


# --- the core's decisions, as the services put them together


def decide_answers(
    m: Message, rows: list[PartRow], answers: list[Answer], early: list[tuple[int, Receipt]]
) -> Step:
    """All answers of one message, then the receipts that overtook them."""
    step, current = Step(m), latest(m, rows)
    then: Then | None = None
    for each in answers:
        apply_answer(step, current, each)
        then = each.then or then
    for index, early_receipt in early:
        named = (answers[index].part, answers[index].attempt)
        for row in [row for row in step.parts if (row.part, row.attempt) == named]:
            apply_receipt(step, current, row, early_receipt)
    settle(step, current, then, answers[-1].at)
    return announced(step)


def decide_receipt(m: Message, rows: list[PartRow], row: PartRow, got: Receipt) -> tuple[Step, ReceiptEffect]:
    """One receipt for one part."""
    step = Step(m)
    effect = apply_receipt(step, latest(m, rows), row, got)
    return announced(step), effect


def announced(step: Step, owner: int | None = None) -> Step:
    """One event for each status that the step passed, but for `queued`."""
    for status in step.passed:
        kind = KIND_OF.get(status)
        if kind is not None:
            step.message.events += 1
            step.events.append(event(step.message.id, step.message.events, kind=kind, owner=owner))
    return step


def changing(
    change: Callable[[Message], None],
) -> Callable[[Message, list[PartRow]], Step | None]:
    """A decision that only changes the message."""

    def decide(m: Message, rows: list[PartRow]) -> Step | None:
        change(m)
        return Step(m)

    return decide


def inbound(body: str = "Hello", **fields: Any) -> Inbound:
    """A message from a phone."""
    values: dict[str, Any] = {
        "operator": "alpha",
        "sender": PHONE,
        "recipient": OURS,
        "body": body,
        "at": NOW,
        "fingerprint": _digest(f"{body}{sorted(fields.items())}")[:16],
    }
    return Inbound(**(values | fields))


class InboundDecider:
    """Keeps what it was asked; the inbound message belongs to the number's owner, else to the prior send."""

    def __init__(self, **consequences: Any) -> None:
        self.seen: list[tuple[Inbound, InboundContext]] = []
        self.consequences = consequences

    def __call__(self, got: Inbound, context: InboundContext) -> InboundStep:
        self.seen.append((got, context))
        account = context.owners[0].account if context.owners else None
        if account is None and context.prior is not None:
            account = context.prior.account
        stored = StoredInbound(
            new_id(got.at),
            got.operator,
            got.sender,
            got.recipient,
            got.body,
            got.at,
            account,
            Env.LIVE,
            "",
            "stop" if got.body == "STOP" else None,
            "stop" if got.body == "STOP" else None,
            context.prior.message_id if context.prior else None,
        )
        return InboundStep(stored, **self.consequences)
