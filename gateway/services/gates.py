"""The gates that a send passes before it is kept, in order, cheap to dear.

Address, sender, body and segments are pure and stand here; rate and backlog are counted in this process;
the ones that need the store's own state (idempotency, suppression, later quota and balance) are decided
inside `Store.accept`.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import lru_cache

from gateway.domain import ids
from gateway.domain.account import Caller, Policy
from gateway.domain.labels import MAX_CHARS, USER, value_of
from gateway.domain.message import Message
from gateway.domain.send import Origin, Refusal, Send, Why
from gateway.domain.words import Status
from routing import numbers, segments
from routing.national import languages_of
from routing.replacement import cheaper
from routing.segments import NO_LANGUAGES


class References:
    """Concatenation references: a counter per sender and recipient, so that two long messages to one phone within
    a short time never share one. Bounded; a pair that was forgotten begins anew."""

    def __init__(self, bound: int = 100_000) -> None:
        self._bound = bound
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()

    def next(self, sender: str, recipient: str) -> int:
        """The pair's next reference, 1 to 65,535."""
        pair = (sender, recipient)
        value = self._last.pop(pair, None)
        if value is None:
            value = random.randrange(0xFFFF)  # no two processes begin alike
        value = value % 0xFFFF + 1
        self._last[pair] = value
        if len(self._last) > self._bound:
            self._last.popitem(last=False)
        return value


def check_recipient(send: Send) -> Refusal | None:
    """E.164, nothing else: local numbers are a dialect's business."""
    if numbers.is_e164(send.recipient):
        return None
    return Refusal(Why.INVALID_RECIPIENT, numbers.why_not_e164(send.recipient))


def check_sender(caller: Caller, sender: str | None) -> Refusal | None:
    """A number, a short code or a name of up to 11 characters, and one that the account may use."""
    if not sender:
        return Refusal(Why.SENDER_MISSING, "No sender was given and the account has no default sender.")
    if numbers.kind_of_sender(sender) is None:
        return Refusal(Why.INVALID_SENDER, numbers.why_not_sender(sender))
    allowed = caller.policy.allowed_senders
    if allowed is not None and sender not in allowed:
        return Refusal(Why.SENDER_NOT_ALLOWED, f"Sender '{sender}' is not one that this account may use.")
    return None


def check_body(body: str, max_chars: int) -> Refusal | None:
    """Not empty, not longer than the dialect allows (Unicode code points)."""
    if not body:
        return Refusal(Why.BODY_EMPTY, "The text is empty.")
    if len(body) > max_chars:
        return Refusal(
            Why.BODY_TOO_LONG,
            f"The text has {len(body)} characters; at most {max_chars} are allowed.",
        )
    return None


def counted(policy: Policy, body: str) -> tuple[str, int]:
    """The text as it will be sent, and its segments, as the account's policy has them counted."""
    languages = languages_of(policy.national_languages) if policy.national_languages else NO_LANGUAGES
    if policy.smart_replacement:
        body = cheaper(body, languages)
    return body, segments.count(body, languages)


def labelled(labels: tuple[str, ...], member: str | None) -> tuple[str, ...]:
    """What a message is found by: also the member whose key sends it, unless it is already another's (a message that
    is sent again stays with whoever wrote it). A name too long for a label can't be looked for."""
    user = f"{USER}{member}"
    if not member or len(user) > MAX_CHARS or value_of(labels, USER) is not None:
        return labels
    return (*labels, user)


@lru_cache(maxsize=256)  # nearly every message has the gateway's own validity
def _span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def admit(
    caller: Caller, send: Send, origin: Origin, references: References, now: datetime, validity_s: float
) -> Message | Refusal:
    """Through the pure gates: a message ready to be kept, or why not."""
    sender = send.sender or caller.policy.default_sender
    refusal = (
        check_recipient(send) or check_sender(caller, sender) or check_body(send.body, send.max_body_chars)
    )
    if refusal is not None:
        return refusal
    assert sender is not None
    body, count = counted(caller.policy, send.body)
    scheduled = send.scheduled_at
    start = scheduled or now
    # By position: the names of so many arguments cost as much as the message.
    message = Message(
        ids.new_id(now),
        caller.account,
        caller.env,
        send.dialect,
        sender,
        send.recipient,
        body,
        count,
        send.priority,
        now,
        start + _span(send.validity_s or validity_s),
        caller.sub_tenant or send.sub_tenant,  # a key that is bound to one speaks for no other
        send.message_class,
        references.next(sender, send.recipient) if count > 1 else 0,
        send.callback_url,
        send.metadata,
        caller.key_id,
        origin.request_id,
        origin.traceparent,
        scheduled,
    )
    if send.labels or caller.member:
        message.labels = labelled(send.labels, caller.member)
    message.next_at = start
    if scheduled is not None:
        message.status = Status.SCHEDULED
    return message
