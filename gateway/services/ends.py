"""Ends of messages, counted: after the commit, for a decision may run twice."""

from __future__ import annotations

from gateway.domain.message import FINAL, Step
from gateway.metrics import Metrics


def count_end(metrics: Metrics, step: Step) -> None:
    """Count the message if this step has ended it."""
    if step.passed and step.passed[-1] in FINAL:
        message = step.message
        metrics.messages_ended.add(str(message.status), str(message.reason) if message.reason else "")
