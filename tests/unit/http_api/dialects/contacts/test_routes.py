"""The contacts dialect through the socket, rule by rule of document 003 and of CONTRACTS.md."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import NextRoute
from gateway.domain.send import Send, Why
from gateway.domain.suppression import Suppression
from gateway.domain.words import Priority, Reason
from gateway.errors import StoreUnavailable
from http_api.dialects.contacts.words import OF_WHY, PRIORITY_OF_TYPE
from http_api.times import write_time
from tests.unit.gateway.services.rig import NOW
from tests.unit.http_api.dialects.contacts.conftest import LIST, POLICY, SEND, TERMS, World
from tests.unit.http_api.memory import LIVE_KEY, OTHER_KEY, READ_ONLY_KEY, TEST_KEY

ANNA, BERTA = "+573001234567", "+573009876543"
STARTED = write_time(NOW)
EMPTY = {"queueId": "", "channel": "sms", "messages": []}


def is_error(answer: tuple[int, dict[str, Any]], status: int, code: str, phrase: str) -> dict[str, Any]:
    """The body of an error, held to CONTRACTS.md: the shape `{statusCode, message, error}`."""
    found, body = answer
    assert (found, body["statusCode"], body["code"], body["error"]) == (status, status, code, phrase), body
    assert body["message"]
    return body


def recipients(body: dict[str, Any]) -> list[str]:
    return [message["recipient"] for message in body["messages"]]


class TestSend:
    """Document 003, "POST /api/messages/sms/contacts"."""

    async def test_the_example_of_the_document(self, ready: World) -> None:
        """ "Successful Response (201 Created)" """
        example = {
            "message": "Hello, this is a test message from SendMe",
            "contacts": ["3001234567", "3009876543"],
            "type": "SMS",
            "country": "CO",
        }
        async with ready.client.post(SEND, json=example) as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (201, "application/json")
            body = await answer.json()
        assert list(body) == ["queueId", "channel", "messages"]
        assert body["channel"] == "sms"
        assert body["queueId"].startswith("sms-queue-")
        assert recipients(body) == [ANNA, BERTA]
        assert [list(message) for message in body["messages"]] == [["id", "recipient"]] * 2
        for message in body["messages"]:
            kept = await ready.rig.message(uuid.UUID(message["id"]).bytes)
            assert (kept.recipient, kept.body) == (message["recipient"], example["message"])
            assert (kept.sender, kept.dialect, kept.priority) == ("ACME", "contacts", Priority.TRANSACTIONAL)

    async def test_one_commit_for_all(self, ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Issue: "10,000 contacts in one call in one commit group" """
        calls: list[int] = []
        accept = ready.rig.store.accept

        async def counted(acceptances: Any) -> Any:
            calls.append(len(acceptances[0].items))
            return await accept(acceptances)

        monkeypatch.setattr(ready.rig.store, "accept", counted)
        status, body = await ready.send([f"300{number:07d}" for number in range(10_000)], country="CO")
        assert (status, len(body["messages"]), calls) == (201, 10_000, [10_000])

    async def test_a_replay_is_byte_identical(self, ready: World) -> None:
        """CONTRACTS.md "Everywhere": "It serves every dialect that has the header." """
        ready.allow(Policy(default_sender="ACME", recipient_per_h=1))
        contacts = [ANNA, "nope", "+573001234568"]
        await ready.send([ANNA])
        first = await ready.send(contacts, idempotency="k")
        assert (first[0], recipients(first[1])) == (201, ["+573001234568"])
        assert [each["recipient"] for each in first[1]["refused"]] == [ANNA]
        assert await ready.send(contacts, idempotency="k") == first
        status, queue = await ready.get(f"{LIST}/queues/{first[1]['queueId']}")
        assert (status, queue["total"]) == (200, 1)

    async def test_a_key_stands_for_one_request(self, ready: World) -> None:
        await ready.send([ANNA], idempotency="k")
        is_error(await ready.send([BERTA], idempotency="k"), 409, "IDEMPOTENCY_CONFLICT", "Conflict")

    async def test_a_body_that_is_read_as_other_numbers_is_another_request(self, ready: World) -> None:
        ready.allow(Policy(default_sender="ACME", country="CO"))
        assert (await ready.send(["3001234567"], idempotency="k"))[0] == 201
        ready.allow(Policy(default_sender="ACME", country="IT"))
        answer = await ready.send(["3001234567"], idempotency="k")
        is_error(answer, 409, "IDEMPOTENCY_CONFLICT", "Conflict")

    async def test_a_replay_whose_messages_are_gone_says_so(
        self, ready: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ready.send([ANNA], idempotency="k")

        async def gone(_id: bytes) -> None:
            return None

        monkeypatch.setattr(ready.rig.store, "message", gone)
        body = is_error(await ready.send([ANNA], idempotency="k"), 409, "IDEMPOTENCY_CONFLICT", "Conflict")
        assert "no longer kept" in body["message"]

    async def test_what_cannot_be_kept_is_503(self, ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """CONTRACTS.md "Everywhere": "When the store is down: 503 `DEPENDENCY_UNAVAILABLE`" """

        async def down(_acceptances: Any) -> Any:
            raise StoreUnavailable("away")

        monkeypatch.setattr(ready.rig.store, "accept", down)
        is_error(await ready.send([ANNA]), 503, "DEPENDENCY_UNAVAILABLE", "Service Unavailable")

    async def test_other_methods(self, ready: World) -> None:
        async with ready.client.put(SEND, json={}) as answer:
            assert answer.headers["Allow"] == "POST"
            is_error((answer.status, await answer.json()), 405, "METHOD_NOT_ALLOWED", "Method Not Allowed")


class TestBody:
    """Document 003, "Request Body"."""

    async def test_the_type_defaults_to_sms(self, ready: World) -> None:
        """ "Message type (defaults to SMS)" """
        for _, body in (await ready.send([ANNA]), await ready.send([ANNA], type=None)):
            kept = await ready.rig.message(uuid.UUID(body["messages"][0]["id"]).bytes)
            assert kept.priority is Priority.TRANSACTIONAL

    @pytest.mark.parametrize("word", PRIORITY_OF_TYPE)
    async def test_types_are_classes_of_waiting(self, ready: World, word: str) -> None:
        """CONTRACTS.md: types are "mapped to the priority classes" """
        status, body = await ready.send([ANNA], type=word)
        assert status == 201
        kept = await ready.rig.message(uuid.UUID(body["messages"][0]["id"]).bytes)
        assert kept.priority is PRIORITY_OF_TYPE[word]

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({"contacts": []}, "message is required"),
            ({"message": "", "contacts": []}, "message should not be empty"),
            ({"message": 5, "contacts": []}, "message must be a string"),
            (
                {"message": "x" * 1601, "contacts": []},
                "message must be shorter than or equal to 1600 characters",
            ),
            ({"message": "a\0b", "contacts": []}, "message must not contain a NUL character"),
            ({"message": "\ud83d", "contacts": []}, "message must not contain half of a surrogate pair"),
            ({"message": "x"}, "contacts is required"),
            ({"message": "x", "contacts": "3001234567"}, "contacts must be an array"),
            ({"message": "x", "contacts": [3001234567]}, "each value in contacts must be a string"),
            (
                {"message": "x", "contacts": ["1"] * 10_001},
                "contacts must contain no more than 10000 elements",
            ),
            (
                {"message": "x", "contacts": [], "type": "FAX"},
                "type must be one of the following values: SMS, OTP, MARKETING, TRANSACTIONAL, PROMOTIONAL",
            ),
            (
                {"message": "x", "contacts": [], "country": "XX"},
                "country must be a valid ISO31661 Alpha2 code",
            ),
            (
                {"message": "x", "contacts": [], "country": "COL"},
                "country must be a valid ISO31661 Alpha2 code",
            ),
            ({"message": "x", "contacts": [], "country": 57}, "country must be a string"),
            ([], "the body must be an object"),
        ],
    )
    async def test_what_is_wrong_is_a_list_of_sentences(
        self, ready: World, body: object, sentence: str
    ) -> None:
        """CONTRACTS.md: "400 for an empty or over-long message"; `message` is a list, as the framework prints it."""
        async with ready.client.post(SEND, json=body) as answer:
            error = is_error((answer.status, await answer.json()), 400, "VALIDATION_FAILED", "Bad Request")
        assert error["message"] == [sentence]

    async def test_all_that_is_wrong_is_told_at_once(self, ready: World) -> None:
        _, error = await ready.send([1, 2], "", type="x", country="x")
        assert [sentence.split()[0] for sentence in error["message"]] == [
            "message",
            "each",
            "type",
            "country",
        ]

    async def test_what_is_no_json(self, ready: World) -> None:
        headers = {"Content-Type": "application/json"}
        async with ready.client.post(SEND, data=b"{", headers=headers) as answer:
            error = is_error((answer.status, await answer.json()), 400, "VALIDATION_FAILED", "Bad Request")
        assert "not JSON" in error["message"][0]

    async def test_1600_characters_are_counted_as_code_points(self, ready: World) -> None:
        """CONTRACTS.md "Everywhere": "Lengths are Unicode code points." """
        assert (await ready.send([ANNA], "\U0001f600" * 1600))[0] == 201

    async def test_fields_that_the_document_does_not_know_are_ignored(self, ready: World) -> None:
        assert (await ready.send([ANNA], sender="EVIL"))[0] == 201


