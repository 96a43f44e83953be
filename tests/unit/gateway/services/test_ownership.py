"""Who owns a number, or a keyword on a shared one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.domain.account import Env
from gateway.errors import Conflict, NotFound, Refused
from gateway.ports import Store
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.ownership import Ownership
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


async def test_a_number_and_keywords_on_a_shared_one(store: Store, accounts: Accounts) -> None:
    ownership = Ownership(store, accounts, clock)
    whole = await ownership.add(PHONE, "", "acme", Env.LIVE)
    word = await ownership.add("60777", " Pizza ", "rival", Env.TEST)
    assert word.keyword == "pizza"
    assert await ownership.numbers() == [whole, word]
    assert await ownership.numbers("rival") == [word]
    with pytest.raises(Conflict, match="belongs to account acme"):
        await ownership.add(PHONE, "", "rival", Env.LIVE)
    await ownership.remove("60777", "PIZZA")
    with pytest.raises(NotFound, match="nobody owns keyword PIZZA on 60777"):
        await ownership.remove("60777", "PIZZA")
    assert await ownership.numbers() == [whole]


@pytest.mark.parametrize(
    ("number", "keyword", "said"),
    [
        ("ACME", "", "no number at which people can answer"),
        ("12", "", "no number at which people can answer"),
        ("60777", "two words", "is one word"),
        ("60777", "x" * 31, "is one word"),
        ("60777", "Stop", "means the same on every number"),
    ],
)
async def test_what_nobody_can_own(
    store: Store, accounts: Accounts, number: str, keyword: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        await Ownership(store, accounts, clock).add(number, keyword, "acme", Env.LIVE)
