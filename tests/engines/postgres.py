"""A PostgreSQL server for this test session: made when the first test asks for it, stopped when the session ends.

It listens on loopback on a free port, keeps its data in a folder of its own and syncs nothing to the disk, unless the
test that starts it asks for that. A server that can't be had is an error, never a skip.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import asyncpg

from gateway.bench.child import free_port
from storage.open import open_store

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
"""Where Debian and Ubuntu put them; elsewhere they are on the PATH."""

TEMPLATE = "trunkline_template"

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""Nothing here outlives a crash of the machine, and no test waits for a disk."""


class Cluster:
    """One server with its data."""

    def __init__(self, *settings: str) -> None:
        self.settings = settings
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-postgres-"))
        self._user = _unprivileged_user()
        self._server: subprocess.Popen[bytes] | None = None
        self._names = itertools.count()
        self._has_template = False

    def start(self) -> None:
        """Make the data at the first time; returns when it answers. Raises RuntimeError with the server's own words."""
        data = self.folder / "data"
        if not data.exists():
            if self._user is not None:
                os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
            self._run(
                program("initdb"),
                *("-D", str(data), "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            )
        options = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
            "max_connections=200",
            *self.settings,
        ]
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    *self._as_user("--pdeathsig", "INT"),
                    program("postgres"),
                    *("-D", str(data)),
                    *(word for option in options for word in ("-c", option)),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self._run(program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), until_well=True)

    def stop(self, *, crash: bool = False) -> None:
        """End the server: politely fast, or as a crash does."""
        if self._server is not None:
            self._server.send_signal(3 if crash else 2)  # SIGQUIT: immediate shutdown; SIGINT: fast
            self._server.wait(60)
            self._server = None

    def freeze(self) -> None:
        """It takes connections and answers nothing."""
        for pid in (self.pid, *self._sessions()):  # the first process first: it makes no others then
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        for pid in (*self._sessions(), self.pid):
            os.kill(pid, signal.SIGCONT)

    def _sessions(self) -> list[int]:
        return [int(each) for each in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    @property
    def pid(self) -> int:
        """The process of a server that runs; its sessions are its children."""
        assert self._server is not None, "the server is not started"
        return self._server.pid

    def remove(self) -> None:
        """Stop it and drop all that it kept."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """What [store] url says for a database of this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    async def fresh(self) -> str:
        """The URL of a new, empty, migrated store."""
        if not self._has_template:
            await self._admin(f"CREATE DATABASE {TEMPLATE}")
            store = open_store(self.url(TEMPLATE))
            await store.open()
            await store.close()
            self._has_template = True
        return await self.empty(TEMPLATE)

    async def empty(self, template: str = "template0") -> str:
        """The URL of a new database, a copy of `template`."""
        name = f"t{next(self._names)}"
        await self._admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    async def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        await self._admin(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _as_user(self, *extra: str) -> list[str]:
        """PostgreSQL refuses to run as root."""
        if self._user is None:
            return ["setpriv", *extra]
        return [
            "setpriv",
            f"--reuid={self._user.pw_uid}",
            f"--regid={self._user.pw_gid}",
            "--clear-groups",
            *extra,
        ]

    def _run(self, *command: str, until_well: bool = False) -> None:
        for _ in range(1_000 if until_well else 1):
            done = subprocess.run(
                [*self._as_user(), *command], cwd=self.folder, capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                return
            if self._server is not None and self._server.poll() is not None:
                break
        log = self.folder / "server.log"
        words = log.read_text() if log.exists() else ""
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}{words[-4_000:]}")


@functools.cache
def shared() -> Cluster:
    """The session's server. Called in the main thread: the server ends with the thread that started it."""
    cluster = Cluster(*FAST)
    atexit.register(cluster.remove)
    cluster.start()
    return cluster


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs. Raises RuntimeError when it is not installed."""
    found = shutil.which(
        name, path=os.pathsep.join([*map(str, reversed(BINARIES)), os.environ.get("PATH", "")])
    )
    if found is None:
        raise RuntimeError(f"the tests need PostgreSQL's {name}: run `make tools`, which installs it")
    return found


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]