class TestNumbers:
    """Document 003, "Operational Notes" and `country`."""

    async def test_local_numbers_need_a_country(self, ready: World) -> None:
        """ "Optional ISO 3166-1 alpha-2 code for number normalization" """
        assert await ready.send(["3001234567"]) == (200, EMPTY)
        assert recipients((await ready.send(["3001234567"], country="CO"))[1]) == [ANNA]
        assert recipients((await ready.send(["3001234567"], country="co"))[1]) == [ANNA]

    async def test_the_account_s_own_country_otherwise(self, ready: World) -> None:
        """CONTRACTS.md: "normalised with `country` (or the account's own)" """
        ready.allow(Policy(default_sender="ACME", country="CO"))
        assert recipients((await ready.send(["3001234567"]))[1]) == [ANNA]
        assert recipients((await ready.send(["3001234567"], country=None))[1]) == [ANNA]
        assert recipients((await ready.send(["07700 900123"], country="GB"))[1]) == ["+447700900123"]

    async def test_e164_needs_none(self, ready: World) -> None:
        """ "List of phone numbers (E.164 recommended)" """
        assert recipients((await ready.send([ANNA, "+44 7700 900123"], country="US"))[1]) == [
            ANNA,
            "+447700900123",
        ]

    async def test_each_number_once(self, ready: World) -> None:
        """ "The backend removes duplicated recipients per batch" """
        contacts = ["3001234567", ANNA, "300 123 4567", "(300) 987-6543", "573001234567"]
        assert recipients((await ready.send(contacts, country="CO"))[1]) == [ANNA, BERTA]

    async def test_invalid_ones_are_skipped_silently(self, ready: World) -> None:
        """ "silently skips invalid destinations" """
        contacts = ["", "12", "nobody", "+5730012345678901", "3001234567 ext 5", ANNA]
        status, body = await ready.send(contacts, country="CO")
        assert (status, recipients(body), "refused" in body) == (201, [ANNA], False)

    async def test_suppressed_ones_are_skipped_silently(self, ready: World) -> None:
        """CONTRACTS.md: "invalid ones and suppressed ones silently skipped" """
        await ready.rig.store.suppress([Suppression("acme", Env.LIVE, "", ANNA, "stop", NOW)])
        status, body = await ready.send([ANNA, BERTA])
        assert (status, recipients(body), "refused" in body) == (201, [BERTA], False)
        assert await ready.send([ANNA]) == (200, EMPTY)

    @pytest.mark.parametrize("contacts", [[], ["nobody"], ["12", ""]])
    async def test_nobody_to_write_to(self, ready: World, contacts: list[str]) -> None:
        """ "the service responds with `200 OK`, an empty `queueId`, and an empty `messages` array" """
        assert await ready.send(contacts) == (200, EMPTY)
        assert (await ready.get(LIST))[1]["messages"] == []


