"""The admin API of money through the socket, over a real ledger: who may, what is booked once, and what amounts are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest
from openapi_spec_validator import validate

from gateway.domain import ids
from gateway.domain.account import Env, Scope
from gateway.domain.message import Message, PartRow, Step, move
from gateway.domain.money import Charge
from gateway.domain.send import Acceptance
from gateway.domain.words import Priority, Status
from gateway.ports import Store
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.ledger import Ledger
from http_api import admin_openapi
from http_api.admin_money import AdminMoney
from http_api.auth import Authenticator
from http_api.problem import ProblemWriter
from http_api.proxies import TrustedProxies
from http_api.published import admin_openapi_route
from http_api.server import HttpServer
from http_api.settings import HttpSettings
from routing.pricefile import read_plan
from storage.open import open_store
from tests.unit.http_api.explored import nothing_unexplained

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLANS = {"standard": read_plan("standard", "prefix,price,currency\n44,0.0375,EUR\n", 6)}
PROBLEMS = ProblemWriter("https://errors.example/")
DOCUMENT = admin_openapi.document()
COMMITTED = Path(__file__).parents[3] / "http_api" / "openapi-admin.json"


@dataclass
class Admin:
    """A client of the listener with keys to choose from; every answer is held to the OpenAPI document."""

    client: aiohttp.ClientSession
    server: HttpServer
    store: Store
    accounts: Accounts
    keys: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "live", **headers: str
    ) -> tuple[int, Any]:
        """Status and body. `body`: what JSON is made of, or octets as they are."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "X-Api-Key": self.keys[key], **headers}
        if key == "none":
            del sent["X-Api-Key"]
        async with self.client.request(method, path, data=data, headers=sent) as answer:
            document = await answer.json(content_type=None)
            described(path.partition("?")[0], method, answer.status, document)
            return answer.status, document

    async def top_up(self, account: str = "acme", key: str = "live", **fields: Any) -> tuple[int, Any]:
        return await self.ask(
            "POST", f"/admin/accounts/{account}/top-ups", {"amount": "25", **fields}, key=key
        )

    async def balance(self, account: str = "acme", key: str = "live") -> dict[tuple[str, str], str]:
        status, found = await self.ask("GET", f"/admin/accounts/{account}/balance", key=key)
        assert status == 200
        return {(purse["env"], purse["currency"]): purse["balance"] for purse in found["purses"]}


def described(path: str, method: str, status: int, document: Any) -> None:
    """Hold an answer to what the document says of its route and status."""
    steps = path.split("/")
    template = "/".join(
        [*steps[:3], {"accounts": "{account}", "messages": "{messageId}"}[steps[2]], steps[4]]
    )
    responses = DOCUMENT["paths"][template][method.lower()]["responses"]
    assert str(status) in responses, (template, status, document)
    (content,) = responses[str(status)]["content"].values()
    jsonschema.validate(document, {**content["schema"], "components": DOCUMENT["components"]})


def clock() -> datetime:
    return NOW


@asynccontextmanager
async def an_admin() -> AsyncIterator[Admin]:
    """A listener over a store with the accounts acme, which is metered, and noc."""
    store = open_store("sqlite://")
    await store.open()
    accounts = Accounts(store, Secrets(bytes(32)), clock)
    await accounts.create("acme")
    await accounts.create("noc")
    await accounts.set("acme", {"rate_plan": "standard"}, None)
    admin = frozenset({Scope.ADMIN.value})
    keys = {
        "live": (await accounts.create_key("noc", Env.LIVE, admin))[1],
        "test": (await accounts.create_key("noc", Env.TEST, admin))[1],
        "tenant": (await accounts.create_key("acme", Env.LIVE, frozenset({Scope.SEND_SMS.value})))[1],
        "wrong": "sok_live_" + "x" * 40,
        "none": "",
    }
    ledger = Ledger(store, accounts, lambda: PLANS, clock)
    auth = Authenticator(accounts, None, TrustedProxies(()))
    routes = AdminMoney(ledger, PROBLEMS).routes(auth)
    server = HttpServer(
        "127.0.0.1:0", [*routes, admin_openapi_route(PROBLEMS.fault)], PROBLEMS.fault, HttpSettings()
    )
    await server.start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as client:
            yield Admin(client, server, store, accounts, keys)
    finally:
        await server.stop(1.0)
        await store.close()


@pytest.fixture
async def admin() -> AsyncIterator[Admin]:
    async with an_admin() as made:
        yield made


