"""Kannel as a subject, where it is installed: bearerbox and smsbox on a generated configuration, file store.

Kannel 1.4 is what the field compares with: C, threads, no idempotency, no signed callbacks.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from gateway.bench.child import Child, free_port, listens, until
from gateway.bench.errors import BenchError
from gateway.bench.options import BenchOptions
from gateway.bench.requests import Template, sendsms
from gateway.bench.subject import Surroundings

USER = "bench"
PASSWORD = "bench"

# Where Debian has the boxes, which the PATH of a person may lack.
SYSTEM_DIRECTORIES = "/usr/sbin:/usr/local/sbin"


def installed() -> bool:
    """Whether both programs are there."""
    return _program("bearerbox") is not None and _program("smsbox") is not None


class Kannel:
    """Two processes: bearerbox speaks SMPP and stores, smsbox speaks HTTP."""

    name = "kannel"
    binds = 1

    def __init__(self, options: BenchOptions) -> None:
        self._options = options
        self.port = free_port()
        self._admin_port = free_port()
        self._box_port = free_port()
        self._sink_port = 0
        self._children: list[Child] = []

    async def prepare(self, directory: Path, sink_port: int) -> str:
        """Nothing is kept before it runs; its callbacks are not signed."""
        (directory / "store").mkdir(exist_ok=True)
        self._sink_port = sink_port
        return ""

    async def start(self, around: Surroundings) -> None:
        """bearerbox, then smsbox."""
        path = around.directory / "kannel.conf"
        path.write_text(
            configuration(
                self.port,
                self._admin_port,
                self._box_port,
                around.carrier_port,
                self._options.window,
                around.directory / "store" / "messages",
            )
        )
        for name, port in (("bearerbox", self._box_port), ("smsbox", self.port)):
            program = _program(name)
            if program is None:
                raise BenchError(f"{name} is not installed (Debian: apt-get install kannel)")
            # --verbosity 4: errors alone; a line per message would measure the log.
            command = (program, "--verbosity", "4", str(path))
            child = await Child.start(name, command, around.directory, talks=False)
            self._children.append(child)
            await until(partial(listens, port), child, "its listener")

    def template(self) -> Template:
        """GET /cgi-bin/sendsms."""
        return sendsms(f"127.0.0.1:{self.port}", USER, PASSWORD, f"http://127.0.0.1:{self._sink_port}")

    def pids(self) -> list[int]:
        """Both boxes."""
        return [child.pid for child in self._children]

    def interpreters(self) -> dict[str, int]:
        """It is written in C."""
        return {}

    async def audit(self, messages: int) -> list[str]:  # noqa: ARG002 the protocol's
        """It keeps no books."""
        return []

    async def stop(self) -> None:
        """smsbox first, so that bearerbox has nobody to wait for."""
        for child in reversed(self._children):
            await child.stop()


def configuration(
    port: int, admin_port: int, box_port: int, carrier_port: int, window: int, store: Path
) -> str:
    """kannel.conf: one transceiver bind, and a user who may send."""
    return f"""\
group = core
admin-port = {admin_port}
admin-password = {PASSWORD}
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = {box_port}
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
store-type = file
store-location = {store}
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = carrier
host = 127.0.0.1
port = {carrier_port}
transceiver-mode = true
smsc-username = {USER}
smsc-password = {PASSWORD}
system-type = ""
max-pending-submits = {window}

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box_port}
sendsms-port = {port}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = {USER}
password = {PASSWORD}
"""


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=SYSTEM_DIRECTORIES)