class TestSender:
    """CONTRACTS.md: "422 without a sender", which is the account's default."""

    async def test_without_one(self, ready: World) -> None:
        ready.allow(Policy())
        is_error(await ready.send([ANNA]), 422, "SENDER_MISSING", "Unprocessable Entity")

    async def test_with_one_that_it_may_not_use(self, ready: World) -> None:
        ready.allow(Policy(default_sender="ACME", allowed_senders=frozenset({"OTHER"})))
        is_error(await ready.send([ANNA]), 422, "SENDER_NOT_ALLOWED", "Unprocessable Entity")


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


class TestCallers:
    """Document 003, "Authentication"."""

    async def test_a_bearer_is_needed(self, ready: World) -> None:
        """ "Include the bearer token in `Authorization: Bearer <token>`." """
        del ready.client.headers["Authorization"]
        async with ready.client.post(SEND, json={"message": "x", "contacts": [ANNA]}) as answer:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            is_error((answer.status, await answer.json()), 401, "UNAUTHENTICATED", "Unauthorized")

    async def test_a_key_without_the_scope(self, ready: World) -> None:
        """CONTRACTS.md "Everywhere": "A valid key without the scope: 403 `INSUFFICIENT_SCOPE`." """
        is_error(await ready.send([ANNA], key=READ_ONLY_KEY), 403, "INSUFFICIENT_SCOPE", "Forbidden")

    async def test_another_tenant(self, ready: World) -> None:
        headers = {"X-Tenant-Id": "other"}
        async with ready.client.get(TERMS, headers=headers) as answer:
            is_error((answer.status, await answer.json()), 403, "TENANT_MISMATCH", "Forbidden")


