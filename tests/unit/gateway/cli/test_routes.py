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


def say(config: Path, *states: OperatorState) -> None:
    """What processes of a gateway say of their operators."""

    async def write() -> None:
        async with beside(config) as opened:
            await opened.store.write_states(states)

    asyncio.run(write())


def test_an_operator_is_up_where_some_process_has_it_up(config: Path) -> None:
    now = utc_now()
    say(
        config,
        OperatorState("alpha", 1, now, "up", [], 0, 0),
        OperatorState("alpha", 2, now, "down", [], 0, 0),
        OperatorState("beta", 1, now, "down", [], 0, 0),
        OperatorState("beta", 2, now, "paused", [], 0, 0),
    )
    told = explained(config, "--json").json["candidates"]
    assert [(each["operator"], each["health"]) for each in told] == [("alpha", "up"), ("beta", "paused")]


def test_who_does_badly_for_the_destination_comes_last(config: Path) -> None:
    badly: list[dict[str, object]] = [{"country": "44", "trial": False, "why": "80% of its answers were bad"}]
    now = utc_now()
    up = OperatorState("beta", 1, now, "up", [], 0, 0)
    say(config, OperatorState("alpha", 1, now, "up", [], 0, 0, badly), up)
    facts = explained(config, "--json").json
    assert (facts["chosen"], facts["operators"]) == ("beta", ["beta", "alpha"])
    assert facts["candidates"][1]["health"] == "up, but 80% of its answers were bad (process 1)"


PICTURE = """\
[store]
url = "sqlite:///trunkline.db"
[rates]
operators = "rates/*.csv"
{operators}
[[routes]]
id = "codes"
text = '(?i)code'
operators = ["beta"]
[[routes]]
id = "night"
hours = "22:00-06:00"
zone = "Europe/London"
operators = ["alpha"]
[[routes]]
id = "shared"
to = ["+1"]
operators = [{{ alpha = 3, beta = 1 }}, "gamma"]
[[routes]]
id = "cheapest"
to = ["+44"]
by = "cost"
operators = ["alpha", "beta", "gamma"]
[[routes]]
id = "rest"
operators = ["gamma"]
"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Three carriers with prices, five routes, and a gateway whose alpha is down."""
    carrier = '[[operators]]\nid = "{}"\nkind = "smpp"\nhost = "h"\nsystem_id = "x"'
    path = tmp_path / "gateway.toml"
    path.write_text(PICTURE.format(operators="\n".join(map(carrier.format, ("alpha", "beta", "gamma")))))
    (tmp_path / "rates").mkdir()
    for name, price in (("alpha", "0.0300"), ("beta", "0.0410"), ("gamma", "0.0350")):
        (tmp_path / "rates" / f"{name}.csv").write_text(f"prefix,price,currency\n447,{price},EUR\n")
    states = {"alpha": "down", "beta": "up", "gamma": "up"}
    say(path, *(OperatorState(one, 1, utc_now(), state, [], 0, 0) for one, state in states.items()))
    return path


def test_the_picture(picture: Path) -> None:
    """As a person sees it: every rule that was looked at, then the operators with price and health."""
    told = explained(picture, "--at", "2026-03-02T12:00", text="hello")
    assert (
        told.out
        == """\
outcome    chosen
route      cheapest
operators  gamma, beta, alpha
alphabet   gsm7
segments   1
price      not metered

Routes, in order: the first that matches is taken (5 in all)
 no   codes     the text does not match '(?i)code'
 no   night     Mon 12:00 is not within 22:00-06:00 (Europe/London)
 no   shared    '+447700900123' begins with none of +1
 yes  cheapest  the destination begins with +44
 1 more not looked at

Operators, in the order in which they are tried
     OPERATOR  GROUP  WEIGHT  PRICE              HEALTH
 ->  gamma     1      -       0.0350 EUR (+447)  up
     beta      1      -       0.0410 EUR (+447)  up
     alpha     1      -       0.0300 EUR (+447)  down
"""
    )
    assert "\x1b" not in told.out, "colours are for terminals"


def test_the_choice_inside_a_group_is_told_for_the_message_that_is_named(picture: Path) -> None:
    say(picture, *(OperatorState(one, 1, utc_now(), "up", [], 0, 0) for one in ("alpha", "beta", "gamma")))
    ask = ("--at", "2026-03-02T12:00", "--json", "--id")
    chosen = set()
    for number in range(20):
        identity = f"018e7c3a-9b2f-7d4e-a5f1-{number:010x}00"
        facts = explained(picture, *ask, identity, to="+12025550123").json
        again = explained(picture, *ask, identity[:-2] + "07", to="+12025550123").json
        assert facts["chosen"] == again["chosen"], "each segment's id is the message's"
        assert {each["operator"]: each["weight"] for each in facts["candidates"]} == {
            "alpha": "3/4",
            "beta": "1/4",
            "gamma": None,
        }
        chosen.add(facts["chosen"])
    assert chosen == {"alpha", "beta"}


def test_metadata_time_and_what_was_tried(picture: Path) -> None:
    night = explained(picture, "--at", "2026-07-02T22:30:00+01:00", "--json").json
    assert (night["route"], night["outcome"]) == ("night", "wait")
    tried = explained(picture, "--at", "2026-03-02T12:00", "--tried", "gamma", "--json").json
    assert (tried["chosen"], tried["candidates"][-1]["health"]) == ("beta", "tried before")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--metadata", "campaign"), "write KEY=VALUE"),
        (("--at", "noon"), "write it as 2026-01-31T22:30:00+01:00"),
        (("--id", "7"), "that is no message's id"),
    ],
)
def test_what_can_t_be_read(config: Path, more: tuple[str, ...], said: str) -> None:
    told = explained(config, *more)
    assert (told.code, said in told.err) == (1, True)


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


PLANS = '[rates]\nplans = "rates/*.csv"\n'


@pytest.mark.parametrize(
    ("plan", "to", "price", "said"),
    [
        (None, "+447700900123", None, "not metered"),
        (
            "standard",
            "+447700900123",
            {
                "amount": "0.075",
                "rate": "0.0375",
                "currency": "EUR",
                "plan": "standard",
                "prefix": "+44",
            },
            "0.075 EUR (2 x 0.0375, plan standard, +44)",
        ),
        (
            "standard",
            "+12025550123",
            None,
            "none, it would be refused: The rate plan 'standard' has no price",
        ),
        (
            "gold",
            "+447700900123",
            None,
            "none, it would be refused: The account's rate plan 'gold' is not set up",
        ),
    ],
)
def test_what_the_account_would_pay(
    config: Path, plan: str | None, to: str, price: dict[str, str] | None, said: str
) -> None:
    (config.parent / "rates").mkdir()
    (config.parent / "rates" / "standard.csv").write_text("prefix,price,currency\n44,0.0375,EUR\n")
    config.write_text(PLANS + CONFIG)
    program("account", "create", "acme", "--config", str(config))
    program("account", "set", "acme", f"rate_plan={plan or ''}", "--config", str(config))
    assert explained(config, "--json", to=to, text="x" * 161).json["price"] == price
    assert f"price      {said}" in explained(config, to=to, text="x" * 161).out
