"""Document 002, sentence by sentence; docs/outbox.md lists which test stands for which."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.outcome import Accepted, NextRoute
from gateway.domain.words import PartState, Reason
from http_api.times import read_time, write_time
from tests.unit.http_api.dialects.outbox.conftest import (
    EXPORT,
    LIST,
    POLICY,
    RECIPIENT,
    RESEND,
    SEND,
    World,
    error,
)

FIELDS = [
    "outboxId",
    "userId",
    "recipientPhoneNumber",
    "message",
    "senderId",
    "messageId",
    "smsUnitsUsed",
    "costPerUnit",
    "totalCost",
    "status",
    "timestamps",
    "retryCount",
    "tags",
    "customData",
]
"""The table's fields, without the optional `errorDetails`."""


async def test_it_sends_a_single_sms_and_logs_it(world: World) -> None:
    """ "This endpoint sends a single SMS and logs all SMS activities in an Outbox." """
    identity = await world.sent("Hello")
    (part,) = world.rig.operators["alpha"].written
    assert part.payload == "Hello"
    assert await world.listed() == [identity]


async def test_what_failed_can_be_resent(world: World) -> None:
    """ "If an SMS fails to send, the user can resend it from the outbox." "Failed SMS can be retried via the Outbox
    Resend Endpoint." "Users can resend failed SMS directly from the outbox using a separate endpoint." """
    identity = await world.failed("Hello")
    answer = await world.ask("POST", "/api/sms/outbox/resend", json={"outboxId": identity})
    assert answer.status == 201
    assert answer.json["outboxId"] == identity
    assert [part.payload for part in world.rig.operators["alpha"].written] == ["Hello", "Hello"]
    await world.deliver("r1")
    assert (await world.entry(identity))["status"] == "sent"


async def test_an_entry_has_timestamps_status_and_costs(world: World) -> None:
    """ "Each outbox entry contains timestamps, statuses, and SMS cost details for reconciliation and auditing." "Each
    log includes the SMS details, costs, status, and timestamps." """
    entry = await world.entry(await world.sent("Hello"))
    assert list(entry) == [*FIELDS, "attempts"]
    assert {"createdAt", "sentAt", "lastAttemptAt"} == entry["timestamps"].keys()
    assert (entry["status"], entry["totalCost"], entry["message"]) == ("pending", Decimal("0.025"), "Hello")


