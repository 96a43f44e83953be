"""The server goes, or the way to it: what was committed is known, what was not is told, and the store goes on after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.domain.account import Account
from gateway.domain.send import Accepted
from gateway.errors import StoreError, StoreUnavailable
from gateway.ports import Owner, Store
from storage.open import open_store
from storage.postgres import database, groups
from storage.postgres.store import PostgresStore
from tests.contract.conftest import PATIENCE_S, until
from tests.contract.made import NOW, acceptance, after, claimed, idempotency_key, message
from tests.contract.test_store import found, kept
from tests.engines import postgres
from tests.engines.proxy import Proxy
from tests.unit.storage.postgres.conftest import OpenStore, come_true


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    async with Proxy(postgres.shared().port) as between:
        yield between


@pytest.fixture
async def far(url: str, proxy: Proxy) -> AsyncIterator[Store]:
    """The store, reached through the proxy."""
    store = open_store(f"postgresql://postgres@127.0.0.1:{proxy.port}/{url.rpartition('/')[2]}")
    await store.open()
    yield store
    await store.close()


async def test_a_commit_whose_answer_was_lost_holds(far: Store, proxy: Proxy) -> None:
    await kept(far, message())
    m = message()
    proxy.cut_at(b"COMMIT", after_forwarding=True)
    await kept(far, m)
    assert await found(far, m) == m


async def test_a_claim_whose_commit_lost_its_answer_is_known(far: Store, proxy: Proxy) -> None:
    owner = await far.register(NOW, "boot-1")
    m = message()
    await kept(far, m)
    proxy.cut_at(b"COMMIT", after_forwarding=True)
    batch = await far.claim("alpha", 10, owner, after(1))
    assert [c.message.id for c in batch.claimed] == [m.id]


@pytest.mark.parametrize("words", [b"BEGIN", b"COMMIT"])
async def test_what_was_cut_before_its_commit_is_done_once_on_a_new_connection(
    words: bytes, far: Store, proxy: Proxy
) -> None:
    await kept(far, message())
    m = message()
    proxy.cut_at(words, after_forwarding=False)
    (result,) = await far.accept([acceptance(m, key="k")])
    assert isinstance(result, Accepted)
    assert not result.replayed
    assert await found(far, m) == m


async def test_what_is_cut_again_and_again_is_told_and_keeps_nothing(far: Store, proxy: Proxy) -> None:
    await kept(far, message())
    m = message()
    proxy.cut_at(b"COMMIT", after_forwarding=False, times=2)
    with pytest.raises(StoreUnavailable, match="PostgreSQL"):
        await far.accept([acceptance(m, key="k")])
    assert await far.message(m.id) is None
    assert await far.find_key(idempotency_key("k"), NOW) is None
    await kept(far, m)


@pytest.fixture
async def narrow(url: str, proxy: Proxy) -> AsyncIterator[Store]:
    """The same, by one connection at a time."""
    store = PostgresStore(
        f"postgresql://postgres@127.0.0.1:{proxy.port}/{url.rpartition('/')[2]}", pool_size=1
    )
    await store.open()
    await kept(store, message())
    yield store
    await store.close()


async def test_the_outcome_of_a_commit_is_asked_for_without_a_place_in_the_pool(
    narrow: Store, proxy: Proxy
) -> None:
    """All places may be taken by those that ask."""
    m = message()
    proxy.cut_at(b"COMMIT", after_forwarding=True)
    async with asyncio.timeout(PATIENCE_S):
        await kept(narrow, m)
    assert await found(narrow, m) == m


async def test_who_waits_for_the_outcome_of_a_commit_is_in_nobody_s_way(
    narrow: Store, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else callers would stand behind it for as long as the server is away, and not be told."""
    monkeypatch.setattr(groups, "LANES", 1)
    m = message()
    proxy.cut_at(b"COMMIT", after_forwarding=True, for_good=True)
    asking = asyncio.create_task(kept(narrow, m))
    await until(lambda: proxy.refuses)
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await kept(narrow, message())
    assert not asking.done()
    proxy.refuses = False
    await asking
    assert await found(narrow, m) == m