async def a_message(store: Store, *, env: Env = Env.LIVE, sent: bool = True) -> str:
    """A message of acme that has cost 0.0375 EUR; its id."""
    rate = PLANS["standard"].prices.of("+447700900123", 0.0)
    assert rate is not None
    message = Message(
        id=ids.new_id(NOW),
        account="acme",
        env=env,
        dialect="orchestrator",
        recipient="+447700900123",
        sender="+447700900999",
        body="hello",
        segment_count=1,
        priority=Priority.TRANSACTIONAL,
        accepted_at=NOW,
        expires_at=NOW,
        charge=Charge(rate.amount, rate.amount, "EUR"),
    )
    await store.accept([Acceptance([message], None, NOW)])

    def taken(found: Message, _rows: list[PartRow]) -> Step:
        step = Step(found)
        move(step, Status.SENT, NOW)
        return step

    if sent:
        await store.change([message.id], taken)
    return ids.text(message.id)


class TestBooking:
    """Top-ups and adjustments."""

    async def test_a_top_up(self, admin: Admin) -> None:
        status, document = await admin.top_up(note="paid")
        assert status == 201
        entry = document["entry"]
        assert (entry["kind"], entry["amount"], entry["currency"], entry["env"], entry["note"]) == (
            "top-up",
            "25",
            "EUR",
            "live",
            "paid",
        )
        assert document["purse"]["spendable"] == "25"
        assert await admin.balance() == {("live", "EUR"): "25", ("test", "EUR"): "0"}

    async def test_a_key_books_once(self, admin: Admin) -> None:
        path = "/admin/accounts/acme/top-ups"
        first = await admin.ask("POST", path, {"amount": "25"}, **{"Idempotency-Key": "invoice-7"})
        by_field = await admin.ask("POST", path, {"amount": "25.00", "key": "invoice-7"})
        assert (first[0], by_field[0]) == (201, 200)
        assert by_field[1]["entry"] == first[1]["entry"]
        status, problem = await admin.ask("POST", path, {"amount": "26", "key": "invoice-7"})
        assert (status, problem["code"]) == (409, "IDEMPOTENCY_CONFLICT")
        both = await admin.ask("POST", path, {"amount": "1", "key": "a"}, **{"Idempotency-Key": "b"})
        assert both[0] == 400
        assert (await admin.balance())["live", "EUR"] == "25"

    async def test_many_at_once_with_one_key_book_once(self, admin: Admin) -> None:
        statuses = [
            status
            for status, _ in await asyncio.gather(
                *[
                    admin.ask("POST", "/admin/accounts/acme/top-ups", {"amount": "25", "key": "k"})
                    for _ in range(8)
                ]
            )
        ]
        assert sorted(statuses) == [200] * 7 + [201]
        assert (await admin.balance())["live", "EUR"] == "25"

    async def test_an_adjustment_goes_either_way(self, admin: Admin) -> None:
        path = "/admin/accounts/acme/adjustments"
        assert (await admin.ask("POST", path, {"amount": "-3.5"}))[0] == 201
        assert (await admin.ask("POST", path, {"amount": "+1"}))[0] == 201
        assert (await admin.balance())["live", "EUR"] == "-2.5"

    async def test_another_currency(self, admin: Admin) -> None:
        status, document = await admin.top_up(currency="USD")
        assert (status, document["purse"]["spendable"]) == (201, "0")
        assert (await admin.balance())["live", "USD"] == "25"

    @pytest.mark.parametrize(
        ("literal", "booked"),
        [
            (b'"0.1"', "0.1"),
            (b"0.1", "0.1"),
            (b"123456789012.123456", "123456789012.123456"),  # a float would make it ...123459
            (b"25", "25"),
            (b"1e2", "100"),
            (b"0.1000000000000000055", None),  # a float would make it 0.1
            (b'"0.0000001"', None),
            (b'"1,5"', None),
            (b'"1e2"', None),
            (b'" 1"', None),
            (b'"NaN"', None),
            (b"NaN", None),
            (b"true", None),
            (b"null", None),
            (b"[1]", None),
            (b"0", None),
            (b"-1", None),
            (b"1e999999999", None),
            (b"9" * 5000, None),
        ],
    )
    async def test_every_digit_of_an_amount_is_read(
        self, admin: Admin, literal: bytes, booked: str | None
    ) -> None:
        status, document = await admin.ask(
            "POST", "/admin/accounts/acme/top-ups", b'{"amount": %b}' % literal
        )
        if booked is None:
            assert (status, document["code"]) == (400, "INVALID_PAYLOAD")
            assert await admin.balance() == {("live", "EUR"): "0", ("test", "EUR"): "0"}
        else:
            assert (status, document["entry"]["amount"]) == (201, booked)

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"amount": "1", "curency": "USD"}, "/curency"),
            ({"amount": "1", "env": "prod"}, "/env"),
            ({"amount": "1", "key": ""}, None),
            ({"amount": "1", "currency": "euro"}, None),
            ({"amount": "1", "note": "a\nb"}, None),
            ({}, "/amount"),
            ([], ""),
        ],
    )
    async def test_what_is_refused_books_nothing(self, admin: Admin, body: Any, pointer: str | None) -> None:
        status, document = await admin.ask("POST", "/admin/accounts/acme/top-ups", body)
        assert (status, document["code"]) == (400, "INVALID_PAYLOAD")
        if pointer is not None:
            assert document["errors"][0]["pointer"] == pointer
        assert await admin.balance() == {("live", "EUR"): "0", ("test", "EUR"): "0"}

    async def test_no_json_and_no_account(self, admin: Admin) -> None:
        assert (await admin.ask("POST", "/admin/accounts/acme/top-ups", b"{"))[0] == 400
        assert (await admin.ask("POST", "/admin/accounts/acme/top-ups", b"[" * 16_000))[0] == 400
        status, problem = await admin.top_up("nobody")
        assert (status, problem["code"]) == (404, "NOT_FOUND")
        assert "'nobody'" in problem["detail"]
        assert (await admin.ask("GET", "/admin/accounts/nobody/balance"))[0] == 404
        assert (await admin.ask("GET", "/admin/accounts/nobody/ledger"))[0] == 404


