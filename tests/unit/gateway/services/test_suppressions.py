"""The suppression list by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.domain.account import Env
from gateway.errors import NotFound, Refused
from gateway.ports import Store
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.suppressions import Suppressions
from storage.open import open_store

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PHONE = "+447700900123"


def clock() -> datetime:
    return NOW


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store("sqlite://")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def accounts(store: Store) -> Accounts:
    made = Accounts(store, Secrets(bytes(32)), clock)
    await made.create("acme")
    await made.create("rival")
    return made


async def test_added_listed_removed(store: Store, accounts: Accounts) -> None:
    suppressions = Suppressions(store, accounts, clock)
    entry = await suppressions.add("acme", Env.LIVE, PHONE)
    assert (entry.reason, entry.created_at) == ("manual", NOW)
    assert await suppressions.entries("acme", None, 10) == [entry]
    assert await suppressions.entries(None, None, 10) == [entry]
    assert await suppressions.entries("rival", None, 10) == []
    with pytest.raises(NotFound, match="not on the test list"):
        await suppressions.remove("acme", Env.TEST, PHONE)
    await suppressions.remove("acme", Env.LIVE, PHONE)
    assert await suppressions.entries(None, None, 10) == []


async def test_wrong_numbers_and_accounts(store: Store, accounts: Accounts) -> None:
    suppressions = Suppressions(store, accounts, clock)
    with pytest.raises(Refused, match="write '\\+' in place of the leading 00"):
        await suppressions.add("acme", Env.LIVE, "00447700900123")
    with pytest.raises(Refused):
        await suppressions.remove("acme", Env.LIVE, "x")
    for act in (
        suppressions.add("nobody", Env.LIVE, PHONE),
        suppressions.remove("nobody", Env.LIVE, PHONE),
        suppressions.entries("nobody", None, 10),
    ):
        with pytest.raises(NotFound, match="no account 'nobody'"):
            await act
