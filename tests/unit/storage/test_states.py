"""Rows of what processes say of their operators."""

from dataclasses import replace
from datetime import UTC, datetime

from gateway.ports import OperatorState
from storage.states import state, state_rows

ALPHA = OperatorState(
    "alpha",
    7,
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    "up",
    [{"state": "bound", "window": 10}],
    5,
    2,
    [{"country": "44", "trial": False, "why": "80% of its answers were bad"}],
    "0badcafe",
)


def test_a_state_is_read_back_as_it_was_written() -> None:
    assert [state(row) for row in state_rows([ALPHA])] == [ALPHA]


def test_rows_are_in_the_order_of_their_keys_and_the_last_word_counts() -> None:
    beta, other = replace(ALPHA, operator="beta"), replace(ALPHA, process=3)
    down = replace(ALPHA, state="down")
    assert [state(row) for row in state_rows([beta, ALPHA, other, down])] == [other, down, beta]