class TestWho:
    """API keys with the scope admin; those of the test environment for test money."""

    @pytest.mark.parametrize(
        ("key", "status"), [("none", 401), ("wrong", 401), ("tenant", 403), ("live", 201)]
    )
    async def test_a_tenant_s_key_tops_up_nothing(self, admin: Admin, key: str, status: int) -> None:
        assert (await admin.top_up(key=key))[0] == status

    async def test_no_token_and_no_proxy_speaks_for_the_noc(self, admin: Admin) -> None:
        path = "/admin/accounts/acme/balance"
        token = await admin.ask("GET", path, key="none", Authorization="Bearer e30.e30.e30")
        proxy = await admin.ask("GET", path, key="none", **{"X-Tenant-Id": "noc", "X-Api-Key-Id": "key_1"})
        assert (token[0], proxy[0]) == (401, 401)

    async def test_a_test_key_moves_test_money_alone(self, admin: Admin) -> None:
        status, document = await admin.top_up(key="test")
        assert (status, document["entry"]["env"]) == (201, "test")
        status, document = await admin.top_up(key="test", env="live")
        assert (status, document["code"]) == (403, "INSUFFICIENT_SCOPE")
        assert (await admin.top_up(env="test"))[0] == 201, "a live key may move both"
        assert await admin.balance(key="test") == {("test", "EUR"): "50"}
        ledger = "/admin/accounts/acme/ledger"
        assert (await admin.ask("GET", f"{ledger}?env=live", key="test"))[0] == 403
        refused = await admin.ask(
            "POST", f"/admin/messages/{await a_message(admin.store)}/refund", {}, key="test"
        )
        assert (refused[0], refused[1]["code"]) == (404, "MESSAGE_NOT_FOUND")


class TestRefund:
    """Of what was settled, once."""

    async def test_once(self, admin: Admin) -> None:
        await admin.top_up()
        path = f"/admin/messages/{await a_message(admin.store)}/refund"
        first, again = [await admin.ask("POST", path, {"note": "complaint"}) for _ in range(2)]
        assert (first[0], again[0]) == (201, 200)
        assert again[1]["entry"] == first[1]["entry"]
        assert (first[1]["entry"]["kind"], first[1]["entry"]["amount"]) == ("refund", "0.0375")
        assert (await admin.balance())["live", "EUR"] == "25"

    async def test_nothing_need_be_said_of_it(self, admin: Admin) -> None:
        await admin.top_up()
        headers = {"X-Api-Key": admin.keys["live"]}
        path = f"/admin/messages/{await a_message(admin.store)}/refund"
        async with admin.client.post(path, headers=headers, skip_auto_headers=["Content-Type"]) as answer:
            assert (answer.status, (await answer.json())["entry"]["note"]) == (201, None)
        async with admin.client.post(path, headers=headers, data=b"note=x") as answer:
            assert answer.status == 415
            assert "Send the body as application/json, in UTF-8" in (await answer.json())["detail"]

    async def test_not_of_one_that_is_under_way(self, admin: Admin) -> None:
        await admin.top_up()
        path = f"/admin/messages/{await a_message(admin.store, sent=False)}/refund"
        status, problem = await admin.ask("POST", path, {})
        assert (status, problem["code"]) == (409, "NOT_REFUNDABLE")
        assert "under way" in problem["detail"]

    @pytest.mark.parametrize("message_id", ["x", "019ca938-6200-7000-8000-000000000000"])
    async def test_there_is_no_such_message(self, admin: Admin, message_id: str) -> None:
        status, problem = await admin.ask("POST", f"/admin/messages/{message_id}/refund", {})
        assert (status, problem["code"]) == (404, "MESSAGE_NOT_FOUND")