async def test_method_and_url(world: World) -> None:
    """ "Method: POST", "URL: /api/sms/send"."""
    answer = await world.ask(
        "POST", "/api/sms/send", json={"recipientPhoneNumber": RECIPIENT, "message": "Hello"}
    )
    assert answer.status == 201
    answer = await world.ask("GET", "/api/sms/send")
    error(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "POST"


async def test_the_response_is_the_entry(world: World) -> None:
    """ "The response now includes the Outbox entry details." """
    answer = await world.send("Hello", tags=["OTP"], customData={"purpose": "login"})
    assert list(answer.json) == FIELDS
    entry = await world.entry(answer.json["outboxId"])
    assert {name: entry[name] for name in FIELDS} == answer.json


TYPES: list[tuple[str, type | tuple[type, ...]]] = [
    ("outboxId", str),
    ("userId", str),
    ("recipientPhoneNumber", str),
    ("message", str),
    ("senderId", str),
    ("messageId", str),
    ("smsUnitsUsed", int),
    ("costPerUnit", Decimal),
    ("totalCost", Decimal),
    ("status", str),
    ("timestamps", dict),
    ("retryCount", int),
    ("errorDetails", str),
    ("tags", list),
    ("customData", dict),
]


@pytest.mark.parametrize(("name", "kind"), TYPES)
async def test_every_field_of_the_table_has_its_type(world: World, name: str, kind: type) -> None:
    """ "The Outbox will store all sent SMS with the following fields", of an entry that failed after it was sent."""
    identity = await world.sent("Hello", tags=["OTP"], customData={"a": 1})
    await world.take("r1")
    await world.tell("r1", state=PartState.FAILED, reason=Reason.ABSENT)
    entry = await world.entry(identity)
    assert type(entry[name]) is kind
    assert entry.keys() == {name for name, _ in TYPES} | {"attempts"}


class TestFields:
    """The table's third column: what each field is."""

    async def test_outbox_id(self, world: World) -> None:
        """ "Unique identifier for the outbox entry." It stays when the message is sent again."""
        first, second = await world.failed(), await world.failed()
        assert first != second
        assert (await world.resend(first)).json["outboxId"] == first

    async def test_user_id(self, world: World) -> None:
        """ "The user who initiated the SMS.": the key's member; of a key without one its id."""
        assert (await world.send()).json["userId"] == "key_1"
        world.allow(member="ann@example.com")
        answer = await world.send(userId="somebody else")
        assert answer.json["userId"] == "ann@example.com", "never the body's"
        assert (await world.entry(answer.json["outboxId"]))["userId"] == "ann@example.com"

    async def test_recipient_phone_number(self, world: World) -> None:
        """ "The phone number of the recipient." """
        entry = await world.entry(await world.sent(recipientPhoneNumber="+447700900321"))
        assert entry["recipientPhoneNumber"] == "+447700900321"

    async def test_message(self, world: World) -> None:
        """ "The SMS content." """
        assert (await world.entry(await world.sent("Grüße 🎉\n")))["message"] == "Grüße 🎉\n"

    async def test_sender_id(self, world: World) -> None:
        """ "The sender ID used for the SMS.": also where it is the account's default."""
        assert (await world.send(senderId="+447700900999")).json["senderId"] == "+447700900999"
        assert (await world.send()).json["senderId"] == "ACME"

    async def test_message_id(self, world: World) -> None:
        """ "Unique identifier for the message.": that of the newest attempt."""
        identity = await world.failed()
        first = (await world.entry(identity))["messageId"]
        second = (await world.resend(identity)).json["messageId"]
        entry = await world.entry(identity)
        assert first != second == entry["messageId"]
        assert [attempt["messageId"] for attempt in entry["attempts"]] == [first, second]

    async def test_sms_units_used(self, world: World) -> None:
        """ "Number of SMS units charged for the message.": segments; none where the price was given back."""
        identity = await world.sent("x" * 161)
        assert (await world.entry(identity))["smsUnitsUsed"] == 2
        await world.fail()
        assert (await world.entry(identity))["smsUnitsUsed"] == 0

    async def test_cost_per_unit(self, world: World) -> None:
        """ "Cost of each SMS unit (retrieved from SMS cost model).": the rate plan's at send time."""
        answer = await world.send("x" * 161)
        assert b'"costPerUnit":0.025,' in answer.body
        world.allow(replace(POLICY, rate_plan=None))
        assert (await world.entry(answer.json["outboxId"]))["costPerUnit"] == Decimal("0.025")
        assert (await world.send()).json["costPerUnit"] == 0, "an account that is not metered"

    async def test_total_cost(self, world: World) -> None:
        """ "Total cost for sending the SMS.": an exact number, of all attempts, as the ledger has it."""
        answer = await world.send("x" * 400)
        assert b'"totalCost":0.075,' in answer.body, "and not 0.07500000000000001"
        identity = answer.json["outboxId"]
        await world.take("r1")
        await world.tell("r1", state=PartState.FAILED, reason=Reason.ABSENT)
        again = await world.resend(identity)
        assert b'"totalCost":0.15,' in again.body
        assert again.json["smsUnitsUsed"] == 6
        await world.fail()
        entry = await world.entry(identity)
        assert entry["totalCost"] == Decimal("0.075"), "the second was given back"
        assert entry["smsUnitsUsed"] * entry["costPerUnit"] == entry["totalCost"]

    async def test_retry_count(self, world: World) -> None:
        """ "Number of retry attempts for the SMS." """
        identity = await world.failed()
        for count in (1, 2):
            assert (await world.resend(identity)).json["retryCount"] == count
            await world.fail()
        assert (await world.entry(identity))["retryCount"] == 2

    async def test_error_details(self, world: World) -> None:
        """ "Optional: Reason for failure, if applicable." """
        identity = await world.sent()
        assert "errorDetails" not in await world.entry(identity)
        await world.fail()
        entry = await world.entry(identity)
        assert entry["errorDetails"] == "rejected_by_carrier: refused by alpha: ESME_RSUBMITFAIL"
        await world.resend(identity)
        await world.deliver("r1")
        entry = await world.entry(identity)
        assert "errorDetails" not in entry
        assert (
            entry["attempts"][0]["errorDetails"] == "rejected_by_carrier: refused by alpha: ESME_RSUBMITFAIL"
        )

    async def test_tags(self, world: World) -> None:
        """ "Tags for tracking the SMS (e.g., notification, OTP)." """
        identity = await world.failed(tags=["notification", "OTP", "notification"])
        assert (await world.entry(identity))["tags"] == ["notification", "OTP"]
        await world.sent(tags=["other"])
        assert await world.listed(tag="OTP") == [identity]
        assert (await world.resend(identity)).json["tags"] == ["notification", "OTP"]
        assert await world.listed(tag="OTP") == [identity]

    async def test_custom_data(self, world: World) -> None:
        """ "Optional metadata (e.g., purpose, linkedTransactionId)." """
        data = {"purpose": "login", "linkedTransactionId": 7, "order": {"lines": [1, 2.5, None, True]}}
        identity = await world.failed(customData=data)
        assert (await world.entry(identity))["customData"] == data
        assert (await world.resend(identity)).json["customData"] == data
        assert (await world.send()).json["customData"] == {}


class TestStatuses:
    async def test_sent(self, world: World) -> None:
        """ "sent: The SMS was successfully delivered to the recipient." What a carrier has taken is not yet."""
        identity = await world.sent()
        await world.take("r1")
        assert (await world.entry(identity))["status"] == "pending"
        await world.tell("r1")
        assert (await world.entry(identity))["status"] == "sent"

    async def test_sent_where_there_are_no_receipts(self, world: World) -> None:
        """The same, by an operator that is asked for no receipts: nothing more will ever be known."""
        identity = await world.sent()
        await world.take("r1", receipt=False)
        entry = await world.entry(identity)
        assert entry["status"] == "sent"
        assert entry["timestamps"]["sentAt"] == entry["timestamps"]["lastAttemptAt"] is not None
        assert await world.listed(status="sent") == [identity]
        assert await world.listed(status="pending") == []

    @pytest.mark.parametrize("beside", [{}, {"tag": "a"}, {"sender": "ACME"}, {"recipient": RECIPIENT}])
    async def test_each_word_lists_its_own_where_some_carriers_give_receipts(
        self, world: World, beside: dict[str, str]
    ) -> None:
        """To the core both are `sent`."""
        over = await world.sent(tags=["a"])
        await world.take("r1", receipt=False)
        waits = await world.sent(tags=["a"])
        await world.take("r2")
        assert await world.listed(status="sent", **beside) == [over]
        assert await world.listed(status="pending", **beside) == [waits]
        for word, identity in (("sent", over), ("pending", waits)):
            answer = await world.ask("GET", EXPORT, params={"status": word, **beside})
            assert [line.partition(",")[0] for line in answer.body.decode().splitlines()[1:]] == [identity]

    async def test_sent_when_the_carrier_that_had_it_last_took_it(self, world: World) -> None:
        """Not when another one had refused it."""
        identity = await world.sent("Hello")
        world.rig.operators["alpha"].answer(NextRoute(Reason.CARRIER_ERROR, "ESME_RSYSERR"))
        await world.rig.claim()
        world.rig.later(30)
        world.rig.operators["beta"].answer(Accepted("b1", receipt=False))
        await world.rig.quiet()
        taken_at = write_time(world.rig.now)
        times = (await world.entry(identity))["timestamps"]
        assert times["sentAt"] == times["lastAttemptAt"] == taken_at

    @pytest.mark.parametrize("state", [PartState.FAILED, PartState.UNDELIVERABLE])
    async def test_failed(self, world: World, state: PartState) -> None:
        """ "failed: The SMS could not be sent (e.g., network error)." """
        identity = await world.sent()
        await world.take("r1")
        await world.tell("r1", state=state, reason=Reason.EXPIRED)
        assert (await world.entry(identity))["status"] == "failed"
        assert (await world.entry(await world.failed()))["status"] == "failed"

    async def test_pending(self, world: World) -> None:
        """ "pending: The SMS is scheduled or queued for sending." """
        queued = await world.sent()
        when = write_time(world.rig.now + timedelta(hours=1))
        scheduled = await world.send(scheduledAt=when)
        assert scheduled.json["scheduledAt"] == when
        entry = await world.entry(scheduled.json["outboxId"])
        assert (entry["status"], entry["scheduledAt"]) == ("pending", when)
        assert (await world.entry(queued))["status"] == "pending"
        assert len(world.rig.operators["alpha"].written) == 1, "the scheduled one waits"
        world.rig.later(3600)
        await world.rig.claim()
        assert len(world.rig.operators["alpha"].written) == 2

    async def test_all_are_logged(self, world: World) -> None:
        """ "All SMS are logged in the Outbox, regardless of status (sent, failed, pending)." """
        failed = await world.failed()
        sent = await world.sent()
        await world.deliver("r1")
        pending = await world.sent()
        assert await world.listed() == [pending, sent, failed]
        for word, identity in (("sent", sent), ("failed", failed), ("pending", pending)):
            assert await world.listed(status=word) == [identity]
        assert await world.listed(status=["sent", "failed"]) == [sent, failed]


class TestTimestamps:
    async def test_created_at(self, world: World) -> None:
        """ "createdAt: When the SMS was logged in the outbox." It stays when it is sent again."""
        identity = await world.failed()
        created = (await world.entry(identity))["timestamps"]["createdAt"]
        again = (await world.resend(identity)).json
        assert again["timestamps"]["createdAt"] == created
        entry = await world.entry(identity)
        assert entry["timestamps"]["createdAt"] == created
        assert entry["attempts"][0]["createdAt"] == created < entry["attempts"][1]["createdAt"]

    async def test_sent_at(self, world: World) -> None:
        """ "sentAt: When the SMS was successfully sent." """
        identity = await world.sent()
        await world.take("r1")
        assert (await world.entry(identity))["timestamps"]["sentAt"] is None
        await world.tell("r1")
        receipt_at = world.rig.now
        assert (await world.entry(identity))["timestamps"]["sentAt"] == write_time(receipt_at)

    async def test_last_attempt_at(self, world: World) -> None:
        """ "lastAttemptAt: The timestamp of the most recent attempt to send the SMS." """
        identity = await world.sent()
        assert (await world.entry(identity))["timestamps"]["lastAttemptAt"] is None, (
            "no carrier was asked yet"
        )
        await world.fail()
        first = (await world.entry(identity))["timestamps"]["lastAttemptAt"]
        assert first is not None
        again = (await world.resend(identity)).json
        assert again["timestamps"]["lastAttemptAt"] == first
        await world.take("r1")
        later = (await world.entry(identity))["timestamps"]["lastAttemptAt"]
        assert read_time(later) == world.rig.now - timedelta(seconds=1)
        assert later > first


class TestRetries:
    async def test_the_limit_is_three_by_itself(self, world: World) -> None:
        """ "The system caps retries at a configurable limit (e.g., 3 attempts)." """
        identity = await world.failed()
        for _ in range(3):
            assert (await world.resend(identity)).status == 201
            await world.fail()
        error(await world.resend(identity), 409, "RETRY_LIMIT_REACHED")
        assert (await world.entry(identity))["retryCount"] == 3

    async def test_the_limit_is_the_accounts(self, world: World) -> None:
        """ "Maximum retry attempts are configurable to prevent abuse." "Configurable alert thresholds and retry
        limits." """
        world.allow(replace(POLICY, resend_limit=1))
        identity = await world.failed()
        assert (await world.resend(identity)).status == 201
        await world.fail()
        error(await world.resend(identity), 409, "RETRY_LIMIT_REACHED")
        world.allow(replace(POLICY, resend_limit=2))
        assert (await world.resend(identity)).status == 201

    async def test_method_and_url_of_the_resend(self, world: World) -> None:
        """ "Resend SMS Endpoint: Method: POST, URL: /api/sms/outbox/resend"."""
        error(await world.ask("GET", "/api/sms/outbox/resend"), 405, "METHOD_NOT_ALLOWED")
        assert (await world.ask("POST", "/api/sms/outbox/resend", json={})).status == 400


class TestCosts:
    async def test_costs_are_kept_for_each_sms(self, world: World) -> None:
        """ "Costs are calculated per unit and stored in the Outbox for each SMS transaction." """
        identity = await world.sent("x" * 161)
        await world.take("r1")
        await world.tell("r1", state=PartState.FAILED, reason=Reason.ABSENT)
        await world.resend(identity)
        entry = await world.entry(identity)
        for attempt in entry["attempts"]:
            assert attempt["cost"] == attempt["smsUnitsUsed"] * attempt["costPerUnit"] == Decimal("0.05")
            assert attempt["currency"] == "EUR"
        assert entry["totalCost"] == Decimal("0.1")

    async def test_the_costs_of_all_entries_are_what_the_balance_has_lost(self, world: World) -> None:
        """ "This ensures reconciliation and transparency for both users and admins." """
        for number, outcome in enumerate((Accepted("a"), Accepted("b"), None, None)):
            identity = await world.sent("x" * 161, recipientPhoneNumber=f"+44770090010{number}")
            if outcome is None:
                await world.fail()
                await world.resend(identity)
            world.rig.operators["alpha"].answer(outcome or Accepted(f"c{number}"))
            await world.rig.quiet()
        listed = (await world.ask("GET", LIST)).json["items"]
        (balance,) = await world.rig.store.balances("acme")
        assert sum(item["totalCost"] for item in listed) == 10 - balance.balance == Decimal("0.2")


async def test_tags_and_custom_data_are_optional(world: World) -> None:
    """ "Optional fields (tags, customData) allow for flexible tracking and categorization of SMS." """
    nothing: list[dict[str, object]] = [
        {},
        {"tags": None, "customData": None},
        {"tags": [], "customData": {}},
    ]
    for given in nothing:
        answer = await world.ask(
            "POST", SEND, json={"recipientPhoneNumber": RECIPIENT, "message": "x", **given}
        )
        assert (answer.status, answer.json["tags"], answer.json["customData"]) == (201, [], {})
    error(await world.ask("POST", RESEND, json={"outboxId": answer.json["outboxId"]}), 409, "NOT_FAILED")
