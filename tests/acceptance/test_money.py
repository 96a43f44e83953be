"""Money through the socket: an account pays by its plan, is refused when it has none left, and gets back what it is
owed. In the end `trunkline ledger verify` must find that it all adds up."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import Api, message, problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLAN = "prefix,price,currency\n44,0.0375,EUR\n1,0.01,EUR\n"
OUTCOMES = {
    "9901": {"status": 0x0B},  # ESME_RINVDSTADR: refused before it was sent
    "9902": {"stat": "UNDELIV", "err": "011"},
}


@dataclass
class Payer:
    """An account that pays, with a key of its own."""

    at: World
    name: str
    api: Api
    admin: Api  #: the NOC's

    async def has(self) -> tuple[str, str]:
        """Its live balance, and what is held."""
        answer = await self.admin.request("GET", f"/admin/accounts/{self.name}/balance")
        (purse,) = [each for each in answer.json["purses"] if each["env"] == "live"]
        return purse["balance"], purse["held"]

    async def top_up(self, amount: str) -> None:
        """It pays."""
        path = f"/admin/accounts/{self.name}/top-ups"
        answer = await self.admin.request("POST", path, json={"amount": amount})
        assert answer.status == 201, answer


class Payers:
    """Makes accounts, one for each test: they share a gateway, and no money."""

    def __init__(self, at: World, folder: Path) -> None:
        self.at = at
        self.folder = folder
        self.made = 0
        self.admin: Api | None = None

    async def new(self, *settings: str) -> Payer:
        """An account of the plan `standard`."""
        self.made += 1
        name = f"payer-{self.made}"
        cli = self.at.gateway.cli
        if self.admin is None:
            made = await cli("key", "create", "other", "--scope", "admin", "--json")
            self.admin = Api(self.at.api.session, self.at.gateway.admin, made.json["key"])
        await cli("account", "create", name, "--json")
        await cli("account", "set", name, "rate_plan=standard", *settings)
        key = (await cli("key", "create", name, "--json")).json["key"]
        return Payer(self.at, name, self.at.api.as_caller(key), self.admin)


def write_plan(folder: Path, text: str) -> None:
    """The file of the plan; a running gateway does not know of it before it is told."""
    (folder / "rates").mkdir(exist_ok=True)
    (folder / "rates" / "standard.csv").write_text(text)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def paid(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Payers]:
    """A gateway with a rate plan, and a carrier that refuses some numbers and does not reach others."""
    folder = tmp_path_factory.mktemp("paid")
    write_plan(folder, PLAN)
    config = {"rates": {"plans": "rates/*.csv"}}
    async with world(template, folder, carriers={"alpha": {"outcomes": OUTCOMES}}, config=config) as at:
        yield Payers(at, folder)
        told = await at.gateway.cli("ledger", "verify", status=None)
        assert (told.status, "it adds up" in told.out) == (0, True), told


async def test_sends_until_the_money_is_gone_and_again_after_a_top_up(paid: Payers) -> None:
    payer = await paid.new()
    refused = problem(await payer.api.send(), 402, "INSUFFICIENT_BALANCE")
    assert "The balance is 0 EUR; this message costs 0.0375 EUR." in refused["detail"]
    await paid.at.gateway.cli("ledger", "top-up", payer.name, "0.1")  # it holds for the next request
    for _ in range(2):
        await paid.at.status(await payer.api.sent(), "DELIVERED", payer.api)
    assert await payer.has() == ("0.025", "0")
    problem(await payer.api.send(), 402, "INSUFFICIENT_BALANCE")
    assert await payer.has() == ("0.025", "0"), "a refusal costs nothing"
    await payer.top_up("0.0125")
    identity = await payer.api.sent()
    found = await paid.at.status(identity, "DELIVERED", payer.api)
    assert found["price"] == {"amount": "0.0375", "currency": "EUR"}
    assert await payer.has() == ("0", "0")


@asynccontextmanager
async def waiting(paid: Payers) -> AsyncIterator[None]:
    """The carrier is paused: what is accepted meanwhile waits."""
    cli = paid.at.gateway.cli

    async def is_paused() -> bool:
        _, facts = await paid.at.gateway.health("ready")
        return bool(facts["operators"]["alpha"]["paused"])

    await cli("operator", "pause", "alpha")
    await paid.at.until(is_paused, "alpha to be paused")
    try:
        yield
    finally:
        await cli("operator", "resume", "alpha")


async def test_each_segment_is_paid(paid: Payers) -> None:
    payer = await paid.new()
    await payer.top_up("1")
    identity = await payer.api.sent("x" * 161)
    assert (await payer.api.message(identity))["price"] == {"amount": "0.075", "currency": "EUR"}
    await paid.at.status(identity, "DELIVERED", payer.api)
    assert await payer.has() == ("0.925", "0")


async def test_a_replay_costs_nothing(paid: Payers) -> None:
    payer = await paid.new()
    await payer.top_up("1")
    first, again = [await payer.api.send(key="order-7") for _ in range(2)]
    assert first.body == again.body
    await paid.at.status(first.json["messageId"], "DELIVERED", payer.api)
    assert await payer.has() == ("0.9625", "0")


async def test_it_is_held_until_it_is_sent_and_released_when_it_fails_before(paid: Payers) -> None:
    payer = await paid.new()
    await payer.top_up("1")
    await paid.at.smsc.set(answer="never")
    try:
        identity = await payer.api.sent()
        assert await payer.has() == ("0.9625", "0.0375")
    finally:
        await paid.at.smsc.set(answer="now")
        await paid.at.smsc.order("release")
    await paid.at.status(identity, "DELIVERED", payer.api)
    assert await payer.has() == ("0.9625", "0")
    lost = await payer.api.sent(to="+447700919901")
    await paid.at.status(lost, "UNDELIVERABLE", payer.api)
    assert await payer.has() == ("0.9625", "0"), "no carrier has taken it"


@pytest.mark.parametrize(("setting", "left"), [("false", "0.9625"), ("true", "1")])
async def test_undelivered_costs_what_the_policy_says(paid: Payers, setting: str, left: str) -> None:
    payer = await paid.new(f"refund_undelivered={setting}")
    await payer.top_up("1")
    identity = await payer.api.sent(to="+447700919902")
    await paid.at.status(identity, "FAILED", payer.api)
    assert await payer.has() == (left, "0")


async def test_a_bulk_is_taken_as_far_as_the_money_goes(paid: Payers) -> None:
    payer = await paid.new()
    await payer.top_up("0.08")
    items = [
        message(to="+447700910001"),
        message(to="+447700910002"),
        message(to="+447700910003"),
        message(to="+12025550123"),  # 0.01: there is no more than 0.005
        message(to="+4915112345678"),  # not priced
    ]
    answer = await payer.api.bulk(items)
    assert answer.status == 202
    assert [item["index"] for item in answer.json["accepted"]] == [0, 1]
    assert [(item["index"], item["code"]) for item in answer.json["rejected"]] == [
        (2, "INSUFFICIENT_BALANCE"),
        (3, "INSUFFICIENT_BALANCE"),
        (4, "DESTINATION_NOT_PRICED"),
    ]
    for item in answer.json["accepted"]:
        await paid.at.status(item["messageId"], "DELIVERED", payer.api)
    assert await payer.has() == ("0.005", "0")


async def test_never_below_the_limit_whoever_sends_at_once(paid: Payers) -> None:
    """Twenty at once for the money of eight, on credit."""
    payer = await paid.new("billing=postpaid", "credit_limit=0.3")
    answers = await asyncio.gather(*[payer.api.send(to=f"+4477009200{n:02}") for n in range(20)])
    taken = [answer.json["messageId"] for answer in answers if answer.status == 202]
    assert len(taken) == 8
    assert {answer.status for answer in answers} == {202, 402}
    for identity in taken:
        await paid.at.status(identity, "DELIVERED", payer.api)
    assert await payer.has() == ("-0.3", "0")


async def test_a_cap_on_a_day(paid: Payers) -> None:
    payer = await paid.new("spend_per_day=0.04")
    await payer.top_up("1")
    await paid.at.status(await payer.api.sent(), "DELIVERED", payer.api)
    problem(await payer.api.send(), 402, "SPENDING_CAP_REACHED")


async def test_an_account_without_a_plan_is_not_metered(paid: Payers) -> None:
    identity = await paid.at.api.sent()
    found = await paid.at.status(identity, "DELIVERED")
    assert found["price"] is None
    assert (await paid.at.gateway.cli("ledger", "list", "acme", "--json")).json == []


async def test_a_price_changes_with_a_reload(paid: Payers) -> None:
    """A mistake in a plan is refused whole, with the old prices in force."""
    payer = await paid.new()
    assert await price_of(payer) == "0.0375"
    await reload(paid, PLAN.replace("0.0375", "0,05"), REFUSED)
    assert await price_of(payer) == "0.0375"
    await reload(paid, PLAN.replace("0.0375", "0.05"), "reloaded")
    assert await price_of(payer) == "0.05"
    await reload(paid, PLAN, "reloaded")


REFUSED = "reload refused, the old configuration is still in force"


async def reload(paid: Payers, text: str, event: str) -> None:
    """Write a plan, and wait until the gateway says what came of it."""
    gateway = paid.at.gateway
    write_plan(paid.folder, text)
    before = len(gateway.events(event))
    gateway.send_signal(signal.SIGHUP)
    await paid.at.until(lambda: len(gateway.events(event)) > before, event)


async def test_a_waiting_message_that_is_ended_by_hand_costs_nothing(paid: Payers) -> None:
    payer = await paid.new()
    await payer.top_up("1")
    cli = paid.at.gateway.cli
    async with waiting(paid):
        ended, offered = [await payer.api.sent(to=f"+4477009400{n:02}") for n in range(2)]
        assert await payer.has() == ("0.925", "0.075")
        told = await cli("message", "fail", ended)
        assert told.err == f"given back to {payer.name} (live): 0.0375 EUR\n"
        await cli("message", "requeue", offered)
        assert await payer.has() == ("0.9625", "0.0375")
        assert "was given back" in (await cli("ledger", "refund", ended, status=1)).err
    await paid.at.status(offered, "DELIVERED", payer.api)
    assert await payer.has() == ("0.9625", "0")


async def test_a_waiting_message_to_a_person_who_is_erased_costs_nothing(paid: Payers) -> None:
    """And what was sent before stays paid, by entries that name no number."""
    payer = await paid.new()
    await payer.top_up("1")
    person = "+447700940101"
    sent = await payer.api.sent(to=person)
    await paid.at.status(sent, "DELIVERED", payer.api)
    async with waiting(paid):
        asked = await payer.api.sent(to=person)
        await paid.at.gateway.cli("erase", person, "--account", payer.name, "--yes")
        assert (await payer.api.message(asked))["status"] == "UNDELIVERABLE"
        assert await payer.has() == ("0.9625", "0")
    problem(await payer.api.send(to=person), 422, "RECIPIENT_SUPPRESSED")
    assert await payer.has() == ("0.9625", "0")
    refund = await paid.at.gateway.cli("ledger", "refund", sent, "--json")
    assert refund.json["purse"]["balance"] == "1", "it is still known what it has cost"


async def test_what_a_disabled_account_has_asked_for_is_sent_and_paid(paid: Payers) -> None:
    payer = await paid.new()
    await payer.top_up("1")
    cli = paid.at.gateway.cli
    async with waiting(paid):
        asked = await payer.api.sent()
        await cli("account", "set", payer.name, "disabled=true")
        problem(await payer.api.send(), 401, "UNAUTHENTICATED")
        assert await payer.has() == ("0.9625", "0.0375")

    async def settled() -> bool:
        return await payer.has() == ("0.9625", "0")

    await paid.at.until(settled, "the message to be sent")
    await payer.top_up("0.0375")
    await cli("account", "set", payer.name, "disabled=false")
    await paid.at.status(asked, "DELIVERED", payer.api)
    assert await payer.has() == ("1", "0")


async def price_of(payer: Payer) -> str:
    """What the preview tells."""
    answer = await payer.api.request("POST", "/v1/sms/preview", json={"body": "hello", "to": "+447700900123"})
    amount: str = answer.json["price"]["amount"]
    return amount


async def test_money_moves_over_the_admin_listener(paid: Payers) -> None:
    """With an admin key; the next message may spend it."""
    payer = await paid.new()
    admin = payer.admin
    path = f"/admin/accounts/{payer.name}"
    body = {"amount": 0.1, "key": "invoice-7"}
    first, again = [await admin.request("POST", f"{path}/top-ups", json=body) for _ in range(2)]
    assert (first.status, again.status) == (201, 200)
    assert again.json["entry"] == first.json["entry"]
    identity = await payer.api.sent()
    await paid.at.status(identity, "DELIVERED", payer.api)
    refund = await admin.request("POST", f"/admin/messages/{identity}/refund", json={"note": "complaint"})
    assert (refund.status, refund.json["purse"]["balance"]) == (201, "0.1")
    page = await admin.request("GET", f"{path}/ledger", params={"kind": "refund"})
    assert [entry["id"] for entry in page.json["entries"]] == [identity]
    for key in (payer.api.key, ""):
        refused = await admin.as_caller(key).request("POST", f"{path}/top-ups", json={"amount": "1"})
        assert refused.status == (403 if key else 401)
    at_the_api = await paid.at.api.as_caller(admin.key).request("GET", f"{path}/balance")
    assert at_the_api.status == 404, "tenants' listener has nothing of it"
    assert await payer.has() == ("0.1", "0")


async def test_balances_after_a_crash(template: Template, tmp_path: Path) -> None:
    """The gateway dies while messages are with the carrier: each of them is paid once, whatever was asked again."""
    write_plan(tmp_path, PLAN)
    config = {"rates": {"plans": "rates/*.csv"}}
    async with world(template, tmp_path, carriers={"alpha": {"answer": "never"}}, config=config) as at:
        payer = await Payers(at, tmp_path).new()
        await payer.top_up("1")
        sent = [await payer.api.sent(to=f"+4477009300{n:02}") for n in range(5)]
        await at.until(lambda: len(at.submits()) == 5, "the carrier to have all of them")
        await at.gateway.kill9()
        told = await at.gateway.cli("ledger", "balance", payer.name, "--json")
        assert [(each["balance"], each["held"]) for each in told.json] == [("0.8125", "0.1875"), ("0", "0")]
        assert (await at.gateway.cli("ledger", "verify")).status == 0
        await at.smsc.set(answer="now")
        await at.gateway.start()
        for identity in sent:
            await at.gateway.cli(
                "message", "requeue", identity, status=None
            )  # it need not wait for its receipt
        for identity in sent:
            await at.status(identity, "DELIVERED", payer.api)
        assert await payer.has() == ("0.8125", "0")
        assert (await at.gateway.cli("ledger", "verify")).status == 0
