"""Schemathesis, which knows our API by its own OpenAPI document alone, against the live server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import world
from tests.unit.http_api.explored import nothing_unexplained

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="it looks at HTTP"),
]

# What its OpenAPI document can not say, each with its reason.
EXPLAINED = Path(__file__).parents[1] / "unit" / "http_api" / "schemathesis.toml"
EXAMPLES = 20  #: per operation and phase
MAX_TIME_S = 10


async def test_no_unexplained_failure(template: Template, tmp_path: Path) -> None:
    """Every check that it has, on examples, edge cases and chains of calls, with the key of the test environment: what
    it invents is sent to nobody. Its longest URLs fit, for a longer one is refused before any operation is known."""
    async with world(template, tmp_path, config={"http": {"header_limit": 65_536}}) as at:
        await at.gateway.cli(
            *("account", "set", "acme", "--env", "test"),
            *("webhook_events=", "default_sender=Trunkline", "terms_accepted=current"),
        )
        out = await nothing_unexplained(
            f"{at.api.base}/openapi.json",
            at.template.test_key,
            EXPLAINED,
            tmp_path,
            "--checks=all",
            f"--max-time={MAX_TIME_S}",
            max_examples=EXAMPLES,
        )
        answers = (await at.gateway.metrics()).value("http_requests_total")
        assert answers > 4 * EXAMPLES, out
        assert at.submits() == []
        assert "http.failed" not in at.gateway.log
