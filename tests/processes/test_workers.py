"""`trunkline serve --workers`: one command, several processes, and none of their ends is seen by a caller."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from gateway.bench.child import free_port
from gateway.metrics import Replaced
from tests.acceptance.harness.gateway import Gateway, configuration
from tests.certificates import make_certificate, serial_shown
from tests.faults.load import Load, Post
from tests.processes.fleet import EVERYTHING, Fleet, Prepared, fleet

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def workers(
    prepared: Prepared,
    folder: Path,
    number: int,
    hung_after_s: float = 60.0,
    http: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Fleet]:
    """A gateway of so many workers, all ready, with their admin listeners on free ports in a row; `http`: more of the
    section of that name."""
    http = {"admin_listen": f"127.0.0.1:{free_port(in_a_row=number)}", **http}
    process = {"hung_after_s": hung_after_s}
    async with fleet(prepared, folder, {"all": EVERYTHING}, http=http, process=process) as at:
        at.gateways["all"].arguments = ["--workers", str(number)]
        await at.gateways["all"].launch()
        await ready(at, number)
        yield at


async def ready(at: Fleet, times: int) -> None:
    """Wait until workers have become ready so many times since the start."""
    gateway = at.gateways["all"]
    await at.until(lambda: len(gateway.events("a worker is ready")) >= times, f"{times} ready workers")


def pids(gateway: Gateway) -> dict[int, int]:
    """The latest process of each worker."""
    return {told["worker"]: told["pid"] for told in gateway.events("a worker starts")}


async def replaced(gateway: Gateway, index: int) -> dict[str, float]:
    """What one worker shows of those before it in its place."""
    host, port = gateway.admin.rsplit(":", 1)
    shown = await gateway.metrics(f"{host}:{int(port) + index}")
    return {each.value: shown.value("worker_replaced_total", reason=each.value) for each in Replaced}


def endless() -> Any:
    """Posts until somebody takes no more."""
    return (Post(n, f"+44770{n:07}", f"Message {n:06}") for n in count())


class UntilStopped:
    """Posts until it is told that it is enough."""

    def __init__(self) -> None:
        self.stopped = False
        self._posts = endless()

    def __iter__(self) -> UntilStopped:
        return self

    def __next__(self) -> Post:
        if self.stopped:
            raise StopIteration
        post: Post = next(self._posts)
        return post


async def knock(at: Fleet, posts: Iterator[Post]) -> None:
    """A connection for each post, one after another."""
    for post in posts:
        load = Load(at.gateways["all"].port, at.prepared.template.key, [post])
        await load.start(1)
        await load.ended()
        at.accepted += load.answered
        at.cut += load.cut


async def test_a_rolling_restart_under_load_refuses_and_loses_nothing(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with workers(prepared, tmp_path, 2) as at:
        gateway = at.gateways["all"]
        before = pids(gateway)
        posts = UntilStopped()
        await at.load(posts, "all", connections=8)
        await at.answered(100)
        knocks = [asyncio.create_task(knock(at, posts)) for _ in range(4)]
        gateway.send_signal(signal.SIGUSR2)
        for seen in (3, 4):  # those of a worker that drains are closed: callers connect anew
            await ready(at, seen)
            await at.load(posts, "all", connections=8)
        await at.until(lambda: gateway.events("rolling restart: done"), "the end of the rolling restart")
        posts.stopped = True
        await asyncio.gather(*knocks)
        await at.posted()
        assert not at.cut, "every request has its answer"
        assert not set(pids(gateway).values()) & set(before.values())
        await at.all_delivered("all")
        assert await at.sent_twice() == 0
        assert await gateway.terminate() == 0


async def test_a_dead_worker_is_replaced_and_its_end_is_told(prepared: Prepared, tmp_path: Path) -> None:
    async with workers(prepared, tmp_path, 2) as at:
        gateway = at.gateways["all"]
        os.kill(pids(gateway)[1], signal.SIGKILL)
        await ready(at, 3)
        (ended,) = gateway.events("a worker has ended")
        assert (ended["worker"], ended["status"]) == (1, "killed by SIGKILL")
        await at.api("all").sent()
        assert await replaced(gateway, 0) == {"ended": 0, "killed": 0, "hung": 0}
        assert await replaced(gateway, 1) == {"ended": 0, "killed": 1, "hung": 0}


HANGS = "a worker hangs: it is asked where it stands, then killed and replaced"
HUNG_AFTER_S = 5.0


async def test_a_worker_that_hangs_under_load_is_replaced(prepared: Prepared, tmp_path: Path) -> None:
    """What it had accepted goes on, and its callers find that it is gone."""
    async with workers(prepared, tmp_path, 2, HUNG_AFTER_S) as at:
        gateway = at.gateways["all"]
        posts = UntilStopped()
        await at.load(posts, "all", connections=8)
        await at.answered(100)
        hangs = pids(gateway)[1]
        os.kill(hangs, signal.SIGSTOP)
        await ready(at, 3)
        (told,) = gateway.events(HANGS)
        assert (told["worker"], told["pid"]) == (1, hangs)
        (ended,) = gateway.events("a worker has ended")
        assert (ended["worker"], ended["status"]) == (1, "killed by SIGKILL")
        assert await replaced(gateway, 1) == {"ended": 0, "killed": 0, "hung": 1}
        posts.stopped = True
        await at.posted()
        await at.repeat_cut("all")
        await at.all_delivered("all")
        assert await at.sent_twice() <= 60
        assert await gateway.terminate() == 0


async def test_workers_that_were_held_with_their_supervisor_have_not_hung(
    prepared: Prepared, tmp_path: Path
) -> None:
    """As a container is that is frozen. The supervisor wakes up first, and finds that nobody said anything."""
    async with workers(prepared, tmp_path, 2, HUNG_AFTER_S) as at:
        gateway = at.gateways["all"]
        before = pids(gateway)
        held = [gateway.pid, *before.values()]
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        ends_at = time.monotonic() + 1.5 * HUNG_AFTER_S
        await at.until(lambda: time.monotonic() > ends_at, "a pause that is longer than what a hang is")
        gateway.send_signal(signal.SIGHUP)
        for pid in held:
            os.kill(pid, signal.SIGCONT)
        await at.until(lambda: len(gateway.events("reloaded")) == 2, "both to reload")
        await at.api("all").sent()
        assert (gateway.events(HANGS), pids(gateway)) == ([], before)


async def test_a_reload_goes_through_the_workers_one_by_one(prepared: Prepared, tmp_path: Path) -> None:
    async with workers(prepared, tmp_path, 2) as at:
        gateway = at.gateways["all"]
        gateway.send_signal(signal.SIGHUP)
        await at.until(lambda: len(gateway.events("reloaded")) == 2, "both to reload")
        assert [told["worker"] for told in gateway.events("reloaded")] == [0, 1]
        assert gateway.events("this change needs a restart") == []


async def test_signals_in_a_start_cost_no_worker(prepared: Prepared, tmp_path: Path) -> None:
    async with fleet(prepared, tmp_path, {"all": EVERYTHING}) as at:
        gateway = at.gateways["all"]
        http = {**gateway.document["http"], "admin_listen": f"127.0.0.1:{free_port(in_a_row=2)}"}
        gateway.configure({**gateway.document, "http": http})
        gateway.arguments = ["--workers", "2"]
        await gateway.launch()
        await at.until(lambda: len(gateway.events("a worker starts")) == 2, "both to start")
        gateway.send_signal(signal.SIGHUP)
        await at.until(lambda: len(gateway.events("reloaded")) == 2, "both to reload")
        assert gateway.events("a worker has ended") == []
        os.kill(pids(gateway)[1], signal.SIGKILL)
        await at.until(lambda: len(gateway.events("a worker starts")) == 3, "another one to start")
        assert await gateway.terminate() == 0


async def test_a_rolling_restart_with_a_wrong_file_ends_nobody(prepared: Prepared, tmp_path: Path) -> None:
    async with workers(prepared, tmp_path, 2) as at:
        gateway = at.gateways["all"]
        before = pids(gateway)
        gateway.configure({**gateway.document, "htp": {}})
        gateway.send_signal(signal.SIGUSR2)
        refused = "rolling restart refused, no worker would come up"
        await at.until(lambda: gateway.events(refused), "the refusal")
        assert "the file has no `htp`" in gateway.events(refused)[0]["errors"]
        await at.api("all").sent()
        assert pids(gateway) == before
        assert gateway.events("draining") == []


async def test_a_renewed_certificate_is_shown_by_all_workers(prepared: Prepared, tmp_path: Path) -> None:
    """After SIGHUP, by each on its own: who connects finds one of them."""
    make_certificate(tmp_path, 1)
    files = {"tls_cert_file": str(tmp_path / "cert.pem"), "tls_key_file": str(tmp_path / "key.pem")}
    async with workers(prepared, tmp_path, 2, http=files) as at:
        gateway = at.gateways["all"]
        assert {await serial_shown(gateway.port) for _ in range(16)} == {1}
        make_certificate(tmp_path, 2)
        gateway.send_signal(signal.SIGHUP)
        await at.until(lambda: len(gateway.events("reloaded")) == 2, "both to reload")
        assert {await serial_shown(gateway.port) for _ in range(16)} == {2}
        (tmp_path / "key.pem").write_text("cut off")
        gateway.send_signal(signal.SIGHUP)
        refused = "reload refused, the old configuration is still in force"
        await at.until(lambda: len(gateway.events(refused)) == 2, "both to refuse")
        assert {await serial_shown(gateway.port) for _ in range(16)} == {2}


async def test_workers_end_when_their_supervisor_is_killed(prepared: Prepared, tmp_path: Path) -> None:
    async with workers(prepared, tmp_path, 2) as at:
        gateway = at.gateways["all"]
        await gateway.kill9()
        await at.until(lambda: len(gateway.events("ended")) == 2, "both workers to drain")


async def test_workers_that_never_come_up_end_the_supervisor(prepared: Prepared, tmp_path: Path) -> None:
    async with fleet(prepared, tmp_path, {"all": EVERYTHING}) as at:
        gateway = at.gateways["all"]
        gateway.arguments = ["--workers", "2"]
        key = tmp_path / "no.key"
        key.write_text("short")
        gateway.configure({**gateway.document, "secrets": {"key_file": str(key)}})
        await gateway.launch()
        assert await gateway.ended() == 1
        assert "giving up" in gateway.log


async def test_an_embedded_store_has_one_process(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, configuration())
    gateway.arguments = ["--workers", "2"]
    await gateway.launch()
    assert await gateway.ended() == 1
    assert "--workers 2: an embedded store has one process" in gateway.log
