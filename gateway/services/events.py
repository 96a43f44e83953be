"""Webhook events out of decisions: which of a step's statuses its account wants to hear of, and the core's snapshot.

`Event.data` is such a snapshot: `snapshot_of` of a message, `snapshot_of_inbound` of an inbound one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from gateway.domain import ids
from gateway.domain.account import Env, Policy
from gateway.domain.event import Event, EventKind
from gateway.domain.message import Message, Step
from gateway.domain.suppression import PriorSend, StoredInbound, Suppression
from gateway.domain.words import Status

PolicyOf = Callable[[str, Env], Policy]
"""An account's policy, from a snapshot; safe from any thread."""

KIND_OF_STATUS = {
    Status.SENT: EventKind.SENT,
    Status.DELIVERED: EventKind.DELIVERED,
    Status.UNDELIVERABLE: EventKind.UNDELIVERABLE,
    Status.FAILED: EventKind.FAILED,
    Status.CANCELED: EventKind.CANCELED,
}


_SENT = Status.SENT  # asked for with each message


@lru_cache(maxsize=10_000)  # callback URLs are the tenants' to invent
def destination_of(account: str, url: str) -> str:
    """Account, scheme, host and port: what concurrency and back-off are counted by.

    The account belongs to it because tenants of one provider share a host, and none may be in another's way.
    """
    parts = urlsplit(url)
    return f"{account} {parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def snapshot_of(message: Message, status: Status, *, over: bool) -> dict[str, object]:
    """A message at a status that it has passed, in plain words for the store. `over`: it is `sent`, and stays so.

    `metadata` is a JSON object as text, or None; `labels` are there where it has some, `over` where it is true.
    """
    error = message.error
    data: dict[str, object] = {
        "message_id": ids.text(message.id),
        "status": str(status),  # by the quicker of two ways
        "reason": str(message.reason) if message.reason else None,
        "recipient": message.recipient,
        "sender": message.sender,
        "segment_count": message.segment_count,
        "operator": message.operator,
        "route": message.route,
        "attempts": message.attempts,
        "metadata": message.metadata,
        "operator_error": error.operator_error if error else None,
    }
    if message.labels:
        data["labels"] = list(message.labels)
    if over:
        data["over"] = True
    return data


def snapshot_of_inbound(inbound: StoredInbound, prior: PriorSend | None) -> dict[str, object]:
    """An inbound message; `reply_to` and `metadata` are those of the message that it answers, None without one."""
    return {
        "inbound_id": ids.text(inbound.id),
        "sender": inbound.sender,
        "recipient": inbound.recipient,
        "body": inbound.body,
        "keyword": inbound.keyword,
        "action": inbound.action,
        "operator": inbound.operator,
        "reply_to": ids.text(prior.message_id) if prior else None,
        "metadata": prior.metadata if prior else None,
    }


class Announcer:
    """Adds the events to a step. `claim(destination)` says whether this process delivers the event itself right
    after the commit (its number), or leaves it in the store (None).
    """

    def __init__(self, policy_of: PolicyOf, claim: Callable[[str], int | None]) -> None:
        self._policy_of = policy_of
        self._claim = claim

    def announce(self, step: Step, now: datetime) -> None:
        """One event for each status that the step passed and that the account wants to hear of; and its recipient's
        suppression, where the message ended for a reason of the account's `suppress_on`.

        `sent` is told again where it has become the end: another carrier, which is asked for no receipts, took it.
        """
        message = step.message
        passed = step.passed or ([_SENT] if step.ended else ())
        if message.bypass or not passed:
            return  # the gateway's own reply to STOP, START or HELP: the tenant hears of the inbound message
        policy = self._policy_of(message.account, message.env)
        # Only what a carrier has said: our own gates and clocks say nothing new of a recipient, and a STOP that ended
        # a message may have been lifted since.
        by_carrier = message.error is not None and message.error.operator_error is not None
        if by_carrier and message.reason is not None and message.reason in policy.suppress_on:
            step.suppress = Suppression(
                message.account, message.env, message.sub_tenant, message.recipient, message.reason.value, now
            )
        for status in passed:
            kind = KIND_OF_STATUS.get(status)
            if kind is None:
                continue
            last = status is _SENT and message.status is _SENT and message.over
            # A StrEnum is its word. Who hears how messages end hears of this end too, though it is no `delivered`.
            wanted = policy.webhook_events
            if kind not in wanted and not (last and EventKind.DELIVERED in wanted):
                continue
            url = message.callback_url or policy.webhook_url
            if url is None:
                continue
            message.events += 1
            # Only a message's first event may go from hand to hand: a later one waits for the earlier in
            # the store.
            destination = destination_of(message.account, url)
            owner = self._claim(destination) if message.events == 1 else None
            step.events.append(self._of_message(message, kind, status, last, url, destination, owner, now))

    def _of_message(
        self,
        message: Message,
        kind: EventKind,
        status: Status,
        last: bool,
        url: str,
        destination: str,
        owner: int | None,
        now: datetime,
    ) -> Event:
        return Event(
            ids.new_id(now),
            message.id,
            message.events,
            message.account,
            message.env,
            message.dialect,
            kind,
            now,
            url,
            destination,
            snapshot_of(message, status, over=last),
            owner,
        )

    def of_inbound(self, inbound: StoredInbound, prior: PriorSend | None, now: datetime) -> list[Event]:
        """The event of an inbound message, for its owner; none when nobody owns it or nobody wants to hear."""
        if inbound.account is None:
            return []
        policy = self._policy_of(inbound.account, inbound.env)
        url = (prior.callback_url if prior else None) or policy.webhook_url
        if url is None or EventKind.INBOUND.value not in policy.webhook_events:
            return []
        dialect = prior.dialect if prior else policy.webhook_format
        destination = destination_of(inbound.account, url)
        return [
            Event(
                ids.new_id(now),
                inbound.id,
                1,
                inbound.account,
                inbound.env,
                dialect,
                EventKind.INBOUND,
                now,
                url,
                destination,
                snapshot_of_inbound(inbound, prior),
                self._claim(destination),
            )
        ]
