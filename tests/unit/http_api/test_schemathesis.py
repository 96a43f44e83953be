"""Schemathesis against a live listener: what the OpenAPI document says is what the server does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.unit.http_api.conftest import Api
from tests.unit.http_api.memory import LIVE_KEY

COMMAND = Path(sys.executable).with_name("schemathesis")
CONFIG = Path(__file__).with_name("schemathesis.toml")


async def test_no_unexplained_failure(api: Api, tmp_path: Path) -> None:
    """What is explained stands in schemathesis.toml, each with its reason."""
    run = await asyncio.create_subprocess_exec(
        str(COMMAND),
        f"--config-file={CONFIG}",
        "run",
        f"http://127.0.0.1:{api.server.port}/openapi.json",
        f"--header=Authorization: Bearer {LIVE_KEY}",
        "--include-path-regex=^/v1/",  # this listener's; the acceptance tests look at all of them
        "--max-examples=25",
        "--generation-deterministic",
        "--no-color",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,  # it leaves its database of examples behind
    )
    output, _ = await run.communicate()
    assert run.returncode == 0, output.decode()
    answers = api.server.counters.answers
    assert answers["/v1/sms/send", 202]
    assert answers["/v1/sms/{messageId}", 200], "a message that was sent is looked up"
    assert not any(status == 500 for _, status in answers)
