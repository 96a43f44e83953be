"""The preview through the socket: what it tells, what it refuses, and that it keeps nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from http_api.dialects.orchestrator.preview import WORD_OF_ALPHABET, PreviewAnswer
from routing.alphabet import Alphabet
from tests.unit.http_api.conftest import Api
from tests.unit.http_api.dialects.orchestrator.test_routes import EXAMPLE, as_key, problem_of
from tests.unit.http_api.memory import LIVE_KEY, READ_ONLY_KEY

PREVIEW = "/v1/sms/preview"


async def preview(api: Api, body: str, **fields: str) -> dict[str, Any]:
    """The answer, held to its own schema."""
    async with api.client.post(PREVIEW, json={"body": body, **fields}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store"), await answer.text()
        found: dict[str, Any] = await answer.json()
    assert PreviewAnswer.model_validate(found).model_dump(by_alias=True) == found
    return found


def allow(api: Api, **settings: object) -> None:
    """Set the account's policy."""
    caller = api.accounts.keys[LIVE_KEY]
    policy = replace(caller.policy, **settings)  # type: ignore[arg-type]
    api.accounts.keys[LIVE_KEY] = replace(caller, policy=policy)


async def test_the_body_of_a_send_is_previewed_as_it_is_and_not_kept(api: Api) -> None:
    async with api.client.post(PREVIEW, json=EXAMPLE) as answer:
        found = await answer.json()
    assert found == {
        "alphabet": "GSM7",
        "nationalTables": None,
        "segmentCount": 1,
        "units": 19,
        "unitsPerSegment": 160,
        "unitsLeft": 141,
        "segments": [{"segment": 1, "text": "Your code is 123456", "units": 19}],
        "nonGsm7": [],
        "smartReplacement": {
            "enabled": False,
            "applied": False,
            "segmentsSaved": 0,
            "body": None,
            "replaced": [],
        },
        "metered": False,
        "price": None,
    }
    assert api.core.messages == []


async def test_what_it_would_cost(api: Api) -> None:
    allow(api, rate_plan="standard")
    found = await preview(api, "a" * 161, to="+447700900123")
    assert (found["metered"], found["price"]) == (
        True,
        {"amount": "0.075", "rate": "0.0375", "currency": "EUR", "plan": "standard", "prefix": "+44"},
    )
    for to in ({}, {"to": "+4915112345678"}, {"to": "07700 900123"}):
        found = await preview(api, "hello", **to)
        assert (found["metered"], found["price"]) == (True, None)


async def test_what_made_it_dear_and_what_could_be_saved(api: Api) -> None:
    found = await preview(api, "It\u2019s " + "a" * 99 + "\u2026")
    assert (found["alphabet"], found["segmentCount"], found["units"]) == ("UCS2", 2, 105)
    assert (found["unitsPerSegment"], found["unitsLeft"]) == (67, 29)
    assert [segment["units"] for segment in found["segments"]] == [67, 38]
    assert found["nonGsm7"] == [
        {
            "character": "\u2019",
            "codePoint": "U+2019",
            "name": "RIGHT SINGLE QUOTATION MARK",
            "positions": [2],
            "replacement": "'",
        },
        {
            "character": "\u2026",
            "codePoint": "U+2026",
            "name": "HORIZONTAL ELLIPSIS",
            "positions": [104],
            "replacement": "...",
        },
    ]
    assert found["smartReplacement"] == {
        "enabled": False,
        "applied": False,
        "segmentsSaved": 1,
        "body": "It's " + "a" * 99 + "...",
        "replaced": [
            {"position": 2, "original": "\u2019", "replacement": "'"},
            {"position": 104, "original": "\u2026", "replacement": "..."},
        ],
    }


async def test_an_account_with_smart_replacement_sees_what_would_be_sent(api: Api) -> None:
    allow(api, smart_replacement=True)
    found = await preview(api, "It\u2019s " + "a" * 99)
    assert (found["alphabet"], found["segmentCount"]) == ("GSM7", 1)
    assert found["segments"][0]["text"].startswith("It's ")
    assert (found["smartReplacement"]["enabled"], found["smartReplacement"]["applied"]) == (True, True)
    assert found["nonGsm7"][0]["positions"] == [2]


async def test_national_tables_where_the_account_may_have_them(api: Api) -> None:
    assert (await preview(api, "ğ" * 155))["segmentCount"] == 3
    allow(api, national_languages=frozenset({"tr", "pt"}))
    found = await preview(api, "ğ" * 155)
    assert (found["alphabet"], found["segmentCount"], found["unitsPerSegment"]) == ("GSM7", 1, 155)
    assert found["nationalTables"] == {"locking": "tr", "single": None}


async def test_graphemes_stay_whole_and_the_segments_are_the_text(api: Api) -> None:
    text = "ж" * 66 + "👍🏽" + "ж" * 30
    found = await preview(api, text)
    assert "".join(segment["text"] for segment in found["segments"]) == text
    assert [segment["units"] for segment in found["segments"]] == [66, 34]


async def test_a_control_character_has_no_name(api: Api) -> None:
    (found,) = (await preview(api, "a\x01"))["nonGsm7"]
    assert (found["name"], found["codePoint"]) == (None, "U+0001")


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"{}", "/body"),
        (b'{"body": ""}', "/body"),
        (b'{"body": null}', "/body"),
        (b'{"body": 5}', "/body"),
        (b'{"body": "a\\u0000b"}', "/body"),
        (b'{"body": "half \\ud83d"}', "/body"),
        (b'{"body": "\xff"}', ""),
    ],
)
async def test_bad_input(api: Api, sent: bytes, pointer: str) -> None:
    async with api.client.post(PREVIEW, data=sent, headers={"Content-Type": "application/json"}) as answer:
        problem = await problem_of(answer, 400, "INVALID_PAYLOAD")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_a_text_that_is_too_long(api: Api) -> None:
    assert (await preview(api, "a" * 1600))["segmentCount"] == 11
    async with api.client.post(PREVIEW, json={"body": "a" * 1601}) as answer:
        problem = await problem_of(answer, 400, "SMS_BODY_TOO_LONG")
    assert "1601 characters" in problem["detail"]


async def test_who_may_not_send_may_not_preview(api: Api) -> None:
    async with api.client.post(PREVIEW, json=EXAMPLE, headers=as_key(READ_ONLY_KEY)) as answer:
        await problem_of(answer, 403, "INSUFFICIENT_SCOPE")
    async with api.client.post(PREVIEW, json=EXAMPLE, headers=as_key("sok_live_unknown")) as answer:
        await problem_of(answer, 401, "UNAUTHENTICATED")


async def test_the_path_is_for_posting(api: Api) -> None:
    async with api.client.get(PREVIEW) as answer:
        await problem_of(answer, 405, "METHOD_NOT_ALLOWED")
        assert answer.headers["Allow"] == "POST"


def test_every_alphabet_has_a_word() -> None:
    assert set(WORD_OF_ALPHABET) == set(Alphabet)
