"""The export of a day: what is written, how it goes on after an end at any moment, what is verified and dropped."""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import cdr, ids
from gateway.domain.message import LastError, Message
from gateway.domain.words import Reason, Status
from gateway.errors import Conflict, Refused
from gateway.ports import MessageView, Store
from gateway.services.cdr import SETTLE, CdrExport
from storage.open import open_store
from tests.contract.made import NOW, acceptance, after, changing, message

DAY = NOW.date()
OVER = cdr.end_of(DAY) + SETTLE


def quiet(what: str, rows: int) -> None:
    """Nobody looks."""


def clock() -> datetime:
    return OVER


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store("sqlite://")
    await opened.open()
    yield opened
    await opened.close()


def final(n: int, **fields: Any) -> Message:
    """A message that is over."""
    values = {
        "status": Status.DELIVERED,
        "next_at": None,
        "accepted_at": after(n),
        "processed_at": after(n + 1),
        "final_at": after(n + 2),
    }
    return message(**(values | fields))


async def fill(store: Store, messages: int, **fields: Any) -> list[Message]:
    """A day with messages that are over, among those of other days."""
    made = [final(n, **fields) for n in range(messages)]
    beside = [final(0, accepted_at=NOW + timedelta(days=days)) for days in (-1, 1)]
    await store.accept([acceptance(*made, *beside)])
    return made


def text_of(folder: Path) -> bytes:
    return gzip.decompress((folder / f"trunkline-cdr-{DAY}.csv.gz").read_bytes())


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(text_of(folder).decode().splitlines()))


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Dies(Exception):
    """The process ends here."""


class DyingStore:
    """The store, whose reader dies after so many pages."""

    def __init__(self, store: Store, pages: int) -> None:
        self._store = store
        self._left = pages

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def messages_by_id(self, *where: Any) -> list[MessageView]:
        if self._left == 0:
            raise Dies
        self._left -= 1
        return await self._store.messages_by_id(*where)


async def test_a_day_is_written_with_its_manifest(store: Store, tmp_path: Path) -> None:
    made = await fill(store, 5)
    failed = final(
        9,
        status=Status.FAILED,
        reason=Reason.CARRIER_ERROR,
        error=LastError("carrier_error", "secret, detail", '0x45 "x", y', NOW),
        sender="ACME, Ltd",
        body="A secret",
    )
    await store.accept([acceptance(failed)])
    manifest = await CdrExport(store, clock, page_rows=2).export(DAY, tmp_path, quiet)
    found = rows_of(tmp_path)
    assert [row["message_id"] for row in found] == [ids.text(m.id) for m in (*made, failed)]
    assert (found[5]["sender"], found[5]["operator_error"]) == ("ACME, Ltd", '0x45 "x", y')
    assert found[0]["recipient"] == "+447700900123"
    assert found[0]["accepted_at"] == "2026-03-01T12:00:00.123Z"
    text = text_of(tmp_path)
    assert b"secret" not in text
    assert text.endswith(b"\r\n")
    assert text.splitlines()[0].decode().split(",") == cdr.HEAD
    packed = (tmp_path / manifest["file"]).read_bytes()
    assert manifest["sha256"] == hashlib.sha256(packed).hexdigest()
    assert manifest["text_sha256"] == hashlib.sha256(text).hexdigest()
    assert (manifest["rows"], manifest["not_final"], manifest["bytes"]) == (6, 0, len(packed))
    assert manifest["statuses"] == {"delivered": 5, "failed": 1}
    assert (manifest["first_id"], manifest["last_id"]) == (ids.text(made[0].id), ids.text(failed.id))
    assert json.loads((tmp_path / f"trunkline-cdr-{DAY}.manifest.json").read_text()) == manifest
    assert len(files_of(tmp_path)) == 2, "nothing of the work is left"


async def test_a_day_without_messages_has_a_file_too(store: Store, tmp_path: Path) -> None:
    manifest = await CdrExport(store, clock).export(DAY, tmp_path / "new", quiet)
    assert (manifest["rows"], manifest["first_id"]) == (0, None)
    assert rows_of(tmp_path / "new") == []


