"""What follows from a step once it is committed, and only then, for a decision may run twice."""

from __future__ import annotations

from gateway.domain.message import Step
from gateway.metrics import Metrics
from gateway.services.webhooks import Webhooks


def after_commit(step: Step, webhooks: Webhooks, metrics: Metrics) -> None:
    """Deliver the step's events; count the message if the step has ended it, and the moves that were refused."""
    if step.ended:
        message = step.message
        metrics.messages_ended.add(message.status, message.reason or "")
    if step.events:
        webhooks.hand_over(step.events)
    if step.illegal:
        metrics.illegal_transitions(step.illegal)
