"""The supervisor with real processes in the workers' places: quick ones that say and do what a worker does."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.cli import workers
from gateway.cli.workers import Workers, check_workers, open_listener
from gateway.config import parse
from gateway.errors import Refused, TrunklineError

CONFIG = """
[http]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:9000"
[store]
url = "postgresql://u@127.0.0.1/d"
[limits]
drain_timeout_s = 1
"""

# argv as `Workers` gives it. The first letter of the file `does` says how it behaves; it writes what happens to `said`.
WORKER = """
import os, pathlib, signal, socket, sys
folder = pathlib.Path(sys.argv[3]).parent
index, line, does = sys.argv[5], socket.socket(fileno=int(sys.argv[6])), (folder / "does").read_text()
def say(word):
    with (folder / "said").open("a") as file: file.write(f"{index} {word}\\n")
def on_term(*_):
    if does != "deaf":
        say("drained")
        os._exit(3 if does == "bad end" else 0)
signal.signal(signal.SIGTERM, on_term)
signal.signal(signal.SIGHUP, lambda *_: (say("reloaded"), line.send(b"reloaded\\n")))
signal.signal(signal.SIGUSR1, lambda *_: say("asked where it stands"))
if does == "never ready":
    os._exit(1)
while does == "hangs beside one that starts for long" and index == "1":
    signal.pause()
say("ready")
line.send(b"ready\\n")
if does == "ends":
    os._exit(1)
while True:
    signal.pause()
"""


class Stage:
    """A supervisor of two, and what its workers said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs: list[Any] = []
        (folder / "said").touch()
        self.does("well")

    def does(self, how: str) -> None:
        """How workers that start from now on behave."""
        (self.folder / "does").write_text(how)

    def said(self) -> list[str]:
        """Worker and word, in order."""
        return (self.folder / "said").read_text().splitlines()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Log lines of the supervisor."""
        return [line for line in self.logs if line["event"] == name]

    async def until(self, look: Callable[[], object]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(30):
            while not look():  # noqa: ASYNC110 it changes without telling
                await asyncio.sleep(0.005)

    async def ready(self, times: int) -> None:
        """Wait until the supervisor has heard of so many."""
        await self.until(lambda: len(self.events("a worker is ready")) == times)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of a hundredth."""
    monkeypatch.setattr(workers, "_MAIN", WORKER)
    for name, seconds in {"FIRST_PAUSE_S": 0.01, "LONGEST_PAUSE_S": 0.04, "KILL_AFTER_S": -0.9}.items():
        monkeypatch.setattr(workers, name, seconds)
    for name in ("LOOK_EVERY_S", "TELL_WITHIN_S"):
        monkeypatch.setattr(workers, name, 0.05)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Not begun."""
    return Stage(tmp_path)


@asynccontextmanager
async def running(
    stage: Stage, *, count: int = 2, hung_after_s: float = 0.0
) -> AsyncIterator[asyncio.Task[None]]:
    """The supervisor in a task; what it ends with is the test's to see."""
    config = parse(CONFIG, stage.folder)
    process = config.process.model_copy(update={"hung_after_s": hung_after_s})
    config = config.model_copy(update={"process": process})
    with capture_logs() as logs:
        stage.logs = logs
        task = asyncio.create_task(Workers(config, stage.folder / "gateway.toml", count).run())
        try:
            yield task
        finally:
            if not task.done():
                os.kill(os.getpid(), signal.SIGTERM)
                stage.does("well")
                await asyncio.wait([task], timeout=30)


async def test_sigterm_drains_all_and_ends(stage: Stage) -> None:
    async with running(stage) as task:
        await stage.ready(2)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, 30)
    assert sorted(stage.said()) == ["0 drained", "0 ready", "1 drained", "1 ready"]
    starts = stage.events("a worker starts")
    assert sorted(start["admin"] for start in starts) == ["127.0.0.1:9000", "127.0.0.1:9001"]


async def test_a_worker_that_ends_badly_is_told_by_the_exit(stage: Stage) -> None:
    stage.does("bad end")
    async with running(stage) as task:
        await stage.ready(2)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(TrunklineError, match="not all workers have ended well"):
            await asyncio.wait_for(task, 30)


async def test_one_that_does_not_end_is_killed(stage: Stage) -> None:
    stage.does("deaf")
    async with running(stage) as task:
        await stage.ready(2)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(TrunklineError):
            await asyncio.wait_for(task, 30)
    assert len(stage.events("a worker does not end: killed")) == 2


async def test_pauses_double_up_to_the_longest(stage: Stage) -> None:
    stage.does("ends")
    async with running(stage, count=1):
        await stage.until(lambda: len(stage.events("a worker has ended")) >= 4)
    ended = stage.events("a worker has ended")[:4]
    assert [end["begins_again_in_s"] for end in ended] == [0.02, 0.04, 0.04, 0.04]
    assert {end["status"] for end in ended} == {"exit status 1"}


