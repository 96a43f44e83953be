"""Schemathesis against a listener: it asks what the OpenAPI document promises, and what it does not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("schemathesis")


async def nothing_unexplained(document_url: str, key: str, explained: Path, folder: Path, *only: str) -> None:
    """It finds no failure but those of the file `explained`. `only`: options that choose among the operations. Its
    database of examples is left in `folder`."""
    run = await asyncio.create_subprocess_exec(
        str(COMMAND),
        f"--config-file={explained}",
        "run",
        document_url,
        f"--header=Authorization: Bearer {key}",
        *only,
        "--max-examples=25",
        "--generation-deterministic",
        "--no-color",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
    )
    output, _ = await run.communicate()
    assert run.returncode == 0, output.decode()