class TestTerms:
    """Document 003: "Only members that accepted the current terms can trigger messaging actions; otherwise the service
    returns `403 Forbidden`." """

    async def test_who_has_not_accepted_is_told_the_version(self, world: World) -> None:
        """Issue: "403 with the current version" """
        body = is_error(await world.send([ANNA]), 403, "TERMS_NOT_ACCEPTED", "Forbidden")
        assert body["version"] == "1"
        is_error(await world.send([], ""), 403, "TERMS_NOT_ACCEPTED", "Forbidden")

    async def test_accepting_them(self, world: World) -> None:
        assert await world.get(TERMS) == (200, {"version": "1", "accepted": False, "acceptedAt": None})
        async with world.client.post(TERMS, json={"version": "1"}) as answer:
            assert answer.status == 201
            accepted = await answer.json()
        assert accepted == {"version": "1", "accepted": True, "acceptedAt": STARTED}
        assert await world.get(TERMS) == (200, accepted)
        assert (await world.send([ANNA]))[0] == 201

    async def test_it_is_recorded_with_time_and_address(self, world: World) -> None:
        """CONTRACTS.md: "acceptance per member, recorded with time and address" """
        world.allow(POLICY, member="ann")
        headers = {"X-Forwarded-For": "198.51.100.7"}
        async with world.client.post(TERMS, json={"version": "1"}, headers=headers) as answer:
            assert answer.status == 201
        kept = await world.rig.store.agreed("acme", "ann", "1")
        assert kept is not None
        assert (kept.at, kept.address) == (NOW, "198.51.100.7")

    async def test_a_member_s_other_key_has_accepted_too(self, world: World) -> None:
        """Issue: "members of an organisation as users with their own tokens" """
        for key in (LIVE_KEY, TEST_KEY):
            world.allow(POLICY, key, member="ann")
        world.allow(POLICY, OTHER_KEY, member="ann")
        await world.agree()
        assert (await world.send([ANNA], key=TEST_KEY))[0] == 201
        assert (await world.send([ANNA], key=OTHER_KEY))[0] == 403, "another account's ann"

    async def test_another_member_has_not(self, world: World) -> None:
        world.allow(POLICY, member="ann")
        await world.agree()
        world.allow(POLICY, member="bob")
        assert (await world.send([ANNA]))[0] == 403

    async def test_a_new_version_asks_again(self, ready: World) -> None:
        assert (await ready.send([ANNA]))[0] == 201
        ready.versions.append("2026-10")
        body = is_error(await ready.send([ANNA]), 403, "TERMS_NOT_ACCEPTED", "Forbidden")
        assert body["version"] == "2026-10"
        await ready.agree()
        assert (await ready.send([ANNA]))[0] == 201

    async def test_other_terms_than_the_current_ones(self, world: World) -> None:
        async with world.client.post(TERMS, json={"version": "0"}) as answer:
            body = is_error((answer.status, await answer.json()), 409, "TERMS_NOT_CURRENT", "Conflict")
        assert body["version"] == "1"
        assert (await world.send([ANNA]))[0] == 403

    @pytest.mark.parametrize("body", [{}, {"version": 1}, {"version": ""}, []])
    async def test_no_version(self, world: World, body: object) -> None:
        async with world.client.post(TERMS, json=body) as answer:
            is_error((answer.status, await answer.json()), 400, "VALIDATION_FAILED", "Bad Request")

    async def test_looking_needs_no_terms(self, world: World) -> None:
        """ "trigger messaging actions": looking is none."""
        assert (await world.get(LIST))[0] == 200

    async def test_any_credentials_may_ask_and_accept(self, world: World) -> None:
        assert (await world.get(TERMS, key=READ_ONLY_KEY))[0] == 200
        await world.agree(READ_ONLY_KEY)


