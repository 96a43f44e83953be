"""The supervisor with real processes in the workers' places: quick ones that say and do what a worker does."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.cli import worker, workers
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

# argv as `Workers` gives it. The file `does` says how it behaves; it writes what happens to `said`.
WORKER = """
import os, pathlib, signal, socket, sys, time
folder = pathlib.Path(sys.argv[3]).parent
does = (folder / "does").read_text()
if sys.argv[1] == "check":
    sys.exit("the file is wrong" if does == "wrong file" else 0)
index, line = sys.argv[5], socket.socket(fileno=int(sys.argv[6]))
def say(word):
    with (folder / "said").open("a") as file: file.write(f"{index} {word}\\n")
if does == "shows what it is told":
    say(" ".join(sys.argv[8:]))
if does == "imports":
    say("imports")
    while not (folder / "go").exists():
        time.sleep(0.005)
def on_term(*_):
    if does != "deaf":
        say("drained")
        os._exit(3 if does == "bad end" else 0)
signal.signal(signal.SIGTERM, on_term)
signal.signal(signal.SIGHUP, lambda *_: (say("reloaded"), line.send(b"reloaded\\n")))
signal.signal(signal.SIGUSR1, lambda *_: say("asked where it stands"))
signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
if does == "never ready":
    os._exit(1)
if "start" in does:
    say("starts")
while does == "starts for long":
    line.send(b"starts\\n")
    time.sleep(0.02)
while does == "hangs in its start":
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
    monkeypatch.setattr(worker, "_MAIN", WORKER)
    for name, seconds in {"FIRST_PAUSE_S": 0.01, "LONGEST_PAUSE_S": 0.04, "KILL_AFTER_S": -0.9}.items():
        monkeypatch.setattr(workers, name, seconds)
    for name in ("LOOK_EVERY_S", "TELL_WITHIN_S", "START_TOLD_EVERY_S"):
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
            assert task.done()
            task.exception()  # seen, where the test does not care


def pid_of(stage: Stage, index: int) -> int:
    """The latest process in that place."""
    return next(
        int(start["pid"]) for start in reversed(stage.events("a worker starts")) if start["worker"] == index
    )


def pending(pid: int) -> bool:
    """Whether a signal waits for a process to take it (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return any(int(line.split()[1], 16) for line in lines if line.startswith("ShdPnd:"))


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
    assert told["starts"] >= 2 * workers.STARTS_IN_VAIN
    assert {start["worker"] for start in stage.events("a worker starts")} == {0, 1}
    assert "ready" not in " ".join(stage.said())


async def test_a_worker_that_does_not_come_up_takes_no_other_down(stage: Stage) -> None:
    """A configuration that is wrong for an hour, and in it one worker that is killed (promise 7)."""
    async with running(stage) as task:
        await stage.ready(2)
        stage.does("never ready")
        os.kill(stage.events("a worker starts")[0]["pid"], signal.SIGKILL)
        await stage.until(
            lambda: task.done() or len(stage.events("a worker has ended")) > 3 * workers.STARTS_IN_VAIN
        )
        assert not task.done()
        assert "drained" not in " ".join(stage.said())
        # Nor does it count against the other, when that one is away for a moment.
        seen = len(stage.events("a worker has ended"))
        os.kill(stage.events("a worker starts")[1]["pid"], signal.SIGKILL)
        await stage.until(lambda: task.done() or len(stage.events("a worker has ended")) > seen + 2)
        assert not task.done()
        stage.does("well")
        await stage.ready(4)


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


async def test_one_that_hangs_in_its_start_is_replaced(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.does("hangs in its start")
    async with running(stage, count=1, hung_after_s=0.1):
        await stage.until(stage.said)
        stage.does("well")
        with monkeypatch.context() as short:
            short.setattr(workers, "START_SILENT_S", 0.3)
            await stage.until(lambda: stage.events(HANGS))
        (hung,) = stage.events(HANGS)
        assert (hung["worker"], hung["ready"]) == (0, False)
        assert hung["silent_s"] >= 0.3
        await stage.ready(1)
        assert stage.said()[:2] == ["0 starts", "0 asked where it stands"]


async def test_a_start_has_longer_than_what_a_hang_is(stage: Stage) -> None:
    """Imports and price lists, beside many others that do the same."""
    stage.does("hangs in its start")
    async with running(stage, count=1, hung_after_s=0.1):
        await stage.until(lambda: len(stage.events("a worker still starts")) > 10)
        assert stage.events(HANGS) == []


async def test_a_start_that_waits_may_wait_for_ever_and_is_told_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a migration of a large store, say: it is not silent."""
    stage.does("starts for long")
    async with running(stage, count=1, hung_after_s=0.1):
        await stage.until(stage.said)
        monkeypatch.setattr(workers, "START_SILENT_S", 2.0)
        told = len(stage.events("a worker still starts"))
        await stage.until(lambda: len(stage.events("a worker still starts")) > told + 50)
        assert stage.events(HANGS) == []


