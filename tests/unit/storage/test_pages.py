"""Along which indexes a page is looked for, and how far."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.domain.account import Env
from gateway.domain.labels import OVER
from gateway.domain.message import FINAL
from gateway.domain.words import Status
from gateway.ports import ListQuery
from storage.pages import ENDED, OPEN, Along, Way, ways

SENT, QUEUED = frozenset({Status.SENT}), frozenset({Status.QUEUED})
FAILED = frozenset({Status.FAILED})


def a_query(**fields: Any) -> ListQuery:
    return ListQuery("acme", Env.LIVE, 20, **fields)


def test_every_status_is_open_ended_or_delivered() -> None:
    assert FINAL - {Status.DELIVERED} == ENDED
    assert set(Status) - FINAL == OPEN


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [Way(Along.ACCOUNT, None, passes_over=False)]),
        (
            {"status": FAILED | {Status.DELIVERED}},
            [Way(Along.ACCOUNT, FAILED | {Status.DELIVERED}, passes_over=True)],
        ),
        ({"status": FAILED}, [Way(Along.ENDED, FAILED, passes_over=False)]),
        ({"status": FAILED, "sender": "ACME"}, [Way(Along.ENDED, FAILED, passes_over=True)]),
        (
            {"status": QUEUED | FAILED},
            [Way(Along.OPEN, QUEUED, passes_over=False), Way(Along.ENDED, FAILED, passes_over=False)],
        ),
        (
            {"status": SENT},
            [Way(Along.OPEN, SENT, passes_over=False), Way(Along.LABEL, SENT, passes_over=False, label=OVER)],
        ),
        ({"status": SENT, "over": False}, [Way(Along.OPEN, SENT, passes_over=False)]),
        ({"labels": ("tag:a",), "status": SENT}, [Way(Along.LABEL, SENT, passes_over=True)]),
        ({"recipient": "+447700900123", "status": SENT}, [Way(Along.RECIPIENT, SENT, passes_over=False)]),
    ],
)
def test_what_few_messages_have_is_looked_for_apart(fields: dict[str, Any], expected: list[Way]) -> None:
    assert ways(a_query(**fields), crowded=False) == expected


def test_among_too_many_that_are_open_the_accounts_own_are_gone_through() -> None:
    """There are those that are over as `sent`, too."""
    found = ways(a_query(status=SENT | FAILED), crowded=True)
    assert found == [
        Way(Along.ACCOUNT, SENT, passes_over=True),
        Way(Along.ENDED, FAILED, passes_over=False),
    ]
