"""`trunkline operator` against the rows that a gateway writes; with a real gateway it is an acceptance test."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli import operators
from gateway.cli.beside import beside, utc_now
from gateway.ports import OperatorState, Owner
from tests.unit.gateway.cli.conftest import Trunkline
from tests.unit.gateway.cli.test_messages import account, kept

__all__ = ["account"]  # every test has it

BINDS: list[dict[str, object]] = [
    {"bind": 0, "host": "smsc.example", "port": 2775, "state": "bound", "last_error": None},
    {"bind": 1, "host": "smsc.example", "port": 2775, "state": "waiting", "last_error": "ESME_RBINDFAIL"},
]


def tell(config: Path, *states: OperatorState) -> None:
    """What gateways say of their operators."""

    async def act() -> None:
        async with beside(config) as opened:
            await opened.store.write_states(states)

    asyncio.run(act())


def write(config: Path, state: str, at: datetime, process: int = 1) -> None:
    """What a gateway says of its operator."""
    tell(config, OperatorState("alpha", process, at, state, BINDS, 3, 2))


@contextmanager
def heeding(config: Path) -> Iterator[list[tuple[str, str]]]:
    """A gateway that takes commands and tells its states; the commands that it took."""
    taken: list[tuple[str, str]] = []
    end = threading.Event()

    async def serve() -> None:
        state = "up"
        async with beside(config) as opened:
            while not end.is_set():
                now = utc_now()  # as a gateway does: its states are those of the look that took the commands
                for command in await opened.store.take_commands(Owner(1, 1), now):
                    taken.append((command.verb, command.target))
                    state = "paused" if command.verb == "pause" else "up"
                await opened.store.write_states([OperatorState("alpha", 1, now, state, BINDS, 0, 0)])
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield taken
    finally:
        end.set()
        thread.join()


def test_list(trunkline: Trunkline, config: Path) -> None:
    write(config, "up", utc_now())
    line = trunkline("operator", "list").out.splitlines()[1].split()
    assert line[:9] == ["alpha", "1", "up", "smsc.example:2775", "1/2", "-", "0", "3", "2"]
    assert line[-1] == "ESME_RBINDFAIL"
    (facts,) = trunkline("operator", "list", "--json").json
    assert (facts["operator"], facts["state"], facts["binds"]) == ("alpha", "up", BINDS)


@pytest.mark.parametrize(
    ("binds", "told"),
    [
        ([], "-"),
        ([{"bind": 0, "state": "bound"}], "-"),  # by a process that is older than this command
        ([{"host": "2001:db8::7", "port": 2776}], "[2001:db8::7]:2776"),
        ([{"host": "a.example", "port": 1}, {"host": "b.example", "port": 2}], "a.example:1, b.example:2"),
        (
            [{"host": "smsc.example", "port": 2775, "outbind": {"peers": ["192.0.2.7", "192.0.2.8"]}}],
            "smsc.example:2775, called by 192.0.2.7, called by 192.0.2.8",
        ),
        ([{"host": "smsc.example", "port": 2775, "outbind": {"peers": []}}], "smsc.example:2775"),
    ],
)
def test_list_tells_where_a_carrier_is(
    trunkline: Trunkline, config: Path, binds: list[dict[str, object]], told: str
) -> None:
    tell(config, OperatorState("alpha", 1, utc_now(), "up", binds, 0, 0))
    head, line = trunkline("operator", "list").out.splitlines()
    assert line[head.index("CARRIER") : head.index("BINDS")].rstrip() == told
    assert trunkline("operator", "list", "--json").json[0]["binds"] == binds


def test_list_tells_of_processes_that_mean_different_carriers(trunkline: Trunkline, config: Path) -> None:
    def told(*meant: str, at: datetime | None = None) -> list[str]:
        """Words under the table for a process with each of these; the last of them wrote its state at that time."""
        rows = [
            OperatorState("alpha", number, utc_now(), "up", [], 0, 0, [], digest)
            for number, digest in enumerate(meant, 1)
        ]
        rows[-1].at = at or rows[-1].at
        tell(config, *rows)
        assert [each["carrier_digest"] for each in trunkline("operator", "list", "--json").json] == [
            digest or None for digest in meant
        ]
        return trunkline("operator", "list").out.splitlines()[1 + len(meant) :]

    (line,) = told("a", "b", "a")
    assert line.startswith(
        "alpha: processes 1, 3 / 2 mean different carriers by this id (host, port or system_id): "
    )
    assert told("a", "a", "b", at=utc_now() - timedelta(minutes=1)) == [], "it is there no more"
    assert told("a", "a", "") == [], "of an earlier release"
    assert told("a", "a", "a") == []


def test_list_shows_the_rate_and_what_waits_for_it(trunkline: Trunkline, config: Path) -> None:
    pace: dict[str, object] = {"state": "bound", "rate_per_s": 12.5, "waits_for": "prefix +44"}
    tell(config, OperatorState("alpha", 1, utc_now(), "up", [pace], 0, 0))
    assert "  12.5/s, waits for prefix +44  " in trunkline("operator", "list").out.splitlines()[1]


def test_list_shows_where_an_operator_does_badly(trunkline: Trunkline, config: Path) -> None:
    ailing: list[dict[str, object]] = [
        {"country": "33", "trial": False, "why": "80% of its answers were bad"},
        {"country": "44", "trial": True, "why": "60% of its answers were bad; it is on trial"},
    ]
    tell(config, OperatorState("alpha", 1, utc_now(), "up", [], 0, 0, ailing))
    assert "  +33, +44 (trial)  " in trunkline("operator", "list").out.splitlines()[1]
    assert trunkline("operator", "list", "--json").json[0]["ailing"] == ailing


def test_list_tells_when_a_receiver_is_missing(trunkline: Trunkline, config: Path) -> None:
    pairs: list[dict[str, object]] = [
        {"bind": 0, "state": "bound", "last_error": None, "receiver": {"state": "bound", "last_error": None}},
        {"bind": 1, "state": "bound", "receiver": {"state": "waiting", "last_error": "closed by the peer"}},
    ]
    tell(config, OperatorState("alpha", 1, utc_now(), "up", pairs, 0, 0))
    line = trunkline("operator", "list").out.splitlines()[1]
    assert "  2/2, receivers 1/2  " in line
    assert line.endswith("closed by the peer")


def test_list_tells_what_the_first_receipts_have_shown(trunkline: Trunkline, config: Path) -> None:
    binds: list[dict[str, object]] = [
        {"bind": n, "state": "bound", "message_ids": "hex_then_decimal", "message_ids_learned": True}
        for n in (0, 1)
    ]
    tell(config, OperatorState("alpha", 1, utc_now(), "up", binds, 0, 0))
    _, _, *hints = trunkline("operator", "list").out.splitlines()
    (hint,) = hints
    assert hint.startswith(
        'alpha: its receipts show message_ids = "hex_then_decimal"; written into its settings'
    )


def test_what_is_old_is_not_told_as_true(trunkline: Trunkline, config: Path) -> None:
    write(config, "up", utc_now() - timedelta(minutes=1))
    assert trunkline("operator", "list").out.splitlines()[1].split()[2] == "unknown"
    assert trunkline("operator", "list", "--json").json[0]["state"] == "unknown"


def test_commands_are_confirmed(trunkline: Trunkline, config: Path) -> None:
    write(config, "up", utc_now())
    with heeding(config) as taken:
        assert trunkline("operator", "pause", "alpha").out == "alpha: paused\n"
        assert trunkline("operator", "resume", "alpha").out == "alpha: up\n"
        assert trunkline("operator", "rebind", "alpha").out == "alpha: up\n"
        assert taken == [("pause", "alpha"), ("resume", "alpha"), ("rebind", "alpha")]


def test_a_command_is_confirmed_by_every_process(
    trunkline: Trunkline, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operators, "CONFIRM_WITHIN_S", 0.5)
    write(config, "up", utc_now())
    write(config, "up", utc_now(), process=2)
    with heeding(config):
        assert "(process 2)" in trunkline("operator", "pause", "alpha", code=1).err
    write(config, "up", utc_now() - timedelta(minutes=1), process=2)
    with heeding(config):
        assert trunkline("operator", "pause", "alpha").out == "alpha: paused\n"


def test_nobody_serves(trunkline: Trunkline, config: Path) -> None:
    assert "no gateway serves this store now" in trunkline("operator", "pause", "alpha", code=1).err
    write(config, "up", utc_now() - timedelta(minutes=1))
    assert "no gateway serves this store now" in trunkline("operator", "pause", "alpha", code=1).err


def test_no_such_operator(trunkline: Trunkline, config: Path) -> None:
    write(config, "up", utc_now())
    assert (
        "there is no operator 'beta': there are alpha" in trunkline("operator", "pause", "beta", code=1).err
    )


def test_a_gateway_that_does_not_confirm(
    trunkline: Trunkline, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operators, "CONFIRM_WITHIN_S", 0.0)
    write(config, "up", utc_now())
    assert "has not confirmed within 0 s" in trunkline("operator", "pause", "alpha", code=1).err


def test_a_bind_that_does_not_come_back_is_told_with_the_carrier_s_word(
    trunkline: Trunkline, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`down` alone would be said of each bind in the moment in which it is made anew."""
    monkeypatch.setattr(operators, "CONFIRM_WITHIN_S", 0.5)
    write(config, "down", utc_now() - timedelta(seconds=1))
    told = trunkline("operator", "rebind", "alpha", code=1).err
    assert told.startswith("trunkline: the gateway has not confirmed")
    write(config, "down", utc_now() + timedelta(seconds=5))
    told = trunkline("operator", "rebind", "alpha", code=1).err
    assert told == "trunkline: alpha is not bound again yet, and the gateway goes on trying: ESME_RBINDFAIL\n"


