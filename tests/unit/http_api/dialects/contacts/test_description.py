"""What the OpenAPI document says about the contacts dialect is what its listener does."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from http_api import openapi
from http_api.dialects.contacts.schema import (
    MessageEnqueueResultDto,
    QueueStatus,
    SmsErrorAnswer,
    SmsMessageList,
    TermsStatus,
)
from tests.unit.http_api.dialects.contacts.conftest import LIST, TERMS, World
from tests.unit.http_api.explored import nothing_unexplained
from tests.unit.http_api.memory import LIVE_KEY

DOCUMENT = openapi.document()
EXPLAINED = Path(__file__).parents[2] / "schemathesis.toml"


def test_every_route_is_described_and_nothing_else(world: World) -> None:
    served = {(route.path, route.method.lower()) for route in world.server._router.routes}
    described = {
        (path, method)
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == ["contacts"]
    }
    assert described | {("/openapi.json", "get")} == served


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        (
            "/api/messages/sms/contacts",
            "post",
            "200 201 400 401 402 403 405 408 409 413 415 417 422 429 500 503",
        ),
        ("/api/messages/sms/queues/{queueId}", "get", "200 400 401 403 404 405 500 503"),
        ("/api/messages/sms", "get", "200 400 401 403 405 500 503"),
        ("/api/terms", "get", "200 401 403 405 500 503"),
        ("/api/terms", "post", "201 400 401 403 405 408 409 413 415 417 500 503"),
    ],
)
def test_every_status_is_documented(path: str, method: str, statuses: str) -> None:
    assert " ".join(DOCUMENT["paths"][path][method]["responses"]) == statuses


async def test_answers_are_what_the_models_say(ready: World) -> None:
    def holds(model: type[BaseModel], answer: object) -> None:
        names = model.model_validate(answer).model_dump(by_alias=True, exclude_unset=True)
        assert names == answer

    _, sent = await ready.send(["+573001234567"])
    holds(MessageEnqueueResultDto, sent)
    holds(QueueStatus, (await ready.get(f"{LIST}/queues/{sent['queueId']}"))[1])
    holds(SmsMessageList, (await ready.get(LIST))[1])
    holds(TermsStatus, (await ready.get(TERMS))[1])
    holds(SmsErrorAnswer, (await ready.get(f"{LIST}/queues/x"))[1])
    ready.versions.append("2")
    holds(SmsErrorAnswer, (await ready.send([]))[1])


async def test_schemathesis_finds_no_unexplained_failure(ready: World, tmp_path: Path) -> None:
    """What is explained stands in schemathesis.toml, each with its reason."""
    await nothing_unexplained(
        f"http://127.0.0.1:{ready.server.port}/openapi.json",
        LIVE_KEY,
        EXPLAINED,
        tmp_path,
        "--include-tag=contacts",
    )
    answers = ready.server.counters.answers
    assert answers["/api/messages/sms/contacts", 200]
    assert answers["/api/messages/sms", 200]
    assert answers["/api/terms", 409]
    assert not any(status == 500 for _, status in answers)