class TestLedger:
    """Pages of entries."""

    async def test_pages_join_without_a_gap(self, admin: Admin) -> None:
        for number in range(5):
            await admin.top_up(amount=str(number + 1))
        amounts: list[str] = []
        path = "/admin/accounts/acme/ledger?limit=2"
        cursor: str | None = ""
        pages = 0
        while cursor is not None:
            status, page = await admin.ask("GET", path + (f"&cursor={cursor}" if cursor else ""))
            assert status == 200
            amounts += [entry["amount"] for entry in page["entries"]]
            cursor, pages = page["nextCursor"], pages + 1
        assert (amounts, pages) == (["5", "4", "3", "2", "1"], 3)

    async def test_filters(self, admin: Admin) -> None:
        await admin.top_up()
        message_id = await a_message(admin.store)
        path = "/admin/accounts/acme/ledger"
        _, page = await admin.ask("GET", f"{path}?kind=reservation&kind=settlement")
        assert [(entry["kind"], entry["id"]) for entry in page["entries"]] == [
            ("settlement", message_id),
            ("reservation", message_id),
        ]
        _, later = await admin.ask("GET", f"{path}?since=2026-03-02T00:00:00Z")
        _, earlier = await admin.ask("GET", f"{path}?until=2026-03-02T00:00:00%2B01:00")
        assert (len(later["entries"]), len(earlier["entries"])) == (0, 3)

    @pytest.mark.parametrize(
        "query", ["kind=gift", "env=prod", "limit=0", "limit=501", "limit=x", "since=soon", "cursor=x", "a=1"]
    )
    async def test_bad_parameters(self, admin: Admin, query: str) -> None:
        status, problem = await admin.ask("GET", f"/admin/accounts/acme/ledger?{query}")
        assert (status, problem["code"]) == (400, "INVALID_PAYLOAD")
        assert problem["errors"][0]["parameter"] == query.partition("=")[0]


class TestDocument:
    """What the OpenAPI document says."""

    def test_it_is_openapi_3_1(self) -> None:
        assert DOCUMENT["openapi"] == "3.1.0"
        validate(DOCUMENT)

    def test_the_committed_file_is_what_would_be_generated(self) -> None:
        assert COMMITTED.read_text() == admin_openapi.render(), "run: python -m gateway.generated"

    async def test_it_is_served_and_tells_of_every_route(self, admin: Admin) -> None:
        async with admin.client.get("/admin/openapi.json") as answer:
            assert await answer.text() == admin_openapi.render()
        ledger = Ledger(admin.store, admin.accounts, lambda: PLANS, clock)
        auth = Authenticator(admin.accounts, None, TrustedProxies(()))
        served = {(route.path, route.method.lower()) for route in AdminMoney(ledger, PROBLEMS).routes(auth)}
        paths = DOCUMENT["paths"].items()
        assert {(path, method) for path, operations in paths for method in operations} == served

    async def test_schemathesis_finds_no_unexplained_failure(self, admin: Admin, tmp_path: Path) -> None:
        """What is explained stands in schemathesis-admin.toml, each with its reason."""
        await admin.top_up()
        await nothing_unexplained(
            f"http://127.0.0.1:{admin.server.port}/admin/openapi.json",
            admin.keys["live"],
            Path(__file__).with_name("schemathesis-admin.toml"),
            tmp_path,
        )
        answers = admin.server.counters.answers
        assert answers["/admin/accounts/{account}/top-ups", 201] > 1
        assert answers["/admin/accounts/{account}/ledger", 200] > 1
        assert not any(status == 500 for _, status in answers)