def test_list_tells_what_waits_in_the_store_and_for_whom_nobody_is_there(
    trunkline: Trunkline, config: Path
) -> None:
    """Of a paused operator nothing is in hand, so that alone would say that nothing waits."""
    tell(config, *(OperatorState(key, 1, utc_now(), "paused", [], 0, 0) for key in ("alpha", "beta")))
    for operator in ("alpha", "alpha", "gone", None):
        kept(config, operator=operator)
    _, alpha, beta, *told = trunkline("operator", "list").out.splitlines()
    assert [alpha.split()[6], beta.split()[6]] == ["2", "0"]
    assert told == [
        "1 message(s) wait for an operator to be chosen",
        "gone: 1 message(s) wait for it, and no gateway has it: is it in the configuration?",
    ]
    assert [each["waiting_in_store"] for each in trunkline("operator", "list", "--json").json] == [2, 0]


def test_list_tells_who_was_taken_out(trunkline: Trunkline, config: Path) -> None:
    """Its gateway goes on telling of the others."""
    write(config, "up", utc_now() - timedelta(minutes=1))
    tell(config, OperatorState("beta", 1, utc_now(), "up", [], 0, 0))
    assert [line.split()[2] for line in trunkline("operator", "list").out.splitlines()[1:]] == [
        "removed",
        "up",
    ]


