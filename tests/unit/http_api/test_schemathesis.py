"""Schemathesis against a live listener: what the OpenAPI document says is what the server does."""

from __future__ import annotations

from pathlib import Path

from tests.unit.http_api.conftest import Api
from tests.unit.http_api.explored import nothing_unexplained
from tests.unit.http_api.memory import LIVE_KEY

CONFIG = Path(__file__).with_name("schemathesis.toml")


async def test_no_unexplained_failure(api: Api, tmp_path: Path) -> None:
    """What is explained stands in schemathesis.toml, each with its reason."""
    await nothing_unexplained(
        f"http://127.0.0.1:{api.server.port}/openapi.json",
        LIVE_KEY,
        CONFIG,
        tmp_path,
        "--include-path-regex=^/v1/",  # this listener's; the acceptance tests look at all of them
    )
    answers = api.server.counters.answers
    assert answers["/v1/sms/send", 202]
    assert answers["/v1/sms/{messageId}", 200], "a message that was sent is looked up"
    assert not any(status == 500 for _, status in answers)
