"""Kannel as an ESME of the tests: Debian's bearerbox and smsbox, which speak SMPP on one side and HTTP on the other.

    async with kannel(folder, carrier_port) as boxes:
        await boxes.send(to="12025550123", text="hello", coding="2")
        ... boxes.reports and boxes.inbound fill ...

What Kannel is told stands in its user guide (1.4.5), under the names that are used here.
"""

from __future__ import annotations

import asyncio
import shutil
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from gateway.bench.child import Child, free_port, listens
from gateway.bench.child import until as until_child
from tests.unit.gateway.http_sink import Sink

USER = "tests"
# Where Debian has the boxes, which the PATH of a person may lack.
SYSTEM_DIRECTORIES = "/usr/sbin:/usr/local/sbin"
DELIVERED, FAILED = 1, 2  # dlr-mask

_CONFIGURATION = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {user}
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = carrier
host = 127.0.0.1
port = {carrier}
transceiver-mode = true
interface-version = 34
smsc-username = {user}
smsc-password = {user}
system-type = ""
source-addr-ton = 1
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = {user}
password = {user}
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{sink}?text=%b"
"""


class Kannel:
    """The two boxes, and what smsbox has told by HTTP."""

    def __init__(self, sink: Sink, port: int, children: list[Child]) -> None:
        self._sink = sink
        self._port = port
        self._children = children

    @property
    def inbound(self) -> list[str]:
        """The texts of persons, each joined."""
        return [query["text"] for query in self._queries("/inbound")]

    @property
    def reports(self) -> list[int]:
        """What dlr-url was told: 1 delivered, 2 not."""
        return [int(query["state"]) for query in self._queries("/report")]

    async def send(self, to: str, sender: str, text: str | bytes, **more: str | bytes) -> None:
        """One message by the sendsms interface. Raises OSError when smsbox refuses it."""
        query = {
            "username": USER,
            "password": USER,
            "from": sender,
            "to": to,
            "text": text,
            "dlr-mask": str(DELIVERED | FAILED),
            "dlr-url": self._sink.url("/report") + "?state=%d",
            **more,
        }
        url = f"http://127.0.0.1:{self._port}/cgi-bin/sendsms?" + urllib.parse.urlencode(query)
        await asyncio.to_thread(_get, url)

    async def stop(self) -> None:
        """smsbox first, so that bearerbox has nobody to wait for. Nothing happens when they have ended."""
        for child in reversed(self._children):
            await child.stop()

    def _queries(self, path: str) -> list[dict[str, str]]:
        urls = [urllib.parse.urlsplit(request.path) for request in self._sink.received]
        return [dict(urllib.parse.parse_qsl(url.query)) for url in urls if url.path == path]


def _get(url: str) -> None:
    with urllib.request.urlopen(url, timeout=20) as answer:
        answer.read()


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=SYSTEM_DIRECTORIES)
    if found is None:
        raise FileNotFoundError(f"no {name}: `make tools` installs Kannel")
    return found


@asynccontextmanager
async def kannel(folder: Path, carrier_port: int) -> AsyncIterator[Kannel]:
    """Kannel with one transceiver bind to this port, which it may still be opening."""
    async with Sink().serving() as sink:
        admin, boxes, sendsms = free_port(), free_port(), free_port()
        path = folder / "kannel.conf"
        path.write_text(
            _CONFIGURATION.format(
                user=USER,
                admin=admin,
                boxes=boxes,
                sendsms=sendsms,
                carrier=carrier_port,
                sink=sink.url("/inbound"),
            )
        )
        running = Kannel(sink, sendsms, children := [])
        try:
            for name, port in (("bearerbox", boxes), ("smsbox", sendsms)):
                child = await Child.start(name, (_program(name), str(path)), folder, talks=False)
                children.append(child)
                await until_child(partial(listens, port), child, "its listener")
            yield running
        finally:
            await running.stop()
