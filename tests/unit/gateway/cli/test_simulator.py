"""`trunkline simulator` and `trunkline bench` as commands; what they do has tests of its own."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.bench import BenchOptions, Measurement, Round
from gateway.bench.histogram import Histogram
from gateway.bench.interpreter import interpreter
from gateway.bench.table import table
from gateway.cli import bench as bench_command
from gateway.simulator import QUIRKS
from tests.unit.gateway.cli.conftest import program
from tests.unit.gateway.cli.processes import line_with, started


def test_it_listens_until_it_is_told_to_end(tmp_path: Path) -> None:
    log = tmp_path / "submits.jsonl"
    with started("simulator", "--port", "0", "--quirk", "hex-id", "--log", str(log)) as process:
        port = int(line_with(process, "listening on 127.0.0.1:").rpartition(":")[2])
        assert port > 0
        process.send_signal(signal.SIGTERM)
        assert '"submits": 0' in line_with(process, "submits")
        assert process.wait(20) == 0
    assert log.read_text() == ""


def test_quirks_are_listed() -> None:
    told = program("simulator", "--quirk", "list")
    assert [line.split()[0] for line in told.out.splitlines()[1:]] == list(QUIRKS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--quirk", "nonsense"], "there is no quirk 'nonsense'"),
        (["--profile", "none.toml"], "none.toml: No such file"),
    ],
)
def test_what_it_refuses(arguments: list[str], said: str) -> None:
    told = program("simulator", "--port", "0", *arguments)
    assert told.code == 1
    assert told.err.startswith(f"trunkline: {said}")


def measurement(webhooks: int) -> Measurement:
    """What a run may come to."""
    return Measurement(
        "trunkline", 100, 100, 100, webhooks, 100, {}, 0, 5, 100, 1.0, 2.0, 0.01, 2**26, Histogram()
    )


@pytest.mark.parametrize(("webhooks", "code"), [(100, 0), (99, 1)])
def test_bench_fails_unless_the_counts_agree(
    webhooks: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[BenchOptions] = []

    async def run(options: BenchOptions, _progress: object) -> list[Round]:
        asked.append(options)
        return [(measurement(webhooks),)]

    monkeypatch.setattr(bench_command, "run_bench", run)
    told = program(
        "bench", "--messages", "100", "--seconds", "3", "--clients", "4", "--no-idempotency", "--no-kannel"
    )
    assert told.code == code
    assert asked == [
        BenchOptions(messages=100, seconds=3.0, clients=4, idempotency=False, kannel=False, rounds=3)
    ]
    assert told.out == f"{table([(measurement(webhooks),)])}\n{interpreter()}\n"
    assert ("accepted 100, webhooks 99" in told.err) is (code == 1)
    found = program("bench", "--json")
    assert found.json["measurements"]["trunkline"]["endToEndPerS"] == 50
    assert found.json["python"] == interpreter()


def test_bench_fails_when_the_books_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(_options: BenchOptions, _progress: object) -> list[Round]:
        return [(replace(measurement(100), books=("0.5 EUR are missing",)),)]

    monkeypatch.setattr(bench_command, "run_bench", run)
    told = program("bench", "--metered")
    assert (told.code, "trunkline: 0.5 EUR are missing" in told.err) == (1, True)


def test_bench_measures_by_default_what_its_options_say(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[BenchOptions] = []

    async def run(options: BenchOptions, _progress: object) -> list[Round]:
        asked.append(options)
        return [(measurement(100),)]

    monkeypatch.setattr(bench_command, "run_bench", run)
    program("bench")
    program("bench", "--rounds", "2")
    program("bench", "--profile", "stacks.svg")
    program("bench", "--store", "postgresql://localhost/empty")
    assert asked == [
        BenchOptions(rounds=3),
        BenchOptions(rounds=2),
        BenchOptions(profile=Path("stacks.svg")),
        BenchOptions(store="postgresql://localhost/empty"),
    ]
    told = program("bench", "--profile", "stacks.svg", "--rounds", "2")
    assert (told.code, "each would write its stacks over the last one's" in told.err) == (2, True)
    told = program("bench", "--store", "postgresql://localhost/empty", "--rounds", "2")
    assert (told.code, "with --store just one" in told.err) == (2, True)