@pytest.mark.parametrize(
    ("binds", "told"),
    [
        ([{"state": "bound", "last_error": "old"}, {"state": "waiting", "last_error": "new"}], "new"),
        ([{"state": "bound", "last_error": "old"}], "before: old"),
        ([{"state": "bound", "outbind": {"state": "closed", "last_error": "in use"}}], "in use"),
        ([{"state": "bound", "receiver": {"state": "waiting", "last_error": "refused"}}], "refused"),
    ],
)
def test_list_tells_the_error_that_counts(
    trunkline: Trunkline, config: Path, binds: list[dict[str, object]], told: str
) -> None:
    """Why a connection is away goes before what was wrong with another one once."""
    tell(config, OperatorState("alpha", 1, utc_now(), "up", binds, 0, 0))
    assert trunkline("operator", "list").out.splitlines()[1].endswith(f"  {told}")


def test_list_tells_whose_binds_are_another_process_s(trunkline: Trunkline, config: Path) -> None:
    """Each bind is held by one process: that the others do not have it is nothing that is wrong."""
    stopped: list[dict[str, object]] = [{"bind": 0, "state": "stopped", "last_error": "unbound"}]
    waiting: list[dict[str, object]] = [{"bind": 0, "state": "waiting", "last_error": "refused"}]

    def shown(*of: tuple[str, list[dict[str, object]]]) -> list[list[str]]:
        rows = [
            OperatorState("alpha", number, utc_now(), state, binds, 0, 0)
            for number, (state, binds) in enumerate(of, 1)
        ]
        tell(config, *rows)
        return [line.split()[2:5:2] for line in trunkline("operator", "list").out.splitlines()[1:]]

    assert shown(("up", BINDS[:1]), ("down", stopped)) == [["up", "1/1"], ["elsewhere", "-"]]
    assert shown(("down", waiting), ("down", stopped)) == [["down", "0/1"], ["elsewhere", "-"]]
    assert shown(("down", stopped), ("down", stopped)) == [["down", "0/1"], ["down", "0/1"]]
    assert [each["state"] for each in trunkline("operator", "list", "--json").json] == ["down", "down"]
