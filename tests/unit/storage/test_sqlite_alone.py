"""What only an embedded store does: one serving process at a time, backups of its own, and events of a message that are
looked for without an index."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.domain.account import Env
from gateway.domain.message import PartRow
from gateway.domain.words import PartState
from gateway.errors import Conflict, StoreError, StoreInUse
from gateway.ports import ListQuery, MessageView
from storage.migrate import Migration
from storage.open import open_store
from storage.sqlite import files, webhooks
from tests.contract.made import NOW, acceptance, after, event, message, new_id
from tests.contract.test_store_webhooks import delivered, with_events, written


async def test_a_second_serving_process_is_refused(tmp_path: Path) -> None:
    store, second = (open_store("sqlite:///trunkline.db", tmp_path) for _ in range(2))
    await store.open()
    await second.open()
    owner = await store.register(NOW, "boot-1")
    with pytest.raises(StoreInUse, match=r"serves this store"):
        await second.register(NOW, "boot-1")
    await store.close()
    assert (await second.register(NOW, "boot-1")).token > owner.token
    await second.close()


async def test_a_command_takes_nothing_away_from_a_process_of_the_release_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may prepare the store: what is `post` waits for the restart."""
    serving = open_store("sqlite:///trunkline.db", tmp_path)
    await serving.open()
    await serving.register(NOW, "boot-1")
    later = [Migration(f"9999_{phase}_x", f"CREATE TABLE {phase}_x (a);", "sum") for phase in ("pre", "post")]
    monkeypatch.setattr(files.bring_up_to_date, "__defaults__", ([*files.MIGRATIONS, *later],))

    async def applied() -> list[str]:
        """What a command leaves behind."""
        command = open_store("sqlite:///trunkline.db", tmp_path)
        await command.open()
        await command.close()
        with closing(sqlite3.connect(tmp_path / "trunkline.db")) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM schema_migrations ORDER BY 1")]
        return [name for name in names if name.startswith("9999")]

    assert await applied() == ["9999_pre_x"]
    await serving.close()
    assert await applied() == ["9999_post_x", "9999_pre_x"]


async def test_a_backup_is_whole_and_leaves_the_store_working(tmp_path: Path) -> None:
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    await store.register(NOW, "boot-1")
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
    await store.close()


async def test_a_settled_event_is_looked_for_behind_each_step_so_far_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "BEHIND_ROWS", 3)
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    owner = await store.register(NOW, "boot-1")
    m = message()
    made = [event(m.id, seq, id=new_id(after(at)), owner=owner.number) for seq, at in ((1, 2), (2, 91))]
    view = await with_events(store, m, *made)
    others = [event(new_id(), id=new_id(after(at)), owner=owner.number) for at in (3, 31, 32, 33, 92)]
    await written(store, *others)
    await store.settle_webhooks(delivered(*made, *others))
    assert [each.event.seq for each in await store.message_webhooks(view)] == [1]
    received = PartRow(m.id, 1, 1, "alpha", PartState.DELIVERED, "ref", None, after(2), after(90))
    found = await store.message_webhooks(MessageView(view.message, [received]))
    assert [(each.event.seq, each.state) for each in found] == [(1, "delivered"), (2, "delivered")]
    await store.close()


async def test_a_statement_that_fails_half_done_takes_its_call_along_and_no_other(tmp_path: Path) -> None:
    """It ends the transaction by itself, which all three had begun in."""
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    known, first, second, last = (message() for _ in range(4))
    await store.accept([acceptance(known)])
    calls = [[first], [second, known], [last]]
    told = await asyncio.gather(
        *(store.accept([acceptance(*call)]) for call in calls), return_exceptions=True
    )
    assert [type(each) for each in told] == [list, Conflict, list]
    kept = {m.id for m in (await store.messages(ListQuery("acme", Env.LIVE, 9))).items}
    assert kept == {known.id, first.id, last.id}
    await store.close()
