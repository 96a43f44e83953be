"""`trunkline demo`: the show ends with 0 only when all of it happened, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from pathlib import Path

import pytest

from gateway.bench.child import free_port
from tests.acceptance.harness.gateway import TRUNKLINE
from tests.programs import output_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITHIN_S = 60.0


async def played(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run the demo in a folder with a temporary folder inside; exit status, output, errors."""
    process = await asyncio.create_subprocess_exec(
        TRUNKLINE,
        "demo",
        *words,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await output_of(process, WITHIN_S)
    assert process.returncode is not None
    return process.returncode, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty place for temporary files."""
    (tmp_path / "tmp").mkdir()
    return tmp_path


async def test_the_show(folder: Path) -> None:
    status, out, err = await played(folder, "--once", "--http", f"127.0.0.1:{free_port()}")
    assert status == 0, (out, err)
    places = [
        out.find(word) for word in ("202", "DELIVERED", "webhook-signature", "STOP", "RECIPIENT_SUPPRESSED")
    ]
    assert -1 not in places, out
    assert places == sorted(places), "in the order in which it happens"
    assert re.search(r"v1,[A-Za-z0-9+/]{43}=", out), "the signature itself is shown"
    assert "Traceback" not in err
    assert left_in(folder) == [folder / "tmp"], "nothing is left behind"


def left_in(folder: Path) -> list[Path]:
    """Everything below a folder."""
    return list(folder.rglob("*"))


async def test_without_a_terminal_it_ends_by_itself(folder: Path) -> None:
    status, out, _ = await played(folder, "--http", f"127.0.0.1:{free_port()}")
    assert status == 0, out


async def test_a_port_in_use_fails(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, out, err = await played(folder, "--once", "--http", f"127.0.0.1:{taken.getsockname()[1]}")
    assert status == 1
    assert "Traceback" not in out + err
    assert "in use" in err


async def test_a_bad_address_is_a_usage_error(folder: Path) -> None:
    status, _, err = await played(folder, "--once", "--http", "nowhere")
    assert status == 2
    assert "--http" in err
