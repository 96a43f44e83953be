"""`trunkline demo`: it ends with 0 only when all that it tells has happened."""

import asyncio
import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest

from gateway.cli import demo
from gateway.cli import show as showing
from gateway.cli.show import ShowFailed, epilogue, show
from gateway.cli.stage import Stage, stage
from gateway.simulator import Profile, Simulator
from tests.unit.gateway.cli.conftest import program
from tests.unit.gateway.cli.processes import TRUNKLINE

ANY = "127.0.0.1:0"


def test_once(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [TRUNKLINE, "demo", "--once", "--http", ANY],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for told in (
        "✓ 202 {",
        "✓ DELIVERED",
        '"type":"message.delivered"',
        "✓ the signature verifies",
        "action 'stop'",
        "✓ one reply: 'You are unsubscribed",
        "✓ 422 RECIPIENT_SUPPRESSED",
        "All of it happened.",
    ):
        assert told in done.stdout
    assert "\x1b" not in done.stdout, "no colours in a pipe"
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_the_default_address_is_left_to_whoever_has_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        monkeypatch.setattr(demo, "DEFAULT_LISTEN", taken)
        other.listen()
        assert demo.free_address() == ANY
        assert f"{taken} is in use" in capsys.readouterr().err
    assert demo.free_address() == taken


def test_an_address_that_is_none() -> None:
    told = program("demo", "--once", "--http", "8080")
    assert told.code == 2
    assert "'8080' is no address and port" in told.err


def test_an_address_that_somebody_has() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = subprocess.run(
            [TRUNKLINE, "demo", "--once", "--http", f"127.0.0.1:{other.getsockname()[1]}"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (Profile(receipts=False), "DELIVERED within"),
        (Profile(refuse_binds=1000), "DELIVERED within"),
    ],
)
async def test_what_does_not_happen_fails_the_show(
    profile: Profile, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worse(self: Stage) -> None:
        self.carrier = Simulator(profile, self.submitted)

    monkeypatch.setattr(Stage, "__post_init__", worse)
    monkeypatch.setattr(showing, "STEP_WITHIN_S", 0.5)
    async with stage(ANY) as play:
        with pytest.raises(ShowFailed, match=said):
            await show(play)


async def test_a_wrong_secret_fails_the_show() -> None:
    async with stage(ANY) as play:
        play.secret = "whsec_" + "AAAA" * 8
        with pytest.raises(ShowFailed, match="does not verify"):
            await show(play)


async def test_the_lines_to_try_work(capsys: pytest.CaptureFixture[str]) -> None:
    async with stage(ANY) as play:
        epilogue(play)
        lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("   ")]
        *_, operators, suppressions, _ = lines
        for line in (operators, suppressions):
            told = await _run(line)
            assert told.returncode == 0, told.stderr
        answer = await play.send("+447700900124", "Hello from curl", "k")
        assert answer.status == 202


async def _run(line: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(line)
    assert words[0] == "trunkline"
    process = await asyncio.create_subprocess_exec(
        TRUNKLINE, *words[1:], stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return subprocess.CompletedProcess(words, process.returncode, out.decode(), err.decode())
