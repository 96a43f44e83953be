"""A release that is not written yet, this one with two more migrations: `pre` under running gateways of this release,
both releases at once, and `post` when the old one has ended.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from gateway.domain.words import Status
from tests.acceptance.harness.gateway import Gateway, configuration
from tests.architecture.sources import ROOT
from tests.migration.upgraded import Upgraded, around

PACKAGES = ("gateway", "http_api", "routing", "smpp", "storage")
PRE = """
ALTER TABLE messages ADD COLUMN campaign text;
ALTER TABLE accounts ADD COLUMN plan text NOT NULL DEFAULT 'none';
CREATE INDEX messages_by_campaign ON messages (campaign);
CREATE TABLE campaigns (name text PRIMARY KEY);
"""
POST = "ALTER TABLE accounts ALTER COLUMN plan DROP DEFAULT; CREATE TABLE after_all (a integer);"


@pytest.fixture(scope="session")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which `trunkline` is the next release."""
    folder = tmp_path_factory.mktemp("next")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    migrations = folder / "storage/migrations/postgres"
    number = len(list(migrations.glob("*.sql")))
    (migrations / f"{number + 1:04}_pre_campaigns.sql").write_text(PRE)
    (migrations / f"{number + 2:04}_post_campaigns.sql").write_text(POST)
    return {"PYTHONPATH": str(folder)}


@pytest.fixture
def engine() -> str:
    """The one that many processes share: an embedded store has no old ones beside the new."""
    return "postgres"


async def test_both_releases_serve_between_pre_and_post(
    place: str, tmp_path: Path, skew: Path, next_release: dict[str, str]
) -> None:
    at = Upgraded("0.1.0", "postgres", place, tmp_path)
    async with around(at, skew):
        old, new = at.gateway, successor(at, next_release)
        await old.start()
        migrated = asyncio.Event()
        sending = asyncio.create_task(send_until(at, migrated))
        told = await asyncio.gather(*(new.cli("migrate", "--phase", "pre") for _ in range(2)))
        assert all("for a rolling restart" in each.out for each in told)
        assert await has(at.url, "campaigns", "schema_migrations")
        assert not await has(at.url, "after_all")
        migrated.set()
        assert await sending > 1, "the old one served on"
        await old.kill9()
        await old.start()
        await send(at, 5)  # it could be started again
        try:
            await new.start()
            assert await old.terminate() == 0
            told = await asyncio.gather(*(new.cli("migrate", "--phase", "post") for _ in range(2)))
            assert sum("_post_campaigns" in each.out for each in told) == 1, "each is applied once"
            at.api.base = f"http://127.0.0.1:{new.port}"
            await send(at, 5)
            assert await new.terminate() == 0
        finally:
            await new.close()
        await old.launch()
        assert await old.ended() == 1
        assert "written by a newer release" in old.log


def successor(at: Upgraded, next_release: dict[str, str]) -> Gateway:
    """A gateway of the next release on the same store."""
    folder = at.folder / "next"
    folder.mkdir()
    shared = {name: at.gateway.document[name] for name in ("store", "operators", "routes", "process")}
    keys = {"secrets": {"key_file": str(at.folder / "trunkline.key")}}
    new = Gateway(folder, configuration(**shared, **keys))
    new.environment = {**at.gateway.environment, **next_release}
    return new


async def send(at: Upgraded, count: int) -> None:
    """Send so many, one after another; each is delivered."""
    for number in range(count):
        await until_delivered(at, await at.api.sent(to=f"+4477009{number:05}"))


async def send_until(at: Upgraded, enough: asyncio.Event) -> int:
    """Send one after another, and one more when it is enough; how many were delivered."""
    delivered = 0
    while not enough.is_set():
        await send(at, 1)
        delivered += 1
    await send(at, 1)
    return delivered


async def until_delivered(at: Upgraded, identity: str) -> None:
    """Ask until it is."""
    async with asyncio.timeout(20):
        while (await at.api.message(identity))["status"] != Status.DELIVERED.name:  # noqa: ASYNC110 it is asked
            await asyncio.sleep(0.01)


async def has(url: str, *tables: str) -> bool:
    """Whether the store has all of these tables."""
    connection = await asyncpg.connect(url)
    try:
        return all([await connection.fetchval("SELECT to_regclass($1)", each) for each in tables])
    finally:
        await connection.close()
