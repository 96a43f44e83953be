"""The measurement itself, small: every process starts, every message makes its whole way, the counts agree."""

from pathlib import Path

import pytest

from gateway.bench import BenchError, BenchOptions, procfs, run_bench
from tests.engines import postgres
from tests.unit.gateway.bench.test_profiler import names, recorder


async def test_a_small_measurement_is_good(tmp_path: Path) -> None:
    seen: set[str] = set()
    ((found,),) = await run_bench(
        BenchOptions(300, clients=8, warm_up=50, kannel=False, directory=tmp_path),
        lambda *at: seen.add(at[0]),
    )
    assert found.faults() == []
    assert (found.accepted, found.taken, found.receipts, found.webhooks) == (350, 350, 350, 350)
    assert (found.measured, found.latencies.total) == (300, 300)
    assert found.checked_signatures >= 7
    assert found.cpu_s > 0
    assert found.rss_octets > 2**20
    assert seen == {"trunkline"}


async def test_an_account_that_pays_is_measured_beside_one_that_does_not(tmp_path: Path) -> None:
    options = BenchOptions(200, clients=8, warm_up=20, metered=True, directory=tmp_path)
    ((pays, free),) = await run_bench(options, lambda *_: None)
    assert [pays.name, free.name] == ["trunkline, metered", "trunkline"]
    assert pays.faults() == free.faults() == [], "the ledger was verified, and the balance by hand"
    assert pays.accepted == free.accepted == 220


async def test_rounds_go_in_turns(tmp_path: Path) -> None:
    seen: list[str] = []
    options = BenchOptions(20, clients=2, warm_up=0, rounds=2, metered=True, directory=tmp_path)
    rounds = await run_bench(options, lambda who, *_: None if who in seen else seen.append(who))
    assert seen == [
        "round 1 of 2, trunkline, metered",
        "round 1 of 2, trunkline",
        "round 2 of 2, trunkline",
        "round 2 of 2, trunkline, metered",
    ]
    assert [[one.name for one in measured] for measured in rounds] == [
        ["trunkline, metered", "trunkline"]
    ] * 2
    assert [fault for measured in rounds for one in measured for fault in one.faults()] == []


async def test_what_can_not_be_measured_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    options = BenchOptions(
        10, clients=1, warm_up=0, kannel=False, directory=tmp_path, profile=tmp_path / "stacks.txt"
    )
    with pytest.raises(BenchError, match="--profile needs py-spy on the PATH"):
        await run_bench(options, lambda *_: None)


async def test_the_stacks_of_each_worker_have_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor has none: it does not see a message. In the place of py-spy stands what writes what it is told."""
    recorder(tmp_path / "bin", monkeypatch)
    url = await postgres.shared().empty()
    options = BenchOptions(
        200,
        clients=4,
        warm_up=20,
        kannel=False,
        directory=tmp_path,
        store=url,
        workers=2,
        profile=tmp_path / "stacks.txt",
    )
    ((found,),) = await run_bench(options, lambda *_: None)
    assert (found.name, found.faults()) == ("trunkline x 2", [])
    told = [(tmp_path / f"stacks-{number}.txt").read_text().splitlines() for number in (1, 2)]
    assert [name for name in names(tmp_path) if "stacks" in name] == ["stacks-1.txt", "stacks-2.txt"]
    assert ["--as-worker 0" in told[0][0], "--as-worker 1" in told[1][0]] == [True, True]


async def test_a_store_in_memory_is_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procfs, "filesystem", lambda _path: "tmpfs")
    with pytest.raises(BenchError, match="a durable store needs a disk, name one with --dir"):
        await run_bench(BenchOptions(10, kannel=False, directory=tmp_path), lambda *_: None)