class TestQueue:
    """Document 003: "Use the returned `queueId` to correlate delivery status ... via dedicated status endpoints."
    CONTRACTS.md: "its look-up gives counts per status and the messages, paged"."""

    async def test_counts_and_messages(self, ready: World) -> None:
        _, sent = await ready.send([ANNA, BERTA])
        path = f"{LIST}/queues/{sent['queueId']}"
        status, queue = await ready.get(path)
        assert status == 200
        assert list(queue) == ["queueId", "channel", "total", "counts", "messages", "nextCursor"]
        assert (queue["queueId"], queue["channel"], queue["total"]) == (sent["queueId"], "sms", 2)
        assert queue["counts"] == {
            "scheduled": 0,
            "queued": 2,
            "sent": 0,
            "delivered": 0,
            "undelivered": 0,
            "failed": 0,
            "canceled": 0,
        }
        assert recipients(queue) == [BERTA, ANNA], "newest first"
        ready.rig.operators["alpha"].answer(Took("ref-1"))
        ready.rig.operators["alpha"].answer(NextRoute(Reason.SPAM, "0x45"))
        await ready.rig.quiet()
        counts = (await ready.get(path))[1]["counts"]
        assert (counts["sent"], counts["queued"]) == (1, 1)

    async def test_pages(self, ready: World) -> None:
        _, sent = await ready.send([f"+57300000000{number}" for number in range(5)])
        await ready.send([ANNA])
        path, seen = f"{LIST}/queues/{sent['queueId']}", []
        params: dict[str, str] = {"limit": "2"}
        for expected in (2, 2, 1):
            async with ready.client.get(path, params=params) as answer:
                page = await answer.json()
                link = answer.headers.get("Link", "")
            assert (page["total"], len(page["messages"])) == (5, expected)
            seen += recipients(page)
            assert bool(link) == bool(page["nextCursor"])
            params["cursor"] = page["nextCursor"]
        assert page["nextCursor"] is None
        assert seen == [f"+57300000000{number}" for number in (4, 3, 2, 1, 0)]

    async def test_a_cursor_belongs_to_its_queue(self, ready: World) -> None:
        _, first = await ready.send([ANNA, BERTA])
        _, other = await ready.send([ANNA, BERTA])
        _, page = await ready.get(f"{LIST}/queues/{first['queueId']}", {"limit": "1"})
        answer = await ready.get(f"{LIST}/queues/{other['queueId']}", {"cursor": page["nextCursor"]})
        is_error(answer, 400, "VALIDATION_FAILED", "Bad Request")

    async def test_whose_it_is_not_finds_nothing(self, ready: World) -> None:
        """CONTRACTS.md "Everywhere": "Another account's message is 404, never 403; so is a message of the other
        environment." """
        _, sent = await ready.send([ANNA])
        for key in (OTHER_KEY, TEST_KEY):
            answer = await ready.get(f"{LIST}/queues/{sent['queueId']}", key=key)
            is_error(answer, 404, "NOT_FOUND", "Not Found")

    async def test_a_sub_tenant_sees_its_own(self, ready: World) -> None:
        _, sent = await ready.send([ANNA])
        ready.allow(POLICY, sub_tenant="shop")
        _, its_own = await ready.send([ANNA])
        assert (await ready.get(f"{LIST}/queues/{its_own['queueId']}"))[0] == 200
        assert (await ready.get(f"{LIST}/queues/{sent['queueId']}"))[0] == 404

    @pytest.mark.parametrize(
        "queue", ["sms-queue-12345", "sms-queue-" + "0" * 32, "0" * 32, "sms-queue-" + "G" * 32, "x"]
    )
    async def test_none_of_that_name(self, ready: World, queue: str) -> None:
        is_error(await ready.get(f"{LIST}/queues/{queue}"), 404, "NOT_FOUND", "Not Found")

    @pytest.mark.parametrize("path", [f"{LIST}/queues", f"{LIST}/queues/", f"{LIST}/a/b", "/api/terms/1"])
    async def test_no_path_of_this_dialect(self, ready: World, path: str) -> None:
        is_error(await ready.get(path), 404, "NOT_FOUND", "Not Found")


