"""Schemathesis against a listener: it asks what the OpenAPI document promises, and what it does not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.programs import output_of

COMMAND = Path(sys.executable).with_name("schemathesis")
WITHIN_S = 120.0


async def nothing_unexplained(
    document_url: str, key: str, explained: Path, folder: Path, *options: str, max_examples: int = 25
) -> str:
    """It finds no failure but those of the file `explained`; what it printed. `options`: those of its command, as to
    choose among the operations. `max_examples`: for each operation and phase. Its database of examples is left in
    `folder`."""
    run = await asyncio.create_subprocess_exec(
        str(COMMAND),
        f"--config-file={explained}",
        "run",
        document_url,
        f"--header=Authorization: Bearer {key}",
        *options,
        f"--max-examples={max_examples}",
        "--generation-deterministic",
        "--no-color",
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await output_of(run, WITHIN_S)
    assert run.returncode == 0, output
    return output
