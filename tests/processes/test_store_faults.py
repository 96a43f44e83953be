"""PostgreSQL restarted, cut off, read-only, full of others' connections or slow, under load.

Each time: callers are told 503 with `Retry-After` while it lasts and insist; `/health/ready` tells; every message that
was accepted is sent, ends, and its webhook comes; every process lives and goes on by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from storage.postgres.groups import OUTCOME_TIMEOUT_S
from storage.postgres.verbs.session import POOL_SIZE
from tests.acceptance.harness.config import merged
from tests.acceptance.harness.waiting import eventually
from tests.engines import postgres, redis
from tests.engines.postgres import Cluster
from tests.engines.proxy import Proxy
from tests.faults.test_soak import small_disk
from tests.processes.callers import Callers, callers
from tests.processes.fleet import EVERYTHING, LEASE_S, WINDOW, Fleet, Prepared, fleet, prepare
from tests.processes.partition import way

pytestmark = pytest.mark.asyncio(loop_scope="module")

log = logging.getLogger(__name__)  # pytest -o log_cli=true -o log_cli_level=info shows what was counted

BOTH = {"a": EVERYTHING, "b": EVERYTHING}
BOUND = 3 * WINDOW  #: of one bind: its window, and twice that of unrecorded answers
CONNECTIONS = 60
LEASE_IS_OVER = "the lease has run out: what this process holds may be another's by now"
NOBODY_HAS_THEM = "messages were claimed and in nobody's hands: they are back in the queue"
GATEWAYS = "FROM pg_stat_activity WHERE application_name = 'trunkline'"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
READ_WRITE = {"default_transaction_read_only": "off"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """A server that these tests alone use, and break."""
    cluster = Cluster(*postgres.FAST, f"max_connections={CONNECTIONS}")
    try:
        cluster.start()
        yield asyncio.run(prepare(cluster, tmp_path_factory.mktemp("prepared")))
    finally:
        cluster.remove()


async def session(at: Fleet, **settings: str) -> Any:
    """A session beside the gateways, in the same server and another database."""
    url = at.prepared.cluster.url("postgres")
    return await asyncpg.connect(url, server_settings={"application_name": "test", **settings})


async def say(at: Fleet, *statements: str) -> None:
    """Say something to the server."""
    connection = await session(at, **READ_WRITE)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def ready_is(at: Fleet, status: int) -> None:
    """Wait until every process says so of itself."""

    async def look() -> bool:
        return {(await gateway.health("ready"))[0] for gateway in at.gateways.values()} == {status}

    await at.until(look, f"/health/ready to say {status} everywhere")


async def away(at: Fleet, calling: Callers) -> None:
    """What must be seen while nothing can be kept."""
    await calling.all_refused()
    await ready_is(at, 503)


async def all_is_well(at: Fleet, calling: Callers, bound: int) -> None:
    """What must be true in the end: of the messages, and of the processes, which are the same as before."""
    assert calling.cut == 0
    await at.all_delivered("a")
    await ready_is(at, 200)
    twice = await at.sent_twice()
    log.info("%d answers 503; %d parts sent twice, of at most %d", calling.refused, twice, bound)
    assert twice <= bound
    for gateway in at.gateways.values():
        assert gateway.running
        assert len(gateway.events("serving")) == 1
        assert not gateway.events("a task failed")


@asynccontextmanager
async def under_load(
    prepared: Prepared, folder: Path, **settings: Any
) -> AsyncIterator[tuple[Fleet, Callers]]:
    """Two processes that do everything; left when all posts are accepted."""
    async with fleet(prepared, folder, BOTH, **settings) as at:
        await at.start()
        await at.hold(a=1, b=1)
        async with callers(at, "a", "b") as calling:
            await calling.more(100)
            yield at, calling
            await calling.more(100)
        await all_is_well(at, calling, 2 * BOUND)


# --- it goes, and comes back


def stop_fast(cluster: Cluster) -> None:
    """As `pg_ctl restart` does: sessions are ended, a checkpoint is made."""
    cluster.stop()


def stop_at_once(cluster: Cluster) -> None:
    """As `pg_ctl stop -m immediate` does; what was committed is found in the log at the start."""
    cluster.stop(crash=True)


def kill(cluster: Cluster) -> None:
    """kill -9 of the server's first process; its sessions notice it by themselves."""
    pid = cluster.pid
    sessions = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    os.kill(pid, signal.SIGKILL)
    cluster.stop()
    asyncio.run(eventually(lambda: not any(map(_lives, sessions)), "the sessions to end"))


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("stop", [stop_fast, stop_at_once, kill])
async def test_it_is_restarted(own: Prepared, tmp_path: Path, stop: Any) -> None:
    async with under_load(own, tmp_path) as (at, calling):
        await asyncio.to_thread(stop, own.cluster)
        try:
            await away(at, calling)
        finally:
            own.cluster.start()


