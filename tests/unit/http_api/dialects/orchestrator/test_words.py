"""Every member of the core's closed sets has a word in this dialect."""

from __future__ import annotations

from typing import get_args

import pytest

from gateway.domain.send import Why
from gateway.domain.words import PartState, Priority, Status
from http_api.dialects.orchestrator.schema import SendRequest
from http_api.dialects.orchestrator.words import (
    CLASSES_OF_TYPE,
    POINTER_OF_WHY,
    STATUS_OF_WORD,
    WORD_OF_PART_STATE,
    WORD_OF_STATUS,
    message_type,
)
from tests.unit.http_api.memory import message


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_word_and_back(status: Status) -> None:
    assert STATUS_OF_WORD[WORD_OF_STATUS[status]] is status


def test_the_words_are_those_of_the_contract() -> None:
    assert list(WORD_OF_STATUS.values()) == [
        "SCHEDULED",
        "QUEUED",
        "SENT",
        "DELIVERED",
        "UNDELIVERABLE",
        "FAILED",
        "CANCELED",
    ]


@pytest.mark.parametrize("state", PartState)
def test_every_state_of_a_part_has_a_word(state: PartState) -> None:
    assert WORD_OF_PART_STATE[state].isupper()


@pytest.mark.parametrize("why", Why)
def test_every_refusal_points_somewhere(why: Why) -> None:
    assert POINTER_OF_WHY[why] in {"", "/to", "/from", "/body", "/callbackUrl"}


def test_every_message_type_of_the_schema_has_its_classes_and_back() -> None:
    words = get_args(SendRequest.model_fields["message_type"].annotation)
    assert set(words) == set(CLASSES_OF_TYPE)
    for word, (priority, message_class) in CLASSES_OF_TYPE.items():
        assert message_type(message(priority=priority, message_class=message_class)) == word


@pytest.mark.parametrize("priority", Priority)
def test_a_mixture_of_another_dialect_still_has_a_word(priority: Priority) -> None:
    assert message_type(message(priority=priority, message_class=2)) in CLASSES_OF_TYPE
