"""`trunkline route explain`: the decision with its reasons, and what the text costs in segments."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.cli.beside import beside, utc_now
from gateway.ports import OperatorState
from tests.unit.gateway.cli.conftest import Told, program

CONFIG = """\
[store]
url = "sqlite:///trunkline.db"
[[operators]]
id = "alpha"
kind = "smpp"
host = "127.0.0.1"
system_id = "x"
[[operators]]
id = "beta"
kind = "smpp"
host = "127.0.0.1"
system_id = "x"
[[routes]]
id = "otp"
class = ["otp"]
operators = ["beta"]
[[routes]]
id = "uk"
to = ["+44"]
account = ["acme"]
operators = ["alpha", "beta"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two carriers, two routes."""
    path = tmp_path / "gateway.toml"
    path.write_text(CONFIG)
    return path


def explained(
    config: Path, *more: str, to: str = "+447700900123", text: str = "hello", sender: str = "ACME"
) -> Told:
    """Ask about one message of acme."""
    ask = ("--account", "acme", "--from", sender, "--to", to, "--text", text)
    return program("route", "explain", "--config", str(config), *ask, *more)


def test_the_first_rule_that_matches(config: Path) -> None:
    told = explained(config, "--json")
    facts = told.json
    assert (facts["outcome"], facts["route"], facts["operators"]) == ("chosen", "uk", ["alpha", "beta"])
    assert (facts["alphabet"], facts["segments"], facts["price"]) == ("gsm7", 1, None)
    assert facts["reasons"][0] == "rule 'otp' does not match: class 'transactional' is not otp"
    assert not (config.parent / "trunkline.db").exists(), "a question makes no store"
    assert explained(config, "--class", "otp", "--json").json["route"] == "otp"


def test_for_people(config: Path) -> None:
    told = explained(config, text="\u20ac" * 81)
    assert [line.split() for line in told.out.splitlines()[-2:]] == [
        ["->", "alpha", "1", "-", "-", "up"],
        ["beta", "2", "-", "-", "up"],
    ]
    assert any(line.split() == ["segments", "2"] for line in told.out.splitlines())
    assert "operators are taken as up" in told.err


def test_no_route(config: Path) -> None:
    facts = explained(config, "--json", to="+12025550123", text="\u0436" * 71).json
    assert (facts["outcome"], facts["route"], facts["operators"]) == ("no_route", None, [])
    assert (facts["alphabet"], facts["segments"]) == ("ucs2", 2)


@pytest.mark.parametrize(
    ("states", "outcome", "reason"),
    [
        ({"alpha": "down", "beta": "up"}, "chosen", "operator 'alpha' is skipped: down"),
        ({"alpha": "paused", "beta": "down"}, "wait", "operator 'alpha' is skipped: paused"),
    ],
)
def test_operators_are_as_a_running_gateway_sees_them(
    config: Path, states: dict[str, str], outcome: str, reason: str
) -> None:
    async def say(age: timedelta) -> None:
        async with beside(config) as opened:
            at = utc_now() - age
            await opened.store.write_states(
                [OperatorState(one, 1, at, state, [], 0, 0) for one, state in states.items()]
            )

    asyncio.run(say(timedelta(0)))
    facts = explained(config, "--json").json
    assert (facts["outcome"], facts["health_known"]) == (outcome, True)
    assert reason in facts["reasons"]
    asyncio.run(say(timedelta(minutes=5)))
    assert explained(config, "--json").json["health_known"] is False


@pytest.mark.parametrize(
    ("to", "sender", "said"),
    [
        ("00447700900123", "ACME", "in place of the leading 00"),
        ("+447700900123", "much too long", "is longer than 11 characters"),
    ],
)
def test_addresses_that_are_none(config: Path, to: str, sender: str, said: str) -> None:
    told = explained(config, to=to, sender=sender)
    assert told.code == 1
    assert said in told.err
