"""Processes that are killed while they spend leave a ledger that adds up, and all that they were told is in it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.account import Env
from gateway.domain.money import Kind
from gateway.ports import LedgerQuery
from storage.open import open_store
from tests.contract.made import NOW
from tests.contract.test_store_money import balance, top_up

ROOT = Path(__file__).parents[2]
CREDIT = Decimal(20)
PRICE = Decimal("0.5")

# Spends one account's money in many racing tasks: every second message is sent, some of them to come back undelivered.
# Each line tells what was acknowledged.
_LOAD = """
import asyncio, itertools, sys
from decimal import Decimal
from pathlib import Path
from gateway.domain.message import End
from gateway.domain.outcome import Refused
from gateway.domain.send import Taken
from gateway.domain.words import PartState, Reason
from storage.open import open_store
from tests.contract import made
from tests.contract.test_store_money import paying, priced, top_up

made._made = itertools.count(int(sys.argv[3]) * 1_000_000)

async def one(store, who):
    for n in itertools.count():
        m = priced("0.5", refundable=n % 2 == 0)
        (result,) = await store.accept([paying(m, credit=Decimal(20), key=m.id.hex())])
        if not isinstance(result.items[0], Taken):
            await store.book([top_up("3", key=f"{who}-{n}")])
            print("paid", flush=True)
            continue
        print("accepted", m.id.hex(), flush=True)
        if n % 2:
            no = made.answer(m, Refused(Reason.NO_ROUTE, "11"), then=End(Reason.NO_ROUTE, "no"))
            await store.record_answers([no], made.decide_answers)
            print("released", m.id.hex(), flush=True)
            continue
        await store.record_answers([made.answer(m, m.id.hex())], made.decide_answers)
        print("settled", m.id.hex(), flush=True)
        lost = made.receipt(m, m.id.hex(), PartState.FAILED if n % 3 else PartState.DELIVERED)
        await store.apply_receipts([lost], made.decide_receipt)

async def main():
    store = open_store(sys.argv[1], Path(sys.argv[2]))
    await store.open()
    await store.register(made.NOW, "boot")
    await asyncio.gather(*(one(store, f"{sys.argv[3]}-{who}") for who in range(12)))

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Those that outlive a process."""
    return str(request.param)


def killed(url: str, folder: Path, processes: int, lines: int) -> list[list[str]]:
    """What the processes have told when they were killed in their middle, each whole line as words."""
    loads = [
        subprocess.Popen(
            [sys.executable, "-c", _LOAD, url, str(folder), str(number)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for number in range(1, processes + 1)
    ]
    told: list[str] = []
    for load in loads:
        assert load.stdout is not None
        told += [load.stdout.readline() for _ in range(lines)]
    for load in loads:
        load.send_signal(signal.SIGKILL)
    for load in loads:
        assert load.stdout is not None
        told += load.stdout.readlines()
        load.stdout.close()
        assert load.wait(30) == -signal.SIGKILL
    return [line.split() for line in told if line.endswith("\n")]


@pytest.mark.parametrize("lines", [60, 400])
async def test_the_ledger_of_killed_processes_adds_up(
    engine: str, url: str, tmp_path: Path, lines: int
) -> None:
    told = await asyncio.to_thread(killed, url, tmp_path, 2 if engine == "postgres" else 1, lines)
    store = open_store(url, tmp_path)
    await store.open()
    await store.register(NOW, "boot")
    assert (await store.audit())[1] == []
    asked_for = {"accepted": Kind.RESERVATION, "released": Kind.RELEASE, "settled": Kind.SETTLEMENT}
    for word, *subject in told:
        if subject:
            kinds = [entry.kind for entry in await store.entries_of([bytes.fromhex(subject[0])])]
            assert asked_for[word] in kinds, "it was acknowledged"
    paid = frozenset({Kind.TOP_UP})
    query = LedgerQuery("acme", Env.LIVE, 100_000, kinds=paid, looks=100_000)
    booked = len((await store.entries(query)).items)
    assert booked >= sum(word == "paid" for word, *_ in told)
    has, held = await balance(store)
    assert has >= -CREDIT
    waiting = await store.waiting("alpha", b"", 100_000)
    assert held == PRICE * len(waiting), "what waits, and nothing else, is set aside"
    (late,) = await store.book([top_up("3", key="late")])
    assert late.new
    assert (await store.audit())[1] == []
    await store.close()
