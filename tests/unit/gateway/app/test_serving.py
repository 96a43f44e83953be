"""A gateway within another program: ready when it is given, ended when it is given back, its errors told."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from gateway.app import serving as module
from gateway.app.serving import serving
from gateway.errors import Refused, StoreInUse, TrunklineError
from tests.unit.gateway.app.test_app import write_config


async def test_it_is_ready_and_ends(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    async with serving(path) as app:
        assert app.listeners is not None
        assert (await app.listeners.ready())[0]
    async with serving(path):  # the store is free again
        assert (tmp_path / "trunkline.db").exists()


async def test_why_it_does_not_start(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    async with serving(path):
        with pytest.raises(StoreInUse):
            async with serving(path):
                pytest.fail("two serve one store")


@pytest.mark.parametrize("setting", ["listen", "admin_listen"])
async def test_an_address_that_somebody_has_is_told_with_its_setting(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        path = write_config(tmp_path)
        path.write_text(path.read_text().replace(f' {setting} = "127.0.0.1:0"', f' {setting} = "{address}"'))
        with pytest.raises(Refused) as caught:
            async with serving(path):
                pytest.fail("two listen at one address")
    assert str(caught.value) == f"[http] {setting} {address} can't be used: address already in use"


async def test_a_name_that_nobody_knows_is_told_with_its_setting(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    path.write_text(path.read_text().replace('"127.0.0.1:0"', '"gateway.invalid:0"', 1))
    with pytest.raises(Refused, match=r"\[http\] listen gateway\.invalid:0 can't be used: (?i:.*name)"):
        async with serving(path):
            pytest.fail("it listens nowhere")


async def test_one_that_is_not_ready_in_time_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_config(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(module, "START_WITHIN_S", 0.0)
        with pytest.raises(Refused, match="not ready within 0 s"):
            async with serving(path):
                pytest.fail("it can't be ready")
    async with serving(path) as app:
        assert app.core is not None


async def test_what_fails_while_it_serves_is_told_at_its_end(tmp_path: Path) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async def serve() -> None:
        async with serving(write_config(tmp_path)) as app:
            app._tasks.start("broken", fail)
            await asyncio.wait_for(app._tasks.failed.wait(), 20)

    with pytest.raises(TrunklineError, match="a task failed"):
        await serve()


async def test_the_body_s_own_error_wins(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with serving(write_config(tmp_path)):
            raise ZeroDivisionError
