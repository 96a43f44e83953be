"""What follows from steps once they are committed, and only then, for a decision may run twice."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.domain.event import Event
from gateway.domain.message import Step
from gateway.metrics import Metrics
from gateway.services.webhooks import Webhooks


def after_commit(steps: Iterable[Step], webhooks: Webhooks, metrics: Metrics) -> None:
    """Deliver the steps' events; count the messages that they have ended, and the moves that were refused."""
    events: list[Event] = []
    for step in steps:
        if step.ended:
            message = step.message
            metrics.messages_ended.add(str(message.status), str(message.reason) if message.reason else "")
        if step.illegal:
            metrics.illegal_transitions(step.illegal)
        events += step.events
    if events:
        webhooks.hand_over(events)
