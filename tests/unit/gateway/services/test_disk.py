"""A gateway over a store whose commit does not come back, and comes back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.app import App
from gateway.app.serving import serving
from gateway.domain.send import Accepted, IdempotencyKey, Origin, Send, Taken
from gateway.errors import StoreUnavailable
from gateway.services import disk
from storage.sqlite.accept import Accepting
from storage.sqlite.connections import Writer
from storage.sqlite.database import BUSY_TIMEOUT_MS
from tests.unit.gateway.app.test_app import CALLER, write_config
from tests.unit.gateway.services.rig import OURS, PHONE
from tests.unit.http_api.memory import until
from tests.unit.smpp.scripted import Carrier, carrier


class Disk:
    """Hangs in the commit of the next message that is accepted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.well = threading.Event()
        self.well.set()
        self.hung = threading.Event()
        self._hangs = False
        accept, commit = Accepting.accept, Writer.commit

        def accepting(of: Accepting, calls: Any) -> Any:
            self._hangs = True
            return accept(of, calls)

        def committing(of: Writer) -> None:
            if self._hangs:
                self.hung.set()
                assert self.well.wait(30)
            self._hangs = False
            commit(of)

        monkeypatch.setattr(Accepting, "accept", accepting)
        monkeypatch.setattr(Writer, "commit", committing)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    for name, seconds in {"LOOK_S": 0.05, "HANGS_S": 1.5, "REFUSES_S": 2.0}.items():
        monkeypatch.setattr(disk, name, seconds)
    made = Disk(monkeypatch)
    yield made
    made.well.set()


@pytest.fixture
async def smsc() -> AsyncIterator[Carrier]:
    async with carrier() as listening:
        yield listening


async def send(app: App, key: bytes) -> bytes:
    """The id of one message with a key, by the gateway's own way in."""
    assert app.core is not None
    asked = [Send("orchestrator", PHONE, OURS, "hello")]
    once = IdempotencyKey(key * 32, "POST", "/v1/sms/send", bytes(32))
    result = await app.core.submit.accept(CALLER, asked, once, Origin("req_1"))
    assert isinstance(result, Accepted)
    (taken,) = result.items
    assert isinstance(taken, Taken)
    return taken.message_id


def test_a_store_that_others_have_locked_is_no_disk_that_hangs() -> None:
    """It says so itself, before."""
    assert disk.HANGS_S > BUSY_TIMEOUT_MS / 1000


async def test_a_message_whose_commit_hung_is_sent_once(hanging: Disk, smsc: Carrier, tmp_path: Path) -> None:
    """Whoever sent it has been told that nobody knows; what waited behind it was refused, and is not kept."""
    async with serving(write_config(tmp_path, smsc.server.port)) as app:
        core, listeners = app.core, app.listeners
        assert core is not None
        assert listeners is not None
        await until(lambda: core.operators["alpha"].up)
        hanging.hung.clear()
        hanging.well.clear()
        with structlog.testing.capture_logs() as logs:
            unknown = asyncio.create_task(send(app, b"1"))
            await until(hanging.hung.is_set)
            waits = asyncio.create_task(send(app, b"2"))
            await until(lambda: listeners.disk.says is not None)
            ready, facts = await listeners.ready()
            assert not ready
            assert "the store's disk hangs" in str(facts["store"])
            assert not core.recorder.may_write(), "what carriers answer could not be kept"
            with pytest.raises(StoreUnavailable, match="disk hangs"):
                await waits
            for key in (b"1", b"3"):
                with pytest.raises(StoreUnavailable, match="disk hangs"):
                    await send(app, key)
            assert b"store_commit_age_seconds 0.0" not in listeners.metrics()
            assert not unknown.done()
            assert not smsc.submits
            hanging.well.set()
            first = await unknown
            await until(lambda: listeners.disk.says is None)
        told = [line for line in logs if line["event"] == "the store hangs"]
        assert {line["log_level"] for line in told} == {"error"}
        assert len({line["error"] for line in told}) == 1, "one trouble: told once in half a minute"
        assert "the store's disk is back" in [line["event"] for line in logs]
        assert await send(app, b"1") == first
        for key in (b"2", b"3"):
            assert await send(app, key) != first
        await until(lambda: len(smsc.submits) == 3)
        assert (await listeners.ready())[0]
        assert core.recorder.may_write()
