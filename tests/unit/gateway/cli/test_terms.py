"""`trunkline terms`, and `terms_accepted` of `trunkline account set`, beside a store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.cli.beside import beside
from gateway.cli.terms import ALL_KEYS
from gateway.domain.agreement import Agreement
from tests.contract.made import NOW
from tests.unit.gateway.cli.conftest import Trunkline


@pytest.fixture
def accepted(trunkline: Trunkline, config: Path) -> Trunkline:
    """ann has accepted an old version, and all services the current one."""

    async def agree() -> None:
        async with beside(config) as opened:
            await opened.store.agree(Agreement("acme", "ann", "0", NOW, "192.0.2.7"))

    trunkline("account", "create", "acme")
    asyncio.run(agree())
    trunkline("account", "set", "acme", "terms_accepted=current")
    return trunkline


def test_who_has_accepted(accepted: Trunkline) -> None:
    head, services, ann = accepted("terms", "list", "acme").out.splitlines()
    assert head.split() == ["MEMBER", "VERSION", "CURRENT", "AT", "ADDRESS"]
    assert services.startswith(ALL_KEYS)
    assert services.removeprefix(ALL_KEYS).split()[:2] == ["1", "yes"]
    assert ann.split()[:3] == ["ann", "0", "no"]
    assert ann.split()[-1] == "192.0.2.7"


def test_for_programs(accepted: Trunkline) -> None:
    services, ann = accepted("terms", "list", "acme", "--json").json
    assert (services["member"], services["version"], services["current"], services["address"]) == (
        None,
        "1",
        True,
        None,
    )
    assert (ann["member"], ann["current"], ann["address"]) == ("ann", False, "192.0.2.7")


def test_another_version_of_the_configuration(accepted: Trunkline, config: Path) -> None:
    config.write_text(config.read_text() + '[terms]\nversion = "2"\n')
    accepted("account", "set", "acme", "terms_accepted=current")
    found = accepted("terms", "list", "acme", "--json").json
    assert [(each["version"], each["current"]) for each in found] == [("1", False), ("2", True), ("0", False)]


def test_nobody(trunkline: Trunkline) -> None:
    trunkline("account", "create", "acme")
    told = trunkline("terms", "list", "acme")
    assert (told.out, "terms_accepted=current" in told.err) == ("", True)
    assert trunkline("terms", "list", "acme", "--json").json == []
    assert "no account 'other'" in trunkline("terms", "list", "other", code=1).err


def test_nothing_but_the_current_ones(trunkline: Trunkline) -> None:
    trunkline("account", "create", "acme")
    assert "write current" in trunkline("account", "set", "acme", "terms_accepted=2", code=1).err
