"""The times of delivery, and the settings that they come from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind
from gateway.services.webhooks import WebhookSettings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVENT = Event(
    id=b"e" * 16,
    subject=b"s" * 16,
    seq=1,
    account="acme",
    env=Env.LIVE,
    dialect="orchestrator",
    kind=EventKind.DELIVERED,
    at=NOW,
    url="https://a.example/hook",
    destination="https://a.example",
    data={},
)


def waits(settings: WebhookSettings) -> list[float]:
    """Seconds between the tries of an event that fails each time."""
    found: list[float] = []
    now = NOW
    while (at := settings.next_try(EVENT, len(found) + 1, now)) is not None:
        found.append((at - now).total_seconds())
        now = at
    return found


def test_the_schedule_is_followed_then_it_is_hourly_for_a_day() -> None:
    found = waits(WebhookSettings())
    assert found[:6] == [5, 30, 120, 300, 600, 1800]
    assert all(3240 <= wait <= 3960 for wait in found[6:-1])
    assert sum(found) == pytest.approx(86_400)  # the last try is as old as that
    assert 27 <= len(found) <= 34


def test_hourly_tries_do_not_come_all_at_once() -> None:
    assert len({waits(WebhookSettings())[7] for _ in range(20)}) > 10


def test_another_schedule() -> None:
    settings = WebhookSettings(schedule=(1, 2), give_up_after_s=10)
    assert waits(settings) == [1, 2, 7]
    assert settings.last_try(EVENT) == NOW + timedelta(seconds=10)


def test_settings_are_described() -> None:
    assert all(field.description for field in WebhookSettings.model_fields.values())


@pytest.mark.parametrize(
    "wrong", [{"concurrency_per_destination": 0}, {"answer_timeout_s": -1}, {"schedule": [0]}, {"unknown": 1}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WebhookSettings.model_validate(wrong)
