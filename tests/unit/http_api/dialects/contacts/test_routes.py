"""The contacts dialect through the socket, rule by rule of document 003 and of CONTRACTS.md: sending to a list."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.suppression import Suppression
from gateway.domain.words import Priority
from gateway.errors import StoreUnavailable
from http_api.dialects.contacts.words import PRIORITY_OF_TYPE
from tests.unit.gateway.services.rig import NOW
from tests.unit.http_api.dialects.contacts.conftest import (
    ANNA,
    BERTA,
    EMPTY,
    LIST,
    SEND,
    World,
    is_error,
    recipients,
)


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
