"""Which pages are looked for apart from the many messages that were delivered."""

from __future__ import annotations

import pytest

from gateway.domain.message import FINAL
from gateway.domain.words import Status
from storage.pages import ENDED, OPEN, apart


def test_every_status_is_open_ended_or_delivered() -> None:
    assert FINAL - {Status.DELIVERED} == ENDED
    assert set(Status) - FINAL == OPEN


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, None),
        ({Status.DELIVERED, Status.FAILED}, None),
        ({Status.FAILED}, (["failed"], [])),
        ({Status.SENT, Status.QUEUED, Status.CANCELED}, (["canceled"], ["queued", "sent"])),
    ],
)
def test_a_filter_without_delivered_is_looked_for_apart(
    status: set[Status] | None, expected: tuple[list[str], list[str]] | None
) -> None:
    assert apart(None if status is None else frozenset(status)) == expected
