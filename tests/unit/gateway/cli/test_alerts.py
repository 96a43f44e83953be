"""`trunkline alert`, beside a store that holds some."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.cli.beside import beside
from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.alert import Alert, AlertKind
from gateway.ports import Mark
from tests.contract.made import NOW, after, new_id
from tests.unit.gateway.cli.conftest import Trunkline

LOW = Alert(
    new_id(),
    "acme",
    Env.LIVE,
    AlertKind.LOW_BALANCE,
    NOW,
    {"balance": "4.5", "threshold": "5", "currency": "EUR"},
)
LIMIT = Alert(
    new_id(after(60)),
    "acme",
    Env.TEST,
    AlertKind.LIMIT,
    after(60),
    {"limit": "max_segments", "about": "9 segments"},
)
OTHERS = Alert(
    new_id(after(90)),
    "globex",
    Env.LIVE,
    AlertKind.FAILURES,
    after(90),
    {"count": 9, "threshold": 5, "window_s": 60},
)


@pytest.fixture
def told(trunkline: Trunkline, config: Path) -> Trunkline:
    """A store with three alerts of two accounts."""

    async def tell() -> None:
        async with beside(config) as opened:
            for alert in (LOW, LIMIT, OTHERS):
                assert await opened.store.tell(Mark(alert.account, alert.env, alert.kind.value), alert, None)

    for name in ("acme", "globex", "quiet"):
        trunkline("account", "create", name)
    asyncio.run(tell())
    return trunkline


def test_the_newest_first_and_whose(told: Trunkline) -> None:
    lines = told("alert", "list").out.splitlines()
    assert lines[0].split() == ["AT", "ACCOUNT", "ENV", "KIND", "WHAT"]
    assert [line.split()[2:5] for line in lines[1:]] == [
        ["globex", "live", "failures"],
        ["acme", "test", "limit"],
        ["acme", "live", "low_balance"],
    ]
    assert lines[3].endswith("balance: 4.5, threshold: 5, currency: EUR")


def test_of_one_account_and_environment(told: Trunkline) -> None:
    assert [one["kind"] for one in told("alert", "list", "acme", "--json").json] == ["limit", "low_balance"]
    (one,) = told("alert", "list", "acme", "--env", "live", "--json").json
    assert one == {
        "id": ids.text(LOW.id),
        "account": "acme",
        "env": "live",
        "kind": "low_balance",
        "at": "2026-03-01T12:00:00.123Z",
        "balance": "4.5",
        "threshold": "5",
        "currency": "EUR",
    }
    assert len(told("alert", "list", "--limit", "1", "--json").json) == 1


def test_none_and_nobody(told: Trunkline) -> None:
    assert told("alert", "list", "quiet").err == "no alerts\n"
    assert "there is no account 'nobody'" in told("alert", "list", "nobody", code=1).err
