"""What `trunkline demo` plays on: a gateway, a simulated carrier over TCP and a tenant's webhook sink, in one process.

All of it is real: the tenant speaks HTTP to the gateway's listener, the gateway SMPP to the carrier's, and the store is
a file in a temporary folder, so the other commands work beside it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.app.serving import serving
from gateway.cli.beside import beside, utc_now
from gateway.domain.account import Env
from gateway.services.ownership import Ownership
from gateway.services.signature import key_of, sign
from gateway.simulator import Profile, Simulator, Submit
from http_api.exchange import Request, Response, Route
from http_api.problem import ProblemWriter
from http_api.server import HttpServer
from http_api.settings import HttpSettings, host_and_port

ACCOUNT = "demo"
NUMBER = "+447700900999"  #: ours: Ofcom keeps these numbers for fiction
HTTP_TIMEOUT_S = 10.0

_CONFIG = """\
# Made by `trunkline demo`.
[http]
listen = "{listen}"
admin_listen = "127.0.0.1:0"

[store]
url = "sqlite:///trunkline.db"

[webhooks]
allow_private_addresses = true  # the demo's sink is on this machine

[log]
level = "error"
format = "console"

[[operators]]
id = "simulated-carrier"
kind = "smpp"
host = "127.0.0.1"
port = {carrier_port}
system_id = "demo"
password = "demo"
window = 100

[[routes]]
id = "everywhere"
to = ["+"]
operators = ["simulated-carrier"]
"""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as the tenant's sink got it. `verified`: its signature is that of the account's secret."""

    type: str
    headers: dict[str, str]
    body: bytes
    verified: bool

    @property
    def data(self) -> dict[str, Any]:
        """What it tells."""
        found: dict[str, Any] = json.loads(self.body)["data"]
        return found


@dataclass(slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: dict[str, Any]


@dataclass(slots=True)
class Stage:
    """Everybody who plays. `hooks` and `submits` grow; `changed` is set whenever one does."""

    folder: Path
    url: str = ""
    admin_url: str = ""
    secret: str = ""
    key: str = ""
    carrier: Simulator = field(init=False)
    hooks: list[Hook] = field(default_factory=list)
    submits: list[Submit] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    on_hook: Callable[[Hook], None] | None = None

    def __post_init__(self) -> None:
        self.carrier = Simulator(Profile(receipt_delay_min_s=0.3, receipt_delay_max_s=0.5), self.submitted)

    @property
    def config_path(self) -> Path:
        """The configuration that the gateway runs with."""
        return self.folder / "gateway.toml"

    async def send(self, recipient: str, text: str, key: str) -> Answer:
        """POST /v1/sms/send as the tenant."""
        body = {"to": recipient, "from": NUMBER, "body": text, "metadata": {"campaignId": "demo"}}
        return await asyncio.to_thread(self._ask, "/v1/sms/send", body, key)

    async def look(self, message_id: str) -> Answer:
        """GET /v1/sms/{id} as the tenant."""
        return await asyncio.to_thread(self._ask, f"/v1/sms/{message_id}", None, None)

    def _ask(self, path: str, body: dict[str, Any] | None, idempotency_key: str | None) -> Answer:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers)
        # A proxy from the environment must not be asked for our own address.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=HTTP_TIMEOUT_S) as answer:
                return Answer(answer.status, json.loads(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, json.loads(error.read()))

    async def take(self, request: Request) -> Response:
        """The tenant's sink: keep a webhook, and verify its signature as Standard Webhooks says."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        expected = sign(
            key_of(self.secret), headers["webhook-id"], int(headers["webhook-timestamp"]), request.body
        )
        verified = expected in headers["webhook-signature"].split()
        hook = Hook(json.loads(request.body)["type"], headers, request.body, verified)
        self.hooks.append(hook)
        self.changed.set()
        if self.on_hook is not None:
            self.on_hook(hook)
        return Response(200, b"{}")

    def submitted(self, submit: Submit) -> None:
        """The carrier got a part."""
        self.submits.append(submit)
        self.changed.set()


@asynccontextmanager
async def stage(listen: str) -> AsyncIterator[Stage]:
    """Set it, with the gateway's API on `listen`, and take it down again. Raises `TrunklineError` or `OSError`."""
    with tempfile.TemporaryDirectory(prefix="trunkline-demo-") as name:
        play = Stage(Path(name))
        sink = _sink(play)
        await play.carrier.start()
        await sink.start()
        try:
            async with _gateway(play, listen):
                await _tenant(play, f"http://127.0.0.1:{sink.port}/webhooks")
                yield play
        finally:
            await sink.stop(1.0)
            await play.carrier.stop()


def _sink(play: Stage) -> HttpServer:
    settings = HttpSettings()
    refuse = ProblemWriter(settings.error_type_base).fault
    route = Route("POST", "/webhooks", play.take, refuse, max_body_bytes=1 << 20)
    return HttpServer("127.0.0.1:0", [route], refuse, settings)


@asynccontextmanager
async def _gateway(play: Stage, listen: str) -> AsyncIterator[None]:
    """A gateway that serves, as `trunkline serve` runs it."""
    play.config_path.write_text(
        _CONFIG.format(listen=listen, carrier_port=play.carrier.port), encoding="utf-8"
    )
    async with serving(play.config_path) as app:
        assert app.listeners is not None, "it is ready when they are open"
        host = host_and_port(listen)[0] or "127.0.0.1"
        play.url = f"http://{f'[{host}]' if ':' in host else host}:{app.listeners.api.port}"
        play.admin_url = f"http://127.0.0.1:{app.listeners.admin.port}"
        yield


async def _tenant(play: Stage, webhook_url: str) -> None:
    """An account, its key, its number, and where its webhooks go: as the commands make them."""
    async with beside(play.config_path) as store:
        _, play.secret = await store.accounts.create(ACCOUNT)
        await store.accounts.set(ACCOUNT, {"webhook_url": webhook_url}, None)
        _, play.key = await store.accounts.create_key(ACCOUNT)
        await Ownership(store.store, store.accounts, utc_now).add(NUMBER, "", ACCOUNT, Env.LIVE)
