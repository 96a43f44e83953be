"""A Redis server of the tests' own: on a free port of loopback, in a folder of its own, keeping nothing.

It can be stopped, killed, frozen and emptied. A server that can't be had is an error, never a skip.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from gateway.bench.child import free_port

PATIENCE_S = 20.0


class Server:
    """One server. `url` names its first database."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-redis-"))
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. Raises RuntimeError with the server's own words."""
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("the tests need redis-server: run `make tools`, which installs it")
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no")
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", program, *options, "--dir", str(self.folder)],
                stdout=log,
                stderr=log,
            )
        ends_at = time.monotonic() + PATIENCE_S
        while self._server.poll() is None and time.monotonic() < ends_at:
            try:
                if self.say("PING") == "+PONG":
                    return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"redis-server does not start:\n{(self.folder / 'server.log').read_text()}")

    def say(self, command: str) -> str:
        """One inline command; the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as link:
            link.sendall(f"{command}\r\n".encode())
            return link.makefile().readline().strip()

    @property
    def pid(self) -> int:
        """The process of a server that runs."""
        assert self._server is not None, "the server is not started"
        return self._server.pid

    def freeze(self) -> None:
        """It takes connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone, with all that it held. `start` begins anew."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(PATIENCE_S)
            self._server = None

    def remove(self) -> None:
        """Gone for good."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        assert self._server is not None
        self._server.send_signal(number)


@functools.cache
def shared() -> Server:
    """The session's server, for tests that leave it as it is. Called in the main thread: the server ends with the
    thread that started it."""
    server = Server()
    atexit.register(server.remove)
    server.start()
    return server
