"""The gateway as a subject: `trunkline serve` on a generated configuration, one account with one key."""

from __future__ import annotations

import json
import secrets
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.bench import procfs
from gateway.bench.child import Child, free_port, listens, output_of, until
from gateway.bench.options import BenchOptions
from gateway.bench.requests import Template, orchestrator
from gateway.bench.subject import Surroundings

ACCOUNT = "bench"
RATE, FUNDS = Decimal("0.0375"), Decimal(1_000_000)
"""Of the account that pays: the price of a message, and what it has at first."""
_TRUNKLINE = (sys.executable, "-c", "from gateway.cli import main; main()")


class Trunkline:
    """One process on an embedded store, or some that share a PostgreSQL one. `metered`: every message is paid for, all
    from one balance."""

    def __init__(self, options: BenchOptions, *, metered: bool = False) -> None:
        self.binds = options.workers
        self.name = f"trunkline{', metered' if metered else ''}"
        if options.workers > 1:
            self.name += f" x {options.workers}"
        self._metered = metered
        self._account = f"{ACCOUNT}-pays" if metered else ACCOUNT
        self._options = options
        self.port = free_port()
        self._admin_port = free_port(in_a_row=options.workers)  # see `gateway.cli.workers`
        self._key = ""
        self._config = Path()
        self._child: Child | None = None

    async def prepare(self, directory: Path, sink_port: int) -> str:
        """The store, the account and its key."""
        self._config = directory / "gateway.toml"
        self._config.write_text(configuration(self.port, self._admin_port, 1, self._options))
        if self._options.store is not None:
            await self._run("migrate")
        made = await self._run("account", "create", self._account, "--json")
        await self._run("account", "set", self._account, f"webhook_url=http://127.0.0.1:{sink_port}/hook")
        self._key = (await self._run("key", "create", self._account, "--json"))["key"]
        if self._metered:
            await self._give_money(directory)
        secret: str = made["webhook_secret"]
        return secret

    async def start(self, around: Surroundings) -> None:
        """`trunkline serve`."""
        text = configuration(self.port, self._admin_port, around.carrier_port, self._options)
        self._config.write_text(text)
        workers = ("--workers", str(self._options.workers)) if self._options.workers > 1 else ()
        command = (*_TRUNKLINE, "serve", "--config", str(self._config), *workers)
        self._child = await Child.start("trunkline", command, around.directory, talks=False)
        await until(self._listens, self._child, "its listener")

    def template(self) -> Template:
        """POST /v1/sms/send."""
        # Keys must not be those of an earlier run on the same store.
        run = secrets.token_hex(4) if self._options.idempotency else None
        return orchestrator(f"127.0.0.1:{self.port}", self._key, run)

    def pids(self) -> list[int]:
        """The gateway's process; its threads and workers count with it."""
        return [self._child.pid] if self._child is not None else []

    def interpreters(self) -> dict[str, int]:
        """The one that serves, or the workers by their number: their supervisor does not see a message."""
        names = ["metered"] if self._metered else []
        if self._options.workers == 1:
            return {"-".join(names): pid for pid in self.pids()}
        workers = [pid for supervisor in self.pids() for pid in procfs.children(supervisor)]
        return {"-".join([*names, str(number)]): pid for number, pid in enumerate(workers, 1)}

    async def stop(self) -> None:
        """Let it drain."""
        if self._child is not None:
            await self._child.stop()

    async def audit(self, messages: int) -> list[str]:
        """The ledger adds up, all is settled, and the balance has fallen by the price of every message."""
        if not self._metered:
            return []
        await self._run("ledger", "verify")
        left = RATE * messages
        (purse,) = [
            each for each in await self._json("ledger", "balance", self._account) if each["env"] == "live"
        ]
        found = []
        if Decimal(purse["balance"]) != FUNDS - left or Decimal(purse["held"]):
            found.append(
                f"{purse['balance']} are left and {purse['held']} held of {FUNDS} after {messages} messages"
            )
        return found

    async def _give_money(self, directory: Path) -> None:
        plans = directory / "plans"
        plans.mkdir()
        (plans / "bench.csv").write_text(f"prefix,price,currency\n1,{RATE},EUR\n")
        await self._run("account", "set", self._account, "rate_plan=bench")
        await self._run("ledger", "top-up", self._account, str(FUNDS))

    async def _listens(self) -> bool:
        return await listens(self.port)

    async def _run(self, *arguments: str) -> dict[str, str]:
        if "--json" in arguments:
            values: dict[str, str] = await self._json(*arguments)
            return values
        await output_of((*_TRUNKLINE, *arguments, "--config", str(self._config)))
        return {}

    async def _json(self, *arguments: str) -> Any:
        wanted = arguments if "--json" in arguments else (*arguments, "--json")
        return json.loads(await output_of((*_TRUNKLINE, *wanted, "--config", str(self._config))))


def configuration(port: int, admin_port: int, carrier_port: int, options: BenchOptions) -> str:
    """The gateway's configuration: defaults but for what a run on one machine needs."""
    redis = f'[redis]\nurl = "{options.redis}"\n' if options.redis is not None else ""
    return f"""\
[http]
listen = "127.0.0.1:{port}"
admin_listen = "127.0.0.1:{admin_port}"

[store]
url = "{options.store or "sqlite:///gateway.db"}"

{redis}
[rates]
plans = "plans/*.csv"

[webhooks]
allow_private_addresses = true

[log]
format = "json"

[[operators]]
id = "carrier"
kind = "smpp"
host = "127.0.0.1"
port = {carrier_port}
system_id = "trunkline"
password = "bench"
binds = {options.workers}
window = {options.window}

[[routes]]
to = ["+"]
operators = ["carrier"]
"""
