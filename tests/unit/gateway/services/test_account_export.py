"""The export of an account: everything of it, nothing of others, no secret, whole or not at all."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.agreement import Agreement
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.money import Charge, Entry, Kind, Purse
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.errors import NotFound, Refused
from gateway.ports import Mark, Store
from gateway.secrets import Secrets
from gateway.services.account_export import AccountExport
from gateway.services.accounts import Accounts
from storage.open import open_store
from tests.contract.made import (
    NOW,
    OURS,
    PHONE,
    InboundDecider,
    acceptance,
    after,
    answer,
    decide_answers,
    event,
    inbound,
    message,
    new_id,
)

LATER = NOW + timedelta(hours=1)


def quiet(what: str, lines: int) -> None:
    """Nobody looks."""


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store("sqlite://")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def accounts(store: Store) -> Accounts:
    made = Accounts(store, Secrets(bytes(32)), lambda: NOW)
    await made.create("acme")
    await made.create("rival")
    return made


def exporter(store: Store, accounts: Accounts, page_rows: int = 2) -> AccountExport:
    return AccountExport(store, accounts, lambda: LATER, page_rows)


def list_of(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


async def test_everything_of_the_account_and_nothing_of_others(
    store: Store, accounts: Accounts, tmp_path: Path
) -> None:
    key, text = await accounts.create_key("acme")
    await accounts.create_key("rival")
    await store.save_number(OwnedNumber(OURS, "", "acme", Env.LIVE, NOW))
    await store.save_number(OwnedNumber("+14155550199", "", "rival", Env.LIVE, NOW))
    sent = [message(attempts=1, accepted_at=after(n), metadata='{"order":1}') for n in range(5)]
    others = [message(account="rival"), message(accepted_at=LATER + timedelta(seconds=1))]
    test = message(env=Env.TEST, charge=Charge(Decimal("0.00"), Decimal("0.00"), "EUR"))
    await store.accept([acceptance(*sent, *others, test)])
    await store.record_answers([answer(sent[0], "ref-0")], decide_answers)
    await store.suppress([Suppression("rival", Env.LIVE, "", PHONE, "stop", NOW)])
    events = [event(sent[0].id, account="acme"), event(others[0].id, account="rival")]
    await store.record_inbound([inbound("Hello")], InboundDecider(events=events))
    path = tmp_path / "acme.jsonl.gz"
    counts = await exporter(store, accounts).export("acme", path, quiet)
    lines = lines_of(path)
    assert counts == {"account": 1, "key": 1, "number": 1, "message": 6, "inbound": 1, "webhook": 2}
    assert [line["kind"] for line in lines] == list(counts.elements())
    found = {line["message_id"]: line for line in lines if line["kind"] == "message"}
    assert set(found) == {ids.text(m.id) for m in (*sent, test)}
    first = found[ids.text(sent[0].id)]
    assert (first["body"], first["recipient"], first["metadata"]) == ("Привет 👋", PHONE, '{"order":1}')
    assert [(part["attempt"], part["carrier_id"]) for part in first["attempts"]] == [(1, "ref-0")]
    free = found[ids.text(test.id)]
    assert (free["price"], free["currency"], first["price"]) == ("0", "EUR", None)
    assert lines[1]["key_id"] == key.key_id
    assert lines[0]["live"]["webhook_events"] == [
        "canceled",
        "delivered",
        "failed",
        "inbound",
        "undeliverable",
    ]
    whole = path.read_bytes() + gzip.decompress(path.read_bytes())
    for secret in (text, key.digest.hex(), "whsec_", "rival", "secrets_sealed"):
        assert secret.encode() not in whole, secret
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("page_rows", [1, 2, 50])
async def test_money_alerts_and_accepted_terms_are_in_it(
    store: Store, accounts: Accounts, tmp_path: Path, page_rows: int
) -> None:
    agreement = Agreement("acme", "anna", "2026-01", NOW, "192.0.2.7")
    for each in (
        agreement,
        replace(agreement, account="rival"),
        replace(agreement, member="bert", address=""),
    ):
        await store.agree(each)
    for n, name in enumerate(["acme", "rival", "acme", "acme"]):
        env, at = (Env.TEST, Env.LIVE)[n % 3 > 0], after(n)
        alert = Alert(new_id(at), name, env, AlertKind.FAILURES, at, {"count": n})
        assert await store.tell(Mark(name, env, f"failures:{n}"), alert, None)
        purse, amount = Purse(name, env, "EUR"), Decimal(f"{n}.50")
        await store.book(
            [Entry(new_id(at), Kind.TOP_UP, purse, amount, Decimal(0), at, key=f"k{n}", note="paid")]
        )
    late = LATER + timedelta(seconds=1)
    assert await store.tell(
        Mark("acme", Env.LIVE, "late"), Alert(new_id(late), "acme", Env.LIVE, AlertKind.LIMIT, late, {}), None
    )
    path = tmp_path / "acme.jsonl.gz"
    counts = await exporter(store, accounts, page_rows).export("acme", path, quiet)
    assert counts == {"account": 1, "agreement": 2, "alert": 3, "entry": 3}
    lines = lines_of(path)
    agreements = [line for line in lines if line["kind"] == "agreement"]
    assert [(line["member"], line["version"], line["address"]) for line in agreements] == [
        ("anna", "2026-01", "192.0.2.7"),
        ("bert", "2026-01", None),
    ]
    alerts = [line for line in lines if line["kind"] == "alert"]
    assert [(line["env"], line["alert"], line["data"]) for line in alerts] == [
        ("test", "failures", {"count": 3}),
        ("live", "failures", {"count": 2}),
        ("test", "failures", {"count": 0}),
    ]
    entries = [line for line in lines if line["kind"] == "entry"]
    assert {
        (line["env"], line["entry"], Decimal(line["amount"]), line["currency"], line["key"])
        for line in entries
    } == {
        ("test", "top_up", Decimal("0.5"), "EUR", "k0"),
        ("live", "top_up", Decimal("2.5"), "EUR", "k2"),
        ("test", "top_up", Decimal("3.5"), "EUR", "k3"),
    }


@pytest.mark.parametrize("page_rows", [1, 2, 3, 50])
async def test_suppressions_of_one_moment_come_once_each(
    store: Store, accounts: Accounts, tmp_path: Path, page_rows: int
) -> None:
    made = [Suppression("acme", Env.LIVE, "", f"+4477009{n:05}", "stop", after(n // 6)) for n in range(20)]
    await store.suppress(made)
    path = tmp_path / "acme.jsonl.gz"
    await exporter(store, accounts, page_rows).export("acme", path, quiet)
    found = [line["number"] for line in lines_of(path) if line["kind"] == "suppression"]
    assert sorted(found) == [each.number for each in made]


async def test_a_file_that_exists_is_kept(store: Store, accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "acme.jsonl.gz"
    path.write_text("precious")
    with pytest.raises(Refused, match="exists"):
        await exporter(store, accounts).export("acme", path, quiet)
    assert path.read_text() == "precious"
    with pytest.raises(NotFound):
        await exporter(store, accounts).export("nobody", tmp_path / "x", quiet)


async def test_an_export_that_fails_leaves_nothing(store: Store, accounts: Accounts, tmp_path: Path) -> None:
    await store.accept([acceptance(message())])

    class Failing:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        async def messages_by_id(self, *where: Any) -> Any:
            raise OSError("no more")

    failing: Any = Failing()
    with pytest.raises(OSError, match="no more"):
        await exporter(failing, accounts).export("acme", tmp_path / "acme.jsonl.gz", quiet)
    assert list_of(tmp_path) == []