@pytest.mark.parametrize("pages", range(5))
async def test_it_goes_on_where_it_was_ended_with_the_same_bytes(
    store: Store, tmp_path: Path, pages: int
) -> None:
    await fill(store, 7)
    whole = await CdrExport(store, clock, page_rows=2).export(DAY, tmp_path / "whole", quiet)
    parted = tmp_path / "parted"
    dying: Any = DyingStore(store, pages)
    with pytest.raises(Dies):
        await CdrExport(dying, clock, page_rows=2).export(DAY, parted, quiet)
    with (parted / f"trunkline-cdr-{DAY}.csv.gz.part").open("ab") as part:
        part.write(b"a torn page")  # written, but the state does not know of it
    again: Any = DyingStore(store, 4 - pages + 1)  # reads only what is missing, and the end
    manifest = await CdrExport(again, clock, page_rows=2).export(DAY, parted, quiet)
    assert manifest == whole
    assert text_of(parted) == text_of(tmp_path / "whole")


@given(page_rows=st.integers(1, 9), ends=st.lists(st.integers(0, 4), max_size=4))
def test_any_number_of_ends_gives_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, page_rows: int, ends: list[int]
) -> None:
    async def run() -> None:
        store = open_store("sqlite://")
        await store.open()
        await fill(store, 8)
        folder = tmp_path_factory.mktemp("cdr")
        expected = await CdrExport(store, clock, page_rows).export(DAY, folder / "whole", quiet)
        for pages in ends:
            dying: Any = DyingStore(store, pages)
            try:
                await CdrExport(dying, clock, page_rows).export(DAY, folder / "parted", quiet)
            except Dies:
                continue
        assert await CdrExport(store, clock, page_rows).export(DAY, folder / "parted", quiet) == expected
        await store.close()

    asyncio.run(run())


async def test_a_part_of_another_release_is_begun_anew(store: Store, tmp_path: Path) -> None:
    await fill(store, 5)
    dying: Any = DyingStore(store, 2)
    with pytest.raises(Dies):
        await CdrExport(dying, clock, page_rows=2).export(DAY, tmp_path, quiet)
    state = tmp_path / f"trunkline-cdr-{DAY}.csv.gz.part.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"head": "other,columns"}))
    manifest = await CdrExport(store, clock, page_rows=2).export(DAY, tmp_path, quiet)
    assert manifest["rows"] == len(rows_of(tmp_path)) == 5


async def test_what_is_finished_is_not_done_again(store: Store, tmp_path: Path) -> None:
    await fill(store, 3)
    exports = CdrExport(store, clock)
    manifest = await exports.export(DAY, tmp_path, quiet)
    nothing: Any = DyingStore(store, 0)
    assert await CdrExport(nothing, clock).export(DAY, tmp_path, quiet) == manifest


async def test_a_day_that_is_not_over_is_refused(store: Store, tmp_path: Path) -> None:
    early = CdrExport(store, lambda: OVER - timedelta(seconds=1))
    with pytest.raises(Refused, match="2026-03-02 00:05 UTC"):
        await early.export(DAY, tmp_path, quiet)


async def test_two_exports_into_one_folder_are_refused(store: Store, tmp_path: Path) -> None:
    await fill(store, 3)
    refusals: list[str] = []

    class Slow(DyingStore):
        async def messages_by_id(self, *where: Any) -> list[MessageView]:
            with pytest.raises(Refused) as refused:
                await CdrExport(store, clock).export(DAY, tmp_path, quiet)
            refusals.append(str(refused.value))
            return await super().messages_by_id(*where)

    slow: Any = Slow(store, 9)
    await CdrExport(slow, clock).export(DAY, tmp_path, quiet)
    assert "another export" in refusals[0]


# --- what is verified


