"""The proof of the ledger tells whatever is wrong with it: its tables are broken behind the store's back."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from gateway.domain.account import Env
from gateway.domain.message import End, Message, Step, end
from gateway.domain.money import Purse
from gateway.domain.words import PartState, Reason, Status
from gateway.ports import LedgerQuery, Store
from storage import audit
from storage.open import open_store
from storage.postgres.money import SLOTS
from tests.contract.made import NOW, decide_receipt, message, receipt
from tests.contract.test_store_money import PURSE, paying, priced, refund, sent, top_up

Break = Callable[..., Awaitable[None]]


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Those that can be opened beside the store."""
    return str(request.param)


@pytest.fixture
def broken(url: str, tmp_path: Path) -> Break:
    """Runs a statement on the store's tables, with its `?` bound."""

    async def run(statement: str, *values: object) -> None:
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(tmp_path / "trunkline.db")) as connection, connection:
                assert connection.execute(statement, values).rowcount
            return
        connection = await asyncpg.connect(url)
        await connection.set_type_codec(
            "uuid", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes
        )
        for number in range(1, statement.count("?") + 1):
            statement = statement.replace("?", f"${number}", 1)
        assert not (await connection.execute(statement, *values)).endswith(" 0")
        await connection.close()

    return run


@dataclass
class Lives:
    """A message, or a top-up, in every state; each is broken once at most."""

    waits: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    released: list[bytes] = field(default_factory=list)
    refunded: list[bytes] = field(default_factory=list)
    lost: list[bytes] = field(default_factory=list)  #: undelivered, and not refundable
    paid: list[bytes] = field(default_factory=list)


async def lived(store: Store) -> Lives:
    """Several of each."""
    lives = Lives()
    paid = [top_up("1") for _ in range(5)]
    await store.book([top_up("100"), *paid])
    lives.paid = [entry.subject for entry in paid]
    for kept, fate in (
        (lives.waits, None),
        (lives.sent, Status.SENT),
        (lives.released, Status.FAILED),
        (lives.refunded, Status.UNDELIVERABLE),
        (lives.lost, Status.UNDELIVERABLE),
    ):
        for n in range(6):
            m = priced("0.5", refundable=kept is lives.refunded)
            await store.accept([paying(m)])
            await meet(store, m, fate, f"{fate}-{kept is lives.lost}-{n}")
            kept.append(m.id)
    return lives


async def meet(store: Store, m: Message, fate: Status | None, ref: str) -> None:
    """Let a message have its fate."""
    if fate is Status.FAILED:
        await store.change([m.id], lambda m, _rows: ended(m))
    elif fate is not None:
        await sent(store, m, ref)
    if fate is Status.UNDELIVERABLE:
        await store.apply_receipts([receipt(m, ref, PartState.UNDELIVERABLE)], decide_receipt)


def ended(m: Message) -> Step:
    """It fails before it was sent."""
    step = Step(m)
    assert end(step, End(Reason.NO_ROUTE, "no"), NOW)
    return step


DELETE = "DELETE FROM ledger WHERE subject = ? AND kind = "
BESIDE = (
    "INSERT INTO ledger SELECT subject, 6, account, env, currency, 1, 0, at, NULL, NULL FROM ledger"
    " WHERE subject = ?"
)
INSERT = (
    "INSERT INTO ledger SELECT subject, {}, account, env, currency, {}, {}, at, NULL, NULL FROM ledger"
    " WHERE subject = ? AND kind = 1"
)

BREAKS: list[tuple[str, int, str, str]] = [
    ("waits", 0, DELETE + "1", "it costs 0.5 EUR and nothing was reserved"),
    ("waits", 1, INSERT.format(2, 0, -500_000), "it is settled, and its message is queued"),
    ("waits", 2, INSERT.format(3, 500_000, -500_000), "it is released, and its message is queued"),
    ("waits", 3, INSERT.format(4, 500_000, 0), "it is refunded, and was never settled"),
    ("waits", 4, INSERT.format(5, 500_000, 0), "a message has a top-up"),
    ("sent", 0, DELETE + "2", "its message is sent, and what was reserved is not settled"),
    ("sent", 1, INSERT.format(3, 500_000, -500_000), "it is released, and its message is settled too"),
    ("sent", 2, DELETE + "1", "it has a settlement and no reservation"),
    (
        "released",
        0,
        DELETE + "3",
        "its message is failed, and what was reserved is neither settled nor released",
    ),
    ("released", 1, INSERT.format(2, 0, -500_000), "it is released, and its message is settled too"),
    ("released", 2, INSERT.format(4, 500_000, 0), "it is refunded, and was never settled"),
    ("refunded", 0, DELETE + "4", "its message is undeliverable and is to be refunded then, and it is not"),
    (
        "refunded",
        1,
        "UPDATE ledger SET amount = 1 WHERE subject = ? AND kind = 4",
        "its refund moves 0.000001 and 0 held, and 0.5 was reserved",
    ),
    (
        "lost",
        0,
        DELETE + "2",
        "its message is undeliverable, and what was reserved is neither settled nor released",
    ),
    (
        "lost",
        1,
        "UPDATE ledger SET held = -400000 WHERE subject = ? AND kind = 2",
        "its settlement moves 0 and -0.4 held, and 0.5 was reserved",
    ),
    (
        "lost",
        2,
        "UPDATE ledger SET held = 400000, amount = -400000 WHERE subject = ? AND kind = 1",
        "0.4 is reserved, and its message costs 0.5",
    ),
    (
        "lost",
        3,
        "UPDATE ledger SET currency = 'USD' WHERE subject = ? AND kind = 2",
        "its settlement moves another purse than its reservation",
    ),
    (
        "lost",
        4,
        "UPDATE ledger SET account = 'globex' WHERE subject = ? AND kind = 1",
        "it was reserved from EUR of globex (live), and its message is for EUR of acme (live) to pay",
    ),
    ("paid", 0, "UPDATE ledger SET amount = -5 WHERE subject = ?", "a top-up takes 0.000005"),
    ("paid", 1, "UPDATE ledger SET held = 5 WHERE subject = ?", "a top-up holds 0.000005"),
    ("paid", 2, BESIDE, "a top-up has other entries beside it"),
    ("paid", 3, "UPDATE ledger SET kind = 2 WHERE subject = ?", "it has a settlement and no reservation"),
]