async def test_a_claim_of_which_nobody_was_told_is_seen(
    narrow: Store, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server comes back too late to be asked."""
    monkeypatch.setattr(groups, "OUTCOME_TIMEOUT_S", 0.1)
    owner = await narrow.register(NOW, "boot-1")
    m = message()
    await kept(narrow, m)
    proxy.cut_at(b"COMMIT", after_forwarding=True, for_good=True)
    with pytest.raises(StoreUnavailable, match="not known"):
        await narrow.claim("alpha", 10, owner, after(1))
    proxy.refuses = False
    assert m.id in (await narrow.held(owner)).messages


async def test_what_is_held_is_told_when_those_who_claimed_it_know(far: Store, proxy: Proxy) -> None:
    owner = await far.register(NOW, "boot-1")
    m = claimed(owner)
    proxy.cut_at(b"COMMIT", after_forwarding=True)
    asking = asyncio.create_task(far.accept([acceptance(m)]))

    async def shown() -> bool:
        held = await far.held(owner)
        assert asking.done() or m.id not in held.messages
        return m.id in held.messages

    await come_true(shown)


async def test_all_connections_cut_at_once_are_made_anew(far: Store, proxy: Proxy) -> None:
    await asyncio.gather(*(kept(far, message()) for _ in range(20)))
    proxy.cut()

    async def works() -> bool:
        try:
            await far.probe()
        except StoreUnavailable:
            return False
        return True

    await come_true(works)


async def test_changes_are_heard_again_after_the_listener_was_lost(
    store: Store, opened: OpenStore, beside: Any
) -> None:
    command = await opened()
    await beside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE '%LISTEN%' AND pid <> pg_backend_pid()"
    )
    await beside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    generation = store.generation()

    async def saved() -> bool:
        try:
            await command.save_account(Account("acme", NOW))
        except StoreUnavailable:
            return False
        return True

    await come_true(saved)
    await until(lambda: store.generation() > generation)


async def test_a_server_that_is_gone_is_told_and_its_return_is_noticed() -> None:
    cluster = postgres.Cluster(*postgres.FAST)
    try:
        cluster.start()
        store = open_store(await cluster.fresh())
        await store.open()
        m = message()
        await kept(store, m)
        cluster.stop(crash=True)
        with pytest.raises(StoreUnavailable, match=r"check"):
            await store.probe()
        with pytest.raises(StoreUnavailable, match=r"check"):
            await store.message(m.id)
        cluster.start()
        await kept(store, message())
        assert await found(store, m) == m
        await store.close()
    finally:
        cluster.remove()


async def test_a_server_that_says_nothing_is_told_to_all_who_ask_it_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped, as by a machine that has no memory left: it takes connections and answers nothing."""
    monkeypatch.setattr(groups, "OUTCOME_TIMEOUT_S", 0.1)
    cluster = postgres.Cluster(*postgres.FAST)
    try:
        cluster.start()
        store = PostgresStore(await cluster.fresh(), request_s=1.0)
        await store.open()
        m = message()
        await kept(store, m)
        monkeypatch.setattr(database, "CONNECT_TIMEOUT_S", 1.0)
        cluster.freeze()
        try:
            async with asyncio.timeout(PATIENCE_S):
                told = await asyncio.gather(
                    *(store.message(m.id) for _ in range(100)),
                    *(store.accept([acceptance(message())]) for _ in range(100)),
                    return_exceptions=True,
                )
        finally:
            cluster.thaw()
        monkeypatch.undo()
        assert [type(each) for each in told] == [StoreUnavailable] * 200
        await kept(store, message())
        assert await found(store, m) == m
        await store.close()
    finally:
        cluster.remove()


async def test_a_lease_is_renewed_by_another_connection_where_one_died_unnoticed(
    url: str, proxy: Proxy
) -> None:
    store = PostgresStore(
        f"postgresql://postgres@127.0.0.1:{proxy.port}/{url.rpartition('/')[2]}", lease_s=3.0
    )
    await store.open()
    owner = await store.register(NOW, "boot-1")
    await store.renew(owner)
    proxy.delay_s = 3600  # for the connections that are there
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(StoreUnavailable, match="in time"):
            await store.renew(owner)
        proxy.delay_s = 0
        assert await store.renew(owner) == 3.0
    proxy.cut()
    await store.close()


async def test_a_server_that_became_read_only_is_told(store: Store, beside: Any) -> None:
    name = await beside.fetchval("SELECT current_database()")
    await beside.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await beside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )

    async def told() -> bool:
        with pytest.raises(StoreUnavailable) as raised:
            await store.probe()
        return "read-only" in str(raised.value)

    await come_true(told)
    assert await store.message(message().id) is None  # what it can do it does


@pytest.mark.parametrize(
    "url", ["postgresql://127.0.0.1:1/trunkline", "postgresql://postgres@127.0.0.1:{port}/nosuchbase"]
)
async def test_a_server_or_database_that_is_not_there_is_told(url: str) -> None:
    store = open_store(url.format(port=postgres.shared().port))
    with pytest.raises(StoreUnavailable, match=r"\[store\] url"):
        await store.open()
    await store.close()


async def test_a_backup_is_left_to_the_servers_own_tools(store: Store) -> None:
    with pytest.raises(StoreError, match="pg_dump"):
        await store.backup("/tmp/x", None)


async def test_texts_that_the_server_does_not_take_are_kept_without_them(store: Store, owner: Owner) -> None:
    m = claimed(owner, sub_tenant="a\0b", body="x\0y")
    await kept(store, m, message())
    stored = await found(store, m)
    assert (stored.sub_tenant, stored.body) == ("a\ufffdb", "x\0y")


async def test_a_commit_is_durable_whatever_the_servers_default_is(url: str, beside: Any) -> None:
    name = await beside.fetchval("SELECT current_database()")
    await beside.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    from storage.postgres.database import connect, leave

    connection = await connect(url)
    assert await connection.fetchval("SHOW synchronous_commit") == "on"
    await leave(connection)


async def test_who_is_cancelled_while_the_server_says_nothing_is_soon_free(
    far: Store, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the probe of `/health/ready`: its five seconds became forty by a rollback that nobody answered."""
    monkeypatch.setattr(groups, "ROLL_BACK_TIMEOUT_S", 0.05)
    proxy.delay_s = 3600
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await far.probe()
    proxy.delay_s = 0
    proxy.cut()
    await far.probe()