@pytest.mark.parametrize("does", ["hangs in its start", "deaf"])
async def test_sigterm_ends_whatever_its_workers_do(stage: Stage, does: str) -> None:
    stage.does(does)
    async with running(stage) as task:
        await stage.until(lambda: len(stage.events("a worker starts")) == 2)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait([task], timeout=30)
        assert task.done()


@pytest.mark.parametrize(
    ("sent", "heard"),
    [(signal.SIGTERM, "0 drained"), (signal.SIGINT, "0 drained"), (signal.SIGHUP, "0 reloaded")],
)
async def test_a_signal_waits_until_a_start_can_heed_it(
    stage: Stage, sent: signal.Signals, heard: str
) -> None:
    """SIGHUP ends a Python that imports, and SIGTERM ends it with a status that is none of an end that was wanted."""
    stage.does("imports")
    async with running(stage, count=1) as task:
        await stage.until(lambda: stage.said() == ["0 imports"])
        os.kill(os.getpid(), sent)
        await stage.until(lambda: pending(pid_of(stage, 0)))
        (stage.folder / "go").touch()
        await stage.until(lambda: heard in stage.said())
        assert stage.events("a worker has ended") == []
        if sent != signal.SIGHUP:
            await asyncio.wait_for(task, 30)


async def test_each_is_told_how_often_those_before_it_were_replaced(stage: Stage) -> None:
    stage.does("shows what it is told")
    async with running(stage, hung_after_s=30.0):
        for number in range(2):
            await stage.ready(2 + number)
            os.kill(pid_of(stage, 1), signal.SIGKILL)
        await stage.ready(4)
        os.kill(pid_of(stage, 1), signal.SIGTERM)
        await stage.ready(5)
        told = [line for line in stage.said() if "--replaced" in line]
    words = "{} --replaced ended {} --replaced killed {} --replaced hung 0"
    first = [words.format(index, 0, 0) for index in range(2)]
    assert sorted(told[:2]) == first
    assert told[2:] == [words.format(1, 0, 1), words.format(1, 0, 2), words.format(1, 1, 2)]


async def test_one_that_hung_is_counted_as_that(stage: Stage) -> None:
    stage.does("shows what it is told")
    async with running(stage, count=1, hung_after_s=0.2):
        await stage.ready(2)
        await stage.until(
            lambda: "0 --replaced ended 0 --replaced killed 0 --replaced hung 1" in stage.said()
        )


async def test_a_rolling_restart_is_no_replacement_but_where_the_drain_hangs(stage: Stage) -> None:
    stage.does("shows what it is told")
    async with running(stage, count=1):
        await stage.ready(1)
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: stage.events("rolling restart: done"))
        stage.does("deaf")
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: len(stage.events("rolling restart: done")) == 2)
        stage.does("shows what it is told")
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: len(stage.events("rolling restart: done")) == 3)
        told = [line.split()[-1] for line in stage.said() if "--replaced" in line]
        assert told == ["0", "0", "1"]


