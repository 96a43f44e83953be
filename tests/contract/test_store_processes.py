"""The store's contract: a second process on the same store, a command beside the gateway."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.domain.account import Account, Env
from gateway.domain.suppression import Suppression
from gateway.errors import StoreError, StoreInUse
from gateway.ports import Owner, Store
from tests.contract.conftest import OpenStore
from tests.contract.made import (
    NOW,
    PHONE,
    acceptance,
    answer,
    changing,
    claimed,
    decide_answers,
    message,
)

ACCOUNT = Account("acme", NOW)


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """Engines whose stores two processes share."""
    return str(request.param)


async def test_what_a_command_changes_holds_for_the_next_request(store: Store, opened: OpenStore) -> None:
    command = await opened()
    generation = store.generation()
    await command.save_account(ACCOUNT)
    assert store.generation() > generation
    assert await store.accounts() == [ACCOUNT]
    await command.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    (result,) = await store.accept([acceptance(message())])
    assert "SUPPRESSED" in repr(result)


async def test_a_command_works_while_the_gateway_writes(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    command = await opened()
    for n in range(20):
        await store.accept([acceptance(message())])
        await command.post_command("pause", f"alpha-{n}", NOW)
    assert len(await store.take_commands(owner, NOW)) == 20


async def test_a_change_by_another_process_is_seen_by_the_next_decision(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    m = claimed(owner, part_count=2)
    await store.accept([acceptance(m)])
    await store.record_answers([answer(m, "a", 1, 2)], decide_answers)
    command = await opened()
    await command.change([m.id], changing(lambda m: setattr(m, "route", "by hand")))
    seen = []
    await store.change([m.id], changing(lambda m: seen.append(m.route)))
    assert seen == ["by hand"]


async def test_a_second_serving_process_is_refused(store: Store, owner: Owner, opened: OpenStore) -> None:
    second = await opened()
    with pytest.raises(StoreInUse, match=r"serves this store"):
        await second.register(NOW, "boot-1")
    await store.close()
    assert (await second.register(NOW, "boot-1")).token > owner.token


async def test_a_backup_is_whole_and_leaves_the_store_working(
    store: Store, tmp_path: Path, owner: Owner
) -> None:
    messages = [message(body="x" * 1_000) for _ in range(2_000)]
    await store.accept([acceptance(*messages)])
    seen: list[tuple[int, int]] = []
    target = tmp_path / "copy.db"
    await store.backup(str(target), lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 500
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    copy = sqlite3.connect(target)
    assert copy.execute("SELECT count(*) FROM messages").fetchone() == (2_000,)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    with pytest.raises(StoreError, match="exists"):
        await store.backup(str(target), None)
    await store.probe()
