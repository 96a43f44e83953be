"""What a tenant asks for and is told: values that a dialect, the gates and the store share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.domain.send import IdempotencyKey, Origin, Refusal, Send, Taken, Why
from gateway.domain.words import Priority, Status


def test_a_send_is_transactional_and_unscheduled_unless_it_says_so() -> None:
    send = Send("orchestrator", "+447700900123", None, "hello")
    assert (send.priority, send.scheduled_at, send.validity_s) == (Priority.TRANSACTIONAL, None, None)
    assert send.max_body_chars == 1600


_KEPT = [
    (Send("orchestrator", "+447700900123", None, "hello"), "body"),
    (Refusal(Why.BODY_EMPTY, "The text is empty."), "why"),
    (Taken(bytes(16), Status.QUEUED, 1, datetime(2026, 4, 18, 10, 0, tzinfo=UTC)), "status"),
    (IdempotencyKey(b"k" * 32, "POST", "/v1/sms/send", b"b" * 32), "digest"),
    (Origin("req_1"), "request_id"),
]


@pytest.mark.parametrize(("value", "name"), _KEPT)
def test_what_is_kept_for_a_replay_never_changes(value: object, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(value, name, getattr(value, name))
    with pytest.raises((AttributeError, TypeError)):
        setattr(value, "another", 1)  # noqa: B010 - what no attribute is


def test_reasons_are_words_for_tables_and_metrics() -> None:
    assert all(why.value == why.name.lower() for why in Why)