async def test_a_program_that_is_not_there_for_a_while_ends_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another release is put in its place; or no process is left to be had."""
    async with running(stage) as task:
        await stage.ready(2)
        with monkeypatch.context() as moment:
            moment.setattr("sys.executable", str(stage.folder / "nowhere"))
            os.kill(pid_of(stage, 1), signal.SIGKILL)
            await stage.until(lambda: len(stage.events("a worker can't be started")) > 10)
            os.kill(os.getpid(), signal.SIGUSR2)
            await stage.until(lambda: stage.events(REFUSED))
        await stage.ready(3)
        assert not task.done()
    assert stage.said().count("0 drained") == 1


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


REFUSED = "rolling restart refused, no worker would come up"


async def test_a_rolling_restart_with_a_wrong_file_drains_nobody(stage: Stage) -> None:
    async with running(stage):
        await stage.ready(2)
        stage.does("wrong file")
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: stage.events(REFUSED))
        assert stage.events(REFUSED)[0]["errors"] == "the file is wrong"
        assert sorted(stage.said()) == ["0 ready", "1 ready"]


async def test_a_rolling_restart_drains_nobody_for_a_file_that_workers_would_not_take(stage: Stage) -> None:
    """It reads well, and names a store that has one process."""
    async with running(stage):
        await stage.ready(2)
        (stage.folder / "gateway.toml").write_text(
            CONFIG.replace("postgresql://u@127.0.0.1/d", "sqlite:///a.db")
        )
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: stage.events(REFUSED))
        assert "an embedded store has one process" in stage.events(REFUSED)[0]["errors"]
        assert sorted(stage.said()) == ["0 ready", "1 ready"]


async def test_a_rolling_restart_that_is_asked_for_at_once_waits_for_the_start(stage: Stage) -> None:
    async with running(stage):
        await asyncio.sleep(0)  # the supervisor's first turn: it heeds signals, and has no worker yet
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: stage.events("rolling restart: done"))
        assert len(stage.events("a worker starts")) == 4


async def test_a_reload_changes_how_long_a_drain_may_take(stage: Stage) -> None:
    stage.does("deaf")
    async with running(stage, count=1):
        await stage.ready(1)
        path = stage.folder / "gateway.toml"
        path.write_text(CONFIG.replace("drain_timeout_s = 1", "drain_timeout_s = 1.25"))
        os.kill(os.getpid(), signal.SIGHUP)
        await stage.until(lambda: "0 reloaded" in stage.said())
        os.kill(os.getpid(), signal.SIGUSR2)
        await stage.until(lambda: stage.events("a worker does not end: killed"))
        (told,) = stage.events("a worker does not end: killed")
        assert told["after_s"] == pytest.approx(1.25 + workers.KILL_AFTER_S)
        stage.does("well")


async def test_a_reload_does_not_wait_for_who_has_no_answer_to_give(stage: Stage) -> None:
    """One that starts reads the file anyhow, and one that has ended will."""
    async with running(stage):
        await stage.ready(2)
        stage.does("hangs in its start")
        os.kill(pid_of(stage, 0), signal.SIGKILL)
        await stage.until(lambda: len(stage.events("a worker starts")) == 3)
        os.kill(os.getpid(), signal.SIGHUP)
        await stage.until(lambda: "1 reloaded" in stage.said())
        assert stage.events("a worker does not say that it has reloaded") == []


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


@pytest.mark.parametrize(
    ("listen", "admin", "error"),
    [
        ("127.0.0.1:8083", "127.0.0.1:8081", "8083 is that of .http. listen"),
        ("127.0.0.1:8082", ":8081", "8082 is that of .http. listen"),
        ("0.0.0.0:8084", "127.0.0.1:8081", "8084 is that of .http. listen"),
        ("127.0.0.1:80", "127.0.0.1:65533", "65535 is the last there is"),
        ("127.0.0.1:8080", "127.0.0.1:8081", None),
        ("127.0.0.1:8085", "127.0.0.1:8081", None),
        ("127.0.0.1:8082", "127.0.0.2:8081", None),
        ("127.0.0.1:80", "127.0.0.1:65532", None),
        ("127.0.0.1:0", "127.0.0.1:0", None),
    ],
)
def test_each_worker_has_a_port_for_its_admin_listener(listen: str, admin: str, error: str | None) -> None:
    """One that is taken by ourselves would keep one worker from ever coming up, beside others that serve."""
    text = CONFIG.replace("127.0.0.1:0", listen).replace("127.0.0.1:9000", admin)
    expected = nullcontext() if error is None else pytest.raises(Refused, match=error)
    with expected:
        check_workers(parse(text, Path()), 4)


def test_who_has_no_api_shares_no_port_with_it() -> None:
    text = CONFIG.replace("127.0.0.1:0", "127.0.0.1:9001")
    check_workers(parse(f"{text}[process]\nroles = ['sender']\n", Path()), 4)


def test_an_address_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(TrunklineError, match=rf"listen 127.0.0.1:{port} can't be used"):
            open_listener(f"127.0.0.1:{port}")