def spoil_text(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the part behind the exporter's back."""
    path = folder / f"trunkline-cdr-{DAY}.csv.gz.part"
    text = gzip.decompress(path.read_bytes())
    assert change(text) != text
    path.write_bytes(gzip.compress(change(text)))
    state = path.with_name(path.name + ".json")
    state.write_text(json.dumps(json.loads(state.read_text()) | {"size": path.stat().st_size}))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"delivered", b"failed", 1),
        lambda text: text[: text.rindex(b"\r\n", 0, -2) + 2],
        lambda text: text + text.splitlines(keepends=True)[-1],
        lambda text: text.replace(b"message_id", b"id"),
    ],
    ids=["another status", "a row too few", "a row too many", "another head"],
)
async def test_a_file_that_is_not_what_the_store_holds_is_refused(
    store: Store, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    made = await fill(store, 4)
    dying: Any = DyingStore(store, 2)
    with pytest.raises(Dies):
        await CdrExport(dying, clock, page_rows=2).export(DAY, tmp_path, quiet)
    spoil_text(tmp_path, change)
    with pytest.raises(Refused, match="export again"):
        await CdrExport(store, clock, page_rows=2).export(DAY, tmp_path, quiet)
    assert await store.message(made[0].id) is not None
    assert (await CdrExport(store, clock).export(DAY, tmp_path, quiet))["rows"] == 4, "it is begun anew"


async def test_a_file_that_was_changed_after_it_was_finished_is_refused(store: Store, tmp_path: Path) -> None:
    made = await fill(store, 4)
    exports = CdrExport(store, clock)
    await exports.export(DAY, tmp_path, quiet)
    path = tmp_path / f"trunkline-cdr-{DAY}.csv.gz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Refused, match="is not the file"):
        await exports.drop(DAY, tmp_path, quiet)
    assert await store.message(made[0].id) is not None


# --- dropping


async def test_a_verified_day_is_dropped_and_only_it(store: Store, tmp_path: Path) -> None:
    made = await fill(store, 4)
    exports = CdrExport(store, clock)
    await exports.export(DAY, tmp_path, quiet)
    manifest = await exports.drop(DAY, tmp_path, quiet)
    assert manifest["dropped"]["at"] == "2026-03-02T00:05:00Z"
    assert await store.message(made[0].id) is None
    assert len(await store.statuses_by_id(bytes(16), b"\xff" * 16, 10)) == 2
    assert await exports.drop(DAY, tmp_path, quiet) == manifest, "it is done"
    assert await exports.export(DAY, tmp_path, quiet) == manifest, "the file stays as it is"


async def test_what_is_not_exported_is_not_dropped(store: Store, tmp_path: Path) -> None:
    made = await fill(store, 2)
    with pytest.raises(Refused, match="export it first"):
        await CdrExport(store, clock).drop(DAY, tmp_path, quiet)
    assert await store.message(made[0].id) is not None


async def test_a_day_with_something_unfinished_is_exported_again_and_dropped_later(
    store: Store, tmp_path: Path
) -> None:
    await fill(store, 2)
    waiting = message(accepted_at=after(60))
    await store.accept([acceptance(waiting)])
    exports = CdrExport(store, clock)
    manifest = await exports.export(DAY, tmp_path, quiet)
    assert (manifest["rows"], manifest["not_final"]) == (3, 1)
    with pytest.raises(Conflict, match="1 message"):
        await exports.drop(DAY, tmp_path, quiet)

    def ended(m: Message) -> None:
        m.status, m.next_at, m.final_at = Status.FAILED, None, after(90)

    await store.change([waiting.id], changing(ended))
    manifest = await exports.export(DAY, tmp_path, quiet)
    assert (manifest["not_final"], manifest["statuses"]) == (0, {"delivered": 2, "failed": 1})
    await exports.drop(DAY, tmp_path, quiet)
    assert await store.message(waiting.id) is None


async def test_a_status_that_moves_during_the_export_is_told(store: Store, tmp_path: Path) -> None:
    waiting = message()
    await store.accept([acceptance(waiting)])

    class Moving(DyingStore):
        async def statuses_by_id(self, *where: Any) -> Any:
            await store.change([waiting.id], changing(lambda m: setattr(m, "status", Status.SENT)))
            return await store.statuses_by_id(*where)

    moving: Any = Moving(store, 9)
    manifest = await CdrExport(moving, clock).export(DAY, tmp_path, quiet)
    assert (manifest["moved"], manifest["statuses"]) == (1, {"queued": 1})


async def test_a_day_of_which_something_moved_during_the_export_is_exported_again(
    store: Store, tmp_path: Path
) -> None:
    """Also what was over: as `sent`, until the receipt that nobody had asked for."""
    (taken,) = await fill(store, 1, status=Status.SENT)

    class Moving(DyingStore):
        async def statuses_by_id(self, *where: Any) -> Any:
            await store.change([taken.id], changing(lambda m: setattr(m, "status", Status.DELIVERED)))
            return await store.statuses_by_id(*where)

    moving: Any = Moving(store, 9)
    manifest = await CdrExport(moving, clock).export(DAY, tmp_path, quiet)
    assert (manifest["moved"], manifest["not_final"], manifest["statuses"]) == (1, 0, {"sent": 1})
    exports = CdrExport(store, clock)
    manifest = await exports.export(DAY, tmp_path, quiet)
    assert (manifest["moved"], manifest["statuses"]) == (0, {"delivered": 1})
    await exports.drop(DAY, tmp_path, quiet)
    assert await store.message(taken.id) is None


async def test_what_is_over_as_sent_is_dropped_unless_a_receipt_came_after_the_export(
    store: Store, tmp_path: Path
) -> None:
    """Of a carrier that is asked for none, and sends one all the same: a file that does not tell of it is not all that
    there is to keep."""
    (taken,) = await fill(store, 1, status=Status.SENT)
    exports = CdrExport(store, clock)
    manifest = await exports.export(DAY, tmp_path, quiet)
    assert (manifest["not_final"], manifest["statuses"]) == (0, {"sent": 1})
    await store.change([taken.id], changing(lambda m: setattr(m, "status", Status.DELIVERED)))
    with pytest.raises(
        Refused, match=r"1 message\(s\) got a receipt after the export: nothing was dropped. Remove"
    ):
        await exports.drop(DAY, tmp_path, quiet)
    for name in files_of(tmp_path):
        (tmp_path / name).unlink()
    manifest = await exports.export(DAY, tmp_path, quiet)
    assert manifest["statuses"] == {"delivered": 1}
    await exports.drop(DAY, tmp_path, quiet)
    assert await store.message(taken.id) is None


async def test_a_drop_that_was_ended_goes_on(store: Store, tmp_path: Path) -> None:
    await fill(store, 4)
    exports = CdrExport(store, clock)
    await exports.export(DAY, tmp_path, quiet)

    class EndsInTheDrop(DyingStore):
        async def drop_day(self, day: date, on_dropped: Callable[[int], None]) -> int:
            raise Dies

    dying: Any = EndsInTheDrop(store, 9)
    with pytest.raises(Dies):
        await CdrExport(dying, clock).drop(DAY, tmp_path, quiet)
    await store.drop_day(DAY, lambda _: None)  # some of it was dropped: the store is no measure any more
    manifest = await exports.drop(DAY, tmp_path, quiet)
    assert manifest["dropped"]["at"] is not None


async def test_a_store_that_lost_messages_since_the_export_is_noticed(store: Store, tmp_path: Path) -> None:
    await fill(store, 4)
    exports = CdrExport(store, clock)
    await exports.export(DAY, tmp_path, quiet)
    await store.purge(NOW + timedelta(days=31), 30)
    with pytest.raises(Refused, match="not in the store any more"):
        await exports.drop(DAY, tmp_path, quiet)


def test_every_column_has_a_field() -> None:
    record = cdr.record(replace(final(0), sub_tenant="shop"))
    assert len(record) == len(cdr.HEAD) == len(set(cdr.HEAD))
    assert record[cdr.HEAD.index("sub_tenant")] == "shop"
    assert record[cdr.STATUS] == "delivered"