class TestList:
    """Document 003: "Each message persists provider metadata and can be audited through the messaging module
    filters." CONTRACTS.md: "recipient, status, from, to, cursor"."""

    async def test_a_message_with_its_provider(self, ready: World) -> None:
        _, sent = await ready.send([ANNA], "Hello there", type="OTP")
        _, page = await ready.get(LIST)
        assert page == {
            "messages": [
                {
                    "id": sent["messages"][0]["id"],
                    "queueId": sent["queueId"],
                    "channel": "sms",
                    "recipient": ANNA,
                    "sender": "ACME",
                    "message": "Hello there",
                    "type": "OTP",
                    "status": "queued",
                    "reason": None,
                    "segments": 1,
                    "createdAt": STARTED,
                    "updatedAt": STARTED,
                    "error": None,
                    "provider": {
                        "operatorId": "alpha",
                        "routeId": "all",
                        "attempts": 1,
                        "processedAt": None,
                        "error": None,
                    },
                }
            ],
            "nextCursor": None,
        }

    async def test_a_message_that_a_carrier_has_refused(self, ready: World) -> None:
        _, sent = await ready.send([ANNA])
        ready.rig.later(5)
        ready.rig.operators["alpha"].answer(NextRoute(Reason.SPAM, "0x45"))
        await ready.rig.quiet()
        _, page = await ready.get(LIST)
        (message,) = page["messages"]
        assert message["id"] == sent["messages"][0]["id"]
        assert (message["error"]["code"], message["provider"]["error"]) == ("spam", "0x45")
        assert message["error"]["at"] == write_time(NOW + timedelta(seconds=5))

    async def test_of_every_dialect(self, ready: World) -> None:
        """Issue: "a message sent by one can be read (in its own words) by every other" """
        await ready.rig.accept(Send("orchestrator", BERTA, "ACME", "by another door"), caller=ready.caller)
        (message,) = (await ready.get(LIST))[1]["messages"]
        assert (message["message"], message["queueId"], message["type"]) == ("by another door", None, "SMS")

    async def test_filters(self, ready: World) -> None:
        await ready.send([ANNA])
        ready.rig.later(60)
        await ready.send([BERTA])
        minute = write_time(NOW + timedelta(seconds=30))
        for params, expected in (
            ({"recipient": ANNA}, [ANNA]),
            ({"recipient": "+57 300 1234567"}, [ANNA]),
            ({"recipient": "nobody"}, []),
            ({"status": "queued"}, [BERTA, ANNA]),
            ({"status": "delivered"}, []),
            ({"from": minute}, [BERTA]),
            ({"to": minute}, [ANNA]),
            ({"from": minute, "recipient": ANNA}, []),
            ({"from": STARTED}, [BERTA, ANNA]),
            ({"to": STARTED}, []),
        ):
            status, page = await ready.get(LIST, params)
            assert (status, recipients(page)) == (200, expected), params

    async def test_a_local_number_of_the_account_s_country(self, ready: World) -> None:
        await ready.send([ANNA, BERTA])
        ready.allow(Policy(default_sender="ACME", country="CO"))
        assert recipients((await ready.get(LIST, {"recipient": "3001234567"}))[1]) == [ANNA]
        async with ready.client.get(f"{LIST}?recipient={ANNA}") as answer:  # its plus arrives as a space
            assert recipients(await answer.json()) == [ANNA]

    async def test_pages(self, ready: World) -> None:
        await ready.send([ANNA, BERTA, "+573000000000"])
        _, first = await ready.get(LIST, {"limit": "2", "status": "queued"})
        _, second = await ready.get(LIST, {"limit": "2", "cursor": first["nextCursor"]})
        assert recipients(first) + recipients(second) == ["+573000000000", BERTA, ANNA]
        assert second["nextCursor"] is None
        other = {"cursor": first["nextCursor"], "status": "failed"}
        is_error(await ready.get(LIST, other), 400, "VALIDATION_FAILED", "Bad Request")

    @pytest.mark.parametrize(
        ("params", "sentence"),
        [
            ({"limit": "0"}, "limit must be a number from 1 to 100"),
            ({"limit": "101"}, "limit must be a number from 1 to 100"),
            ({"status": "QUEUED"}, "status must be one of the following values: scheduled, queued, sent, "),
            ({"from": "yesterday"}, "from must be a time like 2026-04-18T10:00:00Z"),
            ({"to": "2026-04-18"}, "to must be a time like 2026-04-18T10:00:00Z"),
            (
                {"cursor": "abc"},
                "cursor is not one of yours: take it from the Link header of the page before",
            ),
            ({"recipient": "\0"}, "recipient must have 1 to 64 characters, and no NUL among them"),
            ({"recipient": "1" * 65}, "recipient must have 1 to 64 characters"),
            ({f"p{n}": "" for n in range(101)}, "the query must have at most 100 parameters"),
            ({"page": "2"}, "property page should not exist"),
        ],
    )
    async def test_what_is_wrong_with_a_filter(
        self, ready: World, params: dict[str, str], sentence: str
    ) -> None:
        error = is_error(await ready.get(LIST, params), 400, "VALIDATION_FAILED", "Bad Request")
        (said,) = error["message"]
        assert said.startswith(sentence)

    async def test_given_twice(self, ready: World) -> None:
        async with ready.client.get(f"{LIST}?limit=1&limit=2") as answer:
            error = is_error((answer.status, await answer.json()), 400, "VALIDATION_FAILED", "Bad Request")
        assert error["message"] == ["limit must be given once"]

    async def test_another_account_s_are_not_there(self, ready: World) -> None:
        await ready.send([ANNA])
        for key in (OTHER_KEY, TEST_KEY):
            assert (await ready.get(LIST, key=key))[1]["messages"] == []


async def test_others_are_answered_meanwhile(ready: World) -> None:
    """A list of 10,000 is normalised in slices: the loop turns in between."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(turn())
    try:
        assert (await ready.send(["12"] * 10_000))[0] == 200
    finally:
        other.cancel()
    assert turns > 10_000 / 64
