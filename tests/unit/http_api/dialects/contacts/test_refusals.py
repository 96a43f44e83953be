"""The contacts dialect through the socket: money and limits, which refuse some recipients or all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.send import Why
from gateway.domain.suppression import Suppression
from http_api.dialects.contacts.words import OF_WHY
from tests.unit.gateway.services.rig import NOW
from tests.unit.http_api.dialects.contacts.conftest import ANNA, BERTA, LIST, World, is_error, recipients


class TestMoney:
    """Document 003: "Balance validation runs before queuing; insufficient credits return an error response without
    enqueuing messages." """

    METERED = Policy(default_sender="ACME", rate_plan="standard")

    async def test_not_enough_for_all_is_nothing_for_all(self, ready: World) -> None:
        ready.allow(self.METERED)
        await ready.pay("0.49")
        body = is_error(await ready.send([ANNA, BERTA]), 402, "INSUFFICIENT_BALANCE", "Payment Required")
        assert "messages" not in body
        assert await ready.balance() == Decimal("0.49")
        assert (await ready.get(LIST))[1]["messages"] == []

    async def test_enough_for_those_that_are_left(self, ready: World) -> None:
        ready.allow(self.METERED)
        await ready.pay("0.5")
        await ready.rig.store.suppress([Suppression("acme", Env.LIVE, "", "+573000000000", "stop", NOW)])
        status, body = await ready.send([ANNA, BERTA, "+573000000000", "nobody"])
        assert (status, recipients(body)) == (201, [ANNA, BERTA])
        assert await ready.balance() == 0

    async def test_the_cap_of_a_day(self, ready: World) -> None:
        ready.allow(Policy(default_sender="ACME", rate_plan="standard", spend_per_day=Decimal("0.3")))
        await ready.pay("10")
        is_error(await ready.send([ANNA, BERTA]), 402, "SPENDING_CAP_REACHED", "Payment Required")
        assert (await ready.send([ANNA]))[0] == 201

    async def test_a_key_of_a_refused_request_is_free(self, ready: World) -> None:
        """CONTRACTS.md "Everywhere": "a refusal frees the key" """
        ready.allow(self.METERED)
        await ready.pay("0.1")
        assert (await ready.send([ANNA], idempotency="k"))[0] == 402
        await ready.pay("1")
        assert (await ready.send([ANNA], idempotency="k"))[0] == 201


class TestLimits:
    """What the account's limits refuse: told when nothing is left, listed when a part is."""

    @pytest.mark.parametrize(
        ("policy", "contacts", "why", "refused"),
        [
            (
                Policy(allowed_countries=frozenset({"CO"})),
                [ANNA, "+447700900123"],
                Why.COUNTRY_NOT_ALLOWED,
                ["+447700900123"],
            ),
            (Policy(recipient_per_h=1), [BERTA, ANNA], Why.TOO_MANY_TO_RECIPIENT, [ANNA]),
            (
                Policy(prefix_per_h=2),
                ["+573000000001", "+573000000002", "+573000000003"],
                Why.TOO_MANY_TO_PREFIX,
                ["+573000000003"],
            ),
            (
                Policy(numbers_in_a_row=2),
                ["+573000000001", "+573000000002", ANNA],
                Why.NUMBERS_IN_A_ROW,
                ["+573000000002"],
            ),
            (
                Policy(rate_plan="standard"),
                [BERTA, "+447700900123"],
                Why.NOT_PRICED,
                ["+447700900123"],
            ),
        ],
    )
    async def test_a_part_is_refused(
        self, ready: World, policy: Policy, contacts: list[str], why: Why, refused: list[str]
    ) -> None:
        await ready.pay("10")
        ready.allow(replace(policy, default_sender="ACME"))
        assert (await ready.send([ANNA]))[0] == 201
        status, body = await ready.send(contacts)
        told = body["refused"]
        assert status == 201
        assert [(each["recipient"], each["code"]) for each in told] == [
            (recipient, OF_WHY[why].code) for recipient in refused
        ]
        assert all(each["message"] for each in told)
        assert recipients(body) == [contact for contact in contacts if contact not in refused]
        answer = await ready.send(refused)
        assert (answer[0], answer[1]["code"]) == OF_WHY[why], "nobody else is left"

    async def test_all_is_refused(self, ready: World) -> None:
        ready.allow(Policy(default_sender="ACME", max_segments=1))
        is_error(await ready.send([ANNA, BERTA], "x" * 161), 422, "TOO_MANY_SEGMENTS", "Unprocessable Entity")

    async def test_too_many_a_second(self, ready: World) -> None:
        ready.allow(Policy(default_sender="ACME", rate_per_s=1))
        assert (await ready.send([ANNA]))[0] == 201
        is_error(await ready.send([ANNA]), 429, "RATE_LIMITED", "Too Many Requests")
