"""Many messages at once, and those of a store that was restored."""

import json
import stat
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.beside import utc_now
from gateway.cli.program import main
from gateway.domain.money import Charge
from tests.unit.gateway.cli.conftest import Trunkline, program
from tests.unit.gateway.cli.test_messages import account, kept, stored

__all__ = ["account"]  # every test has it

UNKNOWN = "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00"


@pytest.fixture
def whole(config: Path) -> Path:
    """The same store, and a configuration that can be served."""
    path = config.with_name("whole.toml")
    operator = (
        '[[operators]]\nid = "alpha"\nkind = "smpp"\nhost = "127.0.0.1"\nport = 2775\nsystem_id = "esme"\n'
    )
    path.write_text('[store]\nurl = "sqlite:///data/trunkline.db"\n' + operator)
    return path


def test_several_are_ended_and_what_is_refused_is_told_at_the_end(trunkline: Trunkline, config: Path) -> None:
    first, second = kept(config), kept(config)
    told = trunkline("message", "fail", first, UNKNOWN, second, "--reason", "unconfirmed", code=1)
    assert told.out == f"{first} is failed (unconfirmed)\n{second} is failed (unconfirmed)\n"
    assert told.err.count("no such message") == 1


@pytest.mark.parametrize("line", ["{id}", "{id} +447700900123", '{{"to": "+1", "message_id": "{id}"}}'])
def test_ids_come_from_standard_input(config: Path, line: str) -> None:
    identity = kept(config)
    given = line.format(id=identity) + "\n\n"
    done = CliRunner().invoke(main, ["message", "requeue", "--config", str(config), "-"], input=given)
    assert (done.exit_code, done.stdout) == (0, f"{identity} is offered now to alpha\n")


@pytest.mark.parametrize("line", ['{"to": "+1"}', "{broken", "nonsense"])
def test_what_is_no_id_is_refused_before_anything_is_done(config: Path, line: str) -> None:
    identity = kept(config)
    given = f"{identity}\n{line}\n"
    done = CliRunner().invoke(main, ["message", "fail", "--config", str(config), "-"], input=given)
    assert done.exit_code == 2
    assert stored(config, identity).final_at is None


def test_hold_lists_what_may_have_been_sent(config: Path, whole: Path, tmp_path: Path) -> None:
    due, later = kept(config, next_at=utc_now()), kept(config)
    listed = tmp_path / "held.jsonl"
    words = ("message", "hold", "--config", str(whole), "--list", str(listed))
    told = program(*words, "--after-restore")
    assert told.code == 0
    assert told.out.startswith("1 message(s) ")
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    (line,) = map(json.loads, listed.read_text().splitlines())
    assert (line["message_id"], line["to"], line["operator"]) == (due, "+447700900123", "alpha")
    held = stored(config, due)
    assert held.next_at == held.expires_at
    assert stored(config, later).next_at != stored(config, later).expires_at
    again = program(*words, "--after-restore")
    assert again.code == 1
    assert "exists" in again.err.lower()


def test_the_list_tells_the_prices(trunkline: Trunkline, config: Path, whole: Path, tmp_path: Path) -> None:
    """What is ended by hand gets its price back, also where a carrier had it: a person takes that back."""
    trunkline("ledger", "top-up", "acme", "1", "--currency", "EUR")
    price = Charge(Decimal("0.06"), Decimal("0.06"), "EUR")
    paid = kept(config, next_at=utc_now(), charge=price)
    free = kept(config, next_at=utc_now())
    listed = tmp_path / "held.jsonl"
    program("message", "hold", "--config", str(whole), "--list", str(listed), "--after-restore")
    lines = map(json.loads, listed.read_text().splitlines())
    assert {line["message_id"]: line["price"] for line in lines} == {paid: "0.06 EUR", free: None}
    trunkline("message", "fail", paid, free)
    (purse,) = trunkline("ledger", "balance", "acme", "--json").json
    assert (purse["balance"], purse["held"]) == ("1", "0")


def test_hold_wants_to_hear_that_the_store_was_restored(whole: Path, tmp_path: Path) -> None:
    told = program("message", "hold", "--config", str(whole), "--list", str(tmp_path / "held.jsonl"))
    assert told.code == 2
    assert "--after-restore" in told.err
