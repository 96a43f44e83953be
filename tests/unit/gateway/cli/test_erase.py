"""`trunkline erase`, against a real store."""

from pathlib import Path

import pytest

from gateway.domain.words import Status
from tests.unit.gateway.cli.conftest import Trunkline
from tests.unit.gateway.cli.test_messages import kept, stored

PHONE = "+447700900123"


@pytest.fixture(autouse=True)
def account(trunkline: Trunkline) -> None:
    """An account."""
    trunkline("account", "create", "acme")


def test_a_number_is_erased(trunkline: Trunkline, config: Path) -> None:
    identity = kept(config)
    told = trunkline("erase", PHONE, code=2)
    assert "--yes" in told.err
    assert stored(config, identity).recipient == PHONE
    told = trunkline("erase", PHONE, "--yes")
    assert "1 messages" in told.out
    m = stored(config, identity)
    assert (m.status, m.body, m.recipient[:7]) == (Status.UNDELIVERABLE, "", "erased:")
    listed = trunkline("suppression", "list", "--json").json
    assert [(entry["number"], entry["reason"]) for entry in listed] == [(m.recipient, "erased")]
    facts = trunkline("erase", PHONE, "--yes", "--account", "acme", "--json").json
    assert (facts["messages"], facts["left"]) == (0, 0)
    assert "0770" in trunkline("erase", "0770", "--yes", code=1).err
    assert "nobody" in trunkline("erase", PHONE, "--yes", "--account", "nobody", code=1).err


def test_what_a_gateway_holds_is_said(
    trunkline: Trunkline, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.services.erasure.PATIENCE_S", 0.0)
    identity = kept(config, owner=7, next_at=None)
    told = trunkline("erase", PHONE, "--yes", code=1)
    assert "1 left" in told.out
    assert "run it again" in told.err
    assert stored(config, identity).recipient == PHONE


def test_a_person_is_taken_off_the_list_by_hand(trunkline: Trunkline) -> None:
    trunkline("suppression", "add", PHONE, "--account", "acme")
    trunkline("erase", PHONE, "--yes")
    assert PHONE not in trunkline("suppression", "list").out
    trunkline("suppression", "remove", PHONE, "--account", "acme")
    assert "nobody" in trunkline("suppression", "list").err
    trunkline("suppression", "remove", PHONE, "--account", "acme", code=1)
