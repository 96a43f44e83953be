"""What a tenant asks for and is told: values that a dialect, the gates and the store share."""

from __future__ import annotations

import pytest

from gateway.domain.send import IdempotencyKey, Refusal, Send, Taken, Why
from gateway.domain.words import Priority


def test_a_send_is_transactional_and_unscheduled_unless_it_says_so() -> None:
    send = Send("orchestrator", "+447700900123", None, "hello")
    assert (send.priority, send.scheduled_at, send.validity_s) == (Priority.TRANSACTIONAL, None, None)
    assert send.max_body_chars == 1600


@pytest.mark.parametrize("kind", [Send, Refusal, Taken, IdempotencyKey])
def test_what_is_kept_for_a_replay_never_changes(kind: type) -> None:
    params = kind.__dataclass_params__  # type: ignore[attr-defined]
    assert params.frozen


def test_reasons_are_words_for_tables_and_metrics() -> None:
    assert all(why.value == why.name.lower() for why in Why)
