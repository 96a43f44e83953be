"""Schemathesis, which knows our API by its own OpenAPI document alone, against the live server."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="it looks at HTTP"),
]

COMMAND = Path(sys.executable).with_name("schemathesis")
# What its OpenAPI document can not say, each with its reason.
EXPLAINED = Path(__file__).parents[1] / "unit" / "http_api" / "schemathesis.toml"
EXAMPLES = 20  #: per operation and phase
MAX_TIME_S = 10
WITHIN_S = 120.0


async def test_no_unexplained_failure(template: Template, tmp_path: Path) -> None:
    """Every check that it has, on examples, edge cases and chains of calls, with the key of the test environment: what
    it invents is sent to nobody. Its longest URLs fit, for a longer one is refused before any operation is known."""
    async with world(template, tmp_path, config={"http": {"header_limit": 65_536}}) as at:
        await at.gateway.cli(
            *("account", "set", "acme", "--env", "test"),
            *("webhook_events=", "default_sender=Trunkline", "terms_accepted=current"),
        )
        status, out = await run(at, tmp_path)
        assert status == 0, out
        answers = (await at.gateway.metrics()).value("http_requests_total")
        assert answers > 4 * EXAMPLES, out
        assert at.submits() == []
        assert "http.failed" not in at.gateway.log


async def run(at: World, folder: Path) -> tuple[int, str]:
    """Exit status and output of Schemathesis."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        f"--config-file={EXPLAINED}",
        "run",
        f"{at.api.base}/openapi.json",
        f"--header=Authorization: Bearer {at.template.test_key}",
        "--checks=all",
        f"--max-examples={EXAMPLES}",
        f"--max-time={MAX_TIME_S}",
        "--generation-deterministic",
        "--no-color",
        cwd=folder,  # it leaves its database of examples behind
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, out.decode()
