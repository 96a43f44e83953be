"""The gateway as its users run it: the installed command, a configuration file, a store on disk."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from gateway.bench.child import free_port
from tests.acceptance.harness.config import Table, merged, toml
from tests.acceptance.harness.waiting import eventually
from tests.programs import output_of

TRUNKLINE = Path(sys.executable).with_name("trunkline")
START_WITHIN_S = 60.0
END_WITHIN_S = 60.0
CLI_WITHIN_S = 60.0
_LOG_LINES = 20
_LINE_CHARS = 500


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, decoded."""
        return json.loads(self.out)


def configuration(**tables: Any) -> dict[str, Any]:
    """A whole configuration on free ports; `tables` go over it."""
    below = {
        "http": {
            "listen": f"127.0.0.1:{free_port()}",
            "admin_listen": f"127.0.0.1:{free_port()}",
        },
        "store": {"url": "sqlite:///trunkline.db"},
        "webhooks": {"allow_private_addresses": True},
    }
    return merged(below, tables)


class Gateway:
    """One gateway in a folder of its own. Not started until `start`."""

    def __init__(self, folder: Path, document: Table) -> None:
        self.folder = folder
        self.path = folder / "gateway.toml"
        self.log_path = folder / "gateway.log"
        self.environment: dict[str, str] = {}
        self.arguments: list[str] = []  #: of `serve`
        self._process: asyncio.subprocess.Process | None = None
        self.configure(document)

    def configure(self, document: Table) -> None:
        """Write the configuration file; a running gateway does not know of it before it is told."""
        self.document = dict(document)
        self.path.write_text(toml(document))

    @property
    def port(self) -> int:
        """The API's."""
        return _port(self.document["http"]["listen"])

    @property
    def admin(self) -> str:
        """The base of the admin listener's addresses."""
        return f"http://127.0.0.1:{_port(self.document['http']['admin_listen'])}"

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None, "the gateway does not run"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def log(self) -> str:
        """All that it has written to standard error."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def events(self, name: str) -> list[dict[str, Any]]:
        """Its log lines of one event."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == name]

    def picture(self) -> str:
        """The end of its log, for a person."""
        lines = [_short(line) for line in self.log.splitlines()[-_LOG_LINES:]]
        return "\n".join([f"gateway (running: {self.running}) log:", *lines])

    # --- the process

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        await self.launch()
        await eventually(self._is_ready, "the gateway to be ready", self.picture, START_WITHIN_S)

    async def launch(self) -> None:
        """Start the process and return at once."""
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                TRUNKLINE,
                "serve",
                *self.arguments,
                "--config",
                self.path,
                env=self._environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def _is_ready(self) -> bool:
        assert self.running, f"the gateway ended\n{self.picture()}"
        status, _ = await self.health("ready")
        return status == 200

    async def health(self, which: str) -> tuple[int, dict[str, Any]]:
        """Status and body of /health/live or /health/ready; 0 while nobody listens."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.admin}/health/{which}") as got:
                return got.status, await got.json()
        except aiohttp.ClientConnectionError:
            return 0, {}

    async def kill9(self) -> None:
        """End it without a warning."""
        self.send_signal(signal.SIGKILL)
        await self.ended()

    async def terminate(self) -> int:
        """SIGTERM; its exit status when it has ended."""
        self.send_signal(signal.SIGTERM)
        return await self.ended()

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end; its exit status."""
        assert self._process is not None
        try:
            async with asyncio.timeout(END_WITHIN_S):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise AssertionError(f"it did not end within {END_WITHIN_S:g} s\n{self.picture()}") from None

    async def restart(self) -> None:
        """Drain and start again."""
        assert await self.terminate() == 0, self.picture()
        await self.start()

    async def close(self) -> None:
        """End it if it runs."""
        if self.running:
            await self.kill9()

    # --- beside the process

    async def cli(self, *words: str, status: int | None = 0) -> Outcome:
        """Run a command with this configuration; `status` is what it must end with, None: whatever."""
        process = await asyncio.create_subprocess_exec(
            TRUNKLINE,
            *words,
            "--config",
            self.path,
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await output_of(process, CLI_WITHIN_S)
        outcome = Outcome(process.returncode or 0, out, err)
        assert status is None or outcome.status == status, (words, outcome)
        return outcome

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    async def metrics(self, admin: str | None = None) -> Metrics:
        """What /metrics shows now; `admin`: of one of several workers."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{admin or self.admin}/metrics") as got,
        ):
            assert got.status == 200, await got.text()
            return Metrics(await got.text())


class Metrics:
    """A scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples = [
            (sample.name, sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    def value(self, name: str, **labels: str) -> float:
        """The sum of the samples `trunkline_<name>` that have these labels; 0 when there are none."""
        return sum(
            value
            for known, carried, value in self.samples
            if known == f"trunkline_{name}" and labels.items() <= carried.items()
        )


@dataclass(frozen=True)
class Template:
    """A store with accounts and keys, made once by the command line and copied for each gateway."""

    folder: Path
    url: str  #: of the store
    sink_port: int
    key: str  #: live, of account acme
    test_key: str  #: test, of account acme
    other_key: str  #: live, of account other
    secret: str  #: the webhook secret of acme
    other_secret: str

    def copy_to(self, folder: Path) -> None:
        """Lay its files into a folder: the key file, and an embedded store."""
        for each in self.folder.iterdir():
            if each.name != "gateway.toml":
                shutil.copy2(each, folder / each.name)


def make_template(folder: Path, **tables: Any) -> Template:
    """Accounts acme and other, as `trunkline account` and `trunkline key` make them, beside no gateway. `tables`: of
    the configuration, for a store elsewhere."""
    sink_port = free_port()
    document = configuration(**tables)
    (folder / "gateway.toml").write_text(toml(document))
    created = [_command(folder, "account", "create", name, "--json") for name in ("acme", "other")]
    _command(folder, "account", "set", "acme", f"webhook_url=http://127.0.0.1:{sink_port}/hooks")
    keys = [
        _command(folder, "key", "create", *words, "--json")["key"]
        for words in (("acme",), ("acme", "--env", "test"), ("other",))
    ]
    secrets = [account["webhook_secret"] for account in created]
    return Template(folder, document["store"]["url"], sink_port, *keys, *secrets)


def _command(folder: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [TRUNKLINE, *words, "--config", folder / "gateway.toml"],
        capture_output=True,
        text=True,
        timeout=CLI_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout) if "--json" in words else {}
    return found


def _short(line: str) -> str:
    """A log line for a person: both ends of a long one, for an error's own words stand at the end of its traceback."""
    if len(line) <= 2 * _LINE_CHARS:
        return line
    return f"{line[:_LINE_CHARS]} ... {line[-_LINE_CHARS:]}"


def _port(listen: str) -> int:
    return int(listen.rpartition(":")[2])


@contextmanager
def without(path: Path) -> Iterator[None]:
    """Put a file aside for a while."""
    aside = path.with_suffix(path.suffix + ".aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)
