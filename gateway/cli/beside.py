"""What commands work with beside a running gateway: its store, its key file, and nothing of the process itself."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from gateway import secrets
from gateway.config import Config, load_for_commands, load_plans
from gateway.ports import Store
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.erasure import names
from routing.tariff import Plans
from storage.open import open_store

P = ParamSpec("P")


def utc_now() -> datetime:
    """The time, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Beside:
    """An open store and what is needed to read and change it."""

    config: Config
    store: Store
    secrets: Secrets
    accounts: Accounts
    path: Path  #: of the configuration

    def plans(self) -> Plans:
        """The rate plans, read anew. Raises `ConfigErrors`."""
        return load_plans(self.path)


@asynccontextmanager
async def beside(path: Path, *, makes_schema: bool = False) -> AsyncIterator[Beside]:
    """Open the store of a configuration: migrated when it is old, never recovered. An empty one is made when it is
    embedded; on a server only with `makes_schema`."""
    config = load_for_commands(path)
    store = open_store(config.store.url, config.folder, makes_schema=makes_schema)
    await store.open()
    try:
        box = secrets.load(config.key_file)
        store.recognize(names(box))
        accounts = Accounts(store, box, utc_now, lambda: config.terms.version)
        await accounts.start()
        yield Beside(config, store, box, accounts, path)
    finally:
        await store.close()


def _required(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    if value is None:
        raise click.UsageError(
            "Name the configuration: --config FILE, or the environment variable TRUNKLINE_CONFIG."
        )
    return value


config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="TRUNKLINE_CONFIG",
    show_envvar=True,
    metavar="FILE",
    callback=_required,
    help="The gateway's configuration.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

env_option = click.option(
    "--env", type=click.Choice(["live", "test"]), default="live", show_default=True, help="Environment."
)


def limit_option(most: int, default: int, order: str) -> Callable[[Any], Any]:
    """Of a list. `order`: which of all come, for its help."""
    return click.option(
        "--limit",
        type=click.IntRange(1, most),
        default=default,
        show_default=True,
        help=f"At most so many, {order}.",
    )


def with_store(command: Callable[Concatenate[Beside, P], Awaitable[None]]) -> Callable[..., None]:
    """Make a coroutine that takes an open store a command with `--config`."""

    @config_option
    @functools.wraps(command)
    def run(config_path: Path, *args: Any, **kwargs: Any) -> None:
        async def within() -> None:
            async with beside(config_path) as opened:
                await command(opened, *args, **kwargs)

        asyncio.run(within())

    return run
