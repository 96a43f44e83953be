"""The three ways to take a back-up that docs/production.md names, and to bring it back."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from tests.acceptance.harness.gateway import Gateway
from tests.engines.postgres import FAST, Cluster, program, shared


class Keeper(Protocol):
    """One way. `url` is the store that will be lost."""

    url: str

    async def take(self, gateway: Gateway) -> None:
        """Keep the store of this moment, while the gateway serves it."""

    async def bring_back(self, folder: Path) -> str:
        """The store of that moment in an empty place, for a configuration in this folder; its URL."""

    def close(self) -> None:
        """Nothing is left of it."""


class Copy:
    """SQLite: `trunkline backup`."""

    def __init__(self, folder: Path) -> None:
        self.url = "sqlite:///trunkline.db"
        self._copy = folder / "copy.db"

    async def take(self, gateway: Gateway) -> None:
        """See `Keeper`."""
        await gateway.cli("backup", str(self._copy))

    async def bring_back(self, folder: Path) -> str:
        """See `Keeper`."""
        shutil.copy(self._copy, folder / "trunkline.db")
        return self.url

    def close(self) -> None:
        """See `Keeper`."""


class Dump:
    """PostgreSQL: pg_dump and pg_restore."""

    def __init__(self, folder: Path, url: str, empty: str) -> None:
        self.url, self._empty = url, empty
        self._file = str(folder / "trunkline.dump")

    async def take(self, gateway: Gateway) -> None:
        """See `Keeper`."""
        await run("pg_dump", "--format=custom", f"--file={self._file}", self.url)

    async def bring_back(self, folder: Path) -> str:
        """See `Keeper`."""
        words = ("--clean", "--if-exists", "--no-owner", f"--dbname={self._empty}")
        await run("pg_restore", *words, self._file)
        return self._empty

    def close(self) -> None:
        """See `Keeper`."""


class Moment:
    """PostgreSQL: a base back-up from before, and the archive of the log up to a moment."""

    def __init__(self, folder: Path) -> None:
        self._base = folder / "base"
        self._lost = Cluster(*FAST, "wal_level=replica", "archive_mode=on")
        self._archive = self._lost.folder / "archive"  # which the server may write to
        file = f"{self._archive}/%f"
        self._lost.settings += (
            f"archive_command=mkdir -p {self._archive} && test ! -f {file} && cp %p {file}",
        )
        self._found: Cluster | None = None
        self._at: Any = None

    async def begin(self) -> None:
        """Start the server, with a store of nothing but its tables, and take the base back-up."""
        self._lost.start()
        self.url = await self._lost.fresh()
        where = f"--dbname={self._lost.url('postgres')}"
        await run("pg_basebackup", where, f"--pgdata={self._base}", "--checkpoint=fast", "--wal-method=none")

    async def take(self, gateway: Gateway) -> None:
        """See `Keeper`: it is the archive that keeps it."""
        connection = await asyncpg.connect(self.url)
        self._at = await connection.fetchval("SELECT clock_timestamp()::text")
        await connection.close()

    async def bring_back(self, folder: Path) -> str:
        """See `Keeper`."""
        connection = await asyncpg.connect(self._lost.url("postgres"))
        await connection.execute("SELECT pg_switch_wal()")
        await connection.close()
        self._lost.stop()  # which archives what it has written
        back = (f"restore_command=cp {self._archive}/%f %p", f"recovery_target_time={self._at}")
        found = self._found = Cluster(*FAST, *back, "recovery_target_action=promote")
        data = found.folder / "data"
        shutil.copytree(self._base, data)
        (data / "recovery.signal").touch()
        owner = (self._lost.folder / "data").stat()
        for each in (found.folder, data, *data.rglob("*")):
            os.chown(each, owner.st_uid, owner.st_gid)
        data.chmod(0o700)
        await asyncio.to_thread(found.start)
        url = found.url(self.url.rpartition("/")[2])
        await writable(url)
        return url

    def close(self) -> None:
        """See `Keeper`."""
        self._lost.remove()
        if self._found is not None:
            self._found.remove()


async def writable(url: str) -> None:
    """Wait for the end of the recovery."""
    connection = await asyncpg.connect(url)
    async with asyncio.timeout(60):
        while await connection.fetchval("SELECT pg_is_in_recovery()"):  # noqa: ASYNC110 it tells nobody
            await asyncio.sleep(0.05)
    await connection.close()


async def run(tool: str, *words: str) -> None:
    """One of PostgreSQL's programs."""
    done = await asyncio.to_thread(
        subprocess.run, [program(tool), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (tool, done.stderr)


async def keeper(how: str, folder: Path) -> Keeper:
    """By its name, with a folder of its own."""
    if how == "copy":
        return Copy(folder)
    if how == "dump":
        return Dump(folder, await shared().fresh(), await shared().empty())
    moment = Moment(folder)
    await moment.begin()
    return moment