async def test_each_flaw_is_told_in_a_sentence(store: Store, broken: Break) -> None:
    lives = await lived(store)
    assert (await store.audit())[1] == []
    for kind, index, statement, _ in BREAKS:
        await broken(statement, getattr(lives, kind)[index])
    _, flaws = await store.audit()
    told = {flaw.subject: flaw.what for flaw in flaws if flaw.subject is not None}
    assert told == {getattr(lives, kind)[index]: what for kind, index, _, what in BREAKS}
    sums = [(flaw.purse, flaw.what) for flaw in flaws if flaw.subject is None]
    assert {purse for purse, _ in sums} == {
        PURSE,
        PURSE._replace(currency="USD"),
        PURSE._replace(account="globex"),
    }
    assert (Purse("globex", Env.LIVE, "EUR"), "it has entries, and no purse is kept") in sums


async def test_a_purse_that_was_written_beside_the_ledger_is_told(
    store: Store, broken: Break, engine: str
) -> None:
    m = priced("0.5")
    await store.book([top_up("8")])
    await store.accept([paying(m)])
    await broken("UPDATE purses SET balance = balance + 1000000, held = held - 1")
    slots = SLOTS if engine == "postgres" else 1
    assert [flaw.what for flaw in (await store.audit())[1]] == [
        f"its balance is {7.5 + slots:g}, and its entries add up to 7.5",
        f"its held is {(500_000 - slots) / 1e6}, and its entries add up to 0.5",
    ]


async def test_what_costs_nothing_has_no_entries(store: Store, broken: Break) -> None:
    free, entry = message(), top_up("1")
    await store.accept([paying(free)])
    await store.book([entry])
    await broken("UPDATE ledger SET subject = ?, kind = 1, amount = -1, held = 1", free.id)
    flaws = (await store.audit())[1]
    assert (free.id, "it has entries, and its message costs nothing") in [(f.subject, f.what) for f in flaws]


async def test_entries_of_a_message_that_is_gone_agree_with_each_other(store: Store, broken: Break) -> None:
    await store.book([top_up("10")])
    messages = [priced("0.5") for _ in range(5)]
    for n, m in enumerate(messages):
        await store.accept([paying(m)])
        await sent(store, m, f"r{n}")
        await store.apply_receipts([receipt(m, f"r{n}")], decide_receipt)
    await store.book([refund(messages[4], "0.5")])
    await store.drop_day(NOW.date(), lambda _: None)
    assert (await store.audit())[1] == []
    await broken(DELETE + "2", messages[0].id)
    await broken(INSERT.format(3, 500_000, -500_000), messages[1].id)
    await broken("UPDATE ledger SET held = 1 WHERE subject = ? AND kind = 2", messages[2].id)
    await broken(DELETE + "1", messages[3].id)
    flaws = {flaw.subject: flaw.what for flaw in (await store.audit())[1] if flaw.subject is not None}
    assert flaws == {
        messages[0].id: "its message is gone, and what was reserved is neither settled nor released",
        messages[1].id: "its message is gone, and what was reserved is settled and released",
        messages[2].id: "its settlement moves 0 and 0.000001 held, and 0.5 was reserved",
        messages[3].id: "it has a settlement and no reservation",
    }


@pytest.mark.parametrize("page", [4, 5, 6, 7])
async def test_a_ledger_of_many_pages_is_proved_as_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    for module in ("storage.audit", "storage.sqlite.money", "storage.postgres.money"):
        monkeypatch.setattr(f"{module}.PAGE", page)
    await lived(store)
    told: list[int] = []
    whole = (await store.entries(LedgerQuery("acme", Env.LIVE, 1_000))).items
    assert await store.audit(lambda done, _total: told.append(done)) == (len(whole), [])
    assert len(told) >= len(whole) // page


async def test_of_very_many_flaws_the_first_are_told(
    store: Store, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MAX_FLAWS", 3)
    await lived(store)
    await broken("DELETE FROM ledger WHERE kind > 1 AND kind < 5")
    assert len((await store.audit())[1]) == 3


async def test_the_proof_is_one_look_while_money_moves(
    store: Store, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process does between two of its pages is not half in it."""
    for module in ("storage.audit", "storage.sqlite.money", "storage.postgres.money"):
        monkeypatch.setattr(f"{module}.PAGE", 20)
    lives = await lived(store)
    before = len((await store.entries(LedgerQuery("acme", Env.LIVE, 1_000))).items)

    async def interfere() -> None:
        async with asyncio.timeout(20):
            other = open_store(url, tmp_path)
            await other.open()
            m = priced("0.5")
            await other.accept([paying(m)])
            await meet(other, m, Status.UNDELIVERABLE, m.id.hex())
            await other.change([lives.waits.pop()], lambda m, _rows: ended(m))
            await other.close()

    def on_page(_done: int, _total: int) -> None:
        thread = threading.Thread(target=lambda: asyncio.run(interfere()))
        thread.start()
        thread.join()

    assert await store.audit(on_page) == (before, [])
    count, flaws = await store.audit()
    assert flaws == []
    assert count >= before + 2 * (2 + 1), "nothing has interfered"
