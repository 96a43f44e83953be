"""The terms of use against a real store: who has accepted which version, for whom it counts, what asking costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.agreement import Agreement
from gateway.errors import Conflict, Refused
from gateway.ports import Store
from gateway.secrets import Secrets
from gateway.services import terms as module
from gateway.services.accounts import Accounts
from gateway.services.terms import Terms
from storage.open import open_store

HERE = "192.0.2.7"
STARTED = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@dataclass
class World:
    """A store, the version in force, and the time."""

    store: Store
    version: str = "1"
    now: datetime = STARTED

    def terms(self) -> Terms:
        """As a process that has just started has them."""
        return Terms(self.store, lambda: self.version, lambda: self.now)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = open_store("sqlite:///a.db", tmp_path)
    await store.open()
    yield World(store)
    await store.close()


def caller(
    account: str = "acme", env: Env = Env.LIVE, key: str = "key_1", member: str | None = None
) -> Caller:
    return Caller(account, env, Policy(), frozenset(), key, member)


async def test_nobody_has_accepted_at_first(world: World) -> None:
    terms = world.terms()
    assert terms.version == "1"
    assert not await terms.accepted(caller())
    assert await terms.agreement(caller()) is None


async def test_it_is_recorded_with_time_and_address_once(world: World) -> None:
    terms = world.terms()
    made = await terms.accept(caller(member="ann"), "1", HERE)
    assert made == Agreement("acme", "ann", "1", STARTED, HERE)
    world.now += timedelta(days=1)
    assert await terms.accept(caller(member="ann"), "1", "192.0.2.8") == made, "the first time counts"
    assert await world.terms().agreement(caller(member="ann")) == made


@pytest.mark.parametrize("env", Env)
async def test_it_is_the_members_whatever_the_key_or_environment(world: World, env: Env) -> None:
    await world.terms().accept(caller(member="ann"), "1", HERE)
    terms = world.terms()
    assert await terms.accepted(caller(member="ann", env=env, key="key_2"))
    assert not await terms.accepted(caller(member="bob"))
    assert not await terms.accepted(caller(env=env)), "a service is no member"
    assert not await terms.accepted(caller("other", member="ann"))


async def test_a_new_version_asks_again_at_once(world: World) -> None:
    terms = world.terms()
    await terms.accept(caller(), "1", HERE)
    assert await terms.accepted(caller())
    world.version = "2"
    assert not await terms.accepted(caller())
    with pytest.raises(Conflict, match="current version"):
        await terms.accept(caller(), "1", HERE)
    await terms.accept(caller(), "2", HERE)
    assert await terms.accepted(caller())


async def test_a_yes_is_looked_for_once_and_a_no_each_time(world: World) -> None:
    terms = world.terms()
    assert not await terms.accepted(caller())
    await world.terms().accept(caller(), "1", HERE)
    assert await terms.accepted(caller()), "accepted in another process"
    await world.store.close()
    assert await terms.accepted(caller()), "without the store"


async def test_what_is_remembered_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CACHED", 2)
    terms = world.terms()
    for member in ("ann", "bob", "eve"):
        await terms.accept(caller(member=member), "1", HERE)
    assert await terms.accepted(caller(member="ann")), "forgotten, and found again"
    assert len(terms._known) == 2


async def test_an_account_accepts_for_its_services(world: World) -> None:
    accounts = Accounts(world.store, Secrets(bytes(32)), lambda: world.now, lambda: world.version)
    await accounts.start()
    await accounts.create("acme")
    await accounts.set("acme", {"terms_accepted": "current"}, Env.LIVE)
    terms = world.terms()
    assert await terms.accepted(caller(env=Env.TEST)), "for both environments"
    assert await terms.accepted(caller(key="key_made_later"))
    assert not await terms.accepted(caller(member="ann")), "a person answers for itself"
    assert not await terms.accepted(caller("other"))
    found = await terms.agreement(caller())
    assert found is not None
    assert (found.at, found.address) == (STARTED, "")
    world.version = "2"
    assert not await terms.accepted(caller())


@pytest.mark.parametrize("text", ["1", "true", "", "Current"])
async def test_an_account_accepts_nothing_else(world: World, text: str) -> None:
    accounts = Accounts(world.store, Secrets(bytes(32)), lambda: world.now)
    await accounts.start()
    await accounts.create("acme")
    with pytest.raises(Refused, match="write current"):
        await accounts.set("acme", {"terms_accepted": text, "rate_per_s": "5"}, None)
    assert (await accounts.account("acme")).live.rate_per_s == 0
    assert not await world.terms().accepted(caller())
