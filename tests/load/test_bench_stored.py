"""The measurement with many messages stored, small: both engines can be filled, every question is answered."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from gateway.bench import BenchError
from gateway.domain.account import Env
from gateway.domain.event import Settled
from gateway.domain.suppression import Suppression
from gateway.domain.words import Status
from gateway.ports import ListQuery, Store
from storage.open import open_store
from tests.contract.made import (
    NOW,
    acceptance,
    after,
    answer,
    claimed,
    decide_answers,
    decide_receipt,
    new_id,
    receipt,
)
from tests.engines import postgres
from tests.load.bench_stored import StoredOptions, run_stored, table
from tests.load.fill import fill_postgres, fill_sqlite
from tests.load.history import History

HISTORY = History(2_000, datetime.now(UTC) - timedelta(minutes=1), "bench", "http://127.0.0.1:1/hook")
DELIVERED = 10  #: a message of one part that was delivered at once

ASKED = {
    "send",
    "receipt, just sent",
    "receipt, of the last days",
    "receipt, unknown",
    "look-up",
    "list",
    "list, delivered",
    "list, failed",
    "list, not final",
    "list, none such",
    "list, one recipient",
    "list, one day",
    "list, failed on a day",
    "list, following pages",
}


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder that PostgreSQL's user may enter too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
        assert list(Path(folder).iterdir()) == []


@pytest.mark.parametrize("engine", ["postgres", "sqlite"])
async def test_a_small_measurement_asks_everything_of_both_stores(engine: str, disk: Path) -> None:
    seen: set[str] = set()
    options = StoredOptions(800, 400, engine, rounds=1, size=4, clients=2, directory=disk)
    found = await run_stored(options, lambda what, *_: seen.add(what))
    assert set(found) == ASKED
    for name, (beside, full) in found.items():
        assert beside.total > 0, name
        assert full.total > 0, name
        assert full.percentile(99) > 0
    assert seen == {"fill", "rounds"}
    assert len(table(found).splitlines()) == 1 + len(ASKED)


async def test_what_is_kept_in_memory_is_refused() -> None:
    with pytest.raises(BenchError, match="name one with --dir"):
        await run_stored(StoredOptions(10, 10, directory=Path("/dev/shm")), lambda *_: None)


async def test_postgres_filled_holds_what_the_verbs_would_have_left() -> None:
    filled, lived = await postgres.shared().fresh(), await postgres.shared().fresh()
    await asyncio.to_thread(fill_postgres, filled, HISTORY, lambda _: None)
    await is_known(open_store(filled))
    await live(open_store(lived))
    assert await shapes_in_postgres(filled, DELIVERED) == await shapes_in_postgres(lived, lived_id)


async def test_sqlite_filled_holds_what_the_verbs_would_have_left(tmp_path: Path) -> None:
    filled, lived = tmp_path / "filled.db", tmp_path / "lived.db"
    store = open_store(f"sqlite:///{filled}", tmp_path)
    await store.open()
    await store.close()
    await asyncio.to_thread(fill_sqlite, filled, HISTORY, lambda _: None)
    await is_known(open_store(f"sqlite:///{filled}", tmp_path))
    await live(open_store(f"sqlite:///{lived}", tmp_path))
    assert shapes_in_sqlite(filled, DELIVERED) == shapes_in_sqlite(lived, lived_id)


async def is_known(store: Store) -> None:
    """Every message of the history, by the verbs."""
    await store.open()
    found: Counter[Status] = Counter()
    for n in range(HISTORY.messages):
        view = await store.message(HISTORY.message_id(n))
        assert view is not None
        assert (view.message.account, view.message.recipient) == (HISTORY.account_of(n), HISTORY.recipient(n))
        assert len(view.rows) == (3 if view.message.segment_count == 3 else view.message.attempts)
        assert (view.message.status is Status.SENT) == HISTORY.is_open(n)
        found[view.message.status] += 1
    assert found[Status.SENT] == len(HISTORY.open_numbers) > 10
    assert found[Status.DELIVERED] > found[Status.UNDELIVERABLE] > found[Status.FAILED] > 10
    page = (
        await store.messages(ListQuery("bench", Env.LIVE, 100, recipient=HISTORY.recipient(DELIVERED)))
    ).items
    assert HISTORY.message_id(DELIVERED) in [message.id for message in page]
    facts = await store.facts(datetime.now(UTC))
    assert (facts.waiting, facts.webhooks_waiting, facts.parked_receipts, facts.in_doubt) == (0, 0, 0, 0)
    await store.close()


lived_id = new_id()


async def live(store: Store) -> None:
    """One message from its acceptance to its webhook, by the verbs; its recipient has said STOP."""
    await store.open()
    owner = await store.register(NOW, "boot")
    m = claimed(owner, id=lived_id)
    await store.accept([acceptance(m, key="k")])
    await store.record_answers([answer(m, "ref-1")], decide_answers)
    (result,) = await store.apply_receipts([receipt(m, "ref-1")], decide_receipt)
    assert result.step is not None
    events, _ = await store.due_webhooks(after(60), owner, lambda _: 100, 100)
    for each in [*events, *(await store.due_webhooks(after(60), owner, lambda _: 100, 100))[0]]:
        await store.settle_webhooks([Settled(each.id, True, False, after(3), None, 1, None, None)])
    await store.suppress([Suppression("acme", Env.LIVE, "", m.recipient, "stop", NOW)])
    await store.close()


QUERIES = {
    "messages": "SELECT * FROM messages WHERE id = ",
    "carrier_refs": "SELECT * FROM carrier_refs WHERE message_id = ",
    "webhooks": "SELECT * FROM webhooks WHERE subject = ",
}


def shape(row: Iterable[object]) -> list[str]:
    """The types of its columns."""
    return [type(value).__name__ for value in row]


async def shapes_in_postgres(url: str, which: int | bytes) -> dict[str, list[list[str]]]:
    """Of the rows of one message, and of those of the tables that know no message."""
    connection = await asyncpg.connect(url)
    message_id = UUID(bytes=which if isinstance(which, bytes) else HISTORY.message_id(which))
    found = {
        name: [shape(row) for row in await connection.fetch(query + "$1 LIMIT 1", message_id)]
        for name, query in QUERIES.items()
    }
    for name in ("idempotency", "suppressions"):
        found[name] = [shape(row) for row in await connection.fetch(f"SELECT * FROM {name} LIMIT 1")]
    await connection.close()
    return found


def shapes_in_sqlite(path: Path, which: int | bytes) -> dict[str, list[list[str]]]:
    """As `shapes_in_postgres`."""
    message_id = which if isinstance(which, bytes) else HISTORY.message_id(which)
    with closing(sqlite3.connect(path)) as connection:
        found = {
            name: [shape(row) for row in connection.execute(query + "? LIMIT 1", (message_id,))]
            for name, query in QUERIES.items()
        }
        for name in ("idempotency", "suppressions"):
            found[name] = [shape(row) for row in connection.execute(f"SELECT * FROM {name} LIMIT 1")]
    return found