async def test_one_that_lived_long_begins_again_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "STABLE_S", 0.0)
    stage.does("ends")
    async with running(stage, count=1):
        await stage.until(lambda: len(stage.events("a worker has ended")) >= 3)
    assert {end["begins_again_in_s"] for end in stage.events("a worker has ended")} == {0.01}


async def test_workers_that_never_come_up_end_it(stage: Stage) -> None:
    stage.does("never ready")
    async with running(stage) as task:
        with pytest.raises(TrunklineError):
            await asyncio.wait_for(task, 30)
    (told,) = stage.events("workers end before they are ready, one after another: giving up")
    assert told["starts"] == workers.STARTS_IN_VAIN
    assert stage.said() == []


async def test_a_worker_that_does_not_come_up_takes_no_other_down(stage: Stage) -> None:
    """A configuration that is wrong for an hour, and in it one worker that is killed (promise 7)."""
    async with running(stage) as task:
        await stage.ready(2)
        stage.does("never ready")
        os.kill(stage.events("a worker starts")[0]["pid"], signal.SIGKILL)
        await stage.until(
            lambda: task.done() or len(stage.events("a worker has ended")) > 2 * workers.STARTS_IN_VAIN
        )
        assert not task.done()
        assert "drained" not in " ".join(stage.said())
        stage.does("well")
        await stage.ready(3)


async def test_one_that_is_killed_is_named_and_replaced(stage: Stage) -> None:
    async with running(stage):
        await stage.ready(2)
        pids = {start["worker"]: start["pid"] for start in stage.events("a worker starts")}
        os.kill(pids[1], signal.SIGKILL)
        await stage.ready(3)
    assert [(end["worker"], end["status"]) for end in stage.events("a worker has ended")] == [
        (1, "killed by SIGKILL")
    ]


HANGS = "a worker hangs: it is asked where it stands, then killed and replaced"


async def test_one_that_hangs_is_asked_where_it_stands_and_replaced(stage: Stage) -> None:
    """These say nothing any more once they are ready."""
    async with running(stage, count=1, hung_after_s=0.2):
        await stage.ready(2)
        first, second = [start["pid"] for start in stage.events("a worker starts")]
        assert stage.said()[:2] == ["0 ready", "0 asked where it stands"]
        hung = stage.events(HANGS)[0]
        assert (hung["worker"], hung["pid"]) == (0, first) != (0, second)
        assert hung["silent_s"] >= 0.2
        assert stage.events("a worker has ended")[0]["status"] == "killed by SIGKILL"


async def test_one_that_starts_for_long_does_not_hang(stage: Stage) -> None:
    stage.does("hangs beside one that starts for long")
    async with running(stage, hung_after_s=0.2):
        await stage.until(lambda: len(stage.events(HANGS)) == 2)
        assert [hung["worker"] for hung in stage.events(HANGS)] == [0, 0]
        assert [start["worker"] for start in stage.events("a worker starts")].count(1) == 1


async def test_a_rolling_restart_goes_one_by_one(stage: Stage) -> None:
    async with running(stage, count=3):
        await stage.ready(3)
        begun = len(stage.said())
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: stage.events("rolling restart: done"))
        order = stage.said()[begun:]
        assert order == [f"{index} {word}" for index in range(3) for word in ("drained", "ready")]
        assert stage.events("a worker has ended") == []


async def test_a_rolling_restart_stops_at_the_first_that_does_not_come_up(stage: Stage) -> None:
    async with running(stage):
        await stage.ready(2)
        stage.does("never ready")
        os.kill(os.getpid(), signal.SIGUSR2)
        stopped = "rolling restart: stopped, the new worker does not come up; the others are as they were"
        await stage.until(lambda: stage.events(stopped))
        assert "1 drained" not in stage.said()
        stage.does("well")
        await stage.ready(3)


async def test_a_reload_is_passed_on_one_by_one(stage: Stage) -> None:
    async with running(stage):
        await stage.ready(2)
        for times in (1, 2):
            os.kill(os.getpid(), signal.SIGHUP)
            await stage.until(lambda: stage.said()[2:] == ["0 reloaded", "1 reloaded"] * times)  # noqa: B023


def test_an_embedded_store_has_one_process() -> None:
    embedded = parse('[store]\nurl = "sqlite:///trunkline.db"\n', Path())
    check_workers(embedded, 1)
    with pytest.raises(Refused, match="--workers 2: an embedded store has one process"):
        check_workers(embedded, 2)


def test_an_address_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(TrunklineError, match=rf"listen 127.0.0.1:{port} can't be used"):
            open_listener(f"127.0.0.1:{port}")
