"""compose.yaml without an engine: the commands of its services, as processes of this machine.

What Compose does for them is done here: names of services become addresses, mounted paths become folders, and one waits
for another as `depends_on` says.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.bench.child import free_port
from tests.acceptance.harness.api import Api
from tests.acceptance.harness.gateway import TRUNKLINE
from tests.acceptance.harness.waiting import eventually
from tests.engines import postgres
from tests.unit.deploy.conftest import PASSWORD
from tests.unit.deploy.files import COMPOSE, COMPOSE_CONFIG, documents


class Stack:
    """The services, each with ports of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.services: dict[str, Any] = documents(COMPOSE)[0]["services"]
        self.redis, self.carrier = free_port(), free_port()
        self.ports = {
            name: (free_port(), free_port()) for name in ("gateway-1", "gateway-2", "migrate", "migrate-post")
        }
        self.at = {"@postgres:5432/trunkline": f"@{database}", "@redis:6379": f"@127.0.0.1:{self.redis}"}

    def config(self, name: str) -> Path:
        """The mounted configuration as this service finds it."""
        text = COMPOSE_CONFIG.read_text()
        http, admin = self.ports[name]
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        for theirs, ours in {
            **self.at,
            "0.0.0.0:8080": f"127.0.0.1:{http}",
            "0.0.0.0:8081": f"127.0.0.1:{admin}",
            'host = "carrier"': 'host = "127.0.0.1"',
            "port = 2775": f"port = {self.carrier}",
            "/var/lib/trunkline": str(state),
        }.items():
            assert theirs in text, theirs
            text = text.replace(theirs, ours)
        path = self.folder / f"{name}.toml"
        path.write_text(text)
        return path

    def environment(self, name: str) -> dict[str, str]:
        """What the service is given; the references to .env are resolved."""
        given = self.services[name].get("environment", {})
        known = {"POSTGRES_PASSWORD": PASSWORD, "REDIS_PASSWORD": PASSWORD}
        mapped = {variable: known[variable] for variable in given}
        return {**os.environ, **mapped, "TRUNKLINE_CONFIG": str(self.config(name))}

    def words(self, name: str) -> list[str]:
        """The command of a service of ours; the image's own for a gateway."""
        command: list[str] = self.services[name].get("command", ["serve"])
        return [str(TRUNKLINE), *command]

    def run(self, name: str) -> None:
        """A service that ends."""
        done = subprocess.run(
            self.words(name), env=self.environment(name), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    @contextmanager
    def running(
        self, words: list[str], environment: dict[str, str], log: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A service that stays."""
        with (self.folder / log).open("wb") as out:
            process = subprocess.Popen(words, env=environment, cwd=self.folder, stdout=out, stderr=out)
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)

    def picture(self) -> str:
        """The ends of the logs."""
        return "\n".join(path.read_text()[-2000:] for path in self.folder.glob("*.log"))


@pytest.fixture
async def stack(tmp_path: Path, role: str) -> AsyncIterator[Stack]:
    """Redis by its own command, the carrier, and both gateways when `migrate` has ended well."""
    at = Stack(tmp_path, f"127.0.0.1:{postgres.shared().port}/{role}")
    at.at["postgresql://trunkline:"] = f"postgresql://{role}:"
    with ExitStack() as held:
        redis = [*at.services["redis"]["command"], "--port", str(at.redis), "--bind", "127.0.0.1"]
        redis[redis.index("--requirepass") + 1] = PASSWORD
        held.enter_context(at.running(redis, dict(os.environ), "redis.log"))
        carrier = [word if word != "2775" else str(at.carrier) for word in at.words("carrier")]
        carrier[carrier.index("0.0.0.0")] = "127.0.0.1"
        held.enter_context(at.running(carrier, dict(os.environ), "carrier.log"))
        await asyncio.to_thread(at.run, "migrate")
        for name in ("gateway-1", "gateway-2"):
            held.enter_context(at.running(at.words(name), at.environment(name), f"{name}.log"))
        yield at


def command(at: Stack, *words: str) -> str:
    """`docker compose exec gateway-1 trunkline ...`."""
    done = subprocess.run(
        [TRUNKLINE, *words], env=at.environment("gateway-1"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def ready(at: Stack, session: aiohttp.ClientSession, name: str) -> bool:
    """What haproxy.cfg asks, and that its bind is up and Redis is well."""
    try:
        async with session.get(f"http://127.0.0.1:{at.ports[name][1]}/health/ready") as answer:
            facts = await answer.json()
    except aiohttp.ClientConnectionError:
        return False
    binds = facts.get("operators", {}).get("carrier", {}).get("binds", [])
    return bool(answer.status == 200 and facts["redis"] == "ok" and "bound" in {b["state"] for b in binds})


async def test_a_message_goes_through_each_gateway(stack: Stack) -> None:
    async with aiohttp.ClientSession() as session:
        for name in ("gateway-1", "gateway-2"):
            await eventually(lambda: ready(stack, session, name), f"{name} to be ready", stack.picture, 60)  # noqa: B023
        command(stack, "account", "create", "acme")
        key = command(stack, "key", "create", "acme").split()
        (bearer,) = [word for word in key if word.startswith("sok_live_")]
        for name in ("gateway-1", "gateway-2"):
            api = Api(session, f"http://127.0.0.1:{stack.ports[name][0]}", bearer)
            identity = await api.sent(to="+447700900123")

            async def delivered() -> bool:
                return bool((await api.message(identity))["status"] == "DELIVERED")  # noqa: B023

            await eventually(delivered, "the message to be delivered", stack.picture, 30)
        journals = list((stack.folder / "state/flights").glob("*.flights.0"))
        assert len(journals) == 2, "one folder for both, a file for each"
        await asyncio.to_thread(stack.run, "migrate-post")
