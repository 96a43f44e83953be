"""`trunkline ledger` and `trunkline rates`, against a real store and rate plans of their own."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.cli.beside import beside
from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import Message, PartRow, Step, move
from gateway.domain.money import Charge, Entry, Kind, Purse
from gateway.domain.send import Acceptance, Accepted, Taken
from gateway.domain.words import Priority, Status
from gateway.ports import LedgerQuery
from tests.unit.gateway.cli.conftest import Trunkline

PLAN = "prefix,price,currency,effective_from\n44,0.05,EUR,2020-01-01\n44,0.06,EUR,2021-01-01\n44,0.07,EUR,2999-01-01\n"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def metered(trunkline: Trunkline, config: Path) -> Trunkline:
    """An account that pays by the plan `standard`."""
    (config.parent / "rates").mkdir()
    (config.parent / "rates" / "standard.csv").write_text(PLAN)
    with config.open("a") as file:
        file.write('[rates]\nplans = "rates/*.csv"\n')
    trunkline("account", "create", "acme")
    assert trunkline("account", "set", "acme", "rate_plan=standard").err == ""
    return trunkline


def taken(message: Message, _rows: list[PartRow]) -> Step:
    """A carrier has taken it."""
    step = Step(message)
    assert move(step, Status.SENT, NOW)
    return step


def sent(config: Path, amount: str = "0.06") -> str:
    """A message of acme that was accepted and sent, as a gateway on the same store does it; its id."""

    async def send() -> str:
        charge = Charge(Decimal(amount), Decimal(amount), "EUR")
        message = Message(
            id=ids.new_id(NOW),
            account="acme",
            env=Env.LIVE,
            dialect="orchestrator",
            recipient="+447700900123",
            sender="+447700900999",
            body="hello",
            segment_count=1,
            priority=Priority.TRANSACTIONAL,
            accepted_at=NOW,
            expires_at=NOW,
            charge=charge,
        )
        async with beside(config) as opened:
            (result,) = await opened.store.accept([Acceptance([message], None, NOW)])
            assert isinstance(result, Accepted)
            assert isinstance(result.items[0], Taken)
            await opened.store.change([message.id], taken)
        return ids.text(message.id)

    return asyncio.run(send())


def entries(config: Path) -> list[tuple[Kind, str]]:
    """What the ledger says of acme, live."""

    async def ask() -> list[tuple[Kind, str]]:
        async with beside(config) as opened:
            found = (await opened.store.entries(LedgerQuery("acme", Env.LIVE, 100))).items
            return [(entry.kind, str(entry.amount)) for entry in found]

    return asyncio.run(ask())


def test_a_top_up_with_a_key_is_booked_once(metered: Trunkline, config: Path) -> None:
    first = metered(
        "ledger", "top-up", "acme", "25.00", "--key", "invoice-7", "--note", "paid", "--json"
    ).json
    assert (first["kind"], first["amount"], first["currency"], first["env"]) == (
        "top-up",
        "25",
        "EUR",
        "live",
    )
    assert (first["key"], first["note"], first["new"]) == ("invoice-7", "paid", True)
    assert first["purse"]["balance"] == first["purse"]["spendable"] == "25"
    again = metered("ledger", "top-up", "acme", "25", "--key", "invoice-7", "--json").json
    assert (again["subject"], again["new"]) == (first["subject"], False)
    assert "already" in metered("ledger", "top-up", "acme", "25", "--key", "invoice-7").err
    other = metered("ledger", "top-up", "acme", "26", "--key", "invoice-7", code=1)
    assert "use another key" in other.err
    assert entries(config) == [(Kind.TOP_UP, "25")]


def test_an_adjustment_has_a_sign(metered: Trunkline, config: Path) -> None:
    metered("ledger", "adjust", "acme", "+12.50")
    told = metered("ledger", "adjust", "acme", "-3", "--note", "typed twice", "--env", "live", "--json")
    assert told.json["purse"]["balance"] == "9.5"
    assert "write +12.50 to give" in metered("ledger", "adjust", "acme", "3", code=2).err
    assert entries(config) == [(Kind.ADJUSTMENT, "-3"), (Kind.ADJUSTMENT, "12.5")]


def test_environments_are_apart(metered: Trunkline, config: Path) -> None:
    metered("ledger", "top-up", "acme", "7", "--env", "test")
    assert entries(config) == []
    found = {one["env"]: one["balance"] for one in metered("ledger", "balance", "acme", "--json").json}
    assert found == {"live": "0", "test": "7"}


def test_a_message_is_refunded_once(metered: Trunkline, config: Path) -> None:
    metered("ledger", "top-up", "acme", "1")
    message_id = sent(config)
    assert metered("ledger", "balance", "acme", "--json").json[0]["balance"] == "0.94"
    told = metered("ledger", "refund", message_id, "--note", "complaint", "--json").json
    assert (told["amount"], told["new"], told["purse"]["balance"]) == ("0.06", True, "1")
    assert metered("ledger", "refund", message_id, "--json").json["new"] is False
    assert metered("ledger", "balance", "acme", "--json").json[0]["balance"] == "1"
    assert "no such message" in metered("ledger", "refund", ids.text(ids.new_id(NOW)), code=1).err
    assert "is no message's id" in metered("ledger", "refund", "x", code=1).err


def test_a_statement(metered: Trunkline, config: Path) -> None:
    metered("ledger", "top-up", "acme", "1")
    message_id = sent(config)
    found = metered("ledger", "list", "acme", "--json").json
    assert sorted((one["kind"], one["amount"], one["held"]) for one in found) == [
        ("reservation", "-0.06", "0.06"),
        ("settlement", "0", "-0.06"),
        ("top-up", "1", "0"),
    ]
    assert {one["subject"] for one in found if one["kind"] != "top-up"} == {message_id}
    only = metered("ledger", "list", "acme", "--kind", "top-up", "--since", "2026-03-02", "--json").json
    assert [one["kind"] for one in only] == ["top-up"]
    assert metered("ledger", "list", "acme", "--since", "2999-01-01").err == "no entries\n"
    assert metered("ledger", "list", "acme", "--limit", "1").out.splitlines()[0].split()[:3] == [
        "AT",
        "KIND",
        "AMOUNT",
    ]
    assert "--since soon: write it as" in metered("ledger", "list", "acme", "--since", "soon", code=1).err


def test_a_booking_is_found_again_by_its_key(metered: Trunkline) -> None:
    metered("ledger", "top-up", "acme", "1", "--key", "invoice-7")
    heads, line = metered("ledger", "list", "acme").out.splitlines()
    assert line[heads.index("KEY") :].split()[0] == "invoice-7"
    refused = metered("ledger", "top-up", "acme", "2", "--key", "invoice-7", code=1).err
    assert "stands in the ledger for top-up 1 EUR" in refused


def test_a_message_shows_what_it_has_paid(metered: Trunkline, config: Path) -> None:
    metered("ledger", "top-up", "acme", "1")
    message_id = sent(config)
    shown = metered("message", "show", message_id)
    assert [line.split()[:3] for line in shown.out.splitlines() if line.startswith(("reserv", "settle"))] == [
        ["reservation", "-0.06", "0.06"],
        ["settlement", "0", "-0.06"],
    ]
    facts = metered("message", "show", message_id, "--json").json
    assert (facts["price"], [each["kind"] for each in facts["entries"]]) == (
        "0.06 EUR",
        ["reservation", "settlement"],
    )


def test_verify_exits_with_0_only_when_it_adds_up(metered: Trunkline, config: Path) -> None:
    metered("ledger", "top-up", "acme", "1")
    sent(config)
    assert metered("ledger", "verify").out == "3 entries: it adds up\n"

    async def settle_what_was_never_sent() -> None:
        async with beside(config) as opened:
            purse = Purse("acme", Env.LIVE, "EUR")
            entry = Entry(ids.new_id(NOW), Kind.SETTLEMENT, purse, Decimal(0), Decimal("-0.06"), NOW)
            await opened.store.book([entry])

    asyncio.run(settle_what_was_never_sent())
    told = metered("ledger", "verify", code=1)
    assert told.out.startswith("acme (live, EUR): ")
    assert "does not add up: 1 flaw(s) in 4 entries" in told.err
    (flaw,) = metered("ledger", "verify", "--json", code=1).json["flaws"]
    assert (flaw["account"], flaw["currency"]) == ("acme", "EUR")


def test_verify_of_a_sound_ledger(metered: Trunkline) -> None:
    assert metered("ledger", "verify").out == "0 entries: it adds up\n"
    metered("ledger", "top-up", "acme", "1")
    assert metered("ledger", "verify").out == "1 entries: it adds up\n"
    assert metered("ledger", "verify", "--json").json == {"entries": 1, "flaws": []}


def test_money_that_no_plan_charges_is_warned_of(metered: Trunkline) -> None:
    assert "charges nothing in USD" in metered("ledger", "top-up", "acme", "1", "--currency", "USD").err


def test_money_is_booked_while_somebody_mends_a_price(metered: Trunkline, config: Path) -> None:
    (config.parent / "rates" / "standard.csv").write_text("price\n")
    told = metered("ledger", "top-up", "acme", "1", "--currency", "EUR")
    assert "standard.csv:1: the head lacks" in told.err
    assert "name the currency" in metered("ledger", "top-up", "acme", "1", code=1).err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("top-up", "nobody", "1"), 1, "no account 'nobody'"),
        (("top-up", "acme", "0"), 1, "more than nothing"),
        (("top-up", "acme", "-5"), 1, "book an adjustment"),
        (("top-up", "acme", "5", "--ky", "invoice-7"), 2, "unexpected extra argument"),
        (("top-up", "acme", "0.0000001"), 1, "at most 6 decimals"),
        (("top-up", "acme", "1,5"), 2, "write it with a point"),
        (("balance", "nobody"), 1, "no account 'nobody'"),
        (("list", "nobody"), 1, "no account 'nobody'"),
        (("list", "acme", "--kind", "gift"), 2, "'gift' is not one of"),
    ],
)
def test_what_is_refused(metered: Trunkline, arguments: tuple[str, ...], code: int, said: str) -> None:
    assert said in metered("ledger", *arguments, code=code).err


def test_rate_plans(metered: Trunkline) -> None:
    assert metered("rates", "list", "--json").json == [{"plan": "standard", "currency": "EUR", "prefixes": 1}]
    shown = metered("rates", "show", "standard", "--json").json
    assert [(row["prefix"], row["price"], row["from"]) for row in shown] == [
        ("+44", "0.06", "2021-01-01T00:00:00.000Z"),  # the one before it counts no more
        ("+44", "0.07", "2999-01-01T00:00:00.000Z"),
    ]
    assert len(metered("rates", "show", "standard").out.splitlines()) == 3
    earlier = metered(
        "rates", "show", "standard", "--to", "+447700900123", "--at", "2020-06-01", "--json"
    ).json
    assert (earlier["price"], earlier["prefix"], earlier["until"]) == (
        "0.05",
        "+44",
        "2021-01-01T00:00:00.000Z",
    )
    assert (
        "no price for +4915112345678"
        in metered("rates", "show", "standard", "--to", "+4915112345678", code=1).err
    )
    assert "no rate plan 'gold'" in metered("rates", "show", "gold", code=1).err
    assert metered("rates", "show", "standard", "--to", "+447700900123").out.splitlines()[3].split() == [
        "price",
        "0.06",
    ]


def test_no_rate_plans(trunkline: Trunkline) -> None:
    assert "[rates] plans" in trunkline("rates", "list").err