async def test_its_connections_are_cut_again_and_again(own: Prepared, tmp_path: Path) -> None:
    async with under_load(own, tmp_path) as (at, calling):
        beside = await session(at)
        for _ in range(10):
            await beside.execute(f"SELECT pg_terminate_backend(pid) {GATEWAYS}")
            await calling.more(10)
        await beside.close()


async def test_it_is_read_only_for_a_while(own: Prepared, tmp_path: Path) -> None:
    async with under_load(own, tmp_path) as (at, calling):
        await say(at, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        try:
            await away(at, calling)
            answer = await at.api("a").list(limit="1")
            assert answer.status == 200, "what is there can be read"
        finally:
            await say(at, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")


# --- it has no connection left


@asynccontextmanager
async def all_taken(at: Fleet) -> AsyncIterator[None]:
    """Others have every connection, those that the gateways had included."""
    taken: list[Any] = []
    try:
        while True:
            while await _take_one(at, taken):
                pass
            if not await taken[0].fetchval(f"SELECT count(pg_terminate_backend(pid)) {GATEWAYS}"):
                break
        yield
    finally:
        for connection in taken:
            connection.terminate()


async def _take_one(at: Fleet, taken: list[Any]) -> bool:
    try:
        taken.append(await session(at))
    except asyncpg.TooManyConnectionsError:
        return False
    return True


async def test_others_take_all_its_connections(own: Prepared, tmp_path: Path) -> None:
    async with under_load(own, tmp_path) as (at, calling), all_taken(at):
        await away(at, calling)


async def test_a_gateway_starts_while_others_have_all_connections(own: Prepared, tmp_path: Path) -> None:
    async with fleet(own, tmp_path, {"a": EVERYTHING}) as at:
        async with all_taken(at):
            await at.gateways["a"].launch()
            assert await at.gateways["a"].ended() == 1
            assert "too many clients" in at.gateways["a"].log
            assert "Traceback" not in at.gateways["a"].log
        await at.start()
        await at.hold(a=2)


async def test_a_process_that_was_ended_by_others_waits_for_a_store_that_takes_nobody(
    own: Prepared, tmp_path: Path
) -> None:
    async with fleet(own, tmp_path, {"a": EVERYTHING}) as at:
        await at.start()
        await at.hold(a=2)
        database = at.url.rpartition("/")[2]
        inside = await asyncpg.connect(at.url)
        await say(at, f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        await inside.execute("UPDATE processes SET ended_at = now() WHERE recovered_at IS NULL")
        waits = "beginning anew waits for the store"
        await at.until(lambda: len(at.gateways["a"].events(waits)) > 1, "it to try again and again")
        await say(at, f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        await inside.close()
        await at.hold(a=2)
        await at.api("a").sent()


# --- it is slow


async def test_it_is_slow_by_half_a_second(own: Prepared, tmp_path: Path) -> None:
    async with Proxy(own.cluster.port) as between:
        through = f"postgresql://postgres@127.0.0.1:{between.port}/{{database}}"
        stores = dict.fromkeys(BOTH, through)
        async with fleet(own, tmp_path, BOTH, stores=stores, lease_s=15) as at:
            await at.start()
            await at.hold(a=1, b=1)
            async with callers(at, "a", "b") as calling:
                await calling.more(50)
                between.delay_s = 0.5
                await calling.more(50)
                between.delay_s = 0.0
            await all_is_well(at, calling, 2 * BOUND)


@pytest.mark.soak
async def test_it_is_stopped_and_says_nothing(own: Prepared, tmp_path: Path) -> None:
    async with under_load(own, tmp_path) as (at, calling):
        own.cluster.freeze()
        try:
            await away(at, calling)
        finally:
            own.cluster.thaw()


async def test_leases_hold_while_requests_wait_on_every_connection(own: Prepared, tmp_path: Path) -> None:
    """Somebody holds a table: each request waits for it, PostgreSQL is well, and so are the processes."""
    async with fleet(own, tmp_path, BOTH) as at:
        await at.start()
        await at.hold(a=1, b=1)
        holds = await asyncpg.connect(at.url)
        await holds.execute("BEGIN")
        await holds.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        over = await holds.fetchval("SELECT clock_timestamp() + $1", timedelta(seconds=2 * LEASE_S))
        lists = [asyncio.create_task(at.api(name).list(limit="1")) for name in BOTH for _ in range(20)]

        async def are_busy() -> bool:
            await holds.execute("SELECT pg_stat_clear_snapshot()")
            return bool(await holds.fetchval(WAITING) >= 2 * POOL_SIZE)

        async def are_renewed() -> bool:
            return bool(await holds.fetchval("SELECT bool_and(lease_until > $1) FROM processes", over))

        await at.until(are_busy, "every connection to wait")
        await at.until(are_renewed, "both leases to be renewed for longer than one lasts")
        assert not any(gateway.events(LEASE_IS_OVER) for gateway in at.gateways.values())
        await holds.execute("ROLLBACK")
        await holds.close()
        assert {answer.status for answer in await asyncio.gather(*lists)} <= {200, 503}
        await at.hold(a=1, b=1)


# --- its answers are lost


@pytest.mark.soak
async def test_commits_of_which_nobody_is_told(own: Prepared, tmp_path: Path) -> None:
    """Every connection is lost at a commit that the server keeps, and it is away for longer than it is waited for:
    whoever claimed something then was told that it failed."""
    async with Proxy(own.cluster.port) as between:
        through = f"postgresql://postgres@127.0.0.1:{between.port}/{{database}}"
        async with under_load(own, tmp_path, stores=dict.fromkeys(BOTH, through)) as (at, calling):
            between.cut_at(b"COMMIT", after_forwarding=True, times=40, for_good=True)
            await away(at, calling)
            ends = time.monotonic() + OUTCOME_TIMEOUT_S + 5
            await at.until(lambda: time.monotonic() > ends, "the outcomes to be given up")
            between.cut_at(b"COMMIT", after_forwarding=True, times=0)
            between.refuses = False
        given = [line for gateway in at.gateways.values() for line in gateway.events(NOBODY_HAS_THEM)]
        log.info("messages given back: %s", [line["messages"] for line in given])
        assert given


# --- its disk is full


@pytest.fixture
def on_small_disk(tmp_path: Path) -> Iterator[Prepared]:
    """A server whose data are on a file system of their own. Needs root."""
    cluster = Cluster("fsync=on")
    cluster.folder.rmdir()
    folder = tmp_path / "prepared"
    folder.mkdir()
    with small_disk(cluster.folder, "400m"):
        try:
            cluster.start()
            yield asyncio.run(prepare(cluster, folder))
        finally:
            cluster.stop()
    cluster.remove()


def fill(disk: Path) -> Path:
    """Take all the room that is left."""
    filler = disk / "filler"
    with filler.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
            file.flush()
    return filler


@pytest.mark.soak
async def test_its_disk_is_full(on_small_disk: Prepared, tmp_path: Path) -> None:
    """What needs room is refused, and readiness says so, though its own probe finds some on its page."""
    folder = tmp_path / "gateways"
    folder.mkdir()
    async with under_load(on_small_disk, folder) as (at, calling):
        filler = await asyncio.to_thread(fill, on_small_disk.cluster.folder)
        await calling.all_refused()
        await ready_is(at, 503)
        filler.unlink()


# --- a sender is cut off from both stores


async def test_a_sender_is_cut_off_from_postgresql_and_redis(own: Prepared, tmp_path: Path) -> None:
    roles = {"a": EVERYTHING, "b": EVERYTHING, "c": ["sender"]}
    async with way(own.cluster.port) as to_store, way(redis.shared().port) as to_redis:
        through = f"postgresql://postgres@127.0.0.1:{to_store.port}/{{database}}"
        common = {"url": redis.shared().url, "prefix": "cut-off"}
        async with fleet(own, tmp_path, roles, binds=3, stores={"c": through}, redis=common) as at:
            apart = at.gateways["c"]
            apart.configure(
                merged(apart.document, {"redis": {"url": f"redis://127.0.0.1:{to_redis.port}/0"}})
            )
            await at.start()
            await at.hold(a=1, b=1, c=1)
            async with callers(at, "a", "b") as calling:
                await calling.more(100)
                to_store.fall_silent()
                to_redis.fall_silent()
                await at.until(lambda: apart.events(LEASE_IS_OVER), "it to let go of its bind")
                await calling.more(100)
                to_store.heal()
                to_redis.heal()
                await at.until(lambda: len(apart.events("serving")) == 2, "it to begin anew")
                await at.hold(a=1, b=1, c=1)
                await calling.more(100)
            assert calling.refused == calling.cut == 0
            await at.all_delivered("a")
            twice = await at.sent_twice()
            log.info("%d parts sent twice, of at most %d", twice, BOUND)
            assert twice <= BOUND
